"""The compiler's cache, with several processes: one file for every kind of arguments."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from numba.core.caching import IndexDataCacheFile

from lwoopro.kernels.cuts import band_table
from lwoopro.kernels.jit import COMPILED

pytestmark = pytest.mark.skipif(not COMPILED, reason="nothing is compiled")


def found_by_turns(kind: type[IndexDataCacheFile], folder: Path) -> list[Any]:
    """What is found for two kinds of arguments after two processes saved them at the same time.

    Both look into the index before any has written to it.
    """
    first, second = (kind(str(folder), "kernel-1.py", ("time", 1)) for _ in range(2))
    write = second._save_data

    def meanwhile(name: str, data: Any) -> None:
        first._load_index = dict
        first.save("first", "code of the first")
        del first._load_index
        write(name, data)

    second._save_data = meanwhile
    second.save("second", "code of the second")
    return [first.load("first"), first.load("second")]


def test_no_arguments_lead_to_the_code_of_others(tmp_path: Path) -> None:
    # the compiler's own files do that; the day that they do not, `_Files` may go
    assert found_by_turns(IndexDataCacheFile, tmp_path)[0] == "code of the second"
    (tmp_path / "ours").mkdir()
    ours = type(band_table._cache._cache_file)
    assert found_by_turns(ours, tmp_path / "ours") == ["code of the first", "code of the second"]


AT_ONCE = """
import sys
import numpy as np
from lwoopro.kernels.cuts import band_table

kind = sys.argv[1]
sys.stdin.readline()
cut = np.array([[3, 4], [7, 7]], np.int32)
band = np.zeros((10, 2), kind)
band_table(np.arange(10, dtype=np.int32)[:, None], cut, band)
own = np.arange(10)[:, None]
right = sum((own > cut[s]) + 0 + (own >= cut[s]) for s in range(2))
assert (band == right).all(), band
print(band.dtype)
"""


def processes(folder: Path, kinds: list[str]) -> list[str]:
    """Let processes compile or load a kernel at once, each for a type; the types that they had."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, kind],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for kind in kinds
    ]
    return [process.communicate("now\n")[0].strip() for process in started]


def test_processes_share_the_cache(tmp_path: Path) -> None:
    kinds = ["uint8", "uint16", "uint8", "uint16"]
    for _ in range(2):
        assert processes(tmp_path, kinds) == kinds
    names = [path.suffix for path in tmp_path.rglob("*band_table*")]
    assert names.count(".nbi") == 1 and names.count(".nbc") == 2, names
