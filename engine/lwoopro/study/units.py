"""What a study by school can do, and what needs the swv (U-5)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lwoopro.study.sections import Section, SyntheticPupils, TablePupils, TargetGroupSection
from lwoopro.study.settlement import SettlementSection

__all__ = ["by_school", "school_attribution", "unit_misfits"]

Place = tuple[str | int, ...]

_ONLY: Final = 'use "school", or [pupils] unit = "swv"'


def by_school(sections: Mapping[str, Section]) -> bool:
    """Whether the study's units are school locations."""
    pupils = sections.get("pupils")
    return isinstance(pupils, TablePupils | SyntheticPupils) and pupils.unit == "school"


def school_attribution(sections: dict[str, Section]) -> None:
    """Give a study by school its only attribution, where the file names none.

    Parameters
    ----------
    sections : dict of str to Section
        Changed in place.
    """
    target = sections.get("target_group")
    if (
        by_school(sections)
        and isinstance(target, TargetGroupSection)
        and "attribution" not in target.model_fields_set
    ):
        sections["target_group"] = target.model_copy(update={"attribution": ("school",)})


def unit_misfits(
    sections: Mapping[str, Section],
    policies: Sequence[Section | None],
    growth: bool,
) -> Iterator[tuple[Place, str, str]]:
    """Yield what a study by school cannot do: a home has no school, and pro grows per swv.

    Parameters
    ----------
    sections : mapping of str to Section
    policies : sequence of Section or None
    growth : bool
        Whether there is a growth scenario.

    Yields
    ------
    tuple
        Place, what is wrong, what would be right.
    """
    if not by_school(sections):
        return
    target, settlement = sections.get("target_group"), sections.get("settlement")
    if isinstance(target, TargetGroupSection) and "home" in target.attribution:
        yield ("target_group", "attribution"), 'no school is that of a home: "home" (U-5)', _ONLY
    for number, policy in enumerate(policies):
        if getattr(policy, "equal_attribution", "school") == "home":
            place: Place = ("policy", number, "equal_attribution")
            yield place, 'no school is that of a home: "home" (U-5)', _ONLY
    if isinstance(settlement, SettlementSection) and settlement.policy is not None:
        what = "budgets of a swv are settled, and these are of schools (U-5)"
        yield ("settlement", "policy"), what, "leave it out"
    if growth:
        yield ("growth",), "pro grows per swv, and these are schools (U-5)", "leave it out"
