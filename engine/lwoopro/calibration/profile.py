"""The target-group profile of one draw: what CBS22 publishes for 1 October 2020 (R-1)."""

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes
from lwoopro.calibration.onedraw import Drawn
from lwoopro.pupils.synthetic import SyntheticPopulation

__all__ = ["PROFILE_ROWS", "profile"]

PROFILE_ROWS = (
    "mother_primary",
    "mother_high",
    "father_high",
    "dutch",
    "three_origins",
    "stay_10_plus",
    "debt",
    "asylum",
)

_HIGH = codes.EDUCATION_LEVELS.index("bachelor")


def profile(population: SyntheticPopulation, drawn: Drawn) -> dict[str, dict[str, float]]:
    """Shares among the target group and among all pupils.

    Education stands among pupils with a score of their own, as drawn. Origin, stay and debt stand
    among the pupils of whom they are known, asylum pupils included. Asylum stands among all.

    Returns
    -------
    dict of "lowest" and "all" to dict of row to share
    """
    pupils, rows = population.pupils, drawn.rows
    everyone = np.ones(len(rows), dtype=bool)

    def shares(group: NDArray[np.bool_]) -> dict[str, float]:
        own = group & drawn.own
        origin, stay = pupils.origin[rows][group], pupils.stay[rows][group]
        debt = pupils.debt[rows][group]
        return {
            "mother_primary": float((drawn.mother[own] == 0).mean()),
            "mother_high": float((drawn.mother[own] >= _HIGH).mean()),
            "father_high": float((drawn.father[own] >= _HIGH).mean()),
            "dutch": float((origin[origin >= 0] == 0).mean()),
            "three_origins": float(np.isin(origin[origin >= 0], (1, 2, 3)).mean()),
            "stay_10_plus": float((stay[stay >= 0] == 2).mean()),
            "debt": float((debt[debt >= 0] == 1).mean()),
            "asylum": float(pupils.asylum[rows][group].mean()),
        }

    return {"lowest": shares(drawn.member), "all": shares(everyone)}
