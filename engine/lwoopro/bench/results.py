"""All cases together: measured, kept as JSON, read back."""

import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from lwoopro.bench.cases import CASES
from lwoopro.bench.commands import measure_commands
from lwoopro.bench.data import Data
from lwoopro.bench.measure import Pace, measure_case
from lwoopro.simulation.manifest import machine, now, versions

__all__ = ["FORMAT", "load", "measure", "save"]

FORMAT: Final = 1
"""Of the JSON."""

_FULL: Final = Pace(seconds=22.0, fewest=5, most=75, turn=0.05)
_QUICK: Final = Pace(seconds=1.5, fewest=2, most=5, turn=0.02)


def measure(quick: bool, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Measure every case and every command.

    Parameters
    ----------
    quick : bool
        Fewer rounds: under a minute, and less sure.
    say : callable
        Told what is being done.

    Returns
    -------
    dict
        As `save` writes it.
    """
    # of a system that tells it: what else the machine was doing
    load_before = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    say("the data")
    pace = _QUICK if quick else _FULL
    with Data(draws=200 if quick else 1000) as data:
        facts = data.pupils.facts()
        cases = [measure_case(case, data, pace, say) for case in CASES]
    return {
        "format": FORMAT,
        "made": now(),
        "quick": quick,
        "machine": {**machine(), "model": _processor(), "load": load_before},
        "versions": {name: versions()[name] for name in ("python", "lwoopro", "numba", "numpy")},
        "data": facts,
        "cases": cases,
        "commands": measure_commands(quick, say),
    }


def _processor() -> str:
    """Model of the processor, where the system says it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def save(results: dict[str, Any], path: Path) -> None:
    """Write the results as JSON, numbers to six digits."""

    def short(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.6g}")
        if isinstance(value, dict):
            return {key: short(inner) for key, inner in value.items()}
        return [short(inner) for inner in value] if isinstance(value, list) else value

    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(short(results), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def load(path: Path) -> dict[str, Any]:
    """Read results back.

    Raises
    ------
    ValueError
        The file is of another format.
    """
    results: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if results.get("format") != FORMAT:
        raise ValueError(f"{path}: not a benchmark of format {FORMAT}")
    return results
