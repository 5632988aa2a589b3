"""``[transition]``: how an old system goes over into a new one, year by year (X-1)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from lwoopro.study.sections import Section
from lwoopro.study.values import Exact, Label, Year, as_list
from lwoopro.study.words import nearest, shown

__all__ = ["TransitionSection", "transition_misfits"]

MOST_DECIMALS: Final = 6

Part = Annotated[Decimal, Field(ge=0, le=1, decimal_places=MOST_DECIMALS), Exact]
"""A part from 0 to 1 that integer arithmetic in cents can hold."""


class TransitionSection(Section):
    """How one policy goes over into another; without `new` there is no transition.

    Attributes
    ----------
    old, new : str or None
        Names of policies; `old` is by default the baseline.
    first_year : int
        Reference date of the first year, k = 1.
    years : int
        Number of years until the new amounts are to be reached.
    kind : str
        How λ grows: "linear" k/n; "front-loaded" 1 − (1 − k/n)² and "back-loaded" (k/n)²
        (*assumed*: the model names them without weights); "weights"; or "max-loss".
    weights : tuple of Decimal or None
        λ of each year, for kind "weights".
    max_loss : Decimal or None
        x: nobody falls below (1 − x) times last year's amount, for kind "max-loss".
    """

    old: Label | None = Field(default=None, description="the name of a policy of this study")
    new: Label | None = Field(default=None, description="the name of a policy of this study")
    first_year: Year = Field(default=2026, description="a year from 1990 to 2100, such as 2026")
    years: int = Field(default=5, ge=1, le=20, description="a whole number from 1 to 20")
    kind: Literal["linear", "front-loaded", "back-loaded", "weights", "max-loss"] = Field(
        default="linear",
        description='"linear", "front-loaded", "back-loaded", "weights" or "max-loss"',
    )
    weights: Annotated[tuple[Part, ...], as_list] | None = Field(
        default=None,
        description="a list of numbers from 0 to 1 with at most 6 decimals, one for each year, "
        "such as [0.1, 0.3, 0.5, 0.8, 1.0]",
    )
    max_loss: Part | None = Field(
        default=None,
        description="a fraction from 0 to 1 with at most 6 decimals, such as 0.05 for 5 %",
    )


Found = tuple[str, str, str]


def transition_misfits(
    section: TransitionSection, policies: Sequence[str], baseline: str | None
) -> Iterator[Found]:
    """Yield what does not fit in a transition: key, what is wrong, what would be right.

    Parameters
    ----------
    section : TransitionSection
    policies : sequence of str
        Names of the study's policies.
    baseline : str or None
    """
    if section.new is None:
        if section != TransitionSection():
            yield "new", "is missing", "use the name of the policy that the transition leads to"
        return
    for key, name in (("old", section.old), ("new", section.new)):
        if name is not None and policies and name not in policies:
            near = shown(nearest(name, policies))
            yield key, f"there is no policy {shown(name)}", f"the nearest name is {near}"
    if section.new == (section.old or baseline):
        yield "new", f"{shown(section.new)} is also where it starts", "name another policy"
    if section.kind == "weights":
        yield from _weights(section)
    elif section.weights is not None:
        yield "weights", "has no meaning with this kind", 'use kind = "weights" or leave it out'
    if section.kind == "max-loss":
        if section.max_loss is None:
            yield "max_loss", "is missing", "use a fraction such as 0.05 for 5 % a year"
    elif section.max_loss is not None:
        yield "max_loss", "has no meaning with this kind", 'use kind = "max-loss" or leave it out'


def _weights(section: TransitionSection) -> Iterator[Found]:
    weights = section.weights
    if weights is None:
        yield "weights", "is missing", "use a list of one number from 0 to 1 for each year"
    elif len(weights) != section.years:
        what = f"there are {len(weights)} weights for {section.years} years"
        yield "weights", what, "use one for each year, or change years"
    elif weights[-1] != 1:
        what = f"the last weight is {shown(weights[-1])}"
        yield "weights", what, "use 1.0: in the last year the new amounts are reached"
