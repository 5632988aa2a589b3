"""Numbers that never part from their errors equal what they are made from (Q-3)."""

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.estimates import (
    Estimate,
    Estimates,
    Interval,
    Intervals,
    chances,
    means,
    spread,
)
from lwoopro.analysis.montecarlo import mean, probability, quantile, quantiles, summary


@pytest.fixture
def drawn() -> xr.DataArray:
    values = np.random.default_rng(5).normal(3.0, 2.0, (60, 2, 4))
    values[:, 1, 2] = 7.0
    values[::3, 0, 1] = np.nan
    return xr.DataArray(values, dims=("draw", "year", "swv"), coords={"year": [2019, 2020]})


def test_a_spread_is_made_of_means_and_quantiles(drawn: xr.DataArray) -> None:
    found = spread(drawn, "swv", "year")
    for pair, wanted in (
        (found.mean, mean(drawn)),
        (found.half.low, quantile(drawn, 0.25)),
        (found.half.high, quantile(drawn, 0.75)),
        (found.interval.low, quantile(drawn, 0.05)),
        (found.interval.high, quantile(drawn, 0.95)),
    ):
        for values, name in ((pair.value, "estimate"), (pair.mcse, "mcse")):
            expected = wanted[name].transpose("swv", "year")
            np.testing.assert_allclose(values, expected, rtol=1e-13)
    event = drawn > 3
    np.testing.assert_array_equal(chances(event).mcse, probability(event)["mcse"])
    np.testing.assert_array_equal(means(drawn).value, mean(drawn)["estimate"])


def test_several_quantiles_equal_each(drawn: xr.DataArray) -> None:
    found = quantiles(drawn, (0.05, 0.5, 0.9))
    assert found["estimate"].dims == ("quantile", "year", "swv")
    for place, at in enumerate((0.05, 0.5, 0.9)):
        one = found.isel(quantile=place, drop=True)
        xr.testing.assert_identical(one, quantile(drawn, at))


def test_what_no_draw_changes_has_an_error_of_nothing(drawn: xr.DataArray) -> None:
    found = spread(drawn, "year", "swv")
    assert found.mean.at(1, 2) == Estimate(7.0, 0.0)
    both = found.interval.at(1, 2)
    assert not both.open and both.mcse == 0
    assert found.interval.at(0, 0).open
    alone = spread(drawn.isel(draw=[0]), "year", "swv")
    assert np.isnan(alone.mean.mcse).all() and not alone.interval.at(0, 0).open


def test_taken_from_a_table(drawn: xr.DataArray) -> None:
    table = summary(drawn.rename("x"), "x")
    one, ends = Estimates.of(table, "x", "swv", "year"), Intervals.of(table, "x", "swv", "year")
    assert one.at(3, 1).value == float(table["x"][1, 3])
    assert ends.at(3, 1) == Interval(
        Estimate(float(table["x_low"][1, 3]), float(table["x_low_mcse"][1, 3])),
        Estimate(float(table["x_high"][1, 3]), float(table["x_high_mcse"][1, 3])),
    )
    half = one.times(-0.5)
    np.testing.assert_array_equal(half.value, one.value * -0.5)
    np.testing.assert_array_equal(half.mcse, one.mcse * 0.5)
    with pytest.raises(KeyError):
        Estimates.of(table.drop_vars("x_mcse"), "x")


def test_the_error_of_an_interval_is_that_of_its_less_certain_end() -> None:
    assert Interval(Estimate(0.0, 0.3), Estimate(1.0, 0.2)).mcse == 0.3
    assert Interval(Estimate(0.0, float("nan")), Estimate(1.0, 0.2)).mcse == 0.2
