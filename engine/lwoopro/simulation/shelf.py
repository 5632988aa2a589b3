"""Workers write the chunks that they have computed, where they reach the folder of the run (Q-2).

Then hashes alone travel. A worker knows the folder by a mark that the run has put there: the same
path or address may be another place on another machine, and a worker that outlives its run writes
nothing more. Where it does not find the mark, or cannot write, the encoded chunks travel.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from lwoopro.simulation.location import Location, kept
from lwoopro.simulation.store import Chunks, keep
from lwoopro.simulation.work import Work, simulate_work

__all__ = ["MARK", "Shelf", "hashes", "marked", "simulate_and_keep"]

MARK: Final = ".writers"
"""File in the folder of a run whose workers may write there."""

_HASH: Final = hashlib.sha256().digest_size

Sent = tuple[bytes, dict[str, bytes], dict[str, NDArray[Any]]]
"""Hashes of the draws; chunks that are still to be written; variables that were asked for."""


@dataclass(frozen=True, eq=False)
class Shelf:
    """What a worker needs to compute blocks and to write them; travels to it once.

    Attributes
    ----------
    work : Work
    chunks : Chunks
    folder, group : str
        Address of the run's folder, and of the results in it.
    mark : str
        Content of the run's mark.
    wanted : tuple of str
        Variables that are to travel all the same.
    """

    work: Work
    chunks: Chunks
    folder: str
    group: str
    mark: str
    wanted: tuple[str, ...] = ()

    def put(self, files: dict[str, bytes]) -> bool:
        """Write some chunks; False where that cannot be done here."""
        try:
            if Location(self.folder).read(MARK) != self.mark.encode():
                return False
            keep(Location(self.group), files)
        except Exception:
            # a file system that is not there raises what it likes; the run says what is wrong
            # when it writes them itself
            return False
        return True


def simulate_and_keep(shelf: Shelf, draws: range) -> Sent:
    """Simulate a block, and write it where that can be done.

    Parameters
    ----------
    shelf : Shelf
    draws : range

    Returns
    -------
    bytes
        See `hashes`.
    dict of str to bytes
        Chunks that are still to be written: all or none.
    dict of str to array
        Those that the shelf wants.
    """
    arrays, digests = simulate_work(shelf.work, draws)
    files = shelf.chunks.encoded(draws, arrays)
    wanted = {name: arrays[name] for name in shelf.wanted}
    return b"".join(digests), {} if shelf.put(files) else files, wanted


def hashes(joined: bytes) -> list[bytes]:
    """Give the hash of every draw.

    Examples
    --------
    >>> [len(one) for one in hashes(bytes(64))]
    [32, 32]
    """
    return [joined[place : place + _HASH] for place in range(0, len(joined), _HASH)]


@contextmanager
def marked(folder: Location) -> Iterator[tuple[str, str]]:
    """Mark the folder of a run for its workers, as long as it runs: its address, and the mark."""
    mark = uuid.uuid4().hex
    with kept(folder):
        folder.write(MARK, mark.encode(), lasting=False)
    try:
        yield os.path.abspath(folder.path) if folder.path is not None else folder.text, mark
    finally:
        with suppress(OSError):
            folder.remove(MARK)
