"""What the analytic twin and the decomposition of the variance say (Q-5, Q-6)."""

from typing import Final

import xarray as xr
from scipy.special import ndtri

from lwoopro.analysis.montecarlo import LEVEL
from lwoopro.variables import check

__all__ = ["analytic_summary", "decomposition", "most_uncertain"]

_TWIN: Final = {
    "disadvantage_score": ("analytic_mean", "analytic_sd"),
    "light_support": ("analytic_budget_mean", "analytic_budget_sd"),
}


def analytic_summary(results: xr.Dataset, level: float = LEVEL) -> xr.Dataset:
    """Mean, standard deviation and normal interval of scores and budgets, without drawing (Q-5).

    Parameters
    ----------
    results : Dataset
        Of `lwoopro.run` or `lwoopro.run_analytic`.
    level : float
        Probability of the interval, between 0 and 1.

    Returns
    -------
    Dataset
        ``disadvantage_score`` ``(year, attribution, share, swv)`` in score points and
        ``light_support`` ``(year, policy, swv)`` in euro; with ``_sd``, ``_low`` and ``_high`` of
        each. What is not worked out is NaN.

    Raises
    ------
    ValueError
        The results hold no analytic twin, or `level` is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level {level}: a probability between 0 and 1")
    check(results, [name for pair in _TWIN.values() for name in pair])
    z = float(ndtri((1 + level) / 2))
    found = xr.Dataset(attrs={"level": level})
    for name, (mean, sd) in _TWIN.items():
        centre, spread = results[mean].compute(), results[sd].compute()
        units = {"units": centre.attrs["units"]}
        found[name] = centre.drop_attrs().assign_attrs(units)
        found[f"{name}_low"] = (centre - z * spread).drop_attrs()
        found[f"{name}_high"] = (centre + z * spread).drop_attrs()
        found[f"{name}_sd"] = spread.drop_attrs().assign_attrs(units)
    return found.assign_coords(region=results["region"].compute().drop_attrs())


def decomposition(results: xr.Dataset) -> xr.Dataset:
    """Which source the variance of light support comes from, per swv and nationally (Q-6).

    Parameters
    ----------
    results : Dataset
        Of a run whose study has a ``[decomposition]``.

    Returns
    -------
    Dataset
        ``first`` and ``total`` ``(source, year, policy, swv)``, the indices; ``national_first`` and
        ``national_total`` ``(source, year, policy)``, all swv weighed by their variance; each with
        its standard error in ``_mcse``. ``light_support_sd`` ``(year, policy, swv)`` in euro, of
        the draws that the indices come from. Only the policies that were taken apart.

    Raises
    ------
    ValueError
        The results hold no decomposition, or it is not finished.
    """
    kinds = ("first", "total", "national_first", "national_total")
    names = [f"sobol_{kind}{end}" for kind in kinds for end in ("", "_se")]
    check(results, [*names, "sobol_variance"])
    held = results[[*names, "sobol_variance"]].compute()
    known = held["sobol_variance"].notnull().any(("year", "swv"))
    if not known.any():
        raise ValueError("the decomposition of this run is not finished: continue it")
    held = held.isel(policy=known.to_numpy())
    found = xr.Dataset()
    for kind in kinds:
        found[kind] = held[f"sobol_{kind}"].drop_attrs().assign_attrs(units="1")
        found[f"{kind}_mcse"] = held[f"sobol_{kind}_se"].drop_attrs()
    spread = held["sobol_variance"] ** 0.5
    found["light_support_sd"] = spread.drop_attrs().assign_attrs(units="euro")
    return found.assign_coords(region=results["region"].compute().drop_attrs())


def most_uncertain(parts: xr.Dataset, policy: str, year: int, top: int = 5) -> xr.Dataset:
    """Take the swv whose budgets vary most, most first (Q-6).

    Parameters
    ----------
    parts : Dataset
        From `decomposition`.
    policy : str
    year : int
    top : int
        Number of swv.

    Returns
    -------
    Dataset
        Of that policy and year.
    """
    one = parts.sel(policy=policy, year=year)
    order = (-one["light_support_sd"].to_numpy()).argsort(kind="stable")
    return one.isel(swv=order[:top])
