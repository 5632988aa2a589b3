"""Border pupils of a block of draws: counted by school, then moved to where they live (U-2).

They are moved when the cuts are known, so there are few bands: what lies between two cuts. The
columns of every array here are the draws of one block, see `levels`.
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.levels import BLOCK
from lwoopro.kernels.sums import FLUSH, SUM_BITS
from lwoopro.kernels.types import Bands, Int16s, Int32s, Int64s, Profiles

__all__ = ["add_moved", "move_rows"]


@kernel
def move_rows(
    count: Int64s,
    total: Int64s,
    profile: Profiles,
    base: Profiles,
    index: Int64s,
    unit: Int16s,
    band: Bands,
    packed: Int64s,
    sign: int,
) -> None:
    """Add pupils to the bands of a swv, or take them off.

    Parameters
    ----------
    count, total : int64 array, shape ``(swv, bands, draws)``
        Pupils, and sum of (score - lowest score); changed in place.
    profile : unsigned integer array, shape ``(pupils, draws)``
        Less `base`.
    base : unsigned integer array, shape ``(pupils,)``
    index : int64 array, shape ``(some,)``
        Rows of `profile`.
    unit : int16 array, shape ``(some,)``
        Position of each one's swv; those of one swv stand together.
    band : uint8 or uint16 array, shape ``(profiles, draws)``
        See `cuts.band_table`.
    packed : int64 array, shape ``(profiles,)``
        ``1 << SUM_BITS | score - lowest score``.
    sign : int
        1 adds, -1 takes off.
    """
    bands = count.shape[1]
    mask = np.int64((1 << SUM_BITS) - 1)
    held = np.zeros(bands * BLOCK, np.int64)
    flat = band.reshape(band.size)
    some = index.shape[0]
    since = 0
    for i in range(some):
        at = index[i]
        lowest = np.int64(base[at])
        for d in range(BLOCK):
            p = lowest + np.int64(profile[at, d])
            held[BLOCK * np.int64(flat[BLOCK * p + d]) + d] += packed[p]
        since += 1
        if since == FLUSH or i + 1 == some or unit[i + 1] != unit[i]:
            j = unit[i]
            for b in range(bands):
                for d in range(BLOCK):
                    count[j, b, d] += sign * (held[BLOCK * b + d] >> SUM_BITS)
                for d in range(BLOCK):
                    total[j, b, d] += sign * (held[BLOCK * b + d] & mask)
            held[:] = 0
            since = 0


@kernel
def add_moved(
    below: Int64s,
    at: Int64s,
    below_total: Int64s,
    count: Int64s,
    total: Int64s,
    cut_rank: Int32s,
) -> None:
    """Add the moves to what stands below and at each cut.

    Parameters
    ----------
    below, at, below_total : int64 array, shape ``(shares, swv, draws)``
        Pupils with score < c, = c, and the former's sum of (score - lowest score); changed in
        place.
    count, total : int64 array, shape ``(swv, bands, draws)``
        From `move_rows`.
    cut_rank : int32 array, shape ``(shares, draws)``
        Rising along the shares.
    """
    shares = cut_rank.shape[0]
    bands = count.shape[1]
    # number of bands below a cut, and the band on it: see `cuts.band_table`
    under = np.zeros((shares, BLOCK), np.int64)
    on = np.zeros((shares, BLOCK), np.int64)
    for s in range(shares):
        for other in range(shares):
            for d in range(BLOCK):
                lower = np.int64(1) if cut_rank[other, d] < cut_rank[s, d] else np.int64(0)
                upto = np.int64(1) if cut_rank[other, d] <= cut_rank[s, d] else np.int64(0)
                under[s, d] += 2 * lower
                on[s, d] += lower + upto
    many = np.empty(BLOCK, np.int64)
    score = np.empty(BLOCK, np.int64)
    for j in range(count.shape[0]):
        many[:] = 0
        score[:] = 0
        for b in range(bands):
            for s in range(shares):
                for d in range(BLOCK):
                    at[s, j, d] += count[j, b, d] if on[s, d] == b else np.int64(0)
            for d in range(BLOCK):
                many[d] += count[j, b, d]
                score[d] += total[j, b, d]
            for s in range(shares):
                for d in range(BLOCK):
                    below[s, j, d] += many[d] if under[s, d] == b else np.int64(0)
                for d in range(BLOCK):
                    below_total[s, j, d] += score[d] if under[s, d] == b else np.int64(0)
