"""Donors' scores, many draws per pass (I-2, I-3).

A *profile* is the number of a cell of the lattice: all characteristics of a pupil as one small
integer. Its lowest digits are the levels of mother and father; a drawn pupil is kept as these
*levels* alone, one byte, so that a pupil's 64 draws are one line of the processor's cache. The
columns of every array here are draws in lane order (see `philox.fill_words`).
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.types import Int32s, Int64s, Profiles, Uint32s, Uint64s

__all__ = ["copy_donors", "count_profiles"]


@kernel
def copy_donors(
    copied: Profiles,
    levels: Profiles,
    base: Profiles,
    person: Uint64s,
    word: Uint64s,
    start: Int64s,
    length: Int64s,
    candidate: Uint32s,
    key: Uint64s,
    group: int,
    vary: bool,
) -> None:
    """Copy to each pupil without a score the profile of a donor of this draw (I-2, I-3).

    Parameters
    ----------
    copied : unsigned integer array, shape ``(recipients, draws)``
        Output.
    levels : unsigned integer array, shape ``(pupils + 1, draws)``
        As `levels.draw_levels` made it: donors give *this draw's* score. The last row is zero.
    base : unsigned integer array, shape ``(pupils + profiles,)``
        The pupils' profiles with both levels at zero, then every profile.
    person, word : uint64 array, shape ``(recipients,)``
        The recipient's key; the year stands in the counter word.
    start, length : int64 array, shape ``(recipients,)``
        The recipient's class in `candidate`; every length is 1 or more.
    candidate : uint32 array
        Classes of donors, each in order of pupil_id: a row of `levels`, or ``pupils + p`` for a
        donor whose profile p is known.
    key, group, vary
        See `philox.fill_words`.
    """
    columns = copied.shape[1]
    words = np.empty(columns, np.uint32)
    place = np.empty(columns, np.uint32)
    shift = np.uint64(32)
    flat = levels.reshape(levels.size)
    # a known donor has the last row's levels: a branch would be guessed wrong half of the time
    last = np.uint32(levels.shape[0] - 1)
    for i in range(copied.shape[0]):
        fill_words(words, key, group, word[i], person[i], vary)
        begin = np.uint64(start[i])
        many = np.uint64(length[i])
        # short loops: each keeps many loads in flight at once; and no index that might be negative
        for d in range(columns):
            place[d] = np.uint32(begin + ((np.uint64(words[d]) * many) >> shift))
        for d in range(columns):
            donor = candidate[place[d]]
            row = np.int64(min(donor, last))
            copied[i, d] = base[donor] + flat[columns * row + d]


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
