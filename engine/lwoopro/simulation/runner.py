"""Runs a study: from its file to the results on disk (contract)."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lwoopro.errors import InputError, Problem
from lwoopro.simulation.begin import begin, existing_run, refuse_differences, take_up
from lwoopro.simulation.beside import beside_draws, check_draws
from lwoopro.simulation.block import DRAWS_PER_PASS, Prepared
from lwoopro.simulation.drawing import Progress, State, Watch, draw_missing, reporter
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.location import Location, kept
from lwoopro.simulation.manifest import Manifest, now
from lwoopro.simulation.memory import peak_memory, used_memory
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.results import open_results, results_folder
from lwoopro.simulation.scheduler import Backend
from lwoopro.simulation.sizing import Cost, block_draws, measure, plan_passes, refuse_to_prepare
from lwoopro.simulation.sobol import Decomposition, decompose, plan_decomposition
from lwoopro.simulation.store import ResultsStore
from lwoopro.simulation.until import Stopping, draws_to_go_to, stopping
from lwoopro.simulation.work import Ready, Work
from lwoopro.study import Study, load_study

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Progress", "State", "Watch", "backend_of", "open_results", "run", "run_in"]


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
    folder = run_in(
        study,
        out,
        resume=resume,
        workers=workers,
        scheduler=scheduler,
        progress=progress,
        watch=watch,
    )
    return open_results(str(folder))


def run_in(
    study: Study | str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    resume: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Location:
    """Run a study, as `run`, and give the folder that holds its results."""
    started = time.perf_counter()
    if not isinstance(study, Study):
        study = load_study(study)
    folder = Location(results_folder(study, out) if out is None else out)
    with kept(folder):
        existing = existing_run(folder, resume)
    backend = backend_of(study, workers, scheduler)
    with kept(folder):
        folder.try_out()
    # on a cluster the memory is that of the workers, who never see the table
    inputs = load_inputs(study, None if backend.on_cluster else backend.memory)
    if existing is not None:
        refuse_differences(folder, existing, study, inputs.hashes)
    if not backend.on_cluster:
        refuse_to_prepare(len(inputs.pupils), backend.memory, used_memory())
    prepared, layout = prepare(study, inputs)
    hashes, assumed = dict(inputs.hashes), list(inputs.assumed)
    # the draws need no pupil table any more: at large sizes it is half of the memory
    del inputs
    apart = plan_decomposition(study, prepared)
    cores = min(backend.expected, os.cpu_count() or 1)
    layout = beside_draws(study, prepared, layout, apart, fresh=existing is None, threads=cores)
    ready = time.perf_counter()
    tried: Ready | None = {} if existing is None and not backend.on_cluster else None
    cost = measure(prepared, study.study.draws, cores, tried)
    if existing is None:
        size = study.compute.block_draws or block_draws(cost, study.study.draws, backend.expected)
    else:
        size = existing.block_draws
    # too little memory is said before anything is written
    backend, fit = _fit(backend, cost, prepared, study.study.draws, size, tried)
    digests: dict[int, bytes] = {}
    with kept(folder):
        if existing is None:
            manifest, store = begin(folder, study, hashes, assumed, prepared, layout, size)
        else:
            manifest = existing
            goal = draws_to_go_to(study, manifest.stopped)
            store, digests = take_up(folder, manifest, goal, prepared.draw_variables)
    rule = stopping(study, layout.constants)
    report = reporter(manifest, digests, backend, progress, watch)
    measured = time.perf_counter()
    draw_missing(folder, fit, manifest, store, digests, backend, report, rule)
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
    return folder


def _fit(
    backend: Backend,
    cost: Cost,
    prepared: Prepared,
    draws: int,
    block: int,
    tried: Ready | None,
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
    work, threads, _ = plan_passes(
        prepared, cost, draws, block, wanted, backend.memory, at_rest, tried
    )
    return replace(backend, threads=threads), lambda _room: work


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
    # few draws would be one block, and one thread would make it
    each = -(-apart.draws // backend.expected)
    block = min(block, DRAWS_PER_PASS * -(-each // DRAWS_PER_PASS))
    place = "cluster" if backend.address else "processes" if backend.workers else "threads"
    all_blocks = -(-apart.draws // block)

    def tell(draws: int) -> None:
        if watch is not None:
            blocks = -(-draws // block)
            staff = backend.threads or 0
            watch(State(draws, apart.draws, blocks, all_blocks, staff, place, "decomposition"))

    tell(0)
    # with all its sources from the first family, a run draws what the study has drawn
    drawn = None
    if store.draws >= apart.draws:
        drawn = store.read(range(apart.draws), ["budget"])["budget"][:, :, list(apart.place)]
    found = decompose(apart, backend, width, block, tell, drawn)
    with kept(folder):
        # last the one that says that all are there
        for name in sorted(found, key=lambda name: name == "sobol_variance"):
            store.fill(name, found[name])


def _compare(folder: Location, prepared: Prepared, manifest: Manifest, store: ResultsStore) -> None:
    """Hold the draws against the analytic twin; a disagreement is a warning (Q-5)."""
    found = check_draws(prepared, store)
    manifest.analytic = {} if found is None else asdict(found)
    manifest.warnings = [] if found is None else found.warnings
    manifest.save(folder)
    store.describe(warnings=manifest.warnings)
