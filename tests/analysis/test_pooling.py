"""Pooling over imputations against published figures and R (Q-4)."""

from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import norm, t

from lwoopro.analysis.pooling import NO_WITHIN, pool

# SAS/STAT 13.1 User's Guide, procedure MIANALYZE, example 64.1: five imputations of 31 men, means
# and standard errors as printed there. Its fraction of missing information is another one: it
# takes Rubin's df of 1987, where R's mice and this engine take Barnard and Rubin's.
FITNESS = {
    "oxygen": (
        [47.0120, 47.2407, 47.4995, 47.1485, 47.0042],
        [0.95984, 0.93540, 1.00766, 0.95439, 0.96528],
        {"between": 0.041478, "within": 0.930853, "total": 0.980626, "df": 26.298},
    ),
    "run_time": (
        [10.4441, 10.5040, 10.5922, 10.5279, 10.4913],
        [0.28520, 0.26661, 0.26302, 0.26405, 0.27275],
        {"between": 0.002948, "within": 0.073142, "total": 0.076679, "df": 26.503},
    ),
    "run_pulse": (
        [171.216, 171.244, 171.909, 171.146, 172.072],
        [1.59910, 1.75638, 1.85795, 1.75011, 1.84807],
        {"between": 0.191086, "within": 3.114442, "total": 3.343744, "df": 25.463},
    ),
}


@pytest.mark.parametrize("name", FITNESS)
def test_published_example(name: str) -> None:
    means, errors, published = FITNESS[name]
    pooled = pool(np.array(means), np.array(errors) ** 2, complete_df=30)
    for label, value in published.items():
        # the inputs are printed with four to six digits
        assert float(pooled[label]) == pytest.approx(value, rel=1e-3), label


def test_published_remark_on_large_samples() -> None:
    # SAS/STAT User's Guide, on combining inferences: m = 5 and r = 10 % give 484 degrees of freedom
    estimate = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    pooled = pool(estimate, np.full(5, 1.2 * 2.5 / 0.1))
    assert float(pooled["relative_increase"]) == pytest.approx(0.1, rel=1e-12)
    assert float(pooled["df"]) == pytest.approx(484, rel=1e-12)


# Made with R 4.2.2 and mice 3.15.0:
#   library(mice)
#   pool.scalar(Q, U, n = 50, k = 3)          # complete-data df n - k
#   pool.scalar(Q, U, n = Inf)
#   pool.scalar(c(-4, 6, 1), c(2, 2.5, 1.5), n = 12, k = 2)
# with Q = c(2.1, 2.5, 1.8, 2.9, 2.2), U = c(.30, .35, .28, .40, .33)
Q, U = [2.1, 2.5, 1.8, 2.9, 2.2], [0.30, 0.35, 0.28, 0.40, 0.33]
SCALARS: list[tuple[list[float], list[float], float, list[float]]] = [
    (Q, U, 47, [2.3, 0.332, 0.175, 0.542, 13.5662959168244, 0.632530120481927, 0.461404759943269]),
    (
        Q,
        U,
        np.inf,
        [2.3, 0.332, 0.175, 0.542, 26.6452607709751, 0.632530120481927, 0.428778936928548],
    ),
    (
        [-4, 6, 1],
        [2, 2.5, 1.5],
        10,
        [1, 2, 25, 35.3333333333333, 0.394807958257185, 16.6666666666667, 0.976743487456608],
    ),
]
NAMES = ("estimate", "within", "between", "total", "df", "relative_increase", "fraction_missing")


@pytest.mark.parametrize(("q", "u", "df", "frozen"), SCALARS)
def test_equal_to_mice_pool_scalar(
    q: list[float], u: list[float], df: float, frozen: list[float]
) -> None:
    pooled = pool(np.array(q), np.array(u), complete_df=df)
    for name, value in zip(NAMES, frozen, strict=True):
        assert float(pooled[name]) == pytest.approx(value, rel=1e-12), name


