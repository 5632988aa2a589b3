"""A block of draws: from the prepared study to the values of every variable. Pure (Q-2)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.policies import PARTS, PolicyPlan, budget_cents, fixed_cents
from lwoopro.allocation.target import Pieces, TargetGroup, Ties, target_group
from lwoopro.allocation.transition import TransitionPlan, transition_values
from lwoopro.allocation.weights import contributions
from lwoopro.imputation.education_model import EducationModel
from lwoopro.indicator.coefficients import Coefficients
from lwoopro.indicator.lattice import Lattice
from lwoopro.kernels.levels import BLOCK
from lwoopro.pro.block import PRO_VARIABLES, ProPlan, simulate_pro
from lwoopro.simulation.chances import LevelChances
from lwoopro.simulation.factors import SplitPlan, disadvantage_parts
from lwoopro.simulation.found import Profile
from lwoopro.simulation.partition import parted_pieces
from lwoopro.simulation.pieces import Sources, draw_pieces, thresholds_of
from lwoopro.simulation.plan import YearPlan
from lwoopro.simulation.resampled import Resample, draw_weights, weighted_pieces
from lwoopro.simulation.workspace import Workspace

__all__ = [
    "DRAWN_COUNTS",
    "DRAWS_PER_PASS",
    "DRAW_VARIABLES",
    "Prepared",
    "simulate_block",
]

DRAWS_PER_PASS = BLOCK
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
    "disadvantage_part",
)
"""Variables that `simulate_block` gives, all with `draw` first."""

DRAWN_COUNTS = (
    "drawn_pupils",
    "drawn_asylum_pupils",
    "drawn_asylum_category_pupils",
    "drawn_lwoo_fixed",
)
"""Further ones, where the population is drawn (Q-1)."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Everything that a block of draws needs; it travels to workers as it is.

    Attributes
    ----------
    seed : int
    sources : Sources
    ties : str
    lattice : Lattice
    thresholds : uint32 array, shape ``(rows, 7)``
    model : EducationModel or None
        Where its parameters are drawn (I-1).
    region : str array, shape ``(swv,)``
    attribution : tuple of int
        Positions in `codes.ATTRIBUTIONS` of the study's attributions.
    plans : tuple of YearPlan
    policies : tuple of tuple of PolicyPlan
        Per year, per policy.
    splits : tuple of tuple of SplitPlan
        Per year, per policy whose changes are split (R-10).
    coefficients : Coefficients or None
        Where they vary (S-6).
    transition : TransitionPlan or None
    pro : ProPlan or None
    resample : Resample or None
        Where the population is drawn from the register (Q-1).
    remake : callable or None
        Where every draw makes its own population: gives what one draw needs, and its
        `DRAWN_COUNTS`.
    parted : bool
        Go over the pupils some at a time: less memory where there are millions.
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
    splits: tuple[tuple[SplitPlan, ...], ...]
    model: EducationModel | None = None
    coefficients: Coefficients | None = None
    transition: TransitionPlan | None = None
    pro: ProPlan | None = None
    resample: Resample | None = None
    remake: "Callable[[int], tuple[Prepared, Mapping[str, NDArray[Any]]]] | None" = None
    parted: bool = False

    @property
    def draw_variables(self) -> tuple[str, ...]:
        """Variables that `simulate_block` gives: those of unused parts are absent."""
        used = tuple(name for name in DRAW_VARIABLES if name != "disadvantage_part" or self.split)
        used += () if self.resample is None and self.remake is None else DRAWN_COUNTS
        used += () if self.pro is None else PRO_VARIABLES
        return used + (() if self.transition is None else self.transition.variables)

    @property
    def split(self) -> bool:
        """Whether the changes of some policy are split."""
        return any(self.splits)


def simulate_block(
    prepared: Prepared, draws: range, space: Workspace | None = None
) -> dict[str, NDArray[Any]]:
    """Simulate consecutive draws of all years.

    Parameters
    ----------
    prepared : Prepared
    draws : range
    space : Workspace, optional
        Memory of the block before that this one may use.

    Returns
    -------
    dict of str to array
        The prepared study's `draw_variables`, each with the dimensions of `lwoopro.variables`.

    Raises
    ------
    InputError
        What a draw shows to be impossible; see `budget_cents` and `target_group`.
    """
    many = DRAWS_PER_PASS if prepared.resample is None else prepared.resample.draws_per_pass
    # a whole pass is a block of the kernels, which begins at a multiple of eight
    first = draws.start // 8 * 8 if many == DRAWS_PER_PASS else draws.start
    passes = [
        range(max(start, draws.start), min(start + many, draws.stop))
        for start in range(first, draws.stop, many)
    ]
    if prepared.remake is None:
        space = space or Workspace()
        parts = [_pass(prepared, some, space) for some in passes]
    else:
        parts = [_remade(*prepared.remake(draw), draw) for draw in draws]
    names = prepared.draw_variables
    if len(parts) == 1:
        return {name: parts[0][name] for name in names}
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _remade(
    prepared: Prepared, counts: Mapping[str, NDArray[Any]], draw: int
) -> dict[str, NDArray[Any]]:
    """One draw with a population of its own."""
    values = _pass(prepared, range(draw, draw + 1), Workspace())
    return values | {name: count[None] for name, count in counts.items()}


