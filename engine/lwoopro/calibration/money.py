"""Light support per swv in expectation, for the fit: B-1 and B-4 without the cents."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.pupils.swv import SwvTable

__all__ = ["EQUAL_PART", "REGIONAL", "SUPPORT", "Money", "read_money"]

SUPPORT: Final = 4740.0
REGIONAL: Final = 105.0
EQUAL_PART: Final = 0.23
"""s and r of 2020 (*assumed*), and the part of B-4 that follows the number of pupils."""


@dataclass(frozen=True, eq=False)
class Money:
    """What the policies need per swv; arrays of shape (swv,).

    Attributes
    ----------
    vo : float64 array
        All pupils.
    q_lwoo, q_pro : float64 array
        Shares of 2012, as fractions of vo.
    """

    vo: NDArray[np.float64]
    q_lwoo: NDArray[np.float64]
    q_pro: NDArray[np.float64]

    @property
    def lwoo_total(self) -> float:
        """L: the national lwoo money of B-1, euro."""
        return float(SUPPORT * (self.q_lwoo * self.vo).sum())

    def current(self) -> NDArray[np.float64]:
        """Return B-1's light support, euro, float64 array (swv,)."""
        return np.asarray((REGIONAL + SUPPORT * (self.q_lwoo + self.q_pro)) * self.vo)

    def indicator(
        self, disadvantage: NDArray[np.float64], pupils: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return B-4's light support, euro, float64 array (swv,).

        Parameters
        ----------
        disadvantage : float64 array (swv,)
            S_j, on any scale.
        pupils : float64 array (swv,)
            n_j.
        """
        equal = EQUAL_PART * pupils / pupils.sum()
        need = (1.0 - EQUAL_PART) * disadvantage / disadvantage.sum()
        other = (REGIONAL + SUPPORT * self.q_pro) * self.vo
        return np.asarray(other + self.lwoo_total * (equal + need))


def read_money(table: SwvTable) -> Money:
    """Take the columns of a table that has them, such as the bundled one."""
    return Money(
        vo=table.numbers["vo"],
        q_lwoo=table.numbers["q_lwoo_2012"],
        q_pro=table.numbers["q_pro_2012"],
    )
