"""Numbers of pupils that an analysis divides by: the register's, or those of each draw (Q-1)."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["COUNTS", "per_draw", "with_drawn_counts"]

COUNTS = ("pupils", "asylum_pupils", "asylum_category_pupils", "lwoo_fixed")
"""What is another in every draw where the population is drawn, beside ``drawn_`` and its name."""


def with_drawn_counts(results: xr.Dataset) -> xr.Dataset:
    """Put the numbers of each draw in the place of the register's, where the population is drawn.

    Parameters
    ----------
    results : Dataset
        Results of a run, or a part of them.

    Returns
    -------
    Dataset
        `COUNTS` with the dimension ``draw``; as it was where no population is drawn.
    """
    drawn = {name: results[f"drawn_{name}"] for name in COUNTS if f"drawn_{name}" in results}
    return results.assign(drawn) if drawn else results


def per_draw(counts: xr.DataArray, *dims: str) -> NDArray[np.float64]:
    """Lay numbers out by draw; one stands for all where no draw changes them.

    Parameters
    ----------
    counts : DataArray
    *dims : str
        Its dimensions beside ``draw``, in the order wanted.

    Returns
    -------
    float64 array, shape ``(draw or 1, …)``
    """
    if "draw" in counts.dims:
        return counts.transpose("draw", *dims).to_numpy().astype(np.float64)
    return counts.transpose(*dims).to_numpy().astype(np.float64)[None]
