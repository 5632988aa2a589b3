"""Dividing cents in floating point: what it calls safe is right, with the jit and without (B-9)."""

from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from lwoopro.allocation.cents import apportion
from lwoopro.kernels.cents import BUCKETS, divide_draws
from lwoopro.kernels.jit import COMPILED

EPS = 2.0**-52


def divided(
    function: Any, total: int, weights: NDArray[np.float64], error: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    draws, swv = weights.shape
    cents, unsafe = np.full((draws, swv), -1), np.zeros(draws, bool)
    space = np.full((3, swv), np.nan)
    count = np.full(BUCKETS, 99)
    doubtful = np.zeros(draws, bool)
    doubtful[0] = True
    function(float(total), weights, error, doubtful, cents, unsafe, *space, count)
    return cents, unsafe


@pytest.mark.parametrize("swv", [1, 2, 8, 75, 200])
@pytest.mark.parametrize("total", [0, 1, 99, 12_345, 39_000_000_000, 2**52])
def test_what_is_safe_is_right(swv: int, total: int) -> None:
    rng = np.random.Generator(np.random.Philox(swv))
    weights = np.floor(rng.random((40, swv)) ** 3 * 1e6)
    weights[:, -1] += 1
    cents, unsafe = divided(divide_draws, total, weights, weights * 2 * EPS)
    assert unsafe[0], "doubtful in any case"
    if swv > 1 and 0 < total < 2**40:
        # one swv's share is always a whole number, and that is always in doubt
        assert (~unsafe).mean() > 0.6
    for d in np.flatnonzero(~unsafe):
        assert cents[d].tolist() == apportion(total, weights[d].astype(int).tolist())


def test_equal_remainders_are_not_safe() -> None:
    weights = np.ones((2, 4))
    assert divided(divide_draws, 10, weights, weights * EPS)[1][1]
    # nothing is left to be given
    cents, unsafe = divided(divide_draws, 12, weights * 2, weights * 0)
    assert unsafe[1] or cents[1].tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -1.0, 1e-300])
def test_weights_of_no_use_are_not_safe(wrong: float) -> None:
    weights = np.array([[1.0, 2.0], [1.0, wrong]])
    assert divided(divide_draws, 10, weights, np.full((2, 2), 1e-9))[1][1]


def test_a_weight_with_a_large_error_of_its_own_is_not_safe() -> None:
    """Its share may be two cents off, while the sum is sure."""
    weights = np.array([[1e6, 10.0]] * 2)
    assert divided(divide_draws, 1_050_000, weights, np.array([[0.0, 4.0]] * 2))[1][1]
    assert not divided(divide_draws, 1_050_000, weights, np.array([[0.0, 1e-9]] * 2))[1][1]


def test_two_remainders_may_both_be_off() -> None:
    """One cent is left; the two largest remainders differ by more than one error, not by two."""
    error = 1e-6
    # what the sum leaves in doubt counts, too: a remainder is sure to 1.67 errors
    for gap, unsafe in ((2.5, True), (5.0, False)):
        near = gap * error
        weights = np.array([[33.4, 33.4 + near, 33.2 - near]] * 2)
        errors = np.array([[error, error, 0.0]] * 2)
        assert divided(divide_draws, 100, weights, errors)[1][1] == unsafe


@pytest.mark.skipif(not COMPILED, reason="the jit is off")
def test_the_jit_changes_nothing() -> None:
    rng = np.random.Generator(np.random.Philox(5))
    weights = rng.random((12, 9)) * 1e5
    both = [
        divided(one, 777, weights, weights * EPS)
        for one in (divide_draws, cast(Any, divide_draws).py_func)
    ]
    (cents, unsafe), (plain, plain_unsafe) = both
    np.testing.assert_array_equal(unsafe, plain_unsafe)
    np.testing.assert_array_equal(cents[~unsafe], plain[~unsafe])
