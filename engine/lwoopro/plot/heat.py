"""Tables with shaded cells: how many swv change how much (R-2, R-4)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from lwoopro.analysis import published as known_figures
from lwoopro.analysis import redistribution as moved
from lwoopro.analysis import stability as steady
from lwoopro.plot.choose import pair, policy_of, year_of
from lwoopro.plot.style import CLEAR, INK, SEQUENTIAL, SIZE, SMALL, Page, page, text_on
from lwoopro.plot.words import Words

__all__ = ["redistribution_table", "stability_table"]

TINY: Final = 6.5


def cells(
    sheet: Page,
    height: float,
    numbers: NDArray[np.float64],
    shade: NDArray[np.float64],
    texts: Sequence[Sequence[str]],
    below: Sequence[Sequence[str]] | None,
    rows: Sequence[str],
    columns: Sequence[str],
    size: float = SIZE,
) -> Axes:
    """Grid of cells, each with its number; `shade` is 0 … 1, NaN for an empty cell."""
    ax = sheet.bare(height)
    many_rows, many_columns = numbers.shape
    shades = SEQUENTIAL(shade)
    for r in range(many_rows):
        for c in range(many_columns):
            dark = shade[r, c]
            colour: Any = tuple(shades[r, c].tolist()) if np.isfinite(dark) else CLEAR
            patch = Rectangle(
                (c + 0.02, r + 0.03),
                0.96,
                0.94,
                facecolor=colour,
                edgecolor=INK,
                linewidth=0.25,
            )
            sheet.inside(patch)
            ink = text_on(colour[:3]) if np.isfinite(dark) else INK
            two = below is not None and below[r][c]
            sheet.centred(c + 0.5, r + (0.38 if two else 0.52), texts[r][c], size, ink)
            if two and below is not None:
                sheet.centred(c + 0.5, r + 0.74, below[r][c], TINY, ink)
    ax.set_xlim(0, many_columns)
    ax.set_ylim(many_rows, 0)
    ax.set_xticks(np.arange(many_columns) + 0.5, columns)
    ax.set_yticks(np.arange(many_rows) + 0.5, rows)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    return ax


def edge_words(words: Words, bounds: Sequence[float], scale: float) -> list[str]:
    """Words for cells [low, high), the outermost closed outward (R-4)."""
    digits = 0 if all(float(b * scale).is_integer() for b in bounds) else 1
    text = [_short(words, b * scale, digits) for b in bounds]
    inner = [f"{a} … {b}" for a, b in pairwise(text)]
    return [f"≤ {text[0]}", *inner, f"≥ {text[-1]}"]


def _short(words: Words, value: float, digits: int) -> str:
    whole = float(value).is_integer()
    return words.number(value, 0 if whole else digits)


def _count_table(
    sheet: Page,
    table: xr.Dataset,
    row_bounds: Sequence[float],
    column_bounds: Sequence[float],
    beside: NDArray[np.float64] | None,
) -> Axes:
    """Draw the expected number of swv per cell, its interval, and the sums."""
    words = sheet.words
    count = table["count"].transpose("row", "column").to_numpy()
    low = table["count_low"].transpose("row", "column").to_numpy()
    high = table["count_high"].transpose("row", "column").to_numpy()
    row_sum, column_sum = table["row_count"].to_numpy(), table["column_count"].to_numpy()
    numbers = np.zeros((count.shape[0] + 1, count.shape[1] + 1))
    numbers[:-1, :-1] = count
    numbers[:-1, -1] = row_sum
    numbers[-1, :-1] = column_sum
    numbers[-1, -1] = count.sum()
    shade = np.full(numbers.shape, np.nan)
    top = max(float(count.max()), 1.0)
    shade[:-1, :-1] = np.where(count > 0, 0.05 + 0.5 * np.sqrt(count / top), np.nan)
    texts = [[_number(words, value) for value in line] for line in numbers]
    below = [[""] * numbers.shape[1] for _ in range(numbers.shape[0])]
    for r in range(count.shape[0]):
        for c in range(count.shape[1]):
            if high[r, c] == 0 and count[r, c] == 0:
                texts[r][c] = "·"
            elif beside is None and high[r, c] > low[r, c]:
                below[r][c] = f"{low[r, c]:.0f}–{high[r, c]:.0f}"
            if beside is not None and (beside[r, c] or count[r, c]):
                below[r][c] = f"({beside[r, c]:.0f})"
    ax = cells(
        sheet,
        0.38 * numbers.shape[0] + 1.25,
        numbers,
        shade,
        texts,
        below,
        [*edge_words(words, row_bounds, 100), words("all")],
        [*_stacked(edge_words(words, column_bounds, 1e-6)), words("all")],
        SIZE,
    )
    ax.set_xlabel(words("cells_euro"), labelpad=6)
    ax.set_ylabel(words("cells_percent"))
    ax.tick_params(axis="both", labelsize=SMALL)
    return ax


def _stacked(labels: Sequence[str]) -> list[str]:
    """Bounds of a narrow column below each other."""
    return [label.replace(" … ", "\n… ") for label in labels]


def _number(words: Words, value: float) -> str:
    """Whole where it is whole, one decimal where the draws differ."""
    if abs(value - round(value)) < 1e-9:
        return words.number(value)
    if value < 0.05:
        return f"< {words.number(0.1, 1)}"
    return words.number(value, 1)


def stability_table(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    year: int | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the 7×7 table of year-on-year changes: swv per cell, with intervals (R-2, R-9).

    Parameters
    ----------
    ds : Dataset
    policy : str, optional
        By default the last that is not the baseline.
    year : int, optional
        The later reference date; by default the last.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        The results have one reference date only, or no such policy.
    """
    chosen = policy_of(ds, policy, ds.attrs.get("baseline"))
    date = year_of(ds, year, later=True)
    table = steady.stability(_two(ds, date), policy=chosen).sel(year=date)
    with page("stability_table", ax, language) as sheet:
        words = sheet.words
        made = _count_table(sheet, table, steady.RELATIVE_BOUNDS, steady.EURO_BOUNDS, None)
        before = int(table["previous_year"])
        what = words("year_on_year", policy=chosen, before=before, year=date)
        middle = float(table["row_count"].to_numpy()[3])
        sheet.say(
            words(
                "stability_alt",
                what=what,
                calm=words.number(middle, 1),
                many=ds.sizes["swv"],
                beyond=words.number(float(table["beyond"]), 1),
            ),
            words(
                "stability_caption",
                what=what,
                beyond=words.number(float(table["beyond"]), 1),
                low=words.number(float(table["beyond_low"])),
                high=words.number(float(table["beyond_high"])),
            ),
            sheet.sure((_errors(table, "beyond"), "number")),
        )
    return made


