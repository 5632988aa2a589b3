"""One style for all figures: size, fonts and colours, and the page a figure is drawn on.

Figures are made without pyplot and within their own settings, so nothing global changes. The ink is
one colour (`INK`), the background is transparent: `lwoopro.plot.svg` can give both to the page that
shows the figure. What stands on a coloured area has its own ink.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import (
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)
from matplotlib.transforms import TransformedPath
from numpy.typing import ArrayLike

from lwoopro.plot.words import ErrorUnit, Words

__all__ = [
    "BLUE",
    "DIVERGING",
    "GAIN",
    "INK",
    "LOSS",
    "NOT_SAMPLED",
    "Note",
    "PALETTE",
    "Page",
    "SEQUENTIAL",
    "alt_text",
    "caption",
    "note_of",
    "page",
    "text_on",
]

INK: Final = "#1a1a1a"
"""Text, axes and whatever is neither coloured nor on a colour."""

CLEAR: Final = (1.0, 1.0, 1.0, 0.0)
"""Of a mark without a number."""

ON_LIGHT: Final = "#000000"
ON_DARK: Final = "#ffffff"

# Okabe and Ito (2008): told apart by people with any common colour blindness
BLUE, VERMILLION, GREEN, ORANGE, SKY, PURPLE, YELLOW, GREY = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#e69f00",
    "#56b4e9",
    "#cc79a7",
    "#f0e442",
    "#8c8c8c",
)
PALETTE: Final = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, GREY, YELLOW)
GAIN: Final = BLUE
LOSS: Final = VERMILLION

DIVERGING: Final = LinearSegmentedColormap.from_list(
    "lwoopro_diverging",
    ["#7a3300", "#d55e00", "#f4b88c", "#f4f4f2", "#9cc9e6", "#0072b2", "#003a5c"],
)
"""Loss to gain: dark orange by near white to dark blue, lightness falling evenly on both sides."""

SEQUENTIAL: Final = LinearSegmentedColormap.from_list(
    "lwoopro_sequential", ["#f1f6fa", "#9cc9e6", "#3d94c9", "#0072b2", "#003a5c"]
)
"""Little to much."""

WIDTH: Final = 5.0
"""Inches: 360 points, so that a point is a pixel on a phone."""

ROW: Final = 0.165
"""Inches of one line of a long list."""

SIZE: Final = 8.5
SMALL: Final = 7.5

FAINT: Final = 0.55
"""Opacity of text and lines in the background; thinner ones are grid lines."""

NOT_SAMPLED: Final = ""
"""Is said of what no draw changes, and of errors themselves."""

LOOK: Final[Any] = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": SIZE,
    "axes.labelsize": SIZE,
    "axes.titlesize": SIZE,
    "xtick.labelsize": SIZE,
    "ytick.labelsize": SIZE,
    "legend.fontsize": SIZE,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "axes.unicode_minus": True,
    "text.usetex": False,
    "lines.solid_capstyle": "butt",
    "patch.linewidth": 0.0,
}


@dataclass
class Note:
    """What is said about a figure.

    Attributes
    ----------
    name, language, alt, caption : str
    own : bool
        Whether the figure was made here, and is not somebody else's.
    tips : dict of str to sequence of str
        Per gid of an artist, a text for each of its marks.
    """

    name: str
    language: str
    own: bool = True
    alt: str = ""
    caption: str = ""
    tips: dict[str, Sequence[str]] = field(default_factory=dict)


_NOTES: Final[WeakKeyDictionary[Axes, Note]] = WeakKeyDictionary()


@dataclass
class Page:
    """A figure in the making: its words, its Axes, what will be said about it."""

    name: str
    words: Words
    given: Axes | None
    note: Note
    ax: Axes | None = None
    _clip: TransformedPath | None = field(default=None, init=False)

    def axes(self, height: float, *, width: float = WIDTH) -> Axes:
        """Axes to draw on: those given, else those of a new figure of this size in inches."""
        ax = self.given
        if ax is not None:
            _style(ax)
        else:
            ax = _STOCK.pop() if _STOCK else _empty()
            figure = ax.get_figure(root=True)
            assert figure is not None
            figure.set_size_inches(width, height)
        self.ax = ax
        self._clip = TransformedPath(Path.unit_rectangle(), ax.transAxes)
        return ax

    def bare(self, height: float) -> Axes:
        """Axes without spines and ticks: for tables."""
        ax = self.axes(height)
        for spine in ax.spines.values():
            spine.set_visible(False)
        ax.tick_params(length=0)
        return ax

    def empty(self, height: float) -> Axes:
        """Axes without anything of their own: for maps."""
        ax = self.axes(height)
        ax.set_axis_off()
        return ax

    def inside(self, *artists: Artist) -> None:
        """Put artists on Axes whose limits are set by hand and hold them: nothing is measured."""
        assert self.ax is not None
        for artist in artists:
            artist.set_in_layout(False)
            # one for all: the library would work it out for each of them
            artist.set_clip_path(self._clip)
            self.ax.add_artist(artist)

    def centred(self, x: float, y: float, text: str, size: float, colour: Any) -> None:
        """Write a text in the middle of a mark, see `inside`."""
        look: Any = {"ha": "center", "va": "center", "fontsize": size, "color": colour}
        self.inside(Text(x, y, text, clip_on=False, **look))

    def tips(self, artist: Artist, texts: Sequence[str]) -> None:
        """Give the marks of an artist a text that shows under the mouse."""
        gid = f"tips-{len(self.note.tips)}"
        artist.set_gid(gid)
        self.note.tips[gid] = list(texts)

    def sure(self, *errors: tuple[ArrayLike, ErrorUnit]) -> str:
        """Say how large the Monte-Carlo standard errors of what is drawn are at most (Q-3).

        Parameters
        ----------
        *errors : (array, unit)
            Errors of one kind of numbers, in euro, in years, as shares ("percent"), or as they are
            ("number").

        Returns
        -------
        str
            A sentence; empty where no draw differs.
        """
        found = []
        for values, unit in errors:
            known = np.asarray(values, np.float64)
            finite = known[np.isfinite(known)]
            if finite.size and finite.max() > 0:
                found.append(self.words.error(float(finite.max()), unit))
        return self.words("standard_error", most=self.words.join(found)) if found else ""

    def say(self, alt: str, caption: str, sure: str) -> None:
        """Set the description for those who do not see the figure, and the line below it.

        Parameters
        ----------
        alt, caption : str
        sure : str
            From `sure`, the end of both; `NOT_SAMPLED` where nothing that is drawn has an error.
        """
        self.note.alt = " ".join(f"{alt} {sure}".split())
        self.note.caption = " ".join(f"{caption} {sure}".split())


_STOCK: Final[list[Axes]] = []


def stock(many: int) -> None:
    """Make so many empty figures ahead: the next ones that are drawn take them."""
    with matplotlib.rc_context(LOOK):
        _STOCK.extend(_empty() for _ in range(many))


def _empty() -> Axes:
    ax = Figure(layout="constrained").add_subplot()
    _style(ax)
    return ax


def _style(ax: Axes) -> None:
    ax.set_facecolor("none")
    for side, spine in ax.spines.items():
        spine.set_color(INK)
        spine.set_linewidth(0.7)
        spine.set_visible(side in ("left", "bottom"))
    ax.tick_params(colors=INK, labelcolor=INK, width=0.7, length=3, labelsize=SIZE)
    ax.set_axisbelow(True)


@contextmanager
def page(name: str, ax: Axes | None, language: str) -> Iterator[Page]:
    """Draw within this style; every setting is as before when the block ends.

    Parameters
    ----------
    name : str
        Name of the figure.
    ax : Axes, optional
    language : "en" or "nl"

    Yields
    ------
    Page

    Raises
    ------
    InputError
        Another language.
    """
    words = Words(language)
    sheet = Page(name, words, ax, Note(name, language, ax is None))
    with matplotlib.rc_context(LOOK):
        yield sheet
    if sheet.ax is not None:
        _NOTES[sheet.ax] = sheet.note


def note_of(ax: Axes) -> Note:
    """Give what is said about the figure on these Axes.

    Raises
    ------
    ValueError
        No function of `lwoopro.plot` drew on them.
    """
    if ax not in _NOTES:
        raise ValueError("no function of lwoopro.plot drew on these axes")
    return _NOTES[ax]


def alt_text(ax: Axes) -> str:
    """Describe a figure for people who do not see it, with its numbers, in its own language.

    Parameters
    ----------
    ax : Axes
        From a function of `lwoopro.plot`.

    Raises
    ------
    ValueError
        No function of `lwoopro.plot` drew on them.
    """
    return note_of(ax).alt


def caption(ax: Axes) -> str:
    """Give the line that belongs below a figure: what its marks mean, and what they rest on.

    Parameters
    ----------
    ax : Axes
        From a function of `lwoopro.plot`.

    Raises
    ------
    ValueError
        No function of `lwoopro.plot` drew on them.
    """
    return note_of(ax).caption


def text_on(colour: Any) -> str:
    """Ink that can be read on a colour."""
    red, green, blue = to_rgb(colour)
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    # the ink with the greater contrast (WCAG)
    return ON_LIGHT if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else ON_DARK


def no_zero(ax: Axes, axis: str, words: Words) -> str:
    """Words for the caption where an axis does not begin at zero; else nothing."""
    low, high = sorted(ax.get_ylim() if axis == "y" else ax.get_xlim())
    return words("no_zero") if low > 0 or high < 0 else ""


def grid(ax: Axes, axis: str) -> None:
    """Faint lines at the ticks of one axis."""
    target = ax.xaxis if axis == "x" else ax.yaxis
    target.grid(True, color=INK, alpha=0.15, linewidth=0.6)


def zero_line(ax: Axes, axis: str = "x", at: float = 0.0) -> None:
    """Line where nothing changes."""
    draw = ax.axvline if axis == "x" else ax.axhline
    draw(at, color=INK, linewidth=0.9, zorder=1)


def number_axis(
    ax: Axes, axis: str, words: Words, *, scale: float = 1.0, sign: bool = False, most: int = 6
) -> None:
    """Ticks of one axis in the language's notation."""
    target = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    target.set_major_formatter(FuncFormatter(words.ticks(scale, sign=sign)))


