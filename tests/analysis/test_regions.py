"""Euro per pupil and groups of regions (R-5)."""

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.regions import per_pupil, region_groups, regions
from tests.analysis.small import money

CODES = ("VO0001", "VO2001", "VO2002", "VO2003", "VO2004")
REGION = ("", "g4", "shrinking", "anticipating", "")


def results() -> xr.Dataset:
    """Euro before 1000 each; pupils 10, 100, 50, 50, 200; VO0001 changes wildly."""
    return money(
        {
            "old": [[[1000.0] * 5]],
            "new": [[[99_000.0, 1500, 900, 800, 1000]]],
        },
        swv=CODES,
        pupils=[10, 100, 50, 50, 200],
        region=REGION,
    )


def test_euro_per_pupil_by_hand() -> None:
    found = per_pupil(results(), policy="new").sel(year=2020)
    np.testing.assert_allclose(found["policy"][1:], [15, 18, 16, 5])
    np.testing.assert_allclose(found["baseline"][1:], [10, 20, 20, 5])
    np.testing.assert_allclose(found["difference"][1:], [5, -2, -4, 0])


def test_a_swv_without_pupils_has_no_euro_per_pupil() -> None:
    empty = results()
    empty["pupils"][0, 0, 1] = 0
    assert np.isnan(per_pupil(empty, policy="new")["difference"].values[0, 1])


def test_groups_by_hand() -> None:
    found = regions(results(), policy="new", relabellings=999).sel(year=2020)
    assert found["group"].values.tolist() == [
        "anticipating",
        "g4",
        "shrinking",
        "shrinking or anticipating",
    ]
    both = found.sel(group="shrinking or anticipating")
    # -100 - 200 euro over 100 pupils; the others +500 over 300, VO0001 left out
    np.testing.assert_allclose(both["difference"], -3)
    np.testing.assert_allclose(both["gap"], -3 - 500 / 300)
    np.testing.assert_allclose(both["relative"], -300 / 2000)
    # VO0001 is in the total: 1700 of 103200; 2000 of 5000 before
    np.testing.assert_allclose(both["part"], 1700 / 103_200)
    np.testing.assert_allclose(both["part_before"], 2000 / 5000)
    assert both["swv_count"] == 2
    # of the six pairs of four swv, gaps: this one is the widest (worked out below)
    euro, pupils = np.array([500.0, -100, -200, 0]), np.array([100.0, 50, 50, 200])
    gaps = []
    for a in range(4):
        for b in range(a):
            of = np.zeros(4, bool)
            of[[a, b]] = True
            gaps.append(
                abs(euro[of].sum() / pupils[of].sum() - euro[~of].sum() / pupils[~of].sum())
            )
    wide = np.mean([gap >= 14 / 3 - 1e-9 for gap in gaps])
    # a share of 999 dealings, known to sqrt(p (1 - p) / 999)
    assert abs(float(both["p_value"]) - wide) < 4.5 * np.sqrt(wide * (1 - wide) / 999) + 1e-3
    assert 0 < both["p_value_mcse"] < 0.02


def test_the_test_finds_what_is_there_and_nothing_where_nothing_is() -> None:
    numbers = np.random.Generator(np.random.Philox(4))
    region = ["shrinking"] * 10 + [""] * 50
    noise = np.round(numbers.normal(0, 100, 60), 2)
    shift = np.where(np.arange(60) < 10, -300, 0)
    found = {
        name: (
            regions(
                money(
                    {"old": np.full((1, 1, 60), 1e5), "new": (1e5 + noise + part)[None, None]},
                    region=region,
                ),
                policy="new",
                relabellings=1999,
            )["p_value"].item()
        )
        for name, part in (("shift", shift), ("nothing", 0 * shift))
    }
    assert found["shift"] < 0.005
    assert found["nothing"] > 0.05


def test_the_national_swv_is_left_out_of_the_comparison() -> None:
    one = regions(results(), policy="new", relabellings=99)
    calm = results()
    calm["budget"][..., 0] = 1000.0
    other = regions(calm, policy="new", relabellings=99)
    # whatever region the table gives it
    labelled = results()
    labelled["region"][0] = "shrinking"
    again = regions(labelled, policy="new", relabellings=99)
    xr.testing.assert_identical(one["gap"], again["gap"])
    assert again["swv_count"].sel(group="shrinking") == 1
    xr.testing.assert_identical(one["gap"], other["gap"])
    xr.testing.assert_identical(one["p_value"], other["p_value"])


def test_what_cannot_be_compared_is_refused() -> None:
    bare = money({"old": [[[1.0]]], "new": [[[1.0]]]})
    with pytest.raises(ValueError, match="no swv has a region"):
        region_groups(bare)
    with pytest.raises(ValueError, match="group 'coast' holds 0 of 4 swv"):
        regions(results(), policy="new", groups={"coast": ["coast"]})
    with pytest.raises(ValueError, match="no attribution 'home'"):
        per_pupil(results(), policy="new", attribution="home")
