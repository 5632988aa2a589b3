"""One small run with everything that a report can show, and its report in both languages."""

from pathlib import Path

import pytest
import xarray as xr

from lwoopro.pupils.synthetic import bundled_folder
from lwoopro.report.findings import held
from lwoopro.report.page import page
from lwoopro.report.write import write_all
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.runner import open_results, run

EVERYTHING = """
[study]
name = "everything"
years = [2019, 2020]
draws = 12
seed = 3

[pupils]
source = "synthetic"
population = "swv.csv"
scale = 0.1

[target_group]
shares = [0.10, 0.20]

[[policy]]
name = "current"
kind = "participation"

[[policy]]
name = "<script>alert(1)</script>"
kind = "vmbo-count"

[[policy]]
name = "indicator-20-school"
kind = "indicator"
share = 0.20

[settlement]
policy = "current"

[transition]
new = "indicator-20-school"
kind = "max-loss"
max_loss = 0.05

[pro]
horizon = 2030

[growth.reference]
kind = "reference"

[growth.rise]
kind = "rise"
"""

POLICY = "indicator-20-school"

SWV = (
    "VO0001",
    "VO2002",
    "VO2101",
    "VO2302",
    "VO2401",
    "VO2502",
    "VO2503",
    "VO2601",
    "VO2708",
    "VO2806",
    "VO2810",
    "VO2903",
    "VO3106",
)
"""Big cities, shrinking regions, and others: the pictures of all 75 take their time."""


def write_study(folder: Path, text: str) -> Path:
    """Write a study and the swv table of `SWV`."""
    whole = (bundled_folder("national") / "swv.csv").read_text("utf-8").splitlines()
    head, *rows = [line for line in whole if not line.startswith("#")]
    chosen = [row for row in rows if row.startswith(SWV)]
    (folder / "swv.csv").write_text("\n".join([head, *chosen]) + "\n", "utf-8")
    (folder / "study.toml").write_text(text, "utf-8")
    return folder / "study.toml"


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the run with tables and report, and `report-nl.html` beside it."""
    folder = tmp_path_factory.mktemp("everything")
    results = held(run(write_study(folder, EVERYTHING), folder / "run"))
    write_all(results, folder / "run")
    manifest = Manifest.load(folder / "run")
    assert manifest is not None
    text = page(results, manifest, language="nl")
    (folder / "run" / "report-nl.html").write_text(text, "utf-8")
    return folder / "run"


@pytest.fixture(scope="session")
def everything_results(everything: Path) -> xr.Dataset:
    return open_results(everything).load()
