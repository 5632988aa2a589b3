"""What cells mean: keys, codes, postcodes, counts and their sums."""

from pathlib import Path

import numpy as np
import pytest

from lwoopro.duo.fields import (
    BRIN,
    POSTCODE,
    SWV,
    Counts,
    add,
    counts,
    find,
    locations,
    missing,
    normalise,
    postcodes,
    swv_codes,
)
from lwoopro.duo.text import Table, read_table
from lwoopro.errors import Problem


def table_of(folder: Path, headings: str, *rows: str) -> Table:
    path = folder / "file.csv"
    path.write_text("\n".join([headings, *rows]) + "\n")
    return read_table(path)


def column_of(folder: Path, heading: str, *cells: str) -> Table:
    return table_of(folder, f"{heading};x", *(f"{cell};x" for cell in cells))


def test_headings_are_found_in_any_spelling(tmp_path: Path) -> None:
    table = table_of(tmp_path, "Brin_Nummer;SAMENWERKINGSVERBAND  PASSEND-ONDERWIJS VO", "x;y")
    brin, swv = find(table, BRIN), find(table, SWV)
    assert brin is not None and brin.name == "Brin_Nummer"
    assert swv is not None and swv.text().tolist() == ["y"]
    assert find(table, POSTCODE) is None
    assert normalise("Gemeenté-naam (2015)") == "gemeente naam 2015"


def test_a_missing_column_names_the_nearest(tmp_path: Path) -> None:
    table = table_of(tmp_path, "POSTKODE;NAAM", "x;y")
    problem = missing(table, "POSTCODE", POSTCODE)
    assert str(problem).endswith(
        "line 1: column 'POSTCODE' is missing; the nearest heading there is 'POSTKODE'"
    )
    assert missing(table, "BRIN NUMMER", BRIN).right == ""


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        ("BRIN NUMMER;VESTIGINGSNUMMER", "00AH;07"),
        ("BRIN NUMMER;VESTIGINGSNUMMER", "00ah;7"),
        ("BRIN NUMMER;VESTIGINGSNUMMER", "00AH;00AH07"),
        ("INSTELLINGSCODE;VESTIGINGSCODE", "00AH;07"),
        ("INSTELLINGSCODE;VESTIGINGSCODE", "00AH;00AH07"),
        ("VESTIGINGSCODE;NAAM", "00ah07;Mariëndael"),
        ("brin_nummer;vestigings_nummer", "00AH;07"),
    ],
)
def test_location_keys(tmp_path: Path, headings: str, row: str) -> None:
    problems: list[Problem] = []
    keys = locations(table_of(tmp_path, headings, row), problems)
    assert problems == []
    assert keys is not None and keys.tolist() == ["00AH07"]


@pytest.mark.parametrize(
    ("headings", "rows", "message"),
    [
        ("BRIN;VESTIGING", ["0AAH;07"], "line 2, column BRIN: '0AAH'; a BRIN"),
        ("BRIN;VESTIGING", ["00AH;01", ";07", "x;2"], "line 3, column BRIN: empty (and 1 more row"),
        ("BRIN;VESTIGING", ["00AH;007"], "column VESTIGING: '007'; two digits"),
        ("BRIN;VESTIGING", ["00AH;00ZZ07"], "'00ZZ07'; it should begin with the BRIN beside it"),
        ("VESTIGING;NAAM", ["07;x"], "column 'BRIN NUMMER' is missing"),
        ("VESTIGING;NAAM", ["07;x", "00AH07;x"], "column VESTIGING: '07'"),
        ("BRIN;NAAM", ["00AH;x"], "column 'VESTIGINGSNUMMER' is missing"),
    ],
)
def test_bad_location_keys(tmp_path: Path, headings: str, rows: list[str], message: str) -> None:
    problems: list[Problem] = []
    assert locations(table_of(tmp_path, headings, *rows), problems) is None
    assert len(problems) == 1
    assert message in str(problems[0])


def test_swv_codes(tmp_path: Path) -> None:
    cells = ["VO2708", "vo2708", "2708", "VO2708 - Amsterdam", "Europoort", "", "N.v.t.", "-"]
    table = column_of(tmp_path, "swv", *cells)
    problems: list[Problem] = []
    codes = swv_codes(table, table.columns[0], problems)
    assert codes.tolist() == ["VO2708"] * 4 + ["VO2810", "", "", ""]
    assert problems == []


