"""The split of year-on-year changes (R-10): on paper, by brute force, and on a real run."""

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.why import PLAYERS, why, why_summary

FACTORS = ("education", "origin", "other", "donated", "asylum")


def results(
    pupils: NDArray[np.int64],
    score: NDArray[np.float64],
    *,
    equal: NDArray[np.float64],
    indicator: NDArray[np.float64],
) -> xr.Dataset:
    """Results that follow B-4 without cents.

    `pupils` ``(year, swv)``, `score` ``(year, factor, draw, swv)``, money ``(year,)``.
    """
    years, _, draws, swv = score.shape
    fixed = equal[:, None] * pupils / pupils.sum(axis=1, keepdims=True)
    whole = score.sum(axis=1)
    lwoo = fixed[:, None] + indicator[:, None, None] * whole / whole.sum(axis=-1, keepdims=True)
    part = np.zeros((draws, years, 1, 3, swv))
    part[:, :, 0, 1] = lwoo.transpose(1, 0, 2)
    return xr.Dataset(
        {
            "budget_part": (("draw", "year", "policy", "part", "swv"), part),
            "pupils": (("year", "attribution", "swv"), pupils[:, None].astype(np.int64)),
            "lwoo_fixed": (("year", "policy", "swv"), fixed[:, None]),
            "policy_attribution": ("policy", np.array(["school"], object)),
            "disadvantage_part": (
                ("draw", "year", "split", "factor", "swv"),
                score.transpose(2, 0, 1, 3)[:, :, None],
            ),
        },
        coords={
            "draw": np.arange(draws),
            "year": 2019 + np.arange(years),
            "attribution": ["school"],
            "policy": ["p"],
            "part": ["regional", "lwoo", "pro"],
            "swv": [f"VO20{j:02}" for j in range(swv)],
            "split": ["p"],
            "factor": list(FACTORS),
        },
    )


def test_two_swv_on_paper() -> None:
    # one factor, education, 1 point per pupil everywhere; no equal part, 100 euro.
    # swv 0 grows from 1 to 3 pupils and to 2 points per pupil; swv 1 stays at 1 and 1.
    score = np.zeros((2, 5, 1, 2))
    score[0, 0, 0] = [1, 1]
    score[1, 0, 0] = [6, 1]
    found = why(
        results(
            np.array([[1, 1], [3, 1]]),
            score,
            equal=np.zeros(2),
            indicator=np.array([100.0, 100.0]),
        )
    )
    part = found["part"].isel(draw=0, year=0, swv=0)
    # amounts: nothing moved 50, pupils alone 100·3/4, education alone 100·2/3, both 100·6/7
    none, own, education, both = 50, 75, 200 / 3, 600 / 7
    np.testing.assert_allclose(
        part.sel(cause="own_pupils"), ((own - none) + (both - education)) / 2
    )
    np.testing.assert_allclose(part.sel(cause="education"), ((education - none) + (both - own)) / 2)
    # whole cents: 85.714… - 50 is 35.71
    assert found["change"].values[0, 0, 0] == 35.71
    others = part.drop_sel(cause=["own_pupils", "education"])
    np.testing.assert_allclose(others, 0, atol=1e-12)
    # for swv 1 the same growth is the country's
    other = found["part"].isel(draw=0, year=0, swv=1)
    np.testing.assert_allclose(other.sel(cause="national_pupils"), -part.sel(cause="own_pupils"))
    np.testing.assert_allclose(other.sel(cause="own_pupils"), 0, atol=1e-12)


