"""The parameters of the population: every one with its value, status and note."""

from pathlib import Path

import pytest

from lwoopro.errors import InputError
from lwoopro.pupils.synthetic import bundled_folder
from lwoopro.pupils.synthetic.parameters import read_parameters, write_parameters


def test_what_is_written_is_read(tmp_path: Path) -> None:
    bundled = read_parameters(bundled_folder("national") / "parameters.toml")
    path = tmp_path / "parameters.toml"
    write_parameters(bundled, path, "A heading\nof two lines.")
    again = read_parameters(path)
    assert dict(again) == dict(bundled)
    assert again.records == bundled.records
    assert path.read_text().startswith("# A heading\n# of two lines.\n")


def test_replaced_changes_only_what_is_named() -> None:
    bundled = read_parameters(bundled_folder("national") / "parameters.toml")
    other = bundled.replaced({"border.share": 0.5}, "calibrated")
    assert other["border.share"] == 0.5
    assert other.records["border.share"].status == "calibrated"
    assert {k: v for k, v in other.items() if k != "border.share"} == {
        k: v for k, v in bundled.items() if k != "border.share"
    }
    with pytest.raises(KeyError):
        bundled.replaced({"border.shore": 0.5})


def test_an_incomplete_record_is_named(tmp_path: Path) -> None:
    path = tmp_path / "parameters.toml"
    path.write_text(
        "[a.one]\nvalue = 1.0\nstatus = 'guessed'\nnote = ''\n"
        "[a.two]\nvalue = 'x'\n[a]\nthree = 3\n"
    )
    with pytest.raises(InputError) as error:
        read_parameters(path)
    assert [problem.where for problem in error.value.problems] == [
        f"{path}: a.one",
        f"{path}: a.two",
        f"{path}: a.three",
    ]
