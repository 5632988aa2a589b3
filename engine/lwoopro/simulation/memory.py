"""Memory of this process and of the machine, in bytes."""

import sys
from pathlib import Path
from typing import Final

import psutil

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
    """Bytes that this process holds now."""
    return int(psutil.Process().memory_info().rss)


def peak_memory() -> int:
    """Most bytes that this process has held so far."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
