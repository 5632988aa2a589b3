"""Monte-Carlo standard errors against the spread of 200 repeated runs (Q-3).

The spread of 200 estimates is itself known to about 5 %. An error is called right where the mean of
the 200 errors lies between 0.85 and 1.20 times that spread: three times that, and the few per cent
by which the errors of quantiles are known to be wide.
"""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.montecarlo import mean, probability, quantile, shortfall

RUNS, DRAWS = 200, 500
LOW, HIGH = 0.85, 1.20

Shape = tuple[int, int]
Make = Callable[[np.random.Generator, Shape], NDArray[np.float64]]

DISTRIBUTIONS: dict[str, Make] = {
    # a budget of some millions in whole cents
    "normal": lambda rng, shape: np.round(rng.normal(4.2e6, 1.5e5, shape), 2),
    # a loss that is mostly small
    "skewed": lambda rng, shape: rng.lognormal(0.0, 1.0, shape),
    # amounts of a few cents: about seventy different values in all draws
    "cents": lambda rng, shape: np.round(rng.normal(0.0, 0.12, shape), 2),
    # counts, with an atom of 10 to 30 draws at every value
    "counts": lambda rng, shape: rng.poisson(100.0, shape).astype(float),
}


def repeated(name: str, draws: int = DRAWS) -> xr.DataArray:
    rng = np.random.default_rng([hash_of(name), draws])
    return xr.DataArray(DISTRIBUTIONS[name](rng, (draws, RUNS)), dims=("draw", "run"))


def hash_of(name: str) -> int:
    return int.from_bytes(name.encode()) % 2**32


def ratio(result: xr.Dataset) -> float:
    """Mean estimated error over the spread of the estimates."""
    return float(result["mcse"].mean("run") / result["estimate"].std("run", ddof=1))


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_error_of_a_mean(name: str) -> None:
    assert LOW < ratio(mean(repeated(name))) < HIGH


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("chance", [0.02, 0.2, 0.5, 0.9])
def test_error_of_a_probability(name: str, chance: float) -> None:
    values = repeated(name)
    assert LOW < ratio(probability(values <= np.quantile(values, chance))) < HIGH


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("at", [0.05, 0.5, 0.9, 0.95])
def test_error_of_a_quantile(name: str, at: float) -> None:
    assert LOW < ratio(quantile(repeated(name), at)) < HIGH


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_error_of_a_shortfall(name: str) -> None:
    assert LOW < ratio(shortfall(repeated(name), 0.05)) < HIGH


@pytest.mark.parametrize("draws", [100, 2000])
def test_errors_follow_the_number_of_draws(draws: int) -> None:
    values = repeated("normal", draws)
    assert LOW < ratio(mean(values)) < HIGH
    assert LOW < ratio(quantile(values, 0.05)) < HIGH
    assert LOW < ratio(probability(values <= 4.2e6)) < HIGH
    expected = np.sqrt(DRAWS / draws)
    shorter = mean(repeated("normal"))["mcse"].mean()
    assert float(mean(values)["mcse"].mean() / shorter) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_intervals_of_two_errors_hold_the_truth(name: str) -> None:
    # the truth of a quantile of something rounded is the rounded quantile, up to half a step
    truth = float(np.median(DISTRIBUTIONS[name](np.random.default_rng(1), (2000, 1000))))
    step = {"cents": 0.01, "counts": 1.0}.get(name, 0.0)
    result = quantile(repeated(name), 0.5)
    off = np.abs(result["estimate"] - truth)
    held = float((off <= 2 * result["mcse"] + step / 2).mean())
    assert 0.90 < held


def test_few_atoms_make_the_error_of_a_quantile_wide_and_never_zero_near_a_jump() -> None:
    # five values: an order statistic jumps or stands still; the error errs to the wide side on
    # average, and stands at zero only where the estimate never moves
    rng = np.random.default_rng(3)
    values = xr.DataArray(rng.poisson(1.0, (DRAWS, RUNS)).astype(float), dims=("draw", "run"))
    result = quantile(values, float(np.exp(-1.0)))  # right on the jump from 0 to 1
    assert 0.7 < ratio(result) < 2
    still = quantile(values, 0.55)
    assert (still["estimate"] == 1).all()
    assert float(still["mcse"].max()) < 0.01
