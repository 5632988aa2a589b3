"""Lists of swv with an interval each: gains and losses, differences of two runs, money at risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lwoopro.analysis.change import change
from lwoopro.analysis.estimates import Estimates, means
from lwoopro.analysis.risk import risk as risk_table
from lwoopro.plot.choose import pair, spread, swv_of, wrong, year_of
from lwoopro.plot.places import label
from lwoopro.plot.style import (
    FAINT,
    GAIN,
    GREY,
    INK,
    LOSS,
    ROW,
    SMALL,
    Page,
    grid,
    headroom,
    legend_over_list,
    number_axis,
    page,
    zero_line,
)
from lwoopro.plot.words import Words

__all__ = ["differences", "gains_losses", "risk", "value_at_risk"]

Unit = Literal["percent", "euro"]

SCALE: Final = {"percent": 100.0, "euro": 1e-6}
"""From shares and euro to what the axis shows."""

_TIE: Final = 0.5

MOST: Final = 120
"""Lines of the longest list."""


def outermost(order: NDArray[np.intp]) -> NDArray[np.intp]:
    """First and last of a very long list, as of schools: nobody reads a thousand lines."""
    return order if len(order) <= MOST else np.r_[order[: MOST // 2], order[-MOST // 2 :]]


def shortened(words: Words, many: int) -> str:
    """Say so in the caption."""
    return words("shortened", shown=MOST // 2, many=words.number(many)) if many > MOST else ""


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


def rows(sheet: Page, labels: Sequence[str], *, room: float = 0.75, guides: bool = True) -> Axes:
    """Axes with one line per label, the first on top; the scale stands above and below."""
    many = len(labels)
    ax = sheet.axes(many * ROW + room)
    ax.set_yticks(np.arange(many), labels)
    ax.set_ylim(many - 0.4, -0.6)
    ax.tick_params(axis="y", length=0, labelsize=SMALL)
    ax.spines["left"].set_visible(False)
    for place in range(4, many, 5) if guides else ():
        # every fifth line, so that the eye finds its way back to the name
        ax.axhline(place + _TIE, color=INK, alpha=0.12, linewidth=0.5, zorder=0)
    if many > 30:
        ax.tick_params(axis="x", top=True, labeltop=True)
    return ax


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
    changes = change(ds, new, old).sel(year=year)
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


def risk(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    baseline: str | None = None,
    year: int | None = None,
    only: Sequence[str] | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the chance of losing 10 % and 20 % of light support or more, per swv (R-7).

    Parameters
    ----------
    ds : Dataset
    policy, baseline, year
        See `gains_losses`.
    only : sequence of str, optional
        Codes of the swv to show; by default those with any chance above 0, or else all.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        See `gains_losses`.
    """
    new, old = pair(ds, policy, baseline)
    year = year_of(ds, year)
    codes = swv_of(ds, only)
    table = risk_table(ds, policy=new, baseline=old, top=1).sel(year=year)
    chance = table["loss_probability"].transpose("loss", "swv").sel(swv=codes)
    if only is None and bool((chance > 0).any()):
        chance = chance.isel(swv=(chance > 0).any("loss").to_numpy())
    small, large = chance.isel(loss=0).to_numpy(), chance.isel(loss=1).to_numpy()
    order = outermost(np.lexsort((-small, -large)))
    codes = [str(code) for code in chance["swv"].values[order]]
    small, large = small[order], large[order]
    with page("risk", ax, language) as sheet:
        words = sheet.words
        made = rows(sheet, [label(code) for code in codes], room=1.0)
        at = np.arange(len(codes))
        made.hlines(at, large * 100, small * 100, colors=GREY, linewidth=1.4, zorder=2)
        names = [words.percent(float(loss)) for loss in chance["loss"].values]
        texts = [
            f"{label(c)}: ≥ {names[0]} {words.percent(s, 0)}, ≥ {names[1]} {words.percent(b, 0)}"
            for c, s, b in zip(codes, small, large, strict=True)
        ]
        for values, name, colour, marker in (
            (small, names[0], "#e69f00", "o"),
            (large, names[1], LOSS, "D"),
        ):
            dots = made.scatter(
                values * 100,
                at,
                s=20 if marker == "o" else 16,
                color=colour,
                marker=marker,
                zorder=3,
                clip_on=False,
                label=words("loses_or_more", part=name),
            )
            sheet.tips(dots, texts)
        made.set_xlim(-2, 102)
        number_axis(made, "x", words)
        grid(made, "x")
        made.set_xlabel(words("chance_percent"))
        legend_over_list(made, len(codes), handletextpad=0.3)
        what = words("against", policy=new, baseline=old, year=year)
        sure = [label(c) for c, b in zip(codes, large, strict=True) if b > 0.5]
        sheet.say(
            words(
                "risk_alt",
                what=what,
                many=int((small > 0.5).sum()),
                often=len(sure),
                names=words.join(sure[:8]) or words("none"),
            ),
            words("risk_caption", what=what) + " " + shortened(words, chance.sizes["swv"]),
            sheet.sure((table["loss_probability_mcse"], "percent")),
        )
    return made


