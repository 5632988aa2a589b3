"""Money beyond the budgets: comparison, settlement and transition of a study (B-6…B-8, B-11, X-1).

What no draw changes is worked out here, once; `allocation` does the arithmetic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.border import (
    ProFlows,
    assumed_pro_flows,
    border_traffic,
    pupil_flows,
    spread,
)
from lwoopro.allocation.comparison import Basis, basis_of, direct_pro_cents, on_basis, pair_basis
from lwoopro.allocation.exact import as_fraction
from lwoopro.allocation.opting_out import SWITCHES, release
from lwoopro.allocation.policies import PARTS, PolicyPlan, YearMoney
from lwoopro.allocation.settlement import funds_by_population, settlement
from lwoopro.allocation.transition import TransitionPlan, held_year, transition_steps
from lwoopro.errors import InputError, Problem
from lwoopro.pupils.table import Pupils
from lwoopro.study import Study

__all__ = ["Comparison", "comparison", "settlements", "transition_constants", "transition_plan"]

_BIG_CITIES: Final = "g4"
"""Region of the swv of the four big cities, as in the bundled table."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What the comparison of policies needs (B-6).

    Attributes
    ----------
    basis : tuple of str
        One per policy.
    direct_pro : int64 array, shape ``(year, policy, swv)``
        Cents.
    notes : tuple of str
        Where a change in per cent is undefined.
    """

    basis: tuple[Basis, ...]
    direct_pro: NDArray[np.int64]
    notes: tuple[str, ...]

    def constants(self) -> dict[str, NDArray[Any]]:
        """Variables of the results; the amounts are absent where no policy needs them."""
        found: dict[str, NDArray[Any]] = {"policy_basis": np.array(self.basis, dtype=object)}
        if "letter" in self.basis:
            found["direct_pro_amount"] = self.direct_pro / 100
        return found


def comparison(
    study: Study, money: Sequence[YearMoney], policies: Sequence[Sequence[PolicyPlan]]
) -> Comparison:
    """Work out on what basis each policy is compared, and by which amounts (B-6).

    Parameters
    ----------
    study : Study
    money : sequence of YearMoney
    policies : sequence of sequence of PolicyPlan
        Per year, per policy.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        A policy is compared by the letter and the swv table has no pro pupils.
    """
    basis = tuple(basis_of(policy, money[0]) for policy in study.policy)
    direct = np.stack(
        [[direct_pro_cents(policy, year) for policy in study.policy] for year in money]
    )
    base = [policy.name for policy in study.policy].index(study.baseline)
    if any(year[base].by_score is not None for year in policies):
        return Comparison(basis, direct, ())
    notes: dict[str, None] = {}
    for y, year in enumerate(money):
        old = policies[y][base].fixed
        for p, policy in enumerate(study.policy):
            if p == base or "letter" not in (basis[p], basis[base]):
                continue
            by, _ = pair_basis(basis, p, base)
            _, before = on_basis(
                old.sum(axis=0),
                old.sum(axis=0),
                new_pro=old[PARTS.index("pro")],
                old_pro=old[PARTS.index("pro")],
                direct_pro=direct[y, by],
                basis="letter",
                pro_has_left=(False, study.policy[base].kind == "direct-pro"),
            )
            codes = [year.table.codes[j] for j in np.flatnonzero(before <= 0)]
            if codes:
                line = (
                    f"{policy.name} against {study.baseline}, {year.year}: the change in per cent "
                    f"is undefined for {', '.join(codes)}, who have nothing left once actual pro "
                    "is paid (B-6)"
                )
                notes[line] = None
    return Comparison(basis, direct, tuple(notes))


def settlements(
    study: Study,
    money: Sequence[YearMoney],
    policies: Sequence[Sequence[PolicyPlan]],
    pupils: Pupils,
    flows: ProFlows | None,
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """Settle the budgets of the study's ``[settlement]`` policy (B-7, B-8, B-11).

    Parameters
    ----------
    study : Study
    money : sequence of YearMoney
    policies : sequence of sequence of PolicyPlan
    pupils : Pupils
        Their homes tell how lwoo pupils cross the borders.
    flows : ProFlows or None
        The user's flows of pro pupils.

    Returns
    -------
    constants : dict of str to array
        ``settlement_…`` and ``border_…``, shape ``(year, swv)``; empty without a policy.
    notes : tuple of str

    Raises
    ------
    InputError
        The swv table lacks a column, or a flag that is neither 0 nor 1.
    """
    section = study.settlement
    if section.policy is None:
        return {}, ()
    place = [policy.name for policy in study.policy].index(section.policy)
    years: list[Mapping[str, NDArray[Any]]] = []
    notes: dict[str, None] = {}
    for y, year in enumerate(money):
        found, note = _one_year(study, year, policies[y][place].fixed, pupils, flows)
        years.append(found)
        notes.update(dict.fromkeys(note))
    return {name: np.stack([year[name] for year in years]) for name in years[0]}, tuple(notes)


def _one_year(
    study: Study,
    year: YearMoney,
    parts: NDArray[np.int64],
    pupils: Pupils,
    flows: ProFlows | None,
) -> tuple[Mapping[str, NDArray[Any]], list[str]]:
    section = study.settlement
    assert section.policy is not None
    columns = [
        np.array([float(n) for n in year.column(name, f"{section.policy} (settlement)")])
        for name in ("lwoo", "pro", "vo")
    ]
    registered, pro, vo = columns
    by_population = funds_by_population(registered, vo, as_fraction(section.population_below))
    response = {name: as_fraction(getattr(section, name)) for name in SWITCHES}
    lwoo, pro = release(
        registered,
        pro,
        section.variant,
        opting_out=_opting_out(study, year, by_population),
        response=response,
    )
    notes: list[str] = []
    vmbo = pupil_flows(pupils, year.year)
    lwoo_flows = spread(lwoo, vmbo)
    if flows is not None:
        pro_flows = spread(pro, flows.pupils)
    else:
        region = np.array(year.table.labels.get("region", ("",) * len(vo)))
        try:
            pro_flows = assumed_pro_flows(pro, vmbo, region == _BIG_CITIES)
        except ValueError as error:
            pro_flows = spread(pro, vmbo)
            notes.append(
                f"pro pupils cross borders as upper-vmbo pupils do in {year.year}: {error} (B-8)"
            )
    if section.attribution == "home":
        lwoo, pro = lwoo_flows.sum(axis=0), pro_flows.sum(axis=0)
    settled = settlement(parts, lwoo, pro, vo, year.support, by_population)
    border = border_traffic(lwoo_flows, pro_flows, year.support)
    return {
        "settlement_lwoo": settled.lwoo / 100,
        "settlement_pro": settled.pro / 100,
        "settlement_remainder": settled.remainder / 100,
        "settlement_deficit": settled.deficit / 100,
        "settlement_overrun": settled.overrun / 100,
        "settlement_per_pupil": settled.per_vo_pupil,
        "border_difference": border.difference / 100,
        "border_pro_difference": border.pro_difference / 100,
    }, notes


def _opting_out(
    study: Study, year: YearMoney, by_population: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Where all boards agreed: a column of the swv table, else who funds by population."""
    name = study.settlement.opting_out
    if name is None:
        return by_population
    flags = year.column(name, f"{study.settlement.policy} (settlement)")
    if any(flag not in (0, 1) for flag in flags):
        raise InputError(
            Problem(
                f"{year.table.path}: column {name}",
                "a value is neither 0 nor 1 (B-11)",
                "1 for a swv that opts out, 0 otherwise",
            )
        )
    return np.array([bool(flag) for flag in flags])


