"""Rows of the pupil table out of persons: what the register of one reference date shows."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lwoopro import codes
from lwoopro.pupils.synthetic.classes import CLASSES, class_number
from lwoopro.pupils.synthetic.families import DEBT_YEARS
from lwoopro.pupils.synthetic.persons import Persons

__all__ = ["COLUMNS", "EXTRA", "TRUTH", "class_counts", "fill_rows"]

COLUMNS: Final[Mapping[str, DTypeLike]] = {
    "year": np.int16,
    "pupil_id": np.int64,
    "school": np.int32,
    "school_swv": np.int16,
    "home_swv": np.int16,
    "grade": np.int8,
    "track": np.int8,
    "registration": np.int8,
    "asylum": np.bool_,
    "mother_id": np.int64,
    "father_id": np.int64,
    "has_mother_id": np.bool_,
    "has_father_id": np.bool_,
    "education_mother": np.int8,
    "education_father": np.int8,
    "education_class_mother": np.int64,
    "education_class_father": np.int64,
    "origin": np.int8,
    "stay": np.int8,
    "debt": np.int8,
}
EXTRA: Final[Mapping[str, DTypeLike]] = {
    "income_decile": np.float64,
    "mother_age": np.float64,
    "father_age": np.float64,
}
TRUTH: Final[Mapping[str, DTypeLike]] = {
    "true_education_mother": np.int8,
    "true_education_father": np.int8,
    "true_origin": np.int8,
    "true_stay": np.int8,
    "true_debt": np.int8,
    "true_residence": np.int16,
    "true_sibling": np.bool_,
}

_LEVELS: Final = len(codes.EDUCATION_LEVELS)
_STAY_BOUNDS: Final = (5, 10)


def fill_rows(
    table: Mapping[str, NDArray[Any]],
    row: int,
    persons: Persons,
    year: int,
    swv: int,
    first_school: int,
) -> int:
    """Write the rows of the persons who are there in `year`, from `row` on.

    Parameters
    ----------
    table : mapping of str to array
        `COLUMNS`, `EXTRA` and `TRUTH`, long enough.
    row : int
        First free row.
    persons : Persons
        One cohort of one swv.
    year : int
    swv : int
        Position of the swv.
    first_school : int
        Number of the swv's first school.

    Returns
    -------
    int
        Next free row.
    """
    grade = 3 if persons.cohort[0] == year else 4
    if persons.cohort[0] not in (year, year - 1):
        return row
    track = persons.track3 if grade == 3 else persons.track4
    here = np.flatnonzero(track != codes.EMPTY)
    end = row + len(here)
    out = {name: column[row:end] for name, column in table.items()}
    f, m = persons.families, persons.missing
    registration = m.registration[here]
    asylum = f.asylum[here]
    child = registration != codes.REGISTRATIONS.index("unregistered")
    has_mother = (registration == 0) | (registration == codes.REGISTRATIONS.index("no_father"))
    has_father = (registration == 0) | (registration == codes.REGISTRATIONS.index("no_mother"))

    out["year"][:] = year
    out["pupil_id"][:] = persons.pupil_id[here]
    out["school"][:] = first_school + persons.school[here]
    out["school_swv"][:] = swv
    out["home_swv"][:] = f.home[here]
    out["grade"][:] = grade
    out["track"][:] = track[here]
    out["registration"][:] = registration
    out["asylum"][:] = asylum

    mother, father = f.mother[here], f.father[here]
    stay_years = f.stay_in_cohort[here] + year - persons.family_cohort[here]
    stay = np.searchsorted(_STAY_BOUNDS, stay_years, side="right").astype(np.int8)
    start = f.debt_start[here]
    debt = ((start <= year) & (year < start + DEBT_YEARS)).astype(np.int8)
    out["true_education_mother"][:], out["true_education_father"][:] = mother, father
    out["true_origin"][:], out["true_stay"][:], out["true_debt"][:] = f.origin[here], stay, debt
    out["true_residence"][:] = persons.residence[here]
    out["true_sibling"][:] = persons.sibling[here]

    # an asylum pupil's origin and stay are known from the asylum procedure
    out["origin"][:] = np.where(child | asylum, f.origin[here], codes.EMPTY)
    out["stay"][:] = np.where(has_mother | asylum, stay, codes.EMPTY)
    out["debt"][:] = np.where(has_mother | has_father, debt, codes.EMPTY)
    family = persons.family[here]
    known_mother = np.where(m.known_mother[here], mother, codes.EMPTY).astype(np.int8)
    known_father = np.where(m.known_father[here], father, codes.EMPTY).astype(np.int8)
    birth = persons.family_cohort[here] - 14
    income = f.income_decile[here]
    for role, (name, there, own, other, born) in enumerate(
        (
            ("mother", has_mother, known_mother, known_father, f.mother_birth[here]),
            ("father", has_father, known_father, known_mother, f.father_birth[here]),
        )
    ):
        out[f"{name}_id"][:] = np.where(there, 2 * family + role, 0)
        out[f"has_{name}_id"][:] = there
        out[f"education_{name}"][:] = own
        number = class_number(role, other, f.origin[here], income, birth - born)
        out[f"education_class_{name}"][:] = np.where(there, number, codes.NO_CLASS)
        out[f"{name}_age"][:] = np.where(there, year - born, np.nan)
    out["income_decile"][:] = np.where(child, income, np.nan)
    return end


def class_counts(table: Mapping[str, NDArray[Any]], rows: slice) -> NDArray[np.float64]:
    """Parents of known level per class and level, among complete rows without asylum pupils.

    Parameters
    ----------
    table : mapping of str to array
        Written by `fill_rows`. The classes of parents whose level is known are emptied: a class
        is there for those who need one.
    rows : slice

    Returns
    -------
    float64 array (CLASSES, 8)
    """
    speaks = (table["registration"][rows] == 0) & ~table["asylum"][rows]
    counts = np.zeros(CLASSES * _LEVELS)
    for name in ("mother", "father"):
        level = table[f"education_{name}"][rows]
        classes = table[f"education_class_{name}"][rows]
        known = level != codes.EMPTY
        use = known & speaks
        counts += np.bincount(classes[use] * _LEVELS + level[use], minlength=CLASSES * _LEVELS)
        classes[known] = codes.NO_CLASS
    return counts.reshape(CLASSES, _LEVELS)
