"""What a study would run, before it runs: size, memory, time (contract: ``lwoopro check``)."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import numpy as np

from lwoopro.simulation.begin import begin
from lwoopro.simulation.beside import beside_draws
from lwoopro.simulation.block import DRAWS_PER_PASS
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.layout import Layout
from lwoopro.simulation.location import Location
from lwoopro.simulation.manifest import Block
from lwoopro.simulation.memory import peak_memory, used_memory
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.sizing import RESERVE, block_draws, measure, plan_passes, refuse_to_prepare
from lwoopro.simulation.sobol import plan_decomposition
from lwoopro.simulation.work import Ready, Work, simulate_work
from lwoopro.study import Study
from lwoopro.variables import VARIABLES

__all__ = ["Forecast", "Storing", "forecast"]


@dataclass(frozen=True)
class Forecast:
    """Size of a study.

    Attributes
    ----------
    rows : int
        Pupils over all years.
    imputed, copied, asylum : int
        Pupils with a drawn level, with a donor, and asylum pupils.
    draws, years, policies, swv : int
    result_bytes : int
        Results, uncompressed.
    memory_bytes : int
        Most that the process holds at once, everything included.
    seconds : float
        Expected time of the draws, until they are stored.
    prepare_seconds : float
        Time of reading and preparing, as it was just now, the analytic twin included (Q-5).
    threads, block_draws, draws_per_pass : int
        How the work would be cut.
    apart_runs, apart_draws : int
        Runs and draws of each that take the variance apart (Q-6); 0 without.
    apart_seconds : float
        Their expected time.
    assumed : tuple of str
    """

    rows: int
    imputed: int
    copied: int
    asylum: int
    draws: int
    years: int
    policies: int
    swv: int
    result_bytes: int
    memory_bytes: int
    seconds: float
    prepare_seconds: float
    threads: int
    block_draws: int
    draws_per_pass: int
    assumed: tuple[str, ...]
    apart_runs: int = 0
    apart_draws: int = 0
    apart_seconds: float = 0.0

    def lines(self) -> Iterator[tuple[str, str]]:
        """Give the figures as words and numbers."""
        yield "pupils, all years", f"{self.rows:,}"
        yield "  with a level to draw (I-1)", f"{self.imputed:,}"
        yield "  with a donor's score (I-2, I-3)", f"{self.copied:,}"
        yield "  asylum (I-4)", f"{self.asylum:,}"
        yield "years × draws", f"{self.years} × {self.draws:,}"
        yield "policies × swv", f"{self.policies} × {self.swv}"
        yield "results, uncompressed", f"{self.result_bytes / 1e6:,.1f} MB"
        yield "memory, at most", f"about {self.memory_bytes / 1e6:,.0f} MB"
        yield "time to read, prepare and try", f"about {max(self.prepare_seconds, 1):,.0f} s"
        yield "time of the draws", f"about {max(self.seconds, 1):,.0f} s"
        yield "threads × draws per block", f"{self.threads} × {self.block_draws:,}"
        if self.apart_runs:
            yield "decomposition, runs × draws", f"{self.apart_runs} × {self.apart_draws:,}"
            yield "time of the decomposition", f"about {max(self.apart_seconds, 1):,.0f} s"


def forecast(study: Study) -> Forecast:
    """Check all inputs of a study, try a few draws and work out its size.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Forecast
        Time and memory hold for a run on this machine in one process, as busy as it is now.

    Raises
    ------
    InputError
        As `simulation.runner.run` before its first draw.
    """
    started = time.perf_counter()
    inputs = load_inputs(study, study.compute.memory_bytes)
    refuse_to_prepare(len(inputs.pupils), study.compute.memory_bytes, used_memory())
    prepared, layout = prepare(study, inputs)
    rows, assumed = len(inputs.pupils), inputs.assumed
    asylum, swv = int(inputs.pupils.asylum.sum()), len(layout.coordinates["swv"])
    # a run lets the pupil table go, too, before it draws
    del inputs
    apart = plan_decomposition(study, prepared)
    cores = min(study.compute.threads or os.cpu_count() or 1, os.cpu_count() or 1)
    layout = beside_draws(study, prepared, layout, apart, fresh=True, threads=cores)
    draws = study.study.draws
    each = 0
    for name in prepared.draw_variables:
        size = 1
        for dim in VARIABLES[name].dims:
            size *= len(layout.coordinates[dim])
        each += size
    wanted = study.compute.threads or os.cpu_count() or 1
    tried: Ready = {}
    cost = measure(prepared, draws, wanted, tried)
    prepare_seconds = time.perf_counter() - started
    block = study.compute.block_draws or block_draws(cost, draws, wanted)
    before, at_rest = peak_memory(), used_memory()
    work, threads, cost = plan_passes(
        prepared, cost, draws, block, wanted, study.compute.memory_bytes, at_rest, tried
    )
    # the draws that trying took are draws of a run, too: they stand in its blocks already
    left = 1 - sum(map(len, tried)) / draws
    there = sum(values.nbytes for found in tried.values() for values in found.values())
    width = work.width
    blocks = -(-draws // block)
    busy = min(threads, blocks)
    rounds = blocks / busy if blocks > 4 * busy else -(-blocks // busy)
    storing = _storing(study, work, layout, min(block, draws), blocks)
    more = 0 if apart is None else apart.draws
    # the first of the runs is the study itself, where it has so many draws
    runs = 0 if apart is None else (1 if draws >= more else 2) + len(apart.moving)
    return Forecast(
        rows=rows,
        imputed=sum(len(plan.imputed.base) for plan in prepared.plans),
        copied=sum(len(plan.copied.person) for plan in prepared.plans),
        asylum=asylum,
        draws=draws,
        years=len(prepared.plans),
        policies=len(study.policy),
        swv=swv,
        result_bytes=8 * each,
        memory_bytes=int(max(before, at_rest - there + RESERVE + busy * cost.memory(width, block))),
        seconds=storing.beside(left * rounds * cost.time(min(block, draws), width), busy),
        prepare_seconds=prepare_seconds,
        threads=threads,
        block_draws=min(block, draws),
        draws_per_pass=width,
        assumed=assumed,
        apart_runs=runs,
        apart_draws=more,
        apart_seconds=runs * more / block / busy * cost.time(block, width),
    )


@dataclass(frozen=True)
class Storing:
    """What it costs to store the results of a run, in seconds as they passed on this machine."""

    block: float
    saying: float
    blocks: int

    def beside(self, computing: float, busy: int) -> float:
        """Time of a run whose draws take so long on so many threads.

        One thread stores while the others compute; where no core is free for it, it takes of their
        time. The last block is stored when all are computed, and what is done is said at least
        twice: after the first block and at the end.
        """
        while_computing = (self.blocks - 1) * self.block
        cores = os.cpu_count() or 1
        if busy < cores:
            together = max(computing, while_computing)
        else:
            together = computing + while_computing / cores
        return together + self.block + 2 * self.saying


def _storing(study: Study, work: Work, layout: Layout, block: int, blocks: int) -> Storing:
    """Store a block in a folder of its own, as a run does; the disk is that of scratch files."""
    # so many that they are as hard to compress as those of a run
    few = simulate_work(work, range(min(block, DRAWS_PER_PASS)))[0]
    arrays = {name: np.resize(values, (block, *values.shape[1:])) for name, values in few.items()}
    with TemporaryDirectory(prefix="lwoopro-") as scratch:
        folder = Location(scratch)
        manifest, store = begin(folder, study, {}, [], work.prepared, layout, block)
        manifest.blocks = [Block(k * block, (k + 1) * block, 64 * "0") for k in range(blocks)]

        def say() -> None:
            manifest.save(folder)
            store.publish(block)

        # the first time opens what stays open
        say()
        return Storing(_seconds(lambda: store.write(range(block), arrays)), _seconds(say), blocks)


def _seconds(step: Callable[[], None]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started