# Made with R 4.2.2 and mice 3.15.0:
#   imp <- mice(nhanes, m = 7, print = FALSE, seed = 123)
#   fit <- with(imp, lm(chl ~ age + bmi))
#   sapply(fit$analyses, coef); sapply(fit$analyses, function(f) diag(vcov(f)))
#   p <- pool(fit); p$pooled; summary(p, conf.int = TRUE, conf.level = .95)
# after set.seed(11); rows: intercept, age, bmi; the complete-data df is 22
COEFFICIENTS = np.array(
    """
    -17.36984952973868 -60.30504499326992 -44.77947403178194 -25.45794771692122  11.89402009761094
    -6.01098202460788 -55.30445985548140
    39.53066947374927 37.44281423450946 36.25053680366996 29.19071458644316 27.24545011727633
    31.73047029183141 34.93628384745023
    5.25395128027769 6.98234751440541 6.69671153655041 6.25008611780916 4.99239245553851
    5.50847191943450 6.88844542024745
    """.split(),
    float,
).reshape(3, 7)
VARIANCES = np.array(
    """
    3665.42316983961291 1921.43918107374111 2829.18087308157737 3164.88236090900591
    3490.50347272721865 3190.11974999284621 2067.30504010013010
    79.33448850787757 47.77893519960460 66.37841153859210 80.92032899831550
    70.15749487169769 76.09315649343016 52.34469484171728
    3.86080410410305 1.89063624128410 2.87995673639778 3.12306713228190
    3.79675854599776 3.98476133708588 1.99546809237520
    """.split(),
    float,
).reshape(3, 7)
MICE = {
    "estimate": [-28.19053400774144, 33.76099133641855, 6.08177232060902],
    "within": [2904.12197824630448, 67.57250149303356, 3.07592174136081],
    "between": [710.826327707382916, 20.314479573919328, 0.678157743035897],
    "total": [3716.49492419759918, 90.78904957751278, 3.85095916197326],
    "df": [14.0466983087900, 12.9397639051471, 14.5757721978203],
    "relative_increase": [0.279731000294229, 0.343579822731185, 0.251969161045551],
    "imputation_share": [0.218585781097680, 0.255719695189205, 0.201258280863025],
    "fraction_missing": [0.310265026514886, 0.349106311106454, 0.292149504320738],
    "low": [-158.90252867089865, 13.16654340345333, 1.88841734021347],
    "high": [102.5214606554158, 54.3554392693838, 10.2751273010046],
}


def regression() -> tuple[xr.DataArray, xr.DataArray]:
    dims, coords = ("term", "draw"), {"term": ["intercept", "age", "bmi"]}
    attrs = {"units": "euro", "long_name": "coefficient"}
    return (
        xr.DataArray(COEFFICIENTS, dims=dims, coords=coords, attrs=attrs),
        xr.DataArray(VARIANCES, dims=dims, coords=coords),
    )


def test_equal_to_mice_pool() -> None:
    pooled = pool(*regression(), complete_df=22)
    assert set(pooled.data_vars) == set(MICE)
    for name, frozen in MICE.items():
        assert pooled[name].dims == ("term",)
        np.testing.assert_allclose(pooled[name], frozen, rtol=1e-12, err_msg=name)
    assert pooled["term"].values.tolist() == ["intercept", "age", "bmi"]


def test_units_and_attributes() -> None:
    pooled = pool(*regression(), complete_df=22, level=0.9)
    assert pooled.attrs == {"draws": 7, "level": 0.9, "within_variance": "given"}
    assert pooled["low"].attrs == {"units": "euro", "long_name": "coefficient"}
    assert pooled["total"].attrs == {"units": "(euro)^2"}
    assert pooled["df"].attrs == {"units": "1"}
    half = t.ppf(0.95, MICE["df"]) * np.sqrt(MICE["total"])
    np.testing.assert_allclose(pooled["high"] - pooled["estimate"], half, rtol=1e-12)


def test_without_a_within_variance() -> None:
    values = np.array([[1.0, 5.0], [3.0, 5.0], [2.0, 5.0], [6.0, 5.0]])
    pooled = pool(values)
    assert pooled.attrs["within_variance"] == NO_WITHIN
    assert set(pooled.data_vars) == {"estimate", "between", "total", "df", "low", "high"}
    np.testing.assert_allclose(pooled["estimate"], [3, 5])
    np.testing.assert_allclose(pooled["total"], [1.25 * 14 / 3, 0])
    assert (pooled["df"] == 3).all()
    half = t.ppf(0.975, 3) * np.sqrt(1.25 * 14 / 3)
    np.testing.assert_allclose(pooled["low"], [3 - half, 5], rtol=1e-12)
    assert set(pooled["estimate"].dims) == {"dim_1"}


