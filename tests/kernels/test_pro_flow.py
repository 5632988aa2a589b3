"""Counts by inversion against scipy, and the flow against a plain reference (P-1, Q-2)."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from lwoopro.kernels.philox import PRO, fill_words, seed_key, source_word
from lwoopro.kernels.pro_flow import (
    ENTRANTS,
    KEEP,
    LANES,
    LATERAL,
    ROLE_BITS,
    STAYS,
    TINY,
    binomial_row,
    negative_binomial_row,
    pro_flow,
    years_alike,
)

WIDTH = 2 * LANES
EXTREME = np.array([0, 1, 2**31, 2**32 - 2, 2**32 - 1], np.uint32)


def uniform(words: np.ndarray) -> np.ndarray:
    return (words + 0.5) / 2.0**32


def binomial(trials: np.ndarray, chance: np.ndarray, words: np.ndarray) -> np.ndarray:
    count = np.empty(len(words), np.int64)
    binomial_row(count, trials, chance, words, np.empty(7 * LANES))
    return count


def negative_binomial(mean: np.ndarray, size: int, words: np.ndarray) -> np.ndarray:
    count = np.empty(len(words), np.int64)
    negative_binomial_row(count, mean, size, words, np.empty(7 * LANES))
    return count


def some_words(rng: np.random.Generator) -> np.ndarray:
    words = rng.integers(0, 2**32, WIDTH, dtype=np.uint32)
    words[: len(EXTREME)] = EXTREME
    return words


@pytest.mark.parametrize("most", [2, 30, 300, 5000])
def test_binomial_is_scipys_quantile(most: int) -> None:
    rng = np.random.default_rng(most)
    for _ in range(20):
        trials = rng.integers(0, most, WIDTH)
        chance = rng.random(WIDTH)
        chance[-3:] = [0.0, 1.0, 0.5]
        words = some_words(rng)
        expected = np.maximum(stats.binom.ppf(uniform(words), trials, chance), 0)
        np.testing.assert_array_equal(binomial(trials, chance, words), expected)


@pytest.mark.parametrize("most", [2, 30, 300, 20_000])
def test_negative_binomial_is_scipys_quantile(most: int) -> None:
    rng = np.random.default_rng(most)
    # sums of 100,000 terms round off more than the last uniform's tail: wide and large together
    # are left out
    for size in (1, 2, 30, 150) if most < 1000 else (150, 400):
        mean = rng.random(WIDTH) * most
        mean[-1] = 0.0
        words = some_words(rng)
        expected = stats.nbinom.ppf(uniform(words), size, size / (size + mean))
        np.testing.assert_array_equal(negative_binomial(mean, size, words), expected)


def test_large_counts_take_the_other_way() -> None:
    """The largest cases above have no usable f(0): the way from the mode is tested, too."""
    assert 0.5**4000 < TINY
    assert (150 / (150 + 20_000.0)) ** 150 < TINY
    assert 0.5**300 > TINY


def test_counts_rise_with_uniform_chance_trials_and_mean() -> None:
    rng = np.random.default_rng(5)
    words = np.sort(rng.integers(0, 2**32, WIDTH, dtype=np.uint32))
    trials = np.full(WIDTH, 80)
    chance = np.full(WIDTH, 0.8)
    assert (np.diff(binomial(trials, chance, words)) >= 0).all()
    rising = np.sort(rng.random(WIDTH))
    same = np.full(WIDTH, words[17])
    assert (np.diff(binomial(trials, rising, same)) >= 0).all()
    assert (np.diff(binomial(np.arange(WIDTH), chance, same)) >= 0).all()
    assert (np.diff(negative_binomial(200 * rising, 40, same)) >= 0).all()
    assert (np.diff(negative_binomial(np.full(WIDTH, 93.0), 40, words)) >= 0).all()


class World:
    """A small flow: two growth scenarios, three swv, four years."""

    growths, years, swv = 2, 4, 3

    def __init__(self, columns: int = LANES) -> None:
        rng = np.random.default_rng(11)
        self.columns = columns
        self.start = rng.integers(0, 60, (self.swv, STAYS))
        self.base = rng.random((self.years, self.swv, columns)) * 60
        self.factor = 0.8 + rng.random((self.growths, self.years, columns)) * 0.4
        self.extra = rng.random((self.growths, self.years, columns)) * 0.5
        self.trouble = rng.integers(0, 2, (self.swv, columns)).astype(np.float64)
        self.keep = rng.random((self.growths, self.years, 5, columns))
        self.lateral = np.array([0.125, 0.1, 0.0, 0.02, 0.0])
        self.person = np.array([1, 2001, 3106], np.uint64)
        self.sub = np.array(
            [source_word(PRO, sub=(2020 + t) << ROLE_BITS) for t in range(self.years)], np.uint64
        )
        self.key = seed_key(42)
        self.size, self.lateral_size = 20, 5

    def run(self, group: int = 0, vary: bool = True) -> tuple[np.ndarray, ...]:
        shape = (self.growths, self.years + 1)
        out = [np.empty((*shape, self.swv, self.columns), np.int32) for _ in range(3)]
        by_stay = np.empty((*shape, STAYS, self.columns), np.int32)
        pro_flow(
            *out, by_stay, self.start, self.base, self.factor, self.extra, self.trouble, self.keep,
            self.lateral, self.size, self.lateral_size, self.person, self.sub, self.key, group,
            vary,
        )  # fmt: skip
        return (*out, by_stay)


def plain_flow(world: World) -> np.ndarray:
    """The clauses word by word, one pupil count at a time, with scipy's quantiles."""
    stock = np.zeros((world.growths, world.years + 1, world.swv, STAYS, world.columns), int)
    stock[:, 0] = world.start[None, :, :, None]
    words = np.empty(world.columns, np.uint32)

    def u(t: int, j: int, role: int) -> np.ndarray:
        word = world.sub[t] + np.uint64(role)
        fill_words(words, world.key, 0, word, world.person[j], True)
        return uniform(words)

    for g in range(world.growths):
        for t in range(world.years):
            for j in range(world.swv):
                before = stock[g, t, j]
                rise = world.factor[g, t] * (1 + world.extra[g, t] * world.trouble[j])
                mean = world.base[t, j] * rise
                p = world.size / (world.size + mean)
                stock[g, t + 1, j, 0] = stats.nbinom.ppf(u(t, j, ENTRANTS), world.size, p)
                for stay in range(1, STAYS):
                    chance = world.keep[g, t, stay - 1]
                    stays = stats.binom.ppf(u(t, j, KEEP + stay), before[stay - 1], chance)
                    stock[g, t + 1, j, stay] = np.maximum(stays, 0)
                    aside = mean * world.lateral[stay - 1]
                    if world.lateral[stay - 1]:
                        p = world.lateral_size / (world.lateral_size + aside)
                        came = stats.nbinom.ppf(u(t, j, LATERAL + stay + 1), world.lateral_size, p)
                        stock[g, t + 1, j, stay] += came.astype(int)
    return stock


