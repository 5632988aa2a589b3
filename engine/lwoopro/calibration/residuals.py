"""The residual table: every published figure beside what the engine makes of it."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes
from lwoopro.calibration.engine import YEARS, Results
from lwoopro.calibration.fit import SHARE, YEAR
from lwoopro.calibration.onedraw import draw_levels, one_draw
from lwoopro.calibration.profile import profile
from lwoopro.calibration.tables import beyond, redistribution, stability
from lwoopro.calibration.targets import (
    CELLS,
    COLUMN_NAMES,
    EURO_CURRENT,
    EURO_INDICATOR,
    MISSING,
    PROFILE,
    REDISTRIBUTION_ROWS,
    ROW_NAMES,
    STABILITY,
    STABILITY_BEYOND,
    STABILITY_NAMES,
    STABILITY_TOLERANCE,
)
from lwoopro.pupils.synthetic import SyntheticPopulation

__all__ = [
    "Residual",
    "budget_residuals",
    "line",
    "population_residuals",
    "write_residuals",
]

_ROW_TOLERANCE: Final = 3.0
_EURO_TOLERANCE: Final = 0.10


@dataclass(frozen=True, slots=True)
class Residual:
    """One line of the table.

    Attributes
    ----------
    table, row : str
    published : float
    mean, low, high : float
        Over the draws; 5 % and 95 % quantile.
    tolerance : float
        How far `mean` may be off; NaN where nothing is asked.
    unit : str
    """

    table: str
    row: str
    published: float
    mean: float
    low: float
    high: float
    tolerance: float
    unit: str

    @property
    def within(self) -> str:
        """``yes``, ``no``, or empty where nothing is asked."""
        if np.isnan(self.tolerance):
            return ""
        return "yes" if abs(self.mean - self.published) <= self.tolerance + 1e-9 else "no"


def population_residuals(population: SyntheticPopulation, seeds: Sequence[int]) -> list[Residual]:
    """Profile and missingness of 1 October 2020; one draw per seed.

    The engine's results hold no profile (R-1 is read off pupils), so the plain draw of the fit
    stands in for it here.
    """
    levels = [draw_levels(population, seed) for seed in seeds]
    draws = [
        profile(population, one_draw(population, level, YEAR, SHARE, seed))
        for level, seed in zip(levels, seeds, strict=True)
    ]
    found = [
        line(
            f"profile, {'lowest 20 %' if column == 'lowest' else 'all'}",
            row,
            100 * target.value,
            100 * np.array([draw[column][row] for draw in draws]),
            100 * target.tolerance,
            "%",
        )
        for (column, row), target in PROFILE.items()
    ]
    pupils = population.pupils
    here = pupils.year == YEAR
    incomplete = pupils.registration[here] != 0
    father_only = pupils.registration[here] == codes.REGISTRATIONS.index("no_father")
    unknown = (pupils.education_mother[here] < 0) | (pupils.education_father[here] < 0)
    figures = {
        "unknown": unknown.mean(),
        "incomplete": incomplete.mean(),
        "father_only": father_only.sum() / incomplete.sum(),
    }
    return found + [
        line(
            "missing",
            row,
            100 * target.value,
            np.array([100 * figures[row]]),
            100 * target.tolerance,
            "%",
        )
        for row, target in MISSING.items()
    ]


def budget_residuals(results: Results) -> list[Residual]:
    """Euro ranges, redistribution, regions and stability, over the draws of the engine."""
    last = YEARS.index(YEAR)
    old, new = results.current[:, last], results.indicator[:, last]
    euro_old, euro_new = old / results.pupils[last], new / results.pupils[last]
    regional = np.array([code != codes.NATIONAL_SWV for code in results.codes])
    found = []
    for name, euro, ends in (
        ("current", euro_old, EURO_CURRENT),
        ("20 % by school", euro_new, EURO_INDICATOR),
    ):
        values = (euro[:, regional].min(axis=1), euro[:, regional].max(axis=1))
        found += [
            line(
                "euro per upper-vmbo pupil",
                f"{name}, {end}",
                published,
                value,
                _EURO_TOLERANCE * published,
                "euro",
            )
            for end, published, value in zip(("lowest", "highest"), ends, values, strict=True)
        ]
    cells = redistribution(old, new)
    found += [
        line("redistribution, row total", name, count, values, _ROW_TOLERANCE, "swv")
        for name, count, values in zip(
            ROW_NAMES, REDISTRIBUTION_ROWS, cells.sum(axis=2).T, strict=True
        )
    ]
    found += [
        line(
            "redistribution, cell",
            f"{row}, {column}",
            CELLS[i][k],
            cells[:, i, k],
            np.nan,
            "swv",
        )
        for i, row in enumerate(ROW_NAMES)
        for k, column in enumerate(COLUMN_NAMES)
    ]
    for year, published in STABILITY.items():
        before = results.indicator[:, YEARS.index(year - 1)]
        after = results.indicator[:, YEARS.index(year)]
        table = f"stability, {year} on {year - 1}"
        found += [
            line(table, name, count, values, STABILITY_TOLERANCE, "swv")
            for name, count, values in zip(
                STABILITY_NAMES, published, stability(before, after).T, strict=True
            )
        ]
        found.append(
            line(
                table,
                "beyond 500 k euro and 5 %",
                STABILITY_BEYOND[year],
                beyond(before, after),
                np.nan,
                "swv",
            )
        )
    return found


def line(
    table: str,
    row: str,
    published: float,
    values: NDArray[np.float64] | NDArray[np.int64],
    tolerance: float,
    unit: str,
) -> Residual:
    """Sum up the draws of one figure."""
    low, high = np.quantile(values, (0.05, 0.95))
    return Residual(
        table, row, float(published), float(values.mean()), float(low), float(high), tolerance, unit
    )


def write_residuals(residuals: Sequence[Residual], path: Path) -> None:
    """Write the table as csv."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            [
                "table",
                "row",
                "published",
                "mean",
                "low_90",
                "high_90",
                "tolerance",
                "within",
                "unit",
            ]
        )
        for r in residuals:
            numbers = [f"{x:.2f}" for x in (r.published, r.mean, r.low, r.high)]
            tolerance = "" if np.isnan(r.tolerance) else f"{r.tolerance:.2f}"
            writer.writerow([r.table, r.row, *numbers, tolerance, r.within, r.unit])
