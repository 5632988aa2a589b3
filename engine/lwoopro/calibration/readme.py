"""The residual table in a README: between its heading and the end of its fold."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

__all__ = ["put_into", "table_lines"]

_HEADING: Final = "| figure | published | simulated | 90 % of draws | within |"
_RULE: Final = "|---|--:|--:|--:|---|"
_UNSHOWN: Final = "statement true in"


def table_lines(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """Lines of every figure of ``residuals.csv`` that has a tolerance, statements left out."""
    lines = [_HEADING, _RULE]
    for row in rows:
        if row["within"] and row["table"] != _UNSHOWN:
            name = f"{row['table']}: {row['row'].replace('_', ' ')}"
            ends = f"{_shown(row['low_90'])} … {_shown(row['high_90'])}"
            numbers = f"{_shown(row['published'])} | {_shown(row['mean'])} | {ends}"
            lines.append(f"| {name} | {numbers} | {row['within']} |")
    return lines


def put_into(readme: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Replace the table of a README.

    Raises
    ------
    ValueError
        Where it has none.
    """
    text = readme.read_text(encoding="utf-8")
    before, heading, rest = text.partition(_HEADING)
    _, blank, after = rest.partition("\n\n")
    if not heading or not blank:
        raise ValueError(f"{readme} has no table that begins with {_HEADING!r}")
    readme.write_text(before + "\n".join(table_lines(rows)) + blank + after, encoding="utf-8")


def _shown(number: str) -> str:
    value = float(number)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
