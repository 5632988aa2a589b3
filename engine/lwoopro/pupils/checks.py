"""What must hold between the cells of a pupil table, checked for all rows at once."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lwoopro.codes import NATIONAL_SWV, REGISTRATIONS
from lwoopro.errors import Problem
from lwoopro.pupils.convert import BLANK, GIVEN, Cells
from lwoopro.pupils.messages import SHOWN, in_places, named

__all__ = ["Findings", "check_donors", "check_parents", "check_places", "check_unique"]

_COMPLETE = REGISTRATIONS.index("complete")
_ROLES = ("mother", "father")


class Findings:
    """The defects of one pupil table: columns, counts and row numbers, never a cell's value.

    Parameters
    ----------
    path : str
        The file, as the user gave it.
    word : str
        What a row is called, ``"row"`` or ``"line"``.
    first : int
        Number of the file's first data row.
    """

    def __init__(self, path: str, word: str, first: int) -> None:
        self.path = path
        self.word = word
        self.first = first
        self.kept: NDArray[np.int64] | None = None
        self.problems: list[Problem] = []

    def table(self, what: str, right: str = "") -> None:
        """Add a defect of the whole table."""
        self.problems.append(Problem(self.path, what, right))

    def column(self, name: str, what: str, right: str = "") -> None:
        """Add a defect of a whole column."""
        self.problems.append(Problem(f"{self.path}: column {named(name)}", what, right))

    def cells(self, name: str, bad: NDArray[np.bool_], what: str, right: str = "") -> None:
        """Add a defect of the marked rows, if there are any.

        Parameters
        ----------
        name : str
            The column.
        bad : bool array
            One mark per row of the file, or once `kept` is set, per row that is kept.
        what, right : str
            As in `Problem`; the places are added to `what`.
        """
        count = int(np.count_nonzero(bad))
        if not count:
            return
        rows = np.flatnonzero(bad)[:SHOWN]
        if self.kept is not None:
            rows = self.kept[rows]
        places = in_places(self.word, (rows + self.first).tolist(), count)
        self.column(name, f"{what} in {places}", right)


def check_unique(
    years: NDArray[np.int64], year: NDArray[np.int64], pupil: Cells, findings: Findings
) -> None:
    """Check that no pupil has two rows in one year."""
    repeated = np.zeros(len(year), dtype=bool)
    for one in years:
        rows = np.flatnonzero((year == one) & (pupil.state == GIVEN))
        numbers = np.sort(pupil.value[rows])
        if (numbers[1:] == numbers[:-1]).any():
            order = np.argsort(pupil.value[rows], kind="stable")
            numbers = pupil.value[rows][order]
            repeated[rows[order[1:][numbers[1:] == numbers[:-1]]]] = True
    what = "a pupil that an earlier row of the same year has already"
    findings.cells("pupil_id", repeated, what, "one row per pupil and year")


def check_places(
    years: NDArray[np.int64],
    year: NDArray[np.int64],
    table: Mapping[str, Cells],
    swv: Sequence[str],
    findings: Findings,
) -> None:
    """Check that a location is in one swv a year, and that VO0001 is no home elsewhere (U-1)."""
    school, place, home = table["school_id"], table["school_swv"], table["home_swv"]
    rows = np.flatnonzero((school.state == GIVEN) & (place.state == GIVEN))
    key = school.value[rows].astype(np.int64) * len(years) + np.searchsorted(years, year[rows])
    first = np.zeros(int(key.max(initial=-1)) + 1, dtype=place.value.dtype)
    first[key[::-1]] = place.value[rows[::-1]]  # the last assignment stays: the earliest row's
    other = np.zeros(len(year), dtype=bool)
    other[rows[first[key] != place.value[rows]]] = True
    what = "another swv than an earlier row of the same location and year has"
    findings.cells("school_swv", other, what, "a location belongs to one swv (U-1)")
    if NATIONAL_SWV in swv:
        national = list(swv).index(NATIONAL_SWV)
        abroad = (home.state == GIVEN) & (home.value == national)
        abroad &= (place.state == GIVEN) & (place.value != national)
        what = f"{NATIONAL_SWV} at a school of another swv"
        findings.cells("home_swv", abroad, what, "use the swv of the pupil's postcode (U-1)")


def check_donors(table: Mapping[str, Cells], names: Sequence[str], findings: Findings) -> None:
    """Check that complete rows without asylum have their characteristics (S-2)."""
    needed = _scored(table)
    for name in names:
        right = "needed where registration is complete and asylum false"
        findings.cells(name, needed & (table[name].state == BLANK), "empty", right)


def check_parents(
    table: Mapping[str, Cells], known_classes: NDArray[np.int64] | None, findings: Findings
) -> None:
    """Check that every level to be imputed by `table` has a class (I-1, I-5).

    To be imputed are the levels of parents of complete rows without asylum, where no such row of
    the same parent has one.
    """
    needed = _scored(table)
    for role in _ROLES:
        column = f"education_class_{role}"
        unknown = needed & (table[f"education_{role}"].state == BLANK)
        lacking = unknown & (table[column].state == BLANK)
        right = "needed where the level is unknown and the parent registered"
        findings.cells(column, _never_known(lacking, role, needed, table), "empty", right)
        if known_classes is not None:
            rows = np.flatnonzero(unknown & (table[column].state == GIVEN))
            foreign = np.zeros(len(unknown), dtype=bool)
            foreign[rows[~_member(table[column].value[rows], known_classes)]] = True
            what = "a class that the probability file lacks"
            findings.cells(column, _never_known(foreign, role, needed, table), what)


def _scored(table: Mapping[str, Cells]) -> NDArray[np.bool_]:
    """Mark the complete rows without asylum: they alone are scored, and know levels (I-5)."""
    registration, asylum = table["registration"], table["asylum"]
    complete = (registration.state == GIVEN) & (registration.value == _COMPLETE)
    marks: NDArray[np.bool_] = complete & (asylum.state == GIVEN) & (asylum.value == 0)
    return marks


def _never_known(
    marks: NDArray[np.bool_], role: str, needed: NDArray[np.bool_], table: Mapping[str, Cells]
) -> NDArray[np.bool_]:
    """Keep the marks of rows whose parent's level is in none of the `needed` rows (I-5).

    A parent with an id is the same person in either role; one without is known by the pupil and
    the role.
    """
    rows = np.flatnonzero(marks)
    if not len(rows):
        return marks
    named: list[NDArray[np.int64]] = []
    for parent in _ROLES:
        identity = table[f"{parent}_id"]
        level_known = needed & (table[f"education_{parent}"].state == GIVEN)
        named.append(identity.value[level_known & (identity.state == GIVEN)])
        if parent == role:
            own = table["pupil_id"].value[level_known & (identity.state != GIVEN)]
    with_id = table[f"{role}_id"].state[rows] == GIVEN
    known = np.where(
        with_id,
        _member(table[f"{role}_id"].value[rows], np.concatenate(named)),
        _member(table["pupil_id"].value[rows], own),
    )
    never = np.zeros(len(marks), dtype=bool)
    never[rows[~known]] = True
    return never


def _member(values: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether each value is among the known ones; several times faster than NumPy's."""
    found = pc.is_in(pa.array(values), value_set=pa.array(known))
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)
