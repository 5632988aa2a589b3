"""The residual table of a README is replaced, and nothing else."""

from pathlib import Path

import pytest

from lwoopro.calibration.readme import put_into, table_lines
from lwoopro.pupils.synthetic import bundled_folder
from lwoopro.pupils.synthetic.source import csv_rows

ROOT = Path(__file__).parents[2]


def test_the_table_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    rows = csv_rows(bundled_folder("national") / "residuals.csv")
    text = (ROOT / "README.md").read_text("utf-8")
    readme = tmp_path / "README.md"
    lines = table_lines(rows)
    readme.write_text(text.replace(lines[5], "| something | 1 | 2 | 3 … 4 | no |"), "utf-8")
    assert readme.read_text("utf-8") != text
    put_into(readme, rows)
    assert readme.read_text("utf-8") == text


def test_only_figures_with_a_tolerance_are_shown() -> None:
    row = {"table": "t", "row": "a_b", "published": "1234.4", "mean": "9.96", "low_90": "0"}
    row |= {"high_90": "99.94", "within": "yes"}
    lines = table_lines([row, row | {"within": ""}, row | {"table": "statement true in"}])
    assert lines[2:] == ["| t: a b | 1,234 | 10.0 | 0.0 … 99.9 | yes |"]


def test_a_readme_without_the_table_is_refused(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("# Nothing\n")
    with pytest.raises(ValueError, match="no table"):
        put_into(readme, [])
    assert readme.read_text() == "# Nothing\n"


@pytest.mark.parametrize("text", ["No table.\n", "\n".join(table_lines([]))])
def test_a_file_without_the_table_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="has no table that begins with"):
        put_into(readme, [])
    assert readme.read_text("utf-8") == text
