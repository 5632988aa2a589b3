"""polars: one lazy query per draw, on all the threads that it may use."""

from functools import reduce
from operator import add

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lwoopro.bench.contest import Job, Rival, drawing, looking_up, settle, studying
from lwoopro.bench.scores import Scores
from lwoopro.bench.world import Unknown, Words, World

__all__ = ["cut", "draw", "group", "levels", "study"]

_SIDES = ("school", "home")


def _gain(parent: Unknown, name: str) -> pl.Expr:
    """Write what the drawn level adds to the score: a step per threshold that is reached."""
    steps = np.diff(parent.value).tolist()
    reached = [
        (pl.col(name) >= pl.col(f"{name}{k}")).cast(pl.Int32) * pl.lit(step, pl.Int32)
        for k, step in enumerate(steps)
    ]
    return reduce(add, reached)


def _thresholds(world: World) -> dict[str, NDArray[np.uint32]]:
    """One column per threshold, gathered before any draw."""
    return {
        f"{name}{k}": row
        for name, parent in (("m", world.mother), ("f", world.father))
        for k, row in enumerate(parent.threshold)
    }


def _uniforms(words: Words) -> list[pl.Series]:
    return [
        pl.Series("m", words.mother >> np.uint32(1)),
        pl.Series("f", words.father >> np.uint32(1)),
    ]


def _draw(world: World) -> Rival:
    """Uniforms come from NumPy: polars has no generator of its own."""
    shares, swv = len(world.need), len(world.swv)
    unknown = pl.DataFrame({"score": world.score[: world.unknown], **_thresholds(world)})
    known = pl.Series("score", world.score[world.unknown :])
    copying = pl.DataFrame(
        {
            "start": world.copying.start.astype(np.uint32),
            "length": world.copying.length.astype(np.uint64),
        }
    )
    candidate = pl.Series(world.copying.candidate.astype(np.uint32))
    units = pl.DataFrame(
        {name: unit.astype(np.uint16) for name, unit in zip(_SIDES, world.unit, strict=True)}
    )
    score = pl.col("score") + _gain(world.mother, "m") + _gain(world.father, "f")

    def one(words: Words) -> NDArray[np.float64]:
        drawn = unknown.with_columns(_uniforms(words)).lazy().select(score).collect()["score"]
        own = pl.concat([drawn, known], rechunk=True)
        pick = copying.select(
            pl.col("start")
            + ((pl.lit(pl.Series(words.donor)).cast(pl.UInt64) * pl.col("length")) // 2**32).cast(
                pl.UInt32
            )
        )["start"]
        everyone = pl.concat([own, own.gather(candidate.gather(pick))], rechunk=True)
        # few scores are different: counting them is faster than a sort
        different = everyone.value_counts().sort("score")
        at = different["count"].cum_sum().search_sorted(world.need)
        cut = different["score"].gather(at)
        limits = cut.to_list()
        band = reduce(add, [(pl.col("score") > limit).cast(pl.UInt16) for limit in limits[:-1]])
        lowest = (
            units.with_columns(everyone)
            .lazy()
            .filter(pl.col("score") <= limits[-1])
            .select("score", *(pl.col(side) * shares + band for side in _SIDES))
        )
        found = pl.collect_all(
            [
                lowest.group_by(side).agg(
                    pl.len().alias("count"), pl.col("score").cast(pl.Int64).sum()
                )
                for side in _SIDES
            ]
        )
        count = np.zeros((2, swv * shares))
        total = np.zeros((2, swv * shares))
        for place, side in enumerate(_SIDES):
            label = found[place][side].to_numpy()
            count[place, label] = found[place]["count"].to_numpy()
            total[place, label] = found[place]["score"].to_numpy()
        everything = (different["score"].cast(pl.Int64) * different["count"]).sum()
        members = (
            part.reshape(2, swv, shares).cumsum(axis=2).transpose(0, 2, 1)
            for part in (count, total)
        )
        return settle(world, int(everything), cut.to_numpy(), *members)

    return one


def draw(world: World) -> Job:
    """Whole draws, one at a time."""
    return drawing(world, _draw(world))


def study(world: World) -> Job:
    """Do a study of such draws."""
    return studying(world, _draw(world))


def levels(world: World) -> Job:
    """Count the thresholds that each uniform reaches."""
    table = pl.DataFrame(_thresholds(world))
    counts = [
        reduce(add, [(pl.col(name) >= pl.col(f"{name}{k}")).cast(pl.UInt8) for k in range(7)])
        for name in ("m", "f")
    ]

    def both(words: Words) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        found = table.with_columns(_uniforms(words)).lazy().select(counts).collect()
        return found["m"].to_numpy(), found["f"].to_numpy()

    return looking_up(world, both)


def cut(scores: Scores) -> Job:
    """Count the pupils of every score, then walk up."""
    need = scores.world.need

    def find(score: NDArray[np.int32]) -> NDArray[np.int32]:
        different = pl.Series("score", score).value_counts().sort("score")
        at = different["count"].cum_sum().search_sorted(need)
        return different["score"].gather(at).to_numpy()

    return scores.cuts(find)


def group(scores: Scores) -> Job:
    """One lazy group_by with two aggregates."""

    def find(label: NDArray[np.int32], score: NDArray[np.int32], many: int) -> NDArray[np.int64]:
        found = (
            pl.LazyFrame({"label": label, "score": score})
            .group_by("label")
            .agg(pl.len(), pl.col("score").cast(pl.Int64).sum())
            .collect()
        )
        full = np.zeros((2, many), np.int64)
        full[:, found["label"].to_numpy()] = found["len"].to_numpy(), found["score"].to_numpy()
        return full

    return scores.groups(find)
