"""Means, probabilities and quantiles over draws, each with its Monte-Carlo standard error (Q-3)."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import betainc

__all__ = ["LEVEL", "mean", "probability", "quantile", "shortfall", "summaries", "summary"]

LEVEL: Final = 0.90
"""Probability that an interval holds, unless something else is asked for: 5-95 %."""


def _result(estimate: xr.DataArray, error: xr.DataArray | NDArray[np.float64]) -> xr.Dataset:
    return xr.Dataset({"estimate": estimate, "mcse": estimate.copy(data=np.asarray(error))})


def mean(values: xr.DataArray) -> xr.Dataset:
    """Average over the draws.

    Parameters
    ----------
    values : DataArray with dimension ``draw``

    Returns
    -------
    Dataset
        ``estimate`` and ``mcse`` in the unit of the values; the error of one draw is NaN.
    """
    draws = values.sizes["draw"]
    centre = values.mean("draw")
    if draws == 1:
        return _result(centre, np.full(centre.shape, np.nan))
    return _result(centre, values.std("draw", ddof=1) / np.sqrt(draws))


def probability(event: xr.DataArray) -> xr.Dataset:
    """Share of the draws in which something happens.

    The error uses (k + 1) / (n + 2) in place of k / n (Agresti and Coull's idea), so that an event
    that never happened in n draws is not reported as certain.

    Parameters
    ----------
    event : bool DataArray with dimension ``draw``

    Returns
    -------
    Dataset
        ``estimate`` and ``mcse``, between 0 and 1.
    """
    draws = event.sizes["draw"]
    share = event.mean("draw")
    shrunk = (share * draws + 1) / (draws + 2)
    return _result(share, np.sqrt(shrunk * (1 - shrunk) / (draws + 2)))


def quantile(values: xr.DataArray, at: float) -> xr.Dataset:
    """Quantile over the draws.

    The estimate interpolates linearly between order statistics. Its error is that of Maritz and
    Jarrett (1978): the order statistics weighted by the beta distribution of the quantile's rank.

    Parameters
    ----------
    values : DataArray with dimension ``draw``
    at : float
        Between 0 and 1, both excluded.

    Returns
    -------
    Dataset
        ``estimate`` and ``mcse`` in the unit of the values; the error of one draw is NaN.
    """
    estimate = values.quantile(at, "draw").drop_vars("quantile")
    draws = values.sizes["draw"]
    if draws == 1:
        return _result(estimate, np.full(estimate.shape, np.nan))
    ordered = np.sort(values.transpose("draw", ...).to_numpy(), axis=0)
    rank = at * (draws - 1) + 1
    edges = betainc(rank, draws + 1 - rank, np.arange(draws + 1) / draws)
    weight = np.diff(edges)
    first = np.tensordot(weight, ordered, axes=1)
    second = np.tensordot(weight, (ordered - first) ** 2, axes=1)
    return _result(estimate, np.sqrt(second))


def shortfall(values: xr.DataArray, tail: float) -> xr.Dataset:
    """Mean of the worst draws: the lower tail's average (R-7, expected shortfall).

    With n draws it is the sum of the lowest ``tail * n``, a last one counted in part, divided by
    ``tail * n`` (Acerbi and Tasche 2002); never fewer than one draw. Its error is that of the mean
    of ``max(q - x, 0) / tail`` with q the quantile: to first order q itself adds nothing.

    Parameters
    ----------
    values : DataArray with dimension ``draw``
    tail : float
        Between 0 and 1, both excluded.

    Returns
    -------
    Dataset
        ``estimate`` and ``mcse`` in the unit of the values; the error of one draw is NaN.
    """
    first = values.isel(draw=0, drop=True)
    draws = values.sizes["draw"]
    ordered = np.sort(values.transpose("draw", ...).to_numpy(), axis=0)
    many = max(tail * draws, 1.0)
    weight = np.clip(many - np.arange(draws), 0.0, 1.0)
    estimate = first.copy(data=np.tensordot(weight, ordered, axes=1) / many)
    if draws == 1:
        return _result(estimate, np.full(estimate.shape, np.nan))
    below = np.maximum(ordered[int(np.ceil(many)) - 1] - ordered, 0.0) / tail
    return _result(estimate, below.std(axis=0, ddof=1) / np.sqrt(draws))


def summary(values: xr.DataArray, name: str, level: float = LEVEL) -> xr.Dataset:
    """Mean and interval over the draws, each with its error.

    Parameters
    ----------
    values : DataArray with dimension ``draw``
    name : str
        Beginning of the names of the results.
    level : float
        Probability that the interval holds.

    Returns
    -------
    Dataset
        ``<name>`` (the mean), ``<name>_low``, ``<name>_high``, and each with ``_mcse``; unit and
        attributes of the values.
    """
    tail = (1 - level) / 2
    parts = {
        name: mean(values),
        f"{name}_low": quantile(values, tail),
        f"{name}_high": quantile(values, 1 - tail),
    }
    result = xr.Dataset()
    for label, part in parts.items():
        result[label] = part["estimate"].assign_attrs(values.attrs)
        result[f"{label}_mcse"] = part["mcse"].assign_attrs(values.attrs)
    return result


def summaries(values: Mapping[str, xr.DataArray], level: float = LEVEL) -> xr.Dataset:
    """`summary` of several variables in one Dataset."""
    result = xr.Dataset()
    for name, part in values.items():
        result = result.assign(summary(part, name, level).data_vars)
    return result
