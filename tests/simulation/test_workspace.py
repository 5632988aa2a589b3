"""Memory that passes share: lent anew, never mixed up."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from lwoopro.kernels.levels import BLOCK
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.pieces import draw_pieces
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.workspace import Workspace
from lwoopro.study import load_study


def test_an_array_is_lent_again_and_begins_at_a_cache_line() -> None:
    space = Workspace()
    first = space.empty("a", (10, 3), np.int64)
    assert first.shape == (10, 3) and first.flags.c_contiguous
    assert first.ctypes.data % 64 == 0
    first[:] = 7
    assert space.empty("b", (10, 3), np.int64).ctypes.data != first.ctypes.data
    again = space.zeros("a", (4,), np.int16)
    assert again.ctypes.data == first.ctypes.data and again.dtype == np.int16
    assert not again.any() and first.any()
    larger = space.zeros("a", (1000,), np.int64)
    assert len(larger) == 1000 and not larger.any()
    assert space.empty("nothing", (0, 5), np.int8).shape == (0, 5)


def test_what_a_pass_gives_outlasts_the_next_one(small_study: Path) -> None:
    """Passes of other years and draws, one after the other in the same memory."""
    study = load_study(small_study)
    prepared = prepare(study, load_inputs(study))[0]

    def found(year: int, start: int, space: Workspace | None) -> list[np.ndarray]:
        pieces = draw_pieces(
            prepared.plans[year],
            prepared.lattice,
            prepared.thresholds[:, :, None],
            prepared.seed,
            range(start, start + 5),
            prepared.sources,
            prepared.splits[year],
            space=space,
        )
        return [
            getattr(part, field.name)
            for part in pieces
            for field in fields(part)
            if isinstance(getattr(part, field.name), np.ndarray)
        ]

    space = Workspace()
    asked = [(year, start) for year in (0, 1) for start in (0, 8, BLOCK)]
    together = [found(year, start, space) for year, start in asked]
    for (year, start), mine in zip(asked, together, strict=True):
        for one, other in zip(mine, found(year, start, None), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_pass_is_of_one_block(small_study: Path) -> None:
    study = load_study(small_study)
    prepared = prepare(study, load_inputs(study))[0]
    with pytest.raises(ValueError, match="not of one block"):
        draw_pieces(
            prepared.plans[0],
            prepared.lattice,
            prepared.thresholds[:, :, None],
            prepared.seed,
            range(7, 8 + BLOCK),
            prepared.sources,
        )


def test_draws_that_begin_between_blocks(small_study: Path) -> None:
    """More than a pass, from a draw on that begins no block."""
    study = load_study(small_study)
    prepared = prepare(study, load_inputs(study))[0]
    whole = simulate_block(prepared, range(2 * BLOCK))
    some = range(3, BLOCK + 10)
    found = simulate_block(prepared, some)
    for name in prepared.draw_variables:
        np.testing.assert_array_equal(found[name], whole[name][some.start : some.stop], name)
