"""The units that pupils, scores and money are counted by: swv, or school locations (U-1, U-5)."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.by_school import SchoolMoney
from lwoopro.allocation.policies import YearMoney
from lwoopro.errors import InputError, Problem
from lwoopro.pupils.swv import SwvTable
from lwoopro.pupils.table import Pupils
from lwoopro.study.sections import MoneySection

__all__ = ["SPREAD", "Units", "by_school", "by_swv"]

SPREAD: Final = "vo and pro pupils of a school: those of its swv, by upper-vmbo pupils (U-5)"
"""What a study by school assumes about money."""

_MOST: Final = np.iinfo(np.int16).max


@dataclass(frozen=True, eq=False)
class Units:
    """What is counted by.

    Attributes
    ----------
    pupils : Pupils
        Their `swv`, `school_swv` and `home_swv` name units.
    table : SwvTable
        The units.
    swv : int64 array, shape ``(unit,)``, or None
        Position in `swv_table` of the swv that a school belongs to; None: the units are the swv.
    swv_table : SwvTable
    """

    pupils: Pupils
    table: SwvTable
    swv: NDArray[np.int64] | None
    swv_table: SwvTable

    def money(self, year: int, money: MoneySection, pupils: NDArray[np.int64]) -> YearMoney:
        """Say what the budgets of a year are made of; `pupils` ``(attribution, unit)``."""
        if self.swv is None:
            return YearMoney(year, self.table, money, pupils)
        return SchoolMoney(year, self.table, money, pupils, self.swv_table, self.swv)

    def constants(self) -> dict[str, NDArray[Any]]:
        """Variables of the results that only a study by school has."""
        if self.swv is None:
            return {}
        return {"unit_swv": np.array([self.swv_table.codes[j] for j in self.swv], dtype=object)}


def by_swv(pupils: Pupils, table: SwvTable) -> Units:
    """Count by swv (U-1, U-2)."""
    return Units(pupils, table, None, table)


def by_school(pupils: Pupils, table: SwvTable) -> Units:
    """Count by school location, wherever pupils live (U-5).

    A location belongs to the swv of its latest year. A swv without any location in the pupil
    table stays as a unit of its own, so that its money is not lost.

    Parameters
    ----------
    pupils : Pupils
        All years of the study.
    table : SwvTable

    Returns
    -------
    Units

    Raises
    ------
    InputError
        There are more locations than the engine can number.
    """
    last = np.lexsort((pupils.year, pupils.school))
    school, number = np.unique(pupils.school, return_inverse=True)
    place = np.searchsorted(pupils.school[last], school, side="right") - 1
    swv = pupils.school_swv[last][place].astype(np.int64)
    bare = np.setdiff1d(np.arange(len(table.codes)), swv)
    codes = [*(pupils.schools[k] for k in school), *(table.codes[j] for j in bare)]
    if len(codes) > _MOST:
        what = f"the pupil table has {len(codes):,} school locations"
        raise InputError(Problem("pupils.unit", what, f"at most {_MOST:,} can be units"))
    swv = np.concatenate([swv, bare])
    order = np.argsort(np.array(codes), kind="stable")
    rank = np.empty(len(codes), np.int64)
    rank[order] = np.arange(len(codes))
    unit = rank[number].astype(np.int16)
    sorted_codes = tuple(codes[k] for k in order)
    labels = {name: tuple(of[swv[k]] for k in order) for name, of in table.labels.items()}
    return Units(
        pupils=replace(pupils, swv=sorted_codes, school_swv=unit, home_swv=unit),
        table=SwvTable(sorted_codes, None, {}, labels, table.path, table.sha256),
        swv=swv[order],
        swv_table=table,
    )
