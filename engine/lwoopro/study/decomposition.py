"""``[decomposition]``: which source of uncertainty a budget's variance comes from (Q-6)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from lwoopro.study.policy import DirectProPolicy, IndicatorPolicy, PolicySection
from lwoopro.study.sections import Section, UncertaintySection
from lwoopro.study.values import Label, as_list, not_empty, unique
from lwoopro.study.words import nearest, shown

__all__ = ["DecompositionSection", "decomposition_misfits", "follows_scores"]


class DecompositionSection(Section):
    """How the variance is taken apart; with 0 draws it is not.

    Attributes
    ----------
    draws : int
        Draws of each of the runs that are compared: two, and one more per source.
    policies : tuple of str or None
        Names of policies; a study that was read and has draws here always has them, by default
        all that distribute by disadvantage score.
    """

    draws: int = Field(
        default=0, ge=0, le=1_000_000, description="a whole number, such as 1000; 0 for none"
    )
    policies: Annotated[tuple[Label, ...], as_list, not_empty, unique] | None = Field(
        default=None,
        description="a list of names of policies that distribute by disadvantage score, such as "
        '["indicator-20-school"]',
    )


def follows_scores(policy: PolicySection) -> bool:
    """Whether a policy distributes money by disadvantage score."""
    return isinstance(policy, IndicatorPolicy | DirectProPolicy)


def decomposition_misfits(
    sections: Mapping[str, Section], policies: Sequence[Section | None]
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield what does not fit: place, what is wrong, what would be right."""
    section, uncertainty = sections.get("decomposition"), sections.get("uncertainty")
    if not isinstance(section, DecompositionSection):
        return
    known = {policy.name: policy for policy in policies if isinstance(policy, PolicySection)}
    if len(known) < len(policies):
        return
    able = [name for name, policy in known.items() if follows_scores(policy)]
    place = ("decomposition", "policies")
    for name in section.policies or ():
        if name not in known:
            near = f"the nearest name of a policy is {shown(nearest(name, list(known)))}"
            yield place, f"there is no policy {shown(name)}", near
        elif name not in able:
            what = f"policy {shown(name)} does not distribute by disadvantage score"
            yield place, what, f"one of {', '.join(map(shown, able))}" if able else "leave it out"
    draws = ("decomposition", "draws")
    if section.draws == 0:
        if section.policies is not None:
            yield draws, "0 draws take nothing apart", "a number of draws, such as 1000"
        return
    if section.draws == 1:
        yield draws, "one draw has no variance", "2 or more, such as 1000"
    if not able:
        yield draws, "no policy distributes by disadvantage score", "leave [decomposition] out"
    if not isinstance(uncertainty, UncertaintySection):
        return
    if uncertainty.population == "fresh" or uncertainty.suppressed:
        key = "population" if uncertainty.population == "fresh" else "suppressed"
        what = "the variance cannot be taken apart while every draw makes its own population"
        yield draws, what, f"0, or another uncertainty.{key}"
    names = ("education", "donors", "parameters", "coefficients", "population")
    if not any(getattr(uncertainty, name) for name in names):
        yield draws, "no source of the scores varies", "switch one on in [uncertainty]"
