"""Swv of more pupils than a packed word holds give the same bits (D-5, U-2, R-10)."""

from dataclasses import replace

import numpy as np
import pytest
from tests.conftest import STUDY
from tests.simulation.test_banded import AT_HOME, SPLIT, simulate

from lwoopro.kernels.pieces import add_known
from lwoopro.kernels.sums import SUM_BITS
from lwoopro.simulation import banded, crowded, pieces, plan
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.crowded import (
    most_moved,
    most_packed,
    sets_of,
    stretches,
    unpacked,
    with_fixed,
)
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.pieces import expected_bands
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A study whose swv consist of several portions."""
    path = tmp_path_factory.mktemp("crowded") / "study.toml"
    path.write_text(STUDY.replace("scale = 0.01", "scale = 0.05") + AT_HOME + SPLIT, "utf-8")
    study = load_study(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "_PORTION", 10)
        return prepare(study, load_inputs(study))[0]


def pupils_per_set(prepared: Prepared, sets: np.ndarray) -> dict[tuple[int, int], int]:
    """Drawn pupils of each set and swv, one by one."""
    year = prepared.plans[1]
    many: dict[tuple[int, int], int] = {}
    for number, (run, last_run, first, last) in zip(sets.tolist(), year.portions, strict=True):
        own = year.imputed.unit[year.imputed.run[run] : year.imputed.run[last_run]]
        for unit in [*own.tolist(), *year.copied.unit[first:last].tolist()]:
            many[number, unit] = many.get((number, unit), 0) + 1
    return many


def test_no_set_has_more_than_a_word_holds(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    year, lattice = prepared.plans[1], prepared.lattice
    whole = pupils_per_set(prepared, np.zeros(len(year.portions), np.int64))
    most = max(whole.values())
    assert most > 40
    for limit in (most, most - 1, most // 2, most // 3):
        monkeypatch.setattr(crowded, "most_packed", lambda _, limit=limit: limit)
        sets = sets_of(year, lattice)
        assert sets is not None
        found = pupils_per_set(prepared, sets)
        assert max(found.values()) <= limit
        assert sum(found.values()) == len(year.imputed.unit) + len(year.copied.unit)
        assert (sets.max() == 0) == (limit == most)
        told = np.full(len(sets), -1)
        for first, last, number in stretches(sets):
            assert (told[first:last] == -1).all()
            told[first:last] = number
        assert told.tolist() == sets.tolist()
    monkeypatch.setattr(crowded, "most_packed", lambda _: 2)
    assert sets_of(year, lattice) is None
    monkeypatch.setattr(pieces, "fits_packed", lambda *_: False)
    asked = lattice, prepared.thresholds, None, prepared.seed, prepared.sources
    assert expected_bands(year, *asked) is None


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_sets_of_sums_change_nothing(
    prepared: Prepared, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    year = prepared.plans[1]
    assert year.bands is not None and year.bands.sets is None
    assert len(prepared.splits[1]) == 2
    slow = simulate(prepared, None)
    most = max(pupils_per_set(prepared, np.zeros(len(year.portions), np.int64)).values())
    monkeypatch.setattr(crowded, "most_packed", lambda _: -(-most // parts))
    sets = sets_of(year, prepared.lattice)
    assert sets is not None and sets.max() + 1 >= parts
    # border pupils by twos: more than one word of moves
    monkeypatch.setattr(banded, "most_moved", lambda _: 2)
    monkeypatch.delattr(pieces, "_count_by_draw")
    monkeypatch.delattr(banded, "_sides")
    fast = simulate(prepared, replace(year.bands, sets=sets))
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_a_word_holds(prepared: Prepared) -> None:
    for height, most in ((0, (1 << 19) - 1), (1 << 25, (1 << 19) - 1), (1 << 26, (1 << 18) - 1)):
        lattice = replace(prepared.lattice, distinct=np.array([5, 5 + height]))
        assert most_packed(lattice) == most
        assert most * height < 1 << SUM_BITS
        assert most_moved(lattice) * height < 1 << (SUM_BITS - 1)
    steep = replace(prepared.lattice, distinct=np.array([0, 1 << 44]))
    assert most_packed(steep) == 0 and most_moved(steep) == 1


def test_words_below_zero_are_taken_apart() -> None:
    numbers = np.random.Generator(np.random.Philox(5))
    many = numbers.integers(-(1 << 19), 1 << 19, (3, 40))
    total = numbers.integers(-(1 << 43), 1 << 43, (3, 40))
    total[0, :2] = -(1 << 43), (1 << 43) - 1
    found = unpacked((many << SUM_BITS) + total)
    np.testing.assert_array_equal(found[0], many)
    np.testing.assert_array_equal(found[1], total)


def test_known_pupils_are_added_as_the_kernel_does() -> None:
    numbers = np.random.Generator(np.random.Philox(6))
    shares, swv, draws, ranks = 2, 3, 5, 7
    below, at = (numbers.integers(0, 900, (shares, swv, draws)) for _ in range(2))
    total, rest = (numbers.integers(0, 10**6, (shares, swv, draws)) for _ in range(2))
    count, score = (numbers.integers(0, 50, (swv, ranks + 1)).cumsum(axis=1) for _ in range(2))
    cut_rank = numbers.integers(0, ranks, (shares, draws)).astype(np.int32)
    expected = tuple(np.zeros((shares, swv, draws), np.int64) for _ in range(3))
    words = (below << SUM_BITS) + total, (at << SUM_BITS) + rest
    add_known(*expected, *words, count, score, cut_rank)
    for one, other in zip(
        with_fixed(below, at, total, count, score, cut_rank), expected, strict=True
    ):
        np.testing.assert_array_equal(one, other)