def test_a_variance_of_zero_is_no_within_variance() -> None:
    values = np.array([[1.0, 1.0], [3.0, 3.0], [2.0, 2.0]])
    variance = np.array([[0.0, 1.0]] * 3)
    for complete in (np.inf, 20.0):
        pooled = pool(values, variance, complete_df=complete)
        assert float(pooled["df"][0]) == 2
        assert np.isnan(pooled["relative_increase"][0])
        assert np.isnan(pooled["fraction_missing"][0])
        alone = pool(values)
        assert float(pooled["low"][0]) == pytest.approx(float(alone["low"][0]), rel=1e-12)
        assert np.isfinite(pooled["fraction_missing"][1])


def test_nothing_imputed_leaves_the_complete_data_inference() -> None:
    values, variance = np.full((5, 2), 4.0), np.full((5, 2), 9.0)
    pooled = pool(values, variance, complete_df=np.array([20.0, np.inf]))
    assert (pooled["total"] == 9).all()
    np.testing.assert_allclose(pooled["df"], [21 / 23 * 20, np.inf])
    half = [t.ppf(0.975, 21 / 23 * 20) * 3, norm.ppf(0.975) * 3]
    np.testing.assert_allclose(pooled["high"] - 4, half, rtol=1e-12)
    assert (pooled["imputation_share"] == 0).all()


def test_every_cell_is_pooled_by_itself() -> None:
    rng = np.random.default_rng(1)
    values: NDArray[np.float64] = rng.normal(size=(6, 4, 3))
    variance = rng.uniform(0.5, 2, size=(6, 4, 3))
    df = rng.uniform(5, 50, size=(4, 3))
    together = pool(values, variance, complete_df=df)
    for i, j in ((0, 0), (3, 2), (1, 1)):
        alone = pool(values[:, i, j], variance[:, i, j], complete_df=df[i, j])
        for name in alone.data_vars:
            assert float(together[name][i, j]) == pytest.approx(float(alone[name]), rel=1e-12)


def test_dimensions_are_matched_by_name() -> None:
    estimate, variance = regression()
    df = xr.DataArray([5.0, 22.0, 90.0], dims="term", coords={"term": ["intercept", "age", "bmi"]})
    pooled = pool(estimate, variance.transpose("draw", "term"), complete_df=df)
    assert float(pooled["df"][1]) == pytest.approx(MICE["df"][1], rel=1e-12)
    lazy = pool(estimate.chunk({"draw": 3}), variance, complete_df=df)
    xr.testing.assert_allclose(lazy, pooled)


def test_an_empty_value_stays_one() -> None:
    values, variance = np.array([[1.0, np.nan], [2.0, 3.0]]), np.ones((2, 2))
    pooled = pool(values, variance)
    assert np.isnan(pooled["estimate"][1])
    assert np.isnan(pooled["high"][1])
    assert np.isfinite(pooled["high"][0])


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ((np.ones(1),), "at least two"),
        ((np.array(3.0),), "no draws"),
        ((np.ones(3), -np.ones(3)), "negative"),
        ((np.ones(3), np.ones(4)), "differ"),
        ((np.ones((3, 2)), np.ones(3)), "differ"),
        ((xr.DataArray(np.ones(3), dims="year"),), "no dimension draw among year"),
    ],
)
def test_what_cannot_be_pooled(arguments: tuple[Any, ...], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        pool(*arguments)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_level_is_a_probability(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        pool(np.arange(3.0), level=level)


@pytest.mark.parametrize("df", [0.0, -2.0, np.nan])
def test_complete_df_is_positive(df: float) -> None:
    with pytest.raises(ValueError, match="complete_df"):
        pool(np.arange(3.0), np.ones(3), complete_df=df)


def test_intervals_cover_as_often_as_they_say() -> None:
    # normal data, 30 % hidden at random, imputed properly: the mean's interval covers it
    rng = np.random.default_rng(5)
    runs, people, known, draws = 4000, 60, 42, 8
    seen = rng.normal(size=(runs, known))
    mean, square = seen.mean(axis=1), seen.var(axis=1, ddof=1)
    variance = square * (known - 1) / rng.chisquare(known - 1, size=(draws, runs))
    centre = mean + np.sqrt(variance / known) * rng.normal(size=(draws, runs))
    hidden = centre[..., None] + np.sqrt(variance)[..., None] * rng.normal(
        size=(draws, runs, people - known)
    )
    total = seen.sum(axis=1) + hidden.sum(axis=2)
    squares = (seen**2).sum(axis=1) + (hidden**2).sum(axis=2)
    each = total / people
    within = (squares / people - each**2) / (people - 1)
    pooled = pool(each, within, complete_df=people - 1)
    covered = float(((pooled["low"] <= 0) & (0 <= pooled["high"])).mean())
    assert 0.94 < covered < 0.96
