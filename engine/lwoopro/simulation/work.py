"""The work of a block: draws of what was prepared, pass by pass, and the hash of each (Q-2)."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lwoopro.simulation.block import DRAWS_PER_PASS, Prepared, simulate_block
from lwoopro.simulation.digest import digest_draws
from lwoopro.simulation.workspace import Workspace

__all__ = ["Arrays", "Ready", "Work", "simulate_work"]

Arrays = dict[str, NDArray[Any]]

Ready = dict[range, Arrays]
"""Values of whole passes, by their draws."""


@dataclass(frozen=True, eq=False)
class Work:
    """What every block of a run needs; it travels to workers as it is, once.

    Attributes
    ----------
    prepared : Prepared
    width : int
        Draws that go over the pupils together; it bounds the memory.
    ready : dict of range to arrays
        Passes that the probe has computed already, by their draws: whoever comes to one takes it
        out. They stay in this process.
    """

    prepared: Prepared
    width: int = DRAWS_PER_PASS
    ready: "Ready" = field(default_factory=dict)

    def __getstate__(self) -> "dict[str, Any]":
        """Leave out what is ready: a worker has computed a pass as soon as it has got it."""
        return {**self.__dict__, "ready": {}}


def simulate_work(work: Work, draws: range) -> tuple[Arrays, list[bytes]]:
    """Simulate a block, some draws at a time, and hash every draw. Pure (Q-2).

    Parameters
    ----------
    work : Work
    draws : range

    Returns
    -------
    dict of str to array
        See `simulate_block`.
    list of bytes
        See `digest_draws`.
    """
    space = Workspace()
    passes = [
        range(start, min(start + work.width, draws.stop))
        for start in range(draws.start, draws.stop, work.width)
    ]
    parts = [
        work.ready.pop(some, {}) or simulate_block(work.prepared, some, space) for some in passes
    ]
    arrays = parts[0] if len(parts) == 1 else _joined(parts)
    return arrays, digest_draws(arrays)


def _joined(parts: list[Arrays]) -> Arrays:
    # what is joined is not needed any more: a block is held once, not twice
    return {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
