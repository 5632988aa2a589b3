"""Ways of being drawn: pupils who are alike in all that chance decides by (I-1)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lwoopro.analytic.cells import type_cells
from lwoopro.analytic.inputs import Chances
from lwoopro.pupils.order import numbered

__all__ = ["Types", "columns", "distinct_rows", "list_types"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Types:
    """Ways of being drawn, and their distributions over the ranks; see `cells.type_cells`."""

    start: Ints
    rank: NDArray[np.int32]
    chance: Floats


def list_types(chances: Chances) -> tuple[Ints, Ints, Types]:
    """List the ways of being drawn; known profiles that may be donors come after them.

    Parameters
    ----------
    chances : Chances

    Returns
    -------
    kind : int64 array, shape ``(drawn,)``
        Type of every drawn pupil.
    known_kind : int64 array, shape ``(profiles,)``
        Type of every profile that a donor is known to have; 0 elsewhere.
    types : Types
    """
    same = (chances.mother_key == chances.father_key) & (chances.mother_key >= 0)
    table = np.column_stack(
        [chances.base, chances.mother_row, chances.father_row, chances.father_follows, same]
    ).astype(np.int64)
    distinct, kind = distinct_rows(table)
    profiles = np.unique(-1 - chances.candidate[chances.candidate < 0])
    known_kind = np.zeros(len(chances.score), np.int64)
    known_kind[profiles] = len(distinct) + np.arange(len(profiles))
    fixed = np.zeros((len(profiles), table.shape[1]), np.int64)
    fixed[:, 0], fixed[:, 1:3] = profiles, -1
    every = np.concatenate([distinct, fixed])
    start = np.zeros(len(every) + 1, np.int64)
    rank, chance = np.empty(64 * len(every), np.int32), np.empty(64 * len(every))
    end = type_cells(
        start,
        rank,
        chance,
        *columns(every),
        every[:, 4].astype(bool),
        chances.threshold,
        chances.rank,
        chances.mother_step,
    )
    return kind, known_kind, Types(start, rank[:end].copy(), chance[:end].copy())


def distinct_rows(table: Ints) -> tuple[Ints, Ints]:
    """Give the different rows of a table, and which of them each row is.

    Parameters
    ----------
    table : int64 array, shape ``(rows, columns)``

    Returns
    -------
    distinct : int64 array, shape ``(different rows, columns)``
        Rising, the first column counting most.
    number : int64 array, shape ``(rows,)``

    Examples
    --------
    >>> distinct, number = distinct_rows(np.array([[2, 7], [1, 9], [2, 7]]))
    >>> distinct.tolist(), number.tolist()
    ([[1, 9], [2, 7]], [1, 0, 1])
    """
    number = np.zeros(len(table), np.int64)
    size = 1
    for column in table.T:
        low = int(column.min(initial=0))
        wide = int(column.max(initial=0)) - low + 1
        if size * wide >= 1 << 62:
            _, number = numbered(number)
            size = len(table)
        number, size = number * wide + (column - low), size * wide
    _, number = numbered(number)
    example = np.zeros(int(number.max(initial=-1)) + 1, np.int64)
    example[number] = np.arange(len(table))
    return table[example], number


def columns(table: Ints) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
    """Give the columns of a table of types as `cells.type_cells` takes them.

    Parameters
    ----------
    table : int64 array, shape ``(types, 4 or more)``

    Returns
    -------
    base, mother, father : int64 array, shape ``(types,)``
        Profile, and rows of the thresholds.
    follows : bool array, same shape
        The father's row counts from the mother's level on.
    """
    base, mother, father, follows = (np.ascontiguousarray(table[:, k]) for k in range(4))
    return base, mother, father, follows.astype(bool)
