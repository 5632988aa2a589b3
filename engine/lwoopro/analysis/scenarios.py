"""Disadvantage scores of every scenario from the stored pieces, without another draw (D-5)."""

from typing import Literal

import numpy as np
import xarray as xr

from lwoopro.allocation.exact import as_fraction
from lwoopro.analysis.counts import with_drawn_counts
from lwoopro.variables import check

__all__ = ["Ties", "asylum_part", "scenario_scores"]

Ties = Literal["include", "exclude", "fractional"]

_MICRO = 1_000_000
_PIECES = (
    "below_cut_pupils",
    "at_cut_pupils",
    "cut_shortfall",
    "above_cut",
    "pupils",
    "asylum_pupils",
)


def scenario_scores(
    results: xr.Dataset, *, ties: Ties = "include", asylum_growth: float = 0.0
) -> xr.DataArray:
    """Disadvantage scores under another rule for ties, or with more asylum pupils (T-2, I-4).

    Asylum pupils always belong to the target group, so more of them leave less room for others:
    m falls, the cut may move. Where the pupils below the stored cut still fall short of m, and
    those up to it reach it, the cut stays and the score follows exactly. Elsewhere it is NaN.

    Parameters
    ----------
    results : Dataset
        Results of a run, with or without the dimension ``year``.
    ties : "include", "exclude" or "fractional"
    asylum_growth : float
        Asylum pupils more than there are, as a share, everywhere in proportion.

    Returns
    -------
    DataArray
        S_j of weight `mean` in score points (D-1), dimensions as ``disadvantage_score``. NaN
        where the cut moves, or where `exclude` leaves nobody.

    Raises
    ------
    ValueError
        The stored pieces are absent, or the rule is unknown.
    """
    if ties not in ("include", "exclude", "fractional"):
        raise ValueError(f"ties {ties!r}: use 'include', 'exclude' or 'fractional'")
    if "year" in results.dims:
        check(results, _PIECES)
        years = [
            scenario_scores(results.sel(year=year), ties=ties, asylum_growth=asylum_growth)
            for year in results["year"].values
        ]
        joined = xr.concat(years, dim="year")
        return joined.transpose("draw", "year", "attribution", "share", "swv")
    pieces = with_drawn_counts(results)[list(_PIECES)].compute()
    below, at = pieces["below_cut_pupils"], pieces["at_cut_pupils"]
    more = 1 + float(asylum_growth)
    asylum = pieces["asylum_pupils"] * more
    first = {"attribution": 0}
    nationwide = pieces["pupils"].isel(first, drop=True).sum("swv")
    extra = asylum_growth * pieces["asylum_pupils"].isel(first, drop=True).sum("swv")
    everyone = nationwide + extra
    all_asylum = asylum.isel(first, drop=True).sum("swv")
    under = below.isel(first, drop=True).sum("swv")
    on = at.isel(first, drop=True).sum("swv")
    # m = Y·N − a with Y as written (T-1); exact where the counts are whole
    wanted = [_members(float(share), everyone, all_asylum) for share in pieces["share"].values]
    need = xr.concat(wanted, dim=pieces["share"])
    if ties == "include":
        weight = xr.ones_like(under, dtype=np.float64)
    elif ties == "exclude":
        weight = (under + on == need).astype(np.float64)
    else:
        weight = (need - under) / on
    members = below + weight * at
    all_members = under + weight * on
    stays = (need > 0) & (under < need) & (need <= under + on) & (all_members > 0)
    gap = pieces["cut_shortfall"].isel(first, drop=True).sum("swv") / all_members.where(stays)
    mean_above_cut = (pieces["above_cut"] - all_asylum * gap) / everyone
    score = pieces["cut_shortfall"] + asylum * gap + (members + asylum) * mean_above_cut
    score = (score / _MICRO).transpose("draw", "attribution", "share", "swv")
    return score.assign_attrs(units="score points")


def _members(share: float, everyone: xr.DataArray, asylum: xr.DataArray) -> xr.DataArray:
    """Work out m of one share, in every draw where the numbers are drawn."""
    many, given = xr.broadcast(everyone, asylum)
    found = [
        float(as_fraction(share) * as_fraction(float(n)) - as_fraction(float(a)))
        for n, a in zip(many.values.ravel(), given.values.ravel(), strict=True)
    ]
    return many.copy(data=np.reshape(found, many.shape))


def asylum_part(results: xr.Dataset) -> xr.DataArray:
    """Share of the sum of disadvantage scores that asylum pupils bring, a·(A − G)/ΣS (R-6).

    Parameters
    ----------
    results : Dataset
        Results of a run, with or without the dimension ``year``.

    Returns
    -------
    DataArray
        Between 0 and 1, dimensions of ``disadvantage_score`` without ``swv``.
    """
    asylum = with_drawn_counts(results)["asylum_pupils"].sum("swv").compute()
    each = (results["mean_score"] - results["target_mean"]).compute()
    return asylum * each / results["disadvantage_score"].sum("swv").compute()
