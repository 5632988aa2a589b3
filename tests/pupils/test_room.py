"""Reading stays within the memory that a study allows, or is refused before it is taken."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from tests.pupils import tables
from tests.pupils.tables import SWV, YEARS, columns, same

from lwoopro.errors import InputError
from lwoopro.pupils import source
from lwoopro.pupils.read import read_pupils
from lwoopro.pupils.room import Room


def test_too_large_a_table_is_refused_before_its_columns_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tables.parquet(tmp_path, columns())
    monkeypatch.setattr(pa.parquet.ParquetFile, "read_row_group", pytest.fail)
    with pytest.raises(InputError) as caught:
        read_pupils(path, SWV, YEARS, room=Room(300_000_000, 250_000_000))
    words = f"compute.memory: 300 MB is too little to read the 8 rows of {path}; at least 370 MB, "
    assert str(caught.value) == words + "or fewer years in a file"


def test_rows_of_other_years_need_less() -> None:
    """What is left out is read, and no more."""
    # 120 MB, 90 MB for all rows, and 37.5 MB for those that are kept
    room = Room(347_500_000, 100_000_000)
    room.refuse("pupils.parquet", 2_000_000, 300_000, 0)
    with pytest.raises(InputError, match=r"too little to read 300,001 of the 2,000,000 rows of p"):
        room.refuse("pupils.parquet", 2_000_000, 300_001, 0)
    with pytest.raises(InputError, match=r"at least 360 MB"):
        room.refuse("pupils.parquet", 2_000_000, 300_000, 2)


def test_the_years_are_known_before_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tables.parquet(tmp_path, columns())
    read: list[str] = []
    group = pa.parquet.ParquetFile.read_row_group

    def seen(file: Any, number: int, columns: list[str]) -> pa.Table:
        read.extend(columns)
        return group(file, number, columns=columns)

    monkeypatch.setattr(pa.parquet.ParquetFile, "read_row_group", seen)
    with pytest.raises(InputError, match="300 MB is too little to read 4 of the 8 rows of"):
        read_pupils(path, SWV, [2020], room=Room(300_000_000, 179_999_500))
    assert read == ["year"]


@pytest.mark.parametrize("years", [[2019], [2020], YEARS])
def test_row_groups_and_years_change_nothing(tmp_path: Path, years: list[int]) -> None:
    whole = tables.parquet(tmp_path, columns())
    parts = tmp_path / "parts.parquet"
    pa.parquet.write_table(pa.parquet.read_table(whole), parts, row_group_size=3)
    assert pa.parquet.ParquetFile(parts).num_row_groups == 3
    assert same(read_pupils(parts, SWV, years), read_pupils(whole, SWV, years))


def test_a_table_without_row_groups_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "none.parquet"
    schema = pa.parquet.read_schema(tables.parquet(tmp_path, columns()))
    pa.parquet.ParquetWriter(path, schema).close()
    with pytest.raises(InputError, match="has no rows"):
        read_pupils(path, SWV, YEARS)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where scratch files go; every csv file goes by way of it."""
    monkeypatch.setattr(source, "_LARGE_CSV", 0)
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("years", [[2020], YEARS])
def test_text_by_way_of_the_disk_is_the_same_table(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch, years: list[int]
) -> None:
    monkeypatch.setattr(source, "_BLOCK", 400)
    monkeypatch.setattr(source, "_GROUP", 3)
    path = tables.csv(tmp_path, columns() | {"note": ["a", None, "b", "01", "", "c", "d", "e"]})
    seen: list[int] = []
    groups = source._by_groups

    def by_groups(where: str, file: Any, rows: int) -> Any:
        seen.append(file.num_row_groups)
        return groups(where, file, rows)

    monkeypatch.setattr(source, "_by_groups", by_groups)
    found = read_pupils(path, SWV, years, ["note"])
    assert seen and seen[0] > 1, "in parts"
    assert list(scratch.iterdir()) == [], "nothing is left"
    monkeypatch.setattr(source, "_LARGE_CSV", 1 << 28)
    assert same(found, read_pupils(path, SWV, years, ["note"]))


