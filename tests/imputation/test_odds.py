"""Thresholds by odds: the lowest uniform that the kernel's comparison lets pass (I-1)."""

from fractions import Fraction

import numpy as np
import pytest

from lwoopro.imputation.education_model import EQUATIONS, EducationModel
from lwoopro.imputation.odds import ALWAYS, NEVER, LevelOdds, thresholds_of_odds
from tests.imputation.simulated import fitted, known_rows, model_of_the_nation

TOP = 2**31


def reaches(u: int, odds: float, ratio: float) -> bool:
    """The comparison as `LevelOdds` words it."""
    return not float(u) * odds * ratio < float(TOP - u)


def numbers() -> tuple[np.ndarray, np.ndarray]:
    """Odds and ratios: common, far off, and some whose quotients are whole numbers."""
    rng = np.random.default_rng(1)
    far = 10.0 ** rng.uniform(-130, 130, (2, 200))
    common = np.exp(rng.normal(0, 3, (2, 2000)))
    whole = np.array([[1, 3, 7, 1 / 3, 1 / 7, 3.0, 0.1], [1, 1, 1, 1, 1, 1 / 3, 10]])
    odds, ratio = np.concatenate([far, common, whole], axis=1)
    return odds, ratio


def test_a_threshold_is_the_lowest_uniform_that_reaches_it() -> None:
    odds, ratio = numbers()
    threshold = thresholds_of_odds(odds, ratio)
    for o, r, t in zip(odds.tolist(), ratio.tolist(), threshold.tolist(), strict=True):
        assert 1 <= t <= TOP
        assert t == TOP or reaches(t, o, r)
        assert not reaches(t - 1, o, r)


def test_it_is_the_chance_rounded_up() -> None:
    odds, ratio = numbers()
    threshold = thresholds_of_odds(odds, ratio)
    for o, r, t in zip(odds.tolist(), ratio.tolist(), threshold.tolist(), strict=True):
        exact = Fraction(TOP) / (1 + Fraction(o) * Fraction(r))
        assert Fraction(-1, 2**20) <= t - exact < 1 + Fraction(1, 2**20)


@pytest.mark.parametrize("ratio", [1.0, 3.0, 0.1])
def test_a_quotient_rounded_across_a_whole_number_is_put_right(ratio: float) -> None:
    # the chances are whole numbers but for the rounding of the odds
    whole = np.arange(1.0, 2000.0)
    odds = (TOP - whole) / whole / ratio
    threshold = thresholds_of_odds(odds, np.full(len(odds), ratio))
    assert (threshold - np.ceil(TOP / (1 + odds * ratio))).any()
    for o, t in zip(odds.tolist(), threshold.tolist(), strict=True):
        assert reaches(t, o, ratio)
        assert not reaches(t - 1, o, ratio)


def test_levels_that_nobody_has() -> None:
    odds = np.array([1e-60, 0.7, 1e60])
    assert thresholds_of_odds(odds, np.full(3, ALWAYS)).tolist() == [0, 0, 0]
    assert thresholds_of_odds(odds, np.full(3, NEVER)).tolist() == [TOP] * 3
    assert all(reaches(0, o, ALWAYS) and reaches(TOP - 1, o, ALWAYS) for o in odds)
    assert not any(reaches(TOP - 1, o, NEVER) for o in odds)


@pytest.mark.parametrize("model", [model_of_the_nation(), fitted(known_rows())])
def test_rows_of_odds_are_those_of_the_thresholds(model: EducationModel) -> None:
    z = np.random.default_rng(3).normal(size=(3, len(model.labels)))
    found = model.level_odds(z)
    assert isinstance(found, LevelOdds)
    assert found.odds.shape == (model.rows - 7 * model.blocks, 3)
    assert found.ratio.shape == (3, 7, 3)
    assert found.given.shape == (8, 3)
    sizes = dict(zip((e.name for e in model.equations), map(len, model.patterns), strict=True))
    rows = [sizes.get(name, 0) for name in EQUATIONS]
    rows[2] -= 8 * model.blocks
    assert found.first.tolist() == [0, rows[0], sum(rows[:2]), sum(rows)]
    # row by row from the parameters, in another order of adding
    at, row = 0, 0
    for equation, patterns in zip(model.equations, model.patterns, strict=True):
        part = equation.parameters(z[:, at : at + len(equation.estimate)])
        cuts = len(equation.fitted.cuts)
        logit = part[:, cuts:] @ equation.design(patterns).T
        chance = 1 / (1 + np.exp(logit[:, :, None] - part[:, None, :cuts]))
        here = found.thresholds()[:, row : row + len(patterns)]
        np.testing.assert_allclose(here / TOP, chance, rtol=1e-12, atol=1.01 / TOP)
        at, row = at + len(equation.estimate), row + len(patterns)
    assert row == model.rows
