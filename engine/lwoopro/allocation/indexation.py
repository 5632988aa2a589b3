"""Amounts of money from year to year, by a stated series (B-10)."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from lwoopro.allocation.exact import as_fraction
from lwoopro.study.sections import MoneySection

__all__ = ["index_factor", "money_factor"]

Number = Decimal | float | int


def index_factor(
    year: int,
    price_year: int,
    rises: Mapping[int, Number],
    withheld: Mapping[int, Number] | None = None,
) -> Fraction:
    """Factor from the prices of one year to those of another, exact (B-10).

    A year's rise of p per cent, of which the part w is withheld, multiplies every amount by
    1 + (1 − w)·p/100. Amounts of a year before `price_year` are divided by the rises between.

    Parameters
    ----------
    year : int
        Year whose amounts are asked for.
    price_year : int
        Year of the stated amounts.
    rises : mapping of int to number
        Rise on the year before, in per cent; decimals count as written.
    withheld : mapping of int to number, optional
        Part of a year's rise that is not given, 0 to 1; 0 where absent.

    Returns
    -------
    Fraction

    Raises
    ------
    ValueError
        The series lacks a year between the two.

    Examples
    --------
    >>> float(index_factor(2022, 2020, {2021: 2.6, 2022: 2.0}))
    1.04652
    >>> float(index_factor(2022, 2020, {2021: 2.6, 2022: 2.0}, {2022: 1}))
    1.026
    """
    factor = Fraction(1)
    for step in range(min(year, price_year) + 1, max(year, price_year) + 1):
        if step not in rises:
            raise ValueError(f"the index has no rise of {step}")
        kept = 1 - as_fraction((withheld or {}).get(step, 0))
        factor *= 1 + kept * as_fraction(rises[step]) / 100
    return factor if year >= price_year else 1 / factor


def money_factor(money: MoneySection, year: int) -> Fraction:
    """Factor of all amounts of ``[money]`` in a year; 1 without an index (B-10)."""
    if not money.index or money.price_year is None:
        return Fraction(1)
    return index_factor(
        year,
        money.price_year,
        {int(step): rise for step, rise in money.index.items()},
        {int(step): part for step, part in money.withheld.items()},
    )
