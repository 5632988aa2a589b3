"""The criteria table (R-6)."""

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.criteria import CRITERIA, criteria_policies, criteria_scenarios
from tests.analysis.small import money


def policies(**changes: object) -> xr.Dataset:
    """Two dates; four swv and VO0001, 100 pupils each but the last with 400."""
    arrays = {
        "lwoo": {
            "old": [[[100.0] * 5, [100.0] * 5]],
            "new": [[[100.0] * 5, [50.0, 150, 100, 80, 120]]],
        },
        "years": (2019, 2020),
        "swv": ("VO0001", "VO2001", "VO2002", "VO2003", "VO2004"),
        "region": ("", "g4", "shrinking", "anticipating", ""),
        "pupils": [100, 100, 100, 100, 400],
    } | changes
    return money(**arrays)


def value(found: xr.Dataset, criterion: str, policy: str = "new") -> float:
    return float(found["value"].sel(criterion=criterion, policy=policy))


def test_policies_by_hand() -> None:
    results = policies()
    # registered lwoo per vo pupil; the last swv registers 0.4 %: it opts out
    results["lwoo_pupils"][1] = [50, 150, 100, 80, 4]
    found = criteria_policies(results)
    # money per pupil 0.5, 1.5, 1, 0.8 is ten times the rate
    np.testing.assert_allclose(value(found, "need"), 1)
    assert np.isnan(value(found, "need", "old")), "constant money has no correlation"
    # half of (50 + 50 + 0 + 20 + 20) / 500
    np.testing.assert_allclose(value(found, "moved_by_year"), 70 / 500)
    np.testing.assert_allclose(value(found, "moved_by_policy"), 70 / 500)
    assert value(found, "moved_by_policy", "old") == 0
    assert value(found, "g4") == 0.3 and value(found, "shrinking") == 0.36
    each = np.array([0.5, 1.5, 1, 0.8, 0.3])
    np.testing.assert_allclose(value(found, "spread"), each.std() / each.mean())
    # VO0001 left out; 100, 100, 100 are the smaller half: 330 / 300 against 120 / 400
    np.testing.assert_allclose(value(found, "small"), (330 / 300) / (120 / 400))


def test_agreement_with_a_column_is_that_of_ranks() -> None:
    column = xr.DataArray(
        [5.0, 90, 7, 6], dims="swv", coords={"swv": ["VO0001", "VO2001", "VO2002", "VO2003"]}
    )
    found = criteria_policies(policies(), agree={"leerplus": column})
    # money per pupil of the four: 0.5 < 0.8 < 1 < 1.5, the same order; the fifth has no number
    np.testing.assert_allclose(value(found, "agree:leerplus"), 1)
    back = criteria_policies(policies(), agree={"leerplus": -column})
    np.testing.assert_allclose(value(back, "agree:leerplus"), -1)


def test_without_regions_or_an_earlier_year_there_is_no_such_measure() -> None:
    found = criteria_policies(policies(region=[""] * 5), year=2019)
    assert {"g4", "shrinking", "moved_by_year"}.isdisjoint(found["criterion"].values)
    with pytest.raises(ValueError, match="no year 2021"):
        criteria_policies(policies(), year=2021)
    with pytest.raises(ValueError, match="no policy 'x'"):
        criteria_policies(policies(), baseline="x")


def test_scenarios_of_a_run(small_run: xr.Dataset) -> None:
    found = criteria_scenarios(small_run)
    assert set(found["criterion"].values) == set(CRITERIA) - {"moved_by_policy"}
    values = found["value"].sel(share=0.20, attribution="school")
    one = small_run.sel(year=2020, share=0.20, attribution="school")
    score = one["disadvantage_score"]
    share = score / score.sum("swv")
    before = small_run["disadvantage_score"].sel(year=2019, share=0.20, attribution="school")
    moved = abs(share - before / before.sum("swv")).sum("swv") / 2
    np.testing.assert_allclose(values.sel(criterion="moved_by_year"), moved.mean("draw"))
    g4 = share.where(one["region"] == "g4", 0).sum("swv")
    np.testing.assert_allclose(values.sel(criterion="g4"), g4.mean("draw"))
    asylum = one["asylum_pupils"].sum("swv") / one["target_pupils"].sum("swv")
    np.testing.assert_allclose(values.sel(criterion="asylum_pupils"), asylum.mean("draw"))
    assert values.sel(criterion="counts_elsewhere") == 0
    home = found["value"].sel(share=0.20, attribution="home", criterion="counts_elsewhere")
    assert 0 < home < 0.2
    assert 0 < values.sel(criterion="moved_by_ties") < 0.1
    assert ((found["shift_draws"] >= 0) & (found["shift_draws"] <= 1)).all()
    low, high = found["value_low"], found["value_high"]
    assert ((low <= high) | low.isnull()).all()
    assert found["value_mcse"].sel(criterion="need").notnull().all()


def test_the_order_of_the_swv_does_not_matter(small_run: xr.Dataset) -> None:
    order = np.random.Generator(np.random.Philox(1)).permutation(small_run.sizes["swv"])
    xr.testing.assert_allclose(
        criteria_scenarios(small_run), criteria_scenarios(small_run.isel(swv=order))
    )
