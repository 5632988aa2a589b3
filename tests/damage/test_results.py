"""Damaged folders of results: words for people, never a traceback; --resume mends what it can."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lwoopro.cli import app, guarded
from tests.damage import country


def outcome(*arguments: str) -> int:
    return guarded(lambda: app(list(arguments), standalone_mode=False))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    study = country.write(folder)
    assert outcome("run", str(study), "--quiet", "--no-report", "--out", str(folder / "out")) == 0
    return folder


def manifest(out: Path, **changes: object) -> None:
    path = out / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "no manifest": lambda out: (out / "manifest.json").unlink(),
    "empty manifest": lambda out: (out / "manifest.json").write_bytes(b""),
    "manifest is a list": lambda out: (out / "manifest.json").write_text("[]"),
    "manifest cut": lambda out: (out / "manifest.json").write_bytes(
        (out / "manifest.json").read_bytes()[:200]
    ),
    "manifest of another format": lambda out: manifest(out, format=999),
    "manifest without study": lambda out: manifest(out, study=None),
    "manifest of text": lambda out: (out / "manifest.json").write_text("a\nb"),
    "no store": lambda out: shutil.rmtree(out / "results.zarr"),
    "store is a file": lambda out: (
        shutil.rmtree(out / "results.zarr"),
        (out / "results.zarr").write_text("x"),
    ),
    "store without heading": lambda out: (out / "results.zarr" / "zarr.json").unlink(),
    "store with another heading": lambda out: (out / "results.zarr" / "zarr.json").write_text("{}"),
    "folder empty": lambda out: (shutil.rmtree(out), out.mkdir()),
    "folder absent": lambda out: shutil.rmtree(out),
    "folder is a file": lambda out: (shutil.rmtree(out), out.write_text("x")),
}


@pytest.mark.parametrize("command", ["report", "explain"])
@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_folder_is_answered(
    command: str, name: str, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    shutil.copytree(finished / "out", out)
    DAMAGE[name](out)
    more = ["--swv", "VO2001"] if command == "explain" else []
    status = outcome(command, str(out), *more)
    said = capsys.readouterr().err
    lines = said.splitlines()
    assert status == 2, (name, said)
    assert lines and all(str(out) in line for line in lines), said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_folder_is_resumed_or_refused(
    name: str, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a killed run may leave behind never blocks it; what is no run is not overwritten."""
    out = tmp_path / "out"
    shutil.copytree(finished / "out", out)
    DAMAGE[name](out)
    options = ("--quiet", "--no-report", "--resume", "--out", str(out))
    status = outcome("run", str(finished / "study.toml"), *options)
    said = capsys.readouterr().err
    assert status in {0, 2}, (name, said)
    assert "Traceback" not in said
    if status == 2:
        assert all(str(out) in line for line in said.splitlines()), said
    else:
        digest = json.loads((out / "manifest.json").read_text("utf-8"))["results_sha256"]
        good = json.loads((finished / "out" / "manifest.json").read_text("utf-8"))
        assert digest == good["results_sha256"]
