"""The way to new budgets, and all that comes at once (X-1, R-7, R-8)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from lwoopro.analysis.estimates import means
from lwoopro.analysis.montecarlo import mean
from lwoopro.analysis.stress import LEVELS, PARTS, combined_change, most_exposed, stress_summary
from lwoopro.plot.choose import baseline as baseline_of
from lwoopro.plot.choose import growth_of, known, need, pair, spread, swv_of, wrong
from lwoopro.plot.places import label
from lwoopro.plot.rows import name_rows
from lwoopro.plot.style import (
    BLUE,
    FAINT,
    GAIN,
    GREY,
    INK,
    LOSS,
    ORANGE,
    SIZE,
    SMALL,
    grid,
    headroom,
    legend_above,
    no_zero,
    number_axis,
    page,
    year_axis,
    zero_line,
)

__all__ = ["stress", "transition"]

_NAMED = 3


def transition(
    ds: xr.Dataset,
    *,
    swv: str | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw light support over the years of the transition (X-1).

    Parameters
    ----------
    ds : Dataset
    swv : str, optional
        Code: that swv's amounts, with 50 % and 90 % intervals. By default all swv, in per cent of
        the study's baseline on its last reference date.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        The results have no transition, or no such swv.
    """
    need(ds, ["transition_budget"], "transition", "add [transition] to the study and run it again")
    old = baseline_of(ds, None)
    years = [int(year) for year in ds["transition_year"].values]
    at = [years[0] - 1, *years]
    date = int(ds["year"].max())
    before = ds["budget"].sel(policy=old, year=date, drop=True)
    course = ds["transition_budget"]
    if swv is not None:
        code = swv_of(ds, swv)[0]
        one = xr.concat(
            [before.sel(swv=code).expand_dims(transition_year=[at[0]]), course.sel(swv=code)],
            dim="transition_year",
            coords="minimal",
            compat="override",
        )
        found = spread(one, "transition_year")
        band = found.value / 1e6
        with page("transition", ax, language) as sheet:
            words = sheet.words
            made = sheet.axes(3.0)
            for low, high, alpha in ((0, 4, 0.22), (1, 3, 0.38)):
                made.fill_between(
                    at,
                    band[low],
                    band[high],
                    color=BLUE,
                    alpha=alpha,
                    linewidth=0,
                    label=words("interval_90" if low == 0 else "interval_50"),
                )
            made.plot(
                at,
                band[2],
                color=BLUE,
                linewidth=1.8,
                marker="o",
                markersize=5,
                label=words("median"),
            )
            made.axhline(band[2][0], color=INK, alpha=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
            legend_above(made, left=-0.02, handletextpad=0.8, fontsize=SIZE)
            year_axis(made, at[0], at[-1])
            number_axis(made, "y", words)
            grid(made, "y")
            made.set_ylabel(words("million_euro"))
            listed = [
                f"{year} {words.euro(value * 1e6)}" for year, value in zip(at, band[2], strict=True)
            ]
            what = words("transition_what", where=label(code), first=years[0], last=years[-1])
            sheet.say(
                words("transition_alt", what=what, listed="; ".join(listed)),
                words("transition_caption", what=what, baseline=old)
                + " "
                + no_zero(made, "y", words),
                sheet.sure((found.mcse, "euro")),
            )
        return made
    start = mean(before.transpose("draw", "swv"))["estimate"]
    amounts = means(course, "transition_year", "swv")
    base = start.where(start > 0).to_numpy()
    path, error = (amounts.value / base - 1) * 100, amounts.mcse / base
    path = np.vstack([np.zeros((1, path.shape[1])), path])
    codes = [str(code) for code in ds["swv"].values]
    with page("transition", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(4.6)
        zero_line(made, "y")
        order = np.argsort(np.where(np.isfinite(path[-1]), path[-1], 0.0), kind="stable")
        ends = [*order[:_NAMED], *order[-_NAMED:]]
        for j, code in enumerate(codes):
            colour = (GAIN if path[-1, j] > 0 else LOSS) if j in ends else GREY
            line = made.plot(
                at,
                path[:, j],
                color=colour,
                linewidth=1.6 if j in ends else 0.7,
                alpha=1.0 if j in ends else 0.55,
                zorder=3 if j in ends else 2,
            )[0]
            sheet.tips(line, [f"{label(code)}: {words.percent(path[-1, j] / 100, 1, sign=True)}"])
        _end_labels(made, at[-1], [(path[-1, j], label(codes[j])) for j in ends])
        year_axis(made, at[0], at[-1])
        made.set_xlim(at[0] - 0.1, at[-1] + 0.1)
        number_axis(made, "y", words, sign=True)
        grid(made, "y")
        made.set_ylabel(words("transition_axis", baseline=old))
        listed = [
            f"{label(codes[j])} {words.percent(path[-1, j] / 100, 1, sign=True)}" for j in ends
        ]
        what = words("transition_what", where=words("all_swv"), first=years[0], last=years[-1])
        sheet.say(
            words("transition_alt", what=what, listed="; ".join(listed)),
            words("transition_all_caption", what=what, baseline=old),
            sheet.sure((error, "percent")),
        )
    return made


def _end_labels(ax: Axes, x: float, ends: list[tuple[float, str]]) -> None:
    """Names right of the last point, moved apart where they would touch."""
    low, high = ax.get_ylim()
    least = (high - low) * 0.034
    ends = sorted(ends)
    places: list[float] = []
    for value, _ in ends:
        places.append(max(value, places[-1] + least) if places else value)
    for place, (_, text) in zip(places, ends, strict=True):
        ax.annotate(
            text,
            (x, place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            annotation_clip=False,
        )


def stress(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    baseline: str | None = None,
    growth: str | None = None,
    year: int | None = None,
    level: float = LEVELS[0],
    count: int = 12,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw what the most exposed swv lose in their worst draws, and to what (R-7, X-1, R-8).

    Parameters
    ----------
    ds : Dataset
    policy, baseline
        See `gains_losses`.
    growth : str, optional
        By default the last growth scenario.
    year : int, optional
        Funded year; by default the last.
    level : float
        Part of the draws that are the worst.
    count : int
        So many swv.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Mean loss in the worst draws in per cent of today's light support, split in redistribution,
        transition and lumpsum cut; left of zero is a loss.

    Raises
    ------
    InputError
        The results have no growth scenarios; or no such policy, scenario or year.
    """
    need(
        ds,
        ["lumpsum_cut_amount"],
        "growth of pro",
        "add [pro] and a [growth.<name>] to the study and run it again",
    )
    if not 0 < level < 1:
        raise wrong("level", f"{level}", "a share between 0 and 1")
    new, old = pair(ds, policy, baseline)
    name = str(ds["growth"].values[-1]) if growth is None else growth_of(ds, growth)
    date = int(ds["funding_year"][-1]) if year is None else int(known(ds, "funding_year", year))
    changes = combined_change(ds.sel(growth=[name]), new, old)
    worst = most_exposed(stress_summary(changes, date, (level,)), name, level, count)
    today = mean(changes["today"])["estimate"].sel(swv=worst["swv"])
    shares = -worst["part"].to_numpy() / today.to_numpy() * 100
    part_errors = worst["part_mcse"].to_numpy() / today.to_numpy()
    codes = [str(code) for code in worst["swv"].values]
    with page("stress", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(0.26 * len(codes) + 1.1)
        at = np.arange(len(codes))
        below, above = np.zeros(len(codes)), np.zeros(len(codes))
        for part, colour, value in zip(PARTS, (LOSS, GREY, ORANGE), shares, strict=True):
            left = np.where(value < 0, below, above)
            bars = made.barh(
                at, value, left=left, height=0.72, color=colour, label=words(f"stress_{part}")
            )
            for bar, code, one in zip(bars, codes, value, strict=True):
                sheet.tips(
                    bar,
                    [
                        f"{label(code)}, {words(f'stress_{part}')}: "
                        f"{words.percent(one / 100, 1, sign=True)}"
                    ],
                )
            below, above = below + np.minimum(value, 0), above + np.maximum(value, 0)
        total = -worst["share"].to_numpy() * 100
        made.scatter(total, at, s=22, marker="D", color=INK, zorder=4, label=words("stress_total"))
        zero_line(made)
        made.set_xlim(*headroom(min(float(below.min()), 0.0), max(float(above.max()), 0.0)))
        name_rows(made, [label(code) for code in codes], size=SMALL)
        number_axis(made, "x", words, sign=True)
        grid(made, "x")
        made.set_xlabel(words("stress_axis"))
        legend_above(made, columns=2, left=-0.36, handlelength=1.0, fontsize=SIZE)
        what = words("stress_what", policy=new, baseline=old, growth=name, year=date)
        listed = [
            f"{label(code)} {words.percent(value / 100, 1, sign=True)}"
            for code, value in zip(codes[:5], total[:5], strict=True)
        ]
        sheet.say(
            words("stress_alt", what=what, listed="; ".join(listed), level=words.bound(level)),
            words("stress_caption", what=what, level=words.bound(level)),
            sheet.sure((np.stack([*part_errors, worst["share_mcse"].to_numpy()]), "percent")),
        )
    return made
