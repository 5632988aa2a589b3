"""From a study to everything that pro growth needs in a draw; its coordinates and assumptions."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.exact import as_fraction, round_cents
from lwoopro.errors import InputError, Problem
from lwoopro.kernels.pro_flow import STAYS
from lwoopro.pro.block import ProPlan, Settlement
from lwoopro.pro.cohorts import exam_cohorts
from lwoopro.pro.cost import amounts_per_year, funding_years
from lwoopro.pro.flow import national_calibration, plan_flow
from lwoopro.pro.parameters import bundled_parameters
from lwoopro.pro.scenarios import resolve
from lwoopro.pupils.swv import SwvTable
from lwoopro.pupils.synthetic.source import bundled_folder
from lwoopro.study import Study

__all__ = [
    "bundled_cohorts",
    "pro_assumptions",
    "pro_constants",
    "pro_coordinates",
    "pro_notes",
    "pro_plan",
]

OPTED_OUT_BELOW: Final = 0.005
"""A swv that registers less than this part of its vo pupils as lwoo has opted out (B-7)."""


def bundled_cohorts() -> Path:
    """Give the cohorts file that ships with the engine."""
    return bundled_folder("national") / "cohorts.csv"


def pro_plan(study: Study, table: SwvTable, support: Fraction) -> ProPlan | None:
    """Prepare the study's pro growth; None where it has no growth scenario.

    Parameters
    ----------
    study : Study
    table : SwvTable
    support : Fraction
        Support amount of the last reference date, euro: what a swv pays per registered pupil.

    Returns
    -------
    ProPlan or None

    Raises
    ------
    InputError
        The swv table lacks a column, or the cohorts file is wrong.
    """
    if not study.growth:
        return None
    section = study.pro
    if section.start > section.reference_date:
        raise InputError(
            Problem("pro.start", f"{section.start} is after the reference date", "an earlier year")
        )
    flow = plan_flow(
        table,
        resolve(study.growth, section.reference_date),
        start=section.start,
        horizon=section.horizon,
        reference_date=section.reference_date,
        exams=exam_cohorts(
            study.resolve(section.cohorts) if section.cohorts else bundled_cohorts()
        ),
    )
    funded = funding_years(section.reference_date, section.horizon)
    count = section.reference_count
    return ProPlan(
        flow=flow,
        amounts=amounts_per_year(
            section.support_amount,
            section.basic_high,
            section.basic_low,
            section.price_year,
            section.indexation,
            funded,
        ),
        reference_count=None if count is None else round(as_fraction(count) * 1000),
        below_reference=section.below_reference,
        provisional_sd=float(section.provisional_sd),
        cap=None if section.cap is None else round_cents(as_fraction(section.cap)),
        settlement=_settlement(study, table, support),
        vary=study.uncertainty.pro,
    )


def _settlement(study: Study, table: SwvTable, support: Fraction) -> Settlement | None:
    """Who would be in trouble; None where no scenario has an incentive."""
    if not any(part.incentive or part.incentive_sd for part in study.growth.values()):
        return None
    section = study.pro
    years = sorted(study.study.years)
    names = [policy.name for policy in study.policy]
    policy = names.index(section.trouble_policy or study.baseline)
    lwoo, pro, vo = (
        table.column(name, years[-1], "[growth] incentive") for name in ("lwoo", "pro", "vo")
    )
    opted_out = lwoo < OPTED_OUT_BELOW * vo
    # under direct funding nobody pays for pro pupils out of a swv's budget (B-5)
    direct = study.policy[policy].kind == "direct-pro"
    paid = np.where(opted_out, 0.0, lwoo) + (0.0 if direct else pro)
    return Settlement(
        policy=policy,
        year=len(years) - 1,
        registered=float(support) * paid,
        pays_own_lwoo=opted_out,
        margin=float(section.trouble_margin),
    )


def pro_coordinates(plan: ProPlan | None) -> dict[str, NDArray[Any] | Sequence[str]]:
    """Coordinates of the results; empty without pro growth."""
    if plan is None:
        return {}
    return {
        "growth": [scenario.name for scenario in plan.flow.scenarios],
        "pro_year": np.array(plan.flow.years, np.int64),
        "funding_year": np.array(plan.funding_years, np.int64),
        "year_of_stay": np.arange(1, STAYS + 1),
    }


def pro_constants(plan: ProPlan | None) -> dict[str, NDArray[Any]]:
    """Results that no draw changes: the amounts of each funded year."""
    if plan is None:
        return {}
    return {
        "funded_support_amount": plan.amounts.support / 100,
        "basic_amount_high": plan.amounts.high / 100,
        "basic_amount_low": plan.amounts.low / 100,
    }


def pro_assumptions(study: Study) -> tuple[str, ...]:
    """Say what of pro growth comes from no source, in words; empty without growth scenarios."""
    if not study.growth:
        return ()
    effects = ", ".join(sorted(study.growth))
    named = ", ".join(name.replace("_", " ") for name in bundled_parameters().assumed)
    return (
        f"growth scenarios: size and spread of every effect ({effects})",
        "entering cohorts after the last exam cohort: index of births twelve years earlier",
        f"pro: {named}",
        f"basic funding of other vo pupils: {study.pro.basic_low} euro",
        f"amounts of pro and basic funding rise by {float(study.pro.indexation):.1%} a year",
        f"month in which prices are fixed: {study.pro.fixed_month}; spread of provisional counts",
    )


def pro_notes(plan: ProPlan | None) -> tuple[str, ...]:
    """Say what the flow rests on and how well it fits; empty without pro growth."""
    if plan is None:
        return ()
    rates, cohorts = national_calibration()
    fit = ", ".join(f"{year} {gap:+.1f}" for year, gap in rates.residual.items())
    return (
        "pro: the entering cohorts are vmbo exam candidates four years later, real until "
        f"{cohorts.last_real}, then an index of births twelve years earlier (assumed)",
        "pro: the expected national stock less the counted one is, in pupils, "
        f"{fit}; the chance to stay on is shrunk by {-rates.keep_level:.3f} logits; the rate of "
        f"entry rises by {100 * rates.trend:.2f} % a year, so that the reference is about flat",
        "pro: a swv's cut is that of all its schools; amounts follow the swv of the school",
    )
