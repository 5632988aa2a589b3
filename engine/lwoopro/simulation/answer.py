"""The analytic answer alone: no draw is made (Q-5, ``lwoopro run --analytic``)."""

import os
import time
from typing import TYPE_CHECKING

from lwoopro.analytic.year import APPROXIMATE
from lwoopro.errors import InputError, Problem
from lwoopro.simulation.begin import existing_run
from lwoopro.simulation.beside import twin_constants, twin_notes
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.location import Location, kept
from lwoopro.simulation.manifest import Manifest, machine, now, versions
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.results import RESULTS, open_results, results_folder
from lwoopro.simulation.store import ResultsStore
from lwoopro.study import Study, load_study

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["run_analytic"]


def run_analytic(
    study: Study | str | os.PathLike[str], out: str | os.PathLike[str] | None = None
) -> "xr.Dataset":
    """Answer a study by its analytic twin alone: mean and spread of scores and budgets (Q-5).

    Parameters
    ----------
    study : Study or path
        A study, or the path of a study file.
    out : path, optional
        Folder for the results; by default ``results/<study name>`` under the current folder.

    Returns
    -------
    xarray.Dataset
        The variables ``analytic_…`` of `lwoopro.variables`, each with its unit, and those that no
        draw changes.

    Raises
    ------
    InputError
        Study or inputs are wrong, the folder holds a run, or the study has no analytic answer.
    """
    started = time.perf_counter()
    if not isinstance(study, Study):
        study = load_study(study)
    folder = Location(results_folder(study, out) if out is None else out)
    existing_run(folder, resume=False)
    inputs = load_inputs(study)
    prepared, layout = prepare(study, inputs)
    ready = time.perf_counter()
    constants = twin_constants(prepared)
    found = time.perf_counter()
    if not constants:
        raise InputError(
            Problem(f"{study.path}: uncertainty", twin_notes(prepared)[0], "run it with draws")
        )
    notes = [*layout.notes, *twin_notes(prepared), *(f"approximate: {x}" for x in APPROXIMATE)]
    coordinates = {**layout.coordinates, "draw": []}
    attributes = {
        "title": f"lwoopro analytic answer of study {study.study.name}",
        "seed": study.study.seed,
        "assumed": list(inputs.assumed),
        "baseline": study.baseline,
        "suppress_below": study.suppress_below,
        "notes": notes,
        "approximate": list(APPROXIMATE),
    }
    manifest = Manifest(
        study=study.resolved(),
        inputs=dict(inputs.hashes),
        block_draws=1,
        draws=0,
        seed=study.study.seed,
        assumed=list(inputs.assumed),
        versions=versions(),
        machine=machine(),
        timings={
            "finished": now(),
            "prepare_seconds": round(ready - started, 3),
            "analytic_seconds": round(found - ready, 3),
        },
        notes=notes,
        analytic={"alone": True},
    )
    with kept(folder):
        folder.make()
        folder.remove(RESULTS)
        ResultsStore.create(
            folder.inside(RESULTS),
            coordinates,
            {**layout.constants, **constants},
            (),
            1,
            attributes,
        )
        manifest.save(folder)
    return open_results(str(folder))
