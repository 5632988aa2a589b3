"""What each swv may lose: chances, and the worst draws (R-7)."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from lwoopro.analysis.change import change
from lwoopro.analysis.estimates import means
from lwoopro.analysis.risk import risk as risk_table
from lwoopro.plot.choose import pair, swv_of, year_of
from lwoopro.plot.dots import SCALE, Unit, amount, unit_of
from lwoopro.plot.places import label
from lwoopro.plot.rows import outermost, rows, shortened
from lwoopro.plot.style import (
    GAIN,
    GREY,
    INK,
    LOSS,
    grid,
    headroom,
    legend_over_list,
    number_axis,
    page,
    zero_line,
)

__all__ = ["risk", "value_at_risk"]


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
