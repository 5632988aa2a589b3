"""What a user waits for: whole commands of the engine, each as a new process."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

__all__ = ["measure_commands"]

_STUDY: Final = """
[study]
name = "{name}"
years = {years}
draws = {draws}
seed = 20221118
[pupils]
source = "synthetic"
[[policy]]
name = "current"
kind = "participation"
[[policy]]
name = "indicator-15-school"
kind = "indicator"
share = 0.15
[[policy]]
name = "indicator-20-school"
kind = "indicator"
share = 0.20
"""


def _seconds(arguments: list[str], environment: Mapping[str, str] | None = None) -> float:
    # Python's own compilation is kept, too, whatever this shell says
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        check=True,
        capture_output=True,
        env={**ours, **(environment or {})},
    )
    return time.perf_counter() - start


def measure_commands(
    quick: bool, say: Callable[[str], None] = lambda _: None
) -> list[dict[str, Any]]:
    """Time the commands; every one has run once before.

    Parameters
    ----------
    quick : bool
        Leave out the long ones, and repeat less.
    say : callable

    Returns
    -------
    list of dict
        What stands in the JSON under ``commands``.
    """
    repeats = 1 if quick else 3
    found = []

    def note(name: str, what: str, once: Callable[[int], float], many: int = repeats) -> float:
        say(f"command: {name}")
        seconds = [once(number) for number in range(many)]
        middle = median(seconds)
        spread = {"low": min(seconds), "median": middle, "high": max(seconds)}
        found.append({"name": name, "what": what, "runs": many, "seconds": spread})
        return middle

    with TemporaryDirectory() as folder:
        studies = {}
        for name, years, draws in (
            ("one-year", [2019], 64),
            ("national", [2017, 2018, 2019, 2020], 1000),
        ):
            studies[name] = Path(folder) / f"{name}.toml"
            studies[name].write_text(_STUDY.format(name=name, years=years, draws=draws), "utf-8")

        def run(
            name: str,
            label: str,
            environment: Mapping[str, str] | None = None,
            options: Sequence[str] = (),
        ) -> float:
            where = ["--out", str(Path(folder) / label)]
            arguments = ["-m", "lwoopro", "run", str(studies[name]), *where, "--quiet", *options]
            return _seconds(arguments, environment)

        help_ = ["-m", "lwoopro", "--help"]
        _seconds(help_)
        note("help", "lwoopro --help", lambda _: _seconds(help_))
        run("one-year", "first")
        note(
            "one-year",
            "lwoopro run, one year, 64 draws",
            lambda number: run("one-year", f"o{number}"),
        )
        if not quick:
            run("national", "before")
            note(
                "results",
                "lwoopro run --results-only, four years, 1,000 draws, three policies",
                lambda number: run("national", f"r{number}", options=["--results-only"]),
            )
            note(
                "national",
                "the same with tables and report",
                lambda number: run("national", f"n{number}"),
            )
            pro = ["-m", "lwoopro.bench.pro_job"]
            note(
                "pro",
                "pro growth to the cent, 10,000 draws × 6 scenarios × 15 years × 75 swv",
                lambda _: _seconds(pro),
                1,
            )
            compiled = {"NUMBA_CACHE_DIR": str(Path(folder) / "nothing compiled")}
            note(
                "first",
                "lwoopro run, one year, 64 draws, nothing compiled yet",
                lambda _: run("one-year", "compiling", compiled),
                1,
            )
    return found
