"""Decimals as written, and rounding to whole cents, without floating point (B-9, T-1)."""

from decimal import Decimal
from fractions import Fraction

__all__ = ["as_fraction", "round_cents"]


def as_fraction(number: Fraction | Decimal | float | int) -> Fraction:
    """Take a number as it was written: 0.07 is 7/100, also when it comes as a float.

    Examples
    --------
    >>> as_fraction(0.07) * 100
    Fraction(7, 1)
    """
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def round_cents(euro: Fraction) -> int:
    """Round an amount in euro to whole cents, half up.

    Examples
    --------
    >>> round_cents(Fraction("10.005"))
    1001
    """
    cents = euro * 100 + Fraction(1, 2)
    return cents.numerator // cents.denominator
