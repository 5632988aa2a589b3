"""Counts and sums per swv and band against the plainest loops (D-5, R-1)."""

import numpy as np
import pytest

from lwoopro.kernels import sums
from lwoopro.kernels.cuts import band_table
from lwoopro.kernels.levels import BLOCK
from lwoopro.kernels.sums import SUM_BITS, add_cells, add_marginals, add_pupils, pieces_of_bands

SWV, PROFILES, BANDS = 3, 16, 4
DRAWS = 2
"""The least that tells a column per draw from one that serves all."""


def packed_scores(numbers: np.random.Generator, columns: int) -> tuple[np.ndarray, np.ndarray]:
    value = numbers.integers(0, 1 << 28, (PROFILES, columns))
    return value, value + (1 << SUM_BITS)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("columns", "kind"), [(1, np.uint32), (BLOCK, np.uint64)])
def test_pupils_are_added_and_taken_off(columns: int, kind: type, sign: int) -> None:
    numbers = np.random.Generator(np.random.Philox(30))
    value = numbers.integers(0, 1 << 28, (PROFILES, columns))
    profile = numbers.integers(0, PROFILES // 2, (40, BLOCK)).astype(np.uint8)
    base = numbers.integers(0, PROFILES // 2, 40).astype(np.uint16)
    band = numbers.integers(0, BANDS, (PROFILES, BLOCK))
    word = ((band << 28) + value).astype(kind)
    index = numbers.choice(40, 25, replace=False)
    unit = np.sort(numbers.integers(0, SWV, 25)).astype(np.int16)
    count = numbers.integers(0, 9, (SWV, BANDS, BLOCK))
    total = numbers.integers(0, 9, (SWV, BANDS, BLOCK))
    expected = count.copy(), total.copy()
    add_pupils(count, total, profile, base, word, 28, index, unit, sign)
    for i, j in zip(index, unit, strict=True):
        for d in range(BLOCK):
            p = int(base[i]) + int(profile[i, d])
            expected[0][j, band[p, d], d] += sign
            expected[1][j, band[p, d], d] += sign * value[p, d % columns]
    np.testing.assert_array_equal(count, expected[0])
    np.testing.assert_array_equal(total, expected[1])


def test_more_pupils_than_a_packed_word_holds() -> None:
    """Without a flush their scores would run over into their number."""
    many = 2 * sums.FLUSH + 7
    highest = (1 << 28) - 1
    count, total = np.zeros((2, 1, 1, BLOCK), np.int64)
    add_pupils(
        count,
        total,
        np.zeros((1, BLOCK), np.uint16),
        np.zeros(1, np.uint16),
        np.full((1, BLOCK), highest, np.uint32),
        28,
        np.zeros(many, np.int64),
        np.zeros(many, np.int16),
        1,
    )
    assert (count == many).all() and (total == many * highest).all()
    # the largest run that is not flushed fits: number above, scores below
    assert sums.FLUSH * highest < 1 << SUM_BITS
    assert sums.FLUSH < 1 << (63 - SUM_BITS)


@pytest.mark.parametrize("columns", [1, DRAWS])
def test_many_pupils_of_a_profile_at_once(columns: int) -> None:
    numbers = np.random.Generator(np.random.Philox(31))
    value, packed = packed_scores(numbers, columns)
    band = numbers.integers(0, BANDS, (PROFILES, DRAWS)).astype(np.uint8)
    profile = numbers.integers(0, PROFILES, 20)
    unit = numbers.integers(0, SWV, 20)
    pupils = numbers.integers(-4, 9, 20)
    count = np.ones((SWV, BANDS, DRAWS), np.int64)
    total = np.ones((SWV, BANDS, DRAWS), np.int64)
    expected = count.copy(), total.copy()
    add_cells(count, total, profile, unit, pupils, band, packed)
    for p, j, many in zip(profile, unit, pupils, strict=True):
        for d in range(DRAWS):
            expected[0][j, band[p, d], d] += many
            expected[1][j, band[p, d], d] += many * value[p, d % columns]
    np.testing.assert_array_equal(count, expected[0])
    np.testing.assert_array_equal(total, expected[1])


@pytest.mark.parametrize("alike", [False, True])
def test_below_and_at_a_cut(alike: bool) -> None:
    """Bands of the imputed and running sums of the known, against one pupil after another."""
    numbers = np.random.Generator(np.random.Philox(32))
    ranks, shares = 10, 3
    score = np.sort(numbers.choice(1000, ranks, replace=False))
    cut = np.sort(numbers.integers(0, ranks, (shares, DRAWS)), axis=0).astype(np.int32)
    if alike:
        cut[1] = cut[0]  # two shares with one cut
    known = numbers.integers(0, 4, (SWV, ranks))
    imputed = numbers.integers(0, 4, (SWV, ranks, DRAWS))
    band = np.empty((ranks, DRAWS), np.uint8)
    band_table(np.arange(ranks, dtype=np.int32)[:, None], cut, band)
    count, total = np.zeros((2, SWV, 2 * shares + 1, DRAWS), np.int64)
    for j in range(SWV):
        for k in range(ranks):
            for d in range(DRAWS):
                count[j, band[k, d], d] += imputed[j, k, d]
                total[j, band[k, d], d] += imputed[j, k, d] * score[k]
    nobody = np.zeros((SWV, 1), np.int64)
    fixed_count = np.hstack([nobody, known.cumsum(axis=1)])
    fixed_total = np.hstack([nobody, (known * score).cumsum(axis=1)])
    below, at, below_total = (np.full((shares, SWV, DRAWS), -1) for _ in range(3))
    pieces_of_bands(count, total, fixed_count, fixed_total, cut, below, at, below_total)
    everyone = known[:, :, None] + imputed
    for s in range(shares):
        for j in range(SWV):
            for d in range(DRAWS):
                here = cut[s, d]
                lower = everyone[j, :here, d]
                assert below[s, j, d] == lower.sum()
                assert below_total[s, j, d] == (lower * score[:here]).sum()
                assert at[s, j, d] == everyone[j, here, d]


@pytest.mark.parametrize("columns", [1, DRAWS])
def test_categories_below_at_and_in_all(columns: int) -> None:
    numbers = np.random.Generator(np.random.Philox(33))
    categories, shares = 6, 2
    histogram = numbers.integers(0, 3, (PROFILES, DRAWS)).astype(np.int32)
    fixed = numbers.integers(0, 3, PROFILES)
    histogram[:3] = fixed[:2] = fixed[4] = 0
    histogram[4] = [0, 5]
    rank = numbers.integers(0, 5, (PROFILES, columns)).astype(np.int32)
    cut = np.sort(numbers.integers(0, 5, (shares, DRAWS)), axis=0).astype(np.int32)
    # one characteristic has the first three categories, another the rest
    digit = np.stack(
        [numbers.integers(0, 3, PROFILES), numbers.integers(3, 6, PROFILES)], axis=1
    ).astype(np.int16)
    below, at = np.ones((2, shares, categories, DRAWS), np.int64)
    everyone = np.ones((categories, DRAWS), np.int64)
    expected = below.copy(), at.copy(), everyone.copy()
    add_marginals(below, at, everyone, histogram, fixed, rank, cut, digit)
    for p in range(PROFILES):
        for d in range(DRAWS):
            many = fixed[p] + histogram[p, d]
            for c in digit[p]:
                expected[2][c, d] += many
                for s in range(shares):
                    expected[0][s, c, d] += many * (rank[p, d % columns] < cut[s, d])
                    expected[1][s, c, d] += many * (rank[p, d % columns] == cut[s, d])
    for found, right in zip((below, at, everyone), expected, strict=True):
        np.testing.assert_array_equal(found, right)
