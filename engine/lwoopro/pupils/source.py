"""A pupil table on disk: parquet column by column, csv as text; nothing is interpreted here."""

import codecs
import csv
import os
import tempfile
import weakref
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from lwoopro.errors import InputError, Problem
from lwoopro.pupils.csvfile import decode
from lwoopro.pupils.messages import in_places

__all__ = ["MOST_ROWS", "Source", "open_source"]

MOST_ROWS = 1_000_000_000
"""Rows that a table may claim to have; the sums of S-4 are exact up to here."""

_LONGEST_HEADER = 1 << 20
_CHUNK = 1 << 24
_BLOCK = 1 << 20
"""Bytes of a csv file that are parsed at once; a line that is longer is none."""

_GROUP = 50_000
"""Rows of such text that are written to the disk together, and read back so."""

_LARGE_CSV = 1 << 28
"""Bytes; the text of so large a file goes by way of the disk, and not all of it into memory."""

_UNDER_WAY = 30_000_000
"""Bytes of such a file that are read ahead, parsed and written at once."""


class Column(Protocol):
    """Reads a column."""

    def __call__(self, name: str, keep: pa.Array | None = None) -> pa.ChunkedArray:
        """Give it, or of it the rows that are marked."""


@dataclass(frozen=True)
class Source:
    """The columns of a table, read on demand.

    Attributes
    ----------
    path : str
        As the user gave it.
    word : str
        What a message calls a row: ``"row"`` (parquet) or ``"line"`` (csv).
    first : int
        Number of the first data row: 1 in parquet, the line number in csv.
    names : tuple of str
        Columns, as the file has them.
    rows : int
    column : callable
        Name, and boolean array of the rows to keep (None: all) → pyarrow ChunkedArray. What is
        kept of a part of the file is chosen before the next part is read.
    held : int
        Bytes of text that stand in memory as long as columns are read, or came by on their way.
    """

    path: str
    word: str
    first: int
    names: tuple[str, ...]
    rows: int
    column: Column
    held: int = 0

    @property
    def is_text(self) -> bool:
        """Whether every cell is text (csv), whatever the column holds."""
        return self.word == "line"


def open_source(
    path: Path,
    wanted: Collection[str],
    dictionaries: Collection[str],
    room: int | None = None,
) -> Source:
    """Open a pupil table; the suffix tells the format.

    Parameters
    ----------
    path : Path
        ``.parquet`` or ``.csv``, in capitals or not.
    wanted : collection of str
        Columns that may be asked for; those absent from the file are simply not in `names`.
    dictionaries : collection of str
        Those of them with few different values, better read as dictionaries.
    room : int, optional
        Bytes that reading may take. The text of a csv file that would take a good part of them
        goes by way of the disk.

    Raises
    ------
    InputError
        Where the file is absent, no file, of another format than its suffix says, or damaged.
    """
    where = str(path)
    large = _LARGE_CSV if room is None else min(_LARGE_CSV, room // 8)
    kinds = {
        ".parquet": lambda: _open_parquet(path, wanted, dictionaries),
        ".csv": lambda: _open_csv(path, wanted, dictionaries, large),
    }
    if path.suffix.lower() not in kinds:
        raise InputError(Problem(where, "is neither .parquet nor .csv", "the suffix tells which"))
    try:
        if path.is_dir():
            raise InputError(Problem(where, "is a folder", "name a file"))
        if not path.exists():
            raise InputError(Problem(where, "no such file"))
        if not path.stat().st_size:
            raise InputError(Problem(where, "is empty"))
        return kinds[path.suffix.lower()]()
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        if isinstance(error, pa.ArrowException) or not number:
            raise _damaged(where) from None
        raise InputError(Problem(where, f"cannot be read: {os.strerror(number).lower()}")) from None
    except (pa.ArrowException, MemoryError):
        raise _damaged(where) from None


def _damaged(where: str) -> InputError:
    return InputError(Problem(where, "cannot be read: it is cut off, damaged or no such file"))


def _open_parquet(path: Path, wanted: Collection[str], dictionaries: Collection[str]) -> Source:
    where = str(path)
    with path.open("rb") as file:
        if file.read(4) not in (b"PAR1", b"PARE"):
            raise InputError(Problem(where, "is not a parquet file"))
    schema = pa.parquet.read_schema(path)
    names = tuple(schema.names)
    texts = [name for name in dictionaries if names.count(name) == 1 and _is_text(schema, name)]
    file = pa.parquet.ParquetFile(path, read_dictionary=texts)
    rows = file.metadata.num_rows
    if not 0 <= rows <= MOST_ROWS:
        raise InputError(Problem(where, f"claims {rows:,} rows", f"at most {MOST_ROWS:,}"))
    _check_repeated(where, names, wanted)

    column = _by_groups(where, file, rows)
    return Source(where, "row", 1, names, rows, column)


def _by_groups(where: str, file: pa.parquet.ParquetFile, rows: int) -> Column:
    """Read a column group by group."""

    def column(name: str, keep: pa.Array | None = None) -> pa.ChunkedArray:
        chunks: list[pa.Array] = []
        kind, start = None, 0
        try:
            for group in range(file.num_row_groups):
                read = file.read_row_group(group, columns=[name]).column(0)
                read.validate(full=True)  # damaged pages can hold indices of no value
                kind, stop = read.type, start + len(read)
                if keep is not None:
                    read = read.filter(keep[start:stop])
                chunks += read.chunks
                start = stop
            if kind is None:
                kind = file.schema_arrow.field(name).type
            found = pa.chunked_array(chunks, type=kind)
        except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, IndexError):
            start = -1
        if start != rows:
            what = "cannot be read: the file is cut off or damaged"
            raise InputError(Problem(f"{where}: column {name}", what))
        return found

    return column


