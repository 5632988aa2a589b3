"""Who is in the target group, beside all pupils (R-1)."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import xarray as xr

from lwoopro.analysis import published
from lwoopro.analysis.counts import with_drawn_counts
from lwoopro.analysis.montecarlo import LEVEL, mean, summaries
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
    data = results[[*names, "asylum_pupils"]].isel(attribution=0, drop=True)
    also = results["asylum_category_pupils"].compute().astype(np.float64)
    # national numbers are the same under either attribution
    members = data["target_pupils"].sum("swv").compute()
    pupils = data["pupils"].sum("swv").compute().astype(np.float64)
    asylum = data["asylum_pupils"].sum("swv").compute().astype(np.float64)
    target = _lines(data["target_category_pupils"].compute() + also)
    everyone = _lines(data["category_pupils"].compute().astype(np.float64) + also)
    # what the asylum pupils add to the denominator of each line
    columns = [_column(name) for name in also["category"].values]
    extra = {
        name: also.isel(category=[column == name for column in columns]).sum("category")
        for name in dict.fromkeys(columns)
    }
    # the codes of one characteristic add up to the pupils with a score of their own
    first = str(results["category"].values[0]).partition("=")[0]
    of_first = [str(name).startswith(f"{first}=") for name in results["category"].values]
    scored_target = data["target_category_pupils"].isel(category=of_first).sum("category").compute()
    scored = data["category_pupils"].isel(category=of_first).sum("category").compute()
    scored = scored.astype(np.float64)

    def whole(lines: xr.DataArray, own: xr.DataArray, all_: xr.DataArray) -> xr.Dataset:
        size = [own + extra[_column(name)] for name in lines["line"].values] + [all_, all_]
        given = asylum.broadcast_like(own)
        other = (all_ - own - given).broadcast_like(own)
        counts = xr.concat([lines, _line("donated", other), _line("asylum", given)], dim="line")
        sizes = xr.concat(size, dim=counts["line"])
        return xr.Dataset({"count": counts, "size": sizes})

    inside = whole(target, scored_target, members)
    total = whole(everyone, scored, pupils.broadcast_like(scored))
    parts = {
        "target": (inside["count"] / inside["size"]).assign_attrs(units="1"),
        "everyone": (total["count"] / total["size"]).assign_attrs(units="1"),
    }
    result = summaries(parts, level)
    result["target_size"] = mean(inside["size"])["estimate"].assign_attrs(units="pupils")
    result["everyone_size"] = mean(total["size"])["estimate"].assign_attrs(units="pupils")
    words = [
        SCORED if str(name).startswith("education") else KNOWN for name in target["line"].values
    ]
    words += [EVERYONE, EVERYONE]
    result = result.assign_coords(denominator=("line", words))
    return _with_published(result).assign_attrs(level=level, published=published.SOURCE)


def _column(category: object) -> str:
    return str(category).partition("=")[0]


def _line(name: str, values: xr.DataArray) -> xr.DataArray:
    return values.expand_dims(line=[name])


def _lines(counts: xr.DataArray) -> xr.DataArray:
    lines = counts.rename(category="line")
    known = set(lines["line"].values.tolist())
    sums = [
        _line(name, lines.sel(line=list(parts)).sum("line"))
        for name, parts in GROUPS.items()
        if known >= set(parts)
    ]
    return xr.concat([lines, *sums], dim="line")


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
