"""Width of the intervals by source of uncertainty, and draws that a figure needs (Q-1, Q-3).

One run per source, with the same seed and the others off, shows what each brings alone. What
several bring together is a run of its own: sources do not add up exactly. `lwoopro.decomposition`
has the exact shares of variance.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from lwoopro.analysis.change import change
from lwoopro.analysis.montecarlo import LEVEL, probability, summaries
from lwoopro.analysis.redistribution import baseline_of

__all__ = ["draws_needed", "interval_widths"]


def interval_widths(
    runs: Mapping[str, xr.Dataset],
    *,
    policy: str,
    baseline: str | None = None,
    level: float = LEVEL,
) -> xr.Dataset:
    """Compare how uncertain each swv's change is in several runs (Q-1, R-4).

    Parameters
    ----------
    runs : mapping of str to Dataset
        Results of the same study with other sources on, by name; see `lwoopro.with_sources`.
    policy : str
    baseline : str, optional
        By default the studies'.
    level : float
        Probability that the intervals hold.

    Returns
    -------
    Dataset
        Dimensions ``(source, year, swv)``: ``width`` in euro and ``relative_width`` as a share of
        light support (from the lower to the upper end of the interval), ``sd`` in euro, and
        ``mean`` of the change in euro. ``width_mcse`` and ``relative_width_mcse`` are bounds: the
        errors of both ends together. A width of 0: no draw changes it.

    Raises
    ------
    ValueError
        No run, or see `change`.
    """
    if not runs:
        raise ValueError("no run to compare")
    found = []
    for results in runs.values():
        changes = change(results, policy, baseline_of(results, baseline))
        table = summaries({name: changes[name] for name in ("change", "relative")}, level)
        part = xr.Dataset({"mean": table["change"], "sd": changes["change"].std("draw", ddof=1)})
        for name, own in (("width", "change"), ("relative_width", "relative")):
            part[name] = table[f"{own}_high"] - table[f"{own}_low"]
            part[f"{name}_mcse"] = table[f"{own}_high_mcse"] + table[f"{own}_low_mcse"]
        found.append(part)
    whole = xr.concat(found, dim=xr.IndexVariable("source", list(runs)))
    for variable in map(str, whole.data_vars):
        units = "1" if variable.startswith("relative") else "euro"
        whole[variable].attrs = {"units": units}
    return whole.assign_attrs(level=level, policy=policy)


def draws_needed(
    results: xr.Dataset,
    *,
    policy: str,
    baseline: str | None = None,
    loss: float = 0.20,
    mcse: float = 0.005,
) -> xr.Dataset:
    """Say how many draws give the chance of a loss with a stated standard error (Q-3, R-7).

    The error of a probability p in n draws is sqrt(p (1 − p) / n). p comes from the run at hand,
    as (k + 1) / (n + 2) with k losses in n draws; where it is unknown, 0.25 / mcse² suffices.

    Parameters
    ----------
    results : Dataset
        Results of a run; some hundred draws tell well enough.
    policy : str
    baseline : str, optional
        By default the study's.
    loss : float
        Share of light support: 0.2 for a change of −20 % or worse.
    mcse : float
        The error that is wanted: 0.005 for half a percentage point.

    Returns
    -------
    Dataset
        Dimensions ``(year, swv)``: ``draws``, and ``probability`` with ``probability_mcse`` as the
        run at hand has them.

    Raises
    ------
    ValueError
        `mcse` is not positive; see `change`.
    """
    if not mcse > 0:
        raise ValueError(f"mcse {mcse}: a number above 0")
    share = change(results, policy, baseline_of(results, baseline))["relative"]
    found = probability(share <= -loss)
    many = results.sizes["draw"]
    p = (found["estimate"] * many + 1) / (many + 2)
    result = xr.Dataset(
        {
            "draws": np.ceil(p * (1 - p) / mcse**2).astype(np.int64),
            "probability": found["estimate"],
            "probability_mcse": found["mcse"],
        }
    )
    result["draws"].attrs = {"units": "1"}
    for name in ("probability", "probability_mcse"):
        result[name].attrs = {"units": "1"}
    return result.assign_attrs(loss=loss, mcse=mcse)
