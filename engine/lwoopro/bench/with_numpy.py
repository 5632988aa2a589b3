"""NumPy, three ways: as a script is written, as an expert writes it, and by the engine's method."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lwoopro.bench.columns import donors, draw_levels
from lwoopro.bench.contest import Job, Rival, drawing, looking_up, settle, studying
from lwoopro.bench.scores import Scores
from lwoopro.bench.world import Words, World

__all__ = [
    "Grouped",
    "bincounts",
    "cut_by_counts",
    "cut_by_partition",
    "expert",
    "expert_draw",
    "expert_study",
    "group",
    "lattice_draw",
    "lattice_study",
    "levels",
    "plain_draw",
]

Grouped = Callable[[NDArray[Any], NDArray[Any], int], tuple[NDArray[Any], NDArray[Any]]]
"""Counts and sums values by whole-number labels below a limit."""


def plain_draw(world: World) -> Job:
    """As most scripts are written: whole columns, one sort, a mask per share."""
    shares, swv = len(world.need), len(world.swv)
    cumulative = world.prepared.thresholds / 2**31
    parents = [
        (np.flatnonzero(parent.row >= 0), parent.row[parent.row >= 0], parent.value)
        for parent in (world.mother, world.father)
    ]

    def draw(words: Words) -> NDArray[np.float64]:
        score = world.score.astype(np.int64)
        for (who, row, value), word in zip(parents, (words.mother, words.father), strict=True):
            uniform = (word[who] >> np.uint32(1)) / 2**31
            score[who] += value[(uniform[:, None] >= cumulative[row]).sum(axis=1)]
        score = np.concatenate([score, score[donors(world.copying, words.donor)]])
        cut = np.sort(score)[world.need - 1]
        count = np.empty((2, shares, swv))
        total = np.empty((2, shares, swv))
        for s in range(shares):
            member = score <= cut[s]
            for side, unit in enumerate(world.unit):
                count[side, s] = np.bincount(unit[member], minlength=swv)
                total[side, s] = np.bincount(unit[member], score[member], minlength=swv)
        return settle(world, int(score.sum()), cut, count, total)

    return drawing(world, draw)


def bincounts(
    label: NDArray[Any], value: NDArray[Any], many: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Count and sum values by label; a `Grouped`."""
    return np.bincount(label, minlength=many), np.bincount(label, value, minlength=many)


