"""Means and covariances of a year at one cut: exact, whatever the cut of a draw is (Q-5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.analytic.families import Families, Side
from lwoopro.analytic.inputs import Chances
from lwoopro.analytic.moments import (
    FEATURES,
    LANES,
    POWERS,
    SECONDS,
    add_classes,
    add_pairs,
    add_types,
    class_means,
    moments_of_types,
    pair_moments,
)

__all__ = ["AtCut", "at_cuts", "fourth_cumulants", "rank_counts", "scores_given"]

Floats = NDArray[np.float64]


_UPPER: Final = [FEATURES * i + k for k in range(FEATURES) for i in range(k)]
_LOWER: Final = [FEATURES * k + i for k in range(FEATURES) for i in range(k)]
"""Places of the two triangles of a matrix that is laid out row after row."""


@dataclass(frozen=True, eq=False)
class AtCut:
    """Sums of the features (see `moments.FEATURES`) over the pupils who are not asylum pupils.

    Attributes
    ----------
    mean : float64 array, shape ``(attribution, swv, 4)``
        Expected sums.
    own : float64 array, shape ``(attribution, swv, 4, 4)``
        Covariance of a swv's sums.
    shared : float64 array, same shape
        Covariance of a swv's sums with the country's (columns).
    national_mean : float64 array, shape ``(4,)``
    national : float64 array, shape ``(4, 4)``
    """

    mean: Floats
    own: Floats
    shared: Floats
    national_mean: Floats
    national: Floats


def at_cuts(chances: Chances, families: Families, cuts: Sequence[int]) -> list[AtCut]:
    """Work out the moments at some cuts; as many as `LANES` cost little more than one.

    Parameters
    ----------
    chances : Chances
    families : Families
    cuts : sequence of int
        Ranks of c among the distinct scores.

    Returns
    -------
    list of AtCut
        One per cut.
    """
    return [
        found
        for start in range(0, len(cuts), LANES)
        for found in _side_by_side(chances, families, cuts[start : start + LANES])
    ]


def _side_by_side(chances: Chances, families: Families, cuts: Sequence[int]) -> list[AtCut]:
    height = np.full(LANES, families.distinct[cuts[0]])
    height[: len(cuts)] = families.distinct[list(cuts)]
    types, pairs = families.types, families.pairs
    table = np.empty((len(types.start) - 1, POWERS * LANES))
    moments_of_types(table, types.start, types.rank, types.chance, families.distinct, height)
    average = np.empty((len(families.class_start) - 1, FEATURES * LANES))
    class_means(average, families.class_start, families.class_kind, families.class_share, table)
    shared = np.empty((len(pairs.left), SECONDS * LANES))
    pair_moments(
        shared,
        pairs.start,
        pairs.weight,
        pairs.first,
        pairs.second,
        pairs.rank,
        pairs.chance,
        pairs.left,
        pairs.right,
        table,
        families.distinct,
        height,
    )
    units = chances.pupils.shape[1]
    total = np.zeros((len(families.sides), units, FEATURES, LANES))
    own = np.zeros((len(families.sides), units, SECONDS, LANES))
    national = np.zeros_like(own)
    for a, side in enumerate(families.sides):
        for v, cut in enumerate(cuts):
            total[a, ..., v] = _known(side, families.distinct, cut)
        means, within, across = (
            one[a].reshape(len(one[a]), one.shape[2] * LANES) for one in (total, own, national)
        )
        add_types(means, within, across, side.unit, side.kind, side.coefficient, table)
        add_classes(within, across, side.class_start, side.class_unit, side.recipients, average)
        for both in (own[a], national[a]):
            both[:, _LOWER] = both[:, _UPPER]
        add_pairs(within, across, side.pair_unit, side.pair, side.pair_coefficient, shared)
    shape = (len(families.sides), units, FEATURES, FEATURES)
    found = []
    for v in range(len(cuts)):
        mean = np.ascontiguousarray(total[..., v])
        with_country = np.ascontiguousarray(national[..., v]).reshape(shape)
        found.append(
            AtCut(
                mean=mean,
                own=np.ascontiguousarray(own[..., v]).reshape(shape),
                shared=with_country,
                national_mean=mean[0].sum(axis=0),
                national=with_country[0].sum(axis=0),
            )
        )
    return found


def scores_given(
    chances: Chances, families: Families, cut: int, mean_score: float, asylum_score: float
) -> tuple[Floats, Floats]:
    """Mean and variance of S_j given the cut, the national mean and the asylum score: exact (Q-5).

    Parameters
    ----------
    chances : Chances
    families : Families
    cut : int
        Rank of c; the members have a score of c or less (T-2, `include`).
    mean_score, asylum_score : float
        A and G, in score points.

    Returns
    -------
    mean, variance : float64 array, shape ``(attribution, swv)``
        In score points.
    """
    at = at_cuts(chances, families, [cut])[0]
    own = np.array([0.0, mean_score - families.distinct[cut], 1.0, 0.0])
    mean = at.mean @ own + chances.asylum * (mean_score - asylum_score)
    return mean, np.einsum("i,ajik,k->aj", own, at.own, own)


def _known(side: Side, distinct: Floats, cut: int) -> Floats:
    """Add up the features of the pupils whose score is known."""
    number, score = side.known_below, side.known_score
    c = distinct[cut] - distinct[0]
    short = c * number[:, cut] - score[:, cut]
    return np.column_stack(
        [number[:, cut], number[:, cut + 1], short, score[:, -1] - c * number[:, -1]]
    )


def rank_counts(families: Families) -> Floats:
    """Give the expected number of pupils with every score, asylum pupils left out.

    Parameters
    ----------
    families : Families

    Returns
    -------
    float64 array, shape ``(ranks,)``
    """
    types, side = families.types, families.sides[0]
    many = np.bincount(side.kind, weights=side.coefficient[:, 0], minlength=len(types.start) - 1)
    of_cell = np.repeat(many, np.diff(types.start)) * types.chance
    ranks = len(families.distinct)
    drawn = np.bincount(types.rank, weights=of_cell, minlength=ranks)
    known = np.diff(side.known_below.sum(axis=0))
    return np.asarray(drawn + known, np.float64)


def fourth_cumulants(
    chances: Chances, families: Families, values: Sequence[Floats]
) -> list[Floats]:
    """Fourth cumulant of a swv's sum of a value per rank, as if no two pupils were related.

    It says how far the sum is from normal; siblings are few enough to be left out of it.

    Parameters
    ----------
    chances : Chances
    families : Families
    values : sequence of float64 array, shape ``(ranks,)``

    Returns
    -------
    list of float64 array, shape ``(attribution, swv)``
        One per value.
    """
    types = families.types
    kinds = len(types.start) - 1
    owner = np.repeat(np.arange(kinds), np.diff(types.start))
    units = chances.pupils.shape[1]
    found = []
    for start in range(0, len(values), LANES):
        some = values[start : start + LANES]
        # the first four powers go the way of the four features
        powers = np.zeros((kinds, FEATURES, LANES))
        for v, value in enumerate(some):
            weight, here = types.chance, value[types.rank]
            for k in range(FEATURES):
                weight = weight * here
                powers[:, k, v] = np.bincount(owner, weights=weight, minlength=kinds)
        averages = np.empty((len(families.class_start) - 1, FEATURES * LANES))
        class_means(
            averages,
            families.class_start,
            families.class_kind,
            families.class_share,
            powers.reshape(kinds, FEATURES * LANES),
        )
        of_classes = averages.reshape(len(averages), FEATURES, LANES)
        for v in range(len(some)):
            of_type, of_class = _fourth(powers[..., v]), _fourth(of_classes[..., v])
            sums = np.empty((len(families.sides), units))
            for a, side in enumerate(families.sides):
                # the mean's coefficient is 1 for a pupil of the swv's own, next to nothing for a
                # donor
                weight = side.coefficient[:, 0] * of_type[side.kind]
                sums[a] = np.bincount(side.unit, weights=weight, minlength=units)
                taker = np.repeat(np.arange(len(of_class)), np.diff(side.class_start))
                sums[a] += np.bincount(
                    side.class_unit, weights=side.recipients * of_class[taker], minlength=units
                )
            found.append(sums)
    return found


def _fourth(powers: Floats) -> Floats:
    """Fourth cumulant from the first four moments."""
    m1, m2, m3, m4 = powers.T
    variance = m2 - m1**2
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    return np.asarray(fourth - 3 * variance**2)
