"""Municipalities, centres and neighbours on a small map of squares."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lwoopro.duo.geography import (
    centroids,
    match_names,
    neighbours,
    read_municipalities,
    shares,
)
from lwoopro.errors import InputError

KM = 1 / 111.2
EAST = KM / np.cos(np.radians(52.2))


def square(x: float, y: float, side: float = 10.0) -> list[list[float]]:
    """Ring of a square with its lower left corner at (x, y) km from 5° E, 52° N."""
    corners = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    return [[5 + (x + dx) * EAST, 52 + (y + dy) * KM] for dx, dy in corners]


def mapped(folder: Path, **polygons: list[list[list[float]]]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Polygon", "coordinates": rings},
        }
        for name, rings in polygons.items()
    ]
    path = folder / "map.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def postcodes(**swv: str) -> pd.DataFrame:
    rows = [
        (n, town, code) for n, (town, codes) in enumerate(swv.items()) for code in codes.split()
    ]
    return pd.DataFrame(rows, columns=["postcode", "municipality", "swv"])


SQUARES = {"A": [square(0, 0)], "B": [square(10, 0)], "C": [square(10.1, 10.1)]}


def test_names_match_over_spellings() -> None:
    known = ["Bergen (NH.)", "Bergen (L.)", "Utrecht", "Sudwest Fryslan", "Menameradiel", "'t Zand"]
    names = [
        "Bergen (NH)",
        "Bergen (L)",
        "Utrecht (Ut)",
        "Súdwest-Fryslân",
        "Menaldumadiel",
        "Zand",
    ]
    assert match_names(names, known) == {
        "Bergen (NH)": "Bergen (NH.)",
        "Bergen (L)": "Bergen (L.)",
        "Utrecht (Ut)": "Utrecht",
        "Súdwest-Fryslân": "Sudwest Fryslan",
        "Menaldumadiel": "Menameradiel",
    }


def test_a_map_without_all_municipalities_is_refused(tmp_path: Path) -> None:
    path = mapped(tmp_path, **SQUARES)
    with pytest.raises(InputError) as caught:
        read_municipalities(path, ["A", "B", "D"])
    assert [problem.what for problem in caught.value.problems] == [
        "municipality 'C' is not among the postcodes",
        "municipality 'D' is missing",
    ]


def test_areas_and_centres_know_holes(tmp_path: Path) -> None:
    path = mapped(tmp_path, A=[square(0, 0), square(0, 0, 5)], B=[square(100, 0)])
    first, second = read_municipalities(path, ["A", "B"])
    assert first.area == pytest.approx(75)
    assert second.area == pytest.approx(100)
    corner = np.array([5 / EAST, 52 / KM])
    assert first.centre - corner == pytest.approx(np.array([100 * 5 - 25 * 2.5] * 2) / 75)
    assert second.centre - corner == pytest.approx([105, 5])


def test_centres_are_weighted_by_postcodes(tmp_path: Path) -> None:
    towns = read_municipalities(mapped(tmp_path, **SQUARES), "ABC")
    centre = centroids(towns, postcodes(A="VO1 VO1 VO1", B="VO1", C="VO2"))
    assert centre.loc["VO1", "x"] - 5 / EAST == pytest.approx((3 * 5 + 15) / 4)
    assert centre.loc["VO1", "lat"] == pytest.approx(52 + 5 * KM)
    assert centre.loc["VO2", "lon"] == pytest.approx(5 + 15.1 * EAST)


def test_neighbours_share_a_border_and_are_symmetric(tmp_path: Path) -> None:
    towns = read_municipalities(mapped(tmp_path, **SQUARES), "ABC")
    found = neighbours(towns, postcodes(A="VO1", B="VO2", C="VO3"))
    pairs = found.set_index(["swv", "neighbour"])
    # A and C meet in a corner only; B and C touch over a gap of 100 m
    assert set(pairs.index) == {("VO1", "VO2"), ("VO2", "VO1"), ("VO2", "VO3"), ("VO3", "VO2")}
    # round a corner, points within the reach of 400 m count as border too
    assert pairs.loc[("VO1", "VO2"), "border_km"] == pytest.approx(10, abs=1.1)
    assert pairs.loc[("VO1", "VO2"), "distance_km"] == 10
    assert pairs.loc[("VO1", "VO2"), "weight"] == pytest.approx(
        pairs.loc[("VO1", "VO2"), "border_km"] * np.exp(-10 / 15), abs=1e-3
    )
    for one, other in pairs.index:
        assert pairs.loc[(one, other)].equals(pairs.loc[(other, one)])


def test_a_border_is_the_mean_of_both_sides(tmp_path: Path) -> None:
    # the long side of B sees past the corners of A, A sees B along its own side only
    towns = read_municipalities(
        mapped(tmp_path, A=[square(0, 0, 4)], B=[square(4.3, -10, 24)]), "AB"
    )
    one, other = neighbours(towns, postcodes(A="VO1", B="VO2"))["border_km"]
    assert one == other == pytest.approx(4, abs=0.6)


def test_a_divided_municipality_makes_neighbours(tmp_path: Path) -> None:
    towns = read_municipalities(mapped(tmp_path, A=[square(0, 0)], B=[square(10, 0)]), "AB")
    codes = postcodes(A="VO1 VO2", B="VO2")
    assert shares(codes).loc["A"].tolist() == [0.5, 0.5]
    found = neighbours(towns, codes).set_index(["swv", "neighbour"])
    assert found.loc[("VO1", "VO2"), "border_km"] == pytest.approx(10 + 10 / 2, abs=0.6)


def test_water_is_crossed_at_its_narrowest(tmp_path: Path) -> None:
    island = {"A": [square(0, 0)], "B": [square(10, 0)], "C": [square(30, 0)]}
    towns = read_municipalities(mapped(tmp_path, **island), "ABC")
    found = neighbours(towns, postcodes(A="VO1", B="VO2", C="VO3")).set_index(["swv", "neighbour"])
    assert ("VO1", "VO3") not in found.index
    assert found.loc[("VO2", "VO3"), "border_km"] == 0
    assert found.loc[("VO3", "VO2"), "weight"] == pytest.approx(5 * np.exp(-20 / 15), abs=1e-3)
