"""Who covaries with whom, worked out once per year (I-5, Q-5).

Given all levels, recipients choose their donors independently. So a swv's sum has two parts. The
expectation over the choices is a sum over the drawn pupils alone, each with a weight: 1 in his own
swv, and 1/K for every recipient there who may choose him among K. These vary together where they
share a parent. The choice itself adds each recipient's variance given the levels.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.analytic.cells import BOTH, FATHER, MOTHER, pair_cells, type_cells
from lwoopro.analytic.inputs import Chances
from lwoopro.analytic.weights import class_weights, pupil_weights
from lwoopro.pupils.order import numbered, order_by

__all__ = ["Families", "Pairs", "Side", "Types", "prepare_families"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SPARSE: Final = 1 << 20
"""A table of so many cells costs next to nothing."""


@dataclass(frozen=True, eq=False)
class Types:
    """Ways of being drawn, and their distributions over the ranks; see `cells.type_cells`."""

    start: Ints
    rank: NDArray[np.int32]
    chance: Floats


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


@dataclass(frozen=True, eq=False)
class Side:
    """One attribution: how types, pairs and donor classes add up per swv.

    Attributes
    ----------
    unit, kind : int64 array; coefficient : float64 array, shape ``(entries, 4)``
        See `moments.add_types`.
    pair_unit, pair : int64 array; pair_coefficient : float64 array, shape ``(entries, 3)``
        See `moments.add_pairs`.
    class_start, class_unit : int64 array; recipients : float64 array
        See `moments.add_classes`.
    known_below, known_score : float64 array, shape ``(swv, ranks + 1)``
        Pupils whose score is known and below each rank, and their sum of (score − lowest score).
    """

    unit: Ints
    kind: Ints
    coefficient: Floats
    pair_unit: Ints
    pair: Ints
    pair_coefficient: Floats
    class_start: Ints
    class_unit: Ints
    recipients: Floats
    known_below: Floats
    known_score: Floats


@dataclass(frozen=True, eq=False)
class Families:
    """A year ready for the moments.

    Attributes
    ----------
    types : Types
    pairs : Pairs
    class_start, class_kind : int64 array; class_share : float64 array
        Donor classes by type.
    sides : tuple of Side
        One per attribution.
    distinct : float64 array, shape ``(ranks,)``
        Scores, in score points.
    """

    types: Types
    pairs: Pairs
    class_start: Ints
    class_kind: Ints
    class_share: Floats
    sides: tuple[Side, ...]
    distinct: Floats


@dataclass(frozen=True, eq=False)
class _Donors:
    """Donor classes and their members, and the way back; see `weights`."""

    member_start: Ints
    kind: Ints
    known: NDArray[np.bool_]
    start: Ints
    donor_of: Ints


def prepare_families(chances: Chances) -> Families:
    """Find types, pairs and donor classes, and what each counts for in every swv.

    Parameters
    ----------
    chances : Chances

    Returns
    -------
    Families
    """
    drawn = len(chances.base)
    kind, known_kind, types = _types(chances)
    first_class, which = numbered(chances.start)
    length = np.zeros(len(first_class), np.int64)
    length[which] = chances.length
    inside = np.repeat(np.arange(len(first_class)), length)
    offset = np.arange(len(inside)) - np.repeat(np.cumsum(length) - length, length)
    candidate = chances.candidate[np.repeat(first_class, length) + offset]
    known = candidate < 0
    of_kind = np.where(known, known_kind[np.maximum(-1 - candidate, 0)], 0)
    of_kind[~known] = kind[candidate[~known]]
    share = 1.0 / np.repeat(length, length)

    pair_left, pair_right, roles = _shared(chances)
    pair_kind, pairs = _pair_kinds(chances, kind, pair_left, pair_right, roles)
    by_class = _Grouped.of(inside, of_kind, len(types.start) - 1, share)
    class_start = np.searchsorted(by_class.first, np.arange(len(first_class) + 1))
    pair_class, pair_in_class = _pairs_in_classes(
        inside[~known], candidate[~known], pair_left, pair_right, drawn
    )
    # the classes that a pupil may be a donor of, in order
    donor, donor_of = candidate[~known], inside[~known]
    donors = _Donors(
        member_start=np.concatenate([[0], np.cumsum(length)]),
        kind=of_kind,
        known=known,
        start=np.concatenate([[0], np.cumsum(np.bincount(donor, minlength=drawn))]),
        donor_of=donor_of[order_by(donor)],
    )
    sides = tuple(
        _side(
            chances,
            a,
            kind,
            which,
            length,
            donors,
            (pair_left, pair_right, pair_kind),
            (pair_class, pair_in_class),
            len(types.start) - 1,
            len(pairs.left),
        )
        for a in range(len(chances.unit))
    )
    return Families(
        types=types,
        pairs=pairs,
        class_start=class_start,
        class_kind=by_class.second,
        class_share=by_class.sums[:, 0],
        sides=sides,
        distinct=np.unique(chances.score) / 1e6,
    )


@dataclass(frozen=True, eq=False)
class _Grouped:
    """Sums over entries with the same two numbers, sorted by them."""

    first: Ints
    second: Ints
    sums: Floats

    @classmethod
    def of(cls, first: Ints, second: Ints, size: int, *values: Floats) -> "_Grouped":
        size = max(size, 1)
        key = first * size + second
        most = int(key.max(initial=0)) + 1
        if most <= _SPARSE + 2 * len(key):
            # a table of all cells is sooner filled than the entries are sorted
            cell = np.flatnonzero(np.bincount(key, minlength=most))
            dense = [np.bincount(key, weights=value, minlength=most)[cell] for value in values]
            return cls(cell // size, cell % size, np.column_stack(dense))
        cell, place = numbered(key)
        sums = [np.bincount(place, weights=value, minlength=len(cell)) for value in values]
        return cls(cell // size, cell % size, np.column_stack(sums))


def _types(chances: Chances) -> tuple[Ints, Ints, Types]:
    """List the ways of being drawn; known profiles that may be donors come after them."""
    same = (chances.mother_key == chances.father_key) & (chances.mother_key >= 0)
    table = np.column_stack(
        [chances.base, chances.mother_row, chances.father_row, chances.father_follows, same]
    ).astype(np.int64)
    distinct, kind = _distinct_rows(table)
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
        *_columns(every),
        every[:, 4].astype(bool),
        chances.threshold,
        chances.rank,
        chances.mother_step,
    )
    return kind, known_kind, Types(start, rank[:end].copy(), chance[:end].copy())


def _distinct_rows(table: Ints) -> tuple[Ints, Ints]:
    """Give the different rows of a table, and which of them each row is."""
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


def _columns(table: Ints) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
    base, mother, father, follows = (np.ascontiguousarray(table[:, k]) for k in range(4))
    return base, mother, father, follows.astype(bool)


def _shared(chances: Chances) -> tuple[Ints, Ints, Ints]:
    """Find all pairs of drawn pupils who share a uniform, and through which of their parents.

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


