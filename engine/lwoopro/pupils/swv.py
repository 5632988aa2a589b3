"""The swv table: which swv there are, and their counts, fractions and labels (U-1, model §5)."""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lwoopro.errors import InputError, Problem
from lwoopro.pupils.csvfile import CsvFile, first_values, parse_number, read_csv
from lwoopro.pupils.messages import did_you_mean, in_places, listed, named, quoted

__all__ = ["SwvTable", "read_swv", "swv_text"]

_COUNTS = ("vo", "bb", "kb", "gl", "tl", "pro", "lwoo", "lwoo_34")
_PRO_YEARS = tuple(f"pro_{year}" for year in range(1, 7))  # pro pupils by year of stay
_FRACTIONS = ("q_lwoo_", "q_pro_")
_LABELS = ("region",)
_MOST_SWV = 32_767  # the pupil table numbers them in int16


@dataclass(frozen=True, eq=False)
class SwvTable:
    """The swv of a study and what is known about them.

    Attributes
    ----------
    codes : tuple of str
        Codes of the swv, sorted; every other array follows this order.
    years : tuple of int or None
        Sorted years of the ``year`` column; None where the table has no such column.
    numbers : mapping of str to float64 array
        Every numeric column, shape ``(swv,)``, or ``(years, swv)`` with a ``year`` column; NaN
        where the cell is empty. ``vo, bb, …`` are pupils, ``q_…`` fractions of vo.
    labels : mapping of str to tuple of str
        ``region`` and every other column that holds text, shape ``(swv,)``; with a ``year``
        column those of the first year. Empty cells are ``""``.
    path : str
        The file, as the user gave it.
    sha256 : str
        Of the file's bytes.
    """

    codes: tuple[str, ...]
    years: tuple[int, ...] | None
    numbers: Mapping[str, NDArray[np.float64]]
    labels: Mapping[str, tuple[str, ...]]
    path: str
    sha256: str

    def column(self, name: str, year: int, policy: str) -> NDArray[np.float64]:
        """Return a numeric column that a policy needs, for one year.

        Parameters
        ----------
        name : str
            Name of the column, such as ``"q_lwoo_2012"``.
        year : int
            Which year's values; a table without a ``year`` column gives its only ones.
        policy : str
            Name of the policy that needs the column, for the message.

        Returns
        -------
        float64 array
            Shape ``(swv,)``, without empty cells, read-only.

        Raises
        ------
        InputError
            Where the column or the year is absent, the column holds text, or a cell is empty.
        """
        where = f"{self.path}: column {named(name)}"
        need = f"policy {quoted(policy)} needs"
        if name in self.labels:
            raise InputError(Problem(where, f"holds text, and {need} numbers"))
        if name not in self.numbers:
            what = f"is missing, and {need} it{did_you_mean(name, self.numbers)}"
            raise InputError(Problem(where, what))
        values = self.numbers[name]
        if self.years is not None:
            if year not in self.years:
                years = listed(str(known) for known in self.years)
                what = f"no rows of {year}, and {need} {name} of that year"
                raise InputError(
                    Problem(f"{self.path}: column year", what, f"the table has {years}")
                )
            values = values[self.years.index(year)]
        empty = np.flatnonzero(np.isnan(values))
        if len(empty):
            codes = listed((self.codes[swv] for swv in empty[:5]), len(empty))
            of_year = "" if self.years is None else f" in {year}"
            what = f"is empty{of_year} for {len(empty)} swv ({codes}), and {need} it"
            raise InputError(Problem(where, what))
        return values


def read_swv(path: Path) -> SwvTable:
    """Read a ``swv.csv``: comma-separated, UTF-8, decimal point, one row per swv (and year).

    Only the column ``swv`` is required. ``vo, bb, kb, gl, tl, pro, lwoo, lwoo_34, pro_1 … pro_6``
    are numbers of at least 0, ``q_lwoo_…`` and ``q_pro_…`` fractions in [0, 1], ``region`` is
    text; every further column is kept as numbers where all its cells are numbers, else as labels.
    An empty cell is allowed until a policy needs it. Spaces around a cell do not count.

    Raises
    ------
    InputError
        With every defect of the file.
    """
    file = read_csv(path, required=["swv"])
    problems: list[Problem] = []
    codes, years, position = _keys(file, problems)
    numbers: dict[str, NDArray[np.float64]] = {}
    labels: dict[str, tuple[str, ...]] = {}
    shape = (len(codes),) if years is None else (len(years), len(codes))
    for name in file.header:
        if name in ("swv", "year"):
            continue
        values = None if name in _LABELS else _numbers(file, name, problems)
        if values is None:
            text = dict(zip(position, file.cells[name], strict=True))
            labels[name] = tuple(text.get(place, "") for place in range(len(codes)))
        else:
            array = np.full(math.prod(shape), np.nan)
            array[position] = values
            array = array.reshape(shape)
            array.setflags(write=False)
            numbers[name] = array
    if problems:
        raise InputError(problems)
    return SwvTable(codes, years, numbers, labels, file.path, file.sha256)


def swv_text(table: SwvTable) -> str:
    """Write a swv table as the csv that `read_swv` reads back.

    Parameters
    ----------
    table : SwvTable

    Returns
    -------
    str
        An empty cell is an empty one again; numbers keep every digit.

    Examples
    --------
    >>> table = SwvTable(
    ...     ("VO1", "VO2"), None, {"vo": np.array([10.0, np.nan])}, {"region": ("g4", "")}, "", ""
    ... )
    >>> swv_text(table).splitlines()
    ['swv,vo,region', 'VO1,10,g4', 'VO2,,']
    """
    lines = io.StringIO(newline="")
    write = csv.writer(lines, lineterminator="\n").writerow
    dated = table.years is not None
    write(["swv", *(["year"] if dated else []), *table.numbers, *table.labels])
    for row, year in enumerate(table.years or (None,)):
        for place, code in enumerate(table.codes):
            values = [array[(row, place) if dated else place] for array in table.numbers.values()]
            labels = [texts[place] for texts in table.labels.values()]
            write([code, *([year] if dated else []), *map(_cell, values), *labels])
    return lines.getvalue()


def _cell(value: float) -> str:
    if math.isnan(value):
        return ""
    return f"{value:.0f}" if float(value).is_integer() else repr(float(value))


def _keys(
    file: CsvFile, problems: list[Problem]
) -> tuple[tuple[str, ...], tuple[int, ...] | None, list[int]]:
    """Return the codes, the years, and the place of each record in an array of (years, swv)."""
    cells, lines = file.cells, file.lines
    empty = [line for line, code in zip(lines, cells["swv"], strict=True) if not code]
    if empty:
        problems.append(Problem(f"{file.path}: column swv", f"empty in {in_places('line', empty)}"))
    codes = tuple(sorted(set(cells["swv"]) - {""}))
    if not codes:
        raise InputError(problems)
    if len(codes) > _MOST_SWV:
        what = f"{len(codes):,} different codes"
        problems.append(
            Problem(f"{file.path}: column swv", what, f"at most {_MOST_SWV:,} are possible")
        )
    years: tuple[int, ...] | None = None
    of_record = [0] * len(lines)
    if "year" in cells:
        bad = [
            (line, cell)
            for line, cell in zip(lines, cells["year"], strict=True)
            if not (len(cell) == 4 and cell.isascii() and cell.isdigit())
        ]
        if bad:
            what = f"not a year: {first_values('line', bad)}"
            problems.append(Problem(f"{file.path}: column year", what, "use four digits"))
            raise InputError(problems)
        of_record = [int(cell) for cell in cells["year"]]
        years = tuple(sorted(set(of_record)))
    _check_complete(file, codes, years, of_record, problems)
    number = {code: place for place, code in enumerate(codes)}
    row = {year: place for place, year in enumerate(years or (0,))}
    position = [
        row[year] * len(codes) + number.get(code, 0)
        for year, code in zip(of_record, cells["swv"], strict=True)
    ]
    return codes, years, position


def _check_complete(
    file: CsvFile,
    codes: tuple[str, ...],
    years: tuple[int, ...] | None,
    of_record: list[int],
    problems: list[Problem],
) -> None:
    """Check that every swv has one row, or one in each year."""
    first: dict[tuple[int, str], int] = {}
    where = f"{file.path}: column swv"
    for year, code, line in zip(of_record, file.cells["swv"], file.lines, strict=True):
        if not code:
            continue
        earlier = first.setdefault((year, code), line)
        if earlier != line:
            of_year = "" if years is None else f" of {year}"
            what = f"{quoted(code)}{of_year} in line {line} stands in line {earlier} already"
            problems.append(Problem(where, what))
    for year in years or ():
        absent = [code for code in codes if (year, code) not in first]
        if absent:
            what = f"no row of {year} for {listed(absent)}"
            problems.append(Problem(where, what, "every swv needs a row in every year"))


def _numbers(file: CsvFile, name: str, problems: list[Problem]) -> list[float] | None:
    """Return a column's numbers, NaN where empty; None where it is a further column of text."""
    known = name in _COUNTS or name in _PRO_YEARS or name.startswith(_FRACTIONS)
    values: list[float] = []
    no_number: list[tuple[int, str]] = []
    outside: list[tuple[int, str]] = []
    for line, cell in zip(file.lines, file.cells[name], strict=True):
        value = parse_number(cell) if cell else math.nan
        if value is None:
            if not known:
                return None
            no_number.append((line, cell))
            value = math.nan
        elif math.isinf(value):
            no_number.append((line, cell))
        elif known and (value < 0 or (name.startswith(_FRACTIONS) and value > 1)):
            outside.append((line, cell))
        values.append(value)
    where = f"{file.path}: column {named(name)}"
    if no_number:
        what = f"not a number: {first_values('line', no_number)}"
        problems.append(Problem(where, what, "use digits and a decimal point"))
    if outside:
        fraction = name.startswith(_FRACTIONS)
        what = f"{first_values('line', outside)}"
        right = "a fraction lies between 0 and 1" if fraction else "a count is at least 0"
        problems.append(Problem(where, what, right))
    return values
