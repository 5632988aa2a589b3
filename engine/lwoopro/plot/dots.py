"""Lists of swv with an interval each: gains and losses, differences of two runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lwoopro.analysis.estimates import Estimates, means
from lwoopro.plot.choose import changed, pair, spread, swv_of, wrong, year_of
from lwoopro.plot.places import label
from lwoopro.plot.rows import outermost, rows, shortened
from lwoopro.plot.style import (
    FAINT,
    GAIN,
    GREY,
    LOSS,
    SMALL,
    Page,
    grid,
    headroom,
    number_axis,
    page,
    zero_line,
)
from lwoopro.plot.words import Words

__all__ = ["differences", "gains_losses"]

Unit = Literal["percent", "euro"]

SCALE: Final = {"percent": 100.0, "euro": 1e-6}
"""From shares and euro to what the axis shows."""


def unit_of(unit: str) -> Unit:
    """Give a unit back where figures can have it."""
    if unit == "percent":
        return "percent"
    if unit == "euro":
        return "euro"
    raise wrong("unit", f"{unit!r} is not a unit here", "use 'percent' or 'euro'")


def amount(words: Words, value: float, unit: Unit, *, sign: bool = True) -> str:
    """Write a share or an amount in words."""
    if unit == "percent":
        return words.percent(value, 1, sign=sign)
    return words.euro(value, sign=sign)


def draw_intervals(
    ax: Axes,
    at: NDArray[np.float64],
    bounds: NDArray[np.float64],
    centre: NDArray[np.float64],
    colours: Sequence[str],
    *,
    filled: Sequence[bool] | None = None,
) -> Artist:
    """Thin bar 90 %, thick bar 50 %, dot the mean; `bounds` has shape (5, rows)."""
    ax.hlines(at, bounds[0], bounds[4], colors=colours, linewidth=1.1, zorder=2)
    ax.hlines(at, bounds[1], bounds[3], colors=colours, linewidth=3.2, zorder=3)
    faces = (
        colours
        if filled is None
        else [colour if full else "white" for colour, full in zip(colours, filled, strict=True)]
    )
    return ax.scatter(
        centre, at, s=11, c=faces, edgecolors=colours, linewidths=1.1, zorder=4, clip_on=False
    )


@dataclass(frozen=True, eq=False)
class _Listed:
    """Swv with what the draws say of each: (swv) and (quantile, swv)."""

    codes: Sequence[str]
    draws: int
    mean: Estimates
    bounds: Estimates


def _found(values: xr.DataArray, codes: Sequence[str]) -> _Listed:
    values = values.sel(swv=list(codes)).transpose("draw", "swv").compute()
    return _Listed(codes, values.sizes["draw"], means(values), spread(values, "swv"))


def _listed(sheet: Page, found: _Listed, unit: Unit) -> Axes:
    """Draw a sorted list of swv."""
    words = sheet.words
    centre = found.mean.value
    order = outermost(np.argsort(np.where(np.isnan(centre), np.inf, -centre), kind="stable"))
    codes = [found.codes[k] for k in order]
    centre = centre[order] * SCALE[unit]
    bounds = found.bounds.value[:, order] * SCALE[unit]
    ax = rows(sheet, [label(code) for code in codes])
    known = ~np.isnan(centre)
    sure = (bounds[0] > 0) | (bounds[4] < 0)
    colours = [(GAIN if c > 0 else LOSS) if s else GREY for c, s in zip(centre, sure, strict=True)]
    zero_line(ax)
    dots = draw_intervals(
        ax, np.arange(len(codes), dtype=np.float64), bounds, centre, colours, filled=sure
    )
    shown = [
        f"{label(code)}: {amount(words, c / SCALE[unit], unit)} "
        f"(90 %: {amount(words, low / SCALE[unit], unit)} … "
        f"{amount(words, high / SCALE[unit], unit)})"
        for code, c, low, high in zip(codes, centre, bounds[0], bounds[4], strict=True)
    ]
    sheet.tips(dots, shown)
    if known.any():
        ax.set_xlim(
            *headroom(min(0.0, float(np.nanmin(bounds))), max(0.0, float(np.nanmax(bounds))))
        )
    number_axis(ax, "x", words, sign=True)
    grid(ax, "x")
    for place in np.flatnonzero(~known).tolist():
        ax.text(0, place, f"  {words('undefined')}", va="center", fontsize=SMALL, alpha=FAINT)
    return ax


def differences(
    values: xr.DataArray,
    *,
    unit: Unit = "euro",
    only: Sequence[str] | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw differences per swv, sorted, with 50 % and 90 % intervals (R-9).

    Parameters
    ----------
    values : DataArray
        Dimensions ``(draw, swv)``: euro, or shares with unit "percent".
    unit : "euro" or "percent"
    only : sequence of str, optional
        Codes of the swv to show.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        Another unit or language, or no such swv.
    """
    unit = unit_of(unit)
    found = _found(values, swv_of(values.to_dataset(name="values"), only))
    with page("differences", ax, language) as sheet:
        words = sheet.words
        made = _listed(sheet, found, unit)
        made.set_xlabel(words(f"difference_{unit}"))
        _say(sheet, found, unit, words("difference_what"))
    return made


def gains_losses(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    baseline: str | None = None,
    year: int | None = None,
    unit: Unit = "percent",
    only: Sequence[str] | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw what every swv gains or loses, sorted, with 50 % and 90 % intervals (R-4, R-9).

    Parameters
    ----------
    ds : Dataset
        Results of a run.
    policy : str, optional
        By default the last that is not the baseline.
    baseline : str, optional
        By default the study's.
    year : int, optional
        Reference date; by default the last.
    unit : "percent" or "euro"
        Change as a part of light support, or in million euro.
    only : sequence of str, optional
        Codes of the swv to show; by default all.
    table : Dataset, optional
        What `change` gave for these results and policies: it need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        The results have no such policy, date or swv.
    """
    unit = unit_of(unit)
    new, old = pair(ds, policy, baseline)
    year, codes = year_of(ds, year), swv_of(ds, only)
    changes = changed(ds, new, old, year, table)
    found = _found(changes["relative" if unit == "percent" else "change"], codes)
    with page("gains_losses", ax, language) as sheet:
        words = sheet.words
        made = _listed(sheet, found, unit)
        made.set_xlabel(words(f"change_{unit}"))
        _say(sheet, found, unit, words("against", policy=new, baseline=old, year=year))
    return made


def _say(sheet: Page, found: _Listed, unit: Unit, what: str) -> None:
    words = sheet.words
    centre, low, high = found.mean.value, found.bounds.value[0], found.bounds.value[-1]
    order = [k for k in np.argsort(-centre, kind="stable") if np.isfinite(centre[k])]
    ends = [
        f"{label(found.codes[k])} {amount(words, float(centre[k]), unit)}"
        for k in order[:3] + order[-3:]
    ]
    alt = words(
        "gains_alt",
        what=what,
        many=len(centre),
        gain=int((low > 0).sum()),
        lose=int((high < 0).sum()),
        open=int(((low <= 0) & (high >= 0)).sum()),
        most=words.join(ends[:3]),
        least=words.join(ends[3:][::-1]),
    )
    sheet.say(
        alt,
        words("gains_caption", what=what, draws=words.number(found.draws))
        + " "
        + shortened(words, len(found.codes)),
        sheet.sure((np.r_[found.mean.mcse, found.bounds.mcse.ravel()], unit)),
    )
