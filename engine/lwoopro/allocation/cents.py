"""Whole cents by largest remainder, ties by swv code (B-9)."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.kernels.cents import BUCKETS, divide_draws

__all__ = ["apportion", "apportion_draws", "apportion_whole", "share_out"]

_MOST: Final = 2**51
"""Largest total in cents for which one float decides the quotient within one."""


def apportion(total: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Divide a number of cents exactly.

    Parameters
    ----------
    total : int
        Cents.
    weights : sequence of Fraction or int, one per swv in order of code
        Not negative, with a positive sum.

    Returns
    -------
    list of int
        Cents per swv; they add up to `total`.

    Raises
    ------
    ValueError
        A weight is negative or all are zero.

    Examples
    --------
    >>> apportion(100, [1, 1, 1])
    [34, 33, 33]
    """
    # over one denominator: whole numbers divide much faster than fractions
    unit = lcm(*(int(weight.denominator) for weight in weights))
    parts = [int(weight.numerator) * (unit // int(weight.denominator)) for weight in weights]
    whole = sum(parts)
    if whole <= 0 or min(parts) < 0:
        raise ValueError("weights must not be negative and must have a positive sum")
    shares = [divmod(total * part, whole) for part in parts]
    cents = [floor for floor, _ in shares]
    # sorting is stable: among equal remainders the lower code comes first
    by_remainder = sorted(range(len(cents)), key=lambda j: -shares[j][1])
    for j in by_remainder[: total - sum(cents)]:
        cents[j] += 1
    return cents


def apportion_draws(
    total: int,
    weights: NDArray[np.float64],
    error: NDArray[np.float64],
    doubtful: NDArray[np.bool_],
    exact: Callable[[int], Sequence[Fraction | int]],
) -> NDArray[np.int64]:
    """Divide a number of cents in every draw, with the same result as `apportion`.

    Floating point decides where it cannot err; the draws in which a rounding error could move a
    cent are done again in fractions.

    Parameters
    ----------
    total : int
        Cents, below 2**53.
    weights : float64 array, shape ``(draw, swv)``
    error : float64 array, shape ``(draw, swv)``
        Bound of the weights' rounding error.
    doubtful : bool array, shape ``(draw,)``
        Draws to be done exactly in any case.
    exact : callable
        Gives the exact weights of a draw (by position); it raises where they cannot be used.

    Returns
    -------
    int64 array, shape ``(draw, swv)``
        Cents; every row adds up to `total`.
    """
    draws, swv = weights.shape
    cents, unsafe = np.empty((draws, swv), np.int64), np.empty(draws, np.bool_)
    rest, doubt, near = np.empty((3, swv))
    count = np.empty(BUCKETS, np.int64)
    divide_draws(float(total), weights, error, doubtful, cents, unsafe, rest, doubt, near, count)
    for d in np.flatnonzero(unsafe):
        cents[d] = apportion(total, exact(int(d)))
    return cents


def apportion_whole(total: NDArray[np.int64], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Divide another number of cents in every draw by whole weights, as `apportion` does.

    Parameters
    ----------
    total : int64 array, shape ``(draw,)``
        Cents, 0 … 2**51.
    weights : int64 array, shape ``(draw, swv)``
        Not negative, with a sum below 2**60; all zero only where there is nothing to divide.

    Returns
    -------
    int64 array, shape ``(draw, swv)``
        Cents; every row adds up to its total.

    Raises
    ------
    ValueError
        Total or weights are outside these bounds.
    """
    whole = weights.sum(axis=1, keepdims=True)
    if (total < 0).any() or (total > _MOST).any():
        raise ValueError("a total is negative or too large to be divided exactly")
    if (weights < 0).any() or (whole >= 2**60).any() or ((whole[:, 0] == 0) & (total > 0)).any():
        raise ValueError("weights must not be negative and must have a positive sum below 2**60")
    divisor = np.maximum(whole, 1)
    amount = total[:, None]
    floor = np.floor(amount.astype(np.float64) * weights / divisor).astype(np.int64)
    # both products may run over, but their difference does not: it is right modulo 2**64
    rest = amount * weights - floor * divisor
    off = rest // divisor
    floor += off
    rest -= off * divisor
    return share_out(floor, rest, total)


def share_out(
    floor: NDArray[np.int64], rest: NDArray[np.int64], total: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give the cents that are left to the largest remainders, ties by swv code (B-9).

    Parameters
    ----------
    floor : int64 array, shape ``(..., swv)``
        Shares rounded down to whole cents.
    rest : int64 array, shape ``(..., swv)``
        Their remainders, over one denominator in a row.
    total : int64 array, shape ``(...)``
        What each row has to add up to: no less than it does, and at most one cent each more.

    Returns
    -------
    int64 array, shape ``(..., swv)``
    """
    order = np.argsort(-rest, axis=-1, kind="stable")
    left = total - floor.sum(axis=-1)
    extra = np.zeros(floor.shape, np.int64)
    places = (np.arange(floor.shape[-1]) < left[..., None]).astype(np.int64)
    np.put_along_axis(extra, order, places, axis=-1)
    return np.asarray(floor + extra)
