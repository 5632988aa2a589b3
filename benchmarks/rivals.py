"""What a good analyst would write in NumPy: one draw at a time, vectorised over the pupils.

The rival computes the same quantities as the engine: levels by inversion, scores, donors, the cut
of every share, asylum pupils, and per swv, share and attribution the disadvantage score. It may use
any uniforms: NumPy's own when it is timed, the engine's when the results are compared.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lwoopro.indicator.lattice import FATHER_STEP, MOTHER_STEP, Lattice
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.plan import YearPlan

__all__ = ["NumpyWorld", "numpy_draw", "numpy_world"]

Uniforms = Callable[[str, int], NDArray[np.float64]]
"""Gives uniforms in [0, 1) for "mother", "father" or "donor", and how many."""


@dataclass(frozen=True, eq=False)
class NumpyWorld:
    """One year laid out as an analyst would: plain columns over all pupils.

    Attributes
    ----------
    score : float64 array, shape ``(profiles,)``
        In score points.
    known_profile, known_school, known_home : arrays over the known pupils
    """

    plan: YearPlan
    score: NDArray[np.float64]
    cumulative: NDArray[np.float64]
    known_profile: NDArray[np.int64]
    known_school: NDArray[np.int64]
    known_home: NDArray[np.int64]
    shares: NDArray[np.float64]
    mother: NDArray[np.int64]
    father: NDArray[np.int64]


def numpy_world(prepared: Prepared, year: int = 0) -> NumpyWorld:
    """Lay out one year of a prepared study for the rival."""
    plan, lattice = prepared.plans[year], prepared.lattice
    profile, school, home = _known(plan, lattice)
    return NumpyWorld(
        plan=plan,
        score=lattice.score / 1e6,
        cumulative=prepared.thresholds / 2**31,
        known_profile=profile,
        known_school=school,
        known_home=home,
        shares=np.array([float(quota.share) for quota in plan.quotas]),
        mother=np.flatnonzero(plan.imputed.mother_row >= 0),
        father=np.flatnonzero(plan.imputed.father_row >= 0),
    )


def _known(
    plan: YearPlan, lattice: Lattice
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pupils with the same scores per swv as the plan's counts; which is whose does not matter."""
    columns = []
    for side in range(2):
        count = np.diff(plan.fixed_count[side], axis=1)
        unit, rank = np.nonzero(count)
        columns.append(np.repeat(np.stack([unit, rank]), count[unit, rank], axis=1))
    school, home = (c[0][np.argsort(c[1], kind="stable")] for c in columns)
    rank = np.sort(columns[0][1])
    first = np.zeros(len(lattice.distinct), np.int64)
    first[lattice.rank[::-1]] = np.arange(len(lattice.rank))[::-1]
    return first[rank], school, home


def _levels(world: NumpyWorld, rows: NDArray[np.int32], uniform: NDArray[np.float64]) -> NDArray:
    return (uniform[:, None] >= world.cumulative[rows]).sum(axis=1)


def numpy_draw(world: NumpyWorld, uniforms: Uniforms) -> NDArray[np.float64]:
    """Disadvantage scores of one draw, shape ``(attribution, share, swv)``."""
    plan = world.plan
    imputed, copied = plan.imputed, plan.copied
    profile = imputed.base.astype(np.int64)
    for who, rows, step in (
        (world.mother, imputed.mother_row, MOTHER_STEP),
        (world.father, imputed.father_row, FATHER_STEP),
    ):
        role = "mother" if step == MOTHER_STEP else "father"
        profile[who] += step * _levels(world, rows[who], uniforms(role, len(who)))
    pick = (uniforms("donor", len(copied.person)) * copied.length).astype(np.int64)
    donor = copied.candidate[copied.start + pick]
    given = np.where(donor >= 0, profile[np.maximum(donor, 0)], -1 - donor)
    score = world.score[np.concatenate([world.known_profile, profile, given])]

    school = np.concatenate([world.known_school, imputed.unit, copied.unit])
    home_imputed, home_copied = imputed.unit.copy(), copied.unit.copy()
    home_imputed[imputed.moves.entering] = imputed.moves.home
    home_copied[copied.moves.entering] = copied.moves.home
    home = np.concatenate([world.known_home, home_imputed, home_copied])

    ordered = np.sort(score)
    asylum = plan.asylum.sum(axis=1)[0]
    everyone = len(score) + asylum
    swv = plan.pupils.shape[1]
    result = np.empty((2, len(world.shares), swv))
    total = score.sum()
    for s, quota in enumerate(plan.quotas):
        cut = ordered[quota.need - 1]
        member = score <= cut
        target_mean = score[member].mean()
        mean = (total + asylum * target_mean) / everyone
        gap = mean - score[member]
        for side, unit in enumerate((school, home)):
            result[side, s] = np.bincount(unit[member], weights=gap, minlength=swv)
            result[side, s] += plan.asylum[side] * (mean - target_mean)
    return result
