"""A block of draws: from the prepared study to the values of every variable. Pure (Q-2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.policies import PolicyPlan, budget_cents
from lwoopro.allocation.target import Pieces, TargetGroup, Ties, target_group
from lwoopro.allocation.weights import contributions
from lwoopro.indicator.lattice import Lattice
from lwoopro.simulation.pieces import Profile, Sources, draw_pieces
from lwoopro.simulation.plan import YearPlan

__all__ = ["DRAWS_PER_PASS", "DRAW_VARIABLES", "Prepared", "simulate_block"]

DRAWS_PER_PASS = 64
"""Draws that go over the pupils together; their tables just fit the processor's cache."""

_MICRO = 1_000_000

DRAW_VARIABLES = (
    "disadvantage_score",
    "target_pupils",
    "mean_score",
    "cut_score",
    "target_mean",
    "below_cut_pupils",
    "at_cut_pupils",
    "cut_shortfall",
    "above_cut",
    "target_category_pupils",
    "category_pupils",
    "budget",
    "budget_part",
)
"""Variables that `simulate_block` gives, all with `draw` first."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Everything that a block of draws needs; it travels to workers as it is.

    Attributes
    ----------
    seed : int
    sources : Sources
    ties : str
    lattice : Lattice
    thresholds : uint32 array, shape ``(classes, 7)``
    region : str array, shape ``(swv,)``
    attribution : tuple of int
        Positions in `codes.ATTRIBUTIONS` of the study's attributions.
    plans : tuple of YearPlan
    policies : tuple of tuple of PolicyPlan
        Per year, per policy.
    """

    seed: int
    sources: Sources
    ties: Ties
    lattice: Lattice
    thresholds: NDArray[np.uint32]
    region: NDArray[Any]
    attribution: tuple[int, ...]
    plans: tuple[YearPlan, ...]
    policies: tuple[tuple[PolicyPlan, ...], ...]


def simulate_block(prepared: Prepared, draws: range) -> dict[str, NDArray[Any]]:
    """Simulate consecutive draws of all years.

    Parameters
    ----------
    prepared : Prepared
    draws : range

    Returns
    -------
    dict of str to array
        `DRAW_VARIABLES`, each with the dimensions of `lwoopro.variables`.

    Raises
    ------
    InputError
        What a draw shows to be impossible; see `budget_cents` and `target_group`.
    """
    passes = [
        range(start, min(start + DRAWS_PER_PASS, draws.stop))
        for start in range(draws.start, draws.stop, DRAWS_PER_PASS)
    ]
    parts = [_pass(prepared, some) for some in passes]
    return {name: np.concatenate([part[name] for part in parts]) for name in DRAW_VARIABLES}


def _pass(prepared: Prepared, draws: range) -> dict[str, NDArray[Any]]:
    years = []
    for plan, policies in zip(prepared.plans, prepared.policies, strict=True):
        pieces, profile = draw_pieces(
            plan, prepared.lattice, prepared.thresholds, prepared.seed, draws, prepared.sources
        )
        group = target_group(pieces, plan.quotas, prepared.ties, draws, plan.year)
        years.append(
            {
                **_target(group, prepared.attribution),
                **_categories(group, profile),
                **_budgets(group, policies, prepared.region, draws, plan.year),
            }
        )
    return {name: np.stack([year[name] for year in years], axis=1) for name in DRAW_VARIABLES}


def _target(group: TargetGroup, attribution: tuple[int, ...]) -> dict[str, NDArray[Any]]:
    pieces: Pieces = group.pieces
    sides = list(attribution)
    shape = pieces.below[:, sides].shape
    score = np.empty(shape)
    target = np.empty(shape)
    for place, side in enumerate(sides):
        for share in range(shape[2]):
            gaps = group.gaps(side, share)
            score[:, place, share] = contributions("mean", gaps) / _MICRO
            target[:, place, share] = contributions("equal", gaps)
    cut = pieces.cut.astype(np.float64)
    return {
        "disadvantage_score": score,
        "target_pupils": target,
        "mean_score": (cut + group.mean_above_cut) / _MICRO,
        "cut_score": cut / _MICRO,
        "target_mean": (cut - group.cut_above_group) / _MICRO,
        "below_cut_pupils": pieces.below[:, sides],
        "at_cut_pupils": pieces.at[:, sides],
        "cut_shortfall": pieces.shortfall[:, sides],
        "above_cut": pieces.above_cut,
    }


def _categories(group: TargetGroup, profile: Profile) -> dict[str, NDArray[Any]]:
    return {
        "target_category_pupils": profile.below + group.tie_weight[:, :, None] * profile.at,
        "category_pupils": profile.everyone,
    }


def _budgets(
    group: TargetGroup,
    policies: Sequence[PolicyPlan],
    region: NDArray[Any],
    draws: range,
    year: int,
) -> dict[str, NDArray[Any]]:
    cents = np.stack(
        [budget_cents(policy, group, region, draws, year) for policy in policies], axis=1
    )
    return {"budget_part": cents / 100, "budget": cents.sum(axis=2) / 100}
