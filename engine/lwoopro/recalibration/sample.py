"""The pupils that an indicator is estimated from: who counts, and what is known of them (C-1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import (
    DEBT,
    EDUCATION_LEVELS,
    EMPTY,
    ORIGINS,
    STAYS,
    TRACK_GROUP_OF_TRACK,
    TRACK_GROUPS,
)
from lwoopro.errors import InputError, Problem
from lwoopro.imputation.persons import own_score, resolve_parents
from lwoopro.pupils.columns import STANDARD_COLUMNS
from lwoopro.pupils.convert import GIVEN, as_whole
from lwoopro.pupils.messages import named
from lwoopro.pupils.read import read_pupils
from lwoopro.pupils.source import open_source
from lwoopro.pupils.swv import SwvTable
from lwoopro.pupils.table import Pupils

__all__ = ["ADVICE", "INTELLIGENCE", "TEST_SCORE", "Factor", "Sample", "read_sample"]

TEST_SCORE: Final = "test_score"
INTELLIGENCE: Final = "intelligence"
ADVICE: Final = "advice"
"""Columns that recalibration needs beside those of the pupil table."""

_VMBO: Final = "vmbo"
_MOST_CODES: Final = 100


@dataclass(frozen=True, eq=False)
class Factor:
    """One categorical column.

    Attributes
    ----------
    column : str
    codes : tuple of str
    reference : int
        Position of the code whose coefficient is 0.
    code : int64 array, shape ``(pupils,)``
        Position in `codes`.
    added : bool
        No column of S-2.
    """

    column: str
    codes: tuple[str, ...]
    reference: int
    code: NDArray[np.int64]
    added: bool = False


@dataclass(frozen=True, eq=False)
class Sample:
    """Pupils with everything that the regression needs, each once.

    Attributes
    ----------
    score, intelligence : float64 array, shape ``(pupils,)``
    group : int64 array, shape ``(pupils,)``
        Position in `codes.TRACK_GROUPS`.
    factors : tuple of Factor
        Those of S-2, then the added ones.
    school : int64 array, shape ``(pupils,)``
    left_out : mapping of str to int
        Rows of the table that do not count, by reason; each row by its first reason.
    path : str
    """

    score: NDArray[np.float64]
    intelligence: NDArray[np.float64]
    group: NDArray[np.int64]
    factors: tuple[Factor, ...]
    school: NDArray[np.int64]
    left_out: Mapping[str, int]
    path: str = ""

    def __len__(self) -> int:
        return len(self.score)


def read_sample(
    path: Path,
    *,
    score: str = TEST_SCORE,
    intelligence: str = INTELLIGENCE,
    advice: str = ADVICE,
    added: Sequence[str] = (),
) -> Sample:
    """Read the pupils of a recalibration.

    The file is a pupil table with three more columns: the test score and the intelligence measure,
    numbers on any scale, and the test advice as text. Only pupils with an advice that begins with
    "vmbo" count (C-1); of these only those with a score of their own (complete registration, no
    asylum), with both parents' education known in some row (I-5), and with test score and
    intelligence. A pupil of several years counts once, with the latest such row.

    Parameters
    ----------
    path : Path
        ``.parquet`` or ``.csv``.
    score, intelligence, advice : str
        Names of the three columns.
    added : sequence of str
        Further columns of text to estimate as characteristics (S-2).

    Returns
    -------
    Sample

    Raises
    ------
    InputError
        With every defect of the file; where nobody is left; messages hold no value of a pupil.
    """
    columns = (score, intelligence, advice, *added)
    twice = sorted({name for name in columns if columns.count(name) > 1})
    taken = [name for name in columns if name in STANDARD_COLUMNS]
    if twice or taken:
        name = (*twice, *taken)[0]
        what = "stands for two things" if twice else "is a column of the pupil table itself"
        raise InputError(Problem(f"column {named(name)}", what, "name another column"))
    swv, years = _outline(path)
    pupils = read_pupils(path, swv, years, columns, classes_needed=False)
    problems: list[Problem] = []
    for name in (score, intelligence):
        problems += _number_problems(path, name, pupils.extra[name])
    for name in (advice, *added):
        problems += _text_problems(path, name, pupils.extra[name], added)
    if problems:
        raise InputError(problems)
    return _sample(pupils, str(path), (score, intelligence, advice), added)


def _outline(path: Path) -> tuple[SwvTable, list[int]]:
    """Take the table's own swv and years: a regression needs no list of either."""
    names = ("year", "school_swv", "home_swv")
    source = open_source(path, names, names[1:])
    codes: set[str] = set()
    years: list[int] = []
    for name in names[1:]:
        if name in source.names:
            found = source.column(name).unique().to_pylist()
            codes |= {code for code in found if isinstance(code, str) and code}
    if "year" in source.names:
        cells = as_whole(source.column("year"), source.is_text)
        if cells is not None:
            years = np.unique(cells.value[cells.state == GIVEN]).tolist()
    return SwvTable(tuple(sorted(codes)), None, {}, {}, str(path), ""), years


