"""pandas: Series arithmetic on NumPy columns, one groupby per attribution."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lwoopro.bench.contest import Job, Rival, drawing, settle, studying
from lwoopro.bench.scores import Scores
from lwoopro.bench.with_numpy import donors, draw_levels
from lwoopro.bench.world import Words, World

__all__ = ["cut", "draw", "group", "study"]


def _draw(world: World) -> Rival:
    """Keep a table of all pupils whose score column is filled in every draw."""
    shares, swv = len(world.need), len(world.swv)
    fixed = np.concatenate([world.score, np.zeros(len(world.copying.person), np.int32)])
    table = pd.DataFrame(
        {
            "school": world.unit[0],
            "home": world.unit[1],
            "score": fixed,
        }
    )
    places = (world.need - 1) / (len(table) - 1)
    start = world.score[: world.unknown]

    def one(words: Words) -> NDArray[np.float64]:
        score = fixed.copy()
        score[: world.unknown] = (
            start
            + world.mother.value.take(draw_levels(world.mother, words.mother))
            + world.father.value.take(draw_levels(world.father, words.father))
        )
        score[world.scored :] = score[donors(world.copying, words.donor)]
        table["score"] = score
        # the place of the m-th lowest is whole, but for rounding
        cut = table["score"].quantile(places, interpolation="nearest").to_numpy()
        lowest = table[table["score"] <= cut[-1]]
        band = np.searchsorted(cut, lowest["score"].to_numpy())
        sides = []
        for name in ("school", "home"):
            label = lowest[name].to_numpy() * shares + band
            found = lowest["score"].groupby(label, sort=False).agg(["size", "sum"])
            full = found.reindex(range(swv * shares), fill_value=0).to_numpy()
            sides.append(full.reshape(swv, shares, 2).cumsum(axis=1).T)
        count = np.stack([side[0] for side in sides])
        total = np.stack([side[1] for side in sides])
        return settle(world, int(table["score"].sum()), cut, count, total)

    return one


def draw(world: World) -> Job:
    """Whole draws, one at a time."""
    return drawing(world, _draw(world))


def study(world: World) -> Job:
    """Do a study of such draws."""
    return studying(world, _draw(world))


def cut(scores: Scores) -> Job:
    """Quantiles at whole places."""
    places = (scores.world.need - 1) / (scores.score.shape[1] - 1)

    def find(score: NDArray[np.int32]) -> NDArray[np.float64]:
        found = pd.Series(score).quantile(places, interpolation="nearest")
        return np.asarray(found, np.float64)

    return scores.cuts(find)


def group(scores: Scores) -> Job:
    """One groupby with two aggregates."""

    def find(label: NDArray[np.int32], score: NDArray[np.int32], many: int) -> NDArray[np.int64]:
        found = pd.Series(score).groupby(label, sort=False).agg(["size", "sum"])
        full: NDArray[np.int64] = found.reindex(range(many), fill_value=0).to_numpy().T
        return full

    return scores.groups(find)
