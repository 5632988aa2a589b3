"""The lumpsum cut: its fan, who pays, and month by month (R-8, P-4, P-5)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

from lwoopro.analysis.montecarlo import mean, probability, quantile, summaries
from lwoopro.pro.cash import MONTHS, monthly_cuts
from lwoopro.variables import check

__all__ = [
    "BOUNDS",
    "FAN",
    "cut_by_type",
    "cut_per_pupil",
    "exceedance",
    "fan",
    "lumpsum_per_swv",
    "lumpsum_summary",
    "monthly_cash",
    "national_pro_pupils",
    "net_position",
    "net_position_by_group",
]

FAN: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of a fan chart."""

BOUNDS: Final = (0.005, 0.01, 0.02)
"""Cuts, as a part of basic funding, whose probability is reported."""


def fan(values: xr.DataArray, quantiles: Sequence[float] = FAN) -> xr.Dataset:
    """Mean and quantiles over the draws, each with its Monte-Carlo error (R-8, Q-3).

    Parameters
    ----------
    values : DataArray with dimension ``draw``
        As `lumpsum_cut`, `pro_pupils` summed over swv, or what the functions here give.
    quantiles : sequence of float

    Returns
    -------
    Dataset
        ``mean``, and ``band`` (dimension ``quantile``), each with ``_mcse``, in the unit of the
        values.
    """
    values = values.compute()
    centre = mean(values)
    bands = xr.concat(
        [quantile(values, at) for at in quantiles],
        dim=xr.IndexVariable("quantile", list(quantiles)),
    )
    return xr.Dataset(
        {
            "mean": centre["estimate"],
            "mean_mcse": centre["mcse"],
            "band": bands["estimate"],
            "band_mcse": bands["mcse"],
        }
    )


def exceedance(results: xr.Dataset, bounds: Sequence[float] = BOUNDS) -> xr.Dataset:
    """Probability that the cut exceeds a bound, per year and in any year (R-8).

    Parameters
    ----------
    results : Dataset
        Results of a run.
    bounds : sequence of float
        Parts of basic funding.

    Returns
    -------
    Dataset
        ``yearly`` (bound, growth, funding_year) and ``ever`` (bound, growth), each with ``_mcse``.

    Raises
    ------
    ValueError
        `results` has no lumpsum cut.
    """
    check(results, ["lumpsum_cut"])
    share = results["lumpsum_cut"].compute()
    axis = xr.IndexVariable("bound", list(bounds))
    yearly = xr.concat([probability(share > bound) for bound in bounds], dim=axis)
    highest = share.max("funding_year")
    ever = xr.concat([probability(highest > bound) for bound in bounds], dim=axis)
    return xr.Dataset(
        {
            "yearly": yearly["estimate"],
            "yearly_mcse": yearly["mcse"],
            "ever": ever["estimate"],
            "ever_mcse": ever["mcse"],
        }
    )


def cut_per_pupil(results: xr.Dataset) -> xr.Dataset:
    """Euro that a school gives up per pupil, by type, and per vo pupil of a swv (P-4, P-8).

    Parameters
    ----------
    results : Dataset

    Returns
    -------
    Dataset
        ``high`` for a pupil of pro or upper vmbo and ``low`` for any other (draw, growth,
        funding_year), ``swv_average`` over all pupils (…, swv); euro per pupil.

    Raises
    ------
    ValueError
        See `exceedance`.
    """
    needed = ["lumpsum_cut", "lumpsum_cut_amount", "basic_amount_high", "basic_amount_low"]
    check(results, [*needed, "funded_vo_pupils"])
    share = results["lumpsum_cut"]
    pupils = results["funded_vo_pupils"]
    return xr.Dataset(
        {
            "high": share * results["basic_amount_high"],
            "low": share * results["basic_amount_low"],
            "swv_average": (results["lumpsum_cut_amount"] / pupils.where(pupils > 0)).transpose(
                *results["lumpsum_cut_amount"].dims
            ),
        }
    )


