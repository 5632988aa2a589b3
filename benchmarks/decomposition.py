"""Where the spread of a budget comes from: the two tables of the README (Q-6).

``python -m benchmarks.decomposition`` takes the national study of 1 October 2020 apart, 20 % by
school, with the default sources, with drawn coefficients, and with a drawn population as well. It
prints the tables as they stand in the README. On two cores it takes half a minute.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr

import lwoopro
from lwoopro.study import load_study, restore_study

POLICY: Final = "indicator-20-school"
YEAR: Final = 2020
MOST_UNCERTAIN: Final = 5
CASES: Final[dict[str, tuple[dict[str, bool], int]]] = {
    "default": ({}, 1000),
    "and coefficients": ({"coefficients": True}, 1000),
    "and population": ({"coefficients": True, "population": True}, 250),
}
"""What is switched on, and draws of each of the runs that are compared."""
SOURCES: Final = ("education", "donors", "coefficients", "population")


def taken_apart(uncertainty: dict[str, bool], draws: int) -> xr.Dataset:
    """Sobol indices of `POLICY` in `YEAR`, dims ``source, swv``, and nationally ``source``."""
    path = Path(__file__).parents[1] / "configs" / "national.toml"
    resolved = load_study(path).resolved()
    resolved["study"] |= {"years": (YEAR,), "draws": 20}
    resolved["uncertainty"] |= uncertainty
    resolved["decomposition"] = {"draws": draws, "policies": (POLICY,)}
    resolved["report"]["split"] = None  # what coefficients and a drawn population leave possible
    changed = restore_study(resolved, path)
    with tempfile.TemporaryDirectory() as folder:
        results = lwoopro.run(changed, out=Path(folder) / "run")
        names = [str(name) for name in results if str(name).startswith("sobol_")]
        return results[names].sel(policy=POLICY, year=YEAR).load()


def national(name: str, found: xr.Dataset) -> str:
    """One row of the national table, and its largest standard error, in points."""
    first, total = found["sobol_national_first"], found["sobol_national_total"]
    cells = [
        f"{100 * float(first.sel(source=source)):.0f} / {100 * float(total.sel(source=source)):.0f}"
        if source in found.source
        else ""
        for source in SOURCES
    ]
    errors = [found[f"sobol_national_{index}_se"].max() for index in ("first", "total")]
    return f"| {name} | {' | '.join(cells)} |  (± at most {100 * float(max(errors)):.1f})"


def per_swv(found: dict[str, xr.Dataset]) -> list[str]:
    """Rows of the swv whose budgets vary most by default: s.d. in euro and total indices."""
    spread = found["default"]["sobol_variance"].to_series().nlargest(MOST_UNCERTAIN)
    lines = []
    for swv in spread.index:
        cells = []
        for name in ("default", "and coefficients"):
            here = found[name].sel(swv=swv)
            totals = [
                f"{100 * float(here['sobol_total'].sel(source=source)):.0f}"
                for source in SOURCES
                if source in here.source
            ]
            deviation = np.sqrt(float(here["sobol_variance"]))
            cells.append(f"{round(deviation, -3):,.0f}: {', '.join(totals)}")
        lines.append(f"| {swv} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Take all cases apart and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, help="of each run; default 1,000, population 250")
    given = parser.parse_args()
    found = {}
    for name, (uncertainty, draws) in CASES.items():
        found[name] = taken_apart(uncertainty, given.draws or draws)
        print(national(name, found[name]), flush=True)
    print("\n".join(per_swv(found)))


if __name__ == "__main__":
    main()
