"""A drawn population against persons who are thrown one by one (Q-1)."""

import numpy as np
import pytest

from lwoopro.kernels.philox import fill_words, seed_key, source_word
from lwoopro.kernels.resample import (
    add_heads,
    add_weighted,
    find_drawn_cuts,
    throw_slots,
    weigh_profiles,
)
from lwoopro.kernels.sums import SUM_BITS

SWV, PROFILES, PUPILS, PERSONS, DRAWS = 3, 12, 40, 15, 8


def drawn(numbers: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Weights of persons, zeros among them, and whose each pupil is."""
    weight = numbers.integers(0, 4, (PERSONS, DRAWS)).astype(np.uint16)
    return weight, numbers.integers(0, PERSONS, PUPILS).astype(np.int32)


def test_slots_are_thrown_within_a_stratum() -> None:
    key, word = seed_key(3), np.uint64(source_word(6, 0))
    sizes = [1, 9, 5]
    start = np.repeat([0, 1, 10], sizes)
    length = np.repeat(sizes, sizes)
    person = np.arange(100, 100 + PERSONS).astype(np.uint64)
    weight = np.full((PERSONS, DRAWS), 77, np.uint16)
    throw_slots(weight, person, start, length, word, key, 2)
    expected = np.zeros_like(weight)
    for i in range(PERSONS):
        words = np.empty(DRAWS, np.uint32)
        fill_words(words, key, 2, word, person[i], True)
        for d in range(DRAWS):
            expected[start[i] + int(words[d]) * int(length[i]) // 2**32, d] += 1
    np.testing.assert_array_equal(weight, expected)
    assert (weight[0] == 1).all()  # alone in his stratum
    assert (weight[1:10].sum(axis=0) == 9).all() and (weight[10:].sum(axis=0) == 5).all()


@pytest.mark.parametrize("columns", [1, DRAWS])
def test_profiles_by_weight(columns: int) -> None:
    numbers = np.random.Generator(np.random.Philox(50))
    weight, person = drawn(numbers)
    profile = numbers.integers(0, PROFILES, (PUPILS, columns)).astype(np.uint16)
    histogram = np.ones((PROFILES, DRAWS), np.int32)
    expected = histogram.copy()
    weigh_profiles(histogram, profile, weight, person)
    for i in range(PUPILS):
        for d in range(DRAWS):
            expected[profile[i, d % columns], d] += weight[person[i], d]
    np.testing.assert_array_equal(histogram, expected)


def test_heads_by_weight() -> None:
    numbers = np.random.Generator(np.random.Philox(51))
    weight, person = drawn(numbers)
    unit = numbers.integers(0, SWV, PUPILS).astype(np.int16)
    count = np.ones((SWV, DRAWS), np.int64)
    expected = count.copy()
    add_heads(count, weight, person, unit)
    for i in range(PUPILS):
        expected[unit[i]] += weight[person[i]]
    np.testing.assert_array_equal(count, expected)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("flush", [1, 3, 1000])
@pytest.mark.parametrize("wide", [1, DRAWS])
@pytest.mark.parametrize("own", [1, DRAWS])
def test_scores_by_weight(own: int, wide: int, flush: int, sign: int) -> None:
    """However often the packed words are emptied."""
    numbers = np.random.Generator(np.random.Philox(52))
    weight, person = drawn(numbers)
    profile = numbers.integers(0, PROFILES, (PUPILS, wide)).astype(np.uint16)
    value = numbers.integers(0, 1 << 28, (PROFILES, own))
    band = numbers.integers(0, 4, (PROFILES, DRAWS)).astype(np.uint8)
    index = numbers.choice(PUPILS, 25, replace=False)
    unit = np.sort(numbers.integers(0, SWV, 25)).astype(np.int16)
    count, total = np.ones((2, SWV, 4, DRAWS), np.int64)
    expected = count.copy(), total.copy()
    packed = value + (1 << SUM_BITS)
    add_weighted(count, total, profile, band, packed, weight, person, index, unit, sign, flush)
    for i, j in zip(index, unit, strict=True):
        for d in range(DRAWS):
            p = profile[i, d % wide]
            heads = int(weight[person[i], d])
            expected[0][j, band[p, d], d] += sign * heads
            expected[1][j, band[p, d], d] += sign * heads * value[p, d % own]
    np.testing.assert_array_equal(count, expected[0])
    np.testing.assert_array_equal(total, expected[1])


@pytest.mark.parametrize("columns", [1, DRAWS])
def test_cuts_where_every_draw_has_its_own_number(columns: int) -> None:
    numbers = np.random.Generator(np.random.Philox(53))
    for _ in range(10):
        score = numbers.integers(0, 7, (PROFILES, columns))
        order = np.argsort(score, axis=0, kind="stable")
        rank = np.stack(
            [np.searchsorted(np.unique(column), column) for column in score.T], axis=1
        ).astype(np.int32)
        histogram = numbers.integers(0, 4, (PROFILES, DRAWS)).astype(np.int32)
        histogram[0] += 1
        everyone = histogram.sum(axis=0)
        need = np.stack([np.ones_like(everyone), (everyone + 1) // 2, everyone])
        cut_rank = np.full((3, DRAWS), -9, np.int32)
        cut_profile = np.full((3, DRAWS), -9)
        find_drawn_cuts(histogram, order, rank, need, cut_rank, cut_profile)
        for d in range(DRAWS):
            e = d % columns
            pupils = np.sort(np.repeat(score[:, e], histogram[:, d]))
            for s in range(3):
                cut = pupils[need[s, d] - 1]
                assert score[cut_profile[s, d], e] == cut
                assert cut_rank[s, d] == rank[cut_profile[s, d], e]
