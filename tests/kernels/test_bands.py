"""Draws and counts by band against the plainest loops (I-1, I-2, D-5, R-1)."""

import numpy as np
import pytest

from lwoopro.kernels.bands import (
    LONGEST_RUN,
    add_given,
    add_rows,
    at_cuts,
    count_categories,
    count_runs,
    find_bands,
    given_words,
)
from lwoopro.kernels.draws import copy_donors
from lwoopro.kernels.levels import BLOCK, draw_levels, upper_halves
from lwoopro.kernels.philox import EDUCATION, fill_words, seed_key, source_word
from lwoopro.kernels.sums import FLUSH, SUM_BITS

COLUMNS = BLOCK
KEY = seed_key(99)


def thresholds(numbers: np.random.Generator, rows: int) -> np.ndarray:
    """Rising, with chances of zero and one among them."""
    found = numbers.integers(0, 2**31 + 1, (rows, 7))
    found[:, :2] = np.where(numbers.random((rows, 2)) < 0.3, 0, found[:, :2])
    found[:, 5:] = np.where(numbers.random((rows, 2)) < 0.3, 2**31, found[:, 5:])
    return np.sort(found, axis=1).astype(np.uint32)


class Pupils:
    """Some pupils in runs, each with one or two parents to draw."""

    def __init__(self, seed: int, vary: bool) -> None:
        numbers = np.random.Generator(np.random.Philox(seed))
        self.kinds, self.swv, self.vary = 3, 4, vary
        size = [(j, k, int(numbers.integers(0, 9))) for j in range(self.swv) for k in range(3)]
        # one run is as long as runs can be, and its draws are all alike: the bytes are full
        size[5] = (*size[5][:2], LONGEST_RUN)
        self.unit = np.repeat([j for j, _, _ in size], [n for *_, n in size]).astype(np.int16)
        kind = np.repeat([k for _, k, _ in size], [n for *_, n in size])
        many = len(kind)
        rows = thresholds(numbers, 40)
        rows[0] = 0
        self.rows = (rows, upper_halves(rows))
        who = numbers.integers(0, 3, many)
        pick = numbers.integers(1, 32, (2, many)).astype(np.int32)
        pick[:, (self.unit == 1) & (kind == 2)] = 0
        self.mother_row = np.where(who != 1, pick[0], -1).astype(np.int32)
        self.father_row = np.where(who != 0, pick[1], -1).astype(np.int32)
        self.follows = (who == 2) & (numbers.random(many) < 0.3) & (pick[1] != 0)
        known = numbers.integers(0, 8, (2, many))
        self.start = (
            np.where(self.mother_row < 0, 8 * known[0], 0)
            + np.where(self.father_row < 0, known[1], 0)
        ).astype(np.uint8)
        self.person = numbers.integers(0, 2**60, (2, many)).astype(np.uint64)
        self.word = np.full((2, many), source_word(EDUCATION, 1))
        runs = [(j, k, n) for j, k, n in size if n]
        self.run = np.cumsum([0, *(n for *_, n in runs)])
        self.run_unit = np.array([j for j, *_ in runs])
        self.run_base = np.array([64 * k for _, k, _ in runs])
        self.base = (64 * kind).astype(np.uint16)

    @property
    def asked(self) -> tuple:
        return (
            self.start,
            self.person[0],
            self.word[0],
            self.mother_row,
            self.person[1],
            self.word[1],
            self.father_row,
            self.follows,
        )

    def expected(self) -> np.ndarray:
        """Levels without the counts, see `test_levels`."""
        found = np.empty((len(self.start), COLUMNS), np.uint8)
        draw_levels(found, 0, len(found), *self.asked, *self.rows, KEY, 4, self.vary)
        return found


