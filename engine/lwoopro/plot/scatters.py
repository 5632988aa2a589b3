"""Before against after: the scatter around the diagonal (R-2, R-4)."""

from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator
from numpy.typing import NDArray

from lwoopro.analysis.change import change
from lwoopro.analysis.stability import scatter, yearly_change
from lwoopro.plot.choose import pair, policy_of, year_of
from lwoopro.plot.places import label
from lwoopro.plot.style import GAIN, GREY, INK, LOSS, Page, page

__all__ = ["redistribution_scatter", "stability_scatter"]

_NAMED: Final = 6
"""So many swv on either side, farthest from the diagonal, are named."""


def _draw(
    sheet: Page, table: xr.Dataset, bands: tuple[float, ...], x: str, y: str
) -> tuple[Axes, list[str], NDArray[np.float64], str]:
    """Draw the scatter; gives swv, their change, and how sure all of that is."""
    words = sheet.words
    before, after = table["before"].to_numpy() / 1e6, table["after"].to_numpy() / 1e6
    low, high = table["after_low"].to_numpy() / 1e6, table["after_high"].to_numpy() / 1e6
    relative = table["relative"].to_numpy()
    kept = (before > 0) & (after > 0) & (low > 0)
    before, after, low, high = before[kept], after[kept], low[kept], high[kept]
    relative = relative[kept]
    codes = [str(code) for code in table["swv"].values[kept]]
    ax = sheet.axes(5.0)
    ends = np.array([min(before.min(), low.min()) / 1.12, max(before.max(), high.max()) * 1.12])
    ax.plot(ends, ends, color=INK, linewidth=0.9, zorder=1)
    for band in bands:
        for side in (1 + band, 1 - band):
            ax.plot(ends, ends * side, color=INK, alpha=0.35, linewidth=0.7, linestyle=(0, (4, 3)))
    ax.plot(
        [],
        [],
        color=INK,
        alpha=0.5,
        linewidth=0.7,
        linestyle=(0, (4, 3)),
        label=words("bands", low=words.bound(bands[0]), high=words.bound(bands[1])),
    )
    large = np.abs(relative) >= bands[0]
    colours = [
        (GAIN if value > 0 else LOSS) if far else GREY
        for value, far in zip(relative, large, strict=True)
    ]
    ax.vlines(before, low, high, colors=colours, linewidth=1.0, zorder=2)
    dots = ax.scatter(before, after, s=14, c=colours, zorder=3, linewidths=0)
    sheet.tips(
        dots,
        [
            f"{label(c)}: {words.euro(b * 1e6)} → {words.euro(a * 1e6)} "
            f"({words.percent(r, 1, sign=True)})"
            for c, b, a, r in zip(codes, before, after, relative, strict=True)
        ],
    )
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(*ends)
    ax.set_ylim(*ends)
    ax.set_aspect("equal")
    steps = [
        t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500) if ends[0] <= t <= ends[1]
    ]
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
        axis.set_ticks(steps)
        axis.set_major_formatter(FuncFormatter(words.ticks()))
        axis.grid(True, color=INK, alpha=0.12, linewidth=0.6)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.legend(loc="lower right")
    drawn = ("before", "after", "after_low", "after_high")
    sure = sheet.sure(
        (np.stack([table[f"{name}_mcse"][kept] for name in drawn]), "euro"),
        (table["relative_mcse"][kept], "percent"),
    )
    return ax, codes, relative, sure


def redistribution_scatter(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    baseline: str | None = None,
    year: int | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw light support under a policy against that under the baseline, per swv (R-4).

    Parameters
    ----------
    ds : Dataset
    policy, baseline, year
        See `gains_losses`.
    table : Dataset, optional
        What `scatter` gave for these results: it takes a while, and need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Logarithmic, million euro. Swv without money on one side are left out.

    Raises
    ------
    InputError
        See `gains_losses`.
    """
    new, old = pair(ds, policy, baseline)
    date = year_of(ds, year)
    if table is None:
        table = scatter(change(ds.sel(year=[date]), new, old))
    with page("redistribution_scatter", ax, language) as sheet:
        words = sheet.words
        made, codes, relative, sure = _draw(
            sheet,
            table.sel(year=date, swv=ds["swv"].values),
            (0.1, 0.2),
            words("budget_of", policy=old),
            words("budget_of", policy=new),
        )
        what = words("against", policy=new, baseline=old, year=date)
        _say(sheet, what, codes, relative, 0.1, sure)
    return made


def stability_scatter(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    year: int | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw light support of a date against that of the date before, per swv (R-2).

    Parameters
    ----------
    ds : Dataset
    policy : str, optional
        By default the last that is not the baseline.
    year : int, optional
        The later reference date; by default the last.
    table : Dataset, optional
        What `scatter` gave for these results: it takes a while, and need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Logarithmic, million euro.

    Raises
    ------
    InputError
        The results have one reference date only, or no such policy.
    """
    chosen = policy_of(ds, policy, ds.attrs.get("baseline"))
    date = year_of(ds, year, later=True)
    if table is None:
        table = scatter(yearly_change(ds, policy=chosen))
    table = table.sel(year=date, swv=ds["swv"].values)
    before = int(table["previous_year"])
    with page("stability_scatter", ax, language) as sheet:
        words = sheet.words
        made, codes, relative, sure = _draw(
            sheet,
            table,
            (0.05, 0.075),
            words("budget_on", year=before),
            words("budget_on", year=date),
        )
        what = words("year_on_year", policy=chosen, before=before, year=date)
        _say(sheet, what, codes, relative, 0.05, sure)
    return made


def _say(
    sheet: Page,
    what: str,
    codes: list[str],
    relative: NDArray[np.float64],
    band: float,
    sure: str,
) -> None:
    words = sheet.words
    order = np.argsort(-np.abs(relative), kind="stable")
    far = [f"{label(codes[k])} {words.percent(relative[k], 1, sign=True)}" for k in order[:_NAMED]]
    sheet.say(
        words(
            "scatter_alt",
            what=what,
            many=len(codes),
            beyond=int((np.abs(relative) >= band).sum()),
            band=words.bound(band),
            far=words.join(far),
        ),
        words("scatter_caption", what=what),
        sure,
    )
