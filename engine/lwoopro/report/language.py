"""Words and numbers of the report in one language; the words stand in ``strings.toml``."""

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from math import isfinite
from typing import Any, Final, Literal

from lwoopro.errors import InputError, Problem

__all__ = ["LANGUAGES", "NOTHING", "Code", "Language", "known", "money_scale", "strings"]

Code = Literal["en", "nl"]
LANGUAGES: Final[tuple[Code, ...]] = ("en", "nl")

NOTHING: Final = "–"
"""Stands where there is no number."""

_MINUS: Final = "−"
_SPACE: Final = "\N{NO-BREAK SPACE}"


@cache
def strings() -> dict[str, dict[str, str]]:
    """Give every text of the report: key → language → words."""
    text = (files("lwoopro.report") / "strings.toml").read_text("utf-8")
    found: dict[str, dict[str, str]] = {}

    def walk(place: str, table: dict[str, Any]) -> None:
        for name, value in table.items():
            key = f"{place}.{name}" if place else name
            if isinstance(value, dict):
                walk(key, value)
            else:
                found.setdefault(place, {})[name] = value

    walk("", tomllib.loads(text))
    return found


@lru_cache(maxsize=1)
def _said() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Lines that the engine says in English, as patterns, each with the key of its words."""
    found = []
    for key, words in strings().items():
        if key.startswith("said."):
            pieces = re.split(r"\{(\w+)\}", words["en"])
            pattern = "".join(
                f"(?P<{piece}>.+?)" if place % 2 else re.escape(piece)
                for place, piece in enumerate(pieces)
            )
            found.append((re.compile(pattern, re.DOTALL), key))
    return tuple(found)


def known(language: str | None) -> Code | None:
    """Give the language back where the report has it.

    Raises
    ------
    InputError
        It has not.
    """
    for code in LANGUAGES:
        if language == code:
            return code
    if language is not None:
        raise InputError(Problem("--language", f"{language!r} is unknown", "use en or nl"))
    return None


def money_scale(value: float, digits: int = 1) -> float:
    """Give what an amount is multiplied by to be read: 1e-6, 1e-3 or 1, after rounding."""
    if not round(abs(value) / 1e3, digits) < 1000:
        # what is not known, too
        return 1e-6
    return 1e-3 if round(abs(value)) >= 1000 else 1.0


class Language:
    """One language: its words, and how it writes numbers.

    Parameters
    ----------
    code : "en" or "nl"
    """

    def __init__(self, code: Code) -> None:
        self.code: Code = code
        # Python writes as English does
        self._marks = None if code == "en" else str.maketrans(",.", ".,")

    def __call__(self, key: str, **values: object) -> str:
        """Give the words of a key, with the values filled in.

        Raises
        ------
        KeyError
            There is no such key, or a value is missing.
        """
        return strings()[key][self.code].format(**values)

    def has(self, key: str) -> bool:
        """Whether there are words for a key."""
        return key in strings()

    def translated(self, line: str) -> tuple[str, Code]:
        """Put a line of the engine in this language, where its words are known.

        Parameters
        ----------
        line : str
            English, as the manifest has it.

        Returns
        -------
        words : str
        code : str
            Language that they are in.
        """
        if self.code == "en":
            return line, "en"
        for pattern, key in _said():
            match = pattern.fullmatch(line)
            if match:
                return self(key, **{n: self._inner(v) for n, v in match.groupdict().items()}), "nl"
        return line, "en"

    def _inner(self, value: str) -> str:
        """Put a number inside a line in this language's notation."""
        if re.fullmatch(r"[+-]?\d+\.\d+%?", value):
            return value.replace(".", ",")
        return value

    def number(self, value: float, digits: int = 0, sign: bool = False) -> str:
        """Write a number.

        Parameters
        ----------
        value : float
            NaN gives a dash.
        digits : int
            Decimals.
        sign : bool
            Write a plus, too.

        Examples
        --------
        >>> Language("nl").number(-12345.678, 1)
        '−12.345,7'
        >>> Language("en").number(12345.678, 1, sign=True)
        '+12,345.7'
        """
        if value is None or not isfinite(value):
            return NOTHING
        text = f"{abs(value):,.{digits}f}"
        zero = not text.strip("0.,")
        if self._marks is not None:
            text = text.translate(self._marks)
        before = "" if zero else _MINUS if value < 0 else "+" if sign else ""
        return before + text

    def error(self, error: float) -> str:
        """Write a Monte-Carlo standard error; nothing where there is none or no draw differs.

        Examples
        --------
        >>> [Language("en").error(x)[2:] for x in (12.3, 0.456, 0.0001, 0.0)]
        ['12', '0.46', '0.001', '']
        """
        if not isfinite(error) or error <= 0:
            return ""
        digits = 0 if error >= 10 else 1 if error >= 1 else 2 if error >= 0.01 else 3
        # what is smaller than the last digit is not written as nothing
        return f"±{_SPACE}{self.number(max(round(error, digits), 10.0**-digits), digits)}"

    @property
    def no_error(self) -> str:
        """An error of nothing: of the end of an interval that so few draws reach."""
        return f"±{_SPACE}0"

    def euro(self, value: float, digits: int = 0, sign: bool = False) -> str:
        """Write an amount in euro."""
        text = self.number(value, digits, sign)
        if text == NOTHING:
            return text
        before = text[0] if text[0] in (_MINUS, "+") else ""
        gap = _SPACE if self.code == "nl" else ""
        return f"{before}€{gap}{text[len(before) :]}"

    def money(
        self, value: float, digits: int = 1, sign: bool = False, *, like: float | None = None
    ) -> str:
        """Write an amount in millions or thousands of euro, or whole, as suits its size.

        Parameters
        ----------
        value : float
            Euro.
        digits : int
            Decimals of millions and thousands.
        sign : bool
            Write a plus, too.
        like : float, optional
            Another amount: they stand side by side, and this one takes its unit.

        Examples
        --------
        >>> [Language("en").money(x).split() for x in (2_540_000, 8_460, 712.4)]
        [['€2.5', 'million'], ['€8.5', 'thousand'], ['€712']]
        """
        scale = money_scale(value if like is None else like, digits)
        text = self.euro(value * scale, 0 if scale == 1 else digits, sign)
        if text == NOTHING or scale == 1:
            return text
        return f"{text}{_SPACE}{self('unit.million' if scale == 1e-6 else 'unit.thousands')}"

    def percent(self, share: float, digits: int = 1, sign: bool = False) -> str:
        """Write a share as a percentage."""
        text = self.number(100 * share, digits, sign)
        return text if text == NOTHING else f"{text}{_SPACE}%"

    def date(self, year: int) -> str:
        """Write a reference date."""
        return self("unit.date", year=year)
