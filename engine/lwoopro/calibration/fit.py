"""Fit of the parameters marked ``calibrated`` to the published figures of 1 October 2020.

All parameters are fitted together by least squares (scipy, trust region) on common random numbers:
one population seed, one draw. Because scores lie on a lattice, shares move in small jumps;
derivatives are therefore taken over wide steps to both sides. Every parameter is drawn weakly to
its starting value, so that what the targets leave open stays where judgement put it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from lwoopro import codes
from lwoopro.calibration.money import Money
from lwoopro.calibration.onedraw import Drawn, draw_levels, one_draw
from lwoopro.calibration.profile import profile
from lwoopro.calibration.targets import EURO_INDICATOR, LARGE_CITIES, MISSING, PROFILE
from lwoopro.pupils.synthetic import SyntheticPopulation, generate_from
from lwoopro.pupils.synthetic.parameters import Parameters
from lwoopro.pupils.synthetic.source import Source

__all__ = ["START", "Start", "euro_per_pupil", "fit", "measure", "swv_sums"]

YEAR: Final = 2020
SHARE: Final = 0.20
SEED: Final = 20_200_001
"""Population of the fit; the shipped study uses another one."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a parameter starts, its unit of change, its bounds, and how strongly it is held."""

    value: float
    step: float
    low: float = -np.inf
    high: float = np.inf
    hold: float = 0.05


START: Final[Mapping[str, Start]] = {
    "origin.intercept": Start(-1.26, 0.2),
    "origin.nonwestern_slope": Start(1.20, 0.1, high=1.35),
    "origin.other": Start(0.89, 0.2),
    "education.cut_1": Start(-1.55, 0.2),
    "education.step_6": Start(1.30, 0.2, low=0.1),
    "education.father": Start(0.0, 0.1),
    "education.three_origins": Start(0.0, 0.2, hold=0.2),
    "education.other": Start(0.0, 0.2, hold=0.1),
    "education.independent_share": Start(0.28, 0.08, low=0.0, high=0.4),
    "education.low_edu_slope": Start(-0.12, 0.05, low=-0.25, high=0.0, hold=0.1),
    "education.high_edu_slope": Start(0.0, 0.05, low=-0.1, high=0.1, hold=0.1),
    "education.low_income_slope": Start(-0.10, 0.05, low=-0.15, high=0.0, hold=0.1),
    "education.nonwestern_slope": Start(-0.35, 0.06, hold=0.1),
    "education.nonwestern_slope_abroad": Start(-0.25, 0.06, hold=0.1),
    "debt.intercept": Start(-5.9, 0.3),
    "debt.status": Start(1.74, 0.3, low=0.0, high=2.2),
    "stay.other": Start(0.39, 0.05, low=0.05, high=0.9),
    "asylum.share_of_other": Start(0.145, 0.02, low=0.01),
    "unknown.intercept": Start(-0.58, 0.2),
    "registration.no_father": Start(-3.35, 0.2),
    "registration.unregistered": Start(-5.07, 0.3),
}
"""Every parameter that is fitted."""

_SETTLED: Final = 1e-3
"""The fit ends when cost or parameters change relatively less: shares move in jumps, so that
smaller changes say nothing."""

_EURO: Final = 0.03
"""The fit aims at the published euro ranges within 3 % (10 % is allowed)."""


