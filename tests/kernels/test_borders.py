"""Border pupils and pieces against the plainest loops (U-2, D-5)."""

import numpy as np

from lwoopro.kernels.borders import add_moved, move_rows
from lwoopro.kernels.cuts import band_table
from lwoopro.kernels.levels import BLOCK
from lwoopro.kernels.pieces import add_known, by_draw
from lwoopro.kernels.sums import SUM_BITS

SWV, PROFILES, RANKS, SHARES = 4, 96, 40, 3


def test_moved_pupils_stand_below_and_at_the_cuts_of_their_draw() -> None:
    numbers = np.random.Generator(np.random.Philox(1))
    rank = numbers.integers(0, RANKS, PROFILES).astype(np.int32)
    height = numbers.integers(0, 1 << 20, PROFILES)
    # cuts that coincide, too
    cut_rank = np.sort(numbers.integers(0, 6, (SHARES, BLOCK)) * 7, axis=0).astype(np.int32)
    cut_rank[1, 0] = cut_rank[0, 0]
    assert (cut_rank[0] == cut_rank[1]).any() and (cut_rank[0] != cut_rank[1]).any()
    band = np.empty((PROFILES, BLOCK), np.uint8)
    band_table(rank[:, None], cut_rank, band)
    profile = numbers.integers(0, 64, (30, BLOCK)).astype(np.uint8)
    base = (32 * numbers.integers(0, 2, 30)).astype(np.uint16)
    index = np.sort(numbers.choice(30, 20, replace=False))
    unit = np.sort(numbers.integers(0, SWV, 20)).astype(np.int16)
    count = np.zeros((SWV, 2 * SHARES + 1, BLOCK), np.int64)
    total = np.zeros_like(count)
    packed = (1 << SUM_BITS) + height
    move_rows(count, total, profile, base, index, unit, band, packed, -1)
    move_rows(count, total, profile, base, index[::2].copy(), unit[::2].copy(), band, packed, 1)
    pieces = numbers.integers(0, 99, (3, SHARES, SWV, BLOCK))
    expected = pieces.copy()
    add_moved(*pieces, count, total, cut_rank)
    sign = -np.ones(20, int)
    sign[::2] = 0
    for i, j, s in zip(index, unit, sign, strict=True):
        for d in range(BLOCK):
            p = int(base[i]) + int(profile[i, d])
            for share in range(SHARES):
                if rank[p] < cut_rank[share, d]:
                    expected[0, share, j, d] += s
                    expected[2, share, j, d] += s * height[p]
                elif rank[p] == cut_rank[share, d]:
                    expected[1, share, j, d] += s
    np.testing.assert_array_equal(pieces, expected)


def test_known_pupils_are_added() -> None:
    numbers = np.random.Generator(np.random.Philox(2))
    upto = numbers.integers(0, 9, (2, SWV, RANKS + 1)).cumsum(axis=2)
    cut_rank = numbers.integers(0, RANKS, (SHARES, 10)).astype(np.int32)
    pieces = numbers.integers(0, 99, (3, SHARES, SWV, 10))
    expected = pieces.copy()
    add_known(*pieces, *upto, cut_rank)
    for share in range(SHARES):
        for d in range(10):
            at = cut_rank[share, d]
            expected[0, share, :, d] += upto[0, :, at]
            expected[1, share, :, d] += upto[0, :, at + 1] - upto[0, :, at]
            expected[2, share, :, d] += upto[1, :, at]
    np.testing.assert_array_equal(pieces, expected)


def test_pieces_are_turned_to_draw_order() -> None:
    numbers = np.random.Generator(np.random.Philox(3))
    sums = numbers.integers(0, 99, (3, SHARES, SWV, 12))
    column = np.array([3, 0, 7, 11])
    height = numbers.integers(0, 1 << 30, (SHARES, 4))
    out = np.full((3, 4, 2, SHARES, SWV), -1)
    by_draw(*out, 1, *sums, height, column)
    assert (out[:, :, 0] == -1).all()
    below, at, total = sums[..., column]
    np.testing.assert_array_equal(out[0, :, 1], np.moveaxis(below, 2, 0))
    np.testing.assert_array_equal(out[1, :, 1], np.moveaxis(at, 2, 0))
    expected = np.moveaxis(height[:, None] * below - total, 2, 0)
    np.testing.assert_array_equal(out[2, :, 1], expected)
