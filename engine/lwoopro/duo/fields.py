"""What a cell of a DUO file means: headings, location keys, swv codes, postcodes, counts."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.duo.text import Column, Table
from lwoopro.errors import Problem

__all__ = [
    "BRIN",
    "EUROPOORT",
    "LOCATION",
    "POSTCODE",
    "SUPPRESSED",
    "SWV",
    "Counts",
    "add",
    "and_more",
    "counts",
    "find",
    "locations",
    "missing",
    "normalise",
    "postcodes",
    "swv_codes",
]

SUPPRESSED: Final = 2.5
"""Stands for ``<5``: the middle of 1…4. How many cells it stands for is counted beside it."""

BRIN: Final = ("brin nummer", "brinnummer", "brin", "brin nr", "instellingscode")
LOCATION: Final = (
    "vestigingsnummer",
    "vestigings nummer",
    "vestigingscode",
    "vestigings code",
    "vestiging",
    "vestigingsnr",
)
SWV: Final = (
    "samenwerkingsverband passend onderwijs vo",
    "samenwerkingsverband vo",
    "samenwerkingsverband nummer",
    "samenwerkingsverband",
    "swv nummer",
    "vo swv",
    "swv vo",
    "swv",
)
POSTCODE: Final = ("postcode", "pc4", "postcode4", "postcode 4", "postcode vestiging", "pc4 code")

EUROPOORT: Final = "VO2810"
"""The swv of the postcodes that the division of 2015 calls by the port's name instead of a code."""

_NOTHING = ("", "-", "nvt", "onbekend", "nan", "null")
_SHOWN = 60


def normalise(heading: str) -> str:
    """Return a heading without case, accents and punctuation.

    Examples
    --------
    >>> normalise("LEER- OF VERBLIJFSJAAR 1 - MAN")
    'leer of verblijfsjaar 1 man'
    >>> normalise("brin_nummer")
    'brin nummer'
    """
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", plain.lower()))


def find(table: Table, names: Sequence[str]) -> Column | None:
    """Return the first column whose heading is among `names`, in the order of `names`."""
    by_name = {normalise(column.name): column for column in table.columns}
    return next((by_name[name] for name in names if name in by_name), None)


def missing(
    table: Table, wanted: str, names: Iterable[str], taken: re.Pattern[str] | None = None
) -> Problem:
    """Return the defect that a column is not there, naming the nearest one that is.

    Headings that match `taken` are columns in their own right and never the nearest.
    """
    present = {
        normalise(column.name): column.name
        for column in table.columns
        if taken is None or not taken.fullmatch(normalise(column.name))
    }
    near: list[str] = []
    for name in names:
        near = near or difflib.get_close_matches(name, present, n=1, cutoff=0.7)
    right = f"the nearest heading there is {present[near[0]]!r}" if near else ""
    return Problem(f"{table.path}: line 1", f"column {wanted!r} is missing", right)


def and_more(rows: int) -> str:
    """Say how many rows beyond the first have the same defect."""
    return f" (and {rows - 1} more row{'s' if rows > 2 else ''})" if rows > 1 else ""


