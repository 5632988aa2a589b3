"""The tile map's layout lies like the country (R-5)."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import lwoopro
from lwoopro.plot.places import tiles

SHARED = Path(lwoopro.__file__).parents[2].parent / "shared" / "data" / "regions"
NATIONAL = files("lwoopro").joinpath("data/populations/national")


@pytest.fixture(scope="module")
def layout() -> pd.DataFrame:
    found = pd.DataFrame.from_dict(
        tiles(), orient="index", columns=["row", "column", "place", "short"]
    )
    return found.sort_index()


def test_every_regional_swv_has_a_tile_of_its_own(layout: pd.DataFrame) -> None:
    swv = pd.read_csv(str(NATIONAL / "swv.csv"))["swv"]
    assert list(layout.index) == sorted(set(swv) - {"VO0001"})
    assert len(layout) == 74
    assert not layout.duplicated(["row", "column"]).any()
    assert layout["short"].is_unique and layout["short"].str.len().max() <= 4
    assert layout["place"].is_unique
    # VO0001 stands in the lower left corner, where no tile is
    assert not ((layout["row"] == 12) & (layout["column"] < 6)).any()


def test_north_is_north_and_east_is_east(layout: pd.DataFrame) -> None:
    context = pd.read_csv(str(NATIONAL / "context.csv"), index_col="swv").loc[layout.index]
    # 0.99 in the README
    assert spearmanr(layout["row"], -context["lat"]).statistic > 0.985
    assert spearmanr(layout["column"], context["lon"]).statistic > 0.985
    # no single swv far from its place: rows and columns of the map per degree
    for axis, degrees in (("row", -context["lat"]), ("column", context["lon"])):
        rank = degrees.rank()
        assert (layout[axis].rank() - rank).abs().max() < 25


def test_neighbours_stand_together(layout: pd.DataFrame) -> None:
    neighbours = pd.read_csv(str(NATIONAL / "neighbours.csv"))
    pairs = neighbours[
        (neighbours["border_km"] > 3) & (neighbours["swv"] < neighbours["neighbour"])
    ]
    apart = np.array([
        np.abs(
            layout.loc[a, ["row", "column"]].to_numpy(float)
            - layout.loc[b, ["row", "column"]].to_numpy(float)
        )
        for a, b in zip(pairs["swv"], pairs["neighbour"], strict=True)
    ])  # fmt: skip
    touching = apart.max(axis=1) == 1
    # a square of tiles cannot show many more; the README says these figures
    assert len(pairs) == 175
    assert touching.sum() == 149
    assert (apart.sum(axis=1) == 1).sum() == 100
    # nobody stands alone, and no two neighbours are torn apart
    assert apart.max() <= 4
    codes = set(pairs["swv"][touching]) | set(pairs["neighbour"][touching])
    assert codes == set(layout.index)


def test_tiles_touch_their_real_neighbours_only(layout: pd.DataFrame) -> None:
    """Two tiles side by side lie within 60 km of each other."""
    context = pd.read_csv(str(NATIONAL / "context.csv"), index_col="swv").loc[layout.index]
    east = context["lon"].to_numpy() * 111.3 * np.cos(np.radians(52.2))
    north = context["lat"].to_numpy() * 111.3
    row, column = layout["row"].to_numpy(), layout["column"].to_numpy()
    steps = np.abs(row[:, None] - row) + np.abs(column[:, None] - column)
    far = np.hypot(east[:, None] - east, north[:, None] - north)
    assert far[steps == 1].max() < 60


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data/regions")
def test_against_centroids_of_municipalities(layout: pd.DataFrame) -> None:
    """Real places: mean over the postcodes of each swv of their municipality's middle."""
    text = (SHARED / "gemeenten-2015.geojson").read_text("utf-8")
    middle = {}
    for feature in json.loads(text)["features"]:
        shape = feature["geometry"]["coordinates"]
        rings = (
            [part[0] for part in shape]
            if feature["geometry"]["type"] == "MultiPolygon"
            else [shape[0]]
        )
        ring = np.array(max(rings, key=len))[:, :2]
        middle[feature["properties"]["name"]] = (ring.min(axis=0) + ring.max(axis=0)) / 2
    postcodes = pd.read_csv(SHARED / "pc4_gemeente_swv_2015.csv", sep=";")
    postcodes = postcodes[postcodes["gemeente"].isin(list(middle))]
    place = pd.DataFrame([middle[name] for name in postcodes["gemeente"]], columns=["lon", "lat"])
    real = place.groupby(postcodes["vo_swv"].to_numpy()).mean()
    both = layout.join(real, how="inner")
    assert len(both) > 70
    assert spearmanr(both["row"], -both["lat"]).statistic > 0.97
    assert spearmanr(both["column"], both["lon"]).statistic > 0.97
