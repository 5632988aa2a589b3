"""What a synthetic population is built from: counts, context, neighbours, parameters."""

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes
from lwoopro.errors import InputError, Problem
from lwoopro.pupils.swv import read_swv
from lwoopro.pupils.synthetic.counts import YearCounts, exam_counts
from lwoopro.pupils.synthetic.parameters import Parameters, read_parameters

__all__ = [
    "COMPOSITION_FILE",
    "CONTEXT_COLUMNS",
    "Source",
    "bundled_folder",
    "read_composition",
    "read_source",
]

CONTEXT_COLUMNS: Final = ("nonwestern_pct", "low_edu_pct", "high_edu_pct", "low_income_pct")

COMPOSITION_FILE: Final = "composition.csv"

_REAL_YEAR: Final = 2019
_PARAMETERS: Final = "parameters.toml"


@dataclass(frozen=True, eq=False)
class Source:
    """Everything that a population is made of, except the seed.

    Attributes
    ----------
    codes : tuple of str
        swv codes, sorted.
    counts : mapping of (year, grade) to int64 array (4, swv)
        Empty where `constant` is given.
    constant : mapping of grade to int64 array (4, swv), or None
        Counts of every year, for a population without cohorts.
    context : float64 array (swv, 4) or None
        `CONTEXT_COLUMNS`, in per cent; None is neutral: every swv is like the country.
    neighbours : float64 array (swv, swv)
        How strongly two swv border on each other; 0 where they do not.
    locations : int64 array (swv,)
        School locations with upper vmbo; 0 where unknown.
    location_spread : float64 array (swv,)
        Coefficient of variation of their sizes; NaN where unknown.
    composition : mapping of int to float64 array (swv,)
        Cohort → shift of the parents' latent education (*assumed*). Cohorts before the first and
        after the last have that of the nearest; empty: no cohort differs.
    parameters : Parameters
    digest : str
        SHA-256 of the files read: the population's identity.
    """

    codes: tuple[str, ...]
    counts: YearCounts
    constant: Mapping[int, NDArray[np.int64]] | None
    context: NDArray[np.float64] | None
    neighbours: NDArray[np.float64]
    locations: NDArray[np.int64]
    location_spread: NDArray[np.float64]
    composition: Mapping[int, NDArray[np.float64]]
    parameters: Parameters
    digest: str

    def year(self, year: int, grade: int) -> NDArray[np.int64] | None:
        """Return the pupils of a year and grade, or None where the year is unknown."""
        if self.constant is not None:
            return self.constant[grade]
        return self.counts.get((year, grade))

    @property
    def size(self) -> NDArray[np.float64]:
        """Pupils per swv in a typical year, float64 array (swv,): not only the years asked for."""
        tables = self.counts if self.constant is None else self.constant
        mean: NDArray[np.float64] = np.mean([t.sum(axis=0) for t in tables.values()], axis=0)
        return 2.0 * mean

    @property
    def years(self) -> tuple[int, ...]:
        """Years with both grades; empty where every year is the same."""
        return tuple(sorted(y for y, g in self.counts if g == 3 and (y, 4) in self.counts))


def bundled_folder(name: str) -> Path:
    """Return the folder of a population that ships with the engine."""
    return Path(__file__).parents[2] / "data" / "populations" / name


def read_source(population: str | Path, parameters: Parameters | None = None) -> Source:
    """Read a bundled population by name, or a user's swv table by path.

    Parameters
    ----------
    population : str or Path
        ``"national"``, or the path of a ``swv.csv`` of the contract. A user's table has no
        cohorts and no context: every year has its counts, and every swv is like the country.
    parameters : Parameters, optional
        Instead of the bundled ones.

    Raises
    ------
    InputError
        Unknown name, or a table without usable counts.
    """
    path = Path(population)
    if isinstance(population, str) and path.name == population:
        folder = bundled_folder(population)
        if (folder / _PARAMETERS).is_file():
            return _bundled(folder, parameters)
    if not path.is_file():
        raise InputError(
            Problem(
                str(population),
                "no bundled population and no file of this name",
                'use "national" or the path of a swv.csv',
            )
        )
    return _user(path, parameters)


