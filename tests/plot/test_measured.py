"""What is measured once is what the library measures each time; what is made ahead is the same."""

import io
from typing import Any

import matplotlib
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG

from lwoopro import plot
from lwoopro.plot import inline, style
from lwoopro.plot.ahead import prepare
from lwoopro.plot.measured import _size, lay_out, write
from lwoopro.plot.places import tiles

FIGURES: list[tuple[str, dict[str, Any]]] = [
    ("gains_losses", {}),
    ("tile_map", {"label": "value"}),
    ("criteria", {}),
    ("per_pupil", {}),
    ("redistribution_table", {}),
    ("pro_pupils", {"growth": "rise"}),
    ("analytic", {}),
]


def by_the_library(figure: Any, metadata: dict[str, None]) -> str:
    """Write a figure with the library's own canvas, as slow as it is."""
    written = io.StringIO()
    dpi = figure.dpi
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(written, metadata=metadata)
    figure.dpi = dpi
    return written.getvalue()


def by_its_own_renderer(figure: Any) -> None:
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")


@pytest.mark.parametrize("case", FIGURES, ids=lambda case: case[0])
def test_the_library_writes_the_same_bytes(
    few: xr.Dataset, case: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, options = case

    def drawn() -> str:
        axes: Axes = getattr(plot, name)(few, **options)
        return plot.svg(axes, prefix="one")

    ours = drawn()
    monkeypatch.setattr(inline, "lay_out", by_its_own_renderer)
    monkeypatch.setattr(inline, "write", by_the_library)
    assert drawn() == ours


def test_a_figure_is_as_it_was_after_it_is_written() -> None:
    axes = plot.tile_map(values={"VO2001": 1.0})
    figure = axes.get_figure(root=True)
    assert figure is not None
    canvas, dpi = figure.canvas, figure.dpi
    lay_out(figure)
    with matplotlib.rc_context({"svg.hashsalt": "one"}):
        text = write(figure, {"Date": None})
        assert figure.canvas is canvas and figure.dpi == dpi
        assert write(figure, {"Date": None}) == text
    # a picture of it has its own size
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    assert len(picture.getvalue()) > 5000


def test_what_is_prepared_is_used_and_changes_nothing(
    few: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style, "_STOCK", [])
    values = dict.fromkeys(tiles(), 1.0)
    fresh = plot.svg(plot.tile_map(values=values))
    other = plot.svg(plot.analytic(few))
    # points: five inches wide, each as high as it wants to be
    assert 'viewBox="0 0 360 496.8"' in fresh and 'viewBox="0 0 360 237.6"' in other
    _size.cache_clear()
    before = dict(matplotlib.rcParams)
    prepare()
    assert dict(matplotlib.rcParams) == before
    many, measured = len(style._STOCK), _size.cache_info().misses
    assert many > 10
    assert plot.svg(plot.tile_map(values=values)) == fresh
    assert len(style._STOCK) == many - 1
    # the numbers of the scale below the map, and nothing on it
    assert _size.cache_info().misses - measured < 15
    assert plot.svg(plot.analytic(few)) == other
    assert len(style._STOCK) == many - 2
