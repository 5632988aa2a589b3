"""When would one notice: rules, multiplicity, delay, response (P-9)."""

import numpy as np
import pytest
from scipy import stats

from lwoopro.pro.monitoring import (
    Multiplicity,
    Rule,
    Sided,
    Watch,
    adjusted,
    measures,
    operating_curve,
    respond,
    tail_chance,
    watch,
)


def test_measures_by_hand() -> None:
    pupils = np.array([[100.0, 100, 100, 100, 110, 99]])
    entrants = np.array([[0.0, 20, 20, 20, 30, 10]])
    found = measures(pupils, entrants, at=3)
    assert found["count"].tolist() == [[1.1, 0.99]]
    # entrants of three years: 60 on the reference date, then 70 and 60
    assert found["inflow"].tolist() == [[70 / 60, 1.0]]
    assert found["stay"][0].tolist() == pytest.approx([110 / 70 * 0.6, 0.99])


def test_a_swv_without_pro_is_never_conspicuous() -> None:
    nothing = np.zeros((2, 6, 3))
    found = measures(nothing, nothing, at=3)
    assert all((values == 1).all() for values in found.values())


def test_tail_by_counting() -> None:
    projection = np.array([1.0, 2, 3, 4])[:, None]
    values = np.array([0.5, 3.0, 9.0])[:, None]
    upper = tail_chance(values, projection, "upward", "draws")
    assert upper[:, 0].tolist() == [1.0, 3 / 5, 1 / 5]
    both = tail_chance(values, projection, "both", "draws")
    assert both[:, 0].tolist() == [2 / 5, 1.0, 2 / 5]


def test_student_tail_is_scipys() -> None:
    rng = np.random.default_rng(3)
    projection = np.exp(rng.normal(0, 0.1, (40, 2)))
    values = np.exp(rng.normal(0, 0.2, (5, 2)))
    logs = np.log(projection)
    score = (np.log(values) - logs.mean(axis=0)) / (logs.std(axis=0, ddof=1) * np.sqrt(1 + 1 / 40))
    np.testing.assert_allclose(
        tail_chance(values, projection, "upward"), stats.t.sf(score, 39), rtol=1e-10
    )
    np.testing.assert_allclose(
        tail_chance(values, projection, "both"), 2 * stats.t.sf(abs(score), 39), rtol=1e-10
    )


def test_a_measure_that_does_not_vary() -> None:
    projection = np.ones((5, 1))
    chance = tail_chance(np.array([[1.0], [1.1], [0.9]]), projection, "upward")
    assert chance[:, 0].tolist() == [0.5, 0.0, 1.0]


def test_adjusted_is_scipys() -> None:
    rng = np.random.default_rng(4)
    chance = rng.random((6, 75)) ** 3
    expected = stats.false_discovery_control(chance, axis=-1, method="bh")
    np.testing.assert_allclose(adjusted(chance, "benjamini-hochberg"), expected)
    assert adjusted(np.array([0.01, 0.9]), "bonferroni").tolist() == [0.02, 1.0]
    assert adjusted(chance, "none") is chance


def normal_world(seed: int, draws: int, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    swv = np.exp(rng.normal(0, 0.1, (draws, 5, 20)) + shift)
    return np.exp(rng.normal(0, 0.03, (draws, 5)) + shift), swv


@pytest.mark.parametrize("level", [0.05, 0.2])
def test_false_alarms_are_as_rare_as_the_level_says(level: float) -> None:
    rule = Rule("count", level, multiplicity="bonferroni")
    seen = watch(rule, *normal_world(1, 3000), *normal_world(2, 3000))
    assert seen.national.mean() == pytest.approx(level, abs=0.01)
    # Bonferroni: any of twenty independent swv, per year, at most the level and not far below it
    any_swv = seen.any_swv().mean()
    assert 0.8 * level < any_swv < 1.15 * level
    loose = watch(
        Rule("count", level, multiplicity="none"), *normal_world(1, 500), *normal_world(2, 500)
    )
    assert loose.any_swv().mean() > 0.6


def test_a_shift_is_detected_and_a_drop_only_on_both_sides() -> None:
    up = watch(Rule("count"), *normal_world(1, 200, 0.3), *normal_world(2, 200))
    assert Watch.ever(up.national) == 1.0
    down = normal_world(1, 200, -0.3)
    assert Watch.ever(watch(Rule("count"), *down, *normal_world(2, 200)).national) == 0.0
    both = watch(Rule("count", sided="both"), *down, *normal_world(2, 200))
    assert Watch.ever(both.national) == 1.0


def test_in_a_row_and_delay() -> None:
    projection = np.exp(np.random.default_rng(0).normal(0, 0.01, (100, 4)))
    course = np.array([[1.5, 1.0, 1.5, 1.5], [1.0, 1.0, 1.0, 1.5]])
    swv = course[:, :, None]
    once = watch(Rule("count"), course, swv, projection, projection[:, :, None])
    assert once.national.tolist() == [[True, False, True, True], [False, False, False, True]]
    assert Watch.delay(once.national).tolist() == [1.0, 4.0]
    twice = watch(Rule("count", in_a_row=2), course, swv, projection, projection[:, :, None])
    assert twice.national.tolist() == [[False, False, False, True], [False] * 4]
    first, second = Watch.delay(twice.national)
    assert first == 4.0
    assert np.isnan(second)


def test_an_operating_curve_rises() -> None:
    curve = operating_curve(
        normal_world(3, 400, 0.03)[0],
        normal_world(1, 400)[0],
        normal_world(2, 400)[0],
        (0.001, 0.01, 0.1, 0.5),
    )
    assert (np.diff(curve, axis=0) >= 0).all()
    assert (curve[:, 1] > curve[:, 0]).all(), "the rule tells growth from chance"


def test_a_response_stops_growth_from_the_next_year_on() -> None:
    reference = np.full((1, 4, 2), 100.0)
    pupils = reference + np.array([0.0, 10, 20, 30])[None, :, None]
    flagged = np.zeros((1, 4, 2), bool)
    flagged[0, 1, 0] = True
    held = respond(pupils, reference, flagged, 0.5)
    # flagged in the second year: of the two later steps of ten, half goes
    assert held[0, :, 0].tolist() == [100, 110, 115, 120]
    assert held[0, :, 1].tolist() == [100, 110, 120, 130]
    np.testing.assert_array_equal(respond(pupils, reference, flagged, 0.0), pupils)


def test_a_reference_date_too_early_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 3 years before it"):
        measures(np.ones((1, 6)), np.ones((1, 6)), at=2)


@pytest.mark.parametrize("sided", ["upward", "both"])
@pytest.mark.parametrize("multiplicity", ["none", "bonferroni", "benjamini-hochberg"])
@pytest.mark.parametrize("level", [0.01, 0.2])
def test_chances_above_the_level_change_no_flag(
    sided: Sided, multiplicity: Multiplicity, level: float
) -> None:
    """`watch` works out the chances that can raise an alarm; here are all of them."""
    rule = Rule("count", level, sided, multiplicity)
    national, swv = normal_world(5, 400, 0.05)
    projection = normal_world(6, 300)
    every = adjusted(tail_chance(swv, projection[1], sided), multiplicity)
    seen = watch(rule, national, swv, *projection)
    np.testing.assert_array_equal(seen.swv, every <= level)
    alone = tail_chance(national, projection[0], sided)
    np.testing.assert_array_equal(seen.national, alone <= level)
    assert 0 < seen.swv.mean() < 1
