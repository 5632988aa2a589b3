"""Tile map: every regional swv one tile, about where it lies; VO0001 apart (R-5, U-1)."""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from lwoopro.codes import NATIONAL_SWV
from lwoopro.plot.choose import wrong
from lwoopro.plot.measures import Shown, colours_of, say, scale_bar, shown, tip
from lwoopro.plot.places import Tile, tiles
from lwoopro.plot.style import CLEAR, FAINT, INK, SMALL, page, text_on

__all__ = ["tile_map"]

Label = Literal["code", "place", "value"] | None

_LABELS: Final = ("code", "place", "value", None)

_GAP: Final = 0.06
"""Between tiles, as a part of a tile."""

_APART: Final = Tile(12, 0, "RSVO", "RSVO")
"""Where the national swv stands: in the sea."""


def tile_map(
    ds: xr.Dataset | None = None,
    *,
    measure: str = "relative",
    policy: str | None = None,
    baseline: str | None = None,
    year: int | None = None,
    label: Label = "code",
    values: Mapping[str, float] | xr.DataArray | None = None,
    unit: str | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw a number per swv on a tile map.

    Parameters
    ----------
    ds : Dataset, optional
        Results of a run; not needed with `values`.
    measure : str
        ``relative`` (mean change in %), ``change`` (million euro), ``per_pupil`` and
        ``baseline_per_pupil`` (euro of light support per upper-vmbo pupil),
        ``difference_per_pupil``, ``loss_10`` and ``loss_20`` (chance of losing so many per cent).
    policy, baseline, year
        See `gains_losses`.
    label : "code", "place", "value" or None
        Text on the tiles: the code's digits, four letters of the largest place, the number.
    values : mapping of str to float, or DataArray with dimension ``swv``, optional
        Own numbers; with any below zero, the colours diverge from zero.
    unit : str, optional
        Words below the scale, with `values`.
    table : Dataset, optional
        What `change` gave for these results and policies: it need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Tiles are patches with the code as label.

    Raises
    ------
    InputError
        See `gains_losses`; or no such measure or label; or no swv of the results is on the map.
    """
    if label not in _LABELS:
        raise wrong("label", f"{label!r}", "use 'code', 'place', 'value' or None")
    if ds is None and values is None:
        raise wrong("tile_map", "neither results nor values are given", "give one of them")
    with page("tile_map", ax, language) as sheet:
        numbers = shown(
            sheet,
            xr.Dataset() if ds is None else ds,
            measure,
            policy,
            baseline,
            year,
            values,
            unit,
            table,
        )
        layout = {code: tile for code, tile in tiles().items() if code in numbers.values}
        if not layout:
            raise wrong("swv", "no swv of these results is on the tile map", "its codes: VO2001 …")
        made = sheet.empty(6.9)
        cmap, norm = colours_of(numbers)
        if NATIONAL_SWV in numbers.values:
            layout[NATIONAL_SWV] = _APART
        shades = cmap(norm([numbers.values[code] for code in layout]))
        for (code, tile), shade in zip(layout.items(), shades, strict=True):
            value = numbers.values[code]
            colour = tuple(shade.tolist()) if np.isfinite(value) else CLEAR
            patch = FancyBboxPatch(
                (tile.column + _GAP / 2, tile.row + _GAP / 2),
                1 - _GAP,
                1 - _GAP,
                boxstyle="round,pad=0,rounding_size=0.1",
                facecolor=colour,
                edgecolor=INK,
                linewidth=0.4 if np.isfinite(value) else 0.8,
                linestyle="-" if np.isfinite(value) else ":",
                label=code,
            )
            sheet.inside(patch)
            sheet.tips(patch, [tip(numbers, code)])
            if label is not None:
                ink = text_on(colour[:3]) if np.isfinite(value) else INK
                sheet.centred(
                    tile.column + 0.5,
                    tile.row + 0.52,
                    _text(numbers, code, tile, label),
                    SMALL + 0.5,
                    ink,
                )
        if NATIONAL_SWV in layout:
            made.text(
                _APART.column + 1.15,
                _APART.row + 0.52,
                sheet.words("national_apart"),
                va="center",
                fontsize=SMALL,
                alpha=FAINT + 0.2,
            )
        made.set_xlim(-0.05, 10.05)
        made.set_ylim(13.05, -0.05)
        made.set_aspect("equal")
        scale_bar(sheet, numbers, cmap, norm)
        say(sheet, numbers, sheet.words, sheet.words("tile_caption", what=numbers.what))
    return made


def _text(numbers: Shown, code: str, tile: Tile, label: Label) -> str:
    if label == "place":
        return tile.short
    if label == "value":
        value = numbers.values[code]
        # no sign of per cent on a tile: the scale says it
        return numbers.write(value).removesuffix("%").strip() if np.isfinite(value) else "–"
    return code.removeprefix("VO")
