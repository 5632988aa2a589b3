"""Draws of what is missing: education levels and donors, many draws per pass (I-1, I-2, I-3, I-5).

A *profile* is the number of a cell of the lattice: all characteristics of a pupil as one small
integer. The columns of every array here are draws in lane order (see `philox.fill_words`).
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.types import Bools, Int32s, Int64s, Profiles, Uint32s, Uint64s

__all__ = ["copy_donors", "draw_profiles", "find_levels", "follow_levels"]


@kernel
def find_levels(level: Uint32s, words: Uint32s, threshold: Uint32s) -> None:
    """Draw an education level in every draw (I-1).

    The level is the number of thresholds that the draw's 31-bit uniform reaches: inversion over
    the ordered levels, so the same uniform under other probabilities gives a neighbouring level.

    Parameters
    ----------
    level : uint32 array, shape ``(draws,)``
        Output.
    words : uint32 array, shape ``(draws,)``
    threshold : uint32 array, shape ``(7, 1 or draws)``
        Cumulative probabilities in units of 2**-31, rounded up; one column serves all draws.
    """
    draws = level.shape[0]
    if threshold.shape[1] == 1:
        t0 = threshold[0, 0]
        t1 = threshold[1, 0]
        t2 = threshold[2, 0]
        t3 = threshold[3, 0]
        t4 = threshold[4, 0]
        t5 = threshold[5, 0]
        t6 = threshold[6, 0]
        for d in range(draws):
            u = words[d] >> np.uint32(1)
            some = np.uint32(u >= t0) + np.uint32(u >= t1) + np.uint32(u >= t2)
            more = np.uint32(u >= t3) + np.uint32(u >= t4) + np.uint32(u >= t5)
            level[d] = some + more + np.uint32(u >= t6)
    else:
        level[:] = 0
        for k in range(threshold.shape[0]):
            line = threshold[k]
            for d in range(draws):
                level[d] += np.uint32((words[d] >> np.uint32(1)) >= line[d])


@kernel
def follow_levels(level: Uint32s, words: Uint32s, threshold: Uint32s) -> None:
    """Draw the father's level given the mother's level of the same draw (I-1, `model`).

    Parameters
    ----------
    level : uint32 array, shape ``(draws,)``
        The mother's level; replaced by the father's.
    words : uint32 array, shape ``(draws,)``
    threshold : uint32 array, shape ``(8, 7, 1 or draws)``
        As in `find_levels`, for each level of the mother.
    """
    own = int(threshold.shape[2] > 1)
    for d in range(level.shape[0]):
        u = words[d] >> np.uint32(1)
        table = threshold[level[d]]
        reached = np.uint32(0)
        for k in range(table.shape[0]):
            reached += np.uint32(u >= table[k, d * own])
        level[d] = reached


@kernel
def draw_profiles(
    profile: Profiles,
    histogram: Int32s,
    base: Profiles,
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
    """Draw the unknown education levels of all imputed pupils (I-1, I-5).

    Parameters
    ----------
    profile : unsigned integer array, shape ``(pupils, draws)``
        Output.
    histogram : int32 array, shape ``(profiles, draws)``
        Counts per profile are added here.
    base : like profile, shape ``(pupils,)``
        The profile with the unknown levels at zero.
    mother_person, father_person : uint64 array, shape ``(pupils,)``
        Key of the person (I-5).
    mother_word, father_word : uint64 array, shape ``(pupils,)``
        Counter word c1: source and role.
    mother_row, father_row : int32 array, shape ``(pupils,)``
        Row of `threshold`; negative where the level is known.
    father_follows : bool array, shape ``(pupils,)``
        The father's row is ``father_row`` plus the mother's drawn level.
    threshold : uint32 array, shape ``(rows, 7, 1 or draws)``
        See `find_levels`.
    mother_step : int
        Weight of the mother's level in the profile number; the father's is 1.
    key, group, vary
        See `philox.fill_words`.
    """
    columns = profile.shape[1]
    words = np.empty(columns, np.uint32)
    level = np.empty(columns, np.uint32)
    up = profile.dtype.type(mother_step)
    one = profile.dtype.type(1)
    for i in range(profile.shape[0]):
        row = profile[i]
        row[:] = base[i]
        if mother_row[i] >= 0:
            fill_words(words, key, group, mother_word[i], mother_person[i], vary)
            find_levels(level, words, threshold[mother_row[i]])
            for d in range(columns):
                row[d] += up * profile.dtype.type(level[d])
        if father_row[i] >= 0:
            fill_words(words, key, group, father_word[i], father_person[i], vary)
            if father_follows[i]:
                follow_levels(level, words, threshold[father_row[i] : father_row[i] + 8])
            else:
                find_levels(level, words, threshold[father_row[i]])
            for d in range(columns):
                row[d] += one * profile.dtype.type(level[d])
        for d in range(columns):
            histogram[row[d], d] += 1


@kernel
def copy_donors(
    copied: Profiles,
    histogram: Int32s,
    profile: Profiles,
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
    histogram : int32 array, shape ``(profiles, draws)``
        Counts per profile are added here.
    profile : unsigned integer array, shape ``(pupils, draws)``
        As `draw_profiles` made it: donors give *this draw's* score.
    person, word : uint64 array, shape ``(recipients,)``
        The recipient's key; the year stands in the counter word.
    start, length : int64 array, shape ``(recipients,)``
        The recipient's class in `candidate`; every length is 1 or more.
    candidate : int32 array
        Classes of donors, each in order of pupil_id: a row of `profile`, or ``-1 - p`` for a
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
        # three short loops: each keeps many loads in flight at once
        for d in range(columns):
            place = np.int64((np.uint64(words[d]) * many) >> shift)
            donor[d] = candidate[start[i] + place]
        row = copied[i]
        for d in range(columns):
            row[d] = profile[donor[d], d] if donor[d] >= 0 else -1 - donor[d]
        for d in range(columns):
            histogram[row[d], d] += 1
