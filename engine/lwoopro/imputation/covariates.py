"""What a parent's education is predicted from: columns of the pupil table as codes (I-1, `model`).

Every covariate becomes a small number per row, its code. A model's features are then tables with
one line per code, so that a linear predictor is a sum of looked-up numbers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes
from lwoopro.errors import InputError, Problem
from lwoopro.pupils.messages import did_you_mean, listed, named
from lwoopro.pupils.table import Pupils

__all__ = ["STANDARD", "Covariate", "Features", "distinct", "feature_table", "read_covariates"]

STANDARD: Final = ("track", "grade", "origin", "stay", "debt", "school_swv", "home_swv")
"""Standard columns that can be covariates; further columns of the table can be, too."""

FEW: Final = 10
"""A category with fewer parents than this has no coefficient of its own."""

_MOST_CATEGORIES: Final = 200
_NAMES: Final = {
    "track": codes.TRACKS,
    "origin": codes.ORIGINS,
    "stay": codes.STAYS,
    "debt": codes.DEBT,
}


@dataclass(frozen=True, eq=False)
class Covariate:
    """One covariate of every row of the pupil table.

    Attributes
    ----------
    name : str
    code : int32 array, shape ``(rows,)``
        Position in `labels`; of a numeric covariate position in `value`.
    value : float64 array, shape ``(codes,)``, or None
        The numbers of a numeric covariate, rising, NaN last; None for categories.
    labels : tuple of str
        The categories, ``""`` for empty; empty tuple for a numeric covariate.
    """

    name: str
    code: NDArray[np.int32]
    value: NDArray[np.float64] | None
    labels: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of codes."""
        return len(self.labels) if self.value is None else len(self.value)


def read_covariates(
    pupils: Pupils,
    names: Sequence[str],
    coded: Collection[str],
    where: str,
    bins: Mapping[str, int] | None = None,
) -> list[Covariate]:
    """Encode the study's covariates.

    Text, truth values, coded columns and the standard columns are categories, an empty cell a
    category of its own; other columns of numbers enter linearly.

    Parameters
    ----------
    pupils : Pupils
    names : sequence of str
        Column names.
    coded : collection of str
        Columns of `Pupils.extra` that hold code positions, such as added characteristics.
    where : str
        For messages.
    bins : mapping of str to int, optional
        Numbers of these columns are put into so many groups, see `coarser`.

    Returns
    -------
    list of Covariate

    Raises
    ------
    InputError
        A column is absent, empty in every row, what is imputed, or has too many categories.
    """
    problems: list[Problem] = []
    found: list[Covariate] = []
    known = (*STANDARD, *pupils.extra)
    groups = bins or {}
    for name in names:
        if name in ("education_mother", "education_father"):
            right = "leave it out: the other parent's level is always used where it is known"
            problems.append(Problem(where, f"{name} is what the model imputes", right))
        elif name in STANDARD:
            found.append(_standard(name, getattr(pupils, name), pupils.swv))
        elif name not in pupils.extra:
            what = f"the pupil table has no column {named(name)}{did_you_mean(name, known)}"
            problems.append(Problem(where, what, f"use columns such as {listed(known)}"))
        else:
            covariate = _free(name, pupils.extra[name], name in coded)
            problem = _unusable(covariate, where)
            if problem is None and name in groups and covariate.value is not None:
                covariate = coarser(covariate, groups[name])
            found.append(covariate)
            problems += [] if problem is None else [problem]
        if name in groups and (name in STANDARD or not _is_number(found, name)):
            right = "leave it out of imputation.bins"
            problems.append(Problem(where, f"{name} has no numbers to put into bins", right))
    if problems:
        raise InputError(problems)
    return found


def _is_number(found: Sequence[Covariate], name: str) -> bool:
    """Whether the column just read is numeric; what could not be read is another matter."""
    return not found or found[-1].name != name or found[-1].value is not None


