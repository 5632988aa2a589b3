"""The regression: test score on intelligence and the characteristics (C-1).

What is fixed, so that every coefficient is identified: the reference code of each characteristic
has 0 (education `primary`, origin `nl`, stay `10+`, debt `no`; of an added column its most frequent
code), and intelligence is measured from a centre. A start value is then the expected test score of
a pupil of that intelligence with all reference codes, and leaving intelligence out of the score
means: every pupil at the same intelligence. The centre is the mean over the pupils that count,
which is itself an estimate and makes the start values less sure; or a number that is known.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import TRACK_GROUPS
from lwoopro.errors import InputError, Problem
from lwoopro.pupils.messages import listed
from lwoopro.recalibration.sample import Sample

__all__ = ["ERRORS", "Errors", "Estimate", "estimate"]

Errors = Literal["classical", "robust", "school"]
ERRORS: Final[tuple[Errors, ...]] = ("classical", "robust", "school")
"""How the covariance is estimated: equal variances, any variances, or schools as clusters."""

_FEWEST_SCHOOLS: Final = 2


@dataclass(frozen=True, eq=False)
class Estimate:
    """Coefficients with their covariance.

    Attributes
    ----------
    names : tuple of str
        ``"<table>.<code>"`` as in an indicator file, without the reference codes; shape
        ``(parameter,)``.
    value : float64 array, shape ``(parameter,)``
        Points of the test score.
    covariance : float64 array, shape ``(parameter, parameter)``
    slope, slope_se : float
        Of intelligence: points per unit. It is no part of the score.
    centre : float
        Intelligence that the start values are about.
    freedom : int
        Degrees of freedom of the t distribution: pupils less parameters, or schools less one.
    r_squared : float
    errors : str
    sample : Sample
    """

    names: tuple[str, ...]
    value: NDArray[np.float64]
    covariance: NDArray[np.float64]
    slope: float
    slope_se: float
    centre: float
    freedom: int
    r_squared: float
    errors: Errors
    sample: Sample

    @property
    def se(self) -> NDArray[np.float64]:
        """Standard errors, shape ``(parameter,)``."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def estimate(sample: Sample, errors: Errors = "classical", centre: float | None = None) -> Estimate:
    """Regress the test score on intelligence and the characteristics by least squares (C-1).

    Parameters
    ----------
    sample : Sample
    errors : "classical", "robust" or "school"
        The covariance: of equal residual variances; of any (HC1); or with schools as clusters, so
        that pupils of one school may resemble each other.
    centre : float, optional
        Intelligence to take as average; none: the pupils' own mean, with its error.

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        Too few pupils or schools, or columns that say the same.
    """
    from statsmodels.regression.linear_model import OLS

    names, design = _design(sample)
    mean = float(sample.intelligence.mean())
    measured = sample.intelligence - (mean if centre is None else centre)
    spread = float(measured.std())
    problems = []
    if len(sample) <= design.shape[1] + 1:
        what = f"{len(sample):,} pupils for {design.shape[1] + 1} coefficients"
        problems.append(Problem(sample.path, what, "more pupils"))
    if spread == 0:
        problems.append(Problem(sample.path, "intelligence is the same for every pupil"))
    schools = len(np.unique(sample.school))
    if errors == "school" and schools < _FEWEST_SCHOOLS:
        what = f"{schools} school for errors by school"
        problems.append(Problem(sample.path, what, "classical or robust errors"))
    if not problems:
        full = np.column_stack([design, measured / spread])
        same = _dependent(full, (*names, "intelligence"))
        if same:
            what = f"columns that the others tell: {listed(same)}"
            right = "leave a column out, or more pupils"
            problems.append(Problem(sample.path, what, right))
    if problems:
        raise InputError(problems)
    model = OLS(sample.score, full)
    if errors == "school":
        fitted = model.fit(cov_type="cluster", cov_kwds={"groups": sample.school})
        freedom = schools - 1
    else:
        fitted = model.fit(cov_type="HC1") if errors == "robust" else model.fit()
        freedom = len(sample) - full.shape[1]
    covariance = np.asarray(fitted.cov_params())
    covariance = (covariance + covariance.T) / 2
    slope = float(fitted.params[-1]) / spread
    if centre is None:
        # the mean's error is independent of the regression's: both start values move together
        groups = len(TRACK_GROUPS)
        covariance[:groups, :groups] += slope**2 * _variance_of_mean(sample, errors)
    return Estimate(
        names=names,
        value=np.asarray(fitted.params)[:-1],
        covariance=covariance[:-1, :-1],
        slope=slope,
        slope_se=float(np.sqrt(covariance[-1, -1])) / spread,
        centre=mean if centre is None else centre,
        freedom=freedom,
        r_squared=float(fitted.rsquared),
        errors=errors,
        sample=sample,
    )


def _design(sample: Sample) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Make a column for every code but the references; track groups are the constant."""
    names = [f"start.{name}" for name in TRACK_GROUPS]
    columns = [sample.group == k for k in range(len(TRACK_GROUPS))]
    for factor in sample.factors:
        for k, code in enumerate(factor.codes):
            if k != factor.reference:
                names.append(f"{factor.column}.{code}")
                columns.append(factor.code == k)
    return tuple(names), np.column_stack(columns).astype(np.float64)


def _variance_of_mean(sample: Sample, errors: Errors) -> float:
    """Variance of the mean intelligence, pupils or schools taken as drawn at random."""
    deviation = sample.intelligence - sample.intelligence.mean()
    if errors == "school":
        _, place = np.unique(sample.school, return_inverse=True)
        deviation = np.bincount(place, deviation)
    many = len(deviation)
    return float(many / (many - 1) * (deviation**2).sum() / len(sample) ** 2)


def _dependent(full: NDArray[np.float64], names: tuple[str, ...]) -> list[str]:
    """Names of columns that are linear in those before them."""
    length = np.sqrt((full**2).sum(axis=0))
    diagonal = np.abs(np.diag(np.linalg.qr(full / length, mode="r")))
    return [name for name, left in zip(names, diagonal, strict=True) if left < 1e-7]
