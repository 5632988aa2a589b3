"""Memory of this process and of the machine, in bytes."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from lwoopro.simulation.freed import kept_memory

__all__ = ["free_memory", "peak_memory", "used_memory"]

_SHARE_OF_FREE: Final = 0.75


def free_memory() -> int:
    """Bytes that a run may take by default: three quarters of what is free."""
    free = int(psutil.virtual_memory().available)
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text("ascii").strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text("ascii"))
    except (OSError, ValueError):
        limit, used = "max", 0
    if limit.isdigit():
        # in a container the machine has more than we may use
        free = min(free, max(int(limit) - used, 0))
    return int(_SHARE_OF_FREE * free)


def used_memory() -> int:
    """Bytes that this process holds now, less those that it has freed and keeps for later."""
    return int(psutil.Process().memory_info().rss) - kept_memory()


def peak_memory() -> int:
    """Most bytes that this process has held so far."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "linux":
        # what the system counts for `getrusage` begins with the peak of whoever started us
        with suppress(OSError, StopIteration, ValueError):
            lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
            return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
