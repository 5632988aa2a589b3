"""What pro growth costs, and what a cap would make of the amount per pupil (P-3, P-6, P-7, P-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.exact import as_fraction, round_cents

__all__ = [
    "Amounts",
    "amounts_per_year",
    "capped_cents",
    "extra_cost",
    "first_cut_year",
    "funding_years",
    "provisional_counts",
]


@dataclass(frozen=True, eq=False)
class Amounts:
    """Cents per pupil in the prices of each year; all shape ``(years,)``.

    Attributes
    ----------
    support : int64 array
        s_t, per pro pupil.
    high, low : int64 array
        Basic funding per pupil of pro and upper vmbo, and of other vo (P-8).
    """

    support: NDArray[np.int64]
    high: NDArray[np.int64]
    low: NDArray[np.int64]


def first_cut_year(reference_date: int) -> int:
    """First year that can be cut: the count of the October after the reference date pays (P-3).

    Examples
    --------
    >>> first_cut_year(2025)
    2027
    """
    return reference_date + 2


def funding_years(reference_date: int, horizon: int) -> tuple[int, ...]:
    """Calendar years with a cut, up to the horizon."""
    return tuple(range(first_cut_year(reference_date), horizon + 1))


def amounts_per_year(
    support: Decimal,
    high: Decimal,
    low: Decimal,
    price_year: int,
    indexation: Decimal,
    years: Sequence[int],
) -> Amounts:
    """Index the amounts, exactly, and round each to whole cents (B-10, P-8).

    Parameters
    ----------
    support, high, low : Decimal
        Euro per pupil, prices of `price_year`.
    price_year : int
    indexation : Decimal
        Yearly rise.
    years : sequence of int

    Returns
    -------
    Amounts
    """
    rise = 1 + as_fraction(indexation)

    def cents(amount: Decimal) -> NDArray[np.int64]:
        # a rise of -1 leaves nothing, and nothing cannot be divided by
        factors = [
            rise ** (year - price_year) if rise or year >= price_year else Fraction(0)
            for year in years
        ]
        return np.array([round_cents(as_fraction(amount) * factor) for factor in factors], np.int64)

    return Amounts(cents(support), cents(high), cents(low))


def provisional_counts(
    counts: NDArray[np.int64], noise: NDArray[np.float64], sd: float
) -> NDArray[np.int64]:
    """Give counts as first published: the final ones with a relative error, whole pupils (P-6).

    The cut follows the provisional count and is not settled again: *assumed*.

    Parameters
    ----------
    counts : int64 array, shape ``(draw, growth, years)``
    noise : float64 array, shape ``(draw, years)``
        Standard normals, the same in all scenarios.
    sd : float

    Returns
    -------
    int64 array, shape ``(draw, growth, years)``
    """
    factor = 1 + sd * noise
    return np.maximum(np.rint(counts * factor[:, None]), 0).astype(np.int64)


def extra_cost(
    provisional: NDArray[np.int64],
    reference: NDArray[np.int64],
    support: NDArray[np.int64],
    below_reference: str,
) -> NDArray[np.int64]:
    """Extra cost E_t in cents: s_t × (P(1 October t − 1) − reference count) (P-3).

    Parameters
    ----------
    provisional : int64 array, shape ``(draw, growth, years)``
        Counts of the year before each funded year.
    reference : int64 array, shape ``(draw, growth)``
        Thousandths of pupils: a given count may have decimals.
    support : int64 array, shape ``(years,)``
        Cents per pupil.
    below_reference : "refund" or "none"

    Returns
    -------
    int64 array, shape ``(draw, growth, years)``
        Half a cent is rounded up.
    """
    gap = 1000 * provisional - reference[:, :, None]
    if below_reference == "none":
        gap = np.maximum(gap, 0)
    cents: NDArray[np.int64] = (gap * support + 500) // 1000
    return cents


def capped_cents(
    counts: NDArray[np.int64],
    reference: NDArray[np.int64],
    support: NDArray[np.int64],
    cap: int | None,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Work out what pro would get under a cap, in all and per pupil (P-7).

    Parameters
    ----------
    counts : int64 array, shape ``(draw, growth, years)``
        Counts of the year before each funded year.
    reference : int64 array, shape ``(draw, growth)``
        Thousandths of pupils.
    support : int64 array, shape ``(years,)``
        Cents per pupil.
    cap : int or None
        C in cents; None: support amount times reference count.

    Returns
    -------
    int64 array, shape ``(draw, growth, years)``
        Cents in all: never above C, and exactly C where the cap binds.
    float64 array, same shape
        Euro per pro pupil; the support amount where the cap does not bind.
    """
    limit = (reference[:, :, None] * support + 500) // 1000 if cap is None else np.int64(cap)
    free = counts * support
    total: NDArray[np.int64] = np.minimum(free, limit)
    per_pupil = np.where(total < free, total / np.maximum(counts, 1), support) / 100
    return total, per_pupil
