"""A pass over very many pupils, some at a time: the memory does not grow with them (D-5, Q-2).

The pupils of a year are cut into parts by school. Each part is drawn, counted per swv and profile,
and forgotten. The counts are whole numbers, so it does not matter how the pupils are cut nor in
which order the parts come; and everything of D-5 follows from the counts. The bits are those of
`pieces.draw_pieces`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.target import Pieces
from lwoopro.codes import ATTRIBUTIONS
from lwoopro.indicator.coefficients import Coefficients
from lwoopro.indicator.lattice import Lattice
from lwoopro.kernels.partition import add_moves, band_cells, choose_places, factor_cells
from lwoopro.kernels.philox import DRAWS_PER_COUNTER, seed_key
from lwoopro.kernels.types import Profiles
from lwoopro.simulation.chances import LevelChances
from lwoopro.simulation.factors import FactorSums, SplitPlan, by_value, with_known
from lwoopro.simulation.found import Profile, Sums, by_draws, columns_of, cuts_then_sums
from lwoopro.simulation.pieces import (
    Sources,
    _copy,
    _draw,
    counters,
    draw_pieces,
    score_table,
)
from lwoopro.simulation.plan import Copied, Imputed, YearPlan, border_moves

__all__ = ["PUPILS_PER_PART", "Part", "cut_up", "parted_pieces", "pieces_of_year", "worth_it"]

_List = TypeVar("_List", Imputed, Copied)

PUPILS_PER_PART: Final = 1 << 15
"""So many drawn pupils go over the table of counts together; with 64 draws they take 4 MB."""


@dataclass(frozen=True, eq=False)
class Part:
    """Some pupils of one swv whose donors are among them.

    Attributes
    ----------
    first : int
        Position of the first in the list of imputed pupils.
    unit : int
        Position of the swv.
    imputed : Imputed
    copied : Copied
        Pupils of the same swv who choose among the part's imputed pupils and known ones.
    """

    first: int
    unit: int
    imputed: Imputed
    copied: Copied


@dataclass(frozen=True, eq=False)
class _Cells:
    """Pupils per swv and profile, by school and as moves of border pupils.

    Attributes
    ----------
    school, moved : int32 array, shape ``(swv, profiles, draws)``
    """

    school: NDArray[np.int32]
    moved: NDArray[np.int32]

    @classmethod
    def empty(cls, swv: int, profiles: int, columns: int) -> "_Cells":
        shape = (swv, profiles, columns)
        return cls(np.zeros(shape, np.int32), np.zeros(shape, np.int32))

    def move(self, part: Imputed | Copied, numbers: Profiles) -> None:
        """Let the border pupils of a part count at home."""
        moves = part.moves
        add_moves(self.moved, numbers, moves.leaving, moves.school, -1)
        add_moves(self.moved, numbers, moves.entering, moves.home, 1)


def worth_it(plan: YearPlan, lattice: Lattice) -> bool:
    """Say whether the counts of a year are smaller than its pupils."""
    return len(plan.imputed.unit) > int(plan.pupils.shape[1]) * len(lattice.score)


def pieces_of_year(
    plan: YearPlan,
    lattice: Lattice,
    thresholds: LevelChances,
    seed: int,
    draws: range,
    sources: Sources,
    splits: Sequence[SplitPlan] = (),
    coefficients: Coefficients | None = None,
) -> tuple[Pieces, Profile]:
    """Simulate some draws of one year, by whichever way needs less; see `pieces.draw_pieces`."""
    way = parted_pieces if worth_it(plan, lattice) else draw_pieces
    return way(plan, lattice, thresholds, seed, draws, sources, splits, coefficients)


_PARTS: "WeakKeyDictionary[YearPlan, tuple[tuple[Part, ...], Copied]]" = WeakKeyDictionary()


def cut_up(plan: YearPlan, most: int = PUPILS_PER_PART) -> tuple[tuple[Part, ...], Copied]:
    """Cut the pupils of a year into parts.

    Parameters
    ----------
    plan : YearPlan
    most : int
        Imputed pupils per part.

    Returns
    -------
    tuple of Part
    Copied
        The pupils whose possible donors stand in several parts.
    """
    unit = plan.imputed.unit
    bounds: list[int] = []
    starts = np.flatnonzero(np.diff(unit, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(unit)], strict=True):
        bounds += range(int(start), int(stop), most)
    edges = np.array([*bounds, len(unit)])
    home = _homes(plan.copied, edges, unit)
    parts = []
    for number, (low, high) in enumerate(pairwise(edges.tolist())):
        local = _some(plan.copied, np.flatnonzero(home == number))
        candidate = local.candidate
        local = replace(
            local, candidate=np.where(candidate < 0, candidate, candidate - low).astype(np.int32)
        )
        parts.append(Part(low, int(unit[low]), _between(plan.imputed, low, high), local))
    return tuple(parts), _some(plan.copied, np.flatnonzero(home < 0))


def _homes(copied: Copied, edges: NDArray[np.int64], unit: NDArray[np.int16]) -> NDArray[np.int64]:
    """Find the part that has all of a recipient's possible donors; -1 where there is none."""
    none = np.full(len(copied.unit), -1)
    if not len(copied.unit) or len(edges) < 2:
        return none
    starts, which = np.unique(copied.start, return_inverse=True)
    stops = np.zeros(len(starts), np.int64)
    stops[which] = copied.start + copied.length
    if (stops[:-1] != starts[1:]).any() or stops[-1] != len(copied.candidate):
        return none
    candidate = copied.candidate.astype(np.int64)
    highest = np.maximum.reduceat(candidate, starts)
    lowest = np.minimum.reduceat(np.where(candidate < 0, len(unit), candidate), starts)
    drawn = highest >= 0
    first = np.searchsorted(edges, lowest, side="right") - 1
    last = np.searchsorted(edges, highest, side="right") - 1
    found = np.where(drawn & (first == last), first, -1)[which]
    # where every possible donor is known, any part of the swv will do
    own = np.searchsorted(unit[edges[:-1]], copied.unit)
    own = np.minimum(own, len(edges) - 2)
    found = np.where(drawn[which], found, own)
    same = unit[edges[np.maximum(found, 0)]] == copied.unit
    return np.where((found >= 0) & same, found, -1)


