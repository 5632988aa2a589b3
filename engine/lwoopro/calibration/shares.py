"""The shares of lwoo pupils of 2012 per swv (*assumed*), shaped to the published redistribution.

What B-1 paid per swv is in no public source. A first guess (registered lwoo of the swv that still
register, regional pattern; ``swv.csv``) gives every swv a change between the policies. The
published table says how many swv lie in each cell of change in % by change in euro. Each swv is put
into one cell so that the table holds and the guesses move as little as possible (an assignment
problem), within what is published about single swv and regions. The result is one set of shares
with which the published figures hold. It is not the history of any single swv.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, linear_sum_assignment

from lwoopro.calibration.targets import CELLS, COLUMN_BOUNDS, EURO_CURRENT, ROW_BOUNDS

__all__ = [
    "ACHTERHOEK",
    "NORTH",
    "ZEELAND",
    "ZUID_LIMBURG",
    "Bounds",
    "Facts",
    "lwoo_shares",
    "regional_bounds",
]

_ROW_MARGIN: Final = 2.5
_COLUMN_MARGIN: Final = 0.15
"""Distance kept from a cell's edges, in % and million euro: populations and draws differ."""
_OUTER_ROW: Final = (-45.0, 50.0)
_OUTER_COLUMN: Final = (-12.0, 16.0)
_SHARES: Final = (0.02, 0.25)
"""Lowest and highest share that is thought possible."""
_HIGH: Final = 1.03
"""Current amount per pupil over the national mean where it is published as high (Achterhoek)."""
_LOWEST_GAIN: Final = 1.3
"""Ratio of new to current that the swv with the lowest current amount may have."""
_OUTSIDE: Final = 1e3
"""Cost of a cell that an swv cannot be in, per unit of log distance."""

# published about single swv and regions (OCW22, CBS22 ch. 4)
NORTH: Final = ("VO2001", "VO2002", "VO2101", "VO2102", "VO2103", "VO2201", "VO2202", "VO2203")
ACHTERHOEK: Final = ("VO2502", "VO2503")
ZUID_LIMBURG: Final = ("VO3104", "VO3105", "VO3106")
ZEELAND: Final = ("VO2901", "VO2902", "VO2903")
_AMSTERDAM: Final = "VO2708"
_ROTTERDAM_DEN_HAAG: Final = ("VO2810", "VO2806")


@dataclass(frozen=True, eq=False)
class Facts:
    """What the shares are derived from; arrays of shape (swv,), money in euro.

    Attributes
    ----------
    codes : tuple of str
    new : float64 array
        Light support under 20 % by school, 2020, in expectation.
    pupils : float64 array
        Upper-vmbo pupils of 2020.
    vo : float64 array
        All pupils.
    q_lwoo, q_pro : float64 array
        First guess of the shares of 2012; that of pro stands.
    support, regional : float
        Euro per lwoo or pro pupil, and per vo pupil.
    """

    codes: tuple[str, ...]
    new: NDArray[np.float64]
    pupils: NDArray[np.float64]
    vo: NDArray[np.float64]
    q_lwoo: NDArray[np.float64]
    q_pro: NDArray[np.float64]
    support: float
    regional: float

    def current(self, q_lwoo: NDArray[np.float64]) -> NDArray[np.float64]:
        """Light support under B-1 with these shares."""
        return (self.regional + self.support * (self.q_pro + q_lwoo)) * self.vo


Bounds = Mapping[str, tuple[float, float]]
"""swv → lowest and highest change in %."""


def regional_bounds() -> dict[str, tuple[float, float]]:
    """Return the changes in % that the published statements about regions allow."""
    bounds = dict.fromkeys(NORTH + ACHTERHOEK, (-45.0, -12.0))
    bounds |= dict.fromkeys(ZUID_LIMBURG, (12.0, 45.0))
    bounds |= dict.fromkeys(ZEELAND, (-4.0, 4.0))
    bounds |= dict.fromkeys(_ROTTERDAM_DEN_HAAG, (23.0, 45.0))
    return bounds