def swv_sums(
    population: SyntheticPopulation, drawn: Drawn
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return S_j and n_j by school, float64 arrays (swv,)."""
    swv = population.pupils.school_swv
    count = len(population.swv_codes)
    pupils = np.bincount(swv[drawn.rows], minlength=count).astype(np.float64)
    return drawn.by_swv(swv, count), pupils


def measure(
    source: Source, parameters: Parameters, seed: int, year: int = YEAR
) -> tuple[dict[tuple[str, str], float], NDArray[np.float64], NDArray[np.float64]]:
    """Generate a population and measure one draw of it.

    Returns
    -------
    figures : dict
        Profile and missingness under the keys of `PROFILE` and ("missing", row).
    disadvantage, pupils : float64 array (swv,)
    """
    population = generate_from(source, [year], seed, parameters=parameters)
    levels = draw_levels(population, seed)
    drawn = one_draw(population, levels, year, SHARE, seed)
    found = profile(population, drawn)
    figures = {key: found[key[0]][key[1]] for key in PROFILE}
    pupils = population.pupils
    incomplete = pupils.registration != 0
    figures["missing", "unknown"] = float(
        ((pupils.education_mother < 0) | (pupils.education_father < 0)).mean()
    )
    figures["missing", "incomplete"] = float(incomplete.mean())
    father_only = pupils.registration == codes.REGISTRATIONS.index("no_father")
    figures["missing", "father_only"] = float(father_only.sum() / incomplete.sum())
    disadvantage, count = swv_sums(population, drawn)
    return figures, disadvantage, count


def euro_per_pupil(
    swv: tuple[str, ...], budget: NDArray[np.float64], pupils: NDArray[np.float64]
) -> dict[str, float]:
    """Light support per upper-vmbo pupil of every swv on the map."""
    return {
        code: float(budget[j] / pupils[j])
        for j, code in enumerate(swv)
        if code != codes.NATIONAL_SWV
    }


def fit(
    source: Source,
    money: Money,
    parameters: Parameters,
    evaluations: int = 40,
    report: Callable[[str], None] | None = None,
) -> Parameters:
    """Fit the parameters of `START`.

    Parameters
    ----------
    source : Source
    money : Money
    parameters : Parameters
        Those that are not fitted stand as they are.
    evaluations : int
        At most this many steps of the optimiser, each with its derivatives.
    report : callable, optional
        Receives a line when the fit ends.

    Returns
    -------
    fitted : Parameters
        Marked ``calibrated``.
    """
    names = list(START)
    value = np.array([START[n].value for n in names])
    step = np.array([START[n].step for n in names])
    hold = np.array([START[n].hold for n in names])
    # far from zero, so that the relative steps of the derivatives are the same for all
    shift = 10.0
    low = (np.array([START[n].low for n in names]) - value) / step + shift
    high = (np.array([START[n].high for n in names]) - value) / step + shift

    def at(z: NDArray[np.float64]) -> Parameters:
        return parameters.replaced(
            dict(zip(names, value + (z - shift) * step, strict=True)), "calibrated"
        )

    def residuals(z: NDArray[np.float64]) -> NDArray[np.float64]:
        figures, disadvantage, pupils = measure(source, at(z), SEED)
        euro = euro_per_pupil(source.codes, money.indicator(disadvantage, pupils), pupils)
        return np.concatenate([_national(figures), _regional(euro), hold * (z - shift)])

    found = least_squares(
        residuals,
        np.full(len(names), shift),
        jac="3-point",
        diff_step=0.06,
        bounds=(low, high),
        x_scale=1.0,
        ftol=_SETTLED,
        xtol=_SETTLED,
        max_nfev=evaluations,
    )
    if report is not None:
        report(f"{found.nfev} steps, cost {found.cost:.3f}: {found.message}")
    return at(found.x)


def _national(figures: Mapping[tuple[str, str], float]) -> list[float]:
    """Distances of the profile and of missingness, in units of what is allowed."""
    return [(figures[key] - t.value) / t.tolerance for key, t in PROFILE.items()] + [
        (figures["missing", row] - t.value) / t.tolerance for row, t in MISSING.items()
    ]


def _regional(euro: Mapping[str, float]) -> list[float]:
    """Distances of the euro range, and of the large cities from the top."""
    cities = [euro[code] for code in LARGE_CITIES]
    others = [value for code, value in euro.items() if code not in LARGE_CITIES]
    low, high = EURO_INDICATOR
    return [
        (min(euro.values()) / low - 1.0) / _EURO,
        (max(euro.values()) / high - 1.0) / _EURO,
        # beside the extremes: the large cities lead, and the lowest is no outlier
        max(0.0, max(others) + 200.0 - min(cities)) / 200.0,
        (float(np.mean(sorted(others)[:6])) / (1.1 * low) - 1.0) / (2 * _EURO),
    ]
