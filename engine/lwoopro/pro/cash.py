"""The cut month by month: cash follows the count with half a year's delay (P-5)."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["MONTHS", "monthly_cuts"]

MONTHS = 12


def monthly_cuts(
    amount: NDArray[np.int64],
    share_before: NDArray[np.float64],
    base: NDArray[np.int64],
    fixed_month: int,
) -> NDArray[np.int64]:
    """Spread the cut of each year over its months, in whole cents.

    The year's definitive prices are fixed in `fixed_month`. Months before it are paid at the share
    of the year before; each later one takes an equal part of what is left of the year.

    Parameters
    ----------
    amount : int64 array, shape ``(…)``
        Cut of the year, cents.
    share_before : float64 array, broadcast to `amount`
        φ of the year before; 0 in the first year.
    base : int64 array, broadcast to `amount`
        Basic funding of the year, cents.
    fixed_month : int
        2 … 12.

    Returns
    -------
    int64 array, shape ``(…, 12)``
        Cents; the months add up to the year.

    Examples
    --------
    >>> monthly_cuts(np.array(1200), np.array(0.0), np.array(10**6), 7).tolist()
    [0, 0, 0, 0, 0, 0, 200, 200, 200, 200, 200, 200]
    """
    early = fixed_month - 1
    late = MONTHS - early
    first = np.rint(np.asarray(share_before) * base / MONTHS).astype(np.int64)
    first = np.broadcast_to(first, np.shape(amount))
    left = amount - early * first
    # whole cents: the earlier of the late months take what does not divide
    part, rest = np.divmod(left, late)
    months = np.empty((*np.shape(amount), MONTHS), np.int64)
    months[..., :early] = first[..., None]
    months[..., early:] = part[..., None] + (np.arange(late) < rest[..., None])
    return months
