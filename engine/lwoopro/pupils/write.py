"""Write pupils as the pupil table of the contract, parquet or csv."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from lwoopro.codes import NO_CLASS
from lwoopro.errors import InputError, Problem
from lwoopro.pupils.columns import CODED_COLUMNS, STANDARD_COLUMNS
from lwoopro.pupils.table import Pupils

__all__ = ["write_pupils"]

_CSV_ROWS = 1 << 18  # text of this many rows is made at a time


def write_pupils(
    pupils: Pupils,
    path: Path,
    truth: Mapping[str, NDArray[Any]] | None = None,
    *,
    characteristics: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write a pupil table that `lwoopro.pupils.read.read_pupils` reads back.

    The file appears whole or not at all. ``home_swv`` is written with U-1 and U-2 applied. Parquet
    gives back the same `Pupils`; csv too, but for further columns its reader has to guess the
    type: whole numbers come back as int64, and a column without any value as float64.

    Parameters
    ----------
    pupils : Pupils
        Its `extra` columns are written after the standard ones.
    path : Path
        ``.parquet`` or ``.csv``; an existing file is replaced.
    truth : mapping of str to array, optional
        Further columns of shape ``(rows,)`` that the engine does not use, such as the levels that
        a synthetic population knows and hides.
    characteristics : mapping of str to sequence of str, optional
        Codes of the columns of `extra` that hold positions; they are written as text.

    Raises
    ------
    InputError
        Where the suffix is another or the file cannot be written.
    ValueError
        Where a further column has the name of another or another number of rows.
    """
    kind = path.suffix.lower()
    if kind not in (".parquet", ".csv"):
        raise InputError(
            Problem(str(path), "is neither .parquet nor .csv", "the suffix tells which")
        )
    table = _table(pupils, truth or {}, characteristics or {})
    with _whole_file(path) as unfinished:
        if kind == ".csv":
            _write_csv(table, unfinished)
        else:
            texts = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
            pa.parquet.write_table(table, unfinished, compression="zstd", use_dictionary=texts)


def _table(
    pupils: Pupils,
    truth: Mapping[str, NDArray[Any]],
    characteristics: Mapping[str, Sequence[str]],
) -> pa.Table:
    def whole(values: NDArray[Any], given: NDArray[np.bool_]) -> pa.Array:
        return pa.array(values, mask=~given)

    swv = pupils.swv
    columns: dict[str, pa.Array] = {
        "year": pa.array(pupils.year),
        "pupil_id": pa.array(pupils.pupil_id),
        "school_id": _coded(pupils.school, pupils.schools),
        "school_swv": _coded(pupils.school_swv, swv),
        "home_swv": _coded(pupils.home_swv, swv),
        "grade": pa.array(pupils.grade),
        "asylum": pa.array(pupils.asylum),
        "mother_id": whole(pupils.mother_id, pupils.has_mother_id),
        "father_id": whole(pupils.father_id, pupils.has_father_id),
        "debt": pa.array(pupils.debt == 1, mask=pupils.debt < 0),
    }
    for name in ("education_class_mother", "education_class_father"):
        values = getattr(pupils, name)
        columns[name] = whole(values, values != NO_CLASS)
    for name, codes in CODED_COLUMNS.items():
        columns[name] = _coded(getattr(pupils, name), codes)
    columns = {name: columns[name] for name in STANDARD_COLUMNS}
    for name, values in (*pupils.extra.items(), *truth.items()):
        if name in columns or len(values) != len(pupils):
            raise ValueError(f"column {name}: the name is taken or the number of rows is another")
        if name in characteristics:
            columns[name] = _coded(values, characteristics[name])
        else:
            columns[name] = pa.array(values, from_pandas=True)
    return pa.table(columns)


def _coded(places: NDArray[Any], codes: Sequence[str]) -> pa.Array:
    indices = pa.array(places.astype(np.int32, copy=False), mask=places < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(codes, type=pa.string()))


def _write_csv(table: pa.Table, path: Path) -> None:
    plain = pa.schema(
        (field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type)
        for field in table.schema
    )
    with pa.csv.CSVWriter(path, plain) as writer:
        for batch in table.to_batches(max_chunksize=_CSV_ROWS):
            writer.write_table(pa.Table.from_batches([batch]).cast(plain))


@contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to; move it there when all went well."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield unfinished
        os.replace(unfinished, path)
    except OSError as error:
        # pyarrow's own text names the unfinished file
        reason = os.strerror(error.errno).lower() if error.errno else "the folder refuses"
        raise InputError(Problem(str(path), f"cannot be written: {reason}")) from None
    finally:
        unfinished.unlink(missing_ok=True)
