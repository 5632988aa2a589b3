"""Names of rows are texts where ticks would stand, and take the same room."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from lwoopro.plot.inline import svg
from lwoopro.plot.measured import lay_out, widest
from lwoopro.plot.rows import MOST, name_rows, outermost
from lwoopro.plot.style import SIZE, SMALL, page
from tests.plot.names import row_texts

NAMES = {
    "places": ["VO2708 Amsterdam", "VO2805 Goeree-Overflakkee", "VO2001 Groningen", "VO2808 WWWWW"],
    "lines": ["four big cities\n(4 swv)", "il", "all other swv"],
    "one": ["current"],
}


def drawn(names: list[str], size: float, how: str) -> Axes:
    """Axes laid out, their names ticks (as slow as they are) or texts."""
    with page(how, None, "en") as sheet:
        ax = sheet.axes(0.3 * len(names) + 0.6)
        if how == "texts":
            name_rows(ax, names, above=0.6, below=0.4, size=size, bold=[1])
        else:
            ax.set_yticks(np.arange(len(names)), names)
            ax.tick_params(axis="y", length=0, labelsize=size)
            ax.spines["left"].set_visible(False)
            ax.set_ylim(len(names) - 0.6, -0.6)
            for label in ax.get_yticklabels()[1:2]:
                label.set_fontweight("bold")
        ax.set_xlabel("euro")
        sheet.say("", "", "")
    figure = ax.get_figure(root=True)
    assert figure is not None
    lay_out(figure)
    figure.draw_without_rendering()
    return ax


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("size", [SIZE, SMALL])
def test_names_stand_where_ticks_would(names: list[str], size: float) -> None:
    texts, ticks = drawn(names, size, "texts"), drawn(names, size, "ticks")
    assert texts.get_position().bounds == ticks.get_position().bounds
    assert texts.get_ylim() == ticks.get_ylim()
    for text, label in zip(row_texts(texts), ticks.get_yticklabels(), strict=True):
        assert text.get_text() == label.get_text()
        assert np.allclose(text.get_window_extent().bounds, label.get_window_extent().bounds)
        for name in ("get_color", "get_fontsize", "get_fontweight", "get_fontfamily"):
            assert getattr(text, name)() == getattr(label, name)()
    assert not texts.get_yticklabels()


def test_the_widest_name_alone_is_laid_out() -> None:
    texts = row_texts(drawn(NAMES["places"], SMALL, "texts"))
    measured = [text for text in texts if text.get_in_layout()]
    widths = [text.get_window_extent().width for text in texts]
    assert measured == [texts[int(np.argmax(widths))]]


def test_the_widest_is_that_of_the_layout() -> None:
    with page("texts", None, "en") as sheet:
        ax = sheet.axes(2.0)
        # close to each other, and letters that are rounded to pixels
        texts: list[Text] = [
            ax.text(0, 0, text, fontsize=SMALL)
            for text in ("iiiiiiiiiiiiiiii", "lllllllllllllll1", "ljljljljljljljlj", "VO2708")
        ]
    found = widest(texts)
    assert found.get_window_extent().width == max(one.get_window_extent().width for one in texts)


def test_a_list_may_have_no_lines() -> None:
    with page("texts", None, "en") as sheet:
        ax = sheet.axes(1.0)
        name_rows(ax, [], above=0.6, below=0.6)
        sheet.say("nothing", "nothing", "")
    assert row_texts(ax) == []
    assert svg(ax).startswith("<svg")


def test_very_long_lists_keep_their_ends() -> None:
    assert np.array_equal(outermost(np.arange(MOST)), np.arange(MOST))
    kept = outermost(np.arange(MOST + 50))
    assert len(kept) == MOST
    assert kept[0] == 0 and kept[-1] == MOST + 49
