"""``python -m lwoopro.calibration``: fit, shares of 2012, residual table.

Three stages, each of which reads what the one before wrote:

1. ``fit``: the parameters marked ``calibrated`` → ``parameters.toml`` (some minutes);
2. ``shares``: the shares of 2012 → ``shares_2012.csv`` (seconds);
3. ``residuals``: the default study, run by the engine → ``residuals.csv``,
   ``CALIBRATION.md`` (a minute).

Nothing is random beyond fixed seeds: the same stages give the same files.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lwoopro.calibration.engine import SEED, YEARS, simulate
from lwoopro.calibration.expected import expected_facts, write_shares
from lwoopro.calibration.fit import fit
from lwoopro.calibration.money import read_money
from lwoopro.calibration.residuals import (
    Residual,
    budget_residuals,
    population_residuals,
    write_residuals,
)
from lwoopro.calibration.statements import national_residuals, statement_residuals
from lwoopro.calibration.summary import write_summary
from lwoopro.pupils.swv import read_swv
from lwoopro.pupils.synthetic import bundled_folder, generate_from, read_source
from lwoopro.pupils.synthetic.parameters import read_parameters, write_parameters
from lwoopro.pupils.synthetic.source import CONTEXT_COLUMNS

STAGES: Final = ("fit", "shares", "residuals")

_HEADING: Final = """\
Parameters of the synthetic national population (model §10).
status: "assumed" comes from no source; "calibrated" was set by `python -m lwoopro.calibration`,
so that the population meets the published figures (residuals.csv); "source" is published.
Change an assumed value, then run the calibration again: it fits the others to it.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stages that are asked for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lwoopro.calibration", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--stage", choices=STAGES, action="append", help="default: all three")
    parser.add_argument("--steps", type=int, default=40, help="of the fit, at most (40)")
    parser.add_argument("--draws", type=int, default=1000, help="of the residual table (1000)")
    parser.add_argument(
        "--out",
        type=Path,
        default=bundled_folder("national"),
        help="folder for the files that are written (default: the bundled population itself)",
    )
    options = parser.parse_args(arguments)
    stages = options.stage or STAGES
    folder: Path = options.out
    folder.mkdir(parents=True, exist_ok=True)
    parameters = _first(folder / "parameters.toml", bundled_folder("national"))
    source = read_source("national", read_parameters(parameters))
    money = read_money(read_swv(bundled_folder("national") / "swv.csv"))
    if "fit" in stages:
        fitted = fit(source, money, source.parameters, options.steps, _say)
        write_parameters(fitted, folder / "parameters.toml", _HEADING)
        source = read_source("national", read_parameters(folder / "parameters.toml"))
    if "shares" in stages:
        write_shares(expected_facts(source, money), folder / "shares_2012.csv")
    if "residuals" in stages:
        bundled = bundled_folder("national") / "parameters.toml"
        if read_parameters(bundled).items() != source.parameters.items():
            parser.error(f"the engine runs the bundled population: copy {folder} over it first")
        shares = _first(folder / "shares_2012.csv", bundled_folder("national"))
        results = simulate(shares, options.draws)
        population = generate_from(source, YEARS, SEED)
        table = read_swv(bundled_folder("national") / "swv.csv")
        nonwestern = CONTEXT_COLUMNS.index("nonwestern_pct")
        assert source.context is not None
        residuals = [
            *national_residuals(table, money, results),
            *population_residuals(population, range(20)),
            *budget_residuals(results),
            *statement_residuals(results, source.context[:, nonwestern]),
        ]
        write_residuals(residuals, folder / "residuals.csv")
        write_summary(residuals, folder / "CALIBRATION.md", options.draws, SEED)
        _table(residuals)
    return 0


def _first(path: Path, otherwise: Path) -> Path:
    return path if path.exists() else otherwise / path.name


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _table(residuals: Sequence[Residual]) -> None:
    _say(f"{'':58}{'published':>10}{'mean':>9}{'90 % of draws':>20}  within")
    for r in residuals:
        interval = f"{r.low:.1f} to {r.high:.1f}"
        name = f"{r.table}: {r.row}"
        _say(f"{name:58}{r.published:10.1f}{r.mean:9.1f}{interval:>20}  {r.within}")
    asked = [r for r in residuals if r.within]
    missed = [r for r in asked if r.within == "no"]
    _say(f"{len(asked) - len(missed)} of {len(asked)} published figures are within tolerance")


if __name__ == "__main__":
    sys.exit(main())
