"""How well the education model of a run fits, as a table (I-1, `model`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["COLUMNS", "education_model", "shows_few_parents"]

COLUMNS: Final = (
    "equation",
    "parameter",
    "decile",
    "level",
    "parents",
    "measure",
    "statistic",
    "value",
    "mcse",
    "unit",
)
"""Columns of the table."""


def education_model(results: xr.Dataset) -> pd.DataFrame | None:
    """Lay the fit report out with one row per number.

    Parameters
    ----------
    results : Dataset
        Results of a run.

    Returns
    -------
    DataFrame or None
        `COLUMNS`: ``coefficient`` and ``standard_error`` per parameter (log odds per unit of the
        column; a positive slope makes higher levels likelier); ``predicted`` and ``observed``
        shares of the levels per tenth of the parents, lowest predicted level first; ``log_loss``
        in sample, held out, and the same of the marginal distribution. None where the run has no
        model.
    """
    text = results.attrs.get("education_model")
    if text is None:
        return None
    report = json.loads(text)
    fitted = pd.DataFrame(report["coefficients"])
    groups = pd.DataFrame(report["calibration"]).rename(columns={"group": "decile"})
    losses = pd.DataFrame(report["log_loss"])
    parts = [
        fitted.assign(measure=measure, value=fitted[column], unit="log odds")
        for measure, column in (("coefficient", "estimate"), ("standard_error", "se"))
    ]
    parts += [
        groups.assign(measure=measure, value=groups[measure], unit="1")
        for measure in ("predicted", "observed")
    ]
    parts += [
        losses.assign(measure=f"log_loss_{name}", value=losses[name], unit="nat")
        for name in ("in_sample", "held_out", "marginal_in_sample", "marginal_held_out")
    ]
    table = pd.concat(parts, ignore_index=True).assign(statistic="estimate", mcse=np.nan)
    # pandas turns numbers with gaps into floats
    table["decile"] = table["decile"].astype("Int64")
    return table[list(COLUMNS)]


def shows_few_parents(table: pd.DataFrame, below: int) -> NDArray[np.bool_]:
    """Rows that tell of fewer parents than the report may show.

    Parameters
    ----------
    table : DataFrame
        From `education_model`.
    below : int

    Returns
    -------
    bool array, shape ``(rows,)``
    """
    parents = table["parents"].to_numpy(float)
    number = np.rint(table["value"].to_numpy(float) * parents)
    few = table["measure"].eq("observed").to_numpy() & (number > 0) & (number < below)
    return np.asarray(few | (parents < below))
