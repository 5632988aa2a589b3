"""How much light support moves from one reference date to the next (R-2)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

from lwoopro.allocation.exact import as_fraction
from lwoopro.analysis.cells import cell_table
from lwoopro.analysis.change import in_time, known_policy, paired
from lwoopro.analysis.montecarlo import LEVEL, summaries
from lwoopro.variables import check

__all__ = ["EURO_BOUNDS", "RELATIVE_BOUNDS", "scatter", "stability", "yearly_change"]

RELATIVE_BOUNDS: Final = (-0.075, -0.05, -0.025, 0.025, 0.05, 0.075)
"""Rows of the published table, as shares."""

EURO_BOUNDS: Final = (-1e6, -5e5, -1e5, 1e5, 5e5, 1e6)
"""Columns of the published table, euro."""

BEYOND: Final = (5e5, 0.05)
"""A swv changes much beyond this amount and this share at once."""


def yearly_change(results: xr.Dataset, *, policy: str) -> xr.Dataset:
    """Change of light support between consecutive reference dates, on the same draw.

    Pro and regional support are held at the earlier date's amounts, so that all change is the
    lwoo money's (R-2).

    Parameters
    ----------
    results : Dataset
        Results of a run with two reference dates or more.
    policy : str

    Returns
    -------
    Dataset
        ``change`` and ``before`` in euro and ``relative``, dimensions ``(draw, year, swv)``: the
        year is the later one, the coordinate ``previous_year`` the earlier. ``relative`` is NaN
        where ``before`` is not positive.

    Raises
    ------
    ValueError
        `results` is not a results Dataset, has no such policy, or only one year.
    """
    check(results, ["budget", "budget_part"])
    known_policy(results, policy)
    if results.sizes["year"] < 2:
        raise ValueError(
            "a change from year to year needs two reference dates; these results have one, "
            f"{int(results['year'][0])}"
        )
    ordered = in_time(results[["budget", "budget_part"]].sel(policy=policy, drop=True))
    lwoo = ordered["budget_part"].sel(part="lwoo", drop=True).compute()
    whole = ordered["budget"].compute()
    years = ordered["year"].values
    later = {"year": years[1:]}
    before = whole.isel(year=slice(None, -1)).assign_coords(later)
    moved = lwoo.isel(year=slice(1, None)) - lwoo.isel(year=slice(None, -1)).assign_coords(later)
    changes = paired(before + moved, before)
    return changes.assign_coords(previous_year=("year", years[:-1]))


def stability(
    results: xr.Dataset,
    *,
    policy: str,
    relative_bounds: Sequence[float] = RELATIVE_BOUNDS,
    euro_bounds: Sequence[float] = EURO_BOUNDS,
    beyond: tuple[float, float] = BEYOND,
    level: float = LEVEL,
    changes: xr.Dataset | None = None,
) -> xr.Dataset:
    """Table of year-on-year changes, with its uncertainty (R-2, R-9).

    Parameters
    ----------
    results : Dataset
    policy : str
    relative_bounds, euro_bounds : sequence of float
        By default those of the published 7×7 table.
    beyond : (float, float)
        Euro and share; a swv that changes by more than both, up or down, is counted in
        ``beyond``.
    level : float
        Probability that the intervals hold.
    changes : Dataset, optional
        What `yearly_change` gave for the same policy: it need not be done twice.

    Returns
    -------
    Dataset
        As `cell_table`, per later year; and ``beyond``, the number of swv, and ``beyond_share``,
        their share of all swv, with intervals and errors.

    Raises
    ------
    ValueError
        See `yearly_change` and `cell_table`.
    """
    if changes is None:
        changes = yearly_change(results, policy=policy)
    table = cell_table(
        changes, relative_bounds=relative_bounds, euro_bounds=euro_bounds, level=level
    )
    euro, share = (as_fraction(bound) for bound in beyond)
    dims = ("draw", "year", "swv")
    cents, before = (
        np.round(changes[name].transpose(*dims).to_numpy() * 100).astype(np.int64)
        for name in ("change", "before")
    )
    cents = np.abs(cents)
    much = (cents > int(euro * 100)) & (cents * share.denominator > before * share.numerator)
    coords = {
        name: coord.variable for name, coord in changes.coords.items() if coord.dims == ("year",)
    }
    many = xr.DataArray(much.sum(axis=-1).astype(np.float64), coords, ("draw", "year"))
    parts = {
        "beyond": many.assign_attrs(units="swv"),
        "beyond_share": (many / changes.sizes["swv"]).assign_attrs(units="1"),
    }
    return table.assign(summaries(parts, level).data_vars)


def scatter(changes: xr.Dataset, *, level: float = LEVEL) -> xr.Dataset:
    """Amounts before and after, per swv: the scatter around the diagonal (R-2, R-4).

    Parameters
    ----------
    changes : Dataset
        From `change` or `yearly_change`.
    level : float
        Probability that the intervals hold.

    Returns
    -------
    Dataset
        ``before``, ``after``, ``change`` in euro and ``relative``, dimensions ``(year, swv)``,
        each with ``_low``, ``_high`` and ``_mcse``.
    """
    after = (changes["before"] + changes["change"]).assign_attrs(units="euro")
    parts = {
        "before": changes["before"],
        "after": after,
        "change": changes["change"],
        "relative": changes["relative"],
    }
    return summaries(parts, level)
