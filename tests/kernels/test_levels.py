"""Levels by halves of words against the plainest loops (I-1, I-5)."""

import numpy as np
import pytest
from tests import reference

from lwoopro.indicator.lattice import MOTHER_STEP
from lwoopro.kernels.levels import BLOCK, LEVELS, block_columns, draw_levels, upper_halves
from lwoopro.kernels.philox import EDUCATION, seed_key, source_word

SEED = 99
SUB = 1


def random_thresholds(numbers: np.random.Generator, rows: int) -> np.ndarray:
    """Rising, with chances of zero and one among them."""
    found = numbers.integers(0, 2**31 + 1, (rows, 7))
    found[:, :2] = np.where(numbers.random((rows, 2)) < 0.3, 0, found[:, :2])
    found[:, 5:] = np.where(numbers.random((rows, 2)) < 0.3, 2**31, found[:, 5:])
    return np.sort(found, axis=1).astype(np.uint32)


def uniform(person: int, draw: int) -> int:
    """31 bits of one person and draw (Q-2)."""
    return reference.keyed_halves(SEED, EDUCATION, SUB, person, draw) >> 1


def level(number: int, threshold: np.ndarray) -> int:
    """Number of thresholds that the uniform reaches (I-1)."""
    return sum(number >= int(t) for t in threshold)


class Pupils:
    """Some pupils, each with one or two parents to draw."""

    def __init__(self, many: int, rows: int, seed: int) -> None:
        numbers = np.random.Generator(np.random.Philox(seed))
        self.person = numbers.integers(0, 2**63, (2, many)).astype(np.uint64)
        who = numbers.integers(0, 3, many)
        pick = numbers.integers(0, rows - 8, (2, many)).astype(np.int32)
        self.mother_row = np.where(who != 1, pick[0], -1).astype(np.int32)
        self.father_row = np.where(who != 0, pick[1], -1).astype(np.int32)
        self.follows = (who == 2) & (numbers.random(many) < 0.4)
        known = numbers.integers(0, 8, (2, many))
        self.start = (
            np.where(self.mother_row < 0, 8 * known[0], 0)
            + np.where(self.father_row < 0, known[1], 0)
        ).astype(np.uint8)

    @property
    def asked(self) -> tuple:
        word = np.full(len(self.start), source_word(EDUCATION, SUB))
        return (
            self.start,
            self.person[0],
            word,
            self.mother_row,
            self.person[1],
            word,
            self.father_row,
            self.follows,
        )

    def expected(self, i: int, draw: int, threshold: np.ndarray) -> int:
        """Levels of a pupil, given the thresholds ``(rows, 7)`` of the draw."""
        mother, father = divmod(int(self.start[i]), 8)
        if self.mother_row[i] >= 0:
            mother = level(uniform(int(self.person[0, i]), draw), threshold[self.mother_row[i]])
        if self.father_row[i] >= 0:
            row = self.father_row[i] + (mother if self.follows[i] else 0)
            father = level(uniform(int(self.person[1, i]), draw), threshold[row])
        return 8 * mother + father


def drawn(pupils: Pupils, threshold: np.ndarray, draws: range, vary: bool = True) -> np.ndarray:
    """Levels by the kernel, in draw order."""
    upper = upper_halves(threshold)
    levels = np.full((len(pupils.start), len(draws)), 200, np.uint8)
    key = seed_key(SEED)
    draw_levels(
        levels, 0, len(levels), *pupils.asked, threshold, upper, key, draws.start // 4, vary
    )
    return levels[:, lanes(draws)]


def lanes(draws: range) -> np.ndarray:
    return np.arange(len(draws)).reshape(4, -1).T.ravel()


def test_levels_are_as_many_as_the_lattice_has() -> None:
    assert LEVELS == MOTHER_STEP


