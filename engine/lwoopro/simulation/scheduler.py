"""Where blocks of draws run: threads, a local cluster or an existing one. The room of dask."""

import logging
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, TypeVar

import dask
from dask.threaded import get as threaded_get

from lwoopro.errors import InputError, Problem, RunError
from lwoopro.simulation.freed import ENVIRONMENT

__all__ = ["Backend", "Crew", "run_blocks"]

_LOOPBACK: Final = "127.0.0.1"
_CONNECT_SECONDS: Final = 120.0  # a busy machine takes its time to start a process
_LOOK_SECONDS: Final = 1.0
_TURN_SECONDS: Final = 0.1
_TRIES: Final = 4
_LEAN: Final = {
    # a worker asks itself a hundred times a second where it is: a few per cent of its time
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
    # and all look fifty times a second how late they are
    "distributed.admin.tick.interval": "1s",
    # dask would have every worker hand back at once what it frees: a third of its time
    **{f"distributed.nanny.pre-spawn-environ.{name}": size for name, size in ENVIRONMENT.items()},
}
"""What processes on this machine do without."""

_State = TypeVar("_State")
_Result = TypeVar("_Result")

Crew = Callable[[int], None]
"""Gets the number of blocks that can run at once, when it changes."""


@dataclass(frozen=True)
class Backend:
    """Where the blocks run.

    Attributes
    ----------
    threads : int or None
        Threads of this process; by default one per core.
    workers : int or None
        So many processes of a cluster on this machine instead.
    address : str or None
        Scheduler of an existing cluster instead.
    memory : int or None
        Bytes that all processes of a cluster on this machine may use together.
    patience : float
        Seconds to wait for a scheduler, and for a first worker.
    tls : tuple of (str or None)
        Files with the authority's certificate, the own certificate and the key, for ``tls://``.
    """

    threads: int | None = None
    workers: int | None = None
    address: str | None = None
    memory: int | None = None
    patience: float = 300.0
    tls: tuple[str | None, str | None, str | None] = (None, None, None)

    @property
    def on_cluster(self) -> bool:
        """Whether other processes do the work."""
        return self.address is not None or self.workers is not None

    @property
    def expected(self) -> int:
        """Blocks that run at once, as far as it is known before the start."""
        if self.address is not None:
            return 1
        return self.workers or self.threads or os.cpu_count() or 1


def run_blocks(
    task: Callable[[_State, range], _Result],
    state: _State,
    blocks: Iterable[range],
    done: Callable[[range, _Result], None],
    *,
    backend: Backend | None = None,
    crew: Crew | None = None,
    fit: Callable[[float], _State] | None = None,
) -> None:
    """Compute every block and hand each result over as soon as it is there.

    Parameters
    ----------
    task : callable
        Pure function of the state and a block.
    state : object
        Sent to every worker once.
    blocks : iterable of range
        Begun in this order, and no sooner than somebody is free: it may end early.
    done : callable
        Gets a block and its result, one call at a time, always in this process.
    backend : Backend, optional
        By default the threads of this process.
    crew : callable, optional
        Told how many blocks can run at once.
    fit : callable, optional
        Gives the state anew for workers with so many bytes for each of their threads.

    Raises
    ------
    InputError
        The scheduler's address or the files for it are wrong.
    RunError
        Scheduler or workers are lost for good; what was handed over stays.
    """
    backend = backend or Backend()
    tell = crew or (lambda _workers: None)
    if backend.on_cluster:
        _on_cluster(task, state, iter(blocks), done, backend, tell, fit)
    else:
        threads = backend.threads or os.cpu_count() or 1
        tell(threads)
        _in_threads(task, state, iter(blocks), done, threads)


