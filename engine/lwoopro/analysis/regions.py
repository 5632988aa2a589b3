"""Money per pupil, and how groups of regions fare (R-5)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.change import change
from lwoopro.analysis.montecarlo import LEVEL, mean, probability, summaries
from lwoopro.analysis.redistribution import baseline_of
from lwoopro.codes import NATIONAL_SWV
from lwoopro.variables import check

__all__ = ["G4", "SHRINKING", "per_pupil", "region_groups", "regions"]

G4: Final = "g4"
SHRINKING: Final = ("shrinking", "anticipating")
"""Values of the swv table's column ``region``."""

RELABELLINGS: Final = 9_999


def per_pupil(
    results: xr.Dataset,
    *,
    policy: str,
    baseline: str | None = None,
    attribution: str = "school",
    level: float = LEVEL,
    changes: xr.Dataset | None = None,
) -> xr.Dataset:
    """Euro of light support per upper-vmbo pupil, and its difference between policies (R-5).

    Parameters
    ----------
    results : Dataset
    policy : str
    baseline : str, optional
        By default the study's.
    attribution : "school" or "home"
        Where pupils are counted; the results must have it.
    level : float
        Probability that the intervals hold.
    changes : Dataset, optional
        What `change` gave for the same two policies: it need not be done twice.

    Returns
    -------
    Dataset
        ``policy``, ``baseline`` and ``difference`` in euro per pupil, dimensions ``(year, swv)``,
        each with ``_low``, ``_high`` and ``_mcse``; NaN for a swv without pupils. VO0001 is
        there: leave it out of maps (U-1).

    Raises
    ------
    ValueError
        See `change`; or the results lack the attribution.
    """
    pupils = _pupils(results, attribution)
    if changes is None:
        changes = change(results, policy, baseline_of(results, baseline))
    count = pupils.where(pupils > 0)
    parts = {
        "policy": (changes["before"] + changes["change"]) / count,
        "baseline": changes["before"] / count,
        "difference": changes["change"] / count,
    }
    for part in parts.values():
        part.attrs = {"units": "euro per pupil"}
    return summaries(parts, level).assign_attrs(level=level)


def region_groups(results: xr.Dataset) -> dict[str, tuple[str, ...]]:
    """Name the groups that `regions` compares: every region, and the shrinking ones together.

    Returns
    -------
    dict of str to tuple of str
        Name of the group, and the regions in it.

    Raises
    ------
    ValueError
        No swv has a region.
    """
    check(results, ["region"])
    found = sorted(set(results["region"].values.tolist()) - {""})
    if not found:
        raise ValueError("no swv has a region: fill the column region of the swv table")
    groups: dict[str, tuple[str, ...]] = {name: (name,) for name in found}
    if set(SHRINKING) <= set(found):
        groups[" or ".join(SHRINKING)] = SHRINKING
    return groups


def regions(
    results: xr.Dataset,
    *,
    policy: str,
    baseline: str | None = None,
    attribution: str = "school",
    groups: Mapping[str, Sequence[str]] | None = None,
    relabellings: int = RELABELLINGS,
    level: float = LEVEL,
    changes: xr.Dataset | None = None,
) -> xr.Dataset:
    """Compare groups of regions with all other swv, VO0001 left out (R-5).

    ``gap`` is the group's change in euro per upper-vmbo pupil less that of all other swv, both
    taken over their pupils together. Its interval is that of the draws: what imputation leaves
    open. The test asks another question: could any other choice of as many swv have shown as
    wide a gap? It deals the group's label anew among the swv (`relabellings` times, seeded, the
    same for every policy) and ``p_value`` is the share of the dealings, the real one included,
    whose expected gap is at least as far from zero (two-sided permutation test).

    Parameters
    ----------
    results : Dataset
    policy : str
    baseline : str, optional
        By default the study's.
    attribution : "school" or "home"
        Where pupils are counted.
    groups : mapping of str to sequence of str, optional
        Regions per group; by default `region_groups`.
    relabellings : int
    level : float
        Probability that the intervals hold.
    changes : Dataset, optional
        What `change` gave for the same two policies: it need not be done twice.

    Returns
    -------
    Dataset
        Dimensions ``(year, group)``: ``difference`` and ``gap`` in euro per pupil, ``relative``
        (change as a share of the group's light support), ``part`` and ``part_before`` (the group's
        share of all light support under the policy and the baseline, VO0001 in the total), each
        with ``_low``, ``_high`` and ``_mcse``; ``p_value`` with ``_mcse``; ``swv_count``.

    Raises
    ------
    ValueError
        See `per_pupil` and `region_groups`; or a group holds no swv or all of them.
    """
    check(results, ["region"])
    wanted = region_groups(results) if groups is None else groups
    pupils = _pupils(results, attribution)
    if changes is None:
        changes = change(results, policy, baseline_of(results, baseline))
    where = results["region"].values
    mapped = results["swv"].values != NATIONAL_SWV
    country = _Country.of(changes, pupils, mapped)
    insides = []
    for name, labels in wanted.items():
        inside = np.isin(where, list(labels)) & mapped
        if not inside.any() or inside.sum() == mapped.sum():
            raise ValueError(f"group {name!r} holds {inside.sum()} of {mapped.sum()} swv")
        insides.append(inside)
    coords = {"year": changes["year"].variable, "group": list(wanted)}
    result = _compare(country, insides, coords, level)
    chance = np.stack([country.relabelled(inside, relabellings) for inside in insides], axis=-1)
    found = probability(xr.DataArray(chance, coords, ("draw", "year", "group")))
    result["p_value"] = found["estimate"].assign_attrs(units="1")
    result["p_value_mcse"] = found["mcse"].assign_attrs(units="1")
    size = [int(inside.sum()) for inside in insides]
    result["swv_count"] = xr.DataArray(size, dims="group", attrs={"units": "swv"})
    return result.assign_attrs(level=level, relabellings=relabellings)


