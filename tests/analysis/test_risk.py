"""Losses, value at risk, expected shortfall, ranks (R-7)."""

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.risk import risk
from tests.analysis.small import money


def hundred() -> xr.Dataset:
    """Light support 1000; the first swv loses 1 … 100 euro in as many draws, the second gains."""
    loss = np.arange(1.0, 101)[:, None, None]
    new = np.concatenate([1000 - loss, 1000 + loss], axis=2)
    return money({"old": np.full((1, 1, 2), 1000.0), "new": new})


def test_by_hand() -> None:
    found = risk(hundred(), policy="new", top=1).sel(year=2020)
    first = found.isel(swv=0)
    # -10 % or worse in one of 100 draws, -20 % never
    assert first["loss_probability"].values.tolist() == [0.01, 0]
    # 5 % point of -100 … -1: -100 + 0.05 * 99
    np.testing.assert_allclose(first["value_at_risk"], 95.05)
    np.testing.assert_allclose(first["relative_at_risk"], 0.09505)
    # the five worst: 96 … 100
    np.testing.assert_allclose(first["expected_shortfall"], 98)
    np.testing.assert_allclose(first["relative_shortfall"], 0.098)
    # who always gains has a negative value at risk: at least 1 + 0.05 * 99
    np.testing.assert_allclose(found["value_at_risk"].values[1], -5.95)
    assert found["rank"].values.tolist() == [2, 1]
    assert found["top_probability"].values.tolist() == [0, 1]
    assert found["bottom_probability"].values.tolist() == [1, 0]
    assert (first["expected_shortfall_mcse"] > 0) and (first["value_at_risk_mcse"] > 0)


def test_equal_changes_share_their_rank() -> None:
    found = risk(
        money({"old": [[[100.0] * 3]], "new": [[[90.0, 110.0, 90.0]]]}), policy="new", top=2
    )
    assert found["rank"].values.ravel().tolist() == [2.5, 1, 2.5]
    # between 2 and 3 is neither among the first two; from the end, 1.5 is
    assert found["top_probability"].values.ravel().tolist() == [0, 1, 0]
    assert found["bottom_probability"].values.ravel().tolist() == [1, 0, 1]
    assert np.isnan(found["rank_mcse"]).all()


def test_swv_without_a_relative_change_have_no_rank() -> None:
    results = money({"old": [[[0.0, 1.0, 1.0]]], "new": [[[5.0, 2.0, 1.0]]]})
    found = risk(results, policy="new", top=1)
    np.testing.assert_array_equal(found["rank"].values[0], [np.nan, 1, 2])
    assert found["top_probability"].values.ravel().tolist() == [0, 1, 0]
    assert found["bottom_probability"].values.ravel().tolist() == [0, 0, 1]


def test_a_permutation_of_the_swv_permutes_everything() -> None:
    numbers = np.random.Generator(np.random.Philox(1))
    results = money(
        {"old": np.full((1, 1, 12), 1e6), "new": np.round(numbers.normal(1e6, 2e5, (40, 1, 12)), 2)}
    )
    order = numbers.permutation(12)
    one = risk(results, policy="new", top=3).isel(swv=order)
    xr.testing.assert_allclose(one, risk(results.isel(swv=order), policy="new", top=3))


def test_arguments_out_of_range() -> None:
    with pytest.raises(ValueError, match="tail 1"):
        risk(hundred(), policy="new", tail=1, top=1)
    with pytest.raises(ValueError, match="top 10: a number from 1 to 2"):
        risk(hundred(), policy="new")
