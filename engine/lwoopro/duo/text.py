"""Bytes to a table of text cells: every dialect in which DUO's files go round.

UTF-8 (with or without byte order mark), UTF-16 with one, or Windows-1252; ``;``, ``,`` or tab;
quoted or not; LF, CRLF or CR; padded cells; blank lines. What cells mean is not known here.
"""

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from lwoopro.errors import InputError, Problem

__all__ = ["Column", "Table", "read_table"]

_SEPARATORS = (";", ",", "\t")
_SHOWN = 5
"""So many ragged lines are named one by one."""


@dataclass(frozen=True, eq=False)
class Column:
    """A column of text, as its distinct values and each row's position among them.

    Attributes
    ----------
    name : str
        The heading as it stands in the file.
    values : list of str
        Distinct cells, trimmed.
    codes : ndarray of int64, shape (rows,)
        Position in `values`.
    """

    name: str
    values: list[str]
    codes: NDArray[np.int64]

    def text(self) -> NDArray[np.object_]:
        """Every row's cell, shape (rows,)."""
        return self.map(lambda value: value)

    def map(self, function: Callable[[str], object]) -> NDArray[np.object_]:
        """Every row's cell after `function`, which sees each distinct cell once."""
        result = np.empty(len(self.values), dtype=object)
        result[:] = [function(value) for value in self.values]
        return result[self.codes]


@dataclass(frozen=True, eq=False)
class Table:
    """The cells of one file.

    Attributes
    ----------
    path : str
        The file as the user gave it, for messages.
    columns : tuple of Column
        In the order of the file.
    lines : ndarray of int64, shape (rows,)
        Line of each row in the file; the header is line 1.
    """

    path: str
    columns: tuple[Column, ...]
    lines: NDArray[np.int64]

    def select(self, keep: NDArray[np.bool_]) -> "Table":
        """Return the rows where `keep`, shape (rows,), is true."""
        columns = tuple(Column(c.name, c.values, c.codes[keep]) for c in self.columns)
        return Table(self.path, columns, self.lines[keep])


def read_table(path: Path) -> Table:
    """Read a DUO file of any dialect as text.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Table
        Its cells, trimmed; blank lines are left out.

    Raises
    ------
    InputError
        No such file, not text, empty, no separator, a heading twice, lines with too few or too many
        cells: every such line counted, the first ones named.
    """
    name = str(path)
    text = _decode(name, _bytes(name, path))
    header_line, _, body = text.partition("\n")
    if not header_line.strip():
        raise InputError(Problem(name, "the file is empty", "its first line holds the headings"))
    separator = _separator(name, header_line)
    headings = [h.strip() for h in next(csv.reader([header_line], delimiter=separator))]
    _check_headings(name, headings)
    if not body.strip():
        raise InputError(
            Problem(name, "headings but no rows", "one row per location and programme")
        )
    quoted = header_line.lstrip().startswith('"') or separator != ";"
    arrow, skipped = _parse(name, text, len(headings), separator, quoted)
    return _table(name, headings, arrow, skipped)


