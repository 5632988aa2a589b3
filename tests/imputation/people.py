"""A few pupils by hand."""

from typing import Any

import numpy as np

from lwoopro import codes
from lwoopro.pupils.table import Pupils

DEFAULT: dict[str, Any] = {
    "year": 2020,
    "school": 0,
    "school_swv": 0,
    "grade": 3,
    "track": 0,
    "registration": "complete",
    "asylum": False,
    "mother_id": None,
    "father_id": None,
    "education_mother": None,
    "education_father": None,
    "origin": 0,
    "stay": 2,
    "debt": 0,
}


def pupils(*people: dict[str, Any], extra: dict[str, Any] | None = None) -> Pupils:
    """Pupils with ids 1, 2, 3 … unless given; what is not given is as in `DEFAULT`."""
    rows = [{"pupil_id": k + 1, **DEFAULT, **person} for k, person in enumerate(people)]

    def column(name: str, kind: type) -> np.ndarray:
        return np.array([row[name] for row in rows], kind)

    def level(name: str) -> np.ndarray:
        levels = codes.EDUCATION_LEVELS
        found = [-1 if row[name] is None else levels.index(row[name]) for row in rows]
        return np.array(found, np.int8)

    def person(name: str) -> tuple[np.ndarray, np.ndarray]:
        has = np.array([row[name] is not None for row in rows])
        return np.array([row[name] or 0 for row in rows], np.int64), has

    mother, has_mother = person("mother_id")
    father, has_father = person("father_id")
    registration = [codes.REGISTRATIONS.index(row["registration"]) for row in rows]
    nobody = np.full(len(rows), codes.NO_CLASS, np.int64)
    return Pupils(
        year=column("year", np.int16),
        pupil_id=column("pupil_id", np.int64),
        school=column("school", np.int32),
        schools=("00AA00", "00AA01", "00AA02"),
        school_swv=column("school_swv", np.int16),
        home_swv=column("school_swv", np.int16),
        swv=("VO2001", "VO2002"),
        grade=column("grade", np.int8),
        track=column("track", np.int8),
        registration=np.array(registration, np.int8),
        asylum=column("asylum", np.bool_),
        mother_id=mother,
        father_id=father,
        has_mother_id=has_mother,
        has_father_id=has_father,
        education_mother=level("education_mother"),
        education_father=level("education_father"),
        education_class_mother=nobody,
        education_class_father=nobody,
        origin=column("origin", np.int8),
        stay=column("stay", np.int8),
        debt=column("debt", np.int8),
        extra=extra or {},
    )
