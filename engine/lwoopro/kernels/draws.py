"""Donors' scores, many draws per pass (I-2, I-3).

A *profile* is the number of a cell of the lattice: all characteristics of a pupil as one small
integer. Its lowest digits are the levels of mother and father; a drawn pupil is kept as these
*levels* alone, one byte, so that a pupil's 64 draws are one line of the processor's cache. The
columns of every array here are draws in lane order (see `philox.fill_words`).
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.types import Bytes, Int32s, Int64s, Profiles, Uint64s

__all__ = ["copy_donors", "count_profiles"]


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
        As `levels.draw_levels` made it: donors give *this draw's* score.
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
