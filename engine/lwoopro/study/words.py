"""Words for what is wrong in a study file: values as the user wrote them, nearest names, kinds."""

import datetime
import difflib
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

__all__ = ["kind_of", "nearest", "pydantic_words", "quoted_key", "shown"]

LONGEST_SHOWN = 60
"""Longer values are shortened: a message is one readable line."""

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def shown(value: object) -> str:
    """Return a value of a study file as TOML writes it, on one line and shortened.

    Examples
    --------
    >>> shown("school"), shown(True), shown(["a", "b"])
    ('"school"', 'true', 'a list')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in value[:LONGEST_SHOWN])
        return f'"{text}"' if len(value) <= LONGEST_SHOWN else f'"{text}…"'
    if isinstance(value, int) and value.bit_length() > 256:
        # a hexadecimal number may have more digits than Python is willing to write
        return "this number"
    if isinstance(value, int | Decimal | float):
        text = {"Infinity": "inf", "-Infinity": "-inf", "NaN": "nan"}.get(str(value), str(value))
        return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return kind_of(value)


def kind_of(value: object) -> str:
    """Return what kind of TOML value this is, with its article."""
    if isinstance(value, bool):
        return "a true/false value"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, Decimal | float):
        return "a number with decimals"
    if isinstance(value, datetime.date | datetime.time):
        return "a date or time"
    if isinstance(value, dict):
        return "a table"
    return "a list"


def quoted_key(key: str) -> str:
    """Return a key as TOML writes it in a dotted key: in quotes where it needs them."""
    return key if BARE_KEY.fullmatch(key) and len(key) <= LONGEST_SHOWN else shown(key)


def nearest(name: str, known: Iterable[str], cutoff: float = 0.0) -> str | None:
    """Return the known name that looks most like `name`, or none that looks enough like it.

    Examples
    --------
    >>> nearest("Drawz", ["name", "years", "draws", "seed"])
    'draws'
    """
    by_lower = {candidate.lower(): candidate for candidate in known}
    # comparing takes time quadratic in the length
    found = difflib.get_close_matches(name[:LONGEST_SHOWN].lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def pydantic_words(error: Any, right: str) -> tuple[str, str]:
    """Say what pydantic found, and what would be right.

    Parameters
    ----------
    error : pydantic_core.ErrorDetails
        One entry of ``ValidationError.errors()``.
    right : str
        The description of the field: what may stand there.

    Returns
    -------
    tuple of str
        `what` and `right` of a `lwoopro.errors.Problem`.
    """
    kind: str = error["type"]
    value = error["input"]
    context = error.get("ctx", {})
    if kind == "missing":
        return "is missing", f"use {right}"
    if kind == "study":
        return context["what"], context.get("right") or f"use {right}"
    if kind.startswith("greater_than"):
        return f"{shown(value)} is too small", f"use {right}"
    if kind.startswith("less_than"):
        return f"{shown(value)} is too large", f"use {right}"
    if kind == "literal_error" and isinstance(value, str):
        near = nearest(value, re.findall(r"'([^']*)'", context["expected"]), cutoff=0.6)
        return f"{shown(value)} is unknown here", (
            f"use {right}; the nearest is {shown(near)}" if near else f"use {right}"
        )
    if isinstance(value, dict | list):
        return f"this is {kind_of(value)}", f"use {right}"
    return f"{shown(value)} is {kind_of(value)}", f"use {right}"
