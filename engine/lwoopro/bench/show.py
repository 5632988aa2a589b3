"""``lwoopro bench``: measure, show, keep."""

import sys
from pathlib import Path

from rich.console import Console

from lwoopro.bench.measure import DIFFERS
from lwoopro.bench.results import measure, save
from lwoopro.bench.table import show
from lwoopro.errors import RunError

__all__ = ["bench"]

_WIDTH = 110


def bench(quick: bool, out: Path | None) -> None:
    """Measure everything, print the tables, and write the JSON.

    Parameters
    ----------
    quick : bool
    out : Path or None
        JSON file.

    Raises
    ------
    RunError
        A rival's answer differs from the engine's; its time is not shown.
    """
    errors = Console(stderr=True, highlight=False)
    if errors.is_terminal:
        with errors.status("") as status:
            results = measure(quick, status.update)
    else:
        results = measure(quick, errors.print)
    terminal = sys.stdout.isatty()
    console = Console(highlight=False, width=None if terminal else _WIDTH)
    show(results, console)
    if out is not None:
        save(results, out)
        console.print(f"\n{out}")
    wrong = [
        f"{row['name']} in {case['name']}"
        for case in results["cases"]
        for row in case["contestants"]
        if row["status"] == DIFFERS
    ]
    if wrong:
        raise RunError(f"not the engine's answer: {', '.join(wrong)}")
