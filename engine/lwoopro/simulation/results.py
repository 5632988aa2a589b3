"""The results of a run, opened for those who read them (contract: Results)."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from lwoopro.errors import InputError, Problem
from lwoopro.simulation.location import Location
from lwoopro.simulation.manifest import Manifest
from lwoopro.study import Study

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "IN_MEMORY",
    "RESULTS",
    "open_results",
    "read_results",
    "results_folder",
    "without_graphs",
]

RESULTS: Final = "results.zarr"
"""Name of the group in the folder of a run."""

IN_MEMORY: Final = 2_000_000_000
"""Results of fewer bytes are read whole and kept; of larger ones what is asked for, each time."""


def results_folder(study: Study, out: str | os.PathLike[str] | None) -> Path:
    """Give the folder of a run: `out`, or ``results/<study name>`` where we stand."""
    return Path("results") / study.study.name if out is None else Path(out)


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
    return _open(folder, by_block=True)


def read_results(folder: str | os.PathLike[str]) -> "xr.Dataset":
    """Open the results of a run for tables and report: a variable is read whole when it is used.

    As `open_results`, but without task graphs, nor the libraries that run them. What does not fit
    into memory is read anew whenever it is used.
    """
    results = _open(folder, by_block=False)
    return results if results.nbytes < IN_MEMORY else _open(folder, by_block=False, keep=False)


def without_graphs(results: "xr.Dataset") -> "xr.Dataset":
    """Tell a process that ends with these results that there are no arrays of dask.

    xarray would load them, which takes half a second, only to see that no value is one.
    """
    cast(dict[str, Any], sys.modules).setdefault("dask.array", None)
    return results


def _open(folder: str | os.PathLike[str], *, by_block: bool, keep: bool = True) -> "xr.Dataset":
    import xarray as xr

    from lwoopro.variables import VARIABLES, check

    path = Location(folder)
    if Manifest.load(path) is None or not path.has_folder(RESULTS):
        raise InputError(
            Problem(str(path), "this folder holds no run", "the folder that `lwoopro run` wrote")
        )
    try:
        dataset: xr.Dataset = xr.open_dataset(
            path.at(RESULTS),
            engine="zarr",
            chunks={} if by_block else None,
            cache=keep and not by_block,
            consolidated=True,
        )
    except (ValueError, KeyError, TypeError, OSError) as error:
        where, right = path.at(RESULTS), "run the study again with --resume"
        raise InputError(
            Problem(where, "the heading of these results is damaged", right)
        ) from error
    check(dataset, [str(name) for name in dataset.data_vars if name in VARIABLES])
    return dataset
