"""Numbers by swv that a map can show, each with its colours and its notation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.colors import Colormap, Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lwoopro.analysis.estimates import Estimates, chances, means
from lwoopro.codes import NATIONAL_SWV
from lwoopro.plot.choose import attribution_of, changed, pair, wrong, year_of
from lwoopro.plot.places import label
from lwoopro.plot.style import DIVERGING, NOT_SAMPLED, SEQUENTIAL, Page
from lwoopro.plot.words import Words

__all__ = ["MEASURES", "Shown", "colours_of", "scale_bar", "shown"]

MEASURES: Final = (
    "relative",
    "change",
    "per_pupil",
    "baseline_per_pupil",
    "difference_per_pupil",
    "loss_10",
    "loss_20",
)
"""What the maps can show without numbers of your own."""

_SCALE: Final = {"relative": 100.0, "change": 1e-6, "loss_10": 100.0, "loss_20": 100.0}


@dataclass(frozen=True, eq=False)
class Shown:
    """Numbers of a map.

    Attributes
    ----------
    values : dict of str to float
        By swv, in the unit of the scale.
    unit : str
        Words below the scale.
    diverging : bool
        Whether zero has a meaning, and a colour of its own.
    write : function
        Number in words.
    what : str
        What is shown, of which policy and date.
    sure : str
        How large the errors of the numbers are, in words.
    """

    values: Mapping[str, float]
    unit: str
    diverging: bool
    write: Callable[[float], str]
    what: str
    sure: str


def shown(
    sheet: Page,
    ds: xr.Dataset,
    measure: str,
    policy: str | None,
    baseline: str | None,
    year: int | None,
    values: Mapping[str, float] | xr.DataArray | None,
    unit: str | None,
    table: xr.Dataset | None,
) -> Shown:
    """Work out the numbers of a map, or take those that are given."""
    words = sheet.words
    if values is not None:
        given = _given(values)
        lowest = min((v for v in given.values() if np.isfinite(v)), default=0.0)
        most = max((abs(v) for v in given.values() if np.isfinite(v)), default=0.0)
        digits = 0 if most >= 100 else 1 if most >= 10 else 2
        return Shown(
            given,
            unit or "",
            lowest < 0,
            lambda value: words.number(value, digits, sign=lowest < 0),
            unit or "",
            NOT_SAMPLED,
        )
    if measure not in MEASURES:
        raise wrong("measure", f"{measure!r} is not a measure", f"use one of {', '.join(MEASURES)}")
    new, old = pair(ds, policy, baseline)
    date = year_of(ds, year)
    changes = changed(ds, new, old, date, table)
    estimates = _numbers(ds, changes, measure, date)
    found = estimates.value * _SCALE.get(measure, 1.0)
    diverging = measure in ("relative", "change", "difference_per_pupil")
    what = words("against", policy=new, baseline=old, year=date)
    if measure == "baseline_per_pupil":
        what = words("of_policy", policy=old, year=date)
    elif measure == "per_pupil":
        what = words("of_policy", policy=new, year=date)
    digits = 1 if measure in ("relative", "change") else 0
    sign = "%" if measure in ("relative", "loss_10", "loss_20") else ""

    def write(value: float) -> str:
        text = words.number(value, digits, sign=diverging)
        return f"{text} {sign}" if sign else text

    by_swv = {str(code): float(v) for code, v in zip(ds["swv"].values, found, strict=True)}
    sure = sheet.sure((estimates.mcse, "percent" if sign else "euro"))
    return Shown(by_swv, words(f"map_{measure}"), diverging, write, what, sure)


def _given(values: Mapping[str, float] | xr.DataArray) -> dict[str, float]:
    if isinstance(values, xr.DataArray):
        pairs: Any = zip(values["swv"].values, values.to_numpy(), strict=True)
    else:
        pairs = values.items()
    return {str(code): float(value) for code, value in pairs}


def _numbers(ds: xr.Dataset, changes: xr.Dataset, measure: str, year: int) -> Estimates:
    if measure in ("relative", "change"):
        return means(changes[measure], "swv")
    if measure.startswith("loss_"):
        bound = int(measure.removeprefix("loss_")) / 100
        return chances(changes["relative"] <= -bound, "swv")
    pupils = ds["pupils"].sel(attribution=attribution_of(ds, None), year=year).compute()
    money = {
        "per_pupil": changes["before"] + changes["change"],
        "baseline_per_pupil": changes["before"],
        "difference_per_pupil": changes["change"],
    }[measure]
    return means(money / pupils.where(pupils > 0), "swv")


def colours_of(numbers: Shown) -> tuple[Colormap, Normalize]:
    """Colours of a map: around zero and as far on both sides, or from low to high."""
    finite = [v for code, v in numbers.values.items() if np.isfinite(v)]
    regional = [
        v for code, v in numbers.values.items() if np.isfinite(v) and code != NATIONAL_SWV
    ] or finite
    if numbers.diverging:
        most = max((abs(v) for v in regional), default=1.0) or 1.0
        return DIVERGING, TwoSlopeNorm(0.0, -most, most)
    low, high = min(regional, default=0.0), max(regional, default=1.0)
    return SEQUENTIAL, Normalize(low, high if high > low else low + 1.0)


def scale_bar(sheet: Page, numbers: Shown, cmap: Colormap, norm: Normalize) -> None:
    """Scale of the colours below the map."""
    ax = sheet.ax
    assert ax is not None
    figure = ax.get_figure()
    assert isinstance(figure, Figure) or figure is not None
    from matplotlib.cm import ScalarMappable

    bar = figure.colorbar(
        ScalarMappable(norm, cmap),
        ax=ax,
        orientation="horizontal",
        fraction=0.035,
        pad=0.02,
        aspect=30,
        shrink=0.8,
    )
    bar.outline.set_visible(False)
    # it has nothing to show, and would be measured as often as the other one
    bar.ax.yaxis.set_visible(False)
    bar.ax.tick_params(length=2, width=0.6)
    bar.locator = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10])
    bar.formatter = FuncFormatter(sheet.words.ticks(sign=numbers.diverging))
    bar.update_ticks()
    bar.set_label(numbers.unit)


def tip(numbers: Shown, code: str) -> str:
    """Text of a swv under the mouse."""
    value = numbers.values.get(code, float("nan"))
    return f"{label(code)}: {numbers.write(value)}" if np.isfinite(value) else label(code)


def say(sheet: Page, numbers: Shown, words: Words, caption: str) -> None:
    """Describe a map in words: the highest, the lowest, and what it shows."""
    known = sorted(
        ((v, c) for c, v in numbers.values.items() if np.isfinite(v)), key=lambda one: -one[0]
    )
    ends = [f"{label(code)} {numbers.write(value)}" for value, code in known]
    sheet.say(
        words(
            "map_alt",
            what=numbers.what,
            unit=numbers.unit,
            high=words.join(ends[:3]),
            low=words.join(ends[-3:][::-1]),
        ),
        caption,
        numbers.sure,
    )
