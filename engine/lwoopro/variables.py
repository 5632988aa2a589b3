"""Every variable of the results, declared once: name, dimensions, type, unit, clause.

The store creates its arrays from these declarations and every function that takes or gives a
results Dataset checks it against them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["COORDINATES", "VARIABLES", "Variable", "annotate", "check"]

Kind = Literal["float64", "int64", "int32", "str"]


@dataclass(frozen=True, slots=True)
class Variable:
    """Declaration of one variable or coordinate.

    Attributes
    ----------
    name : str
    dims : tuple of str
    kind : str
        Type of the values.
    units : str
    clauses : str
        Clauses of the model that it follows.
    long_name : str
    comment : str
        Short plain explanation, as it is stored beside the values.
    """

    name: str
    dims: tuple[str, ...]
    kind: Kind
    units: str
    clauses: str
    long_name: str
    comment: str

    @property
    def attrs(self) -> dict[str, str]:
        """Attributes as they are stored."""
        return {
            "long_name": self.long_name,
            "units": self.units,
            "comment": self.comment,
            "clauses": self.clauses,
        }


_PER_SWV: Final = ("draw", "year", "attribution", "share", "swv")
_NATIONAL: Final = ("draw", "year", "share")

_COORDINATES: Final = (
    Variable("draw", ("draw",), "int64", "1", "Q-2", "draw", "number of the draw, from 0"),
    Variable("year", ("year",), "int64", "1", "§5", "reference date", "1 October of this year"),
    Variable(
        "attribution",
        ("attribution",),
        "str",
        "1",
        "U-2",
        "attribution",
        "where a pupil counts: by school or by home",
    ),
    Variable("share", ("share",), "float64", "1", "T-1", "share of the target group", "Y"),
    Variable("swv", ("swv",), "str", "1", "U-1", "samenwerkingsverband", "code of the swv"),
    Variable("policy", ("policy",), "str", "1", "§5", "policy", "name in the study file"),
    Variable("part", ("part",), "str", "1", "§5", "part of light support", "regional, lwoo, pro"),
    Variable(
        "category",
        ("category",),
        "str",
        "1",
        "R-1",
        "category of pupils",
        "column and code, as in education_mother=primary",
    ),
    Variable(
        "split",
        ("split",),
        "str",
        "1",
        "R-10",
        "policy whose changes are split",
        "names in the study file, [report] split",
    ),
    Variable(
        "factor",
        ("factor",),
        "str",
        "1",
        "R-10",
        "factor of the disadvantage score",
        "origin, education, other characteristics, donated scores, asylum",
    ),
)

_VARIABLES: Final = (
    Variable(
        "disadvantage_score",
        _PER_SWV,
        "float64",
        "score points",
        "D-1",
        "disadvantage score",
        "sum over the target group of national mean minus score; weight mean, no threshold",
    ),
    Variable(
        "target_pupils",
        _PER_SWV,
        "float64",
        "pupils",
        "T-2, I-4",
        "pupils in the target group",
        "asylum pupils included; fractional where ties are shared out",
    ),
    Variable(
        "mean_score",
        _NATIONAL,
        "float64",
        "score points",
        "I-4",
        "national mean score",
        "A, over all pupils; it depends on the share through the asylum score",
    ),
    Variable(
        "cut_score",
        _NATIONAL,
        "float64",
        "score points",
        "I-4",
        "cut score",
        "c, the highest score of the target group",
    ),
    Variable(
        "target_mean",
        _NATIONAL,
        "float64",
        "score points",
        "I-4, D-3",
        "mean score of the target group",
        "G, which is also the score of asylum pupils",
    ),
    Variable(
        "below_cut_pupils",
        _PER_SWV,
        "int64",
        "pupils",
        "D-5, T-2",
        "pupils below the cut",
        "with score < c, without asylum pupils",
    ),
    Variable(
        "at_cut_pupils",
        _PER_SWV,
        "int64",
        "pupils",
        "D-5, T-2",
        "pupils on the cut",
        "with score = c, without asylum pupils",
    ),
    Variable(
        "cut_shortfall",
        _PER_SWV,
        "int64",
        "1e-6 score points",
        "D-5",
        "distance to the cut",
        "sum of c minus score over the pupils below the cut, exact",
    ),
    Variable(
        "above_cut",
        _NATIONAL,
        "int64",
        "1e-6 score points",
        "D-5",
        "national distance above the cut",
        "sum of score minus c over all pupils but asylum pupils, exact",
    ),
    Variable(
        "target_category_pupils",
        ("draw", "year", "share", "category"),
        "float64",
        "pupils",
        "R-1",
        "pupils of the target group per category",
        "only pupils with a score of their own; education as drawn",
    ),
    Variable(
        "category_pupils",
        ("draw", "year", "category"),
        "int64",
        "pupils",
        "R-1",
        "all pupils per category",
        "only pupils with a score of their own; education as drawn",
    ),
    Variable(
        "pupils",
        ("year", "attribution", "swv"),
        "int64",
        "pupils",
        "§5",
        "upper-vmbo pupils",
        "n_j, all pupils of grades 3 and 4 in the pupil table",
    ),
    Variable(
        "asylum_pupils",
        ("year", "attribution", "swv"),
        "int64",
        "pupils",
        "I-4",
        "asylum pupils",
        "always in the target group",
    ),
    Variable(
        "disadvantage_part",
        ("draw", "year", "split", "factor", "swv"),
        "float64",
        "score points",
        "R-10, D-1",
        "disadvantage score by factor",
        "parts of the disadvantage score that the policy uses; they add up to it",
    ),
    Variable(
        "vo_pupils",
        ("year", "swv"),
        "float64",
        "pupils",
        "§5",
        "vo pupils",
        "V_j, all vo pupils at school in the swv table; NaN where it says nothing",
    ),
    Variable(
        "lwoo_pupils",
        ("year", "swv"),
        "float64",
        "pupils",
        "R-6",
        "registered lwoo pupils",
        "at school in all grades, in the swv table; NaN where it says nothing",
    ),
    Variable("region", ("swv",), "str", "1", "D-4, R-5", "region", "of the swv table; may be empty"),
    Variable(
        "policy_kind", ("policy",), "str", "1", "§5", "kind of policy", "as in the study file"
    ),
    Variable(
        "policy_share",
        ("policy",),
        "float64",
        "1",
        "B-4",
        "share of the policy's target group",
        "NaN where no disadvantage score distributes money",
    ),
    Variable(
        "policy_attribution",
        ("policy",),
        "str",
        "1",
        "B-4",
        "attribution of the policy's target group",
        "empty where no disadvantage score distributes money",
    ),
    Variable(
        "lwoo_fixed",
        ("year", "policy", "swv"),
        "float64",
        "euro",
        "B-4, R-10",
        "lwoo money that no draw changes",
        "the equal part where disadvantage scores distribute the rest, else all of it",
    ),
    Variable(
        "budget",
        ("draw", "year", "policy", "swv"),
        "float64",
        "euro",
        "§5, B-9",
        "light support",
        "regional support, lwoo and pro together, whole cents",
    ),
    Variable(
        "budget_part",
        ("draw", "year", "policy", "part", "swv"),
        "float64",
        "euro",
        "§5, B-9",
        "light support by part",
        "whole cents; the parts add up to the budget",
    ),
)

COORDINATES: Final[Mapping[str, Variable]] = {item.name: item for item in _COORDINATES}
"""Coordinates by name; every dimension has one."""

VARIABLES: Final[Mapping[str, Variable]] = {item.name: item for item in _VARIABLES}
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
