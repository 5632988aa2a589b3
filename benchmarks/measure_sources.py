"""Cost of a draw of the national study by source of uncertainty, in one run on one thread.

Run it with ``python -m benchmarks.measure_sources``. The ratios are to be read, not the times.
"""

import time
from pathlib import Path
from typing import Any, Final

from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study

DRAWS: Final = 64
TIMES: Final = 3

_FEW: Final = {"method": "model", "covariates": ("income_decile", "origin")}
_FIVE: Final = {**_FEW, "covariates": ("income_decile", "origin", "stay", "debt", "track")}
_AGES: Final = {**_FEW, "covariates": ("income_decile", "origin", "mother_age", "father_age")}
_BINS: Final = {**_AGES, "bins": {"mother_age": 5, "father_age": 5}}

CASES: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "plain": ({}, {}),
    "model": ({}, _FEW),
    "model, drawn parameters": ({"parameters": True}, _FEW),
    "five covariates, drawn parameters": ({"parameters": True}, _FIVE),
    "two ages, drawn parameters": ({"parameters": True}, _AGES),
    "two ages in bins, drawn parameters": ({"parameters": True}, _BINS),
    "coefficients": ({"coefficients": True}, {}),
    "population": ({"population": True}, {}),
    "all of these": ({"parameters": True, "coefficients": True, "population": True}, _FEW),
}
"""Changes of ``[uncertainty]`` and ``[imputation]`` by name."""


def main() -> None:
    """Print one line per case: milliseconds a draw, and the ratio to a plain one."""
    study = load_study(Path(__file__).parents[1] / "configs" / "national.toml")
    inputs = load_inputs(study)
    report = study.report.model_copy(update={"split": ()})
    plain = 0.0
    for name, (uncertainty, imputation) in CASES.items():
        changes = {
            "uncertainty": study.uncertainty.model_copy(update=uncertainty),
            "imputation": study.imputation.model_copy(update=imputation),
            "report": report,
        }
        prepared, _ = prepare(study.model_copy(update=changes), inputs)
        simulate_block(prepared, range(4))
        seconds = []
        for _ in range(TIMES):
            started = time.thread_time()
            simulate_block(prepared, range(DRAWS))
            seconds.append(time.thread_time() - started)
        best = min(seconds) / DRAWS
        plain = plain or best
        print(f"{name:36s} {1000 * best:7.2f} ms {best / plain:6.2f}")


if __name__ == "__main__":
    main()
