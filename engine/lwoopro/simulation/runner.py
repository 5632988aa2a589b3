"""Runs a study: draws that are missing are simulated, stored and counted as done (contract)."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lwoopro.errors import InputError, Problem, RunError
from lwoopro.imputation.fit_report import fit_report
from lwoopro.simulation.beside import beside_draws, check_draws
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.digest import combine, digest_draws
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.location import Location, why
from lwoopro.simulation.manifest import (
    FORMAT,
    Block,
    Manifest,
    differences,
    machine,
    now,
    versions,
)
from lwoopro.simulation.prepare import Layout, prepare
from lwoopro.simulation.scheduler import Backend, run_blocks
from lwoopro.simulation.sizing import (
    Cost,
    Work,
    block_draws,
    measure,
    peak_memory,
    plan_passes,
    simulate_work,
    used_memory,
)
from lwoopro.simulation.sobol import Decomposition, decompose, plan_decomposition
from lwoopro.simulation.store import DamagedBlockError, ResultsStore
from lwoopro.simulation.until import Stopping, draws_to_go_to, stopping, until_enough
from lwoopro.study import Study, load_study

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

__all__ = [
    "RESULTS",
    "Progress",
    "State",
    "Watch",
    "backend_of",
    "existing_run",
    "kept",
    "open_results",
    "results_folder",
    "run",
]

RESULTS: Final = "results.zarr"
"""Name of the group in the folder of a run."""

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


def results_folder(study: Study, out: str | os.PathLike[str] | None) -> Path:
    """Give the folder of a run: `out`, or ``results/<study name>`` where we stand."""
    return Path("results") / study.study.name if out is None else Path(out)


def _location(study: Study, out: str | os.PathLike[str] | None) -> Location:
    return Location(results_folder(study, out) if out is None else out)


def backend_of(study: Study, workers: int | None = None, scheduler: str | None = None) -> Backend:
    """Say where the blocks of a run are computed.

    Parameters
    ----------
    study : Study
    workers : int, optional
        Processes on this machine.
    scheduler : str, optional
        Address of an existing scheduler.
    """
    section = study.compute
    tls = [
        None if path is None else str(study.resolve(path))
        for path in (section.tls_ca, section.tls_cert, section.tls_key)
    ]
    absent = [path for path in tls if path is not None and not Path(path).is_file()]
    if absent and scheduler is not None:
        raise InputError(
            Problem(path, "there is no such file", "see [compute] tls_ca, tls_cert, tls_key")
            for path in absent
        )
    return Backend(
        threads=section.threads,
        workers=workers,
        address=scheduler,
        memory=section.memory_bytes,
        patience=section.patience,
        tls=(tls[0], tls[1], tls[2]),
    )


def open_results(folder: str | os.PathLike[str]) -> "xr.Dataset":
    """Open the results of a run, finished or not, without loading them.

    Parameters
    ----------
    folder : path
        The folder of the run, or its address (``s3://bucket/run``).

    Returns
    -------
    xarray.Dataset
        Lazy, with the variables of `lwoopro.variables`, each with its unit; of an unfinished run
        the draws from 0 on that are complete.

    Raises
    ------
    InputError
        The folder holds no run, or what it holds is damaged.
    """
    import xarray as xr

    from lwoopro.variables import VARIABLES, check

    path = Location(folder)
    if Manifest.load(path) is None or not path.has_folder(RESULTS):
        raise InputError(
            Problem(str(path), "this folder holds no run", "the folder that `lwoopro run` wrote")
        )
    try:
        dataset: xr.Dataset = xr.open_zarr(path.at(RESULTS), chunks={}, consolidated=True)
    except (ValueError, KeyError, TypeError, OSError) as error:
        where, right = path.at(RESULTS), "run the study again with --resume"
        raise InputError(
            Problem(where, "the heading of these results is damaged", right)
        ) from error
    check(dataset, [str(name) for name in dataset.data_vars if name in VARIABLES])
    return dataset


def run(
    study: Study | str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    resume: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> "xr.Dataset":
    """Run a study and give its results.

    Every draw depends on the study, the seed and its own number alone (Q-2). So the results are
    the same bits for any number of workers and blocks, and after any interruption.

    Parameters
    ----------
    study : Study or path
        A study, or the path of a study file.
    out : path, optional
        Folder for the results, or an address that fsspec knows, such as ``s3://bucket/run``; by
        default ``results/<study name>`` under the current folder.
    resume : bool
        Continue the run in that folder; with more draws than it has, extend it.
    workers : int, optional
        Processes of a local cluster; by default threads of this process.
    scheduler : str, optional
        Address of an existing dask scheduler.
    progress : callable, optional
        Called with the number of finished draws and of all draws.
    watch : callable, optional
        Called with the `State` of the run.

    Returns
    -------
    xarray.Dataset
        Lazy; dimensions and units as `lwoopro.variables` declares them.

    Raises
    ------
    InputError
        Study or inputs are wrong, the folder already holds a run, or what it holds differs.
    RunError
        Scheduler, workers or the folder for the results are lost; what was done is kept.
    """
    started = time.perf_counter()
    if not isinstance(study, Study):
        study = load_study(study)
    folder = _location(study, out)
    existing = existing_run(folder, resume)
    backend = backend_of(study, workers, scheduler)
    with kept(folder):
        folder.try_out()
    inputs = load_inputs(study)
    if existing is not None:
        _refuse_differences(folder, existing, study, inputs.hashes)
    prepared, layout = prepare(study, inputs)
    hashes, assumed = dict(inputs.hashes), list(inputs.assumed)
    # the draws need no pupil table any more: at large sizes it is half of the memory
    del inputs
    apart = plan_decomposition(study, prepared)
    layout = beside_draws(study, prepared, layout, apart, fresh=existing is None)
    ready = time.perf_counter()
    cost = measure(prepared, study.study.draws, min(backend.expected, os.cpu_count() or 1))
    if existing is None:
        size = study.compute.block_draws or block_draws(cost, study.study.draws, backend.expected)
    else:
        size = existing.block_draws
    # too little memory is said before anything is written
    backend, fit = _fit(backend, cost, prepared, study.study.draws, size)
    digests: dict[int, bytes] = {}
    with kept(folder):
        if existing is None:
            manifest, store = _begin(folder, study, hashes, assumed, prepared, layout, size)
        else:
            manifest = existing
            store, digests = _continue(folder, manifest, draws_to_go_to(study, manifest.stopped))
    rule = stopping(study, layout.constants)
    report = _reporter(manifest, digests, backend, progress, watch)
    measured = time.perf_counter()
    _simulate(folder, fit, manifest, store, digests, backend, report, rule)
    _say_why(folder, manifest, store, study, rule, layout.notes)
    if apart is not None and not store.filled("sobol_variance"):
        _decompose(folder, apart, store, backend, fit(None).width, manifest.block_draws, watch)
    finished = time.perf_counter()
    manifest.timings = {
        **{key: value for key, value in manifest.timings.items() if key == "started"},
        "finished": now(),
        "prepare_seconds": round(ready - started, 3),
        "probe_seconds": round(measured - ready, 3),
        "draw_seconds": round(finished - measured, 3),
        "workers": workers,
        "threads": backend.threads or os.cpu_count(),
        "draws_per_pass": min(fit(None).width, manifest.block_draws),
        "peak_memory_bytes": peak_memory(),
    }
    with kept(folder):
        manifest.save(folder)
        _compare(folder, prepared, manifest, store)
    return open_results(str(folder))


def _decompose(
    folder: Location,
    apart: Decomposition,
    store: ResultsStore,
    backend: Backend,
    width: int,
    block: int,
    watch: Watch | None,
) -> None:
    """Take the variance of the budgets apart and store it; a run that was stopped begins anew."""
    place = "cluster" if backend.address else "processes" if backend.workers else "threads"
    all_blocks = -(-apart.draws // block)

    def tell(draws: int) -> None:
        if watch is not None:
            blocks = -(-draws // block)
            staff = backend.threads or 0
            watch(State(draws, apart.draws, blocks, all_blocks, staff, place, "decomposition"))

    tell(0)
    found = decompose(apart, backend, width, block, tell)
    with kept(folder):
        # last the one that says that all are there
        for name in sorted(found, key=lambda name: name == "sobol_variance"):
            store.fill(name, found[name])


def _compare(folder: Location, prepared: Prepared, manifest: Manifest, store: ResultsStore) -> None:
    """Hold the draws against the analytic twin; a disagreement is a warning (Q-5)."""
    found = check_draws(prepared, open_results(str(folder)))
    manifest.analytic = {} if found is None else asdict(found)
    manifest.warnings = [] if found is None else found.warnings
    manifest.save(folder)
    store.describe(warnings=manifest.warnings)


@contextmanager
def kept(folder: Location) -> Iterator[None]:
    """Say in one line what the folder for the results refused."""
    try:
        yield
    except OSError as error:
        raise RunError(f"{folder}: {why(error)}") from error


def _fit(
    backend: Backend, cost: Cost, prepared: Prepared, draws: int, block: int
) -> tuple[Backend, Callable[[float | None], Work]]:
    """Choose threads, and draws per pass for so many bytes, so that the memory suffices."""
    at_rest = used_memory()

    def on_worker(room: float | None) -> Work:
        # a worker holds about what this process holds now
        memory = None if room is None else int(room)
        return plan_passes(prepared, cost, draws, block, 1, memory, at_rest)[0]

    if backend.on_cluster:
        return backend, on_worker
    wanted = backend.threads or os.cpu_count() or 1
    work, threads, _ = plan_passes(prepared, cost, draws, block, wanted, backend.memory, at_rest)
    return replace(backend, threads=threads), lambda _room: work


def _reporter(
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


def existing_run(folder: Location, resume: bool) -> Manifest | None:
    """Manifest of the run to continue, or None where one may begin."""
    if folder.is_file():
        raise InputError(Problem(str(folder), "this is a file", "a folder, see --out"))
    manifest = Manifest.load(folder)
    if manifest is not None:
        if manifest.analytic.get("alone"):
            what = "this folder holds an analytic answer, without draws"
            raise InputError(Problem(str(folder), what, "another --out"))
        if resume and manifest.format != FORMAT:
            what = f"an older version wrote this run, in format {manifest.format}"
            raise InputError(Problem(str(folder), what, "start anew with another --out"))
        if not resume:
            raise InputError(
                Problem(
                    str(folder),
                    f"this folder already holds a run of {manifest.complete_draws} draws",
                    "--resume to continue it, or another --out",
                )
            )
        # of results whose heading is damaged nothing can be kept: they are made anew
        return manifest if ResultsStore.is_sound(folder.inside(RESULTS)) else None
    foreign = [name for name in folder.names() if name != RESULTS and not name.startswith(".")]
    if foreign:
        raise InputError(
            Problem(
                str(folder), f"this folder holds other files, as {min(foreign)}", "another --out"
            )
        )
    return None


def _refuse_differences(
    folder: Location, existing: Manifest, study: Study, hashes: Mapping[str, str]
) -> None:
    problems = differences(existing, study.resolved(), hashes)
    if study.study.draws < existing.draws:
        problems.append(
            Problem("study.draws", f"was {existing.draws} and is now {study.study.draws}")
        )
    if problems:
        raise InputError(
            [
                Problem(
                    str(folder), "this folder holds another run", "another --out; what differs:"
                ),
                *problems,
            ]
        )


def _begin(
    folder: Location,
    study: Study,
    hashes: Mapping[str, str],
    assumed: list[str],
    prepared: Prepared,
    layout: Layout,
    block: int,
) -> tuple[Manifest, ResultsStore]:
    folder.make()
    # without a manifest, a group is what a run left that was killed as it began
    folder.remove(RESULTS)
    attributes = {
        "title": f"lwoopro results of study {study.study.name}",
        "seed": study.study.seed,
        "assumed": assumed,
        "baseline": study.baseline,
        "suppress_below": study.suppress_below,
        "notes": list(layout.notes),
    }
    if layout.education is not None:
        attributes["education_model"] = fit_report(layout.education).to_json()
    store = ResultsStore.create(
        folder.inside(RESULTS),
        layout.coordinates,
        layout.constants,
        prepared.draw_variables,
        block,
        attributes,
    )
    manifest = Manifest(
        study=study.resolved(),
        inputs=dict(hashes),
        block_draws=block,
        draws=study.study.draws,
        seed=study.study.seed,
        assumed=assumed,
        versions=versions(),
        machine=machine(),
        timings={"started": now()},
        notes=list(layout.notes),
    )
    manifest.save(folder)
    return manifest, store


def _continue(
    folder: Location, manifest: Manifest, draws: int
) -> tuple[ResultsStore, dict[int, bytes]]:
    """Check every finished block against its hash; forget those that are damaged or cut short."""
    store = ResultsStore(folder.inside(RESULTS))
    digests: dict[int, bytes] = {}
    kept = []
    for block in manifest.blocks:
        whole = block.stop == min(block.start + manifest.block_draws, draws)
        try:
            found = digest_draws(store.read(range(block.start, block.stop))) if whole else []
        except DamagedBlockError:
            found = []
        if found and combine(found) == block.sha256:
            kept.append(block)
            digests.update(zip(range(block.start, block.stop), found, strict=True))
    if len(kept) < len(manifest.blocks) or draws > manifest.draws:
        manifest.blocks = kept
        manifest.results_sha256 = None
        manifest.study["study"]["draws"] = draws
        manifest.draws = draws
        manifest.save(folder)
    if draws > store.draws:
        store.extend(draws)
    # the run may have been killed between the manifest and what readers see
    store.publish(manifest.complete_draws)
    return store, digests


def _say_why(
    folder: Location,
    manifest: Manifest,
    store: ResultsStore,
    study: Study,
    rule: Stopping | None,
    notes: Sequence[str],
) -> None:
    """Say why the run stopped where it did (Q-3)."""
    manifest.study["study"]["until"] = study.resolved()["study"]["until"]
    manifest.stopped = {} if rule is None else rule.outcome(study)
    manifest.notes = [*notes, *([] if rule is None else [rule.words()])]
    with kept(folder):
        store.describe(notes=manifest.notes)


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


def _simulate(
    folder: Location,
    fit: Callable[[float | None], Work],
    manifest: Manifest,
    store: ResultsStore,
    digests: dict[int, bytes],
    backend: Backend,
    report: Callable[[int | None], None],
    rule: Stopping | None = None,
) -> None:
    finished = {block.start for block in manifest.blocks}
    missing = [
        range(start, min(start + manifest.block_draws, manifest.draws))
        for start in range(0, manifest.draws, manifest.block_draws)
        if start not in finished
    ]
    keeper = _Keeper(folder, manifest, store)

    def done(draws: range, result: "tuple[dict[str, NDArray[np.generic]], list[bytes]]") -> None:
        arrays, found = result
        with kept(folder):
            store.write(draws, arrays)
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
        run_blocks(simulate_work, fit(None), waiting, done, backend=backend, crew=report, fit=fit)
    finally:
        # also where the run is interrupted or fails: what is done is said
        keeper.save()
    if rule is not None and rule.reached is not None and missing:
        _cut(folder, manifest, store, digests, rule.reached)
        report(None)
    manifest.results_sha256 = combine(digests[draw] for draw in range(manifest.draws))


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
