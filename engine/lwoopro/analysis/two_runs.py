"""Two runs side by side: what differs per swv, on common draws or on independent ones (R-9)."""

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.change import known_policy
from lwoopro.analysis.montecarlo import LEVEL, mean, quantiles

__all__ = ["compare_runs", "differences_of"]

_SHIFTS: Final = 16
"""Independent draws are paired in so many ways."""


def differences_of(
    first: xr.DataArray, second: xr.DataArray, *, common: bool, level: float = LEVEL
) -> xr.Dataset:
    """Difference of the same quantity in two runs, second less first.

    Parameters
    ----------
    first, second : DataArray with dimension ``draw``
        Same other dimensions and coordinates. On common draws the first draws of both are taken.
    common : bool
        Draw k of both runs has the same random numbers: their difference is taken draw by draw.
        Otherwise the draws are independent: every draw is set against several others, and the
        errors of the two means add up in squares.
    level : float
        Probability that the intervals hold.

    Returns
    -------
    Dataset
        ``first``, ``second``, ``difference``, and ``difference_low`` and ``difference_high``, the
        interval of the difference over the draws; each with ``_mcse``.
    """
    many = min(first.sizes["draw"], second.sizes["draw"])
    found = xr.Dataset()
    for name, values in (("first", first), ("second", second)):
        one = mean(values)
        found[name], found[f"{name}_mcse"] = one["estimate"], one["mcse"]
    left = first.isel(draw=slice(many)).transpose("draw", ...)
    right = second.isel(draw=slice(many)).transpose(*left.dims)
    if common:
        gaps = left.copy(data=right.to_numpy() - left.to_numpy())
        one = mean(gaps)
        found["difference"], found["difference_mcse"] = one["estimate"], one["mcse"]
    else:
        shifts = range(1, min(_SHIFTS, many - 1) + 1) if many > 1 else (0,)
        other = right.to_numpy()
        pairs = [np.roll(other, shift, axis=0) - left.to_numpy() for shift in shifts]
        gaps = xr.concat([left.copy(data=pair) for pair in pairs], dim="draw")
        found["difference"] = found["second"] - found["first"]
        found["difference_mcse"] = np.hypot(found["first_mcse"], found["second_mcse"])
    tail = (1 - level) / 2
    ends = quantiles(gaps, (tail, 1 - tail), many)
    if not common:
        shrink = _shrink(left, right, ends["estimate"], gaps.sizes["draw"] // many)
        ends["mcse"] = ends["mcse"] * shrink
    for place, end in enumerate(("low", "high")):
        one = ends.isel(quantile=place, drop=True)
        found[f"difference_{end}"] = one["estimate"]
        found[f"difference_{end}_mcse"] = one["mcse"]
    return found.assign_attrs(level=level, common=int(common))


def _shrink(
    left: xr.DataArray, right: xr.DataArray, ends: xr.DataArray, pairings: int
) -> NDArray[np.float64]:
    """How much the errors of quantiles fall because every draw is paired in several ways.

    The part of the pairs that lie below a quantile varies with the draws of the one run, with those
    of the other, and with who is paired with whom; only the last is made smaller by more pairings.
    """
    one, other = (side.to_numpy().reshape(side.sizes["draw"], -1) for side in (left, right))
    many = len(one)
    wanted = ends.to_numpy().reshape(ends.sizes["quantile"], -1)
    found = np.ones(wanted.shape)
    for cell in range(one.shape[1]):
        x, y = np.sort(one[:, cell]), np.sort(other[:, cell])
        for place, end in enumerate(wanted[:, cell]):
            below_y = np.searchsorted(y, x + end, side="right") / many
            above_x = np.searchsorted(x, y - end, side="left") / many
            part = float(below_y.mean())
            alone, sides = part * (1 - part), float(below_y.var() + above_x.var())
            if alone > 0:
                left_over = max(alone - sides, 0.0) / pairings
                found[place, cell] = min(1.0, np.sqrt((sides + left_over) / alone))
    return found.reshape(ends.shape)


def compare_runs(
    first: xr.Dataset,
    second: xr.Dataset,
    *,
    policy: str,
    other_policy: str | None = None,
    year: int | None = None,
    common: bool,
    level: float = LEVEL,
) -> xr.Dataset:
    """Light support of every swv in two runs, and its difference.

    Parameters
    ----------
    first, second : Dataset
        Results of two runs; the swv that both have are compared.
    policy : str
        Policy of the first run.
    other_policy : str, optional
        Policy of the second run; by default of the same name.
    year : int, optional
        Reference date of both; by default the last that both have.
    common : bool
        Whether the draws are common, see `differences_of`.
    level : float
        Probability that the intervals hold.

    Returns
    -------
    Dataset
        See `differences_of`; euro, dimension ``swv``. ``relative`` is the difference of the means
        as a share of the first, with ``_mcse``; NaN where the first is not positive. ``apart``: the
        differences of all swv added up, whatever their sign; ``first_total`` and ``second_total``:
        the amounts of all swv; each with ``_mcse``.

    Raises
    ------
    ValueError
        No year or no swv in common, or an unknown policy.
    """
    known_policy(first, policy)
    other_policy = known_policy(second, policy if other_policy is None else other_policy)
    years = sorted(set(first["year"].values.tolist()) & set(second["year"].values.tolist()))
    if not years or (year is not None and year not in years):
        raise ValueError("the two runs have no such year in common")
    year = years[-1] if year is None else year
    codes = [code for code in first["swv"].values if code in set(second["swv"].values.tolist())]
    if not codes:
        raise ValueError("the two runs have no swv in common")
    amounts = [
        results["budget"].sel(policy=name, year=year, swv=codes, drop=True).compute()
        for results, name in ((first, policy), (second, other_policy))
    ]
    found = differences_of(*amounts, common=common, level=level)
    # to first order the signs stand still
    sign = np.sign(found["difference"])
    sides = [(values * sign).sum("swv") for values in amounts]
    sums = differences_of(*sides, common=common, level=level)
    found["apart"], found["apart_mcse"] = sums["difference"], sums["difference_mcse"]
    for side, values in zip(("first", "second"), amounts, strict=True):
        # whole cents: what no draw changes must not seem to
        whole = mean(values.sum("swv").round(2))
        found[f"{side}_total"], found[f"{side}_total_mcse"] = whole["estimate"], whole["mcse"]
    for name in found.data_vars:
        found[name].attrs["units"] = "euro"
    base = found["first"].where(found["first"] > 0)
    share = (found["difference"] / base).assign_attrs(units="1")
    error = _ratio_error(amounts[0], amounts[1], share, common=common).assign_attrs(units="1")
    return found.assign(relative=share, relative_mcse=error).assign_attrs(year=year)


def _ratio_error(
    first: xr.DataArray, second: xr.DataArray, share: xr.DataArray, *, common: bool
) -> xr.DataArray:
    """Error of second / first - 1, both means: to first order that of second - ratio x first."""
    scale = mean(first)["estimate"]
    if common:
        many = min(first.sizes["draw"], second.sizes["draw"])
        ratio = (1 + share).fillna(1.0)
        rest = second.isel(draw=slice(many)) - ratio * first.isel(draw=slice(many))
        error = mean(rest)["mcse"]
    else:
        one, other = mean(first)["mcse"], mean(second)["mcse"]
        error = (other**2 + ((1 + share) * one) ** 2) ** 0.5
    return error / scale.where(scale > 0)
