"""Counter-based random numbers, keyed by what they are about (Q-2).

The generator is Philox4x32-10 (Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*,
SC'11). The key is the seed; the counter names source, person, sub-index and draw. There is no
state and no position: any word can be had at any time, by any worker, in any order.

Every word is kept in 64 bits, so that a product of two words never overflows: the functions give
the same bits with the jit off.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.kernels.jit import inlined, kernel
from lwoopro.kernels.types import Uint32s, Uint64s

__all__ = [
    "COEFFICIENTS",
    "DONORS",
    "DRAWS_PER_COUNTER",
    "EDUCATION",
    "PARAMETERS",
    "POPULATION",
    "PRO",
    "SUPPRESSED",
    "fill_words",
    "philox4x32",
    "seed_key",
    "source_word",
]

EDUCATION: Final = 1
DONORS: Final = 2
PARAMETERS: Final = 3
COEFFICIENTS: Final = 4
POPULATION: Final = 5
PRO: Final = 6
SUPPRESSED: Final = 7

DRAWS_PER_COUNTER: Final = 4
"""One counter value serves four draws: draw d has output word d % 4 of counter d // 4."""

_LOW: Final = np.uint64(0xFFFFFFFF)
_SHIFT: Final = np.uint64(32)
_MULTIPLIER_0: Final = np.uint64(0xD2511F53)
_MULTIPLIER_1: Final = np.uint64(0xCD9E8D57)
_WEYL_0: Final = np.uint64(0x9E3779B9)
_WEYL_1: Final = np.uint64(0xBB67AE85)


@inlined
def philox4x32(
    c0: np.uint64,
    c1: np.uint64,
    c2: np.uint64,
    c3: np.uint64,
    k0: np.uint64,
    k1: np.uint64,
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Philox4x32-10 of one counter under one key.

    Parameters
    ----------
    c0, c1, c2, c3, k0, k1 : uint64
        Counter and key words, each below 2**32.

    Returns
    -------
    tuple of four uint64
        Output words, each below 2**32.
    """
    # what stands above the low 32 bits of a word is cut off by the factors alone, where the
    # processor's multiplication of 32 bits does it for nothing
    for _ in range(10):
        p0 = _MULTIPLIER_0 * (c0 & _LOW)
        p1 = _MULTIPLIER_1 * (c2 & _LOW)
        c0 = (p1 >> _SHIFT) ^ c1 ^ k0
        c1 = p1
        c2 = (p0 >> _SHIFT) ^ c3 ^ k1
        c3 = p0
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
    return c0 & _LOW, c1 & _LOW, c2 & _LOW, c3 & _LOW


def seed_key(seed: int) -> NDArray[np.uint64]:
    """Key words of a seed, shape ``(2,)``: low and high 32 bits.

    Raises
    ------
    ValueError
        The seed is not in 0 … 2**63 - 1.
    """
    if not 0 <= seed < 2**63:
        raise ValueError(f"seed {seed} is outside 0 ... 2**63 - 1")
    return np.array([seed & 0xFFFFFFFF, seed >> 32], dtype=np.uint64)


def source_word(source: int, sub: int = 0, family: int = 0) -> np.uint64:
    """Counter word c1: family (1 bit), source (7 bits), sub-index (24 bits).

    Examples
    --------
    >>> hex(source_word(DONORS, sub=2020))
    '0x20007e4'
    """
    return np.uint64(family << 31 | source << 24 | sub)


@kernel
def fill_words(
    words: Uint32s,
    key: Uint64s,
    group: int,
    c1: np.uint64,
    person: np.uint64,
    vary: bool,
) -> None:
    """Fill one row of words for consecutive draws of one person.

    Parameters
    ----------
    words : uint32 array, shape ``(4 * groups,)``
        Output in *lane order*: the word of draw ``4 * (group + g) + lane`` stands at
        ``lane * groups + g``. Neighbouring g are neighbours in memory, so the loop vectorises.
    key : uint64 array, shape ``(2,)``
    group : int
        First counter value, the first draw divided by four.
    c1 : uint64
        See `source_word`.
    person : int64
        The person's key.
    vary : bool
        False: the source is off; every draw gets the word of draw 0 (Q-1).
    """
    groups = words.shape[0] // 4
    bits = np.uint64(person)
    c2 = bits & _LOW
    c3 = bits >> _SHIFT
    k0 = key[0]
    k1 = key[1]
    start = group if vary else 0
    for g in range(groups):
        w0, w1, w2, w3 = philox4x32(np.uint64(start + g), c1, c2, c3, k0, k1)
        words[g] = np.uint32(w0)
        words[groups + g] = np.uint32(w1)
        words[2 * groups + g] = np.uint32(w2)
        words[3 * groups + g] = np.uint32(w3)
    if not vary:
        first = words[0]
        for g in range(words.shape[0]):
            words[g] = first
