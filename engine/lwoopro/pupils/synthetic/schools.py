"""Schools inside an swv: how large they are, which tracks they teach, whom they attract.

The number of locations per swv is the real one where the source has it. Sizes follow the spread of
the real locations; which school is large, poor or a mavo is a fixed pattern, not a draw, so that
the schools of a population are the same for every seed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from lwoopro import codes
from lwoopro.pupils.synthetic.parameters import Parameters

__all__ = ["Schools", "make_schools", "school_name"]

MEAN_SIZE: Final = 218.0
"""Upper-vmbo pupils per location on 1 October 2019, where the number of locations is unknown."""

# irrational steps give evenly spread patterns that do not follow one another
_STEPS: Final = (0.6180339887, 0.7548776662, 0.5698402910, 0.4142135624)


@dataclass(frozen=True, eq=False)
class Schools:
    """The schools of one swv; all arrays have shape (schools,) unless stated.

    Attributes
    ----------
    cumulative : float64 array (4, schools)
        Per track, the cumulative share of its pupils over the schools.
    status, origin : float64 array
        Standard normal scores: status of the parents, share of parents born abroad.
    asylum : float64 array
        Factor on the share of asylum pupils, mean 1.
    """

    cumulative: NDArray[np.float64]
    status: NDArray[np.float64]
    origin: NDArray[np.float64]
    asylum: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.status)


def make_schools(
    pupils: int, locations: int, variation: float, parameters: Parameters, start: int
) -> Schools:
    """Make the schools of one swv.

    Parameters
    ----------
    pupils : int
        Upper-vmbo pupils of the swv in a typical year, unscaled.
    locations : int
        Real number of locations; 0 where unknown.
    variation : float
        Coefficient of variation of the real locations' sizes; NaN where unknown.
    parameters : Parameters
    start : int
        Position of the swv: moves the patterns, so that swv differ.
    """
    count = max(1, locations or round(pupils / MEAN_SIZE))
    steps = np.arange(count) + 0.5 + 7.0 * start
    pattern = [ndtri(np.clip((steps * step) % 1.0, 0.01, 0.99)) for step in _STEPS]
    # a lognormal with this spread of the log has the coefficient of variation asked for
    spread = np.sqrt(np.log1p(variation**2))
    spread = parameters["schools.size_spread"] if np.isnan(spread) else float(spread)
    size = np.exp(spread * _standard(pattern[0]))
    # above 0: more of bb and kb; below: more of gl and tl
    lean = parameters["schools.track_spread"] * _standard(pattern[1])
    share = np.empty((len(codes.TRACKS), count))
    for track, group in enumerate(codes.TRACK_GROUP_OF_TRACK):
        weight = size * np.exp(lean if group == 0 else -lean)
        share[track] = np.cumsum(weight) / weight.sum()
    share[:, -1] = 1.0
    status = _standard(pattern[2])
    mixing = parameters["schools.origin_status_correlation"]
    origin = mixing * status + np.sqrt(1.0 - mixing**2) * _standard(pattern[3])
    asylum = np.exp(parameters["asylum.school_spread"] * _standard(np.roll(pattern[3], 1)))
    return Schools(share, status, origin, asylum / asylum.mean())


def school_name(number: int) -> str:
    """Return a made-up location code of the right form: two digits, two letters, two digits."""
    rest, location = divmod(number, 100)
    rest, letter = divmod(rest, 26)
    digits, first = divmod(rest, 26)
    return f"{digits % 100:02d}{chr(65 + first)}{chr(65 + letter)}{location:02d}"


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre the pattern, so that an swv with few schools is not off by its pattern's mean."""
    return np.asarray(values - values.mean())
