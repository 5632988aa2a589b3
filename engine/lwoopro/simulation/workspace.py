"""Memory that the passes of a block use one after the other.

Arrays of some megabytes that are made and dropped in every pass go back to the system every time,
and come again page by page: a quarter of a pass. A workspace keeps them for the next pass.
"""

from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Workspace"]

_LINE = 64
_Kind = TypeVar("_Kind", bound=np.generic)


class Workspace:
    """Arrays by name; one thread at a time may use it."""

    def __init__(self) -> None:
        self._held: dict[str, NDArray[np.uint8]] = {}

    def empty(
        self, name: str, shape: tuple[int, ...], dtype: type[_Kind] | np.dtype[_Kind]
    ) -> NDArray[_Kind]:
        """Lend an array whose content is arbitrary, and lost when the name is asked for again.

        Parameters
        ----------
        name : str
        shape : tuple of int
        dtype : type or dtype

        Returns
        -------
        array
            It begins at a line of the processor's cache.
        """
        kind = np.dtype(dtype)
        size = prod(shape) * kind.itemsize
        held = self._held.get(name)
        if held is None or len(held) < size + _LINE:
            held = self._held[name] = np.empty(size + _LINE, np.uint8)
        start = -held.ctypes.data % _LINE
        return held[start : start + size].view(kind).reshape(shape)

    def zeros(
        self, name: str, shape: tuple[int, ...], dtype: type[_Kind] | np.dtype[_Kind]
    ) -> NDArray[_Kind]:
        """Lend an array of zeros; see `empty`."""
        found = self.empty(name, shape, dtype)
        found[...] = 0
        return found