def _bytes(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(Problem(name, "no such file")) from None
    except IsADirectoryError:
        raise InputError(Problem(name, "this is a folder", "give the csv file in it")) from None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "unreadable"
        raise InputError(Problem(name, f"cannot be read: {reason.lower()}")) from None


def _decode(name: str, data: bytes) -> str:
    if data.startswith(b"PK"):
        raise InputError(Problem(name, "a zip file or Excel workbook", "save or unpack it as csv"))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in data:
        raise InputError(Problem(name, "not a text file", "a csv file as DUO publishes it"))
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            at = error.start
        else:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    line = data.count(b"\n", 0, at) + 1
    raise InputError(
        Problem(
            f"{name}: line {line}", "a byte that no known encoding has", "UTF-8 or Windows-1252"
        )
    )


def _separator(name: str, header_line: str) -> str:
    widths = {s: len(next(csv.reader([header_line], delimiter=s))) for s in _SEPARATORS}
    best = max(_SEPARATORS, key=widths.__getitem__)
    if widths[best] < 2:
        raise InputError(
            Problem(f"{name}: line 1", "a single heading", "headings separated by ';' or ','")
        )
    return best


def _check_headings(name: str, headings: list[str]) -> None:
    problems = [
        Problem(
            f"{name}: line 1",
            f"column {heading!r} stands there {headings.count(heading)} times",
            "once",
        )
        for heading in dict.fromkeys(headings)
        if heading and headings.count(heading) > 1
    ]
    if problems:
        raise InputError(problems)


def _parse(
    name: str, text: str, width: int, separator: str, quoted: bool
) -> tuple[pa.Table, list[int]]:
    """Cells as an arrow table, and the lines left out because they are blank."""
    ragged: list[tuple[int, int]] = []
    skipped: list[int] = []

    def refuse(row: Any) -> str:
        if row.text.strip(f"{separator} \t"):
            ragged.append((row.number, row.actual_columns))
        else:
            skipped.append(row.number)
        return "skip"

    try:
        arrow = _arrow(text, width, separator, '"', refuse)
    except pa.ArrowInvalid:
        arrow = None
    if not quoted and (arrow is None or ragged or _has_line_end(arrow)):
        # a file without quotes in which a mark opens a name: there it is a letter like any other
        ragged.clear()
        skipped.clear()
        arrow = _arrow(text, width, separator, False, refuse)
    if ragged:
        raise InputError(_ragged_problems(name, ragged, width))
    if arrow is None or _has_line_end(arrow):
        # it would swallow the rows up to the next mark
        raise InputError(
            Problem(name, "a quotation mark is not closed on its line", 'close every "')
        )
    return arrow, skipped


def _arrow(
    text: str, width: int, separator: str, quote: str | bool, refuse: Callable[[Any], str]
) -> pa.Table:
    names = [f"c{i}" for i in range(width)]
    return pa_csv.read_csv(
        io.BytesIO(text.encode()),
        # a handler learns the row number only where there is one thread; one block keeps quoted
        # cells with line ends whole
        read_options=pa_csv.ReadOptions(
            use_threads=False,
            column_names=names,
            skip_rows=1,
            block_size=min(len(text) * 4 + 16, 2**30),
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=separator,
            quote_char=quote,
            newlines_in_values=bool(quote),
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _has_line_end(arrow: pa.Table) -> bool:
    return any(bool(pc.any(pc.match_substring(column, "\n")).as_py()) for column in arrow.columns)


def _ragged_problems(name: str, ragged: list[tuple[int, int]], width: int) -> list[Problem]:
    problems = [
        Problem(
            f"{name}: line {line}",
            f"{cells} cell{'' if cells == 1 else 's'} where the header has {width}",
        )
        for line, cells in ragged[:_SHOWN]
    ]
    if len(ragged) > _SHOWN:
        more = len(ragged) - _SHOWN
        problems.append(Problem(name, f"{more} more lines with another number of cells"))
    return problems


def _table(name: str, headings: list[str], arrow: pa.Table, skipped: list[int]) -> Table:
    lines = np.setdiff1d(
        np.arange(2, arrow.num_rows + len(skipped) + 2), np.asarray(skipped, dtype=np.int64)
    )
    columns = []
    filled = np.zeros(arrow.num_rows, dtype=bool)
    for heading, chunked in zip(headings, arrow.columns, strict=True):
        cells = pc.utf8_trim_whitespace(chunked).combine_chunks().dictionary_encode()
        if isinstance(cells, pa.ChunkedArray):
            cells = cells.combine_chunks()
        values: list[str] = cells.dictionary.to_pylist()
        codes = cells.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        columns.append(Column(heading, values, codes))
        filled |= np.array([value != "" for value in values], dtype=bool)[codes]
    table = Table(name, tuple(columns), lines)
    if not filled.any():
        raise InputError(
            Problem(name, "headings but no rows", "one row per location and programme")
        )
    return table if filled.all() else table.select(filled)
