"""Border traffic: pupils who live in one swv and go to school in another (B-8)."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lwoopro.allocation.exact import as_fraction
from lwoopro.allocation.settlement import payments
from lwoopro.errors import InputError, Problem
from lwoopro.pupils.csvfile import parse_number, read_csv
from lwoopro.pupils.table import Pupils

__all__ = [
    "BIG_CITY_HOME",
    "BIG_CITY_SCHOOL",
    "BorderTraffic",
    "ProFlows",
    "assumed_pro_flows",
    "border_traffic",
    "pupil_flows",
    "read_pro_flows",
    "spread",
]

BIG_CITY_HOME: Final = 4562
"""Pro pupils who live in the four big cities, 2021/22 (CBS 80043ned)."""

BIG_CITY_SCHOOL: Final = 4393
"""Pro pupils who go to school there (CBS 80043ned)."""


@dataclass(frozen=True, eq=False)
class BorderTraffic:
    """Settlement by school against settlement by home (B-8). Cents, shape ``(swv,)``.

    Attributes
    ----------
    school, home : int64 array
        What a swv pays for the pupils who go to school there, and for those who live there.
    difference : int64 array
        School less home: above zero, the swv pays for pupils of others.
    pro_difference : int64 array
        The part of the difference that is pro. Under direct funding nobody's swv pays for pro,
        so this part disappears.
    left_difference : int64 array
        What stays of the difference under direct funding: lwoo.
    """

    school: NDArray[np.int64]
    home: NDArray[np.int64]
    difference: NDArray[np.int64]
    pro_difference: NDArray[np.int64]
    left_difference: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ProFlows:
    """Pro pupils by swv of school and of home, as a file gives them.

    Attributes
    ----------
    pupils : float64 array, shape ``(school swv, home swv)``
    path, sha256 : str
    """

    pupils: NDArray[np.float64]
    path: str
    sha256: str


def pupil_flows(pupils: Pupils, year: int) -> NDArray[np.int64]:
    """Count upper-vmbo pupils by swv of school and of home (U-2).

    Parameters
    ----------
    pupils : Pupils
    year : int

    Returns
    -------
    int64 array, shape ``(school swv, home swv)``
    """
    rows = pupils.year == year
    swv = len(pupils.swv)
    cell = pupils.school_swv[rows].astype(np.int64) * swv + pupils.home_swv[rows]
    return np.bincount(cell, minlength=swv * swv).reshape(swv, swv)


def spread(counts: ArrayLike, flows: ArrayLike) -> NDArray[np.float64]:
    """Spread pupils of each school swv over homes as another group of pupils is spread.

    Parameters
    ----------
    counts : array, shape ``(swv,)``
        Pupils by swv of school.
    flows : array, shape ``(school swv, home swv)``
        The other group; a swv without any is taken to have only pupils who live there.

    Returns
    -------
    float64 array, shape ``(school swv, home swv)``
        Rows add up to `counts`.
    """
    matrix = np.asarray(flows, np.float64)
    total = matrix.sum(axis=1, keepdims=True)
    part = np.where(total > 0, matrix / np.where(total > 0, total, 1.0), np.eye(len(matrix)))
    return np.asarray(np.asarray(counts, np.float64)[:, None] * part)


def assumed_pro_flows(
    pro: ArrayLike,
    flows: ArrayLike,
    big_city: ArrayLike,
    home: float = BIG_CITY_HOME,
    school: float = BIG_CITY_SCHOOL,
) -> NDArray[np.float64]:
    """Flows of pro pupils between swv, *assumed*: only one net figure is published (B-8).

    Pro pupils of each school swv are spread over homes like its upper-vmbo pupils. Then those who
    live in a big city and go to school outside are multiplied by one factor, so that the big
    cities house `home`/`school` times the pro pupils whom they school; the others of the same
    school swv live there in so much smaller number.

    Parameters
    ----------
    pro : array, shape ``(swv,)``
        Pro pupils by swv of school.
    flows : array, shape ``(school swv, home swv)``
        Upper-vmbo pupils, from `pupil_flows`.
    big_city : bool array, shape ``(swv,)``
        The swv of the four big cities; with none of them nothing is adjusted.
    home, school : float
        Pro pupils who live and who go to school in the big cities.

    Returns
    -------
    float64 array, shape ``(school swv, home swv)``
        Rows add up to `pro`.

    Raises
    ------
    ValueError
        No flow of this form has the net figure.
    """
    city = np.asarray(big_city, bool)
    found = spread(pro, flows)
    if not city.any() or city.all():
        return found
    into = found[city][:, ~city].sum()
    out_of = found[~city][:, city].sum()
    wanted = into + found[city].sum() * (home / school - 1)
    if wanted < 0 or (out_of == 0 and wanted > 0):
        raise ValueError("no pupils cross the borders of the big cities in the right direction")
    factor = wanted / out_of if out_of else 1.0
    adjusted = found.copy()
    adjusted[np.ix_(~city, city)] *= factor
    shift = adjusted.sum(axis=1) - found.sum(axis=1)
    own = np.arange(len(found))
    adjusted[own, own] -= shift
    if (adjusted[own, own] < 0).any():
        raise ValueError("the net figure asks for more pupils than these swv have")
    return adjusted


def border_traffic(
    lwoo_flows: ArrayLike, pro_flows: ArrayLike, support_amount: Fraction | float
) -> BorderTraffic:
    """Compare settlement by school with settlement by home (B-8).

    Parameters
    ----------
    lwoo_flows, pro_flows : array, shape ``(school swv, home swv)``
        Registered pupils; fractions are allowed.
    support_amount : Fraction or float
        s, euro per pupil.

    Returns
    -------
    BorderTraffic
        Cents; every difference adds up to zero over the swv.

    Raises
    ------
    ValueError
        A matrix is not square or has negative numbers.
    """
    sides = []
    for flows in (lwoo_flows, pro_flows):
        matrix = np.asarray(flows)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise ValueError(f"flows of shape {matrix.shape}: use (school swv, home swv)")
        if (matrix < 0).any():
            raise ValueError("a number of pupils is negative")
        exact = [[as_fraction(number) for number in row] for row in matrix.tolist()]
        by_school = [sum(row, Fraction(0)) for row in exact]
        by_home = [sum(column, Fraction(0)) for column in zip(*exact, strict=True)]
        sides.append(
            tuple(
                payments(support_amount, np.array(side, dtype=object))
                for side in (by_school, by_home)
            )
        )
    (lwoo_school, lwoo_home), (pro_school, pro_home) = sides
    school, home = lwoo_school + pro_school, lwoo_home + pro_home
    return BorderTraffic(
        school=school,
        home=home,
        difference=school - home,
        pro_difference=pro_school - pro_home,
        left_difference=lwoo_school - lwoo_home,
    )


def read_pro_flows(path: Path, codes: tuple[str, ...]) -> ProFlows:
    """Read a file of pro pupils by swv of school and of home: school_swv, home_swv, pro.

    Parameters
    ----------
    path : Path
        Comma-separated, UTF-8; a pair that is not listed has no pupils.
    codes : tuple of str
        All codes of the study's swv table.

    Returns
    -------
    ProFlows

    Raises
    ------
    InputError
        With every defect of the file.
    """
    file = read_csv(path, required=["school_swv", "home_swv", "pro"])
    place = {code: j for j, code in enumerate(codes)}
    pupils = np.zeros((len(codes), len(codes)))
    first: dict[tuple[str, str], int] = {}
    problems = []
    cells = file.cells
    lines = zip(file.lines, cells["school_swv"], cells["home_swv"], cells["pro"], strict=True)
    for line, school, home, text in lines:
        where = f"{file.path}: line {line}"
        unknown = [code for code in (school, home) if code not in place]
        number = parse_number(text)
        if unknown:
            what = f"{unknown[0]!r} is not a swv of this study"
            problems.append(Problem(where, what, "a code of the swv table"))
        elif number is None or not 0 <= number < np.inf:
            problems.append(Problem(where, f"pro is {text!r}", "a number of pupils of at least 0"))
        elif (school, home) in first:
            what = f"{school} to {home} stands in line {first[school, home]} already"
            problems.append(Problem(where, what, "every pair once"))
        else:
            first[school, home] = line
            pupils[place[school], place[home]] = number
    if problems:
        raise InputError(problems)
    return ProFlows(pupils, file.path, file.sha256)
