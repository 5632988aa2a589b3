"""A figure as SVG that can stand inside an HTML page."""

import io
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from xml.etree import ElementTree as Tree

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lwoopro.plot.measured import lay_out, write
from lwoopro.plot.style import INK, note_of

__all__ = ["svg"]

_SVG: Final = "{http://www.w3.org/2000/svg}"
_NUMBERS: Final = 20_000

_LONG: Final = re.compile(r"-?\d+\.\d{3,}")
_FAMILY: Final = re.compile(r"font-family:[^;]*;?\s*")
_REFERENCE: Final = re.compile(r"(?:(?<=url\(#)|(?<=^#))[\w.-]+")
"""An id after `url(#` or as a whole link; colours begin with # too."""

_LINKS: Final = ("href", "style", "clip-path")
"""Attributes that refer to an id."""

_FONT: Final = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"


def svg(ax: Axes, *, ink: str = INK, prefix: str | None = None) -> str:
    """Write a figure as one inline ``<svg>`` element.

    Text stays text; colours that are not data become `ink`; the background is transparent; title
    and description for those who do not see it stand inside; marks that stand for a swv name it
    under the mouse. The same figure gives the same bytes.

    Parameters
    ----------
    ax : Axes
        From a function of `lwoopro.plot`.
    ink : str
        Any CSS colour: ``currentColor`` follows the page, light or dark.
    prefix : str, optional
        Begins every id; two figures on one page need different ones. By default the name of the
        figure.

    Returns
    -------
    str
        Without XML declaration, width and height; ``viewBox`` is in points.

    Raises
    ------
    ValueError
        No function of `lwoopro.plot` drew on these axes.
    """
    note = note_of(ax)
    prefix = note.name if prefix is None else prefix
    figure = ax.get_figure(root=True)
    assert figure is not None
    if note.own:
        lay_out(figure)
    root = Tree.fromstring(_written(figure, note.own))
    for element in root.iter():
        _plain(element, ink)
    _tips(root, note.tips)
    _ids(root, prefix)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {
        "xmlns": _SVG.strip("{}"),
        "role": "img",
        "aria-label": note.alt,
        "lang": note.language,
        "style": f"font-family:{_FONT};stroke-linejoin:round;stroke-linecap:butt",
    }
    return Tree.tostring(root, encoding="unicode")


def _written(figure: Figure, own: bool) -> str:
    """Write the figure with the library's own means: text as text, and no date."""
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "lwoopro"}
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with matplotlib.rc_context(settings):
        if own:
            return write(figure, metadata)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata=metadata, transparent=True)
        return written.getvalue()


def _plain(element: Tree.Element, ink: str) -> None:
    """Drop what HTML does not need: namespaces, indents, fonts, decimals that nobody sees."""
    element.tag = element.tag.removeprefix(_SVG)
    element.tail = None
    if element.text and not element.text.strip():
        element.text = None
    kept: dict[str, str] = {}
    for name, value in element.attrib.items():
        if name in ("d", "x", "y", "transform", "points"):
            if value.startswith("rotate(-0 "):
                # texts that stand upright
                continue
            value = _LONG.sub(_shorten, " ".join(value.split()))
        elif name == "style":
            value = _FAMILY.sub("", value).replace(INK, ink)
        # xlink:href is href now
        kept[name.rpartition("}")[2]] = value
    element.attrib = kept
    # the one style sheet would speak for the whole page: its rules stand on the root
    for child in list(element):
        if child.tag == f"{_SVG}metadata" or child.find(f"{_SVG}style") is not None:
            element.remove(child)


def _shorten(found: re.Match[str]) -> str:
    return _short(found[0])


@lru_cache(_NUMBERS)
def _short(number: str) -> str:
    # many marks stand in the same rows and columns
    return f"{round(float(number), 2) + 0.0:g}"


def _tips(root: Tree.Element, tips: Mapping[str, Sequence[str]]) -> None:
    """Give every mark of an artist its title; none where it does not have as many marks."""
    for group in root.iter("g"):
        texts = tips.get(group.get("id", ""))
        if texts is None:
            continue
        marks = list(group.iter("use")) or [child for child in group if child.tag == "path"]
        for mark, text in zip(marks, texts, strict=True) if len(marks) == len(texts) else ():
            title = Tree.SubElement(mark, "title")
            title.text = text


def _ids(root: Tree.Element, prefix: str) -> None:
    """Keep the ids that something refers to, and make them this figure's own."""
    used: set[str] = set()
    for element in root.iter():
        for name in _LINKS:
            value = element.get(name)
            if value is not None and "#" in value:
                used.update(_REFERENCE.findall(value))
                element.set(name, _REFERENCE.sub(lambda at: f"{prefix}-{at[0]}", value))
    for element in root.iter():
        name = element.attrib.pop("id", "")
        if name in used:
            element.set("id", f"{prefix}-{name}")