def _number_problems(path: Path, name: str, values: NDArray[Any]) -> list[Problem]:
    where = f"{path}: column {named(name)}"
    if values.dtype.kind not in "iuf":
        return [Problem(where, "holds no numbers", "numbers, or empty cells")]
    numbers = values.astype(np.float64)
    if np.isinf(numbers).any():
        many = int(np.isinf(numbers).sum())
        return [Problem(where, f"{many} numbers are not finite", "leave these cells empty")]
    if np.isnan(numbers).all():
        return [Problem(where, "is empty in every row")]
    return []


def _text_problems(
    path: Path, name: str, values: NDArray[Any], added: Sequence[str]
) -> list[Problem]:
    where = f"{path}: column {named(name)}"
    if values.dtype != object:
        empty = values.dtype.kind == "f" and bool(np.isnan(values).all())
        return [Problem(where, "is empty in every row" if empty else "holds no text")]
    if name in added:
        many = len({value for value in values if value is not None})
        if not 2 <= many <= _MOST_CODES:
            right = f"2 to {_MOST_CODES} codes"
            return [Problem(where, f"has {many:,} different codes", right)]
    return []


def _sample(
    pupils: Pupils, path: str, columns: tuple[str, str, str], added: Sequence[str]
) -> Sample:
    score, intelligence = (pupils.extra[name].astype(np.float64) for name in columns[:2])
    advice = pupils.extra[columns[2]]
    vmbo = np.array([value is not None and value.lower().startswith(_VMBO) for value in advice])
    mother, father = resolve_parents(pupils)
    kept = np.ones(len(pupils), bool)
    left_out: dict[str, int] = {}

    def only(rows: NDArray[np.bool_], reason: str) -> None:
        nonlocal kept
        left_out[reason] = int((kept & ~rows).sum())
        kept &= rows

    only(vmbo, "no vmbo advice")
    only(own_score(pupils), "not registered completely, or asylum")
    known = (mother.level != EMPTY) & (father.level != EMPTY)
    only(known, "education of a parent unknown")
    only(~(np.isnan(score) | np.isnan(intelligence)), "no test score or intelligence")
    for name in added:
        only(np.array([value is not None for value in pupils.extra[name]]), f"no {name}")
    order = np.lexsort((pupils.year, pupils.pupil_id))
    order = order[kept[order]]
    person = pupils.pupil_id[order]
    last = np.ones(len(order), bool)
    last[:-1] = person[1:] != person[:-1]
    left_out["an earlier year of the same pupil"] = int((~last).sum())
    rows = order[last]
    if not len(rows):
        some = "; ".join(f"{many:,} rows: {why}" for why, many in left_out.items() if many)
        right = 'pupils whose advice begins with "vmbo", with everything known'
        raise InputError(Problem(path, f"no pupil is left to estimate from ({some})", right))
    group = np.asarray(TRACK_GROUP_OF_TRACK)[pupils.track[rows]]
    factors = [
        Factor("education_mother", EDUCATION_LEVELS, 0, mother.level[rows].astype(np.int64)),
        Factor("education_father", EDUCATION_LEVELS, 0, father.level[rows].astype(np.int64)),
        Factor("origin", ORIGINS, ORIGINS.index("nl"), pupils.origin[rows].astype(np.int64)),
        Factor("stay", STAYS, STAYS.index("10+"), pupils.stay[rows].astype(np.int64)),
        Factor("debt", DEBT, DEBT.index("no"), pupils.debt[rows].astype(np.int64)),
    ]
    for name in added:
        codes, code = np.unique(pupils.extra[name][rows].astype(str), return_inverse=True)
        most = int(np.bincount(code).argmax())
        factors.append(Factor(name, tuple(codes.tolist()), most, code.astype(np.int64), True))
    _refuse_absent(path, group.astype(np.int64), factors)
    return Sample(
        score=score[rows],
        intelligence=intelligence[rows],
        group=group.astype(np.int64),
        factors=tuple(factors),
        school=pupils.school[rows].astype(np.int64),
        left_out=left_out,
        path=path,
    )


def _refuse_absent(path: str, group: NDArray[np.int64], factors: Sequence[Factor]) -> None:
    """Every code needs a coefficient, and a code that no pupil has can have none."""
    problems = [
        Problem(f"{path}: column {named(factor.column)}", "has one code among those who count")
        for factor in factors
        if len(factor.codes) < 2
    ]
    columns: list[tuple[str, tuple[str, ...], NDArray[np.int64]]] = [("track", TRACK_GROUPS, group)]
    columns += [(factor.column, factor.codes, factor.code) for factor in factors]
    for name, codes, code in columns:
        many = np.bincount(code, minlength=len(codes))
        absent = [codes[k] for k in np.flatnonzero(many == 0)]
        if absent:
            what = f"nobody who counts has {', '.join(absent)}: no coefficient can be estimated"
            right = "more pupils, or levels put together and the file completed by hand"
            problems.append(Problem(f"{path}: column {named(name)}", what, right))
    if problems:
        raise InputError(problems)
