"""The pupils of a year, drawn and counted in one go by bands of ranks (I-1, I-2, I-3, D-5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import ATTRIBUTIONS
from lwoopro.imputation.odds import LevelOdds
from lwoopro.indicator.lattice import Lattice
from lwoopro.kernels.bands import add_rows, at_cuts, count_categories, find_bands, given_words
from lwoopro.kernels.borders import add_moved, move_rows
from lwoopro.kernels.cuts import band_table
from lwoopro.kernels.levels import BLOCK
from lwoopro.kernels.pieces import add_known
from lwoopro.kernels.portions import draw_portions
from lwoopro.kernels.sums import SUM_BITS
from lwoopro.kernels.types import Profiles
from lwoopro.simulation.bands import Bands
from lwoopro.simulation.chances import NO_THRESHOLDS, LevelChances, draw_some, lay_out
from lwoopro.simulation.crowded import most_moved, most_packed, stretches, unpacked, with_fixed
from lwoopro.simulation.factors import FactorSums, SplitPlan, with_known
from lwoopro.simulation.found import Found, Side
from lwoopro.simulation.plan import Copied, Imputed, YearPlan
from lwoopro.simulation.workspace import Workspace

__all__ = [
    "Drawn",
    "count_by_band",
    "draw_pupils",
    "fits_packed",
    "values_to_sum",
    "whole_profiles",
]


@dataclass(frozen=True, eq=False)
class Drawn:
    """The pupils of a block of draws; columns in lane order, see `kernels.levels`.

    Attributes
    ----------
    levels : uint8 array, shape ``(pupils, columns)``
        The parents' levels, see `kernels.levels.draw_levels`.
    lowest : unsigned integer array, shape ``(pupils,)``
        Their profiles with both levels at zero.
    given : unsigned integer array, shape ``(recipients, columns)``
        Profiles of pupils with a donor's score.
    histogram : int32 array, shape ``(profiles, columns)``
    sums : int64 array, shape ``(sets, swv, bands, columns)``
    split_sums : int64 array
        By school; see `kernels.bands.count_runs`, and for the sets `simulation.crowded`.
    """

    levels: NDArray[np.uint8]
    lowest: Profiles
    given: Profiles
    histogram: NDArray[np.int32]
    sums: NDArray[np.int64]
    split_sums: NDArray[np.int64]


def fits_packed(plan: YearPlan, lattice: Lattice) -> bool:
    """Say whether one word of 64 bits holds the pupils of every swv and the sum of their scores.

    Parameters
    ----------
    plan : YearPlan
    lattice : Lattice

    Returns
    -------
    bool
        True up to half a million pupils in a swv, unless scores lie more than 33 points apart.
        Otherwise there are several words, see `simulation.crowded`.
    """
    return int(plan.pupils.max()) <= most_packed(lattice)


def values_to_sum(lattice: Lattice, splits: Sequence[SplitPlan]) -> NDArray[np.int64]:
    """Words of the kernels per profile: pupil and score, and the factors where they are asked for.

    Parameters
    ----------
    lattice : Lattice
    splits : sequence of SplitPlan

    Returns
    -------
    int64 array, shape ``(values, profiles)``
    """
    height = lattice.score - lattice.distinct[0]
    factors = splits[0].value.T[:2] if splits else height[None, :0].reshape(0, len(height))
    # laid out alike with factors and without, or the kernels would be compiled for both
    return np.ascontiguousarray(np.concatenate([(1 << SUM_BITS) + height[None], factors]))


def draw_pupils(
    plan: YearPlan,
    lattice: Lattice,
    thresholds: LevelChances,
    asked: tuple[int, int],
    key: NDArray[np.uint64],
    group: int,
    education: bool,
    donors: bool,
    bands: Bands | None,
    values: NDArray[np.int64],
    splits: Sequence[SplitPlan],
    space: Workspace,
) -> Drawn:
    """Draw all pupils of a year who are not known, and count those who are imputed (I-1 … I-3).

    Parameters
    ----------
    plan, lattice, thresholds, splits
        See `simulation.pieces.draw_pieces`.
    asked : pair of int
        The draws of `thresholds`, see `kernels.levels.block_columns`.
    key : uint64 array, shape ``(2,)``
    group : int
        First draw of the block, divided by four.
    education, donors : bool
        Whether the source varies.
    bands : Bands or None
        None: nothing is summed by swv.
    values : int64 array, shape ``(values, profiles)``
        From `values_to_sum`.
    space : Workspace

    Returns
    -------
    Drawn
        Its arrays are the workspace's: they last until it is used again.
    """
    imputed, copied, profiles = plan.imputed, plan.copied, len(lattice.score)
    laid = lay_out(thresholds, asked, group, BLOCK)
    exact, upper = NO_THRESHOLDS if isinstance(laid, LevelOdds) else laid
    swv = plan.pupils.shape[1]
    of_profile, of_split, many = np.zeros(profiles, np.int16), [], 0
    sets = np.zeros(len(plan.portions), np.int64)
    if bands is not None:
        sets = sets if bands.sets is None else bands.sets
        of_profile, many = bands.of_profile, len(bands.first)
        of_split = [bands.of_share(split.share, lattice.rank) for split in splits]
    most = 3 if bands is None else 3 + int((bands.high - bands.low).max())
    split_shape = (len(of_split), 1 + len(values), swv, most, BLOCK)
    levels = space.empty("levels", (len(imputed.base) + 1, BLOCK), np.uint8)
    levels[-1] = 0
    drawn = Drawn(
        levels=levels[:-1],
        lowest=imputed.lowest,
        given=space.empty("given", (len(copied.person), BLOCK), lattice.profile_type),
        histogram=space.zeros("histogram", (profiles, BLOCK), np.int32),
        sums=space.zeros("sums", (1 + int(sets.max(initial=0)), swv, many, BLOCK), np.int64),
        split_sums=space.zeros("split sums", split_shape, np.int64),
    )
    if isinstance(laid, LevelOdds):
        draw_some(drawn.levels, 0, len(drawn.levels), imputed, laid, key, group, education)
    # levels that are drawn already follow nobody any more
    asked_of_pupils = imputed.asked_first if len(exact) else (*imputed.asked[:-1], None)
    # donors mostly stand in the recipient's school: copied while they are in the cache
    for first, last, place in stretches(sets):
        draw_portions(
            plan.portions[first:last],
            drawn.levels,
            drawn.histogram,
            drawn.sums[place],
            drawn.split_sums,
            *asked_of_pupils,
            exact,
            upper,
            imputed.run,
            imputed.run_unit,
            imputed.run_base,
            of_profile,
            np.reshape(of_split, (len(of_split), profiles)).astype(np.int16),
            values,
            drawn.given,
            levels,
            plan.donor_base,
            copied.person,
            copied.word,
            copied.start,
            copied.length,
            copied.unit,
            given_words(of_profile, values),
            plan.donor,
            key,
            group,
            education,
            donors,
        )
    return drawn


def whole_profiles(imputed: Imputed, levels: NDArray[np.uint8]) -> Profiles:
    """Profiles of imputed pupils, shape ``(pupils, columns)``."""
    return np.asarray(imputed.lowest[:, None] + levels)


def count_by_band(
    plan: YearPlan,
    lattice: Lattice,
    drawn: Drawn,
    bands: Bands,
    values: NDArray[np.int64],
    splits: Sequence[SplitPlan],
    space: Workspace,
) -> Found | None:
    """Read cuts and sums off the bands.

    Parameters
    ----------
    plan, lattice, splits
        See `simulation.pieces.draw_pieces`.
    drawn : Drawn
        With the same bands, values and splits.
    bands, values, space
        See `draw_pupils`.

    Returns
    -------
    Found or None
        None where a cut lies where none was expected.
    """
    edges = np.append(bands.first, len(lattice.distinct))
    known = np.diff(plan.fixed_count[0][:, edges].sum(axis=0))
    need = np.array([quota.need for quota in plan.quotas], np.int64)
    cut_band = np.empty((len(need), BLOCK), np.int64)
    everything = np.empty(BLOCK, np.int64)
    sets, swv, many, _ = drawn.sums.shape
    sums = drawn.sums.reshape(sets * swv, many, BLOCK)
    find_bands(cut_band, everything, sums, known, need)
    cut_rank = bands.first[cut_band].astype(np.int32)
    if (cut_rank < bands.low[:, None]).any() or (cut_rank > bands.high[:, None]).any():
        return None

    packed_below, packed_at = (found[0] for found in _at_cuts(sums[None], cut_band))
    add_up = _sides if bands.sets is None else _crowded_sides
    sides = add_up(plan, lattice, drawn, cut_rank, packed_below, packed_at, space)
    shape = (len(lattice.categories), 1, many, BLOCK)
    by_category = space.zeros("by category", shape, np.int64)
    count_categories(by_category, drawn.histogram, plan.fixed, bands.of_profile, lattice.digit)
    below, at = _at_cuts(by_category, cut_band)
    return Found(
        cut=lattice.distinct[cut_rank],
        sides=sides,
        everything=everything + plan.fixed_total[0][:, -1].sum(),
        below=below[:, :, 0].swapaxes(0, 1),
        at=at[:, :, 0].swapaxes(0, 1),
        everyone=by_category[:, 0].sum(axis=1),
        factors=tuple(
            _split(plan, lattice, drawn, bands, values, place, split, cut_rank[split.share])
            for place, split in enumerate(splits)
        ),
    )


def _at_cuts(
    sums: NDArray[np.int64], cut_band: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    values, swv, _, columns = sums.shape
    below = np.empty((values, len(cut_band), swv, columns), np.int64)
    at = np.empty_like(below)
    at_cuts(below, at, sums, cut_band)
    return below, at


def _sides(
    plan: YearPlan,
    lattice: Lattice,
    drawn: Drawn,
    cut_rank: NDArray[np.int32],
    packed_below: NDArray[np.int64],
    packed_at: NDArray[np.int64],
    space: Workspace,
) -> tuple[Side, ...]:
    """Add drawn and known pupils up by school and by home."""
    sides = []
    for side in range(len(ATTRIBUTIONS)):
        if side > 0:
            for moved in _moves(plan, lattice, drawn, cut_rank, space):
                add_moved(packed_below, packed_at, moved, cut_rank)
        below, at, total = (np.empty_like(packed_below) for _ in range(3))
        known_of_side = plan.fixed_count[side], plan.fixed_total[side]
        add_known(below, at, total, packed_below, packed_at, *known_of_side, cut_rank)
        sides.append((below, at, total))
    return tuple(sides)


def _crowded_sides(
    plan: YearPlan,
    lattice: Lattice,
    drawn: Drawn,
    cut_rank: NDArray[np.int32],
    packed_below: NDArray[np.int64],
    packed_at: NDArray[np.int64],
    space: Workspace,
) -> tuple[Side, ...]:
    """Do the same where a packed word does not hold the pupils of every swv."""
    shape = (len(cut_rank), len(drawn.sums), plan.pupils.shape[1], BLOCK)
    mask = (1 << SUM_BITS) - 1
    words = packed_below.reshape(shape)
    below, total = (words >> SUM_BITS).sum(axis=1), (words & mask).sum(axis=1)
    at = (packed_at.reshape(shape) >> SUM_BITS).sum(axis=1)
    sides = []
    for side in range(len(ATTRIBUTIONS)):
        if side > 0:
            for moved in _moves(plan, lattice, drawn, cut_rank, space, most_moved(lattice)):
                more_below, more_at = (np.zeros(below.shape, np.int64) for _ in range(2))
                add_moved(more_below, more_at, moved, cut_rank)
                many, score = unpacked(more_below)
                below, total, at = below + many, total + score, at + unpacked(more_at)[0]
        known_of_side = plan.fixed_count[side], plan.fixed_total[side]
        sides.append(with_fixed(below, at, total, *known_of_side, cut_rank))
    return tuple(sides)


def _moves(
    plan: YearPlan,
    lattice: Lattice,
    drawn: Drawn,
    cut_rank: NDArray[np.int32],
    space: Workspace,
    most: int | None = None,
) -> Iterator[NDArray[np.int64]]:
    """Let border pupils count where they live (U-2), packed; at most so many at a time."""
    bands = 2 * len(cut_rank) + 1
    kind: type[np.uint8] | type[np.uint16] = np.uint8 if bands <= 256 else np.uint16
    # no rank is higher than the highest profile
    rank: Profiles = lattice.rank.astype(lattice.profile_type)
    ranks = np.arange(len(lattice.distinct), dtype=np.int32)
    band: Profiles = space.empty("bands of cuts", (len(ranks), BLOCK), kind)
    band_table(ranks[:, None], cut_rank, band)
    value = values_to_sum(lattice, ())[0]
    moved = space.zeros("moved", (plan.pupils.shape[1], bands, BLOCK), np.int64)

    def rows_of(part: Imputed | Copied, who: NDArray[np.int64]) -> Profiles:
        if part is plan.copied:
            return drawn.given.take(who, axis=0)
        return np.asarray(drawn.lowest[who, None] + drawn.levels.take(who, axis=0))

    for part in (plan.imputed, plan.copied):
        who, school, home = part.moves.pairs
        step = max(1, len(who)) if most is None else most
        for first in range(0, len(who), step):
            some = slice(first, first + step)
            rows = rows_of(part, who[some])
            move_rows(moved, rows, school[some], home[some], rank, band, value)
            if most is not None:
                yield moved
                moved[...] = 0
    if most is None:
        yield moved


def _split(
    plan: YearPlan,
    lattice: Lattice,
    drawn: Drawn,
    bands: Bands,
    values: NDArray[np.int64],
    place: int,
    split: SplitPlan,
    cut: NDArray[np.int32],
) -> FactorSums:
    """Sum the factors below a cut and at it (R-10)."""
    of_profile = bands.of_share(split.share, lattice.rank)
    own = drawn.split_sums[place]
    donated = np.zeros_like(own)
    nothing = np.zeros(len(drawn.given), lattice.profile_type)
    everybody = np.arange(len(nothing))
    unit = plan.copied.unit
    add_rows(donated, drawn.given, nothing, of_profile, values, everybody, unit, 1)
    given = _by_factor(donated.sum(axis=(1, 2)))
    # sums of whole numbers below 2**53 are exact as floats
    weights = np.column_stack([np.ones(len(split.value)), split.value])
    everyone = (weights.T @ drawn.histogram.astype(np.float64)).astype(np.int64)
    if split.attribution == ATTRIBUTIONS.index("home"):
        for sums, moves, rows, lowest in (
            (own, plan.imputed.moves, drawn.levels, drawn.lowest),
            (donated, plan.copied.moves, drawn.given, nothing),
        ):
            add_rows(sums, rows, lowest, of_profile, values, moves.leaving, moves.school, -1)
            add_rows(sums, rows, lowest, of_profile, values, moves.entering, moves.home, 1)
    cut_band = (cut - bands.low[split.share] + 1).astype(np.int64)[None]
    pairs = []
    for sums in (own, donated):
        below, at = _at_cuts(sums, cut_band)
        pairs.append((_by_factor(below[:, 0]), _by_factor(at[:, 0])))
    return with_known(split, pairs[0], pairs[1], everyone, given, cut)


def _by_factor(sums: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count, education, origin and other: what the score has beside the two."""
    count, height, education, origin = sums
    return np.stack([count, education, origin, height - education - origin])
