"""How far a run is, in words: right wherever it runs, and few where nobody looks."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from lwoopro.report import terminal
from lwoopro.report.terminal import busy, progress_display
from lwoopro.simulation.runner import State, run


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.mark.parametrize(
    ("place", "workers", "words"),
    [
        ("threads", 2, "2 threads"),
        ("threads", 1, "1 thread"),
        ("processes", 3, "3 workers"),
        ("cluster", 1, "1 worker"),
        ("cluster", 0, "waiting for workers"),
    ],
)
def test_words_of_every_back_end(place: str, workers: int, words: str) -> None:
    watch = Watch()
    clock = terminal._Clock(watch)
    first = clock.words(State(100, 500, 1, 5, workers, place))
    assert first == ["1 of 5 blocks", words], "no rate before a draw of this run is done"
    watch.time += 20
    # 100 draws came from an earlier run: 200 in 20 s, and 200 are left
    assert clock.words(State(300, 500, 3, 5, workers, place)) == [
        "3 of 5 blocks",
        "10 draws/s",
        "20 s left",
        words,
    ]
    watch.time += 20
    assert clock.words(State(500, 500, 5, 5, workers, place)) == [
        "5 of 5 blocks",
        "10 draws/s",
        words,
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (5400, "90 min"), (9000, "2.5 h")],
)
def test_times_as_people_say_them(seconds: float, words: str) -> None:
    assert terminal._time(seconds) == words


def test_a_log_gets_a_line_per_tenth_and_where_workers_come_or_go(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress_display(quiet=False) as report:
        assert report is not None
        for draws in range(0, 1001):
            report(State(draws, 1000, draws // 10, 100, 2 if draws < 555 else 1, "cluster"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert lines[0].startswith("0 of 1000 draws  0 of 100 blocks")
    assert [line.split()[0] for line in lines[4:8]] == ["400", "500", "555", "600"]
    assert lines[5].endswith("2 workers") and lines[6].endswith("1 worker")


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_display(quiet=True) as report:
        assert report is None
    assert capsys.readouterr().out == ""


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    console = Console(file=screen, force_terminal=True, width=100)
    monkeypatch.setattr(terminal, "new_console", lambda: console)
    with progress_display(quiet=False) as report:
        assert report is not None
        report(State(64, 128, 1, 2, 2, "threads"))
    shown = screen.getvalue()
    assert "64/128" in shown and "1 of 2 blocks" in shown and "2 threads" in shown


def test_a_run_says_every_state(small_study: Path, tmp_path: Path) -> None:
    study = small_study.with_name("blocks.toml")
    study.write_text(
        small_study.read_text("utf-8") + "[compute]\nblock_draws = 4\nthreads = 1\n", "utf-8"
    )
    seen: list[State] = []
    run(study, tmp_path / "run", watch=seen.append)
    draws = [state for state in seen if state.all_draws == 10]
    assert [(state.draws, state.blocks) for state in dict.fromkeys(draws)] == [
        (0, 0),
        (4, 1),
        (8, 2),
        (10, 3),
    ]
    assert {(state.all_blocks, state.workers, state.place) for state in draws} == {
        (3, 1, "threads")
    }


def test_a_terminal_shows_that_something_takes_its_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with busy("tables and report"):
        pass
    assert capsys.readouterr().out == "", "a log says nothing"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr(
        terminal, "new_console", lambda: Console(file=sys.stdout, force_terminal=True)
    )
    with busy("tables and report", quiet=True):
        pass
    assert capsys.readouterr().out == ""
    with busy("tables and report"):
        pass
    assert "tables and report" in capsys.readouterr().out
