"""From the prepared study to the analytic twin (Q-5)."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.target import Ties
from lwoopro.analytic.inputs import Chances
from lwoopro.indicator.lattice import MOTHER_STEP, Lattice
from lwoopro.kernels.philox import fill_words, seed_key
from lwoopro.pupils.order import numbered, order_by
from lwoopro.simulation.pieces import Sources, drawn_profiles
from lwoopro.simulation.plan import Moves, YearPlan

__all__ = ["chances_of", "twin_size"]

Ints = NDArray[np.int64]


def chances_of(
    plan: YearPlan,
    lattice: Lattice,
    thresholds: NDArray[np.uint32],
    ties: Ties,
    seed: int,
    sources: Sources,
) -> Chances:
    """Say what chance decides in one year; a source that is off is decided by draw 0 (Q-1).

    Parameters
    ----------
    plan : YearPlan
    lattice : Lattice
    thresholds : uint32 array, shape ``(rows, 7)``
    ties : str
    seed : int
    sources : Sources

    Returns
    -------
    Chances
    """
    imputed, copied = plan.imputed, plan.copied
    unit = _sides(imputed.unit, imputed.moves)
    key = _keys(
        np.concatenate([imputed.mother_word, imputed.father_word]),
        np.concatenate([imputed.mother_person, imputed.father_person]),
        np.concatenate([imputed.mother_row, imputed.father_row]) >= 0,
    )
    drawn = len(imputed.base)
    chances = Chances(
        year=plan.year,
        score=lattice.score,
        rank=lattice.rank,
        mother_step=MOTHER_STEP,
        threshold=thresholds,
        base=imputed.base.astype(np.int64),
        mother_row=imputed.mother_row,
        father_row=imputed.father_row,
        father_follows=imputed.father_follows,
        mother_key=key[:drawn],
        father_key=key[drawn:],
        unit=unit,
        known_profile=tuple(cells[0] for cells in plan.fixed_cells),
        known_unit=tuple(cells[1] for cells in plan.fixed_cells),
        known_pupils=tuple(cells[2] for cells in plan.fixed_cells),
        start=copied.start,
        length=copied.length,
        candidate=copied.candidate.astype(np.int64),
        recipient_unit=_sides(copied.unit, copied.moves),
        pupils=plan.pupils,
        asylum=plan.asylum,
        quotas=plan.quotas,
        ties=ties,
    )
    if not sources.education:
        chances = _education_held(chances, plan, lattice, thresholds, seed, sources)
    if not sources.donors:
        chances = _donors_held(chances, plan, seed)
    return chances


def twin_size(plan: YearPlan) -> int:
    """Count the entries that the twin of a year works with: pupils, donors per swv, pairs."""
    imputed, copied = plan.imputed, plan.copied
    key = _keys(
        np.concatenate([imputed.mother_word, imputed.father_word]),
        np.concatenate([imputed.mother_person, imputed.father_person]),
        np.concatenate([imputed.mother_row, imputed.father_row]) >= 0,
    )
    alike = np.bincount(key[key >= 0])
    pairs = int((alike * (alike - 1) // 2).sum())
    _, cell = numbered(copied.start * plan.pupils.shape[1] + copied.unit)
    # every class once per swv that it has recipients in
    length = np.zeros(len(cell), np.int64)
    length[cell] = copied.length
    return len(imputed.base) + len(copied.candidate) + int(length.sum()) + pairs


def _sides(unit: NDArray[np.int16], moves: Moves) -> Ints:
    """Swv by school and by home."""
    home = unit.copy()
    home[moves.entering] = moves.home
    return np.stack([unit, home]).astype(np.int64)


def _keys(word: NDArray[np.uint64], person: NDArray[np.uint64], drawn: NDArray[np.bool_]) -> Ints:
    """Give uniforms numbers: it is the same one where word and person agree."""
    of_drawn = np.flatnonzero(drawn)
    of_drawn = of_drawn[order_by(person[of_drawn], word[of_drawn])]
    person, word = person[of_drawn], word[of_drawn]
    first = np.ones(len(of_drawn), bool)
    first[1:] = (word[1:] != word[:-1]) | (person[1:] != person[:-1])
    number = np.full(len(drawn), -1)
    number[of_drawn] = np.cumsum(first) - 1
    return number


def _education_held(
    chances: Chances,
    plan: YearPlan,
    lattice: Lattice,
    thresholds: NDArray[np.uint32],
    seed: int,
    sources: Sources,
) -> Chances:
    """Give every drawn pupil the levels of draw 0: then he is known."""
    columns = 4
    profile = drawn_profiles(
        plan.imputed, lattice, thresholds, seed_key(seed), 0, columns, sources
    )[:, 0].astype(np.int64)
    ones = np.ones(len(profile), np.int64)
    nobody = np.zeros(0, np.int64)
    candidate = chances.candidate.copy()
    open_ = candidate >= 0
    candidate[open_] = -1 - profile[candidate[open_]]
    return replace(
        chances,
        base=nobody,
        mother_row=nobody.astype(np.int32),
        father_row=nobody.astype(np.int32),
        father_follows=nobody.astype(bool),
        mother_key=nobody,
        father_key=nobody,
        unit=np.zeros((len(chances.unit), 0), np.int64),
        known_profile=tuple(np.concatenate([one, profile]) for one in chances.known_profile),
        known_unit=tuple(
            np.concatenate([one, own])
            for one, own in zip(chances.known_unit, chances.unit, strict=True)
        ),
        known_pupils=tuple(np.concatenate([one, ones]) for one in chances.known_pupils),
        candidate=candidate,
    )


def _donors_held(chances: Chances, plan: YearPlan, seed: int) -> Chances:
    """Leave every recipient the donor of draw 0."""
    copied, key = plan.copied, seed_key(seed)
    words = np.empty(4, np.uint32)
    place = np.empty(len(copied.person), np.int64)
    for i in range(len(place)):
        fill_words(words, key, 0, copied.word[i], copied.person[i], False)
        place[i] = (int(words[0]) * int(copied.length[i])) >> 32
    chosen = chances.candidate[chances.start + place]
    return replace(
        chances,
        candidate=chosen,
        start=np.arange(len(chosen)),
        length=np.ones(len(chosen), np.int64),
    )
