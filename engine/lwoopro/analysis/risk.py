"""What a swv may lose, and where it stands among the others (R-7)."""

from collections.abc import Sequence
from typing import Final

import xarray as xr

from lwoopro.analysis.change import LOSSES, change
from lwoopro.analysis.montecarlo import LEVEL, probability, quantile, shortfall, summaries
from lwoopro.analysis.ranks import average_ranks
from lwoopro.analysis.redistribution import baseline_of
from lwoopro.variables import check

__all__ = ["risk"]

TAIL: Final = 0.05
"""The worst draws that value at risk and expected shortfall look at."""

TOP: Final = 10
"""So many swv are the top, and so many the bottom."""


def risk(
    results: xr.Dataset,
    *,
    policy: str,
    baseline: str | None = None,
    losses: Sequence[float] = LOSSES,
    tail: float = TAIL,
    top: int = TOP,
    level: float = LEVEL,
    changes: xr.Dataset | None = None,
) -> xr.Dataset:
    """Loss probabilities, value at risk, expected shortfall and ranks per swv (R-7).

    A loss is positive. Value at risk at 5 % is the loss that is exceeded in 5 % of the draws,
    expected shortfall the mean loss of these draws. Rank 1 has the greatest relative change;
    equal changes share the mean of their ranks, so a permutation of the swv permutes the ranks.

    Parameters
    ----------
    results : Dataset
    policy : str
    baseline : str, optional
        By default the study's.
    losses : sequence of float
        Shares of light support: 0.1 for a change of −10 % or worse.
    tail : float
        Share of the worst draws.
    top : int
        Number of swv that are called top, and bottom.
    level : float
        Probability that the intervals hold.
    changes : Dataset, optional
        What `change` gave for the same two policies: it need not be done twice.

    Returns
    -------
    Dataset
        Dimensions ``(year, swv)``: ``loss_probability`` (also ``loss``), ``value_at_risk`` and
        ``expected_shortfall`` in euro, ``relative_at_risk`` and ``relative_shortfall`` as shares
        of light support, ``rank`` (mean, with ``_low`` and ``_high``), ``top_probability`` and
        ``bottom_probability``; each with ``_mcse``. Ranks leave out swv without a relative
        change (B-6).

    Raises
    ------
    ValueError
        See `change`; or a tail or top out of range.
    """
    check(results, ["budget"])
    if not 0 < tail < 1:
        raise ValueError(f"tail {tail}: a share between 0 and 1")
    if not 1 <= top <= results.sizes["swv"]:
        raise ValueError(f"top {top}: a number from 1 to {results.sizes['swv']}, the swv")
    if changes is None:
        changes = change(results, policy, baseline_of(results, baseline))
    euro, share = changes["change"], changes["relative"]
    rank = _ranks(share)
    from_last = share.notnull().sum("swv") + 1 - rank
    parts = {
        "loss_probability": xr.concat(
            [probability(share <= -loss) for loss in losses],
            dim=xr.IndexVariable("loss", list(losses)),
        ),
        "value_at_risk": quantile(euro, tail),
        "expected_shortfall": shortfall(euro, tail),
        "relative_at_risk": quantile(share, tail),
        "relative_shortfall": shortfall(share, tail),
        "top_probability": probability(rank <= top),
        "bottom_probability": probability(from_last <= top),
    }
    result = summaries({"rank": rank}, level)
    for name, part in parts.items():
        units = "euro" if name in ("value_at_risk", "expected_shortfall") else "1"
        # what the worst draws lose; adding 0 turns -0.0 into 0.0
        sign = 1 if name.endswith("probability") else -1
        result[name] = (sign * part["estimate"] + 0.0).assign_attrs(units=units)
        result[f"{name}_mcse"] = part["mcse"].assign_attrs(units=units)
    return result.assign_attrs(tail=tail, top=top, level=level)


def _ranks(share: xr.DataArray) -> xr.DataArray:
    values = -share.to_numpy()
    axis = share.get_axis_num("swv")
    ranks = average_ranks(values, axis)
    return share.copy(data=ranks).assign_attrs(units="rank")
