"""Reverse stress: which growth makes the cut, or the loss of a swv, exceed a bound (R-8)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lwoopro.errors import InputError, Problem
from lwoopro.pro.stress import growth_for
from lwoopro.simulation.block import Prepared, simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import Study

__all__ = ["growth_for_cut", "growth_for_loss"]

Numbers = NDArray[np.float64]


def _budgets(prepared: Prepared, draws: int) -> Numbers:
    part: Numbers = simulate_block(prepared, range(draws))["budget_part"]
    return part


def _prepared(study: Study) -> Prepared:
    prepared, _ = prepare(study, load_inputs(study))
    if prepared.pro is None:
        raise InputError(
            Problem(
                f"{study.path}: growth",
                "there is no growth scenario",
                'add at least one, as [growth.reference] with kind = "reference"',
            )
        )
    return prepared


def growth_for_cut(
    study: Study,
    bounds: Sequence[float] = (0.005, 0.01, 0.02),
    *,
    effect: str = "trend",
    probability: float = 0.5,
    draws: int = 200,
    year: int | None = None,
) -> dict[float, float]:
    """Size of an effect at which the cut exceeds a bound with a given probability (R-8).

    Parameters
    ----------
    study : Study
        With a growth scenario; only its ``[pro]`` counts.
    bounds : sequence of float
        Parts of basic funding.
    effect : str
        ``trend`` (yearly growth of entrants), ``stay`` (logits), ``incentive``, ``anticipation``
        or ``leave_early``.
    probability : float
    draws : int
        Common to all sizes that are tried.
    year : int, optional
        A funded year; by default the highest cut of all years counts.

    Returns
    -------
    dict of float to float
        By bound; NaN where no size up to 0.25 (5 for shifts in logits) reaches it.

    Raises
    ------
    InputError
        See `lwoopro.run`; or the study has no growth scenario.
    """
    prepared = _prepared(study)
    plan = prepared.pro
    assert plan is not None
    budgets = _budgets(prepared, draws)

    def highest(values: dict[str, Numbers]) -> Numbers:
        share = values["lumpsum_cut"][:, 0]
        return share.max(axis=1) if year is None else share[:, plan.funding_years.index(year)]

    return {
        bound: growth_for(
            plan,
            prepared.seed,
            range(draws),
            budgets,
            highest,
            bound,
            effect=effect,
            probability=probability,
            between=_between(effect),
        )
        for bound in bounds
    }


def growth_for_loss(
    study: Study,
    swv: str,
    policy: str,
    *,
    bound: float = 0.05,
    year: int | None = None,
    effect: str = "trend",
    probability: float = 0.5,
    draws: int = 200,
) -> float:
    """Size of an effect at which a swv loses more than a part of its support, all in all (R-8).

    The loss is that of the new budgets once the transition is over, and of the lumpsum cut of the
    swv's schools, as a part of today's light support.

    Parameters
    ----------
    study : Study
    swv : str
    policy : str
        The new budgets; the study's baseline is today's.
    bound : float
    year : int, optional
        A funded year; by default the last.
    effect, probability, draws
        See `growth_for_cut`.

    Returns
    -------
    float
        Minus infinity where the new budgets alone take so much; NaN where no size reaches it.

    Raises
    ------
    InputError
        See `growth_for_cut`.
    ValueError
        No such swv or policy.
    """
    inputs = load_inputs(study)
    prepared = _prepared(study)
    plan = prepared.pro
    assert plan is not None
    names = [one.name for one in study.policy]
    if swv not in inputs.swv.codes or policy not in names:
        raise ValueError(f"no swv {swv!r} or no policy {policy!r} in this study")
    j = inputs.swv.codes.index(swv)
    budgets = _budgets(prepared, draws)
    light = budgets[:, -1].sum(axis=2)[:, :, j]
    old, new = light[:, names.index(study.baseline)], light[:, names.index(policy)]
    at = -1 if year is None else plan.funding_years.index(year)

    def loss(values: dict[str, Numbers]) -> Numbers:
        cut = values["lumpsum_cut_amount"][:, 0, at, j]
        part: Numbers = (old - new + cut) / old
        return part

    return growth_for(
        plan,
        prepared.seed,
        range(draws),
        budgets,
        loss,
        bound,
        effect=effect,
        probability=probability,
        between=_between(effect),
    )


def _between(effect: str) -> tuple[float, float]:
    return {"stay": (-5.0, 5.0), "leave_early": (-5.0, 5.0), "incentive": (0.0, 10.0)}.get(
        effect, (-0.1, 0.25)
    )
