"""Report and tables of a run, into its folder or to its address."""

import json
import os
from pathlib import Path
from typing import Any

import xarray as xr

from lwoopro.analysis.monitoring import rules_of
from lwoopro.plot.places import AREAS
from lwoopro.report.findings import Findings
from lwoopro.report.language import Code
from lwoopro.report.privacy import find
from lwoopro.report.tables import replace_tables, tables_of
from lwoopro.simulation.files import write_atomically
from lwoopro.simulation.location import Location, at_hand
from lwoopro.simulation.manifest import Manifest
from lwoopro.study import restore_study

__all__ = ["REPORT", "write_all"]

REPORT = "report.html"
"""Name of the file in the folder of a run."""


def _areas(place: Location) -> dict[str, Any] | None:
    """Areas that the study gave for the map; None where it gave none."""
    try:
        found: dict[str, Any] = json.loads(place.read(AREAS))
    except FileNotFoundError:
        return None
    return found


def write_all(
    results: xr.Dataset,
    out: str | os.PathLike[str],
    *,
    language: Code | None = None,
    suppress_below: int | None = None,
    html: bool = True,
) -> list[str]:
    """Write ``tables/*.csv`` and ``report.html`` of a run; each file appears whole or not at all.

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
    rules = rules_of(restore_study(manifest.study, "study.toml").monitoring)
    findings = Findings(results, rules)
    place = Location(out)
    # compiling its sums would take longer than all the numbers of a report
    with at_hand(out) as here, xr.set_options(use_numbagg=False):
        privacy = find(findings.results, suppress_below)
        written = replace_tables(tables_of(findings, privacy), here)
        if html:
            from lwoopro.report.page import page_of  # it draws: matplotlib takes its time to load

            text = page_of(findings, manifest, privacy, language=language, areas=_areas(place))
            write_atomically(here / REPORT, text.encode())
            written.append(here / REPORT)
        return [place.at(Path(path).relative_to(here).as_posix()) for path in written]
