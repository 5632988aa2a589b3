"""The one place for the options of the just-in-time compiler.

Compiling costs more time in Python, where types are found, than in LLVM: about a tenth of a second
for a function, its entry from Python included, and again for every kind of arguments. An array
method, or a new array, is such a function as well.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
from numba.extending import register_jitable

__all__ = ["COMPILED", "inlined", "kernel"]

COMPILED: Final = not getattr(numba.config, "DISABLE_JIT", 0)
"""Whether loops are compiled at all; with the jit off Python runs them."""

_F = TypeVar("_F", bound=Callable[..., Any])


def kernel(function: _F) -> _F:
    """Compile a loop: one thread, without the GIL, cached on disk, IEEE arithmetic as written.

    A function whose name begins with an underscore is compiled into the kernels that call it and
    has no entry of its own: called from Python, it runs as Python.
    """
    if function.__name__.startswith("_"):
        part: _F = register_jitable(nogil=True, error_model="numpy")(function)
        return part
    return cast(_F, numba.njit(nogil=True, cache=True, error_model="numpy")(function))


def inlined(function: _F) -> _F:
    """As `kernel`, for a small body that a loop should vectorise through."""
    return cast(
        _F,
        numba.njit(nogil=True, cache=True, error_model="numpy", inline="always")(function),
    )
