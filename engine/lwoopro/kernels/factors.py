"""What each factor brings to the scores below and on a cut, summed per swv (R-10)."""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.sums import SUM_BITS
from lwoopro.kernels.types import Int16s, Int32s, Int64s, Profiles

__all__ = ["add_factors"]


@kernel
def add_factors(
    below: Int64s,
    upto: Int64s,
    profile: Profiles,
    rank: Int32s,
    cut_rank: Int32s,
    first: Int64s,
    second: Int64s,
    bits: int,
    flush: int,
    index: Int64s,
    unit: Int16s,
    sign: int,
) -> None:
    """Add the pupils below a cut, and up to it, and three values of each to the sums of a swv.

    Two words hold four sums, and no branch stands in the way of the processor's vectors.

    Parameters
    ----------
    below, upto : int64 array, shape ``(4, swv, draws)``
        Pupils with score < c and ≤ c, and the sums of their three values; changed in place.
    profile : unsigned integer array, shape ``(pupils, draws)``
    rank : int32 array, shape ``(profiles,)``
    cut_rank : int32 array, shape ``(draws,)``
    first : int64 array, shape ``(profiles,)``
        ``1 << SUM_BITS | value``, the value below 2**28.
    second : int64 array, shape ``(profiles,)``
        ``value << bits | value``; so many bits that neither sum of `flush` pupils leaves its place.
    bits, flush : int
        `flush` is at most 2**16: so many pupils at most go into a word.
    index : int64 array, shape ``(some,)``
        Rows of `profile`.
    unit : int16 array, shape ``(some,)``
        Position of each one's swv; those of one swv stand together for speed.
    sign : int
        1 adds, -1 takes off.
    """
    draws = cut_rank.shape[0]
    first_mask = np.int64((1 << SUM_BITS) - 1)
    second_mask = (np.int64(1) << np.int64(bits)) - np.int64(1)
    held = np.zeros((4, draws), np.int64)
    some = index.shape[0]
    since = 0
    for i in range(some):
        row = profile[index[i]]
        for d in range(draws):
            p = row[d]
            here = rank[p]
            one = first[p]
            other = second[p]
            under = here < cut_rank[d]
            inside = here <= cut_rank[d]
            held[0, d] += one if under else 0
            held[1, d] += other if under else 0
            held[2, d] += one if inside else 0
            held[3, d] += other if inside else 0
        since += 1
        if since == flush or i + 1 == some or unit[i + 1] != unit[i]:
            j = unit[i]
            for d in range(draws):
                for k in range(2):
                    sums = below if k == 0 else upto
                    one = held[2 * k, d]
                    other = held[2 * k + 1, d]
                    sums[0, j, d] += sign * (one >> SUM_BITS)
                    sums[1, j, d] += sign * (one & first_mask)
                    sums[2, j, d] += sign * (other >> bits)
                    sums[3, j, d] += sign * (other & second_mask)
                    held[2 * k, d] = 0
                    held[2 * k + 1, d] = 0
            since = 0
