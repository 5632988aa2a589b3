"""Counts by band are those of the way round: cuts first, sums then (D-5, R-10)."""

from dataclasses import replace

import numpy as np
import pytest
from tests.conftest import STUDY

from lwoopro.kernels.philox import seed_key
from lwoopro.kernels.sums import SUM_BITS
from lwoopro.simulation import pieces
from lwoopro.simulation.banded import fits_packed
from lwoopro.simulation.bands import Bands, part_ranks
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.factors import FactorSums
from lwoopro.simulation.found import words_of
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.pieces import Sources, draw_pieces, drawn_profiles, expected_bands
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study

SPLIT = '[report]\nsplit = ["indicator-20-school", "at-home"]\n'
AT_HOME = """
[[policy]]
name = "at-home"
kind = "indicator"
share = 0.15
attribution = "home"
"""
DRAWS = range(3, 26)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    path = tmp_path_factory.mktemp("banded") / "study.toml"
    path.write_text(STUDY + AT_HOME + SPLIT, "utf-8")
    study = load_study(path)
    return prepare(study, load_inputs(study))[0]


def flat(found: tuple) -> list[np.ndarray]:
    """Every array of pieces and profile."""
    arrays = []
    for part in found:
        for value in vars(part).values():
            for item in value if isinstance(value, tuple) else (value,):
                arrays += vars(item).values() if isinstance(item, FactorSums) else [item]
    return arrays


def simulate(prepared: Prepared, bands: Bands | None, year: int = 1) -> list[np.ndarray]:
    plan = replace(prepared.plans[year], bands=bands)
    thresholds = prepared.thresholds[:, :, None]
    splits = prepared.splits[year]
    return flat(
        draw_pieces(
            plan, prepared.lattice, thresholds, prepared.seed, DRAWS, prepared.sources, splits
        )
    )


