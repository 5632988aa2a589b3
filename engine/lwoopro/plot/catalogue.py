"""Which figures there are, in the order of a report, and which of them some results can give."""

from collections.abc import Callable, Mapping
from typing import Final

import xarray as xr

from lwoopro.plot.choose import wrong

__all__ = ["NAMES", "can"]


def _two_policies(ds: xr.Dataset) -> bool:
    return "budget" in ds and ds.sizes["policy"] > 1


def _two_years(ds: xr.Dataset) -> bool:
    return "budget_part" in ds and ds.sizes["year"] > 1


def _regions(ds: xr.Dataset) -> bool:
    return _two_policies(ds) and "region" in ds and bool((ds["region"] != "").any())


def _growth(ds: xr.Dataset) -> bool:
    names = ("pro_pupils", "pro_entrants", "pro_reference_count", "lumpsum_cut")
    return {*names, "lumpsum_cut_amount"} <= set(ds.data_vars)


def _scores(ds: xr.Dataset) -> bool:
    return "disadvantage_score" in ds


def _decomposed(ds: xr.Dataset) -> bool:
    return {f"sobol_{kind}{end}" for kind in ("first", "total") for end in ("", "_se")} <= set(ds)


_NEEDS: Final[Mapping[str, Callable[[xr.Dataset], bool]]] = {
    "gains_losses": _two_policies,
    "tile_map": _two_policies,
    "polygon_map": _two_policies,
    "profile": lambda ds: "target_category_pupils" in ds,
    "stability_table": _two_years,
    "stability_scatter": _two_years,
    "why": lambda ds: _two_years(ds) and "disadvantage_part" in ds and bool(ds.sizes.get("split")),
    "redistribution_table": _two_policies,
    "redistribution_scatter": _two_policies,
    "per_pupil": _two_policies,
    "regions": _regions,
    "criteria": _scores,
    "criteria_policies": _two_policies,
    "risk": _two_policies,
    "value_at_risk": _two_policies,
    "reliability": lambda ds: _scores(ds) and ds.sizes["draw"] > 1,
    "variance_sources": _decomposed,
    "analytic": lambda ds: _scores(ds) and "analytic_sd" in ds and ds.sizes["draw"] > 1,
    "convergence": lambda ds: "budget" in ds and ds.sizes["draw"] > 9,
    "pro_pupils": _growth,
    "lumpsum_cut": _growth,
    "cut_per_pupil": _growth,
    "cut_exceedance": _growth,
    "net_position": _growth,
    "monitoring": lambda ds: _growth(ds) and ds.sizes["draw"] > 1,
    "operating_curves": lambda ds: _growth(ds) and ds.sizes["draw"] > 1 and ds.sizes["growth"] > 1,
    "transition": lambda ds: "transition_budget" in ds,
    "stress": lambda ds: _growth(ds) and _two_policies(ds),
    "budget_distribution": lambda ds: "budget" in ds,
    "budget_parts": lambda ds: "budget_part" in ds,
}

NAMES: Final = tuple(_NEEDS)
"""Every figure of results, in the order of a report."""


def can(name: str, ds: xr.Dataset) -> bool:
    """Whether results have what a figure shows.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    ds : Dataset
        Results of a run.

    Returns
    -------
    bool
        True also where the figure needs something of yours, as a GeoJSON or a swv.

    Raises
    ------
    InputError
        There is no such figure.
    """
    if name not in _NEEDS:
        raise wrong("plot", f"there is no figure {name!r}", f"there are {', '.join(NAMES)}")
    return _NEEDS[name](ds)
