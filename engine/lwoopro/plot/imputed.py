"""What imputation leaves open: by size of unit, by source, analytic beside sampled (R-3, Q)."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from lwoopro.analysis.montecarlo import mean
from lwoopro.analysis.reliability import reliability as reliability_table
from lwoopro.analysis.reliability import reliability_by_size
from lwoopro.plot.choose import (
    attribution_of,
    known,
    need,
    policy_of,
    share_of,
    swv_of,
    wrong,
    year_of,
)
from lwoopro.plot.places import label
from lwoopro.plot.style import (
    BLUE,
    GREY,
    INK,
    NOT_SAMPLED,
    ORANGE,
    PALETTE,
    SMALL,
    grid,
    number_axis,
    page,
)
from lwoopro.plot.words import Words

__all__ = ["analytic", "convergence", "reliability", "variance_sources"]

_TINY: Final = 1e-12

_MANY: Final = 200
"""From so many units on, classes of size say more than dots."""

USABLE: Final = 40
"""Pupils from which Statistics Netherlands finds scores of primary schools usable (R-3)."""


def _draws(ds: xr.Dataset, least: int) -> None:
    if ds.sizes["draw"] < least:
        raise wrong("draw", f"{ds.sizes['draw']} draws", f"this figure needs {least} or more")


def _log(ax: Axes, axis: str, words: Words) -> None:
    """Logarithmic axis with 1, 2 and 5 of every decade in the language's notation."""
    (ax.set_xscale if axis == "x" else ax.set_yscale)("log")
    target: Any = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0)))
    target.set_minor_locator(NullLocator())
    target.set_minor_formatter(NullFormatter())
    target.set_major_formatter(FuncFormatter(words.ticks()))
    grid(ax, axis)


def _above(ax: Axes, columns: int = 3) -> None:
    """Legend over the figure, where it hides nothing."""
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(-0.05, 1.0),
        ncols=columns,
        handlelength=1.6,
        handletextpad=0.4,
        columnspacing=1.0,
        borderaxespad=0.2,
        fontsize=SMALL + 0.5,
    )


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
    _draws(ds, 2)
    portion, date = share_of(ds, share), year_of(ds, year)
    where = attribution_of(ds, attribution)
    one = ds.sel(year=[date])
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
        _log(made, "x", words)
        _log(made, "y", words)
        made.set_xlabel(words("size_axis"))
        made.set_ylabel(words("spread_axis"))
        _above(made)
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
        made.set_yticks(at, [words.name("source", source) for source in sources])
        made.tick_params(axis="y", length=0)
        made.spines["left"].set_visible(False)
        made.set_ylim(len(sources) - 0.5, -0.5)
        for edge in (0, 100):
            made.axvline(edge, color=INK, linewidth=0.8, zorder=1)
        number_axis(made, "x", words)
        grid(made, "x")
        made.set_xlabel(words("sobol_axis"))
        made.legend(
            loc="lower left",
            bbox_to_anchor=(-0.15, 1.0),
            ncols=3,
            handletextpad=0.2,
            columnspacing=1.0,
            borderaxespad=0.2,
        )
        what = words("sobol_what", policy=chosen or "–", year=date)
        sheet.say(
            words("sobol_alt", what=what, listed="; ".join(said)),
            words("sobol_caption", what=what),
            sheet.sure((np.stack(errors), "percent")),
        )
    return made


