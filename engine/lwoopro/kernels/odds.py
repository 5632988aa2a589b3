"""Draws of education levels where the model's parameters are drawn, too (I-1, `model`).

Thresholds of every pattern, level and draw would not stay in the processor's cache. The kernels
here compare with a product instead: the odds of the pupil's pattern times the ratio of the level,
each its own in every draw. They give the level that those thresholds give: see the imputation
room's `LevelOdds.thresholds`, which works them out by the same arithmetic.
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.types import Bools, Bytes, Floats, Int32s, Int64s, Uint32s, Uint64s

__all__ = ["add_levels_by_odds", "draw_levels_by_odds"]

_TOP = 2.0**31
_CUTS = 7


@kernel
def add_levels_by_odds(
    levels: Bytes, words: Uint32s, odds: Floats, ratio: Floats, step: int
) -> None:
    """Draw an education level in every draw: the number of thresholds that its uniform reaches.

    Parameters
    ----------
    levels : uint8 array, shape ``(draws,)``
        `step` times the level is added.
    words : uint32 array, shape ``(draws,)``
    odds : float64 array, shape ``(draws,)``
        Of the pupil's pattern.
    ratio : float64 array, shape ``(7, draws)``
        Of the levels: NaN where every uniform reaches the threshold, 0 where none does.
    step : int
    """
    for d in range(levels.shape[0]):
        u = np.float64(np.int64(words[d] >> np.uint32(1)))
        product = u * odds[d]
        rest = _TOP - u
        # as wide as the numbers compared: narrow ones would be packed and unpacked
        level = np.int64(0)
        for k in range(_CUTS):
            level += np.int64(not product * ratio[k, d] < rest)
        levels[d] += np.uint8(level * step)


@kernel
def draw_levels_by_odds(
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
    begin: Int64s,
    odds: Floats,
    ratio: Floats,
    given: Floats,
    mother_step: int,
    key: Uint64s,
    group: int,
    vary: bool,
) -> None:
    """Draw the unknown education levels of some imputed pupils (I-1, I-5).

    Parameters
    ----------
    levels, first, last, start, …, father_follows, mother_step, key, group, vary
        See `draws.draw_levels`; rows are those of the thresholds.
    begin : int64 array, shape ``(4,)``
        Where rows begin: the mother's; hers given the father's level; his given hers; and his given
        her drawn level, eight rows for one row of `odds`.
    odds : float64 array, shape ``(rows, draws)``
    ratio : float64 array, shape ``(3, 7, draws)``
    given : float64 array, shape ``(8, draws)``
        What each level of the mother multiplies the odds by.
    """
    columns = levels.shape[1]
    words = np.empty(columns, np.uint32)
    own = np.empty(columns, np.float64)
    for i in range(first, last):
        row = levels[i]
        row[:] = start[i]
        if mother_row[i] >= 0:
            fill_words(words, key, group, mother_word[i], mother_person[i], vary)
            equation = 0 if mother_row[i] < begin[1] else 1
            add_levels_by_odds(row, words, odds[mother_row[i]], ratio[equation], mother_step)
        if father_row[i] >= 0:
            fill_words(words, key, group, father_word[i], father_person[i], vary)
            if father_follows[i]:
                pattern = odds[begin[3] + (father_row[i] - begin[3]) // given.shape[0]]
                for d in range(columns):
                    own[d] = pattern[d]
                # the factor of the mother's level, without look-ups, which would cost more
                for mother in range(given.shape[0]):
                    here = np.uint8(mother_step * mother)
                    for d in range(columns):
                        if row[d] == here:
                            own[d] = pattern[d] * given[mother, d]
                add_levels_by_odds(row, words, own, ratio[2], 1)
            else:
                add_levels_by_odds(row, words, odds[father_row[i]], ratio[2], 1)
