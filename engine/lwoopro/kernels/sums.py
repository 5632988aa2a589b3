"""Counts and sums of scores per swv and band, in whole numbers (D-5)."""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.levels import BLOCK
from lwoopro.kernels.types import Bands, Int16s, Int32s, Int64s, Profiles, Words

__all__ = ["FLUSH", "SUM_BITS", "add_cells", "add_marginals", "add_pupils", "pieces_of_bands"]

SUM_BITS = 44
"""A packed word holds a count above, and a sum of scores in the low bits."""

FLUSH = 1 << 16
"""So many pupils at most go into a packed word: 2**16 scores below 2**28 stay below 2**44."""


@kernel
def add_pupils(
    count: Int64s,
    total: Int64s,
    profile: Profiles,
    base: Profiles,
    word: Words,
    bits: int,
    index: Int64s,
    unit: Int16s,
    sign: int,
) -> None:
    """Add pupils to the count and the sum of scores of a swv and their band, or take them off.

    One look-up gives band and score, and one 64-bit addition serves both sums: count in the high
    bits, score above the lowest in the low ones. The draws are those of one block, see `levels`.

    Parameters
    ----------
    count, total : int64 array, shape ``(swv, bands, draws)``
        Pupils, and sum of (score - lowest score) in millionths; changed in place.
    profile : unsigned integer array, shape ``(pupils, draws)``
        Less `base`.
    base : unsigned integer array, shape ``(pupils,)``
    word : uint32 or uint64 array, shape ``(profiles, draws)``
        ``band << bits | score - lowest score``.
    bits : int
    index : int64 array, shape ``(some,)``
        Rows of `profile`.
    unit : int16 array, shape ``(some,)``
        Position of each one's swv; those of one swv stand together for speed.
    sign : int
        1 adds, -1 takes off.
    """
    bands = count.shape[1]
    mask = np.int64((1 << SUM_BITS) - 1)
    one = np.int64(1 << SUM_BITS)
    low = np.int64((np.int64(1) << np.int64(bits)) - 1)
    flat = word.reshape(word.size)
    held = np.zeros(bands * BLOCK, np.int64)
    some = index.shape[0]
    since = 0
    for i in range(some):
        at = index[i]
        lowest = np.int64(base[at])
        for d in range(BLOCK):
            p = lowest + np.int64(profile[at, d])
            both = np.int64(flat[BLOCK * p + d])
            held[BLOCK * (both >> bits) + d] += one + (both & low)
        since += 1
        if since == FLUSH or i + 1 == some or unit[i + 1] != unit[i]:
            j = unit[i]
            for b in range(bands):
                for d in range(BLOCK):
                    both = held[BLOCK * b + d]
                    count[j, b, d] += sign * (both >> SUM_BITS)
                    total[j, b, d] += sign * (both & mask)
                    held[BLOCK * b + d] = 0
            since = 0


@kernel
def add_cells(
    count: Int64s,
    total: Int64s,
    profile: Int64s,
    unit: Int64s,
    pupils: Int64s,
    band: Bands,
    packed: Int64s,
) -> None:
    """Add known pupils, many of a profile and swv at once; negative numbers take them off.

    Only where the order of the profiles changes from draw to draw: otherwise the running sums of
    `pieces_of_bands` do without.

    Parameters
    ----------
    count, total
        See `add_pupils`.
    band : uint8 or uint16 array, shape ``(profiles, draws)``
        See `cuts.band_table`.
    packed : int64 array, shape ``(profiles, 1 or draws)``
        ``1 << SUM_BITS | score - lowest score``.
    profile, unit, pupils : int64 array, shape ``(cells,)``
        Profile, position of the swv, and number of pupils.
    """
    mask = np.int64((1 << SUM_BITS) - 1)
    own = int(packed.shape[1] > 1)
    for i in range(profile.shape[0]):
        p = profile[i]
        j = unit[i]
        for d in range(count.shape[2]):
            b = band[p, d]
            count[j, b, d] += pupils[i]
            total[j, b, d] += pupils[i] * (packed[p, d * own] & mask)


@kernel
def pieces_of_bands(
    count: Int64s,
    total: Int64s,
    fixed_count: Int64s,
    fixed_total: Int64s,
    cut_rank: Int32s,
    below: Int64s,
    at: Int64s,
    below_total: Int64s,
) -> None:
    """Sum bands to what stands below and at each cut, known pupils included (D-5).

    Parameters
    ----------
    count, total : int64 array, shape ``(swv, bands, draws)``
        See `add_pupils`.
    fixed_count, fixed_total : int64 array, shape ``(swv, ranks + 1)``
        Known pupils, and their sum of (score - lowest score), with a rank below the column.
    cut_rank : int32 array, shape ``(shares, draws)``
    below, at, below_total : int64 array, shape ``(shares, swv, draws)``
        Output: pupils with score < c, = c, and the former's sum of (score - lowest score).
    """
    shares, draws = cut_rank.shape
    for j in range(count.shape[0]):
        for d in range(draws):
            for s in range(shares):
                here = cut_rank[s, d]
                lower = 0
                upto = 0
                for other in range(shares):
                    lower += cut_rank[other, d] < here
                    upto += cut_rank[other, d] <= here
                many = fixed_count[j, here]
                score = fixed_total[j, here]
                for b in range(2 * lower + 1):
                    many += count[j, b, d]
                    score += total[j, b, d]
                below[s, j, d] = many
                below_total[s, j, d] = score
                on_cut = fixed_count[j, here + 1] - fixed_count[j, here]
                at[s, j, d] = on_cut + count[j, lower + upto, d]


@kernel
def add_marginals(
    below: Int64s,
    at: Int64s,
    everyone: Int64s,
    histogram: Int32s,
    fixed: Int64s,
    rank: Int32s,
    cut_rank: Int32s,
    digit: Int16s,
) -> None:
    """Count the pupils of every category, below and at each cut and in all (R-1).

    Parameters
    ----------
    below, at : int64 array, shape ``(shares, categories, draws)``
        Added to.
    everyone : int64 array, shape ``(categories, draws)``
        Added to.
    histogram : int32 array, shape ``(profiles, draws)``
    fixed : int64 array, shape ``(profiles,)``
    rank : int32 array, shape ``(profiles, 1 or draws)``
    cut_rank : int32 array, shape ``(shares, draws)``
    digit : int16 array, shape ``(profiles, characteristics)``
        Positions along the categories: one per characteristic.
    """
    profiles, draws = histogram.shape
    own = int(rank.shape[1] > 1)
    here = np.empty(draws, np.int64)
    part = np.empty(draws, np.int64)
    for p in range(profiles):
        some = 0
        for d in range(draws):
            here[d] = fixed[p] + histogram[p, d]
            some |= here[d]
        if some == 0:
            continue
        for c in range(digit.shape[1]):
            row = everyone[digit[p, c]]
            for d in range(draws):
                row[d] += here[d]
        for s in range(cut_rank.shape[0]):
            cuts = cut_rank[s]
            for d in range(draws):
                part[d] = here[d] * (rank[p, d * own] < cuts[d])
            for c in range(digit.shape[1]):
                row = below[s, digit[p, c]]
                for d in range(draws):
                    row[d] += part[d]
            some = 0
            for d in range(draws):
                part[d] = here[d] * (rank[p, d * own] == cuts[d])
                some |= part[d]
            if some:
                for c in range(digit.shape[1]):
                    row = at[s, digit[p, c]]
                    for d in range(draws):
                        row[d] += part[d]
