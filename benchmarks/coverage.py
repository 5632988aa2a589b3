"""Do the intervals cover? Hide known education, impute it, look (Q-7).

``python -m benchmarks.coverage`` runs 2,000 replications of every case and writes
``benchmarks/results/coverage.csv`` and ``coverage.svg``. In each replication the levels of a small
world are drawn from a known ordered logit and partly hidden; the engine fits its model to what is
left, draws 1,000 times, and each swv's intervals are held against the S_j that was realised.

*Proper* draws the model's parameters in every draw (Rubin), *improper* keeps the estimates. Both
see the same replications.
"""

import argparse
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.coverage_world import SHARE, YEAR, Hiding, World, make_world
from lwoopro.allocation.target import target_group
from lwoopro.allocation.weights import contributions
from lwoopro.imputation.donors import match_codes
from lwoopro.imputation.education_model import fit
from lwoopro.imputation.persons import resolve_parents
from lwoopro.indicator.file import Characteristic, read_indicator
from lwoopro.indicator.lattice import build_lattice
from lwoopro.pupils.table import Pupils
from lwoopro.simulation.pieces import Sources, draw_pieces, thresholds_of
from lwoopro.simulation.plan import plan_year

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVELS: Final = (0.50, 0.90, 0.95)
MEASURES: Final = ("score", "share of all scores")
METHODS: Final = ("proper", "improper")
RESULTS: Final = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Case:
    """One way of hiding, and what the engine is told.

    Attributes
    ----------
    name : str
    holds : bool
        Whether the intervals should cover: the model is right and levels are missing at random.
    hiding : Hiding
    local : float
        Spread of differences between the swv in the truth, in logits.
    covariates : tuple of str
    times : int
        Factor on the size of the world.
    """

    name: str
    holds: bool
    hiding: Hiding
    local: float = 0.0
    covariates: tuple[str, ...] = ("income", "origin")
    times: int = 1


BY_SWV: Final = ("income", "origin", "school_swv")

CASES: Final = (
    Case("completely at random", True, Hiding()),
    Case("at random given covariates", True, Hiding(True)),
    Case("not at random, odds × 0.9 per level", False, Hiding(True, np.log(0.9))),
    Case("not at random, odds × 0.7 per level", False, Hiding(True, np.log(0.7))),
    Case("not at random, odds × 0.5 per level", False, Hiding(True, np.log(0.5))),
    Case("6 % copy a donor's score", True, Hiding(True, no_register=0.06)),
    Case("any pattern, mother alone too", True, Hiding(True, any_pattern=True)),
    Case("local differences, not in the model", False, Hiding(True), local=0.4),
    Case("local differences, swv a covariate", True, Hiding(True), 0.4, BY_SWV),
    Case("at random, ten times as large", True, Hiding(True), times=10),
    Case("odds × 0.7, ten times as large", False, Hiding(True, np.log(0.7)), times=10),
)


@cache
def world(times: int = 1) -> World:
    """Make the world once per process."""
    # everybody has lived here for long and nobody has debts: a small lattice is a fast one
    indicator = replace(
        read_indicator("assumed-2022", Path()),
        stay=Characteristic("stay", ("10+",), (0,)),
        debt=Characteristic("debt", ("no",), (0,)),
    )
    return make_world(indicator, build_lattice(indicator), times)


def imputed(
    here: World, pupils: Pupils, covariates: Sequence[str], seed: int, draws: int
) -> dict[str, NDArray[np.float64]]:
    """S_j of every draw, imputed properly and improperly, by the engine's own rooms.

    Returns
    -------
    dict of str to float64 array, shape ``(draw, swv)``
        Score points.
    """
    mother, father = resolve_parents(pupils)
    model = fit(pupils, mother, father, covariates)
    plan = plan_year(
        pupils,
        YEAR,
        base=here.base,
        mother=mother,
        father=father,
        mother_row=model.mother_row,
        father_row=model.father_row,
        father_follows=model.father_follows,
        match=match_codes(pupils, ("track", "origin")),
        lattice=here.lattice,
        shares=(Decimal(str(SHARE)),),
    )
    found = {}
    for method in METHODS:
        proper = method == "proper"
        parts = []
        for start in range(0, draws, 64):
            some = range(start, min(start + 64, draws))
            thresholds = thresholds_of(model.thresholds(), model if proper else None, seed, some)
            sources = Sources(parameters=proper)
            pieces, _ = draw_pieces(plan, here.lattice, thresholds, seed, some, sources)
            group = target_group(pieces, plan.quotas, "include", some, YEAR)
            parts.append(np.asarray(contributions("mean", group.gaps(0, 0))) / 1e6)
        found[method] = np.concatenate(parts)
    return found


def replication(number: int, case: Case, draws: int) -> NDArray[np.float64]:
    """One replication: shape ``(method, measure, swv, 3 levels + width)``.

    Per level 1 where the interval covers; then half the width of the 95 % interval, as a fraction
    of the truth.
    """
    here = world(case.times)
    mother, father = here.levels(np.random.default_rng([1, number]), case.local)
    pupils = here.hide(np.random.default_rng([2, number]), mother, father, case.hiding)
    truth = here.realised(mother, father)
    drawn = imputed(here, pupils, case.covariates, 10_000 + number, draws)
    out = np.empty((len(METHODS), len(MEASURES), len(truth), len(LEVELS) + 1))
    for m, method in enumerate(METHODS):
        scores = drawn[method]
        sides = (scores, truth), (scores / scores.sum(axis=1, keepdims=True), truth / truth.sum())
        for k, (values, true) in enumerate(sides):
            for j, level in enumerate(LEVELS):
                low, high = np.quantile(values, ((1 - level) / 2, (1 + level) / 2), axis=0)
                out[m, k, :, j] = (low <= true) & (true <= high)
            out[m, k, :, -1] = (high - low) / 2 / true
    return out


