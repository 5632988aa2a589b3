"""Draws of unknown education levels, 64 draws of a person at a time (I-1, I-5).

The uniform of a draw has 32 bits. Its upper half decides almost always which level is drawn: unless
it equals that of a threshold, 7 times in 65,536, the lower half is not even made. So one word of
the generator serves two draws, and a register of the processor holds twice as many.

Draw d has one half of output word ``d % 4`` of counter ``d // 8``, the lower one where ``d // 4``
is even: the upper half of its uniform. The lower half of its uniform is found likewise, `LOWER`
counters further.

Draws are made in *blocks* of 64 that begin at a counter. Draw ``4 * q + lane`` of a block stands at
``16 * lane + q``: as they come out of the generator, and in lane order (see `philox.fill_words`)
where the block is the whole pass. Loops over a block have a number of rounds that the compiler
knows; without that they are four times slower.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.kernels.jit import COMPILED, inlined, kernel
from lwoopro.kernels.philox import philox4x32
from lwoopro.kernels.types import Bools, Bytes, Int32s, Int64s, Uint16s, Uint32s, Uint64s

__all__ = [
    "BLOCK",
    "COUNTERS",
    "LEVELS",
    "LOWER",
    "QUADS",
    "SOME",
    "block_columns",
    "blocks_of",
    "draw_levels",
    "fill_halves",
    "place_block",
    "upper_halves",
]

BLOCK: Final = 64 if COMPILED else 8
"""Draws of a block. No bit depends on it: Python's own loops would make most of 64 in vain."""

LEVELS: Final = 8
"""Education levels; a byte holds this many times the mother's level, and the father's."""

SOME: Final = 64
"""Pupils whose words are made before the first is looked at: what was just written is read late."""

_WORDS: Final = BLOCK // 2
COUNTERS: Final = BLOCK // 8
"""Counter values of a block."""
QUADS: Final = BLOCK // 4
"""Draws of one lane of a block."""
LOWER: Final = 1 << 31
"""Counter values from the upper halves to the lower ones."""
_LOW: Final = np.uint64(0xFFFFFFFF)
_SHIFT: Final = np.uint64(32)


def block_columns(asked: tuple[int, int], group: int, columns: int) -> NDArray[np.int64] | None:
    """Say which draw in lane order stands in which column of a pass's blocks.

    Parameters
    ----------
    asked : pair of int
        Of the draws in lane order the first, divided by four, and their number, divided by four.
    group : int
        First draw of the pass, divided by four.
    columns : int
        Draws of the pass. Those that nobody asked for stand for others.

    Returns
    -------
    int64 array, shape ``(64 * blocks,)``, or None
        None where all stay where they are.
    """
    if asked == (group, QUADS) and columns == BLOCK and group % 2 == 0:
        return None
    first, quads = asked
    quad = group - group % 2 + np.arange(QUADS * blocks_of(group, columns)) - first
    lane = quads * np.arange(4)
    column: NDArray[np.int64] = lane[:, None] + quad.clip(0, quads - 1).reshape(-1, 1, QUADS)
    return column.ravel()


