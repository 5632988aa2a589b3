"""One draw of everything, in plain NumPy: quick enough to sit inside an optimiser.

It follows I-1 to I-5, T-2 (`include`) and D-1 for the complete register, with donors simplified:
same school, track and origin; else school and track; else school; else anyone. The residual table
does not come from here but from the engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes
from lwoopro.pupils.synthetic import SyntheticPopulation

__all__ = ["COEFFICIENTS", "Drawn", "draw_levels", "one_draw"]

COEFFICIENTS: Final[Mapping[str, NDArray[np.int64]]] = {
    "start": np.array([529_00, 530_50]),
    "education": 82 * np.arange(8),
    "origin": np.array([0, -120, -100, -140, 0]),
    "stay": np.array([54, 153, 0]),
    "debt": np.array([0, -207]),
}
"""The indicator ``assumed-2022`` in hundredths of a score point (S-5)."""

_GROUP: Final = np.array(codes.TRACK_GROUP_OF_TRACK)


@dataclass(frozen=True, eq=False)
class Drawn:
    """One draw of one year at one share.

    Attributes
    ----------
    rows : int64 array (pupils,)
        Rows of the population.
    own : bool array (pupils,)
        Complete and not asylum: the score is the pupil's own.
    mother, father : int8 array (pupils,)
        Level as known or drawn; ``codes.EMPTY`` where neither.
    member : bool array (pupils,)
        In the target group.
    contribution : float64 array (pupils,)
        A − score of members, 0 of others (D-1).
    score : float64 array (pupils,)
        Score points.
    """

    rows: NDArray[np.int64]
    own: NDArray[np.bool_]
    mother: NDArray[np.int8]
    father: NDArray[np.int8]
    member: NDArray[np.bool_]
    contribution: NDArray[np.float64]
    score: NDArray[np.float64]

    def by_swv(self, swv: NDArray[Any], count: int) -> NDArray[np.float64]:
        """Return S_j: float64 array (swv,), by the given attribution column."""
        sums = np.bincount(swv[self.rows], weights=self.contribution, minlength=count)
        return np.asarray(sums, dtype=np.float64)


def draw_levels(population: SyntheticPopulation, seed: int) -> dict[str, NDArray[np.int8]]:
    """Levels of both parents as known or drawn, keyed by the parent (I-5)."""
    cumulative = np.cumsum(population.probability, axis=1)[:, :-1]
    pupils = population.pupils
    levels: dict[str, NDArray[np.int8]] = {}
    for role in ("mother", "father"):
        level = getattr(pupils, f"education_{role}").copy()
        classes = getattr(pupils, f"education_class_{role}")
        draw = np.flatnonzero((level == codes.EMPTY) & (classes != codes.NO_CLASS))
        person = getattr(pupils, f"{role}_id")[draw]
        place = np.searchsorted(population.classes, classes[draw])
        word = _hash(person, seed)
        level[draw] = (word[:, None] >= cumulative[place]).sum(axis=1)
        levels[role] = level
    return levels


def one_draw(
    population: SyntheticPopulation,
    levels: Mapping[str, NDArray[np.int8]],
    year: int,
    share: float,
    seed: int,
) -> Drawn:
    """Score a year's pupils and take the target group.

    Parameters
    ----------
    population : SyntheticPopulation
    levels : mapping
        Of `draw_levels`.
    year : int
    share : float
    seed : int
        Of the donors.
    """
    pupils = population.pupils
    rows = np.flatnonzero(pupils.year == year)
    mother, father = levels["mother"][rows], levels["father"][rows]
    origin, asylum = pupils.origin[rows], pupils.asylum[rows]
    registration = pupils.registration[rows]
    own = (registration == 0) & ~asylum
    c = COEFFICIENTS
    score = c["start"][_GROUP[pupils.track[rows]]].copy()
    score[own] += (
        c["education"][mother[own]]
        + c["education"][father[own]]
        + c["origin"][origin[own]]
        + c["stay"][pupils.stay[rows][own]]
        + c["debt"][pupils.debt[rows][own]]
    )
    _donate(score, own, registration, asylum, pupils, rows, seed)
    others = ~asylum
    m = int(np.floor(share * len(rows) + 1e-9)) - int(asylum.sum())
    if abs(share * len(rows) - round(share * len(rows))) > 1e-9:
        m += 1
    cut = np.partition(score[others], m - 1)[m - 1]
    member = others & (score <= cut)
    score_points = score / 100.0
    score_points[asylum] = score_points[member].mean()
    member |= asylum
    mean = score_points.mean()
    return Drawn(
        rows=rows,
        own=own,
        mother=mother,
        father=father,
        member=member,
        contribution=np.where(member, mean - score_points, 0.0),
        score=score_points,
    )


def _donate(
    score: NDArray[np.int64],
    own: NDArray[np.bool_],
    registration: NDArray[np.int8],
    asylum: NDArray[np.bool_],
    pupils: Any,
    rows: NDArray[np.int64],
    seed: int,
) -> None:
    """Copy donors' scores onto those who have none of their own (I-2, I-3)."""
    school = pupils.school[rows].astype(np.int64)
    track = pupils.track[rows].astype(np.int64)
    origin = np.maximum(pupils.origin[rows], 0).astype(np.int64)
    need = ~own & ~asylum
    unregistered = registration == codes.REGISTRATIONS.index("unregistered")
    donors = np.flatnonzero(own)
    word = _hash(pupils.pupil_id[rows], seed + 1)
    left = need.copy()
    keys = [(school * 4 + track) * 5 + origin, school * 4 + track, school, np.zeros_like(school)]
    for k, key in enumerate(keys):
        ask = np.flatnonzero(left & (~unregistered if k < 2 else True))
        order = donors[np.argsort(key[donors], kind="stable")]
        first = np.searchsorted(key[order], key[ask], side="left")
        last = np.searchsorted(key[order], key[ask], side="right")
        found = last > first
        ask, first, last = ask[found], first[found], last[found]
        score[ask] = score[order[first + (word[ask] * (last - first)).astype(np.int64)]]
        left[ask] = False


def _hash(person: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Give every person a uniform number that depends on person and seed alone (splitmix64)."""
    x = person.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53