def _between(imputed: Imputed, low: int, high: int) -> Imputed:
    home = imputed.unit[low:high].copy()
    moves = imputed.moves
    inside = (moves.entering >= low) & (moves.entering < high)
    home[moves.entering[inside] - low] = moves.home[inside]
    some = slice(low, high)
    return _taken(imputed, some, home)


def _some(copied: Copied, index: NDArray[np.int64]) -> Copied:
    home = copied.unit.copy()
    home[copied.moves.entering] = copied.moves.home
    taken = _taken(copied, index, home[index])
    # the classes of these pupils alone
    starts, which = np.unique(taken.start, return_inverse=True)
    length = np.zeros(len(starts), np.int64)
    length[which] = taken.length
    begin = np.concatenate([[0], np.cumsum(length)[:-1]]) if len(length) else length
    inside = np.arange(length.sum()) - np.repeat(begin, length)
    candidate = copied.candidate[np.repeat(starts, length) + inside]
    return replace(taken, start=begin[which].astype(np.int64), candidate=candidate)


def _taken(part: _List, index: slice | NDArray[np.int64], home: NDArray[np.int16]) -> _List:
    """Take some pupils of a list, border moves included."""
    many = len(part.unit)
    columns = {
        field.name: getattr(part, field.name)[index]
        for field in fields(part)
        if field.name not in ("moves", "candidate") and len(getattr(part, field.name)) == many
    }
    return replace(part, **columns, moves=border_moves(part.unit[index], home))


