"""The stock of pro pupils per swv in every draw and growth scenario (P-1, P-2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from lwoopro.errors import InputError, Problem
from lwoopro.kernels.pro_flow import STAYS, pro_flow
from lwoopro.pro.calibrate import Calibration, calibrate, expected_entrants
from lwoopro.pro.cohorts import VO_YEARS, Cohorts, exam_cohorts, project_cohorts
from lwoopro.pro.keys import NATION, Lanes, pro_word, swv_number
from lwoopro.pro.parameters import bundled_parameters, bundled_series
from lwoopro.pro.scenarios import EFFECTS, Scenario, effects
from lwoopro.pupils.swv import SwvTable, read_swv
from lwoopro.pupils.synthetic.source import bundled_folder

__all__ = ["Flow", "FlowPlan", "national_calibration", "plan_flow", "simulate_flow"]

KNOWN_UNTIL: Final = 2021
"""National counts are known until this year: no national chance before it."""

_COHORT, _RATE, _KEEP = 0, 1, 2
_RATE_TREND, _KEEP_LEVEL, _FIRST_EFFECT = 0, 1, 2
_NEED: Final = "[pro]"
_SNAP: Final = 2.0**40


@dataclass(frozen=True, eq=False)
class FlowPlan:
    """What every draw of the flow needs; it travels to workers as it is.

    Attributes
    ----------
    years : tuple of int
        Reference dates; the first is that of the real stock.
    reference_date : int
    persons : uint64 array, shape ``(swv,)``
    start : int64 array, shape ``(swv, 6)``
    entrants : float64 array, shape ``(years - 1, swv)``
        Expected first-year entrants in `reference`.
    keep : float64 array, shape ``(years - 1, 5)``
        Logit of the chances to stay on, in `reference`.
    lateral : float64 array, shape ``(5,)``
    size, lateral_size : int
    sd : mapping of str to float
        Standard deviations by parameter.
    vo, upper_vmbo : float64 array, shape ``(years, swv)``
        Expected pupils.
    scenarios : tuple of Scenario
    """

    years: tuple[int, ...]
    reference_date: int
    persons: NDArray[np.uint64]
    start: NDArray[np.int64]
    entrants: NDArray[np.float64]
    keep: NDArray[np.float64]
    lateral: NDArray[np.float64]
    size: int
    lateral_size: int
    sd: Mapping[str, float]
    vo: NDArray[np.float64]
    upper_vmbo: NDArray[np.float64]
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True, eq=False)
class Flow:
    """Pro pupils of some draws, in order of draw.

    Attributes
    ----------
    pupils, entrants, leavers : int64 array, shape ``(draw, growth, years, swv)``
        On 1 October; since the year before, lateral entrants included.
    by_stay : int64 array, shape ``(draw, growth, years, 6)``
        The country by year of stay.
    vo, upper_vmbo : int64 array, shape ``(draw, years, swv)``
        All vo pupils and those of upper vmbo, the same in all scenarios.
    """

    pupils: NDArray[np.int64]
    entrants: NDArray[np.int64]
    leavers: NDArray[np.int64]
    by_stay: NDArray[np.int64]
    vo: NDArray[np.int64]
    upper_vmbo: NDArray[np.int64]


def national_calibration() -> tuple[Calibration, Cohorts]:
    """Fit the national rates on the bundled counts; see `calibrate`."""
    folder = bundled_folder("national")
    table = read_swv(folder / "swv.csv")
    series, parameters = bundled_series(), bundled_parameters()
    exams = exam_cohorts(folder / "cohorts.csv")
    cohorts = project_cohorts(table.codes, exams, series, parameters, max(series.entering))
    stock = np.stack([table.numbers[f"pro_{stay}"] for stay in range(1, STAYS + 1)], axis=1)
    return calibrate(stock, cohorts, series, parameters), cohorts


def plan_flow(
    table: SwvTable,
    scenarios: Sequence[Scenario],
    *,
    start: int,
    horizon: int,
    reference_date: int,
    exams: Mapping[int, Mapping[str, float]],
) -> FlowPlan:
    """Work out what is the same in all draws.

    Parameters
    ----------
    table : SwvTable
        With pro_1 … pro_6, vo, bb, kb, gl and tl of the starting date.
    scenarios : sequence of Scenario
    start, horizon, reference_date : int
    exams : mapping of int to mapping of str to float
        From `exam_cohorts`.

    Returns
    -------
    FlowPlan

    Raises
    ------
    InputError
        The table lacks a column or a number.
    """
    problems: list[Problem] = []

    def column(name: str) -> NDArray[np.float64]:
        try:
            return table.column(name, start, _NEED)
        except InputError as error:
            problems.extend(error.problems)
            return np.zeros(len(table.codes))

    stock = np.rint(
        np.stack([column(f"pro_{stay}") for stay in range(1, STAYS + 1)], axis=1)
    ).astype(np.int64)
    vo = column("vo")
    upper = np.sum([column(track) for track in ("bb", "kb", "gl", "tl")], axis=0)
    if problems:
        raise InputError(dict.fromkeys(problems))
    series, parameters = bundled_series(), bundled_parameters()
    rates, national = national_calibration()
    cohorts = project_cohorts(table.codes, exams, series, parameters, horizon)
    years = tuple(range(start, horizon + 1))
    base = expected_entrants(stock.astype(np.float64), parameters.number("swv_weight"))
    later = years[1:]
    growth = np.stack([cohorts.at(year) / cohorts.at(start) for year in later])
    rate = np.exp([rates.log_rate(year) - _start_rate(rates, start) for year in later])

    def correction(year: int) -> float:
        """Say what the cohorts miss of vo's real course, as far as that is known."""
        known = min(max(year, start), max(series.vo))
        if known not in series.vo or start not in series.vo:
            return 1.0
        real = series.vo[known] / series.vo[start]
        return real / float(national.vo(known).sum() / national.vo(start).sum())

    return FlowPlan(
        years=years,
        reference_date=reference_date,
        persons=np.array([swv_number(code) for code in table.codes], np.uint64),
        start=stock,
        entrants=growth * base * rate[:, None],
        keep=np.stack([rates.keep_logit(year) for year in later]),
        lateral=rates.lateral,
        size=int(parameters.values["entrants_size"]),
        lateral_size=int(parameters.values["lateral_size"]),
        sd={name: parameters.number(name) for name in parameters.values if name.endswith("_sd")},
        vo=np.stack(
            [vo * cohorts.vo(year) / cohorts.vo(start) * correction(year) for year in years]
        ),
        upper_vmbo=np.stack(
            [upper * cohorts.upper_vmbo(year) / cohorts.upper_vmbo(start) for year in years]
        ),
        scenarios=tuple(scenarios),
    )


