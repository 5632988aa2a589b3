"""A parent known in one row is known in all; what is drawn belongs to the person (I-5)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import EMPTY, REGISTRATIONS
from lwoopro.pupils.table import Pupils

__all__ = ["BY_ID", "FATHER_OF_PUPIL", "MOTHER_OF_PUPIL", "Parents", "own_score", "resolve_parents"]

BY_ID: Final = 0
MOTHER_OF_PUPIL: Final = 1
FATHER_OF_PUPIL: Final = 2
"""Sub-index of a parent's random numbers: keyed by his own id, or by the pupil's and the role."""


@dataclass(frozen=True, eq=False)
class Parents:
    """One parent of every row: level, and whose random number draws it where it is unknown.

    Attributes
    ----------
    level : int8 array, shape ``(rows,)``
        Education, ``codes.EMPTY`` where no row of the study knows it.
    person : int64 array, shape ``(rows,)``
        The parent's id, or the pupil's where there is none.
    role : int64 array, shape ``(rows,)``
        `BY_ID`, or the role that tells the two parents of a pupil apart.
    """

    level: NDArray[np.int8]
    person: NDArray[np.int64]
    role: NDArray[np.int64]


def own_score(pupils: Pupils) -> NDArray[np.bool_]:
    """Rows with a score of their own: complete registration, no asylum (I-2, I-4)."""
    complete = pupils.registration == REGISTRATIONS.index("complete")
    return np.asarray(complete & ~pupils.asylum)


def resolve_parents(pupils: Pupils) -> tuple[Parents, Parents]:
    """Find for mother and father of every row the level that any row knows (I-5).

    Only rows with a score of their own speak: what other rows give serves donor matching alone.
    A row's own level always stands. Where rows disagree, the others get the highest: levels are
    the highest attained.

    Parameters
    ----------
    pupils : Pupils
        All years of the study.

    Returns
    -------
    mother, father : Parents
    """
    speaks = own_score(pupils)
    level = np.concatenate([pupils.education_mother, pupils.education_father])
    has_id = np.concatenate([pupils.has_mother_id, pupils.has_father_id])
    person = np.where(
        has_id,
        np.concatenate([pupils.mother_id, pupils.father_id]),
        np.concatenate([pupils.pupil_id, pupils.pupil_id]),
    )
    roles = np.repeat([MOTHER_OF_PUPIL, FATHER_OF_PUPIL], len(pupils))
    role = np.where(has_id, BY_ID, roles)
    counts = np.concatenate([speaks, speaks])
    for wanted in (BY_ID, MOTHER_OF_PUPIL, FATHER_OF_PUPIL):
        here = np.flatnonzero(counts & (role == wanted))
        unknown = here[level[here] == EMPTY]
        known = here[level[here] != EMPTY]
        if len(unknown) == 0 or len(known) == 0:
            continue
        # by person, and within a person the highest level last
        known = known[np.lexsort((level[known], person[known]))]
        last = np.searchsorted(person[known], person[unknown], side="right") - 1
        found = (last >= 0) & (person[known[last]] == person[unknown])
        level[unknown[found]] = level[known[last[found]]]
    rows = len(pupils)
    return (
        Parents(level[:rows], person[:rows], role[:rows]),
        Parents(level[rows:], person[rows:], role[rows:]),
    )
