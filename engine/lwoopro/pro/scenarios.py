"""Growth scenarios: what each does to entry and stay, year by year and draw by draw (P-2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lwoopro.study.pro import GrowthSection

__all__ = ["EFFECTS", "Effects", "Scenario", "effects", "resolve"]

EFFECTS = ("trend", "stay", "leave_early", "incentive")
"""Effects that differ between draws; one normal each, shared by all scenarios."""

_EARLY = (1, 2)
"""Positions of years of stay 2 and 3 among the chances to stay on."""


@dataclass(frozen=True)
class Scenario:
    """A growth scenario as a sum of effects.

    Attributes
    ----------
    name : str
    terms : tuple of (int, GrowthSection)
        First year with an effect, and the effects.
    """

    name: str
    terms: tuple[tuple[int, GrowthSection], ...]


@dataclass(frozen=True, eq=False)
class Effects:
    """What scenarios change; the last axis is draws.

    Attributes
    ----------
    rate : float64 array, shape ``(growth, years, draws)``
        Added to the log rate of entry.
    keep : float64 array, shape ``(growth, years, 5, draws)``
        Added to the logit of the chance to stay on.
    extra : float64 array, shape ``(growth, years, draws)``
        Further part of entrants in swv in trouble.
    """

    rate: NDArray[np.float64]
    keep: NDArray[np.float64]
    extra: NDArray[np.float64]


def resolve(growth: Mapping[str, GrowthSection], reference_date: int) -> tuple[Scenario, ...]:
    """Put the scenarios of a study into their order: references first, then by name.

    A mix has the effects of all that it names, and its own; its ``from`` goes for all of them.

    Parameters
    ----------
    growth : mapping of str to GrowthSection
    reference_date : int

    Returns
    -------
    tuple of Scenario
    """

    def onset(section: GrowthSection) -> int:
        return reference_date + 1 if section.onset is None else section.onset

    scenarios = []
    for name in sorted(growth, key=lambda name: (growth[name].kind != "reference", name)):
        own = growth[name]
        parts = [growth[other] for other in own.of] if own.kind == "mix" else []
        terms = [(onset(part if own.onset is None else own), part) for part in parts]
        scenarios.append(Scenario(name, (*terms, (onset(own), own))))
    return tuple(scenarios)


def effects(
    scenarios: Sequence[Scenario],
    years: Sequence[int],
    reference_date: int,
    normal: Mapping[str, NDArray[np.float64]],
) -> Effects:
    """Work the scenarios out.

    Parameters
    ----------
    scenarios : sequence of Scenario
    years : sequence of int
        Years of entry.
    reference_date : int
    normal : mapping of str to float64 array, shape ``(draws,)``
        Per name in `EFFECTS`.

    Returns
    -------
    Effects
    """
    draws = len(normal["trend"])
    shape = (len(scenarios), len(years), draws)
    rate, extra = np.zeros(shape), np.zeros(shape)
    keep = np.zeros((len(scenarios), len(years), 5, draws))
    for g, scenario in enumerate(scenarios):
        for onset, term in scenario.terms:
            drawn = {
                name: float(getattr(term, name)) + float(getattr(term, f"{name}_sd")) * normal[name]
                for name in EFFECTS
            }
            for t, year in enumerate(years):
                if year == reference_date:
                    rate[g, t] += np.log1p(float(term.anticipation))
                if term.shock_year == year:
                    rate[g, t] += np.log1p(float(term.shock))
                if year < onset:
                    continue
                since = year - onset + 1
                rate[g, t] += drawn["trend"] * min(since, term.trend_years)
                come_in = min(since / term.phase, 1.0)
                keep[g, t] += drawn["stay"] * come_in
                keep[g, t, list(_EARLY)] -= drawn["leave_early"] * come_in
                # an incentive does not become its opposite in an extreme draw
                extra[g, t] += np.maximum(drawn["incentive"], 0.0) * come_in
    return Effects(rate, keep, extra)
