"""Tail of a loss, and the growth that would bring about a given cut (R-7, R-8)."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.pro.scenarios import Scenario
from lwoopro.study.pro import GrowthSection

if TYPE_CHECKING:
    from lwoopro.pro.block import ProPlan

__all__ = ["growth_for", "tail", "tail_draws", "with_growth"]

EFFECTS: Final = ("trend", "stay", "incentive", "leave_early", "anticipation")


def tail_draws(loss: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Find the worst draws: the largest losses, one draw at least.

    Parameters
    ----------
    loss : float64 array, shape ``(draw, …)``
        Positive is a loss.
    level : float
        Part of the draws, as 0.05; rounded up to whole draws.

    Returns
    -------
    bool array, same shape
    """
    draws = loss.shape[0]
    worst = max(int(np.ceil(level * draws - 1e-9)), 1)
    order = np.argsort(np.argsort(-loss, axis=0, kind="stable"), axis=0, kind="stable")
    chosen: NDArray[np.bool_] = order < worst
    return chosen


def tail(
    loss: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Value at risk, expected shortfall and its Monte-Carlo standard error.

    Parameters
    ----------
    loss : float64 array, shape ``(draw, …)``
    level : float

    Returns
    -------
    value_at_risk : float64 array, shape ``(…)``
        The smallest loss of the worst draws.
    shortfall : float64 array
        Their mean.
    error : float64 array
        Standard error of the shortfall: from the spread of max(loss, value at risk) over the
        draws; NaN with one draw.
    """
    worst = tail_draws(loss, level)
    many = worst.sum(axis=0)
    at_risk = np.where(worst, loss, np.inf).min(axis=0)
    shortfall = np.where(worst, loss, 0.0).sum(axis=0) / many
    draws = loss.shape[0]
    beyond = np.maximum(loss - at_risk, 0.0)
    spread = beyond.std(axis=0, ddof=1) if draws > 1 else np.full(at_risk.shape, np.nan)
    return at_risk, shortfall, spread / (level * np.sqrt(draws))


def with_growth(plan: "ProPlan", effect: str, size: float, onset: int | None = None) -> "ProPlan":
    """Replace all scenarios of a plan by one certain effect of a given size.

    Parameters
    ----------
    plan : ProPlan
    effect : str
        One of ``trend, stay, incentive, leave_early, anticipation``.
    size : float
    onset : int, optional
        First year of the effect; by default the year after the reference date.

    Returns
    -------
    ProPlan
    """
    if effect not in EFFECTS:
        raise ValueError(f"effect {effect!r}: use one of {', '.join(EFFECTS)}")
    section = GrowthSection.model_validate({"kind": "reference"}).model_copy(update={effect: size})
    first = plan.flow.reference_date + 1 if onset is None else onset
    flow = replace(plan.flow, scenarios=(Scenario(effect, ((first, section),)),))
    return replace(plan, flow=flow)


def growth_for(
    plan: "ProPlan",
    seed: int,
    draws: range,
    budget_part: NDArray[np.float64],
    measure: Callable[[dict[str, NDArray[np.float64]]], NDArray[np.float64]],
    bound: float,
    *,
    effect: str = "trend",
    probability: float = 0.5,
    between: tuple[float, float] = (-0.1, 0.25),
    precision: float = 1e-4,
) -> float:
    """Size of an effect at which a measure exceeds a bound with a given probability.

    Reverse stress: all sizes see the same draws, so the probability rises with the size and has
    one root; Brent's method finds it.

    Parameters
    ----------
    plan : ProPlan
    seed : int
    draws : range
    budget_part : float64 array
        See `pro.block.simulate_pro`.
    measure : callable
        From the variables of `simulate_pro` to one number per draw, which rises with the effect.
    bound : float
    effect : str
        See `with_growth`.
    probability : float
    between : tuple of float
        Sizes to look between.
    precision : float

    Returns
    -------
    float
        NaN where no size in between reaches the bound, minus infinity where the smallest does.
    """
    # the kernels' compiler takes its time to load, and those who want a tail only do without
    from lwoopro.pro.block import simulate_pro

    def gap(size: float) -> float:
        values = simulate_pro(with_growth(plan, effect, size), seed, draws, budget_part)
        return float(np.quantile(measure(values), 1 - probability)) - bound

    from scipy.optimize import brentq

    low, high = between
    if gap(low) > 0:
        return -np.inf
    if gap(high) < 0:
        return np.nan
    return float(brentq(gap, low, high, xtol=precision))
