"""Draws in which the population is drawn, too: a bootstrap of persons within swv × track (Q-1).

A person's stratum is the swv of his school and his track in the first of the study's years that
has him. In every draw each person of a stratum throws one slot, and his weight is the number of
slots that fall on him: for all his years the same, for weights belong to persons (Q-2). All that
is counted by pupils then follows the weights: n_j, N, the asylum pupils, m, the scores.

The register stays what donors are looked for in: a donor's choice has a source of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.target import Pieces, Quota, quotas
from lwoopro.codes import TRACKS
from lwoopro.imputation.persons import Parents, own_score
from lwoopro.indicator.coefficients import Coefficients
from lwoopro.indicator.file import Indicator
from lwoopro.indicator.lattice import FATHER_STEP, MOTHER_STEP, Lattice
from lwoopro.kernels.cuts import band_table
from lwoopro.kernels.philox import DRAWS_PER_COUNTER, POPULATION, seed_key, source_word
from lwoopro.kernels.resample import (
    add_heads,
    add_weighted,
    find_drawn_cuts,
    throw_slots,
    weigh_profiles,
)
from lwoopro.kernels.sums import SUM_BITS, add_marginals, pieces_of_bands
from lwoopro.kernels.types import Profiles
from lwoopro.pupils.table import Pupils
from lwoopro.simulation.chances import LevelChances
from lwoopro.simulation.constants import category_numbers
from lwoopro.simulation.found import Profile
from lwoopro.simulation.pieces import (
    Sources,
    counters,
    donated_profiles,
    drawn_profiles,
    score_table,
)
from lwoopro.simulation.plan import Moves, YearPlan, border_moves

__all__ = ["Listed", "Resample", "WeightedYear", "draw_weights", "plan_resample", "weighted_pieces"]

_WEIGHTS_AT_ONCE = 1 << 25
"""Weights of one pass: 64 MiB of them."""

_MOST_DRAWS = 64


@dataclass(frozen=True, eq=False)
class Listed:
    """A list of pupils of one year, sorted by swv of the school.

    Attributes
    ----------
    person : int32 array, shape ``(pupils,)``
        Position among the persons of `Resample`.
    unit : int16 array, shape ``(pupils,)``
        Swv of the school.
    moves : Moves
    """

    person: NDArray[np.int32]
    unit: NDArray[np.int16]
    moves: Moves


@dataclass(frozen=True, eq=False)
class WeightedYear:
    """Whose weight counts where, in one year.

    Attributes
    ----------
    known, imputed, copied, asylum : Listed
        Known pupils, and the others in the order of the year's plan.
    profile : unsigned integer array, shape ``(known, 1)``
        Profile of every known pupil.
    asylum_category : int16 array, shape ``(asylum, characteristics)``
        See `constants.category_numbers`.
    """

    known: Listed
    imputed: Listed
    copied: Listed
    asylum: Listed
    profile: Profiles
    asylum_category: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Resample:
    """The persons of a study, ready to be drawn.

    Attributes
    ----------
    person : uint64 array, shape ``(persons,)``
        By stratum, and within one in order of pupil_id.
    start, length : int64 array, shape ``(persons,)``
        The stratum of each.
    years : tuple of WeightedYear
    family : int
        Of the draws (Q-6).
    """

    person: NDArray[np.uint64]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    years: tuple[WeightedYear, ...]
    family: int = 0

    @property
    def draws_per_pass(self) -> int:
        """Draws that go over the pupils together; fewer where there are many persons."""
        many = _WEIGHTS_AT_ONCE // max(len(self.person), 1)
        most = min(many // DRAWS_PER_COUNTER * DRAWS_PER_COUNTER, _MOST_DRAWS)
        return max(most, DRAWS_PER_COUNTER)


@dataclass(frozen=True, eq=False)
class Weighted:
    """What a pass gives beside the pieces.

    Attributes
    ----------
    pieces : Pieces
    profile : Profile
    quotas : tuple of tuple of Quota
        Per draw and share.
    asylum_categories : int64 array, shape ``(draw, category)``
    """

    pieces: Pieces
    profile: Profile
    quotas: tuple[tuple[Quota, ...], ...]
    asylum_categories: NDArray[np.int64]


def plan_resample(
    pupils: Pupils,
    counted: Pupils,
    plans: Sequence[YearPlan],
    *,
    base: NDArray[np.int64],
    mother: Parents,
    father: Parents,
    lattice: Lattice,
    indicator: Indicator,
) -> Resample:
    """Give the persons numbers by stratum, and look up those of every year's lists.

    Parameters
    ----------
    pupils : Pupils
        All years of the study, with their swv: they make the strata.
    counted : Pupils
        The same rows with the units that are counted by (U-5).
    plans : sequence of YearPlan
    base, mother, father, lattice
        See `plan_year`.
    indicator : Indicator

    Returns
    -------
    Resample
    """
    order = np.lexsort((pupils.year, pupils.pupil_id))
    ids = pupils.pupil_id[order]
    first = order[np.concatenate([[True], ids[1:] != ids[:-1]])]
    stratum = pupils.school_swv[first].astype(np.int64) * len(TRACKS) + pupils.track[first]
    by_stratum = np.argsort(stratum, kind="stable")  # ids rise within
    place = np.empty(len(first), np.int32)
    place[by_stratum] = np.arange(len(first), dtype=np.int32)
    persons, sorted_stratum = pupils.pupil_id[first], stratum[by_stratum]
    start = np.searchsorted(sorted_stratum, sorted_stratum, "left")
    length = np.searchsorted(sorted_stratum, sorted_stratum, "right") - start

    def listed(rows: NDArray[np.integer[Any]]) -> Listed:
        person = place[np.searchsorted(persons, pupils.pupil_id[rows])]
        unit = counted.school_swv[rows]
        return Listed(person, unit, border_moves(unit, counted.home_swv[rows]))

    own = own_score(pupils)
    known = own & (mother.level >= 0) & (father.level >= 0)
    levels = MOTHER_STEP * mother.level.astype(np.int64) + FATHER_STEP * father.level
    profile = base + levels
    years = []
    for plan in plans:
        here = pupils.year == plan.year
        rows = np.flatnonzero(here & known)
        rows = rows[np.lexsort((profile[rows], counted.school_swv[rows]))]
        given = np.flatnonzero(here & pupils.asylum)
        given = given[np.argsort(counted.school_swv[given], kind="stable")]
        years.append(
            WeightedYear(
                known=listed(rows),
                imputed=listed(plan.imputed.row),
                copied=listed(plan.copied.row),
                asylum=listed(given),
                profile=profile[rows, None].astype(lattice.profile_type),
                asylum_category=category_numbers(pupils, given, indicator, lattice),
            )
        )
    return Resample(pupils.pupil_id[first][by_stratum].view(np.uint64), start, length, tuple(years))


def draw_weights(resample: Resample, seed: int, draws: range) -> NDArray[np.uint16]:
    """Draw the weights of all persons (Q-1, Q-2).

    Parameters
    ----------
    resample : Resample
    seed : int
    draws : range

    Returns
    -------
    uint16 array, shape ``(persons, draws)``
        Columns in lane order, see `kernels.philox`.
    """
    group, groups = counters(draws)
    weight = np.empty((len(resample.person), DRAWS_PER_COUNTER * groups), np.uint16)
    word = source_word(POPULATION, family=resample.family)
    key = seed_key(seed)
    throw_slots(weight, resample.person, resample.start, resample.length, word, key, group)
    return weight


def weighted_pieces(
    plan: YearPlan,
    listed: WeightedYear,
    weight: NDArray[np.uint16],
    lattice: Lattice,
    thresholds: LevelChances,
    seed: int,
    draws: range,
    sources: Sources,
    coefficients: Coefficients | None = None,
) -> Weighted:
    """Simulate some consecutive draws of one year with weighted pupils.

    Parameters
    ----------
    plan : YearPlan
    listed : WeightedYear
    weight : uint16 array, shape ``(persons, draws)``
        From `draw_weights`, for the same draws.
    lattice, thresholds, seed, draws, sources, coefficients
        See `draw_pieces`.

    Returns
    -------
    Weighted

    Raises
    ------
    InputError
        In some draw a share leaves no room beside the asylum pupils.
    """
    group, groups = counters(draws)
    columns = DRAWS_PER_COUNTER * groups
    key = seed_key(seed)
    profiles = len(lattice.score)
    drawn = drawn_profiles(plan.imputed, lattice, thresholds, key, group, columns, sources)
    given = donated_profiles(plan.copied, lattice, drawn, key, group, sources)
    own = np.zeros((profiles, columns), np.int32)
    weigh_profiles(own, listed.profile, weight, listed.known.person)
    weigh_profiles(own, drawn, weight, listed.imputed.person)
    everybody = own.copy()
    weigh_profiles(everybody, given, weight, listed.copied.person)

    lane = np.arange(columns).reshape(DRAWS_PER_COUNTER, groups).T.ravel()
    first = draws.start - group * DRAWS_PER_COUNTER
    wanted = lane[first : first + len(draws)]
    parts = (
        (listed.known, listed.profile),
        (listed.imputed, drawn),
        (listed.copied, given),
    )
    swv = plan.pupils.shape[1]
    asylum = _heads(listed.asylum, weight, swv)
    asylum_heads = asylum[0].sum(axis=0)
    # every pupil is an asylum pupil or has a profile
    all_heads = asylum_heads + everybody.sum(axis=0, dtype=np.int64)
    shares = [quota.share for quota in plan.quotas]
    drawn_quotas = tuple(
        quotas(shares, int(all_heads[d]), int(asylum_heads[d]), plan.year, draw)
        for d, draw in zip(wanted, draws, strict=True)
    )
    need = np.ones((len(shares), columns), np.int64)
    need[:, wanted] = np.array([[quota.need for quota in of] for of in drawn_quotas]).T

    table = score_table(lattice, seed, group, groups, sources, coefficients)
    cut_rank = np.zeros((len(need), columns), np.int32)
    cut_profile = np.zeros((len(need), columns), np.int64)
    find_drawn_cuts(everybody, table.order, table.rank, need, cut_rank, cut_profile)
    bands = 2 * len(need) + 1
    band = np.empty((profiles, columns), np.uint8 if bands <= 256 else np.uint16)
    band_table(table.rank, cut_rank, band)
    height = table.score - table.lowest
    packed = (1 << SUM_BITS) + height
    flush = max((1 << 16) // max(int(weight.max(initial=1)), 1), 1)
    count = np.zeros((swv, bands, columns), np.int64)
    total = np.zeros((swv, bands, columns), np.int64)
    # known pupils stand in the bands, too
    none = np.zeros((swv, profiles + 1), np.int64)
    sides = []
    pupils = asylum.copy()
    for home in (False, True):
        for part, numbers in parts:
            moves = part.moves
            lists = [(np.arange(len(part.unit)), part.unit, 1)]
            if home:
                lists = [(moves.leaving, moves.school, -1), (moves.entering, moves.home, 1)]
            for index, unit, sign in lists:
                add_weighted(
                    count,
                    total,
                    numbers,
                    band,
                    packed,
                    weight,
                    part.person,
                    index,
                    unit,
                    sign,
                    flush,
                )
        pieces = tuple(np.empty((len(need), swv, columns), np.int64) for _ in range(3))
        pieces_of_bands(count, total, none, none, cut_rank, *pieces)
        sides.append(pieces)
        pupils[int(home)] += count.sum(axis=1)

    categories = len(lattice.categories)
    below = np.zeros((len(need), categories, columns), np.int64)
    at = np.zeros_like(below)
    everyone = np.zeros((categories, columns), np.int64)
    nobody = np.zeros(profiles, np.int64)
    add_marginals(below, at, everyone, own, nobody, table.rank, cut_rank, lattice.digit)

    column = wanted if table.score.shape[1] > 1 else np.zeros(len(wanted), np.int64)
    low = table.lowest[column]
    cut = table.score[cut_profile[:, wanted], column]
    below_cut, at_cut, below_total = (
        np.stack([side[k][:, :, wanted] for side in sides]).transpose(3, 0, 1, 2) for k in range(3)
    )
    heads = everybody[:, wanted].astype(np.int64)
    everything = np.einsum("pd,pd->d", height[:, column], heads)
    found = Pieces(
        below=below_cut,
        at=at_cut,
        shortfall=(cut - low).T[:, None, :, None] * below_cut - below_total,
        cut=np.ascontiguousarray(cut.T),
        above_cut=everything[:, None] - heads.sum(axis=0)[:, None] * (cut - low).T,
        pupils=np.ascontiguousarray(pupils[:, :, wanted].transpose(2, 0, 1)),
        asylum=np.ascontiguousarray(asylum[:, :, wanted].transpose(2, 0, 1)),
    )
    profile = Profile(
        below=below[:, :, wanted].transpose(2, 0, 1),
        at=at[:, :, wanted].transpose(2, 0, 1),
        everyone=np.ascontiguousarray(everyone[:, wanted].T),
    )
    heads_of = weight[listed.asylum.person][:, wanted].astype(np.int64)
    by_category = np.stack(
        [
            ((listed.asylum_category == c).sum(axis=1)[:, None] * heads_of).sum(axis=0)
            for c in range(categories)
        ],
        axis=1,
    )
    return Weighted(found, profile, drawn_quotas, by_category)


def _heads(part: Listed, weight: NDArray[np.uint16], swv: int) -> NDArray[np.int64]:
    """Pupils per attribution and swv, shape ``(attribution, swv, draws)``."""
    found = np.zeros((2, swv, weight.shape[1]), np.int64)
    home = part.unit.copy()
    home[part.moves.entering] = part.moves.home
    for count, unit in zip(found, (part.unit, home), strict=True):
        add_heads(count, weight, part.person, unit)
    return found
