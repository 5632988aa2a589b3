"""From a file to TOML tables: what can be wrong before any key is looked at."""

import re
import tomllib
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from lwoopro.errors import InputError, Problem

__all__ = ["MOST_BYTES", "read_toml"]

MOST_BYTES: Final = 256 * 1024
"""A study file is read by people; a larger file is something else."""

# A key of thousands of parts costs the parser time and memory by the square of its length.
MOST_POINTS: Final = 100

PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


def read_toml(file: str) -> dict[str, Any]:
    """Return the tables of a TOML file, its numbers with decimals as `decimal.Decimal`.

    Parameters
    ----------
    file : str
        Path of the file.

    Raises
    ------
    InputError
        The file is absent, unreadable, too large, not UTF-8 or not TOML.
    """
    text = _text(_bytes(file), file)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > MOST_POINTS and not line.lstrip().startswith("#"):
            raise InputError(
                Problem(
                    f"{file}: line {number}", "there are too many points in it", "break the line"
                )
            )
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except RecursionError:
        raise InputError(
            Problem(file, "lists or tables lie too deep in each other", "use the keys of a study")
        ) from None
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        raise InputError(_syntax(str(error), file)) from None


def _bytes(file: str) -> bytes:
    right = "give the path of a study file"
    try:
        with open(file, "rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(Problem(file, "there is no such file", right)) from None
    except IsADirectoryError:
        raise InputError(Problem(file, "this is a folder", right)) from None
    except OSError as error:
        raise InputError(
            Problem(file, f"cannot be read ({error.strerror or error})", right)
        ) from None
    except ValueError:  # a NUL in the name
        raise InputError(Problem(repr(file), "this is no name of a file", right)) from None
    if len(content) > MOST_BYTES:
        raise InputError(Problem(file, f"the file has more than {MOST_BYTES:,} bytes", right))
    return content


def _text(content: bytes, file: str) -> str:
    try:
        # some editors put a byte order mark first
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            Problem(
                f"{file}: line {line}",
                f"byte 0x{content[error.start]:02x} is not UTF-8",
                "save the file as UTF-8",
            )
        ) from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all use
        return Decimal("-inf" if text.startswith("-") else "inf")


def _syntax(message: str, file: str) -> Problem:
    place = PLACE.search(message)
    what = PLACE.sub("", message)
    what = "".join(c if c.isprintable() else repr(c)[1:-1] for c in what)
    right = 'a study file has lines such as draws = 1000, with text in "double quotes"'
    if place is None:
        return Problem(file, "a number has too many digits", "use fewer digits")
    if place["line"] is None:
        return Problem(f"{file}: last line", f"not valid TOML: {what}", right)
    where = f"{file}: line {place['line']}, column {place['column']}"
    if what == "Cannot overwrite a value":
        return Problem(where, "the key is given twice", "give every key once")
    return Problem(where, f"not valid TOML: {what}", right)
