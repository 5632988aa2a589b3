"""From sums per cut to the pieces of every draw (D-5)."""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.sums import SUM_BITS
from lwoopro.kernels.types import Int32s, Int64s

__all__ = ["add_known", "by_draw"]


@kernel
def add_known(
    below: Int64s,
    at: Int64s,
    below_total: Int64s,
    drawn_below: Int64s,
    drawn_at: Int64s,
    fixed_count: Int64s,
    fixed_total: Int64s,
    cut_rank: Int32s,
) -> None:
    """Add drawn and known pupils up to what stands below and at each cut.

    Parameters
    ----------
    below, at, below_total : int64 array, shape ``(shares, swv, draws)``
        Output: pupils with score < c, = c, and the former's sum of (score - lowest score).
    drawn_below, drawn_at : int64 array, shape ``(shares, swv, draws)``
        Drawn pupils, packed; see `bands.count_runs`.
    fixed_count, fixed_total : int64 array, shape ``(swv, ranks + 1)``
        Known pupils, and their sum of (score - lowest score), with a rank below the column.
    cut_rank : int32 array, shape ``(shares, draws)``
    """
    mask = np.int64((1 << SUM_BITS) - 1)
    shares, swv, draws = below.shape
    for s in range(shares):
        for j in range(swv):
            for d in range(draws):
                rank = cut_rank[s, d]
                lower = fixed_count[j, rank]
                below[s, j, d] = (drawn_below[s, j, d] >> SUM_BITS) + lower
                at[s, j, d] = (drawn_at[s, j, d] >> SUM_BITS) + fixed_count[j, rank + 1] - lower
                below_total[s, j, d] = (drawn_below[s, j, d] & mask) + fixed_total[j, rank]


@kernel
def by_draw(
    out_below: Int64s,
    out_at: Int64s,
    out_shortfall: Int64s,
    side: int,
    below: Int64s,
    at: Int64s,
    below_total: Int64s,
    height: Int64s,
    column: Int64s,
) -> None:
    """Turn one side's sums to draw order, and sums of scores to distances from the cut.

    Parameters
    ----------
    out_below, out_at, out_shortfall : int64 array, shape ``(draws, sides, shares, swv)``
        Output at `side`: pupils with score < c, = c, and the former's sum of (c - score).
    side : int
    below, at, below_total : int64 array, shape ``(shares, swv, columns)``
    height : int64 array, shape ``(shares, draws)``
        c - lowest score.
    column : int64 array, shape ``(draws,)``
        Where each draw stands.
    """
    shares, swv = below.shape[:2]
    for s in range(shares):
        for j in range(swv):
            for k in range(column.shape[0]):
                d = column[k]
                many = below[s, j, d]
                out_below[k, side, s, j] = many
                out_at[k, side, s, j] = at[s, j, d]
                out_shortfall[k, side, s, j] = height[s, k] * many - below_total[s, j, d]
