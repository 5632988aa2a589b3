"""Bytes to cells: encodings, separators, quotes, line ends, ragged lines."""

from pathlib import Path

import numpy as np
import pytest

from lwoopro.duo.text import read_table
from lwoopro.errors import InputError


def cells(path: Path) -> tuple[list[list[str]], list[int]]:
    table = read_table(path)
    columns = [column.text().tolist() for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)], table.lines.tolist()


def written(folder: Path, data: bytes | str) -> Path:
    path = folder / "file.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        "a;b\nMariëndael;Súdwest\n".encode("cp1252"),
        b"a;b\r\nMari\xc3\xabndael;S\xc3\xbadwest\r\n",
        b"\xef\xbb\xbfa;b\nMari\xc3\xabndael;S\xc3\xbadwest",
        "a,b\nMariëndael,Súdwest\n".encode("utf-16"),
        "a\tb\rMariëndael\tSúdwest\r".encode("cp1252"),
        '"a";"b"\n"Mariëndael";"Súdwest"\n'.encode(),
        " a ; b \n\n  Mariëndael\xa0 ;   Súdwest  \n;\n \n".encode(),
    ],
    ids=["cp1252", "utf-8", "byte order mark", "utf-16", "old Mac", "quoted", "padded"],
)
def test_dialects(tmp_path: Path, data: bytes) -> None:
    rows, _ = cells(written(tmp_path, data))
    assert rows == [["Mariëndael", "Súdwest"]]
    assert [c.name for c in read_table(tmp_path / "file.csv").columns] == ["a", "b"]


def test_lines_count_blank_ones(tmp_path: Path) -> None:
    rows, lines = cells(written(tmp_path, "a;b\n1;2\n\n3;4\n;\n   \n5;6\n"))
    assert rows == [["1", "2"], ["3", "4"], ["5", "6"]]
    assert lines == [2, 4, 7]


def test_quotes_hold_separators_and_quotes(tmp_path: Path) -> None:
    rows, _ = cells(written(tmp_path, '"a","b"\n"x, y","VMBO ""De Jutter"""\n'))
    assert rows == [["x, y", 'VMBO "De Jutter"']]


@pytest.mark.parametrize(
    "name",
    ['VMBO "De Jutter" Vlieland', '"De Jutter" Vlieland', '"De Jutter', "'t Hof", '"'],
    ids=repr,
)
def test_marks_in_unquoted_names_are_letters(tmp_path: Path, name: str) -> None:
    rows, lines = cells(written(tmp_path, f"a;b\n1;{name}\n2;x\n3;{name}\n4;y\n"))
    assert [row[0] for row in rows] == ["1", "2", "3", "4"]
    assert lines == [2, 3, 4, 5]
    assert rows[0][1].replace('"', "") == name.replace('"', "")


def test_columns_map_each_value_once(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a;b\nx;1\ny;1\nx;1\n"))
    seen: list[str] = []
    result = table.columns[0].map(lambda value: seen.append(value) or value.upper())
    assert result.tolist() == ["X", "Y", "X"]
    assert sorted(seen) == ["x", "y"]
    kept = table.select(np.array([False, True, True]))
    assert kept.columns[0].text().tolist() == ["y", "x"]
    assert kept.lines.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\r\n\r\n", "the file is empty"),
        (b"a;b\n", "headings but no rows"),
        (b"a;b\n;\n  ;\n", "headings but no rows"),
        (b"abc\n1\n", "line 1: a single heading; headings separated by"),
        (b"a;b;a\n1;2;3\n", "line 1: column 'a' stands there 2 times"),
        (b"a;b\n1;2\n3\n", "line 3: 1 cell where the header has 2"),
        (b"a;b\n1;2\n\n3;4;5\n", "line 4: 3 cells where the header has 2"),
        (b"PK\x03\x04rest", "a zip file or Excel workbook"),
        (b"a;b\n\x00;1\n", "not a text file"),
        (b"a;b\n1;2\nx\x81;4\n", "line 3: a byte that no known encoding has"),
        (b'"a","b"\n"1,2\n', "line 2: 1 cell"),
        (b'"a","b"\n1,"2\n3,4\n', "a quotation mark is not closed"),
    ],
)
def test_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = written(tmp_path, data)
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_every_ragged_line_is_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_table(written(tmp_path, "a;b\n" + "1\n" * 9))
    problems = [str(p) for p in caught.value.problems]
    assert len(problems) == 6
    assert "line 2: 1 cell" in problems[0]
    assert "4 more lines" in problems[-1]


def test_absent_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "absent.csv")
    with pytest.raises(InputError, match="this is a folder"):
        read_table(tmp_path)


def test_a_path_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: file name too long"):
        read_table(tmp_path / ("x" * 300))
