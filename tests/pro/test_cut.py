"""Whole cents over all swv (P-4, B-9)."""

from fractions import Fraction

import numpy as np
import pytest

from lwoopro.allocation.cents import apportion
from lwoopro.pro.cut import LARGEST_CENTS, apportion_cents, basic_funding, cut_share


def test_basic_funding_by_hand() -> None:
    # 950.00 × (10 + 20) + 780.00 × (100 − 30) = 28,500 + 54,600 = 83,100 euro
    base = basic_funding(
        np.array([[10]]), np.array([[20]]), np.array([[100]]), np.array([95000]), np.array([78000])
    )
    assert base.tolist() == [[8_310_000]]


def test_other_pupils_are_never_negative() -> None:
    base = basic_funding(
        np.array([[10]]), np.array([[20]]), np.array([[25]]), np.array([100]), np.array([7])
    )
    assert base.tolist() == [[3000]]


def test_share_by_hand() -> None:
    assert cut_share(np.array([50]), np.array([[4000, 6000]])).tolist() == [0.005]


@pytest.mark.parametrize("total", [0, 1, 7, 100, 9_876_543_210, 2**50 + 1, -123_456_789])
def test_equals_fractions(total: int) -> None:
    rng = np.random.default_rng(abs(total) % 2**32)
    weight = rng.integers(0, 2**40, (20, 75))
    weight[0] = 1  # all equal: every remainder ties
    weight[1, 3:] = 0
    cents = apportion_cents(np.full(20, total), weight)
    sign = -1 if total < 0 else 1
    for row, found in zip(weight, cents, strict=True):
        expected = apportion(abs(total), [Fraction(int(one)) for one in row])
        assert found.tolist() == [sign * one for one in expected]
    assert (cents.sum(axis=-1) == total).all()


def test_what_cannot_be_divided_exactly_is_refused() -> None:
    with pytest.raises(ValueError, match="positive sum"):
        apportion_cents(np.array(5), np.array([0, 0]))
    with pytest.raises(ValueError, match="positive sum"):
        apportion_cents(np.array(5), np.array([3, -1]))
    with pytest.raises(ValueError, match="2\\*\\*52"):
        apportion_cents(np.array(LARGEST_CENTS), np.array([1, 1]))
