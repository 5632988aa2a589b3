"""Comparison, settlement and transition of whole studies, through files and runs."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.conftest import STUDY

from lwoopro import change, smallest_loss
from lwoopro.errors import InputError
from lwoopro.pupils.swv import read_swv
from lwoopro.pupils.synthetic.source import bundled_folder
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.runner import run
from lwoopro.variables import VARIABLES

MORE = """
[[policy]]
name = "direct"
kind = "direct-pro"
share = 0.15
[settlement]
policy = "current"
[transition]
new = "direct"
first_year = 2020
years = 3
kind = "{kind}"
{more}
"""


def study(small_study: Path, more: str, name: str = "more.toml") -> Path:
    path = small_study.with_name(name)
    path.write_text(small_study.read_text("utf-8") + more, "utf-8")
    return path


def results(small_study: Path, kind: str = "linear", more: str = "") -> xr.Dataset:
    path = study(small_study, MORE.format(kind=kind, more=more))
    return run(path, small_study.with_name("out")).load()


@pytest.fixture(scope="module")
def linear_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("linear") / "small.toml"
    path.write_text(STUDY, "utf-8")
    return path


@pytest.fixture(scope="module")
def linear(linear_study: Path) -> xr.Dataset:
    return results(linear_study)


def both(dataset: xr.Dataset, old: str = "current") -> tuple[xr.DataArray, xr.DataArray]:
    """New and old light support on the basis of their comparison."""
    found = change(dataset, "direct", old)
    return (found["before"] + found["change"]).round(2), found["before"]


def test_absent_where_it_is_not_used(small_study: Path) -> None:
    found = run(small_study, small_study.with_name("plain"))
    absent = [name for name in VARIABLES if name.startswith(("settlement_", "border_", "transi"))]
    assert absent and not set(absent) & set(found.data_vars)
    assert "direct_pro_amount" not in found
    assert found["policy_basis"].values.tolist() == ["cbs"] * 3


def test_by_the_letter_both_sides_have_the_same_total(linear: xr.Dataset) -> None:
    assert linear["policy_basis"].values.tolist() == ["cbs"] * 3 + ["letter"]
    new, old = both(linear)
    np.testing.assert_allclose(new.sum("swv"), old.sum("swv"), atol=1e-3)
    pro = linear["direct_pro_amount"].sel(policy="direct")
    np.testing.assert_allclose(old + pro, linear["budget"].sel(policy="current"), atol=1e-6)


def test_years_without_counts_are_held_and_say_so(linear: xr.Dataset, linear_study: Path) -> None:
    assert linear["transition_year"].values.tolist() == [2020, 2021, 2022]
    assert linear["transition_counts"].values.tolist() == [2020, 2020, 2020]
    manifest = Manifest.load(linear_study.with_name("out"))
    assert manifest is not None
    (note,) = (line for line in manifest.notes if "transition" in line)
    assert "2021 as in 2020, 2022 as in 2020" in note
    assert note in linear.attrs["notes"]


def test_the_steps_of_every_draw(linear: xr.Dataset) -> None:
    new, old = (side.sel(year=2020) for side in both(linear))
    path = linear["transition_budget"]
    # whole cents, the same total in every year, a third of the way each to within a cent
    np.testing.assert_allclose(path * 100, np.round(path * 100), atol=1e-4)
    for k, year in enumerate(path["transition_year"].values, 1):
        now = path.sel(transition_year=year)
        assert (np.round(now.sum("swv") * 100) == np.round(new.sum("swv") * 100)).all()
        assert float(abs(now - (old + k / 3 * (new - old))).max()) <= 0.0101
    np.testing.assert_array_equal(np.round(now * 100), np.round(new * 100))


def test_the_largest_loss_of_every_draw(small_study: Path) -> None:
    # from a policy whose amounts move between years
    found = results(small_study, "max-loss", 'max_loss = 0.2\nold = "indicator-20-school"')
    new, old = both(found, "indicator-20-school")
    # the year before the first is 2019, whose counts the study has
    assert not np.allclose(old.sel(year=2019), old.sel(year=2020))
    before = np.rint(old.sel(year=2019).values * 100).astype(np.int64)
    goal = np.rint(new.sel(year=2020).values * 100).astype(np.int64)
    needed = smallest_loss(before, np.repeat(goal[:, None], 3, axis=1))
    np.testing.assert_array_equal(found["transition_needed_loss"], needed)
    path = np.rint(found["transition_budget"].values * 100).astype(np.int64)
    reached = (path[:, -1] == goal).all(axis=1)
    assert (reached | (needed > 0.2)).all() and not (reached & (needed > 0.2)).any()
    last = before
    for k in range(3):
        assert (path[:, k].sum(axis=1) == goal.sum(axis=1)).all()
        keeps = path[:, k] >= np.minimum(0.8 * last, goal) - 1e-6
        assert keeps[last > 0].all()
        last = path[:, k]


def test_own_weights_and_all_at_once(small_study: Path) -> None:
    found = results(small_study, "weights", "weights = [1.0, 0.5, 1.0]")
    new, _ = both(found)
    first = found["transition_budget"].sel(transition_year=2020)
    np.testing.assert_array_equal(np.round(first * 100), np.round(new.sel(year=2020) * 100))


def test_the_settlement(linear: xr.Dataset) -> None:
    parts = linear["budget_part"].sel(policy="current").isel(draw=0)
    table = read_swv(bundled_folder("national") / "swv.csv").numbers
    pro = 0.01 * table["pro"] * 4740
    np.testing.assert_allclose(linear["settlement_pro"].isel(year=0), pro, atol=0.011)
    few = table["lwoo"] < 0.005 * table["vo"]
    assert few.sum() == 22, "the swv that register next to nobody"
    lwoo = np.where(few, parts.sel(part="lwoo").isel(year=0), 0.01 * table["lwoo"] * 4740)
    np.testing.assert_allclose(linear["settlement_lwoo"].isel(year=0), lwoo, atol=0.011)
    left = linear["settlement_remainder"] - linear["settlement_deficit"]
    paid = linear["settlement_lwoo"] + linear["settlement_pro"]
    np.testing.assert_allclose(left + paid, parts.sum("part"), atol=1e-6)
    assert abs(float(linear["border_difference"].sum())) < 1e-3
    assert float(abs(linear["border_difference"]).max()) > 0


def test_released_criteria_move_the_settlement_and_not_the_indicator(
    linear: xr.Dataset, small_study: Path
) -> None:
    more = MORE.format(kind="linear", more="")
    more = more.replace(
        '[settlement]\npolicy = "current"',
        '[settlement]\npolicy = "current"\nvariant = "2018-OCW14"\ncriteria = 1.5',
    )
    found = run(study(small_study, more, "released.toml"), small_study.with_name("freed")).load()
    np.testing.assert_allclose(found["settlement_pro"], 1.5 * linear["settlement_pro"], atol=0.02)
    assert (found["settlement_deficit"] > linear["settlement_deficit"]).any()
    xr.testing.assert_equal(found["budget"], linear["budget"])


def test_by_home(linear: xr.Dataset, small_study: Path) -> None:
    table = read_swv(bundled_folder("national") / "swv.csv")
    lines = [f"{code},{code},1" for code in table.codes if code != "VO2001"]
    lines.append("VO2001,VO2002,1")
    small_study.with_name("flows.csv").write_text(
        "\n".join(["school_swv,home_swv,pro", *lines]), "utf-8"
    )
    more = MORE.format(kind="linear", more="").replace(
        "[settlement]", '[settlement]\nattribution = "home"\npro_flows = "flows.csv"'
    )
    found = run(study(small_study, more, "home.toml"), small_study.with_name("home")).load()
    # all pro pupils of VO2001 live in VO2002
    moved = found["settlement_pro"] - linear["settlement_pro"]
    gone = float(linear["settlement_pro"].sel(swv="VO2001", year=2019))
    np.testing.assert_allclose(moved.sel(swv=["VO2001", "VO2002"], year=2019), [-gone, gone])
    np.testing.assert_allclose(
        found["border_pro_difference"].sel(swv=["VO2001", "VO2002"], year=2019), [gone, -gone]
    )
    manifest = Manifest.load(small_study.with_name("home"))
    assert manifest is not None and "pro flows" in manifest.inputs


def test_a_file_of_flows_that_is_wrong(small_study: Path) -> None:
    small_study.with_name("flows.csv").write_text("school_swv,home_swv,pro\nX,VO2001,1\n", "utf-8")
    more = '[settlement]\npolicy = "current"\npro_flows = "flows.csv"\n'
    with pytest.raises(InputError, match=r"flows\.csv: line 2: 'X' is not a swv"):
        run(study(small_study, more), small_study.with_name("out"))


def test_a_swv_that_has_nothing_left_is_listed(small_study: Path) -> None:
    more = (
        '[[policy]]\nname = "direct"\nkind = "direct-pro"\nreference_count = 1200\nshare = 0.15\n'
    )
    found = run(study(small_study, more), small_study.with_name("out")).load()
    measured = change(found, "direct", "current")
    gone = measured["before"].isel(draw=0, year=0) <= 0
    assert gone.any() and not gone.all()
    assert (
        np.isnan(measured["relative"].isel(draw=0, year=0).values).tolist() == gone.values.tolist()
    )
    codes = found["swv"].values[gone.values]
    (note,) = (line for line in found.attrs["notes"] if "undefined" in line and "2019" in line)
    assert all(code in note for code in codes)


def test_flags_of_opting_out(small_study: Path) -> None:
    more = '[settlement]\npolicy = "current"\nopting_out = "vo"\n'
    with pytest.raises(InputError, match="neither 0 nor 1"):
        run(study(small_study, more), small_study.with_name("out"))
