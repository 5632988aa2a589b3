"""Disadvantage scores: contribution, threshold, regional uplift (D-1 … D-4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.target import Gaps

__all__ = ["Scheme", "apply_threshold", "contributions", "disadvantage", "rounding_error"]

Contribution = Literal["mean", "cut", "equal"]
Threshold = Literal["none", "deduct", "eligible"]

_Array = TypeVar("_Array")


@dataclass(frozen=True)
class Scheme:
    """How a policy turns the target group into weights.

    Attributes
    ----------
    weight : "mean", "cut" or "equal"
        D-2.
    threshold : "none", "deduct" or "eligible"
        D-3.
    tau : Fraction
        Share of the pupils that the threshold takes away, D-3.
    uplift : mapping of str to Fraction
        Extra per named region, D-4.
    """

    weight: Contribution = "mean"
    threshold: Threshold = "none"
    tau: Fraction = Fraction(0)
    uplift: Mapping[str, Fraction] = field(default_factory=dict)


_ROUNDINGS: Final = 32 * float(np.finfo(np.float64).eps)
"""Fewer than 32 roundings stand between the whole numbers and a score."""


def contributions(weight: Contribution, gaps: Gaps) -> NDArray[Any]:
    """Sum per swv what its target-group pupils contribute (D-1, D-2).

    Parameters
    ----------
    weight : "mean", "cut" or "equal"
        A − score, c − score, or 1 per pupil.
    gaps : Gaps

    Returns
    -------
    array, shape as ``gaps.members``
        Millionths of a score point, or pupils for `equal`.
    """
    if weight == "equal":
        return np.asarray(gaps.members + gaps.asylum)
    own = gaps.shortfall + gaps.asylum * gaps.cut_above_group
    if weight == "cut":
        return np.asarray(own)
    return np.asarray(own + (gaps.members + gaps.asylum) * gaps.mean_above_cut)


def _mean_contribution(weight: Contribution, gaps: Gaps) -> Any:
    """Mean contribution of the target group: A − G, c − G or 1 (D-3)."""
    if weight == "equal":
        return 1
    return gaps.cut_above_group + (gaps.mean_above_cut if weight == "mean" else 0)


def disadvantage(
    scheme: Scheme, gaps: Gaps, region: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Weights by which a policy distributes: contribution → threshold → uplift (D-4).

    Parameters
    ----------
    scheme : Scheme
    gaps : Gaps
    region : str array, shape ``(swv,)``

    Returns
    -------
    weights : array, shape as ``gaps.members``
    distance : array, same shape
        How far the score stands from its threshold, positive above; infinite without one. A
        floating point score within its rounding error of zero here must be settled exactly.
    """
    score = contributions(scheme.weight, gaps)
    exact = score.dtype == object
    distance = np.full(score.shape, np.inf)
    if scheme.threshold != "none":
        tau = scheme.tau if exact else float(scheme.tau)
        line = tau * gaps.pupils * _mean_contribution(scheme.weight, gaps)
        distance = score - line
        passed = score if scheme.threshold == "eligible" else distance
        nothing: Any = Fraction(0) if exact else 0.0
        score = np.where(distance > 0, passed, nothing)
    for name, extra in scheme.uplift.items():
        factor = 1 + extra if exact else float(1 + extra)
        score = np.where(region == name, score * factor, score)
    return score, distance


def rounding_error(
    scheme: Scheme, gaps: Gaps, weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Bound the rounding error of floating point `disadvantage` from the size of its terms.

    Parameters
    ----------
    scheme : Scheme
    gaps : Gaps
        Floats.
    weights : float64 array, optional
        What `disadvantage` gave for them: without a negative term they are their own size.

    Returns
    -------
    float64 array, shape as ``gaps.members``
        Zero where all terms are zero: such a score is exactly zero.
    """
    simple = scheme.threshold == "none" and not scheme.uplift
    if weights is not None and simple and (gaps.mean_above_cut >= 0).all():
        return weights * _ROUNDINGS
    size = contributions(
        scheme.weight,
        Gaps(
            members=gaps.members,
            shortfall=gaps.shortfall,
            asylum=gaps.asylum,
            pupils=gaps.pupils,
            mean_above_cut=np.abs(gaps.mean_above_cut),
            cut_above_group=gaps.cut_above_group,
        ),
    )
    if scheme.threshold != "none":
        mean = np.abs(_mean_contribution(scheme.weight, gaps))
        size = size + float(scheme.tau) * gaps.pupils * mean
    if scheme.uplift:
        size = size * max(1.0, *(float(1 + extra) for extra in scheme.uplift.values()))
    return np.asarray(size * _ROUNDINGS)


def apply_threshold(
    score: _Array,
    pupils: _Array | float,
    mean_score: _Array | float,
    target_mean: _Array | float,
    tau: float,
    mode: Literal["deduct", "eligible"] = "deduct",
) -> _Array:
    """Take the threshold off disadvantage scores of weight `mean` (D-3).

    The threshold is t = τ·n·(A − G). `deduct` gives max(0, S − t); `eligible` gives S where it is
    above t, else 0.

    Parameters
    ----------
    score : array or xarray.DataArray
        S, disadvantage scores in score points.
    pupils : array, xarray.DataArray or float
        n, number of pupils; broadcasts against `score`, as do the next two.
    mean_score : array, xarray.DataArray or float
        A, national mean in score points.
    target_mean : array, xarray.DataArray or float
        G, mean of the target group in score points.
    tau : float
        Share, between 0 and 1. Statistics Netherlands uses 0.12 for primary schools (PO19).
    mode : "deduct" or "eligible"

    Returns
    -------
    as `score`
        Score points.

    Raises
    ------
    ValueError
        `mode` is unknown or `tau` is outside 0 … 1.

    Notes
    -----
    Clause D-3; CBS, *Achterstandsscores basisscholen 2019*.

    Examples
    --------
    >>> import numpy as np
    >>> apply_threshold(np.array([10.0, 300.0]), np.array([200, 200]), 535.26, 529.46, 0.12)
    array([  0. , 160.8])
    """
    if mode not in ("deduct", "eligible"):
        raise ValueError(f"mode {mode!r}: use 'deduct' or 'eligible'")
    if not 0 <= tau <= 1:
        raise ValueError(f"tau {tau}: a share between 0 and 1")
    # NumPy and xarray share their arithmetic, not a type
    values: Any = score
    count: Any = pupils
    mean: Any = mean_score
    line = tau * count * (mean - target_mean)
    kept = values - line if mode == "deduct" else values
    # multiplying by the condition keeps the caller's array type; adding 0 turns -0.0 into 0.0
    result: _Array = kept * (values > line) + 0.0
    return result
