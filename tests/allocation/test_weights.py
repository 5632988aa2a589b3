"""Contribution, threshold and uplift on numbers worked by hand (D-1 … D-4)."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import xarray as xr

from lwoopro import apply_threshold
from lwoopro.allocation.target import Gaps
from lwoopro.allocation.weights import Scheme, contributions, disadvantage, rounding_error

# Two swv. Cut 10, national mean 13, mean of the target group 8.
# The first has 3 members with shortfalls 1 + 2 + 4 = 7 and one asylum pupil; the second has 2
# members with shortfalls 0 + 3 and none. Asylum pupils have score 8: 2 below the cut.
MILLION = 1_000_000
EXACT = Gaps(
    members=np.array([Fraction(3), Fraction(2)], dtype=object),
    shortfall=np.array([Fraction(7 * MILLION), Fraction(3 * MILLION)], dtype=object),
    asylum=np.array([Fraction(1), Fraction(0)], dtype=object),
    pupils=np.array([Fraction(20), Fraction(10)], dtype=object),
    mean_above_cut=Fraction(3 * MILLION),
    cut_above_group=Fraction(2 * MILLION),
)
FLOAT = Gaps(
    *(
        np.array([[float(value) for value in getattr(EXACT, name)]])
        for name in ("members", "shortfall", "asylum", "pupils")
    ),
    mean_above_cut=np.array([[3e6]]),
    cut_above_group=np.array([[2e6]]),
)
NOWHERE = np.array(["", ""])


def points(values) -> list[float]:
    return [float(value) / MILLION for value in np.ravel(values)]


@pytest.mark.parametrize("gaps", [EXACT, FLOAT])
def test_contributions(gaps: Gaps) -> None:
    # mean: 7 + 3·3 for the members, 2 + 3 for the asylum pupil; 3 + 2·3
    assert points(contributions("mean", gaps)) == [21.0, 9.0]
    # cut: 7 + 2; 3
    assert points(contributions("cut", gaps)) == [9.0, 3.0]
    assert np.ravel(contributions("equal", gaps)).tolist() == [4, 2]


@pytest.mark.parametrize("gaps", [EXACT, FLOAT])
def test_thresholds(gaps: Gaps) -> None:
    # A − G = 5; tau 0.1: t = 0.1·20·5 = 10 and 0.1·10·5 = 5
    tenth = Fraction(1, 10)
    deducted, distance = disadvantage(Scheme("mean", "deduct", tenth), gaps, NOWHERE)
    assert points(deducted) == [11.0, 4.0]
    assert points(distance) == [11.0, 4.0]
    # tau 0.19: t = 19 and 9.5; the second stays below
    nearly = Fraction(19, 100)
    deducted, _ = disadvantage(Scheme("mean", "deduct", nearly), gaps, NOWHERE)
    assert points(deducted) == pytest.approx([2.0, 0.0])
    eligible, _ = disadvantage(Scheme("mean", "eligible", nearly), gaps, NOWHERE)
    assert points(eligible) == [21.0, 0.0]
    # equal: t = tau·n·1 = 4 and 2: nothing is above it
    equal, _ = disadvantage(Scheme("equal", "eligible", Fraction(1, 5)), gaps, NOWHERE)
    assert np.ravel(equal).tolist() == [0, 0]
    equal, _ = disadvantage(Scheme("equal", "deduct", tenth), gaps, NOWHERE)
    assert np.ravel(equal).tolist() == pytest.approx([2, 1])
    # cut: c − G = 2; t = 0.1·20·2 = 4 and 0.1·10·2 = 2
    cut, _ = disadvantage(Scheme("cut", "deduct", tenth), gaps, NOWHERE)
    assert points(cut) == [5.0, 1.0]
    # on its threshold there is nothing; what is left stays of one kind, so that sums are exact
    for mode in ("deduct", "eligible"):
        half = Fraction(1, 2)
        nothing, distance = disadvantage(Scheme("equal", mode, Fraction(2, 10)), gaps, NOWHERE)
        assert np.ravel(nothing).tolist() == [0, 0] and np.ravel(distance).max() <= 0
        if gaps is EXACT:
            assert {type(value) for value in nothing} == {Fraction}
            above = disadvantage(Scheme("equal", mode, (4 - half) / 20), gaps, NOWHERE)[0]
            assert above[0] == (half if mode == "deduct" else 4)


def test_deducting_nothing_changes_nothing() -> None:
    plain, _ = disadvantage(Scheme("cut"), EXACT, NOWHERE)
    deducted, _ = disadvantage(Scheme("cut", "deduct", Fraction(0)), EXACT, NOWHERE)
    assert plain.tolist() == deducted.tolist()
    # a threshold of which nothing is said takes nothing
    deducted, distance = disadvantage(Scheme("cut", "deduct"), EXACT, NOWHERE)
    assert plain.tolist() == deducted.tolist() == distance.tolist()


@pytest.mark.parametrize("gaps", [EXACT, FLOAT])
def test_uplift_comes_after_the_threshold(gaps: Gaps) -> None:
    scheme = Scheme("mean", "deduct", Fraction(1, 10), {"g4": Fraction(1, 2)})
    lifted, _ = disadvantage(scheme, gaps, np.array(["g4", ""]))
    assert points(lifted) == [16.5, 4.0]


def test_rounding_errors_are_covered() -> None:
    for scheme in (Scheme(), Scheme("mean", "deduct", Fraction(1, 3), {"g4": Fraction(1, 7)})):
        exact, _ = disadvantage(scheme, EXACT, np.array(["g4", ""]))
        rounded, _ = disadvantage(scheme, FLOAT, np.array(["g4", ""]))
        bound = rounding_error(scheme, FLOAT)
        for value, near, error in zip(exact, rounded[0], bound[0], strict=True):
            assert abs(value - Fraction(float(near))) <= Fraction(float(error))
    # by its terms: 21 and 9 points; with a threshold of a half 50 and 25 more; lifted by a half
    size = 32 * np.finfo(np.float64).eps * MILLION
    for scheme, terms in (
        (Scheme(), [21, 9]),
        (Scheme("cut"), [9, 3]),
        (Scheme("mean", "deduct", Fraction(1, 2)), [71, 34]),
        (Scheme("mean", "none", uplift={"g4": Fraction(1, 2)}), [31.5, 13.5]),
        (Scheme("mean", "none", uplift={"g4": Fraction(-1, 2)}), [21, 9]),
    ):
        np.testing.assert_allclose(rounding_error(scheme, FLOAT)[0], np.array(terms) * size)
    nothing = Gaps(*(np.zeros((1, 2)) for _ in range(4)), np.array([[3e6]]), np.array([[2e6]]))
    assert rounding_error(Scheme(), nothing).tolist() == [[0.0, 0.0]]


def test_weights_that_are_known_are_their_own_size_unless_a_term_is_negative() -> None:
    below = replace(FLOAT, mean_above_cut=-FLOAT.mean_above_cut)
    for scheme in (Scheme(), Scheme("cut"), Scheme("equal"), Scheme(uplift={"g4": Fraction(1)})):
        for gaps in (FLOAT, below):
            weights, _ = disadvantage(scheme, gaps, np.array(["g4", ""]))
            np.testing.assert_array_equal(
                rounding_error(scheme, gaps, weights), rounding_error(scheme, gaps)
            )


def test_published_threshold_of_primary_schools() -> None:
    # PO19: A 535.26, G 529.46, tau 12 %: a school of 200 pupils loses 0.12·200·5.8 = 139.2
    score = np.array([100.0, 139.1, 500.0])
    deducted = apply_threshold(score, np.array([200, 200, 200]), 535.26, 529.46, 0.12)
    np.testing.assert_allclose(deducted, [0.0, 0.0, 360.8], atol=1e-9)
    eligible = apply_threshold(score, np.array([200, 200, 200]), 535.26, 529.46, 0.12, "eligible")
    np.testing.assert_allclose(eligible, [0.0, 0.0, 500.0])


@pytest.mark.parametrize("mode", ["deduct", "eligible"])
def test_a_score_on_its_threshold_is_not_above_it(mode: str) -> None:
    # t = 0.5·4·2 = 4
    found = apply_threshold(np.array([4.0, -1.0, 4.5]), np.array([4, 4, 4]), 3.0, 1.0, 0.5, mode)
    assert found.tolist() == [0.0, 0.0, 0.5 if mode == "deduct" else 4.5]
    assert not np.signbit(found).any()
    # nothing is taken away, and everything: both are shares
    assert apply_threshold(np.array([4.0]), np.array([4]), 3.0, 1.0, 0, mode).tolist() == [4.0]
    assert apply_threshold(np.array([8.0]), np.array([4]), 3.0, 1.0, 1, mode).tolist() == [0.0]


def test_threshold_keeps_the_callers_type() -> None:
    score = xr.DataArray([[10.0, 1.0]], dims=("draw", "swv"))
    pupils = xr.DataArray([5, 5], dims="swv")
    mean = xr.DataArray([3.0], dims="draw")
    result = apply_threshold(score, pupils, mean, 2.0, 0.5)
    assert isinstance(result, xr.DataArray)
    assert result.dims == ("draw", "swv")
    np.testing.assert_array_equal(result, [[7.5, 0.0]])


@pytest.mark.parametrize(("tau", "mode"), [(1.5, "deduct"), (-0.1, "deduct"), (0.1, "half")])
def test_threshold_refuses_nonsense(tau: float, mode: str) -> None:
    with pytest.raises(ValueError, match=r"tau|mode"):
        apply_threshold(np.ones(2), np.ones(2), 1.0, 0.0, tau, mode)
