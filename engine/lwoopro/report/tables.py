"""Tables on disk: ``DIR/tables/*.csv``, one row per number, with its unit and its error (R-9, Q-3).

Every file has the columns that say what a number is about, then ``measure``, ``statistic``,
``value``, ``mcse`` (Monte-Carlo standard error; empty with one draw and where nothing is random)
and ``unit``. The statistic is ``mean``, a quantile over the draws (``p5``, ``p95``), ``estimate``
(a probability, a risk measure) or ``published``. What cannot be measured has no row; what is
withheld because too few pupils stand behind it (`lwoopro.report.privacy`) has one without a value.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.certainty import analytic_summary, decomposition
from lwoopro.analysis.lumpsum import exceedance, lumpsum_per_swv, lumpsum_summary
from lwoopro.analysis.montecarlo import LEVEL, summaries
from lwoopro.analysis.stress import combined_change, stress_summary
from lwoopro.pro.monitoring import Rule
from lwoopro.report.education import education_model
from lwoopro.report.findings import Findings, Found
from lwoopro.report.privacy import Privacy, find
from lwoopro.report.rows import csv_of
from lwoopro.report.withhold import withhold
from lwoopro.simulation.files import write_atomically

__all__ = [
    "ANALYTIC_TABLES",
    "FOLDER",
    "TABLES",
    "save",
    "long_table",
    "replace_tables",
    "tables",
    "tables_of",
    "withhold",
    "write_tables",
]

FOLDER: Final = "tables"

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
    pieces: list[_Piece] = []
    for name in map(str, summary.data_vars):
        if name.endswith(_SUFFIXES) or name.startswith("published_"):
            continue
        ranged = f"{name}_low" in names
        statistics = {"mean": name, low: f"{name}_low", high: f"{name}_high"}
        statistics = statistics if ranged else {"estimate": name}
        if f"published_{name}" in names:
            statistics["published"] = f"published_{name}"
        unit = str(summary[name].attrs.get("units", "1"))
        for statistic, variable in statistics.items():
            values = summary[variable]
            dims = tuple(map(str, values.dims))
            number = values.to_numpy().ravel()
            known = np.flatnonzero(~np.isnan(number))
            error = np.full(len(known), np.nan)
            if f"{variable}_mcse" in names:
                error = summary[f"{variable}_mcse"].transpose(*dims).to_numpy().ravel()[known]
            pieces.append(_Piece(dims, known, number[known], error, (name, statistic, unit)))
    runs = [list(run) for _, run in groupby(pieces, key=lambda piece: piece.dims)]
    frames = [_frame(summary, run) for run in runs]
    whole = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    for key, value in (keys or {}).items():
        whole[key] = value
    first = [name for name in _KEYS if name in whole]
    first += [str(name) for name in whole if name not in {*first, *_LAST}]
    return whole[[*first, *_LAST]]


class _Piece(NamedTuple):
    """Numbers of one variable: which of its cells have one, and what stands beside them all."""

    dims: tuple[str, ...]
    known: NDArray[np.intp]
    value: NDArray[np.float64]
    mcse: NDArray[np.float64]
    words: tuple[str, str, str]


def _frame(summary: xr.Dataset, run: Sequence[_Piece]) -> pd.DataFrame:
    """Lay pieces of the same dimensions out below each other."""
    dims = run[0].dims
    cells = np.concatenate([piece.known for piece in run])
    place = np.unravel_index(cells, [summary.sizes[dim] for dim in dims]) if dims else ()
    columns: dict[str, Any] = {}
    for name, coord in summary.coords.items():
        if len(coord.dims) == 1 and coord.dims[0] in dims:
            columns[str(name)] = _each(coord.to_numpy(), place[dims.index(str(coord.dims[0]))])
    columns["mcse"] = np.concatenate([piece.mcse for piece in run])
    columns["value"] = np.concatenate([piece.value for piece in run])
    which = np.repeat(np.arange(len(run)), [len(piece.known) for piece in run])
    words = np.array([piece.words for piece in run], object)
    for column, name in enumerate(("measure", "statistic", "unit")):
        columns[name] = _each(words[:, column], which)
    return pd.DataFrame(columns)


def _each(labels: NDArray[Any], place: NDArray[np.intp]) -> Any:
    """Label of every row; words become words of pandas before they are repeated, not after."""
    if labels.dtype.kind in "if":
        return labels[place]
    return pd.Series(labels.astype(object)).array.take(place)


def _join(parts: Iterator[pd.DataFrame]) -> pd.DataFrame | None:
    found = list(parts)
    return pd.concat(found, ignore_index=True) if found else None


def _against(of: Findings, function: Callable[[str], xr.Dataset]) -> pd.DataFrame | None:
    """One table of every policy against the baseline."""
    return _join(
        long_table(function(policy), {"policy": policy, "baseline": of.baseline})
        for policy in of.others
    )


def _yearly(of: Findings, function: Callable[[str], xr.Dataset]) -> pd.DataFrame | None:
    """One table of every policy, from year to year."""
    if of.results.sizes["year"] < 2:
        return None
    return _join(long_table(function(policy), {"policy": policy}) for policy in of.policies)


def _national(of: Findings) -> pd.DataFrame:
    return long_table(_summed_up(of, ("cut_score", "mean_score", "target_mean")))


def _summed_up(of: Findings, names: Sequence[str]) -> xr.Dataset:
    return of.by_date(lambda results: summaries({name: results[name] for name in names}))


def _budgets(of: Findings) -> pd.DataFrame:
    def both(results: xr.Dataset) -> xr.Dataset:
        whole = results["budget"].compute().expand_dims(part=["total"])
        money = xr.concat([results["budget_part"].compute(), whole], dim="part")
        return summaries({"light_support": money.assign_attrs(units="euro")})

    return long_table(of.by_date(both))


def _scores(of: Findings) -> pd.DataFrame:
    return long_table(_summed_up(of, ("disadvantage_score", "target_pupils")))


_PROBABILITY: Final = ["probability", "probability_mcse"]


def _redistribution(of: Findings) -> pd.DataFrame | None:
    def cells(policy: str) -> xr.Dataset:
        return of.redistribution(policy).drop_vars([*_PROBABILITY, "swv"])

    return _against(of, cells)


def _cells(of: Findings) -> pd.DataFrame | None:
    """R-7: cells in which a swv never stood have no row."""

    def cells(policy: str) -> xr.Dataset:
        table = of.redistribution(policy)
        chance = table[_PROBABILITY]
        return chance.where(chance["probability"] > 0).assign_attrs(table.attrs)

    return _against(of, cells)


def _risk(of: Findings) -> pd.DataFrame | None:
    return _against(of, of.risk)


def _per_pupil(of: Findings) -> pd.DataFrame | None:
    def renamed(policy: str) -> xr.Dataset:
        found = of.per_pupil(policy)
        names = [str(name) for name in found if str(name).startswith("policy")]
        return found.rename({name: f"euro_per_pupil{name[len('policy') :]}" for name in names})

    return _against(of, renamed)


def _regions(of: Findings) -> pd.DataFrame | None:
    return _against(of, of.regions) if of.has_regions else None


def _stability(of: Findings) -> pd.DataFrame | None:
    return _yearly(of, lambda policy: of.stability(policy).drop_vars([*_PROBABILITY, "swv"]))


def _why(of: Findings) -> pd.DataFrame | None:
    if of.results.sizes["year"] < 2 or not of.results.sizes.get("split"):
        return None
    return _join(
        long_table(of.why(policy), {"policy": policy})
        for policy in map(str, of.results["split"].values)
        if policy in of.policies
    )


def _donors(of: Findings) -> pd.DataFrame | None:
    results = of.results
    if "donor_rung_pupils" not in results:
        return None
    found = results[["donor_rung_pupils"]].rename(donor_rung_pupils="donated")
    return long_table(found.compute())


def _settlement(of: Findings) -> pd.DataFrame | None:
    results = of.results
    names = [name for name in map(str, results) if name.startswith(("settlement_", "border_"))]
    return long_table(results[names].compute()) if names else None


def _transition(of: Findings) -> pd.DataFrame | None:
    results = of.results
    if "transition_budget" not in results:
        return None
    amounts = long_table(summaries({"light_support": results["transition_budget"].compute()}))
    if "transition_needed_loss" not in results:
        return amounts
    needed = results["transition_needed_loss"].compute()
    return pd.concat([amounts, long_table(summaries({"needed_loss": needed}))], ignore_index=True)


def _stress(of: Findings) -> pd.DataFrame | None:
    results = of.results
    year = int(results["funding_year"][-1])
    last = results.sel(funding_year=[year])

    def worst(policy: str) -> xr.Dataset:
        found = stress_summary(combined_change(last, policy, of.baseline), year)
        names = ("mean", "value_at_risk", "expected_shortfall")
        kept = found[[f"{name}{end}" for name in names for end in _ENDS]]
        kept = kept.rename(mean="mean_loss", mean_mcse="mean_loss_mcse")
        for name in kept.data_vars:
            kept[name].attrs["units"] = "euro"
        return kept

    if results.sizes["draw"] < 2:
        return None
    return _against(of, worst)


def _analytic(name: str) -> Callable[[xr.Dataset], pd.DataFrame | None]:
    def table(results: xr.Dataset) -> pd.DataFrame | None:
        if "analytic_mean" not in results:
            return None
        summary = analytic_summary(results)
        return long_table(summary[[one for one in map(str, summary) if one.startswith(name)]])

    return table


def _decomposition(of: Findings) -> pd.DataFrame | None:
    """Q-6: the country, all swv weighed by their variance, has the code `national`."""
    results = of.results
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


def _of_results(make: Callable[[xr.Dataset], pd.DataFrame | None]) -> "_Make":
    return lambda of: make(of.results)


_Make = Callable[[Findings], pd.DataFrame | None]

TABLES: Final[Mapping[str, _Make]] = {
    "national": _national,
    "scores": _scores,
    "profile": lambda of: long_table(of.profile),
    "budgets": _budgets,
    "change": lambda of: _against(of, of.scatter),
    "redistribution": _redistribution,
    "redistribution_cells": _cells,
    "risk": _risk,
    "per_pupil": _per_pupil,
    "regions": _regions,
    "stability": _stability,
    "yearly_change": lambda of: _yearly(of, of.yearly_scatter),
    "criteria_scenarios": lambda of: long_table(of.criteria_scenarios),
    "criteria_policies": lambda of: long_table(of.criteria_policies),
    "why": _why,
    "donors": _donors,
    "settlement": _settlement,
    "transition": _transition,
    **{name: _of_results(make) for name, make in ANALYTIC_TABLES.items()},
    "decomposition": _decomposition,
}
"""Every table by the name of its file; None where the results do not give it."""

PRO_TABLES: Final[Mapping[str, _Make]] = {
    "lumpsum": lambda of: long_table(lumpsum_summary(of.results)),
    "lumpsum_exceedance": lambda of: long_table(exceedance(of.results)),
    "lumpsum_swv": lambda of: long_table(lumpsum_per_swv(of.results)),
    "stress": _stress,
}
"""The tables of a study with growth scenarios; beside them ``monitoring``."""

MODEL_TABLES: Final[Mapping[str, _Make]] = {
    "education_model": lambda of: education_model(of.results),
}
"""The table of a study whose education levels come from a model."""


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
    of = Findings(results, rules)
    # compiling its sums would take longer than all the numbers of the tables
    with xr.set_options(use_numbagg=False):
        return tables_of(of, find(of.results, suppress_below))


_SHARING: Final = (
    "profile",
    "change",
    "redistribution",
    "per_pupil",
    "regions",
    "stability",
    "yearly_change",
    "criteria_scenarios",
    "criteria_policies",
    "why",
)
"""Tables of what the page shows, too."""


def tables_of(
    of: Findings, privacy: Privacy, share: Callable[[Found], None] | None = None
) -> dict[str, pd.DataFrame]:
    """Lay every finding out as a table, see `tables`.

    Parameters
    ----------
    of : Findings
    privacy : Privacy
    share : callable, optional
        Is given what the page needs, too, as soon as it is found.
    """
    results = of.results
    wanted = dict(TABLES)
    if "lumpsum_cut" in results:
        wanted |= PRO_TABLES
    if "education_model" in results.attrs:
        wanted |= MODEL_TABLES
    if "pro_pupils" in results and results.sizes["draw"] > 1:
        wanted["monitoring"] = lambda of: long_table(of.monitoring)
    made = {name: wanted[name](of) for name in _SHARING}
    if share is not None:
        share(of.shared())
    found: dict[str, pd.DataFrame] = {}
    for name, make in wanted.items():
        table = made[name] if name in made else make(of)
        if table is not None:
            found[name] = withhold(name, table, privacy)
    return found


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
    return replace_tables(tables(results, suppress_below=suppress_below, rules=rules), folder)


def replace_tables(made: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write tables to ``folder/tables`` in the place of all that stand there."""
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
        write_atomically(place / f"{name}.csv", csv_of(table).encode())
    return sorted(place / f"{name}.csv" for name in made)