def _errors(table: xr.Dataset, *also: str) -> NDArray[np.float64]:
    """Errors of all numbers of a table, and of the ends of their intervals."""
    names = ("count", "row_count", "column_count", *also)
    return np.concatenate(
        [np.ravel(table[f"{name}{end}_mcse"]) for name in names for end in ("", "_low", "_high")]
    )


def _two(ds: xr.Dataset, date: int) -> xr.Dataset:
    """Results of a date and the one before: the table of others is not asked for."""
    years = sorted(int(value) for value in ds["year"].values)
    return ds.sel(year=years[years.index(date) - 1 : years.index(date) + 1])


def redistribution_table(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    baseline: str | None = None,
    year: int | None = None,
    published: bool | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the 5×7 table of gains and losses: swv per cell (R-4, R-9).

    Parameters
    ----------
    ds : Dataset
    policy, baseline, year
        See `gains_losses`.
    published : bool, optional
        Write the published numbers of the policy of 20 % by school, 2020, in brackets instead of
        the intervals; by default never.
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
    date = year_of(ds, year)
    one = moved.redistribution(ds.sel(year=[date]), policy=new, baseline=old).sel(year=date)
    beside = np.array(known_figures.REDISTRIBUTION, float) if published else None
    with page("redistribution_table", ax, language) as sheet:
        words = sheet.words
        made = _count_table(sheet, one, moved.RELATIVE_BOUNDS, moved.EURO_BOUNDS, beside)
        what = words("against", policy=new, baseline=old, year=date)
        by_row = one["row_count"].to_numpy()
        sheet.say(
            words(
                "redistribution_alt",
                what=what,
                low=words.number(float(by_row[0]), 1),
                calm=words.number(float(by_row[2]), 1),
                high=words.number(float(by_row[-1]), 1),
                many=ds.sizes["swv"],
            ),
            words("redistribution_published" if published else "redistribution_caption", what=what),
            sheet.sure((_errors(one), "number")),
        )
    return made
