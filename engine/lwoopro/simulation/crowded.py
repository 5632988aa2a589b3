"""Swv of more pupils than a packed word holds: their sums stand in several words (D-5).

A word of 64 bits holds the number of pupils and the sum of their scores for half a million pupils
of a swv. Where there are more, its portions are added to one *set* of sums after the other, and
what stands below the cuts and at them is unpacked before it is added up. All of it is whole
numbers.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lwoopro.indicator.lattice import Lattice
from lwoopro.kernels.sums import SUM_BITS
from lwoopro.simulation.plan import YearPlan

__all__ = ["most_moved", "most_packed", "sets_of", "stretches", "unpacked", "with_fixed"]

_MASK = (1 << SUM_BITS) - 1
_ABOVE = 64 - SUM_BITS

Sums = NDArray[np.int64]


def most_packed(lattice: Lattice) -> int:
    """Count the pupils of a swv that one packed word holds for certain."""
    height = max(1, int(lattice.distinct[-1] - lattice.distinct[0]))
    return min((1 << (63 - SUM_BITS)) - 1, _MASK // height)


def most_moved(lattice: Lattice) -> int:
    """Count the pupils who may move between swv in one packed word, which has a sign then."""
    return max(1, most_packed(lattice) // 2)


def sets_of(plan: YearPlan, lattice: Lattice) -> Sums | None:
    """Say to which set of sums the pupils of each portion are added.

    Parameters
    ----------
    plan : YearPlan
    lattice : Lattice

    Returns
    -------
    int64 array, shape ``(portions,)``, or None
        None where a single portion has too many pupils of a swv.
    """
    most, swv = most_packed(lattice), plan.pupils.shape[1]
    level, held = np.zeros(swv, np.int64), np.zeros(swv, np.int64)
    sets = np.zeros(len(plan.portions), np.int64)
    for portion, many in enumerate(_by_portion(plan)):
        if (many > most).any():
            return None
        here = many > 0
        number = int(level[here].max(initial=0))
        if (np.where(level == number, held, 0) + many > most)[here].any():
            number += 1
        held[here & (level < number)] = 0
        level[here] = number
        held += many
        sets[portion] = number
    return sets


def _by_portion(plan: YearPlan) -> Sums:
    """Drawn pupils per portion and swv."""
    first_run, last_run, first, last = plan.portions.T
    portions, swv = len(plan.portions), plan.pupils.shape[1]
    number = np.arange(portions) * swv
    imputed = np.repeat(number, last_run - first_run) + plan.imputed.run_unit
    copied = np.repeat(number, last - first) + plan.copied.unit
    many = np.bincount(copied, minlength=portions * swv)
    np.add.at(many, imputed, np.diff(plan.imputed.run))
    return many.reshape(portions, swv)


def stretches(sets: Sums) -> Iterator[tuple[int, int, int]]:
    """Give portions that follow each other and have the same set: first, last + 1, and set."""
    begins = np.flatnonzero(np.diff(sets, prepend=-1))
    for first, last in zip(begins, [*begins[1:], len(sets)], strict=True):
        yield int(first), int(last), int(sets[first])


def unpacked(word: Sums) -> tuple[Sums, Sums]:
    """Take packed words apart that may be negative: pupils, and sum of (score − lowest score)."""
    total = (word << _ABOVE) >> _ABOVE
    return (word - total) >> SUM_BITS, total


def with_fixed(
    below: Sums, at: Sums, total: Sums, count: Sums, score: Sums, cut_rank: NDArray[np.int32]
) -> tuple[Sums, Sums, Sums]:
    """Add drawn and known pupils up, as `kernels.pieces.add_known` does for packed words.

    Parameters
    ----------
    below, at, total : int64 array, shape ``(shares, swv, draws)``
    count, score : int64 array, shape ``(swv, ranks + 1)``
        Known pupils with a rank below the column, and their sum of (score − lowest score).
    cut_rank : int32 array, shape ``(shares, draws)``
    """
    lower, upper, known = (
        table[:, ranks].swapaxes(0, 1)
        for table, ranks in ((count, cut_rank), (count, cut_rank + 1), (score, cut_rank))
    )
    return below + lower, at + upper - lower, total + known
