"""A page that another process makes has the same bytes, and none is missing where it cannot."""

import io
import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from lwoopro.report import apart as module
from lwoopro.report import page as page_module
from lwoopro.report.apart import Apart, started
from lwoopro.report.findings import Findings, Found
from lwoopro.report.privacy import find
from lwoopro.report.tables import tables_of
from lwoopro.report.write import write_all
from lwoopro.simulation.results import read_results
from tests.report.conftest import POLICY


@pytest.fixture
def again(everything: Path, tmp_path: Path) -> Path:
    """Copy of the run, with neither report nor tables."""
    folder = tmp_path / "run"
    shutil.copytree(everything, folder, ignore=shutil.ignore_patterns("*.html", "tables"))
    return folder


def process(code: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


@pytest.fixture
def answering(request: pytest.FixtureRequest) -> Iterator[Apart]:
    """A process that runs these lines in the place of `serve`."""
    made = Apart(process(request.param))
    yield made
    made.close()


def test_another_process_makes_the_same_page(
    everything: Path, again: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> str:
        raise AssertionError("the page is made here")

    monkeypatch.setattr(page_module, "page_of", never)
    with started(True) as apart:
        assert apart is not None
        write_all(read_results(again), again, apart=apart)
    assert (again / "report.html").read_bytes() == (everything / "report.html").read_bytes()
    for file in (everything / "tables").iterdir():
        assert (again / "tables" / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("answering", ["raise SystemExit(1)"], indirect=True)
def test_where_it_ends_too_early_the_page_is_made_here(
    everything: Path, again: Path, answering: Apart
) -> None:
    answering._process.wait()
    write_all(read_results(again), again, apart=answering)
    assert (again / "report.html").read_bytes() == (everything / "report.html").read_bytes()


@pytest.mark.parametrize(
    "answering",
    [
        "import sys; sys.stdin.readline()",
        "import sys; sys.stdin.readline(); print(12)",
        "import sys; sys.stdin.readline(); print(12, flush=True); print('<html>')",
        "import sys; sys.stdin.readline(); sys.stdout.write('1')",
    ],
    indirect=True,
)
def test_half_a_page_is_none(answering: Apart) -> None:
    answering.ask("run")
    assert answering.page() is None


@pytest.mark.parametrize(
    "answering",
    ["import sys; line = sys.stdin.readline(); print(len(line)); print(line, end='')"],
    indirect=True,
)
def test_what_is_asked_arrives(answering: Apart) -> None:
    answering.ask("run", language="nl", suppress_below=5)
    said = answering.page()
    assert said is not None
    assert json.loads(said) == {"folder": "run", "language": "nl", "suppress_below": 5}


def test_it_answers_with_the_whole_page(everything: Path, again: Path) -> None:
    answer = io.BytesIO()
    asked = {"folder": str(again), "language": "nl", "suppress_below": None}
    line = json.dumps(asked).encode() + b"\n"
    module._serve(io.BytesIO(line + pickle.dumps({})), answer)
    head, _, content = answer.getvalue().partition(b"\n")
    assert int(head) == len(content)
    assert content == (everything / "report-nl.html").read_bytes()


def test_what_the_tables_found_is_not_found_again(
    everything_results: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Findings(everything_results)
    shared: list[Found] = []
    made = tables_of(here, find(everything_results), shared.append)
    assert list(made) == list(tables_of(here, find(everything_results)))
    asked: list[int] = []

    def given() -> Found:
        asked.append(1)
        found: Found = pickle.loads(pickle.dumps(shared[0]))
        return found

    there = Findings(everything_results, given=given)
    there.change(POLICY)
    assert not asked
    for name in ("target_profile", "criteria_scenarios", "regions", "why_summary", "stability"):
        monkeypatch.delattr(f"lwoopro.report.findings.{name}")
    xr.testing.assert_identical(there.profile, here.profile)
    xr.testing.assert_identical(there.stability(POLICY), here.stability(POLICY))
    xr.testing.assert_identical(there.regions(POLICY), here.regions(POLICY))
    xr.testing.assert_identical(there.criteria_scenarios, here.criteria_scenarios)
    assert asked == [1]
    # with draws: large, and soon found
    assert not {"change", "yearly"} & {name for name, _ in shared[0]}


def test_what_only_the_tables_need_is_not_read(everything: Path) -> None:
    def in_memory(found: Findings) -> set[str]:
        return {str(name) for name in found.results if found.results[name]._in_memory}

    here = Findings(read_results(everything))
    there = Findings(read_results(everything), given=dict)
    assert in_memory(here) == set(here.results.data_vars)
    left = in_memory(here) - in_memory(there)
    # of the large ones, and still to be had
    assert {"at_cut_pupils", "below_cut_pupils", "cut_shortfall"} < left
    assert not left & {"budget", "budget_part", "disadvantage_score", "target_pupils"}
    xr.testing.assert_identical(here.results.load(), there.results.load())


def test_it_does_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def recorded(command: list[str], **_: object) -> None:
        commands.append(command)
        raise OSError

    monkeypatch.setattr(subprocess, "Popen", recorded)
    with started(True):
        pass
    monkeypatch.undo()
    *command, code = commands[0]
    # the first sum of a page, on which xarray looks for dask
    other = "import xarray; xarray.DataArray([1.0]).max(); print(sys.modules['dask'])"
    found = subprocess.check_output([*command, code.replace("serve()", other)])
    assert found.strip() == b"None"


def test_what_is_not_read_keeps_nobody_waiting() -> None:
    # more than a pipe holds
    large = {("profile", ""): xr.Dataset({"x": ("i", np.zeros(1_000_000))})}
    sleeping = Apart(process("import time; time.sleep(600)"))
    sleeping.give(large)
    assert sleeping._giving is not None
    assert sleeping._giving.is_alive()
    sleeping.close()
    assert not sleeping._giving.is_alive()


def test_nothing_asked_is_nothing_answered() -> None:
    answer = io.BytesIO()
    module._serve(io.BytesIO(b""), answer)
    assert answer.getvalue() == b""


def test_what_a_page_needs_is_loaded_before(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    standard = sys.stdout
    monkeypatch.setattr("sys.stdout", standard)
    monkeypatch.setattr("gc.disable", lambda: None)
    module.serve()
    # what is printed from then on does not stand in the page
    assert sys.stdout is sys.stderr
    assert capfdbinary.readouterr().out == b""


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_it_ends_with_the_block(error: type[BaseException]) -> None:
    with pytest.raises(error), started(True) as apart:
        assert apart is not None
        running = apart._process
        assert running.poll() is None
        raise error
    assert running.poll() is not None
    assert running.stdin is not None
    assert running.stdin.closed


def test_none_is_started_unless_wanted() -> None:
    with started(False) as apart:
        assert apart is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("executable", ""), ("executable", "/there/is/none"), ("frozen", True)],
)
def test_where_none_can_be_started_there_is_none(
    name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, name, value, raising=False)
    with started(True) as apart:
        assert apart is None


@pytest.mark.parametrize(
    ("platform", "away"),
    [("linux", {"start_new_session": True}), ("win32", {"creationflags": 512})],
)
def test_ctrl_c_does_not_reach_it(
    platform: str, away: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def refused(*_: object, **given: Any) -> None:
        seen.update(given)
        raise OSError

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 512, raising=False)
    monkeypatch.setattr(subprocess, "Popen", refused)
    with started(True) as apart:
        assert apart is None
    plain = {"stdin": -1, "stdout": -1, "stderr": -3}
    assert seen == plain | away


def test_an_address_has_its_page_made_here(everything: Path, again: Path) -> None:
    class Untouched(Apart):
        def ask(self, *_: object, **__: object) -> None:
            raise AssertionError("another process cannot read memory")

    import fsspec

    files = fsspec.filesystem("memory")
    files.put(str(again), "/apart-run", recursive=True)
    try:
        gone = process("pass")
        untouched = Untouched(gone)
        write_all(read_results(again), "memory://apart-run", apart=untouched)
        untouched.close()
        page = files.cat_file("/apart-run/report.html")
    finally:
        files.rm("/apart-run", recursive=True)
    assert page == (everything / "report.html").read_bytes()
