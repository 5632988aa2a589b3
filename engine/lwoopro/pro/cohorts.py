"""Entering cohorts per swv, and the vo pupils that follow from them (P-1).

The series is that of **vmbo exam candidates four years later**: who sits the exam of spring
t + 4 entered in autumn t. It is real per swv as far as there are exams. After that a stated
projection goes on, *assumed*: nationally an index of births twelve years earlier, from the mean of
the last two real cohorts; per swv its share of the country, whose own trend fades.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.errors import InputError, Problem
from lwoopro.pro.parameters import ProParameters, Series
from lwoopro.pupils.csvfile import first_values, parse_number, read_csv

__all__ = ["Cohorts", "exam_cohorts", "project_cohorts"]

YEARS_TO_EXAM: Final = 4
VO_YEARS: Final = 6
"""A cohort is in vo for about so many years."""


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Entering cohorts and what follows from them; one column per swv.

    Attributes
    ----------
    years : tuple of int
        Autumns, from the first real one to the horizon.
    last_real : int
        Last autumn whose cohort has sat its exam.
    entering : float64 array, shape ``(years, swv)``
        Future exam candidates who enter.
    """

    years: tuple[int, ...]
    last_real: int
    entering: NDArray[np.float64]

    def at(self, year: int) -> NDArray[np.float64]:
        """Cohort of one autumn, shape ``(swv,)``; the first one before the series begins."""
        row: NDArray[np.float64] = self.entering[max(year - self.years[0], 0)]
        return row

    def upper_vmbo(self, year: int) -> NDArray[np.float64]:
        """Relative size of upper vmbo: grade 4 entered three years ago, grade 3 two."""
        return self.at(year - 3) + self.at(year - 2)

    def vo(self, year: int) -> NDArray[np.float64]:
        """Relative size of vo: the cohorts of the last six years."""
        return np.asarray(np.sum([self.at(year - k) for k in range(VO_YEARS)], axis=0))


def exam_cohorts(path: Path) -> Mapping[int, Mapping[str, float]]:
    """Read a cohorts file: exam candidates per autumn of entry and swv, all tracks.

    Raises
    ------
    InputError
        See `read_csv`; or a school year or number cannot be read, or a school year is missing.
    """
    file = read_csv(path, required=["swv", "school_year", "candidates"])
    found: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    wrong_year, wrong_number = [], []
    for line, swv, school_year, cell in zip(
        file.lines,
        file.cells["swv"],
        file.cells["school_year"],
        file.cells["candidates"],
        strict=True,
    ):
        number = parse_number(cell)
        ends = school_year.rpartition("-")[2]
        if not (len(ends) == 4 and ends.isdigit()):
            wrong_year.append((line, school_year))
        elif number is None or number < 0:
            wrong_number.append((line, cell))
        else:
            found[int(ends) - YEARS_TO_EXAM][swv] += number
    problems = [
        Problem(f"{path}: column {column}", f"{what}: {first_values('line', bad)}", right)
        for column, what, bad, right in (
            ("school_year", "not a school year", wrong_year, "as in 2018-2019"),
            ("candidates", "not a count", wrong_number, "a number of 0 or more"),
        )
        if bad
    ]
    if not problems and (len(found) < 2 or max(found) - min(found) >= len(found)):
        problems.append(
            Problem(
                f"{path}: column school_year",
                f"{len(found)} different school years, or one between them is missing",
                "two school years or more, without a gap",
            )
        )
    if problems:
        raise InputError(problems)
    return found


def project_cohorts(
    codes: tuple[str, ...],
    exams: Mapping[int, Mapping[str, float]],
    series: Series,
    parameters: ProParameters,
    horizon: int,
) -> Cohorts:
    """Continue the exam cohorts of every swv to the horizon.

    Parameters
    ----------
    codes : tuple of str
        A swv that the exams do not have gets the country's development.
    exams : mapping of int to mapping of str to float
        From `exam_cohorts`.
    series : Series
    parameters : ProParameters
    horizon : int

    Returns
    -------
    Cohorts
    """
    real = sorted(exams)
    national = np.array([sum(exams[year].values()) for year in real])
    table = np.array([[exams[year].get(code, 0.0) for code in codes] for year in real])
    known = table.min(axis=0) > 0
    table[:, ~known] = national[:, None] / national[-1]
    base = national[-2:].mean()
    index = series.entering
    anchor = np.mean([_index(index, year) for year in real[-2:]])
    share = table[-3:].sum(axis=0) / national[-3:].sum()
    when = np.arange(len(real)) - (len(real) - 1) / 2
    slope = when @ np.log(table) / (when @ when) - when @ np.log(national) / (when @ when)
    slope[~known] = 0.0
    weight = parameters.number("cohort_trend_weight")
    fading = parameters.number("cohort_trend_fading")
    rows = [row for row in table]
    drift = np.zeros(len(codes))
    for step, year in enumerate(range(real[-1] + 1, horizon + 1)):
        drift = drift + slope * weight * fading**step
        part = share * np.exp(drift)
        if known.any():
            # the drifts move pupils between swv, they make none
            part[known] *= share[known].sum() / part[known].sum()
        rows.append(base * _index(index, year) / anchor * part)
    years = tuple(range(real[0], max(horizon, real[-1]) + 1))
    return Cohorts(years, real[-1], np.array(rows))


def _index(index: Mapping[int, float], year: int) -> float:
    return index[min(max(year, min(index)), max(index))]
