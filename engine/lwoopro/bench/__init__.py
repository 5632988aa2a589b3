"""Side by side: the engine and other libraries on the same data (``lwoopro bench``)."""

import os
from typing import Final

__all__ = ["CORES", "limit_cores"]

CORES: Final = 2
"""Cores that the many-threaded contestants get."""


def limit_cores() -> None:
    """Hold libraries that take every core to `CORES`; before they are imported."""
    for name in ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, str(min(CORES, os.cpu_count() or CORES)))
