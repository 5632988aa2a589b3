"""Amounts from year to year, worked by hand (B-10)."""

from decimal import Decimal
from fractions import Fraction

import pytest

from lwoopro import index_factor
from lwoopro.allocation.indexation import money_factor
from lwoopro.study import MoneySection

RISES = {2020: 3.0, 2021: 2.6, 2022: 2.0}


def test_hand_worked() -> None:
    # 1.026 x 1.02 = 1.04652, exactly
    assert index_factor(2022, 2020, RISES) == Fraction("1.04652")
    # a half of 2.6 % is 1.3 %
    assert index_factor(2021, 2020, RISES, {2021: 0.5}) == Fraction("1.013")
    assert index_factor(2022, 2020, RISES, {2021: 1, 2022: 0.25}) == Fraction("1.015")
    # back in time amounts are smaller
    assert index_factor(2019, 2020, RISES) == 1 / Fraction("1.03")
    assert index_factor(2020, 2020, {}) == 1


def test_every_year_between_is_needed() -> None:
    with pytest.raises(ValueError, match="no rise of 2023"):
        index_factor(2024, 2022, {2024: 1.0})


def test_the_section() -> None:
    section = MoneySection(
        price_year=2020, index={"2021": Decimal("2.6")}, withheld={"2021": Decimal("0.5")}
    )
    assert money_factor(section, 2021) == Fraction("1.013")
    assert money_factor(MoneySection(), 2021) == 1
