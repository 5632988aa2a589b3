"""Which coefficients differ from the file in use (C-1)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from lwoopro.codes import TRACK_GROUPS
from lwoopro.indicator.coefficients import MICRO, Indicator
from lwoopro.recalibration.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LEVEL", "compare", "holm"]

LEVEL = 0.05
"""A coefficient is said to differ where its adjusted p-value is below this."""


def compare(estimate: Estimate, indicator: Indicator) -> "pd.DataFrame":
    """Hold every coefficient against the file in use.

    The references may differ between the two, so differences to the reference code are compared;
    the start value of the second track group is compared as its difference to the first, and that
    of the first including all reference codes. The two are taken as independent; where the file in
    use knows no standard error, its value counts as exact. p-values are adjusted by Holm's method:
    the chance that any coefficient which did not change is called different is at most 5 %. A last
    line per table of more than two coefficients tests all of them together; those p-values are
    adjusted among themselves.

    Parameters
    ----------
    estimate : Estimate
    indicator : Indicator
        The file in use.

    Returns
    -------
    DataFrame
        One line per coefficient: ``coefficient``, ``estimate``, ``se``, ``low``, ``high`` (95 %
        interval), ``in_use``, ``in_use_se``, ``difference``, ``p``, ``p_adjusted``, ``differs``.
        A table's line has `coefficient` ``<table> (together)`` and NaN for single values. Added
        characteristics that the file in use does not have are compared with 0.
    """
    import pandas as pd

    old = indicator.parameters()
    where = {name: k for k, name in enumerate(old.names)}
    spread = old.factor @ old.factor.T
    tables = list(_contrasts(estimate, where))
    lines = []
    together = []
    for table, contrasts in tables:
        new = np.array([own for _, own, _ in contrasts])
        known = np.zeros((len(contrasts), len(old.names)))
        for row, (_, _, other) in zip(known, contrasts, strict=True):
            for k, sign in other:
                row[k] += sign
        value = new @ estimate.value
        covariance = new @ estimate.covariance @ new.T
        before = known @ old.value / MICRO
        before_covariance = known @ spread @ known.T / MICRO**2
        total = covariance + before_covariance
        se = np.sqrt(np.diag(covariance))
        reach = t_distribution.ppf(0.975, estimate.freedom) * se
        difference = value - before
        p = 2 * t_distribution.sf(np.abs(difference) / np.sqrt(np.diag(total)), estimate.freedom)
        for k, (name, _, _) in enumerate(contrasts):
            lines.append(
                {
                    "coefficient": name,
                    "estimate": value[k],
                    "se": se[k],
                    "low": value[k] - reach[k],
                    "high": value[k] + reach[k],
                    "in_use": before[k],
                    "in_use_se": np.sqrt(before_covariance[k, k]),
                    "difference": difference[k],
                    "p": p[k],
                }
            )
        many = len(contrasts)
        if many > 1:
            statistic = float(difference @ np.linalg.solve(total, difference)) / many
            wald = float(f_distribution.sf(statistic, many, estimate.freedom))
            together.append({"coefficient": f"{table} (together)", "p": wald})
    found = [pd.DataFrame(part) for part in (lines, together)]
    for part in found:
        part["p_adjusted"] = holm(part["p"].to_numpy())
    joined = pd.concat(found, ignore_index=True)
    joined["differs"] = joined["p_adjusted"] < LEVEL
    return joined


_Contrast = tuple[str, NDArray[np.float64], list[tuple[int, float]]]


def _contrasts(estimate: Estimate, where: dict[str, int]) -> Iterator[tuple[str, list[_Contrast]]]:
    """Name, weights of the new parameters, and (position, sign) of the old ones, per table."""
    place = {name: k for k, name in enumerate(estimate.names)}
    unit = np.eye(len(place))
    first, second = (f"start.{name}" for name in TRACK_GROUPS)
    factors = estimate.sample.factors
    references = [f"{factor.column}.{factor.codes[factor.reference]}" for factor in factors]
    old_first = [(where[name], 1.0) for name in (first, *references) if name in where]
    yield (
        "start",
        [
            (first, unit[place[first]], old_first),
            (
                f"{second} - {first}",
                unit[place[second]] - unit[place[first]],
                [(where[second], 1.0), (where[first], -1.0)],
            ),
        ],
    )
    for factor, reference in zip(factors, references, strict=True):
        contrasts: list[_Contrast] = []
        for code in factor.codes:
            name = f"{factor.column}.{code}"
            if name in place:
                old = [(where[name], 1.0)] if name in where else []
                old += [(where[reference], -1.0)] if reference in where else []
                contrasts.append((name, unit[place[name]], old))
        yield factor.column, contrasts


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p-values for being many (Holm 1979).

    Parameters
    ----------
    p : float64 array, shape ``(tests,)``

    Returns
    -------
    float64 array, shape ``(tests,)``

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(6).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    stepped = (len(p) - np.arange(len(p))) * p[order]
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted
