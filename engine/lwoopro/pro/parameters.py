"""National parameters of the pro flow: bundled values, each with its status (model §6)."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ProParameters", "Series", "bundled_parameters", "bundled_series"]


@dataclass(frozen=True)
class ProParameters:
    """Bundled values by name, and which of them come from no source.

    Attributes
    ----------
    values : mapping
        Numbers, and lists of numbers.
    assumed : tuple of str
        Names without a source.
    """

    values: Mapping[str, Any]
    assumed: tuple[str, ...]

    def number(self, name: str) -> float:
        """One number."""
        return float(self.values[name])


@dataclass(frozen=True, eq=False)
class Series:
    """National series.

    Attributes
    ----------
    vo, pro : mapping of int to float
        Pupils on 1 October.
    stay : mapping of int to float64 array, shape ``(6,)``
        Pro pupils by year of stay.
    entering : mapping of int to float
        Index of the children who reach secondary school; *assumed*.
    """

    vo: Mapping[int, float]
    pro: Mapping[int, float]
    stay: Mapping[int, NDArray[np.float64]]
    entering: Mapping[int, float]


def _read(name: str) -> str:
    return files("lwoopro").joinpath("data", "pro", name).read_text("utf-8")


@cache
def bundled_parameters() -> ProParameters:
    """Read ``data/pro/national.toml``."""
    table = tomllib.loads(_read("national.toml"))
    return ProParameters(
        {name: entry["value"] for name, entry in table.items()},
        tuple(name for name, entry in table.items() if entry["status"] == "assumed"),
    )


@cache
def bundled_series() -> Series:
    """Read ``data/pro/series.csv`` and ``data/pro/entering.csv``."""
    rows = list(csv.DictReader(_read("series.csv").splitlines()))
    stays = [f"pro_{k}" for k in range(1, 7)]
    births = csv.DictReader(_read("entering.csv").splitlines())
    return Series(
        vo={int(row["year"]): float(row["vo"]) for row in rows},
        pro={int(row["year"]): float(row["pro"]) for row in rows},
        stay={
            int(row["year"]): np.array([float(row[name]) for name in stays])
            for row in rows
            if row["pro_1"]
        },
        entering={int(row["year"]): float(row["thousand_births"]) for row in births},
    )
