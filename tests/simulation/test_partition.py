"""Pupils in parts: however they are cut and in whatever order, the same bits (Q-2, D-5)."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from lwoopro.kernels.philox import seed_key
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.partition import cut_up, parted_pieces, worth_it
from lwoopro.simulation.pieces import (
    counters,
    donated_profiles,
    draw_pieces,
    drawn_profiles,
    thresholds_of,
)
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study

DRAWS = range(3, 17)


def prepared(study: Path, more: str = "") -> Prepared:
    study.write_text(study.read_text("utf-8") + more, "utf-8")
    loaded = load_study(study)
    return prepare(loaded, load_inputs(loaded))[0]


def arguments(state: Prepared, year: int) -> tuple:
    thresholds = thresholds_of(state.thresholds, state.model, state.seed, DRAWS)
    plan = state.plans[year]
    splits = state.splits[year]
    return plan, state.lattice, thresholds, state.seed, DRAWS, state.sources, splits


def assert_same(one: object, other: object) -> None:
    for field in fields(one):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if isinstance(first, tuple):
            assert len(first) == len(second)
            for a, b in zip(first, second, strict=True):
                assert_same(a, b)
        else:
            assert first.dtype == second.dtype
            np.testing.assert_array_equal(first, second, field.name)


MORE = {
    "as it is": "",
    "fixed": "[uncertainty]\neducation = false\n",
    "no donors": "[uncertainty]\ndonors = false\n",
    "coefficients": "[uncertainty]\ncoefficients = true\n",
}


@pytest.mark.parametrize("more", MORE.values(), ids=MORE.keys())
@pytest.mark.parametrize("most", [7, 60, 10**9])
def test_parts_of_any_size_give_the_same_bits(small_study: Path, more: str, most: int) -> None:
    state = prepared(small_study, more)
    for year in range(2):
        given = arguments(state, year)
        expected = draw_pieces(*given, state.coefficients)
        parts, far = cut_up(given[0], most)
        assert len(parts) >= 75 or most > 60
        found = parted_pieces(*given, state.coefficients, parts=(parts, far))
        assert_same(expected[0], found[0])
        assert_same(expected[1], found[1])
        # the smaller the parts, the more donors stand elsewhere; all of them are somewhere
        assert sum(len(part.copied.unit) for part in parts) + len(far.unit) == len(
            given[0].copied.unit
        )
        assert len(far.unit) > 0
        assert most < 60 or len(far.unit) < 0.5 * len(given[0].copied.unit)


def test_the_order_of_the_parts_does_not_matter(small_study: Path) -> None:
    state = prepared(small_study)
    given = arguments(state, 1)
    expected = draw_pieces(*given)
    parts, far = cut_up(given[0], 40)
    order = np.random.default_rng(4).permutation(len(parts))
    found = parted_pieces(*given, parts=([parts[place] for place in order], far))
    assert_same(expected[0], found[0])
    assert_same(expected[1], found[1])


@pytest.mark.parametrize("attribution", ["school", "home"])
def test_factors_from_the_counts_are_those_of_the_pupils(
    small_study: Path, attribution: str
) -> None:
    """The sums of R-10, pupil by pupil."""
    more = (
        '[[policy]]\nname = "x"\nkind = "indicator"\nshare = 0.20\n'
        f'attribution = "{attribution}"\n[report]\nsplit = ["x"]\n'
    )
    state = prepared(small_study, more)
    plan, lattice, thresholds, seed, draws, sources, _ = arguments(state, 1)
    (split,) = state.splits[1]
    _, profile = parted_pieces(
        plan, lattice, thresholds, seed, draws, sources, [split], parts=cut_up(plan, 50)
    )
    (sums,) = profile.factors
    pieces, _ = draw_pieces(plan, lattice, thresholds, seed, draws, sources)
    # whole counters: the kernels give four draws of each
    group, groups = counters(draws)
    key, columns = seed_key(seed), 4 * groups
    drawn = drawn_profiles(plan.imputed, lattice, thresholds, key, group, columns, sources)
    given = donated_profiles(plan.copied, lattice, drawn, key, group, sources)
    lane = np.arange(columns).reshape(4, groups).T.ravel()
    first = draws.start - 4 * group
    for d in range(len(draws)):
        column = lane[first + d]
        cut = pieces.cut[d, split.share]
        for part, profiles, below, at in (
            (plan.imputed, drawn[:, column], sums.below, sums.at),
            (plan.copied, given[:, column], sums.donated_below, sums.donated_at),
        ):
            unit = part.unit.copy()
            if attribution == "home":
                unit[part.moves.entering] = part.moves.home
            score = lattice.score[profiles]
            rank = np.searchsorted(lattice.distinct, cut)
            of_known = (0, 0)
            if part is plan.imputed:
                low, high = split.fixed[:, :, rank], split.fixed[:, :, rank + 1]
                of_known = (low, high - low)
            for inside, found, known in ((score < cut, below, 0), (score == cut, at, 1)):
                weights = np.column_stack([np.ones(len(unit), np.int64), split.value[profiles]])
                expected = np.zeros((4, 75), np.int64)
                np.add.at(expected.T, unit[inside], weights[inside])
                np.testing.assert_array_equal(found[..., d], expected + of_known[known])


def test_small_years_go_as_a_whole(small_study: Path) -> None:
    state = prepared(small_study)
    plan = state.plans[0]
    assert not worth_it(plan, state.lattice)
    many = np.zeros(75 * len(state.lattice.score) + 1, np.int16)
    assert worth_it(replace(plan, imputed=replace(plan.imputed, unit=many)), state.lattice)
