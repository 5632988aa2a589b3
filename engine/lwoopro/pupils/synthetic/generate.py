"""The synthetic population: pupils of several years, and the truth about them (model §10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes
from lwoopro.errors import InputError, Problem
from lwoopro.pupils.columns import CODED_COLUMNS
from lwoopro.pupils.synthetic.classes import CLASSES, class_probabilities
from lwoopro.pupils.synthetic.counts import Flows, cohort_flows, scaled
from lwoopro.pupils.synthetic.families import make_places
from lwoopro.pupils.synthetic.parameters import Parameters
from lwoopro.pupils.synthetic.persons import LAGS, PERSONS_PER_CELL, Persons, SwvMaker
from lwoopro.pupils.synthetic.rows import COLUMNS, EXTRA, TRUTH, class_counts, fill_rows
from lwoopro.pupils.synthetic.schools import make_schools, school_name
from lwoopro.pupils.synthetic.source import Source, read_source
from lwoopro.pupils.table import Pupils

__all__ = ["SyntheticPopulation", "generate", "generate_from"]

_MAX_SEED: Final = 2**63


@dataclass(frozen=True, eq=False)
class SyntheticPopulation:
    """A made-up population, with the truth behind what it hides.

    Attributes
    ----------
    pupils : Pupils
        Columns `income_decile`, `mother_age` and `father_age` are extra, NaN where not
        registered.
    classes : int64 array (classes,)
        Imputation classes that the pupils use.
    probability : float64 array (classes, 8)
        Probabilities of the levels, as an analyst would estimate them (I-1).
    truth : mapping of str to array (rows,)
        `education_mother`, `education_father`, `origin`, `stay`, `debt` as they are, whatever the
        register knows; `residence` is the swv where the pupil lives, also for VO0001; `sibling`
        says that the pupil was put into the family of an older one.
    swv_codes : tuple of str
        Sorted.
    """

    pupils: Pupils
    classes: NDArray[np.int64]
    probability: NDArray[np.float64]
    truth: Mapping[str, NDArray[Any]]
    swv_codes: tuple[str, ...]

    @property
    def truth_columns(self) -> dict[str, NDArray[Any]]:
        """`truth` under names of its own in a pupil table, ``true_education_mother`` and so on."""
        columns = {f"true_{name}": values for name, values in self.truth.items()}
        columns["true_debt"] = columns["true_debt"] == 1
        return columns

    @property
    def truth_codes(self) -> dict[str, Sequence[str]]:
        """Codes of those `truth_columns` that hold positions."""
        coded = {
            f"true_{name}": CODED_COLUMNS[name] for name in self.truth if name in CODED_COLUMNS
        }
        return {**coded, "true_residence": self.swv_codes}


def generate(
    population: str | Path, years: Sequence[int], seed: int, scale: float = 1.0
) -> SyntheticPopulation:
    """Make the pupils of some years.

    Parameters
    ----------
    population : str or Path
        ``"national"``, or the path of a ``swv.csv``.
    years : sequence of int
        Reference dates, 1 October. A person is the same whatever other years are asked for.
    seed : int
        0 <= seed < 2**63.
    scale : float
        Multiplies every count. A whole number multiplies exactly; otherwise each year and grade
        is rounded by largest remainder to its rounded total.

    Returns
    -------
    SyntheticPopulation

    Raises
    ------
    InputError
        Unknown population, a year without counts, a scale that is not positive, a seed outside
        its range.
    """
    return generate_from(read_source(population), years, seed, scale)


def generate_from(
    source: Source,
    years: Sequence[int],
    seed: int,
    scale: float = 1.0,
    parameters: Parameters | None = None,
) -> SyntheticPopulation:
    """Make the pupils of some years from a source that is already read; see `generate`.

    `parameters` replaces the source's own: the calibration calls it many times.
    """
    wanted = _checked(source, years, seed, scale)
    p = parameters or source.parameters
    flows = _flows(source, wanted, scale)
    places = make_places(source, p)
    size = source.size
    schools = [
        make_schools(
            round(size[j]), int(source.locations[j]), float(source.location_spread[j]), p, j
        )
        for j in range(len(source.codes))
    ]
    first_school = np.concatenate([[0], np.cumsum([len(s) for s in schools])])
    total = sum(_rows_of_year(flows, year) for year in wanted)
    table: dict[str, NDArray[Any]] = {
        name: np.empty(total, dtype=dtype) for name, dtype in {**COLUMNS, **EXTRA, **TRUTH}.items()
    }
    known = np.zeros((CLASSES, len(codes.EDUCATION_LEVELS)))
    row = 0
    for j in range(len(source.codes)):
        maker = SwvMaker(j, source, flows, schools[j], places, p, seed, size)
        for persons in maker.chunks(wanted):
            row = _fill(table, row, persons, wanted, j, int(first_school[j]))
    for start in range(0, total, 1_000_000):
        known += class_counts(table, slice(start, start + 1_000_000))
    used = np.unique(
        np.concatenate(
            [_used(table["education_class_mother"]), _used(table["education_class_father"])]
        )
    )
    names = tuple(school_name(number) for number in range(int(first_school[-1])))
    pupils = Pupils(
        schools=names,
        swv=source.codes,
        extra={name: table[name] for name in EXTRA},
        **{name: table[name] for name in COLUMNS},
    )
    return SyntheticPopulation(
        pupils=pupils,
        classes=used,
        probability=class_probabilities(known)[used],
        truth={name.removeprefix("true_"): table[name] for name in TRUTH},
        swv_codes=source.codes,
    )


def _fill(
    table: Mapping[str, NDArray[Any]],
    row: int,
    persons: Persons,
    years: Sequence[int],
    swv: int,
    first_school: int,
) -> int:
    for year in years:
        row = fill_rows(table, row, persons, year, swv, first_school)
    return row


def _used(classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Classes that occur, without a sort of all rows."""
    inside = classes[classes != codes.NO_CLASS]
    return np.flatnonzero(np.bincount(inside, minlength=CLASSES))


