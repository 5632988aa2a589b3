"""A small world in which the truth is known: pupils whose parents' levels are an ordered logit.

Covariates, schools and families stay the same in every replication. Levels are drawn anew: the
mother's from the covariates, the father's from the covariates and hers, as the engine's model has
it. Then levels are hidden, and the engine is asked for the disadvantage scores.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes
from lwoopro.indicator.file import Indicator
from lwoopro.indicator.lattice import MOTHER_STEP, Lattice, profile_bases
from lwoopro.pupils.table import Pupils

__all__ = ["SHARE", "SIZES", "YEAR", "Hiding", "World", "make_world"]

SIZES: Final = (60, 90, 130, 180, 240, 300, 360, 420, 480, 540, 600, 700)
"""Pupils of the swv: 4,100 in twelve. Ten times as many is about the size of real ones."""

SHARE: Final = 0.20

YEAR: Final = 2020
COMPLETE, NO_FATHER = map(codes.REGISTRATIONS.index, ("complete", "no_father"))
CUTS: Final = np.array([-2.2, -1.3, -0.6, 0.4, 0.9, 2.0, 3.0])
INCOME, OTHER, NORTH_AFRICA = 0.5, -0.4, -0.9
"""Effects on the mother's logit: per fifth of income, and of two origins."""
FATHER_INCOME, FROM_MOTHER = 0.25, 0.35
"""Effects on the father's logit: per fifth of income, and per level of the mother."""

BOTH_HIDDEN, FATHER_HIDDEN, MOTHER_HIDDEN = -0.75, -0.4, -1.0
"""Logits of being hidden: both parents, the father, and in any pattern the mother."""
BY_INCOME, BY_ORIGIN = -0.35, 0.5
"""How being hidden depends on income and origin, where it depends on them."""


@dataclass(frozen=True)
class Hiding:
    """Which levels are hidden.

    Attributes
    ----------
    by_covariates : bool
        It depends on income and origin; otherwise completely at random.
    by_level : float
        The logit of being hidden changes by this per level of the parent's own education: not at
        random, unless 0.
    any_pattern : bool
        The mother alone may be hidden, too.
    no_register : float
        Share of the pupils whose father is in no register: they copy a donor's score (I-2).
    """

    by_covariates: bool = False
    by_level: float = 0.0
    any_pattern: bool = False
    no_register: float = 0.0


@dataclass(frozen=True, eq=False)
class World:
    """What stays the same in every replication.

    Attributes
    ----------
    pupils : Pupils
        All levels are empty.
    family : int64 array, shape ``(pupils,)``
    income, origin : arrays, shape ``(families,)``
        Fifth of the income, 0 … 4, and origin code.
    swv : int64 array, shape ``(families,)``
    base : int64 array, shape ``(pupils,)``
        Profile with both levels at zero.
    lattice : Lattice
    """

    pupils: Pupils
    family: NDArray[np.int64]
    income: NDArray[np.int64]
    origin: NDArray[np.int64]
    swv: NDArray[np.int64]
    base: NDArray[np.int64]
    lattice: Lattice

    def levels(
        self, rng: np.random.Generator, local: float = 0.0
    ) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """Draw the true levels of mother and father of every family.

        Parameters
        ----------
        rng : Generator
        local : float
            Spread of differences between the swv that no covariate tells, in logits.
        """
        other = self.origin == codes.ORIGINS.index("other")
        africa = self.origin == codes.ORIGINS.index("north_africa")
        base = INCOME * (self.income - 2.0) + OTHER * other + NORTH_AFRICA * africa
        base += local * rng.normal(size=len(SIZES))[self.swv]
        chance = rng.logistic(size=(2, len(base)))
        mother = np.searchsorted(CUTS, base + chance[0])
        from_mother = FATHER_INCOME * (self.income - 2.0) + FROM_MOTHER * (mother - 3.0)
        father = np.searchsorted(CUTS, from_mother + chance[1])
        return mother.astype(np.int8), father.astype(np.int8)

    def hide(
        self,
        rng: np.random.Generator,
        mother: NDArray[np.int8],
        father: NDArray[np.int8],
        how: Hiding,
    ) -> Pupils:
        """Pupils as the engine sees them: with levels, some of them empty."""
        lean = np.zeros(len(mother))
        if how.by_covariates:
            lean += BY_INCOME * (self.income - 2.0) + BY_ORIGIN * (self.origin > 0)
        from_mother = lean + how.by_level * (mother - 3.0)
        from_father = lean + how.by_level * (father - 3.0)
        u = rng.random((3, len(mother)))
        both = u[0] < _chance(BOTH_HIDDEN + from_mother)
        no_father = both | (u[1] < _chance(FATHER_HIDDEN + from_father))
        no_mother = both
        if how.any_pattern:
            no_mother = both | (u[2] < _chance(MOTHER_HIDDEN + from_mother))
        absent = rng.random(len(self.family)) < how.no_register
        return replace(
            self.pupils,
            education_mother=np.where(no_mother, codes.EMPTY, mother)[self.family].astype(np.int8),
            education_father=np.where(no_father, codes.EMPTY, father)[self.family].astype(np.int8),
            registration=np.where(absent, NO_FATHER, COMPLETE).astype(np.int8),
        )

    def realised(self, mother: NDArray[np.int8], father: NDArray[np.int8]) -> NDArray[np.float64]:
        """S_j of the truth, by D-1 word by word; shape ``(swv,)``, in score points."""
        profile = self.base + (MOTHER_STEP * mother.astype(np.int64) + father)[self.family]
        score = self.lattice.score[profile]
        cut = np.sort(score)[int(np.ceil(round(SHARE * len(score), 9))) - 1]
        gap = np.where(score <= cut, score.mean() - score, 0.0) / 1e6
        return np.bincount(self.pupils.school_swv, gap, minlength=len(SIZES))


