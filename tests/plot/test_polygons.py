"""Real boundaries from a GeoJSON (R-5)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import xarray as xr

import lwoopro
from lwoopro import plot
from lwoopro.errors import InputError
from lwoopro.plot.polygons import boundaries
from lwoopro.plot.style import DIVERGING

SHARED = Path(lwoopro.__file__).parents[2].parent / "shared" / "data" / "regions"


def square(x: float, y: float, **properties: Any) -> dict[str, Any]:
    ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


TOWNS = collection(
    square(4, 52, gemeente="Stad (Gr)"),
    square(5, 52, gemeente="Dorp"),
    square(6, 52, gemeente="Gehucht"),
    square(6, 53, gemeente="Nergens"),
)
POSTCODES = (
    "pc4;gemeente;po_swv;vo_swv\n"
    "1000;Stad;PO1;VO2708\n1001;Stad;PO1;VO2708\n1002;Stad;PO1;VO2705\n"
    "2000;Dorp;PO1;VO2708\n3000;Gehücht;PO1;VO2705\n"
)


@pytest.fixture
def postcodes(tmp_path: Path) -> Path:
    path = tmp_path / "pc4.csv"
    path.write_text(POSTCODES, encoding="utf-8")
    return path


def test_municipalities_become_swv(postcodes: Path, tmp_path: Path) -> None:
    path = tmp_path / "towns.geojson"
    path.write_text(json.dumps(TOWNS), encoding="utf-8")
    areas, unplaced = boundaries(path, postcodes)
    # the split town goes with most of its postcodes; neighbours melt together
    assert list(areas) == ["VO2705", "VO2708"]
    assert areas["VO2708"].area == pytest.approx(2) and len(areas["VO2708"].exterior.coords) <= 7
    assert areas["VO2705"].bounds == (6, 52, 7, 53)
    assert unplaced == ["Nergens"]


def test_slivers_between_neighbours_go_and_holes_stay() -> None:
    ring = [[0.0, 0.0], [0, 3], [3, 3], [3, 0], [0, 0]]
    hole = [[1.0, 1.0], [2, 1], [2, 2], [1, 2], [1, 1]]
    outer = square(0, 0, swv="VO2708")
    outer["geometry"]["coordinates"] = [ring, hole]
    right = square(3, 0, swv="VO2708")
    right["geometry"]["coordinates"] = [[[3, 0], [4, 0], [4, 3], [3, 3], [3.0005, 1.5], [3, 0]]]
    areas, _ = boundaries(collection(outer, right))
    area = areas["VO2708"]
    assert area.geom_type == "Polygon" and len(area.interiors) == 1
    assert area.area == pytest.approx(12 - 1, abs=0.01)


def test_colours_are_those_of_the_numbers(results: xr.Dataset) -> None:
    squares = collection(square(4, 52, swv="vo2708"), square(5, 52, swv="VO2705"))
    ax = plot.polygon_map(geojson=squares, values={"VO2708": 2.0, "VO2705": -1.0, "VO2001": 0.5})
    patches = {str(patch.get_label()): patch for patch in ax.patches}
    assert set(patches) == {"VO2708", "VO2705"}
    assert np.allclose(patches["VO2708"].get_facecolor(), DIVERGING(1.0))
    assert np.allclose(patches["VO2705"].get_facecolor(), DIVERGING(0.25), atol=1e-6)
    # degrees of longitude are shorter here than those of latitude
    assert ax.get_aspect() == pytest.approx(1 / np.cos(np.radians(52.5)))
    assert "1 swv have no area" in plot.caption(ax)
    made = plot.polygon_map(results, geojson=squares, language="nl")
    assert "VO0001" in plot.caption(made)


def test_metres_are_metres() -> None:
    metres = square(120_000, 480_000, swv="VO2708")
    metres["geometry"]["coordinates"] = [
        [[120_000, 480_000], [121_000, 480_000], [121_000, 482_000], [120_000, 480_000]]
    ]
    ax = plot.polygon_map(geojson=collection(metres), values={"VO2708": 1.0})
    assert ax.get_aspect() == 1.0


def test_files_that_are_not_right(tmp_path: Path, postcodes: Path) -> None:
    values = {"VO2708": 1.0}
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    other = tmp_path / "other.csv"
    other.write_text("a;b\n1;2\n", encoding="utf-8")
    line = square(4, 52, swv="VO2708")
    line["geometry"] = {"type": "LineString", "coordinates": [[4, 52], [5, 52]]}
    empty = square(4, 52, swv="VO2708")
    empty["geometry"] = None
    cases: list[tuple[Any, Any, str]] = [
        (tmp_path / "absent.json", None, "cannot be read"),
        (broken, None, "is not JSON"),
        ({"features": []}, None, "has no features"),
        (TOWNS, None, "no polygon gives a swv"),
        (TOWNS, other, "lacks the columns gemeente and vo_swv"),
        (TOWNS, tmp_path / "absent.csv", "cannot be read"),
        (collection(square(4, 52, name="Elders")), postcodes, "no polygon gives a municipality"),
        (collection(square(4, 52, swv="VO9999")), None, "names no swv of these results"),
        (collection(line), None, "not a polygon"),
        (collection(empty), None, "not a polygon"),
    ]
    for geojson, path, message in cases:
        with pytest.raises(InputError, match=message):
            plot.polygon_map(geojson=geojson, postcodes=path, values=values)
    with pytest.raises(InputError, match="neither results nor values"):
        plot.polygon_map(geojson=TOWNS)


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data/regions")
def test_the_municipalities_of_2015() -> None:
    municipalities = SHARED / "gemeenten-2015.geojson"
    areas, unplaced = boundaries(municipalities, SHARED / "pc4_gemeente_swv_2015.csv")
    assert len(areas) == 74
    # abolished on 1 January 2015, and a spelling of its own
    assert unplaced == ["Maasdonk", "Menaldumadeel (Menaldumadiel)"]
    assert all(shapely.is_valid(list(areas.values())))
    # neighbours touch and do not overlap
    whole = shapely.union_all(list(areas.values()))
    assert sum(area.area for area in areas.values()) == pytest.approx(whole.area, rel=1e-6)
    middle = {code: area.centroid for code, area in areas.items()}
    assert middle["VO3105"].y < middle["VO2507"].y < middle["VO2001"].y
    assert sum(map(shapely.get_num_coordinates, areas.values())) < 15_000
