"""Donors for pupils without a score of their own: who may give, in which order (I-2, I-3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import REGISTRATIONS
from lwoopro.errors import InputError, Problem
from lwoopro.imputation.persons import own_score
from lwoopro.pupils.order import numbered, order_by
from lwoopro.pupils.table import Pupils

__all__ = ["DonorClasses", "find_donors", "match_codes", "rungs"]

_MOST_CLASSES: Final = 1 << 22
"""A table of more classes than this is not made: those that occur are numbered."""


@dataclass(frozen=True, eq=False)
class DonorClasses:
    """For every recipient of one year the class of donors to choose from.

    Attributes
    ----------
    recipient : int64 array, shape ``(recipients,)``
        Rows of the pupil table.
    start, length : int64 array, shape ``(recipients,)``
        The recipient's part of `donor`; every length is 1 or more.
    donor : int64 array
        Rows of the pupil table, class after class, each in order of pupil_id.
    step : int16 array, shape ``(recipients,)``
        Rung of the ladder that was reached: 0 is the same school with all match keys; with k keys
        ``k`` is the same school alone and ``k + 1`` the whole country with all keys.
    """

    recipient: NDArray[np.int64]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    donor: NDArray[np.int64]
    step: NDArray[np.int16]


def rungs(match: Sequence[str]) -> tuple[str, ...]:
    """Name the rungs of the ladder, in the order of `DonorClasses.step` (I-2).

    Examples
    --------
    >>> rungs(["track"])
    ('school, track', 'school', 'country, track', 'country')
    """
    return tuple(
        ", ".join([place, *match[:many]])
        for place in ("school", "country")
        for many in range(len(match), -1, -1)
    )


def match_codes(pupils: Pupils, match: Sequence[str]) -> NDArray[np.int64]:
    """Give the values of the match keys numbers.

    Parameters
    ----------
    pupils : Pupils
    match : sequence of str
        Column names, most important first.

    Returns
    -------
    int64 array, shape ``(rows, keys)``
        -1 where the value is empty.
    """
    columns = [_codes(_column(pupils, name)) for name in match]
    return np.column_stack(columns) if columns else np.zeros((len(pupils), 0), np.int64)


def _column(pupils: Pupils, name: str) -> NDArray[Any]:
    if name in pupils.extra:
        return pupils.extra[name]
    column: NDArray[Any] = getattr(pupils, name)
    return column


def _codes(column: NDArray[Any]) -> NDArray[np.int64]:
    if column.dtype == np.bool_:
        return column.astype(np.int64)
    if column.dtype.kind in "iu":
        empty = column < 0 if column.dtype == np.int8 else np.zeros(len(column), bool)
    elif column.dtype.kind == "f":
        empty = np.isnan(column)
    else:
        empty = np.array([value is None for value in column])
        column = np.where(empty, "", column).astype(str)
    if column.dtype.kind in "iu":
        _, codes = numbered(column)
    else:
        _, codes = np.unique(column, return_inverse=True)
    return np.where(empty, -1, codes).astype(np.int64)


def find_donors(pupils: Pupils, rows: NDArray[np.int64], match: NDArray[np.int64]) -> DonorClasses:
    """Walk the ladder of I-2 and I-3 for every pupil of one year without a score.

    Same school with all match keys, then dropping keys from the last; then the whole country
    likewise. A key that is empty for the recipient is dropped from the start. A child that is not
    registered has no keys at all (I-3).

    Parameters
    ----------
    pupils : Pupils
    rows : int64 array
        Rows of one year.
    match : int64 array, shape ``(rows of pupils, keys)``
        From `match_codes`.

    Returns
    -------
    DonorClasses

    Raises
    ------
    InputError
        Somebody needs a donor and the country has none.
    """
    own = own_score(pupils)[rows]
    donors = rows[own]
    donors = donors[order_by(pupils.pupil_id[donors])]
    recipients = rows[~own & ~pupils.asylum[rows]]
    if len(recipients) and not len(donors):
        raise InputError(
            Problem(
                f"year {pupils.year[recipients[0]]}",
                f"{len(recipients)} pupils need a donor and no pupil has a score of his own",
                "at least one completely registered pupil who is not an asylum pupil (I-2)",
            )
        )
    keys = match.shape[1]
    usable = match[recipients] >= 0
    unregistered = REGISTRATIONS.index("unregistered")
    usable[pupils.registration[recipients] == unregistered] = False
    start = np.zeros(len(recipients), np.int64)
    length = np.zeros(len(recipients), np.int64)
    step = np.zeros(len(recipients), np.int16)
    found: list[NDArray[np.int64]] = []
    kept = 0
    pattern = usable @ (1 << np.arange(keys, dtype=np.int64))
    for wanted in np.unique(pattern):
        names = np.flatnonzero(wanted >> np.arange(keys) & 1)
        open_ = np.flatnonzero(pattern == wanted)
        for place in (0, 1):
            for many in range(len(names), -1, -1):
                if not len(open_):
                    break
                columns: list[NDArray[Any]] = [pupils.school] if place == 0 else []
                columns += [match[:, name] for name in names[:many]]
                part, begin, size = _classes(columns, donors, recipients[open_])
                hit = size > 0
                chosen = open_[hit]
                start[chosen], length[chosen] = kept + begin[hit], size[hit]
                dropped = keys - (names[many - 1] + 1 if many else 0)
                step[chosen] = place * (keys + 1) + dropped
                found.append(part)
                kept += len(part)
                open_ = open_[~hit]
    donor = np.concatenate(found) if found else np.zeros(0, np.int64)
    return DonorClasses(recipients, start, length, donor, step)


def _classes(
    columns: list[NDArray[Any]], donors: NDArray[np.int64], recipients: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Sort the donors whom some recipient may choose by class; each class stays in its order.

    Returns
    -------
    donors : int64 array
        Class after class.
    start, length : int64 array, shape ``(recipients,)``
        The class of each recipient; of length 0 where nobody is like him.
    """
    both = np.concatenate([donors, recipients])
    code, classes = np.zeros(len(both), np.int64), 1
    for column in columns:
        values, place = numbered(column[both])
        # both factors are below the number of rows, so the product fits
        code, classes = code * len(values) + place, classes * len(values)
        if classes > _MOST_CLASSES:
            used, code = np.unique(code, return_inverse=True)
            classes = len(used)
    of_donor, wanted = code[: len(donors)], code[len(donors) :]
    asked = np.zeros(classes, bool)
    asked[wanted] = True
    chosen = np.flatnonzero(asked[of_donor])
    of_donor = of_donor[chosen]
    size = np.bincount(of_donor, minlength=classes)
    start = np.cumsum(size) - size
    return donors[chosen[order_by(of_donor)]], start[wanted], size[wanted]
