"""Pupils as counts per swv and profile, against one pupil after another (I-2, U-2, D-5, R-10)."""

import numpy as np
import pytest

from lwoopro.kernels.partition import add_moves, band_cells, choose_places, factor_cells
from lwoopro.kernels.philox import fill_words, seed_key, source_word
from lwoopro.kernels.sums import SUM_BITS

SWV, PROFILES, DRAWS = 3, 10, 8


def cells_of(numbers: np.random.Generator) -> np.ndarray:
    """Counts with empty rows among them; below zero they take pupils off."""
    cells = numbers.integers(-2, 4, (SWV, PROFILES, DRAWS)).astype(np.int32)
    cells[:, :3] = 0
    return cells


@pytest.mark.parametrize("sign", [1, -1])
def test_border_pupils_move(sign: int) -> None:
    numbers = np.random.Generator(np.random.Philox(40))
    profile = numbers.integers(0, PROFILES, (20, DRAWS)).astype(np.uint16)
    index = numbers.choice(20, 12, replace=False)
    unit = numbers.integers(0, SWV, 12).astype(np.int16)
    cells = cells_of(numbers)
    expected = cells.copy()
    add_moves(cells, profile, index, unit, sign)
    for i, j in zip(index, unit, strict=True):
        for d in range(DRAWS):
            expected[j, profile[i, d], d] += sign
    np.testing.assert_array_equal(cells, expected)


@pytest.mark.parametrize("columns", [1, DRAWS])
def test_counted_pupils_in_bands(columns: int) -> None:
    numbers = np.random.Generator(np.random.Philox(41))
    cells = cells_of(numbers)
    band = numbers.integers(0, 4, (PROFILES, DRAWS)).astype(np.uint8)
    value = numbers.integers(0, 1 << 28, (PROFILES, columns))
    count, total = np.ones((2, SWV, 4, DRAWS), np.int64)
    expected = count.copy(), total.copy()
    band_cells(count, total, cells, band, value + (1 << SUM_BITS))
    for j, p, d in np.ndindex(cells.shape):
        expected[0][j, band[p, d], d] += cells[j, p, d]
        expected[1][j, band[p, d], d] += int(cells[j, p, d]) * value[p, d % columns]
    np.testing.assert_array_equal(count, expected[0])
    np.testing.assert_array_equal(total, expected[1])


def test_values_below_and_on_a_cut() -> None:
    numbers = np.random.Generator(np.random.Philox(42))
    cells = cells_of(numbers)
    value = numbers.integers(0, 1000, (PROFILES, 2))
    rank = numbers.integers(0, 6, PROFILES).astype(np.int32)
    cut = np.array([0, 1, 2, 3, 4, 5, 2, 3], np.int32)
    below, at = np.ones((2, 3, SWV, DRAWS), np.int64)
    expected = below.copy(), at.copy()
    factor_cells(below, at, cells, value, rank, cut)
    for j, p, d in np.ndindex(cells.shape):
        side = [expected[0], expected[1], None][int(rank[p] >= cut[d]) + int(rank[p] > cut[d])]
        if side is not None:
            side[:, j, d] += int(cells[j, p, d]) * np.array([1, *value[p]])
    np.testing.assert_array_equal(below, expected[0])
    np.testing.assert_array_equal(at, expected[1])


@pytest.mark.parametrize("vary", [True, False])
def test_a_donors_place_is_his_part_of_the_uniform(vary: bool) -> None:
    key = seed_key(7)
    person = np.array([5, 2**63, 9], np.uint64)
    word = np.array([source_word(2, 2019), source_word(2, 2020), source_word(2, 2020)], np.uint64)
    length = np.array([1, 3, 2**31])
    place = np.full((3, DRAWS), 99, np.uint32)
    choose_places(place, person, word, length, key, 3, vary)
    for i in range(3):
        words = np.empty(DRAWS, np.uint32)
        fill_words(words, key, 3, word[i], person[i], vary)
        assert place[i].tolist() == [int(w) * int(length[i]) // 2**32 for w in words]
