"""One pass over the pupils for many draws: from a plan to the pieces of D-5."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from lwoopro.allocation.target import Pieces
from lwoopro.imputation.education_model import EducationModel
from lwoopro.indicator.coefficients import Coefficients
from lwoopro.indicator.draws import ScoreTable, drawn_scores, one_table
from lwoopro.indicator.lattice import Lattice
from lwoopro.kernels.draws import copy_donors, count_profiles
from lwoopro.kernels.levels import BLOCK
from lwoopro.kernels.philox import (
    COEFFICIENTS,
    DRAWS_PER_COUNTER,
    PARAMETERS,
    fill_words,
    seed_key,
    source_word,
)
from lwoopro.kernels.sums import add_pupils
from lwoopro.kernels.types import Profiles
from lwoopro.simulation.banded import (
    Drawn,
    count_by_band,
    draw_pupils,
    fits_packed,
    values_to_sum,
    whole_profiles,
)
from lwoopro.simulation.bands import Bands, part_ranks
from lwoopro.simulation.chances import LevelChances, draw_some, lay_out
from lwoopro.simulation.crowded import sets_of
from lwoopro.simulation.factors import FactorSums, SplitPlan, add_up_factors
from lwoopro.simulation.found import (
    Found,
    Profile,
    Sums,
    by_draws,
    columns_of,
    cuts_then_sums,
    words_of,
)
from lwoopro.simulation.plan import Copied, Imputed, YearPlan, places_of
from lwoopro.simulation.workspace import Workspace

__all__ = [
    "Sources",
    "counters",
    "donated_profiles",
    "draw_pieces",
    "drawn_profiles",
    "expected_bands",
    "score_table",
    "thresholds_of",
]


@dataclass(frozen=True)
class Sources:
    """Which sources of uncertainty vary between draws (Q-1); off is draw 0 in every draw.

    `second` names those of `parameters` and `coefficients` whose draws are of the second family
    (Q-6); of the other sources the family stands in the plans' counter words.
    """

    education: bool = True
    donors: bool = True
    coefficients: bool = False
    parameters: bool = False
    second: frozenset[str] = frozenset()


def draw_pieces(
    plan: YearPlan,
    lattice: Lattice,
    thresholds: LevelChances,
    seed: int,
    draws: range,
    sources: Sources,
    splits: Sequence[SplitPlan] = (),
    coefficients: Coefficients | None = None,
    space: Workspace | None = None,
) -> tuple[Pieces, Profile]:
    """Simulate some consecutive draws of one year.

    Pure: the same arguments give the same bits, whatever ran before or beside it (Q-2).

    Parameters
    ----------
    plan : YearPlan
    lattice : Lattice
    thresholds : uint32 array, shape ``(rows, 7)``, or LevelOdds
        From `thresholds_of`, for the same draws.
    seed : int
    draws : range
        Consecutive draw numbers, all of one block: `kernels.levels.BLOCK` draws from a multiple
        of eight on. A whole block is drawn in any case.
    sources : Sources
    splits : sequence of SplitPlan
        What else is added up, for R-10; not with drawn coefficients.
    coefficients : Coefficients, optional
        Needed where the coefficients vary (S-6).
    space : Workspace, optional
        Memory of the pass before that this one may use.

    Returns
    -------
    Pieces, Profile

    Raises
    ------
    ValueError
        The draws are not of one block.
    """
    group, groups = draws.start // 8 * 2, BLOCK // DRAWS_PER_COUNTER
    if draws.stop > DRAWS_PER_COUNTER * (group + groups):
        raise ValueError(f"draws {draws.start} to {draws.stop - 1} are not of one block")
    columns = DRAWS_PER_COUNTER * groups
    key = seed_key(seed)
    space = space or Workspace()
    wanted = columns_of(draws, group, columns)
    table = score_table(lattice, seed, group, groups, sources, coefficients)
    vary = table.score.shape[1] > 1
    bands = None if vary else plan.bands
    values = values_to_sum(lattice, splits)
    drawn = draw_pupils(
        plan,
        lattice,
        thresholds,
        counters(draws),
        key,
        group,
        sources.education,
        sources.donors,
        bands,
        values,
        splits,
        space,
    )
    found = None
    if bands is not None:
        found = count_by_band(plan, lattice, drawn, bands, values, splits, space)
    if found is None:
        found = _count_by_draw(plan, lattice, drawn, table, splits)

    return by_draws(found, plan, table, wanted)


def expected_bands(
    plan: YearPlan,
    lattice: Lattice,
    fixed: NDArray[np.uint32],
    model: EducationModel | None,
    seed: int,
    sources: Sources,
) -> Bands | None:
    """See from the first draws where the cuts of a year lie.

    Parameters
    ----------
    plan : YearPlan
    lattice : Lattice
    fixed, model
        See `thresholds_of`.
    seed : int
    sources : Sources

    Returns
    -------
    Bands or None
        None where the scores themselves vary, the cuts may lie almost anywhere, or too many pupils
        of a swv are drawn together for the kernels' packed words.
    """
    if sources.coefficients:
        return None
    sets = None
    if not fits_packed(plan, lattice):
        sets = sets_of(plan, lattice)
        if sets is None:
            return None
    draws = range(BLOCK)
    key = seed_key(seed)
    thresholds = thresholds_of(fixed, model, seed, draws)
    drawn = draw_pupils(
        plan,
        lattice,
        thresholds,
        counters(draws),
        key,
        0,
        sources.education,
        sources.donors,
        None,
        values_to_sum(lattice, ()),
        (),
        Workspace(),
    )
    histogram = drawn.histogram
    count_profiles(histogram, drawn.given)
    pupils = np.zeros((len(lattice.distinct), histogram.shape[1]), np.int64)
    np.add.at(pupils, lattice.rank, histogram + plan.fixed[:, None])
    need = np.array([quota.need for quota in plan.quotas], np.int64)
    bands = part_ranks(pupils.cumsum(axis=0), need, lattice.rank)
    return None if bands is None else replace(bands, sets=sets)


def thresholds_of(
    fixed: NDArray[np.uint32],
    model: EducationModel | None,
    seed: int,
    draws: range,
    family: int = 0,
) -> LevelChances:
    """Thresholds of the education levels for some draws (I-1).

    Parameters
    ----------
    fixed : uint32 array, shape ``(rows, 7)``
        Those of every draw, where the model's parameters stand still.
    model : EducationModel or None
        Given where its parameters are drawn (proper imputation).
    seed : int
    draws : range
    family : int
        Of the draws of the parameters (Q-6).

    Returns
    -------
    uint32 array, shape ``(rows, 7)``, or LevelOdds
        Where the parameters are drawn, the odds that stand for the thresholds of these draws;
        columns in the order of the kernels.
    """
    if model is None:
        return fixed
    normal = _normals(seed, PARAMETERS, model.keys, *counters(draws), family)
    return model.level_odds(normal)


def counters(draws: range) -> tuple[int, int]:
    """First counter value of some draws, and the number of values."""
    group = draws.start // DRAWS_PER_COUNTER
    return group, -(-draws.stop // DRAWS_PER_COUNTER) - group


def score_table(
    lattice: Lattice,
    seed: int,
    group: int,
    groups: int,
    sources: Sources,
    coefficients: Coefficients | None,
) -> ScoreTable:
    """Scores of the lattice and their order: one for all draws, or one for each (S-6).

    Parameters
    ----------
    lattice, seed, sources, coefficients
        See `draw_pieces`.
    group, groups : int
        From `counters`.

    Returns
    -------
    ScoreTable
    """
    if not sources.coefficients or coefficients is None:
        return one_table(lattice)
    numbers_of = np.arange(coefficients.factor.shape[1])
    family = int("coefficients" in sources.second)
    normal = _normals(seed, COEFFICIENTS, numbers_of, group, groups, family)
    return drawn_scores(lattice, coefficients, normal)


def drawn_profiles(
    imputed: Imputed,
    lattice: Lattice,
    thresholds: LevelChances,
    key: NDArray[np.uint64],
    group: int,
    columns: int,
    sources: Sources,
) -> Profiles:
    """Draw the profile of every imputed pupil, shape ``(pupils, columns)`` (I-1)."""
    histogram = np.zeros((len(lattice.score), columns), np.int32)
    return _draw(imputed, lattice, thresholds, histogram, key, group, sources.education)[:-1]


def donated_profiles(
    copied: Copied,
    lattice: Lattice,
    drawn: Profiles,
    key: NDArray[np.uint64],
    group: int,
    sources: Sources,
) -> Profiles:
    """Give every pupil without a score the profile of his donor (I-2, I-3)."""
    histogram = np.zeros((len(lattice.score), drawn.shape[1]), np.int32)
    whole = np.concatenate([drawn, np.zeros_like(drawn, shape=(1, drawn.shape[1]))])
    return _copy(copied, lattice, whole, histogram, key, group, sources.donors)


def _normals(
    seed: int, source: int, items: NDArray[np.int64], group: int, groups: int, family: int = 0
) -> NDArray[np.float64]:
    """Draw standard normals by inversion, shape ``(draws in lane order, items)``."""
    words = np.empty((len(items), DRAWS_PER_COUNTER * groups), np.uint32)
    word = source_word(source, family=family)
    for item, row in zip(items, words, strict=True):
        fill_words(row, seed_key(seed), group, word, np.uint64(item), True)
    return np.asarray(ndtri((words.T + 0.5) / 2.0**32))


def _draw(
    imputed: Imputed,
    lattice: Lattice,
    thresholds: LevelChances,
    histogram: NDArray[np.int32],
    key: NDArray[np.uint64],
    group: int,
    vary: bool,
) -> Profiles:
    """Draw some imputed pupils, and add them to the counts of the profiles.

    A row of zeros follows them, see `kernels.draws.copy_donors`.
    """
    columns = histogram.shape[1]
    levels = np.empty((len(imputed.base), columns), np.uint8)
    laid = lay_out(thresholds, (group, columns // DRAWS_PER_COUNTER), group, columns)
    draw_some(levels, 0, len(levels), imputed, laid, key, group, vary)
    profile = np.zeros((len(levels) + 1, columns), lattice.profile_type)
    np.add(imputed.lowest[:, None], levels, out=profile[:-1])
    count_profiles(histogram, profile[:-1])
    return profile


def _copy(
    copied: Copied,
    lattice: Lattice,
    drawn: Profiles,
    histogram: NDArray[np.int32],
    key: NDArray[np.uint64],
    group: int,
    vary: bool,
) -> Profiles:
    """Copy some recipients' profiles, and add them to the counts of the profiles."""
    given = np.empty((len(copied.person), drawn.shape[1]), lattice.profile_type)
    profiles, pupils = len(lattice.score), len(drawn) - 1
    base = np.zeros(pupils + profiles, lattice.profile_type)
    base[pupils:] = np.arange(profiles)
    copy_donors(
        given,
        drawn,
        base,
        copied.person,
        copied.word,
        copied.start,
        copied.length,
        places_of(copied.candidate, pupils),
        key,
        group,
        vary,
    )
    count_profiles(histogram, given)
    return given


