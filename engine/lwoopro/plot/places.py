"""Where each swv stands on the tile map, and the place that people know it by."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from lwoopro.codes import NATIONAL_SWV

__all__ = ["AREAS", "Tile", "label", "place", "tiles"]

AREAS: Final = "areas.geojson"
"""Name of the file in the folder of a run: the areas that its map has."""


class Tile(NamedTuple):
    """A swv on the map: row from the north, column from the west, its place, in four letters."""

    row: int
    column: int
    place: str
    short: str


@cache
def tiles() -> Mapping[str, Tile]:
    """Read the layout that ships with the engine: 74 regional swv by code."""
    text = files("lwoopro").joinpath("data/tiles.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["code"]: Tile(int(row["row"]), int(row["column"]), row["place"], row["short"])
        for row in rows
    }


def place(code: str) -> str:
    """Name the place that a swv is known by; empty for one that is not on the map.

    Examples
    --------
    >>> place("VO2708"), place("VO9999")
    ('Amsterdam', '')
    """
    if code == NATIONAL_SWV:
        return "RSVO"
    return tiles()[code].place if code in tiles() else ""


def label(code: str) -> str:
    """Code and place: "VO2708 Amsterdam"."""
    return f"{code} {place(code)}".rstrip()
