"""The default study, run by the engine itself: what the residual table is made of."""

import csv
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.pupils.synthetic.source import bundled_folder, csv_rows
from lwoopro.simulation.runner import run
from lwoopro.study import load_study

__all__ = ["SEED", "YEARS", "Results", "simulate"]

YEARS: Final = (2017, 2018, 2019, 2020)
SEED: Final = 20221118
"""The seed of ``configs/national.toml``."""

_STUDY: Final = """
[study]
name = "calibration"
years = {years}
draws = {draws}
seed = {seed}
[pupils]
source = "synthetic"
population = "national"
[target_group]
shares = [0.20]
attribution = ["school"]
[swv]
path = "swv.csv"
[[policy]]
name = "current"
kind = "participation"
date = 2012
[[policy]]
name = "indicator-20-school"
kind = "indicator"
share = 0.20
attribution = "school"
"""


@dataclass(frozen=True, eq=False)
class Results:
    """Light support of the default study.

    Attributes
    ----------
    codes : tuple of str
        swv codes.
    current, indicator : float64 array (draw, year, swv)
        Euro, B-1 and 20 % by school.
    pupils : float64 array (year, swv)
        n_j by school.
    """

    codes: tuple[str, ...]
    current: NDArray[np.float64]
    indicator: NDArray[np.float64]
    pupils: NDArray[np.float64]


def simulate(shares: Path, draws: int, seed: int = SEED) -> Results:
    """Run the four years with the given shares of 2012.

    Parameters
    ----------
    shares : Path
        ``shares_2012.csv``.
    draws : int
    seed : int
        Of the study, population included.
    """
    with _study(shares, draws, seed) as path:
        results = run(load_study(path), out=path.parent / "results")
        budget = results["budget"]
        found = Results(
            codes=tuple(str(code) for code in results["swv"].values),
            current=budget.sel(policy="current").transpose("draw", "year", "swv").values,
            indicator=budget.sel(policy="indicator-20-school")
            .transpose("draw", "year", "swv")
            .values,
            pupils=results["pupils"].sel(attribution="school").transpose("year", "swv").values,
        )
        results.close()
    return found


@contextmanager
def _study(shares: Path, draws: int, seed: int) -> Iterator[Path]:
    """Yield a study file beside an swv table with these shares; both go afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="lwoopro-calibration-"))
    try:
        given = {row["swv"]: row for row in csv_rows(shares)}
        rows = csv_rows(bundled_folder("national") / "swv.csv")
        for row in rows:
            row |= {key: given[row["swv"]][key] for key in ("q_lwoo_2012", "q_pro_2012")}
        with (folder / "swv.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        path = folder / "study.toml"
        path.write_text(_STUDY.format(years=list(YEARS), draws=draws, seed=seed), "utf-8")
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)
