"""The analytic twin of one year: scores and budgets, without drawing (Q-5)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.policies import PolicyPlan
from lwoopro.analytic.families import prepare_families
from lwoopro.analytic.inputs import Chances
from lwoopro.analytic.movement import (
    Functional,
    Moments,
    moments_of,
    reach,
    shares_of,
    sums_of,
    tails_of,
)

Floats = NDArray[np.float64]

__all__ = ["APPROXIMATE", "TwinYear", "twin_year"]

APPROXIMATE: Final = (
    "given the cut and the national mean, the mean and variance of S_j are exact, but for the "
    "donors: each of K candidates is taken to be equally likely, which is right to K·2⁻³²",
    "the cut moves from score to score: the number of pupils up to each score is taken to be "
    "normal, jointly with S_j",
    "the national mean A and the asylum score G move by the delta method, and so do parts S_j/ΣS "
    "and the weights of fractional ties",
    "budgets are not rounded to cents, and their intervals are normal ones",
)
"""What of the twin is approximate, in words."""


@dataclass(frozen=True, eq=False)
class TwinYear:
    """Mean and spread of one year.

    Attributes
    ----------
    mean, sd, kurtosis : float64 array, shape ``(attribution, share, swv)``
        Of S_j with weight `mean` (D-1), in score points.
    target : float64 array, same shape
        Expected pupils in the target group, asylum pupils included.
    budget_mean, budget_sd : float64 array, shape ``(policy, swv)``
        Euro; NaN for policies whose money follows the scores in a way that is not worked out: a
        threshold (D-3) or a lift of some regions (D-4). Without scores the spread is 0.
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    kurtosis: NDArray[np.float64]
    target: NDArray[np.float64]
    budget_mean: NDArray[np.float64]
    budget_sd: NDArray[np.float64]


def twin_year(chances: Chances, policies: Sequence[PolicyPlan] = ()) -> TwinYear:
    """Work out mean and variance of the disadvantage scores, and of budgets.

    Parameters
    ----------
    chances : Chances
    policies : sequence of PolicyPlan
        Of this year.

    Returns
    -------
    TwinYear
    """
    families = prepare_families(chances)
    reached = reach(chances, families)

    def quantity(a: int, s: int, weight: str, part: bool) -> Callable[[str], Functional]:
        def of(members: str) -> Functional:
            sums = sums_of(chances, reached[s], a, weight, members)
            return shares_of(sums) if part else sums

        return of

    def scores(a: int, s: int, weight: str, part: bool, tails: Floats | None = None) -> Moments:
        return moments_of(chances, reached[s], a, quantity(a, s, weight, part), tails)

    sides, shares = range(len(chances.unit)), range(len(chances.quotas))
    tails = tails_of(chances, families, reached, lambda r, m: sums_of(chances, r, 0, "mean", m))
    found = [[scores(a, s, "mean", False, tails[s]) for s in shares] for a in sides]
    units = chances.pupils.shape[1]
    budget = np.full((2, len(policies), units), np.nan)
    for p, policy in enumerate(policies):
        fixed = policy.fixed.sum(axis=0) / 100
        by = policy.by_score
        if by is None or by.total == 0:
            budget[:, p] = fixed, np.zeros(units)
        elif by.scheme.threshold == "none" and not by.scheme.uplift:
            share = [quota.share for quota in chances.quotas].index(by.share)
            parts = scores(by.attribution, share, by.scheme.weight, True)
            budget[:, p] = fixed + by.total / 100 * parts.mean, by.total / 100 * parts.sd
    mean, sd, kurtosis = (
        np.array([[getattr(one, name) for one in side] for side in found])
        for name in ("mean", "sd", "kurtosis")
    )
    target = np.array([[scores(a, s, "equal", False).mean for s in shares] for a in sides])
    return TwinYear(mean, sd, kurtosis, target, *budget)
