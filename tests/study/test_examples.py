"""Studies that come with the program: listed, copied, never over a file that is there."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lwoopro.cli import app
from lwoopro.errors import InputError
from lwoopro.study import load_study
from lwoopro.study.examples import copy_example, examples

CONFIGS = Path(__file__).parents[2] / "configs"


def test_every_config_is_one() -> None:
    assert set(examples()) == {path.stem for path in CONFIGS.glob("*.toml")}
    assert {"quick", "national"} <= set(examples())
    assert all(len(what) > 10 and what[-1] in ".?" for what in examples().values())


@pytest.mark.parametrize("name", sorted(examples()))
def test_a_copy_is_the_same_study(name: str, tmp_path: Path) -> None:
    path = copy_example(name, tmp_path)
    assert path == tmp_path / f"{name}.toml"
    assert path.read_text("utf-8") == (CONFIGS / path.name).read_text("utf-8")
    assert load_study(path).identity() == load_study(CONFIGS / path.name).identity()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "quick.toml").write_text("mine")
    with pytest.raises(InputError, match=r"quick\.toml: this file is there already"):
        copy_example("quick", tmp_path)
    assert (tmp_path / "quick.toml").read_text() == "mine"


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the nearest is national"):
        copy_example("nationl", tmp_path)
    with pytest.raises(InputError, match="there is no such folder"):
        copy_example("quick", tmp_path / "absent")
    assert not list(tmp_path.iterdir())


def test_the_command_lists_and_copies(tmp_path: Path) -> None:
    runner = CliRunner()
    listed = runner.invoke(app, ["example"])
    assert listed.exit_code == 0
    assert all(name in listed.stdout for name in examples())
    copied = runner.invoke(app, ["example", "quick", "--out", str(tmp_path)])
    assert copied.exit_code == 0
    assert str(tmp_path / "quick.toml") in copied.stdout
