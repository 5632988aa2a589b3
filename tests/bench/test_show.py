"""From the figures to the tables, the aims and the exit status."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from benchmarks.__main__ import BEGIN, END, RESULTS, with_table
from rich.console import Console

from lwoopro import cli
from lwoopro.bench import limit_cores, show
from lwoopro.bench.aims import aims
from lwoopro.bench.results import load, save
from lwoopro.bench.table import markdown
from lwoopro.bench.table import show as show_table

ROOT = Path(__file__).parents[2]


def row(name: str, cores: int, seconds: float = 0.0, ratio: float = 1.0, **more: Any) -> dict:
    figures = {
        "seconds": {"low": seconds, "median": seconds, "high": seconds},
        "ratio": {"low": ratio * 0.9, "median": ratio, "high": ratio * 1.1},
    }
    if name == "lwoopro":
        figures["ratio"] = {"low": 1.0, "median": 1.0, "high": 1.0}
    status = {"status": "measured", **figures} if seconds else {"status": "not installed"}
    common = {"name": name, "library": "", "cores": cores, "note": "a note"}
    return {**common, **status, **more}


@pytest.fixture
def results() -> dict[str, Any]:
    rows = [
        row("lwoopro", 1, 0.00029),
        row("NumPy, as scripts are written", 1, 0.04, 151.0),
        row("flox", 1, 0.009, 29.0),
        row("lwoopro", 2, 0.00015),
        row("polars", 2, 0.009, 60.0, library="polars", version="9.9"),
        row("DuckDB", 2),
    ]
    return {
        "format": 1,
        "made": "2026-01-02T03:04:05+00:00",
        "quick": False,
        "machine": {"system": "Linux", "model": "A processor", "cores": 2, "load": 0.04},
        "versions": {"python": "3.99"},
        "data": {
            "population": "somewhere",
            "pupils": 200_000,
            "pupils_drawn": 116_000,
            "share_drawn": 0.58,
            "parents_drawn": 160_000,
            "shares": 6,
            "attributions": 2,
            "study_draws": 1000,
        },
        "cases": [
            {
                "name": "whole draw",
                "question": "?",
                "unit": "draw",
                "rounds": 3,
                "contestants": rows,
            }
        ],
        "commands": [
            {"name": "help", "what": "lwoopro --help", "runs": 1, "seconds": {"median": 0.41}},
            {"name": "first", "what": "first", "runs": 1, "seconds": {"median": 16.0}},
            {"name": "one-year", "what": "again", "runs": 1, "seconds": {"median": 2.0}},
        ],
    }


def test_aims_are_held_against_the_figures(results: dict[str, Any]) -> None:
    found = {aim.what: (round(aim.measured, 2), aim.reached) for aim in aims(results)}
    assert found == {
        "whole draw: faster than NumPy, as scripts are written": (151.0, True),
        "whole draw: faster than polars": (60.0, True),
        "whole draw: faster than flox": (29.0, False),
        "whole draw: core-nanoseconds per pupil who differs between draws": (2.5, True),
        "`lwoopro --help`": (0.41, False),
        "compilation in a first study": (14.0, True),
    }


def test_the_markdown_table(results: dict[str, Any]) -> None:
    text = markdown(results)
    assert "200,000 pupils: somewhere. 58% of them differ between draws (116,000;" in text
    assert "A processor, 2 cores, Linux, load 0.0 before the start; " in text
    assert "; python 3.99, polars 9.9; 2026-01-02.\n" in text
    assert "| whole draw, per draw | **lwoopro** | 1 | 290 µs | 1 |\n" in text
    assert "|  | polars | 2 | 9.00 ms | 60.0 (54.0–66.0) |\n" in text
    assert "|  | DuckDB | 2 | not installed |  |\n" in text
    assert "| whole draw: faster than flox | ≥ 30 × | 29.0 × | no |\n" in text
    assert "| lwoopro --help | 410 ms |\n" in text


def test_the_table_on_the_terminal(results: dict[str, Any]) -> None:
    file = StringIO()
    show_table(results, Console(file=file, width=110))
    lines = [" ".join(line.split()) for line in file.getvalue().splitlines()]
    assert "lwoopro 1 290 µs 1 a note" in lines
    assert "polars 2 9.00 ms 60.0 (54.0–66.0) a note" in lines
    assert "DuckDB 2 not installed a note" in lines
    assert "lwoopro --help ≤ 0.4 s 0.41 s no" in lines


def test_results_keep_six_digits(tmp_path: Path, results: dict[str, Any]) -> None:
    results["data"]["share_drawn"] = 0.123456789
    save(results, tmp_path / "new" / "bench.json")
    assert load(tmp_path / "new" / "bench.json")["data"]["share_drawn"] == 0.123457
    (tmp_path / "old.json").write_text(json.dumps({"format": 0}), "utf-8")
    with pytest.raises(ValueError, match="format 1"):
        load(tmp_path / "old.json")


def run_bench(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    # numba does not like another number once its threads run
    monkeypatch.setattr("lwoopro.bench.limit_cores", lambda: None)
    monkeypatch.setattr("sys.argv", ["lwoopro", "bench", *arguments])
    return cli.guarded(cli.app)


def test_the_command(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    results: dict[str, Any],
) -> None:
    asked = []

    def measure(quick: bool, say: Any) -> dict[str, Any]:
        asked.append(quick)
        say("whole draw: polars")
        return results

    monkeypatch.setattr(show, "measure", measure)
    path = tmp_path / "bench.json"
    assert run_bench(monkeypatch, "--quick", "--out", str(path)) == 0
    assert load(path)["made"] == results["made"]
    assert run_bench(monkeypatch) == 0
    assert asked == [True, False]
    shown = capsys.readouterr()
    assert "60.0 (54.0–66.0)" in shown.out
    assert "whole draw: polars" in shown.err

    results["cases"][0]["contestants"][4]["status"] = "differs"
    assert run_bench(monkeypatch) == 1
    assert "not the engine's answer: polars in whole draw" in capsys.readouterr().err


def test_cores_are_limited_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLARS_MAX_THREADS", "7")
    # set first, so that it is put back afterwards
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    monkeypatch.delenv("NUMBA_NUM_THREADS")
    limit_cores()
    assert os.environ["POLARS_MAX_THREADS"] == "7"
    assert int(os.environ["NUMBA_NUM_THREADS"]) <= 2


def test_the_readme_has_the_figures_that_are_kept() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert readme.count(BEGIN) == readme.count(END) == 1
    assert with_table(readme, markdown(load(RESULTS))) == readme


def test_a_new_table_replaces_the_old_one_and_nothing_else() -> None:
    text = f"before\n{BEGIN}\nold\n\n{END}after\n"
    assert with_table(text, "new\n") == f"before\n{BEGIN}\nnew\n\n{END}after\n"
