"""Draws of what is missing: education levels and donors, many draws per pass (I-1, I-2, I-3, I-5).

A *profile* is the number of a cell of the lattice: all characteristics of a pupil as one small
integer. Its lowest digits are the levels of mother and father; a drawn pupil is kept as these
*levels* alone, one byte, so that a pupil's 64 draws are one line of the processor's cache. The
columns of every array here are draws in lane order (see `philox.fill_words`).
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.types import Bools, Bytes, Int32s, Int64s, Profiles, Uint32s, Uint64s

__all__ = ["add_levels", "copy_donors", "count_profiles", "draw_levels", "follow_levels"]


@kernel
def add_levels(levels: Bytes, words: Uint32s, threshold: Uint32s, step: int) -> None:
    """Draw an education level in every draw (I-1).

    The level is the number of thresholds that the draw's 31-bit uniform reaches: inversion over
    the ordered levels, so the same uniform under other probabilities gives a neighbouring level.
    It is found by halving: three comparisons with chosen thresholds instead of seven with all.

    Parameters
    ----------
    levels : uint8 array, shape ``(draws,)``
        `step` times the level is added.
    words : uint32 array, shape ``(draws,)``
    threshold : uint32 array, shape ``(7, 1)``
        Cumulative probabilities in units of 2**-31, rounded up; one column serves all draws.
    step : int
    """
    one = np.uint32(step)
    two = np.uint32(2 * step)
    four = np.uint32(4 * step)
    none = np.uint32(0)
    t0 = threshold[0, 0]
    t1 = threshold[1, 0]
    t2 = threshold[2, 0]
    t3 = threshold[3, 0]
    t4 = threshold[4, 0]
    t5 = threshold[5, 0]
    t6 = threshold[6, 0]
    for d in range(levels.shape[0]):
        u = words[d] >> np.uint32(1)
        upper = u >= t3
        middle = t5 if upper else t1
        low = t4 if upper else t0
        high = t6 if upper else t2
        half = u >= middle
        last = high if half else low
        x = (four if upper else none) + (two if half else none) + (one if u >= last else none)
        levels[d] += np.uint8(x)


@kernel
def follow_levels(levels: Bytes, words: Uint32s, threshold: Uint32s, mother_step: int) -> None:
    """Draw the father's level given the mother's level of the same draw (I-1, `model`).

    Parameters
    ----------
    levels : uint8 array, shape ``(draws,)``
        `mother_step` times the mother's level; the father's is added.
    words : uint32 array, shape ``(draws,)``
    threshold : uint32 array, shape ``(8, 7, 1)``
        As in `add_levels`, for each level of the mother.
    mother_step : int
    """
    draws = levels.shape[0]
    father = np.empty(draws, np.uint8)
    # the level under every mother's level, and of these the right one: no table look-ups, which
    # would cost more
    for mother in range(threshold.shape[0]):
        father[:] = 0
        add_levels(father, words, threshold[mother], 1)
        here = np.uint8(mother_step * mother)
        after = np.uint8(mother_step * mother + mother_step - 1)
        for d in range(draws):
            x = levels[d]
            levels[d] = x | (father[d] if here <= x and x <= after else np.uint8(0))


@kernel
def draw_levels(
    levels: Bytes,
    first: int,
    last: int,
    start: Bytes,
    mother_person: Uint64s,
    mother_word: Uint64s,
    mother_row: Int32s,
    father_person: Uint64s,
    father_word: Uint64s,
    father_row: Int32s,
    father_follows: Bools,
    threshold: Uint32s,
    mother_step: int,
    key: Uint64s,
    group: int,
    vary: bool,
) -> None:
    """Draw the unknown education levels of some imputed pupils (I-1, I-5).

    Parameters
    ----------
    levels : uint8 array, shape ``(pupils, draws)``
        Output: `mother_step` times the mother's level plus the father's.
    first, last : int
        The pupils from `first` to just before `last`.
    start : uint8 array, shape ``(pupils,)``
        The levels with the unknown ones at zero.
    mother_person, father_person : uint64 array, shape ``(pupils,)``
        Key of the person (I-5).
    mother_word, father_word : uint64 array, shape ``(pupils,)``
        Counter word c1: source and role.
    mother_row, father_row : int32 array, shape ``(pupils,)``
        Row of `threshold`; negative where the level is known.
    father_follows : bool array, shape ``(pupils,)``
        The father's row is ``father_row`` plus the mother's drawn level.
    threshold : uint32 array, shape ``(rows, 7, 1)``
        See `add_levels`.
    mother_step : int
    key, group, vary
        See `philox.fill_words`.
    """
    words = np.empty(levels.shape[1], np.uint32)
    for i in range(first, last):
        row = levels[i]
        row[:] = start[i]
        if mother_row[i] >= 0:
            fill_words(words, key, group, mother_word[i], mother_person[i], vary)
            add_levels(row, words, threshold[mother_row[i]], mother_step)
        if father_row[i] >= 0:
            fill_words(words, key, group, father_word[i], father_person[i], vary)
            if father_follows[i]:
                table = threshold[father_row[i] : father_row[i] + 8]
                follow_levels(row, words, table, mother_step)
            else:
                add_levels(row, words, threshold[father_row[i]], 1)


@kernel
def copy_donors(
    copied: Profiles,
    levels: Bytes,
    base: Profiles,
    person: Uint64s,
    word: Uint64s,
    start: Int64s,
    length: Int64s,
    candidate: Int32s,
    key: Uint64s,
    group: int,
    vary: bool,
) -> None:
    """Copy to each pupil without a score the profile of a donor of this draw (I-2, I-3).

    Parameters
    ----------
    copied : unsigned integer array, shape ``(recipients, draws)``
        Output.
    levels : uint8 array, shape ``(pupils, draws)``
        As `draw_levels` made it: donors give *this draw's* score.
    base : unsigned integer array, shape ``(pupils,)``
        The pupils' profiles with both levels at zero.
    person, word : uint64 array, shape ``(recipients,)``
        The recipient's key; the year stands in the counter word.
    start, length : int64 array, shape ``(recipients,)``
        The recipient's class in `candidate`; every length is 1 or more.
    candidate : int32 array
        Classes of donors, each in order of pupil_id: a row of `levels`, or ``-1 - p`` for a
        donor whose profile p is known.
    key, group, vary
        See `philox.fill_words`.
    """
    columns = copied.shape[1]
    words = np.empty(columns, np.uint32)
    donor = np.empty(columns, np.int64)
    shift = np.uint64(32)
    for i in range(copied.shape[0]):
        fill_words(words, key, group, word[i], person[i], vary)
        many = np.uint64(length[i])
        # short loops: each keeps many loads in flight at once
        for d in range(columns):
            place = np.int64((np.uint64(words[d]) * many) >> shift)
            donor[d] = candidate[start[i] + place]
        row = copied[i]
        if levels.shape[0] == 0:
            for d in range(columns):
                row[d] = -1 - donor[d]
            continue
        for d in range(columns):
            # both are read, for a branch would be guessed wrong half of the time
            drawn = base[max(donor[d], 0)] + levels[max(donor[d], 0), d]
            row[d] = drawn if donor[d] >= 0 else -1 - donor[d]


@kernel
def count_profiles(histogram: Int32s, profile: Profiles) -> None:
    """Count pupils by profile.

    Parameters
    ----------
    histogram : int32 array, shape ``(profiles, draws)``
        Added to.
    profile : unsigned integer array, shape ``(pupils, draws)``
    """
    for i in range(profile.shape[0]):
        row = profile[i]
        for d in range(row.shape[0]):
            histogram[row[d], d] += 1
