"""What a figure is about: policy, date, swv; and clear words where the results lack it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from lwoopro.analysis.change import change
from lwoopro.analysis.estimates import Estimates
from lwoopro.analysis.montecarlo import quantiles
from lwoopro.analysis.redistribution import baseline_of
from lwoopro.errors import InputError, Problem

__all__ = [
    "attribution_of",
    "changed",
    "enough_draws",
    "known",
    "need",
    "policies_of",
    "policy_of",
    "share_of",
    "spread",
    "wrong",
    "year_of",
]


def wrong(where: str, what: str, right: str = "") -> InputError:
    """Make the error of one defect."""
    return InputError(Problem(where, what, right))


def need(ds: xr.Dataset, names: Sequence[str], part: str, right: str) -> None:
    """Make sure that the results have what a figure shows.

    Raises
    ------
    InputError
        They do not; it says which part of a study brings it.
    """
    missing = [name for name in names if name not in ds]
    if missing:
        raise wrong("results", f"{', '.join(missing)} is absent: this study has no {part}", right)


def enough_draws(ds: xr.Dataset, least: int) -> None:
    """Make sure that the results have so many draws."""
    if ds.sizes["draw"] < least:
        raise wrong("draw", f"{ds.sizes['draw']} draws", f"this figure needs {least} or more")


def known(ds: xr.Dataset, dim: str, value: Any) -> Any:
    """Give a coordinate's value back where the results have it.

    Raises
    ------
    InputError
        They do not; it names those they have.
    """
    values = ds[dim].values.tolist()
    for one in values:
        if one == value or (isinstance(one, float) and np.isclose(one, float(value))):
            return one
    shown = ", ".join(map(str, values[:12])) + (" …" if len(values) > 12 else "")
    raise wrong(dim, f"{value!r} is not in these results", f"they have {shown}")


def baseline(ds: xr.Dataset, name: str | None) -> str:
    """Policy to compare with: the study's, unless one is given."""
    try:
        found = baseline_of(ds, name)
    except ValueError as error:
        raise wrong("baseline", str(error)) from error
    return str(known(ds, "policy", found))


def policy_of(ds: xr.Dataset, policy: str | None, against: str | None = None) -> str:
    """Policy that is shown: the last that is not the baseline, unless one is given."""
    need(ds, ["budget"], "budgets", "give it a [[policy]] and run it again")
    if policy is not None:
        return str(known(ds, "policy", policy))
    others = [name for name in map(str, ds["policy"].values) if name != against]
    if not others:
        raise wrong("policy", "these results have one policy only", "give the study another")
    return others[-1]


def pair(ds: xr.Dataset, policy: str | None, against: str | None) -> tuple[str, str]:
    """Policy, and the one it is compared with."""
    old = baseline(ds, against)
    return policy_of(ds, policy, old), old


def changed(ds: xr.Dataset, new: str, old: str, year: int, table: xr.Dataset | None) -> xr.Dataset:
    """Give the `change` of a policy against another on a date; `table` where it is known already.

    Its swv are those of the results, which may be fewer than those of the table.
    """
    if table is None:
        return change(ds, new, old).sel(year=year)
    at_date = table.sel(year=year)
    return at_date if at_date["swv"].equals(ds["swv"]) else at_date.sel(swv=ds["swv"].values)


def policies_of(ds: xr.Dataset, policies: Sequence[str] | None) -> list[str]:
    """Names of policies, all unless some are given."""
    need(ds, ["budget"], "budgets", "give it a [[policy]] and run it again")
    names = ds["policy"].values.tolist() if policies is None else policies
    return [str(known(ds, "policy", name)) for name in names]


def year_of(ds: xr.Dataset, year: int | None, *, later: bool = False) -> int:
    """Find the reference date: the last, unless one is given; `later`: one with a date before."""
    years = sorted(int(value) for value in ds["year"].values)
    if later and len(years) < 2:
        raise wrong(
            "year",
            f"a change from year to year needs two reference dates; these results have {years[0]}",
            "name two or more in [study] years",
        )
    found = years[-1] if year is None else int(known(ds, "year", year))
    if later and found == years[0]:
        raise wrong("year", f"{found} has no earlier date here", f"use one of {years[1:]}")
    return found


def attribution_of(ds: xr.Dataset, attribution: str | None) -> str:
    """Attribution: by school where the results have it, unless one is given."""
    names = [str(name) for name in ds["attribution"].values]
    if attribution is None:
        return "school" if "school" in names else names[0]
    return str(known(ds, "attribution", attribution))


def share_of(ds: xr.Dataset, share: float | None) -> float:
    """Share of the target group: 20 % where the results have it, unless one is given."""
    shares = [float(value) for value in ds["share"].values]
    if share is None:
        return 0.2 if 0.2 in shares else shares[-1]
    return float(known(ds, "share", share))


def swv_of(ds: xr.Dataset, only: Sequence[str] | str | None) -> list[str]:
    """Codes of swv, all unless some are given."""
    if isinstance(only, str):
        only = [only]
    if only is None:
        return [str(name) for name in ds["swv"].values]
    return [str(known(ds, "swv", name)) for name in only]


def growth_of(ds: xr.Dataset, growth: str | None) -> str:
    """Growth scenario: the first, unless one is given."""
    names = [str(name) for name in ds["growth"].values]
    return names[0] if growth is None else str(known(ds, "growth", growth))


INTERVALS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Bounds of the 90 % and the 50 % interval, and the median."""


def spread(values: xr.DataArray, *dims: str, at: Sequence[float] = INTERVALS) -> Estimates:
    """Quantiles over the draws as the tables have them.

    Parameters
    ----------
    values : DataArray with dimension ``draw``
    *dims : str
        Order of the other dimensions.
    at : sequence of float

    Returns
    -------
    Estimates
        First dimension the quantile.
    """
    found = quantiles(values.compute(), at)
    return Estimates(
        *(found[name].transpose("quantile", *dims).to_numpy() for name in ("estimate", "mcse"))
    )