@dataclass(frozen=True, eq=False)
class _Country:
    """What every group is compared with; arrays ``(draw, year, swv)``, where nothing else is said.

    Attributes
    ----------
    euro, before : float64 array
        Change, and light support before it.
    count : float64 array, shape ``(year, swv)``
    mapped : bool array, shape ``(swv,)``
    all_before, all_after : float64 array, shape ``(draw, year)``
        Light support of all swv.
    expected : float64 array, shape ``(year, swv)``
        Mean change.
    """

    euro: NDArray[np.float64]
    before: NDArray[np.float64]
    count: NDArray[np.float64]
    mapped: NDArray[np.bool_]
    all_before: NDArray[np.float64]
    all_after: NDArray[np.float64]
    expected: NDArray[np.float64]

    @classmethod
    def of(cls, changes: xr.Dataset, pupils: xr.DataArray, mapped: NDArray[np.bool_]) -> "_Country":
        dims = ("draw", "year", "swv")
        euro, before = (changes[name].transpose(*dims).to_numpy() for name in ("change", "before"))
        return cls(
            euro=euro,
            before=before,
            count=pupils.transpose("year", "swv").to_numpy(),
            mapped=mapped,
            all_before=before.sum(axis=-1),
            all_after=(before + euro).sum(axis=-1),
            expected=mean(changes["change"])["estimate"].transpose("year", "swv").to_numpy(),
        )

    def relabelled(self, inside: NDArray[np.bool_], times: int) -> NDArray[np.bool_]:
        """`_relabel` of the swv that have a place on the map."""
        mapped = self.mapped
        return _relabel(self.expected[:, mapped], self.count[:, mapped], inside[mapped], times)


def _compare(
    country: _Country,
    insides: Sequence[NDArray[np.bool_]],
    coords: Mapping[str, Any],
    level: float,
) -> xr.Dataset:
    euro, count, mapped = country.euro, country.count, country.mapped

    def total(values: NDArray[np.float64], of: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.asarray(np.where(of, values, 0.0).sum(axis=-1))

    def all_groups(one: Callable[[NDArray[np.bool_]], NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.stack([one(inside) for inside in insides], axis=-1)

    gain = all_groups(lambda inside: total(euro, inside))
    own = all_groups(lambda inside: total(country.before, inside))
    rate = gain / all_groups(lambda inside: total(count, inside))
    rest = all_groups(lambda inside: total(euro, mapped & ~inside) / total(count, mapped & ~inside))
    parts = {
        "difference": (rate, "euro per pupil"),
        "gap": (rate - rest, "euro per pupil"),
        "relative": (gain / np.where(own > 0, own, np.nan), "1"),
        "part": ((own + gain) / country.all_after[..., None], "1"),
        "part_before": (own / country.all_before[..., None], "1"),
    }
    dims = ("draw", "year", "group")
    return summaries(
        {
            name: xr.DataArray(values, coords, dims, attrs={"units": units})
            for name, (values, units) in parts.items()
        },
        level,
    )


@lru_cache(maxsize=4)
def _dealings(swv: int, times: int) -> NDArray[np.intp]:
    """Orders of the swv, the same whenever they are asked for."""
    order = np.tile(np.arange(swv), (times, 1))
    return np.random.Generator(np.random.Philox(0)).permuted(order, axis=1)


def _relabel(
    change: NDArray[np.float64], pupils: NDArray[np.float64], inside: NDArray[np.bool_], times: int
) -> NDArray[np.bool_]:
    """Whether each dealing of the label shows as wide a gap; the real one comes first."""
    label = np.concatenate([inside[None], inside[_dealings(len(inside), times)]]).astype(float)
    # not by BLAS: its threads wait for each other longer than this takes
    in_euro, in_pupils = (np.einsum("ks,ys->ky", label, each) for each in (change, pupils))
    out_euro, out_pupils = change.sum(axis=1) - in_euro, pupils.sum(axis=1) - in_pupils
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.abs(in_euro / in_pupils - out_euro / out_pupils)
    # rounding must not part dealings that are equal
    return np.asarray(gap >= gap[0] * (1 - 1e-9))


def _pupils(results: xr.Dataset, attribution: str) -> xr.DataArray:
    check(results, ["budget", "pupils"])
    known = results["attribution"].values.tolist()
    if attribution not in known:
        raise ValueError(f"no attribution {attribution!r} in these results; {', '.join(known)}")
    pupils = results["pupils"].sel(attribution=attribution, drop=True).compute()
    return pupils.astype(np.float64)
