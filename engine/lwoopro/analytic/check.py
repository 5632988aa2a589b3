"""The test of the draws against the analytic twin, as far as their number can tell (Q-5).

Under agreement the mean over D draws has the error sd/√D, and the variance that of its known
kurtosis. The cube root of the variance ratio is nearly normal (Wilson and Hilferty). The largest
of many |z| is held against one bound for all of them together (Bonferroni).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["ALARM", "Agreement", "compare"]

ALARM: Final = 0.001
"""Probability that some figure of a run that agrees is called out."""

FEWEST: Final = 10
"""Degrees of freedom of the variance, below which a figure is not tested: too few draws for how
seldom it moves."""

FLATTEST: Final = 2.0
"""Smallest kurtosis that the test relies on; a uniform distribution has 1.8."""

_SLACK: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Agreement:
    """How the draws compare with the twin.

    Attributes
    ----------
    z_mean, z_sd : float64 array
        Standardised differences; NaN where nothing is tested.
    bound : float
        No |z| of a run that agrees lies above it, but for one run in 1/`ALARM`.
    """

    z_mean: NDArray[np.float64]
    z_sd: NDArray[np.float64]
    bound: float

    @property
    def largest(self) -> tuple[float, float]:
        """Largest |z| of the means and of the standard deviations; 0 where nothing is tested."""
        found = (np.abs(z[~np.isnan(z)]) for z in (self.z_mean, self.z_sd))
        mean, sd = (float(z.max(initial=0.0)) for z in found)
        return mean, sd

    @property
    def tested(self) -> int:
        """Number of z values."""
        return int((~np.isnan(self.z_mean)).sum() + (~np.isnan(self.z_sd)).sum())

    @property
    def agrees(self) -> bool:
        """Whether every |z| lies within the bound."""
        return max(self.largest) <= self.bound


def compare(
    draws: int,
    sampled_mean: NDArray[np.float64],
    sampled_variance: NDArray[np.float64],
    mean: NDArray[np.float64],
    sd: NDArray[np.float64],
    kurtosis: NDArray[np.float64],
) -> Agreement:
    """Test the draws against the twin.

    Parameters
    ----------
    draws : int
        Number of draws, D.
    sampled_mean, sampled_variance : float64 array
        Over the draws; the variance with divisor D − 1.
    mean, sd, kurtosis : float64 array, same shape
        Of the twin; a figure without kurtosis (NaN) is not tested.

    Returns
    -------
    Agreement
    """
    z_mean, z_sd = np.full(mean.shape, np.nan), np.full(mean.shape, np.nan)
    size = _SLACK * (np.abs(mean) + 1)
    still = (sd <= size) & ~np.isnan(kurtosis)
    # what the twin says stands still may not move
    moved = still & ((np.abs(sampled_mean - mean) > size) | (sampled_variance > size**2))
    z_mean[still] = np.where(moved, np.inf, 0.0)[still]
    if draws > 1:
        # of a handful of values the kurtosis is rough; below this bound it would promise too much
        spread = (np.maximum(kurtosis, FLATTEST) - (draws - 3) / (draws - 1)) / draws
        freedom = 2 / spread
        fit = ~still & ~np.isnan(kurtosis) & (freedom >= FEWEST)
        z_mean[fit] = (sampled_mean - mean)[fit] / (sd[fit] / np.sqrt(draws))
        ratio = sampled_variance[fit] / sd[fit] ** 2
        cube = 2 / (9 * freedom[fit])
        z_sd[fit] = (np.cbrt(ratio) - (1 - cube)) / np.sqrt(cube)
    tests = max(1, int((~np.isnan(z_mean)).sum() + (~np.isnan(z_sd)).sum()))
    return Agreement(z_mean, z_sd, float(-ndtri(ALARM / (2 * tests))))
