"""The lumpsum cut: whole cents over all swv by their basic funding (P-4, B-9)."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["LARGEST_CENTS", "apportion_cents", "basic_funding", "cut_share"]

LARGEST_CENTS = 2**52
"""Amounts and bases below this, about 45,000 billion euro, are divided exactly."""


def basic_funding(
    pro: NDArray[np.int64],
    upper_vmbo: NDArray[np.int64],
    vo: NDArray[np.int64],
    high: NDArray[np.int64],
    low: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Add up basic funding in cents: high × (pro + upper vmbo) + low × (all other vo pupils).

    Parameters
    ----------
    pro, upper_vmbo, vo : int64 array, shape ``(…, years, swv)``
        Counts of the year before; shapes broadcast.
    high, low : int64 array, shape ``(years,)``
        Cents per pupil, prices of the year.

    Returns
    -------
    int64 array, shape ``(…, years, swv)``
    """
    costly = pro + upper_vmbo
    base: NDArray[np.int64] = high[:, None] * costly + low[:, None] * np.maximum(vo - costly, 0)
    return base


def cut_share(cost: NDArray[np.int64], base: NDArray[np.int64]) -> NDArray[np.float64]:
    """φ: the cost as a part of all basic funding (P-4).

    Parameters
    ----------
    cost : int64 array, shape ``(…)``
        Cents; negative is a refund.
    base : int64 array, shape ``(…, swv)``
        Cents.

    Returns
    -------
    float64 array, shape ``(…)``
    """
    share: NDArray[np.float64] = cost / base.sum(axis=-1)
    return share


def apportion_cents(total: NDArray[np.int64], weight: NDArray[np.int64]) -> NDArray[np.int64]:
    """Divide whole cents by whole weights: exactly, by largest remainder, ties by position.

    Products are taken modulo 2**64. A quotient in floating point is off by one at most, and the
    remainder modulo 2**64 says by how much: so no fraction and no rounding is involved.

    Parameters
    ----------
    total : int64 array, shape ``(…)``
        Cents; a negative total is divided as the positive one, with the sign after it.
    weight : int64 array, shape ``(…, swv)``
        Not negative, with a positive sum, all below `LARGEST_CENTS`.

    Returns
    -------
    int64 array, shape ``(…, swv)``
        Every last axis adds up to its total.

    Raises
    ------
    ValueError
        A weight is negative, all of a row are zero, or a number is too large.

    Examples
    --------
    >>> apportion_cents(np.array(-100), np.array([1, 1, 1])).tolist()
    [-34, -33, -33]
    """
    total, weight = np.asarray(total), np.asarray(weight)
    whole = weight.sum(axis=-1, keepdims=True)
    if (weight < 0).any() or (whole <= 0).any():
        raise ValueError("weights must not be negative and must have a positive sum")
    amount = np.abs(total)[..., None]
    if max(amount.max(), whole.max()) >= LARGEST_CENTS:
        raise ValueError("an amount or a sum of weights is 2**52 cents or more")
    cents = np.floor(amount.astype(np.float64) * weight / whole).astype(np.int64)
    rest = amount * weight - cents * whole
    for _ in range(2):
        down = rest < 0
        up = rest >= whole
        cents += up.astype(np.int64) - down
        rest += (down.astype(np.int64) - up) * whole
    missing = amount - cents.sum(axis=-1, keepdims=True)
    # the remainder of the last one that gets a cent: all above it get one, and of those that
    # equal it the first ones
    ordered = np.sort(rest, axis=-1)
    last = np.maximum(weight.shape[-1] - missing, 0)
    bound = np.take_along_axis(ordered, np.minimum(last, weight.shape[-1] - 1), axis=-1)
    above = rest > bound
    level = rest == bound
    left = missing - above.sum(axis=-1, keepdims=True)
    extra = above | (level & (np.cumsum(level, axis=-1) <= left))
    extra &= missing > 0
    divided: NDArray[np.int64] = np.sign(total)[..., None] * (cents + extra)
    return divided
