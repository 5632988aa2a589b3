"""What the registers do not know: persons, and the education of parents (model §3).

About 6 % of the pupils cannot be scored because they or a parent are not registered, and 58 % have
at least one parent of unknown education. Neither is at random: low levels, parents from abroad and
older parents are known less often, and the two parents of a family go together.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from lwoopro import codes
from lwoopro.pupils.synthetic.families import Families
from lwoopro.pupils.synthetic.parameters import Parameters

__all__ = ["Missing", "make_missing"]

_UNREGISTERED: Final = codes.REGISTRATIONS.index("unregistered")
_OTHER: Final = codes.ORIGINS.index("other")


@dataclass(frozen=True, eq=False)
class Missing:
    """What is missing, one entry per person of a chunk; all arrays have shape (persons,).

    Attributes
    ----------
    registration : int8 array
        Position in ``codes.REGISTRATIONS``.
    known_mother, known_father : bool array
        The register has the level of this parent; False where the parent is not registered.
    """

    registration: NDArray[np.int8]
    known_mother: NDArray[np.bool_]
    known_father: NDArray[np.bool_]


def make_missing(
    family_words: NDArray[np.float64],
    pupil_words: NDArray[np.float64],
    families: Families,
    p: Parameters,
) -> Missing:
    """Decide who stands in the register, and whose education is known.

    Parameters
    ----------
    family_words : float64 array (FAMILY_WORDS, persons)
    pupil_words : float64 array (PUPIL_WORDS, persons)
    families : Families
    p : Parameters
    """
    origin, asylum = families.origin, families.asylum
    suriname = origin == codes.ORIGINS.index("suriname_antilles")
    lift = (
        p["registration.suriname_antilles"] * suriname
        + p["registration.other"] * (origin == _OTHER)
        + p["registration.status"] * families.status
        + p["registration.asylum"] * asylum
    )
    # one uniform per family, cut at the chances of the three kinds in turn
    chances = [
        expit(p[f"registration.{kind}"] + lift) for kind in ("no_father", "no_mother", "no_parents")
    ]
    edges = np.cumsum(chances, axis=0)
    registration = np.zeros(len(origin), dtype=np.int8)
    for k in range(len(chances)):
        inside = (family_words[14] < edges[k]) & (family_words[14] >= (edges[k - 1] if k else 0.0))
        registration[inside] = k + 1
    alone = expit(
        p["registration.unregistered"]
        + p["registration.other"] * (origin == _OTHER)
        + p["registration.asylum"] * asylum
    )
    registration[pupil_words[6] < alone] = _UNREGISTERED

    abroad = origin > 0
    common = p["unknown.family"] * ndtri(family_words[15])
    known = []
    for word, level, birth, cohort_age in (
        (family_words[16], families.mother, families.mother_birth, p["unknown.mother_birth"]),
        (family_words[17], families.father, families.father_birth, p["unknown.father_birth"]),
    ):
        unknown = expit(
            p["unknown.intercept"]
            + p["unknown.level"] * (level.astype(np.float64) - 3.5)
            + p["unknown.abroad"] * abroad
            + p["unknown.recent"] * (families.stay_in_cohort < 10)
            + p["unknown.age"] * (cohort_age - birth) / 10.0
            + common
        )
        known.append(word >= unknown)
    has_mother = (registration == 0) | (registration == 1)
    has_father = (registration == 0) | (registration == 2)
    return Missing(registration, known[0] & has_mother, known[1] & has_father)
