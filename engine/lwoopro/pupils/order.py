"""Whole numbers put in order, and numbered, in a time that grows with their number alone.

NumPy sorts numbers of sixteen bits digit by digit, several times faster than longer ones. Longer
ones are taken sixteen bits at a time, the least important first; what comes out is the order of
`numpy.lexsort`, to the last tie.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["numbered", "order_by"]

_BITS: Final = 16
_MOST: Final = 1 << 64
_TABLE: Final = 1 << 16
"""A table of so many cells is cheap however few the numbers are."""


def order_by(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Give the order that sorts by some keys, the most important first; ties stay as they stand.

    Parameters
    ----------
    keys : array of whole numbers or bools, shape ``(rows,)``
        At least one.

    Returns
    -------
    int64 array, shape ``(rows,)``

    Examples
    --------
    >>> order_by(np.array([2, 1, 2]), np.array([5, 9, 4])).tolist()
    [1, 2, 0]
    """
    order: NDArray[np.int64] | None = None
    for code, size in reversed(_packed(keys)):
        for shift in range(0, (size - 1).bit_length(), _BITS):
            digit = (code >> np.uint64(shift)).astype(np.uint16)
            if order is None:
                order = np.argsort(digit, kind="stable")
            else:
                order = order[np.argsort(digit[order], kind="stable")]
    return np.arange(len(keys[0])) if order is None else order


def _packed(keys: tuple[NDArray[Any], ...]) -> list[tuple[NDArray[np.uint64], int]]:
    """Join keys to numbers of up to 64 bits that sort like them; each with how many there may be.

    Sixteen bits hold the swv and the level of a parent, which would each ask for a pass of theirs.
    """
    found: list[tuple[NDArray[np.uint64], int]] = []
    for key in keys:
        if not len(key):
            continue
        low = int(key.min())
        size = int(key.max()) - low + 1
        # what is below zero wraps around, and back again
        plain = key.astype(np.uint64) if key.dtype.kind in "bu" else key.astype(np.int64)
        code = plain.view(np.uint64) - np.uint64(low % _MOST)
        if found and found[-1][1] * size <= _MOST:
            before, many = found.pop()
            code, size = before * np.uint64(size) + code, many * size
        found.append((code, size))
    return found


def numbered(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """List the different numbers, rising, and say which of them stands where.

    As `numpy.unique`; where the numbers lie close to each other, without any sort.

    Parameters
    ----------
    values : array of whole numbers, shape ``(rows,)``

    Returns
    -------
    distinct : array
    number : int64 array, shape ``(rows,)``

    Examples
    --------
    >>> [part.tolist() for part in numbered(np.array([7, 3, 7]))]
    [[3, 7], [1, 0, 1]]
    """
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if high - low > _TABLE + 2 * len(values):
        order = order_by(values)
        rising = values[order]
        new = np.ones(len(values), bool)
        new[1:] = rising[1:] != rising[:-1]
        number = np.empty(len(values), np.int64)
        number[order] = np.cumsum(new) - 1
        return rising[new], number
    place = values.astype(np.int64) - low
    seen = np.zeros(high - low + 1, bool)
    seen[place] = True
    return (np.flatnonzero(seen) + low).astype(values.dtype), (np.cumsum(seen) - 1)[place]
