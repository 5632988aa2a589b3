"""The ministry's criteria, measured for every scenario and policy (R-6)."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import xarray as xr

from lwoopro.analysis.change import known_policy
from lwoopro.analysis.counts import with_drawn_counts
from lwoopro.analysis.montecarlo import LEVEL, probability, summary
from lwoopro.analysis.ranks import average_ranks
from lwoopro.analysis.redistribution import baseline_of
from lwoopro.analysis.regions import G4, SHRINKING
from lwoopro.analysis.scenarios import Ties, asylum_part, scenario_scores
from lwoopro.codes import NATIONAL_SWV
from lwoopro.variables import check

__all__ = ["ASYLUM_GROWTH", "CRITERIA", "OPTING_OUT", "criteria_policies", "criteria_scenarios"]

OPTING_OUT: Final = 0.005
"""A swv that registers less lwoo than this share of its vo pupils is taken to opt out (B-7)."""

ASYLUM_GROWTH: Final = 0.1
"""The demographic shift: so many more asylum pupils, as a share, everywhere in proportion."""

CRITERIA: Final[Mapping[str, str]] = {
    "need": "correlation of money per pupil with registered lwoo per vo pupil over the swv that do "
    "not opt out: does money go where schools say that need is",
    "moved_by_year": "share of the money that goes to another swv than at the date before: what "
    "boards must expect from year to year",
    "spread": "coefficient of variation over the swv of money per pupil: how far needs are told "
    "apart",
    "g4": "share of the money in the four big cities",
    "shrinking": "share of the money in shrinking and anticipating regions",
    "small": "money per pupil in the smaller half of the swv over that in the larger half",
    "asylum_pupils": "share of asylum pupils in the target group: what is not about education",
    "asylum_money": "share of asylum pupils in the sum of disadvantage scores; their score is the "
    "target group's mean, so with weight `mean` it equals asylum_pupils",
    "counts_elsewhere": "least share of the money that counts at another swv than where the pupils "
    "go to school: who counts is not who pays",
    "moved_by_asylum": "share of the money that goes to another swv when there are more asylum "
    "pupils, 10 % unless asked otherwise: how future-proof",
    "moved_by_ties": "share of the money that goes to another swv under another rule for pupils on "
    "the cut, at most: how much hangs on a rule",
    "moved_by_policy": "share of the money that goes to another swv than under the baseline",
}
"""What each measure is, and why it stands there; `agree:<name>` is a rank agreement."""


def criteria_scenarios(
    results: xr.Dataset,
    *,
    year: int | None = None,
    agree: Mapping[str, xr.DataArray] | None = None,
    opting_out: float = OPTING_OUT,
    asylum_growth: float = ASYLUM_GROWTH,
    level: float = LEVEL,
) -> xr.Dataset:
    """Measure the criteria for every scenario: share × attribution (R-6, T-1).

    "Money" is here the part that follows S_j: n_j that of the same attribution. Measures that
    the results cannot give are NaN: no registered lwoo, no regions, one year, one attribution.

    Parameters
    ----------
    results : Dataset
    year : int, optional
        Reference date; by default the last.
    agree : mapping of str to DataArray, optional
        Columns by ``swv``, as another indicator; gives ``agree:<name>``, the rank correlation
        (Spearman) with money per pupil over the swv that have a number. High agreement makes the
        indicator easier to explain beside the other one.
    opting_out : float
        See `OPTING_OUT`.
    asylum_growth : float
        See `ASYLUM_GROWTH`.
    level : float
        Probability that the intervals hold.

    Returns
    -------
    Dataset
        ``value``, dimensions ``(criterion, attribution, share)``, with ``_low``, ``_high`` and
        ``_mcse``; `CRITERIA` explains every criterion. ``shift_draws``: share of the draws in
        which ``moved_by_asylum`` follows exactly from the stored pieces; the others are left out
        of its mean, and where it is 0 the measure is NaN.

    Raises
    ------
    ValueError
        `results` is not a results Dataset or has no such year.
    """
    year = _year(results, year)
    names = ["disadvantage_score", "target_pupils", "pupils", "asylum_pupils", "target_mean"]
    check(results, [*names, "mean_score", "lwoo_pupils", "vo_pupils", "region"])
    data = results.drop_vars("policy", errors="ignore")
    one = data.sel(year=year, drop=True)
    score = one["disadvantage_score"].compute()
    pupils = one["pupils"].compute().astype(np.float64)
    found = _shared(one, score, pupils, agree or {}, opting_out)
    before = _before(results, year)
    if before is not None:
        found["moved_by_year"] = _moved(
            score, data["disadvantage_score"].sel(year=before, drop=True).compute()
        )
    target = one["target_pupils"].sum("swv").compute()
    found["asylum_pupils"] = with_drawn_counts(one)["asylum_pupils"].sum("swv").compute() / target
    found["asylum_money"] = asylum_part(one)
    if {"school", "home"} <= set(results["attribution"].values.tolist()):
        found["counts_elsewhere"] = _moved(score, score.sel(attribution="school", drop=True))
    ties: tuple[Ties, ...] = ("include", "exclude", "fractional")
    rules = [_parts(scenario_scores(one, ties=rule)) for rule in ties]
    pairs = [_apart(a, b) for k, a in enumerate(rules) for b in rules[k + 1 :]]
    found["moved_by_ties"] = xr.concat(pairs, dim="pair").max("pair", skipna=False)
    shifted = _parts(scenario_scores(one, asylum_growth=asylum_growth))
    moved = found["moved_by_asylum"] = _apart(shifted, rules[0])
    table = _table(found, ("attribution", "share"), level)
    exact = probability(moved.notnull())["estimate"].transpose("attribution", "share")
    table["shift_draws"] = exact.assign_attrs(units="1")
    return table.assign_attrs(year=year, level=level)


def criteria_policies(
    results: xr.Dataset,
    *,
    year: int | None = None,
    baseline: str | None = None,
    agree: Mapping[str, xr.DataArray] | None = None,
    opting_out: float = OPTING_OUT,
    level: float = LEVEL,
) -> xr.Dataset:
    """Measure the criteria for every policy (R-6).

    "Money" is here light support in total, n_j the upper-vmbo pupils of the first attribution;
    `moved_by_year` holds whatever the run holds.

    Parameters
    ----------
    results : Dataset
    year : int, optional
        Reference date; by default the last.
    baseline : str, optional
        By default the study's.
    agree, opting_out, level
        See `criteria_scenarios`.

    Returns
    -------
    Dataset
        ``value``, dimensions ``(criterion, policy)``, with ``_low``, ``_high`` and ``_mcse``.

    Raises
    ------
    ValueError
        See `criteria_scenarios`; or there is no such baseline.
    """
    year = _year(results, year)
    check(results, ["budget", "pupils", "lwoo_pupils", "vo_pupils", "region"])
    known_policy(results, baseline_of(results, baseline))
    one = results.sel(year=year, drop=True)
    money = one["budget"].compute()
    pupils = one["pupils"].isel(attribution=0, drop=True).compute().astype(np.float64)
    found = _shared(one, money, pupils, agree or {}, opting_out)
    before = _before(results, year)
    if before is not None:
        found["moved_by_year"] = _moved(
            money, results["budget"].sel(year=before, drop=True).compute()
        )
    other = money.sel(policy=baseline_of(results, baseline), drop=True)
    found["moved_by_policy"] = _moved(money, other)
    return _table(found, ("policy",), level).assign_attrs(year=year, level=level)


def _shared(
    one: xr.Dataset,
    money: xr.DataArray,
    pupils: xr.DataArray,
    agree: Mapping[str, xr.DataArray],
    opting_out: float,
) -> dict[str, xr.DataArray]:
    """Measures that scenarios and policies have in common; `money` on any scale."""
    each = money / pupils.where(pupils > 0)
    region = one["region"].compute()
    mapped = xr.DataArray(one["swv"].values != NATIONAL_SWV, dims="swv")
    lwoo, vo = one["lwoo_pupils"].compute(), one["vo_pupils"].compute()
    rate = (lwoo / vo.where(vo > 0)).where(lwoo >= opting_out * vo)
    found = {"need": _correlation(each, rate)}
    centre = _mean(each)
    found["spread"] = _mean((each - centre) ** 2) ** 0.5 / centre
    whole = money.sum("swv")
    for name, labels in (("g4", (G4,)), ("shrinking", SHRINKING)):
        inside = region.isin(labels)
        if inside.any():
            found[name] = money.where(inside, 0).sum("swv") / whole
    size = pupils.where(mapped)
    small = size <= xr.apply_ufunc(
        np.nanmedian, size, input_core_dims=[["swv"]], kwargs={"axis": -1}
    )
    rates = [
        money.where(of, 0).sum("swv") / pupils.where(of, 0).sum("swv")
        for of in (small, mapped & ~small)
    ]
    # where the large ones get nothing there is no ratio, rather than an infinite one
    found["small"] = rates[0] / rates[1].where(rates[1] > 0)
    for name, column in agree.items():
        aligned = column.reindex(swv=one["swv"].values)
        present = aligned.notnull() & each.notnull()
        ranks = [_rank(part.where(present)) for part in (each, aligned.broadcast_like(each))]
        found[f"agree:{name}"] = _correlation(*ranks)
    return found


def _moved(one: xr.DataArray, other: xr.DataArray) -> xr.DataArray:
    """Share of the money that stands elsewhere: half the sum of the differences of the shares."""
    return _apart(_parts(one), _parts(other))


def _parts(money: xr.DataArray) -> xr.DataArray:
    return money / money.sum("swv", skipna=False)


def _apart(one: xr.DataArray, other: xr.DataArray) -> xr.DataArray:
    return abs(one - other).sum("swv", skipna=False) / 2


def _mean(values: xr.DataArray) -> xr.DataArray:
    """Over the swv that have a number; xarray's own mean may compile for seconds first."""
    many = values.notnull().sum("swv")
    return values.sum("swv") / many.where(many > 0)


