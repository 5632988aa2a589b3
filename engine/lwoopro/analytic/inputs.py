"""What the analytic twin is told about one year: who is drawn, from what, by which uniform."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.target import Quota, Ties

__all__ = ["Chances"]


@dataclass(frozen=True, eq=False)
class Chances:
    """One reference date, with everything that chance decides.

    Attributes
    ----------
    year : int
    score : int64 array, shape ``(profiles,)``
        Millionths of a score point (S-4).
    rank : int32 array, shape ``(profiles,)``
        Position among the distinct scores.
    mother_step : int
        Weight of the mother's level in the profile number; the father's is 1.
    threshold : uint32 array, shape ``(rows, 7)``
        Cumulative probabilities of the levels in units of 2**-31 (I-1).
    base : int64 array, shape ``(drawn,)``
        Profiles of the pupils with a score of their own and an unknown level, that level at zero.
    mother_row, father_row : int32 array, shape ``(drawn,)``
        Rows of `threshold`; negative where the level is known.
    father_follows : bool array, shape ``(drawn,)``
        The father's row counts from the mother's level on.
    mother_key, father_key : int64 array, shape ``(drawn,)``
        Number of the uniform that draws the level: equal where it is the same one (I-5).
    unit : int64 array, shape ``(attribution, drawn)``
        Positions of the swv.
    known_profile, known_unit, known_pupils : tuple of int64 arrays, one per attribution
        Pupils whose score is known, counted by profile and swv.
    start, length : int64 array, shape ``(recipients,)``
        Every recipient's class in `candidate` (I-2, I-3).
    candidate : int64 array
        Position among the drawn pupils, or ``-1 - profile`` of a donor who is known.
    recipient_unit : int64 array, shape ``(attribution, recipients)``
    pupils, asylum : int64 array, shape ``(attribution, swv)``
    quotas : tuple of Quota
    ties : str
    """

    year: int
    score: NDArray[np.int64]
    rank: NDArray[np.int32]
    mother_step: int
    threshold: NDArray[np.uint32]
    base: NDArray[np.int64]
    mother_row: NDArray[np.int32]
    father_row: NDArray[np.int32]
    father_follows: NDArray[np.bool_]
    mother_key: NDArray[np.int64]
    father_key: NDArray[np.int64]
    unit: NDArray[np.int64]
    known_profile: tuple[NDArray[np.int64], ...]
    known_unit: tuple[NDArray[np.int64], ...]
    known_pupils: tuple[NDArray[np.int64], ...]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    candidate: NDArray[np.int64]
    recipient_unit: NDArray[np.int64]
    pupils: NDArray[np.int64]
    asylum: NDArray[np.int64]
    quotas: tuple[Quota, ...]
    ties: Ties

    @property
    def scored(self) -> int:
        """Pupils who are not asylum pupils."""
        return int(self.pupils[0].sum() - self.asylum[0].sum())
