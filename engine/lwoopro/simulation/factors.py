"""The disadvantage score by factor, for the policies whose changes are split (R-10).

A pupil's contribution A − score is cut along the characteristics: with Ā_f the mean of factor f
over all pupils with a score of their own, it is the sum of Ā_f − value_f and of A less the sum of
all Ā_f. That rest comes from pupils without a score of their own, who move the national mean; it
is laid to donated scores and to asylum pupils, as far as each moves it. So the parts add up to
the disadvantage score.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.target import TargetGroup
from lwoopro.codes import ATTRIBUTIONS, EMPTY
from lwoopro.imputation.persons import Parents, own_score
from lwoopro.indicator.file import Indicator
from lwoopro.indicator.lattice import FATHER_STEP, MOTHER_STEP, Lattice
from lwoopro.kernels.factors import add_factors
from lwoopro.kernels.sums import SUM_BITS
from lwoopro.kernels.types import Profiles
from lwoopro.pupils.table import Pupils
from lwoopro.simulation.plan import Copied, Imputed

__all__ = [
    "FACTORS",
    "FactorSums",
    "SplitPlan",
    "add_up_factors",
    "disadvantage_parts",
    "factor_values",
    "plan_splits",
    "with_known",
]

FACTORS: Final = ("education", "origin", "other", "donated", "asylum")
"""What a disadvantage score is made of; `other` is track, stay, debt and added characteristics."""

_VALUES: Final = 3


@dataclass(frozen=True, eq=False)
class SplitPlan:
    """One attribution and share whose scores are cut along the factors, in one year.

    Attributes
    ----------
    attribution, share : int
        Positions.
    fixed : int64 array, shape ``(4, swv, ranks + 1)``
        Known pupils with a rank below the column, and their sums of the three values.
    fixed_all : int64 array, shape ``(4,)``
        The same over the whole country.
    value : int64 array, shape ``(profiles, 3)``
        From `factor_values`.
    """

    attribution: int
    share: int
    fixed: NDArray[np.int64]
    fixed_all: NDArray[np.int64]
    value: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FactorSums:
    """Sums over pupils of count, education, origin and other characteristics, by draw.

    Attributes
    ----------
    below, at : int64 array, shape ``(4, swv, draw)``
        Pupils with a score of their own below the cut, and on it.
    donated_below, donated_at : int64 array, shape ``(4, swv, draw)``
        Pupils with a donor's score.
    everyone, donated : int64 array, shape ``(4, draw)``
        All pupils with a score of their own, and with a donor's, in the country.
    """

    below: NDArray[np.int64]
    at: NDArray[np.int64]
    donated_below: NDArray[np.int64]
    donated_at: NDArray[np.int64]
    everyone: NDArray[np.int64]
    donated: NDArray[np.int64]

    def of(self, draws: NDArray[np.int64]) -> "FactorSums":
        """Take some draws, by position."""
        chosen = {field.name: getattr(self, field.name)[..., draws] for field in fields(self)}
        return FactorSums(**chosen)


def factor_values(lattice: Lattice, indicator: Indicator) -> NDArray[np.int64]:
    """Cut the score of every profile into education, origin and other.

    Parameters
    ----------
    lattice : Lattice
    indicator : Indicator

    Returns
    -------
    int64 array, shape ``(profiles, 3)``
        Millionths above each factor's lowest value; a row adds up to the profile's score less the
        lowest score.
    """
    profile = np.arange(len(lattice.score))
    mother = np.asarray(indicator.education_mother.value, np.int64)
    father = np.asarray(indicator.education_father.value, np.int64)
    education = mother[profile // MOTHER_STEP % len(mother)] + father[profile % len(father)]
    after = MOTHER_STEP**2 * int(np.prod(lattice.sizes[2:], dtype=np.int64))
    origin = np.asarray(indicator.origin.value, np.int64)[profile // after % lattice.sizes[1]]
    education -= education.min()
    origin -= origin.min()
    other = lattice.score - lattice.distinct[0] - education - origin
    return np.column_stack([education, origin, other])


def plan_splits(
    pupils: Pupils,
    year: int,
    *,
    base: NDArray[np.int64],
    mother: Parents,
    father: Parents,
    lattice: Lattice,
    value: NDArray[np.int64],
    wanted: Sequence[tuple[int, int]],
) -> tuple[SplitPlan, ...]:
    """Sum up the pupils that no draw changes, once for every policy to be split.

    Parameters
    ----------
    pupils, year, base, mother, father, lattice
        See `plan_year`.
    value : int64 array, shape ``(profiles, 3)``
        From `factor_values`.
    wanted : sequence of (int, int)
        Positions of attribution and share.

    Returns
    -------
    tuple of SplitPlan
    """
    if not wanted:
        return ()
    known = own_score(pupils) & (mother.level != EMPTY) & (father.level != EMPTY)
    rows = np.flatnonzero((pupils.year == year) & known)
    levels = MOTHER_STEP * mother.level.astype(np.int64) + FATHER_STEP * father.level
    profile = (base + levels)[rows]
    swv, ranks = len(pupils.swv), len(lattice.distinct)
    weights = np.column_stack([np.ones(len(profile), np.int64), value[profile]])
    plans = []
    for attribution, share in wanted:
        side = (pupils.school_swv, pupils.home_swv)[attribution][rows].astype(np.int64)
        cell = side * ranks + lattice.rank[profile]
        fixed = np.zeros((1 + _VALUES, swv, ranks + 1), np.int64)
        for k in range(1 + _VALUES):
            # sums of whole numbers below 2**53 are exact as floats
            found = np.bincount(cell, weights=weights[:, k], minlength=swv * ranks)
            fixed[k, :, 1:] = found.astype(np.int64).reshape(swv, ranks)
        plans.append(
            SplitPlan(attribution, share, fixed.cumsum(axis=2), weights.sum(axis=0), value)
        )
    return tuple(plans)


def add_up_factors(
    plan: SplitPlan,
    parts: Sequence[tuple[Imputed | Copied, Profiles]],
    histograms: Sequence[NDArray[np.int32]],
    rank: NDArray[np.int32],
    cut_rank: NDArray[np.int32],
) -> FactorSums:
    """Go over the pupils once more, for one attribution and share.

    Parameters
    ----------
    plan : SplitPlan
    parts : pair of (Imputed or Copied, profiles)
        Imputed pupils and those with a donor's score, each with the profiles of every draw.
    histograms : pair of int32 array, shape ``(profiles, draws)``
        The same pupils, counted per profile.
    rank : int32 array, shape ``(profiles,)``
    cut_rank : int32 array, shape ``(shares, draws)``

    Returns
    -------
    FactorSums
    """
    cut = cut_rank[plan.share]
    swv = plan.fixed.shape[1]
    first, second, bits, flush = _packed(plan.value)
    found = []
    for part, numbers in parts:
        below, upto = (np.zeros((1 + _VALUES, swv, len(cut)), np.int64) for _ in range(2))
        groups = [(np.arange(len(part.unit)), part.unit, 1)]
        if plan.attribution == ATTRIBUTIONS.index("home"):
            moves = part.moves
            groups += [(moves.leaving, moves.school, -1), (moves.entering, moves.home, 1)]
        for index, unit, sign in groups:
            add_factors(
                below,
                upto,
                numbers,
                rank,
                cut,
                first,
                second,
                bits,
                flush,
                index,
                unit,
                sign,
            )
        found.append((below, upto - below))
    everyone, given = (by_value(plan, histogram) for histogram in histograms)
    return with_known(plan, found[0], found[1], everyone, given, cut)


def by_value(plan: SplitPlan, histogram: NDArray[np.int32]) -> NDArray[np.int64]:
    """Count the pupils of a histogram and sum their values, shape ``(4, draws)``."""
    weights = np.column_stack([np.ones(len(plan.value), np.int64), plan.value])
    return np.asarray(weights.T @ histogram.astype(np.int64))


def with_known(
    plan: SplitPlan,
    own: tuple[NDArray[np.int64], NDArray[np.int64]],
    donated: tuple[NDArray[np.int64], NDArray[np.int64]],
    everyone: NDArray[np.int64],
    given: NDArray[np.int64],
    cut: NDArray[np.int32],
) -> FactorSums:
    """Add the known pupils to what was summed over those who are drawn.

    Parameters
    ----------
    plan : SplitPlan
    own, donated : pair of int64 array, shape ``(4, swv, draws)``
        Below the cut and at it: imputed pupils, and those with a donor's score.
    everyone, given : int64 array, shape ``(4, draws)``
        The same pupils, all of the country.
    cut : int32 array, shape ``(draws,)``
        Rank of the cut.

    Returns
    -------
    FactorSums
    """
    fixed_below = plan.fixed[:, :, cut]
    return FactorSums(
        below=own[0] + fixed_below,
        at=own[1] + plan.fixed[:, :, cut + 1] - fixed_below,
        donated_below=donated[0],
        donated_at=donated[1],
        everyone=everyone + plan.fixed_all[:, None],
        donated=given,
    )


def _packed(
    value: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], int, int]:
    """Words of `add_factors`: education with a count on top, origin on top of other."""
    education, origin, other = (np.ascontiguousarray(column) for column in value.T)
    high, low = int(origin.max()).bit_length(), int(other.max()).bit_length()
    # both sums together have 63 bits; as many pupils as fit
    spare = min(16, (63 - high - low) // 2)
    bits = low + spare
    return education + (1 << SUM_BITS), (origin << bits) + other, bits, 1 << spare


def disadvantage_parts(
    group: TargetGroup, plan: SplitPlan, sums: FactorSums, lowest: int
) -> NDArray[np.float64]:
    """Cut the disadvantage scores of one attribution and share along the factors (R-10).

    Parameters
    ----------
    group : TargetGroup
    plan : SplitPlan
    sums : FactorSums
        Of the same draws.
    lowest : int
        Lowest score of the lattice, in millionths.

    Returns
    -------
    float64 array, shape ``(draw, factor, swv)``
        Millionths of a score point; the factors add up to S_j of weight `mean` (D-1).
    """
    weight = group.tie_weight[:, plan.share]
    own = sums.below + weight * sums.at
    donated = sums.donated_below + weight * sums.donated_at
    pieces = group.pieces
    asylum = pieces.asylum[plan.attribution].astype(np.float64)[:, None]
    everyone = float(pieces.pupils[0].sum())
    all_asylum = float(pieces.asylum[0].sum())
    # all scores from here on are heights above the lowest
    cut = (pieces.cut[:, plan.share] - lowest).astype(np.float64)
    mean = cut + group.mean_above_cut[:, plan.share]
    target_mean = cut - group.cut_above_group[:, plan.share]
    own_mean = sums.everyone[1:] / sums.everyone[0]
    whole_mean = own_mean.sum(axis=0)
    by_donors = (sums.donated[1:].sum(axis=0) - sums.donated[0] * whole_mean) / everyone
    by_asylum = all_asylum * (target_mean - whole_mean) / everyone
    parts = [own[0] * own_mean[f] - own[1 + f] for f in range(_VALUES)]
    parts.append(donated[0] * mean - donated[1:].sum(axis=0) + own[0] * by_donors)
    parts.append(asylum * (mean - target_mean) + own[0] * by_asylum)
    return np.stack(parts).transpose(2, 0, 1)
