"""How many pupils there are per year, grade, track and swv (model §10).

The real counts of 1 October 2019 stand. Other years follow from the exam candidates: grade 4 of
year t from those of school year t/t+1, grade 3 from those of t+1/t+2, times 1.036; 2020 is scaled
to 190,488. A population without cohorts has the same pupils every year, half of them in grade 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes

__all__ = [
    "COHORT_FACTOR",
    "Flows",
    "YearCounts",
    "apportion",
    "cohort_flows",
    "exam_counts",
    "scaled",
]

COHORT_FACTOR: Final = 1.036
"""Upper-vmbo pupils per exam candidate of their own cohort (*assumed* for 2017-2018)."""

FIXED_TOTALS: Final[Mapping[int, int]] = {2020: 190_488}
"""Published totals that a year of exam counts is scaled to."""

YearCounts = Mapping[tuple[int, int], NDArray[np.int64]]
"""(year, grade) → pupils, int64 array (4, swv)."""


def apportion(shares: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Whole numbers that add up to `total`, by largest remainder; ties go to the earlier cell.

    Parameters
    ----------
    shares : float64 array, any shape
        Non-negative; only proportions matter.
    total : int

    Returns
    -------
    int64 array of the same shape
    """
    exact = shares.ravel() * (total / shares.sum()) if shares.sum() > 0 else shares.ravel() * 0.0
    # a hair is added so that a whole number that came out as 41.99999 is not rounded down
    whole = np.floor(exact + 1e-9).astype(np.int64)
    left = total - int(whole.sum()) if shares.sum() > 0 else 0
    order = np.argsort(whole - exact, kind="stable")
    whole[order[:left]] += 1
    return whole.reshape(shares.shape)


def scaled(counts: NDArray[np.int64], scale: float) -> NDArray[np.int64]:
    """Multiply counts: exactly by a whole number, else to the rounded total by largest remainder.

    Parameters
    ----------
    counts : int64 array, any shape
    scale : float

    Returns
    -------
    int64 array of the same shape
    """
    if float(scale).is_integer():
        return counts * int(scale)
    # half goes up, as everywhere in the program
    return apportion(counts.astype(np.float64), int(np.floor(float(counts.sum()) * scale + 0.5)))


def exam_counts(
    candidates: Mapping[int, NDArray[np.float64]],
    real: YearCounts,
    link: float = 0.0,
    link_year: int = 2019,
) -> dict[tuple[int, int], NDArray[np.int64]]:
    """Pupils per year and grade from real counts and exam candidates.

    Parameters
    ----------
    candidates : mapping of int to float64 array (4, swv)
        Exam candidates of the school year that starts on 1 October of the key.
    real : mapping
        Counts that stand as they are.
    link : float
        0: the same factor everywhere, as the model says. 1: every swv's exam counts are scaled by
        its own real count of `link_year` over its exam count of that year, national totals kept;
        between the two, by a power of that ratio.
    link_year : int
        A year with real counts.

    Returns
    -------
    dict of (year, grade) to int64 array (4, swv)
        Every year for which both grades are known. Cells of a (year, grade) are rounded by
        largest remainder to the rounded total.
    """
    counts = dict(real)
    if link:
        ratio = _ratio(candidates, real, link_year) ** link
        candidates = {
            year: block * ratio * (block.sum() / max(float((block * ratio).sum()), 1e-9))
            for year, block in candidates.items()
        }
    for year, grade4 in candidates.items():
        if year + 1 not in candidates or (year, 4) in counts:
            continue
        blocks = np.stack([candidates[year + 1], grade4])
        if year in FIXED_TOTALS:
            whole = apportion(blocks, FIXED_TOTALS[year])
            counts[year, 3], counts[year, 4] = whole[0], whole[1]
            continue
        for grade, block in zip((3, 4), blocks, strict=True):
            # per grade, so that a cohort has the same whole numbers in both of its years
            counts[year, grade] = apportion(block, round(COHORT_FACTOR * float(block.sum())))
    return counts


def _ratio(
    candidates: Mapping[int, NDArray[np.float64]], real: YearCounts, year: int
) -> NDArray[np.float64]:
    """Real pupils of a year over those that the exam candidates stand for, float64 array (swv,)."""
    exams = COHORT_FACTOR * (candidates[year] + candidates[year + 1]).sum(axis=0)
    pupils = (real[year, 3] + real[year, 4]).sum(axis=0)
    return np.where((exams > 0) & (pupils > 0), pupils / np.maximum(exams, 1e-9), 1.0)


@dataclass(frozen=True, eq=False)
class Flows:
    """How one cohort moves from grade 3 to grade 4, per track and swv.

    Persons of a cohort, track and swv are numbered: first those of grade 3, then those who join
    the cohort in grade 4. Because persons of a cell are exchangeable, "at random" needs no draw.

    Attributes
    ----------
    grade3 : int64 array (4, swv)
        Pupils in grade 3 in the cohort's year; 0 where that year is not simulated.
    joiners : int64 array (4, swv)
        Further persons, in grade 4 only.
    moves : int64 array (4, 4, swv)
        ``moves[a, b]``: pupils of track a in grade 3 who are in track b in grade 4. What is left
        of grade 3 leaves.
    """

    grade3: NDArray[np.int64]
    joiners: NDArray[np.int64]
    moves: NDArray[np.int64]

    @property
    def grade4(self) -> NDArray[np.int64]:
        """Pupils in grade 4, int64 array (4, swv)."""
        there: NDArray[np.int64] = self.moves.sum(axis=0) + self.joiners
        return there

    @property
    def persons(self) -> NDArray[np.int64]:
        """Persons per track and swv, int64 array (4, swv)."""
        return self.grade3 + self.joiners


def cohort_flows(grade3: NDArray[np.int64], grade4: NDArray[np.int64]) -> Flows:
    """Move a cohort from grade 3 to grade 4 with as few changes as the counts allow.

    Pupils stay in their track as far as it has room. Those without room go to a track of the same
    swv that has too few, first within the track group; only then do pupils leave or join.

    Parameters
    ----------
    grade3, grade4 : int64 array (4, swv)
        The cohort's pupils in its first and in its second year.

    Returns
    -------
    Flows
    """
    tracks = len(codes.TRACKS)
    stay = np.minimum(grade3, grade4)
    excess, room = grade3 - stay, grade4 - stay
    moves = np.zeros((tracks, tracks, grade3.shape[1]), dtype=np.int64)
    for track in range(tracks):
        moves[track, track] = stay[track]
    groups = codes.TRACK_GROUP_OF_TRACK
    pairs = [(a, b) for a in range(tracks) for b in range(tracks) if a != b]
    pairs.sort(key=lambda pair: (groups[pair[0]] != groups[pair[1]], abs(pair[0] - pair[1])))
    for a, b in pairs:
        moved = np.minimum(excess[a], room[b])
        moves[a, b] += moved
        excess[a] -= moved
        room[b] -= moved
    return Flows(grade3=grade3, joiners=room, moves=moves)
