"""Sums by factor against the plainest loop (R-10)."""

import numpy as np
import pytest

from lwoopro.kernels.factors import add_factors
from lwoopro.kernels.sums import SUM_BITS


@pytest.mark.parametrize("flush", [1, 7, 1 << 16])
def test_sums_below_and_up_to_the_cut(flush: int) -> None:
    numbers = np.random.Generator(np.random.Philox(8))
    profiles, pupils, draws, swv = 40, 90, 5, 3
    profile = numbers.integers(0, profiles, (pupils, draws)).astype(np.uint16)
    rank = numbers.integers(0, 12, profiles).astype(np.int32)
    cut = numbers.integers(0, 12, draws).astype(np.int32)
    value = numbers.integers(0, 1000, (profiles, 3))
    index = np.sort(numbers.choice(pupils, 60, replace=False))
    unit = np.sort(numbers.integers(0, swv, 60)).astype(np.int16)
    start = numbers.integers(-50, 50, (2, 4, swv, draws))
    below, upto = start.copy()
    add_factors(
        below,
        upto,
        profile,
        rank,
        cut,
        value[:, 0] + (1 << SUM_BITS),
        (value[:, 1] << 30) + value[:, 2],
        30,
        flush,
        index,
        unit,
        -1,
    )
    expected = start.copy()
    for place, j in zip(index, unit, strict=True):
        for d in range(draws):
            p = profile[place, d]
            for k, inside in ((0, rank[p] < cut[d]), (1, rank[p] <= cut[d])):
                if inside:
                    expected[k, :, j, d] -= [1, *value[p]]
    np.testing.assert_array_equal(below, expected[0])
    np.testing.assert_array_equal(upto, expected[1])
