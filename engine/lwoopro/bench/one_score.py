"""The score of every pupil whose characteristics are all known (S-1): engine and NumPy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lwoopro.bench.columns import draw_levels
from lwoopro.bench.contest import Job
from lwoopro.bench.world import World, given_words
from lwoopro.codes import TRACK_GROUP_OF_TRACK
from lwoopro.indicator.lattice import FATHER_STEP, MOTHER_STEP, profile_bases

__all__ = ["Codes", "code", "ours", "with_numpy"]


@dataclass(frozen=True, eq=False)
class Codes:
    """The six characteristics of the pupils with a score of their own, as code positions."""

    track_group: NDArray[np.int8]
    origin: NDArray[np.int8]
    stay: NDArray[np.int8]
    debt: NDArray[np.int8]
    mother: NDArray[np.int8]
    father: NDArray[np.int8]


def code(world: World) -> Codes:
    """Fill in the levels of draw 0; the others are as the table has them."""
    words = given_words(world, 0)
    # every digit of the profile is a level, the lowest where it is unknown
    mother = (world.profile // MOTHER_STEP % 8).astype(np.int8)
    father = (world.profile // FATHER_STEP % 8).astype(np.int8)
    mother[: world.unknown] += draw_levels(world.mother, words.mother)
    father[: world.unknown] += draw_levels(world.father, words.father)
    table, rows = world.table, world.rows
    group = np.asarray(TRACK_GROUP_OF_TRACK, np.int8)[table.track[rows]]
    return Codes(group, table.origin[rows], table.stay[rows], table.debt[rows], mother, father)


def ours(world: World) -> Job:
    """Give every pupil the number of his cell of the lattice, then look its score up."""
    codes = code(world)
    mother = np.zeros(len(world.table), np.int8)
    father = np.zeros(len(world.table), np.int8)
    mother[world.rows], father[world.rows] = codes.mother, codes.father

    def score() -> NDArray[np.int64]:
        profile = profile_bases(world.lattice, world.indicator, world.table)
        profile += MOTHER_STEP * mother.astype(np.int64) + FATHER_STEP * father
        return world.lattice.score.take(profile, mode="clip")

    return Job(score, len(world.table), lambda: score()[world.rows])


def with_numpy(world: World) -> Job:
    """Six look-ups and five additions."""
    codes, indicator = code(world), world.indicator
    parts = [
        (np.array(indicator.start, np.int32), codes.track_group),
        (np.array(indicator.origin.value, np.int32), codes.origin),
        (np.array(indicator.stay.value, np.int32), codes.stay),
        (np.array(indicator.debt.value, np.int32), codes.debt),
        (np.array(indicator.education_mother.value, np.int32), codes.mother),
        (np.array(indicator.education_father.value, np.int32), codes.father),
    ]

    def score() -> NDArray[np.int32]:
        total = np.zeros(len(codes.mother), np.int32)
        for value, column in parts:
            total += value.take(column)
        return total

    return Job(score, len(codes.mother), score)
