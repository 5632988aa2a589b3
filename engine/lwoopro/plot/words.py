"""Words and numbers of the figures, in English and Dutch: one table, `words.toml`."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import ceil, isfinite
from typing import Any, Final, Literal

from lwoopro.errors import InputError, Problem

__all__ = ["LANGUAGES", "Words", "euro", "number", "percent", "table"]

LANGUAGES: Final = ("en", "nl")

ErrorUnit = Literal["euro", "percent", "number", "years", "p"]
"""What standard errors are in; shares are written in percentage points."""

_MARKS: Final[Mapping[str, tuple[str, str]]] = {"en": (",", "."), "nl": (".", ",")}
"""Between thousands, and before decimals."""

MINUS: Final = "\N{MINUS SIGN}"
SPACE: Final = "\N{NO-BREAK SPACE}"


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """Read `words.toml`: key → language → text."""
    text = files("lwoopro.plot").joinpath("words.toml").read_text("utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)
    return found


def known_language(language: str) -> str:
    """Give the language back where there are words for it.

    Raises
    ------
    InputError
        There are none; the message names those there are.
    """
    if language not in LANGUAGES:
        right = f"use {' or '.join(LANGUAGES)}"
        raise InputError(Problem("language", f"{language!r} is not a language here", right))
    return language


def number(value: float, digits: int = 0, language: str = "en", *, sign: bool = False) -> str:
    """Write a number in a language's notation.

    Parameters
    ----------
    value : float
        NaN and infinite become an en dash.
    digits : int
        Decimals.
    language : "en" or "nl"
    sign : bool
        Write the plus sign of what is above zero.

    Examples
    --------
    >>> number(1234.5, 1), number(1234.5, 1, "nl")
    ('1,234.5', '1.234,5')
    """
    thousands, decimal = _MARKS[known_language(language)]
    if not isfinite(value):
        return "\N{EN DASH}"
    rounded = round(float(value), digits) + 0.0  # turns -0.0 into 0.0
    plain = f"{abs(rounded):,.{digits}f}"
    plain = plain.translate({ord(","): thousands, ord("."): decimal})
    before = MINUS if rounded < 0 else "+" if sign and rounded > 0 else ""
    return before + plain


def percent(share: float, digits: int = 0, language: str = "en", *, sign: bool = False) -> str:
    """Write a share as a percentage: 0.125 → "12.5 %"."""
    if not isfinite(share):
        return number(share, digits, language)
    return f"{number(100 * share, digits, language, sign=sign)}{SPACE}%"


def euro(value: float, language: str = "en", *, sign: bool = False) -> str:
    """Write an amount of money, short: thousands and millions by their words.

    Examples
    --------
    >>> [amount.split() for amount in (euro(1234567), euro(-2500, "nl"), euro(812))]
    [['€1.23', 'million'], ['−€2,5', 'duizend'], ['€812']]
    """
    if not isfinite(value):
        return number(value, 0, language)
    size, unit, digits = abs(value), "", 0
    # what rounds up to a million is written as one
    if round(size / 1e3, 1) >= 1000:
        size, unit, digits = size / 1e6, "million", 2
    elif round(size) >= 1000:
        size, unit, digits = size / 1e3, "thousand", 1
    text = number(size, digits, language)
    if unit:
        unit = SPACE + table()[unit][known_language(language)]
    before = MINUS if value < 0 and text.strip("0.,") else "+" if sign and value > 0 else ""
    return f"{before}€{text}{unit}"


class Words:
    """The words of one language.

    Parameters
    ----------
    language : "en" or "nl"

    Raises
    ------
    InputError
        Another language.
    """

    def __init__(self, language: str) -> None:
        self.language = known_language(language)

    def __call__(self, key: str, **values: Any) -> str:
        """Text of a key, with its braces filled."""
        text = table()[key][self.language]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is such a key: names of the user's own making have none."""
        return key in table()

    def name(self, kind: str, name: str) -> str:
        """Word for a code such as a cause or a region; the code itself where there is none."""
        key = f"{kind}_{name}"
        return self(key) if self.has(key) else name

    def number(self, value: float, digits: int = 0, *, sign: bool = False) -> str:
        """Write a `number` in this language."""
        return number(value, digits, self.language, sign=sign)

    def percent(self, share: float, digits: int = 0, *, sign: bool = False) -> str:
        """`percent` in this language."""
        return percent(share, digits, self.language, sign=sign)

    def bound(self, share: float) -> str:
        """Write a share that somebody chose: 0.005 → "0.5 %", 0.1 → "10 %"."""
        digits = next((d for d in range(3) if abs(round(100 * share, d) - 100 * share) < 1e-9), 3)
        return percent(share, digits, self.language)

    def chance(self, share: float) -> str:
        """Write a chance in whole per cents; what is near 0 or 100 without being it says so."""
        if 0 < share < 0.005:
            return f"< {percent(0.01, 0, self.language)}"
        if 0.995 < share < 1:
            return f"> {percent(0.99, 0, self.language)}"
        return percent(share, 0, self.language)

    def euro(self, value: float, *, sign: bool = False) -> str:
        """`euro` in this language."""
        return euro(value, self.language, sign=sign)

    def error(self, value: float, unit: ErrorUnit) -> str:
        """Write a standard error, rounded up: a share in percentage points."""
        size = value * 100 if unit == "percent" else value
        digits = 0 if size >= 10 else 1 if size >= 1 else 2 if size >= 0.01 else 3
        size = ceil(round(size * 10**digits, 6)) / 10**digits
        if unit == "euro":
            return self.euro(size)
        text = self.number(size, digits)
        return text if unit == "number" else self(f"error_{unit}", number=text)

    def join(self, parts: Sequence[str], last: str = "and") -> str:
        """Words as a list in a sentence; before the last stands "and", or the word of `last`."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self(last)} {parts[-1]}"

    def ticks(self, scale: float = 1.0, *, sign: bool = False) -> Callable[[float, int], str]:
        """Write axis ticks: as many decimals as the value needs, up to three."""

        def write(value: float, _: int) -> str:
            shown = round(value * scale, 9) + 0.0
            digits = next((d for d in range(3) if abs(round(shown, d) - shown) < 1e-9), 3)
            return number(shown, digits, self.language, sign=sign)

        return write
