"""The examples for clusters under ``configs/cluster``, as far as they go without a cluster."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lwoopro.study import load_study

FOLDER = Path(__file__).parents[2] / "configs" / "cluster"


def test_the_page_names_every_file_and_its_keys_are_known(small_study: Path) -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    for path in FOLDER.iterdir():
        assert path.name in page or path.name == "README.md"
    (toml,) = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    small_study.write_text(small_study.read_text("utf-8") + toml, "utf-8")
    assert load_study(small_study).compute.patience == 3600


def test_kubernetes() -> None:
    """One thread per worker, as many cores as threads, memory limit of dask that of the pod."""
    found = yaml.safe_load((FOLDER / "kubernetes.yaml").read_text("utf-8"))
    assert (found["apiVersion"], found["kind"]) == ("kubernetes.dask.org/v1", "DaskCluster")
    (worker,) = found["spec"]["worker"]["spec"]["containers"]
    (scheduler,) = found["spec"]["scheduler"]["spec"]["containers"]
    assert worker["image"] == scheduler["image"]
    threads = worker["args"][worker["args"].index("--nthreads") + 1]
    assert threads == worker["resources"]["limits"]["cpu"] == "1"
    memory = worker["args"][worker["args"].index("--memory-limit") + 1]
    assert memory == worker["resources"]["limits"]["memory"] + "B"
    ports = {port["name"] for port in scheduler["ports"]}
    service = found["spec"]["scheduler"]["service"]
    assert {port["targetPort"] for port in service["ports"]} <= ports
    assert service["selector"]["dask.org/cluster-name"] == found["metadata"]["name"]


def test_workers_of_ones_own_can_do_without_what_ours_do_without(tmp_path: Path) -> None:
    """Read by dask itself, in a process whose environment names the file."""
    ours = "from lwoopro.simulation.scheduler import _LEAN as wanted"
    same = "all(dask.config.get(key) == value for key, value in wanted.items())"
    line = f"import dask, distributed; {ours}; print(len(wanted) > 4 and {same})"
    for path, expected in ((FOLDER / "dask.yaml", "True"), (tmp_path, "False")):
        done = subprocess.run(
            [sys.executable, "-c", line],
            env={**os.environ, "DASK_CONFIG": str(path)},
            capture_output=True,
            text=True,
        )
        assert (done.stdout.strip(), done.returncode) == (expected, 0), done.stderr
    for name in ("slurm.sbatch", "slurm.py", "Dockerfile"):
        assert "dask.yaml" in (FOLDER / name).read_text("utf-8")


def test_slurm_with_jobqueue_answers_without_it() -> None:
    path = FOLDER / "slurm.py"
    ast.parse(path.read_text("utf-8"))
    done = subprocess.run([sys.executable, path, "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--jobs" in done.stdout and "--show" in done.stdout


def test_slurm_alone_is_a_script_of_bash() -> None:
    path = FOLDER / "slurm.sbatch"
    text = path.read_text("utf-8")
    assert text.startswith("#!/bin/bash\n") and "--resume" in text
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine")
    done = subprocess.run([bash, "-n", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
