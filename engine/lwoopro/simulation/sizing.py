"""How many draws go together: measured on a few draws, bounded by memory; no bit depends on it.

A pass over the pupils costs a fixed part and a part per draw, in seconds as in bytes. Both are
measured on narrow passes of the study at hand, so that they hold for what the study uses and for
the machine it runs on.
"""

import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
from numpy.typing import NDArray

from lwoopro.errors import InputError, Problem
from lwoopro.kernels.philox import DRAWS_PER_COUNTER
from lwoopro.simulation.block import DRAWS_PER_PASS, Prepared, simulate_block
from lwoopro.simulation.digest import digest_draws
from lwoopro.simulation.partition import worth_it
from lwoopro.simulation.workspace import Workspace

__all__ = [
    "BLOCK_SECONDS",
    "RESERVE",
    "Arrays",
    "Cost",
    "Passes",
    "Work",
    "block_draws",
    "fit_passes",
    "free_memory",
    "measure",
    "other_ways",
    "peak_memory",
    "plan_passes",
    "refuse_to_prepare",
    "simulate_work",
    "used_memory",
]

BLOCK_SECONDS: Final = 1.0
"""A block of draws should take about so long: short enough to lose, long enough to be worth it."""

_WIDTHS: Final = (DRAWS_PER_PASS, 48, 32, 24, 16, 12, 8, DRAWS_PER_COUNTER)
_DEAREST: Final = 1.25
"""A draw in a narrower pass may cost so many times what it costs in a wide one."""

