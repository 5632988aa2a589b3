"""Scores under drawn coefficients: the lattice of every draw (S-6, Q-1)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lwoopro.errors import InputError, Problem
from lwoopro.indicator.coefficients import Coefficients
from lwoopro.indicator.lattice import WIDEST, Lattice

__all__ = ["ScoreTable", "drawn_scores", "one_table"]


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Scores of all profiles, one column for all draws or one per draw.

    Attributes
    ----------
    score : int64 array, shape ``(profiles, 1 or draws)``
        Millionths of a score point.
    order : int64 array, same shape
        Profiles by score, lowest first.
    rank : int32 array, same shape
        Position of the profile's score among the distinct scores of its column.
    """

    score: NDArray[np.int64]
    order: NDArray[np.int64]
    rank: NDArray[np.int32]

    @property
    def lowest(self) -> NDArray[np.int64]:
        """Lowest score of every column, shape ``(1 or draws,)``."""
        return np.asarray(self.score.min(axis=0))


def one_table(lattice: Lattice) -> ScoreTable:
    """Use the lattice as it is in every draw."""
    return ScoreTable(lattice.score[:, None], lattice.order[:, None], lattice.rank[:, None])


def drawn_scores(
    lattice: Lattice, coefficients: Coefficients, normal: NDArray[np.float64]
) -> ScoreTable:
    """Work out the lattice of every draw of the coefficients.

    A drawn coefficient is rounded to millionths, so that scores stay exact and ties stay real; the
    order of the profiles is found anew in every draw.

    Parameters
    ----------
    lattice : Lattice
    coefficients : Coefficients
    normal : float64 array, shape ``(draws, z)``
        Independent standard normals.

    Returns
    -------
    ScoreTable
        One column per draw.

    Raises
    ------
    InputError
        In some draw the scores lie too far apart to be counted exactly.
    """
    drawn = coefficients.value + np.rint(normal @ coefficients.factor.T).astype(np.int64)
    place = {name: position for position, name in enumerate(coefficients.names)}
    wanted = [
        place[category.replace("track_group=", "start.", 1).replace("=", ".", 1)]
        for category in lattice.categories
    ]
    value = drawn[:, wanted]
    score = np.zeros((len(lattice.score), len(normal)), np.int64)
    for digit in lattice.digit.T:
        score += value[:, digit].T
    height = score - score.min(axis=0)
    if height.max() >= WIDEST:
        raise InputError(
            Problem(
                "uncertainty.coefficients",
                f"in a draw the scores lie {WIDEST / 1e6:.0f} points apart or more",
                "smaller standard errors in the indicator file",
            )
        )
    # score and profile in one number: sorted faster than places are, and nothing is looked up
    bits = len(score).bit_length()
    key = np.ascontiguousarray((height << bits | np.arange(len(score))[:, None]).T)
    key.sort(axis=1)
    order = key & ((1 << bits) - 1)
    ranked = key >> bits
    step = np.zeros(key.shape, np.int32)
    step[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    rank = np.empty(key.shape, np.int32)
    for row, places, numbers in zip(
        rank, order, np.cumsum(step, axis=1, dtype=np.int32), strict=True
    ):
        row[places] = numbers
    return ScoreTable(score, np.ascontiguousarray(order.T), np.ascontiguousarray(rank.T))
