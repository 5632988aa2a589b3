"""Levels and donors of one draw on whole columns, by NumPy: what several rivals begin with."""

import numpy as np
from numpy.typing import NDArray

from lwoopro.bench.world import Copying, Unknown

__all__ = ["donors", "draw_levels"]


def draw_levels(parent: Unknown, words: NDArray[np.uint32]) -> NDArray[np.int8]:
    """Invert the uniforms: the thresholds of every pupil were gathered once, before any draw."""
    uniform = words >> np.uint32(1)
    level: NDArray[np.int8] = (uniform >= parent.threshold[0]).view(np.int8)
    for threshold in parent.threshold[1:]:
        level += uniform >= threshold
    return level


def donors(copying: Copying, words: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Choose a donor for everyone who copies."""
    pick = (words * copying.length.view(np.uint64)) >> np.uint64(32)
    return copying.candidate[copying.start + pick.view(np.int64)]
