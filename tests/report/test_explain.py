"""One swv, step by step."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

from lwoopro import cli
from lwoopro.analysis.explanation import EACH, Explanation, explain
from lwoopro.errors import InputError
from lwoopro.report.explain import explanation_of, explanation_table
from lwoopro.simulation.runner import open_results, run
from tests.conftest import STUDY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("explain")
    (place / "study.toml").write_text(STUDY, "utf-8")
    run(place / "study.toml", place / "run")
    return place / "run"


@pytest.fixture(scope="module")
def results(folder: Path) -> xr.Dataset:
    return open_results(folder).load()


def means(found: Explanation) -> dict[tuple[str, str, str], float]:
    return {(step.group, step.name, step.unit): step.mean for step in found.steps}


def test_every_step_follows_from_the_one_before(results: xr.Dataset) -> None:
    found = explain(results, swv="VO2810")
    assert (found.policy, found.baseline, found.year) == ("indicator-20-school", "current", 2020)
    assert (found.attribution, found.share) == ("school", 0.20)
    step = means(found)
    one = results.sel(year=2020, attribution="school", share=0.20)
    own = one.sel(swv="VO2810")
    score = one["disadvantage_score"]
    assert step["pupils", "upper-vmbo pupils, n", "pupils"] == own["pupils"]
    np.testing.assert_allclose(
        step["pupils", "target-group pupils", "pupils"], own["target_pupils"].mean("draw")
    )
    part = 100 * (score.sel(swv="VO2810") / score.sum("swv")).mean("draw")
    np.testing.assert_allclose(step["disadvantage", "of the country", "%"], part)
    each = (own["disadvantage_score"] / own["target_pupils"]).mean("draw")
    np.testing.assert_allclose(step["disadvantage", EACH, "points"], each)
    # 23 % of the lwoo money by pupils, 77 % by score; a cent of rounding each (B-4)
    lwoo = float(results["budget_part"].sel(policy="current", part="lwoo", year=2020)[0].sum())
    by_pupils = 0.23 * lwoo * own["pupils"] / one["pupils"].sum()
    assert abs(step["money", "lwoo by pupils", "euro"] - by_pupils) < 0.02
    assert abs(step["money", "lwoo by score", "euro"] - 0.77 * lwoo * part / 100) < 0.02
    money = [value for (group, name, _), value in step.items() if group == "money"]
    np.testing.assert_allclose(sum(money[:-1]), money[-1])
    budget = results["budget"].sel(year=2020, swv="VO2810").mean("draw")
    np.testing.assert_allclose(money[-1], budget.sel(policy="indicator-20-school"))
    difference = budget.sel(policy="indicator-20-school") - budget.sel(policy="current")
    np.testing.assert_allclose(step["comparison", "difference", "euro"], difference)
    last = next(step for step in found.steps if step.name == "light support")
    assert last.national_mcse == 0, "whole cents, whatever is drawn"
    np.testing.assert_allclose(last.national, results["budget"][0, 0, 0].sum())


def test_ranges_are_there_where_draws_differ_and_nowhere_else(results: xr.Dataset) -> None:
    found = {step.name: step for step in explain(results, swv="VO2810").steps}
    assert not found["upper-vmbo pupils, n"].varies and not found["regional support"].varies
    for name in ("disadvantage score, S", "lwoo by score", "light support"):
        step = found[name]
        assert step.varies and min(step.mcse, step.low_mcse, step.high_mcse) > 0
        assert step.low <= step.mean <= step.high


def test_a_policy_without_scores_has_no_such_steps(results: xr.Dataset) -> None:
    found = explain(results, swv="VO2810", policy="current", year=2019)
    assert found.share is None
    assert {step.group for step in found.steps} == {"pupils", "money"}
    names = [step.name for step in found.steps if step.group == "money"]
    assert names == ["lwoo", "regional support", "pro", "light support"]


def test_every_swv_can_be_explained(results: xr.Dataset) -> None:
    """Also those without pupils or target group in so small a country."""
    for code in results["swv"].values[:40]:
        assert explain(results, swv=str(code), policy="indicator-15-home").steps


def test_unknown_names_are_refused_with_the_nearest(results: xr.Dataset) -> None:
    with pytest.raises(InputError) as caught:
        explanation_of(results, "VO2899", "indicator-20-schol", 2021)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("--swv: these results have no VO2899; the nearest is VO28")
    assert lines[1].endswith("no indicator-20-schol; the nearest is indicator-20-school")
    assert lines[2] == "--year: these results have no 2021; the nearest is 2020"
    with pytest.raises(ValueError, match="no swv 'VO9999'"):
        explain(results, swv="VO9999")


def test_the_text_fits_and_says_it_all(results: xr.Dataset) -> None:
    out = io.StringIO()
    Console(file=out, width=100).print(explanation_table(explain(results, swv="VO2810")))
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= 100
    assert "VO2810: indicator-20-school, 1 October 2020 (lowest 20 %, by school)" in text
    # no step is broken over two lines
    for name in ("target-group pupils", "score per such pupil", "lwoo by pupils", "light support"):
        assert name in text
    pupils = int(results["pupils"].sel(year=2020, swv="VO2810", attribution="school"))
    assert f"{pupils:,}" in text and "90 % interval" in text


@pytest.fixture
def status(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def call(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["lwoopro", "explain", str(folder), *arguments])
        return cli.guarded(cli.app)

    return call


def test_the_command(status: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert status("--swv", "VO2810", "--policy", "indicator-15-home", "--year", "2019") == 0
    assert "VO2810: indicator-15-home, 1 October 2019" in capsys.readouterr().out
    assert status("--swv", "VO281") == 2
    assert "--swv: these results have no VO281; the nearest is VO28" in capsys.readouterr().err
