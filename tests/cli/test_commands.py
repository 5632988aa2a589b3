"""Commands inside this process: exit status of what may go wrong, and options that arrive."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import lwoopro.bench
import lwoopro.bench.show
import lwoopro.duo
import lwoopro.recalibration.recalibrate
import lwoopro.report.recalibrated
import lwoopro.report.terminal
from lwoopro.cli import app, guarded
from lwoopro.errors import InputError, Problem, RunError


def raising(error: BaseException) -> Callable[[], object]:
    def command() -> object:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (InputError([Problem("a", "b", "c"), Problem("d", "e")]), 2, "a: b; c\nd: e\n"),
        (KeyboardInterrupt(), 130, ""),
        (RunError("the scheduler is lost"), 1, "the scheduler is lost\n"),
        (OSError(28, "No space left on device", "there"), 1, "there: No space left on device\n"),
        (OSError("refused"), 1, "lwoopro: refused\n"),
        (SystemExit(7), 7, ""),
        (SystemExit("words"), 1, ""),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_exit_status(
    capsys: pytest.CaptureFixture[str], error: BaseException, status: int, words: str
) -> None:
    assert guarded(raising(error)) == status
    assert capsys.readouterr().err == words
    assert guarded(lambda: None) == 0


def call(*arguments: str | Path) -> int:
    return guarded(lambda: app(list(map(str, arguments))))


def test_a_run_without_draws_and_what_is_said_of_it(
    small_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "analytic"
    assert call("run", small_study, "--analytic", "--out", out) == 0
    assert "without draws" in capsys.readouterr().out
    # the folder holds no draws to continue
    assert call("run", small_study, "--out", out) == 2
    assert "without draws" in capsys.readouterr().err


def test_an_amount_is_explained(
    small_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("run", small_study, "--out", tmp_path / "run", "--no-report", "--quiet") == 0
    capsys.readouterr()
    assert call("explain", tmp_path / "run", "--swv", "VO2810") == 0
    assert "VO2810" in capsys.readouterr().out
    assert call("explain", tmp_path / "run", "--swv", "VO281") == 2
    assert "VO281" in capsys.readouterr().err
    assert call("report", tmp_path / "run", "--out", tmp_path / "one.html") == 2
    assert capsys.readouterr().err == "--out: there is nothing to compare; give two folders\n"


def test_options_of_recalibration_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    written: list[Any] = []
    shown: list[object] = []
    comparison = SimpleNamespace(to_csv=lambda path, index: written.append((path, index)))
    found = SimpleNamespace(comparison=comparison)

    def estimate(pupils: str, out: Path, **options: Any) -> object:
        given.update(options, pupils=pupils, out=out)
        return found

    monkeypatch.setattr(lwoopro.recalibration.recalibrate, "recalibrate", estimate)
    monkeypatch.setattr(lwoopro.report.recalibrated, "show_recalibration", shown.append)
    table = tmp_path / "table.csv"
    options = ("--errors", "school", "--centre", "100", "--characteristic", "a")
    more = ("--characteristic", "b", "--comparison", table)
    assert call("recalibrate", "pupils.csv", "--out", "new.toml", *options, *more) == 0
    assert given == {
        "pupils": "pupils.csv",
        "out": Path("new.toml"),
        "against": "assumed-2022",
        "errors": "school",
        "centre": 100.0,
        "characteristics": ["a", "b"],
        "score": "test_score",
        "intelligence": "intelligence",
        "advice": "advice",
    }
    assert written == [(table, False)] and shown == [found]
    assert call("recalibrate", "pupils.csv", "--out", "new.toml", "--quiet") == 0
    assert given["characteristics"] == [] and len(shown) == len(written) == 1


def test_options_of_bench_and_duo_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(lwoopro.bench, "limit_cores", lambda: seen.append("cores"))
    monkeypatch.setattr(lwoopro.bench.show, "bench", lambda *given: seen.append(given))
    assert call("bench", "--quick", "--out", "b.json") == 0
    assert seen == ["cores", (True, Path("b.json"))]
    seen.clear()

    def build(*given: object) -> str:
        seen.append(given)
        return "made"

    monkeypatch.setattr(lwoopro.duo, "build", build)
    monkeypatch.setattr(lwoopro.duo, "write", lambda *given: seen.append(given))
    monkeypatch.setattr(lwoopro.report.terminal, "show_duo", lambda *given: seen.append(given))
    files = ("--enrolment", "e", "--locations", "l", "--location-swv", "s", "--postcode-swv", "p")
    assert call("duo", *files, "--out", "o", "--exams", "x", "--exams", "y") == 0
    out = Path("o")
    asked = (*map(Path, "elsp"), [Path("x"), Path("y")])
    assert seen == [asked, ("made", out), ("made", out)]


def test_ctrl_c_while_tables_are_made(
    small_study: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The draws are done: what is left needs no second run."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr("lwoopro.report.write.write_all", interrupted)
        assert call("run", small_study, "--out", out, "--quiet", "--no-report") == 130
    words = f"interrupted; the draws are done: lwoopro report {out} makes tables\n"
    assert capsys.readouterr().err == words
    assert call("report", out) == 0
    assert (out / "tables" / "scores.csv").exists()
