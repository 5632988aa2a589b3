"""``[settlement]``: what is left of a swv's budget once its schools are paid (B-7, B-8, B-11)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from lwoopro.study.sections import Attribution, Section
from lwoopro.study.values import Column, CsvPath, Exact, Fraction, Label
from lwoopro.study.words import nearest, shown

__all__ = ["SettlementSection", "settlement_misfits"]

Factor = Annotated[Decimal, Field(ge=0, le=100), Exact]


class SettlementSection(Section):
    """Whose budgets are settled with the schools, and how; without `policy` nothing is.

    Attributes
    ----------
    policy : str or None
        Name of a policy of kind "participation" (B-7).
    attribution : str
        Deducted from the swv of the school, as the law has it, or of the pupil's home (B-8).
    pro_flows : str or None
        File with the columns school_swv, home_swv, pro; None stands for the *assumed* flows.
    opting_out : str or None
        Column of the swv table with 1 for a swv that opts out and 0 otherwise; None stands for
        the rule of `population_below`.
    population_below : Decimal
        A swv that registers a smaller share of its vo pupils for lwoo funds lwoo by population
        (*assumed*); 0 switches that off.
    variant : str
        Which release of criteria is in force (B-11). "2016" acts where a swv opts out; without a
        column of its own these are the swv that fund lwoo by population, whose payments do not
        follow registration.
    criteria, duration, licence : Decimal
        What the release of each switch does to the number of registered pupils, as a factor
        (*assumed*: no source tells).
    """

    policy: Label | None = Field(
        default=None, description='the name of a policy of kind "participation"'
    )
    attribution: Attribution = Field(default="school", description='"school" or "home"')
    pro_flows: CsvPath | None = Field(
        default=None, description="the path of a file that ends in .csv"
    )
    opting_out: Column | None = Field(
        default=None, description="the name of a column of the swv table"
    )
    population_below: Fraction = Field(
        default=Decimal("0.005"), description="a fraction from 0 to 1, such as 0.005 for 0.5 %"
    )
    variant: Literal["none", "2016", "2018-OCW14", "2018-OCW18"] = Field(
        default="none", description='"none", "2016", "2018-OCW14" or "2018-OCW18"'
    )
    criteria: Factor = Field(default=Decimal(1), description="a factor from 0 to 100, such as 1.1")
    duration: Factor = Field(default=Decimal(1), description="a factor from 0 to 100, such as 1.1")
    licence: Factor = Field(default=Decimal(1), description="a factor from 0 to 100, such as 1.1")


def settlement_misfits(
    section: SettlementSection, kinds: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Yield what does not fit in a settlement: key, what is wrong, what would be right.

    Parameters
    ----------
    section : SettlementSection
    kinds : mapping of str to str
        Kind of every policy of the study, by name.
    """
    if section.policy is None:
        if section != SettlementSection():
            yield "policy", "is missing", 'use the name of a policy of kind "participation"'
        return
    usable = [name for name, kind in kinds.items() if kind == "participation"]
    if section.policy not in usable:
        kind = kinds.get(section.policy)
        what = (
            f"there is no policy {shown(section.policy)}"
            if kind is None
            else f"{shown(section.policy)} is of kind {shown(kind)}; only what swv get by "
            "participation is settled with schools (B-7)"
        )
        near = nearest(section.policy, usable)
        yield "policy", what, f"use {shown(near)}" if near else 'add one of kind "participation"'
    factors = ("criteria", "duration", "licence")
    for key in factors:
        if section.variant == "none" and getattr(section, key) != 1:
            yield key, "has no meaning without a variant", "name a variant or leave it out"
