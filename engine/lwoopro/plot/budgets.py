"""Budgets of one swv: how they are distributed, and what they are made of (R-4)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from lwoopro.analysis.estimates import means
from lwoopro.analysis.montecarlo import mean
from lwoopro.plot.choose import policies_of, spread, swv_of, year_of
from lwoopro.plot.places import label
from lwoopro.plot.rows import name_rows
from lwoopro.plot.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SIZE,
    SMALL,
    grid,
    headroom,
    legend_above,
    no_zero,
    number_axis,
    page,
    text_on,
)

__all__ = ["budget_distribution", "budget_parts"]

_BINS: Final = 30
_FIXED: Final = 0.005
"""Budgets whose draws differ by less (euro) have no distribution."""


def budget_distribution(
    ds: xr.Dataset,
    *,
    swv: str,
    policies: Sequence[str] | None = None,
    year: int | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw how light support of one swv is distributed over the draws, per policy.

    Parameters
    ----------
    ds : Dataset
    swv : str
        Code.
    policies : sequence of str, optional
        By default all.
    year : int, optional
        Reference date; by default the last.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        The results have no such swv, policy or date.
    """
    code = swv_of(ds, swv)[0]
    names, date = policies_of(ds, policies), year_of(ds, year)
    money = ds["budget"].sel(swv=code, year=date, policy=names).compute() / 1e6
    with page("budget_distribution", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(0.46 * len(names) + 0.75)
        found, middle = spread(money, "policy"), means(money, "policy")
        bounds, centre = found.value, middle.value
        drawn = money.transpose("draw", "policy").to_numpy()
        lowest, highest = float(drawn.min()), float(drawn.max())
        for at, name in enumerate(names):
            tip = (
                f"{name}: {words.euro(centre[at] * 1e6)} "
                f"(90 %: {words.euro(bounds[0, at] * 1e6)} … {words.euro(bounds[4, at] * 1e6)})"
            )
            column = drawn[:, at]
            if np.ptp(column) * 1e6 > _FIXED:
                many, edges = np.histogram(column, bins=min(_BINS, max(5, len(column) // 8)))
                heights = many / many.max() * 0.62
                hill = made.stairs(
                    at - heights, edges, baseline=at, fill=True, color=BLUE, alpha=0.35, zorder=2
                )
                sheet.tips(hill, [tip])
                made.hlines(at, bounds[0, at], bounds[4, at], color=BLUE, linewidth=1.4, zorder=3)
                made.hlines(at, bounds[1, at], bounds[3, at], color=BLUE, linewidth=4.0, zorder=3)
            dot = made.scatter(
                centre[at],
                at,
                s=26,
                color=BLUE if np.ptp(column) * 1e6 > _FIXED else INK,
                marker="o" if np.ptp(column) * 1e6 > _FIXED else "D",
                zorder=4,
                edgecolors="white",
                linewidths=0.6,
            )
            sheet.tips(dot, [tip])
        first = next((k for k, n in enumerate(names) if n == ds.attrs.get("baseline")), None)
        if first is not None:
            made.axvline(centre[first], color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        hill_first = np.ptp(drawn[:, 0]) * 1e6 > _FIXED
        name_rows(made, names, above=0.75 if hill_first else 0.5, below=0.4)
        made.set_xlim(*headroom(lowest, highest, 0.06))
        number_axis(made, "x", words)
        grid(made, "x")
        made.set_xlabel(words("budget_axis", swv=label(code)))
        listed = [
            f"{name} {words.euro(c * 1e6)} ({words.euro(lo * 1e6)} … {words.euro(hi * 1e6)})"
            for name, c, lo, hi in zip(names, centre, bounds[0], bounds[4], strict=True)
        ]
        what = words("budget_what", swv=label(code), year=date)
        sheet.say(
            words("budget_alt", what=what, listed="; ".join(listed)),
            words("budget_caption", what=what) + " " + no_zero(made, "x", words),
            sheet.sure((np.stack([middle.mcse, *found.mcse]) * 1e6, "euro")),
        )
    return made


def budget_parts(
    ds: xr.Dataset,
    *,
    swv: str,
    policies: Sequence[str] | None = None,
    year: int | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw what light support of one swv is made of, per policy: regional, lwoo and pro.

    Parameters
    ----------
    ds : Dataset
    swv : str
        Code.
    policies, year
        See `budget_distribution`.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        See `budget_distribution`.
    """
    code = swv_of(ds, swv)[0]
    names, date = policies_of(ds, policies), year_of(ds, year)
    drawn = ds["budget_part"].sel(swv=code, year=date, policy=names).compute()
    found, whole = mean(drawn), mean(drawn.sum("part"))
    money = found["estimate"].transpose("part", "policy") / 1e6
    with page("budget_parts", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(0.36 * len(names) + 1.0)
        left = np.zeros(len(names))
        total = money.sum("part").to_numpy()
        for part, colour in (("regional", GREY), ("lwoo", BLUE), ("pro", ORANGE)):
            width = money.sel(part=part).to_numpy()
            bars = made.barh(
                np.arange(len(names)),
                width,
                left=left,
                height=0.7,
                color=colour,
                label=words(f"part_{part}"),
            )
            for at, (bar, value) in enumerate(zip(bars, width, strict=True)):
                sheet.tips(
                    bar, [f"{names[at]}, {words(f'part_{part}')}: {words.euro(value * 1e6)}"]
                )
                if total.max() > 0 and value > 0.11 * total.max():
                    made.text(
                        left[at] + value / 2,
                        at,
                        words.number(value, 1),
                        ha="center",
                        va="center",
                        fontsize=SMALL,
                        color=text_on(colour),
                    )
            left = left + width
        name_rows(made, names)
        made.set_xlim(0, max(float(left.max()) * 1.02, 1e-6))
        number_axis(made, "x", words)
        grid(made, "x")
        made.set_xlabel(words("budget_axis", swv=label(code)))
        legend_above(made, left=0, handlelength=1.0, fontsize=SIZE, columnspacing=1.2)
        listed = [
            f"{name} {words.euro(value * 1e6)}" for name, value in zip(names, total, strict=True)
        ]
        what = words("budget_what", swv=label(code), year=date)
        sheet.say(
            words("parts_alt", what=what, listed="; ".join(listed)),
            words("parts_caption", what=what),
            sheet.sure((np.r_[found["mcse"].values.ravel(), whole["mcse"].values], "euro")),
        )
    return made
