"""``[pro]``, ``[growth.<name>]``, ``[monitoring]``: pro growth and the lumpsum cut (model §6)."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from lwoopro.study.sections import Section
from lwoopro.study.values import (
    Count,
    CsvPath,
    Euro,
    Exact,
    Fraction,
    Label,
    NationalEuro,
    Year,
    _label,
    as_list,
    not_empty,
    unique,
)
from lwoopro.study.words import shown

__all__ = [
    "GROWTH_DEFAULTS",
    "GrowthSection",
    "MonitoringSection",
    "ProSection",
    "growth_misfits",
]

Rate = Annotated[Decimal, Field(ge=-1, le=1), Exact]
Shift = Annotated[Decimal, Field(ge=-5, le=5), Exact]
Spread = Annotated[Decimal, Field(ge=0, le=2), Exact]


class ProSection(Section):
    """``[pro]``: the flow of pro pupils, its cost, and the cut that pays for it (P-1…P-8).

    Attributes
    ----------
    start : int
        Reference date of the stock by year of stay in the swv table (pro_1 … pro_6).
    horizon : int
        Last reference date, and last year that is funded.
    reference_date : int
        Year of the reference count, 1 October (referentietelling).
    reference_count : Decimal or None
        Number of pro pupils; None: each draw's own count on the reference date.
    below_reference : str
        Below the reference count: money back, or nothing (P-3, footnotes 20 and 21 of OCW22).
    support_amount, basic_high, basic_low : Decimal
        Euro per pro pupil; basic funding per pupil of pro and upper vmbo, and of other vo;
        prices of `price_year` (P-8). `basic_low` is *assumed*.
    price_year : int
    indexation : Decimal
        Yearly rise of all three amounts (B-10); that it goes on is *assumed*.
    fixed_month : int
        Month in which the year's prices are fixed (P-5, *assumed*).
    provisional_sd : Decimal
        Relative standard deviation of provisional against final counts (P-6, *assumed*).
    cap : Decimal or None
        C of P-7, euro in prices of the year; None: support amount times reference count.
    trouble_policy : str or None
        Policy under whose budgets a swv is in financial trouble; None: the baseline.
    trouble_margin : Decimal
        In trouble where less than this part of the budget is left after paying for lwoo and pro
        pupils (B-7 in its simplest form; *assumed*).
    cohorts : str or None
        Path of a cohorts.csv; None: the one that ships with the engine.
    """

    start: Year = Field(default=2019, description="a year from 1990 to 2100, such as 2019")
    horizon: Year = Field(default=2040, description="a year from 1990 to 2100, such as 2040")
    reference_date: Year = Field(default=2025, description="a year from 1990 to 2100, such as 2025")
    reference_count: Count | None = Field(
        default=None, description="a number of pupils from 0 to 1000000000, such as 29648"
    )
    below_reference: Literal["refund", "none"] = Field(
        default="refund", description='"refund" or "none"'
    )
    support_amount: Euro = Field(
        default=Decimal("5000.0"),
        description="an amount in euro per pupil from 0 to 1000000, such as 5000.0",
    )
    basic_high: Euro = Field(
        default=Decimal("9500.0"),
        description="an amount in euro per pupil from 0 to 1000000, such as 9500.0",
    )
    basic_low: Euro = Field(
        default=Decimal("7800.0"),
        description="an amount in euro per pupil from 0 to 1000000, such as 7800.0",
    )
    price_year: Year = Field(default=2022, description="a year from 1990 to 2100, such as 2022")
    indexation: Rate = Field(
        default=Decimal("0.026"), description="a number from -1 to 1, such as 0.026 for 2.6 %"
    )
    fixed_month: int = Field(default=7, ge=2, le=12, description="a month from 2 to 12, such as 7")
    provisional_sd: Spread = Field(
        default=Decimal("0.002"), description="a number from 0 to 2, such as 0.002 for 0.2 %"
    )
    cap: NationalEuro | None = Field(
        default=None, description="an amount in euro from 0 to 1000000000000, such as 148000000.0"
    )
    trouble_policy: Label | None = Field(
        default=None, description="the name of a policy of this study"
    )
    trouble_margin: Fraction = Field(
        default=Decimal("0.12"), description="a fraction from 0 to 1, such as 0.12"
    )
    cohorts: CsvPath | None = Field(
        default=None, description="the path of a cohorts file that ends in .csv"
    )


KINDS: Final = (
    "reference",
    "rise",
    "fast-rise",
    "longer-stay",
    "decline",
    "incentive",
    "bridge-class",
    "mix",
)

NEUTRAL: Final[Mapping[str, Decimal | int]] = {
    "trend": Decimal(0),
    "trend_sd": Decimal(0),
    "trend_years": 15,
    "shock": Decimal(0),
    "stay": Decimal(0),
    "stay_sd": Decimal(0),
    "leave_early": Decimal(0),
    "leave_early_sd": Decimal(0),
    "incentive": Decimal(0),
    "incentive_sd": Decimal(0),
    "anticipation": Decimal(0),
    "phase": 3,
}

GROWTH_DEFAULTS: Final[Mapping[str, Mapping[str, Decimal | int]]] = {
    "reference": {},
    "rise": {"trend": Decimal("0.01"), "trend_sd": Decimal("0.003")},
    "fast-rise": {"trend": Decimal("0.025"), "trend_sd": Decimal("0.006")},
    "longer-stay": {"stay": Decimal("0.25"), "stay_sd": Decimal("0.08")},
    "decline": {"trend": Decimal("-0.01"), "trend_sd": Decimal("0.003")},
    "incentive": {"incentive": Decimal("0.25"), "incentive_sd": Decimal("0.08")},
    "bridge-class": {"leave_early": Decimal("0.35"), "leave_early_sd": Decimal("0.10")},
    "mix": {},
}
"""Effects of each kind of growth (P-2): every number is *assumed*."""


if TYPE_CHECKING:
    _WithOnset = Section
else:
    # "from" is a word of Python: a class body cannot have it as a name
    _WithOnset = create_model(
        "_WithOnset",
        __base__=Section,
        **{
            "from": (
                Year | None,
                Field(default=None, description="a year from 1990 to 2100, such as 2026"),
            )
        },
    )


class GrowthSection(_WithOnset):
    """``[growth.<name>]``: one growth scenario, its effects and how uncertain they are (P-2).

    Every effect is a mean over draws with a standard deviation; one draw has one value of it, the
    same for all scenarios. Rates are yearly and relative; shifts are in logits of the chance to
    stay on.

    Attributes
    ----------
    kind : str
        Gives the effects that the file leaves out.
    of : tuple of str
        For ``mix``: the scenarios of this study whose effects it adds.
    from : int or None
        First 1 October with an effect; None: the year after the reference date. See `onset`.
    trend, trend_sd, trend_years
        Yearly growth of entrants, for so many years.
    shock, shock_year
        Further entrants in one year, as a part.
    stay, stay_sd
        Longer stay, all years of stay.
    leave_early, leave_early_sd
        More leave in years of stay 2 and 3.
    incentive, incentive_sd
        Further entrants in swv in trouble, as a part.
    anticipation
        Further entrants on the reference date itself, as a part.
    phase : int
        Years over which stay, leave_early and incentive come in.
    """

    kind: Literal[
        "reference",
        "rise",
        "fast-rise",
        "longer-stay",
        "decline",
        "incentive",
        "bridge-class",
        "mix",
    ] = Field(description=", ".join(f'"{kind}"' for kind in KINDS[:-1]) + ' or "mix"')
    of: Annotated[tuple[Label, ...], as_list, unique] = Field(
        default=(), description='a list of names of growth scenarios, such as ["rise"]'
    )
    trend: Rate = Field(description="a number from -1 to 1, such as 0.01 for 1 % a year")
    trend_sd: Spread = Field(description="a number from 0 to 2, such as 0.003")
    trend_years: int = Field(ge=0, le=200, description="a whole number from 0 to 200, such as 15")
    shock: Rate = Field(description="a number from -1 to 1, such as 0.1 for 10 %")
    shock_year: Year | None = Field(
        default=None, description="a year from 1990 to 2100, such as 2028"
    )
    stay: Shift = Field(description="a number from -5 to 5, such as 0.25")
    stay_sd: Spread = Field(description="a number from 0 to 2, such as 0.08")
    leave_early: Shift = Field(description="a number from -5 to 5, such as 0.35")
    leave_early_sd: Spread = Field(description="a number from 0 to 2, such as 0.1")
    incentive: Annotated[Decimal, Field(ge=-1, le=10), Exact] = Field(
        description="a number from -1 to 10, such as 0.25 for a quarter more"
    )
    incentive_sd: Spread = Field(description="a number from 0 to 2, such as 0.08")
    anticipation: Rate = Field(description="a number from -1 to 1, such as 0.05 for 5 %")
    phase: int = Field(ge=1, le=50, description="a whole number from 1 to 50, such as 3")

    @model_validator(mode="before")
    @classmethod
    def _effects_of_kind(cls, keys: Any) -> Any:
        """Fill in what the kind says where the file does not."""
        if isinstance(keys, dict):
            kind = keys.get("kind")
            own = GROWTH_DEFAULTS.get(kind, {}) if isinstance(kind, str) else {}
            return {**NEUTRAL, **own, **keys}
        return keys

    @property
    def onset(self) -> int | None:
        """The key ``from``."""
        year: int | None = getattr(self, "from")
        return year


class MonitoringSection(Section):
    """``[monitoring]``: when would one notice? (P-9).

    Attributes
    ----------
    measures : tuple of str
        What is watched each year against the reference projection.
    level : Decimal
        Chance of a false alarm per check, before multiplicity.
    sided : str
        Alarm above the interval only, or on both sides.
    multiplicity : str
        How the checks of all swv in a year are judged together.
    in_a_row : int
        Consecutive years beyond the interval that make an alarm.
    response : Decimal
        Part of the excess entrants that an intervention takes away in a flagged swv, from the
        next year on; 0: no response.
    """

    measures: Annotated[
        tuple[Literal["count", "inflow", "stay"], ...], as_list, not_empty, unique
    ] = Field(
        default=("count", "inflow", "stay"),
        description='a list of "count", "inflow", "stay"',
    )
    level: Annotated[Decimal, Field(gt=0, lt=1), Exact] = Field(
        default=Decimal("0.05"), description="a number between 0 and 1, such as 0.05"
    )
    sided: Literal["upward", "both"] = Field(default="upward", description='"upward" or "both"')
    multiplicity: Literal["none", "bonferroni", "benjamini-hochberg"] = Field(
        default="benjamini-hochberg",
        description='"none", "bonferroni" or "benjamini-hochberg"',
    )
    in_a_row: int = Field(default=1, ge=1, le=20, description="a whole number from 1 to 20")
    response: Fraction = Field(
        default=Decimal(0), description="a fraction from 0 to 1, such as 0.5"
    )


Place = tuple[str | int, ...]


def growth_misfits(
    sections: Mapping[str, Section],
    growth: Mapping[str, Section | None],
    policies: Sequence[str | None],
) -> Iterator[tuple[Place, str, str]]:
    """Yield what does not fit in ``[pro]`` and the growth scenarios.

    Parameters
    ----------
    sections : mapping of str to Section
    growth : mapping of str to Section or None
        The scenarios, as far as they could be read.
    policies : sequence of str or None
        Names of the policies.

    Yields
    ------
    tuple
        Place, what is wrong, what would be right.
    """
    pro = sections.get("pro")
    if isinstance(pro, ProSection) and growth:
        first = pro.reference_date + 2
        if pro.reference_date < pro.start:
            what = f"{pro.reference_date} is before the stock of 1 October {pro.start}"
            yield ("pro", "reference_date"), what, "use that year or a later one"
        if pro.horizon < first:
            what = f"{pro.horizon} is before {first}, the first year that can be cut"
            yield ("pro", "horizon"), what, "use that year or a later one"
        if pro.trouble_policy is not None and pro.trouble_policy not in policies:
            yield ("pro", "trouble_policy"), "no policy has this name", "use the name of a policy"
    for name, section in growth.items():
        try:
            _label(name)
        except PydanticCustomError:
            yield ("growth", name), "this is no name for a table or a plot", "use a shorter name"
        if not isinstance(section, GrowthSection):
            continue
        place = ("growth", name)
        if section.kind == "mix":
            wrong = [
                other
                for other in section.of
                if not isinstance(part := growth.get(other), GrowthSection) or part.kind == "mix"
            ]
            if not section.of:
                yield (*place, "of"), "a mix of nothing", "name growth scenarios of this study"
            elif wrong:
                what = f"{shown(wrong[0])} is no growth scenario of this study, or is itself a mix"
                yield (*place, "of"), what, "name growth scenarios that are no mix"
        elif section.of:
            yield (*place, "of"), "only a mix has it", 'use kind = "mix" or leave it out'
        if section.shock and section.shock_year is None:
            yield (*place, "shock_year"), "is missing", "use the year of the shock"
