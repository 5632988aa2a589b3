"""What draws and measures our figures: every text is measured once, whatever figure it stands in.

The library forgets how wide a text is with each figure, and a report has the same names and numbers
in many. Sizes are the library's own; nothing is drawn differently.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from io import StringIO
from typing import Any, Final, cast

from matplotlib import rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

__all__ = ["lay_out", "learn", "widest", "write"]

_POINTS: Final = 72
"""Points of an inch: the unit of what is written."""

_TEXTS: Final = 4096


_Heights = tuple[float, float, float] | tuple[None, None, None]


@lru_cache(_TEXTS)
def _heights(font: FontProperties, dpi: float) -> _Heights:
    """Ascent, descent and gap of the lines of a font; what is None the library finds itself."""
    face = get_font(findfont(font))
    table, head = face.get_sfnt_table("OS/2"), face.get_sfnt_table("head")
    if table is None or head is None:
        return None, None, None
    scale = 1 / head["unitsPerEm"] * font.get_size_in_points() * dpi / _POINTS
    return (
        table["sTypoAscender"] * scale,
        -table["sTypoDescender"] * scale,
        (table["sTypoLineGap"] * scale),
    )


class _Ruler(RendererAgg):
    """Measures in pixels, and draws nothing."""

    def _get_font_height_metrics(self, prop: FontProperties) -> _Heights:
        # asked for with each text; a library that does not know this way goes its own
        return _heights(prop.copy(), self.dpi)

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        return _pixels(self.dpi, s, prop.copy(), ismath)


@lru_cache(_TEXTS)
def _pixels(
    dpi: float, text: str, font: FontProperties, mathematical: Any
) -> tuple[float, float, float]:
    found: tuple[float, float, float] = cast("Any", RendererAgg).get_text_width_height_descent(
        _ruler(dpi), text, font, mathematical
    )
    return found


@cache
def _ruler(dpi: float) -> Any:
    return cast("Any", _Ruler)(1, 1, dpi)


class _Measuring(FigureCanvasAgg):
    """Lays out with one renderer for all figures: it knows the texts that it has measured."""

    def get_renderer(self) -> Any:
        return _ruler(self.figure.dpi)


@lru_cache(_TEXTS)
def _size(text: str, font: FontProperties, mathematical: Any) -> tuple[float, float, float]:
    found: tuple[float, float, float] = text_to_path.get_text_width_height_descent(
        text, font, mathematical
    )
    return found


class _Writer(RendererSVG):
    """Writes SVG, and remembers sizes beyond one figure."""

    def _get_font_height_metrics(self, prop: FontProperties) -> _Heights:
        return _heights(prop.copy(), _POINTS)

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        # a font may be changed later: what is remembered is a copy
        return _size(s, prop.copy(), ismath)


def learn(texts: Iterable[str], size: float, *, laid_out: bool = False) -> None:
    """Measure texts ahead.

    Parameters
    ----------
    texts : iterable of str
    size : float
        That they will be written in, in points.
    laid_out : bool
        Whether they take room in a layout, too.
    """
    font = FontProperties(size=size)
    for text in texts:
        _size(text, font, False)
        if laid_out:
            _pixels(rcParams["figure.dpi"], text, font, False)


def widest(texts: Sequence[Text]) -> Text:
    """Find the text of a figure that takes most room in its layout."""
    about = [_widest_line(text, _size) for text in texts]
    # the layout rounds letters to pixels: it has the last word among those that are close
    close = [text for text, width in zip(texts, about, strict=True) if width > 0.9 * max(about)]
    figure = texts[0].get_figure(root=True)
    assert figure is not None
    return max(
        close,
        key=lambda text: _widest_line(text, _ruler(figure.dpi).get_text_width_height_descent),
    )


def _widest_line(text: Text, size: Callable[..., Any]) -> float:
    font = text.get_fontproperties().copy()
    return max(float(size(line, font, False)[0]) for line in text.get_text().split("\n"))


def lay_out(figure: Figure) -> None:
    """Lay a figure out once and for all: a second time may move things by a hair."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    canvas = figure.canvas
    _Measuring(figure)
    engine.execute(figure)
    figure.set_canvas(canvas)
    figure.set_layout_engine("none")


def write(figure: Figure, metadata: dict[str, None]) -> str:
    """Write a figure as SVG whose layout is done, see `lay_out`: `savefig` would draw it twice."""
    written = StringIO()
    dpi, size = figure.dpi, figure.get_size_inches()
    width, height = size * _POINTS
    figure.dpi = _POINTS
    try:
        # the library's own classes have no types
        writer = cast("Any", _Writer)(width, height, written, image_dpi=dpi, metadata=metadata)
        whole = cast("Any", MixedModeRenderer)(figure, *size, dpi, writer)
        figure.draw(whole)
        whole.finalize()
    finally:
        figure.dpi = dpi
    return written.getvalue()
