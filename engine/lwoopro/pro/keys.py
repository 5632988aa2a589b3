"""Keyed normals and counter words of the pro flow (Q-2).

The person slot holds the swv's number, 0 for the country; the sub-index packs year and role. No
growth scenario, policy or position is in a key.
"""

import hashlib
import re
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from lwoopro.kernels.philox import DRAWS_PER_COUNTER, PRO, fill_words, seed_key, source_word
from lwoopro.kernels.pro_flow import LANES, ROLE_BITS

__all__ = ["NATION", "Lanes", "pro_word", "swv_number"]

NATION: Final = 0
"""Number of the country in the person slot; VO0001 has 1."""

_CODE = re.compile(r"[A-Z]{2}([0-9]{4})")


def swv_number(code: str) -> int:
    """Give a swv's number in random keys: it depends on the code alone, never on its position.

    Examples
    --------
    >>> swv_number("VO2810")
    2810
    """
    plain = _CODE.fullmatch(code)
    if plain is not None and int(plain[1]) > 0:
        return int(plain[1])
    # the top bit keeps other codes apart from the plain ones
    return int.from_bytes(hashlib.sha256(code.encode()).digest()[:8], "big") | 1 << 63


def pro_word(year: int, role: int) -> np.uint64:
    """Counter word of a year (0: the same in all years) and a role below 16."""
    return source_word(PRO, sub=year << ROLE_BITS | role)


class Lanes:
    """Consecutive draws in lane order, padded to whole runs of the kernel's loops.

    Parameters
    ----------
    seed : int
    draws : range
    vary : bool
        False: the source is off, every draw is draw 0 (Q-1).

    Attributes
    ----------
    key, group, vary
        As `philox.fill_words` takes them.
    columns : int
        Length of a row.
    wanted : int64 array, shape ``(draws,)``
        Where each draw stands in a row.
    """

    def __init__(self, seed: int, draws: range, vary: bool) -> None:
        self.key = seed_key(seed)
        self.vary = vary
        self.group = draws.start // DRAWS_PER_COUNTER
        needed = -(-draws.stop // DRAWS_PER_COUNTER) - self.group
        run = LANES // DRAWS_PER_COUNTER
        groups = run * -(-needed // run)
        self.columns = DRAWS_PER_COUNTER * groups
        lane = np.arange(self.columns).reshape(DRAWS_PER_COUNTER, groups).T.ravel()
        first = draws.start - self.group * DRAWS_PER_COUNTER
        self.wanted = lane[first : first + len(draws)]

    def normal(self, person: int, year: int, role: int) -> NDArray[np.float64]:
        """Give standard normals of one key, shape ``(columns,)``, by inversion."""
        words = np.empty(self.columns, np.uint32)
        word = pro_word(year, role)
        fill_words(words, self.key, self.group, word, np.uint64(person), self.vary)
        normal: NDArray[np.float64] = ndtri((words + 0.5) / 2.0**32)
        return normal

    def spread(self, in_order: NDArray[np.float64]) -> NDArray[np.float64]:
        """Put values of the draws, last axis, into lane order; the padding repeats the first."""
        row = np.repeat(in_order[..., :1], self.columns, axis=-1)
        row[..., self.wanted] = in_order
        return row
