"""Two runs compared: on common draws, and on independent ones (R-9)."""

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.two_runs import compare_runs, differences_of
from tests.analysis.small import money


def drawn(values: np.ndarray) -> xr.DataArray:
    return xr.DataArray(values, dims=("draw", "swv"), coords={"swv": ["VO2001", "VO2002"]})


def test_common_draws_are_taken_draw_by_draw() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 100, (400, 2))
    gap = np.array([5.0, -3.0])
    found = differences_of(drawn(noise), drawn(noise + gap), common=True)
    np.testing.assert_allclose(found["difference"], gap)
    np.testing.assert_allclose(found["difference_low"], gap)
    np.testing.assert_allclose(found["difference_high"], gap)
    assert float(found["difference_mcse"].max()) < 1e-12, "the noise drops out"
    assert float(found["first_mcse"].min()) > 3


def test_other_draws_are_independent() -> None:
    rng = np.random.default_rng(2)
    first, second = rng.normal(0, 3, (4000, 2)), rng.normal(10, 4, (4000, 2))
    found = differences_of(drawn(first), drawn(second), common=False)
    error = np.sqrt((first.var(axis=0, ddof=1) + second.var(axis=0, ddof=1)) / 4000)
    np.testing.assert_allclose(found["difference"], second.mean(axis=0) - first.mean(axis=0))
    np.testing.assert_allclose(found["difference_mcse"], error)
    # a normal difference with standard deviation 5
    np.testing.assert_allclose(found["difference_low"], 10 - 1.645 * 5, atol=0.3)
    np.testing.assert_allclose(found["difference_high"], 10 + 1.645 * 5, atol=0.3)


@pytest.mark.parametrize("common", [True, False])
def test_errors_of_the_ends_are_those_of_repeated_runs(common: bool) -> None:
    """Q-3: 300 pairs of runs; the errors must say how far their intervals stray."""
    rng = np.random.default_rng(4)
    found = []
    for _ in range(300):
        first = rng.normal(0, 3, (150, 2))
        second = first + rng.gamma(2.0, 2.0, (150, 2)) if common else rng.gamma(2.0, 2.0, (150, 2))
        found.append(differences_of(drawn(first), drawn(second), common=common))
    every = xr.concat(found, dim="run")
    for end in ("low", "high"):
        seen = every[f"difference_{end}"].std("run", ddof=1).to_numpy()
        said = every[f"difference_{end}_mcse"].mean("run").to_numpy()
        np.testing.assert_allclose(said, seen, rtol=0.2)


def test_the_same_noise_is_not_taken_for_common() -> None:
    noise = np.random.default_rng(3).normal(0, 1, (2000, 2))
    found = differences_of(drawn(noise), drawn(noise), common=False)
    width = (found["difference_high"] - found["difference_low"]).to_numpy()
    np.testing.assert_allclose(width, 2 * 1.645 * np.sqrt(2), rtol=0.1)


def test_runs_of_other_lengths_share_their_first_draws() -> None:
    first, second = np.arange(12.0).reshape(6, 2), np.arange(8.0).reshape(4, 2) + 1
    found = differences_of(drawn(first), drawn(second), common=True)
    np.testing.assert_allclose(found["difference"], 1.0)
    alone = differences_of(drawn(first[:1]), drawn(second[:1]), common=False)
    np.testing.assert_allclose(alone["difference"], 1.0)
    assert bool(alone["difference_mcse"].isnull().all()), "one draw has no error"


def test_policies_years_and_swv_that_both_have() -> None:
    swv = ["VO2001", "VO2002", "VO2101"]
    one = money({"a": [[[1.0, 2.0, 3.0]]] * 3}, years=(2019,), swv=swv)
    other = money(
        {"a": [[[2.0, 2.0, 9.0]]] * 3, "b": [[[7.0, 0.0, 0.0]]] * 3}, years=(2019,), swv=swv
    )
    found = compare_runs(one, other.isel(swv=[1, 0]), policy="a", common=True)
    assert found["swv"].values.tolist() == ["VO2001", "VO2002"]
    np.testing.assert_allclose(found["difference"], [1.0, 0.0])
    np.testing.assert_allclose(found["relative"], [1.0, 0.0])
    np.testing.assert_allclose(found["relative_mcse"], 0.0)
    assert float(found["first_total"]) == 3.0 and float(found["first_total_mcse"]) == 0.0
    assert float(found["apart"]) == 1.0 and found.attrs["year"] == 2019
    moved = compare_runs(one, other, policy="a", other_policy="b", common=True)
    assert float(moved["apart"]) == 6.0 + 2.0 + 3.0, "whatever their sign"
    with pytest.raises(ValueError, match="no policy 'c'"):
        compare_runs(one, other, policy="c", common=True)
    with pytest.raises(ValueError, match="year in common"):
        compare_runs(one, other, policy="a", common=True, year=2020)
