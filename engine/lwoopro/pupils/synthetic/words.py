"""Keyed random numbers of the synthetic population: one block of words per person (Q-2).

A person's numbers depend on the seed, the source and the person's number alone, so that it does
not matter which years, which swv or how many persons are generated beside him.
"""

from typing import Final

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray

__all__ = ["FAMILY", "FAMILY_WORDS", "PUPIL", "PUPIL_WORDS", "uniforms"]

FAMILY: Final = 8
"""Source number of what belongs to a family."""

PUPIL: Final = 9
"""Source number of what belongs to a pupil."""

FAMILY_WORDS: Final = 20
PUPIL_WORDS: Final = 8

_WORDS_PER_BLOCK = 4


def uniforms(seed: int, source: int, cell: int, count: int, words: int) -> NDArray[np.float64]:
    """Uniform numbers of the first `count` persons of a cell.

    Parameters
    ----------
    seed : int
        0 <= seed < 2**63.
    source : int
        `FAMILY` or `PUPIL`.
    cell : int
        Number of the cell of cohort, track and swv; with the row it is the person's number.
    count : int
        Persons.
    words : int
        Numbers per person, a multiple of four: a generator block holds four words.

    Returns
    -------
    float64 array (words, count)
        Each strictly between 0 and 1. Column i does not depend on `count`.
    """
    if words % _WORDS_PER_BLOCK:
        raise ValueError(f"{words} words per person are not a multiple of {_WORDS_PER_BLOCK}")
    bits = Philox(
        key=np.array([seed, source], dtype=np.uint64),
        counter=np.array([0, cell, 0, 0], dtype=np.uint64),
    )
    raw = bits.random_raw(count * words).reshape(count, words)
    # the upper 52 bits, moved by half a step: never 0 or 1, so that a normal quantile exists
    return ((raw.T >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
