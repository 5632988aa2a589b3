"""A closed environment: no network, and nothing written but where the README says."""

import os
import subprocess
import sys
from pathlib import Path

NO_NETWORK = """
import socket

def refuse(*arguments, **options):
    raise RuntimeError("the program asked for the network")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.socket.bind = refuse
socket.getaddrinfo = refuse
socket.create_connection = refuse
"""


def test_a_study_runs_without_a_network_and_writes_where_it_says(
    small_study: Path, tmp_path: Path
) -> None:
    """Contract: the folder of results; beside it only the cache of populations."""
    places = {name: tmp_path / name for name in ("site", "home", "temp", "cache", "fonts", "work")}
    for place in places.values():
        place.mkdir()
    (places["site"] / "sitecustomize.py").write_text(NO_NETWORK)
    environment = {
        **os.environ,
        "PYTHONPATH": str(places["site"]),
        "HOME": str(places["home"]),
        "XDG_CACHE_HOME": str(places["cache"]),
        "TMPDIR": str(places["temp"]),
        "LWOOPRO_CACHE": "",
        "MPLCONFIGDIR": str(places["fonts"]),
    }
    for command in (["run", str(small_study)], ["report", "results/small"]):
        done = subprocess.run(
            [sys.executable, "-m", "lwoopro", *command],
            cwd=places["work"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
    assert {path.name for path in places["work"].iterdir()} == {"results"}
    run = places["work"] / "results" / "small"
    assert {path.name for path in run.iterdir()} == {
        *("results.zarr", "manifest.json", "tables", "report.html"),
    }
    assert not list(places["home"].rglob("*"))
    assert not list(places["temp"].rglob("*"))
    written = [path for path in places["cache"].rglob("*") if path.is_file()]
    assert all(path.parent.name == "lwoopro" for path in written), written


def test_the_network_is_really_refused(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "asked for the network" in done.stderr