def test_the_flow_is_the_plain_reference() -> None:
    world = World()
    stock, entrants, leavers, by_stay = world.run()
    expected = plain_flow(world)
    np.testing.assert_array_equal(stock, expected.sum(axis=3))
    np.testing.assert_array_equal(by_stay, expected.sum(axis=2))
    # stock = stock + in - out, in every draw
    np.testing.assert_array_equal(stock[:, 1:], stock[:, :-1] + entrants[:, 1:] - leavers[:, 1:])
    assert entrants[:, 1:].min() >= 0
    assert leavers[:, 1:].min() >= 0
    assert (leavers[:, 1:] >= expected[:, :-1, :, -1]).all(), "all leave after year of stay 6"


def test_scenarios_alike_at_first_are_the_plain_reference_too() -> None:
    """Their pupils are copied: for two years everywhere, and on in swv without trouble."""
    world = World()
    world.factor[1, :2] = world.factor[0, :2]
    world.keep[1, :2] = world.keep[0, :2]
    world.extra[1, :1] = world.extra[0, :1]
    world.trouble[0] = 0.0
    stock, entrants, leavers, by_stay = world.run()
    expected = plain_flow(world)
    np.testing.assert_array_equal(stock, expected.sum(axis=3))
    np.testing.assert_array_equal(by_stay, expected.sum(axis=2))
    np.testing.assert_array_equal(stock[:, 1:], stock[:, :-1] + entrants[:, 1:] - leavers[:, 1:])
    assert (stock[1, 2, 0] == stock[0, 2, 0]).all()
    assert (stock[1, 2, 1:] != stock[0, 2, 1:]).any()
    assert (stock[1, 3, 0] != stock[0, 3, 0]).any()


