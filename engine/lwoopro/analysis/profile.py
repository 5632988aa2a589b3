"""Who is in the target group, beside all pupils (R-1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis import published
from lwoopro.analysis.counts import per_draw, with_drawn_counts
from lwoopro.analysis.montecarlo import LEVEL, mean_of, summaries
from lwoopro.variables import check

__all__ = ["GROUPS", "target_profile"]

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "education_mother=high": ("education_mother=bachelor", "education_mother=master"),
    "education_father=high": ("education_father=bachelor", "education_father=master"),
    "origin=three": ("origin=north_africa", "origin=suriname_antilles", "origin=turkey"),
}
"""Lines that sum several categories, as the published table has them."""

SCORED: Final = "pupils with a score of their own"
KNOWN: Final = "pupils with a score of their own, and asylum pupils of whom it is known"
EVERYONE: Final = "all pupils"


def target_profile(results: xr.Dataset, *, level: float = LEVEL) -> xr.Dataset:
    """Share of every category in the target group and among all pupils (R-1).

    Education is as drawn, and a share of the pupils with a score of their own. Every other
    category is a share of these and of the asylum pupils of whom it is known: they are always in
    the target group. Pupils who copy a donor's score are in neither. For the last two lines,
    ``donated`` and ``asylum``, the denominator is all pupils. With
    ``ties = "fractional"`` pupils count with their weight.

    Parameters
    ----------
    results : Dataset
        Results of a run.
    level : float
        Probability that the intervals hold.

    Returns
    -------
    Dataset
        ``target`` and ``everyone``, shares between 0 and 1, dimensions ``(year, share, line)``
        (``everyone`` without ``share``), each with ``_low``, ``_high`` and ``_mcse``. The lines
        are the categories of the results, the groups of `GROUPS`, ``donated`` and ``asylum``; the
        coordinate ``denominator`` says what a line is a share of. ``target_size`` and
        ``everyone_size`` are these denominators, in pupils (mean over the draws).
        ``published_target`` and ``published_everyone`` (model §10) are NaN where nothing is
        published.

    Raises
    ------
    ValueError
        `results` is not a results Dataset.
    """
    names = ["target_category_pupils", "category_pupils", "target_pupils", "pupils"]
    check(results, [*names, "asylum_pupils", "asylum_category_pupils"])
    results = with_drawn_counts(results)
    one = results.isel(attribution=0, drop=True)
    # national numbers are the same under either attribution
    members = one["target_pupils"].transpose("draw", "year", "share", "swv").to_numpy()
    members = members.sum(axis=-1)[..., None]
    pupils, asylum = (
        per_draw(one[name], "year", "swv").sum(axis=-1)[..., None]
        for name in ("pupils", "asylum_pupils")
    )
    also = per_draw(results["asylum_category_pupils"], "year", "category")
    total = results["category_pupils"].transpose("draw", "year", "category").to_numpy()
    order = ("draw", "year", "share", "category")
    inside = results["target_category_pupils"].transpose(*order).to_numpy()
    categories = [str(name) for name in results["category"].values]
    columns = [_column(name) for name in categories]
    lines = _Lines.of(categories)
    # the codes of one characteristic add up to the pupils with a score of their own
    first = [column == columns[0] for column in columns]
    # what the asylum pupils add to the denominator of each line
    extra = np.stack(
        [
            also[..., [column == _column(line) for column in columns]].sum(axis=-1)
            for line in lines.names
        ],
        axis=-1,
    )
    parts, sizes = {}, {}
    for name, counts, added, more, every, given in (
        ("target", inside, also[:, :, None], extra[:, :, None], members, asylum[:, :, None]),
        ("everyone", total, also, extra, pupils, asylum),
    ):
        own = counts[..., first].sum(axis=-1, keepdims=True).astype(np.float64)
        whole = [lines.of_counts(counts + added), every - own - given, given]
        size = [own + more, every, every]
        count, sizes[name] = (_beside(some, own.shape[:-1]) for some in (whole, size))
        parts[name] = count / sizes[name]
    dims = {"target": ("draw", "year", "share", "line"), "everyone": ("draw", "year", "line")}
    coords = {name: results[name].variable for name in ("year", "share")}
    coords |= {"line": xr.Variable("line", [*lines.names, "donated", "asylum"])}

    def array(name: str, values: NDArray[np.float64], units: str) -> xr.DataArray:
        own = {dim: coords[dim] for dim in dims[name] if dim != "draw"}
        return xr.DataArray(values, own, dims[name], attrs={"units": units})

    shares = {name: array(name, values, "1") for name, values in parts.items()}
    result = summaries(shares, level)
    for name, values in sizes.items():
        estimate, _ = mean_of(values)
        result[f"{name}_size"] = (dims[name][1:], estimate, {"units": "pupils"})
    words = [SCORED if name.startswith("education") else KNOWN for name in lines.names]
    words += [EVERYONE, EVERYONE]
    result = result.assign_coords(denominator=("line", words))
    return _with_published(result).assign_attrs(level=level, published=published.SOURCE)


@dataclass(frozen=True)
class _Lines:
    """The categories, and behind them the groups of them.

    Attributes
    ----------
    names : list of str
    groups : list of list of int
        Places of the categories in each group.
    """

    names: list[str]
    groups: list[list[int]]

    @classmethod
    def of(cls, categories: list[str]) -> Self:
        known = {
            name: [categories.index(part) for part in parts]
            for name, parts in GROUPS.items()
            if set(categories) >= set(parts)
        }
        return cls([*categories, *known], list(known.values()))

    def of_counts(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Numbers of the lines from those of the categories, the last dimension."""
        sums = [counts[..., group].sum(axis=-1, keepdims=True) for group in self.groups]
        return np.concatenate([counts, *sums], axis=-1)


def _beside(parts: Sequence[NDArray[np.float64]], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Join along the last dimension what has the others, or one in their place."""
    return np.concatenate(
        [np.broadcast_to(part, (*shape, part.shape[-1])) for part in parts], axis=-1
    )


def _column(category: str) -> str:
    return category.partition("=")[0]


def _with_published(result: xr.Dataset) -> xr.Dataset:
    lines = [str(name) for name in result["line"].values]
    years = result["year"].to_numpy() == published.YEAR
    shares = result["share"].to_numpy() == published.PROFILE_SHARE
    here = years & shares[:, None]
    for place, (name, dims) in enumerate(
        (("target", ("line", "share", "year")), ("everyone", ("line", "year")))
    ):
        own = result[name].transpose(*dims)
        values = np.full(own.shape, np.nan)
        for line, figures in published.PROFILE.items():
            if line in lines:
                values[lines.index(line), here if name == "target" else years] = figures[place]
        result[f"published_{name}"] = own.copy(data=values).transpose(*result[name].dims)
    return result