def random_world(seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    numbers = np.random.Generator(np.random.Philox(seed))
    pupils = numbers.integers(5, 50, (2, 4))
    score = numbers.uniform(0.5, 3.0, (2, 5, 1, 4)) * pupils[:, None, None]
    score[:, 1] *= -0.1  # a factor may lower the score
    return pupils, score, numbers.uniform(50, 150, (2, 2))


def by_orders(
    pupils: NDArray[np.int64],
    score: NDArray[np.float64],
    equal: NDArray[np.float64],
    indicator: NDArray[np.float64],
    j: int,
) -> NDArray[np.float64]:
    """Shapley values word by word: all orders of all eight players."""

    def amount(at: tuple[int, ...]) -> float:
        own, rest, money, *factor = at
        n = [pupils[own if i == j else rest, i] for i in range(pupils.shape[1])]
        s = [
            sum(n[i] * score[factor[f], f, 0, i] / pupils[factor[f], i] for f in range(5))
            for i in range(pupils.shape[1])
        ]
        return float(equal[money] * n[j] / sum(n) + indicator[money] * s[j] / sum(s))

    known: dict[tuple[int, ...], float] = {}

    def value(at: tuple[int, ...]) -> float:
        if at not in known:
            known[at] = amount(at)
        return known[at]

    gain = np.zeros(8)
    orders = list(permutations(range(8)))
    for order in orders:
        at = [0] * 8
        for player in order:
            before = value(tuple(at))
            at[player] = 1
            gain[player] += value(tuple(at)) - before
    return gain / len(orders)


def test_all_orders_by_brute_force() -> None:
    pupils, score, amounts = random_world(1)
    found = why(results(pupils, score, equal=amounts[0], indicator=amounts[1]))
    expected = by_orders(pupils, score, amounts[0], amounts[1], j=2)
    part = found["part"].isel(draw=0, year=0, swv=2)
    names = ("own_pupils", "national_pupils", "national_money", *FACTORS)
    for name, value in zip(names, expected, strict=True):
        np.testing.assert_allclose(part.sel(cause=name), value, rtol=1e-9, err_msg=name)


def test_one_players_change_is_all_his() -> None:
    """Where only one thing moves, it has the whole change and the others nothing."""
    pupils, score, amounts = random_world(2)
    still = np.repeat(amounts[:, :1], 2, axis=1)

    def move_origin(s: NDArray[np.float64]) -> None:
        s[1, 1, 0, 2] *= 2

    def move_asylum(s: NDArray[np.float64]) -> None:
        s[1, 4, 0, 0] *= 3

    moves: dict[str, Callable[[NDArray[np.float64]], None]] = {
        "origin": move_origin,
        "asylum": move_asylum,
    }
    for name, move in moves.items():
        same = np.repeat(score[:1], 2, axis=0)
        move(same)
        both = np.repeat(pupils[:1], 2, axis=0)
        found = why(results(both, same, equal=still[0], indicator=still[1]))
        rest = found["part"].drop_sel(cause=[name, "rounding"])
        np.testing.assert_allclose(rest, 0, atol=1e-9, err_msg=name)
        assert abs(found["part"].sel(cause=name)).max() > 0.1


def test_a_real_run_adds_up(small_run: xr.Dataset) -> None:
    lwoo = small_run["budget_part"].sel(part="lwoo").diff("year")
    for policy in ("indicator-20-school", "indicator-15-home-mean"):
        found = why(small_run, policy=policy)
        assert found["cause"].values.tolist() == list(PLAYERS)
        change = lwoo.sel(policy=policy).transpose("draw", "year", "swv")
        np.testing.assert_allclose(found["part"].sum("cause"), change, atol=1e-6)
        np.testing.assert_allclose(found["change"], change, atol=1e-6)
        # a cent of each part of each date at most
        assert abs(found["part"].sel(cause="rounding")).max() < 0.03
        assert (found["part"].sel(cause="national_money") == 0).all()
        for cause in ("own_pupils", "national_pupils", *FACTORS):
            assert abs(found["part"].sel(cause=cause)).max() > 1, cause


def test_a_permutation_of_the_swv_permutes_the_parts(small_run: xr.Dataset) -> None:
    order = np.random.Generator(np.random.Philox(1)).permutation(small_run.sizes["swv"])
    one = why(small_run)["part"].isel(swv=order)
    other = why(small_run.isel(swv=order))["part"]
    xr.testing.assert_allclose(one, other, atol=1e-6)


def test_the_summary_has_errors_and_intervals(small_run: xr.Dataset) -> None:
    found = why_summary(small_run)
    assert found.attrs["policy"] == "indicator-20-school"
    assert (found["part_low"] <= found["part_high"]).all()
    np.testing.assert_allclose(found["part"].sum("cause"), found["change"], atol=1e-6)
    assert found["part_mcse"].notnull().all() and found["part"].attrs["units"] == "euro"


def test_what_cannot_be_split_is_refused(small_run: xr.Dataset) -> None:
    with pytest.raises(ValueError, match="these results have one, 2020"):
        why(small_run.sel(year=[2020]))
    with pytest.raises(ValueError, match="the changes of 'current' are not split"):
        why(small_run, policy="current")
    with pytest.raises(ValueError, match=r"name the policy in \[report\] split"):
        why(small_run.drop_vars("disadvantage_part"))
    empty = small_run.copy(deep=True)
    empty["disadvantage_part"] = 0 * empty["disadvantage_part"]
    with pytest.raises(ValueError, match="no positive disadvantage score"):
        why(empty)
