"""Counts and sums of scores per swv and band of ranks, one pass over the pupils (D-5).

A *band* is an interval of ranks, the same in every draw. Ranks that may turn out to be a cut are
bands by themselves; so what stands below and at a cut is known once the cuts are, without a second
pass. The columns of every array here are the draws of one block (see `levels`): the compiler knows
how many there are.
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.levels import BLOCK, LEVELS
from lwoopro.kernels.sums import FLUSH, SUM_BITS
from lwoopro.kernels.types import Bytes, Int16s, Int32s, Int64s, Profiles, Uint64s

__all__ = [
    "GIVEN_BITS",
    "LONGEST_RUN",
    "add_given",
    "add_rows",
    "at_cuts",
    "count_categories",
    "count_runs",
    "find_bands",
    "given_words",
]

LONGEST_RUN = 255
"""Pupils that are counted in bytes."""

GIVEN_BITS = SUM_BITS + 4
"""Low bits of a word of `given_words`: one pupil and the score."""

_CELLS = LEVELS * LEVELS
_EIGHTS = BLOCK // 8


@kernel
def _count_run(
    tally: Bytes,
    levels: Bytes,
    first: int,
    last: int,
    start: Bytes,
    mother_row: Int32s,
    father_row: Int32s,
) -> None:
    """Count the pupils of a run by their levels; a tally of bytes stays in the nearest cache."""
    for i in range(first, last):
        if mother_row[i] >= 0 and father_row[i] >= 0:
            for d in range(BLOCK):
                tally[BLOCK * np.int64(levels[i, d]) + d] += np.uint8(1)
        else:
            # where one parent is known there are eight cells: each looks at all draws at once
            step = LEVELS if mother_row[i] >= 0 else 1
            for level in range(LEVELS):
                cell = np.int64(start[i]) + step * level
                both = np.uint8(cell)
                for d in range(BLOCK):
                    here = np.uint8(1) if levels[i, d] == both else np.uint8(0)
                    tally[BLOCK * cell + d] = np.uint8(tally[BLOCK * cell + d] + here)


@kernel
def _add_tally(held: Int64s, tally: Bytes, band: Int16s, packed: Int64s, skipped: int) -> None:
    """Add a run's tally to the bands of its swv, all but one of them."""
    eights = tally.view(np.uint64)
    for cell in range(_CELLS):
        some = np.uint64(0)
        for k in range(_EIGHTS):
            some |= eights[_EIGHTS * cell + k]
        b = band[cell]
        if some == 0 or b == skipped:
            continue
        for k in range(packed.shape[0]):
            word = packed[k, cell]
            for d in range(BLOCK):
                held[k, b, d] += np.int64(tally[BLOCK * cell + d]) * word


@kernel
def _empty_tally(
    histogram: Int32s, held: Int64s, tally: Bytes, base: int, band: Int16s, packed: Int64s
) -> None:
    """Add a run's tally to the profiles' counts and to the bands of its swv, and clear it."""
    eights = tally.view(np.uint64)
    bands = held.shape[0]
    for cell in range(_CELLS):
        some = np.uint64(0)
        for k in range(_EIGHTS):
            some |= eights[_EIGHTS * cell + k]
        if some == 0:
            continue
        p = base + cell
        for d in range(BLOCK):
            histogram[p, d] += np.int32(tally[BLOCK * cell + d])
        if bands > 0:
            b = band[p]
            word = packed[0, p]
            for d in range(BLOCK):
                held[b, d] += np.int64(tally[BLOCK * cell + d]) * word
        for k in range(_EIGHTS):
            eights[_EIGHTS * cell + k] = 0


@kernel
def _add_held(sums: Int64s, held: Int64s, unit: int) -> None:
    """Add packed words to those of a swv, and clear them."""
    for b in range(held.shape[0]):
        for d in range(BLOCK):
            sums[unit, b, d] += held[b, d]
        for d in range(BLOCK):
            held[b, d] = 0


@kernel
def _empty_held(sums: Int64s, held: Int64s, unit: int, sign: int) -> None:
    """Add packed words to the sums of a swv, or take them off, and clear them."""
    values, bands = held.shape[:2]
    mask = np.int64((1 << SUM_BITS) - 1)
    for k in range(values):
        for b in range(bands):
            if k == 0:
                for d in range(BLOCK):
                    sums[0, unit, b, d] += sign * (held[0, b, d] >> SUM_BITS)
                for d in range(BLOCK):
                    sums[1, unit, b, d] += sign * (held[0, b, d] & mask)
            else:
                for d in range(BLOCK):
                    sums[1 + k, unit, b, d] += sign * held[k, b, d]
            for d in range(BLOCK):
                held[k, b, d] = 0