@pytest.mark.parametrize(
    "draws",
    [range(BLOCK), range(8, 16), range(4, 16), range(4, 4 + BLOCK), range(64, 72 + 2 * BLOCK)],
)
def test_a_level_is_the_number_of_thresholds_reached(draws: range) -> None:
    """Whatever draws stand together: a whole block, less than one, or parts of several."""
    pupils = Pupils(150, 30, 1)
    table = random_thresholds(np.random.Generator(np.random.Philox(2)), 30)
    found = drawn(pupils, table, draws)
    for i in range(0, 150, 7 if len(draws) > 16 else 1):
        for k, draw in enumerate(draws):
            assert found[i, k] == pupils.expected(i, draw, table)


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_all_32_bits_decide_where_16_do_not(more: int) -> None:
    """Every threshold stands at a uniform of some pupil and draw, or one beside it."""
    draws = range(BLOCK)
    pupils = Pupils(40, 48, 3)
    pupils.mother_row[:] = np.arange(40)
    table = np.empty((48, 7), np.int64)
    for row in range(48):
        person = int(pupils.person[0, row % 40])
        near = [uniform(person, (5 * row + k) % BLOCK) for k in range(7)]
        table[row] = np.sort(near) + more
    table = np.clip(table, 0, 2**31).astype(np.uint32)
    found = drawn(pupils, table, draws)
    decided = set()
    for i in range(40):
        mother = int(pupils.person[0, i])
        for k, draw in enumerate(draws):
            assert found[i, k] == pupils.expected(i, draw, table)
            decided.update(uniform(mother, draw) - int(t) for t in table[i])
    assert -more in decided


def test_a_source_that_is_off_has_draw_0_in_every_draw() -> None:
    pupils = Pupils(60, 30, 4)
    table = random_thresholds(np.random.Generator(np.random.Philox(5)), 30)
    # one row that no upper half decides
    table[3] = uniform(int(pupils.person[0, 0]), 0)
    pupils.mother_row[0] = 3
    found = drawn(pupils, table, range(68, 80), vary=False)
    for i in range(60):
        assert set(found[i].tolist()) == {pupils.expected(i, 0, table)}


@pytest.mark.parametrize("vary", [True, False])
def test_nobody_follows_where_nobody_is_said_to(vary: bool) -> None:
    """What is compiled without followers gives what the whole kernel gives, undecided draws too."""
    pupils = Pupils(150, 30, 8)
    pupils.follows[:] = False
    table = random_thresholds(np.random.Generator(np.random.Philox(9)), 30)
    for row in range(0, 30, 2):
        table[row] = uniform(int(pupils.person[1, row]), row)
        pupils.father_row[row] = row
    found = drawn(pupils, table, range(BLOCK), vary)
    assert (pupils.father_row >= 0).any() and (pupils.mother_row >= 0).any()
    levels = np.full((150, BLOCK), 200, np.uint8)
    asked = (*pupils.asked[:-1], None)
    draw_levels(levels, 0, 150, *asked, table, upper_halves(table), seed_key(SEED), 0, vary)
    np.testing.assert_array_equal(levels[:, lanes(range(BLOCK))], found)


def test_some_pupils_alone_are_drawn_as_among_all() -> None:
    pupils = Pupils(200, 30, 6)
    table = random_thresholds(np.random.Generator(np.random.Philox(7)), 30)
    upper = upper_halves(table)
    levels = np.full((2, 200, BLOCK), 200, np.uint8)
    for out, (first, last) in zip(levels, ((0, 200), (70, 171)), strict=True):
        draw_levels(out, first, last, *pupils.asked, table, upper, seed_key(SEED), 0, True)
    np.testing.assert_array_equal(levels[1, 70:171], levels[0, 70:171])
    assert (levels[1, :70] == 200).all() and (levels[1, 171:] == 200).all()


def test_columns_of_another_pass_are_those_of_the_same_draws() -> None:
    """What is of the draws 4 … 27 serves the block that begins at draw 0."""
    lane_order = (4 * np.arange(1, 7)[None, :] + np.arange(4)[:, None]).ravel()
    column = block_columns((1, 6), 0, BLOCK)
    assert column is not None
    draw = (4 * np.arange(BLOCK // 4)[None, :] + np.arange(4)[:, None]).ravel()
    asked = (draw >= 4) & (draw < 28)
    assert (lane_order[column][asked] == draw[asked]).all()
    assert asked.sum() == min(BLOCK, 28) - 4


def test_a_whole_block_stays_where_it_is() -> None:
    assert block_columns((0, BLOCK // 4), 0, BLOCK) is None