def cut_by_type(results: xr.Dataset) -> xr.DataArray:
    """Divide the cut of each swv by school type: pro, upper vmbo, all other (P-4).

    Every type of a swv gives up the same part of its basic funding; so the parts are not whole
    cents, and add up to the swv's cut.

    Parameters
    ----------
    results : Dataset

    Returns
    -------
    DataArray
        Euro, dimensions (type, draw, growth, funding_year, swv).

    Raises
    ------
    ValueError
        See `exceedance`.
    """
    check(
        results,
        ["lumpsum_cut_amount", "basic_funding", "pro_pupils", "funded_upper_vmbo_pupils"],
    )
    pro = pupils_before(results)
    high = results["basic_amount_high"]
    upper = results["funded_upper_vmbo_pupils"]
    base = results["basic_funding"]
    part = results["lumpsum_cut_amount"] / base.where(base > 0)
    amounts = [pro * high * part, upper * high * part, (base - (pro + upper) * high) * part]
    dims = results["lumpsum_cut_amount"].dims
    return xr.concat(
        [amount.transpose(*dims) for amount in amounts],
        dim=xr.IndexVariable("type", ["pro", "upper vmbo", "other vo"]),
    )


def pupils_before(results: xr.Dataset) -> xr.DataArray:
    """Pro pupils on the 1 October before each funded year (draw, growth, funding_year, swv)."""
    before = results["funding_year"] - 1
    pupils: xr.DataArray = results["pro_pupils"].sel(pro_year=before).drop_vars("pro_year")
    return pupils


def national_pro_pupils(results: xr.Dataset) -> xr.DataArray:
    """Pro pupils of the country (draw, growth, pro_year); read for one scenario at a time."""
    pupils = results["pro_pupils"]
    parts = [pupils.isel(growth=[g]).compute().sum("swv") for g in range(pupils.sizes["growth"])]
    return xr.concat(parts, dim="growth").transpose("draw", "growth", "pro_year")


def net_position(results: xr.Dataset) -> xr.Dataset:
    """Set what pro growth brings a swv's schools against the cut that pays for it (P-3, P-4).

    Parameters
    ----------
    results : Dataset

    Returns
    -------
    Dataset
        Euro (draw, growth, funding_year, swv): ``received`` is the support amount times the swv's
        pupils above its own count on the reference date (a given national reference count is
        shared out by these), ``cut`` what its schools give up, ``net`` the difference, and
        ``pro_schools`` the net of its pro schools alone, who pay their part of the cut too.

    Raises
    ------
    ValueError
        See `exceedance`.
    """
    check(results, ["pro_pupils", "pro_reference_count", "lumpsum_cut_amount"])
    cut, received = _cut_and_received(results, _own(results))
    by_type = cut_by_type(results)
    return xr.Dataset(
        {
            "received": received,
            "cut": cut,
            "net": received - cut,
            "pro_schools": (received - by_type.sel(type="pro", drop=True)).transpose(*cut.dims),
        }
    )


