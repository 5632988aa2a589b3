"""Money by school location: what is known per swv only is spread over its schools (U-5)."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.exact import as_fraction
from lwoopro.allocation.policies import YearMoney
from lwoopro.codes import ATTRIBUTIONS
from lwoopro.pupils.swv import SwvTable

__all__ = ["SchoolMoney"]

_FRACTIONS = "q_"


@dataclass(frozen=True, eq=False)
class SchoolMoney(YearMoney):
    """What the budgets of one year are made of, where the units are schools.

    No register says how many vo or pro pupils with a claim a location has. So every count of the
    swv table is spread over the swv's locations by their upper-vmbo pupils of the year
    (*assumed*); fractions are those of the swv. Exact: the parts add up to the swv's number.

    Attributes
    ----------
    swv_table : SwvTable
        Counts and fractions per swv; `table` holds the schools.
    swv : int64 array, shape ``(school,)``
        Position of each school's swv in `swv_table`.
    """

    swv_table: SwvTable
    swv: NDArray[np.int64]

    def column(self, name: str, policy: str) -> list[Fraction]:
        """Numbers of a swv column, each school's own part of them."""
        values = self.swv_table.column(name, self.year, policy)
        own = [as_fraction(float(values[j])) for j in self.swv]
        if name.startswith(_FRACTIONS):
            return own
        return [value * part for value, part in zip(own, self._parts(), strict=True)]

    def _parts(self) -> list[Fraction]:
        """Each school's part of its swv's pupils; equal parts where nobody has any."""
        pupils = self.pupils[ATTRIBUTIONS.index("school")]
        many = len(self.swv_table.codes)
        nobody = np.bincount(self.swv, pupils, minlength=many)[self.swv] == 0
        weight = np.where(nobody, 1, pupils)
        total = np.bincount(self.swv, weight, minlength=many)[self.swv]
        return [Fraction(int(one), int(all_)) for one, all_ in zip(weight, total, strict=True)]
