"""Target-group profile (R-1)."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.profile import EVERYONE, KNOWN, target_profile

CATEGORIES = (
    "origin=nl",
    "origin=north_africa",
    "origin=suriname_antilles",
    "origin=turkey",
    "debt=no",
    "debt=yes",
)


def results(**changes: Any) -> xr.Dataset:
    """One draw, share 20 %: 6 in the target group (4 scored, 1 donated, 1 asylum), 30 in all."""
    arrays: dict[str, Any] = {
        "target_category_pupils": [2.0, 1, 0, 1, 3, 1],
        "category_pupils": [20, 4, 1, 2, 26, 1],
        "target_pupils": [4.0, 2],
        "pupils": [20, 10],
        "asylum_pupils": [0, 1],
        # of the asylum pupil the origin is known, debt is not
        "asylum_category_pupils": [0, 0, 0, 1, 0, 0],
    } | changes
    cat, swv = ("category",), ("attribution", "swv")
    return xr.Dataset(
        {
            "target_category_pupils": (
                ("draw", "year", "share", *cat),
                np.array(arrays["target_category_pupils"])[None, None, None],
            ),
            "category_pupils": (
                ("draw", "year", *cat),
                np.array(arrays["category_pupils"], np.int64)[None, None],
            ),
            "target_pupils": (
                ("draw", "year", "attribution", "share", "swv"),
                np.array(arrays["target_pupils"])[None, None, None, None],
            ),
            "pupils": (("year", *swv), np.array(arrays["pupils"], np.int64)[None, None]),
            "asylum_pupils": (
                ("year", *swv),
                np.array(arrays["asylum_pupils"], np.int64)[None, None],
            ),
            "asylum_category_pupils": (
                ("year", *cat),
                np.array(arrays["asylum_category_pupils"], np.int64)[None],
            ),
        },
        coords={
            "draw": [0],
            "year": [2020],
            "attribution": ["school"],
            "share": [0.20],
            "swv": ["VO2001", "VO2002"],
            "category": list(CATEGORIES),
        },
    )


def line(found: xr.Dataset, name: str) -> xr.Dataset:
    return found.sel(line=name, year=2020, share=0.20)


def test_by_hand() -> None:
    found = target_profile(results())
    nl = line(found, "origin=nl")
    # 4 and 27 with a score of their own, and the asylum pupil
    assert nl["target"] == 2 / 5 and nl["target_size"] == 5
    assert nl["everyone"] == 20 / 28 and nl["everyone_size"] == 28
    assert nl["denominator"] == KNOWN
    three = line(found, "origin=three")
    assert three["target"] == (1 + 0 + 1 + 1) / 5 and three["everyone"] == (4 + 1 + 2 + 1) / 28
    debt = line(found, "debt=yes")
    assert debt["target"] == 1 / 4 and debt["everyone"] == 1 / 27
    asylum = line(found, "asylum")
    assert asylum["target"] == 1 / 6 and asylum["everyone"] == 1 / 30
    assert asylum["denominator"] == EVERYONE and asylum["target_size"] == 6
    # 6 - 4 scored - 1 asylum; 30 - 27 - 1
    donated = line(found, "donated")
    assert donated["target"] == 1 / 6 and donated["everyone"] == 2 / 30
    assert np.isnan(donated["target_mcse"])


def test_the_codes_of_a_characteristic_add_up_to_all() -> None:
    found = target_profile(results())
    for name in ("origin=", "debt="):
        codes = [code for code in CATEGORIES if code.startswith(name)]
        for part in ("target", "everyone"):
            np.testing.assert_allclose(found[part].sel(line=codes).sum("line"), 1)


def test_published_figures_stand_beside_their_own_year_and_share() -> None:
    found = target_profile(results())
    assert line(found, "debt=yes")["published_target"] == 0.04
    assert line(found, "origin=three")["published_everyone"] == 0.22
    assert np.isnan(line(found, "debt=no")["published_target"])
    other = target_profile(results().assign_coords(year=[2019]))
    assert np.isnan(other["published_target"]).all()
    assert np.isnan(other["published_everyone"]).all()
    share = target_profile(results().assign_coords(share=[0.15]))
    assert np.isnan(share["published_target"]).all()


def test_groups_of_absent_codes_are_absent() -> None:
    found = target_profile(results())
    assert "education_mother=high" not in found["line"].values
    with pytest.raises(ValueError, match="category_pupils is absent"):
        target_profile(results().drop_vars("category_pupils"))
