"""Processes of ours beside a run: one compiles, one makes the page, while this one does the rest.

Nothing waits for them that could not be done here, and no result depends on them.
"""

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lwoopro.study import Study

__all__ = ["room_for", "start"]


def room_for(study: "Study", workers: int | None, scheduler: str | None) -> bool:
    """Say whether a run leaves room for another process.

    Parameters
    ----------
    study : Study
    workers, scheduler
        See `lwoopro.simulation.runner.run`: processes fill the cores, and may take days.

    Returns
    -------
    bool
        False, too, where the study limits threads to one or the memory, and on one core.
    """
    section = study.compute
    alone = section.threads == 1 or section.memory_bytes is not None
    return workers is None and scheduler is None and not alone and _cores() > 1


def _cores() -> int:
    # not every system says which of its cores we may use
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


def start(line: str, *, talks: bool = False) -> "subprocess.Popen[bytes] | None":
    """Start an interpreter that finds our modules where we found them.

    Parameters
    ----------
    line : str
        What it does.
    talks : bool
        Whether its input and output are pipes; otherwise it has none.

    Returns
    -------
    Popen or None
        None where no process can be started.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        # there is no interpreter to be started
        return None
    ends = subprocess.PIPE if talks else subprocess.DEVNULL
    away: dict[str, Any] = {}
    # out of the reach of Ctrl-C at our terminal: it ends with us, without a word of its own
    if sys.platform == "win32":
        away["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        away["start_new_session"] = True
    try:
        return subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {line}"],
            stdin=ends,
            stdout=ends,
            stderr=subprocess.DEVNULL,
            **away,
        )
    except OSError:
        return None