def test_both_ways_give_the_same(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(prepared.splits[1]) == 2
    slow = simulate(prepared, None)
    # with bands, the slow way is not gone
    monkeypatch.delattr(pieces, "_count_by_draw")
    fast = simulate(prepared, prepared.plans[1].bands)
    assert len(fast) == len(slow) == 7 + 3 + 2 * 6
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("where", ["low", "high", "middle"])
def test_a_cut_that_nobody_expected_changes_nothing(prepared: Prepared, where: str) -> None:
    """The bands are a guess: a wrong one costs time, never a bit."""
    bands = prepared.plans[1].bands
    assert bands is not None
    rank, ranks = prepared.lattice.rank, len(prepared.lattice.distinct)
    upto = {
        "low": np.arange(ranks) + 10**6,
        "high": np.arange(ranks) - 10**6,
        "middle": np.arange(ranks),
    }[where]
    need = np.full(2, ranks // 2)
    wrong = part_ranks(np.stack([upto] * 4, axis=1), need, rank)
    assert wrong is not None
    assert set(wrong.low.tolist()).isdisjoint(bands.low.tolist())
    for one, other in zip(simulate(prepared, wrong), simulate(prepared, None), strict=True):
        np.testing.assert_array_equal(one, other)


def test_bands_are_where_the_cuts_are() -> None:
    numbers = np.random.Generator(np.random.Philox(3))
    pupils = numbers.poisson(20, (50, 40)).cumsum(axis=0)
    need = np.array([200, 210, 700])
    bands = part_ranks(pupils[:, :16], need, np.arange(50, dtype=np.int32))
    assert bands is not None
    cut = np.argmax(pupils[:, None] >= need[:, None], axis=0)
    assert (bands.low[:, None] <= cut).all() and (cut <= bands.high[:, None]).all()
    # every rank has its band, and expected ones have it for themselves
    starts = bands.first[bands.of_profile]
    assert (np.diff(bands.of_profile) >= 0).all() and (starts <= np.arange(50)).all()
    for low, high in zip(bands.low, bands.high, strict=True):
        alone = np.arange(low, high + 1)
        assert starts[alone].tolist() == alone.tolist()
        assert high == 49 or starts[high + 1] == high + 1
    of_share = bands.of_share(2, np.arange(50, dtype=np.int32))
    assert of_share[bands.low[2]] == 1 and of_share[bands.low[2] - 1] == 0
    assert of_share[49] == bands.high[2] - bands.low[2] + 2 or bands.high[2] == 49


def test_too_many_possible_cuts_are_no_bands() -> None:
    pupils = np.stack([np.arange(5000), np.arange(5000) + 4000], axis=1)
    assert part_ranks(pupils, np.array([3000]), np.arange(5000, dtype=np.int32)) is None


@pytest.mark.parametrize(
    ("pupils", "height", "fits"),
    [
        (10_000, 40_000_000, True),
        ((1 << 19) - 1, 1 << 25, True),
        (1 << 19, 1, False),
        (1 << 18, 1 << 26, False),
        ((1 << 18) - 1, 1 << 26, True),
    ],
)
def test_sums_that_a_packed_word_does_not_hold_are_in_sets(
    prepared: Prepared, pupils: int, height: int, fits: bool
) -> None:
    plan = prepared.plans[1]
    counts = np.array([[5, 7], [5, pupils]])
    lattice = replace(prepared.lattice, distinct=np.array([-3, height - 3]))
    assert fits_packed(replace(plan, pupils=counts), lattice) is fits
    crowded = replace(plan, pupils=np.full_like(plan.pupils, 1 << 20))
    asked = (prepared.lattice, prepared.thresholds, None, prepared.seed, prepared.sources)
    for expected, seen in ((plan, None), (crowded, [0] * len(plan.portions))):
        bands = expected_bands(expected, *asked)
        assert bands is not None
        assert (None if bands.sets is None else bands.sets.tolist()) == seen


def test_a_word_of_band_and_score_is_as_short_as_can_be() -> None:
    band = np.array([[0, 12], [3, 1]], np.uint8)
    for highest, kind in ((1 << 28) - 1, np.uint32), (1 << 28, np.uint64):
        height = np.array([[7], [highest]])
        word, bits = words_of(band, height + (1 << SUM_BITS))
        assert word.dtype == kind and bits == highest.bit_length()
        np.testing.assert_array_equal(word >> bits, band)
        np.testing.assert_array_equal(word & ((1 << bits) - 1), np.broadcast_to(height, (2, 2)))


def test_known_pupils_move_between_school_and_home(prepared: Prepared) -> None:
    plan = prepared.plans[1]
    shape = plan.pupils.shape[1], len(plan.fixed)
    school, home, moved = (np.zeros(shape, np.int64) for _ in range(3))
    for table, (profile, unit, many) in zip(
        (school, home, moved), (*plan.fixed_cells, plan.fixed_moves), strict=True
    ):
        assert (many != 0).all()
        table[unit, profile] = many
    assert moved.any()
    np.testing.assert_array_equal(school + moved, home)


@pytest.mark.parametrize("with_bands", [True, False])
def test_factors_of_imputed_pupils(prepared: Prepared, with_bands: bool) -> None:
    """Each factor is summed under its own name, for pupils who are drawn, too (R-10)."""
    plan, lattice, split = prepared.plans[1], prepared.lattice, prepared.splits[1][0]
    if not with_bands:
        plan = replace(plan, bands=None)
    thresholds, draws = prepared.thresholds[:, :, None], range(4)
    found, profile = draw_pieces(
        plan, lattice, thresholds, prepared.seed, draws, Sources(), prepared.splits[1]
    )
    drawn = drawn_profiles(
        plan.imputed, lattice, thresholds, seed_key(prepared.seed), 0, 4, Sources()
    )
    sums = profile.factors[0]
    assert split.attribution == 0
    cut = found.cut[:, split.share]
    for d in range(4):
        lane = drawn[:, d]
        inside = lattice.score[lane] < cut[d]
        fixed = split.fixed[:, :, np.searchsorted(lattice.distinct, cut[d])]
        for f in range(3):
            weights = split.value[lane, f] * inside
            mine = np.bincount(plan.imputed.unit, weights=weights, minlength=fixed.shape[1])
            np.testing.assert_array_equal(sums.below[1 + f, :, d], mine + fixed[1 + f])
