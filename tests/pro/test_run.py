"""A run with pro growth, and everything that is read off it (P-1…P-9, R-8, X-1)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from lwoopro.analysis.lumpsum import (
    cut_by_type,
    cut_per_pupil,
    exceedance,
    fan,
    monthly_cash,
    net_position,
    net_position_by_group,
)
from lwoopro.analysis.monitoring import monitor, multiplicity_table, operating_curves, rules_of
from lwoopro.analysis.reverse import growth_for_cut, growth_for_loss
from lwoopro.analysis.stress import PARTS, combined_change, most_exposed, stress_summary
from lwoopro.pro.block import PRO_VARIABLES
from lwoopro.report.tables import write_tables
from lwoopro.report.terminal import show_summary
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.runner import run
from lwoopro.study import load_study
from lwoopro.variables import VARIABLES

TEXT = """
[study]
name = "pro"
years = [2019]
draws = 24
seed = 11
[pupils]
source = "synthetic"
scale = 0.05
[target_group]
shares = [0.20]
attribution = ["school"]
[[policy]]
name = "current"
kind = "participation"
[[policy]]
name = "new"
kind = "indicator"
[pro]
horizon = 2030
[growth.reference]
kind = "reference"
[growth.fast]
kind = "fast-rise"
[growth.incentive]
kind = "incentive"
"""


def written(folder: Path, extra: str = "", name: str = "pro") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(TEXT + extra, "utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pro")


@pytest.fixture(scope="module")
def results(folder: Path) -> xr.Dataset:
    return run(load_study(written(folder)), folder / "run").load()


def test_the_variables_are_as_declared(results: xr.Dataset) -> None:
    for name in PRO_VARIABLES:
        assert results[name].dims == VARIABLES[name].dims
        assert results[name].dtype == np.float64
        assert np.isfinite(results[name]).all()
    assert results["growth"].values.tolist() == ["reference", "fast", "incentive"]
    assert results["pro_year"].values.tolist() == list(range(2019, 2031))
    assert results["funding_year"].values.tolist() == [2027, 2028, 2029, 2030]
    assert any("growth scenarios" in line for line in results.attrs["assumed"])


def test_a_study_without_growth_has_none_of_it(folder: Path) -> None:
    text = TEXT[: TEXT.index("[pro]")]
    path = folder / "plain.toml"
    path.write_text(text.replace("draws = 24", "draws = 2"), "utf-8")
    plain = run(load_study(path), folder / "plain")
    assert not set(PRO_VARIABLES) & set(plain.data_vars)
    assert "growth" not in plain.dims


def test_blocks_and_resumption_give_the_same_bits(folder: Path, results: xr.Dataset) -> None:
    whole = Manifest.load(folder / "run")
    blocks = written(folder, "[compute]\nblock_draws = 5\n", "blocks")
    study = load_study(blocks)
    run(study.with_overrides(draws=7), folder / "blocks")
    run(study, folder / "blocks", resume=True)
    again = Manifest.load(folder / "blocks")
    assert whole is not None and again is not None
    assert again.results_sha256 == whole.results_sha256


def test_a_longer_horizon_leaves_the_beginning_as_it_is(folder: Path, results: xr.Dataset) -> None:
    path = folder / "long.toml"
    path.write_text(TEXT.replace("horizon = 2030", "horizon = 2032"), "utf-8")
    long = run(load_study(path), folder / "long").load()
    for name in ("pro_pupils", "lumpsum_cut_amount"):
        dim = "pro_year" if name == "pro_pupils" else "funding_year"
        beginning = long[name].sel({dim: results[dim]})
        np.testing.assert_array_equal(beginning, results[name])


def test_fan_and_exceedance(results: xr.Dataset) -> None:
    found = fan(results["lumpsum_cut"])
    assert found["band"].dims == ("quantile", "growth", "funding_year")
    assert (found["band"].diff("quantile") >= 0).all()
    assert {"mean", "mean_mcse", "band_mcse"} <= set(found.data_vars)
    chance = exceedance(results, (0.0, 0.001))
    share = results["lumpsum_cut"]
    np.testing.assert_allclose(chance["yearly"].sel(bound=0.0), (share > 0).mean("draw"))
    assert (chance["ever"] >= chance["yearly"].max("funding_year")).all()
    assert (chance["ever_mcse"] > 0).all()


def test_tables_and_summary_of_a_run(results: xr.Dataset, folder: Path, capsys) -> None:
    names = set(write_tables(results, folder / "written"))
    assert {"lumpsum.csv", "lumpsum_exceedance.csv", "lumpsum_swv.csv"} <= {n.name for n in names}
    table = pd.read_csv(folder / "written" / "tables" / "lumpsum.csv")
    one = table.query("measure == 'lumpsum_cut' and growth == 'fast' and funding_year == 2030")
    share = results["lumpsum_cut"].sel(growth="fast", funding_year=2030)
    found = one.set_index("statistic")["value"]
    assert found["mean"] == pytest.approx(float(share.mean()))
    assert found["p95"] == pytest.approx(float(share.quantile(0.95)))
    show_summary(results, folder)
    assert "Cut of basic funding for growth of pro, 2030" in capsys.readouterr().out


def test_who_pays_adds_up(results: xr.Dataset) -> None:
    by_type = cut_by_type(results)
    np.testing.assert_allclose(by_type.sum("type"), results["lumpsum_cut_amount"], atol=1e-6)
    per_pupil = cut_per_pupil(results)
    share = results["lumpsum_cut"]
    np.testing.assert_allclose(per_pupil["high"], share * results["basic_amount_high"])
    position = net_position(results)
    np.testing.assert_allclose(
        position["net"], position["received"] - results["lumpsum_cut_amount"], atol=1e-6
    )
    # what pro schools get above the reference count is what all schools give up, but for the
    # error of the provisional count
    got, paid = position["received"].sum("swv"), results["pro_extra_cost"]
    assert abs(got - paid).max() < 0.01 * results["funded_support_amount"].max() * 1600
    groups = net_position_by_group(results)
    assert groups.sizes["group"] == 3
    np.testing.assert_allclose(groups["net"].sum("group"), position["net"].sum("swv"), atol=1e-5)


def test_months_add_up(results: xr.Dataset) -> None:
    months = monthly_cash(results, 7)
    np.testing.assert_allclose(months.sum("month"), results["pro_extra_cost"], atol=1e-6)
    assert (months.isel(funding_year=0).sel(month=slice(1, 6)) == 0).all()


def test_combined_stress_adds_up(results: xr.Dataset) -> None:
    changes = combined_change(results, "new", "current", first_year=2026)
    total = sum(changes[name] for name in PARTS)
    np.testing.assert_allclose(changes["total"], total, atol=1e-6)
    # 2027 is the second of five years: two fifths of the change, and the cut
    moved = results["budget"].sel(policy="new") - results["budget"].sel(policy="current")
    expected = 0.4 * moved.isel(year=0) - results["lumpsum_cut_amount"].sel(funding_year=2027)
    found = changes["total"].sel(funding_year=2027)
    np.testing.assert_allclose(found, expected.transpose(*found.dims), atol=1e-5)
    last = changes["transition"].sel(funding_year=2030)
    np.testing.assert_allclose(last, 0.0, atol=1e-6)


def test_the_tail_and_its_driver(results: xr.Dataset) -> None:
    changes = combined_change(results, "new", "current")
    summary = stress_summary(changes, 2030)
    np.testing.assert_allclose(
        summary["part"].sum("part"), summary["expected_shortfall"], rtol=1e-9, atol=1e-5
    )
    assert (summary["expected_shortfall"] >= summary["value_at_risk"] - 1e-9).all()
    assert (summary["expected_shortfall"] >= summary["mean"] - 1e-9).all()
    assert set(summary["driver"].values.ravel()) <= {*PARTS, "none"}
    none = (summary["part"] <= 0).all("part")
    assert ((summary["driver"] == "none") == none).all()
    worst = most_exposed(summary, "fast", 0.05, 5)
    assert worst.sizes["swv"] == 5
    assert (worst["share"].diff("swv") <= 0).all()


def test_a_runs_own_transition_is_used(folder: Path) -> None:
    extra = '[transition]\nold = "current"\nnew = "new"\nkind = "front-loaded"\n'
    path = folder / "moved.toml"
    path.write_text((TEXT + extra).replace("draws = 24", "draws = 3"), "utf-8")
    own = run(load_study(path), folder / "moved").load()
    changes = combined_change(own, "new", "current")
    moved = own["transition_budget"] - own["budget"].sel(policy="current").isel(year=0)
    lumpsum = own["lumpsum_cut_amount"].sel(funding_year=2028)
    expected = moved.sel(transition_year=2028) - lumpsum
    found = changes["total"].sel(funding_year=2028)
    np.testing.assert_allclose(found, expected.transpose(*found.dims), atol=1e-5)


def test_monitoring_of_a_run(folder: Path, results: xr.Dataset) -> None:
    study = load_study(written(folder))
    found = monitor(results, rules_of(study.monitoring), response=0.5)
    assert found["alarm"].dims == ("measure", "growth")
    assert found["measure"].values.tolist() == ["count", "inflow", "stay"]
    assert found["alarm_yearly"].sizes["pro_year"] == 5
    assert (found["alarm"] >= found["alarm_yearly"].max("pro_year") - 1e-12).all()
    loud, quiet = (
        float(found["alarm"].sel(measure="inflow", growth=g)) for g in ("fast", "reference")
    )
    assert loud > quiet
    assert (found["prevented"].sel(growth="reference") == 0).all()
    curves = operating_curves(results)
    assert curves.dims == ("growth", "level", "alarm")
    table = multiplicity_table(results)
    loosest = table["any_swv"].sel(multiplicity="none")
    assert (loosest >= table["any_swv"].sel(multiplicity="bonferroni")).all()


def test_reverse_stress_of_a_study(folder: Path, results: xr.Dataset) -> None:
    study = load_study(written(folder))
    low, high = growth_for_cut(study, (0.001, 0.003), draws=16).values()
    assert 0 < low < high < 0.25
    light = results["budget"].isel(year=0).mean("draw")
    change = (light.sel(policy="new") / light.sel(policy="current") - 1).to_numpy()
    gains, loses = (str(results["swv"].values[j]) for j in (change.argmax(), change.argmin()))
    assert growth_for_loss(study, loses, "new", draws=4) == -np.inf
    assert not growth_for_loss(study, gains, "new", draws=4, bound=0.05) < 0
    with pytest.raises(ValueError, match="no swv"):
        growth_for_loss(study, "VO9999", "new", draws=2)