def log_axis(ax: Axes, axis: str, words: Words) -> None:
    """Logarithmic axis with 1, 2 and 5 of every decade in the language's notation."""
    (ax.set_xscale if axis == "x" else ax.set_yscale)("log")
    target: Any = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0)))
    target.set_minor_locator(NullLocator())
    target.set_minor_formatter(NullFormatter())
    target.set_major_formatter(FuncFormatter(words.ticks()))
    grid(ax, axis)


def legend_above(ax: Axes, columns: int = 3, *, left: float = -0.05, **look: Any) -> None:
    """Legend over the figure, where it hides nothing; `left` in widths of the Axes."""
    usual = {"handlelength": 1.6, "handletextpad": 0.4, "fontsize": SMALL + 0.5}
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(left, 1.0),
        ncols=columns,
        **{"columnspacing": 1.0, "borderaxespad": 0.2, **usual, **look},
    )


def legend_over_list(
    ax: Axes, many: int, lines: int | None = None, *, columns: int = 2, at: float = 0.4, **look: Any
) -> None:
    """Legend over a list of so many swv, clear of the scale that stands above a long one."""
    above = 1 + (0.32 if many > 30 else 0.05) / ((many if lines is None else lines) * ROW)
    ax.legend(
        loc="lower center",
        bbox_to_anchor=(at, above),
        ncols=columns,
        borderaxespad=0.0,
        **{"handletextpad": 0.2, "columnspacing": 1.2, **look},
    )


def year_axis(ax: Axes, first: int, last: int) -> None:
    """Ticks at whole years."""
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    ax.set_xlim(first - 0.3, last + 0.3)


def headroom(low: float, high: float, part: float = 0.05) -> tuple[float, float]:
    """Limits a little beyond the data; one apart where the data are one number."""
    room = (high - low) * part or max(abs(high), 1.0) * part
    return low - room, high + room
