"""The folder of a run: begun, continued or refused (contract: --resume)."""

from collections.abc import Mapping, Sequence

from lwoopro.errors import InputError, Problem
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.digest import combine, digest_draws
from lwoopro.simulation.files import sweep
from lwoopro.simulation.layout import Layout
from lwoopro.simulation.location import Location
from lwoopro.simulation.manifest import FORMAT, Manifest, differences, machine, now, versions
from lwoopro.simulation.results import RESULTS
from lwoopro.simulation.store import DamagedBlockError, ResultsStore
from lwoopro.study import Study

__all__ = ["begin", "existing_run", "refuse_differences", "take_up"]


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
        if not manifest.blocks and manifest.versions.get("lwoopro") != versions()["lwoopro"]:
            return None  # another version had no draw yet: there is nothing to mix
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


def refuse_differences(
    folder: Location, existing: Manifest, study: Study, hashes: Mapping[str, str]
) -> None:
    """Say in what a study differs from the run in its folder.

    Raises
    ------
    InputError
        It differs in more than may change.
    """
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


def begin(
    folder: Location,
    study: Study,
    hashes: Mapping[str, str],
    assumed: list[str],
    prepared: Prepared,
    layout: Layout,
    block: int,
) -> tuple[Manifest, ResultsStore]:
    """Lay out the results and write the first manifest."""
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
        from lwoopro.imputation.fit_report import fit_report

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


def take_up(
    folder: Location, manifest: Manifest, draws: int, names: Sequence[str]
) -> tuple[ResultsStore, dict[int, bytes]]:
    """Check every finished block against its hash; forget those that are damaged or cut short.

    Parameters
    ----------
    folder : Location
    manifest : Manifest
    draws : int
        Where the run is to end.
    names : sequence of str
        Variables that this version draws.

    Raises
    ------
    InputError
        Draws are missing, and another version made those that are there (Q-2).
    """
    for place in (folder, folder.inside(RESULTS)):
        if place.path is not None:
            sweep(place.path)
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
    if len(digests) < draws:
        _refuse_other_version(folder, manifest, store, names)
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


def _refuse_other_version(
    folder: Location, manifest: Manifest, store: ResultsStore, names: Sequence[str]
) -> None:
    """Refuse another version's draws: it may draw other numbers, or other variables."""
    began, here = str(manifest.versions.get("lwoopro", "unknown")), versions()["lwoopro"]
    right = "start anew with another --out"
    if began != here:
        what = f"lwoopro {began} began this run, and this is {here}, which may draw other numbers"
        raise InputError(Problem(str(folder), what, f"go on with lwoopro {began}, or {right}"))
    others = sorted(set(names) ^ set(store.names))
    if others:
        what = f"another state of lwoopro {here} began this run; variables differ, as {others[0]}"
        raise InputError(Problem(str(folder), what, right))
