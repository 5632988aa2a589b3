"""The page made by a process of its own, while this one works out the tables.

Page and tables take about as long, and two threads of one interpreter would take turns. The process
starts with the run: what it loads is loaded by the time that the results are there. It makes the
page as `lwoopro.report.page.page` does; what the tables have found by then it is given. Where it
cannot, for whatever reason, the page is made here, and what is wrong is said here.
"""

import gc
import json
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import IO, TYPE_CHECKING, Final

from lwoopro.simulation.companion import start
from lwoopro.simulation.freed import keep_freed_memory

if TYPE_CHECKING:
    from lwoopro.report.findings import Found
    from lwoopro.report.language import Code

__all__ = ["Apart", "serve", "started"]

# its results stand in memory: xarray would load dask only to see that they are not dask's
_LINE: Final = "sys.modules['dask'] = None; from lwoopro.report.apart import serve; serve()"


class Apart:
    """A process that makes the page of one run.

    Parameters
    ----------
    process : Popen
        Runs `serve`; its input and output are pipes.
    """

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._giving: threading.Thread | None = None

    def ask(
        self,
        folder: str,
        *,
        language: "Code | None" = None,
        suppress_below: int | None = None,
    ) -> None:
        """Have the page made; arguments as `write_all`, the folder on this machine."""
        wanted = {"folder": folder, "language": language, "suppress_below": suppress_below}
        self._write(json.dumps(wanted).encode() + b"\n")

    def give(self, found: "Found") -> None:
        """Give what was found here; returns at once, whenever the other process reads it."""
        content = pickle.dumps(found)
        self._giving = threading.Thread(target=self._write, args=(content,), daemon=True)
        self._giving.start()

    def _write(self, content: bytes) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(content)
            pipe.flush()
        except OSError:
            # it is gone: `page` will not find a page
            return

    def page(self) -> str | None:
        """Wait for the page; None where there is none, or not all of it."""
        pipe = self._process.stdout
        assert pipe is not None
        head = pipe.readline()
        if not head.endswith(b"\n"):
            return None
        content = pipe.read(int(head))
        return content.decode() if len(content) == int(head) else None

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        if self._giving is not None:
            self._giving.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:
                # what was asked last never arrived
                continue


@contextmanager
def started(wanted: bool) -> Iterator[Apart | None]:
    """Start the process; it ends with the block.

    Parameters
    ----------
    wanted : bool

    Yields
    ------
    Apart or None
        None where none is wanted, or none can be started.
    """
    process = start(_LINE, talks=True) if wanted else None
    apart = None if process is None else Apart(process)
    try:
        yield apart
    finally:
        if apart is not None:
            apart.close()


def serve() -> None:
    """Make the page that is asked for on the standard input; the other side is `Apart`."""
    # what anything prints must not stand in the page
    answer, sys.stdout = sys.stdout, sys.stderr
    keep_freed_memory()
    # one page and it ends: what is of no use any more is not looked for
    gc.disable()
    _load()
    _serve(sys.stdin.buffer, answer.buffer)


def _load() -> None:
    """Load what a page needs, and do what can be done of it before there are results."""
    from lwoopro import plot
    from lwoopro.plot.ahead import prepare
    from lwoopro.report.blocks import Section
    from lwoopro.report.language import Language
    from lwoopro.report.page import render

    # results are read with it
    import_module("lwoopro.simulation.store")
    for name in plot.__all__:
        getattr(plot, name)
    prepare()
    render(Language("en"), title="", lead="", sections=[Section("", "", [])])


def _serve(asked: IO[bytes], answer: IO[bytes]) -> None:
    from lwoopro.report.areas import areas_of
    from lwoopro.report.page import page
    from lwoopro.simulation.location import Location
    from lwoopro.simulation.manifest import Manifest
    from lwoopro.simulation.results import read_results

    line = asked.readline()
    if not line:
        return

    def given() -> "Found":
        # from the process that started us, and from nobody else
        found: Found = pickle.load(asked)
        return found

    wanted = json.loads(line)
    folder = wanted.pop("folder")
    manifest = Manifest.load(folder)
    assert manifest is not None
    areas = areas_of(Location(folder))
    text = page(read_results(folder), manifest, areas=areas, given=given, **wanted)
    content = text.encode()
    answer.write(b"%d\n" % len(content))
    answer.write(content)
    answer.flush()
