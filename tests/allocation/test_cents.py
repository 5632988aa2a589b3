"""Whole cents by largest remainder (B-9): the fast way against the plain one, in every draw."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lwoopro.allocation.cents import apportion, apportion_draws, apportion_whole, share_out

EPS = np.finfo(np.float64).eps


def test_hand_worked() -> None:
    # 1000 cents by 1 : 2 : 4: shares 142.857…, 285.714…, 571.428…; floors 142, 285, 571 leave 2;
    # the largest remainders are those of the first and the second
    assert apportion(1000, [1, 2, 4]) == [143, 286, 571]


def test_ties_go_to_the_lower_code() -> None:
    # 10 cents by 1 : 1 : 1 : 1: 2.5 each, two cents left
    assert apportion(10, [1, 1, 1, 1]) == [3, 3, 2, 2]


@pytest.mark.parametrize("weights", [[0, 0], [1, -1, 2], []])
def test_weights_that_cannot_be_used(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        apportion(100, weights)


def test_one_unit_of_weight_is_enough() -> None:
    assert apportion(5, [0, 1, 0]) == [0, 5, 0]


totals = st.integers(0, 10**12)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


@given(totals, weights)
def test_parts_are_whole_near_their_share_and_add_up(total: int, parts: list[int]) -> None:
    cents = apportion(total, parts)
    assert sum(cents) == total
    for cent, part in zip(cents, parts, strict=True):
        share = Fraction(total * part, sum(parts))
        assert share - 1 < cent < share + 1


@given(totals, st.lists(weights, min_size=1, max_size=6), st.integers(0, 3))
def test_all_draws_at_once_equal_one_by_one(total: int, draws: list[list[int]], blur: int) -> None:
    """Also when the weights are off by as much as their stated error."""
    swv = max(map(len, draws))
    table = [draw + [0] * (swv - len(draw)) for draw in draws]
    exact = np.array(table, dtype=np.float64)
    error = exact * EPS * 8
    off = exact + error * np.sin(np.arange(exact.size) * (blur + 1)).reshape(exact.shape)
    calls = []

    def settle(draw: int) -> list[Fraction]:
        calls.append(draw)
        return [Fraction(weight) for weight in table[draw]]

    cents = apportion_draws(total, off, error, np.zeros(len(table), bool), settle)
    assert cents.tolist() == [apportion(total, draw) for draw in table]
    assert len(calls) <= len(table)


def test_only_doubtful_draws_are_settled_exactly() -> None:
    rng = np.random.default_rng(1)
    table = rng.random((500, 75)) * 1e4
    calls = []

    def settle(draw: int) -> list[Fraction]:
        calls.append(draw)
        return [Fraction(weight) for weight in table[draw]]

    cents = apportion_draws(35_000_000_000, table, table * 16 * EPS, np.zeros(500, bool), settle)
    assert (cents.sum(axis=1) == 35_000_000_000).all()
    assert len(calls) < 25


@pytest.mark.parametrize("size", [0.0, 1e-12, 1e-6, 0.02, 0.3])
@pytest.mark.parametrize("side", ["above", "below", "mixed"])
def test_weights_off_by_their_whole_error_move_no_cent(size: float, side: str) -> None:
    """Small totals and weights, so that whole shares and equal remainders are everywhere."""
    rng = np.random.Generator(np.random.Philox(7))
    for swv in (1, 2, 3, 5):
        table = rng.integers(0, 12, (400, swv)) * (rng.random((400, swv)) < 0.8)
        table[:, -1] += table.sum(axis=1) == 0
        signs = {"above": 1.0, "below": -1.0, "mixed": rng.choice([-1.0, 1.0], table.shape)}
        error = size * np.ones(table.shape)
        # a weight of zero is known to be zero
        off = np.where(table == 0, 0.0, table + error * signs[side])
        for total in (0, 1, 7, 60, 49 * 13):
            found = apportion_draws(
                total, off, error, np.zeros(400, bool), lambda d, table=table: table[d].tolist()
            )
            assert found.tolist() == [apportion(total, row) for row in table.tolist()]


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        ([-1.0, 3.0], 1e-12),
        ([3.0, -1e-9], 1e-12),
        ([0.0, 0.0], 1e-12),
        ([-1.0, 1.0], 1e-12),
        ([1e-3, 1e-3], 1e-3),  # neither is more than its error
        ([5.0, 1e-3], 1e-3),  # the second may be nothing
        ([50.0, 1.0], 1.0),
    ],
)
def test_weights_that_may_be_unusable_are_judged_exactly(
    weights: list[float], error: float
) -> None:
    """Also in a draw among others that are in no doubt."""

    def settle(draw: int) -> list[int]:
        raise ValueError(f"draw {draw}")

    table = np.array([[2.0, 1.0], weights, [1.0, 2.0]])
    errors = np.array([[EPS, EPS], [error, error], [EPS, EPS]])
    with pytest.raises(ValueError, match="draw 1"):
        apportion_draws(100, table, errors, np.zeros(3, bool), settle)


def test_a_draw_that_is_doubtful_for_another_reason_is_settled_exactly() -> None:
    table = np.array([[1.0, 2.0], [1.0, 2.0]])
    cents = apportion_draws(
        301,
        table,
        table * EPS,
        np.array([False, True]),
        lambda draw: [Fraction(2), Fraction(1)],
    )
    assert cents.tolist() == [[100, 201], [201, 100]]


def test_fractions_and_whole_numbers_divide_alike() -> None:
    parts = [Fraction(1, 7), Fraction(2, 7), Fraction(4, 7)]
    assert apportion(1000, parts) == apportion(1000, [1, 2, 4])
    assert apportion(1000, [Fraction(1, 6), Fraction(1, 4), 1]) == apportion(1000, [2, 3, 12])


whole_weights = st.lists(st.integers(0, 2**53), min_size=1, max_size=8)


@given(st.lists(st.tuples(st.integers(0, 2**51), whole_weights), min_size=1, max_size=5))
def test_another_total_in_every_draw(rows: list[tuple[int, list[int]]]) -> None:
    """Also where total times weight runs over 64 bits."""
    swv = max(len(weights) for _, weights in rows)
    table = [weights + [0] * (swv - len(weights)) for _, weights in rows]
    totals = [total if any(weights) else 0 for total, weights in rows]
    found = apportion_whole(np.array(totals), np.array(table))
    expected = [
        apportion(total, weights) if any(weights) else [0] * swv
        for total, weights in zip(totals, table, strict=True)
    ]
    assert found.tolist() == expected


@pytest.mark.parametrize(
    ("total", "weights"), [(-1, [1]), (2**52, [1]), (1, [0, 0]), (1, [-1, 2]), (1, [2**61])]
)
def test_what_cannot_be_divided_at_once(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"too large|weights must not"):
        apportion_whole(np.array([total]), np.array([weights]))


def test_large_amounts_whose_quotient_a_float_misses() -> None:
    """The float's share is one off in some: the remainder puts it right."""
    rng = np.random.Generator(np.random.Philox(8))
    table = rng.integers(2**55, 2**57, (300, 4))
    totals = rng.integers(2**50, 2**51, 300)
    whole = table.sum(axis=1, keepdims=True)
    rough = np.floor(totals[:, None].astype(float) * table / whole)
    right = [
        [int(t) * w // sum(row) for w in row] for t, row in zip(totals, table.tolist(), strict=True)
    ]
    assert (rough != np.array(right, float)).any()
    found = apportion_whole(totals, table)
    expected = [apportion(int(t), row) for t, row in zip(totals, table.tolist(), strict=True)]
    assert found.tolist() == expected


def test_the_largest_that_can_be_divided_at_once() -> None:
    assert apportion_whole(np.array([2**51]), np.array([[1, 1]])).tolist() == [[2**50, 2**50]]
    with pytest.raises(ValueError, match="too large"):
        apportion_whole(np.array([2**51 + 1]), np.array([[1, 1]]))
    half = 2**59
    assert apportion_whole(np.array([3]), np.array([[half, half - 1]])).tolist() == [[2, 1]]
    with pytest.raises(ValueError, match="sum below"):
        apportion_whole(np.array([3]), np.array([[half, half]]))


def test_cents_go_to_the_largest_remainders_along_the_last_dimension() -> None:
    floor = np.arange(12).reshape(2, 2, 3)
    rest = np.array([[[1, 2, 3], [3, 3, 3]], [[0, 5, 0], [2, 1, 2]]])
    extra = np.array([[[0, 1, 1], [1, 0, 0]], [[0, 0, 0], [1, 0, 1]]])
    total = floor.sum(axis=-1) + extra.sum(axis=-1)
    assert (share_out(floor, rest, total) - floor).tolist() == extra.tolist()
    assert share_out(floor[0, 0], rest[0, 0], total[0, 0]).tolist() == [0, 2, 3]
