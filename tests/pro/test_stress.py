"""Tails and reverse stress (R-7, R-8)."""

from collections.abc import Callable

import numpy as np
import pytest

from lwoopro.pro.block import ProPlan, simulate_pro
from lwoopro.pro.stress import growth_for, tail, tail_draws, with_growth

Make = Callable[..., ProPlan]


def test_tail_by_hand() -> None:
    loss = np.arange(1.0, 21.0)[:, None]  # 1 … 20: the worst tenth is 19 and 20
    assert np.flatnonzero(tail_draws(loss, 0.10)[:, 0]).tolist() == [18, 19]
    at_risk, shortfall, error = tail(loss, 0.10)
    assert at_risk.tolist() == [19.0]
    assert shortfall.tolist() == [19.5]
    # beyond 19: nineteen zeros and a one, standard deviation √(0.05 × 0.95 × 20/19)
    assert error[0] == pytest.approx(np.sqrt(0.05 * 0.95 * 20 / 19) / (0.1 * np.sqrt(20)))


def test_the_error_of_a_shortfall_is_right() -> None:
    """Against the spread of the shortfall over many samples."""
    rng = np.random.default_rng(8)
    found, errors = [], []
    for _ in range(300):
        _, shortfall, error = tail(rng.normal(size=(1000, 1)), 0.05)
        found.append(shortfall[0])
        errors.append(error[0])
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.15)


def test_one_draw_is_its_own_tail() -> None:
    at_risk, shortfall, error = tail(np.array([[3.0]]), 0.01)
    assert (at_risk[0], shortfall[0]) == (3.0, 3.0)
    assert np.isnan(error[0])


def highest_cut(values: dict[str, np.ndarray]) -> np.ndarray:
    return values["lumpsum_cut"][:, 0].max(axis=1)


def test_the_root_is_one(make_plan: Make, no_budgets: np.ndarray) -> None:
    """At the size that is found, half of the draws exceed the bound."""
    plan, draws = make_plan({"reference": {}}), range(101)
    size = growth_for(plan, 3, draws, no_budgets, highest_cut, 0.004)
    assert 0 < size < 0.2

    def exceed(trend: float) -> float:
        values = simulate_pro(with_growth(plan, "trend", trend), 3, draws, no_budgets)
        return float((highest_cut(values) > 0.004).mean())

    assert exceed(size - 0.005) < 0.5 < exceed(size + 0.005)
    likelier = growth_for(plan, 3, draws, no_budgets, highest_cut, 0.004, probability=0.9)
    assert likelier > size


def test_bounds_out_of_reach(make_plan: Make, no_budgets: np.ndarray) -> None:
    plan = make_plan({"reference": {}})
    found = growth_for(plan, 3, range(8), no_budgets, highest_cut, 5.0)
    assert np.isnan(found)
    assert growth_for(plan, 3, range(8), no_budgets, highest_cut, -5.0) == -np.inf
    with pytest.raises(ValueError, match="use one of"):
        with_growth(plan, "kind", 1.0)
