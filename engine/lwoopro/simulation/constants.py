"""What the results keep beside the draws: the swv table's numbers, and what the policies are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.policies import PARTS, PolicyPlan
from lwoopro.codes import ATTRIBUTIONS, TRACK_GROUP_OF_TRACK, TRACK_GROUPS
from lwoopro.indicator.file import Indicator
from lwoopro.indicator.lattice import Lattice
from lwoopro.pupils.swv import SwvTable
from lwoopro.pupils.table import Pupils
from lwoopro.study.policy import PolicySection

__all__ = ["asylum_categories", "category_numbers", "policy_constants", "table_constants"]

_COLUMNS = {"vo_pupils": "vo", "lwoo_pupils": "lwoo"}


def table_constants(swv: SwvTable, years: Sequence[int]) -> dict[str, NDArray[Any]]:
    """Numbers and regions of the swv table, as far as analyses need them (R-5, R-6).

    Parameters
    ----------
    swv : SwvTable
    years : sequence of int
        Reference dates of the study.

    Returns
    -------
    dict of str to array
        ``vo_pupils`` and ``lwoo_pupils`` ``(year, swv)``, NaN where the table says nothing, and
        ``region`` ``(swv,)``.
    """
    found: dict[str, NDArray[Any]] = {
        name: np.stack([_of_year(swv, column, year) for year in years])
        for name, column in _COLUMNS.items()
    }
    found["region"] = np.array(swv.labels.get("region", ("",) * len(swv.codes)), dtype=object)
    return found


def _of_year(swv: SwvTable, column: str, year: int) -> NDArray[np.float64]:
    values = swv.numbers.get(column)
    if values is None or (swv.years is not None and year not in swv.years):
        return np.full(len(swv.codes), np.nan)
    return values if swv.years is None else values[swv.years.index(year)]


def category_numbers(
    pupils: Pupils, rows: NDArray[np.int64], indicator: Indicator, lattice: Lattice
) -> NDArray[np.int16]:
    """Look up the categories of some rows, as far as the rows themselves say them (R-1).

    Parameters
    ----------
    pupils : Pupils
    rows : int64 array
    indicator : Indicator
    lattice : Lattice

    Returns
    -------
    int16 array, shape ``(rows, characteristics)``
        Positions in ``lattice.categories``, -1 where unknown; parents' education is left out.
    """
    columns = {"track_group": np.asarray(TRACK_GROUP_OF_TRACK)[pupils.track[rows]]}
    columns |= {name: getattr(pupils, name)[rows] for name in ("origin", "stay", "debt")}
    columns |= {part.column: pupils.extra[part.column][rows] for part in indicator.added}
    place = {name: k for k, name in enumerate(lattice.categories)}
    codes: dict[str, tuple[str, ...]] = {"track_group": TRACK_GROUPS}
    codes |= {part.column: part.codes for part in indicator.characteristics}
    found = np.full((len(rows), len(columns)), -1, np.int16)
    for k, (name, column) in enumerate(columns.items()):
        # the last one stands for an empty cell
        number = np.array([*(place[f"{name}={code}"] for code in codes[name]), -1], np.int16)
        found[:, k] = number[column.astype(np.int64)]
    return found


def asylum_categories(
    pupils: Pupils, years: Sequence[int], indicator: Indicator, lattice: Lattice
) -> NDArray[np.int64]:
    """Count the asylum pupils of every category, as far as their rows say it (R-1).

    Their score is the target group's mean, whatever their parents' education: by education nobody
    is counted.

    Parameters
    ----------
    pupils : Pupils
    years : sequence of int
    indicator : Indicator
    lattice : Lattice

    Returns
    -------
    int64 array, shape ``(year, category)``
    """
    found = np.zeros((len(years), len(lattice.categories)), np.int64)
    for y, year in enumerate(years):
        rows = np.flatnonzero(pupils.asylum & (pupils.year == year))
        numbers = category_numbers(pupils, rows, indicator, lattice)
        found[y] = np.bincount(numbers[numbers >= 0], minlength=len(lattice.categories))
    return found


def policy_constants(
    sections: Sequence[PolicySection], policies: Sequence[Sequence[PolicyPlan]]
) -> dict[str, NDArray[Any]]:
    """Say what the policies are, and how much lwoo money no draw changes.

    Parameters
    ----------
    sections : sequence of PolicySection
        The policies, as the study has them.
    policies : sequence of sequence of PolicyPlan
        Per year, per policy.

    Returns
    -------
    dict of str to array
        ``policy_kind``, ``policy_share``, ``policy_attribution`` ``(policy,)`` and ``lwoo_fixed``
        ``(year, policy, swv)`` in euro.
    """
    by = [plan.by_score for plan in policies[0]]
    lwoo = PARTS.index("lwoo")
    fixed = np.stack([[plan.fixed[lwoo] for plan in year] for year in policies])
    return {
        "policy_kind": np.array([section.kind for section in sections], dtype=object),
        "policy_share": np.array([np.nan if b is None else float(b.share) for b in by]),
        "policy_attribution": np.array(
            ["" if b is None else ATTRIBUTIONS[b.attribution] for b in by], dtype=object
        ),
        "lwoo_fixed": fixed / 100,
    }
