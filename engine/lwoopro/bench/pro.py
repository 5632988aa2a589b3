"""The flow of pro pupils: the engine, and NumPy with SciPy (P-1)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from lwoopro.bench.contest import PASS, Job
from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.pro_flow import ENTRANTS, KEEP, LATERAL, STAYS, pro_flow
from lwoopro.pro.cohorts import exam_cohorts
from lwoopro.pro.flow import FlowPlan, plan_flow
from lwoopro.pro.keys import Lanes, pro_word
from lwoopro.pro.prepare import bundled_cohorts
from lwoopro.pro.scenarios import EFFECTS, effects, resolve
from lwoopro.pupils.synthetic import bundled_swv_table
from lwoopro.study.pro import GrowthSection

__all__ = ["ProWorld", "build_pro", "ours", "sampled", "with_scipy"]

_SEED: Final = 20221118
_FROM, _TO, _REFERENCE = 2019, 2034, 2025
_KINDS: Final = ("reference", "rise", "fast-rise", "longer-stay", "incentive", "bridge-class")


@dataclass(frozen=True, eq=False)
class ProWorld:
    """Six growth scenarios to 2034 for all swv; draws are the last axis, in the kernels' order.

    Attributes
    ----------
    flow : FlowPlan
    base : float64 array, shape ``(years, swv, draws)``
        Expected entrants.
    factor, extra : float64 array, shape ``(growth, years, draws)``
        What a scenario does to the entrants of all swv, and of those in trouble.
    keep : float64 array, shape ``(growth, years, 5, draws)``
        Chances to stay on.
    trouble : float64 array, shape ``(swv, draws)``
        Every third swv is in financial trouble.
    words : uint32 array, shape ``(years, 12, swv, draws)``
        The random words that the engine makes for itself.
    lanes : Lanes
    """

    flow: FlowPlan
    base: NDArray[np.float64]
    factor: NDArray[np.float64]
    extra: NDArray[np.float64]
    keep: NDArray[np.float64]
    trouble: NDArray[np.float64]
    words: NDArray[np.uint32]
    lanes: Lanes


def build_pro(draws: int = PASS) -> ProWorld:
    """Lay the flow out: the same rates for everyone, national chance left out.

    Parameters
    ----------
    draws : int
        A multiple of 64.

    Returns
    -------
    ProWorld
    """
    growth = {name: GrowthSection.model_validate({"kind": name}) for name in _KINDS}
    flow = plan_flow(
        bundled_swv_table("national"),
        resolve(growth, _REFERENCE),
        start=_FROM,
        horizon=_TO,
        reference_date=_REFERENCE,
        exams=exam_cohorts(bundled_cohorts()),
    )
    lanes = Lanes(_SEED, range(draws), True)
    later, swv = flow.years[1:], len(flow.persons)
    normal = np.random.default_rng(_SEED).standard_normal((len(EFFECTS), draws))
    effect = effects(flow.scenarios, later, _REFERENCE, dict(zip(EFFECTS, normal, strict=True)))
    words = np.zeros((len(later), 12, swv, draws), np.uint32)
    for t, year in enumerate(later):
        for role in range(12):
            for row, person in zip(words[t, role], flow.persons, strict=True):
                fill_words(row, lanes.key, lanes.group, pro_word(year, role), person, True)
    return ProWorld(
        flow=flow,
        base=np.repeat(flow.entrants[:, :, None], draws, axis=2),
        factor=np.exp(effect.rate),
        extra=effect.extra,
        keep=expit(effect.keep + flow.keep[:, :, None]),
        trouble=np.repeat((np.arange(swv) % 3 == 0)[:, None].astype(np.float64), draws, axis=1),
        words=words,
        lanes=lanes,
    )


def ours(world: ProWorld) -> Job:
    """Run the engine's kernel; it makes its random numbers itself."""
    flow, lanes = world.flow, world.lanes
    draws, swv = world.base.shape[2], len(flow.persons)
    shape = (len(flow.scenarios), len(flow.years))
    pupils, entrants, leavers = (np.empty((*shape, swv, draws), np.int32) for _ in range(3))
    by_stay = np.empty((*shape, STAYS, draws), np.int32)
    sub = np.array([pro_word(year, 0) for year in flow.years[1:]], np.uint64)

    def run() -> NDArray[np.int32]:
        pro_flow(
            pupils,
            entrants,
            leavers,
            by_stay,
            flow.start,
            world.base,
            world.factor,
            world.extra,
            world.trouble,
            world.keep,
            flow.lateral,
            flow.size,
            flow.lateral_size,
            flow.persons,
            sub,
            lanes.key,
            lanes.group,
            True,
        )
        return pupils

    return Job(run, draws, lambda: run().astype(np.float64))


