"""What a benchmark consists of: a case, its contestants, and the job that each of them does."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.bench.world import Words, World, given_words
from lwoopro.indicator.lattice import FATHER_STEP, MOTHER_STEP

__all__ = [
    "CHECKED",
    "ENGINE",
    "PASS",
    "Case",
    "Contestant",
    "Job",
    "Rival",
    "budgets",
    "drawing",
    "looking_up",
    "profiles",
    "random_words",
    "settle",
    "studying",
]

ENGINE: Final = "lwoopro"
"""Name of the contestant that the others are measured against."""

PASS: Final = 64
"""Draws that the engine does in one go."""

CHECKED: Final = (0, 5, 63)
"""Draws whose results are compared before anything is timed."""

Rival = Callable[[Words], NDArray[np.float64]]
"""A whole draw: from random words to what `settle` gives."""


@dataclass(frozen=True, eq=False)
class Job:
    """One contestant's work, ready to go.

    Attributes
    ----------
    run : callable
        What is timed; compiled and connected before.
    units : float
        Draws, pupils or studies per run.
    answer : callable
        Gives the numbers that all contestants of a case must agree on.
    """

    run: Callable[[], object]
    units: float
    answer: Callable[[], NDArray[Any]]


@dataclass(frozen=True)
class Contestant:
    """A way to do the work of a case.

    Attributes
    ----------
    name : str
        As the table shows it.
    maker : str
        ``module:function`` below `lwoopro.bench`, from the case's data to a `Job`.
    library : str
        Module that must be installed; empty for the engine.
    cores : int
        Cores it may use.
    note : str
        How it works, in a few words.
    in_mean : bool
        Its random numbers cannot be given: its answers agree in their mean only.
    """

    name: str
    maker: str
    library: str
    cores: int
    note: str = ""
    in_mean: bool = False

    @property
    def installed(self) -> bool:
        """Whether its library can be imported."""
        return not self.library or find_spec(self.library) is not None

    def job(self, data: Any) -> Job:
        """Prepare the work on the case's data."""
        module, _, function = self.maker.partition(":")
        job: Job = getattr(import_module(f"lwoopro.bench.{module}"), function)(data)
        return job


@dataclass(frozen=True)
class Case:
    """The same question to all contestants.

    Attributes
    ----------
    name : str
    question : str
        What is computed, in words.
    unit : str
        What a time is per: "draw", "pupil" or "study".
    data : str
        Attribute of `data.Data` that the makers get.
    contestants : tuple of Contestant
        The engine first on every number of cores that is used.
    rtol, atol : float
        How near the answers must be.
    """

    name: str
    question: str
    unit: str
    data: str
    contestants: tuple[Contestant, ...]
    rtol: float = 1e-9
    atol: float = 1e-6


def random_words(world: World, generator: np.random.Generator) -> Words:
    """Draw words with NumPy's generator, for libraries that have none of their own."""

    def some(many: int) -> NDArray[np.uint32]:
        return generator.integers(0, 2**32, many, dtype=np.uint32)

    return Words(some(world.unknown), some(world.unknown), some(len(world.copying.person)))


def drawing(world: World, rival: Rival, units: int = 1) -> Job:
    """Make the job of a rival that does one draw at a time.

    It pays for its own random numbers, from NumPy's generator; when answers are compared, it gets
    the engine's.
    """
    generator = np.random.default_rng(1)

    def run() -> None:
        for _ in range(units):
            rival(random_words(world, generator))

    def answer() -> NDArray[np.float64]:
        return np.stack([rival(given_words(world, draw)) for draw in CHECKED])

    return Job(run, units, answer)


def settle(
    world: World,
    total: int,
    cut: NDArray[Any],
    count: NDArray[Any],
    score: NDArray[Any],
) -> NDArray[np.float64]:
    """Finish a draw: asylum pupils, national means and disadvantage scores (I-4, D-1).

    A few dozen numbers per share; every rival ends with it.

    Parameters
    ----------
    world : World
    total : int
        Sum of all scores, asylum pupils aside, in millionths.
    cut : array, shape ``(shares,)``
        In millionths.
    count, score : array, shape ``(attribution, shares, swv)``
        Members who are not asylum pupils, and the sum of their scores in millionths.

    Returns
    -------
    float64 array
        Disadvantage scores, then the cuts, then the national means, in score points.
    """
    count = np.asarray(count, np.float64)
    score = np.asarray(score, np.float64)
    asylum = world.asylum.astype(np.float64)
    group = score[0].sum(axis=1) / count[0].sum(axis=1)
    mean = (total + asylum[0].sum() * group) / world.everyone
    gap = mean - group
    result = mean[:, None] * count - score + gap[:, None] * asylum[:, None]
    return np.concatenate([result.ravel(), np.asarray(cut, np.float64), mean]) / 1e6


def looking_up(
    world: World,
    both: Callable[[Words], tuple[NDArray[Any], NDArray[Any]]],
    units: int = 4,
) -> Job:
    """Make the job of a rival that draws the unknown levels of mothers and fathers.

    Answers are compared as the number of pupils per profile: nobody's order matters.
    """
    generator = np.random.default_rng(1)

    def run() -> None:
        for _ in range(units):
            both(random_words(world, generator))

    def answer() -> NDArray[np.int64]:
        return np.stack([profiles(world, *both(given_words(world, draw))) for draw in CHECKED])

    return Job(run, units, answer)


def profiles(world: World, mother: NDArray[Any], father: NDArray[Any]) -> NDArray[np.int64]:
    """Count the imputed pupils of every profile, from the levels of both parents.

    Known parents have level 0 here: theirs stand in the profile already.
    """
    found = world.profile[: world.unknown] + MOTHER_STEP * mother.astype(np.int32)
    found += FATHER_STEP * father.astype(np.int32)
    counts: NDArray[np.int64] = np.bincount(found, minlength=len(world.lattice.score))
    return counts


def budgets(world: World, disadvantage: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide the money by the indicator, 20 % by school (B-4), in euro and without rounding.

    Parameters
    ----------
    world : World
    disadvantage : float64 array, shape ``(draw, attribution x share x swv)``
        As `settle` begins.

    Returns
    -------
    float64 array, shape ``(draw, swv)``
    """
    shape = (len(disadvantage), len(world.unit), len(world.need), len(world.swv))
    size = int(np.prod(shape[1:]))
    score = disadvantage[:, :size].reshape(shape)[:, 0, 3]
    pupils = world.pupils[0]
    equal = 0.23 * world.lwoo * pupils / pupils.sum()
    by_score = 0.77 * world.lwoo * score / score.sum(axis=1, keepdims=True)
    euro: NDArray[np.float64] = world.held + equal + by_score
    return euro


def studying(world: World, rival: Rival, draws: int = 20) -> Job:
    """Make the job of a rival that does a study: draws, budgets, results on disk.

    It begins where everything is prepared and in memory, and writes the numbers of `settle` and
    the budgets of one policy. A study takes as many times as long as it has more draws.
    """
    generator = np.random.default_rng(1)

    def run() -> None:
        found = np.stack([rival(random_words(world, generator)) for _ in range(draws)])
        np.savez(world.folder / "study.npz", draws=found, budgets=budgets(world, found))

    def answer() -> NDArray[np.float64]:
        return budgets(world, np.stack([rival(given_words(world, draw)) for draw in CHECKED]))

    return Job(run, draws / world.draws, answer)
