"""Draws of education levels where the model's parameters are drawn, too (I-1, `model`).

Thresholds of every pattern, level and draw would not stay in the processor's cache. The kernels
here compare with a product instead: the odds of the pupil's pattern times the ratio of the level,
each its own in every draw. They give the level that those thresholds give: see the imputation
room's `LevelOdds.thresholds`, which works them out by the same arithmetic.
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.levels import (
    BLOCK,
    COUNTERS,
    LEVELS,
    QUADS,
    blocks_of,
    fill_uniforms,
    place_block,
)
from lwoopro.kernels.types import Bools, Bytes, Floats, Int32s, Int64s, Uint32s, Uint64s

__all__ = ["add_levels_by_odds", "draw_levels_by_odds"]

_TOP = 2.0**31
_CUTS = 7


@kernel
def add_levels_by_odds(
    levels: Bytes, uniform: Uint32s, odds: Floats, ratio: Floats, step: int
) -> None:
    """Draw an education level in every draw: the number of thresholds that its uniform reaches.

    Parameters
    ----------
    levels : uint8 array, shape ``(draws,)``
        `step` times the level is added.
    uniform : uint32 array, shape ``(draws,)``
        Of 31 bits.
    odds : float64 array, shape ``(draws,)``
        Of the pupil's pattern.
    ratio : float64 array, shape ``(7, draws)``
        Of the levels: NaN where every uniform reaches the threshold, 0 where none does.
    step : int
    """
    for d in range(levels.shape[0]):
        u = np.float64(np.int64(uniform[d]))
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
    key: Uint64s,
    group: int,
    vary: bool,
) -> None:
    """Draw the unknown education levels of some imputed pupils (I-1, I-5).

    Parameters
    ----------
    levels, first, last, start, …, father_follows, key, group, vary
        See `levels.draw_levels`; rows are those of the thresholds.
    begin : int64 array, shape ``(4,)``
        Where rows begin: the mother's; hers given the father's level; his given hers; and his given
        her drawn level, eight rows for one row of `odds`.
    odds : float64 array, shape ``(rows, 64 * blocks)``
    ratio : float64 array, shape ``(3, 7, 64 * blocks)``
    given : float64 array, shape ``(8, 64 * blocks)``
        What each level of the mother multiplies the odds by.
    """
    columns = levels.shape[1]
    direct = columns == BLOCK and group % 2 == 0
    words = np.empty((2, BLOCK // 2), np.uint32)
    u = np.empty(BLOCK, np.uint32)
    own = np.empty(BLOCK, np.float64)
    found = np.empty((1, BLOCK), np.uint8)
    for block in range(blocks_of(group, columns)):
        counter = group // 2 + COUNTERS * block
        here = slice(BLOCK * block, BLOCK * (block + 1))
        for i in range(first, last):
            one = slice(i, i + 1)
            row = levels[i] if direct else found[0]
            row[:] = start[i]
            r = mother_row[i]
            if r >= 0:
                fill_uniforms(
                    u,
                    words,
                    mother_person[one],
                    mother_word[one],
                    mother_row[one],
                    key,
                    counter,
                    vary,
                )
                equation = 0 if r < begin[1] else 1
                add_levels_by_odds(row, u, odds[r, here], ratio[equation, :, here], LEVELS)
            r = father_row[i]
            if r >= 0:
                fill_uniforms(
                    u,
                    words,
                    father_person[one],
                    father_word[one],
                    father_row[one],
                    key,
                    counter,
                    vary,
                )
                if father_follows[i]:
                    pattern = odds[begin[3] + (r - begin[3]) // given.shape[0], here]
                    for d in range(BLOCK):
                        own[d] = pattern[d]
                    # the factor of the mother's level, without look-ups, which would cost more
                    for mother in range(given.shape[0]):
                        level = np.uint8(LEVELS * mother)
                        factor = given[mother, here]
                        for d in range(BLOCK):
                            if row[d] == level:
                                own[d] = pattern[d] * factor[d]
                    add_levels_by_odds(row, u, own, ratio[2, :, here], 1)
                else:
                    add_levels_by_odds(row, u, odds[r, here], ratio[2, :, here], 1)
            if not direct:
                place_block(levels, one, found, QUADS * block - group % 2)