def _bundled(folder: Path, parameters: Parameters | None) -> Source:
    files = [folder / n for n in ("swv.csv", "cohorts.csv", "context.csv", "neighbours.csv")]
    swv = csv_rows(files[0])
    names = tuple(sorted(row["swv"] for row in swv))
    place = {name: j for j, name in enumerate(names)}
    candidates: dict[int, NDArray[np.float64]] = {}
    for row in csv_rows(files[1]):
        if row["swv"] in place:
            year = int(row["school_year"][:4])
            cells = candidates.setdefault(year, np.zeros((len(codes.TRACKS), len(names))))
            cells[codes.TRACKS.index(row["track"]), place[row["swv"]]] = float(row["candidates"])
    real = _real_counts(swv, place)
    context = np.zeros((len(names), len(CONTEXT_COLUMNS)))
    locations = np.zeros(len(names), dtype=np.int64)
    spread = np.full(len(names), np.nan)
    for row in csv_rows(files[2]):
        j = place[row["swv"]]
        context[j] = [float(row[column]) for column in CONTEXT_COLUMNS]
        locations[j] = int(row["vmbo_locations"])
        spread[j] = float(row["location_cv"])
    neighbours = np.zeros((len(names), len(names)))
    for row in csv_rows(files[3]):
        neighbours[place[row["swv"]], place[row["neighbour"]]] = float(row["weight"])
    parameter_file, composition = folder / _PARAMETERS, folder / COMPOSITION_FILE
    p = parameters or read_parameters(parameter_file)
    return Source(
        codes=names,
        counts=exam_counts(candidates, real, p["counts.link"], _REAL_YEAR),
        constant=None,
        context=context,
        neighbours=neighbours,
        locations=locations,
        location_spread=spread,
        composition=read_composition(composition, names),
        parameters=p,
        digest=_digest([*files, composition, parameter_file], parameters),
    )


def read_composition(path: Path, names: Sequence[str]) -> dict[int, NDArray[np.float64]]:
    """Read ``composition.csv``: cohort → shift of the latent education, float64 array (swv,).

    Raises
    ------
    InputError
        Where the file names other swv than `names`.
    """
    rows = {row["swv"]: row for row in csv_rows(path)}
    if sorted(rows) != list(names):
        what = "names other swv than swv.csv"
        raise InputError(Problem(str(path), what, "run the calibration again"))
    columns = [name for name in rows[names[0]] if name.startswith("cohort_")]
    return {
        int(column.removeprefix("cohort_")): np.array([float(rows[n][column]) for n in names])
        for column in columns
    }


def _real_counts(
    swv: Sequence[Mapping[str, str]], place: Mapping[str, int]
) -> dict[tuple[int, int], NDArray[np.int64]]:
    """Return the counts of 1 October 2019 per grade."""
    shape = (len(codes.TRACKS), len(place))
    real = {(_REAL_YEAR, grade): np.zeros(shape, dtype=np.int64) for grade in (3, 4)}
    for row in swv:
        for k, track in enumerate(codes.TRACKS):
            for grade in (3, 4):
                real[_REAL_YEAR, grade][k, place[row["swv"]]] = int(row[f"{track}_{grade}"])
    return real


def _user(path: Path, parameters: Parameters | None) -> Source:
    table = read_swv(path)
    names = table.codes
    problems: list[Problem] = []
    columns: list[NDArray[np.float64]] = []
    for track in codes.TRACKS:
        values = table.numbers.get(track)
        where = f"{path}: column {track}"
        if values is None:
            problems.append(
                Problem(where, "is missing", "a synthetic population needs bb, kb, gl and tl")
            )
        elif np.isnan(values).any() or (values % 1 != 0).any():
            right = "a synthetic population needs a whole number for every swv"
            problems.append(Problem(where, "has cells that are empty or no whole number", right))
        else:
            columns.append(values)
    if problems:
        raise InputError(problems)
    totals = np.stack(columns, axis=-2).astype(np.int64)
    # half of an odd number goes to grade 3 once more: the total stays
    halves = {3: totals - totals // 2, 4: totals // 2}
    counts: dict[tuple[int, int], NDArray[np.int64]] = {}
    if table.years is not None:
        for k, year in enumerate(table.years):
            counts |= {(year, grade): half[k] for grade, half in halves.items()}
    parameter_file = bundled_folder("national") / _PARAMETERS
    return Source(
        codes=names,
        counts=counts,
        constant=halves if table.years is None else None,
        context=None,
        neighbours=np.zeros((len(names), len(names))),
        locations=np.zeros(len(names), dtype=np.int64),
        location_spread=np.full(len(names), np.nan),
        composition={},
        parameters=parameters or read_parameters(parameter_file),
        digest=_digest([path, parameter_file], parameters),
    )


def csv_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a bundled csv file; lines that start with # are comments."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def _digest(files: Iterable[Path], parameters: Parameters | None) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    if parameters is not None:
        digest.update(repr(sorted(parameters.items())).encode())
    return digest.hexdigest()
