"""Tables and report of results that are too large for memory: the same, and within bounds."""

import shutil
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from lwoopro.report import findings, within, write
from lwoopro.report.findings import Findings
from lwoopro.report.privacy import find
from lwoopro.report.tables import tables, tables_of
from lwoopro.report.terminal import show_forecast
from lwoopro.report.within import draws_within
from lwoopro.report.write import write_all
from lwoopro.simulation import results as module
from lwoopro.simulation.results import open_results, read_results


@pytest.fixture
def too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its size."""
    for place in (findings, write, module):
        monkeypatch.setattr(place, "IN_MEMORY", 0)


@pytest.fixture
def again(everything: Path, tmp_path: Path) -> Path:
    """Copy of the run, with neither report nor tables."""
    folder = tmp_path / "run"
    shutil.copytree(everything, folder, ignore=shutil.ignore_patterns("*.html", "tables"))
    return folder


@pytest.mark.usefixtures("too_large")
def test_large_results_give_the_same_bytes(everything: Path, again: Path) -> None:
    results = read_results(again)
    write_all(results, again)
    assert (again / "report.html").read_bytes() == (everything / "report.html").read_bytes()
    names = sorted(path.name for path in (everything / "tables").iterdir())
    assert sorted(path.name for path in (again / "tables").iterdir()) == names
    for name in names:
        made, expected = ((run / "tables" / name).read_bytes() for run in (again, everything))
        assert made == expected, name
    # and nothing was kept: what is drawn is still where it was
    assert not any(np.asarray(v.variable._in_memory) for v in results.data_vars.values() if v.ndim)


@pytest.mark.usefixtures("too_large")
@pytest.mark.parametrize("below", [0, 25])
def test_what_is_withheld_is_the_same(everything: Path, below: int) -> None:
    kept = find(open_results(everything).load(), below)
    assert find(read_results(everything), below) == kept
    assert bool(kept.scores) == bool(below)


def stored(results: xr.Dataset, times: int, folder: Path) -> xr.Dataset:
    """The same draws so many times over, on disk, as the program reads large results."""
    place = np.tile(np.arange(results.sizes["draw"]), times)
    many = results.isel(draw=place).assign_coords(draw=np.arange(len(place)))
    attributes = {k: v for k, v in many.attrs.items() if isinstance(v, str | int | float | list)}
    many.attrs = attributes
    many.chunk(draw=480).to_zarr(folder, consolidated=False)
    found: xr.Dataset = xr.open_dataset(
        folder, engine="zarr", consolidated=False, chunks=None, cache=False
    )
    return found


def needed(results: xr.Dataset) -> int:
    """Most bytes that all tables take at once."""
    with xr.set_options(use_numbagg=False):
        tracemalloc.start()
        tables_of(Findings(results), find(results, 5))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return most


@pytest.mark.usefixtures("too_large")
def test_memory_is_the_part_of_the_results_that_is_said(
    everything_results: xr.Dataset, tmp_path: Path
) -> None:
    """Tables take at most the part of the results that `draws_within` reckons with."""
    many = stored(everything_results, 80, tmp_path / "many")
    assert 0 < needed(many) < within._PART * many.nbytes


def test_no_more_draws_than_memory_holds(
    everything: Path, again: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = read_results(again)
    monkeypatch.setattr(within, "_FEWEST", 3)
    monkeypatch.setattr(within, "free_memory", lambda: int(results.nbytes / 12 * 5.5 * 0.5))
    write_all(results, again, language="nl")
    page = (again / "report.html").read_text("utf-8")
    assert "tabellen en rapport tonen de eerste 5 van 12 trekkingen" in page
    assert "tonen de eerste" not in (everything / "report-nl.html").read_text("utf-8")
    first = tables(results.isel(draw=slice(5)))
    for name, table in first.items():
        found = (again / "tables" / f"{name}.csv").read_text("utf-8")
        assert len(found.splitlines()) == len(table) + 1, name
    scores = (again / "tables" / "scores.csv").read_text("utf-8").splitlines()[1].split(",")
    assert float(scores[-3]) == pytest.approx(float(first["scores"]["value"].iloc[0]))
    cut = within.within(results)
    assert within.within(cut).attrs["notes"] == cut.attrs["notes"], "once is enough"


def test_results_that_fit_are_as_they_were(everything_results: xr.Dataset) -> None:
    assert within.within(everything_results) is everything_results


@pytest.mark.parametrize(
    ("draws", "memory", "expected"),
    [(10_000, 10**9, 10_000), (100_000, 10**9, 20_000), (100_000, 1, 1000), (200, 1, 200)],
)
def test_so_many_draws_fit(
    draws: int, memory: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(within, "used_memory", lambda: 0)
    monkeypatch.setattr(within, "_LIBRARIES", 0)
    # 100 kB of results a draw, half of them in memory at once
    assert draws_within(100_000 * draws, draws, memory) == expected


def test_what_the_process_holds_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(within, "_LIBRARIES", 10**8)
    monkeypatch.setattr(within, "used_memory", lambda: 3 * 10**8)
    assert draws_within(10**10, 100_000, 10**9) == 12_000


def test_check_says_it_before(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(within, "used_memory", lambda: 0)
    monkeypatch.setattr(within, "_LIBRARIES", 0)
    forecast: Any = SimpleNamespace(
        lines=lambda: iter([]), result_bytes=10**10, draws=100_000, assumed=[]
    )
    study: Any = SimpleNamespace(path="s.toml", compute=SimpleNamespace(memory_bytes=10**9))
    show_forecast(study, forecast)
    shown = capsys.readouterr().out
    assert "of about the first 20,000 draws" in shown and "up to 1,000 MB more" in shown
    study.compute.memory_bytes = 10**11
    show_forecast(study, forecast)
    assert "first" not in capsys.readouterr().out