def net_position_by_group(results: xr.Dataset, groups: int = 3) -> xr.Dataset:
    """`net_position` summed over swv with little to much pro, by its share of vo on the first date.

    Parameters
    ----------
    results : Dataset
    groups : int
        Groups of about as many swv.

    Returns
    -------
    Dataset
        Dimensions (draw, growth, funding_year, group); group 0 has least pro.
    """
    positions = net_position(results).compute()
    pro = results["pro_pupils"].isel(draw=0, growth=0, pro_year=0).values
    vo = results["funded_vo_pupils"].isel(draw=0, funding_year=0).values
    rank = np.argsort(np.argsort(pro / np.maximum(vo, 1), kind="stable"), kind="stable")
    label = xr.DataArray(rank * groups // len(rank), dims="swv", name="group")
    return positions.groupby(label).sum("swv")


def monthly_cash(results: xr.Dataset, fixed_month: int) -> xr.DataArray:
    """Spread the national cut over the months (P-5).

    Parameters
    ----------
    results : Dataset
    fixed_month : int
        2 … 12; the study's ``[pro] fixed_month``.

    Returns
    -------
    DataArray
        Euro, whole cents (draw, growth, funding_year, month); the months of a year add up to it.

    Raises
    ------
    ValueError
        See `exceedance`.
    """
    check(results, ["lumpsum_cut", "pro_extra_cost", "basic_funding"])
    share = results["lumpsum_cut"].values
    before = np.concatenate([np.zeros_like(share[..., :1]), share[..., :-1]], axis=-1)
    amount = np.rint(results["pro_extra_cost"].values * 100).astype(np.int64)
    base = np.rint(results["basic_funding"].sum("swv").values * 100).astype(np.int64)
    months = monthly_cuts(amount, before, base, fixed_month)
    return xr.DataArray(
        months / 100,
        dims=(*results["lumpsum_cut"].dims, "month"),
        coords={**results["lumpsum_cut"].coords, "month": np.arange(1, MONTHS + 1)},
    )


def lumpsum_summary(results: xr.Dataset) -> xr.Dataset:
    """Sum up pro growth and the cut, nationally: mean, 5 % and 95 % of the draws (R-8).

    Parameters
    ----------
    results : Dataset

    Returns
    -------
    Dataset
        ``pro_pupils`` (growth, pro_year), ``pro_extra_cost``, ``lumpsum_cut``,
        ``capped_support_amount``, ``cut_per_high_pupil`` and ``cut_per_low_pupil`` (growth,
        funding_year), as `montecarlo.summaries` gives them.

    Raises
    ------
    ValueError
        See `exceedance`.
    """
    needed = ["pro_pupils", "pro_extra_cost", "lumpsum_cut", "capped_support_amount"]
    check(results, [*needed, "basic_amount_high", "basic_amount_low"])
    share = results["lumpsum_cut"]
    values = {
        "pro_pupils": national_pro_pupils(results),
        **{
            name: results[name]
            for name in ("pro_extra_cost", "lumpsum_cut", "capped_support_amount")
        },
        "cut_per_high_pupil": share * results["basic_amount_high"],
        "cut_per_low_pupil": share * results["basic_amount_low"],
    }
    units = dict.fromkeys(values, "euro per pupil")
    units |= {"pro_pupils": "pupils", "pro_extra_cost": "euro", "lumpsum_cut": "1"}
    return summaries(
        {name: part.assign_attrs(units=units[name]).compute() for name, part in values.items()}
    )


def lumpsum_per_swv(results: xr.Dataset) -> xr.Dataset:
    """Sum up pro pupils, cut and net position per swv: mean, 5 % and 95 % of the draws.

    Parameters
    ----------
    results : Dataset

    Returns
    -------
    Dataset
        ``pro_pupils`` (growth, pro_year, swv); ``cut``, ``received`` and ``net`` of
        `net_position` (growth, funding_year, swv), in euro; as `montecarlo.summaries` gives them.

    Raises
    ------
    ValueError
        See `exceedance`.
    """
    check(results, ["pro_pupils", "pro_reference_count", "lumpsum_cut_amount"])
    names = ["pro_pupils", "pro_reference_count", "lumpsum_cut_amount", "funded_support_amount"]
    found = []
    for growth in results["growth"].values:
        # large results are read for one scenario at a time
        one = results[names].sel(growth=[growth]).compute()
        own = _own(one)
        years = []
        for year in one["funding_year"].values:
            cut, received = _cut_and_received(one.sel(funding_year=[year]), own)
            parts = {"cut": cut, "received": received, "net": received - cut}
            units = {name: part.assign_attrs(units="euro") for name, part in parts.items()}
            years.append(summaries(units))
        pupils = one["pro_pupils"].assign_attrs(units="pupils")
        joined = xr.concat(years, dim="funding_year")
        found.append(joined.merge(summaries({"pro_pupils": pupils})))
    return xr.concat(found, dim="growth")


def _own(results: xr.Dataset) -> xr.DataArray:
    """Pupils of every swv that no cut pays for: its part of the national reference count (P-3)."""
    reference_date = int(results["funding_year"][0]) - 2
    own = results["pro_pupils"].sel(pro_year=reference_date, drop=True)
    return own * (results["pro_reference_count"] / own.sum("swv"))


def _cut_and_received(results: xr.Dataset, own: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    cut = results["lumpsum_cut_amount"]
    received = results["funded_support_amount"] * (pupils_before(results) - own)
    return cut, received.transpose(*cut.dims)
