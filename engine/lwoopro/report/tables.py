"""Tables on disk: ``DIR/tables/*.csv``, one row per number, with its unit and its error (R-9, Q-3).

Every file has the columns that say what a number is about, then ``measure``, ``statistic``,
``value``, ``mcse`` (Monte-Carlo standard error; empty with one draw and where nothing is random)
and ``unit``. The statistic is ``mean``, a quantile over the draws (``p5``, ``p95``), ``estimate``
(a probability, a risk measure) or ``published``. What cannot be measured has no row; what is
withheld because too few pupils stand behind it (`lwoopro.report.privacy`) has one without a value.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.certainty import analytic_summary, decomposition
from lwoopro.analysis.change import change
from lwoopro.analysis.criteria import criteria_policies, criteria_scenarios
from lwoopro.analysis.lumpsum import exceedance, lumpsum_per_swv, lumpsum_summary
from lwoopro.analysis.monitoring import monitor, rules_of
from lwoopro.analysis.montecarlo import LEVEL, summaries
from lwoopro.analysis.profile import target_profile
from lwoopro.analysis.redistribution import baseline_of, redistribution
from lwoopro.analysis.regions import per_pupil, regions
from lwoopro.analysis.risk import TOP, risk
from lwoopro.analysis.stability import scatter, stability, yearly_change
from lwoopro.analysis.stress import combined_change, stress_summary
from lwoopro.analysis.why import why_summary
from lwoopro.pro.monitoring import Rule
from lwoopro.report.education import education_model
from lwoopro.report.privacy import find
from lwoopro.report.withhold import withhold
from lwoopro.simulation.files import write_atomically
from lwoopro.study.pro import MonitoringSection

__all__ = [
    "ANALYTIC_TABLES",
    "FOLDER",
    "TABLES",
    "save",
    "held",
    "long_table",
    "tables",
    "withhold",
    "write_tables",
]

FOLDER: Final = "tables"

_IN_MEMORY: Final = 2_000_000_000
"""Results up to so many bytes are read once, larger ones as each table asks for them."""

_KEYS: Final = ("policy", "baseline", "year", "previous_year", "attribution", "share", "swv")
_LAST: Final = ("measure", "statistic", "value", "mcse", "unit")
_SUFFIXES: Final = ("_mcse", "_low", "_high")


def long_table(summary: xr.Dataset, keys: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Lay a summary out with one row per number.

    Parameters
    ----------
    summary : Dataset
        Variables ``x`` with, where there are such, ``x_mcse``, ``x_low``, ``x_high``,
        ``x_low_mcse``, ``x_high_mcse``; the unit in ``attrs["units"]``. A variable
        ``published_x`` gives published values of ``x``.
    keys : mapping of str to str, optional
        Columns with one value each, such as the policy.

    Returns
    -------
    DataFrame
        The columns of `keys`, the dimensions and their further coordinates, ``measure``,
        ``statistic``, ``value``, ``mcse``, ``unit``.
    """
    tail = (1 - float(summary.attrs.get("level", LEVEL))) / 2
    low, high = f"p{100 * tail:.3g}", f"p{100 * (1 - tail):.3g}"
    names = {str(name) for name in summary.data_vars}
    labels: dict[tuple[str, ...], dict[str, NDArray[Any]]] = {}
    pieces = []
    for name in map(str, summary.data_vars):
        if name.endswith(_SUFFIXES) or name.startswith("published_"):
            continue
        ranged = f"{name}_low" in names
        statistics = {"mean": name, low: f"{name}_low", high: f"{name}_high"}
        statistics = statistics if ranged else {"estimate": name}
        if f"published_{name}" in names:
            statistics["published"] = f"published_{name}"
        for statistic, variable in statistics.items():
            values = summary[variable]
            dims = tuple(map(str, values.dims))
            if dims not in labels:
                labels[dims] = _labels(summary, dims)
            number = values.to_numpy().ravel()
            known = ~np.isnan(number)
            columns = {key: label[known] for key, label in labels[dims].items()}
            error = f"{variable}_mcse"
            columns["mcse"] = np.full(known.sum(), np.nan)
            if error in names:
                columns["mcse"] = summary[error].transpose(*dims).to_numpy().ravel()[known]
            columns["value"] = number[known]
            columns["measure"] = np.full(known.sum(), name, object)
            columns["statistic"] = np.full(known.sum(), statistic, object)
            columns["unit"] = np.full(known.sum(), summary[name].attrs.get("units", "1"), object)
            pieces.append(pd.DataFrame(columns))
    whole = pd.concat(pieces, ignore_index=True)
    for key, value in (keys or {}).items():
        whole[key] = value
    first = [name for name in _KEYS if name in whole]
    first += [str(name) for name in whole if name not in {*first, *_LAST}]
    return whole[[*first, *_LAST]]