def _count_by_draw(
    plan: YearPlan,
    lattice: Lattice,
    drawn: Drawn,
    table: ScoreTable,
    splits: Sequence[SplitPlan],
) -> Found:
    """Find the cuts first and sum then: for scores that vary, and cuts that nobody expected."""
    own = drawn.histogram
    everybody = own.copy()
    count_profiles(everybody, drawn.given)
    nothing = np.zeros(len(drawn.given), lattice.profile_type)
    parts = (
        (plan.imputed, drawn.levels, drawn.lowest),
        (plan.copied, drawn.given, nothing),
    )

    def by_school(count: Sums, total: Sums, band: Profiles, packed: Sums) -> None:
        word = words_of(band, packed)
        for part, numbers, base in parts:
            index = np.arange(len(part.unit))
            add_pupils(count, total, numbers, base, *word, index, part.unit, 1)

    def moved(count: Sums, total: Sums, band: Profiles, packed: Sums) -> None:
        # only border pupils are touched again: everyone else counts in the same swv both times
        word = words_of(band, packed)
        for part, numbers, base in parts:
            moves = part.moves
            add_pupils(count, total, numbers, base, *word, moves.leaving, moves.school, -1)
            add_pupils(count, total, numbers, base, *word, moves.entering, moves.home, 1)

    def factors(split: SplitPlan, cut_rank: NDArray[np.int32]) -> FactorSums:
        whole = whole_profiles(plan.imputed, drawn.levels)
        people = ((plan.imputed, whole), (plan.copied, drawn.given))
        return add_up_factors(split, people, (own, everybody - own), lattice.rank, cut_rank)

    return cuts_then_sums(plan, lattice, table, own, everybody, by_school, moved, factors, splits)
