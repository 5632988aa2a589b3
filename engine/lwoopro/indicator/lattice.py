"""The lattice of education scores: every combination of characteristics, in integers (S-4)."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import EDUCATION_LEVELS, TRACK_GROUP_OF_TRACK, TRACK_GROUPS
from lwoopro.errors import InputError, Problem
from lwoopro.indicator.file import Characteristic, Indicator
from lwoopro.pupils.table import Pupils

__all__ = ["FATHER_STEP", "MOTHER_STEP", "WIDEST", "Lattice", "build_lattice", "profile_bases"]

FATHER_STEP: Final = 1
MOTHER_STEP: Final = len(EDUCATION_LEVELS)
_EDUCATION: Final = len(EDUCATION_LEVELS) ** 2
_MOST_PROFILES: Final = 1 << 22
WIDEST: Final = 1 << 28
"""Scores must span less than this many millionths, so that they can be summed packed."""


@dataclass(frozen=True, eq=False)
class Lattice:
    """All profiles with their scores, in millionths of a score point.

    A profile's number has mixed digits, most significant first: track group, origin, stay, debt,
    added characteristics, education of the mother, education of the father.

    Attributes
    ----------
    score : int64 array, shape ``(profiles,)``
        S-1, in millionths.
    order : int64 array, shape ``(profiles,)``
        Profiles by score, lowest first.
    rank : int32 array, shape ``(profiles,)``
        Position of the profile's score in `distinct`.
    distinct : int64 array, shape ``(ranks,)``
        The different scores, rising.
    digit : int16 array, shape ``(profiles, characteristics)``
        Position in `categories` of each of the profile's codes.
    categories : tuple of str
        ``column=code`` for every code of every characteristic.
    sizes : tuple of int
        Number of codes of every digit before education.
    """

    score: NDArray[np.int64]
    order: NDArray[np.int64]
    rank: NDArray[np.int32]
    distinct: NDArray[np.int64]
    digit: NDArray[np.int16]
    categories: tuple[str, ...]
    sizes: tuple[int, ...]

    @property
    def profile_type(self) -> type[np.uint16] | type[np.uint32]:
        """Smallest type that holds every profile number."""
        return np.uint16 if len(self.score) <= 1 << 16 else np.uint32


def _digits(indicator: Indicator) -> list[tuple[str, tuple[str, ...], tuple[int, ...]]]:
    """Column, codes and values of every digit, most significant first."""

    def of(part: Characteristic) -> tuple[str, tuple[str, ...], tuple[int, ...]]:
        return part.column, part.codes, part.value

    before = (indicator.origin, indicator.stay, indicator.debt, *indicator.added)
    education = (indicator.education_mother, indicator.education_father)
    start = ("track_group", TRACK_GROUPS, indicator.start)
    return [start, *map(of, before), *map(of, education)]


def build_lattice(indicator: Indicator) -> Lattice:
    """Work out the score of every profile (S-1, S-4).

    Parameters
    ----------
    indicator : Indicator

    Returns
    -------
    Lattice

    Raises
    ------
    InputError
        There are too many combinations, or the scores lie too far apart to be counted exactly.
    """
    digits = _digits(indicator)
    profiles = int(np.prod([len(codes) for _, codes, _ in digits], dtype=np.int64))
    if profiles > _MOST_PROFILES:
        raise InputError(
            Problem(
                indicator.name,
                f"the added characteristics make {profiles:,} combinations",
                f"at most {_MOST_PROFILES:,}: use fewer or coarser codes",
            )
        )
    score = np.zeros(1, np.int64)
    digit = np.zeros((1, 0), np.int16)
    categories: list[str] = []
    for column, codes, values in digits:
        score = (score[:, None] + np.asarray(values, np.int64)).ravel()
        mark = np.tile(np.arange(len(codes), dtype=np.int16) + len(categories), len(digit))
        digit = np.column_stack([np.repeat(digit, len(codes), axis=0), mark])
        categories += [f"{column}={code}" for code in codes]
    distinct, rank = np.unique(score, return_inverse=True)
    if distinct[-1] - distinct[0] >= WIDEST:
        raise InputError(
            Problem(
                indicator.name,
                "the highest and the lowest possible score lie "
                f"{(distinct[-1] - distinct[0]) / 1e6:.1f} points apart",
                f"less than {WIDEST / 1e6:.0f} points",
            )
        )
    return Lattice(
        score=score,
        order=np.argsort(score, kind="stable"),
        rank=rank.astype(np.int32),
        distinct=distinct,
        digit=digit,
        categories=tuple(categories),
        sizes=tuple(len(codes) for _, codes, _ in digits[:-2]),
    )


def profile_bases(lattice: Lattice, indicator: Indicator, pupils: Pupils) -> NDArray[np.int64]:
    """Profile of every pupil with both education levels at zero.

    Parameters
    ----------
    lattice : Lattice
    indicator : Indicator
    pupils : Pupils
        Added characteristics stand in ``pupils.extra`` as code positions.

    Returns
    -------
    int64 array, shape ``(rows,)``
        -1 where a characteristic is empty: such a row has no score of its own (I-2 … I-4).
    """
    group = np.asarray(TRACK_GROUP_OF_TRACK, np.int64)[pupils.track]
    columns: list[NDArray[Any]] = [group, pupils.origin, pupils.stay, pupils.debt]
    columns += [pupils.extra[part.column] for part in indicator.added]
    base = np.zeros(len(pupils), np.int64)
    known = np.ones(len(pupils), bool)
    for size, column in zip(lattice.sizes, columns, strict=True):
        base = base * size + column
        known &= column >= 0
    return np.where(known, base * _EDUCATION, -1)
