"""What `check` says before a run: what it leaves out is time that nobody reckoned with."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from lwoopro.errors import InputError
from lwoopro.simulation import forecast as forecasts
from lwoopro.simulation.forecast import Storing, forecast
from lwoopro.study import load_study


@pytest.mark.parametrize(
    ("cores", "busy", "expected"),
    [
        # alone on two cores: nine blocks are stored while the next is computed, and then the last
        (2, 1, 20.0 + 1.0 + 2 * 0.25),
        # nobody is free to store nine blocks: two cores do it beside the rest
        (2, 2, 20.0 + 9 * 1.0 / 2 + 1.0 + 2 * 0.25),
        (4, 4, 20.0 + 9 * 1.0 / 4 + 1.0 + 2 * 0.25),
    ],
)
def test_storing_takes_time_of_its_own(
    monkeypatch: pytest.MonkeyPatch, cores: int, busy: int, expected: float
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert Storing(1.0, 0.25, 10).beside(20.0, busy) == pytest.approx(expected)


def test_a_slow_disk_is_the_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert Storing(3.0, 0.0, 10).beside(20.0, 1) == pytest.approx(30.0)


def test_the_twin_is_part_of_preparing(small_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And of the memory: it is worked out before the peak is looked at."""
    asked = []
    real = forecasts.beside_draws

    def beside(*given, **named):
        asked.append(named)
        return real(*given, **named)

    monkeypatch.setattr(forecasts, "beside_draws", beside)
    clock = iter([100.0, 107.0])
    monkeypatch.setattr(forecasts, "time", SimpleNamespace(perf_counter=lambda: next(clock, 107.0)))
    found = forecast(load_study(small_study))
    assert asked == [{"fresh": True, "threads": os.cpu_count()}]
    assert found.prepare_seconds == 7.0


def test_check_leaves_nothing_behind(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The block that it stores to see how long that takes stands in a scratch folder."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = sorted(tmp_path.rglob("*"))
    forecast(load_study(small_study))
    assert sorted(tmp_path.rglob("*")) == before


def test_check_refuses_what_a_run_refuses(
    small_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_study.write_text(
        small_study.read_text("utf-8") + '[compute]\nmemory = "100 MB"\n', "utf-8"
    )
    with pytest.raises(InputError, match=r"compute\.memory: 100 MB is too little"):
        forecast(load_study(small_study))
