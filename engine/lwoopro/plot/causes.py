"""Why did it change: each swv's change split into its causes (R-10)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from lwoopro.analysis.why import PLAYERS, why_summary
from lwoopro.plot.choose import need, swv_of, wrong, year_of
from lwoopro.plot.places import label
from lwoopro.plot.rows import name_rows
from lwoopro.plot.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    SMALL,
    VERMILLION,
    YELLOW,
    grid,
    legend_above,
    number_axis,
    page,
    zero_line,
)

__all__ = ["why"]

_COLOURS: Final = dict(
    zip(
        PLAYERS,
        (BLUE, SKY, VERMILLION, ORANGE, GREEN, PURPLE, YELLOW, GREY, GREY),
        strict=True,
    )
)

_SHOWN: Final = 12


def why(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    year: int | None = None,
    swv: Sequence[str] | str | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw what a swv's change of lwoo money from date to date is made of (R-10).

    Parameters
    ----------
    ds : Dataset
    policy : str, optional
        One of the policies whose changes the study splits; by default the first.
    year : int, optional
        The later reference date; by default the last.
    swv : str or sequence of str, optional
        Codes; by default the twelve that change most in euro.
    table : Dataset, optional
        What `why_summary` gave for these results: it takes a while, and need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Stacked bars in thousand euro, to the left what takes and to the right what gives; a
        diamond is the whole change.

    Raises
    ------
    InputError
        The results have one reference date, or split no policy, or not this one.
    """
    date = year_of(ds, year, later=True)
    right = "name a policy in [report] split and run it again"
    need(ds, ["disadvantage_part", "lwoo_fixed"], "split of changes", right)
    split = [str(name) for name in ds["split"].values] if "split" in ds.coords else []
    if not split:
        raise wrong("split", "this study splits no changes", right)
    if policy is not None and policy not in split:
        raise wrong(
            "policy", f"the changes of {policy!r} are not split", f"those of {', '.join(split)} are"
        )
    chosen = split[0] if policy is None else policy
    if table is None:
        years = sorted(int(value) for value in ds["year"].values)
        two = ds.sel(year=years[years.index(date) - 1 : years.index(date) + 1])
        table = why_summary(two, policy=chosen)
    table = table.sel(year=date, swv=ds["swv"].values)
    if swv is None:
        order = np.argsort(-np.abs(table["change"].to_numpy()), kind="stable")[:_SHOWN]
        codes = [str(code) for code in table["swv"].values[order]]
        by = table["change"].sel(swv=codes).to_numpy()
        codes = [codes[k] for k in np.argsort(-by, kind="stable")]
    else:
        codes = swv_of(ds, swv)
    table = table.sel(swv=codes)
    causes = [
        name for name in PLAYERS if float(np.abs(table["part"].sel(cause=name)).max()) >= 500.0
    ]
    with page("why", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(0.3 * len(codes) + 1.65)
        at = np.arange(len(codes))
        below, above = np.zeros(len(codes)), np.zeros(len(codes))
        for name in causes:
            value = table["part"].sel(cause=name).to_numpy() / 1e3
            left = np.where(value < 0, below, above)
            bars = made.barh(
                at,
                value,
                left=left,
                height=0.74,
                color=_COLOURS[name],
                label=words(f"cause_{name}"),
            )
            for bar, code, one in zip(bars, codes, value, strict=True):
                sheet.tips(
                    bar,
                    [
                        f"{label(code)}, {words(f'cause_{name}')}: "
                        f"{words.euro(one * 1e3, sign=True)}"
                    ],
                )
            below, above = below + np.minimum(value, 0), above + np.maximum(value, 0)
        whole = table["change"].to_numpy() / 1e3
        made.hlines(
            at,
            table["change_low"] / 1e3,
            table["change_high"] / 1e3,
            color=INK,
            linewidth=1.0,
            zorder=3,
        )
        dots = made.scatter(
            whole,
            at,
            s=24,
            marker="D",
            color=INK,
            edgecolors="white",
            linewidths=0.6,
            zorder=4,
            label=words("whole_change"),
        )
        sheet.tips(
            dots,
            [
                f"{label(code)}: {words.euro(one * 1e3, sign=True)}"
                for code, one in zip(codes, whole, strict=True)
            ],
        )
        zero_line(made)
        name_rows(made, [label(code) for code in codes], size=SMALL)
        number_axis(made, "x", words, sign=True)
        grid(made, "x")
        made.set_xlabel(words("why_axis"))
        legend_above(made, left=-0.4, handlelength=1.0)
        before = int(table["previous_year"])
        what = words("year_on_year", policy=chosen, before=before, year=date)
        drawn = ("part_mcse", "change_mcse", "change_low_mcse", "change_high_mcse")
        listed = []
        for code in codes[:2] + codes[-2:] if len(codes) > 4 else codes:
            parts = table["part"].sel(swv=code)
            largest = str(parts["cause"].values[int(np.abs(parts.to_numpy()).argmax())])
            listed.append(
                words(
                    "why_one",
                    swv=label(code),
                    euro=words.euro(float(table["change"].sel(swv=code)), sign=True),
                    cause=words(f"cause_{largest}"),
                    part=words.euro(float(parts.sel(cause=largest)), sign=True),
                )
            )
        errors = [table[name].to_numpy().ravel() for name in drawn]
        sheet.say(
            words("why_alt", what=what, listed="; ".join(listed)),
            words("why_caption", what=what),
            sheet.sure((np.concatenate(errors), "euro")),
        )
    return made
