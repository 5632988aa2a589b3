"""Recalibration from a pupil table to an indicator file and a comparison (C-1, herijking)."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lwoopro.errors import InputError, Problem
from lwoopro.indicator.file import read_indicator
from lwoopro.recalibration.compare import compare
from lwoopro.recalibration.estimate import ERRORS, Estimate, estimate
from lwoopro.recalibration.sample import ADVICE, INTELLIGENCE, TEST_SCORE, read_sample
from lwoopro.recalibration.write import write_indicator

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Recalibration", "recalibrate"]


@dataclass(frozen=True, eq=False)
class Recalibration:
    """What a recalibration found.

    Attributes
    ----------
    estimate : Estimate
    comparison : DataFrame
        See `lwoopro.recalibration.compare.compare`.
    against : str
        Name of the indicator that it was compared with.
    path : Path or None
        The file that was written.
    """

    estimate: Estimate
    comparison: "pd.DataFrame"
    against: str
    path: Path | None


def recalibrate(
    pupils: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    against: str = "assumed-2022",
    errors: str = "classical",
    centre: float | None = None,
    characteristics: Sequence[str] = (),
    score: str = TEST_SCORE,
    intelligence: str = INTELLIGENCE,
    advice: str = ADVICE,
) -> Recalibration:
    """Estimate an indicator from pupils with a test score, and write it as a file (C-1).

    Parameters
    ----------
    pupils : path
        A pupil table with three more columns, see `lwoopro.recalibration.sample.read_sample`.
    out : path, optional
        Indicator file to write, ending in ``.toml``; none: nothing is written.
    against : str
        The file in use: a bundled name or a path.
    errors : "classical", "robust" or "school"
        How the covariance is estimated.
    centre : float, optional
        Intelligence that the start values are about; none: the pupils' mean, with its error.
    characteristics : sequence of str
        Further columns of text to estimate (S-2).
    score, intelligence, advice : str
        Names of the three columns.

    Returns
    -------
    Recalibration

    Raises
    ------
    InputError
        With every defect of the inputs; nothing is written then.
    """
    path = None if out is None else Path(out)
    problems: list[Problem] = []
    chosen = next((one for one in ERRORS if one == errors), None)
    if chosen is None:
        problems.append(
            Problem("--errors", f"{errors!r} is unknown here", "use " + ", ".join(ERRORS))
        )
    if centre is not None and not math.isfinite(centre):
        problems.append(Problem("--centre", "is not finite", "a number, such as 100"))
    if path is not None and path.suffix.lower() != ".toml":
        problems.append(Problem(f"--out {path}", "is no .toml file", "such as indicator.toml"))
    elif path is not None and path.is_dir():
        problems.append(Problem(f"--out {path}", "is a folder", "name a file"))
    if problems:
        raise InputError(problems)
    indicator = None
    try:
        indicator = read_indicator(against, Path())
    except InputError as error:
        problems += error.problems
    try:
        sample = read_sample(
            Path(pupils),
            score=score,
            intelligence=intelligence,
            advice=advice,
            added=characteristics,
        )
    except InputError as error:
        problems += error.problems
    if problems or indicator is None or chosen is None:
        raise InputError(problems)
    found = estimate(sample, chosen, centre)
    comparison = compare(found, indicator)
    if path is not None:
        source = f"lwoopro recalibrate {Path(pupils).name}: {len(sample):,} pupils (C-1)"
        write_indicator(path, found, path.stem, source)
    return Recalibration(found, comparison, indicator.name, path)
