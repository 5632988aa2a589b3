"""How an old system goes over into a new one in some years, to the cent (X-1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.cents import apportion_whole, share_out
from lwoopro.allocation.comparison import Basis, on_basis
from lwoopro.allocation.exact import as_fraction

__all__ = [
    "LOSS_STEP",
    "TransitionPlan",
    "blend",
    "held_year",
    "max_loss_path",
    "smallest_loss",
    "transition_steps",
    "transition_values",
]

LOSS_STEP: Final = Fraction(1, 10_000)
"""Precision of `smallest_loss`: 0.01 percentage point."""

_MICRO: Final = 1_000_000
_MOST: Final = 10**12
"""Cents of all swv together that can be multiplied by millionths."""

Number = Fraction | float


def transition_steps(
    kind: str, years: int, weights: Sequence[Number] | None = None
) -> tuple[Fraction, ...]:
    """λ of every year of a transition that blends the amounts (X-1).

    Parameters
    ----------
    kind : "linear", "front-loaded", "back-loaded" or "weights"
        λ_k = k/n; 1 − (1 − k/n)²; (k/n)²; or as given. The two squares are *assumed*: the model
        names these forms and gives no numbers.
    years : int
        n.
    weights : sequence of Fraction or float, optional
        For "weights": one per year, 0 to 1 with at most six decimals, the last one 1.

    Returns
    -------
    tuple of Fraction

    Raises
    ------
    ValueError
        The kind is unknown, or the weights are not as described.

    Examples
    --------
    >>> [float(step) for step in transition_steps("front-loaded", 5)]
    [0.36, 0.64, 0.84, 0.96, 1.0]
    """
    if years < 1:
        raise ValueError(f"{years} years: a transition takes at least one")
    linear = [Fraction(k, years) for k in range(1, years + 1)]
    if kind == "linear":
        return tuple(linear)
    if kind == "front-loaded":
        return tuple(1 - (1 - part) ** 2 for part in linear)
    if kind == "back-loaded":
        return tuple(part**2 for part in linear)
    if kind != "weights":
        raise ValueError(f"kind {kind!r}: use linear, front-loaded, back-loaded or weights")
    given = tuple(as_fraction(weight) for weight in weights or ())
    if len(given) != years or given[-1] != 1 or not all(0 <= part <= 1 for part in given):
        raise ValueError(f"give {years} weights from 0 to 1, the last one 1")
    return given


def held_year(year: int, known: Sequence[int]) -> int:
    """Year whose counts and amounts stand for those of a year of the transition (X-1).

    The last known year that is not later; before the first known year, that one.

    Examples
    --------
    >>> held_year(2028, [2019, 2020]), held_year(2018, [2019, 2020])
    (2020, 2019)
    """
    return max((other for other in known if other <= year), default=min(known))


def blend(
    old: NDArray[np.int64], new: NDArray[np.int64], parts: Sequence[Fraction]
) -> NDArray[np.int64]:
    """Amounts of every year of a transition, new + (1 − λ_k)(old − new), to the cent (X-1, B-9).

    The national amount of a year is fixed in whole cents (half up) and divided by largest
    remainder. Where old and new have the same total, so has every year.

    Parameters
    ----------
    old, new : int64 array, shape ``(draw, k, swv)``
        Cents, both on the counts of year k.
    parts : sequence of Fraction
        λ_k, from `transition_steps`.

    Returns
    -------
    int64 array, shape ``(draw, k, swv)``

    Raises
    ------
    ValueError
        There are not as many years as λ, or an amount is too large.
    """
    _check(old, new)
    if new.shape[1] != len(parts):
        raise ValueError(f"{new.shape[1]} years and {len(parts)} steps")
    amounts = np.empty_like(new)
    for k, part in enumerate(parts):
        whole = part.denominator
        if whole > _MICRO:
            raise ValueError(f"{part} has more than six decimals")
        exact = part.numerator * new[:, k] + (whole - part.numerator) * old[:, k]
        amounts[:, k] = _in_cents(exact, whole)
    return amounts


def _in_cents(exact: NDArray[np.int64], whole: int) -> NDArray[np.int64]:
    """Round amounts, in parts `whole` of a cent, to whole cents with the rounded total (B-9)."""
    total = (2 * exact.sum(axis=1) + whole) // (2 * whole)
    # divmod of whole numbers rounds down, also below zero
    floor, rest = np.divmod(exact, whole)
    cents = share_out(floor, rest, total)
    # where the total was rounded, the quotas are those of the rounded total; below zero, where
    # there are none, the remainders decide all the same
    rounded = (total * whole != exact.sum(axis=1)) & (exact >= 0).all(axis=1)
    if rounded.any():
        cents[rounded] = apportion_whole(total[rounded], exact[rounded])
    return cents


def max_loss_path(
    before: NDArray[np.int64], new: NDArray[np.int64], loss: Number | NDArray[np.int64]
) -> NDArray[np.int64]:
    """Amounts of every year when nobody falls below (1 − x) times last year's amount (X-1).

    Losers, whose new amount is below last year's, get the larger of new amount and floor (rounded
    up to a cent). The others get last year's amount and an equal fraction of what they still have
    to gain, so that the total of the year is that of the new system; the fraction is paid by
    largest remainder. Who had nothing or less last year has no floor: a loss in per cent is
    undefined.

    Where even last year's amounts for all gainers are more than there is, no such x holds in that
    year: all amounts are then cut in proportion, and `smallest_loss` does not accept that x.

    Parameters
    ----------
    before : int64 array, shape ``(draw, swv)``
        Cents of the year before the first.
    new : int64 array, shape ``(draw, k, swv)``
        Cents of the new system on the counts of year k.
    loss : Fraction or float, or int64 array, shape ``(draw,)``
        x, 0 to 1 with at most six decimals; an array has millionths.

    Returns
    -------
    int64 array, shape ``(draw, k, swv)``
        Every year adds up to the new system's total.

    Raises
    ------
    ValueError
        x is outside 0 … 1 or has more decimals, or an amount is too large.
    """
    amounts, _ = _walk(before, new, _millionths(loss, len(new)))
    return amounts


def _millionths(loss: Number | NDArray[np.int64], draws: int) -> NDArray[np.int64]:
    if isinstance(loss, np.ndarray):
        found = loss
    else:
        exact = as_fraction(loss) * _MICRO
        if exact.denominator != 1:
            raise ValueError(f"x {float(loss)}: at most six decimals")
        found = np.full(draws, int(exact), np.int64)
    if (found < 0).any() or (found > _MICRO).any():
        raise ValueError("x: a fraction from 0 to 1")
    return found


def _check(*amounts: NDArray[np.int64]) -> None:
    if any((np.abs(some).sum(axis=-1) > _MOST).any() for some in amounts):
        raise ValueError(f"there is more than {_MOST // 100:,} euro in a year")


def _walk(
    before: NDArray[np.int64], new: NDArray[np.int64], loss: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Path of `max_loss_path`, and whether its rule could be kept in every year of a draw."""
    _check(before, new)
    amounts = np.empty_like(new)
    kept = np.ones(len(new), bool)
    last = before
    for k in range(new.shape[1]):
        goal = new[:, k]
        loses = goal < last
        floor = -(-last * (_MICRO - loss[:, None]) // _MICRO)
        amount = np.where(loses, np.maximum(goal, np.where(last > 0, floor, goal)), last)
        gain = np.where(loses, 0, goal - last)
        total = goal.sum(axis=1)
        rest = total - amount.sum(axis=1)
        short = rest < 0
        amount = amount + apportion_whole(np.where(short, 0, rest), gain)
        if short.any():
            kept &= ~short
            weights = np.maximum(amount[short], 0)
            amount[short] = apportion_whole(np.maximum(total[short], 0), weights)
        amounts[:, k] = last = amount
    return amounts, kept


def smallest_loss(before: NDArray[np.int64], new: NDArray[np.int64]) -> NDArray[np.float64]:
    """Smallest x with which `max_loss_path` reaches the new amounts in its last year (X-1).

    x is searched on the grid of `LOSS_STEP` by halving: the x found is feasible, the step below
    it is not. While the counts stay the same, more loss a year never hinders, so that it is the
    smallest of all; where they move, a smaller x beyond an infeasible one is possible.

    Parameters
    ----------
    before : int64 array, shape ``(draw, swv)``
    new : int64 array, shape ``(draw, k, swv)``
        Cents, see `max_loss_path`.

    Returns
    -------
    float64 array, shape ``(draw,)``
        x; NaN where no x reaches them, because a year has less money than it hands out.
    """
    grid = int(1 / LOSS_STEP)
    unit = _MICRO // grid
    draws = len(new)

    def feasible(place: NDArray[np.int64], some: NDArray[np.intp]) -> NDArray[np.bool_]:
        amounts, kept = _walk(before[some], new[some], place * unit)
        reached: NDArray[np.bool_] = kept & (amounts[:, -1] == new[some, -1]).all(axis=1)
        return reached

    everyone = np.arange(draws)
    low = np.full(draws, -1, np.int64)  # infeasible
    high = np.full(draws, grid, np.int64)  # feasible, unless nothing is
    never = ~feasible(high, everyone)
    at_once = feasible(np.zeros(draws, np.int64), everyone)
    high[at_once] = 0
    low[~at_once] = 0
    while True:
        open_ = np.flatnonzero(~never & (high - low > 1))
        if not len(open_):
            break
        middle = (low[open_] + high[open_]) // 2
        good = feasible(middle, open_)
        high[open_[good]] = middle[good]
        low[open_[~good]] = middle[~good]
    return np.where(never, np.nan, high / grid)


@dataclass(frozen=True, eq=False)
class TransitionPlan:
    """A study's transition, ready for any block of draws.

    Attributes
    ----------
    old, new : int
        Positions of the two policies.
    before : int
        Position of the study's year that stands for the year before the first.
    years : tuple of int
        Positions of the study's years that stand for the years of the transition.
    parts : tuple of Fraction
        λ_k; empty for a transition with a largest loss.
    loss : Fraction or None
        x.
    basis : "cbs" or "letter"
    pro_has_left : pair of bool
        Whether the new and the old policy pay pro directly.
    direct_pro : int64 array, shape ``(year, swv)``
        Cents, see `comparison.direct_pro_cents`.
    """

    old: int
    new: int
    before: int
    years: tuple[int, ...]
    parts: tuple[Fraction, ...]
    loss: Fraction | None
    basis: Basis
    pro_has_left: tuple[bool, bool]
    direct_pro: NDArray[np.int64]

    @property
    def variables(self) -> tuple[str, ...]:
        """What `transition_values` gives."""
        return ("transition_budget", *("transition_needed_loss",) * (self.loss is not None))


def transition_values(
    plan: TransitionPlan, cents: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    """Amounts of every transition year, and what x they need (X-1).

    Parameters
    ----------
    plan : TransitionPlan
    cents : int64 array, shape ``(draw, year, policy, part, swv)``
        Budgets.

    Returns
    -------
    dict of str to array
        ``transition_budget`` in euro, shape ``(draw, k, swv)``; for a largest loss also
        ``transition_needed_loss``, shape ``(draw,)``.
    """
    total = cents.sum(axis=3)
    new, old = on_basis(
        total[:, :, plan.new],
        total[:, :, plan.old],
        new_pro=cents[:, :, plan.new, 2],
        old_pro=cents[:, :, plan.old, 2],
        direct_pro=plan.direct_pro,
        basis=plan.basis,
        pro_has_left=plan.pro_has_left,
    )
    years = list(plan.years)
    if plan.loss is None:
        return {"transition_budget": blend(old[:, years], new[:, years], plan.parts) / 100}
    before, goal = old[:, plan.before], new[:, years]
    return {
        "transition_budget": max_loss_path(before, goal, plan.loss) / 100,
        "transition_needed_loss": smallest_loss(before, goal),
    }
