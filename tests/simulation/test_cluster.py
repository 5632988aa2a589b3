"""Real processes on loopback: workers and schedulers that vanish, and words for it (Q-2)."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from lwoopro.errors import InputError, RunError
from lwoopro.simulation import runner, scheduler
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.runner import State, backend_of, open_results, run
from lwoopro.simulation.scheduler import Backend, run_blocks
from lwoopro.study import load_study

TASKS = '''
import os
from pathlib import Path

class State:
    """Writes a line whenever it arrives somewhere."""
    def __init__(self, log):
        self.log = log
    def __setstate__(self, state):
        self.__dict__.update(state)
        with open(self.log, "a") as file:
            file.write(f"{os.getpid()}\\n")

def first_draw(state, block):
    return os.getpid(), block.start

def die(state, block):
    os._exit(1)

def starve(state, block):
    raise MemoryError
'''


class Processes:
    """A scheduler and workers, each a process of its own; all end with the test."""

    def __init__(self, folder: Path, allowed_failures: int = 3) -> None:
        self._folder = folder
        (folder / "lwoopro_test_tasks.py").write_text(TASKS, "utf-8")
        self._env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(folder), *sys.path]),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures),
        }
        self._all: list[subprocess.Popen[str]] = []
        self.scheduler = self._start("scheduler", "--port", "0")
        assert self.scheduler.stderr is not None
        words = next(line for line in self.scheduler.stderr if "Scheduler at:" in line)
        self.address = words.split()[-1]
        # an unread pipe would stop the scheduler when it is full
        threading.Thread(target=self.scheduler.stderr.read, daemon=True).start()

    def _start(self, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--no-dashboard"],
            cwd=self._folder,
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if arguments[0] == "scheduler" else subprocess.DEVNULL,
            text=True,
        )
        self._all.append(process)
        return process

    def worker(self) -> "subprocess.Popen[str]":
        return self._start("worker", self.address, "--nthreads", "1", "--no-nanny")

    def end(self) -> None:
        for process in self._all:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()


@pytest.fixture
def processes(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Processes]:
    found = Processes(tmp_path, getattr(request, "param", 3))
    yield found
    found.end()


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that the workers know, too."""
    (tmp_path / "lwoopro_test_tasks.py").write_text(TASKS, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    import lwoopro_test_tasks

    yield lwoopro_test_tasks
    del sys.modules["lwoopro_test_tasks"]


def sha(folder: Path) -> str | None:
    manifest = Manifest.load(folder)
    assert manifest is not None
    return manifest.results_sha256


@pytest.mark.slow
def test_a_worker_and_then_the_scheduler_are_killed(
    processes: Processes, small_study: Path, tmp_path: Path
) -> None:
    """The other worker goes on; without a scheduler what was done is kept, and continued."""
    study = small_study.with_name("many.toml")
    text = small_study.read_text("utf-8").replace("draws = 10", "draws = 120")
    study.write_text(text + "[compute]\nblock_draws = 4\npatience = 60\n", "utf-8")
    workers = [processes.worker(), processes.worker()]
    seen: list[State] = []

    def watch(state: State) -> None:
        seen.append(state)
        if state.blocks >= 3 and workers[0].poll() is None:
            workers[0].kill()
        if state.blocks >= 10 and state.workers == 1 and processes.scheduler.poll() is None:
            processes.scheduler.kill()

    folder = tmp_path / "run"
    with pytest.raises(RunError, match=r"the scheduler at tcp://127.0.0.1:\d+ is lost; what was "):
        run(study, folder, scheduler=processes.address, watch=watch)
    assert {state.workers for state in seen} >= {1, 2}
    assert {state.place for state in seen} == {"cluster"}
    manifest = Manifest.load(folder)
    assert manifest is not None and len(manifest.blocks) >= 10
    partial = open_results(folder)
    assert 0 < partial.sizes["draw"] == manifest.complete_draws < 120
    assert np.isfinite(partial["budget"].values).all()
    run(study, folder, resume=True)
    run(study, tmp_path / "at once")
    assert sha(folder) == sha(tmp_path / "at once")


@pytest.mark.slow
def test_what_all_blocks_need_is_sent_once_per_worker(
    processes: Processes, tasks: Any, tmp_path: Path
) -> None:
    log = tmp_path / "arrivals.txt"
    processes.worker()
    found: list[tuple[int, int]] = []

    def done(block: range, result: tuple[int, int]) -> None:
        assert block.start == result[1]
        found.append(result)
        if len(found) == 5:
            processes.worker()  # who comes late gets it, too, from the other

    blocks = [range(start, start + 4) for start in range(0, 1200, 4)]
    backend = Backend(address=processes.address, patience=60)

    def slowly() -> Iterator[range]:
        for block in blocks:
            # until both are there
            if block.start >= 800 and len({worker for worker, _ in found}) < 2:
                threading.Event().wait(0.3)
            yield block

    run_blocks(tasks.first_draw, tasks.State(log), slowly(), done, backend=backend)
    assert sorted(start for _, start in found) == [block.start for block in blocks]
    arrivals = log.read_text("utf-8").split()
    assert len(arrivals) == len(set(arrivals)) <= 2
    assert {str(worker) for worker, _ in found} <= set(arrivals)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [0], indirect=True)
