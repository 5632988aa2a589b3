"""What every draw of a year needs, worked out once before the first draw (I-1 … I-5, D-5).

Pupils are parted by what is missing: those who are known are counted here and never touched again,
those with an unknown education level are drawn, those without a score of their own copy a donor's,
asylum pupils are counted (I-4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.target import Quota, quotas
from lwoopro.codes import ATTRIBUTIONS, EMPTY
from lwoopro.imputation.donors import DonorClasses, find_donors
from lwoopro.imputation.persons import Parents, own_score
from lwoopro.indicator.lattice import FATHER_STEP, MOTHER_STEP, Lattice
from lwoopro.kernels.bands import LONGEST_RUN
from lwoopro.kernels.philox import DONORS, EDUCATION, source_word
from lwoopro.kernels.types import Bools, Bytes, Int32s, Profiles, Uint32s, Uint64s
from lwoopro.pupils.order import numbered, order_by
from lwoopro.pupils.table import Pupils
from lwoopro.simulation.bands import Bands

__all__ = ["Copied", "Imputed", "Moves", "YearPlan", "border_moves", "places_of", "plan_year"]


_PORTION: Final = 8192
"""Imputed pupils that are drawn together: their levels stay in the second cache."""

Cells = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


Asked = tuple[Bytes, Uint64s, Uint64s, Int32s, Uint64s, Uint64s, Int32s, Bools]
AskedFirst = tuple[Bytes, Uint64s, Uint64s, Int32s, Uint64s, Uint64s, Int32s, Bools | None]


@dataclass(frozen=True, eq=False)
class Moves:
    """Border pupils of a list: they count elsewhere by home than by school (U-2).

    Attributes
    ----------
    leaving : int64 array, shape ``(moves,)``
        Positions in the list, in its order: by swv of the school.
    school : int16 array, shape ``(moves,)``
        Swv that each of `leaving` leaves.
    entering : int64 array, shape ``(moves,)``
        The same positions by swv of the home.
    home : int16 array, shape ``(moves,)``
        Swv that each of `entering` enters.
    """

    leaving: NDArray[np.int64]
    school: NDArray[np.int16]
    entering: NDArray[np.int64]
    home: NDArray[np.int16]

    @cached_property
    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int16], NDArray[np.int16]]:
        """The same by both swv: positions in the list, swv left, swv entered."""
        school = self.school[np.searchsorted(self.leaving, self.entering)]
        sort = order_by(school, self.home)
        return self.entering[sort], school[sort], self.home[sort]


@dataclass(frozen=True, eq=False)
class Imputed:
    """Pupils with a parent of unknown education (I-1); one entry per pupil.

    They are sorted by swv, and within some schools of it by all that is not a parent's level, and
    then by which parents are unknown.

    Attributes
    ----------
    row : int32 array
        Row of the pupil table.
    base : unsigned integer array
        Profile with the unknown levels at zero.
    start : uint8 array
        The part of `base` that is the known levels.
    run, run_unit, run_base : int64 array
        Runs of pupils that differ in the parents' levels alone, see `kernels.bands`.
    mother_person, father_person : uint64 array
    mother_word, father_word : uint64 array
        Counter words: source and role.
    mother_row, father_row : int32 array
        Row of the thresholds; negative where the level is known.
    father_follows : bool array
        The father's row counts from the mother's drawn level on (I-1, `model`).
    unit : int16 array
        Swv of the school.
    moves : Moves
    """

    row: NDArray[np.int32]
    base: NDArray[np.uint16] | NDArray[np.uint32]
    start: NDArray[np.uint8]
    run: NDArray[np.int64]
    run_unit: NDArray[np.int64]
    run_base: NDArray[np.int64]
    mother_person: NDArray[np.uint64]
    mother_word: NDArray[np.uint64]
    mother_row: NDArray[np.int32]
    father_person: NDArray[np.uint64]
    father_word: NDArray[np.uint64]
    father_row: NDArray[np.int32]
    father_follows: NDArray[np.bool_]
    unit: NDArray[np.int16]
    moves: Moves

    @property
    def lowest(self) -> NDArray[np.uint16] | NDArray[np.uint32]:
        """Profile of each pupil with both levels at zero."""
        return self.base - self.start

    @property
    def asked_first(self) -> AskedFirst:
        """The same without `father_follows` where no father follows: less is compiled."""
        asked = self.asked
        return asked if self.father_follows.any() else (*asked[:-1], None)

    @property
    def asked(self) -> Asked:
        """What `kernels.levels.draw_levels` asks about the pupils, from `start` to `exact`."""
        return (
            self.start,
            self.mother_person,
            self.mother_word,
            self.mother_row,
            self.father_person,
            self.father_word,
            self.father_row,
            self.father_follows,
        )


@dataclass(frozen=True, eq=False)
class Copied:
    """Pupils who copy a donor's score (I-2, I-3); one entry per pupil.

    They are sorted by portion, see `YearPlan`, and within one by swv.

    Attributes
    ----------
    row : int32 array
        Row of the pupil table.
    person : uint64 array
    word : uint64 array
        Counter word: source and year.
    start, length : int64 array
        The pupil's class in `candidate`.
    candidate : int32 array
        Position among the imputed pupils, or ``-1 - profile`` of a known one.
    unit : int16 array
    moves : Moves
    step : int16 array
        Rung of the ladder, see `imputation.donors`.
    """

    row: NDArray[np.int32]
    person: NDArray[np.uint64]
    word: NDArray[np.uint64]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    candidate: NDArray[np.int32]
    unit: NDArray[np.int16]
    moves: Moves
    step: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class YearPlan:
    """One reference date, ready to be drawn.

    Attributes
    ----------
    year : int
    imputed : Imputed
    copied : Copied
    fixed : int64 array, shape ``(profiles,)``
        Known pupils per profile.
    fixed_cells : pair of three int64 arrays
        Per attribution: profile, position of the swv, and number of the known pupils.
    fixed_count, fixed_total : int64 array, shape ``(attribution, swv, ranks + 1)``
        Known pupils with a rank below the column, and their sum of (score − lowest score).
    pupils, asylum : int64 array, shape ``(attribution, swv)``
    quotas : tuple of Quota
    portions : int64 array, shape ``(portions, 4)``
        Runs of imputed pupils, and recipients, that are drawn together; see
        `kernels.portions.draw_portions`.
    bands : Bands or None
        Where the cuts are expected; see `simulation.banded`.
    """

    year: int
    imputed: Imputed
    copied: Copied
    fixed: NDArray[np.int64]
    fixed_cells: tuple[Cells, Cells]
    fixed_count: NDArray[np.int64]
    fixed_total: NDArray[np.int64]
    pupils: NDArray[np.int64]
    asylum: NDArray[np.int64]
    quotas: tuple[Quota, ...]
    portions: NDArray[np.int64]
    bands: Bands | None = None

    @cached_property
    def fixed_moves(self) -> Cells:
        """What changes in `fixed_cells` from school to home: profile, swv, and more or fewer."""
        profiles = len(self.fixed)
        school, home = self.fixed_cells
        at = np.concatenate([unit * profiles + profile for profile, unit, _ in (school, home)])
        cell, which = np.unique(at, return_inverse=True)
        more = np.zeros(len(cell), np.int64)
        np.add.at(more, which, np.concatenate([-school[2], home[2]]))
        cell, more = cell[more != 0], more[more != 0]
        return cell % profiles, cell // profiles, more

    @cached_property
    def donor(self) -> Uint32s:
        """The candidates of `copied` for `kernels.draws.copy_donors`."""
        return places_of(self.copied.candidate, len(self.imputed.base))

    @cached_property
    def donor_base(self) -> Profiles:
        """What `kernels.draws.copy_donors` adds a donor's levels to."""
        lowest = self.imputed.lowest
        return np.concatenate([lowest, np.arange(len(self.fixed)).astype(lowest.dtype)])