def coarser(covariate: Covariate, bins: int) -> Covariate:
    """Put the numbers of a covariate into groups of about as many rows (quantiles).

    Every number becomes the mean of its group, so that the covariate stays a number with one
    coefficient. Equal numbers stay together, empty cells stay empty.

    Parameters
    ----------
    covariate : Covariate
        Numeric.
    bins : int
        At most so many groups.

    Returns
    -------
    Covariate
    """
    assert covariate.value is not None
    value = covariate.value
    many = np.bincount(covariate.code, minlength=len(value)).astype(np.float64)
    given = ~np.isnan(value)
    rows = np.where(given, many, 0.0)
    # by the middle of the rows that share a number
    middle = np.cumsum(rows) - rows / 2
    group = np.minimum((middle * bins / max(rows.sum(), 1.0)).astype(np.int64), bins - 1)
    group[~given] = bins
    _, group = np.unique(group, return_inverse=True)
    total = np.bincount(group, weights=np.where(given, rows * np.nan_to_num(value), 0.0))
    size = np.bincount(group, weights=rows)
    mean = np.divide(total, size, out=np.full(len(size), np.nan), where=size > 0)
    return Covariate(covariate.name, group[covariate.code].astype(np.int32), mean, ())


def _standard(name: str, column: NDArray[Any], swv: tuple[str, ...]) -> Covariate:
    if name == "grade":
        return Covariate(name, (column - 3).astype(np.int32), None, ("3", "4"))
    labels = _NAMES.get(name, swv)
    code = np.where(column == codes.EMPTY, len(labels), column).astype(np.int32)
    return Covariate(name, code, None, (*labels, ""))


def _free(name: str, column: NDArray[Any], coded: bool) -> Covariate:
    if column.dtype == object:
        import pandas as pd

        code, values = pd.factorize(column, sort=True)
        labels = (*(str(value) for value in values), "")
        code = np.where(code < 0, len(values), code)
        return Covariate(name, code.astype(np.int32), None, labels)
    if column.dtype == np.bool_:
        return Covariate(name, column.astype(np.int32), None, ("false", "true"))
    value, code = np.unique(column, return_inverse=True)
    if coded:
        # positions of codes, -1 where empty
        labels = tuple("" if v == codes.EMPTY else str(v) for v in value.tolist())
        return Covariate(name, code.astype(np.int32), None, labels)
    return Covariate(name, code.astype(np.int32), value.astype(np.float64), ())


def _unusable(covariate: Covariate, where: str) -> Problem | None:
    if covariate.value is not None:
        if np.isinf(covariate.value).any():
            what = f"column {named(covariate.name)} has numbers that are not finite"
            return Problem(where, what, "leave these cells empty")
        empty = bool(np.isnan(covariate.value).all())
    else:
        empty = not any(covariate.labels)
    if empty:
        what = f"column {named(covariate.name)} is empty in every row"
        return Problem(where, what, "leave it out")
    if covariate.value is None and covariate.size > _MOST_CATEGORIES + 1:
        what = f"column {named(covariate.name)} has {covariate.size:,} different values as text"
        return Problem(where, what, f"at most {_MOST_CATEGORIES}, or numbers")
    return None


