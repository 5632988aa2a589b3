"""Weights of persons in a drawn population, and sums of pupils that bear them (Q-1, Q-2).

The columns of every array are draws in lane order, see `philox.fill_words`.
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.sums import SUM_BITS
from lwoopro.kernels.types import Bands, Int16s, Int32s, Int64s, Profiles, Uint16s, Uint64s

__all__ = ["add_heads", "add_weighted", "find_drawn_cuts", "throw_slots", "weigh_profiles"]


@kernel
def throw_slots(
    weight: Uint16s,
    person: Uint64s,
    start: Int64s,
    length: Int64s,
    word: np.uint64,
    key: Uint64s,
    group: int,
) -> None:
    """Choose as many persons as there are, with replacement, within every stratum (Q-1).

    Every person has one slot, and his uniform says by inversion which person of his stratum takes
    it: so the weights of a stratum are multinomial, and nothing but persons is in the key.

    Parameters
    ----------
    weight : uint16 array, shape ``(persons, draws)``
        Output: slots that each person takes. One of 65,536 slots or more would not fit; nobody
        can take so many by chance.
    person : uint64 array, shape ``(persons,)``
        Key of the person; by stratum, and within one in order of pupil_id.
    start, length : int64 array, shape ``(persons,)``
        The stratum of each.
    word : uint64
        Counter word c1.
    key, group
        See `philox.fill_words`.
    """
    columns = weight.shape[1]
    words = np.empty(columns, np.uint32)
    shift = np.uint64(32)
    one = np.uint16(1)
    weight[:] = 0
    for i in range(person.shape[0]):
        fill_words(words, key, group, word, person[i], True)
        many = np.uint64(length[i])
        for d in range(columns):
            place = np.int64((np.uint64(words[d]) * many) >> shift)
            weight[start[i] + place, d] += one


@kernel
def weigh_profiles(histogram: Int32s, profile: Profiles, weight: Uint16s, person: Int32s) -> None:
    """Count pupils per profile, each with his weight.

    Parameters
    ----------
    histogram : int32 array, shape ``(profiles, draws)``
        Added to.
    profile : unsigned integer array, shape ``(pupils, 1 or draws)``
        One column serves all draws.
    weight : uint16 array, shape ``(persons, draws)``
    person : int32 array, shape ``(pupils,)``
        Row of `weight`.
    """
    draws = histogram.shape[1]
    if profile.shape[1] == 1:
        for i in range(profile.shape[0]):
            heads = weight[person[i]]
            row = histogram[profile[i, 0]]
            for d in range(draws):
                row[d] += np.int32(heads[d])
    else:
        for i in range(profile.shape[0]):
            heads = weight[person[i]]
            of = profile[i]
            for d in range(draws):
                histogram[of[d], d] += np.int32(heads[d])


@kernel
def add_heads(count: Int64s, weight: Uint16s, person: Int32s, unit: Int16s) -> None:
    """Count pupils per swv, each with his weight.

    Parameters
    ----------
    count : int64 array, shape ``(swv, draws)``
        Added to.
    weight : uint16 array, shape ``(persons, draws)``
    person : int32 array, shape ``(pupils,)``
    unit : int16 array, shape ``(pupils,)``
        Position of each one's swv.
    """
    for i in range(person.shape[0]):
        heads = weight[person[i]]
        row = count[unit[i]]
        for d in range(count.shape[1]):
            row[d] += np.int64(heads[d])


@kernel
def add_weighted(
    count: Int64s,
    total: Int64s,
    profile: Profiles,
    band: Bands,
    packed: Int64s,
    weight: Uint16s,
    person: Int32s,
    index: Int64s,
    unit: Int16s,
    sign: int,
    flush: int,
) -> None:
    """Add weighted pupils to the count and the sum of scores of a swv and their band.

    Parameters
    ----------
    count, total : int64 array, shape ``(swv, bands, draws)``
        See `sums.add_pupils`; changed in place.
    profile : unsigned integer array, shape ``(pupils, 1 or draws)``
    band : uint8 or uint16 array, shape ``(profiles, draws)``
    packed : int64 array, shape ``(profiles, 1 or draws)``
        ``1 << SUM_BITS | score - lowest score``.
    weight : uint16 array, shape ``(persons, draws)``
    person : int32 array, shape ``(pupils,)``
    index : int64 array, shape ``(some,)``
        Rows of `profile`.
    unit : int16 array, shape ``(some,)``
        Position of each one's swv; those of one swv stand together for speed, and among them
        those of one profile.
    sign : int
        1 adds, -1 takes off.
    flush : int
        So many pupils at most go into a packed word: 2**16 divided by the largest weight.
    """
    bands, draws = count.shape[1:]
    mask = np.int64((1 << SUM_BITS) - 1)
    wide = int(profile.shape[1] > 1)
    own = int(packed.shape[1] > 1)
    held = np.zeros((bands, draws), np.int64)
    # pupils of one profile that stand together go into their band at once
    together = np.zeros(draws, np.int64)
    some = index.shape[0]
    since = 0
    for i in range(some):
        row = profile[index[i]]
        heads = weight[person[index[i]]]
        since += 1
        full = since >= flush or i + 1 == some or unit[i + 1] != unit[i]
        if wide:
            for d in range(draws):
                p = row[d]
                held[band[p, d], d] += packed[p, d * own] * np.int64(heads[d])
        else:
            for d in range(draws):
                together[d] += np.int64(heads[d])
            if full or profile[index[i + 1], 0] != row[0]:
                p = row[0]
                for d in range(draws):
                    held[band[p, d], d] += packed[p, d * own] * together[d]
                    together[d] = 0
        if full:
            j = unit[i]
            for b in range(bands):
                for d in range(draws):
                    word = held[b, d]
                    count[j, b, d] += sign * (word >> SUM_BITS)
                    total[j, b, d] += sign * (word & mask)
                    held[b, d] = 0
            since = 0


@kernel
def find_drawn_cuts(
    histogram: Int32s,
    order: Int64s,
    rank: Int32s,
    need: Int64s,
    cut_rank: Int32s,
    cut_profile: Int64s,
) -> None:
    """Find the cuts where the number of pupils, and so m, is another in every draw (I-4).

    Parameters
    ----------
    histogram : int32 array, shape ``(profiles, draws)``
        All pupils with a score, weighted.
    order, rank
        See `cuts.find_cuts`.
    need : int64 array, shape ``(shares, draws)``
        m rounded up; rising along the shares, each between 1 and the draw's pupils with a score.
    cut_rank : int32 array, shape ``(shares, draws)``
        Output: rank of c, the lowest score with #{score <= c} >= m.
    cut_profile : int64 array, shape ``(shares, draws)``
        Output: a profile with score c.
    """
    profiles, draws = histogram.shape
    shares = need.shape[0]
    own = int(order.shape[1] > 1)
    for d in range(draws):
        e = d * own
        total = 0
        share = 0
        k = 0
        while share < shares and k < profiles:
            here = rank[order[k, e], e]
            while k < profiles and rank[order[k, e], e] == here:
                total += histogram[order[k, e], d]
                k += 1
            while share < shares and total >= need[share, d]:
                cut_rank[share, d] = here
                cut_profile[share, d] = order[k - 1, e]
                share += 1
