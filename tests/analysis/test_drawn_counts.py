"""Analyses of a run whose population is drawn use each draw's own numbers of pupils (Q-1)."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.counts import COUNTS, with_drawn_counts
from lwoopro.analysis.criteria import criteria_scenarios
from lwoopro.analysis.explanation import explain
from lwoopro.analysis.profile import target_profile
from lwoopro.analysis.scenarios import asylum_part, scenario_scores
from lwoopro.simulation.runner import run
from lwoopro.study import load_study
from tests.simulation.little import STUDY, write_little

YEAR = 2020


@pytest.fixture(scope="module", params=["true", '"fresh"'])
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    folder: Path = tmp_path_factory.mktemp("drawn")
    text = STUDY.replace("[2019, 2020]", f"[{YEAR}]").replace("draws = 10", "draws = 4")
    path = write_little(folder, f"{text}\n[uncertainty]\npopulation = {request.param}\n")
    return run(load_study(path), folder / "out").load()


def as_if_alone(results: xr.Dataset, draw: int) -> xr.Dataset:
    """One draw, with its numbers in the place of the register's."""
    one = results.isel(draw=[draw])
    counts = {name: one[f"drawn_{name}"].isel(draw=0, drop=True) for name in COUNTS}
    return one.drop_vars([f"drawn_{name}" for name in COUNTS]).assign(counts)


def test_the_numbers_of_a_draw_take_the_place_of_the_registers(drawn: xr.Dataset) -> None:
    replaced = with_drawn_counts(drawn)
    for name in COUNTS:
        assert "draw" in replaced[name].dims
    plain = as_if_alone(drawn, 0)
    assert with_drawn_counts(plain).identical(plain)


@pytest.mark.parametrize("ties", ["include", "exclude", "fractional"])
def test_scores_of_other_rules_follow_each_draw(drawn: xr.Dataset, ties: str) -> None:
    whole = scenario_scores(drawn, ties=ties, asylum_growth=0.1)
    for draw in range(4):
        alone = scenario_scores(as_if_alone(drawn, draw), ties=ties, asylum_growth=0.1)
        np.testing.assert_array_equal(whole.isel(draw=[draw]), alone)
    same = scenario_scores(drawn)
    np.testing.assert_allclose(same, drawn["disadvantage_score"], rtol=1e-9, atol=1e-9)


def test_profile_and_asylum_part_follow_each_draw(drawn: xr.Dataset) -> None:
    alone = [target_profile(as_if_alone(drawn, draw)) for draw in range(4)]
    whole = target_profile(drawn)
    for name in ("target", "everyone", "target_size", "everyone_size"):
        mean = xr.concat([one[name] for one in alone], dim="draw").mean("draw")
        np.testing.assert_allclose(whole[name].transpose(*mean.dims), mean, rtol=1e-12)
    parts = [asylum_part(as_if_alone(drawn, draw)) for draw in range(4)]
    expected = xr.concat(parts, dim="draw")
    np.testing.assert_allclose(asylum_part(drawn).transpose(*expected.dims), expected)


def test_an_explanation_adds_up(drawn: xr.Dataset) -> None:
    swv = str(drawn["swv"].values[2])
    found = explain(drawn, swv=swv, policy="indicator-20-school")
    steps = {step.name: step for step in found.steps if step.unit == "euro"}
    parts = ["lwoo by pupils", "lwoo by score", "regional support", "pro"]
    total = sum(steps[name].mean for name in parts)
    assert total == pytest.approx(steps["light support"].mean)
    count = next(step for step in found.steps if step.name == "upper-vmbo pupils, n")
    own = drawn["drawn_pupils"].sel(swv=swv, attribution="school", year=YEAR)
    assert count.mean == pytest.approx(float(own.mean()))


def test_criteria_can_be_measured(drawn: xr.Dataset) -> None:
    table = criteria_scenarios(drawn)
    target = drawn["target_pupils"].sum("swv").sel(year=YEAR)
    asylum = drawn["drawn_asylum_pupils"].sum("swv").sel(year=YEAR)
    expected = (asylum / target).mean("draw")
    found = table["value"].sel(criterion="asylum_pupils")
    np.testing.assert_allclose(found.transpose(*expected.dims), expected)
