"""What report and tables withhold, so that no small count of pupils can be read from them.

A number is withheld where few pupils stand behind it, and also where few pupils would be read from
it and another number that is shown: a target group of 20 % less one of 15 %, a swv less its target
group. Money is withheld with the score that it follows. Where the sum of all swv, or of a region,
would give a withheld number away, more are withheld, the smallest first, until those together are
no small count. What is withheld is withheld for all dates alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.profile import GROUPS
from lwoopro.analysis.regions import SHRINKING

__all__ = ["DEFAULT", "MOVED", "PLAIN_KINDS", "Privacy", "find", "visible"]

DEFAULT: Final = 10
"""Applies where results do not say how much is to be withheld."""

PLAIN_KINDS: Final = ("participation", "equalised", "key")
"""Policies that divide money by the swv table alone: no pupil can be read from their amounts."""

MOVED: Final = (
    "moved_by_year",
    "moved_by_asylum",
    "moved_by_ties",
    "moved_by_policy",
    "counts_elsewhere",
)
"""Criteria that are sums over all swv that gain: with what is shown they may tell what is not."""

_TAIL: Final = 0.05
"""Counts are judged by the low end of the 90 % interval that tables show."""

Counts = NDArray[np.float64]
Hidden = NDArray[np.bool_]
Names = frozenset[str]


@dataclass(frozen=True)
class Privacy:
    """What is withheld.

    Attributes
    ----------
    below : int
        Counts of pupils below this number; 0: nothing is withheld.
    pupils : frozenset of str
        Swv whose number of pupils is withheld.
    scores : mapping of (str, float) to frozenset of str
        By attribution and share: swv whose target group and score are withheld.
    policies : mapping of str to frozenset of str
        By policy: swv whose money is withheld.
    moved : frozenset of str
        Policies of which is withheld how much money moves: with the amounts that are shown, what
        all gainers get tells what the withheld ones among them get.
    groups : mapping of str to frozenset of str
        By policy: groups of regions whose money is withheld.
    score_groups : mapping of (str, float) to frozenset of str
        By attribution and share: groups of regions whose scores are withheld.
    asylum, pro, lwoo : frozenset of str
        Swv whose numbers of asylum, pro and registered lwoo pupils are withheld, and what would
        give them away.
    lines : mapping of (float or None) to frozenset of str
        By share, and None for all pupils: lines of the target group's profile.
    sizes : bool
        The numbers of pupils that the profile is a share of are withheld.
    rungs : frozenset of str
        Rungs of the donor ladder.
    """

    below: int = 0
    pupils: Names = frozenset()
    scores: Mapping[tuple[str, float], Names] = field(default_factory=dict)
    policies: Mapping[str, Names] = field(default_factory=dict)
    moved: Names = frozenset()
    groups: Mapping[str, Names] = field(default_factory=dict)
    score_groups: Mapping[tuple[str, float], Names] = field(default_factory=dict)
    asylum: Names = frozenset()
    pro: Names = frozenset()
    lwoo: Names = frozenset()
    lines: Mapping[float | None, Names] = field(default_factory=dict)
    sizes: bool = False
    rungs: Names = frozenset()

    def money(self, *policies: str) -> Names:
        """Give the swv whose amounts are withheld under one of these policies."""
        return frozenset().union(*(self.policies.get(name, frozenset()) for name in policies))

    def regions(self, *policies: str) -> Names:
        """Give the groups of regions whose amounts are withheld under one of these policies."""
        return frozenset().union(*(self.groups.get(name, frozenset()) for name in policies))


def find(results: xr.Dataset, below: int | None = None) -> Privacy:
    """Find what has to be withheld.

    Parameters
    ----------
    results : Dataset
        Results of a run.
    below : int, optional
        Counts below it are small; by default what the study says (``[report] suppress_below``).

    Returns
    -------
    Privacy
    """
    below = int(results.attrs.get("suppress_below", DEFAULT)) if below is None else below
    if below <= 0:
        return Privacy()
    codes = [str(code) for code in results["swv"].values]
    region = [str(name) for name in results["region"].values]
    pupils = results["pupils"].astype(np.float64)
    size = pupils.max(("year", "attribution")).to_numpy()
    few, _ = _complete(
        _small(_flat(pupils, "swv"), below), _flat(pupils, "swv"), size, region, below
    )
    scores: dict[tuple[str, float], Hidden] = {}
    away: dict[tuple[str, float], Names] = {}
    for attribution in map(str, results["attribution"].values):
        target = results["target_pupils"].sel(attribution=attribution, drop=True)
        levels = _Levels(target, pupils.sel(attribution=attribution, drop=True), "swv")
        for share, hidden, counts in levels.judged(_wanted(results, attribution), below):
            place = attribution, share
            scores[place], away[place] = _complete(hidden | few, counts, size, region, below)
    policies, groups = _policies(results, few, scores, away, region)
    lines, sizes = _lines(results, below)
    asylum = _asylum(results, few, scores, size, below)
    return Privacy(
        below=below,
        pupils=_named(codes, few),
        scores={place: _named(codes, hidden) for place, hidden in scores.items()},
        policies={name: _named(codes, hidden) for name, hidden in policies.items()},
        moved=_moved(results, policies, below),
        groups=groups,
        score_groups=away,
        asylum=_named(codes, asylum),
        pro=_named(codes, _pro(results, below)),
        lwoo=_named(codes, _small(_flat(results["lwoo_pupils"], "swv"), below)),
        lines=lines,
        sizes=sizes,
        rungs=_rungs(results, below),
    )


def visible(results: xr.Dataset, away: Iterable[str]) -> xr.Dataset:
    """Results without some swv, for figures that show every swv by itself."""
    gone = set(away)
    if not gone:
        return results
    return results.isel(swv=[str(code) not in gone for code in results["swv"].values])


def _named(codes: Sequence[str], hidden: Hidden) -> Names:
    return frozenset(code for code, away in zip(codes, hidden, strict=True) if away)


def _small(counts: Counts, below: int) -> Hidden:
    """Say whose counts are below the bound in some cell."""
    return np.asarray(np.any(counts < below, axis=0), np.bool_)


def _flat(values: xr.DataArray, last: str) -> Counts:
    """All cells in the first dimension, the `last` dimension second."""
    ordered = np.asarray(values.transpose(..., last).to_numpy(), np.float64)
    return ordered.reshape(-1, ordered.shape[-1])


def _low(counts: xr.DataArray, last: str) -> Counts:
    """Low end of the counts over the draws, as `_flat`."""
    return _low_of(_drawn(counts, *(str(d) for d in counts.dims if d not in ("draw", last)), last))


def _drawn(counts: xr.DataArray, *order: str) -> Counts:
    """All draws of a cell next to each other, shape ``(…, last, draw or 1)``."""
    if "draw" not in counts.dims:
        return np.asarray(counts.transpose(*order).to_numpy(), np.float64)[..., None]
    return np.ascontiguousarray(counts.transpose(*order, "draw").to_numpy(), np.float64)


def _low_of(drawn: Counts) -> Counts:
    # NumPy's own: xarray's may compile for a long time first
    low = np.asarray(np.quantile(drawn, _TAIL, axis=-1), np.float64)
    return low.reshape(-1, low.shape[-1])


def _each(values: xr.DataArray, *others: xr.DataArray) -> Iterator[tuple[xr.DataArray, ...]]:
    """Go through the dates, or growth scenarios: large results are read for one at a time."""
    dim = next((dim for dim in ("year", "growth") if dim in values.dims), None)
    if dim is None:
        yield (values.compute(), *others)
        return
    for place in range(values.sizes[dim]):
        at = {dim: place}
        yield (
            values.isel(at, drop=True).compute(),
            *(other.isel(at, drop=True) if dim in other.dims else other for other in others),
        )


class _Levels:
    """Pupils up to every cut, and what two such numbers give away."""

    def __init__(self, counts: xr.DataArray, everyone: xr.DataArray, last: str) -> None:
        self._shares = [float(share) for share in counts["share"].values]
        found: dict[tuple[int, int], list[Counts]] = {}
        for some, others in _each(counts, everyone):
            order = [str(dim) for dim in some.dims if dim not in ("draw", "share", last)]
            drawn = _drawn(some, "share", *order, last)
            nobody = np.zeros_like(drawn[0])
            levels = [*drawn, nobody, nobody + _drawn(others, *order, last)]
            for one, other in combinations(range(len(levels)), 2):
                low = _low_of(np.abs(levels[one] - levels[other]))
                found.setdefault((one, other), []).append(low)
        self._between: dict[tuple[int, int], Counts] = {}
        for (one, other), parts in found.items():
            self._between[one, other] = self._between[other, one] = np.concatenate(parts)

    def judged(self, order: Sequence[float], below: int) -> Iterator[tuple[float, Hidden, Counts]]:
        """Decide what of each share is shown, the shares that matter most first.

        Yields
        ------
        share : float
        hidden : bool array
        counts : float64 array, shape ``(cell, last)``
            What must not be small of those that are withheld together.
        """
        nobody, everyone = len(self._shares), len(self._shares) + 1
        shown: dict[int, Hidden] = {}
        for share in order:
            at = self._shares.index(share)
            hidden = np.zeros(self._between[nobody, everyone].shape[1], bool)
            for other in (nobody, everyone):
                hidden |= _small(self._between[at, other], below)
            for other, there in shown.items():
                hidden |= there & _small(self._between[at, other], below)
            shown[at] = ~hidden
            cells = [self._between[at, other] for other in range(everyone + 1) if other != at]
            yield share, hidden, np.concatenate(cells)


def _wanted(results: xr.Dataset, attribution: str | None = None) -> list[float]:
    """Shares, those of the policies first: what matters most is shown rather than the rest."""
    shares = [float(share) for share in results["share"].values]
    of_policies = [
        float(share)
        for share, where in zip(
            results["policy_share"].values, results["policy_attribution"].values, strict=True
        )
        if attribution in (None, str(where)) and float(share) in shares
    ]
    return list(dict.fromkeys([*reversed(of_policies), *reversed(shares)]))


def _complete(
    hidden: Hidden, counts: Counts, size: Counts, region: Sequence[str], below: int
) -> tuple[Hidden, Names]:
    """Withhold more where a total would give the withheld ones away.

    Parameters
    ----------
    hidden : bool array, shape ``(swv,)``
    counts : float64 array, shape ``(cell, swv)``
        What must not be small of those that are withheld together.
    size : float64 array, shape ``(swv,)``
        The smallest are withheld first.
    region : sequence of str
        Label of every swv; every label but the empty one has totals of its own.
    below : int

    Returns
    -------
    hidden : bool array, shape ``(swv,)``
    groups : frozenset of str
        Regions whose totals cannot be shown.
    """
    hidden = hidden.copy()
    labels = np.array(region, dtype=object)
    away: set[str] = set()
    for label in sorted(set(region) - {""}):
        if not _cover(hidden, labels == label, counts, size, below):
            away.add(label)
    # a region without totals of its own is part of the rest
    if not _cover(hidden, np.isin(labels, ["", *away]), counts, size, below):
        away = set(region) - {""}
        _cover(hidden, np.ones(len(region), bool), counts, size, below)
    if away & set(SHRINKING):
        away |= {*SHRINKING, " or ".join(SHRINKING)}
    return hidden, frozenset(away)


def _cover(hidden: Hidden, among: Hidden, counts: Counts, size: Counts, below: int) -> bool:
    """Withhold more of `among`, in place, until the withheld ones together are no small count."""
    if not (hidden & among).any():
        return True
    order = [j for j in np.argsort(size, kind="stable") if among[j] and not hidden[j]]
    while True:
        here = hidden & among
        if here.sum() > 1 and (counts[:, here].sum(axis=1) >= below).all():
            return True
        if not order:
            return False
        hidden[order.pop(0)] = True


def _policies(
    results: xr.Dataset,
    few: Hidden,
    scores: Mapping[tuple[str, float], Hidden],
    away: Mapping[tuple[str, float], Names],
    region: Sequence[str],
) -> tuple[dict[str, Hidden], dict[str, Names]]:
    """Withhold money with what it follows."""
    hidden: dict[str, Hidden] = {}
    groups: dict[str, Names] = {}
    for p, name in enumerate(map(str, results["policy"].values)):
        kind = str(results["policy_kind"].values[p])
        place = (
            str(results["policy_attribution"].values[p]),
            float(results["policy_share"].values[p]),
        )
        if kind in PLAIN_KINDS:
            hidden[name], groups[name] = np.zeros_like(few), frozenset()
        else:
            hidden[name] = scores.get(place, few)
            groups[name] = away.get(place, frozenset())
    return hidden, groups


def _moved(results: xr.Dataset, policies: Mapping[str, Hidden], below: int) -> Names:
    """Policies of which the sum over all gainers, or all losers, gives a small count away.

    Against the baseline, and from one date to the next. The total of all swv is fixed: a sum over
    one side tells that of the other.
    """
    baseline = str(results.attrs.get("baseline", results["policy"].values[0]))
    # an answer without draws has the means themselves
    if "budget" in results:
        dates = [some.mean("draw") for (some,) in _each(results["budget"])]
        means = xr.concat(dates, dim="year")
    else:
        means = results["analytic_budget_mean"]
    money = means.transpose("year", "policy", "swv").to_numpy()
    place = {str(name): p for p, name in enumerate(results["policy"].values)}
    found = set()
    for name, p in place.items():
        hidden = policies[name] | policies[baseline]
        where, share = (results[f"policy_{of}"].values[p] for of in ("attribution", "share"))
        counts = results["pupils"].min("attribution").astype(np.float64).expand_dims("draw")
        if (str(where), float(share)) in {
            (str(one), float(other))
            for one in results["attribution"].values
            for other in results["share"].values
        }:
            counts = results["target_pupils"].sel(attribution=str(where), share=share)
        low = _low(counts, "swv")
        changes = [money[:, p] - money[:, place[baseline]], np.diff(money[:, p], axis=0)]
        for change in np.concatenate(changes):
            for side in (hidden & (change > 0), hidden & (change < 0)):
                if side.any() and (side.sum() < 2 or (low[:, side].sum(axis=1) < below).any()):
                    found.add(name)
    return frozenset(found)


def _asylum(
    results: xr.Dataset,
    few: Hidden,
    scores: Mapping[tuple[str, float], Hidden],
    size: Counts,
    below: int,
) -> Hidden:
    """Swv whose asylum pupils, or other pupils of the target group, are few."""
    asylum = results["asylum_pupils"].astype(np.float64)
    others = [
        _low(target - given, "swv") for target, given in _each(results["target_pupils"], asylum)
    ]
    counts = np.concatenate([_flat(asylum, "swv"), *others])
    away = few | _small(counts, below)
    for hidden in scores.values():
        away |= hidden
    _cover(away, np.ones(len(away), bool), counts, size, below)
    return away


def _pro(results: xr.Dataset, below: int) -> Hidden:
    """Swv with few pro pupils in some year of a growth scenario."""
    if "pro_pupils" not in results:
        return np.zeros(results.sizes["swv"], bool)
    counts = np.concatenate([_low(some, "swv") for (some,) in _each(results["pro_pupils"])])
    away: Hidden = _small(counts, below)
    _cover(away, np.ones(len(away), bool), counts, counts.mean(axis=0), below)
    return away


def _lines(results: xr.Dataset, below: int) -> tuple[dict[float | None, Names], bool]:
    """Lines of the profile that rest on few pupils of the country, or on few others."""
    names = [str(name) for name in results["category"].values]
    columns = np.array([name.partition("=")[0] for name in names], dtype=object)
    everyone = results["category_pupils"].compute().astype(np.float64)
    all_low = _low(everyone, "category")
    known = _flat(results["asylum_category_pupils"].astype(np.float64), "category")
    # asylum pupils of whom it is known stand in the same lines: few of them are few pupils, too
    few = _small(np.where(known > 0, known, np.inf), below)
    levels = _Levels(results["target_category_pupils"], everyone, "category")
    found: dict[float | None, Names] = {}
    judged: list[tuple[float | None, Hidden, Counts]] = [
        (None, _small(all_low, below), all_low),
        *levels.judged(_wanted(results), below),
    ]
    for share, hidden, counts in judged:
        hidden = hidden | few
        for column in dict.fromkeys(columns):
            _cover(hidden, columns == column, counts, all_low.mean(axis=0), below)
        gone = {str(column) for column in columns[hidden]}
        sums = {line for line in GROUPS if line.partition("=")[0] in gone}
        found[share] = _named(names, hidden) | sums
    asylum = results["asylum_pupils"].isel(attribution=0, drop=True).sum("swv").astype(np.float64)
    first = columns == columns[0]
    whole: dict[float | None, xr.DataArray] = {
        None: results["pupils"].isel(attribution=0, drop=True).sum("swv"),
        **{
            float(share): results["target_pupils"].isel(attribution=0).sel(share=share).sum("swv")
            for share in results["share"].values
        },
    }
    sizes = bool((asylum < below).any())
    for share, lines in found.items():
        counted = everyone if share is None else results["target_category_pupils"].sel(share=share)
        donated = whole[share] - asylum - counted.isel(category=first).sum("category")
        if sizes or bool((donated < below).any()):
            # the number of pupils with a score of their own would tell it
            found[share] = lines | {"donated"} | ({"asylum"} if sizes else frozenset())
    sizes = sizes or any("donated" in lines for lines in found.values())
    return found, sizes


def _rungs(results: xr.Dataset, below: int) -> Names:
    if "donor_rung_pupils" not in results:
        return frozenset()
    counts = _flat(results["donor_rung_pupils"], "rung")
    hidden: Hidden = _small(counts, below)
    _cover(hidden, np.ones(len(hidden), bool), counts, counts.sum(axis=0), below)
    return _named([str(name) for name in results["rung"].values], hidden)