def lwoo_shares(facts: Facts, bounds: Bounds) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return shares of lwoo pupils of 2012 with which the published table of changes holds.

    Parameters
    ----------
    facts : Facts
    bounds : Bounds
        Of `regional_bounds`.

    Returns
    -------
    q_lwoo : float64 array (swv,)
    cell : int64 array (swv, 2)
        Row and column of `CELLS` that the swv was given.
    """
    low, high = _feasible(facts, bounds)
    guess = facts.new / facts.current(facts.q_lwoo)
    slots = [
        (row, column)
        for row, cells in enumerate(CELLS)
        for column, count in enumerate(cells)
        for _ in range(count)
    ]
    inner = np.array([_cell_ratio(facts.new, row, column) for row, column in slots])
    cell_low = np.maximum(inner[:, 0, :], low)
    cell_high = np.minimum(inner[:, 1, :], high)
    cost = np.log(np.clip(guess, cell_low, np.maximum(cell_low, cell_high)) / guess) ** 2
    # a cell that the swv cannot be in costs by how far off it is
    gap = np.log(np.maximum(cell_low / cell_high, 1.0))
    cost += _OUTSIDE * gap
    slot, swv = linear_sum_assignment(cost)
    lower, upper = np.empty(len(swv)), np.empty(len(swv))
    lower[swv] = cell_low[slot, swv]
    upper[swv] = np.maximum(cell_high[slot, swv], cell_low[slot, swv])

    def ratios(shift: float) -> NDArray[np.float64]:
        return np.asarray(np.clip(guess * np.exp(shift), lower, upper))

    # both policies share out the same money: one common shift inside the cells makes it so
    total = float(facts.new.sum())
    shift = brentq(lambda s: float((facts.new / ratios(s)).sum()) - total, -2.0, 2.0)
    current = facts.new / ratios(float(shift))
    share = (current / facts.vo - facts.regional) / facts.support - facts.q_pro
    cell = np.empty((len(swv), 2), dtype=np.int64)
    cell[swv] = np.array(slots)[slot]
    return share, cell


def _feasible(facts: Facts, bounds: Bounds) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest ratio new : current of every swv."""
    count = len(facts.codes)
    smallest = facts.current(np.full(count, _SHARES[0]))
    largest = facts.current(np.full(count, _SHARES[1]))
    regional = np.array([code != "VO0001" for code in facts.codes])
    smallest = np.where(regional, np.maximum(smallest, EURO_CURRENT[0] * facts.pupils), smallest)
    largest = np.where(
        regional, np.minimum(largest, 0.97 * EURO_CURRENT[1] * facts.pupils), largest
    )
    # the published extremes belong to Amsterdam and to whoever the first guess puts lowest, of
    # those that would not gain too much by it
    guess = facts.current(facts.q_lwoo) / facts.pupils
    moderate = facts.new / facts.pupils < _LOWEST_GAIN * EURO_CURRENT[0]
    lowest = int(np.argmin(np.where(regional & moderate, guess, np.inf)))
    for j, euro in ((facts.codes.index(_AMSTERDAM), EURO_CURRENT[1]), (lowest, EURO_CURRENT[0])):
        smallest[j], largest[j] = 0.99 * euro * facts.pupils[j], 1.02 * euro * facts.pupils[j]
    mean = facts.new.sum() / facts.pupils.sum()
    for code in ACHTERHOEK:
        j = facts.codes.index(code)
        smallest[j] = max(smallest[j], _HIGH * mean * facts.pupils[j])
    low, high = facts.new / largest, facts.new / smallest
    for code, (least, most) in bounds.items():
        if code in facts.codes:
            j = facts.codes.index(code)
            low[j] = max(low[j], 1 + least / 100)
            high[j] = min(high[j], 1 + most / 100)
    return low, high


def _cell_ratio(
    new: NDArray[np.float64], row: int, column: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest ratio new : current inside a cell, for every swv."""
    rows = (_OUTER_ROW[0], *ROW_BOUNDS, _OUTER_ROW[1])
    columns = (_OUTER_COLUMN[0], *COLUMN_BOUNDS, _OUTER_COLUMN[1])
    low = 1 + (rows[row] + _ROW_MARGIN) / 100
    high = 1 + (rows[row + 1] - _ROW_MARGIN) / 100
    # new − current = x million: the ratio rises with x as long as x is below new
    million = new / 1e6
    least = million / (million - np.minimum(columns[column] + _COLUMN_MARGIN, 0.9 * million))
    most = million / (million - np.minimum(columns[column + 1] - _COLUMN_MARGIN, 0.9 * million))
    return np.maximum(low, least), np.minimum(high, most)
