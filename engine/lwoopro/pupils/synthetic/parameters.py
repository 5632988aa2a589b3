"""The parameters of the synthetic population, with their status (model §10).

Every parameter stands in ``parameters.toml`` with its value, its status and a note. The status is
``assumed`` (comes from no source), ``calibrated`` (set by `lwoopro.calibration`) or ``source``
(follows from a published figure, named in the note).
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lwoopro.errors import InputError, Problem

__all__ = ["STATUSES", "Parameter", "Parameters", "read_parameters", "write_parameters"]

STATUSES = ("assumed", "calibrated", "source")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its value, where it comes from, and what it does."""

    value: float
    status: str
    note: str


@dataclass(frozen=True, eq=False)
class Parameters(Mapping[str, float]):
    """Values by dotted name, ``"origin.intercept"``; the records stand in `records`."""

    records: Mapping[str, Parameter]

    def __getitem__(self, name: str) -> float:
        return self.records[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def replaced(self, values: Mapping[str, float], status: str | None = None) -> "Parameters":
        """Return the same parameters with other values, and another status if one is given."""
        records = dict(self.records)
        for name, value in values.items():
            old = records[name]
            records[name] = Parameter(float(value), status or old.status, old.note)
        return Parameters(records)


def read_parameters(path: Path) -> Parameters:
    """Read ``parameters.toml``.

    Raises
    ------
    InputError
        Naming every record that lacks its value, status or note.
    """
    with path.open("rb") as file:
        tables = tomllib.load(file)
    records: dict[str, Parameter] = {}
    problems: list[Problem] = []
    for group, table in tables.items():
        for name, record in table.items():
            key = f"{group}.{name}"
            value = record.get("value") if isinstance(record, dict) else None
            if (
                not isinstance(value, int | float)
                or record.get("status") not in STATUSES
                or not isinstance(record.get("note"), str)
            ):
                right = f"give value (number), status ({', '.join(STATUSES)}) and note (text)"
                problems.append(Problem(f"{path}: {key}", "incomplete record", right))
                continue
            records[key] = Parameter(float(value), record["status"], record["note"])
    if problems:
        raise InputError(problems)
    return Parameters(records)


def write_parameters(parameters: Parameters, path: Path, heading: str) -> None:
    """Write the records as TOML, grouped as they come; `heading` becomes the opening comment."""
    lines = [f"# {line}".rstrip() for line in heading.splitlines()]
    for key, record in parameters.records.items():
        # six decimals are far below what the targets can tell apart
        value = f"{record.value:.6f}".rstrip("0")
        lines += [
            "",
            f"[{key}]",
            f"value = {value}0" if value.endswith(".") else f"value = {value}",
            f'status = "{record.status}"',
            f'note = "{record.note}"',
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
