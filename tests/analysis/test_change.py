"""Changes between two policies, worked out once for all that look at them (B-6, R-4)."""

from collections.abc import Callable

import pytest
import xarray as xr

from lwoopro.analysis.change import change, in_time
from lwoopro.analysis.redistribution import redistribution
from lwoopro.analysis.regions import per_pupil, regions
from lwoopro.analysis.risk import risk
from lwoopro.analysis.stability import stability, yearly_change
from tests.analysis.small import money

POLICY = "indicator-20-school"


@pytest.mark.parametrize("function", [redistribution, risk, per_pupil, regions])
def test_changes_that_are_given_are_not_worked_out_again(
    function: Callable[..., xr.Dataset], small_run: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    baseline = small_run.attrs["baseline"]
    known = change(small_run, POLICY, baseline)
    expected = function(small_run, policy=POLICY)
    monkeypatch.delattr(f"lwoopro.analysis.{function.__module__.rpartition('.')[2]}.change")
    xr.testing.assert_identical(function(small_run, policy=POLICY, changes=known), expected)


def test_changes_from_year_to_year_that_are_given_are_not_worked_out_again(
    small_run: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = yearly_change(small_run, policy=POLICY)
    expected = stability(small_run, policy=POLICY)
    monkeypatch.delattr("lwoopro.analysis.stability.yearly_change")
    xr.testing.assert_identical(stability(small_run, policy=POLICY, changes=known), expected)


def test_dates_are_put_in_order_where_they_are_not() -> None:
    results = money({"p": [[[130.0], [100.0], [90.0]]]}, years=(2020, 2018, 2019))
    assert in_time(results)["year"].values.tolist() == [2018, 2019, 2020]
    ordered = results.sortby("year")
    assert in_time(ordered) is ordered
