"""Read and check a pupil table: parquet or csv → `Pupils` (contract "Pupil table", U-1, U-2)."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lwoopro.codes import EMPTY, NATIONAL_SWV, NO_CLASS
from lwoopro.errors import InputError
from lwoopro.pupils.checks import (
    Findings,
    check_donors,
    check_parents,
    check_places,
    check_unique,
)
from lwoopro.pupils.columns import CODED_COLUMNS, MAY_BE_ABSENT, STANDARD_COLUMNS
from lwoopro.pupils.convert import (
    BLANK,
    GIVEN,
    OUT_OF_RANGE,
    WRONG,
    Cells,
    as_added_codes,
    as_codes,
    as_names,
    as_truth,
    as_whole,
    free_column,
)
from lwoopro.pupils.messages import did_you_mean, listed
from lwoopro.pupils.room import Room
from lwoopro.pupils.source import Source, open_source
from lwoopro.pupils.swv import SwvTable
from lwoopro.pupils.table import Pupils

__all__ = ["read_pupils"]

_SCHOOL = "^[0-9]{2}[A-Z]{2}[0-9]{2}$"
_PERSONS = ("pupil_id", "mother_id", "father_id")
_NEVER_EMPTY = ("pupil_id", "school_id", "school_swv", "grade", "track", "registration", "asylum")
_CHARACTERISTICS = ("origin", "stay", "debt")

_Convert = Callable[[pa.ChunkedArray], Cells | None]


def read_pupils(
    path: Path,
    swv: SwvTable,
    years: Sequence[int],
    extra: Sequence[str] = (),
    characteristics: Mapping[str, Sequence[str]] | None = None,
    *,
    optional: Sequence[str] = (),
    classes_needed: bool = True,
    known_classes: NDArray[np.int64] | None = None,
    room: Room | None = None,
) -> Pupils:
    """Read a pupil table and check it; U-1 and U-2 are applied to ``home_swv``.

    Rows of other years are left out before anything else is looked at. Whole numbers may have any
    width or be floats without fraction (NaN is empty); truth values are booleans, 0 and 1, or in
    csv ``true`` and ``false``; text may be of any string type or a dictionary, and ``""`` is
    empty. In csv only an empty cell is empty, and a line without any needed cell is no pupil.
    Columns that nobody asks for are not read.

    Parameters
    ----------
    path : Path
        ``.parquet`` or ``.csv``.
    swv : SwvTable
        The codes that ``school_swv`` and ``home_swv`` may have.
    years : sequence of int
        Reference dates of the study; each must have rows.
    extra : sequence of str
        Further columns to carry, such as donor match keys; they must be there.
    characteristics : mapping of str to sequence of str, optional
        Added characteristics of the indicator with their codes (S-2); carried in `Pupils.extra`
        as int64 positions.
    optional : sequence of str
        Further columns that may be absent, such as covariates; then all their cells are empty.
    classes_needed : bool
        Whether an unknown level needs an imputation class (method ``table``, I-1). That is asked
        of parents of complete rows without asylum whose level is known in no such row (I-5):
        all others are never imputed.
    known_classes : int64 array, optional
        The classes of the probability file; a needed class outside them is a defect.
    room : Room, optional
        Memory that reading may take; without it, all that there is.

    Returns
    -------
    Pupils
        In the order of the file.

    Raises
    ------
    InputError
        With every kind of defect: column, number of rows, the first row (parquet) or line (csv)
        numbers. Messages hold no value of the table.
    """
    characteristics = characteristics or {}
    further = [name for name in dict.fromkeys((*extra, *optional)) if name not in STANDARD_COLUMNS]
    carried = [name for name in further if name not in characteristics]
    wanted = (*STANDARD_COLUMNS, *characteristics, *carried)
    few = [name for name in wanted if name not in _PERSONS and name not in carried]
    source = open_source(path, wanted, few, None if room is None else room.left)
    if room is not None:
        # what the file says of itself, before its columns are read
        room.refuse(source.path, source.rows, 0, 0, source.held)
    findings = Findings(source.path, source.word, source.first)
    may_be_absent = {*MAY_BE_ABSENT, *optional} - set(extra) - set(characteristics)
    spare = [name for name in source.names if name not in wanted]
    for name in wanted:
        if name not in source.names and name not in may_be_absent:
            findings.column(name, f"is missing{did_you_mean(name, spare)}")
    reader = _Reader(source, findings, years)
    if not len(reader.year):
        raise InputError(findings.problems)
    if room is not None:
        more = sum(name in source.names for name in wanted[len(STANDARD_COLUMNS) :])
        room.refuse(source.path, source.rows, len(reader.year), more, source.held)
    table = reader.standard(swv)
    added = {name: reader.added(name, codes) for name, codes in characteristics.items()}
    others = {name: reader.free(name) for name in carried}
    check_unique(reader.years, reader.year, table["pupil_id"], findings)
    check_places(reader.years, reader.year, table, swv.codes, findings)
    check_donors(table | added, (*_CHARACTERISTICS, *added), findings)
    if classes_needed:
        check_parents(table, known_classes, findings)
    if findings.problems:
        raise InputError(findings.problems)
    places = {name: cells.value for name, cells in added.items()}
    return _pupils(reader, table, places | others, swv.codes)


class _Reader:
    """Converts the columns of one file and reports the cells that cannot be converted."""

    def __init__(self, source: Source, findings: Findings, years: Sequence[int]) -> None:
        self.source = source
        self.findings = findings
        self.schools: tuple[str, ...] = ()
        self.keep: pa.Array | None = None  # None: every row
        self.years = np.array(sorted(set(years)), dtype=np.int64)
        self.year = self.choose_rows(self.years)

    def choose_rows(self, years: NDArray[np.int64]) -> NDArray[np.int64]:
        """Keep the rows of these years and return the year of each; report absent years."""
        none = np.zeros(0, dtype=np.int64)
        if not self.source.rows:
            self.findings.table("has no rows")
            return none
        if "year" not in self.source.names:
            return none
        column = self.source.column("year")
        cells = as_whole(column, self.source.is_text)
        right = "use the year of 1 October"
        if cells is None:
            self.findings.column("year", f"holds {_kind(column)}, not whole numbers", right)
            return none
        self.findings.cells("year", self.without_blank_lines(cells.state == BLANK), "empty", right)
        wrong = (cells.state == WRONG) | (cells.state == OUT_OF_RANGE)
        self.findings.cells("year", wrong, "no whole number", right)
        chosen = (cells.state == GIVEN) & np.isin(cells.value, years)
        for year in years[~np.isin(years, cells.value[chosen])].tolist():
            self.findings.column("year", f"no row of {year}, which is a year of the study")
        kept: NDArray[np.int64] = cells.value
        if not chosen.all():
            self.keep = pa.array(chosen)
            self.findings.kept = np.flatnonzero(chosen)
            kept = kept[chosen]
        return kept

    def without_blank_lines(self, blank: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Take out the lines of a csv file where every needed cell is empty."""
        if not self.source.is_text or not blank.any():
            return blank
        lines = blank.copy()
        for name in STANDARD_COLUMNS:
            if name in self.source.names:
                lines &= self.source.column(name).is_null().to_numpy()
        return blank & ~lines

    def read(self, name: str, convert: _Convert, what: str, right: str) -> Cells:
        """Read a column; where it is missing or cannot be read, no cell is given nor empty."""
        rows = len(self.year)
        if name not in self.source.names:
            state = BLANK if name in MAY_BE_ABSENT else WRONG
            return Cells(np.full(rows, EMPTY), np.full(rows, state, dtype=np.uint8))
        column = self.source.column(name, self.keep)
        cells = convert(column)
        if cells is None:
            self.findings.column(name, f"holds {_kind(column)}, not {what}s", right)
            return Cells(np.full(rows, EMPTY), np.full(rows, WRONG, dtype=np.uint8))
        bad = "unknown code" if what == "code" else f"no {what}"
        self.findings.cells(name, cells.state == WRONG, bad, right)
        too_large = "a number beyond int64, or beyond what a float holds exactly,"
        self.findings.cells(name, cells.state == OUT_OF_RANGE, too_large, "use int64")
        if name in _NEVER_EMPTY:
            self.findings.cells(name, cells.state == BLANK, "empty", "needed in every row")
        return cells

    def whole(self, name: str) -> Cells:
        text = self.source.is_text
        return self.read(name, lambda column: as_whole(column, text), "whole number", "use int64")

    def truth(self, name: str) -> Cells:
        text = self.source.is_text
        right = "use true and false"
        return self.read(name, lambda column: as_truth(column, text), "truth value", right)

    def coded(self, name: str, codes: Sequence[str], right: str, dtype: Any = np.int8) -> Cells:
        return self.read(name, lambda column: as_codes(column, codes, dtype), "code", right)

    def added(self, name: str, codes: Sequence[str]) -> Cells:
        right = f"use {listed(codes, shown=len(codes))}"
        return self.read(name, lambda column: as_added_codes(column, codes), "code", right)

    def school(self) -> Cells:
        def convert(column: pa.ChunkedArray) -> Cells | None:
            found = as_names(column, _SCHOOL)
            if found is None:
                return None
            cells, self.schools = found
            return cells

        right = "use BRIN and two digits, [0-9]{2}[A-Z]{2}[0-9]{2}"
        return self.read("school_id", convert, "school location", right)

    def grade(self) -> Cells:
        cells = self.whole("grade")
        other = (cells.state == GIVEN) & (cells.value != 3) & (cells.value != 4)
        self.findings.cells("grade", other, "another grade than 3 and 4", "leave these rows out")
        return cells

    def imputation_class(self, name: str) -> Cells:
        cells = self.whole(name)
        reserved = (cells.state == GIVEN) & (cells.value == NO_CLASS)
        self.findings.cells(name, reserved, "the lowest int64, which means no class,")
        return cells

    def standard(self, swv: SwvTable) -> dict[str, Cells]:
        """Read the table's own columns, apart from the year."""
        places = f"use the codes of {swv.path}: {listed(swv.codes)}"
        read: dict[str, Callable[[], Cells]] = {
            "school_id": self.school,
            "school_swv": lambda: self.coded("school_swv", swv.codes, places, np.int16),
            "home_swv": lambda: self.coded("home_swv", swv.codes, places, np.int16),
            "grade": self.grade,
            "asylum": lambda: self.truth("asylum"),
            "debt": lambda: self.truth("debt"),
        }
        table: dict[str, Cells] = {}
        for name in STANDARD_COLUMNS[1:]:
            if name in CODED_COLUMNS:
                codes = CODED_COLUMNS[name]
                table[name] = self.coded(name, codes, f"use {', '.join(codes)}")
            elif name in read:
                table[name] = read[name]()
            elif name in _PERSONS:
                table[name] = self.whole(name)
            else:
                table[name] = self.imputation_class(name)
        return table

    def free(self, name: str) -> NDArray[Any]:
        """Read a further column of any type; empty where it is absent."""
        empty = np.full(len(self.year), np.nan)
        if name not in self.source.names:
            return empty
        column = self.source.column(name, self.keep)
        values = free_column(column, self.source.is_text)
        if values is None:
            what = f"holds {_kind(column)}, which cannot be used"
            self.findings.column(name, what, "use int64, float, bool or text")
            return empty
        return values


