"""Monitoring of a finished run: false alarms, detection, delay, operating curves (P-9)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.montecarlo import mean, probability
from lwoopro.pro.monitoring import (
    Multiplicity,
    Projection,
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


_AT_ONCE: Final = 256
"""Draws that are watched together; an even number."""


class _Course:
    """Measures of one growth scenario, national and per swv, of some draws.

    Parameters
    ----------
    pupils, entrants : float64 array, shape ``(draw, pro_year, swv)``
    at : int
        Position of the reference date.
    """

    def __init__(self, pupils: NDArray[np.float64], entrants: NDArray[np.float64], at: int) -> None:
        self.pupils = pupils[:, at + 1 :]
        self.swv = measures(pupils, entrants, at)
        self.national = measures(pupils.sum(axis=-1), entrants.sum(axis=-1), at)


def _courses(results: xr.Dataset, growths: Sequence[str]) -> Iterator[list[_Course]]:
    """Go through the draws, so many together that their courses are in memory once."""
    reference_date = int(results["funding_year"][0]) - 2
    at = [int(year) for year in results["pro_year"].values].index(reference_date)
    drawn = [
        results[name].sel(growth=list(growths)).transpose("draw", "growth", "pro_year", "swv")
        for name in ("pro_pupils", "pro_entrants")
    ]
    for start in range(0, results.sizes["draw"], _AT_ONCE):
        pupils, entrants = (one[start : start + _AT_ONCE].to_numpy() for one in drawn)
        yield [_Course(pupils[:, g], entrants[:, g], at) for g in range(len(growths))]


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
    projected = _projected(results, name, rules)
    base = growths.index(name)
    seen: dict[tuple[int, int], list[_Seen]] = {}
    watched = 0
    for courses in _courses(results, growths):
        watched = courses[base].pupils.shape[1]
        for r, rule in enumerate(rules):
            for g, course in enumerate(courses):
                found = watch(
                    rule,
                    course.national[rule.measure][1::2],
                    course.swv[rule.measure][1::2],
                    *projected[r],
                )
                pupils = course.pupils[1::2]
                held = respond(pupils, courses[base].pupils[1::2], found.swv, response)
                seen.setdefault((r, g), []).append(
                    _Seen(
                        found.national,
                        found.any_swv(),
                        found.swv.sum(axis=(1, 2)),
                        (pupils - held)[:, -1].sum(axis=-1),
                    )
                )
    checks = watched * results.sizes["swv"]
    rows = [
        [_Seen.joined(seen[r, g]).summary(checks) for g in range(len(growths))]
        for r in range(len(rules))
    ]
    return xr.Dataset(
        {
            key: (("measure", "growth", "pro_year")[: np.ndim(first) + 2], table)
            for key, first in rows[0][0].items()
            for table in [np.array([[one[key] for one in row] for row in rows])]
        },
        coords={
            "measure": [rule.measure for rule in rules],
            "growth": growths,
            "pro_year": years[len(years) - watched :],
        },
    )


def _projected(
    results: xr.Dataset, reference: str, rules: Sequence[Rule]
) -> list[tuple[Projection, Projection]]:
    """Prepare what the even draws of the reference let expect, national and per swv, by rule."""
    names = list(dict.fromkeys(rule.measure for rule in rules))
    parts: dict[str, list[tuple[NDArray[np.float64], NDArray[np.float64]]]] = {}
    for (course,) in _courses(results, [reference]):
        for measure in names:
            some = course.national[measure][::2], course.swv[measure][::2].copy()
            parts.setdefault(measure, []).append(some)
    found = []
    for rule in rules:
        both = (np.concatenate([part[place] for part in parts[rule.measure]]) for place in range(2))
        national, swv = (Projection.of(draws, rule.tail) for draws in both)
        found.append((national, swv))
    return found


class _Seen(NamedTuple):
    """What a rule finds in each watched draw.

    Attributes
    ----------
    national, any_swv : bool arrays, shape ``(draw, years)``
    flagged : int array, shape ``(draw,)``
        Checks of a swv in a year that flag it.
    prevented : float64 array, shape ``(draw,)``
        Pupils in the last year.
    """

    national: NDArray[np.bool_]
    any_swv: NDArray[np.bool_]
    flagged: NDArray[np.intp]
    prevented: NDArray[np.float64]

    @classmethod
    def joined(cls, parts: Sequence["_Seen"]) -> "_Seen":
        return cls(*(np.concatenate(field) for field in zip(*parts, strict=True)))

    def summary(self, checks: int) -> dict[str, Any]:
        """Numbers of `monitor`; `checks` is how often a swv is looked at in a draw."""
        found: dict[str, Any] = {}
        for key, alarm in (("alarm", self.national), ("any_swv", self.any_swv)):
            ever = probability(xr.DataArray(alarm.any(axis=1), dims="draw"))
            found[key], found[f"{key}_mcse"] = float(ever["estimate"]), float(ever["mcse"])
        yearly = probability(xr.DataArray(self.national, dims=("draw", "pro_year")))
        found["alarm_yearly"] = yearly["estimate"].to_numpy()
        found["alarm_yearly_mcse"] = yearly["mcse"].to_numpy()
        delay = Watch.delay(self.national)
        for key, by_draw, whole in (
            ("delay", delay, _mean_or_nan(delay)),
            ("flagged", self.flagged / checks, self.flagged.sum() / (checks * len(delay))),
            ("prevented", self.prevented, self.prevented.mean()),
        ):
            found[key] = float(whole)
            found[f"{key}_mcse"] = float(mean(xr.DataArray(by_draw, dims="draw"))["mcse"])
        return found


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
    every = [str(growth) for growth in results["growth"].values]
    parts = [
        [course.national[measure] for course in courses] for courses in _courses(results, every)
    ]
    national = {
        growth: np.concatenate(some)
        for growth, some in zip(every, zip(*parts, strict=True), strict=True)
    }
    base = national.pop(name)
    growths = list(national)
    curves = [
        operating_curve(course[1::2], base[::2], base[1::2], levels, sided, in_a_row)
        for course in national.values()
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