def value_at_risk(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    baseline: str | None = None,
    year: int | None = None,
    unit: Unit = "percent",
    only: Sequence[str] | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the change in the worst 5 % of the draws, per swv (R-7).

    The dot is the expected change, the bar ends at value at risk, the cross is the expected
    shortfall: the mean of the worst draws. Losses stand left of zero.

    Parameters
    ----------
    ds : Dataset
    policy, baseline, year, unit, only
        See `gains_losses`.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        See `gains_losses`.
    """
    unit = unit_of(unit)
    new, old = pair(ds, policy, baseline)
    year, codes = year_of(ds, year), swv_of(ds, only)
    table = risk_table(ds, policy=new, baseline=old, top=1).sel(year=year, swv=codes)
    first = "relative_at_risk" if unit == "percent" else "value_at_risk"
    second = "relative_shortfall" if unit == "percent" else "expected_shortfall"
    measure = "relative" if unit == "percent" else "change"
    centre = means(change(ds, new, old)[measure].sel(year=year, swv=codes), "swv")
    errors = [table[f"{name}_mcse"].to_numpy() for name in (first, second)]
    # a loss is positive in the table; here it lies left of zero
    at_risk, shortfall = -table[first].to_numpy(), -table[second].to_numpy()
    order = outermost(np.argsort(np.where(np.isnan(shortfall), np.inf, shortfall), kind="stable"))
    codes = [codes[k] for k in order]
    expected = centre.value[order]
    at_risk, shortfall = at_risk[order], shortfall[order]
    scale = SCALE[unit]
    with page("value_at_risk", ax, language) as sheet:
        words = sheet.words
        made = rows(sheet, [label(code) for code in codes], room=1.0)
        at = np.arange(len(codes))
        zero_line(made)
        colours = [GAIN if value > 0 else LOSS for value in at_risk]
        made.hlines(at, at_risk * scale, expected * scale, colors=colours, linewidth=2.0, zorder=2)
        texts = [
            f"{label(c)}: {amount(words, e, unit)}; 5 %: "
            f"{amount(words, v, unit)}; {amount(words, s, unit)}"
            for c, e, v, s in zip(codes, expected, at_risk, shortfall, strict=True)
        ]
        for values, marker, size, name in (
            (expected, "o", 13, "expected"),
            (at_risk, "|", 40, "value_at_risk"),
            (shortfall, "x", 16, "shortfall"),
        ):
            dots = made.scatter(
                values * scale,
                at,
                s=size,
                marker=marker,
                color=INK,
                linewidths=1.1,
                zorder=3,
                label=words(name),
                clip_on=False,
            )
            if name == "expected":
                sheet.tips(dots, texts)
        ends = np.concatenate([shortfall, expected, at_risk]) * scale
        if np.isfinite(ends).any():
            made.set_xlim(
                *headroom(min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends))))
            )
        number_axis(made, "x", words, sign=True)
        grid(made, "x")
        made.set_xlabel(words(f"change_{unit}"))
        legend_over_list(made, len(codes), columns=3, at=0.3, columnspacing=0.9)
        what = words("against", policy=new, baseline=old, year=year)
        worst = [
            f"{label(c)} {amount(words, v, unit)}"
            for c, v in zip(codes[:3], at_risk[:3], strict=True)
        ]
        sheet.say(
            words("var_alt", what=what, worst=words.join(worst)),
            words("var_caption", what=what) + " " + shortened(words, table.sizes["swv"]),
            sheet.sure((np.stack([centre.mcse, *errors]), unit)),
        )
    return made