def _labels(summary: xr.Dataset, dims: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Columns that say what each number of these dimensions is about, in the numbers' order."""
    if not dims:
        return {}
    place = np.indices([summary.sizes[dim] for dim in dims]).reshape(len(dims), -1)
    found = {}
    for name, coord in summary.coords.items():
        if len(coord.dims) == 1 and coord.dims[0] in dims:
            values = coord.to_numpy()
            values = values if values.dtype.kind in "if" else values.astype(object)
            found[str(name)] = values[place[dims.index(str(coord.dims[0]))]]
    return found


def _join(parts: Iterator[pd.DataFrame]) -> pd.DataFrame | None:
    found = list(parts)
    return pd.concat(found, ignore_index=True) if found else None


def _others(results: xr.Dataset) -> list[str]:
    baseline = baseline_of(results)
    return [name for name in map(str, results["policy"].values) if name != baseline]


def _against(
    results: xr.Dataset, function: Callable[[str, str], xr.Dataset]
) -> pd.DataFrame | None:
    """One table of every policy against the baseline."""
    baseline = baseline_of(results)
    return _join(
        long_table(function(policy, baseline), {"policy": policy, "baseline": baseline})
        for policy in _others(results)
    )


def _national(results: xr.Dataset) -> pd.DataFrame:
    names = ("cut_score", "mean_score", "target_mean")
    return long_table(summaries({name: results[name].load() for name in names}))


def _budgets(results: xr.Dataset) -> pd.DataFrame:
    parts = {name: results[name].load() for name in ("budget", "budget_part")}
    whole = parts["budget"].expand_dims(part=["total"])
    both = xr.concat([parts["budget_part"], whole], dim="part").rename("light_support")
    both.attrs = {"units": "euro"}
    return long_table(summaries({"light_support": both}))


def _scores(results: xr.Dataset) -> pd.DataFrame:
    names = ("disadvantage_score", "target_pupils")
    return long_table(summaries({name: results[name].load() for name in names}))


def _profile(results: xr.Dataset) -> pd.DataFrame:
    return long_table(target_profile(results))


def _change(results: xr.Dataset) -> pd.DataFrame | None:
    return _against(results, lambda new, old: scatter(change(results, new, old)))


def _redistribution(results: xr.Dataset) -> pd.DataFrame | None:
    def cells(new: str, old: str) -> xr.Dataset:
        table = redistribution(results, policy=new, baseline=old)
        return table.drop_vars(["probability", "probability_mcse", "swv"])

    return _against(results, cells)


def _cells(results: xr.Dataset) -> pd.DataFrame | None:
    """R-7: cells in which a swv never stood have no row."""

    def cells(new: str, old: str) -> xr.Dataset:
        table = redistribution(results, policy=new, baseline=old)
        chance = table[["probability", "probability_mcse"]]
        return chance.where(chance["probability"] > 0).assign_attrs(table.attrs)

    return _against(results, cells)


def _risk(results: xr.Dataset) -> pd.DataFrame | None:
    top = min(TOP, results.sizes["swv"])
    return _against(results, lambda new, old: risk(results, policy=new, baseline=old, top=top))


def _attribution(results: xr.Dataset) -> str:
    known = [str(name) for name in results["attribution"].values]
    return "school" if "school" in known else known[0]


def _per_pupil(results: xr.Dataset) -> pd.DataFrame | None:
    where = _attribution(results)
    return _against(
        results,
        lambda new, old: per_pupil(results, policy=new, baseline=old, attribution=where).rename(
            policy="euro_per_pupil",
            policy_mcse="euro_per_pupil_mcse",
            policy_low="euro_per_pupil_low",
            policy_low_mcse="euro_per_pupil_low_mcse",
            policy_high="euro_per_pupil_high",
            policy_high_mcse="euro_per_pupil_high_mcse",
        ),
    )


def _regions(results: xr.Dataset) -> pd.DataFrame | None:
    labels = set(results["region"].values.tolist())
    if labels <= {""} or "" not in labels:
        return None
    where = _attribution(results)
    return _against(
        results, lambda new, old: regions(results, policy=new, baseline=old, attribution=where)
    )


def _stability(results: xr.Dataset) -> pd.DataFrame | None:
    if results.sizes["year"] < 2:
        return None
    return _join(
        long_table(
            stability(results, policy=policy).drop_vars(["probability", "probability_mcse", "swv"]),
            {"policy": policy},
        )
        for policy in map(str, results["policy"].values)
    )


def _yearly_change(results: xr.Dataset) -> pd.DataFrame | None:
    if results.sizes["year"] < 2:
        return None
    return _join(
        long_table(scatter(yearly_change(results, policy=policy)), {"policy": policy})
        for policy in map(str, results["policy"].values)
    )


def _criteria_scenarios(results: xr.Dataset) -> pd.DataFrame:
    return long_table(criteria_scenarios(results))


def _criteria_policies(results: xr.Dataset) -> pd.DataFrame:
    return long_table(criteria_policies(results))


def _why(results: xr.Dataset) -> pd.DataFrame | None:
    if results.sizes["year"] < 2 or not results.sizes.get("split"):
        return None
    return _join(
        long_table(why_summary(results, policy=policy), {"policy": policy})
        for policy in map(str, results["split"].values)
        if policy in results["policy"].values
    )


def _donors(results: xr.Dataset) -> pd.DataFrame | None:
    if "donor_rung_pupils" not in results:
        return None
    found = results[["donor_rung_pupils"]].rename(donor_rung_pupils="donated")
    return long_table(found.compute())


def _settlement(results: xr.Dataset) -> pd.DataFrame | None:
    names = [name for name in map(str, results) if name.startswith(("settlement_", "border_"))]
    return long_table(results[names].compute()) if names else None


def _transition(results: xr.Dataset) -> pd.DataFrame | None:
    if "transition_budget" not in results:
        return None
    amounts = long_table(summaries({"light_support": results["transition_budget"].compute()}))
    if "transition_needed_loss" not in results:
        return amounts
    needed = results["transition_needed_loss"].compute()
    return pd.concat([amounts, long_table(summaries({"needed_loss": needed}))], ignore_index=True)


def _stress(results: xr.Dataset) -> pd.DataFrame | None:
    year = int(results["funding_year"][-1])

    def worst(new: str, old: str) -> xr.Dataset:
        found = stress_summary(combined_change(results, new, old), year)
        names = ["mean", "value_at_risk", "expected_shortfall", "expected_shortfall_mcse"]
        kept = found[names].rename(mean="mean_loss")
        for name in kept.data_vars:
            kept[name].attrs["units"] = "euro"
        return kept

    if results.sizes["draw"] < 2:
        return None
    return _against(results, worst)


def _analytic(name: str) -> Callable[[xr.Dataset], pd.DataFrame | None]:
    def table(results: xr.Dataset) -> pd.DataFrame | None:
        if "analytic_mean" not in results:
            return None
        summary = analytic_summary(results)
        return long_table(summary[[one for one in map(str, summary) if one.startswith(name)]])

    return table


def _decomposition(results: xr.Dataset) -> pd.DataFrame | None:
    """Q-6: the country, all swv weighed by their variance, has the code `national`."""
    if "sobol_variance" not in results or bool(results["sobol_variance"].isnull().all()):
        return None
    found = decomposition(results)
    every = found[["first", "first_mcse", "total", "total_mcse", "light_support_sd"]]
    renamed = {f"national_{one}{end}": f"{one}{end}" for one in ("first", "total") for end in _ENDS}
    national = found[list(renamed)].rename(renamed)
    return pd.concat(
        [long_table(national, {"swv": "national", "region": ""}), long_table(every)],
        ignore_index=True,
    )


_ENDS: Final = ("", "_mcse")


ANALYTIC_TABLES: Final[Mapping[str, Callable[[xr.Dataset], pd.DataFrame | None]]] = {
    "analytic_scores": _analytic("disadvantage_score"),
    "analytic_budgets": _analytic("light_support"),
}
"""What is known without draws (Q-5)."""

TABLES: Final[Mapping[str, Callable[[xr.Dataset], pd.DataFrame | None]]] = {
    "national": _national,
    "scores": _scores,
    "profile": _profile,
    "budgets": _budgets,
    "change": _change,
    "redistribution": _redistribution,
    "redistribution_cells": _cells,
    "risk": _risk,
    "per_pupil": _per_pupil,
    "regions": _regions,
    "stability": _stability,
    "yearly_change": _yearly_change,
    "criteria_scenarios": _criteria_scenarios,
    "criteria_policies": _criteria_policies,
    "why": _why,
    "donors": _donors,
    "settlement": _settlement,
    "transition": _transition,
    **ANALYTIC_TABLES,
    "decomposition": _decomposition,
}
"""Every table by the name of its file; None where the results do not give it."""

PRO_TABLES: Final[Mapping[str, Callable[[xr.Dataset], pd.DataFrame | None]]] = {
    "lumpsum": lambda results: long_table(lumpsum_summary(results)),
    "lumpsum_exceedance": lambda results: long_table(exceedance(results)),
    "lumpsum_swv": lambda results: long_table(lumpsum_per_swv(results)),
    "stress": _stress,
}
"""The tables of a study with growth scenarios; beside them ``monitoring``."""

MODEL_TABLES: Final[Mapping[str, Callable[[xr.Dataset], pd.DataFrame | None]]] = {
    "education_model": education_model,
}
"""The table of a study whose education levels come from a model."""


def held(results: xr.Dataset) -> xr.Dataset:
    """Read results into memory once, where they are not too large for that."""
    return results.load() if results.nbytes < _IN_MEMORY else results


def tables(
    results: xr.Dataset,
    *,
    suppress_below: int | None = None,
    rules: Sequence[Rule] | None = None,
) -> dict[str, pd.DataFrame]:
    """Work out every table that the results give.

    Parameters
    ----------
    results : Dataset
        Results of a run.
    suppress_below : int, optional
        Withhold what fewer pupils stand behind; by default what the study says. 0: everything is
        shown.
    rules : sequence of Rule, optional
        Rules of monitoring; by default those of an empty ``[monitoring]``.

    Returns
    -------
    dict of str to DataFrame
        By name, see `TABLES`; columns as the module says. Without years to compare, regions or a
        second policy, the tables that need them are absent.

    Raises
    ------
    ValueError
        `results` is not a results Dataset.
    """
    results = held(results)
    # compiling its sums would take longer than all the numbers of the tables
    with xr.set_options(use_numbagg=False):
        pro = PRO_TABLES if "lumpsum_cut" in results else {}
        model = MODEL_TABLES if "education_model" in results.attrs else {}
        wanted = {**TABLES, **pro, **model}
        found = {name: make(results) for name, make in wanted.items()}
        if "pro_pupils" in results and results.sizes["draw"] > 1:
            chosen = rules_of(MonitoringSection()) if rules is None else rules
            found["monitoring"] = long_table(monitor(results, chosen))
        privacy = find(results, suppress_below)
    return {
        name: withhold(name, table, privacy) for name, table in found.items() if table is not None
    }


def write_tables(
    results: xr.Dataset,
    folder: Path,
    *,
    suppress_below: int | None = None,
    rules: Sequence[Rule] | None = None,
) -> list[Path]:
    """Write every table to ``folder/tables``; each file appears whole or not at all.

    The same results give the same bytes.

    Parameters
    ----------
    results : Dataset
    folder : Path
        Folder of the run.
    suppress_below, rules
        See `tables`.

    Returns
    -------
    list of Path
        The files, sorted.
    """
    made = tables(results, suppress_below=suppress_below, rules=rules)
    written = save(made, folder)
    for name in {*TABLES, *PRO_TABLES, *MODEL_TABLES, "monitoring"} - made.keys():
        # what an earlier run of other years or policies left
        (folder / FOLDER / f"{name}.csv").unlink(missing_ok=True)
    return written


def save(made: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write tables to ``folder/tables``; returns the files, sorted."""
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    for name, table in made.items():
        text = table.to_csv(index=False, float_format="%.12g", lineterminator="\n")
        write_atomically(place / f"{name}.csv", text.encode())
    return sorted(place / f"{name}.csv" for name in made)
