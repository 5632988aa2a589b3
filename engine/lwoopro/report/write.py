"""Report and tables of a run, into its folder or to its address."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from lwoopro.analysis.monitoring import rules_of
from lwoopro.report.areas import areas_of
from lwoopro.report.findings import Findings
from lwoopro.report.language import Code
from lwoopro.report.privacy import find
from lwoopro.report.tables import replace_tables, tables_of
from lwoopro.report.within import within
from lwoopro.simulation.files import write_atomically
from lwoopro.simulation.freed import hand_back
from lwoopro.simulation.location import Location, at_hand
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.results import IN_MEMORY
from lwoopro.study import restore_study

if TYPE_CHECKING:
    from lwoopro.report.apart import Apart

__all__ = ["REPORT", "write_all"]

REPORT = "report.html"
"""Name of the file in the folder of a run."""


def write_all(
    results: xr.Dataset,
    out: str | os.PathLike[str],
    *,
    language: Code | None = None,
    suppress_below: int | None = None,
    html: bool = True,
    apart: "Apart | None" = None,
) -> list[str]:
    """Write ``tables/*.csv`` and ``report.html`` of a run; each file appears whole or not at all.

    They take no more memory than there is, or than the study allows: see `within`.

    Parameters
    ----------
    results : Dataset
        Results of the run.
    out : path
        Its folder or address.
    language : "en" or "nl", optional
        By default the study's.
    suppress_below : int, optional
        Withhold what fewer pupils stand behind; by default what the study says.
    html : bool
        Write the report, too.
    apart : Apart, optional
        A process that makes the page meanwhile; not used where results are too large to be read
        twice, nor for an address.

    Returns
    -------
    list of str
        Where the files are.

    Raises
    ------
    ValueError
        There is no manifest.
    """
    manifest = Manifest.load(out)
    if manifest is None:
        raise ValueError(f"{out} has no manifest")
    study = restore_study(manifest.study, "study.toml")
    rules, memory = rules_of(study.monitoring), study.compute.memory_bytes
    if memory is not None:
        # what the draws left counts, too
        hand_back()
    findings = Findings(within(results, memory), rules, memory=memory)
    place = Location(out)
    if not html or place.path is None or 2 * results.nbytes >= IN_MEMORY:
        apart = None
    if apart is not None:
        apart.ask(str(place.path), language=language, suppress_below=suppress_below)
    # compiling its sums would take longer than all the numbers of a report
    with at_hand(out) as here, xr.set_options(use_numbagg=False):
        privacy = find(findings.results, suppress_below)
        share = None if apart is None else apart.give
        written = replace_tables(tables_of(findings, privacy, share), here)
        if html:
            text = None if apart is None else apart.page()
            if text is None:
                # it draws: matplotlib takes its time to load
                from lwoopro.report.page import page_of

                areas = areas_of(place)
                text = page_of(findings, manifest, privacy, language=language, areas=areas)
            write_atomically(here / REPORT, text.encode())
            written.append(here / REPORT)
        return [place.at(Path(path).relative_to(here).as_posix()) for path in written]
