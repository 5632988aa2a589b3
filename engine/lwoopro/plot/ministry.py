"""The ministry's criteria as a table with shaded cells (R-6)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lwoopro.analysis.criteria import criteria_policies as policies_table
from lwoopro.analysis.criteria import criteria_scenarios as scenarios_table
from lwoopro.plot.choose import baseline as baseline_of
from lwoopro.plot.choose import need, year_of
from lwoopro.plot.heat import TINY, cells
from lwoopro.plot.style import INK, SIZE, SMALL, Page, page
from lwoopro.plot.words import Words

__all__ = ["criteria", "criteria_policies"]


def criteria(
    ds: xr.Dataset,
    *,
    year: int | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the ministry's criteria for every scenario, share × attribution (R-6).

    A row is a criterion; its shade goes from the lowest to the highest scenario of that row.

    Parameters
    ----------
    ds : Dataset
    year : int, optional
        Reference date; by default the last.
    table : Dataset, optional
        What `criteria_scenarios` gave for these results: it need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        The results have no such date, or no disadvantage scores.
    """
    need(ds, ["disadvantage_score"], "disadvantage scores", "run the study again")
    date = year_of(ds, year)
    if table is None:
        table = scenarios_table(ds, year=date)
    attributions = [str(name) for name in table["attribution"].values]
    shares = [float(value) for value in table["share"].values]
    values = table["value"].transpose("criterion", "attribution", "share")
    flat = values.to_numpy().reshape(values.sizes["criterion"], -1)
    with page("criteria", ax, language) as sheet:
        words = sheet.words
        made = _measured(
            sheet,
            [str(name) for name in table["criterion"].values],
            flat,
            [words.number(100 * share) for _ in attributions for share in shares],
        )
        for place, name in enumerate(attributions):
            made.text(
                (place + 0.5) * len(shares),
                -0.62,
                words(f"by_{name}"),
                ha="center",
                va="bottom",
                fontsize=SIZE,
            )
            if place:
                made.axvline(place * len(shares), color=INK, linewidth=1.2)
        made.set_xlabel(words("criteria_columns"), labelpad=20)
        _say_criteria(sheet, words("criteria_what", year=date), table)
    return made


def criteria_policies(
    ds: xr.Dataset,
    *,
    year: int | None = None,
    baseline: str | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the ministry's criteria for every policy (R-6).

    Parameters
    ----------
    ds : Dataset
    year : int, optional
        Reference date; by default the last.
    baseline : str, optional
        By default the study's.
    table : Dataset, optional
        What `criteria_policies` gave for these results: it need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        The results have no such date or baseline.
    """
    date, old = year_of(ds, year), baseline_of(ds, baseline)
    if table is None:
        table = policies_table(ds, year=date, baseline=old)
    values = table["value"].transpose("criterion", "policy").to_numpy()
    with page("criteria_policies", ax, language) as sheet:
        words = sheet.words
        made = _measured(
            sheet,
            [str(name) for name in table["criterion"].values],
            values,
            [str(name) for name in table["policy"].values],
        )
        for text in made.get_xticklabels():
            text.set(rotation=60, ha="left", rotation_mode="anchor")
        _say_criteria(sheet, words("criteria_policies_what", year=date, baseline=old), table)
    return made


_PLAIN: Final = ("need", "small", "spread")
"""Criteria that are no shares: two decimals."""


def _measured(
    sheet: Page, names: Sequence[str], values: NDArray[np.float64], columns: Sequence[str]
) -> Axes:
    words = sheet.words
    kept: NDArray[np.bool_] = np.asarray(np.isfinite(values).any(axis=1))
    names = [name for name, keep in zip(names, kept, strict=True) if keep]
    values = values[kept]
    low, high = np.nanmin(values, axis=1, keepdims=True), np.nanmax(values, axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        shade = np.where(high - low > 1e-9, (values - low) / (high - low), 0.0)
    shade = np.where(np.isfinite(values), 0.5 * shade, np.nan)
    texts = [
        [_measure(words, name, value) for value in line]
        for name, line in zip(names, values, strict=True)
    ]
    labels = [_criterion(words, name) for name in names]
    return cells(
        sheet,
        0.34 * len(names) + 1.1,
        values,
        shade,
        texts,
        None,
        labels,
        columns,
        SMALL if values.shape[1] <= 8 else TINY,
    )


def _is_plain(name: str) -> bool:
    return name in _PLAIN or name.startswith("agree:")


def _measure(words: Words, name: str, value: float) -> str:
    if not np.isfinite(value):
        return "–"
    if _is_plain(name):
        return words.number(value, 2)
    shown = 100 * value
    return words.number(shown, 1 if abs(shown) < 9.95 else 0)


def _say_criteria(sheet: Page, what: str, table: xr.Dataset) -> None:
    words = sheet.words
    listed = []
    for name in map(str, table["criterion"].values):
        values = table["value"].sel(criterion=name).to_numpy().ravel()
        values = values[np.isfinite(values)]
        if len(values):
            low, high = (
                _measure(words, name, float(edge)) for edge in (values.min(), values.max())
            )
            listed.append(f"{_criterion(words, name)} {low} … {high}")
    many = table["value"].isel(criterion=0).size
    plain = np.array([_is_plain(str(name)) for name in table["criterion"].values])
    sheet.say(
        words("criteria_alt", what=what, many=many, listed="; ".join(listed)),
        words("criteria_caption", what=what),
        sheet.sure(
            (table["value_mcse"].isel(criterion=~plain), "percent"),
            (table["value_mcse"].isel(criterion=plain), "number"),
        ),
    )


def _criterion(words: Words, name: str) -> str:
    if name.startswith("agree:"):
        return words("criterion_agree", name=name.partition(":")[2])
    return words.name("criterion", name)
