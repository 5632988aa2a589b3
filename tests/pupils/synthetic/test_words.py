"""Q-2: a person's numbers depend on the seed, the source and the person alone."""

import numpy as np
import pytest
from numpy.random import Philox

from lwoopro.pupils.synthetic.words import FAMILY, PUPIL, uniforms


def test_more_persons_change_nothing() -> None:
    few = uniforms(7, FAMILY, 123, 10, 20)
    many = uniforms(7, FAMILY, 123, 1000, 20)
    assert np.array_equal(few, many[:, :10])


def test_a_person_is_reached_alone() -> None:
    many = uniforms(7, PUPIL, 5, 50, 8)
    bits = Philox(key=np.array([7, PUPIL], np.uint64), counter=np.array([2 * 30, 5, 0, 0]))
    alone = ((bits.random_raw(8) >> np.uint64(12)).astype(float) + 0.5) * 2.0**-52
    assert np.array_equal(many[:, 30], alone)


def test_seed_source_and_cell_all_count() -> None:
    base = uniforms(7, FAMILY, 5, 4, 4)
    for other in (uniforms(8, FAMILY, 5, 4, 4), uniforms(7, PUPIL, 5, 4, 4)):
        assert not np.isclose(base, other).any()
    assert not np.isclose(base, uniforms(7, FAMILY, 6, 4, 4)).any()


def test_numbers_are_uniform_and_never_0_or_1() -> None:
    numbers = uniforms(1, FAMILY, 0, 50_000, 4)
    assert numbers.min() > 0 and numbers.max() < 1
    assert np.abs(np.histogram(numbers, 10, (0, 1))[0] / numbers.size - 0.1).max() < 0.003


def test_blocks_are_whole() -> None:
    with pytest.raises(ValueError, match="multiple of 4"):
        uniforms(1, FAMILY, 0, 1, 6)
