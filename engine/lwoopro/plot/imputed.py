"""What imputation leaves open: by size of unit, and by source of uncertainty (R-3, Q-6)."""

from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from lwoopro.analysis.reliability import reliability as reliability_table
from lwoopro.analysis.reliability import reliability_by_size
from lwoopro.plot.choose import (
    attribution_of,
    enough_draws,
    known,
    need,
    share_of,
    wrong,
    year_of,
)
from lwoopro.plot.places import label
from lwoopro.plot.rows import name_rows
from lwoopro.plot.style import (
    BLUE,
    INK,
    ORANGE,
    SIZE,
    grid,
    legend_above,
    log_axis,
    number_axis,
    page,
)

__all__ = ["reliability", "variance_sources"]

_TINY: Final = 1e-12

_MANY: Final = 200
"""From so many units on, classes of size say more than dots."""

USABLE: Final = 40
"""Pupils from which Statistics Netherlands finds scores of primary schools usable (R-3)."""


def reliability(
    ds: xr.Dataset,
    *,
    share: float | None = None,
    attribution: str | None = None,
    year: int | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the spread of disadvantage scores over the draws against the size of the unit (R-3).

    Parameters
    ----------
    ds : Dataset
        Of swv, or of schools where the study's unit is the school (U-5).
    share : float, optional
        By default 20 %, where the results have it.
    attribution : "school" or "home", optional
        By default school.
    year : int, optional
        By default the last.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Standard deviation in per cent of the mean score, both axes logarithmic.

    Raises
    ------
    InputError
        The results have one draw, or no such share, attribution or date; or nothing varies.
    """
    need(ds, ["disadvantage_score", "pupils"], "disadvantage scores", "run the study again")
    enough_draws(ds, 2)
    portion, date = share_of(ds, share), year_of(ds, year)
    where = attribution_of(ds, attribution)
    one = ds[["disadvantage_score", "pupils"]].sel(year=[date])
    table = reliability_table(one, portion, where).isel(year=0)
    pupils, relative = table["pupils"].to_numpy(), table["relative_sd"].to_numpy()
    kept = (pupils > 0) & (relative > _TINY)
    if not kept.any():
        raise wrong(
            "draw",
            "no disadvantage score differs between the draws",
            "switch a source on in [uncertainty]",
        )
    codes = [str(code) for code, keep in zip(ds["swv"].values, kept, strict=True) if keep]
    size, part = pupils[kept], relative[kept] * 100
    with page("reliability", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(3.4)
        many = len(size)
        dots = made.scatter(
            size,
            part,
            s=16 if many < _MANY else 6,
            color=BLUE,
            zorder=2,
            alpha=0.9 if many < _MANY else 0.35,
            linewidths=0,
        )
        sheet.tips(
            dots,
            [
                f"{label(c)}: {words.number(n)}, {words.number(p, 1)} %"
                for c, n, p in zip(codes, size, part, strict=True)
            ],
        )
        # a spread that falls with the root of the size, through the middle of the dots
        level = float(np.median(np.log(part) + 0.5 * np.log(size)))
        ends = np.array([size.min(), size.max()])
        made.plot(
            ends,
            np.exp(level) / np.sqrt(ends),
            color=INK,
            linewidth=1.0,
            linestyle=(0, (4, 3)),
            label=words("root_line"),
        )
        if many >= _MANY:
            classes = reliability_by_size(one, portion, where)
            made.plot(
                classes["mean_pupils"],
                classes["relative_sd"] * 100,
                color=INK,
                linewidth=1.6,
                marker="o",
                markersize=5,
                zorder=4,
                label=words("class_median"),
            )
        if size.min() < USABLE * 2:
            made.axvline(USABLE, color=ORANGE, linewidth=1.2, label=words("usable", size=USABLE))
        log_axis(made, "x", words)
        log_axis(made, "y", words)
        made.set_xlabel(words("size_axis"))
        made.set_ylabel(words("spread_axis"))
        legend_above(made)
        what = words(
            "reliability_what", share=words.percent(portion), year=date, where=words(f"by_{where}")
        )
        sheet.say(
            words(
                "reliability_alt",
                what=what,
                many=many,
                low=words.number(float(part.min()), 1),
                high=words.number(float(part.max()), 1),
                middle=words.number(float(np.median(part)), 1),
            ),
            words("reliability_caption", what=what),
            sheet.sure(((table["sd_mcse"] / table["mean"]).to_numpy()[kept], "percent")),
        )
    return made


def variance_sources(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    year: int | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw how much of the variance of the swv's budgets each source brings (Q-6).

    Parameters
    ----------
    ds : Dataset
        With ``sobol_first`` and ``sobol_total``.
    policy : str, optional
        By default the last that is not the baseline.
    year : int, optional
        By default the last.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Per source one dot per swv, first-order and total, and the median.

    Raises
    ------
    InputError
        The results have no decomposition, or no such policy or date.
    """
    need(
        ds,
        ["sobol_first", "sobol_total", "sobol_first_se", "sobol_total_se"],
        "variance decomposition",
        "ask for it in the study and run it again",
    )
    date = year_of(ds, year)
    names = ("sobol_first", "sobol_total", "sobol_first_se", "sobol_total_se")
    held = ds[[*names]].sel(year=date)
    chosen = ""
    if "policy" in held.dims:
        known_names = [str(name) for name in held["policy"].values]
        others = [one for one in known_names if one != ds.attrs.get("baseline")] or known_names
        chosen = str(known(held, "policy", policy)) if policy else others[-1]
        held = held.sel(policy=chosen)
    held = held.compute().transpose("source", "swv", ...)
    first, total, *errors = (held[name] for name in names)
    sources = [str(name) for name in first["source"].values]
    codes = [str(code) for code in first["swv"].values]
    with page("variance_sources", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(0.62 * len(sources) + 1.0)
        at = np.arange(len(sources), dtype=float)
        said = []
        sideways = (np.arange(len(codes)) % 7 - 3) * 0.022
        for values, offset, colour, name in (
            (first.to_numpy(), -0.18, BLUE, "first_order"),
            (total.to_numpy(), 0.18, ORANGE, "total_order"),
        ):
            for place in range(len(sources)):
                dots = made.scatter(
                    values[place] * 100,
                    at[place] + offset + sideways,
                    s=9,
                    color=colour,
                    alpha=0.55,
                    linewidths=0,
                    zorder=2,
                )
                sheet.tips(
                    dots,
                    [
                        f"{label(c)}: {words.percent(v)}"
                        for c, v in zip(codes, values[place], strict=True)
                    ],
                )
            with np.errstate(all="ignore"):
                middle = np.array(
                    [
                        np.median(line[np.isfinite(line)]) if np.isfinite(line).any() else np.nan
                        for line in values
                    ]
                )
            made.scatter(
                middle * 100, at + offset, s=170, marker="|", color=INK, linewidths=2.0, zorder=4
            )
            made.scatter([], [], s=30, color=colour, label=words(name))
            said.append(
                words(name)
                + ": "
                + ", ".join(
                    f"{words.name('source', source)} {words.percent(value)}"
                    for source, value in zip(sources, middle, strict=True)
                )
            )
        made.scatter([], [], s=90, marker="|", color=INK, linewidths=2.0, label=words("median_swv"))
        name_rows(made, [words.name("source", source) for source in sources])
        for edge in (0, 100):
            made.axvline(edge, color=INK, linewidth=0.8, zorder=1)
        number_axis(made, "x", words)
        grid(made, "x")
        made.set_xlabel(words("sobol_axis"))
        legend_above(made, left=-0.15, handlelength=2.0, handletextpad=0.2, fontsize=SIZE)
        what = words("sobol_what", policy=chosen or "–", year=date)
        sheet.say(
            words("sobol_alt", what=what, listed="; ".join(said)),
            words("sobol_caption", what=what),
            sheet.sure((np.stack(errors), "percent")),
        )
    return made
