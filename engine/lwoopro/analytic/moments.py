"""Moments of types and pairs at one cut, and their sums over the units (D-1, Q-5).

Every pupil has four features at a cut. Types and pairs come from `cells`.
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.types import Floats, Int32s, Int64s

__all__ = [
    "FEATURES",
    "SECONDS",
    "add_classes",
    "add_pairs",
    "add_types",
    "class_means",
    "moments_of_types",
    "pair_moments",
]

FEATURES = 4
"""Of a pupil, at a cut c: score < c; score <= c; max(0, c - score); score - c."""

SECONDS = FEATURES * FEATURES


@kernel
def _features(f: Floats, height: Floats, rank: int, cut: int) -> None:
    f[0] = 1.0 if rank < cut else 0.0
    f[1] = 1.0 if rank <= cut else 0.0
    f[2] = -height[rank] if rank < cut else 0.0
    f[3] = height[rank]


@kernel
def moments_of_types(
    mean: Floats,
    square: Floats,
    start: Int64s,
    cell_rank: Int32s,
    cell_chance: Floats,
    height: Floats,
    cut: int,
) -> None:
    """Mean of the features of every type, and of their products, at one cut.

    Parameters
    ----------
    mean : float64 array, shape ``(types, 4)``
    square : float64 array, shape ``(types, 16)``
        Output.
    start, cell_rank, cell_chance
        From `cells.type_cells`.
    height : float64 array, shape ``(ranks,)``
        Score less the cut score, in score points.
    cut : int
        Rank of c.
    """
    f = np.zeros(FEATURES)
    for t in range(mean.shape[0]):
        mean[t] = 0.0
        square[t] = 0.0
        for c in range(start[t], start[t + 1]):
            _features(f, height, cell_rank[c], cut)
            p = cell_chance[c]
            for i in range(FEATURES):
                mean[t, i] += p * f[i]
                for j in range(i, FEATURES):
                    square[t, FEATURES * i + j] += p * f[i] * f[j]
        for i in range(FEATURES):
            for j in range(i):
                square[t, FEATURES * i + j] = square[t, FEATURES * j + i]


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
    mean: Floats,
    height: Floats,
    cut: int,
) -> None:
    """Covariance of the features of every pair.

    Parameters
    ----------
    shared : float64 array, shape ``(pairs, 16)``
        Output: rows are the left pupil's features, columns the right one's.
    start, weight, first, second, side_rank, side_chance, left, right
        See `cells.pair_cells`.
    mean, height, cut
        See `moments_of_types`.
    """
    f = np.zeros(FEATURES)
    one = np.zeros(FEATURES)
    other = np.zeros(FEATURES)
    for p in range(left.shape[0]):
        shared[p] = 0.0
        for c in range(start[p], start[p + 1]):
            one[:] = 0.0
            other[:] = 0.0
            for k in range(first[c], second[c]):
                _features(f, height, side_rank[k], cut)
                for i in range(FEATURES):
                    one[i] += side_chance[k] * f[i]
            for k in range(second[c], first[c + 1]):
                _features(f, height, side_rank[k], cut)
                for i in range(FEATURES):
                    other[i] += side_chance[k] * f[i]
            for i in range(FEATURES):
                for j in range(FEATURES):
                    shared[p, FEATURES * i + j] += weight[c] * one[i] * other[j]
        for i in range(FEATURES):
            for j in range(FEATURES):
                shared[p, FEATURES * i + j] -= mean[left[p], i] * mean[right[p], j]


@kernel
def add_types(
    total: Floats,
    own: Floats,
    national: Floats,
    unit: Int64s,
    kind: Int64s,
    coefficient: Floats,
    mean: Floats,
    square: Floats,
) -> None:
    """Add the types to the sums of their units, in the upper triangles alone.

    Parameters
    ----------
    total : float64 array, shape ``(units, 4)``
        Expected sums of the features.
    own, national : float64 array, shape ``(units, 16)``
        Covariance of a unit's sums with each other, and with the country's sums (columns).
    unit, kind : int64 array, shape ``(entries,)``
        Unit and type.
    coefficient : float64 array, shape ``(entries, 4)``
        Of the mean; of the variance within the unit and with the country; of the mean square.
    mean, square
        From `moments_of_types`.
    """
    for e in range(unit.shape[0]):
        j = unit[e]
        t = kind[e]
        within = coefficient[e, 1]
        across = coefficient[e, 2]
        chosen = coefficient[e, 3]
        for i in range(FEATURES):
            here = mean[t, i]
            total[j, i] += coefficient[e, 0] * here
            for k in range(i, FEATURES):
                at = FEATURES * i + k
                covariance = square[t, at] - here * mean[t, k]
                extra = chosen * square[t, at]
                own[j, at] += within * covariance + extra
                national[j, at] += across * covariance + extra


@kernel
def class_means(average: Floats, start: Int64s, kind: Int64s, share: Floats, mean: Floats) -> None:
    """Mean of the features of every donor class.

    Parameters
    ----------
    average : float64 array, shape ``(classes, 4)``
        Output.
    start : int64 array, shape ``(classes + 1,)``
    kind, share : int64 and float64 array
        Types of a class, and their shares of it.
    mean
        From `moments_of_types`.
    """
    for c in range(start.shape[0] - 1):
        average[c] = 0.0
        for e in range(start[c], start[c + 1]):
            for i in range(FEATURES):
                average[c, i] += share[e] * mean[kind[e], i]


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
            for i in range(FEATURES):
                for k in range(i, FEATURES):
                    both = recipients[e] * average[c, i] * average[c, k]
                    own[unit[e], FEATURES * i + k] -= both
                    national[unit[e], FEATURES * i + k] -= both


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
        for i in range(FEATURES):
            for k in range(FEATURES):
                at = FEATURES * i + k
                one = shared[p, at]
                turned = shared[p, FEATURES * k + i]
                own[j, at] += coefficient[e, 0] * (one + turned)
                national[j, at] += coefficient[e, 1] * one + coefficient[e, 2] * turned
