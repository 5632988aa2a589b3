"""Funding systems as data: one function per kind of policy (B-1 … B-5, B-12, B-13).

A function says what is fixed before any draw, in whole cents, and what is left to be distributed
by disadvantage score. To add a kind: write its section in `lwoopro.study.policy`, one function
here, and its entry in `KINDS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.cents import apportion, apportion_draws, apportion_whole
from lwoopro.allocation.exact import as_fraction, round_cents
from lwoopro.allocation.indexation import money_factor
from lwoopro.allocation.target import TargetGroup
from lwoopro.allocation.weights import Scheme, disadvantage, rounding_error
from lwoopro.codes import ATTRIBUTIONS
from lwoopro.errors import InputError, Problem
from lwoopro.pupils.swv import SwvTable
from lwoopro.study.policy import (
    DirectProPolicy,
    EqualisedPolicy,
    IndicatorPolicy,
    KeyPolicy,
    ParticipationPolicy,
    VmboCountPolicy,
)
from lwoopro.study.sections import MoneySection

__all__ = [
    "CURRENT_DATE",
    "KINDS",
    "PARTS",
    "ByScore",
    "PolicyPlan",
    "YearMoney",
    "budget_cents",
    "fixed_cents",
]

PARTS: Final = ("regional", "lwoo", "pro")
"""Parts of a swv's light support, in the order of every array here."""

CURRENT_DATE: Final = 2012
"""Participation of 1 October of this year sets today's budgets (B-1)."""

Cents = Sequence[int]


@dataclass(frozen=True, eq=False)
class YearMoney:
    """What the budgets of one year are made of.

    Attributes
    ----------
    year : int
    table : SwvTable
    money : MoneySection
    pupils : int64 array, shape ``(attribution, swv)``
        n_j.
    """

    year: int
    table: SwvTable
    money: MoneySection
    pupils: NDArray[np.int64]

    @property
    def factor(self) -> Fraction:
        """Index of all amounts in this year (B-10)."""
        return money_factor(self.money, self.year)

    @property
    def support(self) -> Fraction:
        """Euro per lwoo or pro pupil in this year, s."""
        return self.factor * as_fraction(self.money.support_amount)

    def column(self, name: str, policy: str) -> list[Fraction]:
        """Numbers of a swv column as written; see `SwvTable.column`."""
        values = self.table.column(name, self.year, policy)
        return [as_fraction(float(value)) for value in values]

    def regional(self, policy: str) -> Cents:
        """Regional support r·V_j, B-1."""
        rate = self.factor * as_fraction(self.money.regional_amount)
        return _by(_cents(rate, self.column("vo", policy)), self.column("vo", policy), policy)

    def entitlement(self, what: str, date: int, policy: str) -> Cents:
        """Lwoo or pro part by participation at a date, s·q_j·V_j (B-1, B-2).

        The lwoo part is scaled to ``lwoo_total`` where that is set.
        """
        name = f"q_{what}_{date}"
        amounts = [
            share * pupils
            for share, pupils in zip(
                self.column(name, policy), self.column("vo", policy), strict=True
            )
        ]
        total = _cents(self.support, amounts)
        if what == "lwoo" and self.money.lwoo_total is not None:
            total = round_cents(self.factor * as_fraction(self.money.lwoo_total))
        return _by(total, amounts, f"{policy}: column {name}")


@dataclass(frozen=True)
class ByScore:
    """Money that follows the disadvantage scores of each draw.

    Attributes
    ----------
    total : int
        Cents; 0 is allowed.
    scheme : Scheme
    attribution : int
        Position in `codes.ATTRIBUTIONS`.
    share : Any
        Y as written in the study.
    """

    total: int
    scheme: Scheme
    attribution: int
    share: Any