def parted_pieces(
    plan: YearPlan,
    lattice: Lattice,
    thresholds: LevelChances,
    seed: int,
    draws: range,
    sources: Sources,
    splits: Sequence[SplitPlan] = (),
    coefficients: Coefficients | None = None,
    parts: tuple[Sequence[Part], Copied] | None = None,
) -> tuple[Pieces, Profile]:
    """Simulate some consecutive draws of one year, some pupils at a time.

    Parameters
    ----------
    plan, lattice, thresholds, seed, draws, sources, splits, coefficients
        See `pieces.draw_pieces`.
    parts : optional
        From `cut_up`, in any order.

    Returns
    -------
    Pieces, Profile
        The same bits as `pieces.draw_pieces`.
    """
    if parts is None:
        parts = _PARTS.get(plan)
        if parts is None:
            parts = _PARTS[plan] = cut_up(plan)
    group, groups = counters(draws)
    columns = DRAWS_PER_COUNTER * groups
    key = seed_key(seed)
    swv, profiles = plan.pupils.shape[1], len(lattice.score)
    cells = _Cells.empty(swv, profiles, columns)
    # the splits want imputed pupils and those with a donor apart; the others add them up anyway
    given_cells = _Cells.empty(swv, profiles, columns) if splits else cells
    own = _count(parts, cells, given_cells, lattice, thresholds, key, group, columns, sources)
    donated = cells.school.sum(axis=0, dtype=np.int32)
    if splits:
        donated += given_cells.school.sum(axis=0, dtype=np.int32)

    kinds = (cells, given_cells) if splits else (cells,)

    def by_school(count: Sums, total: Sums, band: Profiles, packed: Sums) -> None:
        for kind in kinds:
            band_cells(count, total, kind.school, band, packed)

    def moved(count: Sums, total: Sums, band: Profiles, packed: Sums) -> None:
        for kind in kinds:
            band_cells(count, total, kind.moved, band, packed)

    def factors(split: SplitPlan, cut_rank: NDArray[np.int32]) -> FactorSums:
        return _factors(split, kinds, (own, donated - own), lattice.rank, cut_rank)

    table = score_table(lattice, seed, group, groups, sources, coefficients)
    found = cuts_then_sums(plan, lattice, table, own, donated, by_school, moved, factors, splits)
    return by_draws(found, plan, table, columns_of(draws, group, columns))


def _count(
    parts: tuple[Sequence[Part], Copied],
    cells: _Cells,
    given_cells: _Cells,
    lattice: Lattice,
    thresholds: LevelChances,
    key: NDArray[np.uint64],
    group: int,
    columns: int,
    sources: Sources,
) -> NDArray[np.int32]:
    """Draw the parts one after the other; give the imputed pupils per profile in the country."""
    several, far = parts
    place = np.empty((len(far.unit), columns), np.uint32)
    choose_places(place, far.person, far.word, far.length, key, group, sources.donors)
    donor = far.candidate[far.start[:, None] + place]
    del place
    numbers: Profiles = np.where(donor < 0, -1 - donor, 0).astype(lattice.profile_type)
    own = np.zeros((len(lattice.score), columns), np.int32)
    for part in several:
        mine = np.zeros_like(own)
        whole = _draw(part.imputed, lattice, thresholds, mine, key, group, sources.education)
        drawn = whole[:-1]
        own += mine
        cells.school[part.unit] += mine
        cells.move(part.imputed, drawn)
        if len(part.copied.unit):
            given = _copy(
                part.copied,
                lattice,
                whole,
                given_cells.school[part.unit],
                key,
                group,
                sources.donors,
            )
            given_cells.move(part.copied, given)
        low = part.first
        here = np.nonzero((donor >= low) & (donor < low + len(drawn)))
        numbers[here] = drawn[donor[here] - low, here[1]]
    everybody = np.arange(len(far.unit))
    add_moves(given_cells.school, numbers, everybody, far.unit, 1)
    given_cells.move(far, numbers)
    return own


def _factors(
    plan: SplitPlan,
    kinds: Sequence[_Cells],
    histograms: Sequence[NDArray[np.int32]],
    rank: NDArray[np.int32],
    cut_rank: NDArray[np.int32],
) -> FactorSums:
    """As `factors.add_up_factors`, from the counts."""
    cut = cut_rank[plan.share]
    values, swv = 1 + plan.value.shape[1], plan.fixed.shape[1]
    found = []
    for kind in kinds:
        below, at = (np.zeros((values, swv, len(cut)), np.int64) for _ in range(2))
        factor_cells(below, at, kind.school, plan.value, rank, cut)
        if plan.attribution == ATTRIBUTIONS.index("home"):
            factor_cells(below, at, kind.moved, plan.value, rank, cut)
        found.append((below, at))
    everyone, given = (by_value(plan, histogram) for histogram in histograms)
    return with_known(plan, found[0], found[1], everyone, given, cut)
