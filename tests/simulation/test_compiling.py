"""Another process compiles what a first study needs later."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lwoopro.kernels.jit import COMPILED
from lwoopro.simulation import companion, compiling
from lwoopro.simulation.compiling import LATER, helped, pays
from lwoopro.study import load_study

pytestmark = pytest.mark.skipif(not COMPILED, reason="nothing is compiled")

FIRST = """
import os
import sys
import time
import lwoopro
from lwoopro.simulation import companion, compiling
from lwoopro.study import load_study

study = load_study(sys.argv[1])
companion._cores = lambda: 2
print(compiling.pays(study, None, None))
with compiling.helped(True):
    lwoopro.run(study, sys.argv[1] + ".results")
compiling.compile_later()
print(compiling.pays(study, None, None))
"""


def test_a_first_study_compiles_nothing_twice(small_study: Path, tmp_path: Path) -> None:
    """Both processes, whoever was first, compile for the same arguments."""
    cache = tmp_path / "cache"
    done = subprocess.run(
        [sys.executable, "-c", FIRST, str(small_study)],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "False"]
    for function, _ in LATER:
        code = function.__code__ if not hasattr(function, "py_func") else function.py_func.__code__
        found = list(cache.rglob(f"*.{code.co_name}-{code.co_firstlineno}.*.nbc"))
        assert len(found) == 1, (code.co_name, found)


def test_whether_a_kernel_is_compiled(tmp_path: Path) -> None:
    code = """
import os
import sys
from pathlib import Path
from lwoopro.kernels.cuts import band_table
from lwoopro.kernels.jit import compile_for
from lwoopro.simulation.compiling import _known

before = _known(band_table)
compile_for(band_table, "i4.2 i4.2r u1.2F")
after = _known(band_table)
for index in Path(sys.argv[1]).rglob("*band_table*.nbi"):
    os.utime(index, (0, 0))
print(before, after, _known(band_table))
print(*band_table.signatures[0], sep="; ")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    # what is older than its source is out of date
    first, second = done.stdout.splitlines()
    assert first == "False True False"
    assert second == "array(int32, 2d, C); readonly array(int32, 2d, C); array(uint8, 2d, F)"


@pytest.mark.parametrize(
    ("compute", "places", "cores", "before", "expected"),
    [
        ("", (None, None), 2, False, True),
        ("", (None, None), 2, True, False),
        ("", (None, None), 1, False, False),
        ("", (2, None), 2, False, False),
        ("", (None, "tcp://there:8786"), 2, False, False),
        ("[compute]\nthreads = 1\n", (None, None), 2, False, False),
        ('[compute]\nmemory = "4GB"\n', (None, None), 2, False, False),
    ],
)
def test_when_another_process_pays(
    small_study: Path,
    monkeypatch: pytest.MonkeyPatch,
    compute: str,
    places: tuple[int | None, str | None],
    cores: int,
    before: bool,
    expected: bool,
) -> None:
    small_study.write_text(small_study.read_text("utf-8") + compute, "utf-8")
    monkeypatch.setattr(companion, "_cores", lambda: cores)
    monkeypatch.setattr(compiling, "_known", lambda _: before)
    assert pays(load_study(small_study), *places) == expected


def test_it_ends_with_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    begin = compiling.start

    def seen(line: str) -> Any:
        started.append(begin(line))
        return started[-1]

    monkeypatch.setattr(compiling, "start", seen)
    with helped(True):
        assert started[0] is not None
    assert started[0].returncode is not None
    with helped(False):
        assert len(started) == 1


def test_where_there_is_no_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with helped(True):
        pass
    monkeypatch.setattr(sys, "executable", "/there/is/none")
    with helped(True):
        pass
