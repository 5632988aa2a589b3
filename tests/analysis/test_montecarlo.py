"""Estimates over draws and their errors, against paper and against repeated runs (Q-3)."""

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.montecarlo import (
    mean,
    probability,
    quantile,
    shortfall,
    summaries,
    summary,
)


def draws(values: object) -> xr.DataArray:
    return xr.DataArray(np.asarray(values, float), dims="draw")


def test_by_hand() -> None:
    # mean 2.5; variance (2.25 + 0.25) * 2 / 3 = 5/3; error sqrt(5/3 / 4)
    found = mean(draws([1, 2, 3, 4]))
    assert found["estimate"] == 2.5
    np.testing.assert_allclose(found["mcse"], np.sqrt(5 / 12))
    # the 25 % point of 1 … 5 is 1 + 0.25 * 4 = 2
    assert quantile(draws([5, 1, 4, 2, 3]), 0.25)["estimate"] == 2
    # never in 98 draws: (0 + 1) / 100 in place of 0; error sqrt(0.01 * 0.99 / 100)
    never = probability(draws(np.zeros(98)) > 0)
    assert never["estimate"] == 0
    np.testing.assert_allclose(never["mcse"], np.sqrt(0.01 * 0.99 / 100))
    # worst 30 % of 5 draws is 1.5 draws: (1 + 0.5 * 2) / 1.5
    np.testing.assert_allclose(shortfall(draws([3, 1, 5, 2, 4]), 0.3)["estimate"], 2 / 1.5)


def test_one_draw_has_no_error() -> None:
    one = draws([7.0])
    for found in (mean(one), quantile(one, 0.05), shortfall(one, 0.05)):
        assert found["estimate"] == 7
        assert np.isnan(found["mcse"])


def test_nan_are_left_out_cell_by_cell() -> None:
    values = xr.DataArray([[1, np.nan], [3, np.nan], [np.nan, np.nan]], dims=("draw", "swv"))
    found = summary(values, "x")
    assert found["x"].values[0] == 2 and np.isnan(found["x"].values[1])
    # 5 % point of 1 and 3
    np.testing.assert_allclose(found["x_low"].values[0], 1.1)
    assert np.isnan(found["x_low"].values[1]) and np.isnan(found["x_mcse"].values[1])


@pytest.mark.parametrize("swv", [1, 2, 75, 130, 401])
@pytest.mark.parametrize("layout", ["draws first", "draws last", "every other"])
@pytest.mark.parametrize("holes", [0, 40])
def test_cells_taken_in_blocks_give_the_bits_of_all_at_once(
    swv: int, layout: str, holes: int
) -> None:
    generator = np.random.default_rng(swv)
    drawn = generator.lognormal(10, 2, (37, swv))
    drawn[:, :: swv // 3 + 1] = 7.25  # what no draw changes
    drawn.ravel()[generator.integers(0, drawn.size, holes)] = np.nan
    if layout == "draws last":
        drawn = np.asfortranarray(drawn)
    elif layout == "every other":
        drawn = np.repeat(drawn, 2, axis=1)[:, ::2]
    values = xr.DataArray(drawn, dims=("draw", "swv"))
    found = summaries({"x": values}, level=0.8)
    for name, one in (
        ("x", mean(values)),
        ("x_low", quantile(values, (1 - 0.8) / 2)),
        ("x_high", quantile(values, 1 - (1 - 0.8) / 2)),
    ):
        np.testing.assert_array_equal(found[name], one["estimate"])
        np.testing.assert_array_equal(found[f"{name}_mcse"], one["mcse"])


def test_a_summary_keeps_unit_and_coordinates() -> None:
    values = xr.DataArray(
        np.arange(12.0).reshape(2, 6),
        dims=("swv", "draw"),
        coords={"swv": ["a", "b"], "region": ("swv", ["g4", ""])},
        attrs={"units": "euro"},
    )
    found = summaries({"x": values, "y": 2 * values}, level=0.5)
    assert found["x_low"].attrs["units"] == "euro"
    assert found["region"].values.tolist() == ["g4", ""]
    assert found["x"].values.tolist() == [2.5, 8.5]
    # 25 % of 0 … 5
    assert found["x_low"].values.tolist() == [1.25, 7.25]
    assert found["y_high"].values.tolist() == [7.5, 19.5]


@pytest.mark.parametrize(
    ("name", "true"),
    [
        ("mean", 0.0),
        ("low", -1.6448536),
        ("median", 0.0),
        # P(X < -1) and E(X | X < 5 % point) of the standard normal
        ("chance", 0.1586553),
        ("shortfall", -2.0627128),
    ],
)
def test_the_error_is_the_spread_of_repeated_runs(name: str, true: float) -> None:
    """400 runs of 1,000 normal draws: the stated error is their standard deviation."""
    runs = np.random.Generator(np.random.Philox(5)).normal(size=(1000, 400))
    values = xr.DataArray(runs, dims=("draw", "run"))
    found = {
        "mean": lambda: mean(values),
        "low": lambda: quantile(values, 0.05),
        "median": lambda: quantile(values, 0.5),
        "chance": lambda: probability(values < -1),
        "shortfall": lambda: shortfall(values, 0.05),
    }[name]()
    estimate, error = found["estimate"].values, found["mcse"].values
    # the standard deviation of 400 runs is itself known to 3.5 %
    assert abs(error.mean() / estimate.std(ddof=1) - 1) < 0.15
    inside = np.abs(estimate - true) < 2 * error
    # 95 % of the runs; 0.95 ± 4.5 standard errors of 400
    assert 0.90 < inside.mean() <= 1


def test_what_no_draw_changes_has_no_error() -> None:
    euro = xr.DataArray(np.full((1000, 3), 13835068.33), dims=("draw", "swv"))
    found = mean(euro)
    assert found["estimate"].values.tolist() == [13835068.33] * 3
    assert found["mcse"].values.tolist() == [0.0] * 3