def _start_rate(rates: Calibration, start: int) -> float:
    """Log rate of the stock's own year, which `expected_entrants` holds already."""
    return 0.0 if start < min(rates.rate_year) else rates.log_rate(start)


def _snapped(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round off the last bits, in which libraries of different machines differ."""
    snapped: NDArray[np.float64] = np.rint(rates * _SNAP) / _SNAP
    return snapped


def simulate_flow(
    plan: FlowPlan, seed: int, draws: range, trouble: NDArray[np.bool_], vary: bool
) -> Flow:
    """Simulate consecutive draws. Pure: bits depend on nothing else (Q-2).

    Parameters
    ----------
    plan : FlowPlan
    seed : int
    draws : range
    trouble : bool array, shape ``(draw, swv)``
        Swv in financial trouble in each draw.
    vary : bool
        The source `pro` is on.

    Returns
    -------
    Flow
    """
    lanes = Lanes(seed, draws, vary)
    later = plan.years[1:]
    sd = plan.sd

    def walk(name: str, role: int) -> NDArray[np.float64]:
        """Yearly national noise, shape ``(years - 1, columns)``; none where counts are known."""
        rows = [
            sd[name] * lanes.normal(NATION, year, role)
            if year > KNOWN_UNTIL
            else np.zeros(lanes.columns)
            for year in later
        ]
        return np.stack(rows)

    cohort = np.cumsum(walk("cohort_sd", _COHORT), axis=0)
    since = np.array([[max(year - KNOWN_UNTIL, 0)] for year in later], np.float64)
    rate = walk("rate_sd", _RATE)
    rate += since * sd["rate_trend_sd"] * lanes.normal(NATION, 0, _RATE_TREND)
    keep = walk("keep_sd", _KEEP)
    keep += (since > 0) * sd["keep_level_sd"] * lanes.normal(NATION, 0, _KEEP_LEVEL)
    local = np.stack([lanes.normal(int(person), 0, _RATE_TREND) for person in plan.persons])
    effect = effects(
        plan.scenarios,
        later,
        plan.reference_date,
        {
            name: lanes.normal(NATION, 0, _FIRST_EFFECT + number)
            for number, name in enumerate(EFFECTS)
        },
    )
    shape = (len(plan.scenarios), len(plan.years))
    swv, columns = len(plan.persons), lanes.columns
    pupils, entrants, leavers = (np.empty((*shape, swv, columns), np.int32) for _ in range(3))
    by_stay = np.empty((*shape, STAYS, columns), np.int32)
    drift = sd["local_sd"] * since[:, :, None] * local
    pro_flow(
        pupils,
        entrants,
        leavers,
        by_stay,
        plan.start,
        _snapped(plan.entrants[:, :, None] * np.exp(drift)),
        _snapped(np.exp(effect.rate + (rate + cohort))),
        _snapped(effect.extra),
        lanes.spread(trouble.T.astype(np.float64)),
        _snapped(expit(effect.keep + (plan.keep[:, :, None] + keep[:, None]))),
        plan.lateral,
        plan.size,
        plan.lateral_size,
        plan.persons,
        np.array([pro_word(year, 0) for year in later], np.uint64),
        lanes.key,
        lanes.group,
        lanes.vary,
    )

    def in_order(rows: NDArray[np.int32]) -> NDArray[np.int64]:
        return np.moveaxis(rows[..., lanes.wanted], -1, 0).astype(np.int64)

    vo, upper = _other_pupils(plan, np.exp(cohort[:, lanes.wanted]))
    return Flow(
        pupils=in_order(pupils),
        entrants=in_order(entrants),
        leavers=in_order(leavers),
        by_stay=in_order(by_stay),
        vo=vo,
        upper_vmbo=upper,
    )


def _other_pupils(
    plan: FlowPlan, cohort: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pupils of vo and of upper vmbo: the noise of each cohort goes with it through the years."""
    years, draws = len(plan.years), cohort.shape[1]
    # cohorts up to the starting date have no noise
    before = VO_YEARS
    noise = np.concatenate([np.ones((before, draws)), cohort])

    def rows(counts: NDArray[np.float64], ages: Sequence[int]) -> NDArray[np.int64]:
        factor = np.stack(
            [np.mean([noise[before - 1 + t - age] for age in ages], axis=0) for t in range(years)]
        )
        pupils = np.rint(_snapped(counts[:, :, None] * factor[:, None])).astype(np.int64)
        return np.moveaxis(pupils, -1, 0)

    return rows(plan.vo, range(VO_YEARS)), rows(plan.upper_vmbo, (2, 3))