def places_of(candidate: NDArray[np.int32], pupils: int) -> Uint32s:
    """Give candidates numbers from 0: the pupils, then the profiles of those who are known.

    Parameters
    ----------
    candidate : int32 array
        See `Copied`.
    pupils : int

    Returns
    -------
    uint32 array
    """
    known = np.int64(pupils - 1) - candidate
    return np.where(candidate < 0, known, candidate).astype(np.uint32)


def border_moves(school: NDArray[np.int16], home: NDArray[np.int16]) -> Moves:
    """Find the border pupils of a list that is sorted by swv of the school (U-2).

    Parameters
    ----------
    school, home : int16 array, shape ``(pupils,)``

    Returns
    -------
    Moves
    """
    leaving = np.flatnonzero(school != home)
    entering = leaving[order_by(home[leaving])]
    return Moves(leaving, school[leaving], entering, home[entering])


def plan_year(
    pupils: Pupils,
    year: int,
    *,
    base: NDArray[np.int64],
    mother: Parents,
    father: Parents,
    mother_row: NDArray[np.int32],
    father_row: NDArray[np.int32],
    father_follows: NDArray[np.bool_],
    match: NDArray[np.int64],
    lattice: Lattice,
    shares: Sequence[Decimal],
) -> YearPlan:
    """Lay the pupils of one year out for the kernels.

    Parameters
    ----------
    pupils : Pupils
        All years of the study.
    year : int
    base : int64 array, shape ``(rows,)``
        From `indicator.lattice.profile_bases`.
    mother, father : Parents
        From `imputation.persons.resolve_parents`.
    mother_row, father_row : int32 array, shape ``(rows,)``
        From `simulation.levels`.
    father_follows : bool array, shape ``(rows,)``
    match : int64 array, shape ``(rows, keys)``
        From `imputation.donors.match_codes`.
    lattice : Lattice
    shares : sequence of Decimal
        Rising.

    Returns
    -------
    YearPlan

    Raises
    ------
    InputError
        A share leaves no room beside the asylum pupils, or nobody can be a donor.
    """
    rows = np.flatnonzero(pupils.year == year)
    swv = len(pupils.swv)
    own = own_score(pupils)[rows]
    unknown = (mother.level[rows] == EMPTY) | (father.level[rows] == EMPTY)

    def per_swv(chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        sides = (pupils.school_swv, pupils.home_swv)
        return np.stack([np.bincount(side[chosen], minlength=swv) for side in sides])

    everyone = per_swv(rows)
    asylum = per_swv(rows[pupils.asylum[rows]])
    wanted = quotas(shares, len(rows), int(asylum[0].sum()), year)

    known = rows[own & ~unknown]
    levels = MOTHER_STEP * mother.level.astype(np.int64) + FATHER_STEP * father.level
    profile = (base + levels)[known]

    drawn = rows[own & unknown]
    drawn = drawn[order_by(pupils.school_swv[drawn], pupils.school[drawn])]
    # some schools of a swv together, so that donors stay near; within them pupils of one kind
    some = _some_schools(pupils.school_swv[drawn], pupils.school[drawn])
    known_levels = (mother.level[drawn] != EMPTY) + 2 * (father.level[drawn] != EMPTY)
    drawn = drawn[order_by(some, base[drawn], known_levels)]
    given = MOTHER_STEP * np.maximum(mother.level[drawn], 0).astype(np.int64)
    given += FATHER_STEP * np.maximum(father.level[drawn], 0)
    unit = pupils.school_swv[drawn]
    run = _runs(some, base[drawn])
    imputed = Imputed(
        row=drawn.astype(np.int32),
        base=(base[drawn] + given).astype(lattice.profile_type),
        start=given.astype(np.uint8),
        run=run,
        run_unit=unit[run[:-1]].astype(np.int64),
        run_base=base[drawn][run[:-1]],
        mother_person=mother.person[drawn].view(np.uint64),
        mother_word=_words(EDUCATION, mother.role[drawn]),
        mother_row=mother_row[drawn],
        father_person=father.person[drawn].view(np.uint64),
        father_word=_words(EDUCATION, father.role[drawn]),
        father_row=father_row[drawn],
        father_follows=father_follows[drawn],
        unit=unit,
        moves=border_moves(unit, pupils.home_swv[drawn]),
    )

    classes = find_donors(pupils, rows, match)
    place = np.full(len(pupils), np.iinfo(np.int32).min, np.int64)
    place[known] = -1 - profile
    place[drawn] = np.arange(len(drawn))
    candidate = place[classes.donor]
    portion, ends = _portions(run, some, classes, candidate)
    # by school, so that the donors of one are still in the cache for the next
    asking = classes.recipient
    sort = order_by(portion, pupils.school_swv[asking], pupils.school[asking])
    stops = np.searchsorted(portion[sort], np.arange(len(ends)), side="right")
    recipient = classes.recipient[sort]
    unit = pupils.school_swv[recipient]
    copied = Copied(
        row=recipient.astype(np.int32),
        person=pupils.pupil_id[recipient].view(np.uint64),
        word=np.full(len(recipient), source_word(DONORS, sub=year)),
        start=classes.start[sort],
        length=classes.length[sort],
        candidate=candidate.astype(np.int32),
        unit=unit,
        moves=border_moves(unit, pupils.home_swv[recipient]),
        step=classes.step[sort],
    )

    fixed_count, fixed_total = _prefix(pupils, known, profile, lattice)
    return YearPlan(
        year=year,
        imputed=imputed,
        copied=copied,
        fixed=np.bincount(profile, minlength=len(lattice.score)),
        fixed_cells=(
            _cells(pupils.school_swv[known], profile, len(lattice.score)),
            _cells(pupils.home_swv[known], profile, len(lattice.score)),
        ),
        fixed_count=fixed_count,
        fixed_total=fixed_total,
        pupils=everyone,
        asylum=asylum,
        quotas=wanted,
        portions=np.column_stack([_before(ends), ends, _before(stops), stops]),
    )


def _some_schools(unit: NDArray[np.int16], school: NDArray[Any]) -> NDArray[np.int64]:
    """Give numbers to groups of schools of one swv, each of about `_PORTION` pupils.

    Parameters
    ----------
    unit, school : array, shape ``(pupils,)``
        Sorted by both.
    """
    place = np.arange(len(unit))
    new_unit = np.diff(unit, prepend=-1) != 0
    new_school = new_unit | (school != np.roll(school, 1))
    first = place[new_school][np.cumsum(new_school) - 1]
    within = first - place[new_unit][np.cumsum(new_unit) - 1]
    group = within // _PORTION
    changes = new_unit.copy()
    changes[1:] |= group[1:] != group[:-1]
    return np.cumsum(changes)


def _runs(some: NDArray[np.int64], kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find where each run of equal pupils begins, and the end of the last one."""
    new = np.ones(len(some), bool)
    new[1:] = (some[1:] != some[:-1]) | (kind[1:] != kind[:-1])
    first = np.flatnonzero(new)
    # long ones are cut up: their pupils are counted in bytes
    within = np.arange(len(some)) - first[np.cumsum(new) - 1]
    return np.append(np.flatnonzero(within % LONGEST_RUN == 0), len(some))


def _portions(
    run: NDArray[np.int64],
    some: NDArray[np.int64],
    classes: DonorClasses,
    candidate: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Part the imputed pupils into portions, and find the one in which a recipient's donors end.

    Returns
    -------
    portion : int64 array, shape ``(recipients,)``
    ends : int64 array, shape ``(portions,)``
        Number of runs up to each portion's end, which is the end of some schools of a swv.
    """
    of_run = some[run[:-1]]
    some_ends = np.append(np.flatnonzero(of_run[1:] != of_run[:-1]) + 1, len(of_run))
    kept = np.append(np.diff(run[some_ends] // _PORTION) > 0, True)
    ends = some_ends[kept]
    # classes stand one after the other, and many recipients share one
    starts, which = numbered(classes.start)
    last = np.maximum.reduceat(candidate, starts) if len(starts) else starts
    return np.searchsorted(run[ends], last, side="right")[which], ends


def _before(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], ends[:-1]])


def _words(source: int, sub: NDArray[np.int64]) -> NDArray[np.uint64]:
    return source_word(source) | sub.astype(np.uint64)


def _cells(unit: NDArray[np.int16], profile: NDArray[np.int64], profiles: int) -> Cells:
    """Count the known pupils of every swv and profile that occur."""
    many = np.bincount(unit.astype(np.int64) * profiles + profile)
    cell = np.flatnonzero(many)
    return cell % profiles, cell // profiles, many[cell]


def _prefix(
    pupils: Pupils, known: NDArray[np.int64], profile: NDArray[np.int64], lattice: Lattice
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the known pupils and sum their scores per swv below every rank."""
    swv, ranks = len(pupils.swv), len(lattice.distinct)
    count = np.zeros((len(ATTRIBUTIONS), swv, ranks + 1), np.int64)
    for a, side in enumerate((pupils.school_swv, pupils.home_swv)):
        cell = side[known].astype(np.int64) * ranks + lattice.rank[profile]
        count[a, :, 1:] = np.bincount(cell, minlength=swv * ranks).reshape(swv, ranks)
    height = np.concatenate([[0], lattice.distinct - lattice.distinct[0]])
    return count.cumsum(axis=2), (count * height).cumsum(axis=2)
