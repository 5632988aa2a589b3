"""Transition from an old to a new system (X-1): by hand, and against a slow reference."""

import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference_money import apportion, round_half_up

from lwoopro import blend, max_loss_path, smallest_loss, transition_steps
from lwoopro.allocation.transition import (
    LOSS_STEP,
    TransitionPlan,
    held_year,
    transition_values,
)

# -- the reference: one draw, plain numbers ----------------------------------------------------


def by_code(amounts: Sequence[int | Fraction]) -> dict[str, Fraction]:
    return {f"{j:03d}": Fraction(amount) for j, amount in enumerate(amounts)}


def reference_blend(old: Sequence[int], new: Sequence[int], part: Fraction) -> list[int]:
    """X-1: new + (1 - lambda)(old - new), in whole cents by largest remainder (B-9)."""
    exact = [n + (1 - part) * (o - n) for o, n in zip(old, new, strict=True)]
    total = round_half_up(sum(exact, Fraction(0)))
    return list(apportion(total, by_code(exact)).values())


def reference_max_loss(
    before: Sequence[int], new: Sequence[Sequence[int]], x: Fraction
) -> list[list[int]]:
    """X-1: nobody below (1 - x) times last year; losers get max(new, floor), gainers an equal
    fraction of their remaining gain so that the year's total is exact.

    `new` per year. What the clause leaves open is as in the engine's docstring: a floor is rounded
    up to a cent; where the gainers' last amounts are already too much, all are cut in proportion.
    """
    last, years = list(before), []
    for goal in new:
        amount, gain = [], []
        for was, will in zip(last, goal, strict=True):
            if will < was:
                exact = (1 - x) * was
                floor = -(-exact.numerator // exact.denominator)
                amount.append(max(will, floor) if was > 0 else will)
                gain.append(0)
            else:
                amount.append(was)
                gain.append(will - was)
        rest = sum(goal) - sum(amount)
        if rest >= 0:
            extra = apportion(rest, by_code(gain)).values()
            amount = [one + more for one, more in zip(amount, extra, strict=True)]
        else:
            amount = list(apportion(sum(goal), by_code(amount)).values())
        years.append(amount)
        last = amount
    return years


# -- by hand -----------------------------------------------------------------------------------


def rows(*amounts: Sequence[int]) -> np.ndarray:
    """One draw, one row per year."""
    return np.array([amounts], np.int64)


def test_steps() -> None:
    fifths = [Fraction(k, 5) for k in range(1, 6)]
    assert list(transition_steps("linear", 5)) == fifths
    # assumed: 1 - (1 - k/5)^2 and (k/5)^2
    front = [Fraction(n, 25) for n in (9, 16, 21, 24, 25)]
    back = [Fraction(n, 25) for n in (1, 4, 9, 16, 25)]
    assert list(transition_steps("front-loaded", 5)) == front
    assert list(transition_steps("back-loaded", 5)) == back
    assert transition_steps("weights", 2, [0.07, 1]) == (Fraction(7, 100), 1)
    # a year in which nothing changes yet
    assert transition_steps("weights", 2, [0, 1]) == (0, 1)


@pytest.mark.parametrize(
    ("kind", "years", "weights"),
    [
        ("sudden", 5, None),
        ("linear", 0, None),
        ("weights", 2, [1.0]),
        ("weights", 2, [0.5, 0.9]),
        ("weights", 2, [1.5, 1.0]),
        ("weights", 2, [-0.000001, 1.0]),
    ],
)
def test_steps_that_make_no_sense(kind: str, years: int, weights: list[float] | None) -> None:
    with pytest.raises(ValueError, match=r"kind|at least one|give 2 weights"):
        transition_steps(kind, years, weights)


def test_linear_by_hand() -> None:
    # 1000 and 500 cents go to 700 and 800, by 60 a year
    path = blend(rows(*[[1000, 500]] * 5), rows(*[[700, 800]] * 5), transition_steps("linear", 5))
    assert path[0].tolist() == [[940, 560], [880, 620], [820, 680], [760, 740], [700, 800]]


def test_largest_remainder_by_hand() -> None:
    # a third of the way from 1, 1, 1 to 3, 0, 0 is 5/3, 2/3, 2/3: 1 + 0 + 0, two cents left; all
    # three have the remainder 2/3, so the first two get them
    path = blend(rows([1, 1, 1]), rows([3, 0, 0]), [Fraction(1, 3)])
    assert path[0].tolist() == [[2, 1, 0]]


def test_amounts_below_zero_by_hand() -> None:
    # by the letter (B-6) an old amount may be negative: half of -1 and 4 to 2 and 1 is 0.5, 2.5
    path = blend(rows([-1, 4]), rows([2, 1]), [Fraction(1, 2)])
    assert path[0].tolist() == [[1, 2]]


def test_amounts_below_zero_with_a_total_that_moves() -> None:
    # half way from -1 + 2 to 0 + 2 is 1.5, in whole cents 2: of -0.5 and 2 the first is rounded up
    path = blend(rows([-1, 2]), rows([0, 2]), [Fraction(1, 2)])
    assert path[0].tolist() == [[0, 2]]


def test_a_total_that_moves_is_rounded_half_up() -> None:
    # with new money: half way from 1 + 0 to 1 + 1 is 1.5, in whole cents 2
    path = blend(rows([1, 0]), rows([1, 1]), [Fraction(1, 2)])
    assert path[0].tolist() == [[1, 1]]
    # a quarter of the way from 0, 0, 1000 to 1, 1, 1000: 1000.5, so 1001, of which 0.25, 0.25 and
    # 1000 in 1000.5 parts are 0.2501, 0.2501 and 1000.4998: the cent that is left goes to the last
    path = blend(rows([0, 0, 1000]), rows([1, 1, 1000]), [Fraction(1, 4)])
    assert path[0].tolist() == [[0, 0, 1001]]
    # so it does beside a swv that has nothing at all
    path = blend(rows([0, 0, 0, 1000]), rows([0, 1, 1, 1000]), [Fraction(1, 4)])
    assert path[0].tolist() == [[0, 0, 0, 1001]]


def test_old_and_new_are_those_of_the_year() -> None:
    # year 1: 0.5 (100 + 60); year 2: all of the new amounts of that year
    path = blend(rows([100, 0], [90, 10]), rows([60, 40], [50, 50]), [Fraction(1, 2), Fraction(1)])
    assert path[0].tolist() == [[80, 20], [50, 50]]


def test_max_loss_by_hand() -> None:
    # x = 10 %. The first goes from 1000 to 800, the others from 500 and 100 to 600 and 200.
    # year 1: floor 900 > 800: 900. The 100 that it gives are half of the gains 100 + 100.
    # year 2: floor 810: 810; 90 of the remaining gains 50 + 50: 45 each
    # year 3: floor 729 < 800: 800; the last 5 each
    path = max_loss_path(np.array([[1000, 500, 100]]), rows(*[[800, 600, 200]] * 3), 0.1)
    assert path[0].tolist() == [[900, 550, 150], [810, 595, 195], [800, 600, 200]]


def test_a_floor_is_rounded_up() -> None:
    # 90 % of 995 is 895.5: 896 keeps the promise
    path = max_loss_path(np.array([[995, 5]]), rows([0, 1000]), 0.1)
    assert path[0].tolist() == [[896, 104]]


def test_the_gainers_cent_goes_by_largest_remainder() -> None:
    # 10 cents over the gains 1 : 1 : 1 (of 100 each): 4, 3, 3
    path = max_loss_path(np.array([[100, 0, 0, 0]]), rows([0, 34, 33, 33]), 0.1)
    assert path[0].tolist() == [[90, 4, 3, 3]]


def test_the_smallest_loss_by_hand() -> None:
    # 1000 to 800 euro in two years: x = 1 - sqrt(0.8) = 0.105573, on the grid 0.1056;
    # in one year 20 %
    before = np.array([[100_000, 50_000]])
    new = rows(*[[80_000, 70_000]] * 2)
    assert smallest_loss(before, new).tolist() == [0.1056]
    assert smallest_loss(before, new[:, :1]).tolist() == [0.2]
    # one in 10,000 is one step
    assert smallest_loss(np.array([[10_000, 10_000]]), rows([9_999, 10_001])).tolist() == [0.0001]
    # nobody loses: nothing is needed
    assert smallest_loss(before, np.repeat(before[:, None], 2, axis=1)).tolist() == [0.0]


def test_less_money_is_cut_in_proportion_and_called_infeasible() -> None:
    # x = 0: last year's 100 and 100 are kept, but there are only 190: 95 each
    before, new = np.array([[100, 100]]), rows([90, 100])
    assert max_loss_path(before, new, 0.0)[0].tolist() == [[95, 95]]
    # with x = 10 % the first gets 90, the second keeps 100
    assert max_loss_path(before, new, 0.1)[0].tolist() == [[90, 100]]
    assert smallest_loss(before, new).tolist() == [0.1]


def test_the_last_cent_is_kept() -> None:
    # 90 % of a cent is, rounded up, a cent
    path = max_loss_path(np.array([[1, 100]]), rows([0, 101]), 0.1)
    assert path[0].tolist() == [[1, 100]]


@pytest.mark.parametrize("goal", [[0, 0], [-3, 0]])
def test_where_there_is_no_money_nobody_gets_any(goal: list[int]) -> None:
    path = max_loss_path(np.array([[10, 10]]), rows(goal), 0.1)
    assert path[0].tolist() == [[0, 0]]


def test_who_had_nothing_has_no_floor() -> None:
    path = max_loss_path(np.array([[-10, 110]]), rows([-20, 120]), 0.05)
    assert path[0].tolist() == [[-20, 120]]


def test_who_gets_less_than_nothing_has_no_floor_at_nothing() -> None:
    path = max_loss_path(np.array([[0, 110]]), rows([-20, 130]), 0.05)
    assert path[0].tolist() == [[-20, 130]]


def test_who_has_less_than_nothing_pays_nothing_of_a_shortage() -> None:
    # x = 0: 100 and -5 are kept, but there are only 65
    path = max_loss_path(np.array([[100, -5]]), rows([70, -5]), 0.0)
    assert path[0].tolist() == [[65, 0]]


@pytest.mark.parametrize("millionths", [[-1, 0], [0, 1_000_001]])
def test_one_x_per_draw_that_makes_no_sense(millionths: list[int]) -> None:
    with pytest.raises(ValueError, match=r"^x: a fraction from 0 to 1$"):
        max_loss_path(np.array([[1], [1]]), np.array([[[1]], [[1]]]), np.array(millionths))


def test_both_ends_of_x() -> None:
    before, new = np.array([[100, 100]]), rows([0, 200])
    assert max_loss_path(before, new, 0)[0].tolist() == [[100, 100]]
    assert max_loss_path(before, new, 1)[0].tolist() == [[0, 200]]


def plan(**keys: Any) -> TransitionPlan:
    """From the first policy to the second, with the pro of the second paid directly."""
    fixed = {"old": 0, "new": 1, "before": 0, "years": (1, 2, 2), "basis": "cbs"}
    paid = {"pro_has_left": (True, False), "direct_pro": np.zeros((3, 2), np.int64)}
    return TransitionPlan(**(fixed | paid | {"parts": (), "loss": None} | keys))


def budgets() -> np.ndarray:
    """Two draws, three years, two policies, three parts (the last is pro), two swv."""
    numbers = np.random.Generator(np.random.Philox(5))
    found = numbers.integers(0, 10_000, (2, 3, 2, 3, 2))
    found[:, :, 1, 2] = 0
    return found


def test_a_studys_transition_away_from_direct_pro() -> None:
    """The other way round the new system's pro stands for what the old one pays directly (B-6)."""
    cents = budgets()[:, :, ::-1]
    total = cents.sum(axis=3)
    old, new = total[:, :, 0] + cents[:, :, 1, 2], total[:, :, 1]
    steps = transition_steps("linear", 3)
    found = transition_values(plan(pro_has_left=(False, True), parts=steps), cents)
    right = blend(old[:, [1, 2, 2]], new[:, [1, 2, 2]], steps)
    np.testing.assert_array_equal(found["transition_budget"], right / 100)


@pytest.mark.parametrize("basis", ["cbs", "letter"])
def test_a_studys_transition(basis: str) -> None:
    """Old and new on one basis, on the counts of the study's years that stand for those of it."""
    cents = budgets()
    paid = np.array([[1, 2], [30, 40], [500, 600]])
    total = cents.sum(axis=3)
    old, new = total[:, :, 0], total[:, :, 1]
    if basis == "cbs":
        new = new + cents[:, :, 0, 2]  # the old system's pro stands for what is paid directly
    else:
        old = old - paid
    years = [1, 2, 2]
    steps = transition_steps("linear", 3)
    blended = plan(basis=basis, direct_pro=paid, parts=steps)
    assert blended.variables == ("transition_budget",)
    found = transition_values(blended, cents)
    assert set(found) == set(blended.variables)
    right = blend(old[:, years], new[:, years], steps)
    np.testing.assert_array_equal(found["transition_budget"], right / 100)
    limited = plan(basis=basis, direct_pro=paid, loss=Fraction(1, 5))
    assert limited.variables == ("transition_budget", "transition_needed_loss")
    found = transition_values(limited, cents)
    assert set(found) == set(limited.variables)
    right = max_loss_path(old[:, 0], new[:, years], Fraction(1, 5))
    np.testing.assert_array_equal(found["transition_budget"], right / 100)
    needed = smallest_loss(old[:, 0], new[:, years])
    np.testing.assert_array_equal(found["transition_needed_loss"], needed)


@pytest.mark.parametrize("loss", [1.5, -0.1, 0.00000001])
def test_losses_that_make_no_sense(loss: float) -> None:
    with pytest.raises(ValueError, match="x"):
        max_loss_path(np.array([[1]]), rows([1]), loss)


def test_amounts_that_are_too_large() -> None:
    with pytest.raises(ValueError, match="more than 10,000,000,000 euro in a year"):
        blend(rows([10**13]), rows([1]), [Fraction(1)])
    with pytest.raises(ValueError, match="2 steps"):
        blend(rows([1]), rows([1]), [Fraction(1, 2), Fraction(1)])
    with pytest.raises(ValueError, match="six decimals"):
        blend(rows([1]), rows([1]), [Fraction(1, 7**9)])
    two_years = rows([1, 2, 3], [1, 2, 3])
    with pytest.raises(ValueError, match=r"^2 years and 4 steps$"):
        blend(two_years, two_years, [Fraction(k, 4) for k in range(1, 5)])
    # the most there can be, in six decimals
    most, micro = 10**12, Fraction(1, 10**6)
    assert blend(rows([most]), rows([0]), [micro]).tolist() == [[[most - 10**6]]]
    with pytest.raises(ValueError, match="more than"):
        blend(rows([most, 1]), rows([0, 0]), [micro])
    with pytest.raises(ValueError, match="more than"):
        max_loss_path(np.array([[most + 1]]), rows([0]), 0.5)


@pytest.mark.parametrize(
    ("year", "held"), [(2017, 2018), (2018, 2018), (2019, 2018), (2020, 2020), (2030, 2020)]
)
def test_which_year_is_held(year: int, held: int) -> None:
    assert held_year(year, [2020, 2018]) == held


# -- properties --------------------------------------------------------------------------------

cents = st.integers(0, 10**10)


@st.composite
def systems(draw: st.DrawFn, changing: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Amounts before, old and new: ``(draw, swv)``, ``(draw, year, swv)`` twice; same totals."""
    draws, years, swv = (draw(st.integers(1, most)) for most in (3, 5, 6))
    amount = st.lists(cents, min_size=swv, max_size=swv).filter(any)

    def some() -> np.ndarray:
        return np.array([[draw(amount) for _ in range(years)] for _ in range(draws)], np.int64)

    old, key = some(), some()
    if not changing:
        old, key = (np.repeat(side[:, :1], years, axis=1) for side in (old, key))
    new = np.empty_like(old)
    for d in range(draws):
        for y in range(years):
            given = apportion(int(old[d, y].sum()), by_code(key[d, y].tolist()))
            new[d, y] = list(given.values())
    return old[:, 0].copy(), old, new


@settings(max_examples=60, deadline=None)
@given(systems(), st.sampled_from(["linear", "front-loaded", "back-loaded", "weights"]), st.data())
def test_blending_equals_the_reference(system, kind: str, data: st.DataObject) -> None:
    _, old, new = system
    years = new.shape[1]
    given = [data.draw(st.integers(0, 10**6)) / 10**6 for _ in range(years - 1)] + [1.0]
    parts = transition_steps(kind, years, given)
    path = blend(old, new, parts)
    assert (path.sum(axis=2) == new.sum(axis=2)).all(), "every year's total is exact"
    np.testing.assert_array_equal(path[:, -1], new[:, -1])
    # also where the systems do not have the same money
    new = new + data.draw(st.integers(0, 10**6))
    path = blend(old, new, parts)
    for d in range(len(new)):
        for k, part in enumerate(parts):
            expected = reference_blend(old[d, k].tolist(), new[d, k].tolist(), part)
            assert path[d, k].tolist() == expected


@settings(max_examples=100, deadline=None)
@given(systems(), st.integers(0, 10**6))
def test_the_largest_loss_equals_the_reference(system, micro: int) -> None:
    before, _, new = system
    x = Fraction(micro, 10**6)
    path = max_loss_path(before, new, x)
    assert (path.sum(axis=2) == new.sum(axis=2)).all(), "every year's total is exact"
    for d in range(len(new)):
        expected = reference_max_loss(before[d].tolist(), new[d].tolist(), x)
        assert path[d].tolist() == expected


@settings(max_examples=60, deadline=None)
@given(systems(changing=False), st.integers(0, 10**6))
def test_nobody_loses_more_while_the_counts_stay(system, micro: int) -> None:
    before, _, new = system
    x = Fraction(micro, 10**6)
    path = max_loss_path(before, new, x)
    last = before
    for k in range(new.shape[1]):
        least = [[-((x - 1) * int(was)).__floor__() for was in row] for row in last]
        assert (path[:, k] >= np.minimum(last, np.array(least))).all()
        assert (np.sign(new[:, k] - path[:, k]) * np.sign(new[:, k] - before) >= 0).all(), (
            "nobody passes his new amount"
        )
        last = path[:, k]


def reaches(before: np.ndarray, new: np.ndarray, x: Fraction) -> bool:
    """Reference: does the rule hold in every year, and the last year have the new amounts?"""
    path = reference_max_loss(before.tolist(), new.tolist(), x)
    last = before.tolist()
    for amount, goal in zip(path, new.tolist(), strict=True):
        # where all are cut, someone is below his floor or a gainer below last year's amount
        for was, now, will in zip(last, amount, goal, strict=True):
            if now < (was if will >= was else max(will, (1 - x) * was)):
                return False
        last = amount
    return path[-1] == new[-1].tolist()


@settings(max_examples=60, deadline=None)
@given(systems())
def test_the_smallest_loss_is_feasible_and_the_step_below_is_not(system) -> None:
    before, _, new = system
    found = smallest_loss(before, new)
    for d in range(len(new)):
        if np.isnan(found[d]):
            assert not reaches(before[d], new[d], Fraction(1))
            continue
        x = Fraction(round(found[d] * 10**4), 10**4)
        assert reaches(before[d], new[d], x)
        if x > 0:
            assert not reaches(before[d], new[d], x - LOSS_STEP)


@settings(max_examples=20, deadline=None)
@given(systems(changing=False))
def test_while_the_counts_stay_it_is_the_smallest_of_all(system) -> None:
    before, _, new = system
    found = smallest_loss(before, new)
    for d in range(len(new)):
        place = round(found[d] * 10**4)
        below = [Fraction(n, 10**4) for n in range(max(place - 40, 0), place)]
        below += [Fraction(n, 10**4) for n in range(0, place, 500)]
        assert not any(reaches(before[d], new[d], x) for x in below)


def test_one_x_per_draw() -> None:
    before = np.array([[1000, 500], [1000, 500]])
    new = np.array([[[800, 700]], [[800, 700]]])
    path = max_loss_path(before, new, np.array([100_000, 300_000]))
    assert path.tolist() == [[[900, 600]], [[800, 700]]]


def test_a_thousand_draws_take_well_under_a_second() -> None:
    rng = np.random.default_rng(5)
    new = rng.integers(10**8, 10**10, (1000, 5, 75))
    before = np.array(new[:, 0])
    rng.shuffle(before, axis=1)
    started = time.process_time()
    max_loss_path(before, new, 0.05)
    blend(new, new, transition_steps("linear", 5))
    assert time.process_time() - started < 1.0
