"""Sorting by digits gives what numpy.lexsort gives, and numbering what numpy.unique gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lwoopro.pupils.order import numbered, order_by

KINDS = (np.bool_, np.int8, np.uint8, np.int16, np.int32, np.int64, np.uint64)


@st.composite
def columns(draw: st.DrawFn) -> list[np.ndarray]:
    """Some columns of one length, of any type: narrow ones with many ties, and the extremes."""
    rows = draw(st.integers(1, 40))
    found = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(KINDS))
        low, high = (0, 1) if kind is np.bool_ else (np.iinfo(kind).min, np.iinfo(kind).max)
        narrow = draw(st.booleans())
        some = (
            st.integers(max(low, -3), 3 if high > 3 else high) if narrow else st.integers(low, high)
        )
        found.append(np.array(draw(st.lists(some, min_size=rows, max_size=rows)), kind))
    return found


@given(columns())
def test_the_order_is_that_of_lexsort(keys: list[np.ndarray]) -> None:
    assert np.array_equal(order_by(*keys), np.lexsort(keys[::-1]))


@given(columns())
def test_numbers_are_those_of_unique(keys: list[np.ndarray]) -> None:
    for key in keys:
        distinct, number = numbered(key)
        wanted, inverse = np.unique(key, return_inverse=True)
        assert distinct.dtype == key.dtype
        assert np.array_equal(distinct, wanted)
        assert np.array_equal(number, inverse)


def test_many_rows_need_several_digits() -> None:
    words = np.random.default_rng(3).integers(0, 1 << 62, (2, 70_000))
    person, unit = words[0] % 100_000_007, (words[1] % 76).astype(np.int16)
    assert np.array_equal(order_by(unit, person), np.lexsort((person, unit)))


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_has_an_order_too(kind: type) -> None:
    nobody = np.zeros(0, kind)
    assert order_by(nobody, nobody).shape == (0,)
    assert [len(part) for part in numbered(nobody)] == [0, 0]