def _pair_kinds(
    chances: Chances, kind: Ints, left: Ints, right: Ints, roles: Ints
) -> tuple[Ints, Pairs]:
    """List the kinds of pairs and work out their joint distributions."""
    table = np.column_stack([kind[left], kind[right], roles])
    distinct, which = _distinct_rows(table)
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
            *_columns(rows),
            chances.threshold,
            chances.rank,
            chances.mother_step,
            write,
        )
        return sizes, Pairs(one, other, start, weight, first, second, rank, chance)

    sizes, _ = fill(0, 0, False)
    return which, fill(*sizes, True)[1]


def _pairs_in_classes(
    inside: Ints, candidate: Ints, left: Ints, right: Ints, drawn: int
) -> tuple[Ints, Ints]:
    """Find for every pair the donor classes that hold both pupils: class, and pair."""
    place, owner = _expand(candidate, left, drawn)
    where = inside[order_by(candidate)[place]]
    held = np.sort(inside * max(drawn, 1) + candidate)
    wanted = where * max(drawn, 1) + right[owner]
    at = np.minimum(np.searchsorted(held, wanted), max(len(held) - 1, 0))
    hit = held[at] == wanted if len(held) else np.zeros(len(wanted), bool)
    return where[hit], owner[hit]


def _expand(pupil: Ints, wanted: Ints, drawn: int) -> tuple[Ints, Ints]:
    """Entries of every wanted pupil: place in the order by pupil, and whose it is."""
    many = np.bincount(pupil, minlength=drawn) if drawn else np.zeros(0, np.int64)
    begin = np.cumsum(many) - many
    size = many[wanted]
    owner = np.repeat(np.arange(len(wanted)), size)
    inside = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    return begin[wanted][owner] + inside, owner


