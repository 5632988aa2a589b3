"""What the README shows must work as it stands."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from lwoopro import run, tables
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


def test_the_residual_table_is_the_one_that_ships() -> None:
    """Every figure with a tolerance stands in the README as `residuals.csv` has it."""
    from lwoopro.pupils.synthetic import bundled_folder

    def shown(number: str) -> str:
        value = float(number)
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"

    with (bundled_folder("national") / "residuals.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(row for row in file if not row.startswith("#")))
    wanted = [row for row in rows if row["within"] and row["table"] != "statement true in"]
    assert len(wanted) > 50
    for row in wanted:
        name = f"{row['table']}: {row['row'].replace('_', ' ')}"
        ends = f"{shown(row['low_90'])} … {shown(row['high_90'])}"
        line = f"| {name} | {shown(row['published'])} | {shown(row['mean'])} | {ends} |"
        assert f"{line} {row['within']} |" in README


def test_the_tiny_example_gives_the_figures_that_stand_below_it(tmp_path: Path) -> None:
    """The reader's hand and the program agree: c, A and both S, for each level of the mother."""
    names = re.findall(r"^`(\w+\.csv)`:\n\n```csv", README, re.MULTILINE)
    assert names == ["pupils.csv", "education.csv", "swv.csv"]
    for name, text in zip(names, blocks("csv"), strict=True):
        (tmp_path / name).write_text(text, "utf-8")
    (study,) = [text for text in blocks("toml") if 'path = "pupils.csv"' in text]
    (tmp_path / "own.toml").write_text(study, "utf-8")
    results = run(tmp_path / "own.toml", out=tmp_path / "results")

    one = results.sel(share=0.2, year=2020)
    scores = one["disadvantage_score"].sel(attribution="school")
    found = [
        tuple(f"{number:.3f}" for number in row)
        for row in np.column_stack([one["cut_score"], one["mean_score"], scores])
    ]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in README.splitlines()
        if re.match(r"\| (primary|vmbo_bk|vmbo_gt) \| \d\d %", line)
    ]
    assert len(cells) == 3
    for _, chance, _, c, mean, _, first, second in cells:
        row = tuple(f"{float(number):.3f}" for number in (c, mean, first, second))
        part = found.count(row) / len(found)
        assert part == pytest.approx(float(chance.removesuffix(" %")) / 100, abs=0.05)
        assert found.count(row) > 0
    # in most draws the smaller of the two gets nothing by score: no table may stumble over that
    found_by_size = tables(results)["criteria_scenarios"].query("criterion == 'small'")
    assert len(found_by_size) > 0 and not np.isinf(found_by_size["value"]).any()
    lowest = one["budget_part"].sel(policy="indicator-20-school", part="lwoo", swv="VO9901").min()
    assert float(lowest) == pytest.approx(28_723.57 + 0.23 * 66_360 / 2, abs=0.01)
