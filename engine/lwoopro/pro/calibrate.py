"""National rates of the pro flow, fitted to the counts of 2019, 2020 and 2021 (P-1).

One year of transitions (2019 to 2020) gives raw ratios that make the stock grow by itself. They are
shrunk on the logit scale, in these steps, all repeatable and with stated residuals:

1. Lateral entrants are a fifth of all entrants. They are taken out of the ratios of the years of
   stay that they enter, so that what is left is a chance to stay on.
2. The rate of entry per head of the cohort has a year effect in 2020, so that the first year of
   stay is as counted; the level that goes on is the (geometric) mean of 2019 and 2020.
3. The chances have a year effect in 2021, one shift in logits for all years of stay, so that the
   total of 2021 is as counted. That of 2020 is zero by construction. The level that goes on is
   their mean: both years count alike.
4. The rate of entry gets a trend, so that the expected stock after 2021 is on average that of 2021:
   `reference` is about flat, as KBA22 found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from lwoopro.kernels.pro_flow import STAYS
from lwoopro.pro.cohorts import Cohorts
from lwoopro.pro.parameters import ProParameters, Series

__all__ = ["Calibration", "calibrate", "expected_entrants", "expected_path", "lateral_parts"]

START: Final = 2019
FITTED: Final = (2020, 2021)


@dataclass(frozen=True, eq=False)
class Calibration:
    """National rates of the flow.

    Attributes
    ----------
    lateral : float64 array, shape ``(5,)``
        Lateral entrants into year of stay 2 … 6, per first-year entrant.
    keep : float64 array, shape ``(5,)``
        Logit of the chance to stay on, raw: 2019 to 2020.
    keep_level : float
        Shift that goes on.
    keep_year : mapping of int to float
        Shift of the fitted years.
    rate_level : float
        Log rate of entry that goes on, against 2019.
    rate_year : mapping of int to float
        That of the fitted years.
    trend : float
        Yearly rise of the log rate after the last fitted year.
    residual : mapping of int to float
        Pupils that the expected stock lies above the counted one.
    """

    lateral: NDArray[np.float64]
    keep: NDArray[np.float64]
    keep_level: float
    keep_year: Mapping[int, float]
    rate_level: float
    rate_year: Mapping[int, float]
    trend: float
    residual: Mapping[int, float]

    def log_rate(self, year: int) -> float:
        """Log rate of entry of a year, against 2019."""
        if year in self.rate_year:
            return self.rate_year[year]
        return self.rate_level + self.trend * max(year - FITTED[-1], 0)

    def keep_logit(self, year: int) -> NDArray[np.float64]:
        """Logit of the chances to stay on until a year, shape ``(5,)``."""
        shifted: NDArray[np.float64] = self.keep + self.keep_year.get(year, self.keep_level)
        return shifted


def lateral_parts(parameters: ProParameters) -> NDArray[np.float64]:
    """Lateral entrants into year of stay 2 … 6 per first-year entrant."""
    share = parameters.number("lateral_share")
    into = np.array(parameters.values["lateral_into"], np.float64)
    parts: NDArray[np.float64] = share / (1 - share) * into / into.sum()
    return parts


def expected_entrants(stock: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """First-year entrants that a swv's stock lets expect in the year of that stock.

    The count of one year is pulled towards what the older pupils let expect: it counts as much as
    `weight` expected pupils (a gamma prior on the swv's rate). The sum stays as counted.

    Parameters
    ----------
    stock : float64 array, shape ``(swv, 6)``
    weight : float

    Returns
    -------
    float64 array, shape ``(swv,)``
    """
    first, older = stock[:, 0], stock[:, 1:].sum(axis=1)
    if older.sum() <= 0:
        return first.astype(np.float64)
    prior = older / older.sum() * first.sum()
    pulled = prior * (weight + first) / (weight + prior)
    if pulled.sum() <= 0:
        return first.astype(np.float64)
    entrants: NDArray[np.float64] = pulled * (first.sum() / pulled.sum())
    return entrants


def expected_path(
    start: NDArray[np.float64],
    entrants: NDArray[np.float64],
    keep: NDArray[np.float64],
    lateral: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Stock without chance: every count is its expectation.

    Parameters
    ----------
    start : float64 array, shape ``(swv, 6)``
    entrants : float64 array, shape ``(years, swv)``
        First-year entrants.
    keep : float64 array, shape ``(years, 5)``
    lateral : float64 array, shape ``(5,)``

    Returns
    -------
    float64 array, shape ``(years + 1, swv, 6)``
    """
    path = [np.asarray(start, np.float64)]
    for come, stay in zip(entrants, keep, strict=True):
        stock = np.empty_like(path[0])
        stock[:, 0] = come
        stock[:, 1:] = path[-1][:, : STAYS - 1] * stay + come[:, None] * lateral
        path.append(stock)
    return np.stack(path)


def calibrate(
    stock: NDArray[np.float64],
    cohorts: Cohorts,
    series: Series,
    parameters: ProParameters,
    horizon: int = 2040,
) -> Calibration:
    """Fit the national rates.

    Parameters
    ----------
    stock : float64 array, shape ``(swv, 6)``
        All swv on 1 October 2019.
    cohorts : Cohorts
    series : Series
    parameters : ProParameters
    horizon : int
        Last year of the flat reference.

    Returns
    -------
    Calibration
    """
    lateral = lateral_parts(parameters)
    base = expected_entrants(stock, parameters.number("swv_weight"))
    years = range(START + 1, horizon + 1)
    growth = np.stack([cohorts.at(year) / cohorts.at(START) for year in years])
    heads = growth @ base
    before, after = series.stay[START], series.stay[FITTED[0]]
    keep = logit((after[1:] - lateral * after[0]) / before[:-1])
    rate = float(np.log(after[0] / heads[0]))
    rate_level = rate / 2

    def totals(shift: float, level: float, trend: float) -> NDArray[np.float64]:
        shifts = np.array([{2020: 0.0, 2021: shift}.get(year, level) for year in years])
        chance = expit(keep + shifts[:, None])
        log_rates = [rate] + [rate_level + trend * (year - FITTED[-1]) for year in years[1:]]
        come = growth * base * np.exp(log_rates)[:, None]
        total: NDArray[np.float64] = expected_path(stock, come, chance, lateral).sum(axis=(1, 2))
        return total

    shift = _root(lambda x: totals(x, x, 0.0)[2] - series.pro[2021], (-1.0, 1.0))
    level = shift / 2
    flat = _root(lambda x: totals(shift, level, x)[3:].mean() - series.pro[FITTED[-1]], (-0.1, 0.1))
    fitted = totals(shift, level, flat)
    return Calibration(
        lateral=lateral,
        keep=keep,
        keep_level=level,
        keep_year={2020: 0.0, 2021: shift},
        rate_level=rate_level,
        rate_year={2020: rate},
        trend=flat,
        residual={year: float(fitted[year - START] - series.pro[year]) for year in FITTED},
    )


def _root(gap: Callable[[float], float], between: Sequence[float]) -> float:
    from scipy.optimize import brentq  # only where the flow of pro pupils is used

    return float(brentq(gap, *between, xtol=1e-12))
