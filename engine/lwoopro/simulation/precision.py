"""Monte-Carlo standard errors of draws that come one after the other (Q-3).

The formulas are those of `lwoopro.analysis.montecarlo`, which has all draws at once.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Running"]


class Running:
    """Sums over draws, cell by cell; NaN are left out, in each cell for itself.

    Parameters
    ----------
    shape : tuple of int
        Of one draw's values.

    Attributes
    ----------
    draws : int
        How many have been added.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.draws = 0
        self._many = np.zeros(shape)
        self._first = np.zeros(shape)
        self._sum = np.zeros(shape)
        self._squares = np.zeros(shape)
        self._total = np.zeros(shape)

    def add(self, values: NDArray[np.float64]) -> None:
        """Add one draw."""
        known = ~np.isnan(values)
        # from the first value on: what no draw changes has an error of exactly 0
        self._first = np.where(known & (self._many == 0), values, self._first)
        beyond = np.where(known, values - self._first, 0.0)
        self._sum += beyond
        self._squares += beyond**2
        self._total += np.where(known, values, 0.0)
        self._many += known
        self.draws += 1

    def mean_error(self) -> NDArray[np.float64]:
        """Error of the mean; NaN where there are fewer than two draws."""
        many = np.where(self._many > 1, self._many, np.nan)
        spread = np.maximum(self._squares - self._sum**2 / many, 0.0)
        return np.asarray(np.sqrt(spread / (many * (many - 1))))

    def probability_error(self) -> NDArray[np.float64]:
        """Error of a probability, where values are 0 or 1; see `montecarlo.probability`."""
        shrunk = (self._total + 1) / (self._many + 2)
        return np.asarray(np.sqrt(shrunk * (1 - shrunk) / (self._many + 2)))