def _is_text(schema: pa.Schema, name: str) -> bool:
    kind = schema.field(name).type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _check_repeated(where: str, names: tuple[str, ...], wanted: Collection[str]) -> None:
    repeated = [name for name in wanted if names.count(name) > 1]
    if repeated:
        raise InputError(
            Problem(f"{where}: column {name}", "stands there more than once") for name in repeated
        )


def _open_csv(
    path: Path, wanted: Collection[str], dictionaries: Collection[str], large: int
) -> Source:
    where = str(path)
    header, skipped = _header(path)
    _check_repeated(where, header, wanted)
    present = [name for name in header if name in wanted]
    if not present:
        empty = pa.chunked_array([], type=pa.string())
        return Source(where, "line", skipped + 1, header, 0, lambda name, keep=None: empty)
    lines = _count_lines(path)
    parse = _parse_to_disk if path.stat().st_size > large else _parse
    column, rows, uneven, held = parse(path, header, skipped, present, dictionaries)
    if column is None or rows + uneven + skipped != lines:
        what = "a quote that is not closed, a line break inside a cell or a line of over 1 MB"
        line = _open_quote(path)
        place = where if line is None else f"{where}: line {line}"
        raise InputError(Problem(place, what, "every pupil stands on one line"))
    if uneven:
        numbers = _uneven_lines(path, header, skipped, present)
        what = f"not {len(header)} cells, as the header has, in {in_places('line', numbers)}"
        raise InputError(Problem(where, what))
    return Source(where, "line", skipped + 1, header, rows, column, held)


def _header(path: Path) -> tuple[tuple[str, ...], int]:
    """Return the column names and the number of lines up to and with the header."""
    where = str(path)
    with path.open("rb") as file:
        start = file.read(_LONGEST_HEADER)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(Problem(where, "is UTF-16", "save the file as UTF-8"))
    if start.startswith((b"PAR1", b"PK\x03\x04", b"\x1f\x8b")):
        raise InputError(Problem(where, "is not a csv file"))
    lines = start.removeprefix(codecs.BOM_UTF8).splitlines()
    skipped = next((number for number, line in enumerate(lines, 1) if line.strip()), 0)
    if not skipped:
        raise InputError(Problem(where, "is empty"))
    text = decode(lines[skipped - 1], where)
    try:
        names = next(csv.reader([text], strict=True))
    except csv.Error:
        place = f"{where}: line {skipped}"
        raise InputError(Problem(place, "the header is not csv", "check its quotes")) from None
    if len(names) == 1:
        for mark, word in ((";", "semicolons"), ("\t", "tabs")):
            if mark in names[0]:
                what = f"{word} between the columns"
                raise InputError(Problem(f"{where}: line {skipped}", what, "use commas"))
    return tuple(name.strip() for name in names), skipped


