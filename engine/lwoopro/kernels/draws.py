"""Draws of what is missing: education levels and donors, many draws per pass (I-1, I-2, I-3, I-5).

A *profile* is the number of a cell of the lattice: all characteristics of a pupil as one small
integer. The columns of every array here are draws in lane order (see `philox.fill_words`).
"""

from typing import Any

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.types import Int32s, Int64s, Profiles, Uint32s, Uint64s

__all__ = ["add_levels", "copy_donors", "draw_profiles"]


@kernel
def add_levels(
    row: Profiles,
    words: Uint32s,
    threshold: Uint32s,
    step: np.unsignedinteger[Any],
) -> None:
    """Add ``step`` times the drawn education level to a row of profiles (I-1).

    The level is the number of thresholds that the draw's 31-bit uniform reaches: inversion over
    the ordered levels, so the same uniform under other probabilities gives a neighbouring level.

    Parameters
    ----------
    row : unsigned integer array, shape ``(draws,)``
        Changed in place.
    words : uint32 array, shape ``(draws,)``
    threshold : uint32 array, shape ``(7,)``
        Cumulative probabilities in units of 2**-31, rounded up.
    step : row's own type
        Weight of this parent's level in the profile number.
    """
    t0, t1, t2, t3, t4, t5, t6 = threshold
    for d in range(row.shape[0]):
        u = words[d] >> np.uint32(1)
        level = np.uint32(u >= t0) + np.uint32(u >= t1) + np.uint32(u >= t2) + np.uint32(u >= t3)
        level += np.uint32(u >= t4) + np.uint32(u >= t5) + np.uint32(u >= t6)
        row[d] += step * row.dtype.type(level)


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
    threshold : uint32 array, shape ``(classes, 7)``
    mother_step : int
        Weight of the mother's level in the profile number; the father's is 1.
    key, group, vary
        See `philox.fill_words`.
    """
    columns = profile.shape[1]
    words = np.empty(columns, np.uint32)
    up = profile.dtype.type(mother_step)
    one = profile.dtype.type(1)
    for i in range(profile.shape[0]):
        row = profile[i]
        row[:] = base[i]
        if mother_row[i] >= 0:
            fill_words(words, key, group, mother_word[i], mother_person[i], vary)
            add_levels(row, words, threshold[mother_row[i]], up)
        if father_row[i] >= 0:
            fill_words(words, key, group, father_word[i], father_person[i], vary)
            add_levels(row, words, threshold[father_row[i]], one)
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
