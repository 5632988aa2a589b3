"""The kinds of value that a study file holds: exact decimals, years, names, paths, lists.

Every number with decimals stays the decimal that the user wrote (T-1): it is never rounded to a
float. It may have 15 significant digits and 12 decimals, so that its float, wherever one is shown
or stored, reads back as the same decimal.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer
from pydantic_core import PydanticCustomError

from lwoopro.study.words import kind_of, shown

__all__ = [
    "PEM_PATH",
    "ByGroup",
    "Column",
    "Count",
    "CsvPath",
    "Euro",
    "Exact",
    "Fraction",
    "FrozenMap",
    "GeoPath",
    "Label",
    "MemorySize",
    "NationalEuro",
    "PemPath",
    "PupilPath",
    "Rise",
    "Share",
    "StudyName",
    "TableName",
    "Year",
    "YearName",
    "as_list",
    "bundled_or",
    "bytes_of",
    "not_empty",
    "unique",
]

_V = TypeVar("_V")

MOST_DIGITS: Final = 15
MOST_DECIMALS: Final = 12
LONGEST_NAME: Final = 60
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100

# these names mean devices on Windows, whatever their suffix
RESERVED_NAMES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
FOLDER_NAME = re.compile(r"[^\W_][\w .-]*")
BUNDLED_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def _wrong(what: str, right: str = "") -> PydanticCustomError:
    return PydanticCustomError("study", "{what}", {"what": what, "right": right})


def _exact(value: object) -> Decimal:
    """Return the decimal as written; whole numbers count as decimals, true and false do not."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        given = "this" if isinstance(value, dict | list) else shown(value)
        raise _wrong(f"{given} is {kind_of(value)}")
    if isinstance(value, int) and value.bit_length() > 256:
        raise _wrong("this number is too large" if value > 0 else "this number is too small")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise _wrong(f"{shown(number)} is not a finite number")
    if not number:
        return Decimal(0)
    _, digits, exponent = number.as_tuple()
    written = "".join(map(str, digits)).lstrip("0")
    significant = written.rstrip("0")
    decimals = -(int(exponent) + len(written) - len(significant))
    if len(significant) > MOST_DIGITS or decimals > MOST_DECIMALS:
        raise _wrong(
            f"{shown(number)} has too many digits",
            f"use at most {MOST_DIGITS} digits in all and {MOST_DECIMALS} after the point",
        )
    return number


Exact = BeforeValidator(_exact)
"""Marks a decimal that is kept as written."""

Share = Annotated[Decimal, Field(gt=0, le=1), Exact]
"""A share Y of the pupils (T-1)."""

Fraction = Annotated[Decimal, Field(ge=0, le=1), Exact]

Euro = Annotated[Decimal, Field(ge=0, le=1_000_000), Exact]
"""Euro per pupil."""

NationalEuro = Annotated[Decimal, Field(ge=0, le=10**12), Exact]

Count = Annotated[Decimal, Field(ge=0, le=10**9), Exact]
"""A number of pupils, with decimals where it is a mean."""

Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
"""A reference date, 1 October of the year."""

Rise = Annotated[Decimal, Field(ge=-50, le=100), Exact]
"""A rise in per cent."""


def _year_name(value: str) -> str:
    if not (len(value) == 4 and value.isascii() and value.isdigit()):
        raise _wrong(f"{shown(value)} is no year")
    if not FIRST_YEAR <= int(value) <= LAST_YEAR:
        raise _wrong(f"{value} is outside {FIRST_YEAR} to {LAST_YEAR}")
    return value


YearName = Annotated[str, AfterValidator(_year_name)]
"""A year as the key of a table."""


def _label(value: str) -> str:
    if not value.strip():
        raise _wrong("the text is empty")
    if value != value.strip() or not value.isprintable() or len(value) > LONGEST_NAME:
        raise _wrong(
            f"{shown(value)} is no name for a table or a plot",
            f"use at most {LONGEST_NAME} visible characters without spaces at the ends",
        )
    return value


Label = Annotated[str, AfterValidator(_label)]
"""A name that people read: of a policy, of a group of swv."""

Column = Label
"""The name of a column."""


