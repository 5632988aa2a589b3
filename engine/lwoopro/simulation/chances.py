"""Levels of some imputed pupils, by thresholds or by odds (I-1)."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lwoopro.imputation.odds import LevelOdds
from lwoopro.indicator.lattice import MOTHER_STEP
from lwoopro.kernels.draws import draw_levels
from lwoopro.kernels.odds import draw_levels_by_odds
from lwoopro.simulation.plan import Imputed

__all__ = ["LevelChances", "draw_some"]

LevelChances: TypeAlias = NDArray[np.uint32] | LevelOdds
"""Thresholds of shape ``(rows, 7, 1)`` for all draws, or odds of each draw."""


def draw_some(
    levels: NDArray[np.uint8],
    first: int,
    last: int,
    imputed: Imputed,
    chances: LevelChances,
    key: NDArray[np.uint64],
    group: int,
    vary: bool,
) -> None:
    """Draw the levels of the imputed pupils from `first` to just before `last`.

    Parameters
    ----------
    levels : uint8 array, shape ``(pupils, draws)``
        Output, see `kernels.draws.draw_levels`.
    first, last : int
    imputed : Imputed
    chances : LevelChances
        Of the same draws.
    key, group, vary
        See `kernels.philox.fill_words`.
    """
    if isinstance(chances, LevelOdds):
        numbers = (chances.first, chances.odds, chances.ratio, chances.given)
        draw_levels_by_odds(
            levels, first, last, *imputed.asked, *numbers, MOTHER_STEP, key, group, vary
        )
    else:
        draw_levels(levels, first, last, *imputed.asked, chances, MOTHER_STEP, key, group, vary)