@dataclass(frozen=True, eq=False)
class ByCount:
    """Money that follows the number of upper-vmbo pupils, n_j.

    Attributes
    ----------
    part : int
        Position in `PARTS`.
    cents : int64 array, shape ``(swv,)``
        By the pupils of the register; it stands in `PolicyPlan.fixed`.
    attribution : int
        Position in `codes.ATTRIBUTIONS`.
    inside : bool array, shape ``(swv,)``
        Who shares in it.
    what : str
        For messages.
    """

    part: int
    cents: NDArray[np.int64]
    attribution: int
    inside: NDArray[np.bool_]
    what: str

    def drawn(
        self, pupils: NDArray[np.int64], draws: Sequence[int], year: int
    ) -> NDArray[np.int64]:
        """Cents by drawn pupils less those by the register's, shape ``(draw, swv)`` (Q-1).

        Parameters
        ----------
        pupils : int64 array, shape ``(draw, attribution, swv)``
        draws : sequence of int
            Their numbers, for messages.
        year : int

        Raises
        ------
        InputError
            In some draw there are no pupils to share the money.
        """
        total = int(self.cents.sum())
        count = pupils[:, self.attribution] * self.inside
        nobody = np.flatnonzero(count.sum(axis=1) == 0)
        if total and len(nobody):
            raise InputError(
                Problem(
                    f"policy {self.what}",
                    f"draw {draws[int(nobody[0])]} of {year} has no pupils to share the money",
                    "uncertainty.population = false, or larger swv",
                )
            )
        return apportion_whole(np.full(len(count), total), count) - self.cents


@dataclass(frozen=True, eq=False)
class PolicyPlan:
    """A policy in one year, before any draw.

    Attributes
    ----------
    name : str
    fixed : int64 array, shape ``(part, swv)``
        Cents that no draw changes, unless the population is drawn.
    by_score : ByScore or None
        What is added to the lwoo part in each draw.
    by_count : tuple of ByCount
        What of `fixed` follows the number of pupils.
    """

    name: str
    fixed: NDArray[np.int64]
    by_score: ByScore | None = None
    by_count: tuple[ByCount, ...] = ()


def _cents(rate: Fraction, amounts: Sequence[Fraction]) -> int:
    return round_cents(rate * sum(amounts, Fraction(0)))


def _by(total: int, weights: Sequence[Fraction], what: str) -> Cents:
    """Apportion; no money needs no weights."""
    if total == 0:
        return [0] * len(weights)
    if sum(weights) <= 0 or min(weights) < 0:
        raise InputError(
            Problem(
                f"policy {what}",
                "there is money to distribute and the weights are all zero, or one is negative",
                "weights of 0 or more with a positive sum",
            )
        )
    return apportion(total, weights)


def _plan(
    name: str, *parts: Cents, by_score: ByScore | None = None, by_count: tuple[ByCount, ...] = ()
) -> PolicyPlan:
    return PolicyPlan(name, np.array(parts, dtype=np.int64), by_score, by_count)


def _by_pupils(
    part: str, cents: Cents, attribution: str, what: str, inside: Sequence[bool] | None = None
) -> ByCount:
    return ByCount(
        PARTS.index(part),
        np.array(cents, dtype=np.int64),
        ATTRIBUTIONS.index(attribution),
        np.ones(len(cents), bool) if inside is None else np.array(inside, bool),
        what,
    )


def participation(policy: ParticipationPolicy, year: YearMoney) -> PolicyPlan:
    """Lwoo and pro by participation at a past date (B-1, B-2)."""
    return _plan(
        policy.name,
        year.regional(policy.name),
        year.entitlement("lwoo", policy.date, policy.name),
        year.entitlement("pro", policy.date, policy.name),
    )


def vmbo_count(policy: VmboCountPolicy, year: YearMoney) -> PolicyPlan:
    """Lwoo and pro money by upper-vmbo pupils at school (B-3)."""
    by = [Fraction(int(n)) for n in year.pupils[ATTRIBUTIONS.index("school")]]
    plan = _redistribute(policy.name, year, by, by)
    by_count = tuple(
        _by_pupils(part, plan.fixed[PARTS.index(part)].tolist(), "school", policy.name)
        for part in ("lwoo", "pro")
    )
    return replace(plan, by_count=by_count)


def equalised(policy: EqualisedPolicy, year: YearMoney) -> PolicyPlan:
    """Lwoo and pro money by all vo pupils (B-12, verevening)."""
    by = year.column("vo", policy.name)
    return _redistribute(policy.name, year, by, by)


def key(policy: KeyPolicy, year: YearMoney) -> PolicyPlan:
    """Lwoo money, pro money or both by a column that the user supplies (B-13)."""
    lwoo, pro = (
        None if column is None else year.column(column, policy.name)
        for column in (policy.lwoo_column, policy.pro_column)
    )
    return _redistribute(policy.name, year, lwoo, pro)


