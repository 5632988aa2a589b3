"""The published tables of changes: redistribution (R-4) and stability (R-2), per draw."""

import numpy as np
from numpy.typing import NDArray

from lwoopro.calibration.targets import COLUMN_BOUNDS, ROW_BOUNDS, STABILITY_BOUNDS

__all__ = ["beyond", "redistribution", "stability"]


def redistribution(old: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count swv by change in % and in million euro.

    Parameters
    ----------
    old, new : float64 array (draw, swv)
        Light support in euro.

    Returns
    -------
    int64 array (draw, 5, 7)
        Cells are [low, high), the outermost closed outward.
    """
    row = np.searchsorted(_closed(ROW_BOUNDS), 100.0 * (new - old) / old, side="right")
    column = np.searchsorted(_closed(COLUMN_BOUNDS), (new - old) / 1e6, side="right")
    columns = len(COLUMN_BOUNDS) + 1
    cell = row * columns + column
    count = (len(ROW_BOUNDS) + 1) * columns
    found = np.stack([np.bincount(draw, minlength=count) for draw in cell])
    return found.reshape(len(cell), -1, columns)


def stability(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count swv by year-on-year change in %, int64 array (draw, 7)."""
    change = 100.0 * (after - before) / before
    row = np.searchsorted(_closed(STABILITY_BOUNDS), change, side="right")
    return np.stack([np.bincount(draw, minlength=len(STABILITY_BOUNDS) + 1) for draw in row])


def beyond(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count swv that change by more than 500 thousand euro and more than 5 %, per draw."""
    difference = np.abs(after - before)
    return np.asarray(((difference > 5e5) & (difference > 0.05 * before)).sum(axis=-1))


def _closed(bounds: tuple[float, ...]) -> NDArray[np.float64]:
    """Bounds for ``searchsorted`` from the right; the lowest belongs to the cell below it."""
    edges = np.array(bounds)
    edges[0] = np.nextafter(edges[0], np.inf)
    return edges
