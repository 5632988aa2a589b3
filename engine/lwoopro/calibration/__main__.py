"""``python -m lwoopro.calibration``: fit, composition, shares of 2012, residual table.

Four stages, each of which reads what the ones before wrote:

1. ``fit``: the parameters marked ``calibrated`` → ``parameters.toml`` (some minutes);
2. ``composition``: how the cohorts of an swv differ → ``composition.csv``,
   ``populations.csv`` (a minute or two);
3. ``shares``: the shares of 2012 → ``shares_2012.csv`` (seconds);
4. ``residuals``: the default study, run by the engine → ``residuals.csv``,
   ``CALIBRATION.md`` (a minute); with ``--readme README.md`` also the table there.

Nothing is random beyond fixed seeds: the same stages give the same files.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.calibration.composition import write_composition
from lwoopro.calibration.engine import SEED, YEARS, simulate
from lwoopro.calibration.expected import SEEDS, expected_facts, write_shares
from lwoopro.calibration.fit import fit
from lwoopro.calibration.money import read_money
from lwoopro.calibration.populations import compare, plain_movements, write_populations
from lwoopro.calibration.readme import put_into
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
from lwoopro.pupils.synthetic.source import (
    COMPOSITION_FILE,
    CONTEXT_COLUMNS,
    csv_rows,
    read_composition,
)

STAGES: Final = ("fit", "composition", "shares", "residuals")

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
    parser.add_argument("--stage", choices=STAGES, action="append", help="default: all four")
    parser.add_argument("--steps", type=int, default=40, help="of the fit, at most (40)")
    parser.add_argument("--draws", type=int, default=1000, help="of the residual table (1000)")
    parser.add_argument(
        "--out",
        type=Path,
        default=bundled_folder("national"),
        help="folder for the files that are written (default: the bundled population itself)",
    )
    parser.add_argument("--readme", type=Path, help="file whose residual table is replaced")
    options = parser.parse_args(arguments)
    stages = options.stage or STAGES
    folder: Path = options.out
    folder.mkdir(parents=True, exist_ok=True)
    bundled = bundled_folder("national")
    parameters = _first(folder / "parameters.toml", bundled)
    composition = _first(folder / COMPOSITION_FILE, bundled)
    source = read_source("national", read_parameters(parameters))
    source = replace(source, composition=read_composition(composition, source.codes))
    money = read_money(read_swv(bundled / "swv.csv"))
    if "fit" in stages:
        # the composition of 2020 is what the fit makes it: that of the cohorts comes on top
        fitted = fit(replace(source, composition={}), money, source.parameters, options.steps, _say)
        write_parameters(fitted, folder / "parameters.toml", _HEADING)
        source = replace(source, parameters=read_parameters(folder / "parameters.toml"))
    if "composition" in stages:
        plain = plain_movements(source, money)
        write_composition(source, plain, money, SEEDS, folder / COMPOSITION_FILE)
        made = read_composition(folder / COMPOSITION_FILE, source.codes)
        source = replace(source, composition=made)
        write_populations(compare(source, plain, money), folder / "populations.csv")
    if "shares" in stages:
        write_shares(expected_facts(source, money), folder / "shares_2012.csv")
    if "residuals" in stages:
        same = read_parameters(bundled / "parameters.toml").items() == source.parameters.items()
        shipped = read_composition(bundled / COMPOSITION_FILE, source.codes)
        if not same or not _equal(shipped, source.composition):
            parser.error(f"the engine runs the bundled population: copy {folder} over it first")
        shares = _first(folder / "shares_2012.csv", bundled)
        results = simulate(shares, options.draws)
        population = generate_from(source, YEARS, SEED)
        table = read_swv(bundled / "swv.csv")
        nonwestern = CONTEXT_COLUMNS.index("nonwestern_pct")
        assert source.context is not None
        residuals = [
            *national_residuals(table, money, results),
            *population_residuals(population, range(20)),
            *budget_residuals(results),
            *statement_residuals(results, source.context[:, nonwestern]),
        ]
        write_residuals(residuals, folder / "residuals.csv")
        populations = csv_rows(_first(folder / "populations.csv", bundled))
        write_summary(residuals, folder / "CALIBRATION.md", options.draws, SEED, populations)
        if options.readme is not None:
            put_into(options.readme, csv_rows(folder / "residuals.csv"))
        _table(residuals)
    return 0


def _equal(
    one: Mapping[int, NDArray[np.float64]], other: Mapping[int, NDArray[np.float64]]
) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[c], other[c]) for c in one)


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
