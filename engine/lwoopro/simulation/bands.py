"""Where the cuts are expected: ranks that may be one stand in a band of their own (D-5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bands", "part_ranks"]

_MOST_BANDS: Final = 128
"""With more, the sums of a swv leave the processor's nearest caches."""

_DEVIATIONS: Final = 6.0


@dataclass(frozen=True, eq=False)
class Bands:
    """The ranks of the lattice, parted into intervals: the same in every draw.

    Attributes
    ----------
    first : int64 array, shape ``(bands,)``
        Lowest rank of each band; the bands rise.
    of_profile : int16 array, shape ``(profiles,)``
    low, high : int64 array, shape ``(shares,)``
        Ranks among which each share's cut is expected: bands of one rank.
    sets : int64 array, shape ``(portions,)``, or None
        Where a packed word does not hold the pupils of a swv: see `simulation.crowded`.
    """

    first: NDArray[np.int64]
    of_profile: NDArray[np.int16]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    sets: NDArray[np.int64] | None = None

    def only(self, shares: Sequence[int]) -> "Bands":
        """Return the same bands for some of the shares; the others stay as finer parts."""
        kept = list(shares)
        return replace(self, low=self.low[kept], high=self.high[kept])

    def of_share(self, share: int, rank: NDArray[np.int32]) -> NDArray[np.int16]:
        """Bands that one share needs: what is below, each rank that may be its cut, the rest."""
        low, high = self.low[share], self.high[share]
        return np.asarray(np.clip(rank, low - 1, high + 1) - (low - 1), np.int16)


def part_ranks(
    upto: NDArray[np.int64], need: NDArray[np.int64], rank: NDArray[np.int32]
) -> Bands | None:
    """Part the ranks after a few draws: a cut further off is next to impossible, and harmless.

    Parameters
    ----------
    upto : int64 array, shape ``(ranks, draws)``
        Pupils with that rank or a lower one.
    need : int64 array, shape ``(shares,)``
        Pupils that reach the cut.
    rank : int32 array, shape ``(profiles,)``

    Returns
    -------
    Bands or None
        None where too many ranks may be cuts.
    """
    ranks = len(upto)
    middle = upto.mean(axis=1)
    slack = _DEVIATIONS * upto.std(axis=1) + 1.0
    # the lowest rank that may reach a share's need, and the lowest that surely does
    low = np.searchsorted(np.maximum.accumulate(middle + slack), need)
    high = np.searchsorted(np.minimum.accumulate((middle - slack)[::-1])[::-1], need)
    low, high = np.minimum(low, ranks - 1), np.minimum(high, ranks - 1)
    begins = np.zeros(ranks + 1, bool)
    begins[0] = True
    for here, there in zip(low, high, strict=True):
        begins[here : there + 2] = True
    first = np.flatnonzero(begins[:ranks])
    if len(first) > _MOST_BANDS:
        return None
    number = np.cumsum(begins[:ranks]) - 1
    return Bands(first, number[rank].astype(np.int16), low, high)
