"""Chances of the education levels as odds: small where thresholds would be large (I-1, `model`).

A threshold belongs to a pattern, a level and a draw. Its odds are a product of two numbers: one of
the pattern and the draw, one of the level and the draw. Where parameters are drawn only these two
are made, and a kernel compares with their product; the thresholds themselves, eight times as many
numbers, serve where one set of parameters is used for all draws, and as the definition.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lwoopro.imputation.probabilities import UNIFORM_BITS

__all__ = ["ALWAYS", "NEVER", "LevelOdds", "thresholds_of_odds"]

ALWAYS = np.nan
"""Ratio of a threshold that every uniform reaches: no product with it is *below* anything."""

NEVER = 0.0
"""Ratio of a threshold that no uniform reaches."""


@dataclass(frozen=True, eq=False)
class LevelOdds:
    """Odds of some draws; columns are draws, in the order they were asked for.

    A 31-bit uniform u reaches threshold k where ``u * odds * ratio[k]`` is not below ``2**31 - u``,
    in 64-bit floating point, from left to right; ``odds * given[m]`` stands for ``odds`` where the
    mother's level m is drawn, too.

    Attributes
    ----------
    first : int64 array, shape ``(4,)``
        Where rows begin: the mother's; hers given the father's level; the father's given the
        mother's known level; and his given the mother's drawn level, eight in the thresholds for
        one here.
    odds : float64 array, shape ``(rows, draws)``
        exp(logit) of each row's pattern.
    ratio : float64 array, shape ``(3, 7, draws)``
        exp(-cut) of each equation and level; see `ALWAYS` and `NEVER`.
    given : float64 array, shape ``(8, draws)``
        What a drawn level of the mother multiplies the father's odds by.
    """

    first: NDArray[np.int64]
    odds: NDArray[np.float64]
    ratio: NDArray[np.float64]
    given: NDArray[np.float64]

    def thresholds(self) -> NDArray[np.uint32]:
        """Thresholds of all rows, shape ``(draws, rows, 7)``; see `thresholds_of_odds`."""
        alone = self.first[3]
        # the order of multiplication is the kernel's
        blocks = self.odds[alone:, None] * self.given
        odds = np.concatenate([self.odds[:alone], blocks.reshape(-1, self.odds.shape[1])])
        out = np.empty((odds.shape[1], len(odds), self.ratio.shape[1]), np.uint32)
        edges = [*self.first[:3].tolist(), len(odds)]
        for equation, ratio in enumerate(self.ratio):
            rows = slice(edges[equation], edges[equation + 1])
            for k, one in enumerate(ratio):
                out[:, rows, k] = thresholds_of_odds(odds[rows], one).T
        return out


def thresholds_of_odds(odds: NDArray[np.float64], ratio: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Lowest uniform that reaches a threshold: ``2**31 / (1 + odds * ratio)``, rounded up.

    Parameters
    ----------
    odds : float64 array
    ratio : float64 array
        Of a shape that fits.

    Returns
    -------
    uint32 array
        At most 2**31: that uniforms do not reach. Exactly the lowest u of `LevelOdds`'s comparison,
        which rising u never leaves again.
    """
    top = float(1 << UNIFORM_BITS)
    lowest = np.ceil(top / (1.0 + odds * np.nan_to_num(ratio)))
    # a quotient that is nearly a whole number may have been rounded across it
    lowest += lowest * odds * ratio < top - lowest
    before = lowest - 1.0
    lowest -= ~(before * odds * ratio < top - before)
    return np.where(np.isnan(ratio), 0.0, lowest).astype(np.uint32)
