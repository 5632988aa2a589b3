"""Monitoring of a finished run: false alarms, detection, delay, operating curves (P-9)."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.montecarlo import mean, probability
from lwoopro.pro.monitoring import (
    Multiplicity,
    Rule,
    Sided,
    Watch,
    measures,
    operating_curve,
    respond,
    watch,
)
from lwoopro.study.pro import MonitoringSection
from lwoopro.variables import check

__all__ = ["CURVE_LEVELS", "monitor", "multiplicity_table", "operating_curves", "rules_of"]

CURVE_LEVELS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def rules_of(section: MonitoringSection) -> tuple[Rule, ...]:
    """Make the rules of a study's ``[monitoring]``: one per measure."""
    return tuple(
        Rule(name, float(section.level), section.sided, section.multiplicity, section.in_a_row)
        for name in section.measures
    )


class _Course:
    """Measures of one growth scenario, national and per swv."""

    def __init__(self, results: xr.Dataset, growth: str) -> None:
        one = results.sel(growth=growth)
        pupils, entrants = (
            one[name].transpose("draw", "pro_year", "swv").to_numpy()
            for name in ("pro_pupils", "pro_entrants")
        )
        reference_date = int(results["funding_year"][0]) - 2
        at = [int(year) for year in results["pro_year"].values].index(reference_date)
        self.pupils = pupils[:, at + 1 :]
        self.swv = measures(pupils, entrants, at)
        self.national = measures(pupils.sum(axis=-1), entrants.sum(axis=-1), at)


def _reference(results: xr.Dataset, reference: str | None) -> str:
    check(results, ["pro_pupils", "pro_entrants"])
    names = [str(name) for name in results["growth"].values]
    # the references stand first
    return names[0] if reference is None else reference


def monitor(
    results: xr.Dataset,
    rules: Sequence[Rule],
    *,
    reference: str | None = None,
    response: float = 0.0,
) -> xr.Dataset:
    """Apply rules to every growth scenario of a run (P-9).

    The even draws of the reference scenario make the projection, the odd draws are watched.

    Parameters
    ----------
    results : Dataset
        With two draws or more.
    rules : sequence of Rule
        Each with another measure.
    reference : str, optional
        Name of the reference scenario; by default the first.
    response : float
        Part of further growth that an intervention prevents in a flagged swv.

    Returns
    -------
    Dataset
        Dimensions (measure, growth): ``alarm`` chance of a national alarm in any year (under the
        reference: the false-alarm rate over the whole period), ``alarm_yearly`` per year,
        ``delay`` mean years until it (of the draws that have one), ``any_swv`` chance that any swv
        is flagged, ``flagged`` mean part of the swv that are flagged in a year, and
        ``prevented`` mean number of pro pupils in the last year that the response prevents;
        each with ``_mcse``.

    Raises
    ------
    ValueError
        The results have no pro pupils.
    """
    name = _reference(results, reference)
    growths = [str(growth) for growth in results["growth"].values]
    years = results["pro_year"].values
    base = _Course(results, name)
    found: dict[str, list[list[Any]]] = {}

    def keep(key: str, value: Any, first: bool) -> None:
        rows = found.setdefault(key, [])
        if first:
            rows.append([])
        rows[-1].append(value)

    for rule in rules:
        for g, growth in enumerate(growths):
            course = base if growth == name else _Course(results, growth)
            seen = watch(
                rule,
                course.national[rule.measure][1::2],
                course.swv[rule.measure][1::2],
                base.national[rule.measure][::2],
                base.swv[rule.measure][::2],
            )
            delay = Watch.delay(seen.national)
            held = respond(course.pupils[1::2], base.pupils[1::2], seen.swv, response)
            for key, alarm in (("alarm", seen.national), ("any_swv", seen.any_swv())):
                one = probability(xr.DataArray(alarm.any(axis=1), dims="draw"))
                keep(key, float(one["estimate"]), g == 0)
                keep(f"{key}_mcse", float(one["mcse"]), g == 0)
            yearly = probability(xr.DataArray(seen.national, dims=("draw", "pro_year")))
            keep("alarm_yearly", seen.national.mean(axis=0), g == 0)
            keep("alarm_yearly_mcse", yearly["mcse"].to_numpy(), g == 0)
            prevented = (course.pupils[1::2] - held)[:, -1].sum(axis=-1)
            for key, by_draw, whole in (
                ("delay", delay, _mean_or_nan(delay)),
                ("flagged", seen.swv.mean(axis=(1, 2)), float(seen.swv.mean())),
                ("prevented", prevented, float(prevented.mean())),
            ):
                keep(key, whole, g == 0)
                error = mean(xr.DataArray(by_draw, dims="draw"))["mcse"]
                keep(f"{key}_mcse", float(error), g == 0)
    watched = base.pupils.shape[1]
    return xr.Dataset(
        {
            key: (("measure", "growth", "pro_year")[: table.ndim], table)
            for key, table in ((key, np.array(rows)) for key, rows in found.items())
        },
        coords={
            "measure": [rule.measure for rule in rules],
            "growth": growths,
            "pro_year": years[len(years) - watched :],
        },
    )


def _mean_or_nan(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def operating_curves(
    results: xr.Dataset,
    measure: str = "count",
    *,
    reference: str | None = None,
    levels: Sequence[float] = CURVE_LEVELS,
    sided: Sided = "upward",
    in_a_row: int = 1,
) -> xr.DataArray:
    """Chance of a false alarm against chance of detection of the national check (P-9).

    Parameters
    ----------
    results : Dataset
    measure : str
    reference : str, optional
    levels : sequence of float
    sided : "upward" or "both"
    in_a_row : int
        Years beyond the line that make an alarm.

    Returns
    -------
    DataArray
        Probability; dimensions (growth, level, alarm): alarm "false" and "detected".
    """
    name = _reference(results, reference)
    base = _Course(results, name).national[measure]
    growths = [str(growth) for growth in results["growth"].values if str(growth) != name]
    curves = [
        operating_curve(
            _Course(results, growth).national[measure][1::2],
            base[::2],
            base[1::2],
            levels,
            sided,
            in_a_row,
        )
        for growth in growths
    ]
    return xr.DataArray(
        np.array(curves).reshape(len(growths), len(levels), 2),
        dims=("growth", "level", "alarm"),
        coords={"growth": growths, "level": list(levels), "alarm": ["false", "detected"]},
    )


def multiplicity_table(
    results: xr.Dataset, measure: str = "count", level: float = 0.05
) -> xr.Dataset:
    """Compare the ways to handle 75 checks a year: any flag, and part of the swv flagged.

    Parameters
    ----------
    results : Dataset
    measure : str
    level : float

    Returns
    -------
    Dataset
        ``any_swv`` and ``flagged`` of `monitor`, dimensions (multiplicity, growth).
    """
    ways: tuple[Multiplicity, ...] = ("none", "bonferroni", "benjamini-hochberg")
    tables = [
        monitor(results, [Rule(measure, level, "upward", way)]).isel(measure=0, drop=True)
        for way in ways
    ]
    names = ["any_swv", "any_swv_mcse", "flagged", "flagged_mcse"]
    chosen = [table[names] for table in tables]
    return xr.concat(chosen, dim=xr.IndexVariable("multiplicity", list(ways)))