@kernel
def count_runs(
    levels: Bytes,
    histogram: Int32s,
    sums: Int64s,
    split_sums: Int64s,
    start: Bytes,
    mother_row: Int32s,
    father_row: Int32s,
    run: Int64s,
    run_unit: Int64s,
    run_base: Int64s,
    band: Int16s,
    split_band: Int16s,
    packed: Int64s,
) -> None:
    """Count imputed pupils by profile, and by swv and band.

    Parameters
    ----------
    levels, start, mother_row, father_row
        See `levels.draw_levels`.
    histogram : int32 array, shape ``(profiles, draws)``
        Pupils per profile are added.
    sums : int64 array, shape ``(swv, bands, draws)``
        Packed number of pupils and sum of (score - lowest score) are added; without bands, nothing.
        Whoever asks sees to it that the sums of a swv stay below ``1 << SUM_BITS``.
    split_sums : int64 array, shape ``(splits, 1 + values, swv, bands of a split, draws)``
        The same with all values, each by itself, for what is split (R-10).
    run : int64 array, shape ``(runs + 1,)``
        Where each run of pupils begins: of one swv, with profiles that differ in the parents'
        levels alone; `LONGEST_RUN` pupils at most. The runs of a swv stand together. Within a run
        pupils with the same unknown parents stand together, for speed.
    run_unit : int64 array, shape ``(runs,)``
        Position of the run's swv.
    run_base : int64 array, shape ``(runs,)``
        Profile of the run with both levels at zero.
    band : int16 array, shape ``(profiles,)``
    split_band : int16 array, shape ``(splits, profiles)``
        The last band of a split is left out.
    packed : int64 array, shape ``(values, profiles)``
        First ``1 << SUM_BITS | score - lowest score``, then further values from 0 to below 2**28.
    """
    tally = np.zeros(_CELLS * BLOCK, np.uint8)
    splits = split_sums.shape[0]
    held = np.zeros(sums.shape[1:], np.int64)
    split_held = np.zeros((splits, packed.shape[0], split_sums.shape[3], BLOCK), np.int64)
    rest = split_sums.shape[3] - 1
    runs = run_unit.shape[0]
    since = 0
    for r in range(runs):
        _count_run(tally, levels, run[r], run[r + 1], start, mother_row, father_row)
        here = slice(run_base[r], run_base[r] + _CELLS)
        for q in range(splits):
            _add_tally(split_held[q], tally, split_band[q, here], packed[:, here], rest)
        _empty_tally(histogram, held, tally, run_base[r], band, packed)
        last = r + 1 == runs or run_unit[r + 1] != run_unit[r]
        if last:
            _add_held(sums, held, run_unit[r])
        if splits == 0:
            continue
        since += run[r + 1] - run[r]
        if since > FLUSH - LONGEST_RUN or last:
            for q in range(splits):
                _empty_held(split_sums[q], split_held[q], run_unit[r], 1)
            since = 0


@kernel
def add_given(sums: Int64s, profile: Profiles, word: Uint64s, unit: Int16s) -> None:
    """Add pupils with a donor's score one by one to the sums of their swv.

    Parameters
    ----------
    sums
        See `count_runs`.
    profile : unsigned integer array, shape ``(pupils, draws)``
    word : uint64 array, shape ``(profiles,)``
        From `given_words`.
    unit : int16 array, shape ``(pupils,)``
        Position of each one's swv; those of one swv stand together for speed.
    """
    held = np.zeros(sums.shape[1:], np.int64)
    flat = held.reshape(held.size)
    low = np.uint64((1 << GIVEN_BITS) - 1)
    many = profile.shape[0]
    for i in range(many):
        for d in range(BLOCK):
            # without a sign: an index that may be negative costs a comparison and a choice
            both = word[profile[i, d]]
            flat[(both >> np.uint64(GIVEN_BITS)) + np.uint64(d)] += np.int64(both & low)
        if i + 1 == many or unit[i + 1] != unit[i]:
            _add_held(sums, held, int(unit[i]))


def given_words(band: Int16s, packed: Int64s) -> Uint64s:
    """Put what `add_given` looks up into one word: where a band begins, and what is added to it.

    Parameters
    ----------
    band, packed
        See `count_runs`.

    Returns
    -------
    uint64 array, shape ``(profiles,)``
    """
    begins = band.astype(np.uint64) * BLOCK << GIVEN_BITS
    return np.asarray(begins | packed[0].astype(np.uint64))


