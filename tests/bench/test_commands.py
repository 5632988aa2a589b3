"""The commands that are timed: what they are, and that their studies are right."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from lwoopro.bench import commands
from lwoopro.bench.pro_job import main as pro_job
from lwoopro.study import Study, load_study


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], Mapping[str, str] | None]]:
    """Record the commands instead of running them; each takes a second more than the one before."""
    found: list[tuple[list[str], Mapping[str, str] | None]] = []

    def record(arguments: list[str], environment: Mapping[str, str] | None = None) -> float:
        if "run" in arguments:
            studies.append(load_study(arguments[arguments.index("run") + 1]))
            out = Path(arguments[arguments.index("--out") + 1])
            assert out not in folders
            folders.append(out)
        found.append((arguments, environment))
        return float(len(found))

    studies: list[Study] = []
    folders: list[Path] = []
    monkeypatch.setattr(commands, "_seconds", record)
    return found


def test_all_of_them(ran: list[tuple[list[str], Mapping[str, str] | None]]) -> None:
    rows = {row["name"]: row for row in commands.measure_commands(quick=False)}
    assert list(rows) == ["help", "one-year", "results", "national", "pro", "first"]
    assert [rows[name]["runs"] for name in rows] == [3, 3, 3, 3, 1, 1]
    # the first command of each kind is not counted: something may still be compiled
    assert rows["help"]["seconds"] == {"low": 2, "median": 3, "high": 4}
    assert rows["one-year"]["seconds"]["low"] == 6
    assert rows["results"]["seconds"]["low"] == 10
    assert rows["national"]["seconds"]["low"] == 13
    assert ["--results-only" in arguments for arguments, _ in ran].count(True) == 3
    assert [environment is not None for _, environment in ran] == [False] * 16 + [True]


def test_in_a_hurry(ran: list[tuple[list[str], Mapping[str, str] | None]]) -> None:
    rows = commands.measure_commands(quick=True)
    assert [(row["name"], row["runs"]) for row in rows] == [("help", 1), ("one-year", 1)]
    assert len(ran) == 4


def test_a_command_that_fails_is_an_error() -> None:
    with pytest.raises(commands.subprocess.CalledProcessError):
        commands._seconds(["-c", "raise SystemExit(3)"])
    assert commands._seconds(["-c", ""], {"PYTHONUTF8": "1"}) > 0


def test_the_job_of_pro_growth_runs() -> None:
    pro_job(draws=70, scale=0.02)
