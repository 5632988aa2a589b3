"""Means, probabilities and quantiles over draws, each with its Monte-Carlo standard error (Q-3)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc

__all__ = [
    "LEVEL",
    "mean",
    "probability",
    "probability_error",
    "quantile",
    "quantiles",
    "shortfall",
    "summaries",
    "summary",
]

LEVEL: Final = 0.90
"""Probability that an interval holds, unless something else is asked for: 5-95 %."""


def _result(
    values: xr.DataArray, estimate: NDArray[np.float64], error: NDArray[np.float64]
) -> xr.Dataset:
    """Put arrays without the dimension `draw` back in the form of the values."""
    frame = values.isel(draw=0, drop=True)
    coords = {str(name): coord.variable for name, coord in frame.coords.items()}
    return xr.Dataset({"estimate": (frame.dims, estimate), "mcse": (frame.dims, error)}, coords)


def _by_draw(values: xr.DataArray) -> NDArray[np.float64]:
    return np.asarray(values.transpose("draw", ...).to_numpy(), np.float64)


def mean(values: xr.DataArray) -> xr.Dataset:
    """Average over the draws.

    Parameters
    ----------
    values : DataArray with dimension ``draw``
        NaN are left out, in each cell for itself.

    Returns
    -------
    Dataset
        ``estimate`` and ``mcse`` in the unit of the values; the error of one draw is NaN.
    """
    return _result(values, *_mean(_by_draw(values)))


def _mean(drawn: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = ~np.isnan(drawn)
    many = known.sum(axis=0).astype(np.float64)
    # from the first draw on: what no draw changes has an error of exactly 0
    first = np.where(known[0], drawn[0], 0.0)
    beyond = drawn - first
    shift = np.where(known, beyond, 0.0).sum(axis=0) / np.where(many > 0, many, np.nan)
    square = np.where(known, beyond - shift, 0.0) ** 2
    error = np.sqrt(square.sum(axis=0) / np.where(many > 1, many * (many - 1), np.nan))
    return first + shift, error


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
    happened = event.transpose("draw", ...).to_numpy()
    draws = len(happened)
    share = happened.mean(axis=0)
    return _result(event, share, probability_error(share, draws))


def probability_error(share: ArrayLike, draws: int) -> NDArray[np.float64]:
    """Error of a share of so many draws, see `probability`."""
    shrunk = (np.asarray(share) * draws + 1) / (draws + 2)
    return np.asarray(np.sqrt(shrunk * (1 - shrunk) / (draws + 2)))


def quantile(values: xr.DataArray, at: float) -> xr.Dataset:
    """Quantile over the draws.

    The estimate interpolates linearly between order statistics. Its error is that of Maritz and
    Jarrett (1978): the order statistics weighted by the beta distribution of the quantile's rank.

    Parameters
    ----------
    values : DataArray with dimension ``draw``
        NaN are left out, in each cell for itself.
    at : float
        Between 0 and 1, both excluded.

    Returns
    -------
    Dataset
        ``estimate`` and ``mcse`` in the unit of the values; the error of one draw is NaN.
    """
    return _result(values, *_quantile(np.sort(_by_draw(values), axis=0), at))


def quantiles(
    values: xr.DataArray, at: Sequence[float], independent: int | None = None
) -> xr.Dataset:
    """Several quantiles, each as `quantile` gives it, the draws sorted once.

    Parameters
    ----------
    values : DataArray with dimension ``draw``
    at : sequence of float
    independent : int, optional
        So many independent draws stand behind the values, where those are more: the error is that
        of so many.

    Returns
    -------
    Dataset
        ``estimate`` and ``mcse``, first dimension ``quantile``.
    """
    frame = values.isel(draw=0, drop=True)
    ordered = np.sort(_by_draw(values), axis=0)
    found = [_quantile(ordered, one, independent) for one in at]
    dims = ("quantile", *frame.dims)
    coords = {str(name): coord.variable for name, coord in frame.coords.items()}
    return xr.Dataset(
        {
            name: (dims, np.stack([pair[place] for pair in found]))
            for place, name in enumerate(("estimate", "mcse"))
        },
        {"quantile": list(at), **coords},
    )


def _quantile(
    ordered: NDArray[np.float64], at: float, independent: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate and error from sorted draws; NaN stand last."""
    known = (~np.isnan(ordered)).sum(axis=0)
    estimate = np.full(known.shape, np.nan)
    error = np.full(known.shape, np.nan)
    for many in np.unique(known[known > 0]):
        cells = known == many
        some = ordered[:many, cells]
        place = at * (many - 1)
        low = int(place)
        high = min(low + 1, many - 1)
        estimate[cells] = some[low] + (place - low) * (some[high] - some[low])
        if many > 1:
            error[cells] = _maritz_jarrett(some, at, independent or int(many))
    return estimate, error


def _maritz_jarrett(ordered: NDArray[np.float64], at: float, draws: int) -> NDArray[np.float64]:
    rank = at * (draws - 1) + 1
    edges = betainc(rank, draws + 1 - rank, np.arange(len(ordered) + 1) / len(ordered))
    weight = np.diff(edges)
    first = np.tensordot(weight, ordered, axes=1)
    second = np.tensordot(weight, (ordered - first) ** 2, axes=1)
    # what no draw changes has an error of exactly 0
    return np.where(ordered[0] == ordered[-1], 0.0, np.sqrt(second))


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
    ordered = np.sort(_by_draw(values), axis=0)
    draws = len(ordered)
    many = max(tail * draws, 1.0)
    weight = np.clip(many - np.arange(draws), 0.0, 1.0)
    estimate = np.tensordot(weight, ordered, axes=1) / many
    if draws == 1:
        return _result(values, estimate, np.full(estimate.shape, np.nan))
    below = np.maximum(ordered[int(np.ceil(many)) - 1] - ordered, 0.0) / tail
    return _result(values, estimate, below.std(axis=0, ddof=1) / np.sqrt(draws))


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
    return summaries({name: values}, level)


def summaries(values: Mapping[str, xr.DataArray], level: float = LEVEL) -> xr.Dataset:
    """`summary` of several variables, which share their coordinates, in one Dataset."""
    tail = (1 - level) / 2
    variables: dict[str, Any] = {}
    coords: dict[str, Any] = {}
    for name, part in values.items():
        frame = part.isel(draw=0, drop=True)
        drawn = _by_draw(part)
        ordered = np.sort(drawn, axis=0)
        for label, (estimate, error) in (
            (name, _mean(drawn)),
            (f"{name}_low", _quantile(ordered, tail)),
            (f"{name}_high", _quantile(ordered, 1 - tail)),
        ):
            # one Dataset made at the end: many small ones take longer than the numbers
            variables[label] = (frame.dims, estimate, part.attrs)
            variables[f"{label}_mcse"] = (frame.dims, error, part.attrs)
        coords |= {str(key): coord.variable for key, coord in frame.coords.items()}
    return xr.Dataset(variables, coords)