def _redistribute(
    name: str, year: YearMoney, lwoo_by: list[Fraction] | None, pro_by: list[Fraction] | None
) -> PolicyPlan:
    """Divide the national amounts of B-1 anew; None leaves an amount as it is."""
    lwoo = year.entitlement("lwoo", CURRENT_DATE, name)
    pro = year.entitlement("pro", CURRENT_DATE, name)
    return _plan(
        name,
        year.regional(name),
        lwoo if lwoo_by is None else _by(sum(lwoo), lwoo_by, name),
        pro if pro_by is None else _by(sum(pro), pro_by, name),
    )


def indicator(policy: IndicatorPolicy, year: YearMoney) -> PolicyPlan:
    """Part of the lwoo money by pupils, the rest by disadvantage score (B-4)."""
    lwoo = sum(year.entitlement("lwoo", CURRENT_DATE, policy.name))
    pro = year.entitlement("pro", CURRENT_DATE, policy.name)
    return _by_indicator(policy, year, lwoo, pro)


def direct_pro(policy: DirectProPolicy, year: YearMoney) -> PolicyPlan:
    """Pro is funded directly; what it leaves is distributed as B-4 (B-5)."""
    lwoo = sum(year.entitlement("lwoo", CURRENT_DATE, policy.name))
    pro = sum(year.entitlement("pro", CURRENT_DATE, policy.name))
    if policy.reference_count is None:
        count = sum(year.column("pro", policy.name), Fraction(0))
    else:
        count = as_fraction(policy.reference_count)
    direct = round_cents(year.support * count)
    left = lwoo + pro - direct
    if left < 0:
        raise InputError(
            Problem(
                f"policy {policy.name}",
                f"direct funding of {float(count):,.0f} pro pupils costs {direct / 100:,.2f} euro, "
                f"more than the {(lwoo + pro) / 100:,.2f} euro for lwoo and pro together (B-5)",
                "a smaller reference_count or support_amount",
            )
        )
    return _by_indicator(policy, year, left, [0] * len(year.table.codes))


def _by_indicator(
    policy: IndicatorPolicy | DirectProPolicy, year: YearMoney, lwoo: int, pro: Cents
) -> PolicyPlan:
    _refuse_unknown_regions(policy, year)
    count = [Fraction(int(n)) for n in year.pupils[ATTRIBUTIONS.index(policy.equal_attribution)]]
    by_region, left = _extra(policy, year, lwoo, count)
    equal = round_cents(as_fraction(policy.equal_part) * Fraction(left, 100))
    scheme = Scheme(
        weight=policy.weight,
        threshold=policy.threshold,
        tau=as_fraction(policy.tau or 0),
        uplift={name: as_fraction(lift) for name, lift in policy.uplift.items()},
    )
    equally = _by(equal, count, policy.name)
    counted = (
        _by_pupils("lwoo", equally, policy.equal_attribution, policy.name),
        *by_region,
    )
    return _plan(
        policy.name,
        year.regional(policy.name),
        sum((some.cents for some in counted), np.zeros(len(count), np.int64)).tolist(),
        pro,
        by_score=ByScore(
            total=left - equal,
            scheme=scheme,
            attribution=ATTRIBUTIONS.index(policy.attribution),
            share=policy.share,
        ),
        by_count=counted,
    )


def _refuse_unknown_regions(policy: IndicatorPolicy | DirectProPolicy, year: YearMoney) -> None:
    regions = set(year.table.labels.get("region", ()))
    named = dict.fromkeys((*policy.uplift, *policy.extra_amount))
    problems = [
        Problem(
            f"{year.table.path}: column region",
            f"no swv has the region {name!r} that policy {policy.name} lifts (D-4)",
            "one of " + ", ".join(sorted(filter(None, regions))) if regions else "",
        )
        for name in named
        if name not in regions
    ]
    if problems:
        raise InputError(problems)