def _correlation(one: xr.DataArray, other: xr.DataArray) -> xr.DataArray:
    both = one.notnull() & other.notnull()
    one, other = one.where(both), other.where(both)
    one, other = one - _mean(one), other - _mean(other)
    size = ((one**2).sum("swv") * (other**2).sum("swv")) ** 0.5
    return (one * other).sum("swv") / size.where(size > 0)


def _rank(values: xr.DataArray) -> xr.DataArray:
    ranks = average_ranks(values.to_numpy(), values.get_axis_num("swv"))
    return values.copy(data=ranks)


def _table(found: Mapping[str, xr.DataArray], dims: tuple[str, ...], level: float) -> xr.Dataset:
    """Sum every measure up, over the draws that have it."""
    full = xr.broadcast(*found.values())
    joined = xr.concat(full, dim=xr.IndexVariable("criterion", list(found)))
    return summary(joined.assign_attrs(units="1"), "value", level).transpose("criterion", *dims)


def _year(results: xr.Dataset, year: int | None) -> int:
    known = [int(found) for found in results["year"].values]
    if year is None:
        return max(known)
    if year not in known:
        raise ValueError(f"no year {year} in these results; they have {known}")
    return year


def _before(results: xr.Dataset, year: int) -> int | None:
    earlier = [int(found) for found in results["year"].values if found < year]
    return max(earlier) if earlier else None
