"""numbagg: compiled group sums and quantiles; the rest in NumPy."""

from typing import Any

import numbagg
import numpy as np
from numpy.typing import NDArray

from lwoopro.bench.contest import Job, drawing
from lwoopro.bench.scores import Scores
from lwoopro.bench.with_numpy import expert
from lwoopro.bench.world import World

__all__ = ["cut", "draw", "group"]


def _grouped(
    label: NDArray[Any], value: NDArray[Any], many: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Count and sum values by label."""
    exact, label = value.astype(np.float64), label.astype(np.int32, copy=False)
    count = numbagg.group_nancount(exact, label, axis=-1, num_labels=many)
    return count, numbagg.group_nansum(exact, label, axis=-1, num_labels=many)


def group(scores: Scores) -> Job:
    """Take a count and a sum by label."""
    return scores.groups(_grouped)


def cut(scores: Scores) -> Job:
    """Count the pupils of every score, then walk up.

    Its quantile takes 20 seconds to compile and is no faster.
    """
    lattice, need = scores.world.lattice, scores.world.need
    lowest = int(lattice.distinct[0])
    step = int(np.gcd.reduce(lattice.distinct - lowest))
    many = int((lattice.distinct[-1] - lowest) // step) + 1

    def find(score: NDArray[np.int32]) -> NDArray[np.int64]:
        label = (score - np.int32(lowest)) // np.int32(step)
        pupils = numbagg.group_nancount(score, label, axis=-1, num_labels=many)
        found: NDArray[np.int64] = np.searchsorted(pupils.cumsum(), need) * step + lowest
        return found

    return scores.cuts(find)


def draw(world: World) -> Job:
    """Do the expert's NumPy draw with numbagg's sums."""
    return drawing(world, expert(world, _grouped))
