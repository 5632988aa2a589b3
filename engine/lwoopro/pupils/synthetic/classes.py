"""Imputation classes and their probabilities, as an analyst would make them (I-1).

A class is made of the parent's role, the level of the other parent or that it is unknown, origin,
income and age. Its probabilities are the shares of the levels among parents of the class whose
level is known, drawn towards the coarser class without income and age where the class is thin. What
is missing not at random within a class the analyst cannot see, so neither do the probabilities.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes

__all__ = ["CLASSES", "class_number", "class_probabilities"]

_LEVELS: Final = len(codes.EDUCATION_LEVELS)
_OTHERS: Final = _LEVELS + 1
_ORIGINS: Final = len(codes.ORIGINS)
_INCOMES: Final = 5
_AGES: Final = 3
_AGE_BOUNDS: Final = (28.0, 33.0)
CLASSES: Final = 2 * _OTHERS * _ORIGINS * _INCOMES * _AGES
"""Number of classes."""

_PRIOR: Final = 20.0
"""Parents that the coarser class counts for."""


def class_number(
    role: int,
    other: NDArray[np.int8],
    origin: NDArray[np.int8],
    income_decile: NDArray[np.int64],
    age_at_birth: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Give the number of every parent's class.

    Parameters
    ----------
    role : int
        0 mother, 1 father.
    other : int8 array (persons,)
        Level of the other parent, ``codes.EMPTY`` where unknown.
    origin : int8 array (persons,)
    income_decile : int64 array (persons,)
        1 to 10.
    age_at_birth : int64 array (persons,)
        The parent's age in the year of the child's birth.

    Returns
    -------
    int64 array (persons,)
        0 to `CLASSES` - 1.
    """
    level = np.where(other == codes.EMPTY, _LEVELS, other).astype(np.int64)
    age = np.searchsorted(_AGE_BOUNDS, age_at_birth)
    income = (income_decile - 1) // 2
    return (((role * _OTHERS + level) * _ORIGINS + origin) * _INCOMES + income) * _AGES + age


def class_probabilities(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of the levels per class.

    Parameters
    ----------
    counts : float64 array (CLASSES, 8)
        Parents of known level per class.

    Returns
    -------
    float64 array (CLASSES, 8)
        Rows add up to 1. A class without parents has its coarser class's shares.
    """
    cells = counts.reshape(2, _OTHERS, _ORIGINS, _INCOMES * _AGES, _LEVELS)
    national = cells.sum(axis=(1, 2, 3)) + 1.0
    national /= national.sum(axis=-1, keepdims=True)
    by_other = _smooth(cells.sum(axis=(2, 3)), national[:, None])
    by_origin = _smooth(cells.sum(axis=3), by_other[:, :, None])
    return _smooth(cells, by_origin[:, :, :, None]).reshape(CLASSES, _LEVELS)


def _smooth(counts: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of `counts`, with `_PRIOR` parents spread as `prior` added."""
    smoothed = counts + _PRIOR * prior
    total: NDArray[np.float64] = smoothed.sum(axis=-1, keepdims=True)
    return np.asarray(smoothed / total)
