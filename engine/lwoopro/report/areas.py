"""The areas of a map with real boundaries, kept in the folder of a run."""

import json
from typing import Any

from lwoopro.plot.places import AREAS
from lwoopro.simulation.location import Location

__all__ = ["areas_of"]


def areas_of(place: Location) -> dict[str, Any] | None:
    """Areas that the study gave for the map; None where it gave none."""
    try:
        found: dict[str, Any] = json.loads(place.read(AREAS))
    except FileNotFoundError:
        return None
    return found
