"""The regression of C-1: formulas by hand, and known coefficients found at the nominal rate."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from lwoopro.errors import InputError
from lwoopro.recalibration.estimate import ERRORS, Errors, Estimate, estimate
from lwoopro.recalibration.sample import Sample
from tests.recalibration import simulated


def covered(found: Estimate) -> np.ndarray:
    reach = student.ppf(0.975, found.freedom) * found.se
    return np.abs(found.value - simulated.true_values(found)) <= reach


def plain_design(sample: Sample, names: tuple[str, ...]) -> np.ndarray:
    """The design matrix from the names alone, with intelligence last."""
    columns = []
    for name in names:
        table, code = name.split(".", 1)
        if table == "start":
            columns.append(sample.group == ("bbkb", "gltl").index(code))
        else:
            factor = next(one for one in sample.factors if one.column == table)
            columns.append(factor.code == factor.codes.index(code))
    columns.append(sample.intelligence - sample.intelligence.mean())
    return np.column_stack(columns).astype(float)


def error_of_the_mean(sample: Sample, by_school: bool) -> float:
    """Variance of the mean intelligence, from pupils or from sums of schools."""
    off = sample.intelligence - sample.intelligence.mean()
    if not by_school:
        return float(np.var(off, ddof=1)) / len(off)
    sums = np.array([off[sample.school == s].sum() for s in np.unique(sample.school)])
    return float(len(sums) / (len(sums) - 1) * (sums @ sums) / len(off) ** 2)


@pytest.mark.parametrize("errors", ERRORS)
def test_coefficients_and_covariance_by_the_formula(errors: Errors) -> None:
    sample = simulated.sample(np.random.default_rng(1), 400, school_spread=1.0)
    found = estimate(sample, errors)
    x = plain_design(sample, found.names)
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ sample.score
    residual = sample.score - x @ beta
    n, k = x.shape
    if errors == "classical":
        covariance = inverse * (residual @ residual) / (n - k)
        freedom = n - k
    elif errors == "robust":
        covariance = n / (n - k) * inverse @ (x.T * residual**2) @ x @ inverse
        freedom = n - k
    else:
        schools = np.unique(sample.school)
        sums = np.stack([(x * residual[:, None])[sample.school == s].sum(axis=0) for s in schools])
        g = len(schools)
        covariance = g / (g - 1) * (n - 1) / (n - k) * inverse @ (sums.T @ sums) @ inverse
        freedom = g - 1
    np.testing.assert_allclose([*found.value, found.slope], beta, rtol=1e-8)
    known = estimate(sample, errors, float(sample.intelligence.mean()))
    np.testing.assert_allclose(known.covariance, covariance[:-1, :-1], rtol=1e-6, atol=1e-10)
    np.testing.assert_array_equal(known.value, found.value)
    # the start values alone are about the mean
    covariance[:2, :2] += beta[-1] ** 2 * error_of_the_mean(sample, errors == "school")
    np.testing.assert_allclose(found.covariance, covariance[:-1, :-1], rtol=1e-6, atol=1e-10)
    assert found.slope_se == pytest.approx(np.sqrt(covariance[-1, -1]))
    assert found.freedom == freedom
    assert found.centre == pytest.approx(sample.intelligence.mean())
    np.testing.assert_array_equal(found.covariance, found.covariance.T)


@pytest.mark.parametrize(("errors", "spread"), [("classical", 0.0), ("school", 1.5)])
def test_known_coefficients_lie_in_their_intervals(errors: Errors, spread: float) -> None:
    rng = np.random.default_rng(2)
    rate = np.array(
        [
            covered(estimate(simulated.sample(rng, 1800, school_spread=spread), errors)).mean()
            for _ in range(80)
        ]
    )
    error = rate.std(ddof=1) / np.sqrt(len(rate))
    assert error < 0.012
    assert abs(rate.mean() - 0.95) < 3 * error + (0.005 if errors == "school" else 0.0)


def test_a_known_centre_needs_no_mean() -> None:
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(80):
        found = estimate(simulated.sample(rng, 600), centre=simulated.CENTRE)
        assert found.centre == simulated.CENTRE
        inside.append(covered(found)[:2].mean())
    assert abs(np.mean(inside) - 0.95) < 3 * np.std(inside, ddof=1) / np.sqrt(80)


def test_without_intelligence_education_would_take_its_place() -> None:
    """What the intelligence measure is for: it and education go together."""
    sample = simulated.sample(np.random.default_rng(3), 6000)
    blind = replace(sample, intelligence=np.random.default_rng(4).normal(size=len(sample)))
    place = estimate(sample).names.index("education_mother.master")
    true = simulated.true_values(estimate(sample))[place]
    assert abs(estimate(sample).value[place] - true) < 4 * estimate(sample).se[place]
    assert estimate(blind).value[place] - true > 10 * estimate(blind).se[place]


def test_the_unit_of_intelligence_changes_its_slope_only() -> None:
    sample = simulated.sample(np.random.default_rng(5), 500)
    other = replace(sample, intelligence=1e-4 * sample.intelligence + 7e3)
    one, two = estimate(sample), estimate(other)
    np.testing.assert_allclose(two.value, one.value, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(two.covariance, one.covariance, rtol=1e-5, atol=1e-9)
    assert two.slope == pytest.approx(1e4 * one.slope, rel=1e-5)


def problems(sample: Sample, errors: Errors = "classical") -> list[str]:
    with pytest.raises(InputError) as caught:
        estimate(sample, errors)
    return [str(problem) for problem in caught.value.problems]


def few(sample: Sample, rows: int) -> Sample:
    return replace(
        sample,
        score=sample.score[:rows],
        intelligence=sample.intelligence[:rows],
        group=sample.group[:rows],
        school=sample.school[:rows],
        factors=tuple(replace(one, code=one.code[:rows]) for one in sample.factors),
    )


def test_what_cannot_be_estimated() -> None:
    sample = simulated.sample(np.random.default_rng(6), 300)
    assert problems(few(sample, 24)) == [
        "simulated: 24 pupils for 24 coefficients; more pupils",
    ]
    assert len(few(sample, 24)) == 24
    same = replace(sample, intelligence=np.full(300, 100.0))
    assert problems(same) == ["simulated: intelligence is the same for every pupil"]
    alike = replace(sample, school=np.zeros(300, np.int64))
    assert problems(alike, "school") == [
        "simulated: 1 school for errors by school; classical or robust errors"
    ]
    debt = sample.factors[-1]
    told = replace(sample, factors=(*sample.factors, replace(debt, column="again", added=True)))
    assert problems(told) == [
        "simulated: columns that the others tell: again.yes; leave a column out, or more pupils"
    ]
