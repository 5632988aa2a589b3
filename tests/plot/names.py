"""What stands left of the lines of a list."""

from matplotlib.axes import Axes
from matplotlib.text import Text

__all__ = ["row_names", "row_texts"]


def row_texts(ax: Axes) -> list[Text]:
    """The names as artists, which stand on the lines 0, 1, …"""
    found = [text for text in ax.texts if text.get_gid() == "row"]
    assert [text.get_position() for text in found] == [(0, place) for place in range(len(found))]
    return found


def row_names(ax: Axes) -> list[str]:
    return [text.get_text() for text in row_texts(ax)]