@pytest.mark.parametrize(("vary", "bands"), [(True, 5), (False, 5), (True, 1), (True, 0)])
def test_drawn_pupils_are_counted(vary: bool, bands: int) -> None:
    pupils = Pupils(3, vary)
    numbers = np.random.Generator(np.random.Philox(4))
    profiles = 64 * pupils.kinds
    band = numbers.integers(0, max(bands, 1), profiles).astype(np.int16)
    split_band = numbers.integers(0, 3, (1, profiles)).astype(np.int16)
    value = numbers.integers(0, 1 << 20, (3, profiles))
    packed = value + (np.arange(3) == 0)[:, None] * (1 << SUM_BITS)
    histogram = np.ones((profiles, COLUMNS), np.int32)
    sums = np.ones((pupils.swv, bands, COLUMNS), np.int64)
    split_sums = np.ones((1, 4, pupils.swv, 3, COLUMNS), np.int64)
    expected = [histogram.copy(), sums.copy(), split_sums.copy()]
    drawn = pupils.expected()
    count_runs(
        drawn,
        histogram,
        sums,
        split_sums,
        pupils.start,
        pupils.mother_row,
        pupils.father_row,
        pupils.run,
        pupils.run_unit,
        pupils.run_base,
        band,
        split_band,
        packed,
    )
    for i, j in enumerate(pupils.unit):
        for d in range(COLUMNS):
            p = int(pupils.base[i]) + int(drawn[i, d])
            expected[0][p, d] += 1
            if bands:  # without bands nothing is summed there
                expected[1][j, band[p], d] += packed[0, p]
            if split_band[0, p] < 2:
                expected[2][0, :, j, split_band[0, p], d] += [1, *value[:, p]]
    for found, right in zip((histogram, sums, split_sums), expected, strict=True):
        np.testing.assert_array_equal(found, right)
    assert np.bincount(np.unique(drawn[pupils.base == 128], axis=0).ravel()).max() > 0


def test_more_pupils_of_a_swv_than_a_packed_word_holds() -> None:
    """Emptied in time, and at the longest run that bytes can count: all have the same score."""
    assert LONGEST_RUN == np.iinfo(np.uint8).max
    many, highest = FLUSH + 5 * LONGEST_RUN, (1 << 28) - 1
    nobody = np.full(many, -1, np.int32)
    run = np.append(np.arange(0, many, LONGEST_RUN), many)
    histogram = np.zeros((64, BLOCK), np.int32)
    # the sums of the bands are kept below the limit by whoever guesses the bands
    sums = np.zeros((1, 0, BLOCK), np.int64)
    split_sums = np.zeros((1, 2, 1, 2, BLOCK), np.int64)
    count_runs(
        np.full((many, BLOCK), 9, np.uint8),
        histogram,
        sums,
        split_sums,
        np.full(many, 9, np.uint8),
        nobody,
        nobody,
        run,
        np.zeros(len(run) - 1, np.int64),
        np.zeros(len(run) - 1, np.int64),
        np.zeros(64, np.int16),
        np.zeros((1, 64), np.int16),
        np.full((1, 64), (1 << SUM_BITS) + highest),
    )
    assert (histogram[9] == many).all() and histogram.sum() == many * BLOCK
    expected = [[many] * BLOCK, [many * highest] * BLOCK]
    np.testing.assert_array_equal(split_sums[0, :, 0, 0], expected)


def test_more_rows_of_a_swv_than_a_packed_word_holds() -> None:
    many, highest = 2 * FLUSH + 7, (1 << 28) - 1
    sums = np.zeros((2, 1, 1, BLOCK), np.int64)
    add_rows(
        sums,
        np.zeros((1, BLOCK), np.uint8),
        np.zeros(1, np.uint16),
        np.zeros(1, np.int16),
        np.array([[(1 << SUM_BITS) + highest]]),
        np.zeros(many, np.int64),
        np.zeros(many, np.int16),
        1,
    )
    np.testing.assert_array_equal(sums[:, 0, 0], [[many] * BLOCK, [many * highest] * BLOCK])


def test_rows_are_added_and_taken_off() -> None:
    numbers = np.random.Generator(np.random.Philox(5))
    profile = numbers.integers(0, 64, (30, COLUMNS)).astype(np.uint8)
    base = (64 * numbers.integers(0, 2, 30)).astype(np.uint16)
    band = numbers.integers(0, 4, 128).astype(np.int16)
    value = numbers.integers(0, 1 << 20, (2, 128))
    packed = value + np.array([[1 << SUM_BITS], [0]])
    index = np.sort(numbers.choice(30, 20, replace=False))
    unit = np.sort(numbers.integers(0, 3, 20)).astype(np.int16)
    sums = numbers.integers(0, 9, (3, 3, 4, COLUMNS))
    expected = sums.copy()
    add_rows(sums, profile, base, band, packed, index, unit, -1)
    for i, j in zip(index, unit, strict=True):
        for d in range(COLUMNS):
            p = int(base[i]) + int(profile[i, d])
            expected[:, j, band[p], d] -= [1, *value[:, p]]
    np.testing.assert_array_equal(sums, expected)


