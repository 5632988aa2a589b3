"""What the README shows must work as it stands."""

import re
from pathlib import Path

import pytest

from lwoopro.study import load_study

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_first_two_blocks_are_commands_only() -> None:
    first_two = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[:2]
    assert [language for language, _ in first_two] == ["sh", "sh"]
    for _, block in first_two:
        for line in block.splitlines():
            assert re.match(r"(python -m (pip|pytest)|lwoopro) ", line)


@pytest.mark.parametrize("text", blocks("toml"))
def test_study_files_in_the_readme_are_right(text: str, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(text, "utf-8")
    assert load_study(path).study.name == "own"


def test_every_folder_of_the_layout_exists_and_none_is_left_out() -> None:
    layout = blocks("text")[0]
    named = set(re.findall(r"^  (\w+)/", layout, re.MULTILINE))
    package = ROOT / "engine" / "lwoopro"
    there = {path.name for path in package.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert named == there


def test_every_command_of_the_readme_exists() -> None:
    from lwoopro.cli import app

    names = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert set(re.findall(r"^\| `lwoopro (\w+)", README, re.MULTILINE)) <= names


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.toml")), ids=lambda p: p.name)
def test_every_config_is_a_study(path: Path) -> None:
    assert load_study(path).study.draws > 0