def _options(
    header: tuple[str, ...], skipped: int, present: list[str], dictionaries: Collection[str]
) -> tuple[list[str], pa.csv.ConvertOptions]:
    """Return names without repetitions, and the types to read the wanted columns with."""
    unique = [name if name in present else f"#{k}" for k, name in enumerate(header)]
    text, few = pa.string(), pa.dictionary(pa.int32(), pa.string())
    types = {name: few if name in dictionaries else text for name in present}
    convert = pa.csv.ConvertOptions(
        include_columns=present,
        column_types=types,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    return unique, convert


def _parse(
    path: Path,
    header: tuple[str, ...],
    skipped: int,
    present: list[str],
    dictionaries: Collection[str],
) -> tuple[Column | None, int, int, int]:
    """Parse the file in parallel; no columns where that cannot be done.

    Returns
    -------
    Column or None, rows, number of lines that do not fit the header, `Source.held`
    """
    uneven: list[int] = []

    def skip(_: pa.csv.InvalidRow) -> str:
        uneven.append(1)
        return "skip"

    names, convert = _options(header, skipped, present, dictionaries)
    try:
        table = pa.csv.read_csv(
            path,
            read_options=pa.csv.ReadOptions(
                column_names=names, skip_rows=skipped, block_size=_BLOCK
            ),
            parse_options=pa.csv.ParseOptions(
                ignore_empty_lines=False, invalid_row_handler=skip, newlines_in_values=False
            ),
            convert_options=convert,
        )
    except pa.ArrowInvalid:
        # pyarrow's own message may hold a pupil's values: it is never shown
        return None, 0, 0, 0

    def column(name: str, keep: pa.Array | None = None) -> pa.ChunkedArray:
        whole = table.column(name)
        return whole if keep is None else whole.filter(keep)

    return column, table.num_rows, len(uneven), table.nbytes


def _parse_to_disk(
    path: Path,
    header: tuple[str, ...],
    skipped: int,
    present: list[str],
    dictionaries: Collection[str],
) -> tuple[Column | None, int, int, int]:
    """Do the same part by part: the text stands in a parquet file of its own, by columns.

    Raises
    ------
    InputError
        There is no room for it in the folder of scratch files.
    """
    uneven: list[int] = []

    def skip(_: pa.csv.InvalidRow) -> str:
        uneven.append(1)
        return "skip"

    names, convert = _options(header, skipped, present, dictionaries)
    number, text = tempfile.mkstemp(prefix="lwoopro-", suffix=".parquet")
    os.close(number)
    rows = 0
    try:
        with pa.csv.open_csv(
            path,
            read_options=pa.csv.ReadOptions(
                column_names=names, skip_rows=skipped, block_size=_BLOCK
            ),
            parse_options=pa.csv.ParseOptions(
                ignore_empty_lines=False, invalid_row_handler=skip, newlines_in_values=False
            ),
            convert_options=convert,
        ) as reader:
            with pa.parquet.ParquetWriter(text, reader.schema) as writer:
                for part in _together(reader):
                    writer.write_table(part)
                    rows += part.num_rows
        file = pa.parquet.ParquetFile(text)
    except BaseException as error:
        Path(text).unlink(missing_ok=True)
        if isinstance(error, pa.ArrowInvalid):
            return None, 0, 0, 0
        if isinstance(error, OSError) and not isinstance(error, pa.ArrowException):
            what = f"its text cannot be kept in {tempfile.gettempdir()}"
            right = "make room there, or use parquet"
            raise InputError(Problem(str(path), what, right)) from None
        raise
    column = _by_groups(str(path), file, rows)
    weakref.finalize(column, _forget, file, text)
    return column, rows, len(uneven), _UNDER_WAY


def _together(reader: pa.csv.CSVStreamingReader) -> Iterator[pa.Table]:
    """Put what is parsed at once together, so that not every megabyte is a part of its own."""
    batches: list[pa.RecordBatch] = []
    rows = 0
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        if rows >= _GROUP:
            yield pa.Table.from_batches(batches)
            batches, rows = [], 0
    if batches:
        yield pa.Table.from_batches(batches)


def _forget(file: pa.parquet.ParquetFile, path: str) -> None:
    file.close()
    Path(path).unlink(missing_ok=True)


def _uneven_lines(
    path: Path, header: tuple[str, ...], skipped: int, present: list[str]
) -> list[int]:
    """Parse once more in one thread, where pyarrow knows the row numbers."""
    numbers: list[int] = []

    def skip(row: pa.csv.InvalidRow) -> str:
        numbers.append(row.number)
        return "skip"

    names, convert = _options(header, skipped, present, ())
    pa.csv.read_csv(
        path,
        read_options=pa.csv.ReadOptions(column_names=names, skip_rows=skipped, use_threads=False),
        parse_options=pa.csv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=skip),
        convert_options=convert,
    )
    return sorted(numbers)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            yield block


def _count_lines(path: Path) -> int:
    """Count lines, ended by a line feed or (where there is none) a carriage return.

    The whole file is UTF-8 after this: pyarrow looks at the columns it keeps only, and stumbles
    over other bytes in a line that does not fit the header.
    """
    feeds = returns = 0
    last = b""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in _blocks(path):
        if decoder.getstate()[0] or not block.isascii():
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                raise _not_utf8(path) from None
        feeds += block.count(b"\n")
        returns += block.count(b"\r")
        last = block[-1:]
    if decoder.getstate()[0]:
        raise _not_utf8(path)
    ended = last == (b"\n" if feeds else b"\r")
    return (feeds or returns) + (not ended)


def _open_quote(path: Path) -> int | None:
    """Return the first line with an odd number of quotes."""
    with path.open("rb") as file:
        return next((n for n, line in enumerate(file, 1) if line.count(b'"') % 2), None)


def _not_utf8(path: Path) -> InputError:
    with path.open("rb") as file:
        number = next((number for number, line in enumerate(file, 1) if not _decodes(line)), 0)
    where = f"{path}: line {number}"
    return InputError(Problem(where, "is not UTF-8", "save the file as UTF-8"))


def _decodes(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
