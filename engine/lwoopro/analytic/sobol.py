"""First-order and total indices by pick-and-freeze, with their errors (Q-6).

f_A and f_B are two independent runs; f_i is run A with source i taken from run B. So f_B and f_i
share source i alone, and f_A and f_i everything but it.

* Total: mean (f_A − f_i)² / 2V (Jansen 1999).
* First order: cov(f_B, f_i) scaled by the pooled variance of the two (Janon et al. 2014), which is
  sharp for large indices, and cov(f_B, f_i − f_A) / V (Saltelli et al. 2010), which is sharp for
  small ones. They are weighed so that the estimated error is smallest.

An error is asymptotic: every estimate is a smooth function of means over draws, so that it is,
to first order, a mean of one influence per draw.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Indices", "sobol_indices"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Indices:
    """Indices of every source; NaN where nothing varies.

    Attributes
    ----------
    first, first_se, total, total_se : float64 array, shape ``(source, …)``
    variance : float64 array, shape ``(…)``
        Of the output, from both runs.
    """

    first: Floats
    first_se: Floats
    total: Floats
    total_se: Floats
    variance: Floats


def sobol_indices(
    run_a: Floats, run_b: Floats, frozen: Floats, together: int | None = None
) -> Indices:
    """Estimate Sobol indices and their errors.

    Parameters
    ----------
    run_a, run_b : float64 array, shape ``(draw, …)``
    frozen : float64 array, shape ``(source, draw, …)``
        Run A with one source at a time from run B.
    together : int, optional
        Axis of `run_a` along which variances are added up before they are divided: the indices of
        all outputs along it together, each weighed by its variance.

    Returns
    -------
    Indices
        Without the axis `together`.

    Raises
    ------
    ValueError
        Fewer than two draws.
    """
    if len(run_a) < 2:
        raise ValueError("the indices need two draws or more")

    def gathered(values: Floats) -> Floats:
        return values if together is None else np.asarray(values.sum(axis=together))

    centre = (run_a.mean(axis=0) + run_b.mean(axis=0)) / 2
    a, b = run_a - centre, run_b - centre
    spread = gathered((a**2 + b**2) / 2)
    variance = np.asarray(spread.mean(axis=0))
    # what moves by rounding alone does not vary
    size = gathered(np.broadcast_to(centre**2, a.shape))[0]
    still = variance <= 1e-24 * size
    known = np.where(still, np.nan, variance)
    found: list[list[Floats]] = [[], [], [], []]
    for one in frozen:
        f = one - centre
        total = gathered((a - f) ** 2 / 2)
        value, influence = _ratio(total, spread, known)
        found[2].append(value)
        found[3].append(_error(influence))
        shift = (b + f).mean(axis=0) / 2
        bs, fs = b - shift, f - shift
        janon, of_janon = _ratio(gathered(bs * fs), gathered((bs**2 + fs**2) / 2), None)
        gap = f - a
        saltelli, of_saltelli = _ratio(gathered(b * (gap - gap.mean(axis=0))), spread, known)
        weight = _best(of_janon, of_saltelli)
        found[0].append(np.where(still, np.nan, weight * janon + (1 - weight) * saltelli))
        error = _error(weight * of_janon + (1 - weight) * of_saltelli)
        found[1].append(np.where(still, np.nan, error))
    first, first_se, totals, total_se = (np.stack(values) for values in found)
    return Indices(first, first_se, totals, total_se, variance)


def _ratio(top: Floats, bottom: Floats, size: Floats | None) -> tuple[Floats, Floats]:
    """Ratio of two means, and the influence of every draw on it."""
    below = bottom.mean(axis=0) if size is None else size
    below = np.where(below > 0, below, np.nan)
    value = np.asarray(top.mean(axis=0) / below)
    return value, np.asarray((top - value * bottom) / below)


def _error(influence: Floats) -> Floats:
    draws = len(influence)
    return np.asarray(np.sqrt((influence**2).sum(axis=0) / (draws * (draws - 1))))


def _best(one: Floats, other: Floats) -> Floats:
    """Weight of the first of two estimates that makes the error of their mean smallest."""
    gap = one - other
    square = (gap**2).sum(axis=0)
    weight = -(other * gap).sum(axis=0) / np.where(square > 0, square, 1.0)
    return np.asarray(np.clip(np.where(square > 0, weight, 0.5), 0.0, 1.0))
