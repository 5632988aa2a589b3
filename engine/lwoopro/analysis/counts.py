"""Numbers of pupils that an analysis divides by: the register's, or those of each draw (Q-1)."""

import xarray as xr

__all__ = ["COUNTS", "with_drawn_counts"]

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
    return results.assign(drawn)