def test_pupils_with_a_donor_are_added() -> None:
    numbers = np.random.Generator(np.random.Philox(9))
    profile = numbers.integers(0, 128, (30, COLUMNS)).astype(np.uint16)
    band = numbers.integers(0, 4, 128).astype(np.int16)
    packed = numbers.integers(0, 1 << 20, (1, 128)) + (1 << SUM_BITS)
    unit = np.sort(numbers.integers(0, 3, 30)).astype(np.int16)
    sums = numbers.integers(0, 9, (3, 4, COLUMNS))
    expected = sums.copy()
    add_given(sums, profile, given_words(band, packed), unit)
    for i, j in enumerate(unit):
        for d in range(COLUMNS):
            p = profile[i, d]
            expected[j, band[p], d] += packed[0, p]
    np.testing.assert_array_equal(sums, expected)


def test_the_band_of_the_cut_is_the_lowest_that_enough_pupils_reach() -> None:
    numbers = np.random.Generator(np.random.Philox(10))
    count = numbers.integers(0, 5, (3, 9, COLUMNS))
    score = numbers.integers(0, 99, count.shape)
    known = numbers.integers(0, 4, 9)
    everybody = count.sum(axis=0) + known[:, None]
    # the first pupil of all, the last of the draw that has the fewest, and some between
    need = np.array([1, 20, 30, everybody.sum(axis=0).min()])
    band = np.empty((4, COLUMNS), np.int64)
    everything = np.empty(COLUMNS, np.int64)
    find_bands(band, everything, (count << SUM_BITS) + score, known, need)
    np.testing.assert_array_equal(everything, score.sum(axis=(0, 1)))
    for s in range(4):
        for d in range(COLUMNS):
            below = everybody[: band[s, d], d].sum()
            assert below < need[s] <= below + everybody[band[s, d], d]


def test_bands_below_a_cut_and_at_it() -> None:
    numbers = np.random.Generator(np.random.Philox(6))
    sums = numbers.integers(0, 99, (2, 3, 9, COLUMNS))
    cut = numbers.integers(0, 9, (4, COLUMNS))
    below = np.empty((2, 4, 3, COLUMNS), np.int64)
    at = np.empty_like(below)
    at_cuts(below, at, sums, cut)
    for s in range(4):
        for d in range(COLUMNS):
            np.testing.assert_array_equal(below[:, s, :, d], sums[:, :, : cut[s, d], d].sum(axis=2))
            np.testing.assert_array_equal(at[:, s, :, d], sums[:, :, cut[s, d], d])


def test_categories_by_band() -> None:
    numbers = np.random.Generator(np.random.Philox(7))
    histogram = numbers.integers(0, 3, (20, COLUMNS)).astype(np.int32)
    fixed = numbers.integers(0, 3, 20)
    fixed[:5] = histogram[:5] = 0
    histogram[4, 3] = 1  # one pupil in one draw is somebody
    band = numbers.integers(0, 4, 20).astype(np.int16)
    digit = numbers.integers(0, 6, (20, 2)).astype(np.int16)
    sums = np.ones((6, 1, 4, COLUMNS), np.int64)
    expected = sums.copy()
    count_categories(sums, histogram, fixed, band, digit)
    for p in range(20):
        for c in digit[p]:
            expected[c, 0, band[p]] += histogram[p] + fixed[p]
    np.testing.assert_array_equal(sums, expected)


@pytest.mark.parametrize("nobody_drawn", [False, True])
def test_a_donor_gives_the_profile_of_the_same_draw(nobody_drawn: bool) -> None:
    numbers = np.random.Generator(np.random.Philox(8))
    pupils = 0 if nobody_drawn else 10
    levels = numbers.integers(0, 64, (pupils, COLUMNS)).astype(np.uint8)
    base = (64 * numbers.integers(0, 3, pupils)).astype(np.uint16)
    levels = np.concatenate([levels, np.zeros((1, COLUMNS), np.uint8)])
    base = np.concatenate([base, np.arange(100, dtype=np.uint16)])
    candidate = numbers.integers(0, pupils + 100, 30).astype(np.uint32)
    start, length = np.array([0, 4, 29]), np.array([4, 26, 1])
    person = np.array([5, 6, 7], np.uint64)
    word = np.full(3, source_word(2, 2020))
    copied = np.empty((3, COLUMNS), np.uint16)
    copy_donors(copied, levels, base, person, word, start, length, candidate, KEY, 2, True)
    for i in range(3):
        words = np.empty(COLUMNS, np.uint32)
        fill_words(words, KEY, 2, word[i], person[i], True)
        for d in range(COLUMNS):
            donor = int(candidate[start[i] + int(words[d]) * int(length[i]) // 2**32])
            known = donor - pupils
            right = known if known >= 0 else int(base[donor]) + int(levels[donor, d])
            assert copied[i, d] == right
