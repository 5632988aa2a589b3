"""Memory that is freed is kept for whoever asks next; the C library would hand it to the system.

A run makes and drops arrays of megabytes all the time. Handed back, they come again page by page: a
sixth of the processor time of a run, and more where several threads have pools of their own. glibc
alone is told so; elsewhere nothing changes.
"""

import ctypes
import os
import sys
from typing import Final

__all__ = ["ENVIRONMENT", "hand_back", "keep_freed_memory", "kept_memory"]

_TRIM, _MAP, _POOLS = -1, -3, -8
"""Names of `mallopt`: memory at the end that is kept; sizes that are asked of the system one by
one; pools for threads."""

_TUNABLES: Final = "GLIBC_TUNABLES"

_KEPT: Final = 1 << 30
_LARGE: Final = 1 << 25
"""The most that glibc takes."""

ENVIRONMENT: Final = {
    "MALLOC_TRIM_THRESHOLD_": _KEPT,
    "MALLOC_MMAP_THRESHOLD_": _LARGE,
    "MALLOC_ARENA_MAX": 1,
}
"""The same for a process that is about to be started."""


def keep_freed_memory() -> None:
    """Keep freed memory in this process, unless its environment says otherwise.

    For processes that are ours: not for one that merely uses the library. To be called before
    threads begin, who would make pools of their own.
    """
    if sys.platform != "linux" or any(name in os.environ for name in (*ENVIRONMENT, _TUNABLES)):
        return
    choose = getattr(ctypes.CDLL(None), "mallopt", None)
    if choose is not None:
        choose(_POOLS, 1)
        choose(_TRIM, _KEPT)
        choose(_MAP, _LARGE)


_NAMES: Final = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class _Pools(ctypes.Structure):
    """What glibc says of its pools; see ``mallinfo2``."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _NAMES)


def kept_memory() -> int:
    """Bytes that were freed and are kept; 0 where nobody says so."""
    if sys.platform != "linux":
        return 0
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if ask is None:
        return 0
    ask.restype = _Pools
    return int(ask().fordblks)


def hand_back() -> None:
    """Give what was freed and is kept back to the system, where it can be told to."""
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
