"""Print the figures by which the program is judged: ``python -m benchmarks.measure``.

Ratios against NumPy come from alternating runs in this process; times of whole commands from new
processes. Times are of this machine at this moment; the ratios travel better.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.rivals import numpy_draw, numpy_world
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.pieces import draw_pieces
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study

ROOT = Path(__file__).parents[1]
DRAWS = 64


def seconds(action: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def process(*arguments: str, repeats: int = 3) -> float:
    """Best time of a new Python process with these arguments."""
    command = [sys.executable, *arguments]
    return min(
        seconds(lambda: subprocess.run(command, check=True, capture_output=True))
        for _ in range(repeats)
    )


def draw_against_numpy(rounds: int = 15) -> tuple[float, float, list[float]]:
    """Seconds per draw of engine and rival, and the ratio of each pair of runs."""
    study = load_study(ROOT / "configs" / "national.toml")
    prepared, _ = prepare(study, load_inputs(study))
    plan, world = prepared.plans[0], numpy_world(prepared)
    rng = np.random.default_rng(1)

    def engine() -> None:
        draw_pieces(
            plan,
            prepared.lattice,
            prepared.thresholds[:, :, None],
            prepared.seed,
            range(DRAWS),
            prepared.sources,
        )

    def rival() -> None:
        numpy_draw(world, lambda _role, many: rng.random(many))

    engine()
    pairs = [(seconds(engine) / DRAWS, seconds(rival)) for _ in range(rounds)]
    return (
        min(ours for ours, _ in pairs),
        min(theirs for _, theirs in pairs),
        [theirs / ours for ours, theirs in pairs],
    )


def main() -> None:
    """Measure and print."""
    out = sys.stdout.write
    out(f"import lwoopro           {process('-c', 'import lwoopro'):8.2f} s\n")
    out(f"lwoopro --help           {process('-m', 'lwoopro', '--help'):8.2f} s\n")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("quick", "national"):
            study = str(ROOT / "configs" / f"{name}.toml")
            run = ["-m", "lwoopro", "run", study, "--quiet", "--out", f"{folder}/{name}"]
            out(f"lwoopro run {name:12s} {process(*run, repeats=1):8.2f} s\n")
    ours, theirs, ratios = draw_against_numpy()
    out(f"a draw of one year       {1e6 * ours:8.0f} µs (best)\n")
    out(f"the same in NumPy        {1e6 * theirs:8.0f} µs (best)\n")
    low, high = min(ratios), max(ratios)
    middle = statistics.median(ratios)
    out(f"ratio                    {middle:8.0f} (median; {low:.0f}–{high:.0f})\n")


if __name__ == "__main__":
    main()
