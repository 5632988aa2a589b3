"""Moments of types and pairs at several cuts, and their sums over the units (D-1, Q-5).

Every pupil has four features at a cut. `LANES` cuts are worked out side by side: every number of a
table is a row of so many, next to each other, so that one pass over the cells and entries serves
all and the processor does several in one instruction. Every cut is added up in the same order as
by itself. Types and pairs come from `cells`.
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.types import Floats, Int32s, Int64s

__all__ = [
    "FEATURES",
    "LANES",
    "POWERS",
    "SECONDS",
    "add_classes",
    "add_pairs",
    "add_types",
    "class_means",
    "moments_of_types",
    "pair_moments",
]

LANES = 16
"""Cuts at a time; fewer are filled up. For shorter loops the compiler uses no vectors, as it does
not know that the tables lie apart."""

FEATURES = 4
"""Of a pupil, at a cut c: score < c; score <= c; max(0, c - score); score - c."""

SECONDS = FEATURES * FEATURES

POWERS = FEATURES + 2
"""Means of the features, and of the squares of the third and the fourth. No product of two
features is anything else, but for the sign: who is below c is also up to c, and there the third
is the fourth turned round."""


@kernel
def moments_of_types(
    table: Floats,
    start: Int64s,
    cell_rank: Int32s,
    cell_chance: Floats,
    score: Floats,
    cut: Floats,
) -> None:
    """Mean of the features of every type, and of their products, at some cuts.

    Parameters
    ----------
    table : float64 array, shape ``(types, 6 * lanes)``
        Output, see `POWERS`.
    start, cell_rank, cell_chance
        From `cells.type_cells`.
    score : float64 array, shape ``(ranks,)``
        Of every rank, in score points.
    cut : float64 array, shape ``(lanes,)``
        The scores c.
    """
    for t in range(table.shape[0]):
        for v in range(POWERS * LANES):
            table[t, v] = 0.0
        for c in range(start[t], start[t + 1]):
            p = cell_chance[c]
            here = score[cell_rank[c]]
            for v in range(LANES):
                height = here - cut[v]
                below = p if height < 0.0 else 0.0
                table[t, v] += below
                table[t, LANES + v] += p if height <= 0.0 else 0.0
                table[t, 2 * LANES + v] -= below * height
                table[t, 3 * LANES + v] += p * height
                table[t, 4 * LANES + v] += below * height * height
                table[t, 5 * LANES + v] += p * height * height


@kernel
def pair_moments(
    shared: Floats,
    start: Int64s,
    weight: Floats,
    first: Int64s,
    second: Int64s,
    side_rank: Int32s,
    side_chance: Floats,
    left: Int64s,
    right: Int64s,
    table: Floats,
    score: Floats,
    cut: Floats,
) -> None:
    """Covariance of the features of every pair.

    Parameters
    ----------
    shared : float64 array, shape ``(pairs, 16 * lanes)``
        Output: rows are the left pupil's features, columns the right one's.
    start, weight, first, second, side_rank, side_chance, left, right
        See `cells.pair_cells`.
    table, score, cut
        See `moments_of_types`.
    """
    sides = np.empty((2, FEATURES * LANES))
    for p in range(left.shape[0]):
        for v in range(SECONDS * LANES):
            shared[p, v] = 0.0
        for c in range(start[p], start[p + 1]):
            for side in range(2):
                for v in range(FEATURES * LANES):
                    sides[side, v] = 0.0
                begin = first[c] if side == 0 else second[c]
                end = second[c] if side == 0 else first[c + 1]
                for k in range(begin, end):
                    q = side_chance[k]
                    here = score[side_rank[k]]
                    for v in range(LANES):
                        height = here - cut[v]
                        below = q if height < 0.0 else 0.0
                        sides[side, v] += below
                        sides[side, LANES + v] += q if height <= 0.0 else 0.0
                        sides[side, 2 * LANES + v] -= below * height
                        sides[side, 3 * LANES + v] += q * height
            for i in range(FEATURES):
                for j in range(FEATURES):
                    at = (FEATURES * i + j) * LANES
                    for v in range(LANES):
                        one = weight[c] * sides[0, i * LANES + v]
                        shared[p, at + v] += one * sides[1, j * LANES + v]
        for i in range(FEATURES):
            for j in range(FEATURES):
                at = (FEATURES * i + j) * LANES
                for v in range(LANES):
                    one = table[left[p], i * LANES + v]
                    shared[p, at + v] -= one * table[right[p], j * LANES + v]


@kernel
def add_types(
    total: Floats,
    own: Floats,
    national: Floats,
    unit: Int64s,
    kind: Int64s,
    coefficient: Floats,
    table: Floats,
) -> None:
    """Add the types to the sums of their units, in the upper triangles alone.

    Parameters
    ----------
    total : float64 array, shape ``(units, 4 * lanes)``
        Expected sums of the features.
    own, national : float64 array, shape ``(units, 16 * lanes)``
        Covariance of a unit's sums with each other, and with the country's sums (columns).
    unit, kind : int64 array, shape ``(entries,)``
        Unit and type.
    coefficient : float64 array, shape ``(entries, 4)``
        Of the mean; of the variance within the unit and with the country; of the mean square.
    table
        From `moments_of_types`.
    """
    for e in range(unit.shape[0]):
        j = unit[e]
        t = kind[e]
        once = coefficient[e, 0]
        within = coefficient[e, 1]
        across = coefficient[e, 2]
        chosen = coefficient[e, 3]
        for v in range(LANES):
            f0 = table[t, v]
            f1 = table[t, LANES + v]
            f2 = table[t, 2 * LANES + v]
            f3 = table[t, 3 * LANES + v]
            total[j, v] += once * f0
            total[j, LANES + v] += once * f1
            total[j, 2 * LANES + v] += once * f2
            total[j, 3 * LANES + v] += once * f3
            s22 = table[t, 4 * LANES + v]
            s33 = table[t, 5 * LANES + v]
            # products of the features: 00 01 02 03, 11 12 13, 22 23, 33
            c = f0 - f0 * f0
            own[j, v] += within * c + chosen * f0
            national[j, v] += across * c + chosen * f0
            c = f0 - f0 * f1
            own[j, LANES + v] += within * c + chosen * f0
            national[j, LANES + v] += across * c + chosen * f0
            c = f2 - f0 * f2
            own[j, 2 * LANES + v] += within * c + chosen * f2
            national[j, 2 * LANES + v] += across * c + chosen * f2
            c = -f2 - f0 * f3
            own[j, 3 * LANES + v] += within * c - chosen * f2
            national[j, 3 * LANES + v] += across * c - chosen * f2
            c = f1 - f1 * f1
            own[j, 5 * LANES + v] += within * c + chosen * f1
            national[j, 5 * LANES + v] += across * c + chosen * f1
            c = f2 - f1 * f2
            own[j, 6 * LANES + v] += within * c + chosen * f2
            national[j, 6 * LANES + v] += across * c + chosen * f2
            c = -f2 - f1 * f3
            own[j, 7 * LANES + v] += within * c - chosen * f2
            national[j, 7 * LANES + v] += across * c - chosen * f2
            c = s22 - f2 * f2
            own[j, 10 * LANES + v] += within * c + chosen * s22
            national[j, 10 * LANES + v] += across * c + chosen * s22
            c = -s22 - f2 * f3
            own[j, 11 * LANES + v] += within * c - chosen * s22
            national[j, 11 * LANES + v] += across * c - chosen * s22
            c = s33 - f3 * f3
            own[j, 15 * LANES + v] += within * c + chosen * s33
            national[j, 15 * LANES + v] += across * c + chosen * s33


@kernel
def class_means(average: Floats, start: Int64s, kind: Int64s, share: Floats, table: Floats) -> None:
    """Mean of the features of every donor class.

    Parameters
    ----------
    average : float64 array, shape ``(classes, 4 * lanes)``
        Output.
    start : int64 array, shape ``(classes + 1,)``
    kind, share : int64 and float64 array
        Types of a class, and their shares of it.
    table
        From `moments_of_types`.
    """
    for c in range(start.shape[0] - 1):
        for v in range(FEATURES * LANES):
            average[c, v] = 0.0
        for e in range(start[c], start[c + 1]):
            of = share[e]
            t = kind[e]
            for v in range(FEATURES * LANES):
                average[c, v] += of * table[t, v]


@kernel
def add_classes(
    own: Floats,
    national: Floats,
    unit_start: Int64s,
    unit: Int64s,
    recipients: Floats,
    average: Floats,
) -> None:
    """Take off the square of the mean of every donor class, once per recipient.

    In the upper triangles alone, as `add_types`.

    Parameters
    ----------
    own, national
        See `add_types`.
    unit_start : int64 array, shape ``(classes + 1,)``
    unit, recipients : int64 and float64 array
        Units of the class' recipients, and their numbers.
    average
        From `class_means`.
    """
    for c in range(average.shape[0]):
        for e in range(unit_start[c], unit_start[c + 1]):
            j = unit[e]
            many = recipients[e]
            for i in range(FEATURES):
                for k in range(i, FEATURES):
                    at = (FEATURES * i + k) * LANES
                    for v in range(LANES):
                        both = many * average[c, i * LANES + v] * average[c, k * LANES + v]
                        own[j, at + v] -= both
                        national[j, at + v] -= both


@kernel
def add_pairs(
    own: Floats,
    national: Floats,
    unit: Int64s,
    pair: Int64s,
    coefficient: Floats,
    shared: Floats,
) -> None:
    """Add what pairs who share a parent have in common.

    Parameters
    ----------
    own, national
        See `add_types`.
    unit, pair : int64 array, shape ``(entries,)``
    coefficient : float64 array, shape ``(entries, 3)``
        Within the unit; with the country, left pupil in the unit and right pupil in it.
    shared
        From `pair_moments`.
    """
    for e in range(unit.shape[0]):
        j = unit[e]
        p = pair[e]
        within = coefficient[e, 0]
        from_left = coefficient[e, 1]
        from_right = coefficient[e, 2]
        for i in range(FEATURES):
            for k in range(FEATURES):
                at = (FEATURES * i + k) * LANES
                across = (FEATURES * k + i) * LANES
                for v in range(LANES):
                    one = shared[p, at + v]
                    turned = shared[p, across + v]
                    own[j, at + v] += within * (one + turned)
                    national[j, at + v] += from_left * one + from_right * turned
