"""What is left of a swv's budget once its schools are paid, and who pays a deficit (B-7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lwoopro.allocation.cents import apportion
from lwoopro.allocation.exact import as_fraction, round_cents

__all__ = ["Settlement", "funds_by_population", "payments", "recover", "settlement"]


@dataclass(frozen=True, eq=False)
class Settlement:
    """What becomes of each swv's light support (B-7). Cents, shape ``(..., swv)``.

    Attributes
    ----------
    lwoo, pro : int64 array
        What DUO pays to schools and deducts from the swv.
    remainder : int64 array
        What goes to the swv.
    deficit : int64 array
        What is recovered from all schools of the swv, by a cut on their lumpsum.
    overrun : int64 array
        How far the payments exceed the lwoo and pro parts of the budget.
    from_regional : int64 array
        The part of the overrun that the regional support bears; the deficit is the rest.
    per_vo_pupil : float64 array
        The deficit in euro per vo pupil of the swv; NaN where there is one and no pupil.
    """

    lwoo: NDArray[np.int64]
    pro: NDArray[np.int64]
    remainder: NDArray[np.int64]
    deficit: NDArray[np.int64]
    overrun: NDArray[np.int64]
    from_regional: NDArray[np.int64]
    per_vo_pupil: NDArray[np.float64]


def payments(
    support_amount: Fraction | float, pupils: ArrayLike | Sequence[Fraction]
) -> NDArray[np.int64]:
    """Pay s per pupil: the national amount in whole cents, apportioned by pupils (B-7, B-9).

    Parameters
    ----------
    support_amount : Fraction or float
        s, euro per pupil; a float counts as the decimal it shows.
    pupils : array or sequence, shape ``(..., swv)``
        Registered pupils, 0 or more; fractions are allowed.

    Returns
    -------
    int64 array, shape as `pupils`
        Cents; every row adds up to its national amount.

    Raises
    ------
    ValueError
        A number of pupils is negative.
    """
    rate = as_fraction(support_amount)
    counts = np.asarray(pupils)
    if (counts < 0).any():
        raise ValueError("a number of pupils is negative")
    cents = np.zeros(counts.shape, np.int64)
    in_cents = rate * 100
    if in_cents.denominator == 1 and counts.dtype.kind in "iu":
        return np.asarray(counts * int(in_cents), np.int64)
    rows, found = counts.reshape(-1, counts.shape[-1]), cents.reshape(-1, counts.shape[-1])
    for row, paid in zip(rows, found, strict=True):
        exact = [_exact(count) for count in row]
        total = round_cents(rate * sum(exact, Fraction(0)))
        if total:
            paid[:] = apportion(total, exact)
    return cents


def _exact(count: Any) -> Fraction:
    return as_fraction(count if isinstance(count, Fraction) else count.item())


def funds_by_population(
    lwoo: ArrayLike, vo: ArrayLike, below: Fraction | float = 0.005
) -> NDArray[np.bool_]:
    """Which swv fund lwoo by population instead of by registered pupil (B-7, *assumed* rule).

    Under opting-out a swv need not register its lwoo pupils. Who registers a smaller share of his
    vo pupils than `below` is taken to fund by population: with 0.5 % these were 22 of the 75 swv
    in 2019.

    Parameters
    ----------
    lwoo, vo : array, shape ``(..., swv)``
        Registered lwoo pupils and all vo pupils.
    below : Fraction or float

    Returns
    -------
    bool array, shape ``(..., swv)``
        False where a swv has no vo pupils.
    """
    exact = as_fraction(below)
    # whole numbers on both sides: a swv exactly on the bound is not below it
    return np.asarray(np.asarray(lwoo) * exact.denominator < exact.numerator * np.asarray(vo))


def settlement(
    parts: ArrayLike,
    lwoo: ArrayLike | Sequence[Fraction],
    pro: ArrayLike | Sequence[Fraction],
    vo: ArrayLike,
    support_amount: Fraction | float,
    by_population: ArrayLike | None = None,
) -> Settlement:
    """Settle light support with the schools, as under participation (B-7).

    DUO pays schools s per registered lwoo and pro pupil and deducts it from the whole light
    support of the swv where the school is, regional support included. What remains goes to the
    swv. A deficit is recovered from all its schools per vo pupil.

    A swv that funds lwoo by population (*assumed* form) pays its schools the lwoo part of its
    budget, whatever number of pupils is registered; pro goes by registered pupil everywhere.

    Parameters
    ----------
    parts : int array, shape ``(..., 3, swv)``
        Light support in cents: regional, lwoo, pro.
    lwoo, pro : array, shape ``(swv,)`` or ``(..., swv)``
        Registered pupils by the swv of their school.
    vo : array, shape ``(swv,)`` or ``(..., swv)``
        All vo pupils.
    support_amount : Fraction or float
        s, euro per pupil.
    by_population : bool array, shape ``(swv,)``, optional
        Who funds lwoo by population; nobody when left out.

    Returns
    -------
    Settlement
        Cents. Payments + remainder − deficit is the budget, in every swv.

    Raises
    ------
    ValueError
        `parts` has no three parts, or a number of pupils is negative.

    Examples
    --------
    >>> found = settlement([[1000], [50_000], [20_000]], [4], [3], [10], 100.0)
    >>> found.remainder.tolist(), found.deficit.tolist()
    ([1000], [0])
    """
    budget = np.asarray(parts, np.int64)
    if budget.ndim < 2 or budget.shape[-2] != 3:
        raise ValueError(f"parts of shape {budget.shape}: use (..., 3, swv): regional, lwoo, pro")
    regional, lwoo_part, pro_part = np.moveaxis(budget, -2, 0)
    if by_population is None:
        paid_lwoo = payments(support_amount, lwoo)
    else:
        registered = np.where(by_population, 0, np.asarray(lwoo))
        paid_lwoo = payments(support_amount, registered)
        paid_lwoo = np.where(by_population, lwoo_part, paid_lwoo)
    paid_pro = payments(support_amount, pro)
    paid = paid_lwoo + paid_pro
    left = regional + lwoo_part + pro_part - paid
    overrun = np.maximum(paid - lwoo_part - pro_part, 0)
    deficit = np.maximum(-left, 0)
    pupils = np.broadcast_to(np.asarray(vo, np.float64), deficit.shape)
    euro = deficit / 100
    per_pupil = np.where(deficit > 0, np.nan, 0.0)
    np.divide(euro, pupils, out=per_pupil, where=(deficit > 0) & (pupils > 0))
    shape = left.shape
    return Settlement(
        lwoo=np.broadcast_to(paid_lwoo, shape).astype(np.int64),
        pro=np.broadcast_to(paid_pro, shape).astype(np.int64),
        remainder=np.maximum(left, 0),
        deficit=deficit,
        overrun=overrun,
        from_regional=overrun - deficit,
        per_vo_pupil=per_pupil,
    )


def recover(deficit: ArrayLike, school_swv: ArrayLike, school_vo: ArrayLike) -> NDArray[np.int64]:
    """Divide each swv's deficit among all its schools, per vo pupil (B-7).

    Parameters
    ----------
    deficit : int array, shape ``(swv,)``
        Cents.
    school_swv : int array, shape ``(school,)``
        Position of the swv of every school.
    school_vo : int array, shape ``(school,)``
        Vo pupils of every school, pro schools included.

    Returns
    -------
    int64 array, shape ``(school,)``
        Cents off each school's lumpsum; they add up to the deficit of their swv.

    Raises
    ------
    ValueError
        A swv has a deficit and no school with pupils.
    """
    place = np.asarray(school_swv)
    pupils = np.asarray(school_vo)
    cut = np.zeros(len(place), np.int64)
    for j, amount in enumerate(np.asarray(deficit, np.int64).tolist()):
        schools = np.flatnonzero(place == j)
        if amount == 0:
            continue
        if not pupils[schools].any():
            raise ValueError(f"swv {j} has a deficit and no school with pupils to recover it from")
        cut[schools] = apportion(amount, [int(n) for n in pupils[schools]])
    return cut
