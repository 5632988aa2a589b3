"""Where blocks of draws run: threads, a local cluster or an existing one. The room of dask."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import dask
from dask.threaded import get as threaded_get

__all__ = ["run_blocks"]

_PATIENCE: Final = "120s"

_State = TypeVar("_State")
_Result = TypeVar("_Result")


def run_blocks(
    task: Callable[[_State, range], _Result],
    state: _State,
    blocks: Iterable[range],
    done: Callable[[range, _Result], None],
    *,
    threads: int | None = None,
    workers: int | None = None,
    address: str | None = None,
) -> None:
    """Compute every block and hand each result over as soon as it is there.

    Parameters
    ----------
    task : callable
        Pure function of the state and a block.
    state : object
        Sent to every worker once.
    blocks : iterable of range
    done : callable
        Gets a block and its result, one call at a time, always in this process.
    threads : int, optional
        Threads of this process; by default one per core.
    workers : int, optional
        So many processes of a cluster on this machine instead of threads.
    address : str, optional
        Scheduler of an existing cluster instead.
    """
    if address is None and workers is None:
        _in_threads(task, state, list(blocks), done, threads or os.cpu_count() or 1)
    else:
        _on_cluster(task, state, list(blocks), done, workers, address)


def _in_threads(
    task: Callable[[Any, range], Any],
    state: Any,
    blocks: list[range],
    done: Callable[[range, Any], None],
    threads: int,
) -> None:
    lock = threading.Lock()
    stop = threading.Event()
    waiting = iter(blocks)

    def step() -> None:
        # whoever is free takes the next block: dask's own order of free tasks is not ours
        with lock:
            block = None if stop.is_set() else next(waiting, None)
        if block is None:
            return
        result = task(state, block)
        with lock:
            if not stop.is_set():
                done(block, result)

    graph: dict[str, Any] = {f"block-{place}": (step,) for place in range(len(blocks))}
    pool = ThreadPoolExecutor(threads, thread_name_prefix="lwoopro")
    try:
        with dask.config.set(pool=pool):
            threaded_get(graph, list(graph))
    except BaseException:
        # what runs may end, what waits must not begin
        stop.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _on_cluster(
    task: Callable[[Any, range], Any],
    state: Any,
    blocks: list[range],
    done: Callable[[range, Any], None],
    workers: int | None,
    address: str | None,
) -> None:
    from distributed import Client, LocalCluster, as_completed

    # a busy machine takes its time to start a process
    dask.config.set({"distributed.comm.timeouts.connect": _PATIENCE})
    cluster = (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
        )
        if address is None
        else None
    )
    try:
        with Client(cluster if cluster is not None else address, timeout=_PATIENCE) as client:
            shared = client.scatter(state, broadcast=True, hash=False)
            # a few blocks per worker in flight: results never pile up in memory
            ahead = 2 * max(len(client.scheduler_info(n_workers=-1)["workers"]), 1)
            waiting = iter(blocks)
            of: dict[Any, range] = {}

            def submit() -> Any:
                block = next(waiting, None)
                if block is None:
                    return None
                future = client.submit(task, shared, block, pure=False)
                of[future.key] = block
                return future

            running = as_completed([f for f in (submit() for _ in range(ahead)) if f is not None])
            for future in running:
                done(of.pop(future.key), future.result())
                following = submit()
                if following is not None:
                    running.add(following)
    finally:
        if cluster is not None:
            cluster.close()
