"""The draws of a run that are missing are simulated, stored and counted as done."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from lwoopro.simulation.digest import combine
from lwoopro.simulation.location import Location, kept
from lwoopro.simulation.manifest import Block, Manifest
from lwoopro.simulation.results import RESULTS
from lwoopro.simulation.scheduler import Backend, run_blocks
from lwoopro.simulation.shelf import Sent, Shelf, hashes, marked, simulate_and_keep
from lwoopro.simulation.store import ResultsStore
from lwoopro.simulation.until import Stopping, until_enough
from lwoopro.simulation.work import Arrays, Work, simulate_work

__all__ = ["Progress", "State", "Watch", "draw_missing", "reporter"]

Progress = Callable[[int, int], None]
"""Gets the number of draws that are done and of all draws."""


@dataclass(frozen=True)
class State:
    """How far a run is.

    Attributes
    ----------
    draws, all_draws, blocks, all_blocks : int
        Finished, and in all.
    workers : int
        Blocks that can run at once; 0 while nobody is there.
    place : str
        ``"threads"``, ``"processes"`` or ``"cluster"``.
    what : str
        ``"draws"``, or ``"decomposition"`` for those that take the variance apart (Q-6).
    """

    draws: int
    all_draws: int
    blocks: int
    all_blocks: int
    workers: int
    place: str
    what: str = "draws"


Watch = Callable[[State], None]
"""Gets the state of a run whenever it changes."""

_SAVING: Final = 0.02
"""Share of the time that may go into saying what is done."""


def reporter(
    manifest: Manifest,
    digests: Mapping[int, bytes],
    backend: Backend,
    progress: Progress | None,
    watch: Watch | None,
) -> Callable[[int | None], None]:
    """Tell whoever listens how far the run is; called with the number of workers if it changed."""
    place = "cluster" if backend.address else "processes" if backend.workers else "threads"
    workers = 0 if backend.on_cluster else backend.threads or 0

    def report(now_working: int | None = None) -> None:
        nonlocal workers
        workers = workers if now_working is None else now_working
        if progress is not None and now_working is None:
            progress(len(digests), manifest.draws)
        if watch is not None:
            blocks = -(-manifest.draws // manifest.block_draws)
            state = State(
                len(digests), manifest.draws, len(manifest.blocks), blocks, workers, place
            )
            watch(state)

    return report


def draw_missing(
    folder: Location,
    fit: Callable[[float | None], Work],
    manifest: Manifest,
    store: ResultsStore,
    digests: dict[int, bytes],
    backend: Backend,
    report: Callable[[int | None], None],
    rule: Stopping | None = None,
) -> None:
    """Simulate and store the blocks that the manifest lacks; it says at the end what they are.

    Parameters
    ----------
    folder : Location
    fit : callable
        Gives the work for workers with so many bytes per thread; None stands for this process.
    manifest : Manifest
        Of the run; added to.
    store : ResultsStore
    digests : dict of int to bytes
        Hash of every finished draw; added to.
    backend : Backend
    report : callable
        From `reporter`.
    rule : Stopping, optional
        Where the run may stop by itself (Q-3).

    Raises
    ------
    RunError
        Scheduler, workers or the folder are lost; what was done is kept.
    """
    finished = {block.start for block in manifest.blocks}
    missing = [
        range(start, min(start + manifest.block_draws, manifest.draws))
        for start in range(0, manifest.draws, manifest.block_draws)
        if start not in finished
    ]
    keeper = _Keeper(folder, manifest, store)

    def computed(draws: range, result: tuple[Arrays, list[bytes]]) -> None:
        arrays, found = result
        with kept(folder):
            store.write(draws, arrays)
        done(draws, arrays, found)

    def sent(draws: range, result: Sent) -> None:
        joined, files, arrays = result
        with kept(folder):
            store.keep(files)
        done(draws, arrays, hashes(joined))

    def done(draws: range, arrays: Arrays, found: list[bytes]) -> None:
        if rule is not None:
            rule.feed(draws, arrays)
        digests.update(zip(draws, found, strict=True))
        manifest.blocks.append(Block(draws.start, draws.stop, combine(found)))
        manifest.blocks.sort(key=lambda block: block.start)
        keeper.now_and_then()
        report(None)

    report(None)
    if rule is not None:
        for block in manifest.blocks:
            some = range(block.start, block.stop)
            rule.feed(some, store.read(some))
    waiting = missing if rule is None else until_enough(rule, missing)
    try:
        if backend.on_cluster:
            _on_cluster(folder, fit, store, waiting, sent, backend, report, rule)
        else:
            run_blocks(simulate_work, fit(None), waiting, computed, backend=backend, crew=report)
    finally:
        # also where the run is interrupted or fails: what is done is said
        keeper.save()
    if rule is not None and rule.reached is not None and missing:
        _cut(folder, manifest, store, digests, rule.reached)
        report(None)
    manifest.results_sha256 = combine(digests[draw] for draw in range(manifest.draws))


def _on_cluster(
    folder: Location,
    fit: Callable[[float | None], Work],
    store: ResultsStore,
    waiting: Iterable[range],
    sent: Callable[[range, Sent], None],
    backend: Backend,
    report: Callable[[int | None], None],
    rule: Stopping | None,
) -> None:
    """Let other processes compute the blocks, and write them where they can."""
    with marked(folder) as (address, mark):
        group = Location(address).at(RESULTS)
        wanted = () if rule is None else rule.variables

        def shelf(room: float | None) -> Shelf:
            return Shelf(fit(room), store.chunks, address, group, mark, wanted)

        run_blocks(
            simulate_and_keep,
            shelf(None),
            waiting,
            sent,
            backend=backend,
            crew=report,
            fit=shelf,
        )


def _cut(
    folder: Location, manifest: Manifest, store: ResultsStore, digests: dict[int, bytes], draws: int
) -> None:
    """Forget the draws beyond those that are enough, whoever was ahead of the others."""
    for draw in [draw for draw in digests if draw >= draws]:
        del digests[draw]
    blocks = []
    for block in manifest.blocks:
        if block.start < draws:
            stop = min(block.stop, draws)
            whole = combine(digests[draw] for draw in range(block.start, stop))
            blocks.append(Block(block.start, stop, whole))
    manifest.blocks, manifest.draws = blocks, draws
    with kept(folder):
        manifest.save(folder)
        store.extend(draws)
        store.publish(draws)


class _Keeper:
    """Says on disk which blocks are done, as often as it costs next to nothing."""

    def __init__(self, folder: Location, manifest: Manifest, store: ResultsStore) -> None:
        self._folder, self._manifest, self._store = folder, manifest, store
        self._said = len(manifest.blocks)
        self._due = 0.0

    def now_and_then(self) -> None:
        if time.perf_counter() >= self._due:
            self.save()

    def save(self) -> None:
        """Values first, then the word that they are there."""
        if len(self._manifest.blocks) == self._said:
            return
        started = time.perf_counter()
        with kept(self._folder):
            self._manifest.save(self._folder)
            self._store.publish(self._manifest.complete_draws)
        self._said = len(self._manifest.blocks)
        ended = time.perf_counter()
        self._due = ended + (ended - started) / _SAVING
