"""Where swv lie and which are neighbours, from the polygons of municipalities.

A municipality that postcodes put in more than one swv counts in each by its share of postcodes.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from lwoopro.errors import InputError, Problem

__all__ = [
    "Municipality",
    "centroids",
    "match_names",
    "neighbours",
    "read_municipalities",
    "shares",
]

_KM_PER_DEGREE: Final = 111.2
_COS_LATITUDE: Final = float(np.cos(np.radians(52.2)))
_STEP_KM: Final = 0.25
_REACH_KM: Final = 0.4
"""Borders as near as this touch: the polygons of merged municipalities have other vertices."""

_LEAST_BORDER_KM: Final = 1.0
_WATER_BORDER_KM: Final = 5.0
_DECAY_KM: Final = 15.0
"""*Assumed*: traffic over a border falls by 1/e with so many km between the centres."""

_SUCCESSORS: Final = {"maasdonk": ("Oss", "'s-Hertogenbosch")}
"""Municipalities on the map that the postcodes of 2015 divide among others."""


_RENAMED: Final = {"menaldumadiel": "menameradiel"}
"""Municipalities that took another name, in the letters of `_letters`."""


@dataclass(frozen=True, eq=False)
class Municipality:
    """A municipality on the map.

    Attributes
    ----------
    name : str
        As the postcode list spells it.
    rings : tuple of ndarray, each (points, 2)
        Closed rings in km east and north.
    area : float
        km².
    centre : ndarray, shape (2,)
        Centre of gravity in km.
    """

    name: str
    rings: tuple[NDArray[np.float64], ...]
    area: float
    centre: NDArray[np.float64]


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]", "", plain.lower())


def match_names(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Match spellings of municipalities: accents, hyphens, "(Ut)", the Frisian name in brackets.

    Parameters
    ----------
    names : iterable of str
        Names to look up.
    known : iterable of str
        Names to find them among.

    Returns
    -------
    dict of str to str
        Name → known name; names without a match are absent.

    Examples
    --------
    >>> match_names(["Dantumadeel (Dantumadiel)", "Bergen (L)"], ["Dantumadiel", "Bergen (L.)"])
    {'Dantumadeel (Dantumadiel)': 'Dantumadiel', 'Bergen (L)': 'Bergen (L.)'}
    """
    by_letters = {_letters(name): name for name in known}
    found = {}
    for name in names:
        outside = re.sub(r"\(.*?\)", "", name)
        inside = "".join(re.findall(r"\((.*?)\)", name))
        for form in (name, outside, inside):
            letters = _RENAMED.get(_letters(form), _letters(form))
            if letters in by_letters:
                found[name] = by_letters[letters]
                break
    return found


def read_municipalities(path: Path, known: Iterable[str]) -> list[Municipality]:
    """Read polygons from a GeoJSON file in WGS84.

    Parameters
    ----------
    path : Path
        Features with a `name` property.
    known : iterable of str
        Municipalities of the postcode list.

    Returns
    -------
    list of Municipality
        In the order of the file, under the names of `known`.

    Raises
    ------
    InputError
        A municipality of the map that `known` does not have, or the other way round.
    """
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    known = list(known)
    names = [feature["properties"]["name"] for feature in features]
    spelled = match_names(names, known)
    problems = [
        Problem(str(path), f"municipality {name!r} is not among the postcodes")
        for name in names
        if name not in spelled and _letters(name) not in _SUCCESSORS
    ]
    problems += [
        Problem(str(path), f"municipality {name!r} is missing")
        for name in known
        if name not in spelled.values()
    ]
    if problems:
        raise InputError(problems)
    return [
        _municipality(spelled.get(name, name), feature["geometry"])
        for name, feature in zip(names, features, strict=True)
    ]


def _municipality(name: str, geometry: Mapping[str, Any]) -> Municipality:
    coordinates = geometry["coordinates"]
    polygons = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    scale = np.array([_KM_PER_DEGREE * _COS_LATITUDE, _KM_PER_DEGREE])
    rings = []
    area, moment = 0.0, np.zeros(2)
    for polygon in polygons:
        for position, ring in enumerate(polygon):
            points = np.asarray(ring, dtype=np.float64)[:, :2] * scale
            rings.append(points)
            x, y = points[:-1], points[1:]
            origin = points[0]
            cross = (x[:, 0] - origin[0]) * (y[:, 1] - origin[1]) - (y[:, 0] - origin[0]) * (
                x[:, 1] - origin[1]
            )
            part = cross.sum() / 2
            centre = origin + ((x + y - 2 * origin) * cross[:, None]).sum(axis=0) / (6 * part)
            sign = 1.0 if position == 0 else -1.0  # the first ring is the outside, others are holes
            area += sign * abs(part)
            moment += sign * abs(part) * centre
    return Municipality(name, tuple(rings), area, moment / area)