def study(case: Case, replications: int, draws: int, processes: int = 1) -> NDArray[np.float64]:
    """All replications of a case, shape ``(replication, method, measure, swv, …)``."""
    one = partial(replication, case=case, draws=draws)
    if processes == 1:
        return np.stack([one(number) for number in range(replications)])
    with ProcessPoolExecutor(processes) as pool:
        return np.stack(list(pool.map(one, range(replications), chunksize=25)))


def table(found: Iterable[tuple[Case, NDArray[np.float64]]]) -> pd.DataFrame:
    """Put coverage in one line per case, method and measure.

    The standard error is that of the mean over replications: swv of one replication are no
    independent cases. `lowest_swv` and `highest_swv` are the 95 % coverage of single swv, whose
    binomial error is `binomial_se`.
    """
    lines = []
    for case, values in found:
        replications = len(values)
        for m, method in enumerate(METHODS):
            for k, measure in enumerate(MEASURES):
                part = values[:, m, k]
                line: dict[str, object] = {
                    "case": case.name,
                    "imputation": method,
                    "measure": measure,
                    "replications": replications,
                }
                for j, level in enumerate(LEVELS):
                    per = part[:, :, j].mean(axis=1)
                    name = f"{100 * level:.0f}"
                    line[f"cover_{name}"] = round(100 * per.mean(), 2)
                    line[f"se_{name}"] = round(100 * per.std(ddof=1) / replications**0.5, 2)
                by_swv = 100 * part[:, :, len(LEVELS) - 1].mean(axis=0)
                line["lowest_swv"] = round(by_swv.min(), 2)
                line["highest_swv"] = round(by_swv.max(), 2)
                line["binomial_se"] = round(100 * (0.95 * 0.05 / replications) ** 0.5, 2)
                line["half_width_percent"] = round(100 * part[:, :, -1].mean(), 2)
                line["should_hold"] = case.holds
                lines.append(line)
    return pd.DataFrame(lines)


def readme_lines(lines: pd.DataFrame) -> list[str]:
    """Lines of the README's table: one per case."""

    def cell(row: pd.Series, level: int) -> str:
        return f"{row[f'cover_{level}']:.1f} ± {row[f'se_{level}']:.1f}"

    found = [
        "| hidden | 50 % | 90 % | **95 %** | single swv, 95 % | improper, 95 % |"
        " share of ΣS, 95 % |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name in dict.fromkeys(lines["case"]):
        rows = lines[lines["case"] == name].set_index(["imputation", "measure"])
        proper, improper, share = (
            rows.loc[key]
            for key in (("proper", "score"), ("improper", "score"), ("proper", MEASURES[1]))
        )
        found.append(
            f"| {name} | {cell(proper, 50)} | {cell(proper, 90)} | **{cell(proper, 95)}** | "
            f"{proper['lowest_swv']:.1f} … {proper['highest_swv']:.1f} | {cell(improper, 95)} | "
            f"{cell(share, 95)} |"
        )
    return found


def figure(lines: pd.DataFrame) -> "Figure":
    """Draw the coverage of the 95 % intervals of S_j, with two standard errors."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    scores = lines[lines["measure"] == MEASURES[0]]
    names = list(dict.fromkeys(scores["case"]))
    drawn, axes = plt.subplots(figsize=(8, 0.5 * len(names) + 1.4), layout="constrained")
    axes.axvspan(93.5, 96.5, color="0.9", label="93.5-96.5 %")
    for shift, method, colour in ((-0.13, "proper", "#1b6ca8"), (0.13, "improper", "#c65b1f")):
        part = scores[scores["imputation"] == method].set_index("case").loc[names]
        axes.errorbar(
            part["cover_95"],
            np.arange(len(names)) + shift,
            xerr=2 * part["se_95"],
            fmt="o",
            ms=5,
            color=colour,
            label=method,
        )
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("coverage of the 95 % interval of S_j, %")
    drawn.legend(loc="outside upper center", ncols=3, fontsize=8)
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--case", type=int, action="append", help="number in CASES; default all")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    path = given.out / "coverage.csv"
    for number in range(len(CASES)) if given.case is None else given.case:
        case = CASES[number]
        values = study(case, given.replications, given.draws, given.processes)
        lines = table([(case, values)])
        lines.insert(4, "draws", given.draws)
        print(lines.drop(columns="case").to_string(index=False), flush=True)
        if path.exists():
            before = pd.read_csv(path)
            lines = pd.concat([before[before["case"] != case.name], lines])
        order = {case.name: place for place, case in enumerate(CASES)}
        lines = lines[lines["case"].isin(order)]
        lines = lines.sort_values("case", key=lambda names: names.map(order), kind="stable")
        lines.to_csv(path, index=False)
        figure(lines).savefig(given.out / "coverage.svg", metadata={"Date": None})
    print("\n".join(readme_lines(lines)))


if __name__ == "__main__":
    main()
