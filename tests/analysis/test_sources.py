"""Widths by source, draws that a probability needs, and studies with chosen sources (Q-1, Q-3)."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.change import change
from lwoopro.analysis.sources import draws_needed, interval_widths
from lwoopro.errors import InputError
from lwoopro.study import load_study, with_sources
from tests.analysis.small import money


@pytest.fixture
def results() -> xr.Dataset:
    drawn = 1000.0 + 100 * np.random.default_rng(2).normal(size=(200, 1, 5)).round(4)
    return money({"now": np.full((200, 1, 5), 1000.0), "new": drawn}, other=50.0)


def test_a_width_is_from_one_end_to_the_other(results: xr.Dataset) -> None:
    still = results.isel(draw=[0] * 200).assign_coords(draw=np.arange(200))
    policy = str(results["policy"].values[1])
    found = interval_widths({"one": results, "none": still}, policy=policy, level=0.8)
    changes = change(results, policy, str(results["policy"].values[0]))
    for name, own in (("width", "change"), ("relative_width", "relative")):
        low, high = np.quantile(changes[own], [0.1, 0.9], axis=0)
        np.testing.assert_allclose(found[name].sel(source="one"), high - low, rtol=1e-9)
        assert (found[name].sel(source="none") == 0).all()
        assert (found[f"{name}_mcse"].sel(source="one") > 0).any()
    np.testing.assert_allclose(found["sd"].sel(source="one"), changes["change"].std("draw", ddof=1))
    with pytest.raises(ValueError, match="no run"):
        interval_widths({}, policy=policy)


def test_draws_needed_give_the_error_that_is_wanted(results: xr.Dataset) -> None:
    policy = str(results["policy"].values[1])
    changes = change(results, policy, str(results["policy"].values[0]))["relative"]
    loss = -float(changes.median())
    found = draws_needed(results, policy=policy, loss=loss, mcse=0.01)
    p = ((changes <= -loss).sum("draw") + 1) / 202
    assert ((p * (1 - p) / found["draws"]) ** 0.5 <= 0.01).all()
    assert ((p * (1 - p) / (found["draws"] - 1)) ** 0.5 > 0.01).all()
    assert int(found["draws"].max()) <= 2500
    with pytest.raises(ValueError, match="above 0"):
        draws_needed(results, policy=policy, mcse=0.0)


def test_a_study_with_some_sources(small_study: Path) -> None:
    study = load_study(small_study)
    assert study.split_policies
    some = with_sources(study, "education", "population")
    on = {name for name, value in some.resolved()["uncertainty"].items() if value}
    assert on == {"education", "population"}
    assert some.split_policies == () and some.path == study.path
    assert with_sources(study, "donors").split_policies == study.split_policies
    assert with_sources(study, "fresh").uncertainty.population == "fresh"
    assert not any(with_sources(study).resolved()["uncertainty"].values())
    with pytest.raises(InputError, match='"donor" is no source; the nearest is "donors"'):
        with_sources(study, "donor")
    with pytest.raises(InputError, match="a table has no parameters"):
        with_sources(study, "parameters")
