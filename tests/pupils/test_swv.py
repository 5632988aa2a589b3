"""The swv table: what it accepts, what it gives, and every kind of damage."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lwoopro.errors import InputError
from lwoopro.pupils.swv import SwvTable, read_swv, swv_text

TEXT = """\
swv,vo,bb,kb,gl,tl,pro,lwoo,q_lwoo_2012,q_pro_2012,region
VO2102,9000,300,250,100,600,200,700,0.106,0.029,Noord
VO2101,12000,400.5,350,,800,300,,0.13,0.03,
VO0001,3000,0,50,20,200,0,10,0,1,nergens
"""
WITH_YEARS = """\
year,swv,vo,pro,region,need
2020,A,90,1,x,0.5
2019,B,80,2,y,
2019,A,70,3,z,-1e3
2020,B,,4,,12
"""


def swv(folder: Path, content: str | bytes) -> Path:
    path = folder / "swv.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def table(tmp_path: Path) -> SwvTable:
    return read_swv(swv(tmp_path, TEXT))


def test_values(table: SwvTable, tmp_path: Path) -> None:
    assert table.codes == ("VO0001", "VO2101", "VO2102")
    assert table.years is None
    assert list(table.numbers) == [
        *("vo", "bb", "kb", "gl", "tl", "pro", "lwoo"),
        *("q_lwoo_2012", "q_pro_2012"),
    ]
    assert table.numbers["vo"].tolist() == [3000.0, 12000.0, 9000.0]
    assert table.numbers["vo"].dtype == np.float64
    np.testing.assert_array_equal(table.numbers["gl"], [20.0, np.nan, 100.0])
    assert table.labels == {"region": ("nergens", "", "Noord")}
    assert table.path == str(tmp_path / "swv.csv")
    assert table.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert table.column("q_pro_2012", 2019, "current").tolist() == [1.0, 0.03, 0.029]
    with pytest.raises(ValueError, match="read-only"):
        table.column("vo", 2019, "current")[0] = 1.0


def test_years(tmp_path: Path) -> None:
    table = read_swv(swv(tmp_path, WITH_YEARS))
    assert table.codes == ("A", "B") and table.years == (2019, 2020)
    np.testing.assert_array_equal(table.numbers["vo"], [[70.0, 80.0], [90.0, np.nan]])
    np.testing.assert_array_equal(table.numbers["need"], [[-1000.0, np.nan], [0.5, 12.0]])
    assert table.labels == {"region": ("z", "y")}
    assert table.column("pro", 2019, "current").tolist() == [3.0, 2.0]
    assert table.column("pro", 2020, "current").tolist() == [1.0, 4.0]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace(",", " , "),
        lambda text: text.replace("Noord", '"Noord"').replace("9000", '"9000"'),
        lambda text: text.replace("9000", "9.0e3").replace("0.029", ".029"),
    ],
)
def test_dialects(change: Callable[[str], str | bytes], table: SwvTable, tmp_path: Path) -> None:
    other = read_swv(swv(tmp_path, change(TEXT)))
    assert (other.codes, other.labels) == (table.codes, table.labels)
    for name, values in table.numbers.items():
        np.testing.assert_array_equal(other.numbers[name], values)


def test_only_codes(tmp_path: Path) -> None:
    table = read_swv(swv(tmp_path, "swv\nB\nA\n"))
    assert (table.codes, table.numbers, table.labels) == (("A", "B"), {}, {})


def test_a_further_column_is_numbers_or_labels(tmp_path: Path) -> None:
    text = "swv,temperature,kind,none,q_other,name\nA,-3,1,,2,\nB,4.5,x,,,ë\n"
    table = read_swv(swv(tmp_path, text))
    assert table.numbers["temperature"].tolist() == [-3.0, 4.5]
    assert np.isnan(table.numbers["none"]).all()
    assert table.numbers["q_other"][0] == 2.0
    assert table.labels == {"kind": ("1", "x"), "name": ("", "ë")}


NEEDS: dict[str, tuple[str, str, int, str]] = {
    "absent": (
        TEXT,
        "q_lwoo_2020",
        2019,
        ": column q_lwoo_2020: is missing, and policy 'now' needs it (nearest: 'q_lwoo_2012')",
    ),
    "absent and like nothing": (
        TEXT,
        "zzzz",
        2019,
        ": column zzzz: is missing, and policy 'now' needs it",
    ),
    "empty": (
        TEXT,
        "gl",
        2019,
        ": column gl: is empty for 1 swv (VO2101), and policy 'now' needs it",
    ),
    "text": (TEXT, "region", 2019, ": column region: holds text, and policy 'now' needs numbers"),
    "empty in a year": (
        WITH_YEARS,
        "vo",
        2020,
        ": column vo: is empty in 2020 for 1 swv (B), and policy 'now' needs it",
    ),
    "year": (
        WITH_YEARS,
        "vo",
        2021,
        ": column year: no rows of 2021, and policy 'now' needs vo of that year; "
        "the table has 2019, 2020",
    ),
}


@pytest.mark.parametrize("need", NEEDS)
def test_what_a_policy_needs(need: str, tmp_path: Path) -> None:
    text, name, year, line = NEEDS[need]
    path = swv(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_swv(path).column(name, year, "now")
    assert str(caught.value) == f"{path}{line}"


def _replaced(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


DAMAGES: dict[str, tuple[str | bytes, list[str]]] = {
    "empty file": (b"", [": is empty"]),
    "blank file": (b" \n\n", [": is empty"]),
    "only a header": ("swv,vo\n", [": has a header and no records"]),
    "no swv": (
        _replaced("swv,", "SWV,"),
        [": column swv: is missing (nearest: 'SWV')"],
    ),
    "semicolons": (
        TEXT.replace(",", ";"),
        [": line 1: semicolons between the columns; use commas"],
    ),
    "tabs": (TEXT.replace(",", "\t"), [": line 1: tabs between the columns; use commas"]),
    "Latin-1": (
        TEXT.replace("nergens", "ë").encode("latin-1"),
        [": line 4: is not UTF-8; save the file as UTF-8"],
    ),
    "zero byte": (
        TEXT.replace("Noord", "No\0rd"),
        [": line 2: has a zero byte in it; save the file as plain text"],
    ),
    "unnamed column": (_replaced("kb,", ","), [": column 4: has no name"]),
    "repeated column": (_replaced("kb,", "bb,"), [": column bb: stands there more than once"]),
    "a cell too many": (
        _replaced("Noord", "Noord,"),
        [": not 11 cells, as the header has, in line 2"],
    ),
    "cells too few": (
        TEXT.replace(",0.029,Noord", "").replace("12000,", ""),
        [": not 11 cells, as the header has, in 2 lines: 2, 3"],
    ),
    "open quote": (_replaced("Noord", '"Noord'), [": line 4: is not csv: unexpected end of data"]),
    "empty code": (_replaced("VO2101", ""), [": column swv: empty in line 3"]),
    "code twice": (
        _replaced("VO2101", "VO2102"),
        [": column swv: 'VO2102' in line 3 stands in line 2 already"],
    ),
    "text for a count": (
        _replaced("12000", "many"),
        [": column vo: not a number: 'many' in line 3; use digits and a decimal point"],
    ),
    "decimal comma": (
        _replaced("400.5", '"400,5"'),
        [": column bb: not a number: '400,5' in line 3; use digits and a decimal point"],
    ),
    "suppressed": (
        TEXT.replace("VO0001,3000,0,", "VO0001,3000,<5,"),
        [": column bb: not a number: '<5' in line 4; use digits and a decimal point"],
    ),
    "nan": (
        TEXT.replace("9000", "nan").replace("12000", "inf"),
        [": column vo: not a number: 'nan' in 2 lines: 2, 3; use digits and a decimal point"],
    ),
    "infinite": (
        _replaced("9000", "1e999"),
        [": column vo: not a number: '1e999' in line 2; use digits and a decimal point"],
    ),
    "underscore": (
        _replaced("9000", "9_000"),
        [": column vo: not a number: '9_000' in line 2; use digits and a decimal point"],
    ),
    "negative count": (
        _replaced("9000", "-9000"),
        [": column vo: '-9000' in line 2; a count is at least 0"],
    ),
    "negative pro by year": (
        "swv,pro_1,pro_7\nA,-1,-1\n",
        [": column pro_1: '-1' in line 2; a count is at least 0"],
    ),
    "negative fraction": (
        _replaced("0.106", "-0.106"),
        [": column q_lwoo_2012: '-0.106' in line 2; a fraction lies between 0 and 1"],
    ),
    "percentage": (
        _replaced("0.029", "2.9"),
        [": column q_pro_2012: '2.9' in line 2; a fraction lies between 0 and 1"],
    ),
    "infinite further number": (
        "swv,need\nA,1e999\n",
        [": column need: not a number: '1e999' in line 2; use digits and a decimal point"],
    ),
    "year in words": (
        WITH_YEARS.replace("2019,B", "'19,B"),
        [""": column year: not a year: "'19" in line 3; use four digits"""],
    ),
    "no year": (
        WITH_YEARS.replace("2019,B", ",B"),
        [": column year: not a year: '' in line 3; use four digits"],
    ),
    "a year lacks a swv": (
        WITH_YEARS.replace("2019,B", "2020,C"),
        [
            ": column swv: no row of 2019 for B, C; every swv needs a row in every year",
        ],
    ),
    "code twice in a year": (
        WITH_YEARS.replace("2019,B", "2019,A"),
        [
            ": column swv: 'A' of 2019 in line 4 stands in line 3 already",
            ": column swv: no row of 2019 for B; every swv needs a row in every year",
        ],
    ),
    "line breaks in names and codes": (
        'swv,year,"v\no","v\no"\n"A\nB",2019,1,2\nC,2020,1,2\n',
        [": column 'v\\no': stands there more than once"],
    ),
    "line break in a code": (
        'swv,year\n"A\nB",2019\nC,2020\n',
        [
            ": column swv: no row of 2019 for C; every swv needs a row in every year",
            ": column swv: no row of 2020 for 'A\\nB'; every swv needs a row in every year",
        ],
    ),
    "everything at once": (
        TEXT.replace("VO2102,9000,300", "VO2101,-9,x").replace("0.13", "13"),
        [
            ": column swv: 'VO2101' in line 3 stands in line 2 already",
            ": column vo: '-9' in line 2; a count is at least 0",
            ": column bb: not a number: 'x' in line 2; use digits and a decimal point",
            ": column q_lwoo_2012: '13' in line 3; a fraction lies between 0 and 1",
        ],
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged(damage: str, tmp_path: Path) -> None:
    content, lines = DAMAGES[damage]
    path = swv(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_swv(path)
    assert str(caught.value).splitlines() == [f"{path}{line}" for line in lines]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_swv(tmp_path / "swv.csv")
    with pytest.raises(InputError, match="is a folder; name a file"):
        read_swv(tmp_path)
    with pytest.raises(InputError, match="not a valid path"):
        read_swv(tmp_path / "swv\0.csv")


def test_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lwoopro.pupils.csvfile.read_bytes.__defaults__", (100,))
    path = swv(tmp_path, TEXT)
    with pytest.raises(InputError) as caught:
        read_swv(path)
    assert str(caught.value) == f"{path}: has {len(TEXT)} bytes; at most 100 are read"


def test_too_many_swv(tmp_path: Path) -> None:
    text = "swv\n" + "".join(f"S{number}\n" for number in range(32_768))
    with pytest.raises(InputError, match="column swv: 32,768 different codes; at most 32,767"):
        read_swv(swv(tmp_path, text))


@pytest.mark.parametrize("text", [TEXT, WITH_YEARS], ids=["plain", "with years"])
def test_what_is_written_is_read_back(tmp_path: Path, text: str) -> None:
    text = text.replace("Noord", '"Noord, ""hoog"""').replace("400.5", "0.30000000000000004")
    before = read_swv(swv(tmp_path, text))
    written = swv_text(before)
    after = read_swv(swv(tmp_path, written))
    assert (after.codes, after.years, after.labels) == (before.codes, before.years, before.labels)
    assert list(after.numbers) == list(before.numbers)
    for name, values in before.numbers.items():
        np.testing.assert_array_equal(after.numbers[name], values)
    assert swv_text(after) == written
    # a count stays one to the eye
    assert ",9000," in written or ",90," in written
