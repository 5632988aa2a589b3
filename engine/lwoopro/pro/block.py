"""Pro growth in a block of draws: from the flow to the cut of every swv (P-1…P-4, P-6, P-7)."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.pro.cost import Amounts, capped_cents, extra_cost, funding_years, provisional_counts
from lwoopro.pro.cut import apportion_cents, basic_funding, cut_share
from lwoopro.pro.flow import FlowPlan, simulate_flow
from lwoopro.pro.keys import NATION, Lanes

__all__ = ["PRO_VARIABLES", "ProPlan", "Settlement", "in_trouble", "simulate_pro"]

PRO_VARIABLES: Final = (
    "pro_pupils",
    "pro_entrants",
    "pro_stay_pupils",
    "pro_reference_count",
    "pro_extra_cost",
    "capped_support_amount",
    "lumpsum_cut",
    "lumpsum_cut_amount",
    "basic_funding",
    "funded_vo_pupils",
    "funded_upper_vmbo_pupils",
)
"""Variables that `simulate_pro` gives, all with `draw` first."""

_PROVISIONAL: Final = 3


@dataclass(frozen=True, eq=False)
class Settlement:
    """What a swv pays for its pro and lwoo pupils, against its budget (B-7, simplest form).

    Attributes
    ----------
    policy, year : int
        Positions of the policy and reference date whose budgets count.
    registered : float64 array, shape ``(swv,)``
        Euro: support amount times registered pupils.
    pays_own_lwoo : bool array, shape ``(swv,)``
        Swv that opted out: they spend their lwoo part, and `registered` has their pro pupils only
        (*assumed*).
    margin : float
        In trouble where less than this part of the budget is left.
    """

    policy: int
    year: int
    registered: NDArray[np.float64]
    pays_own_lwoo: NDArray[np.bool_]
    margin: float


@dataclass(frozen=True, eq=False)
class ProPlan:
    """Everything that a block of draws needs for pro.

    Attributes
    ----------
    flow : FlowPlan
    amounts : Amounts
        Per funded year.
    reference_count : int or None
        Thousandths of pupils; None: each draw's own count.
    below_reference : str
    provisional_sd : float
    cap : int or None
        Cents.
    settlement : Settlement or None
        None: no scenario has an incentive.
    vary : bool
        The source `pro` is on (Q-1).
    """

    flow: FlowPlan
    amounts: Amounts
    reference_count: int | None
    below_reference: str
    provisional_sd: float
    cap: int | None
    settlement: Settlement | None
    vary: bool

    @property
    def funding_years(self) -> tuple[int, ...]:
        """Calendar years with a cut."""
        return funding_years(self.flow.reference_date, self.flow.years[-1])


def in_trouble(settlement: Settlement, part: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Swv that have too little left after paying for lwoo and pro pupils.

    Parameters
    ----------
    settlement : Settlement
    part : float64 array, shape ``(draw, year, policy, part, swv)``
        Budgets in euro; parts regional, lwoo, pro.

    Returns
    -------
    bool array, shape ``(draw, swv)``
    """
    budget = part[:, settlement.year, settlement.policy]
    own = np.where(settlement.pays_own_lwoo, budget[:, 1], 0.0)
    total = budget.sum(axis=1)
    left = total - own - settlement.registered
    trouble: NDArray[np.bool_] = left < settlement.margin * total
    return trouble


def simulate_pro(
    plan: ProPlan, seed: int, draws: range, budget_part: NDArray[np.float64]
) -> dict[str, NDArray[Any]]:
    """Simulate pro in consecutive draws, under the budgets of the same draws.

    Parameters
    ----------
    plan : ProPlan
    seed : int
    draws : range
    budget_part : float64 array, shape ``(draw, year, policy, part, swv)``

    Returns
    -------
    dict of str to array
        `PRO_VARIABLES`, each with the dimensions of `lwoopro.variables`.
    """
    swv = len(plan.flow.persons)
    trouble = (
        np.zeros((len(draws), swv), np.bool_)
        if plan.settlement is None
        else in_trouble(plan.settlement, budget_part)
    )
    flow = simulate_flow(plan.flow, seed, draws, trouble, plan.vary)
    years = list(plan.flow.years)
    counted = [years.index(year - 1) for year in plan.funding_years]
    national = flow.pupils.sum(axis=-1)
    if plan.reference_count is None:
        reference = 1000 * national[:, :, years.index(plan.flow.reference_date)]
    else:
        reference = np.full(national.shape[:2], plan.reference_count, np.int64)
    lanes = Lanes(seed, draws, plan.vary)
    noise = np.stack(
        [lanes.normal(NATION, years[t], _PROVISIONAL)[lanes.wanted] for t in counted],
        axis=1,
    )
    provisional = provisional_counts(national[:, :, counted], noise, plan.provisional_sd)
    cost = extra_cost(provisional, reference, plan.amounts.support, plan.below_reference)
    base = basic_funding(
        flow.pupils[:, :, counted],
        flow.upper_vmbo[:, None, counted],
        flow.vo[:, None, counted],
        plan.amounts.high,
        plan.amounts.low,
    )
    _, per_pupil = capped_cents(provisional, reference, plan.amounts.support, plan.cap)
    return {
        "pro_pupils": flow.pupils.astype(np.float64),
        "pro_entrants": flow.entrants.astype(np.float64),
        "pro_stay_pupils": flow.by_stay.astype(np.float64),
        "pro_reference_count": reference / 1000,
        "pro_extra_cost": cost / 100,
        "capped_support_amount": per_pupil,
        "lumpsum_cut": cut_share(cost, base),
        "lumpsum_cut_amount": apportion_cents(cost, base) / 100,
        "basic_funding": base / 100,
        "funded_vo_pupils": flow.vo[:, counted].astype(np.float64),
        "funded_upper_vmbo_pupils": flow.upper_vmbo[:, counted].astype(np.float64),
    }
