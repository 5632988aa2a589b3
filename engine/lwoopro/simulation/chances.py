"""Levels of some imputed pupils, by thresholds or by odds (I-1)."""

from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lwoopro.imputation.odds import LevelOdds
from lwoopro.kernels.levels import BLOCK, block_columns, draw_levels, upper_halves
from lwoopro.kernels.odds import draw_levels_by_odds
from lwoopro.simulation.plan import Imputed

__all__ = ["NO_THRESHOLDS", "Laid", "LevelChances", "draw_some", "lay_out"]

LevelChances: TypeAlias = NDArray[np.uint32] | LevelOdds
"""Thresholds of shape ``(rows, 7)`` for all draws, or odds of each draw in lane order."""

Laid: TypeAlias = tuple[NDArray[np.uint32], NDArray[np.uint16]] | LevelOdds
"""The same for the kernels: thresholds in two forms, or odds by blocks of draws."""

NO_THRESHOLDS: Final = (np.empty((0, 7), np.uint32), np.empty((0, 7), np.uint16))
"""Says to `kernels.portions.draw_portions` that the levels are drawn already."""
NO_THRESHOLDS[0].flags.writeable = False  # as those of a study, or the kernel is compiled again


def lay_out(chances: LevelChances, asked: tuple[int, int], group: int, columns: int) -> Laid:
    """Lay the chances of a pass out by blocks.

    Parameters
    ----------
    chances : LevelChances
    asked, group, columns
        See `kernels.levels.block_columns`.

    Returns
    -------
    pair of array, or LevelOdds
        Odds, ratios and factors with a dimension more, in front: shape ``(blocks, …, 64)``.
    """
    if not isinstance(chances, LevelOdds):
        return chances, upper_halves(chances)
    column = block_columns(asked, group, columns)

    def by_blocks(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        numbers = numbers if column is None else numbers[..., column]
        parted = numbers.reshape(*numbers.shape[:-1], -1, BLOCK)
        return np.ascontiguousarray(np.moveaxis(parted, -2, 0))

    return replace(
        chances,
        odds=by_blocks(chances.odds),
        ratio=by_blocks(chances.ratio),
        given=by_blocks(chances.given),
    )


def draw_some(
    levels: NDArray[np.uint8],
    first: int,
    last: int,
    imputed: Imputed,
    laid: Laid,
    key: NDArray[np.uint64],
    group: int,
    vary: bool,
) -> None:
    """Draw the levels of the imputed pupils from `first` to just before `last`.

    Parameters
    ----------
    levels : uint8 array, shape ``(pupils, draws)``
        Output, see `kernels.levels.draw_levels`.
    first, last : int
    imputed : Imputed
    laid : pair of array, or LevelOdds
        From `lay_out`, of the same pass.
    key, group, vary
        See `kernels.levels.draw_levels`.
    """
    if isinstance(laid, LevelOdds):
        numbers = (laid.first, laid.odds, laid.ratio, laid.given)
        draw_levels_by_odds(levels, first, last, *imputed.asked, *numbers, key, group, vary)
    else:
        draw_levels(levels, first, last, *imputed.asked_first, *laid, key, group, vary)
