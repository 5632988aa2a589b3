"""Disadvantage scores of every scenario from the stored pieces, without another draw (D-5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, Self

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.allocation.exact import as_fraction
from lwoopro.analysis.counts import per_draw, with_drawn_counts
from lwoopro.variables import check

__all__ = ["PIECES", "Pieces", "Ties", "asylum_part", "scenario_scores"]

Ties = Literal["include", "exclude", "fractional"]

_MICRO: Final = 1_000_000
PIECES: Final = (
    "below_cut_pupils",
    "at_cut_pupils",
    "cut_shortfall",
    "above_cut",
    "pupils",
    "asylum_pupils",
)
"""Variables that other scores follow from."""


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
        check(results, PIECES)
        years = [
            scenario_scores(results.sel(year=year), ties=ties, asylum_growth=asylum_growth)
            for year in results["year"].values
        ]
        joined = xr.concat(years, dim="year")
        return joined.transpose("draw", "year", "attribution", "share", "swv")
    score = Pieces.of(results).scores(ties, asylum_growth)
    names = ("draw", "attribution", "share", "swv")
    coords = {
        str(name): coord.variable
        for name, coord in results.coords.items()
        if set(coord.dims) <= set(names)
    }
    return xr.DataArray(score, coords, names, attrs={"units": "score points"})


@dataclass(frozen=True, eq=False)
class Pieces:
    """What the draws of one date keep of every scenario.

    Attributes
    ----------
    below, at, shortfall : arrays, shape ``(draw, attribution, share, swv)``
        Pupils below the cut and on it, and how far those below it lie from it, in micro points.
    above : array, shape ``(draw, share)``
        How far all pupils above the cut lie from it, in micro points.
    pupils, asylum : float64 arrays, shape ``(draw or 1, attribution, swv)``
    shares : tuple of float
    """

    below: NDArray[Any]
    at: NDArray[Any]
    shortfall: NDArray[Any]
    above: NDArray[Any]
    pupils: NDArray[np.float64]
    asylum: NDArray[np.float64]
    shares: tuple[float, ...]

    @classmethod
    def of(cls, results: xr.Dataset) -> Self:
        """Take the pieces out of the results of one date."""
        counts = with_drawn_counts(results)
        dims = ("draw", "attribution", "share", "swv")
        below, at, shortfall = (results[name].transpose(*dims).to_numpy() for name in PIECES[:3])
        above = results["above_cut"].transpose("draw", "share").to_numpy()
        pupils, asylum = (per_draw(counts[name], "attribution", "swv") for name in PIECES[4:])
        shares = tuple(float(share) for share in results["share"].values)
        return cls(below, at, shortfall, above, pupils, asylum, shares)

    @cached_property
    def _sums(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        # national numbers are the same under either attribution
        below, at, gap = (part[:, 0].sum(axis=-1) for part in (self.below, self.at, self.shortfall))
        return below, at, gap

    def scores(self, ties: Ties, asylum_growth: float = 0.0) -> NDArray[np.float64]:
        """Work `scenario_scores` out; float64, shape ``(draw, attribution, share, swv)``."""
        under, on, short = self._sums
        asylum = self.asylum * (1 + float(asylum_growth))
        nationwide, all_asylum = self.pupils[:, 0].sum(axis=-1), asylum[:, 0].sum(axis=-1)
        everyone = nationwide + asylum_growth * self.asylum[:, 0].sum(axis=-1)
        # m = Y·N − a with Y as written (T-1); exact where the counts are whole
        need = _members(self.shares, everyone, all_asylum)
        members: NDArray[Any]
        if ties == "include":
            weight = np.ones(under.shape)
            members = self.below + self.at
        else:
            if ties == "exclude":
                weight = (under + on == need).astype(np.float64)
            else:
                weight = (need - under) / np.where(on > 0, on, np.nan)
            members = self.below + weight[:, None, :, None] * self.at
        all_members = under + weight * on
        stays = (need > 0) & (under < need) & (need <= under + on) & (all_members > 0)
        gap = short / np.where(stays, all_members, np.nan)
        mean_above = (self.above - all_asylum[:, None] * gap) / everyone[:, None]
        theirs = asylum[:, :, None]
        score = self.shortfall + theirs * gap[:, None, :, None]
        score += (members + theirs) * mean_above[:, None, :, None]
        score /= _MICRO
        return score


def _members(
    shares: Sequence[float], everyone: NDArray[np.float64], asylum: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Work out m of every share, shape ``(draw or 1, share)``."""
    found = [
        [float(as_fraction(share) * as_fraction(n) - as_fraction(a)) for share in shares]
        for n, a in zip(everyone.tolist(), asylum.tolist(), strict=True)
    ]
    return np.array(found)


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
