"""How many draws go together: measured on a few draws, bounded by memory; no bit depends on it.

A pass over the pupils costs a fixed part and a part per draw, in seconds as in bytes. Both are
measured on narrow passes of the study at hand, so that they hold for what the study uses and for
the machine it runs on.
"""

import time
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np

from lwoopro.errors import InputError, Problem
from lwoopro.kernels.philox import DRAWS_PER_COUNTER
from lwoopro.simulation.block import DRAWS_PER_PASS, Prepared, simulate_block
from lwoopro.simulation.digest import digest_draws
from lwoopro.simulation.memory import free_memory
from lwoopro.simulation.partition import worth_it
from lwoopro.simulation.work import Arrays, Ready, Work, simulate_work

__all__ = [
    "BLOCK_SECONDS",
    "RESERVE",
    "Cost",
    "Passes",
    "block_draws",
    "fit_passes",
    "measure",
    "other_ways",
    "plan_passes",
    "refuse_to_prepare",
]

BLOCK_SECONDS: Final = 1.0
"""A block of draws should take about so long: short enough to lose, long enough to be worth it."""

_WIDTHS: Final = (DRAWS_PER_PASS, 48, 32, 24, 16, 12, 8, DRAWS_PER_COUNTER)
_DEAREST: Final = 1.25
"""A draw in a narrower pass may cost so many times what it costs in a wide one."""

_SOON: Final = 0.25
"""A study whose narrowest pass takes less is tried by whole passes: its blocks have whole ones."""

_LONGEST_BLOCK: Final = 4096
# of a population that a draw makes, at its largest; measured on the whole country
_BYTES_PER_ROW: Final = 250
# beside the pupils themselves; measured on 3 and 10 million rows of one year
_BYTES_TO_PREPARE: Final = 190
RESERVE: Final = 60_000_000
"""Bytes that a run needs beside the arrays of its passes: the store and its buffers."""

_Result = TypeVar("_Result")


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


def measure(
    prepared: Prepared, draws: int = 1 << 30, threads: int = 1, ready: Ready | None = None
) -> Cost:
    """Find out what a pass costs, on a few draws.

    Parameters
    ----------
    prepared : Prepared
    draws : int
        Draws of the study; never more are tried.
    threads : int
        So many passes are timed side by side, as they will run: they share caches and memory.
    ready : dict of range to arrays, optional
        Where the study is small enough to be tried by whole passes, they are kept in it, for the
        run to take; see `Work`.

    Returns
    -------
    Cost
    """
    if prepared.remake is not None:
        return _measure_one(prepared)
    narrow = min(DRAWS_PER_COUNTER, draws)
    # the first pass compiles, which is no measure of anything, and slow where memory is traced
    one = _largest_year(prepared)
    simulate_work(Work(one), range(narrow))
    began = time.thread_time()
    small = _bytes_of(lambda: simulate_work(Work(one), range(narrow)))
    short = (time.thread_time() - began) * len(prepared.plans) / len(one.plans)
    if ready is not None and short < _SOON and narrow < DRAWS_PER_PASS <= draws:
        return _measure_whole(prepared, draws, threads, ready, small)
    if one is not prepared:
        simulate_work(Work(prepared), range(narrow))
        small = _bytes_of(lambda: simulate_work(Work(prepared), range(narrow)))
    short, _, found = _seconds_of(
        lambda draws: simulate_work(Work(prepared), draws), [range(narrow)] * threads
    )
    result = _result_bytes(found[0][0], narrow)
    # wide enough to tell the parts apart, narrow enough not to be felt
    wide = min(DRAWS_PER_PASS if short < 0.1 else 4 * narrow if short < 1 else 2 * narrow, draws)
    if wide <= narrow:
        return Cost(0.0, short / narrow, 0.0, small / narrow, result)
    long, busy, _ = _seconds_of(
        lambda draws: simulate_work(Work(prepared), draws), [range(wide)] * threads
    )
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


