"""Does recalibration find known coefficients? ``python -m benchmarks.recalibration`` (C-1).

Pupils with a test score from the bundled indicator, whose intelligence goes with their mother's
education; the indicator is estimated again, and each 95 % interval is held against the truth.
Writes ``benchmarks/results/recalibration.csv``.
"""

import argparse
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import t as student
from tests.recalibration import simulated

from lwoopro.recalibration.estimate import Errors, estimate

RESULTS: Final = Path(__file__).parent / "results"
CASES: Final[tuple[tuple[str, Errors, float], ...]] = (
    ("pupils independent", "classical", 0.0),
    ("pupils independent", "robust", 0.0),
    ("pupils independent", "school", 0.0),
    ("schools differ, s.d. 1.5 points", "classical", 1.5),
    ("schools differ, s.d. 1.5 points", "school", 1.5),
)


def coverage(errors: Errors, spread: float, replications: int, pupils: int) -> dict[str, float]:
    """Share of the intervals that hold the truth, in per cent, with its error."""
    rng = np.random.default_rng(11)
    inside = []
    for _ in range(replications):
        found = estimate(simulated.sample(rng, pupils, school_spread=spread), errors)
        reach = student.ppf(0.975, found.freedom) * found.se
        inside.append(np.abs(found.value - simulated.true_values(found)) <= reach)
    covered = 100 * np.array(inside)
    rate = covered.mean(axis=1)
    start = covered[:, :2].mean(axis=1)
    one = covered.mean(axis=0)
    return {
        "cover_95": rate.mean(),
        "se_95": rate.std(ddof=1) / replications**0.5,
        "lowest_coefficient": one.min(),
        "highest_coefficient": one.max(),
        "binomial_se": 100 * (0.95 * 0.05 / replications) ** 0.5,
        "start_values": start.mean(),
        "start_se": start.std(ddof=1) / replications**0.5,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--pupils", type=int, default=3000)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, errors, spread in CASES:
        found = coverage(errors, spread, given.replications, given.pupils)
        size = {"replications": given.replications, "pupils": given.pupils}
        lines.append({"case": name, "errors": errors} | size | found)
        print(lines[-1], flush=True)
    pd.DataFrame(lines).round(2).to_csv(given.out / "recalibration.csv", index=False)


if __name__ == "__main__":
    main()
