"""Whole cents by largest remainder, ties by swv code (B-9)."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["apportion", "apportion_draws"]


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
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative and must have a positive sum")
    shares = [Fraction(total) * weight / whole for weight in weights]
    cents = [share.numerator // share.denominator for share in shares]
    # sorting is stable: among equal remainders the lower code comes first
    by_remainder = sorted(range(len(cents)), key=lambda j: cents[j] - shares[j])
    for j in by_remainder[: total - sum(cents)]:
        cents[j] += 1
    return cents


def apportion_draws(
    total: int,
    weights: NDArray[np.float64],
    error: NDArray[np.float64],
    doubtful: NDArray[np.bool_],
    exact: Callable[[int], Sequence[Fraction]],
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
    swv = weights.shape[1]
    whole = weights.sum(axis=1, keepdims=True)
    spread = error.sum(axis=1, keepdims=True)
    unsafe = doubtful | (whole[:, 0] <= 2 * spread[:, 0]) | (weights < -error).any(axis=1)
    unsafe |= ((weights != 0) & (np.abs(weights) <= error)).any(axis=1)
    part = np.where(unsafe[:, None], 1.0 / swv, weights / np.where(whole == 0, 1.0, whole))
    share = total * part
    # relative errors of weight and sum, and a few roundings of our own
    doubt = share * (spread / np.where(whole == 0, 1.0, whole) + 8 * np.finfo(np.float64).eps)
    doubt += np.abs(total * error / np.where(whole == 0, 1.0, whole))
    floor = np.floor(share)
    rest = share - floor
    unsafe |= (((rest < doubt) | (rest > 1 - doubt)) & (doubt > 0)).any(axis=1)
    missing = total - floor.sum(axis=1).astype(np.int64)
    order = np.argsort(-rest, axis=1, kind="stable")
    ranked = np.take_along_axis(rest, order, axis=1)
    ranked_doubt = np.take_along_axis(doubt, order, axis=1)
    unsafe |= (missing < 0) | (missing > swv)
    at = np.clip(missing, 1, swv - 1) if swv > 1 else np.zeros_like(missing)
    rows = np.arange(len(weights))
    if swv > 1:
        gap = ranked[rows, at - 1] - ranked[rows, at]
        close = gap <= ranked_doubt[rows, at - 1] + ranked_doubt.max(axis=1)
        unsafe |= close & (missing > 0) & (missing < swv)
    extra = np.empty(weights.shape, np.int64)
    np.put_along_axis(extra, order, (np.arange(swv) < missing[:, None]).astype(np.int64), axis=1)
    cents: NDArray[np.int64] = floor.astype(np.int64) + extra
    for d in np.flatnonzero(unsafe):
        cents[d] = apportion(total, exact(int(d)))
    return cents


def cents_to_euro(cents: NDArray[Any]) -> NDArray[np.float64]:
    """Whole cents as euro."""
    return np.asarray(cents, np.float64) / 100
