"""National rates: fit, flatness, and the deterministic path (P-1)."""

import numpy as np
import pytest
from scipy.special import expit

from lwoopro.pro.calibrate import expected_entrants, expected_path, lateral_parts
from lwoopro.pro.flow import national_calibration
from lwoopro.pro.parameters import bundled_parameters, bundled_series
from lwoopro.pupils.swv import read_swv
from lwoopro.pupils.synthetic.source import bundled_folder


def national_stock() -> np.ndarray:
    table = read_swv(bundled_folder("national") / "swv.csv")
    return np.stack([table.numbers[f"pro_{stay}"] for stay in range(1, 7)], axis=1)


def reference_path() -> np.ndarray:
    rates, cohorts = national_calibration()
    years = range(2020, 2041)
    base = expected_entrants(national_stock(), 50.0)
    come = [
        base * cohorts.at(year) / cohorts.at(2019) * np.exp(rates.log_rate(year)) for year in years
    ]
    keep = [expit(rates.keep_logit(year)) for year in years]
    return expected_path(national_stock(), np.array(come), np.array(keep), rates.lateral)


def test_2020_and_2021_fit() -> None:
    rates, _ = national_calibration()
    assert abs(rates.residual[2020]) < 0.01
    assert abs(rates.residual[2021]) < 0.01
    path = reference_path().sum(axis=1)
    series = bundled_series()
    # 2020 fits in every year of stay, by construction
    np.testing.assert_allclose(path[1], series.stay[2020], atol=0.01)
    assert path[2].sum() == pytest.approx(29_648, abs=0.01)


def test_the_ratios_are_shrunk() -> None:
    """Raw, the stock grows by itself: 30.1 thousand in 2021 (P-1)."""
    rates, _ = national_calibration()
    series = bundled_series()
    before, after = series.stay[2019], series.stay[2020]
    raw = after[1:] / before[:-1]
    assert (raw.round(3) == [0.931, 0.902, 0.920, 0.816, 0.437]).all()
    assert after[0] + after[:-1] @ raw == pytest.approx(30_100, abs=50)
    assert rates.keep_level < 0
    assert rates.keep_level == pytest.approx(rates.keep_year[2021] / 2)


def test_the_reference_is_about_flat() -> None:
    total = reference_path().sum(axis=(1, 2))
    later = total[3:]
    assert later.mean() == pytest.approx(29_648, abs=1)
    assert abs(later - 29_648).max() < 0.02 * 29_648
    slope = np.polyfit(np.arange(len(later)), later, 1)[0]
    assert abs(slope) < 30, "pupils a year"


def test_a_fifth_of_the_entrants_are_lateral() -> None:
    parts = lateral_parts(bundled_parameters())
    assert parts.sum() / (1 + parts.sum()) == pytest.approx(0.2)
    assert parts.tolist() == pytest.approx([0.125, 0.0875, 0.0375, 0, 0])


def test_expected_entrants_are_pulled_towards_the_older_pupils() -> None:
    stock = np.array([[60.0, 50, 0, 0, 0, 0], [40.0, 50, 0, 0, 0, 0]])
    # both expect 50; a weight of 50 counts half: 50 × (50 + 60) / 100 = 55 and 45
    assert expected_entrants(stock, 50.0).tolist() == [55.0, 45.0]
    assert expected_entrants(stock, 0.0).tolist() == [60.0, 40.0]
    assert expected_entrants(np.zeros((2, 6)), 50.0).tolist() == [0.0, 0.0]


def test_expected_path_by_hand() -> None:
    start = np.array([[100.0, 80, 0, 0, 0, 10]])
    path = expected_path(
        start,
        np.array([[120.0]]),
        np.array([[0.9, 0.5, 0.5, 0.5, 0.5]]),
        np.array([0.1, 0, 0, 0, 0]),
    )
    # year 1: 120; year 2: 0.9 × 100 + 0.1 × 120 = 102; year 3: 0.5 × 80 = 40; the ten leave
    assert path[1].tolist() == [[120.0, 102.0, 40.0, 0.0, 0.0, 0.0]]


def test_where_nobody_entered_nobody_is_expected() -> None:
    stock = np.array([[0.0, 50, 0, 0, 0, 0], [0.0, 30, 0, 0, 0, 0]])
    assert expected_entrants(stock, 50.0).tolist() == [0.0, 0.0]