def test_the_source_can_be_off() -> None:
    world = World()
    for name in ("base", "factor", "extra", "trouble", "keep"):
        values = getattr(world, name)
        setattr(world, name, np.repeat(values[..., :1], world.columns, axis=-1))
    stock, *_ = world.run(group=3, vary=False)
    first, *_ = world.run(group=0)
    np.testing.assert_array_equal(stock, np.repeat(first[..., :1], world.columns, axis=-1))


def test_certain_chances_give_hand_computed_stocks() -> None:
    """Everybody stays, then nobody; nobody enters. 10 + 20 + 30 + 40 + 50 + 60 pupils at first."""
    world = World()
    world.start = np.tile(np.array([10, 20, 30, 40, 50, 60]), (3, 1))
    world.base = np.zeros_like(world.base)
    world.keep = np.ones_like(world.keep)
    world.keep[:, 2:] = 0.0
    stock, entrants, leavers, by_stay = world.run()
    # years of stay move up by one, the last one leaves: 210, 210 - 60, 150 - 50, then none
    assert stock[0, :, 0, 0].tolist() == [210, 150, 100, 0, 0]
    assert leavers[0, :, 0, 0].tolist() == [0, 60, 50, 100, 0]
    assert entrants.max() == 0
    assert by_stay[1, 2, :, 5].tolist() == [0, 0, 30, 60, 90, 120]


SCRIPT = """
import hashlib
from tests.kernels.test_pro_flow import World
whole = hashlib.sha256()
for array in World().run():
    whole.update(array.tobytes())
print(whole.hexdigest())
"""


def digest(jit: bool) -> str:
    env = {**os.environ, "NUMBA_DISABLE_JIT": "0" if jit else "1", "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_same_bits_with_the_jit_off() -> None:
    assert digest(jit=True) == digest(jit=False)


def test_a_far_mode_is_walked_from_both_with_the_jit_and_without() -> None:
    """The chance of zero is below what a float holds, at a size that Python gets through."""
    assert (4000 / 5000.0) ** 4000 < TINY
    mean = np.full(WIDTH, 1000.0)
    mean[::2] = 3.0
    words = some_words(np.random.default_rng(6))
    expected = stats.nbinom.ppf(uniform(words), 4000, 4000 / (4000 + mean))
    np.testing.assert_array_equal(negative_binomial(mean, 4000, words), expected)


def test_years_that_two_scenarios_share() -> None:
    world = World()
    factor, keep, extra = (
        np.repeat(a[:1], 4, axis=0) for a in (world.factor, world.keep, world.extra)
    )
    factor[1, 2, 3] += 0.1
    keep[2, 1, 4, 0] += 0.1
    extra[3, 3, -1] += 0.1
    alike = [years_alike(factor, keep, extra, g) for g in range(4)]
    assert alike == [world.years, 2, 1, 3]
