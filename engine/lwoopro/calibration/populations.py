"""The stability tables of many populations: those that were fitted, and fresh ones.

The published table is one draw of one country. Two questions follow. How far off would it be if the
populations without composition were right in all but the draw? And do the fitted shifts hold in
populations that they were not fitted to?
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.calibration.engine import YEARS
from lwoopro.calibration.expected import SEEDS
from lwoopro.calibration.money import Money
from lwoopro.calibration.movements import PUBLISHED, Movements, expected_rows, movements
from lwoopro.calibration.tables import stability
from lwoopro.calibration.targets import STABILITY_NAMES, STABILITY_TOLERANCE
from lwoopro.pupils.synthetic.source import Source

__all__ = [
    "COLUMNS",
    "FRESH",
    "Populations",
    "compare",
    "missed",
    "missed_if_true",
    "plain_movements",
    "write_populations",
]

COLUMNS: Final = ("plain", "fitted", "fresh", "fresh_low", "fresh_high")
"""Means without composition, with it, with it in fresh populations; the range of the fresh."""

FRESH: Final = tuple(range(12, 24))
"""Seeds of populations that nothing was fitted to."""


@dataclass(frozen=True, eq=False)
class Populations:
    """Movements without composition, with it, and with it in fresh populations."""

    plain: Movements
    fitted: Movements
    fresh: Movements


def compare(source: Source, plain: Movements, money: Money) -> Populations:
    """Make the populations of `SEEDS` and `FRESH` with the source's composition."""
    return Populations(plain, movements(source, money, SEEDS), movements(source, money, FRESH))


def plain_movements(source: Source, money: Money, seeds: Sequence[int] = SEEDS) -> Movements:
    """Movements of the populations of `seeds` whose cohorts have no composition of their own."""
    return movements(replace(source, composition={}), money, seeds)


def missed(rows: NDArray[np.float64], published: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows that are off by more than `STABILITY_TOLERANCE`, int64 array (population,)."""
    return np.asarray((np.abs(rows - published) > STABILITY_TOLERANCE).sum(axis=(-2, -1)))


def missed_if_true(of: Movements) -> NDArray[np.int64]:
    """Rows that a draw of one population misses of the mean of another: all pairs.

    What the published table would miss if it were a draw of a country made like these populations.
    """
    rows = expected_rows(of.mean, of.rest)
    populations, draws = of.change.shape[:2]
    table = np.stack(
        [
            np.stack([stability(np.full_like(c, 100.0), 100.0 + c) for c in population])
            for population in np.swapaxes(of.change, 1, 2)
        ]
    )
    # (population, change, draw, row) → (population, draw, change, row)
    table = np.swapaxes(table, 1, 2)
    pairs = [
        missed(rows[model], table[country, draw])
        for country in range(populations)
        for draw in range(draws)
        for model in range(populations)
        if model != country
    ]
    return np.array(pairs)


def write_populations(of: Populations, path: Path) -> None:
    """Write ``populations.csv``: every row of the tables, then how many rows are missed."""
    rows = [expected_rows(m.mean, m.rest) for m in (of.plain, of.fitted, of.fresh)]
    counts = [missed(r, PUBLISHED) for r in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "row", "published", *COLUMNS])
        for k, year in reversed(list(enumerate(YEARS[1:]))):
            for r, name in enumerate(STABILITY_NAMES):
                values = [block[:, k, r] for block in rows]
                table = f"stability, {year} on {year - 1}"
                writer.writerow([table, name, f"{PUBLISHED[k, r]:.0f}", *_cells(values)])
        table = f"rows more than {STABILITY_TOLERANCE:.0f} swv off"
        writer.writerow([table, "per population", "0", *_cells(counts)])
        chance = missed_if_true(of.plain)
        for row, value in (
            ("of a draw of another population", chance.mean()),
            ("none, % of the pairs", 100.0 * (chance == 0).mean()),
        ):
            writer.writerow([table, row, "", f"{value:.2f}", "", "", "", ""])


def _cells(values: Sequence[NDArray[Any]]) -> list[str]:
    """Means, then the range of the fresh populations."""
    fresh = values[-1]
    numbers = [*(float(v.mean()) for v in values), float(fresh.min()), float(fresh.max())]
    return [f"{number:.2f}" for number in numbers]