def analytic(
    ds: xr.Dataset,
    *,
    share: float | None = None,
    attribution: str | None = None,
    year: int | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the analytic spread of disadvantage scores against the sampled one (Q-5).

    Parameters
    ----------
    ds : Dataset
        With ``analytic_sd``.
    share, attribution, year
        See `reliability`.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Ratio of sampled to analytic standard deviation per swv, with the 95 % band that so many
        draws allow, against the analytic one.

    Raises
    ------
    InputError
        The results have no analytic spread, or one draw; or no such share, attribution or date.
    """
    need(
        ds,
        ["analytic_sd", "disadvantage_score"],
        "analytic mean and spread",
        "run the study with --analytic",
    )
    _draws(ds, 2)
    portion, date = share_of(ds, share), year_of(ds, year)
    where = attribution_of(ds, attribution)
    at: dict[str, Any] = {"share": portion, "year": date, "attribution": where}
    expected = ds["analytic_sd"].sel(at).to_numpy()
    drawn = ds["disadvantage_score"].sel(at).transpose("draw", "swv").to_numpy()
    sampled = drawn.std(axis=0, ddof=1)
    kept = (expected > 0) & (sampled > 0)
    codes = [str(code) for code, keep in zip(ds["swv"].values, kept, strict=True) if keep]
    expected, ratio = expected[kept], sampled[kept] / expected[kept]
    # how far a standard deviation of so many draws strays: heavier tails, farther
    tails = np.full(len(codes), 3.0)
    if "analytic_kurtosis" in ds:
        tails = ds["analytic_kurtosis"].sel(at).to_numpy()[kept]
        tails = np.where(np.isfinite(tails), tails, 3.0)
    reach = 1.96 * np.sqrt(np.maximum(tails - 1, 0.0) / (4 * (ds.sizes["draw"] - 1)))
    band = float(np.median(reach)) if len(codes) else 0.0
    with page("analytic", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(3.3)
        made.axhspan(
            1 - band, 1 + band, color=GREY, alpha=0.25, linewidth=0, label=words("analytic_band")
        )
        made.axhline(1.0, color=INK, linewidth=0.9)
        outside = np.abs(ratio - 1) > reach
        dots = made.scatter(
            expected,
            ratio,
            s=18,
            zorder=3,
            linewidths=0,
            color=[ORANGE if far else BLUE for far in outside],
        )
        sheet.tips(
            dots, [f"{label(c)}: {words.number(r, 3)}" for c, r in zip(codes, ratio, strict=True)]
        )
        _log(made, "x", words)
        number_axis(made, "y", words)
        grid(made, "y")
        made.set_xlabel(words("analytic_axis"))
        made.set_ylabel(words("ratio_axis"))
        _above(made)
        what = words(
            "reliability_what", share=words.percent(portion), year=date, where=words(f"by_{where}")
        )
        sheet.say(
            words(
                "analytic_alt",
                what=what,
                many=len(codes),
                outside=int(outside.sum()),
                middle=words.number(float(np.median(ratio)), 3),
            ),
            words("analytic_caption", what=what, draws=words.number(ds.sizes["draw"])),
            sheet.sure((ratio * reach / 1.96, "number")),
        )
    return made


def convergence(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    year: int | None = None,
    swv: Sequence[str] | str | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw how the Monte-Carlo error of a swv's mean budget falls with the draws (Q-3).

    Parameters
    ----------
    ds : Dataset
    policy : str, optional
        By default the last that is not the baseline.
    year : int, optional
        By default the last.
    swv : str or sequence of str, optional
        Codes; by default those with the largest, the middle and the smallest error.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Standard error in euro of the mean of the first so many draws, both axes logarithmic.

    Raises
    ------
    InputError
        The results have fewer than ten draws; or no such policy, date or swv.
    """
    _draws(ds, 10)
    chosen = policy_of(ds, policy, ds.attrs.get("baseline"))
    date = year_of(ds, year)
    money = ds["budget"].sel(policy=chosen, year=date).transpose("draw", "swv").compute()
    error = mean(money)["mcse"].to_numpy()
    if not (error > 0).any():
        raise wrong(
            "policy",
            f"the budgets of {chosen!r} do not differ between the draws",
            "take one that does",
        )
    if swv is None:
        order = np.flatnonzero(error > 0)[np.argsort(-error[error > 0], kind="stable")]
        places = dict.fromkeys([int(order[0]), int(order[len(order) // 2]), int(order[-1])])
        codes = [str(money["swv"].values[place]) for place in places]
    else:
        codes = swv_of(ds, swv)
    draws = ds.sizes["draw"]
    at = np.unique(np.geomspace(5, draws, 30).round().astype(int))
    with page("convergence", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(3.3)
        said = []
        for place, code in enumerate(codes):
            one = money.sel(swv=code)
            found = [float(mean(one.isel(draw=slice(int(many))))["mcse"]) for many in at]
            colour = PALETTE[place % len(PALETTE)]
            line = made.plot(
                at,
                found,
                color=colour,
                linewidth=1.6,
                marker="osD^v"[place % 5],
                markersize=3.5,
                label=label(code),
            )[0]
            sheet.tips(line, [label(code)])
            made.plot(
                at,
                found[-1] * np.sqrt(draws / at),
                color=colour,
                linewidth=0.9,
                linestyle=(0, (4, 3)),
                alpha=0.8,
            )
            said.append(f"{label(code)} {words.euro(found[-1])}")
        _log(made, "x", words)
        _log(made, "y", words)
        made.set_xlabel(words("draws_axis"))
        made.set_ylabel(words("mcse_axis"))
        _above(made, columns=2)  # names of swv are long
        what = words("convergence_what", policy=chosen, year=date)
        sheet.say(
            words("convergence_alt", what=what, draws=words.number(draws), listed="; ".join(said)),
            words("convergence_caption", what=what),
            NOT_SAMPLED,  # errors themselves
        )
    return made
