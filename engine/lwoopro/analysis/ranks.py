"""Average ranks, without a library that takes a second to import."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["average_ranks"]


def average_ranks(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Rank values along an axis, lowest 1; equal values share the mean of their ranks.

    Parameters
    ----------
    values : float64 array
    axis : int

    Returns
    -------
    float64 array
        Of the same shape; NaN where the value is NaN, and NaN takes no rank.
    """
    moved = np.moveaxis(np.asarray(values, np.float64), axis, 0)
    ranks = pd.DataFrame(moved.reshape(len(moved), -1)).rank(axis=0).to_numpy()
    return np.moveaxis(ranks.reshape(moved.shape), 0, axis)
