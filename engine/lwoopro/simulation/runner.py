"""Runs a study: draws that are missing are simulated, stored and counted as done (contract)."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lwoopro.errors import InputError, Problem
from lwoopro.simulation.block import Prepared, simulate_block
from lwoopro.simulation.digest import combine, digest_draws
from lwoopro.simulation.inputs import Inputs, load_inputs
from lwoopro.simulation.manifest import (
    Block,
    Manifest,
    differences,
    machine,
    now,
    versions,
)
from lwoopro.simulation.prepare import Layout, prepare
from lwoopro.simulation.scheduler import run_blocks
from lwoopro.simulation.store import DamagedBlockError, ResultsStore
from lwoopro.study import Study, load_study

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["RESULTS", "Progress", "open_results", "results_folder", "run"]

RESULTS: Final = "results.zarr"
"""Name of the group in the folder of a run."""

Progress = Callable[[int, int], None]
"""Gets the number of draws that are done and of all draws."""


def results_folder(study: Study, out: str | os.PathLike[str] | None) -> Path:
    """Give the folder of a run: `out`, or ``results/<study name>`` where we stand."""
    return Path("results") / study.study.name if out is None else Path(out)


def open_results(folder: str | os.PathLike[str]) -> "xr.Dataset":
    """Open the results of a run, finished or not, without loading them.

    Parameters
    ----------
    folder : path
        The folder of the run.

    Returns
    -------
    xarray.Dataset
        Lazy, with the variables of `lwoopro.variables`; of an unfinished run the draws from 0 on
        that are complete.

    Raises
    ------
    InputError
        The folder holds no run.
    """
    import xarray as xr

    from lwoopro.variables import VARIABLES, check

    path = Path(folder)
    if Manifest.load(path) is None or not (path / RESULTS).is_dir():
        raise InputError(
            Problem(str(path), "this folder holds no run", "the folder that `lwoopro run` wrote")
        )
    dataset: xr.Dataset = xr.open_zarr(str(path / RESULTS), chunks={})
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
) -> "xr.Dataset":
    """Run a study and give its results.

    Every draw depends on the study, the seed and its own number alone (Q-2). So the results are
    the same bits for any number of workers and blocks, and after any interruption.

    Parameters
    ----------
    study : Study or path
        A study, or the path of a study file.
    out : path, optional
        Folder for the results; by default ``results/<study name>`` under the current folder.
    resume : bool
        Continue the run in that folder; with more draws than it has, extend it.
    workers : int, optional
        Processes of a local cluster; by default threads of this process.
    scheduler : str, optional
        Address of an existing dask scheduler.
    progress : callable, optional
        Called with the number of finished draws and of all draws.

    Returns
    -------
    xarray.Dataset
        Lazy; dimensions and units as `lwoopro.variables` declares them.

    Raises
    ------
    InputError
        Study or inputs are wrong, the folder already holds a run, or what it holds differs.
    """
    started = time.perf_counter()
    if not isinstance(study, Study):
        study = load_study(study)
    folder = results_folder(study, out)
    existing = _existing(folder, resume)
    inputs = load_inputs(study)
    if existing is not None:
        _refuse_differences(folder, existing, study, inputs)
    prepared, layout = prepare(study, inputs)
    ready = time.perf_counter()
    if existing is None:
        manifest, store = _begin(folder, study, inputs, prepared, layout)
        digests: dict[int, bytes] = {}
    else:
        manifest = existing
        store, digests = _continue(folder, manifest, study.study.draws)
    _simulate(folder, prepared, manifest, store, digests, workers, scheduler, study, progress)
    finished = time.perf_counter()
    manifest.timings = {
        "finished": now(),
        "prepare_seconds": round(ready - started, 3),
        "draw_seconds": round(finished - ready, 3),
        "workers": workers,
        "threads": study.compute.threads or os.cpu_count(),
    }
    manifest.save(folder)
    return open_results(folder)


def _existing(folder: Path, resume: bool) -> Manifest | None:
    """Manifest of the run to continue, or None where one may begin."""
    if folder.exists() and not folder.is_dir():
        raise InputError(Problem(str(folder), "this is a file", "a folder, see --out"))
    manifest = Manifest.load(folder) if folder.exists() else None
    if manifest is not None:
        if not resume:
            raise InputError(
                Problem(
                    str(folder),
                    f"this folder already holds a run of {manifest.complete_draws} draws",
                    "--resume to continue it, or another --out",
                )
            )
        return manifest if (folder / RESULTS).is_dir() else None
    foreign = [
        item.name
        for item in (folder.iterdir() if folder.exists() else ())
        if item.name != RESULTS and not item.name.startswith(".")
    ]
    if foreign:
        raise InputError(
            Problem(
                str(folder), f"this folder holds other files, as {min(foreign)}", "another --out"
            )
        )
    return None


def _refuse_differences(folder: Path, existing: Manifest, study: Study, inputs: Inputs) -> None:
    problems = differences(existing, study.resolved(), inputs.hashes)
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
    folder: Path, study: Study, inputs: Inputs, prepared: Prepared, layout: Layout
) -> tuple[Manifest, ResultsStore]:
    folder.mkdir(parents=True, exist_ok=True)
    # without a manifest, a group is what a run left that was killed as it began
    shutil.rmtree(folder / RESULTS, ignore_errors=True)
    attributes = {
        "title": f"lwoopro results of study {study.study.name}",
        "seed": study.study.seed,
        "assumed": list(inputs.assumed),
        "baseline": study.baseline,
        "notes": list(layout.notes),
    }
    store = ResultsStore.create(
        folder / RESULTS,
        layout.coordinates,
        layout.constants,
        prepared.draw_variables,
        study.compute.block_draws,
        attributes,
    )
    manifest = Manifest(
        study=study.resolved(),
        inputs=dict(inputs.hashes),
        block_draws=study.compute.block_draws,
        draws=study.study.draws,
        seed=study.study.seed,
        assumed=list(inputs.assumed),
        versions=versions(),
        machine=machine(),
        timings={"started": now()},
        notes=list(layout.notes),
    )
    manifest.save(folder)
    return manifest, store


def _continue(
    folder: Path, manifest: Manifest, draws: int
) -> tuple[ResultsStore, dict[int, bytes]]:
    """Check every finished block against its hash; forget those that are damaged or cut short."""
    store = ResultsStore(folder / RESULTS)
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


def _simulate(
    folder: Path,
    prepared: Prepared,
    manifest: Manifest,
    store: ResultsStore,
    digests: dict[int, bytes],
    workers: int | None,
    scheduler: str | None,
    study: Study,
    progress: Progress | None,
) -> None:
    finished = {block.start for block in manifest.blocks}
    missing = [
        range(start, min(start + manifest.block_draws, manifest.draws))
        for start in range(0, manifest.draws, manifest.block_draws)
        if start not in finished
    ]

    def report() -> None:
        if progress is not None:
            progress(len(digests), manifest.draws)

    def done(draws: range, arrays: "dict[str, NDArray[np.generic]]") -> None:
        store.write(draws, arrays)
        found = digest_draws(arrays)
        digests.update(zip(draws, found, strict=True))
        manifest.blocks.append(Block(draws.start, draws.stop, combine(found)))
        manifest.blocks.sort(key=lambda block: block.start)
        # values first, then the word that they are there
        manifest.save(folder)
        store.publish(manifest.complete_draws)
        report()

    report()
    run_blocks(
        simulate_block,
        prepared,
        missing,
        done,
        threads=study.compute.threads,
        workers=workers,
        address=scheduler,
    )
    manifest.results_sha256 = combine(digests[draw] for draw in range(manifest.draws))
