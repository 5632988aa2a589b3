"""What a study compiles: each kernel for one kind of arguments (compiling is dear)."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import gc
import sys
import lwoopro
from numba.core.dispatcher import Dispatcher

for study in sys.argv[1:]:
    lwoopro.run(study, study + ".results")
kernels = {k for k in gc.get_objects() if isinstance(k, Dispatcher)}
for kernel in kernels:
    if kernel.__module__.startswith("lwoopro.") and kernel.signatures:
        print(kernel.__module__, kernel.__name__, len(kernel.signatures))
"""

TWICE = {"add_levels_by_odds"}
"""Called by kernels with a number that is written out, which is a kind of its own."""


def compiled(*studies: Path) -> dict[str, int]:
    """Kernels that some studies use, and for how many kinds of arguments."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, studies)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return {f"{module.removeprefix('lwoopro.')}.{name}": int(many) for module, name, many in lines}


MODEL = """
[imputation]
method = "model"
covariates = ["income_decile", "origin"]

[uncertainty]
parameters = true
"""


def test_a_kernel_is_compiled_once(small_study: Path) -> None:
    model = small_study.with_name("model.toml")
    model.write_text(small_study.read_text("utf-8") + MODEL, "utf-8")
    found = compiled(small_study, model)
    assert {"kernels.portions.draw_portions", "kernels.odds.draw_levels_by_odds"} <= set(found)
    once = {name: many for name, many in found.items() if name.split(".")[-1] not in TWICE}
    assert set(once.values()) == {1}, once
