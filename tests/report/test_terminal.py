"""What the terminal shows at the end of a command, and of what has no draws."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import xarray as xr

from lwoopro.duo.result import DuoResult, EvidenceCount, Summary
from lwoopro.errors import InputError
from lwoopro.report.answer import answer, show_answer
from lwoopro.report.readable import readable
from lwoopro.report.recalibrated import show_recalibration
from lwoopro.report.terminal import progress_display, show_duo, show_forecast, show_summary
from lwoopro.simulation.drawing import State
from lwoopro.simulation.results import open_results
from lwoopro.study import load_study
from tests.report.conftest import POLICY

Shown = pytest.CaptureFixture[str]


def test_the_end_of_a_run(everything: Path, everything_results: xr.Dataset, capsys: Shown) -> None:
    show_summary(everything_results, everything, report=True)
    shown = capsys.readouterr().out
    words = " ".join(shown.split())
    assert POLICY in shown and "reference" in shown and "rise" in shown
    assert "The other policies stand in the results: <script>alert(1)</script>." in words
    assert "Assumed, without a source:" in shown
    for name in ("results.zarr", "manifest.json", "report.html"):
        assert str(everything / name) in shown.replace("\n", "")


def test_one_policy_has_no_winners_and_an_address_no_backslash(
    everything_results: xr.Dataset, capsys: Shown
) -> None:
    baseline = everything_results.attrs["baseline"]
    one = everything_results.sel(policy=[baseline]).drop_vars("lumpsum_cut")
    one.attrs["notes"] = ["some swv have no pupils"]
    show_summary(one, "s3://bucket/run")
    shown = capsys.readouterr().out
    assert "other policies" not in shown and "report.html" not in shown
    assert "To know when reading this:\n  - some swv have no pupils" in shown
    assert "s3://bucket/run/results.zarr" in shown


def test_two_policies_and_nothing_to_know(everything_results: xr.Dataset, capsys: Shown) -> None:
    two = everything_results.sel(policy=[everything_results.attrs["baseline"], POLICY])
    two.attrs["notes"] = []
    show_summary(two, "run")
    shown = capsys.readouterr().out
    assert f"{POLICY} against" in shown
    assert "other policies" not in shown and "To know" not in shown


def test_what_would_run(capsys: Shown) -> None:
    study: Any = SimpleNamespace(path="study.toml", compute=SimpleNamespace(memory_bytes=None))
    forecast: Any = SimpleNamespace(
        lines=lambda: [("draws", "1,000"), ("memory", "2 GB")],
        assumed=["support_amount"],
        result_bytes=1000,
        draws=1000,
    )
    show_forecast(study, forecast)
    shown = capsys.readouterr().out
    assert "study.toml: nothing wrong found" in " ".join(shown.split())
    assert "1,000" in shown and "2 GB" in shown
    assert "Assumed, without a source:\n  - support_amount" in shown


def test_a_log_says_when_the_variance_is_taken_apart(capsys: Shown) -> None:
    with progress_display(quiet=False) as report:
        assert report is not None
        report(State(10, 10, 1, 1, 2, "threads"))
        report(State(0, 40, 0, 1, 2, "threads", "decomposition"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("10 of 10 draws  1 of 1 blocks")
    assert lines[1].startswith("0 of 40 draws for the decomposition  0 of 1 blocks")


@pytest.mark.parametrize("small", [0, 3])
def test_where_locations_were_placed(small: int, tmp_path: Path, capsys: Shown) -> None:
    evidence = (
        EvidenceCount("list", "named in the list", 12, 3400.0, 510.0, 250.5),
        EvidenceCount("unplaced", "placed by nothing", 1, 20.0, 5.0, 0.0),
    )
    summary = Summary(evidence, 74, 3420.0, 515.0, 90.0, 60.0, 0.0, small, ("2020",), small, ())
    empty = pd.DataFrame()
    show_duo(DuoResult(empty, empty, empty, empty, summary), tmp_path)
    shown = capsys.readouterr().out
    assert "74 swv" in shown and "named in the list" in shown and "250.5" in shown
    assert "vo 3,420 pupils, upper vmbo 515, pro 90, lwoo 60" in shown
    assert ("<5 was read as 2.5: 3 counts of pupils, 3 of candidates" in shown) is bool(small)
    assert str(tmp_path / "unplaced.csv") in shown.replace("\n", "")


class _Sample(SimpleNamespace):
    def __len__(self) -> int:
        return 12_345


@pytest.mark.parametrize("path", [None, Path("new.toml")])
def test_coefficients_beside_those_in_use(path: Path | None, capsys: Shown) -> None:
    sample = _Sample(left_out={"no test score": 17, "no advice": 0})
    estimate = SimpleNamespace(sample=sample, r_squared=0.4567, slope=0.31234, slope_se=0.0123)
    none = float("nan")
    lines: list[dict[str, Any]] = [
        {"coefficient": "debt.yes", "estimate": -1.5, "se": 0.25, "in_use": -2.0, "in_use_se": 0.5}
        | {"difference": 0.5, "p_adjusted": 0.0125, "differs": True},
        {"coefficient": "origin (together)", "estimate": none, "se": none, "in_use": none}
        | {"in_use_se": none, "difference": none, "p_adjusted": 0.75, "differs": False},
    ]
    found: Any = SimpleNamespace(
        estimate=estimate, comparison=pd.DataFrame(lines), against="assumed-2022", path=path
    )
    show_recalibration(found)
    shown = capsys.readouterr().out
    assert "12,345 pupils, R² 0.457" in shown and "0.3123 ± 0.012" in shown
    assert "left out, no test score: 17 rows" in shown and "no advice" not in shown
    changed, together = (
        line.split() for line in shown.splitlines() if line.strip().startswith(("debt", "origin"))
    )
    assert changed == ["debt.yes", "-1.500", "0.250", "-2.000", "0.500", "+0.500", "0.013", "*"]
    assert together == ["origin", "(together)", "0.750"]
    assert ("Indicator file: new.toml" in shown) is (path is not None)


def test_an_answer_without_draws(small_study: Path, tmp_path: Path, capsys: Shown) -> None:
    study = load_study(small_study)
    with pytest.raises(InputError, match="makes no draws, so there is nothing to continue"):
        answer(study, None, resume=True, quiet=True)
    out = tmp_path / "answer"
    answer(study, str(out), resume=False, quiet=True)
    assert capsys.readouterr().out == ""
    names = sorted(file.name for file in (out / "tables").iterdir())
    assert names == ["analytic_budgets.csv", "analytic_scores.csv"]
    with pytest.raises(InputError, match="holds an analytic answer; its tables were written"):
        readable(out)
    results = open_results(out).load()
    show_answer(results, out)
    shown = capsys.readouterr().out
    assert "worked out without draws" in shown and "disadvantage score" in shown
    # without the policies that follow a score, none that draws change is left
    plain = results.sel(policy=[results.attrs["baseline"]])
    show_answer(plain, out)
    assert "disadvantage score" not in capsys.readouterr().out
    unknown = plain.assign(analytic_budget_sd=plain["analytic_budget_sd"] * float("nan"))
    show_answer(unknown, out)
    assert "Not worked out without draws" in capsys.readouterr().out