@pytest.mark.parametrize("cell", ["PO2708", "VO27", "VO27081", "Amsterdam", "27-08"])
def test_bad_swv_codes(tmp_path: Path, cell: str) -> None:
    table = column_of(tmp_path, "swv", "VO2708", cell)
    problems: list[Problem] = []
    swv_codes(table, table.columns[0], problems)
    assert f"line 3, column swv: {cell!r}; a vo swv" in str(problems[0])


def test_postcodes(tmp_path: Path) -> None:
    table = column_of(tmp_path, "pc", "1011", "1011 AB", "1011ab", "", "1011  AB")
    problems: list[Problem] = []
    assert postcodes(table, table.columns[0], problems).tolist() == ["1011"] * 3 + ["", "1011"]
    assert problems == []
    table = column_of(tmp_path, "pc", "0999", "101", "B-1000")
    postcodes(table, table.columns[0], problems)
    assert "line 2, column pc: '0999' (and 2 more rows)" in str(problems[0])


def test_counts(tmp_path: Path) -> None:
    table = column_of(tmp_path, "n", "12", "0", "12,0", "12.00", "<5", "< 5", "", "-")
    problems: list[Problem] = []
    read = counts(table, table.columns[0], problems)
    assert problems == []
    assert read.value.tolist() == [12, 0, 12, 12, 2.5, 2.5, 0, 0]
    assert read.suppressed.tolist() == [0, 0, 0, 0, 1, 1, 0, 0]
    assert read.given.tolist() == [True] * 6 + [False] * 2
    assert read.least.tolist() == [12, 0, 12, 12, 1, 1, 0, 0]


@pytest.mark.parametrize("cell", ["-1", "12,5", "1.234", "1,000", "<10", "abc", "1e3", "12 34"])
def test_bad_counts(tmp_path: Path, cell: str) -> None:
    table = column_of(tmp_path, "n", "1", cell, cell)
    problems: list[Problem] = []
    counts(table, table.columns[0], problems)
    assert f"line 3, column n: {cell!r} (and 1 more row); a whole number of 0" in str(problems[0])


def cells(*values: str | int) -> Counts:
    given = np.array([value != "" for value in values])
    small = np.array([value == "<5" for value in values]).astype(np.int64)
    number = np.array([2.5 if v == "<5" else 0 if v == "" else float(v) for v in values])
    return Counts(number, small, given)


@pytest.mark.parametrize(
    ("men", "women", "total", "value", "suppressed"),
    [
        (7, 5, 12, 12, 0),
        ("<5", 9, 11, 11, 0),  # the total knows more than the sexes
        ("<5", "<5", 6, 6, 0),
        (3, 1, "<5", 4, 0),  # the sexes know more than the total
        (3, 0, "<5", 3, 0),
        ("<5", 0, "<5", 2.5, 1),
        ("<5", "<5", "<5", 2.5, 1),
        (0, 0, "<5", 2.5, 1),
        ("", "", "<5", 2.5, 1),
        (3, 1, "", 4, 0),
        ("<5", 9, "", 11.5, 1),
        ("", "", "", 0, 0),
        ("", "", 8, 8, 0),
        (7, 5, 13, 13, 0),  # of one pupil the sex is not known
    ],
)
def test_the_sexes_and_the_total(
    tmp_path: Path,
    men: str | int,
    women: str | int,
    total: str | int,
    value: float,
    suppressed: int,
) -> None:
    table = column_of(tmp_path, "n", "x")
    problems: list[Problem] = []
    result = add(table, [cells(men), cells(women)], cells(total), "n", problems)
    assert (result.value[0], result.suppressed[0]) == (value, suppressed)
    assert problems == []


def test_without_a_total_every_suppressed_sex_counts(tmp_path: Path) -> None:
    table = column_of(tmp_path, "n", "x", "y")
    result = add(table, [cells("<5", 3), cells("<5", 9)], None, "n", [])
    assert result.value.tolist() == [5, 12]
    assert result.suppressed.tolist() == [2, 0]


@pytest.mark.parametrize(
    ("men", "women", "total"), [(7, 6, 12), ("<5", "<5", 1), (5, 0, "<5"), ("<5", 4, "<5")]
)
def test_sexes_above_their_total_are_refused(
    tmp_path: Path, men: str | int, women: str | int, total: str | int
) -> None:
    table = column_of(tmp_path, "n", "x", "y")
    problems: list[Problem] = []
    add(table, [cells(1, men), cells(1, women)], cells(2, total), "EXAMENS", problems)
    assert "line 3, EXAMENS: the sexes are more than the total" in str(problems[0])
