"""How far imputation alone moves a unit's disadvantage score, by its number of pupils (R-3)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.variables import check

__all__ = ["SIZES", "reliability", "reliability_by_size"]

SIZES: Final = (0, 40, 60, 80, 100, 150, 200, 300, 500)
"""Lower bounds of the classes of size, in pupils; the first bound above 0 is the limit that
Statistics Netherlands draws for primary schools."""

_BATCHES: Final = 20


def reliability(
    results: xr.Dataset, share: float = 0.20, attribution: str = "school"
) -> xr.Dataset:
    """Spread of every unit's disadvantage score over the draws (R-3).

    Run it on a study whose only sources are those of imputation (`education`, `donors`,
    `parameters`); other sources that are on are in the spread, too.

    Parameters
    ----------
    results : Dataset
        Results of a run, by swv or by school (``[pupils] unit``, U-5).
    share : float
        Share of the target group.
    attribution : str

    Returns
    -------
    Dataset
        Dimensions ``year``, ``swv``: ``pupils``; ``mean`` and ``sd`` of S_j in score points, with
        ``sd_mcse``; ``relative_sd``, which is sd / mean (NaN where the mean is 0).

    Raises
    ------
    ValueError
        There is one draw only.
    """
    check(results, ["disadvantage_score", "pupils"])
    if results.sizes["draw"] < 2:
        raise ValueError("one draw has no spread")
    drawn, pupils = _selected(results, share, attribution)
    values = drawn.to_numpy()
    mean = values.mean(axis=0)
    deviation = values - mean
    draws = len(values)
    variance = (deviation**2).sum(axis=0) / (draws - 1)
    sd = np.sqrt(variance)
    fourth = (deviation**4).mean(axis=0)
    # error of a variance, then of its root
    error = np.sqrt(np.maximum(fourth - variance**2, 0.0) / draws)
    relative = np.divide(sd, mean, out=np.full_like(sd, np.nan), where=mean > 0)
    dims = ("year", "swv")
    found = xr.Dataset(
        {
            "pupils": (dims, pupils.to_numpy()),
            "mean": (dims, mean),
            "sd": (dims, sd),
            "sd_mcse": (dims, np.divide(error, 2 * sd, out=np.zeros_like(sd), where=sd > 0)),
            "relative_sd": (dims, relative),
        },
        coords={name: drawn.coords[name].variable for name in dims},
        attrs={"share": share, "attribution": attribution, "draws": draws, "clauses": "R-3"},
    )
    for name in ("mean", "sd", "sd_mcse"):
        found[name].attrs["units"] = "score points"
    return found


def reliability_by_size(
    results: xr.Dataset,
    share: float = 0.20,
    attribution: str = "school",
    sizes: Sequence[float] = SIZES,
) -> xr.Dataset:
    """Reliability of disadvantage scores by number of pupils (R-3).

    What is judged is the score per pupil, S_j / n_j. In each class of size, W is the mean variance
    of a unit over the draws: imputation. T is the variance between the units of the class in one
    draw, averaged over the draws: imputation and true differences together. Reliability is
    1 − W / T: the part of the differences between units of this size that is no noise of
    imputation. All years count together.

    Parameters
    ----------
    results : Dataset
    share, attribution
        As in `reliability`.
    sizes : sequence of float
        Lower bounds of the classes, rising; the last class has no upper bound.

    Returns
    -------
    Dataset
        Dimension ``size`` (the lower bound): ``upper``; ``units`` and ``mean_pupils``;
        ``relative_sd`` (median over the units of sd / mean), ``relative_sd_high`` (their 90 %
        point), ``root_size`` (median of sd / mean x √n: constant where the spread falls with the
        root of size), ``reliability``; ``relative_sd_mcse`` and ``reliability_mcse``, from 20
        batches of draws, NaN with fewer than 40 draws. NaN where a class has fewer than two units.

    Raises
    ------
    ValueError
        There is one draw only, or the bounds do not rise.
    """
    bounds = np.asarray(sizes, np.float64)
    if bounds.ndim != 1 or not len(bounds) or (np.diff(bounds) <= 0).any():
        raise ValueError("sizes must rise")
    unit = reliability(results, share, attribution)
    drawn, _ = _selected(results, share, attribution)
    pupils = unit["pupils"].to_numpy().ravel()
    values = drawn.to_numpy().reshape(drawn.sizes["draw"], -1)
    there = pupils > 0
    pupils, values = pupils[there], values[:, there]
    relative = unit["relative_sd"].to_numpy().ravel()[there]
    place = np.searchsorted(bounds, pupils, side="right") - 1
    batches = np.array_split(values, _BATCHES) if len(values) >= 2 * _BATCHES else [values[:0]] * 2
    columns: dict[str, list[float]] = {name: [] for name in _COLUMNS}
    for k in range(len(bounds)):
        here = place == k
        some, size = values[:, here], pupils[here]
        columns["units"].append(float(here.sum()))
        columns["mean_pupils"].append(float(size.mean()) if len(size) else np.nan)
        own = relative[here][~np.isnan(relative[here])]
        median, high = np.quantile(own, (0.5, 0.9)) if len(own) else (np.nan, np.nan)
        columns["relative_sd"].append(float(median))
        columns["relative_sd_high"].append(float(high))
        root = relative[here] * np.sqrt(size)
        columns["root_size"].append(float(np.nanmedian(root)) if len(own) else np.nan)
        columns["reliability"].append(_ratio(some / size))
        parts = [batch[:, here] / size for batch in batches]
        columns["reliability_mcse"].append(_error([_ratio(part) for part in parts]))
        columns["relative_sd_mcse"].append(_error([_median(part) for part in parts]))
    found = xr.Dataset(
        {name: ("size", np.array(column)) for name, column in columns.items()},
        coords={"size": bounds},
        attrs=unit.attrs,
    )
    found["upper"] = ("size", np.append(bounds[1:], np.inf))
    found["units"] = found["units"].astype(np.int64)
    return found


_COLUMNS: Final = (
    "units",
    "mean_pupils",
    "relative_sd",
    "relative_sd_mcse",
    "relative_sd_high",
    "root_size",
    "reliability",
    "reliability_mcse",
)


def _selected(
    results: xr.Dataset, share: float, attribution: str
) -> tuple[xr.DataArray, xr.DataArray]:
    drawn = results["disadvantage_score"].sel(share=share, attribution=attribution)
    pupils = results["pupils"].sel(attribution=attribution)
    return drawn.transpose("draw", "year", "swv").load(), pupils.transpose("year", "swv").load()


def _ratio(values: NDArray[np.float64]) -> float:
    """1 − W / T of scores per pupil, ``(draw, unit)``."""
    if values.shape[0] < 2 or values.shape[1] < 2:
        return float("nan")
    within = values.var(axis=0, ddof=1).mean()
    total = values.var(axis=1, ddof=1).mean()
    return float(1 - within / total) if total > 0 else float("nan")


def _median(values: NDArray[np.float64]) -> float:
    """Median over the units of sd / mean, ``(draw, unit)``."""
    if values.shape[0] < 2:
        return float("nan")
    mean = values.mean(axis=0)
    positive = mean > 0
    if not positive.any():
        return float("nan")
    return float(np.median(values.std(axis=0, ddof=1)[positive] / mean[positive]))


def _error(batches: Sequence[float]) -> float:
    return float(np.std(batches, ddof=1) / np.sqrt(len(batches)))