def shares(postcodes: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each municipality's postcodes in each swv, municipalities × swv."""
    counts = postcodes.groupby(["municipality", "swv"]).size().unstack(fill_value=0)
    return counts.div(counts.sum(axis=1), axis=0)


def _share_of(municipalities: list[Municipality], share: pd.DataFrame) -> NDArray[np.float64]:
    rows = []
    for municipality in municipalities:
        names = _SUCCESSORS.get(_letters(municipality.name), (municipality.name,))
        rows.append(share.loc[list(names)].mean().to_numpy())
    return np.array(rows)


def centroids(municipalities: list[Municipality], postcodes: pd.DataFrame) -> pd.DataFrame:
    """Return the centre of each swv: its municipalities' centres, weighted by postcodes.

    Postcodes follow people more than land does.

    Parameters
    ----------
    municipalities : list of Municipality
        The map.
    postcodes : DataFrame
        `postcode`, `municipality`, `swv`.

    Returns
    -------
    DataFrame
        Index swv; `lon`, `lat` in degrees, `x`, `y` in km.
    """
    centre = pd.DataFrame(
        [m.centre for m in municipalities],
        index=[m.name for m in municipalities],
        columns=["x", "y"],
    )
    rows = postcodes.join(centre, on="municipality")
    mean = rows.groupby("swv")[["x", "y"]].mean()
    return mean.assign(
        lon=mean["x"] / (_KM_PER_DEGREE * _COS_LATITUDE), lat=mean["y"] / _KM_PER_DEGREE
    )


def neighbours(municipalities: list[Municipality], postcodes: pd.DataFrame) -> pd.DataFrame:
    """Return which swv border on each other, and how much.

    Parameters
    ----------
    municipalities : list of Municipality
        The map.
    postcodes : DataFrame
        `postcode`, `municipality`, `swv`.

    Returns
    -------
    DataFrame
        `swv`, `neighbour`, `weight` (border_km · exp(−distance_km / 15), *assumed*), `border_km`,
        `distance_km` between the centres; symmetric, both directions given. Borders run through
        large waters too; where the map has none between two parts of the country, the nearest swv
        of the two are neighbours with `border_km` 0 and the weight of a border of 5 km.
    """
    share = shares(postcodes)
    codes = np.array(share.columns)
    by_swv = _share_of(municipalities, share)
    border = by_swv.T @ _borders(municipalities) @ by_swv
    area = np.array([m.area for m in municipalities])
    # a municipality cut in two halves has an inner border as long as it is wide
    border += 4 * (by_swv * np.sqrt(area)[:, None]).T @ by_swv
    np.fill_diagonal(border, 0.0)
    border[border < _LEAST_BORDER_KM] = 0.0

    centre = centroids(municipalities, postcodes).loc[codes, ["x", "y"]].to_numpy()
    distance = np.sqrt(((centre[:, None] - centre[None]) ** 2).sum(axis=2))
    strength = border.copy()
    for one, other in _over_water(border > 0, distance):
        strength[one, other] = strength[other, one] = _WATER_BORDER_KM
    row, column = np.nonzero(strength)
    return pd.DataFrame(
        {
            "swv": codes[row],
            "neighbour": codes[column],
            "weight": (strength * np.exp(-distance / _DECAY_KM))[row, column].round(4),
            "border_km": border[row, column].round(1),
            "distance_km": distance[row, column].round(1),
        }
    )


def _borders(municipalities: list[Municipality]) -> NDArray[np.float64]:
    """Km of border between municipalities, (municipality, municipality), symmetric."""
    points, owner = [], []
    for number, municipality in enumerate(municipalities):
        for ring in municipality.rings:
            step = np.sqrt((np.diff(ring, axis=0) ** 2).sum(axis=1))
            along = np.concatenate([[0.0], np.cumsum(step)])
            at = np.arange(_STEP_KM / 2, along[-1], _STEP_KM)
            points.append(np.column_stack([np.interp(at, along, ring[:, k]) for k in (0, 1)]))
            owner.append(np.full(len(at), number))
    where, whose = np.concatenate(points), np.concatenate(owner)
    pairs = cKDTree(where).query_pairs(_REACH_KM, output_type="ndarray")
    pairs = pairs[whose[pairs[:, 0]] != whose[pairs[:, 1]]]
    both = np.concatenate([pairs, pairs[:, ::-1]])
    # a point counts once for each other municipality in its reach
    seen = np.unique(np.column_stack([both[:, 0], whose[both[:, 1]]]), axis=0)
    size = len(municipalities)
    length = np.zeros((size, size))
    np.add.at(length, (whose[seen[:, 0]], seen[:, 1]), _STEP_KM)
    return (length + length.T) / 2


def _over_water(
    touching: NDArray[np.bool_], distance: NDArray[np.float64]
) -> list[tuple[int, int]]:
    """Nearest pairs that join what land does not."""
    links: list[tuple[int, int]] = []
    joined = touching.copy()
    while True:
        parts, part = connected_components(coo_array(joined), directed=False)
        if parts == 1:
            return links
        apart = np.where(part[:, None] != part[None], distance, np.inf)
        one, other = (int(i) for i in np.unravel_index(int(np.argmin(apart)), apart.shape))
        links.append((one, other))
        joined[one, other] = joined[other, one] = True
