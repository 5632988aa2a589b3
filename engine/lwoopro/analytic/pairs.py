"""Pairs of pupils who share a uniform through a parent, by kind, and what they count for (I-5)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lwoopro.analytic.cells import BOTH, FATHER, MOTHER, pair_cells
from lwoopro.analytic.inputs import Chances
from lwoopro.analytic.types import columns, distinct_rows
from lwoopro.pupils.order import order_by

__all__ = ["Pairs", "expand", "find_pairs", "pair_kinds", "pair_weights", "pairs_in_classes"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Kinds of pairs who share a uniform; see `cells.pair_cells`."""

    left: Ints
    right: Ints
    start: Ints
    weight: Floats
    first: Ints
    second: Ints
    rank: NDArray[np.int32]
    chance: Floats


def find_pairs(chances: Chances) -> tuple[Ints, Ints, Ints]:
    """Find all pairs of drawn pupils who share a uniform, and through which of their parents.

    Parameters
    ----------
    chances : Chances

    Returns
    -------
    left, right : int64 array, shape ``(pairs,)``
    roles : int64 array, shape ``(pairs, 4)``
        See `cells.pair_cells`.
    """
    drawn = np.arange(len(chances.base))
    key = np.concatenate([chances.mother_key, chances.father_key])
    pupil = np.concatenate([drawn, drawn])
    twice = (chances.mother_key == chances.father_key) & (chances.mother_key >= 0)
    # a person who is both parents stands in the list once
    use = (key >= 0) & ~np.concatenate([np.zeros(len(drawn), bool), twice])
    key, pupil = key[use], pupil[use]
    order = order_by(key, pupil)
    key, pupil = key[order], pupil[order]
    many = np.bincount(key)
    begin = np.cumsum(many) - many
    lefts, rights, keys = [], [], []
    for size in np.flatnonzero(np.bincount(many)[2:]) + 2:
        one, other = np.triu_indices(int(size), 1)
        at = begin[many == size][:, None]
        lefts.append(pupil[at + one].ravel())
        rights.append(pupil[at + other].ravel())
        keys.append(np.repeat(key[at], len(one)).ravel())
    if not lefts:
        return drawn[:0], drawn[:0], np.zeros((0, 4), np.int64)
    left, right, common = map(np.concatenate, (lefts, rights, keys))

    def role(who: Ints) -> Ints:
        mother, father = chances.mother_key[who] == common, chances.father_key[who] == common
        return np.where(mother & father, BOTH, np.where(mother, MOTHER, FATHER))

    order = order_by(left, right, role(left))
    left, right, common = left[order], right[order], common[order]
    roles = np.column_stack([role(left), role(right)])
    again = np.zeros(len(left), bool)
    again[1:] = (left[1:] == left[:-1]) & (right[1:] == right[:-1])
    begin = np.flatnonzero(~again)
    found = np.zeros((len(begin), 4), np.int64)
    found[:, :2] = roles[begin]
    second = np.flatnonzero(again)
    found[np.searchsorted(begin, second) - 1, 2:] = roles[second]
    return left[begin], right[begin], found


def pair_kinds(
    chances: Chances, kind: Ints, left: Ints, right: Ints, roles: Ints
) -> tuple[Ints, Pairs]:
    """List the kinds of pairs and work out their joint distributions.

    Parameters
    ----------
    chances : Chances
    kind : int64 array, shape ``(drawn,)``
        From `types.list_types`.
    left, right, roles
        From `find_pairs`.

    Returns
    -------
    int64 array, shape ``(pairs,)``
        Kind of every pair.
    Pairs
    """
    table = np.column_stack([kind[left], kind[right], roles])
    distinct, which = distinct_rows(table)
    example = np.zeros(int(kind.max(initial=-1)) + 1, np.int64)
    example[kind] = np.arange(len(kind))
    rows = np.column_stack(
        [chances.base, chances.mother_row, chances.father_row, chances.father_follows]
    ).astype(np.int64)[example]
    one, other = np.ascontiguousarray(distinct[:, 0]), np.ascontiguousarray(distinct[:, 1])
    start = np.zeros(len(distinct) + 1, np.int64)

    def fill(cells: int, entries: int, write: bool) -> tuple[tuple[int, int], Pairs]:
        first = np.zeros(cells + 1, np.int64)
        second = np.zeros(cells, np.int64)
        weight = np.zeros(cells)
        rank, chance = np.zeros(entries, np.int32), np.zeros(entries)
        sizes = pair_cells(
            start,
            weight,
            first,
            second,
            rank,
            chance,
            one,
            other,
            np.ascontiguousarray(distinct[:, 2:]),
            *columns(rows),
            chances.threshold,
            chances.rank,
            chances.mother_step,
            write,
        )
        return sizes, Pairs(one, other, start, weight, first, second, rank, chance)

    sizes, _ = fill(0, 0, False)
    return which, fill(*sizes, True)[1]


