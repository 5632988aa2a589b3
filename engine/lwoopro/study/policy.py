"""The kinds of policy (``[[policy]]``) and the keys of each (B-1…B-6, B-12, B-13, D-2…D-4)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, TypeGuard

from pydantic import Field, model_validator

from lwoopro.study.sections import Attribution, Section
from lwoopro.study.values import (
    ByGroup,
    Column,
    Count,
    Exact,
    Fraction,
    Label,
    NationalEuro,
    Share,
    Year,
)

__all__ = [
    "DirectProPolicy",
    "EqualisedPolicy",
    "IndicatorPolicy",
    "KeyPolicy",
    "ParticipationPolicy",
    "Policy",
    "PolicySection",
    "VmboCountPolicy",
    "can_be_split",
]

KINDS: Final = '"participation", "vmbo-count", "indicator", "direct-pro", "equalised" or "key"'
DEFAULT_TAU: Final = Decimal("0.12")
"""The threshold of primary schools (PO19)."""

GroupUplift = Annotated[Decimal, Field(ge=-1, le=100), Exact]


class PolicySection(Section):
    """What every policy has: a name of its own, and a kind that says which keys it may have."""

    name: Label = Field(description='a name of its own, such as "current"')
    kind: str


class ParticipationPolicy(PolicySection):
    """``participation``: lwoo and pro by participation at a past date (B-1, B-2).

    Attributes
    ----------
    date : int
        Year of the columns ``q_lwoo_<date>`` and ``q_pro_<date>``.
    """

    kind: Literal["participation"] = Field(description=KINDS)
    date: Year = Field(default=2012, description="a year from 1990 to 2100, such as 2012")


class VmboCountPolicy(PolicySection):
    """``vmbo-count``: lwoo and pro money by the count of upper-vmbo pupils, by school (B-3)."""

    kind: Literal["vmbo-count"] = Field(description=KINDS)


class _ByIndicator(PolicySection):
    """What the policies share that distribute by disadvantage score (B-4, B-5, D-2…D-4).

    Attributes
    ----------
    share : Decimal
        Share Y of the target group, one of ``[target_group] shares``.
    attribution : str
        Where pupils of the indicator part count.
    weight : str
        Contribution of a target pupil (D-2).
    threshold : str
        Form of the threshold (D-3).
    tau : Decimal or None
        Height of the threshold (D-3); None without one.
    equal_part : Decimal
        Part of the lwoo money that goes by number of pupils (B-4).
    equal_attribution : str
        Where pupils of the equal part count.
    uplift : mapping of str to Decimal
        u of each named group of swv, before normalising (D-4).
    extra_amount : mapping of str to Decimal
        Euro for each named group of swv outside the model, the group's together; divided among
        its swv by the pupils of the equal part (D-4).
    extra_source : str
        "new" money, or taken off the "lwoo" money first (D-4).
    """

    share: Share = Field(
        default=Decimal("0.20"), description="one of target_group.shares, such as 0.20"
    )
    attribution: Attribution = Field(default="school", description='"school" or "home"')
    weight: Literal["mean", "cut", "equal"] = Field(
        default="mean", description='"mean", "cut" or "equal"'
    )
    threshold: Literal["none", "deduct", "eligible"] = Field(
        default="none", description='"none", "deduct" or "eligible"'
    )
    tau: Fraction | None = Field(
        default=None, description="a fraction from 0 to 1, such as 0.12 for 12 %"
    )
    equal_part: Fraction = Field(
        default=Decimal("0.23"), description="a fraction from 0 to 1, such as 0.23 for 23 %"
    )
    equal_attribution: Attribution = Field(default="school", description='"school" or "home"')
    uplift: Annotated[Mapping[Label, GroupUplift], *ByGroup] = Field(
        default_factory=dict,
        validate_default=True,
        description="a table of numbers from -1 to 100 by group, such as { g4 = 0.1 } for 10 %",
    )
    extra_amount: Annotated[Mapping[Label, NationalEuro], *ByGroup] = Field(
        default_factory=dict,
        validate_default=True,
        description="a table of amounts in euro by group, such as { shrinking = 2000000.0 }",
    )
    extra_source: Literal["new", "lwoo"] = Field(default="new", description='"new" or "lwoo"')

    @model_validator(mode="before")
    @classmethod
    def _default_tau(cls, keys: Any) -> Any:
        """Give a threshold its height where the file gives none."""
        if (
            isinstance(keys, dict)
            and keys.get("threshold") in ("deduct", "eligible")
            and "tau" not in keys
        ):
            return {**keys, "tau": DEFAULT_TAU}
        return keys


class IndicatorPolicy(_ByIndicator):
    """``indicator``: lwoo by the indicator; regional and pro as they are (B-4).

    Attributes
    ----------
    basis : str
        What the budgets are compared with (B-6).
    """

    kind: Literal["indicator"] = Field(description=KINDS)
    basis: Literal["cbs", "letter"] = Field(default="cbs", description='"cbs" or "letter"')


class DirectProPolicy(_ByIndicator):
    """``direct-pro``: pro leaves the swv; the rest is distributed as by ``indicator`` (B-5).

    Attributes
    ----------
    start : int
        First year of the new system.
    reference_date : int
        Year of the reference count, 1 October (referentietelling).
    reference_count : Decimal or None
        Number of pro pupils on the reference date; None stands for the count that follows from
        the study's own data or pro flows.
    basis : str or None
        What the budgets are compared with (B-6); None stands for "letter", or for "cbs" where the
        swv table has no pro pupils to compare by.
    """

    kind: Literal["direct-pro"] = Field(description=KINDS)
    start: Year = Field(default=2026, description="a year from 1990 to 2100, such as 2026")
    reference_date: Year = Field(default=2025, description="a year from 1990 to 2100, such as 2025")
    reference_count: Count | None = Field(
        default=None, description="a number of pupils from 0 to 1000000000, such as 29315"
    )
    basis: Literal["cbs", "letter"] | None = Field(default=None, description='"cbs" or "letter"')


class EqualisedPolicy(PolicySection):
    """``equalised``: lwoo and pro money by all vo pupils (verevening, B-12)."""

    kind: Literal["equalised"] = Field(description=KINDS)


class KeyPolicy(PolicySection):
    """``key``: lwoo money, pro money or both by a column of the user's (B-13).

    Attributes
    ----------
    lwoo_column, pro_column : str or None
        Column of the swv table; None leaves that money as it is.
    """

    kind: Literal["key"] = Field(description=KINDS)
    lwoo_column: Column | None = Field(
        default=None, description="the name of a column of the swv table"
    )
    pro_column: Column | None = Field(
        default=None, description="the name of a column of the swv table"
    )


Policy = Annotated[
    ParticipationPolicy
    | VmboCountPolicy
    | IndicatorPolicy
    | DirectProPolicy
    | EqualisedPolicy
    | KeyPolicy,
    Field(discriminator="kind"),
]
"""One ``[[policy]]`` of a study file."""


def can_be_split(policy: object) -> TypeGuard[IndicatorPolicy | DirectProPolicy]:
    """Whether the year-on-year change of a policy's budgets can be split by cause (R-10).

    That takes money by plain disadvantage scores: weight `mean`, no threshold, no uplift and no
    amount outside the model.
    """
    return (
        isinstance(policy, IndicatorPolicy | DirectProPolicy)
        and policy.weight == "mean"
        and policy.threshold == "none"
        and not policy.uplift
        and not policy.extra_amount
    )
