"""What each swv gains or loses under a policy against another (B-6, R-4, R-7)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

from lwoopro.allocation.comparison import Basis, on_basis, pair_basis
from lwoopro.analysis.montecarlo import mean, probability, quantile
from lwoopro.variables import check

__all__ = ["LOSSES", "both_sides", "change", "change_summary", "in_time", "known_policy", "paired"]

LOSSES: Final = (0.10, 0.20)
"""Losses whose probability is reported, as a share of light support."""


def change(results: xr.Dataset, policy: str, baseline: str) -> xr.Dataset:
    """Difference of light support between two policies on the same draws.

    Parameters
    ----------
    results : Dataset
        Results of a run.
    policy, baseline : str

    Returns
    -------
    Dataset
        ``change`` and ``before`` (the baseline's light support) in euro, and ``relative``, the
        change as a share of ``before``; dimensions ``(draw, year, swv)``. ``relative`` is NaN
        where ``before`` is not positive (B-6).

    Raises
    ------
    ValueError
        `results` is not a results Dataset, or has no such policy.
    """
    check(results, ["budget"])
    for name in (policy, baseline):
        known_policy(results, name)
    return paired(*both_sides(results, policy, baseline))


def both_sides(
    results: xr.Dataset, policy: str, baseline: str
) -> tuple[xr.DataArray, xr.DataArray]:
    """Light support of two policies on the basis on which they are compared (B-6).

    Parameters
    ----------
    results : Dataset
        Where it does not say on what basis, budgets are compared as they are.
    policy, baseline : str

    Returns
    -------
    new, old : DataArray
        Euro, dimensions ``(draw, year, swv)``.
    """
    new, old = (
        results["budget"].sel(policy=name, drop=True).compute() for name in (policy, baseline)
    )
    if "policy_basis" not in results or "policy_kind" not in results:
        return new, old
    names = [str(name) for name in results["policy"].values]
    kinds = [str(kind) for kind in results["policy_kind"].values]
    bases: list[Basis] = [
        "letter" if b == "letter" else "cbs" for b in results["policy_basis"].values
    ]
    after, before = names.index(policy), names.index(baseline)
    by, basis = pair_basis(bases, after, before)
    pro_has_left = (kinds[after] == "direct-pro", kinds[before] == "direct-pro")
    if basis == "cbs" and pro_has_left[0] == pro_has_left[1]:
        return new, old
    pro = results["budget_part"].sel(part="pro", drop=True)
    direct = results["direct_pro_amount"].isel(policy=by, drop=True) if basis == "letter" else 0.0
    return on_basis(
        new,
        old,
        new_pro=pro.sel(policy=policy, drop=True).compute(),
        old_pro=pro.sel(policy=baseline, drop=True).compute(),
        direct_pro=direct if isinstance(direct, float) else direct.compute(),
        basis=basis,
        pro_has_left=pro_has_left,
    )


def known_policy(results: xr.Dataset, name: str) -> str:
    """Give the name back where the results have such a policy.

    Raises
    ------
    ValueError
        They have none; the message names those they have.
    """
    known = [str(policy) for policy in results["policy"].values]
    if name not in known:
        raise ValueError(f"no policy {name!r} in these results; they have {', '.join(known)}")
    return name


def in_time(results: xr.Dataset) -> xr.Dataset:
    """Put the reference dates in order; sorting copies, so only where they are not."""
    years = results["year"].to_numpy()
    return results if (np.diff(years) > 0).all() else results.sortby("year")


def paired(new: xr.DataArray, old: xr.DataArray) -> xr.Dataset:
    """Difference of two amounts of money on the same draws.

    Parameters
    ----------
    new, old : DataArray
        Euro in whole cents, same dimensions.

    Returns
    -------
    Dataset
        ``change``, ``before`` and ``relative``, see `change`.
    """
    # both are whole cents: so is the difference
    difference = np.round(new - old, 2)
    relative = xr.where(old > 0, difference / old.where(old > 0), np.nan)
    result = xr.Dataset({"change": difference, "relative": relative, "before": old})
    for name, units in (("change", "euro"), ("relative", "1"), ("before", "euro")):
        result[name].attrs = {"units": units}
    return result


def change_summary(
    changes: xr.Dataset, losses: Sequence[float] = LOSSES, level: float = 0.90
) -> xr.Dataset:
    """Sum up the draws of `change`: mean, interval, chance of a loss, with errors (R-7, Q-3).

    Parameters
    ----------
    changes : Dataset
        From `change`.
    losses : sequence of float
        Shares of light support.
    level : float
        Probability that the interval holds.

    Returns
    -------
    Dataset
        ``mean, low, high`` in euro, ``relative`` as a share, ``probability`` (dimension ``loss``),
        and each with ``_mcse``; dimensions ``(year, swv)``.
    """
    tail = (1 - level) / 2
    euro = changes["change"]
    share = changes["relative"]
    parts = {
        "mean": mean(euro),
        "low": quantile(euro, tail),
        "high": quantile(euro, 1 - tail),
        "relative": mean(share),
        "probability": xr.concat(
            [probability(share <= -loss) for loss in losses],
            dim=xr.IndexVariable("loss", list(losses)),
        ),
    }
    summary = xr.Dataset()
    for name, part in parts.items():
        summary[name] = part["estimate"]
        summary[f"{name}_mcse"] = part["mcse"]
    return summary
