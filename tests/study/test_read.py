"""Files that are no study file at all, or are made to do harm."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lwoopro.errors import InputError
from lwoopro.study import load_study
from lwoopro.study.read import MOST_BYTES

Write = Callable[[str | bytes], str]

GIVE = "give the path of a study file"


def line_for(path: str) -> str:
    with pytest.raises(InputError) as caught:
        load_study(path)
    (line,) = str(caught.value).splitlines()
    return line


def test_absent(tmp_path: Path) -> None:
    assert line_for(f"{tmp_path}/x.toml") == f"{tmp_path}/x.toml: there is no such file; {GIVE}"


def test_folder(tmp_path: Path) -> None:
    assert line_for(str(tmp_path)) == f"{tmp_path}: this is a folder; {GIVE}"


def test_file_taken_for_a_folder(minimal: str, write: Write) -> None:
    write(minimal)
    assert line_for("study.toml/x.toml").startswith("study.toml/x.toml: cannot be read (")


def test_nul_in_the_name() -> None:
    assert line_for("a\0.toml") == f"'a\\x00.toml': this is no name of a file; {GIVE}"


def test_empty_file_names_all_that_is_needed(write: Write) -> None:
    with pytest.raises(InputError) as caught:
        load_study(write(b""))
    assert str(caught.value).splitlines() == [
        "study.toml: study: the section is missing; add [study] with name, years, draws and seed",
        "study.toml: pupils: the section is missing; "
        'add [pupils] with source = "table" or "synthetic"',
        "study.toml: policy: the section is missing; "
        "add at least one [[policy]] with name and kind",
    ]


def test_not_utf8(minimal: str, write: Write) -> None:
    content = minimal.replace('"small"', '"één"').encode("cp1252")
    line = "study.toml: line 2: byte 0xe9 is not UTF-8; save the file as UTF-8"
    assert line_for(write(content)) == line


@pytest.mark.parametrize(
    ("old", "new", "start"),
    [
        ("draws = 1\n", "draws 1\n", "study.toml: line 4, column 7: not valid TOML: "),
        ("draws = 1\n", "draws = one\n", "study.toml: line 4, column 9: not valid TOML: "),
        ("draws = 1\n", "draws = 1.000,5\n", "study.toml: line 4, column 14: not valid TOML: "),
        ('"small"', '"small', "study.toml: line 2, column 14: not valid TOML: "),
        ("[study]", "[study", "study.toml: line 1, column 7: not valid TOML: "),
        ("[pupils]", "[study]", "study.toml: line 6, column 7: not valid TOML: "),
        ('kind = "participation"\n', "kind =", "study.toml: last line: not valid TOML: "),
        ("seed = 0", "draws = 2", "study.toml: line 5, column 10: the key is given twice; "),
        ("seed = 0", "seed = " + "9" * 5000, "study.toml: a number has too many digits; "),
        ('"small"', '"a\0b"', "study.toml: line 2, column 10: not valid TOML: "),
    ],
)
def test_syntax_with_line_and_column(
    minimal: str, write: Write, old: str, new: str, start: str
) -> None:
    assert old in minimal
    assert line_for(write(minimal.replace(old, new, 1))).startswith(start)


def test_too_large_is_refused_before_it_is_read(minimal: str, write: Write) -> None:
    write(minimal + "#" * (MOST_BYTES - len(minimal)))
    load_study("study.toml")
    with open("study.toml", "r+b") as stream:
        stream.truncate(10**11)  # a sparse file: it takes no room
    line = f"study.toml: the file has more than {MOST_BYTES:,} bytes; {GIVE}"
    assert line_for("study.toml") == line


ROOM = MOST_BYTES - 2000


@pytest.mark.parametrize(
    ("harm", "start"),
    [
        ("a = " + "[" * ROOM, "study.toml: lists or tables lie too deep in each other; "),
        ("a = " + "{a=" * (ROOM // 3), "study.toml: lists or tables lie too deep in each other; "),
        ("a." * (ROOM // 2) + "a = 1", "study.toml: line 11: there are too many points in it; "),
        ("[[policy]]\n" * (ROOM // 11), "study.toml: policy: there are "),
        ("k" * ROOM + " = 1", 'study.toml: policy.current."kkkkk'),
    ],
)
def test_harm_is_answered_soon(minimal: str, write: Write, harm: str, start: str) -> None:
    begin = time.perf_counter()
    assert line_for(write(minimal + harm)).startswith(start)
    assert time.perf_counter() - begin < 2


def test_thousands_of_problems_are_counted(minimal: str, write: Write) -> None:
    keys = "\n".join(f"key_{number} = 1" for number in range(5000))
    match = "match = [" + '"", ' * 5000 + "]"
    with pytest.raises(InputError) as caught:
        load_study(write(f"{minimal}\n[money]\n{keys}\n[imputation]\n{match}\n"))
    lines = str(caught.value).splitlines()
    assert len(lines) == 102
    assert lines[50] == (
        "study.toml: money.key_50: there are 4950 more unknown keys; leave them out"
    )
    assert lines[-1] == (
        "study.toml: imputation.match #51: there are 4950 more wrong values; mend them likewise"
    )
