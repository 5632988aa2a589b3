"""Class probabilities of education levels, as exact thresholds of a uniform (I-1, I-5)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lwoopro.codes import EDUCATION_LEVELS, NO_CLASS
from lwoopro.errors import InputError, Problem
from lwoopro.pupils.csvfile import CsvFile, first_values, read_csv
from lwoopro.pupils.messages import SHOWN, did_you_mean, in_places, listed

__all__ = [
    "UNIFORM_BITS",
    "ClassProbabilities",
    "from_arrays",
    "probabilities_text",
    "read_probabilities",
]

UNIFORM_BITS = 31
"""A uniform of I-1 is an integer of this many bits."""

_LEVELS = len(EDUCATION_LEVELS)
_TOLERANCE = 10**6  # probabilities add to 1 within one part in this many
_MOST_DECIMALS = 400  # a float64 as written by repr has at most 324 + 17
_NUMBER = re.compile(
    r"([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,4}))?", re.ASCII
)
_CLASS = re.compile(r"([+-]?[0-9]{1,19})(?:\.0*)?", re.ASCII)

_T = TypeVar("_T")
_Decimal = tuple[int, int]  # (n, d): n / 10**d


@dataclass(frozen=True, eq=False)
class ClassProbabilities:
    """Probabilities of the eight education levels in each imputation class (I-1, `table`).

    Attributes
    ----------
    classes : int64 array
        Class numbers as the user gives them, sorted; shape ``(class,)``.
    probability : float64 array
        Shape ``(class, level)``; each row divided by its sum, so that it adds to 1.
    threshold : uint32 array
        Shape ``(class, level - 1)``: ``ceil(2**31 * F_k)`` with F_k the probability of levels
        0…k, computed exactly from the decimals as written. The level drawn with a 31-bit uniform
        ``u`` is the number of k with ``u >= threshold[class, k]``.
    path : str
        The file, as the user gave it; empty where there is none.
    sha256 : str
        Of the file's bytes; empty where there is none.
    """

    classes: NDArray[np.int64]
    probability: NDArray[np.float64]
    threshold: NDArray[np.uint32]
    path: str = ""
    sha256: str = ""

    def position(self, classes: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return where each class stands in `classes`, and -1 where it is not there.

        Parameters
        ----------
        classes : int64 array
            Class numbers, any shape.

        Returns
        -------
        int32 array
            Of the same shape.
        """
        place = np.searchsorted(self.classes, classes)
        place = np.minimum(place, len(self.classes) - 1)
        return np.where(self.classes[place] == classes, place, -1).astype(np.int32)


def read_probabilities(path: Path) -> ClassProbabilities:
    """Read a probability file: csv with the columns ``class, level, probability``.

    A class has each of the eight levels once, in any order; its probabilities are at least 0 and
    add to 1 within 1e-6. Further columns are ignored.

    Raises
    ------
    InputError
        With every defect of the file.
    """
    file = read_csv(path, required=["class", "level", "probability"])
    problems: list[Problem] = []
    table, doubtful = _collect(file, problems)
    lacking = {
        number: [level for level, value in zip(EDUCATION_LEVELS, row, strict=True) if value is None]
        for number, row in table.items()
        if None in row and number not in doubtful
    }
    if lacking:
        some = "; ".join(
            f"class {number} lacks {', '.join(levels)}" for number, levels in _first(lacking)
        )
        what = f"{_classes(len(lacking))} without all eight levels: {some}"
        problems.append(Problem(f"{file.path}: column level", what))
    whole = {
        number: [value for value in row if value is not None]
        for number, row in table.items()
        if None not in row and number not in doubtful
    }
    problems += _sum_problems(f"{file.path}: column probability", whole)
    if problems:
        raise InputError(problems)
    return _from_decimals(whole, file.path, file.sha256)