def _largest_year(prepared: Prepared) -> Prepared:
    """Leave the year with most pupils alone: its kernels are those of all, and so is the memory.

    Where something follows all years, or the population is drawn for all at once, nothing is left.
    """
    if prepared.pro is not None or prepared.resample is not None:
        return prepared
    place = int(np.argmax([plan.pupils[0].sum() for plan in prepared.plans]))
    return replace(
        prepared,
        plans=prepared.plans[place : place + 1],
        policies=prepared.policies[place : place + 1],
        splits=prepared.splits[place : place + 1],
        transition=None,
    )


def _measure_whole(prepared: Prepared, draws: int, threads: int, ready: Ready, small: int) -> Cost:
    """Try whole passes, one per thread and one for the memory, of draws that the run needs."""
    width = DRAWS_PER_PASS
    whole = draws // width
    # far apart, so that every thread will find one of them in a block of its own
    starts = [width * (whole * place // (threads + 1)) for place in range(threads + 1)]
    passes = [range(start, start + width) for start in starts]
    seconds, busy, found = _seconds_of(lambda some: simulate_block(prepared, some), passes[:-1])
    ready.update(zip(passes, found, strict=False))

    def last() -> None:
        ready[passes[-1]] = simulate_block(prepared, passes[-1])

    large = _bytes_of(last)
    result = _result_bytes(found[0], width)
    began = time.thread_time()
    digest_draws(found[0])
    seconds += time.thread_time() - began
    per_draw = max((large - small) / (width - DRAWS_PER_COUNTER), 0.0)
    # nearly all of a pass is the same however few draws it has; so little is never cut anyway
    return Cost(
        seconds=seconds,
        seconds_per_draw=0.0,
        bytes=max(small - DRAWS_PER_COUNTER * per_draw, 0.0),
        bytes_per_draw=per_draw,
        result_bytes=result,
        busy=busy,
    )


def _result_bytes(arrays: Arrays, draws: int) -> int:
    """Bytes of the results of one draw."""
    return sum(values.nbytes for values in arrays.values()) // draws


def _measure_one(prepared: Prepared) -> Cost:
    """Every draw makes its own population, one after the other: one of them says it all."""
    seconds, busy, [(arrays, _)] = _seconds_of(
        lambda draws: simulate_work(Work(prepared), draws), [range(1)]
    )
    rows = sum(int(plan.pupils[0].sum()) for plan in prepared.plans)
    result = sum(values.nbytes for values in arrays.values())
    return Cost(0.0, seconds, float(_BYTES_PER_ROW * rows), 0.0, result, busy)


def _seconds_of(
    work: Callable[[range], _Result], passes: Sequence[range]
) -> tuple[float, float, list[_Result]]:
    """Time passes that run at once, a thread each: seconds, share at work, and their results."""

    def timed(draws: range) -> tuple[float, _Result]:
        began = time.thread_time()
        result = work(draws)
        return time.thread_time() - began, result

    with ThreadPoolExecutor(len(passes)) as pool:
        started = time.perf_counter()
        found = list(pool.map(timed, passes))
        seconds = time.perf_counter() - started
    busy = sum(own for own, _ in found) / (len(passes) * seconds)
    # the clock of a thread may be coarse
    return seconds, min(max(busy, 0.01), 1.0), [result for _, result in found]


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
    each = -(-draws // threads)
    if each > 2 * DRAWS_PER_PASS:
        # two blocks of whole passes for every thread: one is stored while others are computed
        most = _rounded_up(-(-each // 2), DRAWS_PER_PASS)
    else:
        most = _rounded_up(each, DRAWS_PER_PASS if each > DRAWS_PER_PASS else DRAWS_PER_COUNTER)

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
    ready: Ready | None = None,
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
    ready : dict of range to arrays, optional
        See `Work`.

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
    work = Work(ways[found.way], found.width, {} if ready is None else ready)
    return work, found.threads, costs[found.way]


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
