"""Areas from the study file to the report: read once, kept with the run (R-5)."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lwoopro import plot
from lwoopro.cli import app
from lwoopro.errors import InputError
from lwoopro.plot.polygons import AREAS, areas_text, boundaries
from lwoopro.report.areas import areas_of
from lwoopro.report.context import Context
from lwoopro.report.findings import Findings
from lwoopro.report.language import Language
from lwoopro.report.privacy import find
from lwoopro.report.sections.changes import map_
from lwoopro.simulation.location import Location
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.runner import open_results
from lwoopro.study import load_study

POSTCODES = "pc4;gemeente;vo_swv\n1;Stad;VO2708\n2;Dorp;VO2705\n"
STUDY = """
[study]
name = "areas"
years = [2019]
draws = 2
seed = 1

[pupils]
source = "synthetic"
scale = 0.003

[[policy]]
name = "current"
kind = "participation"

[[policy]]
name = "indicator-20-school"
kind = "indicator"

[report]
geojson = "towns.geojson"
postcodes = "pc4.csv"
"""


def town(x: float, name: str) -> dict[str, Any]:
    ring = [[x, 52.0], [x + 1, 52.0], [x + 1, 53.000001], [x, 53.0], [x, 52.0]]
    return {
        "type": "Feature",
        "properties": {"gemeente": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def study(tmp_path: Path) -> Path:
    towns = {
        "type": "FeatureCollection",
        "features": [town(4, "Stad"), town(5, "Dorp"), town(6, "X")],
    }
    (tmp_path / "towns.geojson").write_text(json.dumps(towns), "utf-8")
    (tmp_path / "pc4.csv").write_text(POSTCODES, "utf-8")
    path = tmp_path / "areas.toml"
    path.write_text(STUDY, "utf-8")
    return path


def test_areas_are_small_and_read_back_the_same(study: Path) -> None:
    folder = study.parent
    text = areas_text(folder / "towns.geojson", folder / "pc4.csv")
    areas, unplaced = boundaries(json.loads(text))
    before, also = boundaries(folder / "towns.geojson", folder / "pc4.csv")
    assert list(areas) == list(before) == ["VO2705", "VO2708"]
    assert unplaced == also == ["X"]
    for code, area in areas.items():
        assert area.symmetric_difference(before[code]).area < 1e-4
    assert "53.000001" not in text
    ax = plot.polygon_map(geojson=json.loads(text), values={"VO2708": 1.0, "VO2705": 2.0})
    assert "Without a swv in the list: X." in plot.caption(ax)


def test_a_run_keeps_the_areas_for_its_report(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = study.parent / "run"
    # tables and report have tests of their own, and take longer than this run
    monkeypatch.setattr("lwoopro.report.write.write_all", lambda *_, **__: [])
    done = CliRunner().invoke(app, ["run", str(study), "--out", str(out), "--quiet", "--no-report"])
    assert done.exit_code == 0, done.output
    # the report needs nothing but the folder
    (study.parent / "towns.geojson").unlink()
    areas = areas_of(Location(out))
    assert areas is not None and len(areas["features"]) == 2
    results, manifest = open_results(out).load(), Manifest.load(out)
    assert manifest is not None
    found = {}
    for given in (None, areas):
        of = Context(Findings(results), manifest, Language("nl"), find(results, 0), given)
        section = map_(of)
        assert section is not None
        found[given is None] = str(section.blocks)
    assert "fig-map-areas" not in found[True] and "fig-map-areas" in found[False]
    (out / AREAS).unlink()
    assert areas_of(Location(out)) is None


def test_defects_are_found_before_anything_is_simulated(study: Path) -> None:
    (study.parent / "towns.geojson").unlink()
    for command in (["run", str(study), "--out", str(study.parent / "o")], ["check", str(study)]):
        done = CliRunner().invoke(app, command)
        assert isinstance(done.exception, InputError)
        assert "towns.geojson: cannot be read" in str(done.exception)
    assert not (study.parent / "o").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('geojson = "towns.geojson"\n', "", "report.postcodes: there are no areas; add geojson"),
        ("towns.geojson", "towns.shp", "report.geojson: .*ends in .geojson or .json"),
        ("pc4.csv", "pc4.xlsx", "report.postcodes: .*ends in .csv"),
    ],
)
def test_what_a_study_says_of_areas(study: Path, old: str, new: str, message: str) -> None:
    study.write_text(STUDY.replace(old, new), "utf-8")
    with pytest.raises(InputError, match=message):
        load_study(study)
