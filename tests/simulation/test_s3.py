"""A run in an S3 bucket that is killed goes on there, and ends with the same hash (Q-2).

Skipped without an imitation of S3 on this machine: ``pip install s3fs "moto[server]"``.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.runner import run

needed = ("moto", "flask", "s3fs")
absent = [name for name in needed if find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(absent), reason=f"not installed: {', '.join(absent)}"),
]

BUCKET = "lwoopro"
FOLDER = f"s3://{BUCKET}/run"

# what knows S3 are processes of their own: its libraries leave connections open
MAKE = f"import s3fs; s3fs.S3FileSystem().mkdir('{BUCKET}')"
RUN = """
import sys
from lwoopro.simulation.runner import run
if __name__ == "__main__":
    workers = int(sys.argv[3]) or None
    tell = lambda n, of: print(n, flush=True)
    run(sys.argv[1], sys.argv[2], resume=True, workers=workers, progress=tell)
"""
LOOK = """
import json, sys
import numpy as np
from lwoopro.simulation.location import Location
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.results import open_results
manifest, seen = Manifest.load(sys.argv[1]), open_results(sys.argv[1])
print(json.dumps({
    "complete": manifest.complete_draws,
    "sha256": manifest.results_sha256,
    "visible": seen.sizes["draw"],
    "finite": bool(np.isfinite(seen["budget"].values).all()),
    "names": Location(sys.argv[1]).names(),
}))
"""


def python(code: str, *given: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def look() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(python(LOOK, FOLDER))
    return found


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty bucket on loopback, which the processes that we start find."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        python(MAKE)
        yield FOLDER
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize("workers", [0, 1])
def test_a_killed_run_goes_on_in_its_bucket(
    bucket: str, small_study: Path, tmp_path: Path, workers: int
) -> None:
    text = small_study.read_text("utf-8").replace("draws = 10", "draws = 80")
    small_study.write_text(f"{text}[compute]\nblock_draws = 8\nthreads = 1\n", "utf-8")
    script = tmp_path / "killed.py"
    script.write_text(RUN, "utf-8")
    command = [sys.executable, str(script), str(small_study), bucket, str(workers)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    done = [int(process.stdout.readline()) for _ in range(4)]
    os.killpg(process.pid, 9)
    process.wait()
    process.stdout.close()
    assert done == [0, 8, 16, 24]
    left = look()
    assert 0 < left["complete"] < 80 and left["sha256"] is None
    assert left["visible"] <= left["complete"] and left["finite"]
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    first, *_, last = map(int, again.stdout.split())
    assert left["complete"] <= first < 80 and last == 80
    run(small_study, tmp_path / "here")
    here, there = Manifest.load(tmp_path / "here"), look()
    assert here is not None and there["sha256"] == here.results_sha256
    assert there["finite"] and there["visible"] == 80
    assert there["names"] == ["manifest.json", "results.zarr"]