def _checked(source: Source, years: Sequence[int], seed: int, scale: float) -> list[int]:
    problems: list[Problem] = []
    if not 0 <= seed < _MAX_SEED:
        problems.append(Problem("seed", f"{seed} is outside its range", "use 0 to 2**63 - 1"))
    if not scale > 0:
        problems.append(Problem("scale", f"{scale} is not positive", "use a number above 0"))
    wanted = sorted({int(year) for year in years})
    if not wanted:
        problems.append(Problem("years", "no year", "name at least one"))
    if source.constant is None:
        available = source.years
        problems += [
            Problem(
                "years",
                f"the population has no counts for {year}",
                f"use {', '.join(str(y) for y in available)}",
            )
            for year in wanted
            if year not in available
        ]
    if problems:
        raise InputError(problems)
    return wanted


def _flows(source: Source, years: Sequence[int], scale: float) -> dict[int, Flows]:
    """Flows of every cohort that the years need, and of those that older siblings come from."""
    flows: dict[int, Flows] = {}
    for cohort in range(years[0] - 1 - max(LAGS), years[-1] + 1):
        grade3, grade4 = source.year(cohort, 3), source.year(cohort + 1, 4)
        # at the ends of the series a cohort is known in one of its two years only
        grade3 = grade4 if grade3 is None else grade3
        grade4 = grade3 if grade4 is None else grade4
        if grade3 is not None and grade4 is not None:
            flows[cohort] = cohort_flows(scaled(grade3, scale), scaled(grade4, scale))
            if flows[cohort].persons.max() >= PERSONS_PER_CELL:
                what = f"{scale} makes more pupils per swv, track and grade than can be numbered"
                raise InputError(Problem("scale", what, f"keep below {PERSONS_PER_CELL}"))
    return flows


def _rows_of_year(flows: Mapping[int, Flows], year: int) -> int:
    return int(flows[year].grade3.sum() + flows[year - 1].grade4.sum())
