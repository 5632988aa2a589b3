"""When would one notice? Alarms of the monitoring rules, and their operating curves (P-9)."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from lwoopro.analysis.monitoring import monitor, rules_of
from lwoopro.analysis.monitoring import operating_curves as curves_table
from lwoopro.analysis.montecarlo import probability_error
from lwoopro.plot.choose import need, wrong
from lwoopro.plot.rows import name_rows
from lwoopro.plot.style import (
    FAINT,
    INK,
    PALETTE,
    SIZE,
    SMALL,
    grid,
    legend_above,
    number_axis,
    page,
)
from lwoopro.pro.monitoring import MEASURES, Rule
from lwoopro.study.pro import MonitoringSection

__all__ = ["monitoring", "operating_curves"]

_HOW = "add [pro] and a [growth.<name>] to the study and run it again"


def monitoring(
    ds: xr.Dataset,
    *,
    rules: Sequence[Rule] | MonitoringSection | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the chance and the delay of an alarm, per growth scenario and measure (P-9).

    Parameters
    ----------
    ds : Dataset
        With two draws or more.
    rules : sequence of Rule or a study's ``[monitoring]``, optional
        By default one rule per measure, with its default level.
    table : Dataset, optional
        What `lwoopro.monitor` gave for these rules: it takes seconds, and need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Under the reference the chance is that of a false alarm. Numbers beside the dots are the
        mean delay in years.

    Raises
    ------
    InputError
        The results have no growth scenarios, or one draw.
    """
    need(ds, ["pro_pupils", "pro_entrants"], "growth of pro", _HOW)
    if ds.sizes["draw"] < 2:
        raise wrong("draw", "one draw", "monitoring needs two draws or more")
    if isinstance(rules, MonitoringSection):
        rules = rules_of(rules)
    if rules is None:
        rules = [Rule(name) for name in MEASURES]
    table = monitor(ds, rules) if table is None else table
    names = [str(name) for name in table["growth"].values]
    watched = [str(name) for name in table["measure"].values]
    with page("monitoring", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(0.5 * len(names) + 1.1)
        at = np.arange(len(names))
        step = 0.62 / max(len(watched) - 1, 1)
        said = []
        for place, name in enumerate(watched):
            one = table.sel(measure=name)
            chance, error = one["alarm"].to_numpy() * 100, one["alarm_mcse"].to_numpy() * 100
            offset = (place - (len(watched) - 1) / 2) * step if len(watched) > 1 else 0.0
            colour = PALETTE[place % len(PALETTE)]
            made.hlines(
                at + offset,
                chance - 1.645 * error,
                chance + 1.645 * error,
                color=colour,
                linewidth=1.6,
                zorder=2,
            )
            dots = made.scatter(
                chance,
                at + offset,
                s=28,
                color=colour,
                marker="osD^v"[place % 5],
                zorder=3,
                label=words.name("watched", name),
                clip_on=False,
            )
            delay = one["delay"].to_numpy()
            sheet.tips(
                dots,
                [
                    words(
                        "alarm_tip",
                        growth=growth,
                        measure=words.name("watched", name),
                        chance=words.chance(c / 100),
                        delay=words.number(d, 1),
                    )
                    for growth, c, d in zip(names, chance, delay, strict=True)
                ],
            )
            for y, (x, half, years) in enumerate(zip(chance, 1.645 * error, delay, strict=True)):
                if np.isfinite(years):
                    left = x > 88
                    made.annotate(
                        words("years_short", years=words.number(years, 1)),
                        (x - half if left else x + half, y + offset),
                        xytext=(-7 if left else 7, 0),
                        textcoords="offset points",
                        ha="right" if left else "left",
                        va="center",
                        fontsize=SMALL,
                        alpha=FAINT + 0.25,
                    )
            said.append(
                words.name("watched", name)
                + ": "
                + ", ".join(
                    f"{growth} {words.chance(c / 100)}"
                    for growth, c in zip(names, chance, strict=True)
                )
            )
        name_rows(made, names)
        for place in range(1, len(names)):
            made.axhline(place - 0.5, color=INK, alpha=0.15, linewidth=0.6, zorder=0)
        made.set_xlim(-2, 102)
        number_axis(made, "x", words)
        grid(made, "x")
        made.set_xlabel(words("alarm_axis"))
        legend_above(made, left=-0.1, handlelength=2.0, handletextpad=0.2, fontsize=SIZE)
        sheet.say(
            words("alarm_alt", listed="; ".join(said)),
            words(
                "alarm_caption",
                level=words.bound(rules[0].level),
                years=table.sizes["pro_year"],
                reference=names[0],
            ),
            sheet.sure((table["alarm_mcse"], "percent"), (table["delay_mcse"], "years")),
        )
    return made


def operating_curves(
    ds: xr.Dataset,
    *,
    measure: str = "count",
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the chance of detection against that of a false alarm, per growth scenario (P-9).

    Parameters
    ----------
    ds : Dataset
    measure : "count", "inflow" or "stay"
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        The results have fewer than two growth scenarios, or one draw; or no such measure.
    """
    need(ds, ["pro_pupils", "pro_entrants"], "growth of pro", _HOW)
    if measure not in MEASURES:
        raise wrong("measure", f"{measure!r} is not watched", f"use one of {', '.join(MEASURES)}")
    if ds.sizes["growth"] < 2 or ds.sizes["draw"] < 2:
        raise wrong(
            "growth", "nothing to tell apart", "it takes two growth scenarios and two draws or more"
        )
    curves = curves_table(ds, measure)
    with page("operating_curves", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(4.2)
        made.plot([0, 100], [0, 100], color=INK, alpha=0.35, linewidth=0.8, linestyle=(0, (4, 3)))
        said = []
        for place, name in enumerate(map(str, curves["growth"].values)):
            one = curves.sel(growth=name)
            false = one.sel(alarm="false").to_numpy() * 100
            found = one.sel(alarm="detected").to_numpy() * 100
            order = np.lexsort((found, false))
            made.plot(
                false[order],
                found[order],
                color=PALETTE[place % len(PALETTE)],
                linewidth=1.6,
                marker="osD^v"[place % 5],
                markersize=4.5,
                label=name,
                clip_on=False,
            )
            near = int(np.abs(false - 5).argmin())
            said.append(
                f"{name} {words.percent(found[near] / 100)} ({words.percent(false[near] / 100)})"
            )
        made.set_xlim(-1, 101)
        made.set_ylim(-1, 101)
        made.set_aspect("equal")
        for axis in ("x", "y"):
            number_axis(made, axis, words)
            grid(made, axis)
        made.set_xlabel(words("false_axis"))
        made.set_ylabel(words("detected_axis"))
        made.legend(loc="lower right", handlelength=1.6)
        what = words.name("watched", measure)
        sheet.say(
            words("curves_alt", what=what, listed="; ".join(said)),
            words("curves_caption", what=what),
            # the odd draws are watched
            sheet.sure((probability_error(curves, ds.sizes["draw"] // 2), "percent")),
        )
    return made
