"""Every kernel gives the same bits with the jit off (house rule)."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.digest import combine, digest_draws
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study
study = load_study(Path(sys.argv[1]))
prepared, _ = prepare(study, load_inputs(study))
print(combine(digest_draws(simulate_block(prepared, range(7)))))
"""


def digest(study: Path, jit: bool) -> str:
    env = {**os.environ, "NUMBA_DISABLE_JIT": "0" if jit else "1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(study)],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_whole_block_has_the_same_bits_with_the_jit_off(small_study: Path) -> None:
    assert digest(small_study, jit=True) == digest(small_study, jit=False)