@kernel
def find_bands(
    cut_band: Int64s, everything: Int64s, sums: Int64s, known: Int64s, need: Int64s
) -> None:
    """Add the swv up, and find for each draw and share the band of the cut (I-4).

    Parameters
    ----------
    cut_band : int64 array, shape ``(shares, draws)``
        Output: the lowest band that enough pupils reach.
    everything : int64 array, shape ``(draws,)``
        Output: sum of (score - lowest score) of all drawn pupils.
    sums : int64 array, shape ``(swv, bands, draws)``
        Packed, see `count_runs`.
    known : int64 array, shape ``(bands,)``
        Known pupils.
    need : int64 array, shape ``(shares,)``
        Each between 1 and the number of pupils.
    """
    swv, bands = sums.shape[:2]
    mask = np.int64((1 << SUM_BITS) - 1)
    count = np.zeros((bands, BLOCK), np.int64)
    everything[:] = 0
    for j in range(swv):
        for b in range(bands):
            for d in range(BLOCK):
                count[b, d] += sums[j, b, d] >> SUM_BITS
            for d in range(BLOCK):
                everything[d] += sums[j, b, d] & mask
    upto = np.zeros(BLOCK, np.int64)
    cut_band[:] = 0
    for b in range(bands):
        for d in range(BLOCK):
            upto[d] += known[b] + count[b, d]
        for s in range(need.shape[0]):
            for d in range(BLOCK):
                cut_band[s, d] += np.int64(1) if upto[d] < need[s] else np.int64(0)


@kernel
def add_rows(
    sums: Int64s,
    profile: Profiles,
    base: Profiles,
    band: Int16s,
    packed: Int64s,
    index: Int64s,
    unit: Int16s,
    sign: int,
) -> None:
    """Add pupils one by one to the sums of a swv, or take them off (R-10).

    Parameters
    ----------
    sums : int64 array, shape ``(1 + values, swv, bands, draws)``
        Number of pupils and sums of their values, each by itself.
    band, packed
        See `count_runs`.
    profile : unsigned integer array, shape ``(pupils, draws)``
        Less `base`.
    base : unsigned integer array, shape ``(pupils,)``
    index : int64 array, shape ``(some,)``
        Rows of `profile`.
    unit : int16 array, shape ``(some,)``
        Position of each one's swv; those of one swv stand together for speed.
    sign : int
        1 adds, -1 takes off.
    """
    held = np.zeros((packed.shape[0], sums.shape[2], BLOCK), np.int64)
    some = index.shape[0]
    since = 0
    for i in range(some):
        at = index[i]
        lowest = np.int64(base[at])
        for k in range(packed.shape[0]):
            for d in range(BLOCK):
                p = lowest + np.int64(profile[at, d])
                held[k, band[p], d] += packed[k, p]
        since += 1
        if since == FLUSH or i + 1 == some or unit[i + 1] != unit[i]:
            _empty_held(sums, held, int(unit[i]), sign)
            since = 0


@kernel
def count_categories(
    sums: Int64s, histogram: Int32s, fixed: Int64s, band: Int16s, digit: Int16s
) -> None:
    """Count the pupils of every category by band (R-1).

    Parameters
    ----------
    sums : int64 array, shape ``(categories, 1, bands, draws)``
        Added to.
    histogram : int32 array, shape ``(profiles, draws)``
    fixed : int64 array, shape ``(profiles,)``
        Known pupils.
    band : int16 array, shape ``(profiles,)``
    digit : int16 array, shape ``(profiles, characteristics)``
        Positions along the categories: one per characteristic.
    """
    for p in range(histogram.shape[0]):
        some = fixed[p]
        for d in range(BLOCK):
            some |= histogram[p, d]
        if some == 0:
            continue
        b = band[p]
        for c in range(digit.shape[1]):
            at = digit[p, c]
            for d in range(BLOCK):
                sums[at, 0, b, d] += fixed[p] + histogram[p, d]


@kernel
def at_cuts(below: Int64s, at: Int64s, sums: Int64s, cut_band: Int64s) -> None:
    """Sum bands to what stands below and at each cut (D-5).

    Parameters
    ----------
    below, at : int64 array, shape ``(values, shares, swv, draws)``
        Output.
    sums : int64 array, shape ``(values, swv, bands, draws)``
    cut_band : int64 array, shape ``(shares, draws)``
        Band that is the cut's rank and nothing else.
    """
    values, swv, bands, draws = sums.shape
    shares = cut_band.shape[0]
    lowest = np.empty(shares, np.int64)
    highest = np.empty(shares, np.int64)
    for s in range(shares):
        lowest[s] = highest[s] = cut_band[s, 0]
        for d in range(draws):
            lowest[s] = min(lowest[s], cut_band[s, d])
            highest[s] = max(highest[s], cut_band[s, d])
    total = np.empty(draws, np.int64)
    for v in range(values):
        for j in range(swv):
            for d in range(draws):
                total[d] = 0
            for b in range(bands):
                for s in range(shares):
                    if lowest[s] <= b and b <= highest[s]:
                        for d in range(draws):
                            if cut_band[s, d] == b:
                                below[v, s, j, d] = total[d]
                                at[v, s, j, d] = sums[v, j, b, d]
                for d in range(draws):
                    total[d] += sums[v, j, b, d]
