"""A small valid pupil table, and ways to write it down that the contract allows."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from lwoopro.pupils.swv import SwvTable

SWV = SwvTable(("VO0001", "VO2101", "VO2102", "VO2103"), None, {}, {}, "swv.csv", "")
YEARS = [2019, 2020]

# ids that appear nowhere else, so that a message that shows one is found out
COLUMNS: dict[str, list[Any]] = {
    "year": [2019, 2019, 2019, 2019, 2020, 2020, 2020, 2020],
    "pupil_id": [700001, 700002, 700003, 700004, 700001, 700005, 700006, 700007],
    "school_id": "02AB00 02AB00 01CD03 09ZZ01 02AB00 01CD03 01CD03 09ZZ01".split(),
    "school_swv": "VO2101 VO2101 VO2102 VO0001 VO2101 VO2102 VO2102 VO0001".split(),
    "home_swv": ["VO2101", None, "VO2101", "VO2101", "VO2102", None, None, None],
    "grade": [3, 4, 3, 4, 4, 3, 4, 3],
    "track": ["bb", "kb", "gl", "tl", "bb", "tl", "tl", "gl"],
    "registration": [
        *("complete", "complete", "no_father", "unregistered"),
        *("complete", "complete", "no_parents", "no_mother"),
    ],
    "asylum": [False, False, False, False, False, True, False, False],
    "mother_id": [810001, 810002, 810003, None, 810001, None, None, None],
    "father_id": [820001, None, None, None, 820001, 820002, None, 820003],
    "education_mother": ["mbo4", None, "primary", None, "mbo4", None, None, None],
    "education_father": [None, "master", None, None, None, None, None, "mbo23"],
    "education_class_mother": [None, 31, None, None, None, None, None, None],
    "education_class_father": [41, None, None, None, 42, None, None, None],
    "origin": ["nl", "turkey", "other", None, "nl", None, None, "north_africa"],
    "stay": ["10+", "0-5", "5-10", None, "10+", None, None, "10+"],
    "debt": [False, True, False, None, False, None, None, True],
}

TYPES: dict[str, pa.DataType] = {
    "year": pa.int16(),
    "pupil_id": pa.int64(),
    "grade": pa.int8(),
    "asylum": pa.bool_(),
    "mother_id": pa.int64(),
    "father_id": pa.int64(),
    "education_class_mother": pa.int64(),
    "education_class_father": pa.int32(),
    "debt": pa.bool_(),
}


def columns() -> dict[str, list[Any]]:
    return {name: list(values) for name, values in COLUMNS.items()}


def arrow(content: dict[str, Any]) -> pa.Table:
    """Make a table; lists of a standard column get its usual type."""
    arrays = {}
    for name, values in content.items():
        if isinstance(values, list):
            usual = TYPES.get(name, pa.string() if name in COLUMNS else None)
            values = pa.array(values, type=usual)
        arrays[name] = values
    return pa.table(arrays)


def parquet(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "pupils.parquet"
    pa.parquet.write_table(arrow(content), path)
    return path


def text(content: dict[str, list[Any]], end: str = "\n") -> str:
    """Write csv by hand: None is an empty cell, booleans are true and false."""

    def cell(value: Any) -> str:
        if value is None:
            return ""
        return str(value).lower() if isinstance(value, bool) else str(value)

    rows = [list(content), *zip(*content.values(), strict=True)]
    return end.join(",".join(cell(value) for value in row) for row in rows) + end


def csv(folder: Path, content: dict[str, list[Any]] | str | bytes) -> Path:
    path = folder / "pupils.csv"
    if isinstance(content, dict):
        content = text(content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def same(one: Any, other: Any) -> bool:
    """Compare two `Pupils`, types included."""
    for name, value in vars(one).items():
        second = getattr(other, name)
        if name == "extra":
            if list(value) != list(second):
                return False
            pairs = [(value[key], second[key]) for key in value]
        elif isinstance(value, np.ndarray):
            pairs = [(value, second)]
        elif value != second:
            return False
        else:
            continue
        for first, last in pairs:
            exact = first.dtype != np.float64
            if first.dtype != last.dtype or not np.array_equal(first, last, equal_nan=not exact):
                return False
    return True
