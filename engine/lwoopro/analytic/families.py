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

from lwoopro.analytic.inputs import Chances
from lwoopro.analytic.pairs import (
    Pairs,
    expand,
    find_pairs,
    pair_kinds,
    pair_weights,
    pairs_in_classes,
)
from lwoopro.analytic.types import Types, list_types
from lwoopro.analytic.weights import class_weights, pupil_weights
from lwoopro.pupils.order import numbered, order_by

__all__ = ["Families", "Side", "prepare_families"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SPARSE: Final = 1 << 20
"""A table of so many cells costs next to nothing."""


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
    kind, known_kind, types = list_types(chances)
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

    pair_left, pair_right, roles = find_pairs(chances)
    pair_kind, pairs = pair_kinds(chances, kind, pair_left, pair_right, roles)
    by_class = _Grouped.of(inside, of_kind, len(types.start) - 1, share)
    class_start = np.searchsorted(by_class.first, np.arange(len(first_class) + 1))
    pair_class, pair_in_class = pairs_in_classes(
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


def _side(
    chances: Chances,
    attribution: int,
    kind: Ints,
    which: Ints,
    length: Ints,
    donors: _Donors,
    pairs: tuple[Ints, Ints, Ints],
    in_classes: tuple[Ints, Ints],
    kinds: int,
    many_pairs: int,
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
    pair_unit, pair, pair_coefficient = pair_weights(
        (pupil, unit, weight), in_country, left, right, units, drawn
    )
    together, owner = in_classes
    row, entry = expand(taken.first, together, len(length))
    off = -taken.sums[row, 0] / length[taken.first[row]] ** 2
    of_pairs = _Grouped.of(
        np.concatenate([pair_unit, taken.second[row]]),
        pair_kind[np.concatenate([pair, owner[entry]])],
        many_pairs,
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
