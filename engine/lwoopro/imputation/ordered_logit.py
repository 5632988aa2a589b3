"""Proportional-odds (ordered logit) regression on counts, by Newton's method (I-1, `model`).

The model is P(level ≤ k | x) = F(θ_k − x·β), F logistic. With u_ik = θ_k − x_i·β the probability of
an inner level is F(u_ik) · F(−u_i,k−1) · (1 − exp(θ_k−1 − θ_k)), so the log-likelihood is a sum of
binary terms per threshold and one term per gap between thresholds that knows no pattern. It is
concave in (θ, β), and each factor keeps its digits far into the tails.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from lwoopro.codes import EDUCATION_LEVELS

__all__ = ["OrderedLogit", "OrderedLogitError", "fit_ordered_logit", "log_likelihood"]

_LEVELS: Final = len(EDUCATION_LEVELS)
_MOST_STEPS: Final = 100
_MOST_HALVINGS: Final = 40
_CONVERGED: Final = 1e-14
"""Newton stops after the step whose squared length, in standard errors, is at most this."""
_FLAT: Final = 1e-12
"""Smallest pivot of the information, scaled to a unit diagonal, that still counts as one."""
_SEPARATED: Final = 25.0
"""A feature that moves the odds by more than exp(this) over its range tells levels apart."""


class OrderedLogitError(ValueError):
    """There is no maximum of the likelihood, or no single one.

    Parameters
    ----------
    what : str
    features : tuple of int
        Columns of the design matrix that the failure belongs to, as far as that is known.
    """

    def __init__(self, what: str, features: tuple[int, ...] = ()) -> None:
        super().__init__(what)
        self.features = features


@dataclass(frozen=True, eq=False)
class OrderedLogit:
    """Maximum-likelihood estimates of an ordered logit.

    Attributes
    ----------
    levels : tuple of int
        Levels that occur, rising. The others get no threshold of their own.
    cuts : float64 array, shape ``(len(levels) - 1,)``
        Thresholds between consecutive levels that occur, rising.
    slopes : float64 array, shape ``(features,)``
        β; a positive slope makes higher levels likelier.
    covariance : float64 array, shape ``(parameters, parameters)``
        Inverse of the observed information, of `cuts` and then `slopes`.
    log_likelihood : float
        At the maximum.
    observations : float
        Sum of the counts.
    steps : int
        Newton steps taken.
    """

    levels: tuple[int, ...]
    cuts: NDArray[np.float64]
    slopes: NDArray[np.float64]
    covariance: NDArray[np.float64]
    log_likelihood: float
    observations: float
    steps: int

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """Threshold θ_k of P(level ≤ k) for every k but the last, shape ``(7,)``.

        -inf below the lowest level that occurs, +inf from the highest on; a level that does not
        occur in between has the threshold of the level below it, hence probability 0.
        """
        below = np.searchsorted(self.levels, np.arange(_LEVELS - 1), side="right")
        edges: NDArray[np.float64] = np.concatenate([[-np.inf], self.cuts, [np.inf]])
        return edges[below]

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities of the levels.

        Parameters
        ----------
        features : float64 array, shape ``(rows, features)``

        Returns
        -------
        float64 array, shape ``(rows, 8)``
        """
        below = np.ones((len(features), _LEVELS))
        below[:, :-1] = expit(self.thresholds - (features @ self.slopes)[:, None])
        return np.diff(below, axis=1, prepend=0.0)


def fit_ordered_logit(
    features: NDArray[np.float64], counts: NDArray[np.float64], *, strict: bool = True
) -> OrderedLogit:
    """Fit an ordered logit to counts per pattern and level.

    Newton's method with analytic derivatives from β = 0 and the thresholds of the marginal
    distribution; a step that lowers the likelihood or crosses thresholds is halved. It stops after
    a step with λ² ≤ 1e-14, λ the step's length in the metric of the information: the estimates are
    then within a ten-millionth of a standard error of the maximum.

    Parameters
    ----------
    features : float64 array, shape ``(patterns, features)``
        Without a constant.
    counts : float64 array, shape ``(patterns, 8)``
        Observations per pattern and level, or their weights; at least 0. Levels that never occur
        get no threshold of their own.
    strict : bool
        False: where a feature tells levels apart completely, stop there instead of failing.

    Returns
    -------
    OrderedLogit

    Raises
    ------
    OrderedLogitError
        Fewer than two levels occur; features are constant or depend on one another; a feature
        tells levels apart completely (separation), so that the likelihood has no maximum.
    ValueError
        The shapes do not fit, or something is negative or not finite.
    """
    if features.ndim != 2 or counts.shape != (len(features), _LEVELS):
        raise ValueError(f"features {features.shape} and counts {counts.shape} do not fit")
    if not (np.isfinite(features).all() and np.isfinite(counts).all() and (counts >= 0).all()):
        raise ValueError("features and counts are finite, counts at least 0")
    total = counts.sum(axis=0)
    levels = np.flatnonzero(total)
    if len(levels) < 2:
        raise OrderedLogitError(f"{len(levels)} of {_LEVELS} levels occur; at least two are needed")
    observed = np.ascontiguousarray(counts[:, levels].T)
    share = total[levels].cumsum()[:-1] / total.sum()
    cuts = np.log(share / (1 - share))
    parameters = np.concatenate([cuts, np.zeros(features.shape[1])])
    spread = np.ptp(features, axis=0) if len(features) else np.zeros(features.shape[1])
    value = _value(parameters, features, observed)
    steps, done = 0, False
    while not done:
        if steps == _MOST_STEPS:
            raise OrderedLogitError(f"no convergence in {_MOST_STEPS} steps")
        steps += 1
        gradient, information = _derivatives(parameters, features, observed)
        move = _solve(information, gradient[:, None], len(cuts))[:, 0]
        squared = float(gradient @ move)
        parameters, value = _step(parameters, move, value, features, observed, squared)
        reach = np.abs(parameters[len(cuts) :]) * spread
        separated = np.flatnonzero(reach > _SEPARATED)
        if len(separated) and strict:
            raise OrderedLogitError(
                "a feature tells levels apart completely: the likelihood has no maximum",
                tuple(separated.tolist()),
            )
        done = len(separated) > 0 or squared <= _CONVERGED
    _, information = _derivatives(parameters, features, observed)
    covariance = _solve(information, np.eye(len(parameters)), len(cuts))
    return OrderedLogit(
        levels=tuple(levels.tolist()),
        cuts=parameters[: len(cuts)],
        slopes=parameters[len(cuts) :],
        covariance=(covariance + covariance.T) / 2,
        log_likelihood=value,
        observations=float(total.sum()),
        steps=steps,
    )