_LONGEST_BLOCK: Final = 4096
_SHARE_OF_FREE: Final = 0.75
# of a population that a draw makes, at its largest; measured on the whole country
_BYTES_PER_ROW: Final = 250
# beside the pupils themselves; measured on 3 and 10 million rows of one year
_BYTES_TO_PREPARE: Final = 190
RESERVE: Final = 60_000_000
"""Bytes that a run needs beside the arrays of its passes: the store and its buffers."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Work:
    """What every block of a run needs; it travels to workers as it is, once.

    Attributes
    ----------
    prepared : Prepared
    width : int
        Draws that go over the pupils together; it bounds the memory.
    """

    prepared: Prepared
    width: int = DRAWS_PER_PASS


def simulate_work(work: Work, draws: range) -> tuple[Arrays, list[bytes]]:
    """Simulate a block, some draws at a time, and hash every draw. Pure (Q-2).

    Parameters
    ----------
    work : Work
    draws : range

    Returns
    -------
    dict of str to array
        See `simulate_block`.
    list of bytes
        See `digest_draws`.
    """
    space = Workspace()
    parts = [
        simulate_block(work.prepared, range(start, min(start + work.width, draws.stop)), space)
        for start in range(draws.start, draws.stop, work.width)
    ]
    arrays = parts[0] if len(parts) == 1 else _joined(parts)
    return arrays, digest_draws(arrays)


def _joined(parts: list[Arrays]) -> Arrays:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@dataclass(frozen=True)
class Cost:
    """What a pass of some draws costs on this machine, in one of its threads.

    Attributes
    ----------
    seconds, seconds_per_draw : float
        The fixed part and the part per draw.
    bytes, bytes_per_draw : float
        The same of the memory at work, results included.
    result_bytes : int
        Results per draw.
    busy : float
        Share of those seconds in which the thread really ran: less on a machine with other work.
    """

    seconds: float
    seconds_per_draw: float
    bytes: float
    bytes_per_draw: float
    result_bytes: int
    busy: float = 1.0

    def time(self, draws: int, width: int = DRAWS_PER_PASS) -> float:
        """Seconds of so many draws in passes of `width`."""
        return -(-draws // width) * self.seconds + draws * self.seconds_per_draw

    def memory(self, width: int, block: int) -> float:
        """Bytes at work in one thread."""
        return self.bytes + width * self.bytes_per_draw + 2 * block * self.result_bytes


def measure(prepared: Prepared, draws: int = 1 << 30, threads: int = 1) -> Cost:
    """Find out what a pass costs, on a few draws.

    Parameters
    ----------
    prepared : Prepared
    draws : int
        Draws of the study; never more are tried.
    threads : int
        So many passes are timed side by side, as they will run: they share caches and memory.

    Returns
    -------
    Cost
    """
    if prepared.remake is not None:
        return _measure_one(prepared)
    narrow = min(DRAWS_PER_COUNTER, draws)
    # the first pass compiles, which is no measure of anything, and slow where memory is traced
    simulate_work(Work(prepared), range(narrow))
    small = _bytes_of(lambda: simulate_work(Work(prepared), range(narrow)))
    short, _, (arrays, _) = _seconds_of(
        lambda: simulate_work(Work(prepared), range(narrow)), threads
    )
    result = sum(values.nbytes for values in arrays.values()) // narrow
    # wide enough to tell the parts apart, narrow enough not to be felt
    wide = min(DRAWS_PER_PASS if short < 0.1 else 4 * narrow if short < 1 else 2 * narrow, draws)
    if wide <= narrow:
        return Cost(0.0, short / narrow, 0.0, small / narrow, result)
    long, busy, _ = _seconds_of(lambda: simulate_work(Work(prepared), range(wide)), threads)
    large = _bytes_of(lambda: simulate_work(Work(prepared), range(wide))) if long < 1 else None
    seconds = max((long - short) / (wide - narrow), 0.2 * long / wide)
    per_draw = small / narrow if large is None else max((large - small) / (wide - narrow), 0.0)
    return Cost(
        seconds=max(long - wide * seconds, 0.0),
        seconds_per_draw=seconds,
        bytes=max(small - narrow * per_draw, 0.0),
        bytes_per_draw=per_draw,
        result_bytes=result,
        busy=busy,
    )


def _measure_one(prepared: Prepared) -> Cost:
    """Every draw makes its own population, one after the other: one of them says it all."""
    seconds, busy, (arrays, _) = _seconds_of(lambda: simulate_work(Work(prepared), range(1)), 1)
    rows = sum(int(plan.pupils[0].sum()) for plan in prepared.plans)
    result = sum(values.nbytes for values in arrays.values())
    return Cost(0.0, seconds, float(_BYTES_PER_ROW * rows), 0.0, result, busy)


def _seconds_of(work: Callable[[], Any], threads: int) -> tuple[float, float, Any]:
    """Time some work that runs on several threads at once: seconds, share at work, one result."""

    def timed() -> tuple[float, Any]:
        began = time.thread_time()
        result = work()
        return time.thread_time() - began, result

    with ThreadPoolExecutor(threads) as pool:
        started = time.perf_counter()
        futures = [pool.submit(timed) for _ in range(threads)]
        found = [future.result() for future in futures]
        seconds = time.perf_counter() - started
    busy = sum(own for own, _ in found) / (threads * seconds)
    # the clock of a thread may be coarse
    return seconds, min(max(busy, 0.01), 1.0), found[0][1]


def _bytes_of(work: Callable[[], Any]) -> int:
    """Most memory that a piece of work holds at once."""
    already = tracemalloc.is_tracing()
    if not already:
        tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    try:
        work()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        if not already:
            tracemalloc.stop()
    return peak - before


def block_draws(cost: Cost, draws: int, threads: int) -> int:
    """Choose how many draws are computed and stored together: about a second's worth.

    More where the fixed part of a pass would make that dear.

    Parameters
    ----------
    cost : Cost
    draws : int
        Of the study.
    threads : int
        So many blocks should run at once.

    Returns
    -------
    int
        A multiple of four, or all draws where they are fewer.
    """
    most = _rounded_up(-(-draws // threads), DRAWS_PER_COUNTER)

    def seconds(block: int) -> float:
        # as on a machine of our own: who else is busy now may be gone in a minute
        return cost.time(block) * cost.busy

    block = DRAWS_PER_PASS
    if seconds(block) <= BLOCK_SECONDS:
        while 2 * block <= _LONGEST_BLOCK and seconds(2 * block) <= BLOCK_SECONDS:
            block *= 2
        return min(block, most)
    dear = _DEAREST * seconds(DRAWS_PER_PASS) / DRAWS_PER_PASS
    while block > DRAWS_PER_COUNTER and seconds(block) > BLOCK_SECONDS:
        if seconds(block // 2) / (block // 2) > dear:
            break
        block //= 2
    return min(block, most)


def _rounded_up(number: int, step: int) -> int:
    return -(-number // step) * step


@dataclass(frozen=True)
class Passes:
    """How the draws of a block go over the pupils.

    Attributes
    ----------
    way : int
        Position of the cost that was chosen.
    width : int
        Draws at a time.
    threads : int
        Of one process.
    """

    way: int
    width: int
    threads: int


def fit_passes(
    costs: Sequence[Cost], block: int, threads: int, memory: int | None, at_rest: int
) -> Passes:
    """Choose the fastest passes that the memory suffices for.

    Parameters
    ----------
    costs : sequence of Cost
        Of every way to do a pass.
    block : int
        Draws per block.
    threads : int
        Of one process, at most.
    memory : int or None
        Bytes that the process may use; None stands for three quarters of what is free.
    at_rest : int
        Bytes that it uses between blocks.

    Returns
    -------
    Passes
        With fewer threads where not even four draws of each fit.

    Raises
    ------
    InputError
        The memory that the study allows is too little for one thread.
    """
    room = (memory if memory is not None else at_rest + free_memory()) - at_rest - RESERVE
    fitting = [
        Passes(way, min(width, block), some)
        for way, cost in enumerate(costs)
        for some in range(threads, 0, -1)
        for width in _WIDTHS
        if some * cost.memory(min(width, block), block) <= room
    ]
    if fitting:
        # of equally fast ones the first: the widest, with all threads
        return min(fitting, key=lambda one: costs[one.way].time(block, one.width) / one.threads)
    least = [cost.memory(min(DRAWS_PER_COUNTER, block), block) for cost in costs]
    way = int(np.argmin(least))
    if memory is None:
        return Passes(way, min(DRAWS_PER_COUNTER, block), 1)
    raise InputError(
        Problem(
            "compute.memory",
            f"{memory / 1e6:,.0f} MB is too little for this study",
            f"at least {(at_rest + RESERVE + least[way]) / 1e6:,.0f} MB, or smaller blocks by "
            "block_draws",
        )
    )


def plan_passes(
    prepared: Prepared,
    cost: Cost,
    draws: int,
    block: int,
    threads: int,
    memory: int | None,
    at_rest: int,
) -> tuple[Work, int, Cost]:
    """Choose passes; where the plain ones are too large, try other ways, too.

    Parameters
    ----------
    prepared : Prepared
    cost : Cost
        Its own.
    draws : int
        Of the study.
    block, threads, memory, at_rest
        See `fit_passes`.

    Returns
    -------
    Work, number of threads, Cost
    """
    ways = [prepared]
    costs = [cost]
    most = threads * cost.memory(min(DRAWS_PER_PASS, block), block)
    if most > (memory if memory is not None else at_rest + free_memory()) - at_rest - RESERVE:
        ways += other_ways(prepared)
        costs += [measure(way, draws) for way in ways[1:]]
    found = fit_passes(costs, block, threads, memory, at_rest)
    return Work(ways[found.way], found.width), found.threads, costs[found.way]


def refuse_to_prepare(rows: int, memory: int | None, held: int) -> None:
    """Say that the memory does not suffice to prepare so many pupils, before it is taken.

    Parameters
    ----------
    rows : int
        Of the pupil table.
    memory : int or None
        Bytes that the process may use; without a bound everything is tried.
    held : int
        Bytes that it uses now, pupils included.

    Raises
    ------
    InputError
        It needs more. What few pupils need is not looked at: `fit_passes` sees it.
    """
    more = _BYTES_TO_PREPARE * rows
    if memory is not None and more > RESERVE and held + more > memory:
        raise InputError(
            Problem(
                "compute.memory",
                f"{memory / 1e6:,.0f} MB is too little to prepare {rows:,} rows",
                f"at least {(held + more) / 1e6:,.0f} MB",
            )
        )


def other_ways(prepared: Prepared) -> list[Prepared]:
    """Give the same study so that its passes need less memory; none where pupils are few."""
    many = any(worth_it(plan, prepared.lattice) for plan in prepared.plans)
    plain = prepared.resample is None and prepared.remake is None and not prepared.parted
    return [replace(prepared, parted=True)] if many and plain else []


def free_memory() -> int:
    """Bytes that a run may take by default: three quarters of what is free."""
    free = int(psutil.virtual_memory().available)
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text("ascii").strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text("ascii"))
    except (OSError, ValueError):
        limit, used = "max", 0
    if limit.isdigit():
        # in a container the machine has more than we may use
        free = min(free, max(int(limit) - used, 0))
    return int(_SHARE_OF_FREE * free)


def used_memory() -> int:
    """Bytes that this process holds now."""
    return int(psutil.Process().memory_info().rss)


def peak_memory() -> int:
    """Most bytes that this process has held so far."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "linux":
        # what the system counts for `getrusage` begins with the peak of whoever started us
        with suppress(OSError, StopIteration, ValueError):
            lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
            return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
