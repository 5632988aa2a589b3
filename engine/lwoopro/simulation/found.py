"""What a pass finds, and the pieces and the profile of every draw that follow (D-5, R-1).

Pupils are counted in several ways: by bands of ranks, pupil by pupil, or as counts per profile. All
of them end here, and where the cuts are found first and the sums made then, they meet before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.target import Pieces
from lwoopro.indicator.draws import ScoreTable
from lwoopro.indicator.lattice import Lattice
from lwoopro.kernels.cuts import band_table, find_cuts
from lwoopro.kernels.philox import DRAWS_PER_COUNTER
from lwoopro.kernels.pieces import by_draw
from lwoopro.kernels.sums import SUM_BITS, add_cells, add_marginals, pieces_of_bands
from lwoopro.kernels.types import Profiles, Words
from lwoopro.simulation.factors import FactorSums, SplitPlan
from lwoopro.simulation.plan import YearPlan

__all__ = [
    "Found",
    "Profile",
    "Side",
    "Sums",
    "by_draws",
    "columns_of",
    "cuts_then_sums",
    "words_of",
]

Side: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

Sums: TypeAlias = NDArray[np.int64]

Adding: TypeAlias = Callable[[Sums, Sums, Profiles, Sums], None]
"""Adds pupils to ``(count, total, band, packed)``, see `kernels.sums.add_cells`."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a pass counts; columns in lane order.

    Attributes
    ----------
    cut : int64 array, shape ``(shares, columns)``
        c in millionths.
    sides : pair of Side, which is three int64 arrays, shape ``(shares, swv, columns)``
        By school and by home: pupils below the cut, at it, and the former's sum of
        (score − lowest score).
    everything : int64 array, shape ``(columns,)``
        Sum of (score − lowest score) of all who have a score.
    below, at : int64 array, shape ``(shares, categories, columns)``
    everyone : int64 array, shape ``(categories, columns)``
        Pupils with a score of their own (R-1).
    factors : tuple of FactorSums
    """

    cut: NDArray[np.int64]
    sides: tuple[Side, ...]
    everything: NDArray[np.int64]
    below: NDArray[np.int64]
    at: NDArray[np.int64]
    everyone: NDArray[np.int64]
    factors: tuple[FactorSums, ...]


@dataclass(frozen=True, eq=False)
class Profile:
    """Who is in the target group: pupils with a score of their own, per category (R-1).

    Attributes
    ----------
    below, at : int64 array, shape ``(draw, share, category)``
        With a score below the cut, and on it.
    everyone : int64 array, shape ``(draw, category)``
    factors : tuple of FactorSums
        One per split, by draw (R-10).
    """

    below: NDArray[np.int64]
    at: NDArray[np.int64]
    everyone: NDArray[np.int64]
    factors: tuple[FactorSums, ...] = ()


def columns_of(draws: range, group: int, columns: int) -> NDArray[np.int64]:
    """Say in which column of a pass each draw stands: lane order back to draw order.

    Parameters
    ----------
    draws : range
    group : int
        First draw of the pass, divided by four.
    columns : int

    Returns
    -------
    int64 array, shape ``(draws,)``
    """
    lane = np.arange(columns).reshape(DRAWS_PER_COUNTER, -1).T.ravel()
    first = draws.start - group * DRAWS_PER_COUNTER
    return lane[first : first + len(draws)]


def words_of(band: Profiles, packed: Sums) -> tuple[Words, int]:
    """Put band and score of every profile in one word, the smallest that holds them.

    Parameters
    ----------
    band : uint8 or uint16 array, shape ``(profiles, draws)``
    packed : int64 array, shape ``(profiles, 1 or draws)``
        See `kernels.sums.add_cells`.

    Returns
    -------
    word : uint32 or uint64 array, shape ``(profiles, draws)``
    bits : int
        See `kernels.sums.add_pupils`.
    """
    height = packed & ((1 << SUM_BITS) - 1)
    bits = int(height.max()).bit_length()
    narrow = bits + int(band.max()).bit_length() <= 32
    kind: type[np.uint32] | type[np.uint64] = np.uint32 if narrow else np.uint64
    word: Words = np.left_shift(band, bits, dtype=kind)
    return word | height.astype(kind), bits


def cuts_then_sums(
    plan: YearPlan,
    lattice: Lattice,
    table: ScoreTable,
    own: NDArray[np.int32],
    everybody: NDArray[np.int32],
    by_school: Adding,
    moved: Adding,
    factors: Callable[[SplitPlan, NDArray[np.int32]], FactorSums],
    splits: Sequence[SplitPlan],
) -> Found:
    """Find the cuts of every draw, and let the pupils be summed between them.

    Parameters
    ----------
    plan, lattice, splits
        See `simulation.pieces.draw_pieces`.
    table : ScoreTable
        Of one column, or one for each draw where scores vary.
    own, everybody : int32 array, shape ``(profiles, columns)``
        Imputed pupils, and with them those with a donor's score, per profile.
    by_school, moved : callable
        Add the same pupils where they go to school, then what changes where they live (U-2).
    factors : callable
        Sums a split's factors, from the ranks of the cuts (R-10).

    Returns
    -------
    Found
    """
    profiles, columns = own.shape
    vary = table.score.shape[1] > 1
    need = np.array([quota.need for quota in plan.quotas], np.int64)
    cut_rank = np.empty((len(need), columns), np.int32)
    cut_profile = np.empty((len(need), columns), np.int64)
    find_cuts(everybody, plan.fixed, table.order, table.rank, need, cut_rank, cut_profile)
    bands = 2 * len(need) + 1
    band: Profiles = np.empty((profiles, columns), np.uint8 if bands <= 256 else np.uint16)
    band_table(table.rank, cut_rank, band)

    height = table.score - table.lowest
    packed = (1 << SUM_BITS) + height
    swv = plan.pupils.shape[1]
    count = np.zeros((swv, bands, columns), np.int64)
    total = np.zeros((swv, bands, columns), np.int64)
    by_school(count, total, band, packed)
    if vary:
        add_cells(count, total, *plan.fixed_cells[0], band, packed)
    sides = [_side(plan, 0, count, total, cut_rank, vary)]
    moved(count, total, band, packed)
    if vary:
        add_cells(count, total, *plan.fixed_moves, band, packed)
    sides.append(_side(plan, 1, count, total, cut_rank, vary))

    categories = len(lattice.categories)
    below = np.zeros((len(need), categories, columns), np.int64)
    at = np.zeros_like(below)
    everyone = np.zeros((categories, columns), np.int64)
    add_marginals(below, at, everyone, own, plan.fixed, table.rank, cut_rank, lattice.digit)
    pupils = everybody.astype(np.int64) + plan.fixed[:, None]
    column = np.arange(columns) if vary else np.zeros(columns, np.int64)
    return Found(
        cut=table.score[cut_profile, column],
        sides=tuple(sides),
        everything=np.einsum("pd,pd->d", np.broadcast_to(height, pupils.shape), pupils),
        below=below,
        at=at,
        everyone=everyone,
        factors=tuple(factors(split, cut_rank) for split in splits),
    )


def _side(
    plan: YearPlan,
    attribution: int,
    count: NDArray[np.int64],
    total: NDArray[np.int64],
    cut_rank: NDArray[np.int32],
    vary: bool,
) -> Side:
    shape = (cut_rank.shape[0], count.shape[0], cut_rank.shape[1])
    pieces = np.empty(shape, np.int64), np.empty(shape, np.int64), np.empty(shape, np.int64)
    fixed_count, fixed_total = plan.fixed_count[attribution], plan.fixed_total[attribution]
    if vary:
        # the known pupils stand in the bands already; a draw has as many ranks as profiles at most
        fixed_count = fixed_total = np.zeros((count.shape[0], len(plan.fixed) + 1), np.int64)
    pieces_of_bands(count, total, fixed_count, fixed_total, cut_rank, *pieces)
    return pieces


def by_draws(
    found: Found, plan: YearPlan, table: ScoreTable, wanted: NDArray[np.int64]
) -> tuple[Pieces, Profile]:
    """Turn what was found to draw order, and only the draws that were asked for.

    Parameters
    ----------
    found : Found
    plan : YearPlan
    table : ScoreTable
    wanted : int64 array, shape ``(draws,)``
        From `columns_of`.

    Returns
    -------
    Pieces, Profile
    """
    vary = table.score.shape[1] > 1
    low = table.lowest[wanted if vary else np.zeros(len(wanted), np.int64)]
    cut = found.cut[:, wanted]
    shape = (len(wanted), len(found.sides), *found.sides[0][0].shape[:2])
    below, at, shortfall = (np.empty(shape, np.int64) for _ in range(3))
    height = cut - low
    for side, sums in enumerate(found.sides):
        by_draw(below, at, shortfall, side, *sums, height, wanted)
    scored = int(plan.pupils[0].sum() - plan.asylum[0].sum())
    pieces = Pieces(
        below=below,
        at=at,
        shortfall=shortfall,
        cut=np.ascontiguousarray(cut.T),
        above_cut=found.everything[wanted, None] - scored * height.T,
        pupils=plan.pupils,
        asylum=plan.asylum,
    )
    profile = Profile(
        below=found.below[:, :, wanted].transpose(2, 0, 1),
        at=found.at[:, :, wanted].transpose(2, 0, 1),
        everyone=np.ascontiguousarray(found.everyone[:, wanted].T),
        factors=tuple(sums.of(wanted) for sums in found.factors),
    )
    return pieces, profile
