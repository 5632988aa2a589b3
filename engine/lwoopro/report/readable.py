"""Results that a report can be made of, or words for people why not."""

import os
from typing import TYPE_CHECKING, Final

from lwoopro.errors import InputError, Problem
from lwoopro.simulation.results import read_results
from lwoopro.variables import check

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["readable"]

_NEEDED: Final = (
    "asylum_category_pupils",
    "asylum_pupils",
    "budget",
    "budget_part",
    "disadvantage_score",
    "lwoo_fixed",
    "lwoo_pupils",
    "policy_attribution",
    "policy_share",
    "pupils",
    "region",
    "target_category_pupils",
    "vo_pupils",
)
"""Variables that every run of this version has."""


def readable(folder: str | os.PathLike[str]) -> "xr.Dataset":
    """Open a run that a report is to be made of.

    Parameters
    ----------
    folder : path

    Returns
    -------
    xarray.Dataset
        Lazy.

    Raises
    ------
    InputError
        The folder holds no run, none of its draws is finished, or another version wrote it.
    """
    results = read_results(folder)
    if "approximate" in results.attrs:
        what = "this folder holds an analytic answer; its tables were written with it"
        raise InputError(Problem(str(folder), what, "run the study without --analytic"))
    if not results.sizes["draw"]:
        right = "continue the run with --resume"
        raise InputError(Problem(str(folder), "no draw of this run is finished", right))
    try:
        check(results, _NEEDED)
    except ValueError as error:
        what = f"another version of lwoopro wrote these results: {error}"
        raise InputError(Problem(str(folder), what, "run the study again")) from error
    return results
