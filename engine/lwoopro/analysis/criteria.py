"""The ministry's criteria, measured for every scenario and policy (R-6)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.change import known_policy
from lwoopro.analysis.counts import with_drawn_counts
from lwoopro.analysis.montecarlo import LEVEL, probability, summary
from lwoopro.analysis.ranks import average_ranks
from lwoopro.analysis.redistribution import baseline_of
from lwoopro.analysis.regions import G4, SHRINKING
from lwoopro.analysis.scenarios import PIECES, Pieces, Ties, asylum_part
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
    one, before = data.sel(year=year, drop=True), _before(results, year)
    of = _Swv.of(one, agree or {}, opting_out)
    earlier = None if before is None else data["disadvantage_score"].sel(year=before, drop=True)
    sides = [str(name) for name in results["attribution"].values]
    elsewhere = sides.index("school") if {"school", "home"} <= set(sides) else None
    drawn = with_drawn_counts(one)[[*PIECES, *names[:2], "target_mean", "mean_score"]]
    found = _joined(
        _of_scenarios(
            drawn.isel(draw=draws),
            None if earlier is None else earlier.isel(draw=draws),
            of,
            elsewhere,
            asylum_growth,
        )
        for draws in _slices(results.sizes["draw"])
    )
    table = _table(found, one, ("attribution", "share"), level)
    exact = probability(
        xr.DataArray(~np.isnan(found["moved_by_asylum"]), dims=("draw", "attribution", "share"))
    )
    shift = exact["estimate"].assign_coords({name: one[name] for name in ("attribution", "share")})
    table["shift_draws"] = shift.assign_attrs(units="1")
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
    one, before = results.sel(year=year, drop=True), _before(results, year)
    of = _Swv.of(one, agree or {}, opting_out)
    earlier = None if before is None else results["budget"].sel(year=before, drop=True)
    other = [str(name) for name in results["policy"].values].index(baseline_of(results, baseline))
    drawn = one[["budget"]]
    found = _joined(
        _of_policies(
            drawn.isel(draw=draws), None if earlier is None else earlier.isel(draw=draws), of, other
        )
        for draws in _slices(results.sizes["draw"])
    )
    return _table(found, one, ("policy",), level).assign_attrs(year=year, level=level)


_Measures = dict[str, NDArray[np.float64]]

_AT_ONCE: Final = 256
"""Draws that are measured together: few enough to lie in the cache."""


def _slices(draws: int) -> Iterator[slice]:
    for start in range(0, draws, _AT_ONCE):
        yield slice(start, min(start + _AT_ONCE, draws))


def _joined(parts: Iterable[_Measures]) -> _Measures:
    found = list(parts)
    return {name: np.concatenate([part[name] for part in found]) for name in found[0]}


@dataclass(frozen=True, eq=False)
class _Swv:
    """What no draw changes, shape ``(swv,)``.

    Attributes
    ----------
    pupils : float64 array, shape ``(attribution, swv)``
        Of the register, as in R-5.
    mapped : bool array
        Not VO0001.
    rate : float64 array
        Registered lwoo per vo pupil; NaN for who opts out.
    groups : dict of str to bool array
        Swv of some regions.
    agree : dict of str to float64 array
    """

    pupils: NDArray[np.float64]
    mapped: NDArray[np.bool_]
    rate: NDArray[np.float64]
    groups: Mapping[str, NDArray[np.bool_]]
    agree: Mapping[str, NDArray[np.float64]]

    @classmethod
    def of(cls, one: xr.Dataset, agree: Mapping[str, xr.DataArray], opting_out: float) -> Self:
        lwoo, vo = (
            one[name].to_numpy().astype(np.float64) for name in ("lwoo_pupils", "vo_pupils")
        )
        rate = np.where(lwoo >= opting_out * vo, lwoo / np.where(vo > 0, vo, np.nan), np.nan)
        region = one["region"].to_numpy()
        groups = {
            name: np.isin(region, list(labels))
            for name, labels in (("g4", (G4,)), ("shrinking", SHRINKING))
        }
        codes = one["swv"].values
        columns = {name: column.reindex(swv=codes).to_numpy() for name, column in agree.items()}
        present = {name: inside for name, inside in groups.items() if inside.any()}
        pupils = one["pupils"].transpose("attribution", "swv").to_numpy().astype(np.float64)
        return cls(pupils, codes != NATIONAL_SWV, rate, present, columns)


def _of_scenarios(
    one: xr.Dataset,
    before: xr.DataArray | None,
    of: _Swv,
    elsewhere: int | None,
    asylum_growth: float,
) -> _Measures:
    """Measure some draws, shape ``(draw, attribution, share)``."""
    dims = ("draw", "attribution", "share")
    score = one["disadvantage_score"].transpose(*dims, "swv").to_numpy()
    pieces = Pieces.of(one)
    found = _shared(score, of.pupils[:, None], of)
    if before is not None:
        found["moved_by_year"] = _moved(score, before.transpose(*dims, "swv").to_numpy())
    target = one["target_pupils"].transpose(*dims, "swv").to_numpy().sum(axis=-1)
    found["asylum_pupils"] = pieces.asylum.sum(axis=-1)[:, :, None] / target
    found["asylum_money"] = asylum_part(one).transpose(*dims).to_numpy()
    if elsewhere is not None:
        found["counts_elsewhere"] = _moved(score, score[:, elsewhere, None])
    ties: tuple[Ties, ...] = ("include", "exclude", "fractional")
    rules = [_parts(pieces.scores(rule)) for rule in ties]
    pairs = [_apart(a, b) for k, a in enumerate(rules) for b in rules[k + 1 :]]
    found["moved_by_ties"] = np.max(pairs, axis=0)
    shifted = _parts(pieces.scores("include", asylum_growth))
    found["moved_by_asylum"] = _apart(shifted, rules[0])
    return found


def _of_policies(one: xr.Dataset, before: xr.DataArray | None, of: _Swv, other: int) -> _Measures:
    """Measure some draws, shape ``(draw, policy)``."""
    dims = ("draw", "policy", "swv")
    money = one["budget"].transpose(*dims).to_numpy()
    found = _shared(money, of.pupils[0], of)
    if before is not None:
        found["moved_by_year"] = _moved(money, before.transpose(*dims).to_numpy())
    found["moved_by_policy"] = _moved(money, money[:, other, None])
    return found


def _shared(money: NDArray[np.float64], pupils: NDArray[np.float64], of: _Swv) -> _Measures:
    """Measures that scenarios and policies have in common.

    Parameters
    ----------
    money : float64 array, shape ``(draw, …, swv)``
        On any scale.
    pupils : float64 array
        Can be broadcast to it.
    of : _Swv
    """
    each = money / np.where(pupils > 0, pupils, np.nan)
    found = {"need": _correlation(each, of.rate)}
    centre = _mean(each)
    found["spread"] = _mean((each - centre[..., None]) ** 2) ** 0.5 / centre
    whole = money.sum(axis=-1)
    for name, inside in of.groups.items():
        found[name] = _ratio(np.where(inside, money, 0.0).sum(axis=-1), whole)
    # the smaller half; VO0001 is neither small nor large
    small = pupils <= np.median(pupils[..., of.mapped], axis=-1, keepdims=True)
    rates = [
        _ratio(np.where(part, money, 0.0).sum(axis=-1), np.where(part, pupils, 0.0).sum(axis=-1))
        for part in (small & of.mapped, of.mapped & ~small)
    ]
    # where the large ones get nothing there is no ratio, rather than an infinite one
    found["small"] = _ratio(*rates)
    for name, column in of.agree.items():
        present = ~np.isnan(column) & ~np.isnan(each)
        ranks = [
            average_ranks(np.where(present, part, np.nan), each.ndim - 1) for part in (each, column)
        ]
        found[f"agree:{name}"] = _correlation(*ranks)
    return found


def _moved(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the money that stands elsewhere: half the sum of the differences of the shares."""
    return _apart(_parts(one), _parts(other))