def transition_plan(study: Study, compared: Comparison) -> TransitionPlan | None:
    """Prepare the study's ``[transition]``; None without one (X-1).

    Parameters
    ----------
    study : Study
    compared : Comparison

    Returns
    -------
    TransitionPlan or None
    """
    section = study.transition
    if section.new is None:
        return None
    names = [policy.name for policy in study.policy]
    kinds = [policy.kind for policy in study.policy]
    old, new = names.index(section.old or study.baseline), names.index(section.new)
    by, basis = pair_basis(compared.basis, new, old)
    known = sorted(study.study.years)
    largest = section.kind == "max-loss"
    weights: list[Fraction] = [as_fraction(weight) for weight in section.weights or ()]
    return TransitionPlan(
        old=old,
        new=new,
        before=known.index(held_year(section.first_year - 1, known)),
        years=tuple(known.index(held_year(year, known)) for year in _years(study)),
        parts=() if largest else transition_steps(section.kind, section.years, weights),
        loss=as_fraction(section.max_loss) if largest and section.max_loss is not None else None,
        basis=basis,
        pro_has_left=(kinds[new] == "direct-pro", kinds[old] == "direct-pro"),
        direct_pro=compared.direct_pro[:, by],
    )


def _years(study: Study) -> range:
    first = study.transition.first_year
    return range(first, first + study.transition.years)


def transition_constants(
    study: Study,
) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]], tuple[str, ...]]:
    """Coordinates, constants and notes of the study's transition; all empty without one (X-1).

    Returns
    -------
    coordinates, constants : dict of str to array
    notes : tuple of str
        Which years' counts stand for those that the study does not have.
    """
    if study.transition.new is None:
        return {}, {}, ()
    years = np.array(_years(study), np.int64)
    held = np.array([held_year(int(year), study.study.years) for year in years], np.int64)
    later = [f"{year} as in {used}" for year, used in zip(years, held, strict=True) if year != used]
    notes = []
    if later:
        notes.append(
            "the transition has no counts of some years; pupils, scores and amounts per pupil are "
            f"held: {', '.join(later)} (X-1)"
        )
    return {"transition_year": years}, {"transition_counts": held}, tuple(notes)
