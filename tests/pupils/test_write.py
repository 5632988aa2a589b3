"""Pupil tables that are written are read back the same."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pupils import tables
from tests.pupils.tables import SWV, YEARS, columns, same

from lwoopro import codes
from lwoopro.errors import InputError
from lwoopro.pupils.columns import STANDARD_COLUMNS
from lwoopro.pupils.read import read_pupils
from lwoopro.pupils.table import Pupils
from lwoopro.pupils.write import write_pupils

SCHOOLS = ("00AA00", "00AA01", "31ZZ99")
ANY_INT64 = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture
def pupils(tmp_path: Path) -> Pupils:
    content: dict[str, Any] = columns()
    content["income"] = [3, 4, None, 1, 2, 2, 9, 10]
    content["decile"] = [3, 4, 5, 1, 2, 2, 9, 10]
    content["place"] = ["0363", None, "x", "y", "0363", "y, z", 'z"', "é"]
    content["twin"] = [True, False] * 4
    path = tables.parquet(tmp_path, content)
    return read_pupils(path, SWV, YEARS, extra=["income", "decile", "place", "twin"])


@st.composite
def any_pupils(draw: st.DrawFn) -> Pupils:
    """Draw tables that the reader accepts, with everything that may be empty sometimes empty."""
    rows = draw(st.integers(1, 12))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))

    def some(count: int, low: int = -1) -> Any:
        return random.integers(low, count, rows).astype(np.int8)

    used = np.unique(random.integers(0, len(SCHOOLS), rows), return_inverse=True)
    schools = tuple(SCHOOLS[place] for place in used[0])
    swv = random.integers(0, len(SWV.codes), len(schools)).astype(np.int16)[used[1]]
    home = random.integers(1, len(SWV.codes), rows).astype(np.int16)
    ids = np.array(draw(st.lists(ANY_INT64, min_size=rows, max_size=rows, unique=True)))
    registration, asylum = some(5, 0), random.random(rows) < 0.3
    full = (registration == 0) & ~asylum
    has_class = full | (random.random(rows) < 0.5)
    classes = np.where(has_class, random.integers(-(2**62), 2**62, rows), codes.NO_CLASS)
    with_id = random.random(rows) < 0.5
    return Pupils(
        year=random.integers(2019, 2021, rows).astype(np.int16),
        pupil_id=ids.astype(np.int64),
        school=used[1].astype(np.int32),
        schools=schools,
        school_swv=swv,
        home_swv=np.where(swv == 0, 0, home).astype(np.int16),
        swv=SWV.codes,
        grade=some(5, 3),
        track=some(4, 0),
        registration=registration,
        asylum=asylum,
        mother_id=np.where(with_id, ids[::-1], 0).astype(np.int64),
        father_id=np.where(~with_id, ids[::-1], 0).astype(np.int64),
        has_mother_id=with_id,
        has_father_id=~with_id,
        education_mother=some(8),
        education_father=some(8),
        education_class_mother=classes,
        education_class_father=np.where(has_class, -classes, codes.NO_CLASS),
        origin=np.where(full, some(5, 0), some(5)).astype(np.int8),
        stay=np.where(full, some(3, 0), some(3)).astype(np.int8),
        debt=np.where(full, some(2, 0), some(2)).astype(np.int8),
    )


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(pupils=any_pupils())
def test_round_trip(pupils: Pupils, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"pupils.{suffix}"
    write_pupils(pupils, path)
    assert same(read_pupils(path, SWV, sorted(set(pupils.year.tolist()))), pupils)


@pytest.mark.parametrize("suffix", ["parquet", "csv", "CSV"])
def test_further_columns(suffix: str, pupils: Pupils, tmp_path: Path) -> None:
    path = tmp_path / f"written.{suffix}"
    write_pupils(pupils, path)
    back = read_pupils(path, SWV, YEARS, extra=list(pupils.extra))
    if suffix != "parquet":  # in csv 3.0 is a whole number, which an empty cell makes a float
        assert back.extra["income"].dtype == np.float64
    assert back.extra["place"].tolist() == pupils.extra["place"].tolist()
    assert {**vars(back), "extra": 0}.keys() == {**vars(pupils), "extra": 0}.keys()
    assert same(back, pupils)


def test_columns_and_types(pupils: Pupils, tmp_path: Path) -> None:
    path = tmp_path / "written.parquet"
    levels = np.arange(8, dtype=np.int8)
    write_pupils(pupils, path, truth={"true_education_mother": levels})
    schema = pa.parquet.read_schema(path)
    extra = ("income", "decile", "place", "twin", "true_education_mother")
    assert tuple(schema.names) == (*STANDARD_COLUMNS, *extra)
    text = pa.dictionary(pa.int32(), pa.string())
    assert schema.field("track").type == text and schema.field("home_swv").type == text
    assert schema.field("pupil_id").type == schema.field("mother_id").type == pa.int64()
    assert schema.field("debt").type == pa.bool_()
    table = pa.parquet.read_table(path)
    assert table["mother_id"].null_count == 4
    assert table["education_class_mother"].null_count == 7
    assert table["true_education_mother"].to_pylist() == levels.tolist()
    packing = pa.parquet.ParquetFile(path).metadata.row_group(0).column(0).compression
    assert packing == "ZSTD"


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_added_characteristics_as_text(suffix: str, tmp_path: Path) -> None:
    content: dict[str, Any] = columns()
    content["language"] = ["none", "some", "all", None, "some", None, None, "none"]
    coded = {"language": ("none", "some", "all")}
    pupils = read_pupils(tables.parquet(tmp_path, content), SWV, YEARS, characteristics=coded)
    path = tmp_path / f"written.{suffix}"
    write_pupils(pupils, path, characteristics=coded)
    assert same(read_pupils(path, SWV, YEARS, characteristics=coded), pupils)
    plain = read_pupils(path, SWV, YEARS, extra=["language"])
    assert plain.extra["language"].tolist() == content["language"]


def test_taken_names_and_other_lengths(pupils: Pupils, tmp_path: Path) -> None:
    path = tmp_path / "written.parquet"
    for truth in ({"track": np.zeros(8)}, {"income": np.zeros(8)}, {"new": np.zeros(7)}):
        with pytest.raises(ValueError, match="the name is taken or the number of rows is another"):
            write_pupils(pupils, path, truth=truth)
    assert not path.exists()


def test_whole_or_not_at_all(
    pupils: Pupils, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "written.parquet"
    path.write_text("what was there before")

    def fail(table: pa.Table, where: Path, **_: Any) -> None:
        Path(where).write_text("half a fi")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pa.parquet, "write_table", fail)
    with pytest.raises(InputError) as caught:
        write_pupils(pupils, path)
    assert str(caught.value) == f"{path}: cannot be written: no space left on device"
    assert path.read_text() == "what was there before"
    assert sorted(os.listdir(tmp_path)) == ["pupils.parquet", "written.parquet"]


def test_where_nothing_can_be_written(pupils: Pupils, tmp_path: Path) -> None:
    path = tmp_path / "absent" / "written.parquet"
    with pytest.raises(InputError) as caught:
        write_pupils(pupils, path)
    assert str(caught.value) == f"{path}: cannot be written: no such file or directory"
    path = tmp_path / "written.feather"
    with pytest.raises(InputError) as caught:
        write_pupils(pupils, path)
    line = f"{path}: is neither .parquet nor .csv; the suffix tells which"
    assert str(caught.value) == line
