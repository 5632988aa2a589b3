"""What is compiled first of all, by two processes: a first study waits half as long.

The compiler works on one function at a time in a process. While this process compiles the drawing
of pupils, which is what it needs first and half of the work, another compiles what comes later,
last things first, and puts it into the compiler's cache. Whatever it has not done by then is
compiled here: nothing waits for it, and no result depends on it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from lwoopro.analytic import cells, moments, weights
from lwoopro.kernels import bands, borders, cents, pieces
from lwoopro.kernels.jit import COMPILED, compile_for
from lwoopro.simulation.companion import room_for, start

if TYPE_CHECKING:
    from lwoopro.study import Study

__all__ = ["LATER", "compile_later", "helped", "pays"]

LATER: Final = (
    (cells.type_cells, "i8.1 i4.1 f8.1 i8.1 i8.1 i8.1 b1.1 b1.1 u4.2r i4.1 i8"),
    (
        cells.pair_cells,
        "i8.1 f8.1 i8.1 i8.1 i4.1 f8.1 i8.1 i8.1 i8.2 i8.1 i8.1 i8.1 b1.1 u4.2r i4.1 i8 b1",
    ),
    (
        weights.pupil_weights,
        "f8.2 b1.1 f8.1 i8.1 i8.1 f8.1 i8.1 i8.1 i8.1 i8.1 i8.1 i8.1 f8.1 i8.1 i8",
    ),
    (weights.class_weights, "f8.2 b1.1 i8.1 i8.1 b1.1 i8.1 i8.1 f8.1 i8"),
    (moments.moments_of_types, "f8.2 i8.1 i4.1 f8.1 f8.1 f8.1"),
    (moments.class_means, "f8.2 i8.1 i8.1 f8.1 f8.2"),
    (
        moments.pair_moments,
        "f8.2 i8.1 f8.1 i8.1 i8.1 i4.1 f8.1 i8.1 i8.1 f8.2 f8.1 f8.1",
    ),
    (moments.add_types, "f8.2 f8.2 f8.2 i8.1 i8.1 f8.2 f8.2"),
    (moments.add_classes, "f8.2 f8.2 i8.1 i8.1 f8.1 f8.2"),
    (moments.add_pairs, "f8.2 f8.2 i8.1 i8.1 f8.2 f8.2"),
    (bands.find_bands, "i8.2 i8.1 i8.3 i8.1 i8.1"),
    (bands.at_cuts, "i8.4 i8.4 i8.4 i8.2"),
    (pieces.add_known, "i8.3 i8.3 i8.3 i8.3 i8.3 i8.2 i8.2 i4.2"),
    (borders.add_moved, "i8.3 i8.3 i8.3 i4.2"),
    (bands.count_categories, "i8.4 i4.2 i8.1 i2.1 i2.2"),
    (cents.divide_draws, "f8 f8.2 f8.2 b1.1 i8.2 b1.1 f8.1 f8.1 f8.1 i8.1"),
    (pieces.by_draw, "i8.4 i8.4 i8.4 i8 i8.3 i8.3 i8.3 i8.2F i8.1"),
    # a part of the drawing, needed after two seconds: by then it is there
    (bands.count_runs, "u1.2 i4.2 i8.3 i8.5 u1.1 i4.1 i4.1 i8.1 i8.1 i8.1 i2.1 i2.2 i8.2"),
)
"""Kernels that every study needs after the first draws, in this order, and their arguments: see
`kernels.jit.compile_for`. Those whose arguments depend on the study are not among them."""

_LINE: Final = "from lwoopro.simulation.compiling import compile_later; compile_later()"


def pays(study: "Study", workers: int | None, scheduler: str | None) -> bool:
    """Say whether another process should compile: not where everything is compiled already.

    Parameters
    ----------
    study : Study
    workers, scheduler
        See `room_for`: workers compile for themselves.
    """
    return (
        COMPILED
        and room_for(study, workers, scheduler)
        and not all(_known(function) for function, _ in LATER)
    )


def _known(function: Callable[..., Any]) -> bool:
    """Say whether the compiler's cache knows a kernel as it stands in its file now."""
    dispatcher = cast(Any, function)
    code = dispatcher.py_func.__code__
    source = Path(code.co_filename)
    index = f"{source.stem}.{code.co_name}-{code.co_firstlineno}.*.nbi"
    try:
        written = source.stat().st_mtime
        folder = Path(dispatcher.stats.cache_path)
        return any(path.stat().st_mtime >= written for path in folder.glob(index))
    except OSError:
        return False


def compile_later() -> None:
    """Compile what this program needs later, the last first: there another process may meet us."""
    for function, arguments in reversed(LATER):
        compile_for(function, arguments)


@contextmanager
def helped(wanted: bool) -> Iterator[None]:
    """Let another process compile; where it still does at the end of the block, it ends there.

    Parameters
    ----------
    wanted : bool
        See `pays`.
    """
    process = start(_LINE) if wanted else None
    try:
        yield
    finally:
        if process is not None:
            # what it writes is whole or not there
            process.kill()
            process.wait()
