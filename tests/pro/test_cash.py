"""The cut month by month (P-5)."""

import numpy as np
import pytest

from lwoopro.pro.cash import monthly_cuts


def test_by_hand() -> None:
    # base 1,200,000.00 euro; last year's share 0.1 % is 100.00 euro a month until June; the year's
    # share 0.3 % is 3,600.00: what is left, 3,000.00, is 500.00 in each of six months
    months = monthly_cuts(np.array(360_000), np.array(0.001), np.array(120_000_000), 7)
    assert months.tolist() == [10_000] * 6 + [50_000] * 6


def test_fixed_in_february() -> None:
    months = monthly_cuts(np.array(1300), np.array(0.0), np.array(5), 2)
    # 1300 over eleven months: two cents more than 118 each
    assert months.tolist() == [0, 119, 119] + [118] * 9


@pytest.mark.parametrize("fixed_month", range(2, 13))
def test_months_add_up_to_the_year(fixed_month: int) -> None:
    rng = np.random.default_rng(fixed_month)
    amount = rng.integers(-(10**9), 10**10, (4, 5))
    share = rng.normal(0, 0.004, (4, 5))
    months = monthly_cuts(amount, share, rng.integers(10**11, 10**12, (4, 5)), fixed_month)
    assert months.shape == (4, 5, 12)
    assert (months.sum(axis=-1) == amount).all()
    early = months[..., : fixed_month - 1]
    assert (early == early[..., :1]).all()
    late = months[..., fixed_month - 1 :]
    assert (late.max(axis=-1) - late.min(axis=-1) <= 1).all()