def distinct(
    columns: Sequence[NDArray[np.int32]], rows: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Find the distinct combinations of codes.

    Parameters
    ----------
    columns : sequence of int32 arrays, shape ``(rows,)``
        Codes, at least 0.
    rows : int

    Returns
    -------
    int32 array, shape ``(patterns, columns)``
        In lexicographic order.
    int32 array, shape ``(rows,)``
        Pattern of every row.
    """
    pattern = np.zeros(rows, np.int64)
    limit = 1
    for column in columns:
        size = int(column.max(initial=0)) + 1
        if limit * size >= 1 << 62:
            _, pattern = np.unique(pattern, return_inverse=True)
            limit = rows
        pattern = pattern * size + column
        limit *= size
    _, first, of_row = np.unique(pattern, return_index=True, return_inverse=True)
    kept = np.empty((len(first), len(columns)), np.int32)
    for k, column in enumerate(columns):
        kept[:, k] = column[first]
    return kept, of_row.astype(np.int32)


@dataclass(frozen=True, eq=False)
class Features:
    """Features of one covariate.

    Attributes
    ----------
    table : float64 array, shape ``(codes, features)``
    names : tuple of str
    scale : tuple of float
        What a feature was divided by; 1 for indicators.
    pooled : tuple of str
        Categories that occur and have no coefficient of their own, apart from the base.
    """

    table: NDArray[np.float64]
    names: tuple[str, ...]
    scale: tuple[float, ...]
    pooled: tuple[str, ...]


def feature_table(
    covariate: Covariate, counts: NDArray[np.int64], occurs: NDArray[np.bool_], ordered: bool
) -> Features:
    """Turn a covariate's codes into features.

    Categories: one indicator per category but the most frequent one, the base. A category with
    fewer than `FEW` parents, or with parents of the lowest or of the highest level only, has no
    coefficient that could be estimated: it counts as the base, or, where categories are ordered,
    as the nearest that has one. Numbers: the number less its mean, in standard deviations, and an
    indicator for empty cells; where too few of the parents have one, it counts as the mean.

    Parameters
    ----------
    covariate : Covariate
    counts : int64 array, shape ``(codes, 8)``
        Parents of the fit per code and level.
    occurs : bool array, shape ``(codes,)``
        Codes of the parents of the fit, and of those to be imputed.
    ordered : bool
        The codes are ordered: the other parent's level.

    Returns
    -------
    Features
    """
    total = counts.sum(axis=1)
    levels = np.flatnonzero(counts.sum(axis=0))
    extreme = counts[:, [levels[0], levels[-1]]].max(axis=1) == total
    enough = (total >= FEW) & ~extreme
    if covariate.value is not None:
        return _numeric(covariate.name, covariate.value, total, occurs, enough)
    base = int(total.argmax())
    enough[base] = True
    own = np.flatnonzero(enough)
    stands_for = np.full(covariate.size, base)
    if ordered:
        # ties go to the lower level
        stands_for = own[np.abs(np.arange(covariate.size)[:, None] - own).argmin(axis=1)]
    stands_for[own] = own
    kept = own[own != base]
    labels = [label or "empty" for label in covariate.labels]
    return Features(
        table=(stands_for[:, None] == kept).astype(np.float64),
        names=tuple(f"{covariate.name}={labels[k]}" for k in kept),
        scale=(1.0,) * len(kept),
        pooled=tuple(labels[k] for k in np.flatnonzero(occurs & ~enough)),
    )


def _numeric(
    name: str,
    value: NDArray[np.float64],
    total: NDArray[np.int64],
    occurs: NDArray[np.bool_],
    enough: NDArray[np.bool_],
) -> Features:
    given = ~np.isnan(value)
    seen = given & (total > 0)
    columns: list[NDArray[np.float64]] = []
    names: list[str] = []
    scale: list[float] = []
    pooled: list[str] = []
    if seen.sum() > 1:
        mean = np.average(value[seen], weights=total[seen])
        deviation = float(np.sqrt(np.average((value[seen] - mean) ** 2, weights=total[seen])))
        columns.append(np.where(given, (value - mean) / deviation, 0.0))
        names.append(name)
        scale.append(deviation)
    if occurs[~given].any():
        if enough[~given].all() and seen.any():
            columns.append((~given).astype(np.float64))
            names.append(f"{name}=empty")
            scale.append(1.0)
        else:
            pooled.append("empty")
    table = np.column_stack(columns) if columns else np.zeros((len(value), 0))
    return Features(table, tuple(names), tuple(scale), tuple(pooled))
