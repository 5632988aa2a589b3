"""Everything at once: new lwoo budgets, their transition and the lumpsum cut, per swv (R-7, X-1).

All parts come from the same draws, so a draw that is bad in two ways is counted as one.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.change import change
from lwoopro.analysis.montecarlo import mean, quantiles
from lwoopro.pro.stress import tail, tail_draws
from lwoopro.variables import check

__all__ = ["LEVELS", "PARTS", "combined_change", "most_exposed", "stress_summary"]

PARTS: Final = ("redistribution", "transition", "lumpsum")
"""Parts of the total change; they add up to it."""

LEVELS: Final = (0.05, 0.01)
"""Parts of the draws that make the tail."""


def combined_change(
    results: xr.Dataset,
    policy: str,
    baseline: str,
    *,
    first_year: int = 2026,
    steps: Sequence[float] = (0.2, 0.4, 0.6, 0.8, 1.0),
) -> xr.Dataset:
    """Total change against today per swv and year, and its parts.

    Amounts of light support are held at the study's last reference date, whatever the year.

    Parameters
    ----------
    results : Dataset
        With budgets, and lumpsum cuts of some growth scenarios.
    policy, baseline : str
        New budgets, and today's.
    first_year : int
        First calendar year of the new budgets; a run with a transition has its own.
    steps : sequence of float
        λ of each year of the transition; a run with a transition between these two policies has
        its own amounts (X-1).

    Returns
    -------
    Dataset
        Euro, dimensions (draw, growth, funding_year, swv): ``total`` and each of `PARTS`.
        ``redistribution`` is the change once the transition is over, ``transition`` what is spared
        of it (or withheld) in a year, ``lumpsum`` the cut with a minus. ``today`` (draw, swv) is
        light support under the baseline.

    Raises
    ------
    ValueError
        A policy or the lumpsum cut is absent.
    """
    check(results, ["budget", "lumpsum_cut_amount"])
    moved = change(results, policy, baseline)["change"].isel(year=-1, drop=True)
    today = results["budget"].sel(policy=baseline, drop=True).isel(year=-1, drop=True).compute()
    years = [int(year) for year in results["funding_year"].values]
    own = _own_transition(results, moved, today)
    spared = []
    for year in years:
        if own is not None:
            at = min(max(year, int(own["transition_year"][0]) - 1), int(own["transition_year"][-1]))
            if at < int(own["transition_year"][0]):
                spared.append(-moved)
            else:
                spared.append(own.sel(transition_year=at, drop=True) - moved)
        else:
            k = year - first_year
            done = 0.0 if k < 0 else float(steps[min(k, len(steps) - 1)])
            spared.append((done - 1.0) * moved)
    transition = xr.concat(spared, dim=results["funding_year"])
    lumpsum = -results["lumpsum_cut_amount"].compute()
    parts = dict(zip(PARTS, xr.broadcast(moved, transition, lumpsum), strict=True))
    dims = lumpsum.dims
    parts = {name: part.transpose(*dims) for name, part in parts.items()}
    total = parts["redistribution"] + parts["transition"] + parts["lumpsum"]
    return xr.Dataset({**parts, "total": total, "today": today})


def _own_transition(
    results: xr.Dataset, moved: xr.DataArray, today: xr.DataArray
) -> xr.DataArray | None:
    """Change under the run's own transition, if it ends in this very change."""
    if "transition_budget" not in results:
        return None
    course = (results["transition_budget"] - today).compute()
    last = course.isel(transition_year=-1, drop=True)
    same = bool(np.allclose(last.transpose(*moved.dims), moved, atol=0.02))
    return course.transpose("transition_year", *moved.dims) if same else None


def stress_summary(changes: xr.Dataset, year: int, levels: Sequence[float] = LEVELS) -> xr.Dataset:
    """Value at risk, expected shortfall and the driving part, per swv and scenario (R-7).

    Parameters
    ----------
    changes : Dataset
        From `combined_change`.
    year : int
        A funded year.
    levels : sequence of float

    Returns
    -------
    Dataset
        Losses in euro (growth, swv): ``mean``; ``value_at_risk`` and ``expected_shortfall`` (first
        dimension ``level``); ``share`` the shortfall as a part of today's light support; ``part``
        (level, part, growth, swv) the mean loss of each part in the worst draws, which add up to
        the shortfall; each with ``_mcse``. ``driver`` is the largest of the parts, "none" where
        none of them is a loss.
    """
    one = changes.sel(funding_year=year, drop=True)
    loss = -one["total"].transpose("draw", "growth", "swv")
    values = loss.to_numpy()
    axis = xr.IndexVariable("level", list(levels))
    found = [tail(values, level) for level in levels]
    template = loss.isel(draw=0, drop=True)

    def stack(place: int) -> xr.DataArray:
        return xr.concat([template.copy(data=item[place]) for item in found], dim=axis)

    shortfall, shortfall_error = stack(1), stack(2)
    # the smallest of the worst losses is a quantile of the losses
    at_risk_error = quantiles(loss, [1 - level for level in levels])["mcse"]
    at_risk_error = at_risk_error.rename(quantile="level").assign_coords(level=axis)
    losses_of = [-one[name].transpose(*loss.dims).to_numpy() for name in PARTS]
    found_parts = [_in_worst(losses_of, tail_draws(values, level)) for level in levels]
    part, part_error = (
        xr.DataArray(
            np.stack([pair[place] for pair in found_parts]),
            dims=("level", "part", *template.dims),
            # the losses have the name of this dimension: it can have no coordinate
            coords={"level": axis, **template.coords},
        )
        for place in range(2)
    )
    names = np.array([*PARTS, "none"], dtype=object)
    losses = part.transpose("part", ...).to_numpy()
    driver = names[np.where(losses.max(axis=0) > 0, losses.argmax(axis=0), len(PARTS))]
    today = one["today"].mean("draw")
    today = today.where(today > 0)
    return xr.Dataset(
        {
            "mean": loss.mean("draw"),
            "mean_mcse": mean(loss)["mcse"],
            "value_at_risk": stack(0),
            "value_at_risk_mcse": at_risk_error,
            "expected_shortfall": shortfall,
            "expected_shortfall_mcse": shortfall_error,
            "share": shortfall / today,
            "share_mcse": shortfall_error / today,
            "part": part,
            "part_mcse": part_error,
            "driver": (shortfall.dims, driver),
        }
    )


def _in_worst(
    losses: Sequence[NDArray[np.float64]], worst: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean of each loss over the worst draws, and its error; first dimension the part."""
    many = worst.sum(axis=0)
    centre = np.stack([np.where(worst, loss, 0.0).sum(axis=0) / many for loss in losses])
    square = np.stack(
        [
            (np.where(worst, loss - middle, 0.0) ** 2).sum(axis=0)
            for loss, middle in zip(losses, centre, strict=True)
        ]
    )
    return centre, np.sqrt(square / np.where(many > 1, many * (many - 1.0), np.nan))


def most_exposed(summary: xr.Dataset, growth: str, level: float, count: int = 10) -> xr.Dataset:
    """Pick the swv with the largest expected shortfall as a part of today's light support (R-7).

    Parameters
    ----------
    summary : Dataset
        From `stress_summary`.
    growth : str
    level : float
    count : int
        Number of swv.

    Returns
    -------
    Dataset
        `summary` of these swv, worst first.
    """
    one = summary.sel(growth=growth, level=level, drop=True)
    order = np.argsort(-one["share"].fillna(-np.inf).to_numpy(), kind="stable")[:count]
    return one.isel(swv=order)
