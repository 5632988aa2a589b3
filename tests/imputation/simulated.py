"""Pupils whose parents' levels come from a known ordered logit."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from lwoopro import codes
from lwoopro.imputation.education_model import EducationModel, fit
from lwoopro.imputation.persons import resolve_parents
from lwoopro.pupils.synthetic import generate
from lwoopro.pupils.table import Pupils
from tests.imputation import people

LEVELS = codes.EDUCATION_LEVELS
CUTS = np.array([-2.0, -1.2, -0.6, 0.3, 0.8, 1.9, 2.8])
INCOME, OTHER, TURKEY, FROM_FATHER = 0.25, -0.4, -0.8, 0.3
"""Truth of the simulated levels: slopes of income and origin, and per level of the father."""


@cache
def national() -> Pupils:
    return generate("national", [2019], 7, scale=0.05).pupils


def simulated(seed: int, hidden: float = 0.4) -> tuple[Pupils, Pupils]:
    """National pupils with levels from a known ordered logit: with some hidden, and with all.

    The father's level comes first, the mother's given his, so that her equation given him is true.
    """
    pupils = national()
    rng = np.random.default_rng(seed)
    rows = len(pupils)
    base = INCOME * (np.nan_to_num(pupils.extra["income_decile"], nan=5.5) - 5.5)
    base += OTHER * (pupils.origin == codes.ORIGINS.index("other"))
    base += TURKEY * (pupils.origin == codes.ORIGINS.index("turkey"))

    def draw(logit: NDArray[np.float64]) -> NDArray[np.int8]:
        return np.searchsorted(CUTS, logit + rng.logistic(size=rows)).astype(np.int8)

    father = draw(base)
    mother = draw(base + FROM_FATHER * (father - 3.0))
    # every child has parents of his own here
    pupils = replace(
        pupils,
        has_mother_id=np.zeros(rows, bool),
        has_father_id=np.zeros(rows, bool),
        education_mother=mother,
        education_father=father,
    )
    hide = rng.random((2, rows)) < hidden
    seen = replace(
        pupils,
        education_mother=np.where(hide[0], codes.EMPTY, mother).astype(np.int8),
        education_father=np.where(hide[1], codes.EMPTY, father).astype(np.int8),
    )
    return seen, pupils


def fitted(pupils: Pupils, *covariates: str, coded: tuple[str, ...] = ()) -> EducationModel:
    return fit(pupils, *resolve_parents(pupils), covariates, coded=coded)


def truth(pupils: Pupils, father: NDArray[np.int8]) -> NDArray[np.float64]:
    """True probabilities of the mother's level given the father's."""
    logit = INCOME * (pupils.extra["income_decile"] - 5.5) + FROM_FATHER * (father - 3.0)
    logit += OTHER * (pupils.origin == codes.ORIGINS.index("other"))
    logit += TURKEY * (pupils.origin == codes.ORIGINS.index("turkey"))
    below = expit(CUTS - logit[:, None])
    return np.diff(np.column_stack([np.zeros(len(below)), below, np.ones(len(below))]), axis=1)


def probabilities(threshold: NDArray[np.uint32]) -> NDArray[np.float64]:
    cumulative = threshold / 2**31
    ends = np.zeros((*cumulative.shape[:-1], 1)), np.ones((*cumulative.shape[:-1], 1))
    return np.diff(np.concatenate([ends[0], cumulative, ends[1]], axis=-1), axis=-1)


def known_rows(*rows: dict[str, Any]) -> Pupils:
    """The given pupils, and plenty of others of whom the model can be fitted."""
    many = [
        {
            "pupil_id": 1000 + k,
            "education_mother": LEVELS[k % 8],
            "education_father": LEVELS[k // 8 % 8],
        }
        for k in range(320)
    ]
    return people.pupils(*rows, *many)


@cache
def model_of_the_nation() -> EducationModel:
    return fitted(national(), "income_decile", "origin", "debt")
