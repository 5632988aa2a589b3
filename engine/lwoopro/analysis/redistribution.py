"""Who gains and who loses under a policy against any other (R-4)."""

from collections.abc import Sequence
from typing import Final

import xarray as xr

from lwoopro.analysis.cells import cell_table
from lwoopro.analysis.change import change
from lwoopro.analysis.montecarlo import LEVEL

__all__ = ["EURO_BOUNDS", "RELATIVE_BOUNDS", "baseline_of", "redistribution"]

RELATIVE_BOUNDS: Final = (-0.20, -0.10, 0.10, 0.20)
"""Rows of the published table, as shares of light support."""

EURO_BOUNDS: Final = (-5e6, -2.5e6, -1e6, 1e6, 2.5e6, 5e6)
"""Columns of the published table, euro."""


def baseline_of(results: xr.Dataset, baseline: str | None = None) -> str:
    """Name of the policy that others are measured against: the study's, unless one is given.

    Raises
    ------
    ValueError
        None is given and the results name none.
    """
    if baseline is not None:
        return baseline
    if "baseline" not in results.attrs:
        raise ValueError("these results name no baseline: give one")
    return str(results.attrs["baseline"])


def redistribution(
    results: xr.Dataset,
    *,
    policy: str,
    baseline: str | None = None,
    relative_bounds: Sequence[float] = RELATIVE_BOUNDS,
    euro_bounds: Sequence[float] = EURO_BOUNDS,
    level: float = LEVEL,
    changes: xr.Dataset | None = None,
) -> xr.Dataset:
    """Table of gains and losses of a policy against another, with its uncertainty (R-4, R-9).

    Parameters
    ----------
    results : Dataset
    policy : str
    baseline : str, optional
        The policy to compare with; by default the study's baseline.
    relative_bounds, euro_bounds : sequence of float
        By default those of the published 5×7 table.
    level : float
        Probability that the intervals hold.
    changes : Dataset, optional
        What `change` gave for the same two policies: it need not be done twice.

    Returns
    -------
    Dataset
        See `cell_table`.

    Raises
    ------
    ValueError
        See `change` and `cell_table`.
    """
    if changes is None:
        changes = change(results, policy, baseline_of(results, baseline))
    return cell_table(
        changes,
        relative_bounds=relative_bounds,
        euro_bounds=euro_bounds,
        level=level,
    )
