"""Scores of a pass of draws, for the cases that begin where the scores are known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lwoopro.bench.columns import donors, draw_levels
from lwoopro.bench.contest import CHECKED, PASS, Job
from lwoopro.bench.world import World, given_words

__all__ = ["Scores", "draw_scores"]


@dataclass(frozen=True, eq=False)
class Scores:
    """Every pupil's score in some draws, asylum pupils aside, and where he stands.

    Attributes
    ----------
    world : World
    profile : int16 array, shape ``(draws, pupils)``
        Cell of the lattice.
    score : int32 array, same shape
        In millionths.
    cut : int32 array, shape ``(draws, shares)``
    label : int32 array, shape ``(draws, pupils)``
        Swv of the school times the number of bands, plus the band: the number of cuts below the
        score.
    """

    world: World
    profile: NDArray[np.int16]
    score: NDArray[np.int32]
    cut: NDArray[np.int32]
    label: NDArray[np.int32]

    @property
    def labels(self) -> int:
        """Number of labels: swv times bands."""
        return len(self.world.swv) * (len(self.world.need) + 1)

    def cuts(self, find: Callable[[NDArray[np.int32]], Any], draws: int = 8) -> Job:
        """Make the job of a rival that finds the cuts of one draw from its scores."""

        def run() -> None:
            for score in self.score[:draws]:
                find(score)

        def answer() -> NDArray[Any]:
            return np.stack([np.asarray(find(self.score[draw])) for draw in CHECKED])

        return Job(run, draws, answer)

    def cuts_of_profiles(self, find: Callable[[NDArray[np.int16]], Any], draws: int = 8) -> Job:
        """Make the same from the profiles, for a rival that knows that few scores are possible."""

        def run() -> None:
            for profile in self.profile[:draws]:
                find(profile)

        return Job(run, draws, lambda: np.stack([find(self.profile[d]) for d in CHECKED]))

    def groups(self, add_up: Callable[[Any, Any, int], Any], draws: int = 8) -> Job:
        """Make the job of a rival that counts and sums the scores of one draw by label."""

        def run() -> None:
            for label, score in zip(self.label[:draws], self.score[:draws], strict=True):
                add_up(label, score, self.labels)

        def answer() -> NDArray[Any]:
            found = [add_up(self.label[d], self.score[d], self.labels) for d in CHECKED]
            return np.array(found, np.float64)

        return Job(run, draws, answer)


def draw_scores(world: World, draws: int = PASS) -> Scores:
    """Draw the scores with the engine's own random numbers."""
    pupils = world.scored + len(world.copying.person)
    profile = np.empty((draws, pupils), np.int16)
    profile[:, : world.scored] = world.profile
    for draw, row in enumerate(profile):
        words = given_words(world, draw)
        row[: world.unknown] += draw_levels(world.mother, words.mother) << np.int8(3)
        row[: world.unknown] += draw_levels(world.father, words.father)
        row[world.scored :] = row[donors(world.copying, words.donor)]
    score = world.lattice.score.astype(np.int32)[profile]
    cut = np.partition(score, world.need - 1, axis=1)[:, world.need - 1]
    band = np.stack([np.searchsorted(c, s) for c, s in zip(cut, score, strict=True)])
    label = world.unit[0] * (len(world.need) + 1) + band.astype(np.int32)
    return Scores(world, profile, score, cut, label.astype(np.int32))
