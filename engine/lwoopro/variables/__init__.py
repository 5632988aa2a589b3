"""Every variable of the results, declared once: name, dimensions, type, unit, clause.

The store creates its arrays from these declarations and every function that takes or gives a
results Dataset checks it against them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from lwoopro.variables.beyond_budgets import BEYOND_BUDGETS
from lwoopro.variables.certainty import CERTAINTY
from lwoopro.variables.coordinates import COORDINATE_LIST
from lwoopro.variables.declaration import Kind, Variable
from lwoopro.variables.pro import PRO_VARIABLES
from lwoopro.variables.target import TARGET_AND_BUDGETS

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["COORDINATES", "VARIABLES", "Variable", "annotate", "check"]

COORDINATES: Final[Mapping[str, Variable]] = {item.name: item for item in COORDINATE_LIST}
"""Coordinates by name; every dimension has one."""

VARIABLES: Final[Mapping[str, Variable]] = {
    item.name: item for item in (*TARGET_AND_BUDGETS, *BEYOND_BUDGETS, *PRO_VARIABLES, *CERTAINTY)
}
"""Data variables by name. Those of a part that a study does not use are absent."""


def _matches(kind: Kind, dtype_kind: str, itemsize: int) -> bool:
    if kind == "str":
        return dtype_kind in "OUT"
    return f"{ {'f': 'float', 'i': 'int'}.get(dtype_kind) }{8 * itemsize}" == kind


def check(dataset: xr.Dataset, names: Iterable[str]) -> None:
    """Make sure that a Dataset has these variables as they are declared.

    Parameters
    ----------
    dataset : xarray.Dataset
    names : iterable of str
        Names in `VARIABLES`.

    Raises
    ------
    ValueError
        A variable is absent, or has other dimensions or another type; all of them are named.
    """
    wrong = []
    for name in names:
        declared = VARIABLES[name]
        if name not in dataset:
            wrong.append(f"{name} is absent")
            continue
        found = dataset[name]
        if found.dims != declared.dims:
            wrong.append(f"{name} has dimensions {found.dims}, declared are {declared.dims}")
        if not _matches(declared.kind, found.dtype.kind, found.dtype.itemsize):
            wrong.append(f"{name} has type {found.dtype}, declared is {declared.kind}")
        wrong += [
            f"{name} has no coordinate {dim}" for dim in found.dims if dim not in found.coords
        ]
    if wrong:
        raise ValueError("not a results Dataset: " + "; ".join(wrong))


def annotate(dataset: xr.Dataset) -> xr.Dataset:
    """Give every declared variable and coordinate its attributes.

    Parameters
    ----------
    dataset : xarray.Dataset

    Returns
    -------
    xarray.Dataset
        A shallow copy.

    Raises
    ------
    ValueError
        See `check`.
    """
    known = [str(name) for name in dataset.data_vars if name in VARIABLES]
    check(dataset, known)
    result = dataset.copy()
    for name in known:
        result[name].attrs = {**result[name].attrs, **VARIABLES[name].attrs}
    for name, declared in COORDINATES.items():
        if name in result.coords:
            result[name].attrs = {**result[name].attrs, **declared.attrs}
    return result
