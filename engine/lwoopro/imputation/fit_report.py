"""How well the education model fits: coefficients, calibration, log loss (I-1, `model`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import EDUCATION_LEVELS
from lwoopro.imputation.education_model import EducationModel
from lwoopro.imputation.equation import Equation, dependent_columns
from lwoopro.imputation.ordered_logit import fit_ordered_logit

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FOLDS", "FitReport", "fit_report"]

FOLDS: Final = 10
"""Parts of the parents, each predicted from the others."""

_GROUPS: Final = 10
_LEVELS: Final = len(EDUCATION_LEVELS)


@dataclass(frozen=True, eq=False)
class FitReport:
    """What a reader needs to judge the education model.

    Attributes
    ----------
    coefficients : DataFrame
        Columns ``equation, parameter, estimate, se, z, parents``; thresholds (``low|high``) first.
        Slopes are per unit of the column; a positive one makes higher levels likelier.
    calibration : DataFrame
        Columns ``equation, group, parents, level, predicted, observed``: shares of the levels
        among parents sorted into ten groups by predicted mean level, lowest first.
    log_loss : DataFrame
        One line per equation: minus the mean log probability of the level that a parent has.
        ``in_sample`` and ``held_out`` (ten parts, each predicted from the other nine) and the same
        of the marginal distribution, ``marginal_in_sample`` and ``marginal_held_out``.
    notes : DataFrame
        Columns ``equation, column, what, categories``: what has no coefficient of its own.
    """

    coefficients: pd.DataFrame
    calibration: pd.DataFrame
    log_loss: pd.DataFrame
    notes: pd.DataFrame

    def to_json(self) -> str:
        """All of it as JSON text: per table a list of rows."""
        parts = {
            name: json.loads(getattr(self, name).to_json(orient="records", double_precision=15))
            for name in ("coefficients", "calibration", "log_loss", "notes")
        }
        return json.dumps(parts, ensure_ascii=False)


def fit_report(model: EducationModel) -> FitReport:
    """Report on every equation of a fitted model.

    Parameters
    ----------
    model : EducationModel

    Returns
    -------
    FitReport
    """
    import pandas as pd

    equations = model.equations
    notes = [line for equation in equations for line in _notes(equation)]
    losses = [{"equation": equation.name, **_losses(equation)} for equation in equations]
    columns = ["equation", "column", "what", "categories"]
    return FitReport(
        coefficients=_joined([_coefficients(equation) for equation in equations]),
        calibration=_joined([_calibration(equation) for equation in equations]),
        log_loss=pd.DataFrame(losses),
        notes=pd.DataFrame(notes, columns=columns),
    )


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _coefficients(equation: Equation) -> pd.DataFrame:
    import pandas as pd

    fitted = equation.fitted
    scale = np.concatenate([np.ones(len(fitted.cuts)), equation.scale])
    estimate = np.concatenate([fitted.cuts, fitted.slopes]) / scale
    error = np.sqrt(np.diagonal(fitted.covariance)) / scale
    return pd.DataFrame(
        {
            "equation": equation.name,
            "parameter": equation.labels,
            "estimate": estimate,
            "se": error,
            "z": estimate / error,
            "parents": len(equation.sample.level),
        }
    )


def _calibration(equation: Equation) -> pd.DataFrame:
    import pandas as pd

    sample = equation.sample
    probability = equation.fitted.probabilities(equation.design(sample.patterns))
    counts = sample.counts()
    of_pattern = counts.sum(axis=1)
    # parents of a pattern stay together
    order = np.argsort(probability @ np.arange(_LEVELS), kind="stable")
    middle = of_pattern[order].cumsum() - of_pattern[order] / 2
    group = np.empty(len(order), np.int64)
    group[order] = np.minimum(middle / of_pattern.sum() * _GROUPS, _GROUPS - 1).astype(np.int64)
    observed, predicted = np.zeros((2, _GROUPS, _LEVELS))
    np.add.at(observed, group, counts)
    np.add.at(predicted, group, probability * of_pattern[:, None])
    parents = observed.sum(axis=1)
    some = parents > 0
    share = parents[some, None]
    return pd.DataFrame(
        {
            "equation": equation.name,
            "group": np.repeat(np.flatnonzero(some) + 1, _LEVELS),
            "parents": np.repeat(parents[some].astype(np.int64), _LEVELS),
            "level": np.tile(EDUCATION_LEVELS, int(some.sum())),
            "predicted": (predicted[some] / share).ravel(),
            "observed": (observed[some] / share).ravel(),
        }
    )


def _losses(equation: Equation) -> dict[str, float | int]:
    sample = equation.sample
    design = equation.design(sample.patterns)
    counts = sample.counts()
    fold = _folds(sample.level, sample.person)
    held_out = marginal = 0.0
    for part in range(FOLDS):
        out = sample.counts(fold == part)
        rest = counts - out
        # what keeps two features, or a feature and the levels, apart may all be in this part
        kept = np.delete(design, dependent_columns(design, rest.sum(axis=1)), axis=1)
        fitted = fit_ordered_logit(kept, rest, strict=False)
        held_out += _loss(fitted.probabilities(kept), out, rest.sum())
        marginal += _loss(_marginal(rest), out, rest.sum())
    n = len(sample.level)
    inside = _loss(equation.fitted.probabilities(design), counts, n)
    return {
        "parents": n,
        "in_sample": inside / n,
        "held_out": held_out / n,
        "marginal_in_sample": _loss(_marginal(counts), counts, n) / n,
        "marginal_held_out": marginal / n,
    }


def _marginal(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = counts.sum(axis=0) / counts.sum()
    return share


def _loss(probability: NDArray[np.float64], counts: NDArray[np.float64], n: float) -> float:
    """Minus the summed log probabilities; a level that none of n parents had has 1 / (n + 1)."""
    return -float((counts * np.log(np.where(probability > 0, probability, 1 / (n + 1)))).sum())


def _folds(level: NDArray[np.int8], person: NDArray[np.int64]) -> NDArray[np.int64]:
    """Part of every parent: by a scrambled key, the parts alike in levels."""
    scrambled = person.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    scrambled = (scrambled ^ (scrambled >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    order = np.lexsort((person, scrambled, level))
    fold = np.empty(len(level), np.int64)
    fold[order] = np.arange(len(level)) % FOLDS
    return fold


def _notes(equation: Equation) -> list[tuple[str, str, str, str]]:
    pooled = [
        (equation.name, term, "no coefficient of its own", ", ".join(categories))
        for term, categories in equation.pooled.items()
        if categories
    ]
    aliased = [
        (equation.name, name.split("=")[0], "said by other columns", name)
        for name in equation.aliased
    ]
    absent = [name for k, name in enumerate(EDUCATION_LEVELS) if k not in equation.fitted.levels]
    never = [(equation.name, "level", "never imputed: nobody has it", ", ".join(absent))]
    return [*pooled, *aliased, *(never if absent else [])]