def _kind(column: pa.ChunkedArray) -> str:
    """Name a column's type, as parquet knows it."""
    kind = column.type
    return str(kind.value_type if pa.types.is_dictionary(kind) else kind)


def _pupils(
    reader: _Reader,
    table: dict[str, Cells],
    extra: dict[str, NDArray[Any]],
    swv: tuple[str, ...],
) -> Pupils:
    """Put the checked columns together; the swv of the school overrides the home (U-1, U-2).

    What is taken from the table leaves it: the columns never stand in memory twice.
    """

    def whole(name: str, dtype: Any) -> NDArray[Any]:
        return table.pop(name).value.astype(dtype, copy=False)

    def filled(name: str, dtype: Any, empty: int) -> NDArray[Any]:
        cells = table.pop(name)
        values = cells.value.astype(dtype, copy=False)
        values[cells.state != GIVEN] = empty
        return values

    has_mother_id = table["mother_id"].state == GIVEN
    has_father_id = table["father_id"].state == GIVEN
    school = whole("school_swv", np.int16)
    home_swv = table.pop("home_swv")
    home = np.where(home_swv.state == GIVEN, home_swv.value, school)
    if NATIONAL_SWV in swv:
        national = swv.index(NATIONAL_SWV)
        home = np.where(school == national, national, home)
    return Pupils(
        year=reader.year.astype(np.int16),
        pupil_id=whole("pupil_id", np.int64),
        school=table.pop("school_id").value,
        schools=reader.schools,
        school_swv=school,
        home_swv=home.astype(np.int16, copy=False),
        swv=swv,
        grade=whole("grade", np.int8),
        track=filled("track", np.int8, EMPTY),
        registration=filled("registration", np.int8, EMPTY),
        asylum=whole("asylum", bool),
        mother_id=filled("mother_id", np.int64, 0),
        father_id=filled("father_id", np.int64, 0),
        has_mother_id=has_mother_id,
        has_father_id=has_father_id,
        education_mother=filled("education_mother", np.int8, EMPTY),
        education_father=filled("education_father", np.int8, EMPTY),
        education_class_mother=filled("education_class_mother", np.int64, NO_CLASS),
        education_class_father=filled("education_class_father", np.int64, NO_CLASS),
        origin=filled("origin", np.int8, EMPTY),
        stay=filled("stay", np.int8, EMPTY),
        debt=filled("debt", np.int8, EMPTY),
        extra=extra,
    )
