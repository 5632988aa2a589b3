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
    LOWER,
    QUADS,
    SOME,
    blocks_of,
    fill_halves,
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
    odds : float64 array, shape ``(blocks, rows, 64)``
    ratio : float64 array, shape ``(blocks, 3, 7, 64)``
    given : float64 array, shape ``(blocks, 8, 64)``
        What each level of the mother multiplies the odds by.
    """
    columns = levels.shape[1]
    direct = columns == BLOCK and group % 2 == 0
    words = np.empty((2, SOME, BLOCK // 2), np.uint32)
    halves = words.view(np.uint16)
    u = np.empty(BLOCK, np.uint32)
    own = np.empty(BLOCK, np.float64)
    found = np.empty((SOME, BLOCK), np.uint8)
    for block in range(blocks_of(group, columns)):
        counter = group // 2 + COUNTERS * block
        pattern = odds[block]
        ratios = ratio[block]
        factor = given[block]
        for here in range(first, last, SOME):
            some = slice(here, min(here + SOME, last))
            rows = levels[some] if direct else found
            for parent in range(2):
                person = father_person[some] if parent else mother_person[some]
                word = father_word[some] if parent else mother_word[some]
                row = father_row[some] if parent else mother_row[some]
                fill_halves(words[0], person, word, row, key, counter, vary)
                fill_halves(words[1], person, word, row, key, counter + LOWER, vary)
                for i in range(row.shape[0]):
                    if parent == 0:
                        for d in range(BLOCK):
                            rows[i, d] = start[here + i]
                    r = row[i]
                    if r < 0:
                        continue
                    for d in range(BLOCK):
                        high = np.uint32(halves[0, i, d])
                        u[d] = high << np.uint32(15) | np.uint32(halves[1, i, d] >> np.uint16(1))
                    if parent == 0:
                        equation = 0 if r < begin[1] else 1
                        add_levels_by_odds(rows[i], u, pattern[r], ratios[equation], LEVELS)
                    elif father_follows[here + i]:
                        r = begin[3] + (r - begin[3]) // factor.shape[0]
                        for d in range(BLOCK):
                            own[d] = pattern[r, d]
                        # the factor of the mother's level, without look-ups, which would cost more
                        for mother in range(factor.shape[0]):
                            level = np.uint8(LEVELS * mother)
                            for d in range(BLOCK):
                                if rows[i, d] == level:
                                    own[d] = pattern[r, d] * factor[mother, d]
                        add_levels_by_odds(rows[i], u, own, ratios[2], 1)
                    else:
                        add_levels_by_odds(rows[i], u, pattern[r], ratios[2], 1)
            if not direct:
                place_block(levels, some, found, QUADS * block - group % 2)