def log_likelihood(
    parameters: NDArray[np.float64], features: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Log-likelihood, its gradient and the observed information (minus the Hessian).

    Parameters
    ----------
    parameters : float64 array, shape ``(levels - 1 + features,)``
        Rising thresholds, then slopes.
    features : float64 array, shape ``(patterns, features)``
    counts : float64 array, shape ``(patterns, levels)``
        Every level occurs.

    Returns
    -------
    float, array ``(parameters,)``, array ``(parameters, parameters)``
    """
    observed = np.ascontiguousarray(counts.T)
    gradient, information = _derivatives(parameters, features, observed)
    return _value(parameters, features, observed), gradient, information


def _value(
    parameters: NDArray[np.float64], features: NDArray[np.float64], observed: NDArray[np.float64]
) -> float:
    """Log-likelihood; `observed` has shape ``(levels, patterns)``. -inf if thresholds cross."""
    cuts, slopes = parameters[: len(observed) - 1], parameters[len(observed) - 1 :]
    gaps = np.diff(cuts)
    if (gaps <= 0).any():
        return -np.inf
    u = cuts[:, None] - features @ slopes
    value = float((observed[:-1] * log_expit(u) + observed[1:] * log_expit(-u)).sum())
    return value + float(observed[1:-1].sum(axis=1) @ np.log(-np.expm1(-gaps)))


def _derivatives(
    parameters: NDArray[np.float64], features: NDArray[np.float64], observed: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradient and observed information of `_value`."""
    many = len(observed) - 1
    cuts, slopes = parameters[:many], parameters[many:]
    below = expit(cuts[:, None] - features @ slopes)
    pair = observed[:-1] + observed[1:]
    first = observed[:-1] - pair * below
    second = pair * below * (1 - below)

    gaps = np.diff(cuts)
    inner = observed[1:-1].sum(axis=1)
    odds = inner / np.expm1(gaps)
    curve = odds / -np.expm1(-gaps)

    gradient = np.concatenate([first.sum(axis=1), -(first.sum(axis=0) @ features)])
    gradient[: many - 1] -= odds
    gradient[1:many] += odds

    information = np.zeros((len(parameters), len(parameters)))
    k = np.arange(many)
    information[k, k] = second.sum(axis=1)
    information[k[:-1], k[:-1]] += curve
    information[k[1:], k[1:]] += curve
    information[k[:-1], k[1:]] = information[k[1:], k[:-1]] = -curve
    information[:many, many:] = -(second @ features)
    information[many:, :many] = information[:many, many:].T
    information[many:, many:] = features.T @ (second.sum(axis=0)[:, None] * features)
    return gradient, information


def _solve(
    information: NDArray[np.float64], right: NDArray[np.float64], cuts: int
) -> NDArray[np.float64]:
    """Solve with the information, scaled so that the features' units do not matter."""
    # here, for those who fit a model: other studies do not wait for it
    from scipy.linalg import cho_solve
    from scipy.linalg.lapack import dpotrf

    scale = np.sqrt(np.diagonal(information))
    flat = np.flatnonzero(~(scale > 0))
    if len(flat):
        raise OrderedLogitError("a feature never varies", tuple((flat - cuts).tolist()))
    scaled = information / np.outer(scale, scale)
    factor, fails = dpotrf(scaled, lower=1)
    pivots = np.diagonal(factor)[: fails - 1 if fails else None] ** 2
    if fails or pivots.min() < _FLAT:
        at = (fails - 1 if fails else int(pivots.argmin())) - cuts
        raise OrderedLogitError("features depend on one another", (at,) if at >= 0 else ())
    solved: NDArray[np.float64] = cho_solve((factor, True), right / scale[:, None])
    return solved / scale[:, None]


def _step(
    parameters: NDArray[np.float64],
    move: NDArray[np.float64],
    value: float,
    features: NDArray[np.float64],
    observed: NDArray[np.float64],
    squared: float,
) -> tuple[NDArray[np.float64], float]:
    """Take a Newton step, halved until the likelihood does not fall."""
    # near the maximum a step gains less than the sum's own rounding
    slack = 1e-11 * abs(value) if squared < 1e-6 else 0.0
    length = 1.0
    for _ in range(_MOST_HALVINGS):
        moved = parameters + length * move
        after = _value(moved, features, observed)
        if after >= value - slack:
            return moved, after
        length /= 2
    raise OrderedLogitError("no step raises the likelihood")
