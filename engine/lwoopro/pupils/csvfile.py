"""Small csv files of the user, read whole: cells as text, each with its line number."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lwoopro.errors import InputError, Problem
from lwoopro.pupils.messages import did_you_mean, in_places, named, quoted

__all__ = [
    "LARGEST_FILE",
    "CsvFile",
    "decode",
    "first_values",
    "header_problems",
    "parse_number",
    "read_bytes",
    "read_csv",
]

LARGEST_FILE = 100_000_000
"""Bytes; a file of this kind is never larger, and reading more would only fill the memory."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)


@dataclass(frozen=True)
class CsvFile:
    """The text of a csv file.

    Attributes
    ----------
    path : str
        As the user gave it.
    header : tuple of str
        Column names, unique, without the spaces around them.
    lines : tuple of int
        Line number of each record (the header is line 1).
    cells : mapping of str to tuple of str
        The column's cells without the spaces around them, one per record.
    sha256 : str
        Of the file's bytes.
    """

    path: str
    header: tuple[str, ...]
    lines: tuple[int, ...]
    cells: dict[str, tuple[str, ...]]
    sha256: str


def read_bytes(path: Path, largest: int = LARGEST_FILE) -> bytes:
    """Read a whole file.

    Raises
    ------
    InputError
        Where the file is absent, a folder, unreadable, empty or larger than `largest` bytes.
    """
    try:
        if path.is_dir():
            raise InputError(Problem(str(path), "is a folder", "name a file"))
        size = path.stat().st_size
        if size > largest:
            raise InputError(
                Problem(str(path), f"has {size:,} bytes", f"at most {largest:,} are read")
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(Problem(str(path), "no such file")) from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a valid path").lower()
        raise InputError(Problem(str(path), f"cannot be read: {reason}")) from None
    if not data.strip():
        raise InputError(Problem(str(path), "is empty"))
    return data


def decode(data: bytes, path: str) -> str:
    """Decode UTF-8, with or without a byte order mark.

    Raises
    ------
    InputError
        Naming the first line that is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            Problem(f"{path}: line {line}", "is not UTF-8", "save the file as UTF-8")
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(
            Problem(f"{path}: line {line}", "has a zero byte in it", "save the file as plain text")
        )
    return text


def header_problems(path: str, names: Iterable[str], required: Iterable[str]) -> list[Problem]:
    """Check the column names of a table: named, unique, none of the required ones missing."""
    names = list(names)
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        mark = "semicolons" if ";" in names[0] else "tabs"
        return [Problem(f"{path}: line 1", f"{mark} between the columns", "use commas")]
    problems = [
        Problem(f"{path}: column {position}", "has no name")
        for position, name in enumerate(names, start=1)
        if not name
    ]
    seen: set[str] = set()
    for name in names:
        if name and name in seen:
            problems.append(Problem(f"{path}: column {named(name)}", "stands there more than once"))
        seen.add(name)
    required = list(required)
    spare = {name for name in names if name and name not in required}
    problems += [
        Problem(f"{path}: column {name}", f"is missing{did_you_mean(name, spare)}")
        for name in required
        if name not in seen
    ]
    return problems


def read_csv(path: Path, required: Iterable[str]) -> CsvFile:
    """Read a comma-separated UTF-8 file with a header; blank lines are left out.

    Raises
    ------
    InputError
        Where the file cannot be read, is not UTF-8, has a broken quote, a record with more or
        fewer cells than the header, an unnamed or repeated column, no record at all, or lacks one
        of the `required` columns.
    """
    data = read_bytes(path)
    text = decode(data, str(path))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    lines: list[int] = []
    try:
        before = 0
        for record in reader:
            if record:
                records.append([cell.strip() for cell in record])
                lines.append(before + 1)
            before = reader.line_num
    except csv.Error as error:
        where = f"{path}: line {reader.line_num}"
        raise InputError(Problem(where, f"is not csv: {error}")) from None
    if not records:
        raise InputError(Problem(str(path), "is empty", "a header and records are needed"))
    header = records[0]
    problems = header_problems(str(path), header, required)
    if problems:
        raise InputError(problems)
    width = len(header)
    ragged = [line for line, record in zip(lines, records, strict=True) if len(record) != width]
    if ragged:
        what = f"not {width} cells, as the header has, in {in_places('line', ragged)}"
        raise InputError(Problem(str(path), what))
    if len(records) == 1:
        raise InputError(Problem(str(path), "has a header and no records"))
    columns = zip(*records[1:], strict=True)
    return CsvFile(
        path=str(path),
        header=tuple(header),
        lines=tuple(lines[1:]),
        cells=dict(zip(header, columns, strict=True)),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def parse_number(text: str) -> float | None:
    """Return the number that a cell holds, or None where it is no decimal number.

    Examples
    --------
    >>> parse_number("12.5"), parse_number("12,5"), parse_number("nan")
    (12.5, None, None)
    """
    return float(text) if len(text) <= 400 and _NUMBER.fullmatch(text) else None


def first_values(word: str, bad: list[tuple[int, str]]) -> str:
    """Say in which places bad cells stand and what the first of them holds."""
    places = in_places(word, [line for line, _ in bad])
    return f"{quoted(bad[0][1])} in {places}"
