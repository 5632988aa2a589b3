"""Composition of the cohorts per swv (*assumed*), shaped to the published stability tables.

How the parents of one cohort of an swv differ from those of the next is in no source that ships.
Twelve populations give every swv changes from year to year that follow its counts and chance. The
published tables say how many swv lie in each row of changes. The changes are moved as little as
possible (least squares, in units of what chance does), until the rows come near the table in all
twelve. Each change becomes a shift of the latent education of the parents of a cohort; 2020 itself
stays where the fit has it. The result is one set of shifts with which the published rows hold. It
is not the history of any single swv.
"""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from lwoopro.calibration.engine import YEARS
from lwoopro.calibration.money import Money
from lwoopro.calibration.movements import (
    PUBLISHED,
    Movements,
    budgets,
    expected_rows,
    rows_gradient,
)
from lwoopro.pupils.synthetic.persons import LAGS
from lwoopro.pupils.synthetic.source import Source

__all__ = [
    "COHORTS",
    "cohort_shifts",
    "moved",
    "response",
    "write_composition",
]

COHORTS: Final = tuple(range(YEARS[0] - 1, YEARS[-1] + 1))
"""Cohorts that the years consist of, by the year in which they are in grade 3."""

_HOLD: Final = 0.5
"""Weight of a change moved by one standard deviation of chance, against a row off by one swv."""

_SHIFT: Final = 0.1
"""Shift of the latent education with which the response is measured."""

_RESPONSE_SEEDS: Final = 3


def moved(of: Movements) -> NDArray[np.float64]:
    """Return by how much every change is to move, in %, float64 array (change, swv).

    The mean over populations of Σ (row − published)², plus `_HOLD` · Σ (move / chance)², is least.
    All moves together leave the money of all as it is.
    """
    mean, noise, chance, weight = of.mean, of.rest, of.chance, of.weight

    def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        free = flat.reshape(chance.shape)
        move = free - (free @ weight)[:, None]
        off = expected_rows(mean + move, noise) - PUBLISHED
        value = (off**2).sum() / len(mean) + _HOLD * ((move / chance) ** 2).sum()
        slope = rows_gradient(mean + move, noise, 2.0 * off / len(mean))
        slope += 2.0 * _HOLD * move / chance**2
        slope -= slope.sum(axis=1, keepdims=True) * weight
        return float(value), slope.ravel()

    found = minimize(cost, np.zeros(chance.size), jac=True, method="L-BFGS-B")
    free = found.x.reshape(chance.shape)
    return np.asarray(free - (free @ weight)[:, None])


def response(source: Source, money: Money, seeds: Sequence[int]) -> float:
    """Change of an swv's light support in % per unit of latent education of all its cohorts.

    Measured on common random numbers: every other swv is shifted up, the others down, and the
    reverse, so that the country stays as it is. One number for all swv: their own differ by some
    tenths, but are too noisy for the small ones.
    """
    sign = np.where(np.arange(len(source.codes)) % 2, -1.0, 1.0)
    up, down = (
        np.mean(
            [
                np.log(budgets(_shifted(source, s * _SHIFT * sign), money, seed, 1))
                for seed in seeds
            ],
            axis=(0, 1, 2),
        )
        for s in (1.0, -1.0)
    )
    slope = 100.0 * (up - down) / (2.0 * _SHIFT)
    # the money is shared out, so that a shift of the mean moves all: that part is left out
    return float(0.5 * (slope[sign > 0].mean() - slope[sign < 0].mean()))


def _shifted(source: Source, shift: NDArray[np.float64]) -> Source:
    return replace(source, composition={COHORTS[0]: shift})


def cohort_shifts(
    move: NDArray[np.float64], per_unit: float, sibling_share: float
) -> NDArray[np.float64]:
    """Turn changes into shifts of the cohorts: the smallest that make them.

    Parameters
    ----------
    move : float64 array (change, swv)
        In %.
    per_unit : float
        Of `response`.
    sibling_share : float
        Of the pupils who belong to a family of an older cohort.

    Returns
    -------
    float64 array (cohort, swv)
        Shifts of the latent education, by `COHORTS`; those of the last year's two cohorts cancel.
    """
    count = len(COHORTS)
    # who is in a cohort: its own families, and those of older siblings; before the first cohort
    # all are like the first
    families = (1.0 - sibling_share) * np.eye(count)
    for k in range(count):
        for lag in LAGS:
            families[k, max(k - lag, 0)] += sibling_share / len(LAGS)
    years = 0.5 * (np.eye(count)[1:] + np.eye(count)[:-1]) @ families
    # the last year stays; each year before it lies below by the changes still to come
    level = np.concatenate([-np.cumsum(move[::-1], axis=0)[::-1], np.zeros((1, move.shape[1]))])
    return np.asarray(np.linalg.pinv(years) @ (level / per_unit))


def write_composition(
    source: Source, plain: Movements, money: Money, seeds: Sequence[int], path: Path
) -> None:
    """Derive the shifts and write ``composition.csv``.

    Parameters
    ----------
    source : Source
    plain : Movements
        Of populations whose cohorts have no composition of their own.
    money : Money
    seeds : sequence of int
        Of `plain`; the response is measured on the first of them.
    path : Path
    """
    shifts = cohort_shifts(
        moved(plain),
        response(source, money, seeds[:_RESPONSE_SEEDS]),
        source.parameters["families.sibling_share"],
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(
            "# Assumed: made by `python -m lwoopro.calibration`, so that the published stability\n"
            "# tables of CBS 2022 hold; no source gives the composition of the cohorts per swv.\n"
            "# Shift of the parents' latent education (standard deviations), by the year in which\n"
            "# the cohort is in grade 3. The history of no single swv.\n"
        )
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["swv", *(f"cohort_{cohort}" for cohort in COHORTS), "status"])
        for code, values in zip(source.codes, shifts.T, strict=True):
            # + 0.0: no cell reads -0.0000
            cells = [f"{round(value, 4) + 0.0:.4f}" for value in values]
            writer.writerow([code, *cells, "assumed"])
