"""What a section of the report is made of; the templates turn it into HTML."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup

from lwoopro.analysis.estimates import Estimate, Exact, Interval

__all__ = [
    "Block",
    "Card",
    "Cards",
    "Cell",
    "Code",
    "Column",
    "Figure",
    "Fold",
    "Items",
    "Note",
    "Pairs",
    "Row",
    "Section",
    "Strip",
    "StripRow",
    "Table",
    "Text",
]


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    words: str
    kind: Literal["plain", "lead", "small"] = "plain"
    name: str = field(default="text", init=False)


@dataclass(frozen=True)
class Note:
    """A paragraph in a box: what must not be overlooked."""

    words: str
    items: Sequence[tuple[str, str]] = ()
    name: str = field(default="note", init=False)


@dataclass(frozen=True)
class Items:
    """A list; every item with the language that it is in."""

    items: Sequence[tuple[str, str]]
    name: str = field(default="items", init=False)


@dataclass(frozen=True)
class Pairs:
    """Terms, each with what there is to say of it."""

    items: Sequence[tuple[str, str]]
    code: bool = False
    name: str = field(default="pairs", init=False)


@dataclass(frozen=True)
class Code:
    """Text as it stands in a file."""

    text: str
    name: str = field(default="code", init=False)


@dataclass(frozen=True)
class Card:
    """A figure that stands out: value, what it is, how sure it is."""

    value: str
    label: str
    sure: str = ""


@dataclass(frozen=True)
class Cards:
    """Several of them in a row."""

    cards: Sequence[Card]
    name: str = field(default="cards", init=False)


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes
    ----------
    text : str
    sort : float or None
        What the column is sorted by; the text, where it is None.
    error : str
        Monte-Carlo standard error, as written.
    kind : str
        "" or a class of the style sheet: "gain", "loss", "away" (withheld).
    link : str
        Address of another place on the page.
    range : str
        Interval, as written.
    heat : float or None
        Strength of the background, 0 to 1.
    number : Estimate, Interval or Exact, optional
        What is written, with its error; None for words.
    """

    text: str
    sort: float | None = None
    error: str = ""
    kind: str = ""
    link: str = ""
    range: str = ""
    heat: float | None = None
    number: Estimate | Interval | Exact | None = None


@dataclass(frozen=True)
class Column:
    """Head of a column; `number` columns stand right."""

    label: str
    number: bool = True


@dataclass(frozen=True)
class Table:
    """A table that people can sort, and filter where it is long.

    Attributes
    ----------
    key : str
        Unique on the page.
    caption : str
    columns : sequence of Column
        The first one heads the rows.
    rows : sequence of sequence of Cell
    file : str
        Name of the file with these numbers in ``tables/``.
    sortable, filterable : bool
    """

    key: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    file: str = ""
    sortable: bool = True
    filterable: bool = False
    name: str = field(default="table", init=False)


@dataclass(frozen=True)
class Figure:
    """A picture with the words that stand for it."""

    key: str
    svg: Markup
    alt: str
    caption: str
    wide: bool = False
    name: str = field(default="figure", init=False)


@dataclass(frozen=True)
class Row:
    """Pictures side by side where there is room."""

    figures: Sequence[Figure]
    name: str = field(default="row", init=False)


@dataclass(frozen=True)
class StripRow:
    """Interval of one line of a small picture, in parts of its width, 0 to 1."""

    label: str
    low: float
    high: float
    low50: float
    high50: float
    middle: float


@dataclass(frozen=True)
class Strip:
    """A small picture of a few intervals, drawn by the template.

    Attributes
    ----------
    alt : str
    rows : sequence of StripRow
    zero : float
        Where nothing changes, 0 to 1.
    ticks : sequence of (float, str)
    """

    alt: str
    rows: Sequence[StripRow]
    zero: float
    ticks: Sequence[tuple[float, str]]
    name: str = field(default="strip", init=False)


@dataclass(frozen=True)
class Fold:
    """Something that opens on request; printed open."""

    key: str
    title: str
    blocks: Sequence["Block"]
    beside: str = ""
    page: bool = False
    name: str = field(default="fold", init=False)


Block = Text | Note | Items | Pairs | Code | Cards | Table | Figure | Row | Strip | Fold


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes
    ----------
    key : str
        Anchor; its title is the text ``<key>.title``.
    title : str
    blocks : sequence of block
    parts : sequence of (str, sequence of block)
        Titled parts below.
    """

    key: str
    title: str
    blocks: Sequence[Block]
    parts: Sequence[tuple[str, Sequence[Block]]] = ()