def test_workers_that_end_again_and_again_end_the_run(
    processes: Processes, tasks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes.worker()
    processes.worker()
    backend = Backend(address=processes.address, patience=60)
    words = "draws 0 to 3 ended, one after the other: most often for want of memory"
    with pytest.raises(RunError, match=words):
        run_blocks(tasks.die, None, [range(4)], lambda *_: None, backend=backend)
    processes.worker()
    with pytest.raises(RunError, match="a worker has too little memory"):
        run_blocks(tasks.starve, None, [range(4)], lambda *_: None, backend=backend)
    monkeypatch.setattr(scheduler, "version", lambda _name: "0.0.1")
    with pytest.raises(RunError, match=r"this is lwoopro 0\.0\.1, and on the workers it is "):
        run_blocks(tasks.first_draw, None, [range(4)], lambda *_: None, backend=backend)


@pytest.mark.slow
def test_processes_of_this_machine_listen_to_nobody_else(tasks: Any) -> None:
    """Scheduler, workers and dashboard are on loopback; they end with the run."""
    listening: set[str] = set()
    born: list[psutil.Process] = []

    def crew(workers: int) -> None:
        if workers:
            here = psutil.Process()
            born.extend(here.children(recursive=True))
            for process in (here, *born):
                listening.update(
                    line.laddr.ip
                    for line in process.net_connections("inet")
                    if line.status == psutil.CONN_LISTEN
                )

    results: list[int] = []
    run_blocks(
        tasks.first_draw,
        None,
        [range(4), range(4, 8)],
        lambda _block, result: results.append(result[0]),
        backend=Backend(workers=1),
        crew=crew,
    )
    assert len(results) == 2 and os.getpid() not in results
    assert listening == {"127.0.0.1"}
    assert born and not any(process.is_running() for process in born if process.pid in results)


def nothing(_state: None, _block: range) -> None:
    return None


def refused(backend: Backend) -> Callable[[], None]:
    return lambda: run_blocks(nothing, None, [range(4)], lambda *_: None, backend=backend)


def test_no_scheduler_and_no_worker_are_said(processes: Processes) -> None:
    words = r"no scheduler answers at tcp://127.0.0.1:1 within 1 s"
    with pytest.raises(RunError, match=words):
        refused(Backend(address="tcp://127.0.0.1:1", patience=1))()
    with pytest.raises(RunError, match=r"no worker came to the scheduler in 1 s \(compute.pati"):
        refused(Backend(address=processes.address, patience=1))()
    with pytest.raises(InputError, match="--scheduler: carrier-pigeon://here is no address of a"):
        refused(Backend(address="carrier-pigeon://here", patience=1))()
    with pytest.raises(
        InputError, match=r"--scheduler tls://127\.0\.0\.1:1: no certificate and key"
    ):
        refused(Backend(address="tls://127.0.0.1:1", patience=1))()
    with pytest.raises(InputError, match=r"names files for TLS, and this address does not use it"):
        refused(Backend(address=processes.address, tls=("ca.pem", None, None)))()


def test_files_for_tls_are_looked_for_beside_the_study(small_study: Path) -> None:
    more = '[compute]\ntls_ca = "keys/ca.pem"\ntls_cert = "keys/me.crt"\ntls_key = "keys/me.key"\n'
    small_study.write_text(small_study.read_text("utf-8") + more, "utf-8")
    study = load_study(small_study)
    with pytest.raises(InputError) as caught:
        backend_of(study, scheduler="tls://127.0.0.1:8786")
    assert len(caught.value.problems) == 3
    assert "ca.pem: there is no such file; see [compute] tls_ca" in str(caught.value)
    keys = small_study.parent / "keys"
    keys.mkdir()
    for name in ("ca.pem", "me.crt", "me.key"):
        (keys / name).write_text("x", "utf-8")
    found = backend_of(study, scheduler="tls://127.0.0.1:8786")
    assert found.tls == (str(keys / "ca.pem"), str(keys / "me.crt"), str(keys / "me.key"))
    security = scheduler._security(found)
    assert security.require_encryption
    assert security.get_tls_config_for_role("client")["ca_file"] == str(keys / "ca.pem")
    assert runner.backend_of(load_study(small_study)).on_cluster is False


def test_a_script_that_starts_workers_while_it_is_read_is_told_how(
    small_study: Path, tmp_path: Path
) -> None:
    line = f"run({str(small_study)!r}, {str(tmp_path / 'out')!r}, workers=1)"
    script = tmp_path / "script.py"
    script.write_text(f"from lwoopro import run\n{line}\n", "utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    assert said.startswith("lwoopro.errors.RunError: 1 workers could not be started; a script")
    assert 'if __name__ == "__main__":' in said
    script.write_text(
        f"from lwoopro import run\nif __name__ == '__main__':\n    {line[:-1]}, resume=True)\n",
        "utf-8",
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