def _side(
    chances: Chances,
    attribution: int,
    kind: Ints,
    which: Ints,
    length: Ints,
    donors: _Donors,
    pairs: tuple[Ints, Ints, Ints],
    pairs_in_classes: tuple[Ints, Ints],
    kinds: int,
    pair_kinds: int,
) -> Side:
    """Weights of one attribution."""
    units = chances.pupils.shape[1]
    drawn = len(chances.base)
    known_below, known_score = _known(chances, attribution)
    ones = np.ones(len(which))
    # recipients of every class in every unit
    taken = _Grouped.of(which, chances.recipient_unit[attribution], units, ones)
    class_start = np.searchsorted(taken.first, np.arange(len(length) + 1))
    # all swv times types are a small table; pupils times swv are not
    coefficient = np.zeros((units * kinds, 4))
    used = np.zeros(units * kinds, bool)
    in_country = np.empty(drawn)
    room = drawn + int(np.diff(class_start)[donors.donor_of].sum())
    pupil, unit, weight = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
    by_unit = class_start, taken.second, taken.sums[:, 0].copy()
    end = pupil_weights(
        coefficient,
        used,
        in_country,
        pupil,
        unit,
        weight,
        chances.unit[attribution],
        kind,
        donors.start,
        donors.donor_of,
        *by_unit,
        length,
        kinds,
    )
    pupil, unit, weight = pupil[:end], unit[:end], weight[:end]
    class_weights(
        coefficient, used, donors.member_start, donors.kind, donors.known, *by_unit, kinds
    )
    cell = np.flatnonzero(used)
    left, right, pair_kind = pairs
    pair_unit, pair, pair_coefficient = _pair_weights(
        (pupil, unit, weight), in_country, left, right, units, drawn
    )
    together, owner = pairs_in_classes
    row, entry = _expand(taken.first, together, len(length))
    off = -taken.sums[row, 0] / length[taken.first[row]] ** 2
    of_pairs = _Grouped.of(
        np.concatenate([pair_unit, taken.second[row]]),
        pair_kind[np.concatenate([pair, owner[entry]])],
        pair_kinds,
        *(np.concatenate([pair_coefficient[:, k], off]) for k in range(3)),
    )
    return Side(
        unit=cell // kinds,
        kind=cell % kinds,
        coefficient=coefficient[cell],
        pair_unit=of_pairs.first,
        pair=of_pairs.second,
        pair_coefficient=of_pairs.sums,
        class_start=class_start,
        class_unit=taken.second,
        recipients=taken.sums[:, 0],
        known_below=known_below,
        known_score=known_score,
    )


def _known(chances: Chances, attribution: int) -> tuple[Floats, Floats]:
    """Count the known pupils of every swv below each rank, and sum their scores."""
    units, ranks = chances.pupils.shape[1], int(chances.rank.max()) + 1
    profile = chances.known_profile[attribution]
    cell = chances.known_unit[attribution] * ranks + chances.rank[profile]
    pupils = chances.known_pupils[attribution].astype(np.float64)
    lowest = chances.score.min()
    found = []
    for weights in (pupils, pupils * ((chances.score[profile] - lowest) / 1e6)):
        table = np.zeros((units, ranks + 1))
        table[:, 1:] = np.bincount(cell, weights=weights, minlength=units * ranks).reshape(
            units, ranks
        )
        found.append(np.cumsum(table, axis=1))
    return found[0], found[1]


def _pair_weights(
    weights: tuple[Ints, Ints, Floats],
    in_country: Floats,
    left: Ints,
    right: Ints,
    units: int,
    drawn: int,
) -> tuple[Ints, Ints, Floats]:
    """Products of the weights of the two pupils of every pair, per unit."""
    pupil, unit, weight = weights
    cell = pupil * units + unit

    def at(who: Ints, where: Ints) -> Floats:
        wanted = who * units + where
        place = np.minimum(np.searchsorted(cell, wanted), max(len(cell) - 1, 0))
        if not len(cell):
            return np.zeros(len(wanted))
        return np.asarray(np.where(cell[place] == wanted, weight[place], 0.0), np.float64)

    row, owner = _expand(pupil, left, drawn)
    one_unit = unit[row]
    other = at(right[owner], one_unit)
    from_left = np.column_stack(
        [weight[row] * other, weight[row] * in_country[right[owner]], np.zeros(len(row))]
    )
    row, mate = _expand(pupil, right, drawn)
    from_right = np.column_stack(
        [np.zeros(len(row)), np.zeros(len(row)), weight[row] * in_country[left[mate]]]
    )
    return (
        np.concatenate([one_unit, unit[row]]),
        np.concatenate([owner, mate]),
        np.concatenate([from_left, from_right]),
    )
