"""What more uncertainty, or one more policy, costs the engine: blocks of whole draws."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from lwoopro.bench.contest import PASS, Job
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study

__all__ = ["coefficients", "one_policy_more", "parameters", "plain"]

_STUDY: Final = """
[study]
name = "variant"
years = [2019]
draws = 64
seed = 20221118
[pupils]
source = "synthetic"
scale = {scale}
[[policy]]
name = "current"
kind = "participation"
[[policy]]
name = "indicator-20-school"
kind = "indicator"
"""


def _block(scale: float, more: str = "") -> Job:
    """Draws from the first random number to the budgets in cents, for a changed study."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "study.toml"
        path.write_text(_STUDY.format(scale=scale) + more, "utf-8")
        study = load_study(path)
        prepared, _ = prepare(study, load_inputs(study))

    def run() -> None:
        simulate_block(prepared, range(PASS))

    # the studies differ: there is nothing to compare
    return Job(run, PASS, lambda: np.zeros(0))


def plain(scale: float) -> Job:
    """Run the study as it is."""
    return _block(scale)


def one_policy_more(scale: float) -> Job:
    """Add a policy on another share and attribution."""
    return _block(
        scale,
        '[[policy]]\nname = "more"\nkind = "indicator"\nshare = 0.15\nattribution = "home"\n',
    )


def coefficients(scale: float) -> Job:
    """Draw the coefficients of the indicator, too (S-6)."""
    return _block(scale, "[uncertainty]\ncoefficients = true\n")


def parameters(scale: float) -> Job:
    """Draw the parameters of the imputation model first: proper imputation (I-1)."""
    return _block(
        scale,
        '[imputation]\nmethod = "model"\ncovariates = ["income_decile", "origin"]\n'
        "[uncertainty]\nparameters = true\n",
    )