def pairs_in_classes(
    inside: Ints, candidate: Ints, left: Ints, right: Ints, drawn: int
) -> tuple[Ints, Ints]:
    """Find for every pair the donor classes that hold both pupils.

    Parameters
    ----------
    inside, candidate : int64 array, shape ``(entries,)``
        Class, and possible donor in it.
    left, right : int64 array, shape ``(pairs,)``
    drawn : int
        Number of drawn pupils.

    Returns
    -------
    classes, pairs : int64 array
        One entry per class that holds a pair.
    """
    place, owner = expand(candidate, left, drawn)
    where = inside[order_by(candidate)[place]]
    held = np.sort(inside * max(drawn, 1) + candidate)
    wanted = where * max(drawn, 1) + right[owner]
    at = np.minimum(np.searchsorted(held, wanted), max(len(held) - 1, 0))
    hit = held[at] == wanted if len(held) else np.zeros(len(wanted), bool)
    return where[hit], owner[hit]


def expand(pupil: Ints, wanted: Ints, drawn: int) -> tuple[Ints, Ints]:
    """List the entries of every wanted pupil.

    Parameters
    ----------
    pupil : int64 array, shape ``(entries,)``
        Whose each entry is.
    wanted : int64 array
    drawn : int
        Number of pupils.

    Returns
    -------
    place, owner : int64 array
        Place of an entry in the order by pupil, and position in `wanted`.

    Examples
    --------
    >>> place, owner = expand(np.array([0, 0, 2]), np.array([2, 0]), 3)
    >>> place.tolist(), owner.tolist()
    ([2, 0, 1], [0, 1, 1])
    """
    many = np.bincount(pupil, minlength=drawn) if drawn else np.zeros(0, np.int64)
    begin = np.cumsum(many) - many
    size = many[wanted]
    owner = np.repeat(np.arange(len(wanted)), size)
    inside = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    return begin[wanted][owner] + inside, owner


def pair_weights(
    weights: tuple[Ints, Ints, Floats],
    in_country: Floats,
    left: Ints,
    right: Ints,
    units: int,
    drawn: int,
) -> tuple[Ints, Ints, Floats]:
    """Products of the weights of the two pupils of every pair, per unit.

    Parameters
    ----------
    weights : tuple of arrays
        Pupil, unit and weight, from `weights.pupil_weights`.
    in_country : float64 array, shape ``(drawn,)``
    left, right : int64 array, shape ``(pairs,)``
    units, drawn : int

    Returns
    -------
    unit, pair : int64 array, shape ``(entries,)``
    coefficient : float64 array, shape ``(entries, 3)``
        See `moments.add_pairs`.
    """
    pupil, unit, weight = weights
    cell = pupil * units + unit

    def at(who: Ints, where: Ints) -> Floats:
        wanted = who * units + where
        place = np.minimum(np.searchsorted(cell, wanted), max(len(cell) - 1, 0))
        if not len(cell):
            return np.zeros(len(wanted))
        return np.asarray(np.where(cell[place] == wanted, weight[place], 0.0), np.float64)

    row, owner = expand(pupil, left, drawn)
    one_unit = unit[row]
    other = at(right[owner], one_unit)
    from_left = np.column_stack(
        [weight[row] * other, weight[row] * in_country[right[owner]], np.zeros(len(row))]
    )
    row, mate = expand(pupil, right, drawn)
    from_right = np.column_stack(
        [np.zeros(len(row)), np.zeros(len(row)), weight[row] * in_country[left[mate]]]
    )
    return (
        np.concatenate([one_unit, unit[row]]),
        np.concatenate([owner, mate]),
        np.concatenate([from_left, from_right]),
    )
