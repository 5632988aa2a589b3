"""The pupils that a study computes with, as coded columns (U-1, U-2, S-2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pupils"]


@dataclass(frozen=True, eq=False)
class Pupils:
    """Coded columns of a checked pupil table; one row per pupil and year.

    Codes are positions in the tuples of `lwoopro.codes`; an empty cell is ``codes.EMPTY``.
    All arrays have shape ``(rows,)``. Row order has no meaning.

    Attributes
    ----------
    year : int16 array
        Reference date, 1 October of this year.
    pupil_id : int64 array
        The person; (year, pupil_id) is unique.
    school : int32 array
        Position in `schools`.
    schools : tuple of str
        School locations (BRIN and two digits), sorted.
    school_swv, home_swv : int16 array
        Position in `swv`. Never empty: U-1 (VO0001 overrides the home) and U-2 (unknown home is
        the school's swv) are applied.
    swv : tuple of str
        All codes of the study's swv table, sorted.
    grade : int8 array
        3 or 4.
    track, registration : int8 array
    asylum : bool array
    mother_id, father_id : int64 array
        Key of the person (I-5); 0 where `has_mother_id`, `has_father_id` is False.
    has_mother_id, has_father_id : bool array
    education_mother, education_father : int8 array
        As given in the row; I-5's "known in one row is known in all" is not applied here.
    education_class_mother, education_class_father : int64 array
        Imputation class as the user numbers it; ``codes.NO_CLASS`` where empty.
    origin, stay, debt : int8 array
    extra : mapping of str to array
        Further columns, by name: match keys, covariates and added characteristics, as int64,
        float64 (NaN empty), bool or str objects (None empty).
    """

    year: NDArray[np.int16]
    pupil_id: NDArray[np.int64]
    school: NDArray[np.int32]
    schools: tuple[str, ...]
    school_swv: NDArray[np.int16]
    home_swv: NDArray[np.int16]
    swv: tuple[str, ...]
    grade: NDArray[np.int8]
    track: NDArray[np.int8]
    registration: NDArray[np.int8]
    asylum: NDArray[np.bool_]
    mother_id: NDArray[np.int64]
    father_id: NDArray[np.int64]
    has_mother_id: NDArray[np.bool_]
    has_father_id: NDArray[np.bool_]
    education_mother: NDArray[np.int8]
    education_father: NDArray[np.int8]
    education_class_mother: NDArray[np.int64]
    education_class_father: NDArray[np.int64]
    origin: NDArray[np.int8]
    stay: NDArray[np.int8]
    debt: NDArray[np.int8]
    extra: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.year)