def _bad_cells(table: Table, column: Column, bad: NDArray[np.bool_], right: str) -> Problem:
    rows = np.flatnonzero(bad)
    value = column.values[column.codes[rows[0]]]
    shown = repr(value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…")
    where = f"{table.path}: line {table.lines[rows[0]]}, column {column.name}"
    return Problem(where, (shown if value else "empty") + and_more(len(rows)), right)


def _nothing(value: str) -> bool:
    return value.lower().replace(".", "").strip() in _NOTHING


# Location keys


def locations(table: Table, problems: list[Problem]) -> NDArray[np.object_] | None:
    """Location keys, BRIN and two digits, from either way of writing them.

    A file has ``00AH`` with ``00`` beside it, or ``00AH00`` with or without the BRIN beside it.

    Parameters
    ----------
    table : Table
        The file.
    problems : list of Problem
        Takes what is wrong: a column missing, a key of another form, two columns that disagree.

    Returns
    -------
    ndarray of object, shape (rows,), or None
        ``00AH00``; None where something is wrong.
    """
    number = find(table, LOCATION)
    brin = find(table, BRIN)
    if number is None:
        problems.append(missing(table, "VESTIGINGSNUMMER", LOCATION))
    whole = number is not None and any(len(value) == 6 for value in number.values)
    if brin is None and not whole:
        problems.append(missing(table, "BRIN NUMMER", BRIN))
    if number is None or (brin is None and not whole):
        return None
    form = "a BRIN: two digits and two letters, such as '00AH'"
    school = None
    before = len(problems)
    if brin is not None:
        school = brin.map(str.upper).astype(str)
        bad = ~_matches(brin, r"[0-9]{2}[A-Za-z]{2}")
        if bad.any():
            problems.append(_bad_cells(table, brin, bad, form))
    short = _matches(number, r"[0-9]{1,2}")
    long = _matches(number, r"[0-9]{2}[A-Za-z]{2}[0-9]{2}")
    bad = ~long & (~short | (school is None))
    if bad.any():
        right = "two digits, or the BRIN and two digits, such as '00AH00'"
        problems.append(_bad_cells(table, number, bad, right))
    if len(problems) > before:
        return None
    tail = number.map(lambda v: v.upper() if len(v) == 6 else v.zfill(2)).astype(str)
    if school is None:
        return tail.astype(object)
    clash = long & (np.char.ljust(tail, 4).astype("U4") != school)
    if clash.any():
        right = f"it should begin with the {brin.name} beside it" if brin is not None else ""
        problems.append(_bad_cells(table, number, clash, right))
        return None
    return np.where(long, tail, np.char.add(school, tail)).astype(object)


def _matches(column: Column, pattern: str) -> NDArray[np.bool_]:
    expression = re.compile(pattern)
    each = np.array(
        [expression.fullmatch(value) is not None for value in column.values], dtype=bool
    )
    return each[column.codes]


# Codes


def swv_codes(table: Table, column: Column, problems: list[Problem]) -> NDArray[np.object_]:
    """Return the swv codes of a column, shape (rows,); ``""`` where a cell says nothing.

    ``VO2708`` with or without a name behind it, ``2708``, and ``Europoort`` are read.
    """

    def parse(value: str) -> str | None:
        if _nothing(value):
            return ""
        if normalise(value) == "europoort":
            return EUROPOORT
        found = re.match(r"(?:VO)?([0-9]{4})(?![0-9])", value, flags=re.IGNORECASE)
        return f"VO{found[1]}" if found else None

    codes = column.map(parse)
    bad = np.array([code is None for code in codes], dtype=bool)
    if bad.any():
        problems.append(_bad_cells(table, column, bad, "a vo swv, such as 'VO2708'"))
    return codes


def postcodes(table: Table, column: Column, problems: list[Problem]) -> NDArray[np.object_]:
    """Return the four digits of postcodes, shape (rows,); ``""`` where a cell says nothing."""

    def parse(value: str) -> str | None:
        if _nothing(value):
            return ""
        found = re.fullmatch(r"([1-9][0-9]{3})(?:\s*[A-Za-z]{2})?", value)
        return found[1] if found else None

    codes = column.map(parse)
    bad = np.array([code is None for code in codes], dtype=bool)
    if bad.any():
        problems.append(_bad_cells(table, column, bad, "a postcode, such as '1011' or '1011 AB'"))
    return codes


# Counts


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of a column, or of columns added up.

    Attributes
    ----------
    value : ndarray of float64, shape (rows,)
        Pupils; a cell ``<5`` counts as `SUPPRESSED`, an empty one as 0.
    suppressed : ndarray of int64, shape (rows,)
        How many cells ``<5`` are in `value`.
    given : ndarray of bool, shape (rows,)
        Whether there is anything in the cell.
    """

    value: NDArray[np.float64]
    suppressed: NDArray[np.int64]
    given: NDArray[np.bool_]

    @property
    def least(self) -> NDArray[np.float64]:
        """The smallest count that the cells allow, shape (rows,)."""
        least: NDArray[np.float64] = self.value - (SUPPRESSED - 1) * self.suppressed
        return least


def counts(table: Table, column: Column, problems: list[Problem]) -> Counts:
    """Read a column of counts: ``12``, ``12,0``, ``12.0``, ``<5`` or empty."""
    number = np.zeros(len(column.values))
    small = np.zeros(len(column.values), dtype=np.int64)
    given = np.ones(len(column.values), dtype=bool)
    bad = np.zeros(len(column.values), dtype=bool)
    for position, value in enumerate(column.values):
        # three digits behind the mark may as well be thousands: such a cell is refused
        if found := re.fullmatch(r"([0-9]{1,9})(?:[.,]0{1,2})?", value):
            number[position] = int(found[1])
        elif re.fullmatch(r"<\s*5", value):
            number[position], small[position] = SUPPRESSED, 1
        elif _nothing(value):
            given[position] = False
        else:
            bad[position] = True
    if bad.any():
        right = "a whole number of 0 or more, without a mark for thousands, or '<5'"
        problems.append(_bad_cells(table, column, bad[column.codes], right))
    return Counts(number[column.codes], small[column.codes], given[column.codes])


def add(
    table: Table, parts: Sequence[Counts], total: Counts | None, name: str, problems: list[Problem]
) -> Counts:
    """Add up the sexes, or take the total, whichever says more.

    A total that is given as a number stands. Where the total is ``<5`` or empty, sexes that are
    all given as numbers are added up; where they are not, a total ``<5`` is one suppressed cell.
    Without a total, every sex ``<5`` is one. The percentage that may stand beside ``<5`` is not
    used: it would undo what DUO suppressed on purpose.

    Parameters
    ----------
    table : Table
        The file, for messages.
    parts : sequence of Counts
        The sexes; may be empty.
    total : Counts or None
        The total, where the file has one.
    name : str
        What is counted, for messages.
    problems : list of Problem
        Takes rows in which the sexes are more than the total.

    Returns
    -------
    Counts
        Of the total.
    """
    nothing = np.zeros(len(table.lines))
    value = np.sum([nothing, *(p.value for p in parts)], axis=0)
    suppressed = np.sum([nothing, *(p.suppressed for p in parts)], axis=0).astype(np.int64)
    any_given = np.any([nothing, *(p.given for p in parts)], axis=0)
    summed = Counts(value, suppressed, any_given)
    if total is None:
        return summed
    most = np.where(total.suppressed > 0, 4, total.value)
    over = total.given & (summed.least > most)
    if over.any():
        rows = np.flatnonzero(over)
        what = "the sexes are more than the total" + and_more(len(rows))
        where = f"{table.path}: line {table.lines[rows[0]]}, {name}"
        problems.append(Problem(where, what, "they should add up to it"))
    known = any_given & (suppressed == 0) & (value > 0)
    use_parts = ~total.given | ((total.suppressed > 0) & known)
    return Counts(
        np.where(use_parts, value, total.value),
        np.where(use_parts, suppressed, total.suppressed),
        total.given | any_given,
    )
