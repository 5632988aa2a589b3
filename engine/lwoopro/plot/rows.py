"""Lists: one line per name, the first on top; what the figures of swv and scenarios share."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lwoopro.plot.measured import widest
from lwoopro.plot.style import INK, ROW, SIZE, SMALL, Page
from lwoopro.plot.words import Words

__all__ = ["MOST", "name_rows", "outermost", "rows", "shortened"]

MOST: Final = 120
"""Lines of the longest list."""

_TIE: Final = 0.5
_PAD: Final = 3.5
"""Points between a name and the Axes."""


def outermost(order: NDArray[np.intp]) -> NDArray[np.intp]:
    """First and last of a very long list, as of schools: nobody reads a thousand lines."""
    return order if len(order) <= MOST else np.r_[order[: MOST // 2], order[-MOST // 2 :]]


def shortened(words: Words, many: int) -> str:
    """Say so in the caption."""
    return words("shortened", shown=MOST // 2, many=words.number(many)) if many > MOST else ""


def rows(
    sheet: Page,
    names: Sequence[str],
    *,
    room: float = 0.75,
    guides: bool = True,
    bold: Collection[int] = (),
) -> Axes:
    """Axes with one narrow line per name; the scale stands above and below a long list."""
    many = len(names)
    ax = sheet.axes(many * ROW + room)
    name_rows(ax, names, above=0.6, below=0.6, size=SMALL, bold=bold)
    for place in range(4, many, 5) if guides else ():
        # every fifth line, so that the eye finds its way back to the name
        ax.axhline(place + _TIE, color=INK, alpha=0.12, linewidth=0.5, zorder=0)
    if many > 30:
        ax.tick_params(axis="x", top=True, labeltop=True)
    return ax


def name_rows(
    ax: Axes,
    names: Sequence[str],
    *,
    above: float = 0.5,
    below: float = 0.5,
    size: float = SIZE,
    bold: Collection[int] = (),
) -> None:
    """Write names left of the lines 0, 1, … of a figure, which has no other scale there.

    They are texts with the gid "row", not ticks: a tick is three lines and two texts, each measured
    again and again.

    Parameters
    ----------
    ax : Axes
    names : sequence of str
    above, below : float
        Room over the first line and under the last, in lines.
    size : float
        Of the letters, in points.
    bold : collection of int
        Lines whose names are headings.
    """
    ax.set_ylim(len(names) - 1 + below, -above)
    ax.set_yticks([])
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    where, upright, sideways = ax.get_yaxis_text1_transform(_PAD)
    written = [
        ax.text(
            0,
            place,
            name,
            transform=where,
            va=upright,
            ha=sideways,
            fontsize=size,
            fontweight="bold" if place in bold else "normal",
            gid="row",
        )
        for place, name in enumerate(names)
    ]
    # the widest says how much room all of them need
    for text in {*written} - {widest(written)} if written else ():
        text.set_in_layout(False)