def upper_halves(threshold: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Give the upper 16 bits of thresholds on a scale of 32 bits.

    Parameters
    ----------
    threshold : uint32 array, shape ``(rows, 7)``
        Cumulative probabilities in units of 2**-31, rounded up.

    Returns
    -------
    uint16 array, same shape
    """
    # the highest threshold, which no uniform reaches, is 2**16 here: one less is undecided at worst
    halves: NDArray[np.uint32] = np.minimum(threshold >> np.uint32(15), 0xFFFF)
    return halves.astype(np.uint16)


@kernel
def blocks_of(group: int, columns: int) -> int:
    """Count the blocks of a pass; the first begins at the counter of its first draw."""
    return (group % 2 + columns // 4 + QUADS - 1) // QUADS


@kernel
def fill_halves(
    words: Uint32s,
    person: Uint64s,
    word: Uint64s,
    row: Int32s,
    key: Uint64s,
    counter: int,
    vary: bool,
) -> None:
    """Fill the 16-bit halves of a block of draws of some persons.

    Parameters
    ----------
    words : uint32 array, shape ``(persons or more, 32)``
        Output: seen as uint16, a half for every draw of the block.
    person, word : uint64 array, shape ``(persons,)``
    row : int32 array, shape ``(persons,)``
        Negative where nothing is drawn.
    key : uint64 array, shape ``(2,)``
    counter : int
        First draw of the block, divided by eight; `LOWER` more for the lower halves.
    vary : bool
        False: the source is off; every draw gets the half of draw 0 (Q-1).
    """
    k0 = key[0]
    k1 = key[1]
    start = counter if vary else counter & LOWER
    for i in range(row.shape[0]):
        if row[i] < 0:
            continue
        c1 = word[i]
        c2 = person[i] & _LOW
        c3 = person[i] >> _SHIFT
        for g in range(COUNTERS):
            w0, w1, w2, w3 = philox4x32(np.uint64(start + g), c1, c2, c3, k0, k1)
            words[i, g] = np.uint32(w0)
            words[i, COUNTERS + g] = np.uint32(w1)
            words[i, 2 * COUNTERS + g] = np.uint32(w2)
            words[i, 3 * COUNTERS + g] = np.uint32(w3)
        if not vary:
            half = words[i, 0] & np.uint32(0xFFFF)
            for g in range(_WORDS):
                words[i, g] = half << np.uint32(16) | half


@inlined
def _level(
    u: np.uint16,
    t0: np.uint16,
    t1: np.uint16,
    t2: np.uint16,
    t3: np.uint16,
    t4: np.uint16,
    t5: np.uint16,
    t6: np.uint16,
    step: int,
) -> tuple[np.uint8, np.uint16]:
    """Count the thresholds that the uniform reaches: inversion over the ordered levels (I-1).

    The level is found by halving: three comparisons with chosen thresholds instead of seven with
    all. Among these three is every threshold with the same upper half, if there is one: then the
    second number is 1.
    """
    one = np.uint16(1)
    none = np.uint16(0)
    high = u >= t3
    middle = t5 if high else t1
    left = t4 if high else t0
    right = t6 if high else t2
    half = u >= middle
    last = right if half else left
    level = np.uint8((4 * step if high else 0) | (2 * step if half else 0))
    level = np.uint8(level | np.uint8(step if u >= last else 0))
    # 16 bits all the time: the widest number decides how many fit into a register
    equal = np.uint16((one if u == t3 else none) | (one if u == middle else none))
    return level, np.uint16(equal | (one if u == last else none))


@kernel
def _draw_mothers(
    levels: Bytes,
    again: Int64s,
    halves: Uint16s,
    start: Bytes,
    row: Int32s,
    upper: Uint16s,
) -> int:
    """Draw mothers' levels by the upper halves; say how many are undecided, and which."""
    many = 0
    for i in range(row.shape[0]):
        given = start[i]
        r = row[i]
        if r < 0:
            levels[i] = given
            continue
        t0 = upper[r, 0]
        t1 = upper[r, 1]
        t2 = upper[r, 2]
        t3 = upper[r, 3]
        t4 = upper[r, 4]
        t5 = upper[r, 5]
        t6 = upper[r, 6]
        undecided = np.uint16(0)
        for d in range(BLOCK):
            x, equal = _level(halves[i, d], t0, t1, t2, t3, t4, t5, t6, LEVELS)
            levels[i, d] = np.uint8(given | x)
            undecided = np.uint16(undecided | equal)
        if undecided:
            again[many] = i
            many += 1
    return many


@kernel
def _draw_fathers(
    levels: Bytes,
    again: Int64s,
    halves: Uint16s,
    row: Int32s,
    follows: Bools | None,
    upper: Uint16s,
) -> int:
    """Draw fathers' levels by the upper halves; say how many are undecided, and which."""
    many = 0
    for i in range(row.shape[0]):
        r = row[i]
        if r < 0:
            continue
        # without followers nothing is compiled that asks for them
        if follows is not None:
            if follows[i]:
                continue
        t0 = upper[r, 0]
        t1 = upper[r, 1]
        t2 = upper[r, 2]
        t3 = upper[r, 3]
        t4 = upper[r, 4]
        t5 = upper[r, 5]
        t6 = upper[r, 6]
        undecided = np.uint16(0)
        for d in range(BLOCK):
            x, equal = _level(halves[i, d], t0, t1, t2, t3, t4, t5, t6, 1)
            levels[i, d] = np.uint8(levels[i, d] | x)
            undecided = np.uint16(undecided | equal)
        if undecided:
            again[many] = i
            many += 1
    return many


@kernel
def _draw_followers(
    levels: Bytes,
    again: Int64s,
    many: int,
    halves: Uint16s,
    row: Int32s,
    follows: Bools,
    upper: Uint16s,
) -> int:
    """Do the same where the father's thresholds are those of the mother's drawn level.

    The level under every mother's level, and of these the right one: no table look-ups, which
    would cost more.
    """
    for i in range(row.shape[0]):
        if row[i] < 0 or not follows[i]:
            continue
        undecided = np.uint16(0)
        for mother in range(LEVELS):
            r = row[i] + mother
            lowest = np.uint8(LEVELS * mother)
            highest = np.uint8(LEVELS * mother + LEVELS - 1)
            t0 = upper[r, 0]
            t1 = upper[r, 1]
            t2 = upper[r, 2]
            t3 = upper[r, 3]
            t4 = upper[r, 4]
            t5 = upper[r, 5]
            t6 = upper[r, 6]
            for d in range(BLOCK):
                x, equal = _level(halves[i, d], t0, t1, t2, t3, t4, t5, t6, 1)
                both = levels[i, d]
                fits = lowest <= both and both <= highest
                levels[i, d] = np.uint8(both | (x if fits else np.uint8(0)))
                undecided = np.uint16(undecided | equal)
        if undecided:
            again[many] = i
            many += 1
    return many


@kernel
def _count_reached(level: Uint32s, u: Uint32s, exact: Uint32s, r: int) -> None:
    """Count the thresholds that the uniforms reach."""
    for d in range(BLOCK):
        level[d] = 0
    for k in range(exact.shape[1]):
        t = exact[r, k]
        for d in range(BLOCK):
            level[d] += np.uint32(1) if u[d] >= t else np.uint32(0)


@kernel
def _count_follower(
    level: Uint32s, u: Uint32s, exact: Uint32s, r: int, levels: Bytes, i: int
) -> None:
    """Do the same with the thresholds of the mother's drawn level."""
    for d in range(BLOCK):
        level[d] = 0
    for mother in range(LEVELS):
        # only the draws in which the mother has this level
        lowest = LEVELS * mother
        highest = lowest + LEVELS - 1
        for k in range(exact.shape[1]):
            t = exact[r + mother, k]
            for d in range(BLOCK):
                fits = lowest <= levels[i, d] and levels[i, d] <= highest
                level[d] += np.uint32(1) if u[d] >= t and fits else np.uint32(0)


@kernel
def _draw_again(
    levels: Bytes,
    again: Int64s,
    many: int,
    step: int,
    halves: Uint16s,
    person: Uint64s,
    word: Uint64s,
    row: Int32s,
    follows: Bools | None,
    exact: Uint32s,
    key: Uint64s,
    counter: int,
    vary: bool,
) -> None:
    """Draw the undecided levels by all 32 bits."""
    words = np.empty((1, _WORDS), np.uint32)
    lower = words.view(np.uint16)
    u = np.empty(BLOCK, np.uint32)
    level = np.empty(BLOCK, np.uint32)
    for one in range(many):
        i = again[one]
        fill_halves(
            words, person[i : i + 1], word[i : i + 1], row[i : i + 1], key, counter + LOWER, vary
        )
        for d in range(BLOCK):
            u[d] = np.uint32(halves[i, d]) << np.uint32(15) | np.uint32(lower[0, d] >> np.uint16(1))
        if follows is None:
            _count_reached(level, u, exact, row[i])
        elif step == 1 and follows[i]:
            _count_follower(level, u, exact, row[i], levels, i)
        else:
            _count_reached(level, u, exact, row[i])
        for d in range(BLOCK):
            both = np.int64(levels[i, d])
            other = both - (both & step * (LEVELS - 1))
            levels[i, d] = np.uint8(other + step * np.int64(level[d]))


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
    father_follows: Bools | None,
    exact: Uint32s,
    upper: Uint16s,
    key: Uint64s,
    group: int,
    vary: bool,
) -> None:
    """Draw the unknown education levels of some imputed pupils (I-1, I-5).

    Parameters
    ----------
    levels : uint8 array, shape ``(pupils, draws)``
        Output: `LEVELS` times the mother's level plus the father's.
    first, last : int
        The pupils from `first` to just before `last`.
    start : uint8 array, shape ``(pupils,)``
        The levels with the unknown ones at zero.
    mother_person, father_person : uint64 array, shape ``(pupils,)``
        Key of the person (I-5).
    mother_word, father_word : uint64 array, shape ``(pupils,)``
        Counter word c1: source and role.
    mother_row, father_row : int32 array, shape ``(pupils,)``
        Row of the thresholds; negative where the level is known.
    father_follows : bool array, shape ``(pupils,)``, or None
        The father's row is ``father_row`` plus the mother's drawn level (I-1, `model`). None says
        that no father's is: what would be needed is not compiled then.
    exact : uint32 array, shape ``(rows, 7)``
        Cumulative probabilities in units of 2**-31, rounded up.
    upper : uint16 array, shape ``(rows, 7)``
        See `upper_halves`.
    key : uint64 array, shape ``(2,)``
    group : int
        First draw, divided by four.
    vary : bool
        False: the source is off; every draw gets the levels of draw 0 (Q-1).
    """
    columns = levels.shape[1]
    direct = columns == BLOCK and group % 2 == 0
    words = np.empty((SOME, _WORDS), np.uint32)
    halves = words.view(np.uint16)
    found = np.empty((SOME, BLOCK), np.uint8)
    again = np.empty(SOME, np.int64)
    for block in range(blocks_of(group, columns)):
        counter = group // 2 + COUNTERS * block
        for here in range(first, last, SOME):
            some = slice(here, min(here + SOME, last))
            rows = levels[some] if direct else found
            for parent in range(2):
                person = father_person[some] if parent else mother_person[some]
                word = father_word[some] if parent else mother_word[some]
                row = father_row[some] if parent else mother_row[some]
                step = 1 if parent else LEVELS
                fill_halves(words, person, word, row, key, counter, vary)
                if father_follows is None:
                    if parent == 0:
                        many = _draw_mothers(rows, again, halves, start[some], row, upper)
                    else:
                        many = _draw_fathers(rows, again, halves, row, None, upper)
                    if many > 0:
                        _draw_again(
                            rows,
                            again,
                            many,
                            step,
                            halves,
                            person,
                            word,
                            row,
                            None,
                            exact,
                            key,
                            counter,
                            vary,
                        )
                else:
                    follows = father_follows[some]
                    if parent == 0:
                        many = _draw_mothers(rows, again, halves, start[some], row, upper)
                    else:
                        many = _draw_fathers(rows, again, halves, row, follows, upper)
                        many = _draw_followers(rows, again, many, halves, row, follows, upper)
                    if many > 0:
                        _draw_again(
                            rows,
                            again,
                            many,
                            step,
                            halves,
                            person,
                            word,
                            row,
                            follows,
                            exact,
                            key,
                            counter,
                            vary,
                        )
            if not direct:
                place_block(levels, some, found, QUADS * block - group % 2)


@kernel
def place_block(levels: Bytes, some: slice, found: Bytes, before: int) -> None:
    """Put a block's levels in the pass's columns, those that it has."""
    quads = levels.shape[1] // 4
    for i in range(some.start, some.stop):
        for q in range(max(0, -before), min(QUADS, quads - before)):
            for lane in range(4):
                levels[i, lane * quads + before + q] = found[i - some.start, QUADS * lane + q]
