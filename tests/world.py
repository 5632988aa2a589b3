"""A world: all input of a study, as plain data for the reference and as files for the engine.

`write_world` writes what `run_reference` is given as the contract's files.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from tests.reference import Result, Settings, simulate


@dataclass(frozen=True)
class World:
    """All input of a study, in the form of `tests.reference`."""

    rows: tuple[dict[str, Any], ...]
    probabilities: dict[int, dict[str, Decimal]]
    indicator: dict[str, Any]
    swv: tuple[dict[str, Any], ...]
    settings: Settings


def run_reference(world: World) -> Result:
    """`tests.reference.simulate` of a world."""
    return simulate(world.rows, world.probabilities, world.indicator, world.swv, world.settings)


def pupil(number: int, **cells: Any) -> dict[str, Any]:
    """Row of a complete pupil with known parents, but for the cells given."""
    return {
        "year": 2019,
        "pupil_id": number,
        "school_id": "01AA00",
        "school_swv": "VO2001",
        "home_swv": "VO2001",
        "grade": 3,
        "track": "bb",
        "registration": "complete",
        "asylum": False,
        "education_mother": "primary",
        "education_father": "primary",
        "origin": "nl",
        "stay": "10+",
        "debt": False,
    } | cells


PUPIL_TYPES: Mapping[str, pa.DataType] = {
    "year": pa.int64(),
    "pupil_id": pa.int64(),
    "school_id": pa.string(),
    "school_swv": pa.string(),
    "home_swv": pa.string(),
    "grade": pa.int64(),
    "track": pa.string(),
    "registration": pa.string(),
    "asylum": pa.bool_(),
    "mother_id": pa.int64(),
    "father_id": pa.int64(),
    "education_mother": pa.string(),
    "education_father": pa.string(),
    "education_class_mother": pa.int64(),
    "education_class_father": pa.int64(),
    "origin": pa.string(),
    "stay": pa.string(),
    "debt": pa.bool_(),
    "income_decile": pa.int64(),
    "district": pa.string(),
    "language": pa.string(),
}


def decimal_text(value: Decimal | int) -> str:
    """A number as a decimal with a point, without exponent."""
    text = format(Decimal(value), "f")
    return text if "." in text else f"{text}.0"


def pupil_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as an arrow table with the contract's columns (and `language` where it is there)."""
    names = [name for name in PUPIL_TYPES if any(name in row for row in rows)]
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], PUPIL_TYPES[name]) for name in names}
    )


def write_pupils(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the pupil table as parquet or csv, by the path's suffix."""
    if path.suffix == ".parquet":
        pa.parquet.write_table(pupil_table(rows), path)
    else:
        pa.csv.write_csv(pupil_table(rows), path)


def write_swv(swv_rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write swv.csv; the columns in the order of the first row."""
    columns = list(swv_rows[0])
    lines = [",".join(columns)]
    for row in swv_rows:
        cells = (row[c] for c in columns)
        lines.append(
            ",".join(
                ""
                if cell is None
                else decimal_text(cell)
                if isinstance(cell, Decimal)
                else f"{cell}"
                for cell in cells
            )
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_probabilities(probabilities: Mapping[int, Mapping[str, Decimal]], path: Path) -> None:
    """Write the probability file, every class with every level."""
    lines = ["class,level,probability"]
    for number, table in probabilities.items():
        lines += [f"{number},{level},{decimal_text(p)}" for level, p in table.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def indicator_text(indicator: Mapping[str, Any]) -> str:
    """Indicator file (TOML)."""
    lines = ['name = "drawn"', 'source = "a test"']
    for name, table in indicator.items():
        inner = table.items() if name == "characteristic" else [("", table)]
        for column, values in inner:
            lines.append(f"[{name}.{column}]" if column else f"[{name}]")
            lines += [f"{json.dumps(code)} = {decimal_text(v)}" for code, v in values.items()]
    return "\n".join(lines) + "\n"


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(k)} = {_toml_value(v)}" for k, v in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return json.dumps(value)


def study_text(world: World, pupils: str = "pupils.parquet") -> str:
    """Study file (TOML) of a world whose files stand beside it; draws must be 0 to D - 1."""
    settings = world.settings
    if settings.draws != tuple(range(len(settings.draws))):
        raise ValueError("a study file has draws 0 to D - 1 only")
    sections: list[tuple[str, dict[str, Any]]] = [
        (
            "[study]",
            {
                "name": "drawn",
                "years": settings.years,
                "draws": len(settings.draws),
                "seed": settings.seed,
            },
        ),
        ("[pupils]", {"source": "table", "path": pupils}),
        ("[indicator]", {"table": "indicator.toml"}),
        (
            "[target_group]",
            {
                "shares": settings.shares,
                "attribution": settings.attributions,
                "ties": settings.ties,
            },
        ),
        (
            "[imputation]",
            {"method": "table", "probabilities": "education.csv", "match": settings.match},
        ),
        ("[uncertainty]", {"education": settings.education, "donors": settings.donors}),
        ("[money]", {k: v for k, v in vars(settings.money).items() if v is not None}),
        ("[swv]", {"path": "swv.csv"}),
        *(("[[policy]]", policy) for policy in settings.policies),
    ]
    lines = []
    for header, values in sections:
        lines.append(header)
        lines += [f"{key} = {_toml_value(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def write_world(world: World, folder: Path, suffix: str = ".parquet") -> Path:
    """Write all files of a world (`suffix` ".parquet" or ".csv"); returns the study's path."""
    folder.mkdir(parents=True, exist_ok=True)
    write_pupils(world.rows, folder / f"pupils{suffix}")
    write_swv(world.swv, folder / "swv.csv")
    write_probabilities(world.probabilities, folder / "education.csv")
    (folder / "indicator.toml").write_text(indicator_text(world.indicator), encoding="utf-8")
    study = folder / "study.toml"
    study.write_text(study_text(world, f"pupils{suffix}"), encoding="utf-8")
    return study
