"""Border pupils of a block of draws: counted by school, then moved to where they live (U-2).

They are moved when the cuts are known, so there are few bands: what lies between two cuts. The
columns of every array here are the draws of one block, see `levels`.
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.levels import BLOCK
from lwoopro.kernels.types import Bands, Int16s, Int32s, Int64s, Profiles

__all__ = ["add_moved", "move_rows"]


@kernel
def move_rows(
    moved: Int64s,
    profile: Profiles,
    school: Int16s,
    home: Int16s,
    rank: Profiles,
    band: Bands,
    packed: Int64s,
) -> None:
    """Take pupils off the bands of the school's swv, and add them to those of the home's.

    Parameters
    ----------
    moved : int64 array, shape ``(swv, bands, draws)``
        Packed pupils, and sum of (score - lowest score); changed in place. It may be negative.
    profile : unsigned integer array, shape ``(pupils, draws)``
    school, home : int16 array, shape ``(pupils,)``
        Positions of the swv; those of the same two stand together for speed.
    rank : unsigned integer array, shape ``(profiles,)``
    band : uint8 or uint16 array, shape ``(ranks, draws)``
        See `cuts.band_table`.
    packed : int64 array, shape ``(profiles,)``
        ``1 << SUM_BITS | score - lowest score``.
    """
    bands = moved.shape[1]
    # in the nearest cache: both swv at once would take twice as long
    held = np.zeros(bands * BLOCK, np.int64)
    flat = band.reshape(band.size)
    many = profile.shape[0]
    for i in range(many):
        for d in range(BLOCK):
            p = profile[i, d]
            held[BLOCK * np.int64(flat[BLOCK * np.int64(rank[p]) + d]) + d] += packed[p]
        if i + 1 == many or school[i + 1] != school[i] or home[i + 1] != home[i]:
            here = school[i]
            there = home[i]
            for b in range(bands):
                for d in range(BLOCK):
                    word = held[BLOCK * b + d]
                    moved[here, b, d] -= word
                    moved[there, b, d] += word
            for d in range(held.shape[0]):
                held[d] = 0


@kernel
def add_moved(below: Int64s, at: Int64s, moved: Int64s, cut_rank: Int32s) -> None:
    """Add the moves to what stands below and at each cut.

    Parameters
    ----------
    below, at : int64 array, shape ``(shares, swv, draws)``
        Packed pupils with score < c and = c; changed in place.
    moved : int64 array, shape ``(swv, bands, draws)``
        From `move_rows`.
    cut_rank : int32 array, shape ``(shares, draws)``
        Rising along the shares.
    """
    shares = cut_rank.shape[0]
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
    sum_ = np.empty(BLOCK, np.int64)
    for j in range(moved.shape[0]):
        for d in range(BLOCK):
            sum_[d] = 0
        for b in range(moved.shape[1]):
            for s in range(shares):
                for d in range(BLOCK):
                    at[s, j, d] += moved[j, b, d] if on[s, d] == b else np.int64(0)
            for d in range(BLOCK):
                sum_[d] += moved[j, b, d]
            for s in range(shares):
                for d in range(BLOCK):
                    below[s, j, d] += sum_[d] if under[s, d] == b else np.int64(0)