def _extra(
    policy: IndicatorPolicy | DirectProPolicy,
    year: YearMoney,
    lwoo: int,
    count: Sequence[Fraction],
) -> tuple[list[ByCount], int]:
    """Amounts per region outside the model, and the lwoo money that is left (D-4, second form)."""
    extra: list[ByCount] = []
    region = year.table.labels.get("region", ())
    left = lwoo
    for name, amount in policy.extra_amount.items():
        total = round_cents(year.factor * as_fraction(amount))
        inside = [n if own == name else Fraction(0) for n, own in zip(count, region, strict=True)]
        what = f"{policy.name}: extra_amount of {name} (D-4)"
        given = _by(total, inside, what)
        here = [own == name for own in region]
        extra.append(_by_pupils("lwoo", given, policy.equal_attribution, what, here))
        if policy.extra_source == "lwoo":
            left -= total
    if left < 0:
        raise InputError(
            Problem(
                f"policy {policy.name}",
                f"the extra amounts are {-left / 100:,.2f} euro more than the lwoo money they are "
                "taken off (D-4)",
                'smaller amounts, or extra_source = "new"',
            )
        )
    return extra, left


KINDS: Final[Mapping[str, Callable[[Any, YearMoney], PolicyPlan]]] = {
    "participation": participation,
    "vmbo-count": vmbo_count,
    "indicator": indicator,
    "direct-pro": direct_pro,
    "equalised": equalised,
    "key": key,
}
"""The function of every kind of policy."""


def fixed_cents(
    plan: PolicyPlan, group: TargetGroup, draws: Sequence[int], year: int
) -> NDArray[np.int64]:
    """Cents that do not follow the scores, shape ``(draw, part, swv)``.

    They are the plan's, but where the population is drawn: then the pupils of each draw share
    what goes by pupils. Parameters and errors as `budget_cents`.
    """
    cents = np.repeat(plan.fixed[None], len(draws), axis=0)
    if group.pieces.drawn:
        for some in plan.by_count:
            cents[:, some.part] += some.drawn(group.pieces.pupils, draws, year)
    return cents


def budget_cents(
    plan: PolicyPlan,
    group: TargetGroup,
    region: NDArray[Any],
    draws: Sequence[int],
    year: int,
) -> NDArray[np.int64]:
    """Budgets of one policy and year in every draw.

    Parameters
    ----------
    plan : PolicyPlan
    group : TargetGroup
    region : str array, shape ``(swv,)``
    draws : sequence of int
        Numbers of the draws, for messages.
    year : int

    Returns
    -------
    int64 array, shape ``(draw, part, swv)``
        Cents.

    Raises
    ------
    InputError
        In some draw the scores cannot distribute money: their sum is not positive, or one is
        negative (D-4).
    """
    cents = fixed_cents(plan, group, draws, year)
    if plan.by_score is None or plan.by_score.total == 0:
        return cents
    by = plan.by_score
    share = [quota.share for quota in group.quotas].index(by.share)
    gaps = group.gaps(by.attribution, share)
    weights, distance = disadvantage(by.scheme, gaps, region)
    error = rounding_error(by.scheme, gaps, weights)
    doubtful = np.zeros(len(weights), bool)
    if by.scheme.threshold != "none":
        # a score on its threshold must not be judged by a rounded number; one that cannot err, of
        # a swv without pupils, needs no fractions
        doubtful = (np.abs(distance) < error).any(axis=1)
        # below it, it is zero without any error, so that no cent is in doubt
        error[distance < 0] = 0.0

    def exact(draw: int) -> Sequence[Fraction | int]:
        found, _ = disadvantage(by.scheme, group.exact_gaps(by.attribution, share, draw), region)
        scores = list(found)
        if sum(scores) <= 0 or min(scores) < 0:
            raise InputError(_undistributable(plan, draws[draw], year, sum(scores) <= 0))
        return scores

    cents[:, PARTS.index("lwoo")] += apportion_draws(by.total, weights, error, doubtful, exact)
    return cents


def _undistributable(plan: PolicyPlan, draw: int, year: int, nothing: bool) -> Problem:
    assert plan.by_score is not None
    what = "their sum is not positive" if nothing else "one swv's score is negative"
    return Problem(
        f"policy {plan.name}",
        f"the disadvantage scores of share {plan.by_score.share} with weight "
        f"'{plan.by_score.scheme.weight}' cannot distribute money in draw {draw} of {year}: {what} "
        "(D-4)",
        "a smaller share, or another weight",
    )
