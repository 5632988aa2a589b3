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
    band = np.empty((RANKS, BLOCK), np.uint8)
    band_table(np.arange(RANKS, dtype=np.int32)[:, None], cut_rank, band)
    profile = numbers.integers(0, PROFILES, (30, BLOCK)).astype(np.uint16)
    school, home = np.sort(numbers.integers(0, SWV, (2, 30)), axis=1).astype(np.int16)
    moved = np.zeros((SWV, 2 * SHARES + 1, BLOCK), np.int64)
    packed = (1 << SUM_BITS) + height
    move_rows(moved, profile, school, home, rank.astype(np.uint16), band, packed)
    pieces = numbers.integers(0, 1 << 50, (2, SHARES, SWV, BLOCK))
    expected = pieces.copy()
    add_moved(*pieces, moved, cut_rank)
    assert (moved < 0).any() and (moved > 0).any()
    for i, j, k in zip(range(30), school, home, strict=True):
        for d in range(BLOCK):
            p = profile[i, d]
            for share in range(SHARES):
                if rank[p] <= cut_rank[share, d]:
                    side = int(rank[p] == cut_rank[share, d])
                    expected[side, share, j, d] -= packed[p]
                    expected[side, share, k, d] += packed[p]
    np.testing.assert_array_equal(pieces, expected)


def test_known_pupils_are_added() -> None:
    numbers = np.random.Generator(np.random.Philox(2))
    upto = numbers.integers(0, 9, (2, SWV, RANKS + 1)).cumsum(axis=2)
    cut_rank = numbers.integers(0, RANKS, (SHARES, 10)).astype(np.int32)
    expected = numbers.integers(0, 99, (3, SHARES, SWV, 10))
    packed = (expected[0] << SUM_BITS) + expected[2], (expected[1] << SUM_BITS) + 5
    pieces = np.empty_like(expected)
    add_known(*pieces, *packed, *upto, cut_rank)
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
