"""Everything that can happen to an input file, by class: a name, new bytes, what must follow.

``WRONG``: exit 2 with a line that names the file. ``FINE``: the file still says the same, in
another way. ``EITHER``: chance decides which; never a crash.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["EITHER", "FINE", "WRONG", "Mutation", "mutations_of_csv", "mutations_of_toml"]

WRONG: Final = "wrong"
FINE: Final = "fine"
EITHER: Final = "either"

SECRET: Final = "zzsecretzz"
"""Stands in cells of persons; no message may show it."""


@dataclass(frozen=True)
class Mutation:
    """One damaged file."""

    name: str
    content: bytes
    expected: str


def mutations_of_bytes(text: str) -> Iterator[Mutation]:
    """Give what can happen to any text file."""
    raw = text.encode()
    yield Mutation("empty", b"", WRONG)
    yield Mutation("blank", b"\n\n", WRONG)
    yield Mutation("only a mark", b"\xef\xbb\xbf", WRONG)
    yield Mutation("binary", bytes(range(256)), WRONG)
    yield Mutation("an archive", b"PK\x03\x04" + raw, WRONG)
    yield Mutation("parquet by content", b"PAR1" + raw + b"PAR1", WRONG)
    yield Mutation("html", b"<!DOCTYPE html><html><body>403</body></html>", WRONG)
    yield Mutation(
        "a NUL in the middle", raw[: len(raw) // 2] + b"\0" + raw[len(raw) // 2 :], WRONG
    )
    yield Mutation("half a letter", raw[:-1] + b"\xc3\n", WRONG)
    yield Mutation("utf-16", text.encode("utf-16"), EITHER)
    yield Mutation("marked", b"\xef\xbb\xbf" + raw, FINE)
    yield Mutation("Windows line ends", text.replace("\n", "\r\n").encode(), FINE)
    yield Mutation("no last line end", raw.rstrip(b"\n"), FINE)
    for part in range(1, 10):
        yield Mutation(f"cut at {part}0 %", raw[: len(raw) * part // 10], EITHER)


def _text(table: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    return out.getvalue().encode()


def mutations_of_csv(
    text: str,
    needed: set[str],
    wrong_values: dict[str, list[str]],
    extra_column: str = FINE,
    repeated_row: str = WRONG,
) -> Iterator[Mutation]:
    """Give what can happen to a table: bytes, heading, rows, and every cell of one row.

    Parameters
    ----------
    text : str
        The good file.
    needed : set of str
        Columns without which it is wrong.
    wrong_values : dict of str to list of str
        Column → values that are wrong in its second row of data.
    extra_column : str
        What must follow from a column that nobody knows.
    repeated_row : str
        What must follow from a row that stands twice.
    """
    yield from mutations_of_bytes(text)
    table = list(csv.reader(io.StringIO(text)))
    heading, body = table[0], table[1:]
    yield Mutation("no heading", _text(body), WRONG)
    yield Mutation("no rows", _text([heading]), WRONG)
    yield Mutation("heading twice", _text([heading, heading, *body]), WRONG)
    yield Mutation("semicolons", text.replace(",", ";").encode(), EITHER)
    yield Mutation("a cell too many", _text([heading, [*body[0], SECRET], *body[1:]]), WRONG)
    yield Mutation("a cell too few", _text([heading, body[0][:-1], *body[1:]]), WRONG)
    yield Mutation("an open quote", text.encode() + b'"' + SECRET.encode(), WRONG)
    yield Mutation("a row twice", _text([heading, *body, body[-1]]), repeated_row)
    yield Mutation("columns reversed", _text([row[::-1] for row in table]), FINE)
    unknown = [["unknown_column", *heading], *(["1", *row] for row in body)]
    yield Mutation("a column nobody knows", _text(unknown), extra_column)
    for place, column in enumerate(heading):
        without = [row[:place] + row[place + 1 :] for row in table]
        status = WRONG if column in needed else EITHER
        yield Mutation(f"without {column}", _text(without), status)
        renamed = [[*heading[:place], column.upper() + "?", *heading[place + 1 :]], *body]
        yield Mutation(f"{column} renamed", _text(renamed), status)
        twice = [[*row, row[place]] for row in table]
        yield Mutation(f"{column} twice", _text(twice), WRONG)
        for value in wrong_values.get(column, []):
            row = [*body[1][:place], value, *body[1][place + 1 :]]
            shown = value if len(value) < 20 else f"{value[:8]}… ({len(value)})"
            yield Mutation(
                f"{column} = {shown!r}", _text([heading, body[0], row, *body[2:]]), WRONG
            )


def mutations_of_toml(text: str, other_lines: EITHER = EITHER) -> Iterator[Mutation]:
    """Give what can happen to a TOML file: bytes, and every line left out, doubled or misspelt."""
    yield from mutations_of_bytes(text)
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if not line.strip():
            continue
        before, after = lines[:place], lines[place + 1 :]

        def joined(*middle: str, before=before, after=after) -> bytes:
            return "\n".join([*before, *middle, *after, ""]).encode()

        yield Mutation(f"line {place + 1} left out", joined(), other_lines)
        yield Mutation(f"line {place + 1} twice", joined(line, line), EITHER)
        yield Mutation(f"line {place + 1} with a tail", joined(f"{line} {SECRET}"), WRONG)
        if "=" in line:
            key, value = line.split("=", 1)
            for wrong in ("", " [", " nan", ' "\\q"', " 1e999999", " {a=1}", " 0x" + "f" * 4000):
                yield Mutation(f"{key.strip()} ={wrong[:12]}", joined(f"{key}={wrong}"), WRONG)
            yield Mutation(f"{key.strip()}x", joined(f"{key.strip()}x ={value}"), WRONG)
