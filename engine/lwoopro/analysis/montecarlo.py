"""Means, probabilities and quantiles over draws, each with its Monte-Carlo standard error (Q-3)."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import betainc

__all__ = ["mean", "probability", "quantile"]


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