def from_arrays(classes: ArrayLike, probability: ArrayLike) -> ClassProbabilities:
    """Make class probabilities from arrays; a float stands for the decimal that `repr` shows.

    Parameters
    ----------
    classes : array-like of int
        Shape ``(class,)``, unique.
    probability : array-like of float
        Shape ``(class, level)``; at least 0, each row adds to 1 within 1e-6.

    Raises
    ------
    ValueError
        Where the shapes do not fit or a class stands there twice.
    InputError
        Where a probability is negative or not finite, or a row does not add to 1.

    Examples
    --------
    >>> table = from_arrays([7], [[0.5, 0.25, 0.25, 0, 0, 0, 0, 0]])
    >>> int(table.threshold[0, 0]) == 2**30
    True
    """
    number = np.asarray(classes, dtype=np.int64)
    value = np.asarray(probability, dtype=np.float64)
    if number.ndim != 1 or value.shape != (len(number), _LEVELS) or not len(number):
        raise ValueError(f"classes {number.shape} and probability {value.shape} do not fit")
    if len(np.unique(number)) != len(number) or NO_CLASS in number:
        raise ValueError("a class stands there twice, or is the number that means no class")
    bad = number[~((value >= 0) & np.isfinite(value)).all(axis=1)]
    if len(bad):
        what = f"{_classes(len(bad))} with a probability that is negative or not a number"
        some = listed((str(c) for c in bad[:SHOWN]), len(bad))
        raise InputError(Problem("probability", f"{what}: {some}"))
    table = {
        int(c): [_decimal(repr(p)) or (0, 0) for p in row]
        for c, row in zip(number, value.tolist(), strict=True)
    }
    problems = _sum_problems("probability", table)
    if problems:
        raise InputError(problems)
    return _from_decimals(table, "", "")


def probabilities_text(classes: NDArray[np.int64], probability: NDArray[np.float64]) -> str:
    """Write a probability file that `read_probabilities` reads back as `from_arrays` makes it.

    Parameters
    ----------
    classes : int64 array, shape ``(class,)``
    probability : float64 array, shape ``(class, level)``

    Returns
    -------
    str
        Csv with the columns ``class, level, probability``.

    Examples
    --------
    >>> text = probabilities_text(np.array([7]), np.array([[0.5, 0.25, 0.25, 0, 0, 0, 0, 0]]))
    >>> text.splitlines()[:3]
    ['class,level,probability', '7,primary,0.5', '7,vmbo_bk,0.25']
    """
    lines = ["class,level,probability"]
    for number, row in zip(classes.tolist(), probability.tolist(), strict=True):
        lines += [f"{number},{level},{p!r}" for level, p in zip(EDUCATION_LEVELS, row, strict=True)]
    return "\n".join(lines) + "\n"


def _decimal(text: str) -> _Decimal | None:
    """Return the decimal that a text writes, exactly; None where it is none, or far too long."""
    match = _NUMBER.fullmatch(text) if len(text) <= _MOST_DECIMALS else None
    if match is None:
        return None
    sign, whole, fraction, bare, exponent = match.groups()
    fraction = fraction or bare or ""
    number = int((whole or "") + fraction)
    decimals = len(fraction) - int(exponent or 0)
    if abs(decimals) > _MOST_DECIMALS:
        return None
    if decimals < 0:
        number, decimals = number * 10**-decimals, 0
    return (-number if sign == "-" else number), decimals


