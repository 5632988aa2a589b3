"""Results that an older version wrote stay readable; only the version that wrote them adds to them.

`tests/data/results-format-1.zip` is the folder of a run of version 0.1.0 as it was when format 1
was in use: `lwoopro run small.toml --draws 4` with the study of `tests/conftest.py`.
"""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import STUDY

import lwoopro
from lwoopro.cli import app, guarded
from lwoopro.simulation.manifest import FORMAT, READABLE

OLD = Path(__file__).parents[1] / "data" / "results-format-1.zip"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    with zipfile.ZipFile(OLD) as archive:
        archive.extractall(folder)
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["format"] == 1
    return folder


def outcome(*arguments: str) -> int:
    return guarded(lambda: app(list(arguments), standalone_mode=False))


def test_format_1_opens(old: Path) -> None:
    assert 1 in READABLE and FORMAT in READABLE
    results = lwoopro.open_results(old)
    assert results.sizes["draw"] == 4 and results.sizes["swv"] == 75
    budget = results["budget"].load()
    np.testing.assert_array_equal(budget, results["budget_part"].load().sum("part").round(2))


def test_format_1_is_reported(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome("report", str(old)) == 0, capsys.readouterr().err
    assert (old / "tables").is_dir()
    assert (old / "report.html").stat().st_size > 10_000


def test_format_1_is_not_continued(
    old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "small.toml"
    study.write_text(STUDY, "utf-8")
    before = (old / "manifest.json").read_bytes()
    assert outcome("run", str(study), "--resume", "--out", str(old), "--quiet") == 2
    said = capsys.readouterr().err
    assert "format 1" in said and str(old) in said
    assert (old / "manifest.json").read_bytes() == before


def test_a_format_of_the_future_is_refused(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = old / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(content | {"format": FORMAT + 1}), "utf-8")
    assert outcome("report", str(old)) == 2
    assert f"format {FORMAT + 1}" in capsys.readouterr().err
