"""The generator against the published vectors of Random123, and its keys against each other."""

import numpy as np
import pytest
from tests import reference

from lwoopro.kernels import philox

# Random123 1.14, tests/kat_vectors: philox4x32 10, counter, key, output
VECTORS = [
    ("00000000 " * 4, "00000000 " * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff " * 4, "ffffffff " * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def words(text: str) -> list[np.uint64]:
    return [np.uint64(int(word, 16)) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "output"), VECTORS)
def test_known_answers(counter: str, key: str, output: str) -> None:
    assert list(philox.philox4x32(*words(counter), *words(key))) == words(output)
    plain = getattr(philox.philox4x32, "py_func", philox.philox4x32)
    assert list(plain(*words(counter), *words(key))) == words(output)


@pytest.mark.parametrize("seed", [0, 1, 20221118, 2**63 - 1])
@pytest.mark.parametrize("person", [0, 7, -1, 2**62 + 5, -(2**63)])
@pytest.mark.parametrize("first", [0, 8, 4 * (2**32 - 2)])
def test_a_row_of_words_is_keyed_by_what_it_is_about(seed: int, person: int, first: int) -> None:
    """Lane order, person, source, sub-index and draw as the reference keys them (Q-2)."""
    groups = 2
    row = np.empty(4 * groups, np.uint32)
    key = np.array([person], np.int64).view(np.uint64)[0]
    c1 = philox.source_word(philox.DONORS, sub=2020)
    philox.fill_words(row, philox.seed_key(seed), first // 4, c1, key, True)
    for draw in range(first, first + 4 * groups):
        place = draw % 4 * groups + (draw - first) // 4
        assert row[place] == reference.keyed_word(seed, philox.DONORS, 2020, person, draw)


def test_a_source_that_is_off_has_draw_0_in_every_draw() -> None:
    row = np.empty(8, np.uint32)
    c1 = philox.source_word(philox.EDUCATION, sub=1)
    philox.fill_words(row, philox.seed_key(5), 3, c1, np.uint64(9), False)
    assert set(row.tolist()) == {reference.keyed_word(5, philox.EDUCATION, 1, 9, 0)}


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_outside_its_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="outside 0"):
        philox.seed_key(seed)


def test_words_of_neighbouring_persons_and_draws_are_unrelated() -> None:
    """A coarse look at uniformity and independence: a wrong key would show at once."""
    row = np.empty(64, np.uint32)
    c1 = philox.source_word(philox.EDUCATION)
    key = philox.seed_key(1)
    table = np.empty((4000, 64))
    for person in range(4000):
        philox.fill_words(row, key, 0, c1, np.uint64(person), True)
        table[person] = row
    uniform = table / 2**32
    assert abs(uniform.mean() - 0.5) < 4 / np.sqrt(12 * uniform.size)
    bits = np.corrcoef(uniform[:-1].ravel(), uniform[1:].ravel())[0, 1]
    assert abs(bits) < 4 / np.sqrt(uniform.size)
    draws = np.corrcoef(uniform, rowvar=False) - np.eye(64)
    assert np.abs(draws).max() < 6 / np.sqrt(4000)