def _in_threads(
    task: Callable[[Any, range], Any],
    state: Any,
    waiting: Iterator[range],
    done: Callable[[range, Any], None],
    threads: int,
) -> None:
    lock = threading.Lock()
    stop = threading.Event()
    # whoever computes does not wait for the disk, as long as it keeps up
    results: queue.Queue[tuple[range, Any] | None] = queue.Queue(maxsize=threads)

    def hand_over(result: tuple[range, Any] | None) -> None:
        while not stop.is_set():
            with suppress(queue.Full):
                results.put(result, timeout=_TURN_SECONDS)
                return

    def work() -> None:
        # whoever is free takes the next block: dask's own order of free tasks is not ours
        while True:
            with lock:
                block = None if stop.is_set() else next(waiting, None)
            if block is None:
                hand_over(None)
                return
            hand_over((block, task(state, block)))

    def keep() -> None:
        left = threads
        while left:
            try:
                result = results.get(timeout=_TURN_SECONDS)
            except queue.Empty:
                if stop.is_set():
                    return
                continue
            if result is None:
                left -= 1
            else:
                done(*result)
                del result  # not held while the next one is waited for

    def safely(step: Callable[[], None]) -> None:
        try:
            step()
        except BaseException:
            stop.set()
            raise

    graph: dict[str, Any] = {f"thread-{place}": (safely, work) for place in range(threads)}
    graph["keep"] = (safely, keep)
    pool = ThreadPoolExecutor(threads + 1, thread_name_prefix="lwoopro")
    try:
        with dask.config.set(pool=pool):
            threaded_get(graph, list(graph))
    except BaseException:
        # what runs may end, and what is there is kept; what waits must not begin
        stop.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _on_cluster(
    task: Callable[[Any, range], Any],
    state: Any,
    waiting: Iterator[range],
    done: Callable[[range, Any], None],
    backend: Backend,
    tell: Crew,
    fit: Callable[[float], Any] | None,
) -> None:
    from distributed import CancelledError
    from distributed.scheduler import KilledWorker

    with _quiet(), _client(backend) as client, _copies_stay(client):
        _wait_for_workers(client, backend)
        _refuse_other_versions(client)
        room = _memory_per_thread(client)
        if fit is not None and room is not None:
            state = fit(room)
        shared = _share(client, state)
        again: deque[range] = deque()
        running: dict[str, tuple[range, Any]] = {}
        failures: dict[int, int] = {}
        events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        look = _Look(client, backend, tell)

        def top_up() -> None:
            # two per thread in flight: nobody waits, and results never pile up in memory
            while len(running) < 2 * look.threads:
                block = again.popleft() if again else next(waiting, None)
                if block is None:
                    return
                future = client.submit(task, shared, block, pure=False, key=_key(block, failures))
                running[future.key] = (block, future)
                future.add_done_callback(events.put)

        top_up()
        while running:
            try:
                future = events.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                look.again()
                top_up()
                continue
            block, _ = running.pop(future.key, (None, None))
            if block is None:
                continue
            try:
                result = future.result()
            except KilledWorker as error:
                raise _died(block) from error
            except MemoryError as error:
                raise RunError(
                    "a worker has too little memory; lower compute.memory or compute.block_draws, "
                    "then continue with --resume"
                ) from error
            except CancelledError as error:
                # the population went with the last worker that had it, or the scheduler is gone
                look.again()
                failures[block.start] = failures.get(block.start, 0) + 1
                if failures[block.start] >= _TRIES:
                    raise _died(block) from error
                again.append(block)
                if shared.status != "finished":
                    _wait_for_workers(client, backend)
                    shared = _share(client, state)
            except OSError as error:
                # no task of ours does input or output: it is the line to the scheduler
                raise _lost(backend) from error
            else:
                done(block, result)
            look.now_and_then()
            top_up()


def _key(block: range, failures: dict[int, int]) -> str:
    return f"draws-{block.start}-{block.stop - 1}-try-{failures.get(block.start, 0)}"


class _Look:
    """Looks after scheduler and workers, about once a second."""

    def __init__(self, client: Any, backend: Backend, tell: Crew) -> None:
        self._client, self._backend, self._tell = client, backend, tell
        self.threads = 0
        self._seen = time.monotonic()
        self._next = 0.0
        self.again()

    def now_and_then(self) -> None:
        if time.monotonic() > self._next:
            self.again()

    def again(self) -> None:
        """Count the threads of the workers that work; raise where nobody is left to wait for."""
        try:
            if self._client.status != "running":
                raise OSError("no connection")
            found = self._client.scheduler_info(n_workers=-1)["workers"].values()
        except (OSError, RuntimeError, ValueError) as error:
            raise _lost(self._backend) from error
        threads = sum(worker["nthreads"] for worker in found if worker["status"] == "running")
        now = time.monotonic()
        # to ask a thousand workers every second would be work of its own
        self._next = now + _LOOK_SECONDS * max(1.0, len(found) / 100)
        if threads:
            self._seen = now
        elif now - self._seen > self._backend.patience:
            paused = sum(worker["status"] == "paused" for worker in found)
            raise RunError(
                f"every worker has {'paused for want of memory' if paused else 'gone'}, for "
                f"{self._backend.patience:,.0f} s (compute.patience); what was done is kept: "
                "continue with --resume"
            )
        if threads != self.threads:
            self.threads = threads
            self._tell(threads)


def _lost(backend: Backend) -> RunError:
    where = "" if backend.address is None else f" at {backend.address}"
    return RunError(f"the scheduler{where} is lost; what was done is kept: continue with --resume")


def _died(block: range) -> RunError:
    return RunError(
        f"the workers that computed draws {block.start} to {block.stop - 1} ended, one after the "
        "other: most often for want of memory; give workers more, or lower compute.memory or "
        "compute.block_draws, then continue with --resume"
    )