def test_so_is_a_smaller_file_where_memory_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tables.csv(tmp_path, columns())
    calls: list[Path] = []
    real = source._parse_to_disk

    def parse(path: Path, *more: Any) -> Any:
        calls.append(path)
        return real(path, *more)

    monkeypatch.setattr(source, "_parse_to_disk", parse)
    size = path.stat().st_size
    source.open_source(path, ["year"], [], 8 * size)
    assert calls == []
    source.open_source(path, ["year"], [], 8 * size - 8)
    assert calls == [path]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"open', "a quote that is not closed"),
        ("2019,1", "not 18 cells, as the header has, in line 4"),
    ],
)
def test_damage_is_said_and_nothing_left(
    tmp_path: Path, scratch: Path, line: str, words: str
) -> None:
    path = tables.csv(tmp_path, columns())
    lines = path.read_text("utf-8").splitlines()
    lines.insert(3, line)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(InputError, match=words):
        read_pupils(path, SWV, YEARS)
    assert list(scratch.iterdir()) == []


def test_no_room_on_the_disk_is_said(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pa.parquet, "ParquetWriter", full)
    with pytest.raises(InputError, match=r"its text cannot be kept in .*scratch; make room there"):
        read_pupils(tables.csv(tmp_path, columns()), SWV, YEARS)
    assert list(scratch.iterdir()) == []


STUDY = """
[study]
name = "room"
years = [2019]
draws = 4
seed = 1
[pupils]
source = "{source}"
{more}
[[policy]]
name = "current"
kind = "participation"
{compute}
"""

SWV_TABLE = "\n".join(
    ["swv,vo,pro,lwoo,q_lwoo_2012,q_pro_2012", *(f"{c},1000,20,80,0.08,0.02" for c in SWV.codes)]
)

MEASURED = """
import sys
import pyarrow.parquet, pyarrow.csv, pyarrow.compute
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.memory import peak_memory, used_memory
from lwoopro.study import load_study
study = load_study(sys.argv[1])
rows = len(load_inputs(study, study.compute.memory_bytes).pupils)
print(rows, peak_memory())
"""


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_what_is_read_stays_within_the_memory(tmp_path: Path, suffix: str) -> None:
    """300,000 rows of one year among 600,000, each in a process of its own."""
    path = tmp_path / f"many.{suffix}"
    one = {name: values[:1] + values[5:6] for name, values in columns().items()}
    rows = 600_000
    table = tables.arrow({name: values * (rows // 2) for name, values in one.items()})
    for name in ("pupil_id", "mother_id", "father_id"):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(1_000_000_000 + np.arange(rows)))
    if suffix == "csv":
        pa.csv.write_csv(table, path)
    else:
        pa.parquet.write_table(table, path, row_group_size=100_000)
    (tmp_path / "swv.csv").write_text(SWV_TABLE, "utf-8")

    def measure(compute: str) -> "subprocess.CompletedProcess[str]":
        more = f'path = "{path.name}"\n[imputation]\nmethod = "model"\n[swv]\npath = "swv.csv"'
        study = tmp_path / "room.toml"
        study.write_text(STUDY.format(source="table", more=more, compute=compute), "utf-8")
        return subprocess.run(
            [sys.executable, "-c", MEASURED, str(study)], capture_output=True, text=True
        )

    least, said = 200, []
    while (done := measure(f'[compute]\nmemory = "{least} MB"\n')).returncode:
        assert f"compute.memory: {least} MB is too little to read" in done.stderr
        said.append(least)
        # what it asks for is asked by a process that holds a little more or less
        least = int(done.stderr.split("at least ")[1].split(" MB")[0]) + 5
    # refused by what the file says of itself, then by the rows of the year
    assert len(said) == 2
    found, peak = map(int, done.stdout.split())
    assert found == rows // 2
    # what was said to suffice does, and is not half as much again as was needed
    assert peak <= least * 1_000_000 < 1.5 * peak


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "check"])
def test_it_is_refused_in_one_line(tmp_path: Path, command: str) -> None:
    path = tables.parquet(tmp_path, columns())
    more = f'path = "{path.name}"\n[swv]\npath = "swv.csv"\n[imputation]\nmethod = "model"'
    (tmp_path / "swv.csv").write_text(SWV_TABLE, "utf-8")
    study = tmp_path / "room.toml"
    compute = '[compute]\nmemory = "100 MB"\n'
    study.write_text(STUDY.format(source="table", more=more, compute=compute), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "lwoopro", command, study.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    (line,) = (line for line in done.stderr.splitlines() if "compute.memory" in line)
    assert "100 MB is too little to read the 8 rows of" in line
    assert not (tmp_path / "results" / "room").exists()