def _alike(world: ProWorld) -> int:
    """Count the first years in which all scenarios are the same."""
    same = [
        (part == part[:1]).all(axis=tuple(axis for axis in range(part.ndim) if axis != 1))
        for part in (world.factor, world.extra, world.keep)
    ]
    return int(np.argmin(np.append(np.all(same, axis=0), False)))


def _stock(world: ProWorld, draws: int) -> NDArray[np.int64]:
    """Stock at the start by year of stay, shape ``(stay, 1, swv, draws)``."""
    start = world.flow.start.T[:, None, :, None]
    return np.repeat(start, draws, axis=3)


def _expected(world: ProWorld, t: int, some: slice, draws: int) -> NDArray[np.float64]:
    """Give the expected entrants, shape ``(growth, swv, draws)``."""
    extra = world.extra[some, t, None, :draws] * world.trouble[:, :draws]
    expected: NDArray[np.float64] = world.base[t, :, :draws] * (
        world.factor[some, t, None, :draws] * (1.0 + extra)
    )
    return expected


def _scenarios(world: ProWorld, t: int, alike: int) -> slice:
    """Give the scenarios to compute: one stands for all as long as they are the same."""
    return slice(0, 1) if t < alike else slice(0, len(world.factor))


def with_scipy(world: ProWorld, many: int = 4) -> Job:
    """Invert the same uniforms with SciPy's quantiles; the words are ready before it starts."""
    flow, alike = world.flow, _alike(world)
    uniform = (world.words + 0.5) / 2.0**32

    def move(draws: int) -> NDArray[np.float64]:
        stock = _stock(world, draws).astype(np.float64)
        result = np.empty((len(world.factor), len(flow.years), len(flow.persons), draws))
        result[:, 0] = stock.sum(axis=0)
        for t in range(len(flow.years) - 1):
            some = _scenarios(world, t, alike)
            u, keep = uniform[t, :, :, :draws], world.keep[some, t, :, None, :draws]
            mean = _expected(world, t, some, draws)
            new = np.empty((STAYS, *mean.shape))
            new[0] = stats.nbinom.ppf(u[ENTRANTS], flow.size, flow.size / (flow.size + mean))
            for stay in range(1, STAYS):
                stay_on = stats.binom.ppf(u[KEEP + stay], stock[stay - 1], keep[:, stay - 1])
                new[stay] = np.maximum(stay_on, 0)
                part = flow.lateral[stay - 1]
                if part > 0:
                    size = flow.lateral_size
                    chance = size / (size + mean * part)
                    new[stay] += stats.nbinom.ppf(u[LATERAL + stay + 1], size, chance)
            stock = new
            result[:, t + 1] = stock.sum(axis=0)
        return result

    return Job(lambda: move(many), many, lambda: move(many))


def sampled(world: ProWorld) -> Job:
    """Draw with NumPy's own generators, which are fast and not keyed: no scenario is coupled."""
    flow, alike = world.flow, _alike(world)
    generator = np.random.default_rng(1)
    draws = world.base.shape[2]

    def move() -> NDArray[np.float64]:
        stock = _stock(world, draws)
        result = np.empty((len(world.factor), len(flow.years), len(flow.persons), draws))
        result[:, 0] = stock.sum(axis=0)
        for t in range(len(flow.years) - 1):
            some = _scenarios(world, t, alike)
            keep = world.keep[some, t, :, None, :draws]
            mean = _expected(world, t, some, draws)
            new = np.empty((STAYS, *mean.shape), np.int64)
            new[0] = generator.negative_binomial(flow.size, flow.size / (flow.size + mean))
            for stay in range(1, STAYS):
                new[stay] = generator.binomial(stock[stay - 1], keep[:, stay - 1])
                part = flow.lateral[stay - 1]
                if part > 0:
                    size = flow.lateral_size
                    new[stay] += generator.negative_binomial(size, size / (size + mean * part))
            stock = new
            result[:, t + 1] = stock.sum(axis=0)
        return result

    return Job(move, draws, move)
