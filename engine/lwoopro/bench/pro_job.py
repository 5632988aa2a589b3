"""A large job of pro growth: ``python -m lwoopro.bench.pro_job [draws]``.

Six growth scenarios × 15 years × 75 swv, with costs and cuts to the cent, on two threads.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.bench.contest import PASS
from lwoopro.pro.block import ProPlan, simulate_pro
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study

__all__ = ["main"]

_SEED: Final = 20221118
_STUDY: Final = """
[study]
name = "pro"
years = [2019]
draws = 64
seed = 20221118
[pupils]
source = "synthetic"
scale = {scale}
[[policy]]
name = "current"
kind = "participation"
[pro]
horizon = 2034
trouble_policy = "current"
[growth.reference]
kind = "reference"
[growth.rise]
kind = "rise"
[growth.fast-rise]
kind = "fast-rise"
[growth.longer-stay]
kind = "longer-stay"
[growth.incentive]
kind = "incentive"
[growth.bridge-class]
kind = "bridge-class"
"""


def _plan(scale: float) -> tuple[ProPlan, NDArray[np.float64]]:
    """Give the plan, and the budgets of one draw, which say who is in financial trouble."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "study.toml"
        path.write_text(_STUDY.format(scale=scale), "utf-8")
        study = load_study(path)
        prepared, _ = prepare(study, load_inputs(study))
    assert prepared.pro is not None
    return prepared.pro, simulate_block(prepared, range(1))["budget_part"]


def main(draws: int = 10_000, scale: float = 1.0) -> None:
    """Run the job; nothing is kept."""
    growing, budget = _plan(scale)
    budgets = np.repeat(budget, PASS, axis=0)
    blocks = [range(start, min(start + PASS, draws)) for start in range(0, draws, PASS)]

    def block(some: range) -> None:
        simulate_pro(growing, _SEED, some, budgets[: len(some)])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(block, blocks))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
