"""Means, probabilities and quantiles over draws, each with its Monte-Carlo standard error (Q-3)."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc

__all__ = [
    "LEVEL",
    "mean",
    "mean_of",
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
    return _result(values, *mean_of(_by_draw(values)))


def mean_of(drawn: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`mean` of a plain array, shape ``(draw, …)``: estimate and error, shape ``(…)``."""
    # from the first draw on: what no draw changes has an error of exactly 0
    if not np.isnan(drawn).any():
        many, first = len(drawn), drawn[0]
        beyond = drawn - first
        shift = beyond.sum(axis=0) / many
        beyond -= shift
        beyond *= beyond
        square = beyond.sum(axis=0)
        freedom = float(many * (many - 1)) if many > 1 else np.nan
        return first + shift, np.sqrt(square / freedom)
    known = ~np.isnan(drawn)
    number = known.sum(axis=0).astype(np.float64)
    first = np.where(known[0], drawn[0], 0.0)
    beyond = drawn - first
    shift = np.where(known, beyond, 0.0).sum(axis=0) / np.where(number > 0, number, np.nan)
    square = (np.where(known, beyond - shift, 0.0) ** 2).sum(axis=0)
    error = np.sqrt(square / np.where(number > 1, number * (number - 1), np.nan))
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
    return _result(values, *_quantile(_ordered(_by_draw(values)), at))


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
    ordered = _ordered(_by_draw(values))
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


def _ordered(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sort the draws of every cell; they come last, next to each other, NaN at their end."""
    ordered = np.array(np.moveaxis(drawn, 0, -1), order="C")
    ordered.sort(axis=-1)
    return ordered


def _quantile(
    ordered: NDArray[np.float64], at: float, independent: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate and error from sorted draws, see `_ordered`."""
    if not np.isnan(ordered[..., -1]).any():
        # none is at the end, where they would be
        return _of_all(ordered, at, independent)
    known = ordered.shape[-1] - np.isnan(ordered).sum(axis=-1)
    estimate = np.full(known.shape, np.nan)
    error = np.full(known.shape, np.nan)
    for many in np.unique(known[known > 0]):
        cells = known == many
        estimate[cells], error[cells] = _of_all(ordered[cells][:, :many], at, independent)
    return estimate, error


def _of_all(
    ordered: NDArray[np.float64], at: float, independent: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    many = ordered.shape[-1]
    place = at * (many - 1)
    low = int(place)
    high = min(low + 1, many - 1)
    below, above = ordered[..., low], ordered[..., high]
    estimate = below + (place - low) * (above - below)
    if many == 1:
        return estimate, np.full(estimate.shape, np.nan)
    start, weight = _maritz_jarrett(many, at, independent or many)
    near = ordered[..., start : start + len(weight)]
    # not by BLAS: its threads wait for each other longer than this takes
    beyond = near - np.einsum("...d,d->...", near, weight)[..., None]
    beyond *= beyond
    # what no draw changes has an error of exactly 0
    same = ordered[..., 0] == ordered[..., -1]
    return estimate, np.where(same, 0.0, np.sqrt(np.einsum("...d,d->...", beyond, weight)))


@lru_cache(maxsize=64)
def _maritz_jarrett(many: int, at: float, draws: int) -> tuple[int, NDArray[np.float64]]:
    """Weights of the order statistics around a quantile, and the first that has one.

    What weighs less than `_NOTHING` of the heaviest is left out: no float would see it.
    """
    rank = at * (draws - 1) + 1
    edges = betainc(rank, draws + 1 - rank, np.arange(many + 1) / many)
    weight = np.diff(edges)
    heavy = np.flatnonzero(weight > _NOTHING * weight.max())
    kept = weight[heavy[0] : heavy[-1] + 1]
    kept.flags.writeable = False
    return int(heavy[0]), kept


_NOTHING: Final = 1e-24


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
    ordered = _ordered(_by_draw(values))
    draws = ordered.shape[-1]
    many = max(tail * draws, 1.0)
    worst = ordered[..., : int(np.ceil(many))]
    weight = np.clip(many - np.arange(worst.shape[-1]), 0.0, 1.0)
    estimate = np.einsum("...d,d->...", worst, weight) / many
    if draws == 1:
        return _result(values, estimate, np.full(estimate.shape, np.nan))
    below = np.maximum(worst[..., -1:] - ordered, 0.0) / tail
    return _result(values, estimate, below.std(axis=-1, ddof=1) / np.sqrt(draws))


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
        found = _summed_up(_by_draw(part), tail)
        for label, (estimate, error) in zip(
            (name, f"{name}_low", f"{name}_high"), found, strict=True
        ):
            # one Dataset made at the end: many small ones take longer than the numbers
            variables[label] = (frame.dims, estimate, part.attrs)
            variables[f"{label}_mcse"] = (frame.dims, error, part.attrs)
        coords |= {str(key): coord.variable for key, coord in frame.coords.items()}
    return xr.Dataset(variables, coords)


_Pair = tuple[NDArray[np.float64], NDArray[np.float64]]

_CELLS: Final = 64
"""Cells whose draws lie in the cache together."""


def _summed_up(drawn: NDArray[np.float64], tail: float) -> tuple[_Pair, _Pair, _Pair]:
    """Mean and both ends of the interval, each with its error.

    Parameters
    ----------
    drawn : float64 array, shape ``(draw, …)``
    tail : float
        Of the draws below the interval, and above it.

    Returns
    -------
    mean, low, high : pair of float64 arrays, shape ``(…)``
        The same bits for all cells at once: a sum runs over the draws of its cell alone. Of a
        single cell, or where the draws are not the slowest dimension, NumPy sums in another order;
        so these are not taken apart.
    """
    shape = drawn.shape[1:]
    flat = drawn.reshape(len(drawn), -1) if drawn.flags.c_contiguous else drawn[:, :0]
    many = flat.shape[1] // _CELLS
    if many < 2:
        ordered = _ordered(drawn)
        return mean_of(drawn), _quantile(ordered, tail), _quantile(ordered, 1 - tail)
    found = np.empty((3, 2, flat.shape[1]))
    for cells in np.array_split(np.arange(flat.shape[1]), many):
        here = slice(cells[0], cells[-1] + 1)
        some = np.ascontiguousarray(flat[:, here])
        ordered = _ordered(some)
        found[0, :, here] = mean_of(some)
        found[1, :, here] = _quantile(ordered, tail)
        found[2, :, here] = _quantile(ordered, 1 - tail)
    centre, low, high = ((one[0].reshape(shape), one[1].reshape(shape)) for one in found)
    return centre, low, high
