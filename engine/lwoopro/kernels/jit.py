"""The one place for the options of the just-in-time compiler.

Compiling costs about as much time in Python, where types are found, as in LLVM: a tenth of a second
for a function, its entry from Python included, and again for every kind of arguments. An array
method, or a new array, is such a function as well.

Several processes may compile at once. The compiler's cache writes files that are whole or not
there, but it numbers those of a kernel: two processes that compile it for different arguments at
the same moment take the same number, and the index of one may lead to the code of the other. Here
the arguments give a file its name.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
from numba.core.caching import IndexDataCacheFile
from numba.extending import register_jitable

__all__ = ["COMPILED", "compile_for", "inlined", "kernel"]

COMPILED: Final = not getattr(numba.config, "DISABLE_JIT", 0)
"""Whether loops are compiled at all; with the jit off Python runs them."""

_F = TypeVar("_F", bound=Callable[..., Any])

# no entry from C: nobody calls a kernel from there
_OPTIONS: Final[dict[str, Any]] = {
    "nogil": True,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
}


def kernel(function: _F) -> _F:
    """Compile a loop: one thread, without the GIL, cached on disk, IEEE arithmetic as written.

    A function whose name begins with an underscore is compiled into the kernels that call it and
    has no entry of its own: called from Python, it runs as Python.
    """
    if function.__name__.startswith("_"):
        part: _F = register_jitable(**_OPTIONS)(function)
        return part
    return cast(_F, _own_files(numba.njit(cache=True, **_OPTIONS)(function)))


def inlined(function: _F) -> _F:
    """As `kernel`, for a small body that a loop should vectorise through."""
    return cast(_F, _own_files(numba.njit(cache=True, inline="always", **_OPTIONS)(function)))


_PRIME: Final = (1 << 61) - 1


class _Files(IndexDataCacheFile):
    """The cache's files of a kernel: one for every kind of arguments, named after them."""

    def save(self, key: Any, data: Any) -> None:
        """Save the code for some arguments; what another process saved meanwhile may be lost."""
        files = cast(Any, self)
        name = files._data_name(int.from_bytes(repr(key).encode(), "big") % _PRIME)
        files._save_data(name, data)
        # who finds it in the index, finds the file
        files._save_index({**files._load_index(), key: name})


def _own_files(function: Any) -> Any:
    files = getattr(getattr(function, "_cache", None), "_cache_file", None)
    # another version of the compiler may keep its files elsewhere: then they are as it wants them
    if type(files) is IndexDataCacheFile:
        files.__class__ = _Files
    return function


def compile_for(function: Callable[..., Any], arguments: str) -> None:
    """Compile a kernel before it is called, unless the cache has it; it is in the cache then.

    Parameters
    ----------
    function : kernel
    arguments : str
        NumPy's short names of the types, one a word: ``i8`` is a number, ``i8.2`` an array of two
        dimensions, ``i8.2F`` in Fortran's order, ``i8.2r`` not to be written to.
    """
    cast(Any, function).compile(tuple(_type(word) for word in arguments.split()))


def _type(word: str) -> Any:
    name, _, array = word.partition(".")
    kind = numba.from_dtype(np.dtype(name))
    if not array:
        return kind
    dimensions, order = int(array[0]), "F" if "F" in array else "C"
    return cast(Any, numba.types.Array)(kind, dimensions, order, readonly="r" in array)