def _chance(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-logit))


def make_world(indicator: Indicator, lattice: Lattice, times: int = 1) -> World:
    """Make the pupils: one year, one in ten with a brother or sister, other people in other swv.

    Parameters
    ----------
    indicator : Indicator
    lattice : Lattice
    times : int
        Factor on `SIZES`.
    """
    rng = np.random.default_rng(1)
    swv_of = np.repeat(np.arange(len(SIZES)), times * np.array(SIZES))
    rows = len(swv_of)
    # a pupil is sometimes of the family of the one before, at the same swv
    same = (rng.random(rows) < 0.1) & (np.diff(swv_of, prepend=-1) == 0)
    family = np.cumsum(~same) - 1
    first = np.flatnonzero(~same)
    swv = swv_of[first]
    families = len(first)
    richer = np.linspace(-0.8, 0.8, len(SIZES))[rng.permutation(len(SIZES))]
    income = np.clip(np.rint(2 + 1.4 * rng.normal(size=families) + richer[swv]), 0, 4)
    third = np.clip(0.2 - 0.15 * richer[swv], 0.05, 0.6)
    u = rng.random(families)
    names = codes.ORIGINS
    origin = np.where(u < third, names.index("north_africa"), names.index("nl"))
    origin = np.where(u > 0.88, names.index("other"), origin)
    nobody = np.full(rows, codes.NO_CLASS, np.int64)
    empty = np.full(rows, codes.EMPTY, np.int8)
    pupils = Pupils(
        year=np.full(rows, YEAR, np.int16),
        pupil_id=np.arange(1, rows + 1),
        school=swv_of.astype(np.int32),
        schools=tuple(f"00AA{k:02d}" for k in range(len(SIZES))),
        school_swv=swv_of.astype(np.int16),
        home_swv=swv_of.astype(np.int16),
        swv=tuple(f"VO{2001 + k}" for k in range(len(SIZES))),
        grade=np.full(rows, 3, np.int8),
        track=rng.integers(0, 4, rows).astype(np.int8),
        registration=np.zeros(rows, np.int8),
        asylum=np.zeros(rows, bool),
        mother_id=2 * family + 1,
        father_id=2 * family + 2,
        has_mother_id=np.ones(rows, bool),
        has_father_id=np.ones(rows, bool),
        education_mother=empty,
        education_father=empty,
        education_class_mother=nobody,
        education_class_father=nobody,
        origin=origin[family].astype(np.int8),
        stay=np.zeros(rows, np.int8),
        debt=np.zeros(rows, np.int8),
        extra={"income": income[family]},
    )
    return World(
        pupils=pupils,
        family=family,
        income=income.astype(np.int64),
        origin=origin,
        swv=swv,
        base=profile_bases(lattice, indicator, pupils),
        lattice=lattice,
    )