@contextmanager
def _copies_stay(client: Any) -> Iterator[None]:
    """Keep dask from taking away copies of the population that a worker needs a moment later."""
    was_running = client.amm.running()
    if was_running:
        client.amm.stop()
    try:
        yield
    finally:
        if was_running and client.status == "running":
            with suppress(OSError):
                client.amm.start()


def _memory_per_thread(client: Any) -> float | None:
    """Least that a worker allows each of its threads, in bytes; None where none has a limit."""
    found = client.scheduler_info(n_workers=-1)["workers"].values()
    limits = [one["memory_limit"] / one["nthreads"] for one in found if one["memory_limit"]]
    return min(limits, default=None)


def _share(client: Any, state: Any) -> Any:
    """Send the population to every worker, from worker to worker; late ones fetch it from them."""
    return client.scatter(state, broadcast=True, hash=False)


def _wait_for_workers(client: Any, backend: Backend) -> None:
    try:
        client.wait_for_workers(1, timeout=backend.patience)
    except TimeoutError as error:
        raise RunError(
            f"no worker came to the scheduler in {backend.patience:,.0f} s "
            "(compute.patience); what was done is kept: continue with --resume"
        ) from error


def _refuse_other_versions(client: Any) -> None:
    """Other versions may give other bits."""
    own = version("lwoopro")

    def theirs() -> str:
        # runs on a worker, where lwoopro may be absent
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as version_of

        try:
            return version_of("lwoopro")
        except PackageNotFoundError:
            return "absent"

    theirs.__module__ = "__main__"  # so that it travels by value
    others = sorted({found for found in client.run(theirs).values() if found != own})
    if others:
        raise RunError(
            f"this is lwoopro {own}, and on the workers it is {', '.join(others)}; install the "
            "same version there"
        )


@contextmanager
def _client(backend: Backend) -> Iterator[Any]:
    from distributed import Client

    # a worker that is killed may have been so for another's sake: some tries, then the end
    with dask.config.set(
        {
            "distributed.comm.timeouts.connect": f"{_CONNECT_SECONDS:.0f}s",
            "distributed.scheduler.allowed-failures": _TRIES - 1,
        }
    ):
        if backend.address is None:
            workers = backend.workers or 1
            limit: int | str = "auto" if backend.memory is None else backend.memory // workers
            with dask.config.set(_LEAN):
                cluster = _local_cluster(workers, limit)
            try:
                with Client(cluster, timeout=_CONNECT_SECONDS) as client:
                    yield client
            finally:
                cluster.close()
            return
        seconds = min(backend.patience, _CONNECT_SECONDS)
        try:
            client = Client(
                backend.address,
                timeout=seconds,
                security=_security(backend),
                set_as_default=False,
            )
        except (ValueError, TypeError) as error:
            raise InputError(
                Problem(
                    "--scheduler",
                    f"{backend.address} is no address of a scheduler: {error}",
                    "such as tcp://127.0.0.1:8786, or tls:// with the files in [compute]",
                )
            ) from error
        except (OSError, TimeoutError) as error:
            raise RunError(
                f"no scheduler answers at {backend.address} within {seconds:,.0f} s"
            ) from error
        with client:
            yield client


def _local_cluster(workers: int, limit: int | str) -> Any:
    from distributed import LocalCluster

    try:
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host=_LOOPBACK,
            dashboard_address=f"{_LOOPBACK}:0",
            memory_limit=limit,
            silence_logs=logging.CRITICAL,
            # the terminal's Ctrl-C goes to every process: only the first may act on it
            preload=["import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"],
        )
    except RuntimeError as error:
        raise RunError(
            f"{workers} workers could not be started; a script that asks for workers must do so "
            'under `if __name__ == "__main__":`, since every worker reads it'
        ) from error


def _security(backend: Backend) -> Any:
    """Keys and certificates of the study, else those of dask's own configuration."""
    from distributed.security import Security

    authority, certificate, key = backend.tls
    given = {"tls_ca_file": authority, "tls_client_cert": certificate, "tls_client_key": key}
    if any(backend.tls):
        if not (backend.address or "").startswith("tls://"):
            raise InputError(
                Problem(
                    f"--scheduler {backend.address}",
                    "[compute] names files for TLS, and this address does not use it",
                    "an address with tls://, or no such files",
                )
            )
        return Security(**given, require_encryption=True)
    found = Security()
    encrypted = (backend.address or "").startswith("tls://")
    if encrypted and found.get_connection_args("client").get("ssl_context") is None:
        raise InputError(
            Problem(
                f"--scheduler {backend.address}",
                "no certificate and key for it",
                "the files as tls_ca, tls_cert and tls_key in [compute]",
            )
        )
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep dask's own log off the terminal: what matters is said in our words."""
    names = ("distributed", "distributed.client", "distributed.nanny", "distributed.core")
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
