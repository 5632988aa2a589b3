"""How a number over draws is written: always with its Monte-Carlo standard error (Q-3).

Every cell and sentence of the report takes its numbers from here. What is passed is an `Estimate`
or an `Interval`, which cannot be made without an error, or an `Exact` number, which has none.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lwoopro.analysis.estimates import Estimate, Exact, Interval
from lwoopro.report.blocks import Cell
from lwoopro.report.language import NOTHING, Language

__all__ = [
    "COUNT",
    "MANY",
    "MILLION",
    "PER_CENT",
    "THOUSAND",
    "Unit",
    "interval_cell",
    "number_cell",
    "said",
    "said_interval",
]


@dataclass(frozen=True)
class Unit:
    """Unit in which a column writes its numbers.

    Attributes
    ----------
    scale : float
    digits : int
        Decimals.
    sign : bool
        Write a plus, too.
    whole_ends : bool
        The ends of intervals are whole, though a mean is not: numbers of swv.
    """

    scale: float = 1.0
    digits: int = 0
    sign: bool = False
    whole_ends: bool = False

    def write(self, t: Language, value: float) -> str:
        """Write a number of this column."""
        return t.number(value * self.scale, self.digits, self.sign)

    def end(self, t: Language, value: float) -> str:
        """Write an end of an interval."""
        return t.number(value * self.scale, 0 if self.whole_ends else self.digits, self.sign)

    def error(self, t: Language, mcse: float) -> str:
        """Write an error in this unit; nothing where there is none."""
        return t.error(mcse * self.scale)

    def signed(self, sign: bool = True, digits: int | None = None) -> "Unit":
        """Make the same unit with a plus, or other decimals."""
        return replace(self, sign=sign, digits=self.digits if digits is None else digits)


COUNT: Final = Unit()
MANY: Final = Unit(digits=1, whole_ends=True)
"""Expected numbers of swv."""
PER_CENT: Final = Unit(100.0, 1)
THOUSAND: Final = Unit(1e-3)
MILLION: Final = Unit(1e-6, 1)


def number_cell(
    t: Language,
    number: Estimate | Exact,
    unit: Unit = COUNT,
    *,
    interval: Interval | None = None,
    beside: str = "",
    heat: float | None = None,
) -> Cell:
    """Write a number with its error, and below it, small, its interval.

    Parameters
    ----------
    t : Language
    number : Estimate or Exact
    unit : Unit
        With a sign, gains and losses have colours of their own.
    interval : Interval, optional
        Of the same quantity.
    beside : str
        Stands behind the number: a published one, in brackets.
    heat : float, optional
        Strength of the background, 0 to 1.
    """
    value = number.value
    kind = ("gain" if value > 0 else "loss" if value < 0 else "") if unit.sign else ""
    error = unit.error(t, number.mcse) if isinstance(number, Estimate) else ""
    return Cell(
        unit.write(t, value) + beside,
        float(value) if np.isfinite(value) else None,
        error,
        kind,
        range=_range(t, interval, unit) if interval is not None else "",
        heat=heat,
        number=number,
    )


def _range(t: Language, interval: Interval, unit: Unit) -> str:
    """Interval with the larger error of its ends; nothing where no draw differs."""
    ends = _ends(t, interval, unit)
    return f"{ends} {_surely(t, interval.mcse * unit.scale)}" if ends else ""


def _ends(t: Language, interval: Interval, unit: Unit) -> str:
    if not interval.open:
        return ""
    low, high = (unit.end(t, end.value) for end in (interval.low, interval.high))
    return t("unit.range", low=low, high=high)


def _surely(t: Language, error: float) -> str:
    """Write an error, also where so few draws differ that it is 0."""
    return t.error(error) or t.no_error


def interval_cell(t: Language, interval: Interval, unit: Unit) -> Cell:
    """Write an interval with the errors of both ends; a dash where no draw differs."""
    ends = _ends(t, interval, unit)
    low = interval.low.value
    sort = float(low) if np.isfinite(low) else None
    if not ends:
        return Cell(NOTHING, sort, number=interval)
    one, other = (_surely(t, end.mcse * unit.scale) for end in (interval.low, interval.high))
    return Cell(ends, sort, f"{one} / {other[2:]}", number=interval)


def said(t: Language, number: Estimate | Exact, unit: Unit, text: str) -> str:
    """Put the error behind a number in a sentence.

    Parameters
    ----------
    t : Language
    number : Estimate or Exact
    unit : Unit
        Of the error.
    text : str
        The number, as written.
    """
    error = unit.error(t, number.mcse) if isinstance(number, Estimate) else ""
    return f"{text} {error}" if error else text


def said_interval(t: Language, interval: Interval, unit: Unit, low: str, high: str) -> str:
    """Write an interval in a sentence, with the larger error of its ends; arguments as `said`."""
    error = t.error(interval.mcse * unit.scale)
    return t("unit.range_error" if error else "unit.range", low=low, high=high, error=error)
