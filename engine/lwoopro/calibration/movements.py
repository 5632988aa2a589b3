"""Year-on-year changes of light support in many populations, and the table's rows they lead to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from lwoopro.calibration.engine import YEARS
from lwoopro.calibration.fit import SHARE, swv_sums
from lwoopro.calibration.money import Money
from lwoopro.calibration.onedraw import draw_levels, one_draw
from lwoopro.calibration.targets import STABILITY, STABILITY_BOUNDS
from lwoopro.pupils.synthetic import generate_from
from lwoopro.pupils.synthetic.source import Source

__all__ = [
    "PUBLISHED",
    "Movements",
    "budgets",
    "expected_rows",
    "movements",
    "rows_gradient",
]

PUBLISHED: Final = np.array([STABILITY[year] for year in YEARS[1:]], dtype=np.float64)
"""The stability table, (change, row), in the order of the years."""

_EDGES: Final = np.array(STABILITY_BOUNDS)
_DRAWS: Final = 4


@dataclass(frozen=True, eq=False)
class Movements:
    """Changes of light support, 20 % by school.

    Attributes
    ----------
    change : float64 array (population, draw, change, swv)
        In %, from one year to the next.
    weight : float64 array (swv,)
        Share in the money of all.
    """

    change: NDArray[np.float64]
    weight: NDArray[np.float64]

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """Mean over the draws, float64 array (population, change, swv)."""
        return np.asarray(self.change.mean(axis=1))

    @cached_property
    def noise(self) -> NDArray[np.float64]:
        """Standard deviation of a draw around its population's mean, float64 (change, swv)."""
        return np.asarray(np.sqrt(self.change.var(axis=1, ddof=1).mean(axis=0)))

    @cached_property
    def chance(self) -> NDArray[np.float64]:
        """Standard deviation of populations and draws together, float64 array (change, swv)."""
        draws = self.change.shape[1]
        return np.asarray(
            np.sqrt(self.mean.var(axis=0, ddof=1) + self.noise**2 * (1.0 - 1.0 / draws))
        )

    @property
    def rest(self) -> NDArray[np.float64]:
        """Noise of a draw around `mean`, less what `mean` itself has of it, float64."""
        return np.asarray(self.noise * np.sqrt(1.0 - 1.0 / self.change.shape[1]))


def budgets(source: Source, money: Money, seed: int, draws: int) -> NDArray[np.float64]:
    """Light support of a population in every year, float64 array (draw, year, swv)."""
    population = generate_from(source, YEARS, seed)
    found = []
    for draw in range(draws):
        # far apart, so that no draw of one population is one of the next
        key = seed + 1000 * draw
        levels = draw_levels(population, key)
        sums = [swv_sums(population, one_draw(population, levels, y, SHARE, key)) for y in YEARS]
        found.append([money.indicator(disadvantage, pupils) for disadvantage, pupils in sums])
    return np.array(found)


def movements(source: Source, money: Money, seeds: Sequence[int], draws: int = _DRAWS) -> Movements:
    """Make a population per seed and measure its changes in some draws."""
    budget = np.stack([budgets(source, money, seed, draws) for seed in seeds])
    change = 100.0 * np.diff(budget, axis=2) / budget[:, :, :-1]
    total = budget.sum(axis=(0, 1, 2))
    return Movements(change, total / total.sum())


def expected_rows(mean: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many swv each row holds on average over the draws, draws being normal.

    Parameters
    ----------
    mean : float64 array (population, change, swv)
    noise : float64 array (change, swv)

    Returns
    -------
    float64 array (population, change, row)
    """
    below = ndtr((_EDGES - mean[..., None]) / noise[..., None])
    edge = np.zeros((*mean.shape, 1))
    inside = np.diff(np.concatenate([edge, below, edge + 1.0], axis=-1), axis=-1)
    return np.asarray(inside.sum(axis=-2))


def rows_gradient(
    mean: NDArray[np.float64], noise: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Gradient of Σ `weight` · `expected_rows` by the changes, summed over the populations.

    Parameters
    ----------
    mean, noise
        As `expected_rows` takes them.
    weight : float64 array (population, change, row)

    Returns
    -------
    float64 array (change, swv)
    """
    z = (_EDGES - mean[..., None]) / noise[..., None]
    density = np.exp(-0.5 * z * z) / (np.sqrt(2.0 * np.pi) * noise[..., None])
    edge = np.zeros((*mean.shape, 1))
    steps = -np.diff(np.concatenate([edge, density, edge], axis=-1), axis=-1)
    return np.asarray((steps * weight[:, :, None, :]).sum(axis=(0, -1)))
