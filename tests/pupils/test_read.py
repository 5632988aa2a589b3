"""The reader of pupil tables: everything the contract accepts, and every kind of damage."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from tests.pupils import tables
from tests.pupils.tables import SWV, YEARS, columns, same, text

from lwoopro import codes
from lwoopro.errors import InputError
from lwoopro.pupils.read import read_pupils
from lwoopro.pupils.swv import SwvTable
from lwoopro.pupils.table import Pupils


def read(path: Path, **options: Any) -> Pupils:
    return read_pupils(path, SWV, options.pop("years", YEARS), **options)


@pytest.fixture
def expected(tmp_path: Path) -> Pupils:
    return read(tables.parquet(tmp_path, columns()))


def test_values(expected: Pupils) -> None:
    p = expected
    assert len(p) == 8
    assert p.year.tolist() == [2019] * 4 + [2020] * 4
    assert p.pupil_id.tolist() == tables.COLUMNS["pupil_id"]
    assert p.schools == ("01CD03", "02AB00", "09ZZ01")
    assert p.school.tolist() == [1, 1, 0, 2, 1, 0, 0, 2]
    assert p.swv == SWV.codes
    assert p.school_swv.tolist() == [1, 1, 2, 0, 1, 2, 2, 0]
    # U-1: VO0001 overrides the home in row 4; U-2: an unknown home is the school's swv
    assert p.home_swv.tolist() == [1, 1, 1, 0, 2, 2, 2, 0]
    assert p.grade.tolist() == [3, 4, 3, 4, 4, 3, 4, 3]
    assert p.track.tolist() == [0, 1, 2, 3, 0, 3, 3, 2]
    assert p.registration.tolist() == [0, 0, 1, 4, 0, 0, 3, 2]
    assert p.asylum.tolist() == [False] * 5 + [True] + [False] * 2
    assert p.mother_id.tolist() == [810001, 810002, 810003, 0, 810001, 0, 0, 0]
    assert p.has_mother_id.tolist() == [True, True, True, False, True, False, False, False]
    assert p.father_id.tolist() == [820001, 0, 0, 0, 820001, 820002, 0, 820003]
    assert p.has_father_id.tolist() == [True, False, False, False, True, True, False, True]
    assert p.education_mother.tolist() == [5, -1, 0, -1, 5, -1, -1, -1]
    assert p.education_father.tolist() == [-1, 7, -1, -1, -1, -1, -1, 3]
    none = codes.NO_CLASS
    assert p.education_class_mother.tolist() == [none, 31, none, none, none, none, none, none]
    assert p.education_class_father.tolist() == [41, none, none, none, 42, none, none, none]
    assert p.origin.tolist() == [0, 3, 4, -1, 0, -1, -1, 1]
    assert p.stay.tolist() == [2, 0, 1, -1, 2, -1, -1, 2]
    assert p.debt.tolist() == [0, 1, 0, -1, 0, -1, -1, 1]
    kinds = {name: value.dtype for name, value in vars(p).items() if isinstance(value, np.ndarray)}
    assert kinds == {
        "year": np.int16,
        "pupil_id": np.int64,
        "school": np.int32,
        "school_swv": np.int16,
        "home_swv": np.int16,
        "grade": np.int8,
        "track": np.int8,
        "registration": np.int8,
        "asylum": np.bool_,
        "mother_id": np.int64,
        "father_id": np.int64,
        "has_mother_id": np.bool_,
        "has_father_id": np.bool_,
        "education_mother": np.int8,
        "education_father": np.int8,
        "education_class_mother": np.int64,
        "education_class_father": np.int64,
        "origin": np.int8,
        "stay": np.int8,
        "debt": np.int8,
    }


INTEGERS = ("year", "pupil_id", "grade", "mother_id", "education_class_father")
TEXTS = ("school_id", "school_swv", "home_swv", "track", "education_mother", "origin")


def _cast(names: tuple[str, ...], kind: pa.DataType) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        plain = tables.arrow(content)
        for name in names:
            content[name] = plain[name].cast(kind)

    return change


def _dictionary(content: dict[str, Any]) -> None:
    plain = tables.arrow(content)
    for name in (*TEXTS, *INTEGERS):
        content[name] = plain[name].dictionary_encode()


def _unsigned_dictionary(content: dict[str, Any]) -> None:
    plain = tables.arrow(content)
    for name in TEXTS:
        content[name] = plain[name].cast(pa.dictionary(pa.uint8(), pa.large_string()))


def _nan_for_empty(content: dict[str, Any]) -> None:
    for name in ("mother_id", "father_id", "education_class_mother", "debt"):
        values = [float("nan") if value is None else float(value) for value in content[name]]
        content[name] = pa.array(values)


def _empty_text(content: dict[str, Any]) -> None:
    for name in TEXTS:
        content[name] = ["" if value is None else value for value in content[name]]


def _zero_one(content: dict[str, Any]) -> None:
    content["asylum"] = pa.array([int(value) for value in content["asylum"]], pa.uint8())
    content["debt"] = pa.array([None if v is None else int(v) for v in content["debt"]])


def _index_column(content: dict[str, Any]) -> None:
    content["__index_level_0__"] = list(range(8))
    content["notes"] = [None, "a", "b", "c", "d", "e", "f", "g"]


def _several_chunks(content: dict[str, Any]) -> None:
    table = pa.concat_tables([tables.arrow(content).slice(0, 3), tables.arrow(content).slice(3)])
    content.update({name: table[name] for name in content})


def _dictionary_chunks(content: dict[str, Any]) -> None:
    table = tables.arrow(content)
    for name in TEXTS:
        halves = [table[name].slice(0, 5), table[name].slice(5)]
        encoded = [half.combine_chunks().dictionary_encode() for half in halves]
        content[name] = pa.chunked_array(encoded)


VARIANTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "int32": _cast(INTEGERS, pa.int32()),
    "uint32": _cast(INTEGERS, pa.uint32()),
    "uint64": _cast(INTEGERS, pa.uint64()),
    "float64": _cast(INTEGERS, pa.float64()),
    "float32": _cast(INTEGERS, pa.float32()),
    "large_string": _cast(TEXTS, pa.large_string()),
    "string_view": _cast(TEXTS, pa.string_view()),
    "dictionary": _dictionary,
    "unsigned dictionary": _unsigned_dictionary,
    "NaN for empty": _nan_for_empty,
    "empty text": _empty_text,
    "0 and 1": _zero_one,
    "further columns": _index_column,
    "chunks": _several_chunks,
    "chunks of dictionaries": _dictionary_chunks,
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_parquet_types(variant: str, tmp_path: Path, expected: Pupils) -> None:
    content = columns()
    VARIANTS[variant](content)
    assert same(read(tables.parquet(tmp_path, content)), expected)


def test_columns_in_any_order(tmp_path: Path, expected: Pupils) -> None:
    content = dict(reversed(columns().items()))
    assert same(read(tables.parquet(tmp_path, content)), expected)
    assert same(read(tables.csv(tmp_path, content)), expected)


def test_suffix_in_capitals(tmp_path: Path, expected: Pupils) -> None:
    path = tables.parquet(tmp_path, columns())
    assert same(read(path.rename(tmp_path / "PUPILS.PARQUET")), expected)
    path = tables.csv(tmp_path, columns())
    assert same(read(path.rename(tmp_path / "PUPILS.CSV")), expected)


def _quoted(content: dict[str, list[Any]]) -> str:
    lines = text(content).splitlines()
    return "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in lines)


def _floats(content: dict[str, list[Any]]) -> str:
    for name in ("mother_id", "father_id", "education_class_mother"):
        content[name] = [None if value is None else f"{value}.0" for value in content[name]]
    return text(content)


def _numbers(content: dict[str, list[Any]]) -> str:
    for name in ("asylum", "debt"):
        content[name] = [None if value is None else int(value) for value in content[name]]
    return text(content)


def _capitals(content: dict[str, list[Any]]) -> str:
    for name in ("asylum", "debt"):
        content[name] = [None if value is None else str(value) for value in content[name]]
    return text(content)


def _notes(content: dict[str, list[Any]]) -> str:
    content["notes"] = ['"a, b"', "'", '"""c"""', "", "ë", "0", " ", "-"]
    return text(content)


CSV_VARIANTS: dict[str, Callable[[dict[str, list[Any]]], str | bytes]] = {
    "plain": text,
    "byte order mark": lambda content: b"\xef\xbb\xbf" + text(content).encode(),
    "Windows line ends": lambda content: text(content, "\r\n"),
    "old Mac line ends": lambda content: text(content, "\r"),
    "no line end at the end": lambda content: text(content).rstrip("\n"),
    "blank lines at the end": lambda content: text(content) + "\n\n",
    "blank lines in between": lambda content: "\n" + text(content).replace("\n", "\n\n", 3),
    "lines of commas at the end": lambda content: text(content) + "," * 17 + "\n",
    "quoted": _quoted,
    "pandas floats": _floats,
    "0 and 1": _numbers,
    "True and False": _capitals,
    "further columns": _notes,
    "pandas index": lambda content: text({"": list(range(8)), **content}),
    "spaces in the header": lambda content: text(content).replace(",", ", ", 17),
    "signs and zeros": lambda content: text(content).replace("810001", "+00810001"),
}


@pytest.mark.parametrize("variant", CSV_VARIANTS)
def test_csv_dialects(variant: str, tmp_path: Path, expected: Pupils) -> None:
    assert same(read(tables.csv(tmp_path, CSV_VARIANTS[variant](columns()))), expected)


def test_absent_columns_are_empty(tmp_path: Path) -> None:
    content = columns()
    content["education_mother"] = ["mbo4"] * 8
    content["education_father"] = ["mbo4"] * 8
    optional = ("home_swv", "mother_id", "father_id", "education_class_mother")
    for name in (*optional, "education_class_father"):
        del content[name]
    for path in (tables.parquet(tmp_path, content), tables.csv(tmp_path, content)):
        pupils = read(path)
        assert pupils.home_swv.tolist() == pupils.school_swv.tolist()
        assert not pupils.has_mother_id.any() and not pupils.has_father_id.any()
        assert (pupils.education_class_father == codes.NO_CLASS).all()


def test_columns_of_nothing(tmp_path: Path) -> None:
    content: dict[str, Any] = columns()
    content["education_mother"] = ["mbo4"] * 8
    for name in ("home_swv", "mother_id", "education_class_mother"):
        content[name] = pa.nulls(8)
    pupils = read(tables.parquet(tmp_path, content))
    assert not pupils.has_mother_id.any()
    assert pupils.home_swv.tolist() == pupils.school_swv.tolist()


@pytest.mark.parametrize("write", [tables.parquet, tables.csv])
def test_ids_near_the_ends_of_int64(write: Any, tmp_path: Path) -> None:
    content = columns()
    ends = [2**63 - 1, -(2**63), 2**62, 0, 2**63 - 1, -1, 1, 2]
    content["pupil_id"] = ends
    content["mother_id"] = [*ends[:3], None, *ends[4:]]
    pupils = read(write(tmp_path, content))
    assert pupils.pupil_id.tolist() == ends
    assert pupils.mother_id.tolist() == [*ends[:3], 0, *ends[4:]]
    assert pupils.has_mother_id.tolist() == [True] * 3 + [False] + [True] * 4


def test_ends_of_int64_as_pandas_writes_floats(tmp_path: Path) -> None:
    content = columns()
    content["mother_id"] = [f"{2**63 - 1}.0", f"-{2**63}.0", "+5", *["-0.0"] * 5]
    pupils = read(tables.csv(tmp_path, content))
    assert pupils.mother_id.tolist() == [2**63 - 1, -(2**63), 5] + [0] * 5


@pytest.mark.parametrize("write", [tables.parquet, tables.csv])
def test_other_years_are_left_out_first(write: Any, tmp_path: Path) -> None:
    content = columns()
    content["track"][1] = "nonsense"
    content["school_id"][3] = "nowhere"
    pupils = read(write(tmp_path, content), years=[2020])
    assert pupils.year.tolist() == [2020] * 4
    assert pupils.schools == ("01CD03", "02AB00", "09ZZ01")
    content["year"][0] = 30_000
    content["education_class_father"][0] = None
    assert len(read(write(tmp_path, content), years=[2020])) == 4


def test_row_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    content = columns()
    content["track"][6] = "nonsense"
    line = "column track: unknown code in row 7; use bb, kb, gl, tl"
    with pytest.raises(InputError, match=line):
        read(tables.parquet(tmp_path, content), years=[2020])
    lines = text(content).splitlines()
    path = tables.csv(tmp_path, "\n".join(["", *lines[:2], "", *lines[2:]]))
    with pytest.raises(InputError, match="unknown code in line 10;"):
        read(path, years=[2020])


def test_national_swv_is_only_a_code_among_others(tmp_path: Path) -> None:
    swv = SwvTable(("A", "B"), None, {}, {}, "swv.csv", "")
    content = columns()
    content["school_swv"] = ["A", "A", "B", "B", "A", "B", "B", "B"]
    content["home_swv"] = ["B", None, "A", "A", None, None, None, None]
    pupils = read_pupils(tables.parquet(tmp_path, content), swv, YEARS)
    assert pupils.home_swv.tolist() == [1, 0, 0, 0, 0, 1, 1, 1]


# --- further columns -------------------------------------------------------------------------


def test_extra_columns(tmp_path: Path) -> None:
    content: dict[str, Any] = columns()
    content["income"] = [3, 4, None, 1, 2, 2, 9, 10]
    content["decile"] = [3, 4, 5, 1, 2, 2, 9, 10]
    content["distance"] = [0.5, None, 1.25, 2.0, 3.0, 4.0, 5.0, 6.0]
    content["twin"] = [True, False] * 4
    content["doubt"] = [True, None] * 4
    content["place"] = ["0363", None, "x", "y", "0363", "y", "z", ""]
    content["none"] = pa.nulls(8)
    names = ["income", "decile", "distance", "twin", "doubt", "place", "none"]
    extra = read(tables.parquet(tmp_path, content), extra=[*names, "track"]).extra
    assert list(extra) == names  # a standard column is not carried twice
    nan = np.nan
    np.testing.assert_array_equal(extra["income"], [3.0, 4, nan, 1, 2, 2, 9, 10])
    assert extra["decile"].dtype == np.int64 and extra["decile"].tolist() == content["decile"]
    np.testing.assert_array_equal(extra["distance"], [0.5, nan, 1.25, 2, 3, 4, 5, 6])
    assert extra["twin"].dtype == np.bool_ and extra["twin"].tolist() == content["twin"]
    np.testing.assert_array_equal(extra["doubt"], [1.0, nan] * 4)
    assert extra["place"].tolist() == ["0363", None, "x", "y", "0363", "y", "z", None]
    assert np.isnan(extra["none"]).all()


def test_extra_columns_of_csv(tmp_path: Path) -> None:
    content: dict[str, Any] = columns()
    content["income"] = [3, 4, None, 1, 2, 2, 9, -10]
    content["decile"] = [3, 4, 5, 1, 2, 2, 9, 0]
    content["quoted"] = ['"3"', '""', '"5"', *["1"] * 5]
    content["distance"] = [0.5, None, "1e-2", 2.0, ".5", 4.0, 5.0, 6.0]
    content["twin"] = ["true", "FALSE"] * 4
    content["place"] = ["0363", None, "1234", "12", "0363", "1", "2", "3"]
    content["large"] = [2**64] + [1] * 7
    content["none"] = [None] * 8
    names = ["income", "decile", "distance", "twin", "place", "large", "none", "quoted"]
    extra = read(tables.csv(tmp_path, content), extra=names).extra
    nan = np.nan
    np.testing.assert_array_equal(extra["income"], [3.0, 4, nan, 1, 2, 2, 9, -10])
    assert extra["decile"].dtype == np.int64 and extra["decile"].tolist() == content["decile"]
    np.testing.assert_array_equal(extra["distance"], [0.5, nan, 0.01, 2, 0.5, 4, 5, 6])
    assert extra["twin"].dtype == np.bool_ and extra["twin"].tolist() == [True, False] * 4
    assert extra["place"].tolist() == content["place"]
    np.testing.assert_array_equal(extra["quoted"], [3.0, nan, 5, 1, 1, 1, 1, 1])
    assert extra["large"][0] == 2.0**64
    assert np.isnan(extra["none"]).all()


def test_optional_columns_may_be_absent(tmp_path: Path) -> None:
    path = tables.parquet(tmp_path, columns())
    assert np.isnan(read(path, optional=["income"]).extra["income"]).all()


CODED = {"language": ("none", "some", "all")}
LANGUAGE = ["none", "some", "all", None, "some", None, None, "none"]


def test_added_characteristics(tmp_path: Path) -> None:
    content: dict[str, Any] = columns()
    content["language"] = LANGUAGE
    for write in (tables.parquet, tables.csv):
        extra = read(write(tmp_path, content), characteristics=CODED, extra=["language"]).extra
        assert extra["language"].dtype == np.int64
        assert extra["language"].tolist() == [0, 1, 2, -1, 1, -1, -1, 0]


def test_added_characteristics_of_numbers_and_booleans(tmp_path: Path) -> None:
    content: dict[str, Any] = columns()
    content["size"] = [10, 9, None, None, 9, 10, None, 9]
    content["single"] = [True, False, None, None, True, True, None, False]
    content["odd"] = content["single"]
    codes_of = {"size": ("9", "10"), "single": ("no", "yes"), "odd": ("true", "false")}
    extra = read(tables.parquet(tmp_path, content), characteristics=codes_of).extra
    assert extra["size"].tolist() == [1, 0, -1, -1, 0, 1, -1, 0]
    assert extra["single"].tolist() == [1, 0, -1, -1, 1, 1, -1, 0]
    assert extra["odd"].tolist() == [0, 1, -1, -1, 0, 0, -1, 1]


# --- imputation classes (I-1, I-5) -----------------------------------------------------------


def test_class_not_needed_where_the_level_is_known_elsewhere(tmp_path: Path) -> None:
    content = columns()
    # the same person, once as father and once as mother: the role does not matter
    content["mother_id"][1] = 820001
    content["education_father"][0] = "mbo4"
    content["education_class_mother"][1] = None
    content["education_class_father"] = [None] * 8
    read(tables.parquet(tmp_path, content))
    # without ids: the same pupil in another year, in the same role
    content["father_id"] = [None] * 8
    content["mother_id"][1] = None
    content["education_mother"][1] = "mbo4"
    read(tables.parquet(tmp_path, content))


def test_level_in_a_row_that_does_not_count_is_not_known(tmp_path: Path) -> None:
    content = columns()
    content["mother_id"][1] = 810003  # her level stands in a row with registration no_father
    content["education_class_mother"][1] = None
    with pytest.raises(InputError, match="column education_class_mother: empty in row 2;"):
        read(tables.parquet(tmp_path, content))
    content["mother_id"][1] = None
    content["education_father"][1] = None
    content["education_class_father"][1] = 1
    with pytest.raises(InputError, match="column education_class_mother: empty in row 2;"):
        read(tables.parquet(tmp_path, content))


def test_level_of_a_parent_with_id_says_nothing_about_one_without(tmp_path: Path) -> None:
    content = columns()
    content["mother_id"][4] = None  # pupil 1 again, but who knows whether it is the same mother
    content["education_mother"][4] = None
    with pytest.raises(InputError, match="column education_class_mother: empty in row 5;"):
        read(tables.parquet(tmp_path, content))
    content["mother_id"][0] = None
    read(tables.parquet(tmp_path, content))


def test_classes_of_the_probability_file(tmp_path: Path) -> None:
    path = tables.parquet(tmp_path, columns())
    read(path, known_classes=np.array([31, 41, 42]))
    read(path, known_classes=np.array([1]), classes_needed=False)
    with pytest.raises(InputError) as caught:
        read(path, known_classes=np.array([41]))
    assert str(caught.value).splitlines() == [
        f"{path}: column education_class_mother: a class that the probability file lacks in row 2",
        f"{path}: column education_class_father: a class that the probability file lacks in row 5",
    ]


def test_no_classes_for_method_model(tmp_path: Path) -> None:
    content = columns()
    del content["education_class_mother"], content["education_class_father"]
    path = tables.parquet(tmp_path, content)
    read(path, classes_needed=False)
    with pytest.raises(InputError, match="column education_class_father: empty in 2 rows: 1, 5;"):
        read(path)


# --- damage ----------------------------------------------------------------------------------

Damage = Callable[[dict[str, Any]], None]


def put(name: str, row: int, value: Any) -> Damage:
    """Put a value in the given row (counted from 1)."""

    def damage(content: dict[str, Any]) -> None:
        content[name][row - 1] = value

    return damage


def replace(name: str, values: Any) -> Damage:
    def damage(content: dict[str, Any]) -> None:
        content[name] = values

    return damage


def drop(name: str) -> Damage:
    return lambda content: content.pop(name)


def rename(name: str, other: str) -> Damage:
    def damage(content: dict[str, Any]) -> None:
        content[other] = content.pop(name)

    return damage


USE_SWV = "use the codes of swv.csv: VO0001, VO2101, VO2102, VO2103"
USE_SCHOOL = "{school}"
USE_LEVELS = f"use {', '.join(codes.EDUCATION_LEVELS)}"
USE_ORIGINS = f"use {', '.join(codes.ORIGINS)}"
USE_REGISTRATIONS = f"use {', '.join(codes.REGISTRATIONS)}"
COMPLETE = "needed where registration is complete and asylum false"
BEYOND = "a number beyond int64, or beyond what a float holds exactly,"

# name → damage, the expected line for parquet after "pupils.parquet: "; {row 3} is "line 4" in csv
DAMAGES: dict[str, tuple[Damage, str]] = {
    "missing column": (drop("track"), "column track: is missing"),
    "misspelt column": (
        rename("track", "Tracks"),
        "column track: is missing (nearest: 'Tracks')",
    ),
    "missing year": (drop("year"), "column year: is missing"),
    "missing level": (drop("education_mother"), "column education_mother: is missing"),
    "missing debt": (drop("debt"), "column debt: is missing"),
    "empty year": (put("year", 3, None), "column year: empty in {3}; use the year of 1 October"),
    "empty pupil": (put("pupil_id", 3, None), "column pupil_id: empty in {3}; needed in every row"),
    "empty school": (
        put("school_id", 2, None),
        "column school_id: empty in {2}; needed in every row",
    ),
    "empty school swv": (
        put("school_swv", 1, None),
        "column school_swv: empty in {1}; needed in every row",
    ),
    "empty grade": (put("grade", 1, None), "column grade: empty in {1}; needed in every row"),
    "empty track": (put("track", 8, None), "column track: empty in {8}; needed in every row"),
    "empty registration": (
        put("registration", 8, None),
        "column registration: empty in {8}; needed in every row",
    ),
    "empty asylum": (put("asylum", 8, None), "column asylum: empty in {8}; needed in every row"),
    "unknown track": (
        put("track", 4, "havo"),
        "column track: unknown code in {4}; use bb, kb, gl, tl",
    ),
    "track in capitals": (
        put("track", 4, "TL"),
        "column track: unknown code in {4}; use bb, kb, gl, tl",
    ),
    "every track": (
        replace("track", ["havo"] * 8),
        "column track: unknown code in 8 {s}: {1-5}, …; use bb, kb, gl, tl",
    ),
    "unknown registration": (
        put("registration", 4, "partial"),
        f"column registration: unknown code in {{4}}; {USE_REGISTRATIONS}",
    ),
    "unknown level": (
        put("education_mother", 4, "mbo-4"),
        f"column education_mother: unknown code in {{4}}; {USE_LEVELS}",
    ),
    "level of nobody": (
        put("education_father", 3, "hbo"),
        f"column education_father: unknown code in {{3}}; {USE_LEVELS}",
    ),
    "unknown origin": (
        put("origin", 1, "marokko"),
        f"column origin: unknown code in {{1}}; {USE_ORIGINS}",
    ),
    "unknown stay": (put("stay", 1, "11+"), "column stay: unknown code in {1}; use 0-5, 5-10, 10+"),
    "unknown school swv": (
        put("school_swv", 2, "VO9999"),
        f"column school_swv: unknown code in {{2}}; {USE_SWV}",
    ),
    "unknown home swv": (
        put("home_swv", 4, "VO9999"),
        f"column home_swv: unknown code in {{4}}; {USE_SWV}",
    ),
    "national home": (
        put("home_swv", 1, "VO0001"),
        "column home_swv: VO0001 at a school of another swv in {1}; "
        "use the swv of the pupil's postcode (U-1)",
    ),
    "location in two swv": (
        put("school_swv", 2, "VO2103"),
        "column school_swv: another swv than an earlier row of the same location and year has "
        "in {2}; a location belongs to one swv (U-1)",
    ),
    "school without branch": (
        put("school_id", 2, "02AB"),
        f"column school_id: no school location in {{2}}; {USE_SCHOOL}",
    ),
    "school in small letters": (
        put("school_id", 2, "02ab00"),
        f"column school_id: no school location in {{2}}; {USE_SCHOOL}",
    ),
    "school and a space": (
        put("school_id", 2, "02AB00 "),
        f"column school_id: no school location in {{2}}; {USE_SCHOOL}",
    ),
    "another grade": (
        put("grade", 5, 2),
        "column grade: another grade than 3 and 4 in {5}; leave these rows out",
    ),
    "pupil twice": (
        put("pupil_id", 3, 700001),
        "column pupil_id: a pupil that an earlier row of the same year has already in {3}; "
        "one row per pupil and year",
    ),
    "pupil thrice": (
        replace("pupil_id", [7] * 3 + [8] + [700001, 700005, 700006, 700007]),
        "column pupil_id: a pupil that an earlier row of the same year has already in 2 {s}: "
        "{2,3}; one row per pupil and year",
    ),
    "origin of a donor": (put("origin", 2, None), f"column origin: empty in {{2}}; {COMPLETE}"),
    "stay of a donor": (put("stay", 2, None), f"column stay: empty in {{2}}; {COMPLETE}"),
    "debt of a donor": (put("debt", 2, None), f"column debt: empty in {{2}}; {COMPLETE}"),
    "class of a mother": (
        put("education_class_mother", 2, None),
        "column education_class_mother: empty in {2}; "
        "needed where the level is unknown and the parent registered",
    ),
    "class of a father": (
        replace("education_class_father", [None] * 8),
        "column education_class_father: empty in 2 {s}: {1,5}; "
        "needed where the level is unknown and the parent registered",
    ),
    "lowest class": (
        put("education_class_mother", 2, -(2**63)),
        "column education_class_mother: the lowest int64, which means no class, in {2}",
    ),
    "no row of a year": (
        replace("year", [2019] * 4 + [2021] * 4),
        "column year: no row of 2020, which is a year of the study",
    ),
}

PARQUET_DAMAGES: dict[str, tuple[Damage, str]] = {
    "year as text": (
        replace("year", pa.array(["2019"] * 8)),
        "column year: holds string, not whole numbers; use the year of 1 October",
    ),
    "year with a fraction": (
        replace("year", pa.array([2019.5] + [2019.0] * 3 + [2020.0] * 4)),
        "column year: no whole number in {1}; use the year of 1 October",
    ),
    "pupil as text": (
        replace("pupil_id", pa.array(["p1"] * 8)),
        "column pupil_id: holds string, not whole numbers; use int64",
    ),
    "pupil as list": (
        replace("pupil_id", pa.array([[1]] * 8)),
        "column pupil_id: holds list<element: int64>, not whole numbers; use int64",
    ),
    "pupil beyond int64": (
        replace("pupil_id", pa.array([2**63, 2, 3, 4, 5, 6, 7, 8], pa.uint64())),
        f"column pupil_id: {BEYOND} in {{1}}; use int64",
    ),
    "inexact float": (
        replace("mother_id", pa.array([2.0**53 + 2, None, 3.0, None, 5.0, None, None, None])),
        f"column mother_id: {BEYOND} in {{1}}; use int64",
    ),
    "inexact float32": (
        replace("father_id", pa.array([2.0**24 + 2] + [1.0] * 7, pa.float32())),
        f"column father_id: {BEYOND} in {{1}}; use int64",
    ),
    "fraction": (
        replace("father_id", pa.array([1.5] + [1.0] * 7)),
        "column father_id: no whole number in {1}; use int64",
    ),
    "infinite": (
        replace("mother_id", pa.array([1.0] * 7 + [np.inf])),
        "column mother_id: no whole number in {8}; use int64",
    ),
    "class with a fraction": (
        replace("education_class_mother", pa.array([0.5, 31.0] + [None] * 6)),
        "column education_class_mother: no whole number in {1}; use int64",
    ),
    "track as numbers": (
        replace("track", pa.array([1] * 8)),
        "column track: holds int64, not codes; use bb, kb, gl, tl",
    ),
    "track as bytes": (
        replace("track", pa.array([b"bb"] * 8)),
        "column track: holds binary, not codes; use bb, kb, gl, tl",
    ),
    "school as numbers": (
        replace("school_id", pa.array([1.0] * 8)),
        f"column school_id: holds double, not school locations; {USE_SCHOOL}",
    ),
    "asylum as text": (
        replace("asylum", pa.array(["no"] * 8).dictionary_encode()),
        "column asylum: holds string, not truth values; use true and false",
    ),
    "asylum as 2": (
        replace("asylum", pa.array([0, 0, 2, 0, -1, 1, 0, 0])),
        "column asylum: no truth value in 2 {s}: {3,5}; use true and false",
    ),
    "debt as fraction": (
        replace("debt", pa.array([0.5] + [0.0] * 7)),
        "column debt: no truth value in {1}; use true and false",
    ),
    "no rows": (
        lambda content: content.update({k: v[:0] for k, v in tables.columns().items()}),
        "has no rows",
    ),
}

CSV_DAMAGES: dict[str, tuple[Damage, str]] = {
    "year as text": (
        put("year", 1, "2019-10-01"),
        "column year: no whole number in {1}; use the year of 1 October",
    ),
    "pupil as text": (
        put("pupil_id", 2, "p700002"),
        "column pupil_id: no whole number in {2}; use int64",
    ),
    "hexadecimal": (
        put("pupil_id", 2, "0xAB"),
        "column pupil_id: no whole number in {2}; use int64",
    ),
    "a space": (
        put("pupil_id", 2, " 700002"),
        "column pupil_id: no whole number in {2}; use int64",
    ),
    "thousands": (
        put("mother_id", 2, "1.234"),
        "column mother_id: no whole number in {2}; use int64",
    ),
    "an exponent": (
        put("mother_id", 2, "1e+17"),
        "column mother_id: no whole number in {2}; use int64",
    ),
    "not available": (
        put("mother_id", 4, "NA"),
        "column mother_id: no whole number in {4}; use int64",
    ),
    "pupil beyond int64": (
        put("pupil_id", 2, 2**63),
        f"column pupil_id: {BEYOND} in {{2}}; use int64",
    ),
    "pupil below int64": (
        put("pupil_id", 2, -(2**63) - 1),
        f"column pupil_id: {BEYOND} in {{2}}; use int64",
    ),
    "twenty digits": (
        put("pupil_id", 2, 10**20),
        "column pupil_id: no whole number in {2}; use int64",
    ),
    "debt as yes": (
        put("debt", 2, "yes"),
        "column debt: no truth value in {2}; use true and false",
    ),
    "a code and a space": (
        put("track", 2, " kb"),
        "column track: unknown code in {2}; use bb, kb, gl, tl",
    ),
    "an empty code in words": (
        put("origin", 4, "NA"),
        f"column origin: unknown code in {{4}}; {USE_ORIGINS}",
    ),
    "no rows": (
        lambda content: content.update({k: [] for k in tables.columns()}),
        "has no rows",
    ),
}


def lines_of(expected: str, word: str, first: int) -> str:
    """Fill in the places: {3} is "row 3" in parquet and "line 4" in csv."""
    for row in range(1, 9):
        expected = expected.replace(f"{{{row}}}", f"{word} {row - 1 + first}")
    expected = expected.replace("{s}", f"{word}s")
    school = "use BRIN and two digits, [0-9]{2}[A-Z]{2}[0-9]{2}"
    expected = expected.replace("{school}", school)
    for rows, mark in (
        ((1, 2, 3, 4, 5), "{1-5}"),
        ((2, 3), "{2,3}"),
        ((1, 5), "{1,5}"),
        ((3, 5), "{3,5}"),
    ):
        expected = expected.replace(mark, ", ".join(str(row - 1 + first) for row in rows))
    return expected


def secrets(content: dict[str, Any]) -> set[str]:
    """Return the values of a damaged table that no message may show."""
    shown = {str(value) for values in tables.COLUMNS.values() for value in values}
    allowed = {*codes.TRACKS, *codes.EDUCATION_LEVELS, *codes.ORIGINS, *codes.REGISTRATIONS}
    allowed |= {*codes.STAYS, *SWV.codes, "2019", "2020", "3", "4", "True", "False", "None"}
    for values in content.values():
        cells = values.to_pylist() if isinstance(values, pa.Array) else values
        shown |= {str(value) for value in cells}
    return {value for value in shown if len(value) > 3} - allowed


def check_damage(path: Path, content: dict[str, Any], line: str) -> None:
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).splitlines() == [f"{path}: {line}"]
    for secret in secrets(content):
        assert secret not in str(caught.value).replace(str(path), "")


@pytest.mark.parametrize("damage", [*DAMAGES, *PARQUET_DAMAGES])
def test_damaged_parquet(damage: str, tmp_path: Path) -> None:
    change, line = DAMAGES.get(damage) or PARQUET_DAMAGES[damage]
    content: dict[str, Any] = columns()
    change(content)
    check_damage(tables.parquet(tmp_path, content), content, lines_of(line, "row", 1))


@pytest.mark.parametrize("damage", [*DAMAGES, *CSV_DAMAGES])
def test_damaged_csv(damage: str, tmp_path: Path) -> None:
    change, line = CSV_DAMAGES.get(damage) or DAMAGES[damage]
    content: dict[str, Any] = columns()
    change(content)
    check_damage(tables.csv(tmp_path, content), content, lines_of(line, "line", 2))


def test_all_defects_at_once(tmp_path: Path) -> None:
    content: dict[str, Any] = columns()
    for name in ("track", "school_swv", "grade", "home_swv", "debt"):
        DAMAGES[f"empty {name}" if f"empty {name}" in DAMAGES else "debt of a donor"][0](content)
    del content["stay"]
    content["origin"][0] = "nowhere"
    path = tables.parquet(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert [str(problem).removeprefix(f"{path}: ") for problem in caught.value.problems] == [
        "column stay: is missing",
        "column grade: empty in row 1; needed in every row",
        "column track: empty in row 8; needed in every row",
        f"column origin: unknown code in row 1; {USE_ORIGINS}",
        f"column debt: empty in row 2; {COMPLETE}",
    ]


def test_damaged_further_columns(tmp_path: Path) -> None:
    content: dict[str, Any] = columns()
    content["day"] = pa.array([0] * 8, pa.date32())
    content["language"] = ["none", "some", None, "most", None, None, None, "all"]
    content["large"] = pa.array([2**64 - 1] * 8, pa.uint64())
    path = tables.parquet(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read(path, extra=["day", "large", "income"], characteristics={**CODED, "size": ("1", "2")})
    assert [str(problem).removeprefix(f"{path}: ") for problem in caught.value.problems] == [
        "column size: is missing",
        "column income: is missing",
        "column language: unknown code in row 4; use none, some, all",
        "column day: holds date32[day], which cannot be used; use int64, float, bool or text",
        "column large: holds uint64, which cannot be used; use int64, float, bool or text",
        f"column language: empty in row 5; {COMPLETE}",
    ]


# --- files that are no table -----------------------------------------------------------------


def _cut(path: Path, size: int) -> Path:
    path.write_bytes(path.read_bytes()[:size])
    return path


def _flip(path: Path) -> Path:
    data = bytearray(path.read_bytes())
    data[4:400] = bytes(396)
    path.write_bytes(data)
    return path


def _named(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(text(columns()).encode())
        return path

    return write


def _raw(data: bytes, name: str = "pupils.csv") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def _csv(change: Callable[[str], str | bytes]) -> Callable[[Path], Path]:
    return lambda folder: tables.csv(folder, change(text(columns())))


def _folder(folder: Path) -> Path:
    (folder / "pupils.parquet").mkdir()
    return folder / "pupils.parquet"


def _twice(folder: Path) -> Path:
    table = tables.arrow(columns())
    table = table.append_column("track", table["track"])
    pa.parquet.write_table(table, folder / "pupils.parquet")
    return folder / "pupils.parquet"


BROKEN_QUOTE = (
    "a quote that is not closed, a line break inside a cell or a line of over 1 MB; "
    "every pupil stands on one line"
)
FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "absent": (lambda folder: folder / "pupils.parquet", ": no such file"),
    "a folder": (_folder, ": is a folder; name a file"),
    "another suffix": (
        _named("pupils.xlsx"),
        ": is neither .parquet nor .csv; the suffix tells which",
    ),
    "no suffix": (_named("pupils"), ": is neither .parquet nor .csv; the suffix tells which"),
    "empty parquet": (_raw(b"", "pupils.parquet"), ": is empty"),
    "csv named parquet": (_named("pupils.parquet"), ": is not a parquet file"),
    "cut off parquet": (
        lambda folder: _cut(tables.parquet(folder, columns()), 2000),
        ": cannot be read: it is cut off, damaged or no such file",
    ),
    "parquet of four bytes": (
        _raw(b"PAR1", "pupils.parquet"),
        ": cannot be read: it is cut off, damaged or no such file",
    ),
    "repeated column": (_twice, ": column track: stands there more than once"),
    "empty csv": (_raw(b""), ": is empty"),
    "blank csv": (_raw(b"\n\n \n"), ": is empty"),
    "parquet named csv": (
        lambda folder: tables.parquet(folder, columns()).rename(folder / "pupils.csv"),
        ": is not a csv file",
    ),
    "zipped csv": (_raw(b"\x1f\x8b\x08\x00"), ": is not a csv file"),
    "UTF-16": (
        _csv(lambda content: content.encode("utf-16")),
        ": is UTF-16; save the file as UTF-8",
    ),
    "Latin-1": (
        _csv(lambda content: content.replace("kb", "k\xeb", 1).encode("latin-1")),
        ": line 3: is not UTF-8; save the file as UTF-8",
    ),
    "Latin-1 in a line of another length": (
        _csv(lambda content: content.replace("kb", "k\xeb,", 1).encode("latin-1")),
        ": line 3: is not UTF-8; save the file as UTF-8",
    ),
    "Latin-1 at the very end": (
        _csv(lambda content: content.encode() + b"\xeb"),
        ": line 10: is not UTF-8; save the file as UTF-8",
    ),
    "semicolons": (
        _csv(lambda content: content.replace(",", ";")),
        ": line 1: semicolons between the columns; use commas",
    ),
    "tabs": (
        _csv(lambda content: content.replace(",", "\t")),
        ": line 1: tabs between the columns; use commas",
    ),
    "a cell too many": (
        _csv(lambda content: content.replace("kb,", "kb,,", 1)),
        ": not 18 cells, as the header has, in line 3",
    ),
    "cells too few": (
        _csv(lambda content: content.replace("kb,", "", 1).replace("\n", ",\n", 6)),
        ": not 19 cells, as the header has, in 4 lines: 3, 7, 8, 9",
    ),
    "an open quote": (
        _csv(lambda content: content.replace("kb", '"kb', 1)),
        f": line 3: {BROKEN_QUOTE}",
    ),
    "a line break in a cell": (
        _csv(lambda content: content.replace("kb", '"k\nb"', 1)),
        f": line 3: {BROKEN_QUOTE}",
    ),
    "a line of four megabytes": (
        _csv(lambda content: content.replace("kb", "k" + "b" * 4_000_000, 1)),
        f": {BROKEN_QUOTE}",
    ),
    "an open quote in the header": (
        _csv(lambda content: content.replace("track", '"track', 1)),
        ": line 1: the header is not csv; check its quotes",
    ),
    "repeated column in csv": (
        _csv(lambda content: content.replace("stay", "track", 1)),
        ": column track: stands there more than once",
    ),
}


@pytest.mark.parametrize("damage", FILES)
def test_files_that_are_no_table(damage: str, tmp_path: Path) -> None:
    make, line = FILES[damage]
    path = make(tmp_path)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).splitlines() == [f"{path}{line}"]


def test_damaged_pages(tmp_path: Path) -> None:
    path = _flip(tables.parquet(tmp_path, columns()))
    with pytest.raises(InputError, match="cannot be read: the file is cut off or damaged"):
        read(path)


def test_indices_of_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damaged pages can come out of pyarrow as a dictionary array that is not valid."""
    path = tables.parquet(tmp_path, columns())
    indices = pa.array([0, 1, 2, 3, 76, 0, 0, 0], pa.int32())
    array = pa.DictionaryArray.from_arrays(indices, pa.array(codes.TRACKS), safe=False)
    good = pa.parquet.ParquetFile.read_row_group

    def bad(file: Any, group: int, columns: list[str]) -> pa.Table:
        found = pa.table({"track": array})
        return found if columns == ["track"] else good(file, group, columns=columns)

    monkeypatch.setattr(pa.parquet.ParquetFile, "read_row_group", bad)
    with pytest.raises(InputError, match="column track: cannot be read: the file is cut off"):
        read(path)


def test_nothing_known_in_the_header(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(_raw(b"a,b\n1,2\n")(tmp_path))
    assert "column year: is missing" in str(caught.value)


def test_more_rows_than_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lwoopro.pupils.source.MOST_ROWS", 7)
    path = tables.parquet(tmp_path, columns())
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: claims 8 rows; at most 7"


def test_many_blocks_of_csv(tmp_path: Path) -> None:
    """A file of several of pyarrow's blocks keeps its line numbers, in whatever order they come."""
    one = columns()
    count = 20_000
    content = {name: values * count for name, values in one.items()}
    content["pupil_id"] = list(range(8 * count))
    content["track"][100_000] = "nonsense"
    path = tables.csv(tmp_path, content)
    with pytest.raises(InputError, match="column track: unknown code in line 100002;"):
        read(path)
    content["track"][100_000] = "bb"
    pupils = read(tables.csv(tmp_path, content))
    np.testing.assert_array_equal(pupils.pupil_id, np.arange(8 * count))
    assert pupils.track[:16].tolist() == [0, 1, 2, 3, 0, 3, 3, 2] * 2
