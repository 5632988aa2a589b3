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
    Variable(
        "transition_year",
        ("transition_year",),
        "int64",
        "1",
        "X-1",
        "year of the transition",
        "1 October of this year",
    ),
    Variable("growth", ("growth",), "str", "1", "P-2", "growth scenario", "name in the study file"),
    Variable("pro_year", ("pro_year",), "int64", "1", "P-1", "date of a pro count", "1 October"),
    Variable("funding_year", ("funding_year",), "int64", "1", "P-3", "year", "calendar year"),
    Variable(
        "year_of_stay",
        ("year_of_stay",),
        "int64",
        "1",
        "P-1",
        "year of stay in pro (verblijfsjaar)",
        "1 ... 6",
    ),
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
        "education, origin, other characteristics, donated scores, asylum",
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
    Variable(
        "region", ("swv",), "str", "1", "D-4, R-5", "region", "of the swv table; may be empty"
    ),
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
        "asylum_category_pupils",
        ("year", "category"),
        "int64",
        "pupils",
        "R-1",
        "asylum pupils per category",
        "of whom the characteristic is known; none by education",
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

_BEYOND: Final = (
    Variable(
        "policy_basis",
        ("policy",),
        "str",
        "1",
        "B-6",
        "basis of comparison",
        "cbs: pro and regional equal on both sides; letter: both sides less the pro that is paid",
    ),
    Variable(
        "direct_pro_amount",
        ("year", "policy", "swv"),
        "float64",
        "euro",
        "B-5, B-6",
        "pro paid directly",
        "support amount x actual pro by school swv, for comparisons by the letter; else 0",
    ),
    Variable(
        "settlement_lwoo",
        ("year", "swv"),
        "float64",
        "euro",
        "B-7",
        "lwoo paid to schools",
        "deducted from the swv; by population where it opts out (assumed)",
    ),
    Variable(
        "settlement_pro",
        ("year", "swv"),
        "float64",
        "euro",
        "B-7",
        "pro paid to schools",
        "support amount per registered pro pupil, deducted from the swv",
    ),
    Variable(
        "settlement_remainder",
        ("year", "swv"),
        "float64",
        "euro",
        "B-7",
        "what goes to the swv",
        "light support less what its schools are paid, where that is positive",
    ),
    Variable(
        "settlement_deficit",
        ("year", "swv"),
        "float64",
        "euro",
        "B-7",
        "deficit",
        "what the payments exceed light support by; recovered from all schools of the swv",
    ),
    Variable(
        "settlement_overrun",
        ("year", "swv"),
        "float64",
        "euro",
        "B-7, B-11",
        "overrun of lwoo and pro",
        "what the payments exceed the lwoo and pro parts by; regional support bears it first",
    ),
    Variable(
        "settlement_per_pupil",
        ("year", "swv"),
        "float64",
        "euro per pupil",
        "B-7",
        "deficit per vo pupil",
        "cut on the lumpsum of the swv's schools",
    ),
    Variable(
        "border_difference",
        ("year", "swv"),
        "float64",
        "euro",
        "B-8",
        "settled by school less settled by home",
        "above zero: the swv pays for pupils who live elsewhere; flows are assumed",
    ),
    Variable(
        "border_pro_difference",
        ("year", "swv"),
        "float64",
        "euro",
        "B-8",
        "its part that is pro",
        "disappears once pro is funded directly; flows are assumed",
    ),
    Variable(
        "transition_counts",
        ("transition_year",),
        "int64",
        "1",
        "X-1",
        "year whose counts are used",
        "another than the year itself where the study does not have its counts",
    ),
    Variable(
        "transition_budget",
        ("draw", "transition_year", "swv"),
        "float64",
        "euro",
        "X-1, B-9",
        "light support in transition",
        "whole cents, on the basis of comparison of the two policies",
    ),
    Variable(
        "transition_needed_loss",
        ("draw",),
        "float64",
        "1",
        "X-1",
        "smallest feasible loss a year",
        "smallest x that reaches the new amounts in the last year, in steps of 0.0001",
    ),
)

_PER_GROWTH: Final = ("draw", "growth", "pro_year", "swv")
_FUNDED: Final = ("draw", "growth", "funding_year")

_PRO: Final = tuple(
    Variable(name, dims, "float64", units, clauses, long_name, comment)
    for name, dims, units, clauses, long_name, comment in (
        ("pro_pupils", _PER_GROWTH, "pupils", "P-1, P-2", "pro pupils", "on 1 October"),
        (
            "pro_entrants",
            _PER_GROWTH,
            "pupils",
            "P-1",
            "entrants to pro",
            "since the 1 October before, lateral entrants included; 0 in the first year",
        ),
        (
            "pro_stay_pupils",
            (*_PER_GROWTH[:3], "year_of_stay"),
            "pupils",
            "P-1",
            "pro pupils by year of stay",
            "the whole country",
        ),
        (
            "pro_reference_count",
            _FUNDED[:2],
            "pupils",
            "P-2, B-5",
            "reference count",
            "pro pupils on the reference date of the draw's own path, or as given",
        ),
        (
            "pro_extra_cost",
            _FUNDED,
            "euro",
            "P-3, P-6",
            "extra cost of pro growth",
            "support amount times provisional count minus reference count; negative: a refund",
        ),
        (
            "capped_support_amount",
            _FUNDED,
            "euro per pro pupil",
            "P-7",
            "support amount under a cap",
            "studied, not chosen: there is then no cut",
        ),
        (
            "lumpsum_cut",
            _FUNDED,
            "1",
            "P-4",
            "cut of basic funding",
            "phi, extra cost over the basic funding of all schools; negative: a refund",
        ),
        (
            "lumpsum_cut_amount",
            (*_FUNDED, "swv"),
            "euro",
            "P-4",
            "cut of the schools of a swv",
            "whole cents; they add up to the extra cost",
        ),
        (
            "basic_funding",
            (*_FUNDED, "swv"),
            "euro",
            "P-4, P-8",
            "basic funding before the cut",
            "counts of the October before, prices of the year",
        ),
        (
            "funded_vo_pupils",
            ("draw", "funding_year", "swv"),
            "pupils",
            "P-4",
            "vo pupils",
            "on 1 October before the funded year, pro included",
        ),
        (
            "funded_upper_vmbo_pupils",
            ("draw", "funding_year", "swv"),
            "pupils",
            "P-4",
            "upper-vmbo pupils",
            "on 1 October before the funded year",
        ),
        (
            "funded_support_amount",
            ("funding_year",),
            "euro per pro pupil",
            "P-3, B-10",
            "support amount",
            "prices of the year",
        ),
        (
            "basic_amount_high",
            ("funding_year",),
            "euro per pupil",
            "P-8, B-10",
            "basic funding of pro and upper vmbo",
            "prices of the year",
        ),
        (
            "basic_amount_low",
            ("funding_year",),
            "euro per pupil",
            "P-8, B-10",
            "basic funding of other vo pupils",
            "prices of the year",
        ),
    )
)

COORDINATES: Final[Mapping[str, Variable]] = {item.name: item for item in _COORDINATES}
"""Coordinates by name; every dimension has one."""

VARIABLES: Final[Mapping[str, Variable]] = {
    item.name: item for item in (*_VARIABLES, *_BEYOND, *_PRO)
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