def _parts(money: NDArray[np.float64]) -> NDArray[np.float64]:
    return _ratio(money, money.sum(axis=-1, keepdims=True))


def _apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.abs(one - other).sum(axis=-1) / 2)


def _ratio(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quotient; NaN where it has no sense."""
    return np.asarray(one / np.where(other > 0, other, np.nan))


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the swv that have a number; NaN where none has."""
    known = ~np.isnan(values)
    many = known.sum(axis=-1)
    return np.asarray(np.where(known, values, 0.0).sum(axis=-1) / np.where(many > 0, many, np.nan))


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    both = ~np.isnan(one) & ~np.isnan(other)
    sides = (np.where(both, side, np.nan) for side in (one, other))
    one, other = (np.where(both, side - _mean(side)[..., None], 0.0) for side in sides)
    size = ((one**2).sum(axis=-1) * (other**2).sum(axis=-1)) ** 0.5
    return _ratio((one * other).sum(axis=-1), size)


def _table(found: _Measures, one: xr.Dataset, dims: tuple[str, ...], level: float) -> xr.Dataset:
    """Sum every measure up, over the draws that have it."""
    coords = {"criterion": list(found), **{name: one[name].variable for name in dims}}
    values = np.stack(list(found.values()), axis=1)
    joined = xr.DataArray(values, coords, ("draw", "criterion", *dims), attrs={"units": "1"})
    return summary(joined, "value", level)


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