def nested(
    grouped: Grouped,
    unit: NDArray[Any],
    band: NDArray[Any],
    score: NDArray[Any],
    shares: int,
    swv: int,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Count and sum in one pass: members of a share are those of the bands up to it."""
    count, total = grouped(unit * shares + band, score, shares * swv)
    return count.reshape(swv, shares).cumsum(axis=1).T, total.reshape(swv, shares).cumsum(axis=1).T


def expert(world: World, grouped: Grouped) -> Rival:
    """As an expert writes it: what is fixed is gathered once, a partition, one pass for all."""
    shares, swv = len(world.need), len(world.swv)
    score = np.concatenate([world.score, np.zeros(len(world.copying.person), np.int32)])
    drawn, given = score[: world.unknown], score[world.scored :]
    base = drawn.copy()

    def draw(words: Words) -> NDArray[np.float64]:
        np.add(base, world.mother.value.take(draw_levels(world.mother, words.mother)), out=drawn)
        drawn[:] += world.father.value.take(draw_levels(world.father, words.father))
        score.take(donors(world.copying, words.donor), out=given)
        cut = np.partition(score, world.need - 1)[world.need - 1]
        member = np.flatnonzero(score <= cut[-1])
        mine = score[member]
        band = (mine > cut[0]).view(np.int8)
        for c in cut[1:-1]:
            band += mine > c
        sides = [nested(grouped, unit[member], band, mine, shares, swv) for unit in world.unit]
        count, total = (np.stack(part) for part in zip(*sides, strict=True))
        return settle(world, int(score.sum(dtype=np.int64)), cut, count, total)

    return draw


def expert_draw(world: World) -> Job:
    """Whole draws by `expert`, one at a time."""
    return drawing(world, expert(world, bincounts))


def expert_study(world: World) -> Job:
    """Do a study by `expert`."""
    return studying(world, expert(world, bincounts))


def lattice(world: World) -> Rival:
    """By the engine's own method: few different scores, counted; known pupils as running sums."""
    cells, shares, swv = world.lattice, len(world.need), len(world.swv)
    ranks = len(cells.distinct)
    base = world.profile[: world.unknown].astype(np.int16)
    profile = np.concatenate([world.profile.astype(np.int16), np.zeros(len(world.copying.person))])
    profile = profile.astype(np.int16)
    drawn, given = profile[: world.unknown], profile[world.scored :]
    touched = np.r_[: world.unknown, world.scored : len(profile)]
    unit = [side[touched] for side in world.unit]
    rank = cells.rank[world.profile[world.unknown :]].astype(np.int64)
    fixed = np.bincount(rank, minlength=ranks)
    height = cells.score - cells.distinct[0]
    # known pupils per swv up to every rank, and the sum of their scores
    upto = [
        np.bincount(side[world.unknown : world.scored] * ranks + rank, minlength=swv * ranks)
        for side in world.unit
    ]
    known = [np.cumsum(part.reshape(swv, ranks), axis=1) for part in upto]
    known_total = [
        np.cumsum(part.reshape(swv, ranks) * (cells.distinct - cells.distinct[0]), axis=1)
        for part in upto
    ]

    def draw(words: Words) -> NDArray[np.float64]:
        np.add(base, draw_levels(world.mother, words.mother) << np.int8(3), out=drawn)
        drawn[:] += draw_levels(world.father, words.father)
        profile.take(donors(world.copying, words.donor), out=given)
        mine = profile[touched]
        found = np.bincount(mine, minlength=len(cells.rank))
        histogram = np.bincount(cells.rank, found, minlength=ranks).astype(np.int64) + fixed
        at = np.searchsorted(histogram.cumsum(), world.need)
        cut = cells.distinct[at]
        band_of = np.searchsorted(at, cells.rank).astype(np.int8)
        band = band_of.take(mine)
        member = np.flatnonzero(band < shares)
        band, high = band[member], height.take(mine[member])
        count = np.empty((2, shares, swv))
        total = np.empty((2, shares, swv))
        for side in range(2):
            some, sums = nested(bincounts, unit[side][member], band, high, shares, swv)
            count[side] = some + known[side][:, at].T
            total[side] = sums + known_total[side][:, at].T
        total += count * cells.distinct[0]
        return settle(world, int(histogram @ cells.distinct), cut, count, total)

    return draw


def lattice_draw(world: World) -> Job:
    """Whole draws by `lattice`, one at a time."""
    return drawing(world, lattice(world))


def lattice_study(world: World) -> Job:
    """Do a study by `lattice`."""
    return studying(world, lattice(world))


def levels(world: World) -> Job:
    """Both parents' levels of everyone who has one unknown (I-1)."""

    def both(words: Words) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        return draw_levels(world.mother, words.mother), draw_levels(world.father, words.father)

    return looking_up(world, both)


def cut_by_partition(scores: Scores) -> Job:
    """Partition at the places that the shares ask for."""
    places = scores.world.need - 1
    return scores.cuts(lambda score: np.partition(score, places)[places])


def cut_by_counts(scores: Scores) -> Job:
    """Count the pupils of every profile, then walk up."""
    cells, need = scores.world.lattice, scores.world.need
    ranks, many = len(cells.distinct), len(cells.rank)

    def find(profile: NDArray[np.int16]) -> NDArray[np.int64]:
        found = np.bincount(cells.rank, np.bincount(profile, minlength=many), minlength=ranks)
        return cells.distinct[np.searchsorted(found.cumsum(), need)]

    return scores.cuts_of_profiles(find)


def group(scores: Scores) -> Job:
    """Two bincounts."""
    return scores.groups(bincounts)
