"""Spread of disadvantage scores by size (R-3), worked out another way and on known variances."""

import statistics

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.reliability import SIZES, reliability, reliability_by_size


def results(score: np.ndarray, pupils: np.ndarray) -> xr.Dataset:
    """Scores ``(draw, year, swv)`` and pupils ``(year, swv)``, with another share beside them."""
    draws, years, units = score.shape
    both = np.stack([np.full_like(score, 7.0), score], axis=2)[:, :, None]
    return xr.Dataset(
        {
            "disadvantage_score": (("draw", "year", "attribution", "share", "swv"), both),
            "pupils": (("year", "attribution", "swv"), pupils[:, None].astype(np.int64)),
        },
        coords={
            "draw": np.arange(draws),
            "year": 2019 + np.arange(years),
            "attribution": ["school"],
            "share": [0.15, 0.20],
            "swv": [f"00AA{k:02}" for k in range(units)],
        },
    )


def test_spread_of_every_unit() -> None:
    score = np.array([[[10.0, 0.0, 4.0]], [[14.0, 0.0, 4.0]], [[12.0, 0.0, 10.0]]])
    found = reliability(results(score, np.array([[50, 0, 20]]))).isel(year=0)
    for k in range(3):
        own = score[:, 0, k].tolist()
        assert found["mean"][k] == pytest.approx(statistics.mean(own))
        assert found["sd"][k] == pytest.approx(statistics.stdev(own))
    assert found["relative_sd"][0] == pytest.approx(2 / 12)
    assert np.isnan(found["relative_sd"][1])
    assert found["sd_mcse"][1] == 0
    assert found["pupils"].values.tolist() == [50, 0, 20]


def test_error_of_a_spread_is_that_of_repetition() -> None:
    rng = np.random.default_rng(1)
    score = 100 + 5 * rng.normal(size=(400, 1, 500))
    found = reliability(results(score, np.full((1, 500), 100)))
    assert float(found["sd_mcse"].mean()) == pytest.approx(float(found["sd"].std()), rel=0.12)
    # the known error of a normal's standard deviation
    assert float(found["sd_mcse"].mean()) == pytest.approx(5 / np.sqrt(2 * 400), rel=0.03)


def test_reliability_is_the_part_that_is_no_noise() -> None:
    """Scores per pupil with true variance 0.09 and noise of variance 1 / n."""
    rng = np.random.default_rng(2)
    pupils = np.repeat([25, 100, 400], 1500)[None]
    truth = 2 + 0.3 * rng.normal(size=pupils.shape)
    noise = rng.normal(size=(60, *pupils.shape)) / np.sqrt(pupils)
    found = reliability_by_size(results(pupils * (truth + noise), pupils), sizes=(0, 50, 200))
    expected = [0.09 / (0.09 + 1 / n) for n in (25, 100, 400)]
    assert found["reliability"].values == pytest.approx(expected, rel=0.04)
    assert found["units"].values.tolist() == [1500] * 3
    assert found["mean_pupils"].values.tolist() == [25, 100, 400]
    assert found["relative_sd"].values == pytest.approx([0.1, 0.05, 0.025], rel=0.06)
    assert found["root_size"].values == pytest.approx([0.5] * 3, rel=0.06)
    assert (found["relative_sd_high"] > found["relative_sd"]).all()
    assert found["upper"].values.tolist() == [50, 200, np.inf]
    assert (found["reliability_mcse"] < 0.02).all()
    assert (found["relative_sd_mcse"] > 0).all()


def test_a_class_holds_its_lower_bound_and_all_years() -> None:
    rng = np.random.default_rng(3)
    pupils = np.array([[39, 40, 59, 0], [40, 60, 61, 5000]])
    score = 50 + rng.normal(size=(50, 2, 4))
    found = reliability_by_size(results(score, pupils))
    # a unit without pupils in a year is none
    assert found["units"].values.tolist() == [1, 3, 2, 0, 0, 0, 0, 0, 1]
    assert found["size"].values.tolist() == list(SIZES)
    assert np.isnan(found["reliability"].values[[0, 3, 8]]).all()
    assert np.isfinite(found["reliability"].values[[1, 2]]).all()
    assert np.isnan(found["mean_pupils"].values[3])


def test_few_draws_have_no_error_and_one_no_spread() -> None:
    score = np.random.default_rng(4).normal(50, 1, size=(39, 1, 4))
    few = reliability_by_size(results(score, np.full((1, 4), 50)))
    assert np.isnan(few["reliability_mcse"].values).all()
    assert np.isfinite(few["reliability"].values[1])
    with pytest.raises(ValueError, match="one draw has no spread"):
        reliability(results(score[:1], np.full((1, 4), 50)))
    with pytest.raises(ValueError, match="sizes must rise"):
        reliability_by_size(results(score, np.full((1, 4), 50)), sizes=(0, 50, 50))


def test_errors_by_batches_are_those_of_repetition() -> None:
    rng = np.random.default_rng(5)
    pupils = np.full((1, 60), 100)
    truth = 2 + 0.1 * rng.normal(size=pupils.shape)
    runs = [
        reliability_by_size(
            results(100 * (truth + 0.1 * rng.normal(size=(80, *pupils.shape))), pupils),
            sizes=(0,),
        )
        for _ in range(60)
    ]
    spread = np.std([float(one["reliability"][0]) for one in runs], ddof=1)
    error = np.mean([float(one["reliability_mcse"][0]) for one in runs])
    assert 0.7 < error / spread < 1.5