def _pass(prepared: Prepared, draws: range, space: Workspace) -> dict[str, NDArray[Any]]:
    if prepared.resample is not None:
        return _with_money(prepared, _resampled_years(prepared, prepared.resample, draws), draws)
    years = []
    lattice = prepared.lattice
    thresholds = _thresholds(prepared, draws)
    for plan, policies, splits in zip(
        prepared.plans, prepared.policies, prepared.splits, strict=True
    ):
        given = (
            plan,
            lattice,
            thresholds,
            prepared.seed,
            draws,
            prepared.sources,
            splits,
            prepared.coefficients,
        )
        pieces, profile = (
            parted_pieces(*given) if prepared.parted else draw_pieces(*given, space=space)
        )
        group = target_group(pieces, plan.quotas, prepared.ties, draws, plan.year)
        years.append(
            {
                **_target(group, prepared.attribution),
                **_categories(group, profile),
                **_budgets(group, policies, prepared.region, draws, plan.year),
                **_factors(group, splits, profile, int(lattice.distinct[0])),
            }
        )
    return _with_money(prepared, years, draws)


def _thresholds(prepared: Prepared, draws: range) -> LevelChances:
    family = int("parameters" in prepared.sources.second)
    return thresholds_of(prepared.thresholds, prepared.model, prepared.seed, draws, family)


def _resampled_years(
    prepared: Prepared, resample: Resample, draws: range
) -> list[dict[str, NDArray[Any]]]:
    """Values of every year where the population is drawn (Q-1)."""
    thresholds = _thresholds(prepared, draws)
    weight = draw_weights(resample, prepared.seed, draws)
    sides = list(prepared.attribution)
    years = []
    for plan, listed, policies in zip(
        prepared.plans, resample.years, prepared.policies, strict=True
    ):
        found = weighted_pieces(
            plan,
            listed,
            weight,
            prepared.lattice,
            thresholds,
            prepared.seed,
            draws,
            prepared.sources,
            prepared.coefficients,
        )
        group = target_group(
            found.pieces, plan.quotas, prepared.ties, draws, plan.year, found.quotas
        )
        years.append(
            {
                **_target(group, prepared.attribution),
                **_categories(group, found.profile),
                **_budgets(group, policies, prepared.region, draws, plan.year),
                "drawn_pupils": found.pieces.pupils[:, sides],
                "drawn_asylum_pupils": found.pieces.asylum[:, sides],
                "drawn_asylum_category_pupils": found.asylum_categories,
                "drawn_lwoo_fixed": _lwoo_fixed(group, policies, draws, plan.year),
            }
        )
    return years


def _lwoo_fixed(
    group: TargetGroup, policies: Sequence[PolicyPlan], draws: range, year: int
) -> NDArray[np.float64]:
    """Lwoo money that does not follow the scores, in euro, ``(draw, policy, swv)``."""
    lwoo = PARTS.index("lwoo")
    cents = [fixed_cents(policy, group, draws, year)[:, lwoo] for policy in policies]
    return np.stack(cents, axis=1) / 100


def _with_money(
    prepared: Prepared, years: Sequence[dict[str, NDArray[Any]]], draws: range
) -> dict[str, NDArray[Any]]:
    if len(years) == 1:
        # the numbers stay where they are
        values = {name: array[:, None] for name, array in years[0].items()}
    else:
        values = {name: np.stack([year[name] for year in years], axis=1) for name in years[0]}
    if prepared.transition is not None:
        cents = np.rint(values["budget_part"] * 100).astype(np.int64)
        values.update(transition_values(prepared.transition, cents))
    if prepared.pro is not None:
        values.update(simulate_pro(prepared.pro, prepared.seed, draws, values["budget_part"]))
    return values


def _factors(
    group: TargetGroup, splits: Sequence[SplitPlan], profile: Profile, lowest: int
) -> dict[str, NDArray[Any]]:
    if not splits:
        return {}
    parts = [
        disadvantage_parts(group, split, sums, lowest) / _MICRO
        for split, sums in zip(splits, profile.factors, strict=True)
    ]
    return {"disadvantage_part": np.stack(parts, axis=1)}


def _target(group: TargetGroup, attribution: tuple[int, ...]) -> dict[str, NDArray[Any]]:
    pieces: Pieces = group.pieces
    sides = list(attribution)
    shape = pieces.below[:, sides].shape
    score = np.empty(shape)
    target = np.empty(shape)
    for place, side in enumerate(sides):
        gaps = group.gaps(side, slice(None))
        np.divide(contributions("mean", gaps), _MICRO, out=score[:, place])
        target[:, place] = contributions("equal", gaps)
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
    # every policy's numbers are written where they stay
    shape = (len(draws), len(policies), len(PARTS), len(region))
    part, whole = np.empty(shape), np.empty((*shape[:2], len(region)))
    for place, policy in enumerate(policies):
        cents = budget_cents(policy, group, region, draws, year)
        np.divide(cents, 100, out=part[:, place])
        np.divide(cents.sum(axis=1), 100, out=whole[:, place])
    return {"budget_part": part, "budget": whole}
