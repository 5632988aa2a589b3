"""The data of all cases, each built when a case first asks for it."""

from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from lwoopro.bench.pro import ProWorld, build_pro
from lwoopro.bench.scores import Scores, draw_scores
from lwoopro.bench.world import World, build_world

__all__ = ["Data"]


class Data:
    """What the cases compute on; a context, since it holds a temporary folder.

    Parameters
    ----------
    scale : float
        Of the population; 1 is the country.
    draws : int
        Of the study that is timed as a whole.
    """

    def __init__(self, scale: float = 1.0, draws: int = 1000) -> None:
        self.scale = scale
        self.draws = draws
        self._folder = TemporaryDirectory()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    @cached_property
    def pupils(self) -> World:
        """One year of the national population."""
        return build_world(Path(self._folder.name), self.scale, self.draws)

    @cached_property
    def scores(self) -> Scores:
        """The same with the scores of a pass of draws."""
        return draw_scores(self.pupils)

    @cached_property
    def pro(self) -> ProWorld:
        """Six growth scenarios to 2034."""
        return build_pro()
