"""Memory that is freed stays with a process of ours: it asks the system for few pages again."""

import os
import subprocess
import sys

import pytest

from lwoopro.simulation.freed import ENVIRONMENT

WORK = """
import resource, sys, threading
import numpy as np
from lwoopro.simulation.freed import keep_freed_memory

if sys.argv[1] == "kept":
    keep_freed_memory()

def passes(many):
    for _ in range(many):
        [np.zeros(1 << 20, np.uint8).fill(1) for _ in range(8)]

def new_pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    thread = threading.Thread(target=passes, args=(40,))
    thread.start()
    thread.join()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

passes(1)
print(new_pages())
"""


def pages(way: str, **environment: str) -> int:
    """Pages that a thread of a new process asks for."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", WORK, way],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone is told")
def test_a_thread_asks_for_few_pages_again() -> None:
    plain, kept = pages("plain"), pages("kept")
    assert kept < plain / 4
    # as a process that is started with it
    assert pages("plain", **{key: str(size) for key, size in ENVIRONMENT.items()}) < plain / 4
    # whoever has chosen keeps his choice
    chosen = {"MALLOC_TRIM_THRESHOLD_": "0", "MALLOC_MMAP_THRESHOLD_": "65536"}
    assert pages("kept", **chosen) > plain / 4


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone says so")
def test_what_is_kept_is_known() -> None:
    """200 blocks of a mebibyte, held and then freed: they are not in use, and stay."""
    line = """
import ctypes
from lwoopro.simulation.freed import keep_freed_memory, kept_memory
from lwoopro.simulation.memory import used_memory
keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
before, used = kept_memory(), used_memory()
blocks = [libc.malloc(1 << 20) for _ in range(200)]
for block in blocks:
    ctypes.memset(block, 1, 1 << 20)
held = used_memory() - used
for block in blocks:
    libc.free(ctypes.c_void_p(block))
print(held >> 20, kept_memory() - before >> 20, used_memory() - used >> 20)
"""
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    held, kept, left = map(int, done.stdout.split())
    assert 195 < held < 210
    assert 195 < kept < 210
    assert -5 < left < 10


@pytest.mark.skipif(sys.platform != "linux", reason="nobody says what is kept")
def test_what_is_kept_can_be_handed_back() -> None:
    code = (
        "import psutil\n"
        "from lwoopro.simulation.freed import hand_back, keep_freed_memory\n"
        "keep_freed_memory()\n"
        "pieces = [bytes(1000) for _ in range(100_000)]\n"
        "del pieces\n"
        "held = psutil.Process().memory_info().rss\n"
        "hand_back()\n"
        "print(held - psutil.Process().memory_info().rss)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 50_000_000
