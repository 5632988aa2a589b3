"""The persons of one swv: who they are, whose children, at which school (model §10)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes
from lwoopro.pupils.synthetic import words
from lwoopro.pupils.synthetic.counts import Flows
from lwoopro.pupils.synthetic.families import Families, Places, make_families
from lwoopro.pupils.synthetic.missing import Missing, make_missing
from lwoopro.pupils.synthetic.parameters import Parameters
from lwoopro.pupils.synthetic.schools import Schools
from lwoopro.pupils.synthetic.source import Source

__all__ = ["LAGS", "PERSONS_PER_CELL", "Persons", "SwvMaker"]

LAGS: Final = (1, 2, 3)
"""Years between a pupil and the older sibling whose family he joins."""

PERSONS_PER_CELL: Final = 2**26
"""Persons that a cohort, track and swv has room for."""

_FIRST_COHORT: Final = 1900
_TRACKS: Final = len(codes.TRACKS)
_BASIC: Final = np.array([group == 0 for group in codes.TRACK_GROUP_OF_TRACK])


@dataclass(frozen=True, eq=False)
class Persons:
    """Persons of one swv and some cohorts; all arrays have shape (persons,) unless stated.

    Attributes
    ----------
    pupil_id, family : int64 array
    cohort, family_cohort : int64 array
        Year in which the person, and the family's first child, is or would be in grade 3.
    track3, track4 : int8 array
        Track in grade 3 and in grade 4; ``codes.EMPTY`` where the person is not there.
    school : int64 array
        Within the swv.
    residence : int64 array
        swv where the person lives, also for VO0001.
    sibling : bool array
        Joined the family of an older pupil.
    families : Families
    missing : Missing
    """

    pupil_id: NDArray[np.int64]
    family: NDArray[np.int64]
    cohort: NDArray[np.int64]
    family_cohort: NDArray[np.int64]
    track3: NDArray[np.int8]
    track4: NDArray[np.int8]
    school: NDArray[np.int64]
    residence: NDArray[np.int64]
    sibling: NDArray[np.bool_]
    families: Families
    missing: Missing


class SwvMaker:
    """Makes the persons of one swv, some cohorts at a time.

    Parameters
    ----------
    swv : int
        Position of the swv.
    source, flows, schools, places, p, seed
        What the population is made of; `flows` by cohort.
    size : float64 array (swv,)
        Weight of every swv as a place to live in.
    """

    def __init__(
        self,
        swv: int,
        source: Source,
        flows: Mapping[int, Flows],
        schools: Schools,
        places: Places,
        p: Parameters,
        seed: int,
        size: NDArray[np.float64],
    ) -> None:
        self.swv, self.source, self.flows, self.schools = swv, source, flows, schools
        self.places, self.p, self.seed = places, p, seed
        self.national = source.codes[swv] == codes.NATIONAL_SWV
        # nearer and larger neighbours send more; VO0001 has pupils everywhere
        pull = np.ones(len(size)) if self.national else source.neighbours[swv]
        weight = pull * size * (np.arange(len(size)) != swv)
        self.neighbours = np.flatnonzero(weight)
        weight = np.cumsum(weight[self.neighbours])
        self.neighbour_share = weight / weight[-1] if len(weight) else weight

    def chunks(self, years: Sequence[int]) -> Iterator[Persons]:
        """Yield the persons who are in grade 3 or 4 in one of the years, cohort by cohort."""
        cohorts = sorted({year for year in years} | {year - 1 for year in years})
        kept: dict[int, NDArray[np.float64]] = {}
        for cohort in cohorts:
            for older in (cohort, *(cohort - lag for lag in LAGS)):
                if older in self.flows and older not in kept:
                    kept[older] = self._family_words(older)
            # what no later cohort looks back to is dropped: at large scales it is the memory
            kept = {k: w for k, w in kept.items() if k >= cohort - max(LAGS)}
            persons = self._persons(cohort, kept)
            if len(persons.pupil_id):
                yield persons

    def _cell(self, cohort: int, track: int) -> int:
        place = (cohort - _FIRST_COHORT) * _TRACKS + track
        return place * len(self.source.codes) + self.swv

    def _counts(self, cohort: int) -> NDArray[np.int64]:
        """Persons per track of a cohort; zeros where the cohort is unknown."""
        if cohort not in self.flows:
            return np.zeros(_TRACKS, dtype=np.int64)
        return self.flows[cohort].persons[:, self.swv]

    def _words(self, cohort: int, source: int, count: int) -> NDArray[np.float64]:
        return np.concatenate(
            [
                words.uniforms(self.seed, source, self._cell(cohort, track), int(n), count)
                for track, n in enumerate(self._counts(cohort))
            ],
            axis=1,
        )

    def _family_words(self, cohort: int) -> NDArray[np.float64]:
        return self._words(cohort, words.FAMILY, words.FAMILY_WORDS)

    def _persons(self, cohort: int, kept: Mapping[int, NDArray[np.float64]]) -> Persons:
        p, flow = self.p, self.flows[cohort]
        counts = self._counts(cohort)
        track = np.repeat(np.arange(_TRACKS), counts)
        number = np.arange(len(track)) - np.repeat(np.cumsum(counts) - counts, counts)
        cells = np.array([self._cell(cohort, t) for t in range(_TRACKS)], dtype=np.int64)
        pupil_id = cells[track] * PERSONS_PER_CELL + number
        own = self._words(cohort, words.PUPIL, words.PUPIL_WORDS)

        family_words = kept[cohort].copy()
        family, family_track = pupil_id.copy(), track.copy()
        family_cohort = np.full(len(track), cohort, dtype=np.int64)
        sibling = np.zeros(len(track), dtype=bool)
        lag = np.minimum((own[1] * len(LAGS)).astype(np.int64), len(LAGS) - 1)
        wants = own[0] < p["families.sibling_share"]
        for k, years_before in enumerate(LAGS):
            older = cohort - years_before
            there = self._counts(older)
            chosen = np.flatnonzero(wants & (lag == k))
            same = own[2, chosen] < p["families.same_track"]
            other = np.minimum(own[2, chosen] - p["families.same_track"], 0.999) / (
                1.0 - p["families.same_track"]
            )
            spread = np.cumsum(there) / max(int(there.sum()), 1)
            older_track = np.where(
                same, track[chosen], np.searchsorted(spread, other, side="right").clip(0, 3)
            )
            n = there[older_track]
            found = n > 0
            chosen, older_track, n = chosen[found], older_track[found], n[found]
            index = (own[3, chosen] * n).astype(np.int64)
            start = np.cumsum(there) - there
            if len(chosen):
                family_words[:, chosen] = kept[older][:, start[older_track] + index]
            older_cells = np.array([self._cell(older, t) for t in range(_TRACKS)], dtype=np.int64)
            family[chosen] = older_cells[older_track] * PERSONS_PER_CELL + index
            family_track[chosen], family_cohort[chosen] = older_track, older
            sibling[chosen] = True

        home, residence = self._home(family_words[1])
        family_school = self._school(family_words[0], family_track)
        families = make_families(
            family_words,
            home,
            _BASIC[family_track],
            family_cohort,
            family_school,
            self.schools,
            self.places,
            p,
        )
        apart = sibling & (own[4] < p["families.other_school"])
        school = self._school(np.where(apart, own[5], family_words[0]), track)
        track3, track4 = _tracks(flow, self.swv, track, number)
        return Persons(
            pupil_id=pupil_id,
            family=family,
            cohort=np.full(len(track), cohort, dtype=np.int64),
            family_cohort=family_cohort,
            track3=track3,
            track4=track4,
            school=school,
            residence=residence,
            sibling=sibling,
            families=families,
            missing=make_missing(family_words, own, families, p),
        )

    def _home(self, word: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where a family counts and where it lives; VO0001 counts at home, wherever it lives."""
        share = 1.0 if self.national else self.p["border.share"]
        residence = np.full(len(word), self.swv, dtype=np.int64)
        if len(self.neighbours) and share > 0:
            away = word < share
            place = np.searchsorted(self.neighbour_share, word[away] / share, side="right")
            residence[away] = self.neighbours[np.minimum(place, len(self.neighbours) - 1)]
        home = np.full(len(word), self.swv, dtype=np.int64) if self.national else residence
        return home, residence

    def _school(self, word: NDArray[np.float64], track: NDArray[np.int64]) -> NDArray[np.int64]:
        school = np.empty(len(word), dtype=np.int64)
        for t in range(_TRACKS):
            inside = track == t
            school[inside] = np.searchsorted(self.schools.cumulative[t], word[inside])
        return np.minimum(school, len(self.schools) - 1)


def _tracks(
    flow: Flows, swv: int, track: NDArray[np.int64], number: NDArray[np.int64]
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Track in grade 3 and in grade 4 of the persons of one cohort."""
    grade3 = flow.grade3[:, swv]
    joins = number >= grade3[track]
    track3 = np.where(joins, codes.EMPTY, track).astype(np.int8)
    track4 = np.full(len(track), codes.EMPTY, dtype=np.int8)
    for t in range(_TRACKS):
        moves = flow.moves[t, :, swv]
        # those who stay first, then those who move to another track; the rest leaves
        order = [t, *(b for b in range(_TRACKS) if b != t)]
        cell = np.full(int(flow.persons[t, swv]), codes.EMPTY, dtype=np.int8)
        there = np.repeat(np.array(order, dtype=np.int8), moves[order])
        cell[: len(there)] = there
        cell[int(grade3[t]) :] = t
        track4[track == t] = cell
    return track3, track4