def _study_name(value: str) -> str:
    usable = FOLDER_NAME.fullmatch(value) and value[-1] not in " ."
    if not usable or len(value) > LONGEST_NAME or RESERVED_NAMES.fullmatch(value):
        raise _wrong(f"{shown(value)} cannot be the name of a folder")
    return value


StudyName = Annotated[str, AfterValidator(_study_name)]
"""The name of the study, and of its folder of results."""


def _path(*suffixes: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        path = PurePosixPath(value)
        if not value.isprintable() or path.suffix.lower() not in suffixes:
            raise _wrong(f"{shown(value)} is no path to such a file")
        return str(path)  # "./pupils.csv" is "pupils.csv"

    return check


CsvPath = Annotated[str, AfterValidator(_path(".csv"))]

GeoPath = Annotated[str, AfterValidator(_path(".geojson", ".json"))]
"""Areas of swv or municipalities."""

PEM_PATH: Final = "the path of a file that ends in .pem, .crt, .cer or .key"
PemPath = Annotated[str, AfterValidator(_path(".pem", ".crt", ".cer", ".key"))]
"""A certificate or a key."""

_SIZE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?(MB|GB|TB|MiB|GiB|TiB)")
_UNITS: Final = {
    unit + mark: base**power
    for power, unit in ((2, "M"), (3, "G"), (4, "T"))
    for mark, base in (("B", 1000), ("iB", 1024))
}
_LEAST_MEMORY: Final = 10**8


def bytes_of(size: str) -> int:
    """Return a size as a number of bytes.

    Examples
    --------
    >>> bytes_of("1.5 GB"), bytes_of("2GiB")
    (1500000000, 2147483648)
    """
    found = _SIZE.fullmatch(size)
    if found is None:
        raise ValueError(size)
    return int(Decimal(found[1]) * _UNITS[found[2]])


def _size(value: str) -> str:
    try:
        many = bytes_of(value)
    except ValueError:
        raise _wrong(f"{shown(value)} is no amount of memory") from None
    if many < _LEAST_MEMORY:
        raise _wrong(f"{shown(value)} is too small")
    return value


MemorySize = Annotated[str, AfterValidator(_size)]
"""An amount of memory, as people write it."""
PupilPath = Annotated[str, AfterValidator(_path(".parquet", ".csv"))]


def bundled_or(suffix: str) -> AfterValidator:
    """Allow the name of a table that ships with the engine, or a path that ends in `suffix`."""
    as_path = _path(suffix)

    def check(value: str) -> str:
        if PurePosixPath(value).suffix.lower() == suffix:
            return as_path(value)
        if not BUNDLED_NAME.fullmatch(value) or len(value) > LONGEST_NAME:
            raise _wrong(f"{shown(value)} is neither a name nor a path to such a file")
        return value

    return AfterValidator(check)


TableName = Annotated[str, bundled_or(".toml")]


def _to_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


as_list: Final = BeforeValidator(_to_tuple)
"""Takes TOML's lists, and nothing else, for tuples."""


def _not_empty(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise _wrong("the list is empty")
    return values


not_empty: Final = AfterValidator(_not_empty)
"""Refuses an empty list; pydantic's own bound also speaks where an element is wrong."""


def _unique(values: tuple[Any, ...]) -> tuple[Any, ...]:
    seen = set()
    for value in values:
        if value in seen:
            raise _wrong(f"{shown(value)} is given twice", "give every value once")
        seen.add(value)
    return values


unique: Final = AfterValidator(_unique)
"""Refuses a list that has a value twice; 0.2 and 0.20 are the same value."""


class FrozenMap(Mapping[str, _V]):
    """Things by name that nobody changes: hashable, and equal to a dict with the same things."""

    __slots__ = ("_things",)

    def __init__(self, things: Mapping[str, _V]) -> None:
        self._things = dict(things)

    def __getitem__(self, name: str) -> _V:
        return self._things[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)

    def __hash__(self) -> int:
        return hash(frozenset(self._things.items()))

    def __repr__(self) -> str:
        return f"FrozenMap({self._things!r})"


ByGroup = (AfterValidator(FrozenMap), PlainSerializer(dict))
"""Makes a table of numbers by group unchangeable; unpack it into ``Annotated``."""
