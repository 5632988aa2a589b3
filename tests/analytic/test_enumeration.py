"""Q-5: mean and variance against the enumeration of every level and every donor."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from lwoopro.allocation.target import Quota
from lwoopro.analytic.cuts import at_cuts, rank_counts, scores_given
from lwoopro.analytic.families import prepare_families
from lwoopro.analytic.inputs import Chances
from lwoopro.analytic.moments import LANES

FULL = 1 << 31
PLACES = (0, FULL // 4, FULL // 2)
"""Every threshold of these worlds is one of these, or the end: three steps per uniform."""

UNITS = 3


def world(seed: int) -> Chances:
    """Five drawn pupils and two recipients; all ways of sharing a parent, and more, by chance."""
    rng = np.random.default_rng(seed)
    rows = 12
    threshold = np.sort(rng.choice([*PLACES, FULL], (rows, 7)), axis=1).astype(np.uint32)
    drawn = 5
    # four persons; one can be the mother of one pupil and the father of another, or both
    mother_key, father_key = rng.integers(0, 4, (2, drawn))
    if rng.random() < 0.5:
        father_key[1], mother_key[1] = mother_key[0], father_key[0]
    mother_row = rng.integers(-1, rows, drawn).astype(np.int32)
    father_row = rng.integers(0, 4, drawn).astype(np.int32)
    follows = (rng.random(drawn) < 0.5) & (mother_row >= 0)
    father_row[~follows & (mother_row >= 0) & (rng.random(drawn) < 0.4)] = -1
    profiles = 3 * 64
    # few different scores, so that ties are common
    score = 1_000_000 * rng.integers(0, 12, profiles)
    _, rank = np.unique(score, return_inverse=True)
    unit = rng.integers(0, UNITS, (2, drawn))
    known = [rng.integers(0, high, (2, 4)) for high in (profiles, UNITS, 3)]
    donors = np.concatenate([rng.permutation(drawn)[:3], -1 - rng.integers(0, profiles, 2)])
    length = rng.integers(1, 5, 2)
    same = rng.random() < 0.3
    start = np.zeros(2, np.int64) if same else np.array([0, 1])
    length = np.repeat(length[:1], 2) if same else length
    recipient_unit = rng.integers(0, UNITS, (2, 2))
    pupils = np.stack(
        [
            np.bincount(unit[a], minlength=UNITS)
            + np.bincount(recipient_unit[a], minlength=UNITS)
            + np.bincount(known[1][a], weights=known[2][a], minlength=UNITS).astype(int)
            for a in range(2)
        ]
    )
    return Chances(
        year=2019,
        score=score,
        rank=rank.astype(np.int32),
        mother_step=8,
        threshold=threshold,
        base=64 * rng.integers(0, 3, drawn),
        mother_row=mother_row,
        father_row=father_row,
        father_follows=follows,
        mother_key=np.where(mother_row >= 0, mother_key, -1),
        father_key=np.where(father_row >= 0, father_key, -1),
        unit=unit,
        known_profile=(known[0][0], known[0][1]),
        known_unit=(known[1][0], known[1][1]),
        known_pupils=(known[2][0], known[2][1]),
        start=start,
        length=length,
        candidate=donors,
        recipient_unit=recipient_unit,
        pupils=pupils,
        asylum=np.zeros((2, UNITS), np.int64),
        quotas=(Quota(Decimal("0.3"), Fraction(2)),),
        ties="include",
    )


@dataclass(frozen=True)
class Outcomes:
    """Everything that can happen: probability, and the profile of every pupil who is not known."""

    chance: NDArray[np.float64]
    drawn: NDArray[np.int64]
    given: NDArray[np.int64]


def outcomes(chances: Chances) -> Outcomes:
    """Follow I-1, I-2 and I-5 word by word for every step of every uniform and every donor."""
    ends = [*PLACES[1:], FULL]
    width = {place: (end - place) / FULL for place, end in zip(PLACES, ends, strict=True)}
    lists = [range(size) for size in chances.length]
    chance, drawn, given = [], [], []
    for uniform in product(PLACES, repeat=4):
        profile = []
        for i in range(len(chances.base)):
            mother = father = 0
            row = int(chances.mother_row[i])
            if row >= 0:
                mother = int((chances.threshold[row] <= uniform[chances.mother_key[i]]).sum())
            row = int(chances.father_row[i])
            if row >= 0:
                row += mother if chances.father_follows[i] else 0
                father = int((chances.threshold[row] <= uniform[chances.father_key[i]]).sum())
            profile.append(int(chances.base[i]) + 8 * mother + father)
        for choice in product(*lists):
            copies = []
            for place, start in zip(choice, chances.start, strict=True):
                donor = int(chances.candidate[start + place])
                copies.append(profile[donor] if donor >= 0 else -1 - donor)
            chance.append(np.prod([width[u] for u in uniform]) / float(np.prod(chances.length)))
            drawn.append(profile)
            given.append(copies)
    return Outcomes(np.array(chance), np.array(drawn), np.array(given))


def features(chances: Chances, found: Outcomes, side: int, cut: int) -> NDArray[np.float64]:
    """Sums of the four features per outcome and swv, shape ``(outcome, swv, 4)``."""
    points = np.unique(chances.score) / 1e6

    def of(profile: NDArray[np.int64]) -> NDArray[np.float64]:
        height = points[chances.rank[profile]] - points[cut]
        return np.stack([height < 0, height <= 0, np.maximum(0, -height), height], axis=-1)

    total = np.zeros((len(found.chance), UNITS, 4))
    for group, unit in (
        (found.drawn, chances.unit[side]),
        (found.given, chances.recipient_unit[side]),
    ):
        for i, j in enumerate(unit):
            total[:, j] += of(group[:, i])
    known = of(chances.known_profile[side]) * chances.known_pupils[side][:, None]
    for j, value in zip(chances.known_unit[side], known, strict=True):
        total[:, j] += value
    return total


@pytest.mark.parametrize("seed", range(16))
def test_moments_are_those_of_the_enumeration(seed: int) -> None:
    chances = world(seed)
    found = outcomes(chances)
    assert found.chance.sum() == pytest.approx(1)
    families = prepare_families(chances)
    # every cut there is, so that several stand side by side; some fill more than one row of lanes
    cuts = [*range(len(families.distinct)), *range(len(families.distinct))]
    assert len(cuts) > LANES
    for cut, moments in zip(cuts, at_cuts(chances, families, cuts), strict=True):
        for side in range(2):
            total = features(chances, found, side, cut)
            mean = np.einsum("o,ojf->jf", found.chance, total)
            np.testing.assert_allclose(moments.mean[side], mean, atol=1e-12)
            beyond = total - mean
            country = beyond.sum(axis=1)
            own = np.einsum("o,ojf,ojg->jfg", found.chance, beyond, beyond)
            shared = np.einsum("o,ojf,og->jfg", found.chance, beyond, country)
            np.testing.assert_allclose(moments.own[side], own, atol=1e-11)
            np.testing.assert_allclose(moments.shared[side], shared, atol=1e-11)
        national = np.einsum("o,of,og->fg", found.chance, country, country)
        np.testing.assert_allclose(moments.national, national, atol=1e-11)


def test_the_worlds_hold_every_way_of_sharing_a_parent() -> None:
    roles = np.concatenate(
        [
            np.column_stack([*np.nonzero(_patterns(world(seed)))]).reshape(-1, 3)[:, 2]
            for seed in range(16)
        ]
    )
    assert set(roles.tolist()) == {0, 1, 2, 3, 4}


def _patterns(chances: Chances) -> NDArray[np.bool_]:
    """Pairs who share mother, father, mother and father crosswise; one person as both parents."""
    mother, father = chances.mother_key, chances.father_key

    def alike(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.asarray((one[:, None] == other) & (one >= 0)[:, None])

    own = np.eye(len(mother), dtype=bool)
    kinds = [alike(mother, mother) & ~own, alike(father, father) & ~own]
    kinds += [alike(mother, father) & ~own, alike(mother, father) & own]
    return np.stack([*kinds, kinds[0] & kinds[1]], axis=-1)


def test_expected_counts_per_score() -> None:
    chances = world(3)
    found = outcomes(chances)
    everyone = np.concatenate([found.drawn, found.given], axis=1)
    expected = np.zeros(int(chances.rank.max()) + 1)
    for rank in range(len(expected)):
        expected[rank] = found.chance @ (chances.rank[everyone] == rank).sum(axis=1)
    np.add.at(expected, chances.rank[chances.known_profile[0]], chances.known_pupils[0])
    np.testing.assert_allclose(rank_counts(prepare_families(chances)), expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_disadvantage_score_with_cut_and_means_held(seed: int) -> None:
    """D-1 with c, A and G fixed: exact mean and variance of S_j (Q-5)."""
    chances = replace(world(seed), asylum=np.array([[1, 0, 2], [0, 3, 0]]))
    found = outcomes(chances)
    families = prepare_families(chances)
    cut = len(families.distinct) // 2
    mean_score, asylum_score = 7.3, 2.9
    above = mean_score - families.distinct[cut]
    mean, variance = scores_given(chances, families, cut, mean_score, asylum_score)
    for side in range(2):
        total = features(chances, found, side, cut)
        score = total[..., 2] + above * total[..., 1]
        score = score + chances.asylum[side] * (mean_score - asylum_score)
        expected = found.chance @ score
        np.testing.assert_allclose(mean[side], expected, atol=1e-12)
        spread = found.chance @ (score - expected) ** 2
        np.testing.assert_allclose(variance[side], spread, atol=1e-10)
