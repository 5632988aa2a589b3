"""The one place for the options of the just-in-time compiler."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba

__all__ = ["COMPILED", "inlined", "kernel"]

COMPILED: Final = not getattr(numba.config, "DISABLE_JIT", 0)
"""Whether loops are compiled at all; with the jit off Python runs them."""

_F = TypeVar("_F", bound=Callable[..., Any])


def kernel(function: _F) -> _F:
    """Compile a loop: one thread, without the GIL, cached on disk, IEEE arithmetic as written."""
    return cast(_F, numba.njit(nogil=True, cache=True, error_model="numpy")(function))


def inlined(function: _F) -> _F:
    """As `kernel`, for a small body that a loop should vectorise through."""
    return cast(
        _F,
        numba.njit(nogil=True, cache=True, error_model="numpy", inline="always")(function),
    )
