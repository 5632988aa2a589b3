"""Whole cents by largest remainder, in floating point, and where that may err (B-9)."""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.types import Bools, Floats, Int64s

__all__ = ["BUCKETS", "divide_draws"]

BUCKETS = 64
"""Remainders are sorted into so many equal parts of a cent: about one of them in each."""

_LANES = 8
"""A sum is taken in so many parts: fewer roundings stand behind it."""

_EPSILON = 2.0**-52


@kernel
def divide_draws(
    total: float,
    weights: Floats,
    error: Floats,
    doubtful: Bools,
    cents: Int64s,
    unsafe: Bools,
    rest: Floats,
    doubt: Floats,
    near: Floats,
    count: Int64s,
) -> None:
    """Divide a number of cents in every draw, and say in which draws a rounding may move one.

    Parameters
    ----------
    total : float
        Whole cents, 0 … 2**53.
    weights : float64 array, shape ``(draws, swv)``
    error : float64 array, shape ``(draws, swv)``
        Bound of the weights' rounding error.
    doubtful : bool array, shape ``(draws,)``
        Draws that are unsafe in any case.
    cents : int64 array, shape ``(draws, swv)``
        Output; where the draw is safe, every row adds up to the total.
    unsafe : bool array, shape ``(draws,)``
        Output: draws to be done exactly.
    rest, doubt, near : float64 arrays, shape ``(swv,)``
        Working space.
    count : int64 array, shape ``(BUCKETS,)``
        Working space.
    """
    draws, swv = weights.shape
    # the longest part of a sum, the parts together, and what follows: half an epsilon each
    roundings = (swv / _LANES + _LANES + 8) / 2 * _EPSILON
    for d in range(draws):
        whole = 0.0
        spread = 0.0
        for lane in range(_LANES):
            some = 0.0
            wrong = 0.0
            for j in range(lane, swv, _LANES):
                some += weights[d, j]
                wrong += error[d, j]
            whole += some
            spread += wrong
        if doubtful[d] or not 2 * spread < whole < np.inf:
            unsafe[d] = True
            continue
        relative = spread / whole + roundings
        scale = total / whole
        given = 0
        odd = 0
        for j in range(swv):
            weight = weights[d, j]
            share = total * (weight / whole)
            # a share is not negative, or the draw is done exactly
            floor = int(share)
            left = share - floor
            rest[j] = left
            doubt[j] = share * relative + error[d, j] * scale
            cents[d, j] = floor
            given += floor
            # negative, or not told from zero; or a cent more or less in doubt
            odd |= (weight <= error[d, j]) & (weight != 0)
            odd |= (left < doubt[j]) | (1 - left < doubt[j])
        missing = int(total) - given
        if odd or missing < 0 or (missing > 0 and missing >= swv):
            unsafe[d] = True
            continue
        unsafe[d] = False
        if missing == 0:
            continue
        most = 0.0
        for b in range(BUCKETS):
            count[b] = 0
        for j in range(swv):
            most = max(most, doubt[j])
            count[int(rest[j] * BUCKETS)] += 1
        b = BUCKETS - 1
        above = 0
        while above + count[b] < missing:
            above += count[b]
            b -= 1
        # those of the bucket with the last remainder that gets a cent, largest first
        found = 0
        below = -1.0
        for j in range(swv):
            place = int(rest[j] * BUCKETS)
            if place == b:
                k = found
                while k > 0 and near[k - 1] < rest[j]:
                    near[k] = near[k - 1]
                    k -= 1
                near[k] = rest[j]
                found += 1
            elif place < b:
                below = max(below, rest[j])
        last = near[missing - above - 1]
        if missing - above < found:
            below = near[missing - above]
        # remainders that are equal, or nearly so, are told apart exactly
        if last - below <= 2 * most:
            unsafe[d] = True
        for j in range(swv):
            cents[d, j] += rest[j] >= last
