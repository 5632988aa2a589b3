"""Ordered logit by Newton's method (I-1)."""

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from lwoopro.imputation.ordered_logit import (
    OrderedLogit,
    OrderedLogitError,
    fit_ordered_logit,
    log_likelihood,
)


def simulated(
    seed: int, people: int, cuts: list[float], slopes: list[float], patterns: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features and levels of people from a known ordered logit; half of the features are 0/1."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(patterns or people, len(slopes)))
    features[:, ::2] = features[:, ::2] > 0.3
    if patterns:
        features = features[rng.integers(0, patterns, people)]
    latent = features @ np.array(slopes) + rng.logistic(size=people)
    return features, np.searchsorted(cuts, latent)


def counted(level: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.eye(8)[level]


CASES = [
    (1, 800, [-2.0, -1.0, 0.0, 0.5, 1.0, 1.5, 2.5], [0.8, -0.4, 0.3]),
    (2, 500, [-1.0, 0.2, 1.1], [1.5, 0.7]),
    (3, 1500, [-3.0, -2.5, -1.0, -0.9, 0.0, 2.0, 3.5], [-1.0, 0.0, 2.0, 0.5, -0.2]),
    (4, 300, [0.4], [0.6, -1.2]),
]


@pytest.mark.parametrize(("seed", "people", "cuts", "slopes"), CASES)
def test_equal_to_statsmodels(
    seed: int, people: int, cuts: list[float], slopes: list[float]
) -> None:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    features, level = simulated(seed, people, cuts, slopes)
    ours = fit_ordered_logit(features, counted(level))
    model = OrderedModel(level, features, distr="logit")
    # its own criterion may not be reachable in floating point; the assertions below say enough
    rough = model.fit(method="bfgs", gtol=1e-6, maxiter=500, disp=0, warn_convergence=False)
    theirs = model.fit(rough.params, method="newton", maxiter=5, disp=0, warn_convergence=False)
    many = len(slopes)
    np.testing.assert_allclose(ours.slopes, theirs.params[:many], atol=1e-6)
    thresholds = model.transform_threshold_params(theirs.params)[1:-1]
    np.testing.assert_allclose(ours.cuts, thresholds, atol=1e-6)
    np.testing.assert_allclose(ours.log_likelihood, theirs.llf, rtol=1e-10)
    errors = np.sqrt(np.diagonal(ours.covariance))[-many:]
    np.testing.assert_allclose(errors, theirs.bse[:many], rtol=1e-4)
    np.testing.assert_allclose(
        ours.probabilities(features)[:, : len(cuts) + 1], theirs.predict(), atol=1e-7
    )


def test_derivatives_are_those_of_the_likelihood() -> None:
    features, level = simulated(5, 400, [-1.5, -0.5, 0.1, 1.2], [0.7, -0.3, 0.2])
    counts = counted(level)[:, :5] * np.random.default_rng(1).uniform(0.2, 3, (400, 1))
    at = np.array([-1.0, -0.8, 0.3, 1.0, 0.2, 0.1, -0.4])
    _, gradient, information = log_likelihood(at, features, counts)
    step = 1e-5
    for k, unit in enumerate(np.eye(len(at)) * step):
        above = log_likelihood(at + unit, features, counts)
        below = log_likelihood(at - unit, features, counts)
        assert gradient[k] == pytest.approx((above[0] - below[0]) / (2 * step), rel=1e-6, abs=1e-5)
        slope = (above[1] - below[1]) / (2 * step)
        np.testing.assert_allclose(-information[k], slope, rtol=1e-6, atol=1e-5)


def test_likelihood_is_the_sum_of_log_probabilities() -> None:
    features, level = simulated(6, 200, [-1.0, 0.0, 1.0], [0.5])
    fitted = fit_ordered_logit(features, counted(level))
    chosen = fitted.probabilities(features)[np.arange(200), level]
    assert fitted.log_likelihood == pytest.approx(np.log(chosen).sum(), rel=1e-12)
    assert fitted.observations == 200


def test_parameters_are_found_again() -> None:
    cuts, slopes = [-2.0, -1.5, -1.0, 0.0, 0.3, 1.0, 2.0], [0.5, -0.3, 0.8]
    features, level = simulated(7, 50_000, cuts, slopes)
    fitted = fit_ordered_logit(features, counted(level))
    error = np.sqrt(np.diagonal(fitted.covariance))
    off = (np.concatenate([fitted.cuts, fitted.slopes]) - [*cuts, *slopes]) / error
    assert np.abs(off).max() < 4
    assert 0.3 < off.std() < 2  # and the errors are no larger than they should be


def test_a_weight_is_a_repetition() -> None:
    features, level = simulated(8, 2000, [-1.0, 0.0, 1.5], [0.5, 0.5], patterns=60)
    each = fit_ordered_logit(features, counted(level))
    patterns, of_row = np.unique(features, axis=0, return_inverse=True)
    counts = np.zeros((len(patterns), 8))
    np.add.at(counts, (of_row, level), 1)
    together = fit_ordered_logit(patterns, counts)
    np.testing.assert_allclose(together.slopes, each.slopes, atol=1e-12)
    np.testing.assert_allclose(together.cuts, each.cuts, atol=1e-12)
    twice = fit_ordered_logit(patterns, 2 * counts)
    np.testing.assert_allclose(twice.covariance, together.covariance / 2, rtol=1e-9)


def fitted_on(levels: list[int]) -> OrderedLogit:
    features, level = simulated(9, 600, [-0.5, 0.5], [0.4])
    return fit_ordered_logit(features, counted(np.array(levels)[level]))


def test_levels_that_never_occur_have_no_threshold_of_their_own() -> None:
    dense, spread = fitted_on([0, 1, 2]), fitted_on([1, 4, 6])
    assert spread.levels == (1, 4, 6)
    np.testing.assert_allclose(spread.cuts, dense.cuts, atol=1e-12)
    low, high = spread.cuts
    assert spread.thresholds.tolist() == [-np.inf, low, low, low, high, high, np.inf]
    probability = spread.probabilities(np.zeros((1, 1)))
    assert (probability[0, [0, 2, 3, 5, 7]] == 0).all()
    assert probability.sum() == pytest.approx(1, abs=1e-15)


def test_without_features_it_is_the_marginal_distribution() -> None:
    counts = np.array([[10.0, 0, 5, 85, 0, 0, 0, 100]])
    fitted = fit_ordered_logit(np.zeros((1, 0)), counts)
    np.testing.assert_allclose(fitted.probabilities(np.zeros((1, 0))), counts / 200, atol=1e-12)


def test_separated_levels_are_refused_with_the_feature() -> None:
    rng = np.random.default_rng(10)
    features = np.column_stack([rng.normal(size=200), np.repeat([0.0, 1.0], 100)])
    level = np.concatenate([rng.integers(0, 3, 100), rng.integers(3, 6, 100)])
    with pytest.raises(OrderedLogitError, match="tells levels apart") as caught:
        fit_ordered_logit(features, counted(level))
    assert caught.value.features == (1,)
    loose = fit_ordered_logit(features, counted(level), strict=False)
    assert loose.probabilities(features)[:100, :3].sum(axis=1).min() > 0.999


@pytest.mark.parametrize(
    ("columns", "what"),
    [((0, 0), "depend on one another"), ((0, None), "never varies")],
)
def test_features_that_cannot_be_told_apart(columns: tuple[int | None, ...], what: str) -> None:
    features, level = simulated(11, 200, [0.0], [0.5])
    both = np.column_stack([np.zeros(200) if c is None else features[:, c] for c in columns])
    with pytest.raises(OrderedLogitError, match=what) as caught:
        fit_ordered_logit(both, counted(level))
    assert caught.value.features == (1,)


def test_a_single_level_is_refused() -> None:
    with pytest.raises(OrderedLogitError, match="1 of 8 levels"):
        fit_ordered_logit(np.ones((3, 1)), counted(np.array([2, 2, 2])))


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_counts_are_counts(bad: float) -> None:
    counts = counted(np.arange(8))
    counts[3, 3] = bad
    with pytest.raises(ValueError, match="at least 0"):
        fit_ordered_logit(np.zeros((8, 0)), counts)


def test_shapes_must_fit() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        fit_ordered_logit(np.zeros((3, 1)), np.ones((4, 8)))


def test_units_of_a_feature_do_not_matter() -> None:
    features, level = simulated(12, 500, [-1.0, 1.0], [0.5, 0.2])
    plain = fit_ordered_logit(features, counted(level))
    scaled = fit_ordered_logit(features * [1e-6, 1e6], counted(level))
    np.testing.assert_allclose(scaled.slopes * [1e-6, 1e6], plain.slopes, rtol=1e-8)


def test_two_hundred_thousand_parents_take_less_than_a_second() -> None:
    slopes = np.linspace(-0.5, 0.5, 30).tolist()
    cuts = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    features, level = simulated(13, 200_000, cuts, slopes, patterns=4000)
    patterns, of_row = np.unique(features, axis=0, return_inverse=True)
    counts = np.zeros((len(patterns), 8))
    np.add.at(counts, (of_row, level), 1)
    start = time.perf_counter()
    fitted = fit_ordered_logit(patterns, counts)
    assert time.perf_counter() - start < 1
    np.testing.assert_allclose(fitted.slopes, slopes, atol=0.05)
