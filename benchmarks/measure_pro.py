"""Print the figures of pro growth: ``python -m benchmarks.measure_pro [draws]``.

The job: 10,000 draws × 6 growth scenarios × 15 years × 75 swv, on two threads; and the flow against
vectorised NumPy with scipy's quantiles on the same uniforms, in alternating runs of this process.
"""

import resource
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.pro_flow import KEEP, LATERAL, STAYS
from lwoopro.pro.block import ProPlan, simulate_pro
from lwoopro.pro.flow import simulate_flow
from lwoopro.pro.keys import Lanes, pro_word
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study

ROOT = Path(__file__).parents[1]
BLOCK = 64
SEED = 20221118


def plan() -> ProPlan:
    """Pro growth of the stress study, to 2034: fifteen years after the stock."""
    study = load_study(ROOT / "configs" / "pro-stress.toml")
    section = study.pro.model_copy(update={"horizon": 2034})
    growing = prepare(study.model_copy(update={"pro": section}), load_inputs(study))[0].pro
    assert growing is not None
    return growing


def rival(growing: ProPlan, draws: range) -> NDArray[np.float64]:
    """Run the same flow without national noise, one NumPy and scipy call per year and year of stay.

    It gets its uniforms for nothing: the words are drawn before the clock starts.
    """
    flow = growing.flow
    growths, swv = len(flow.scenarios), len(flow.persons)
    stock = np.broadcast_to(flow.start.T[:, None, None], (STAYS, growths, len(draws), swv)).astype(
        np.float64
    )
    for t, words in enumerate(UNIFORMS):
        mean = np.broadcast_to(flow.entrants[t], stock.shape[1:])
        keep = expit(flow.keep[t])
        new = np.empty_like(stock)
        new[0] = stats.nbinom.ppf(words[0], flow.size, flow.size / (flow.size + mean))
        for stay in range(1, STAYS):
            new[stay] = np.maximum(
                stats.binom.ppf(words[KEEP + stay], stock[stay - 1], keep[stay - 1]), 0
            )
            if flow.lateral[stay - 1]:
                aside = mean * flow.lateral[stay - 1]
                new[stay] += stats.nbinom.ppf(
                    words[LATERAL + stay + 1],
                    flow.lateral_size,
                    flow.lateral_size / (flow.lateral_size + aside),
                )
        stock = new
    return stock.sum(axis=0)


UNIFORMS: list[dict[int, NDArray[np.float64]]] = []


def draw_uniforms(growing: ProPlan, draws: range) -> None:
    """Uniforms of the rival: per year and role, shape ``(draw, swv)``."""
    lanes = Lanes(SEED, draws, True)
    words = np.empty(lanes.columns, np.uint32)
    UNIFORMS.clear()
    for year in growing.flow.years[1:]:
        roles = {}
        for role in (*range(STAYS), *range(LATERAL + 2, LATERAL + STAYS + 1)):
            rows = []
            for person in growing.flow.persons:
                fill_words(words, lanes.key, lanes.group, pro_word(year, role), person, True)
                rows.append((words[lanes.wanted] + 0.5) / 2.0**32)
            roles[role] = np.array(rows).T
        UNIFORMS.append(roles)


def main(draws: int = 10_000) -> None:
    """Measure and print."""
    out = sys.stdout.write
    growing = plan()
    calm = np.zeros((BLOCK, len(growing.flow.persons)), bool)
    budgets = np.ones((BLOCK, 1, 2, 3, len(growing.flow.persons))) * 1e9
    simulate_pro(growing, SEED, range(BLOCK), budgets)
    blocks = [range(start, min(start + BLOCK, draws)) for start in range(0, draws, BLOCK)]

    def flow(some: range) -> None:
        simulate_flow(growing.flow, SEED, some, calm[: len(some)], True)

    def everything(some: range) -> None:
        simulate_pro(growing, SEED, some, budgets[: len(some)])

    shape = (len(growing.flow.scenarios), len(growing.flow.years) - 1, len(growing.flow.persons))
    out(f"{draws:,} draws × {shape[0]} scenarios × {shape[1]} years × {shape[2]} swv, 2 threads\n")
    for name, task in (("flow", flow), ("flow, cost, cuts to the cent", everything)):
        start, busy = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(task, blocks))
        wall, work = time.perf_counter() - start, time.process_time() - busy
        out(f"{name:30} {wall:8.1f} s, {work:.1f} s of processor time\n")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out(f"{'peak memory of the process':30} {memory:8.0f} MiB\n")
    some = range(16)
    draw_uniforms(growing, some)
    ratios = []
    for _ in range(3):
        start = time.perf_counter()
        flow(range(BLOCK))
        ours = (time.perf_counter() - start) / BLOCK
        start = time.perf_counter()
        rival(growing, some)
        ratios.append((time.perf_counter() - start) / len(some) / ours)
    out(f"{'NumPy and scipy over engine':30} {statistics.median(ratios):8.1f} ×, one thread each\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
