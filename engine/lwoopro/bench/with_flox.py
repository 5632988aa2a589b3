"""flox: what xarray's groupby runs on; the rest in NumPy."""

import warnings
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

with warnings.catch_warnings():
    # flox looks for optional companions as it is imported
    warnings.simplefilter("ignore")
    from flox import groupby_reduce

from lwoopro.bench.contest import Job, drawing
from lwoopro.bench.scores import Scores
from lwoopro.bench.with_numpy import expert
from lwoopro.bench.world import World

__all__ = ["cut", "draw", "group"]

_ENGINE: Final = "numpy"
"""Of flox's engines the fastest here: "flox" sorts, "numbagg" starts threads for one row."""


def _grouped(
    label: NDArray[Any], value: NDArray[Any], many: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Count and sum values by label."""
    expected = pd.RangeIndex(many)
    count, total = (
        groupby_reduce(
            value, label, func=name, expected_groups=expected, engine=_ENGINE, fill_value=0
        )[0]
        for name in ("count", "sum")
    )
    return count, total


def group(scores: Scores) -> Job:
    """Take a count and a sum by label."""
    return scores.groups(_grouped)


def cut(scores: Scores) -> Job:
    """Count the pupils of every score, then walk up: faster than flox's quantile."""
    need = scores.world.need

    def find(score: NDArray[Any]) -> NDArray[Any]:
        found: Any = groupby_reduce(score, score, func="count", engine=_ENGINE)
        pupils, different = (np.asarray(part) for part in found)
        return different.take(np.searchsorted(pupils.cumsum(), need))

    return scores.cuts(find)


def draw(world: World) -> Job:
    """Do the expert's NumPy draw with flox's sums."""
    return drawing(world, expert(world, _grouped))