def _collect(
    file: CsvFile, problems: list[Problem]
) -> tuple[dict[int, list[_Decimal | None]], set[int]]:
    """Return the probabilities per class and level, and the classes with a bad line."""
    table: dict[int, list[_Decimal | None]] = {}
    doubtful: set[int] = set()
    first: dict[tuple[int, int], int] = {}
    place = {level: k for k, level in enumerate(EDUCATION_LEVELS)}
    bad: dict[str, list[tuple[int, str]]] = {
        kind: [] for kind in ("class", "level", "number", "negative", "above", "repeated")
    }
    parsed: dict[str, int | None] = {}
    columns = (file.cells["class"], file.cells["level"], file.cells["probability"])
    for line, class_text, level, text in zip(file.lines, *columns, strict=True):
        if class_text not in parsed:
            parsed[class_text] = _class(class_text)
        number = parsed[class_text]
        k = place.get(level)
        value = _decimal(text)
        if number is None:
            bad["class"].append((line, class_text))
        if k is None:
            bad["level"].append((line, level))
        if value is None:
            bad["number"].append((line, text))
        elif value[0] < 0:
            bad["negative"].append((line, text))
        elif value[0] * _TOLERANCE > (_TOLERANCE + 1) * 10 ** value[1]:
            bad["above"].append((line, text))
        elif number is not None and k is not None:
            if first.setdefault((number, k), line) != line:
                bad["repeated"].append((line, f"class {number}, {level}"))
                doubtful.add(number)
            table.setdefault(number, [None] * _LEVELS)[k] = value
            continue
        if number is not None:
            doubtful.add(number)
    problems += _cell_problems(file.path, bad)
    return table, doubtful


def _cell_problems(path: str, bad: dict[str, list[tuple[int, str]]]) -> Iterable[Problem]:
    meant = did_you_mean(bad["level"][0][1], EDUCATION_LEVELS) if bad["level"] else ""
    kinds = (
        ("class", "class", "not a whole number: ", "use the int64 numbers of the pupil table"),
        ("level", "level", f"unknown level{meant}: ", f"use {', '.join(EDUCATION_LEVELS)}"),
        ("number", "probability", "not a number: ", "use digits and a decimal point"),
        ("negative", "probability", "negative: ", "a probability is at least 0"),
        ("above", "probability", "above 1: ", "a probability is at most 1"),
    )
    for kind, column, what, right in kinds:
        if bad[kind]:
            yield Problem(f"{path}: column {column}", what + first_values("line", bad[kind]), right)
    if bad["repeated"]:
        places = in_places("line", [line for line, _ in bad["repeated"]])
        what = f"a level that the class has already ({bad['repeated'][0][1]}) in {places}"
        yield Problem(f"{path}: column level", what, "every class has every level once")


def _class(text: str) -> int | None:
    match = _CLASS.fullmatch(text)
    number = int(match[1]) if match else NO_CLASS
    return number if NO_CLASS < number < 2**63 else None


def _scaled(row: Sequence[_Decimal]) -> tuple[list[int], int]:
    """Return a row's decimals as integers over one power of ten, and that power."""
    most = max(decimals for _, decimals in row)
    return [number * 10 ** (most - decimals) for number, decimals in row], 10**most


def _sum_problems(where: str, table: dict[int, list[_Decimal]]) -> list[Problem]:
    off: dict[int, float] = {}
    for number, row in table.items():
        values, one = _scaled(row)
        if abs(sum(values) - one) * _TOLERANCE > one:
            off[number] = sum(values) / one
    if not off:
        return []
    some = listed((f"class {number} to {total:.7g}" for number, total in _first(off)), len(off))
    what = f"{_classes(len(off))} where the probabilities do not add to 1: {some}"
    return [Problem(where, what, "1 within 1e-6")]


def _from_decimals(table: dict[int, list[_Decimal]], path: str, sha256: str) -> ClassProbabilities:
    classes = sorted(table)
    probability = np.empty((len(classes), _LEVELS))
    threshold = np.empty((len(classes), _LEVELS - 1), dtype=np.uint32)
    for row, number in enumerate(classes):
        values, _ = _scaled(table[number])
        total = sum(values)
        below = 0
        for k, value in enumerate(values):
            probability[row, k] = value / total
            below += value
            if k < _LEVELS - 1:
                threshold[row, k] = -(-(below << UNIFORM_BITS) // total)
    for array in (probability, threshold):
        array.setflags(write=False)
    return ClassProbabilities(
        np.array(classes, dtype=np.int64), probability, threshold, path, sha256
    )


def _first(table: dict[int, _T]) -> list[tuple[int, _T]]:
    return sorted(table.items(), key=lambda item: item[0])[:SHOWN]


def _classes(count: int) -> str:
    return "1 class" if count == 1 else f"{count:,} classes"
