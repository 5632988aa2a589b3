"""Draws by odds against plain loops over the thresholds that the odds stand for (I-1)."""

from collections.abc import Callable

import numpy as np
import pytest
from tests import reference

from lwoopro.imputation.odds import ALWAYS, NEVER, LevelOdds, thresholds_of_odds
from lwoopro.kernels.odds import add_levels_by_odds, draw_levels_by_odds
from lwoopro.kernels.philox import EDUCATION, seed_key, source_word
from lwoopro.simulation.chances import lay_out

COLUMNS = 20
SEED = 5
KEY = seed_key(SEED)
GROUP = 7


def ratios(numbers: np.random.Generator) -> np.ndarray:
    """Falling along the levels; some levels that nobody has, at either end and between."""
    ratio = np.exp(-np.sort(numbers.normal(0, 2, (7, COLUMNS)), axis=0))
    ratio[3, ::3] = ratio[2, ::3]
    ratio[:2, 1::4] = ALWAYS
    ratio[5:, 2::4] = NEVER
    return ratio


def reached(uniform: int, threshold: np.ndarray) -> int:
    return sum(uniform >= int(t) for t in threshold)


def plain(kernel: Callable[..., None]) -> Callable[..., None]:
    """Return the kernel's function as written, for the same bits with the jit off (house rule)."""
    return getattr(kernel, "py_func", kernel)


@pytest.mark.parametrize("draw", [add_levels_by_odds, plain(add_levels_by_odds)])
@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_a_level_is_the_number_of_thresholds_reached(draw: Callable[..., None], shift: int) -> None:
    numbers = np.random.default_rng(1)
    for _ in range(100):
        ratio, odds = ratios(numbers), np.exp(numbers.normal(0, 2, COLUMNS))
        threshold = thresholds_of_odds(odds, ratio).astype(np.int64)
        uniforms = numbers.integers(0, 2**31, COLUMNS, dtype=np.uint32)
        # on a threshold, and one beside it
        some = threshold[numbers.integers(0, 7, COLUMNS), np.arange(COLUMNS)] + shift
        uniforms[5:] = np.clip(some, 0, 2**31 - 1)[5:]
        uniforms[:2] = 0, 2**31 - 1
        found = np.full(COLUMNS, 3, np.uint8)
        draw(found, uniforms, odds, ratio, 8)
        expected = [3 + 8 * reached(int(w), threshold[:, d]) for d, w in enumerate(uniforms)]
        assert found.tolist() == expected


def test_a_uniform_exactly_at_the_odds_reaches_the_threshold() -> None:
    uniforms = np.array([2**30 - 1, 2**30, 2**30 + 1], np.uint32)
    found = np.zeros(3, np.uint8)
    add_levels_by_odds(found, uniforms, np.ones(3), np.ones((7, 3)), 1)
    assert found.tolist() == [0, 7, 7]


@pytest.mark.parametrize("draw", [draw_levels_by_odds, plain(draw_levels_by_odds)])
@pytest.mark.parametrize("vary", [True, False])
def test_pupils_are_drawn_as_by_the_thresholds(draw: Callable[..., None], vary: bool) -> None:
    numbers = np.random.default_rng(2)
    first = np.array([0, 5, 12, 20])
    blocks, many = 4, 60
    chances = LevelOdds(
        first=first,
        odds=np.exp(numbers.normal(0, 1, (20 + blocks, COLUMNS))),
        ratio=np.stack([ratios(numbers) for _ in range(3)]),
        given=np.exp(numbers.normal(0, 1, (8, COLUMNS))),
    )
    threshold = chances.thresholds()
    assert threshold.shape == (COLUMNS, 20 + 8 * blocks, 7)
    kind = numbers.integers(0, 4, many)  # mother, father, both, neither
    mother_row = np.where(kind == 2, numbers.integers(0, 5, many), numbers.integers(5, 12, many))
    mother_row[(kind == 1) | (kind == 3)] = -1
    block = 20 + 8 * numbers.integers(0, blocks, many)
    father_row = np.where(kind == 2, block, numbers.integers(12, 20, many))
    father_row[(kind == 0) | (kind == 3)] = -1
    start = np.where(mother_row < 0, 8 * numbers.integers(0, 8, many), 0)
    start += np.where(father_row < 0, numbers.integers(0, 8, many), 0)
    person = numbers.integers(0, 2**60, (2, many)).astype(np.uint64)
    word = np.full((2, many), source_word(EDUCATION, 1))
    levels = np.full((many, COLUMNS), 99, np.uint8)
    laid = lay_out(chances, (GROUP, COLUMNS // 4), GROUP, COLUMNS)
    assert isinstance(laid, LevelOdds)
    draw(
        levels,
        3,
        many - 2,
        start.astype(np.uint8),
        person[0],
        word[0],
        mother_row.astype(np.int32),
        person[1],
        word[1],
        father_row.astype(np.int32),
        kind == 2,
        laid.first,
        laid.odds,
        laid.ratio,
        laid.given,
        KEY,
        GROUP,
        vary,
    )
    quads = COLUMNS // 4
    for i in range(3, many - 2):
        for d in range(COLUMNS):
            lane, q = divmod(d, quads)
            number = 4 * (GROUP + q) + lane if vary else 0
            uniform = [
                reference.keyed_halves(SEED, EDUCATION, 1, int(person[side, i]), number) >> 1
                for side in range(2)
            ]
            mother, father = divmod(int(start[i]), 8)
            if mother_row[i] >= 0:
                mother = reached(uniform[0], threshold[d, mother_row[i]])
            if father_row[i] >= 0:
                row = father_row[i] + (mother if kind[i] == 2 else 0)
                father = reached(uniform[1], threshold[d, row])
            assert levels[i, d] == 8 * mother + father
    assert (levels[:3] == 99).all()
    assert (levels[-2:] == 99).all()
