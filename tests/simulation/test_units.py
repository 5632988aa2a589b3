"""School locations in place of swv (U-5): the same computation, other units."""

import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from tests.conftest import STUDY
from tests.imputation import people
from tests.reference_money import ClauseError
from tests.simulation.test_against_reference import COMMON, assert_equal, with_known_regions
from tests.strategies import World, run_reference, worlds, write_world

from lwoopro.errors import InputError
from lwoopro.pupils.swv import SwvTable
from lwoopro.simulation import units
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.runner import run
from lwoopro.study import load_study
from lwoopro.study.sections import MoneySection

BY_SCHOOL = STUDY.replace('"synthetic"', '"synthetic"\nunit = "school"').split(
    '[[policy]]\nname = "indicator-15-home"'
)[0]
KINDS = ("participation", "vmbo-count", "indicator", "direct-pro", "equalised")


def by_school_only(world: World) -> World:
    """Without what no school can have: attribution by home."""
    world = with_known_regions(world)
    policies = [dict(policy) for policy in world.settings.policies]
    for policy in policies:
        for key in ("attribution", "equal_attribution"):
            if key in policy:
                policy[key] = "school"
    wanted = replace(world.settings, attributions=("school",), policies=tuple(policies))
    return replace(world, settings=wanted)


def seen_by_school(world: World) -> World:
    """The same world for the reference: every school is a swv, with its part of the numbers."""
    rows = [row for row in world.rows if row["year"] in world.settings.years]
    latest: dict[str, tuple[int, str]] = {}
    for row in rows:
        here = (row["year"], row["school_swv"])
        latest[row["school_id"]] = max(latest.get(row["school_id"], here), here)
    swv_of = {school: swv for school, (_, swv) in latest.items()}
    for row in world.swv:
        if row["swv"] not in swv_of.values():
            swv_of[row["swv"]] = row["swv"]
    table = []
    for year in world.settings.years:
        count = {
            unit: sum(r["school_id"] == unit and r["year"] == year for r in rows) for unit in swv_of
        }
        for own in world.swv:
            if own.get("year") not in (None, year):
                continue
            inside = [unit for unit, swv in swv_of.items() if swv == own["swv"]]
            total = sum(count[unit] for unit in inside)
            for unit in inside:
                part = Fraction(count[unit], total) if total else Fraction(1, len(inside))
                line = {"swv": unit, "year": year, "region": own.get("region")}
                for name, value in own.items():
                    if name.startswith("q_"):
                        line[name] = value
                    elif name in ("vo", "pro"):
                        line[name] = value * part
                table.append(line)
    here = [
        row | {"school_swv": row["school_id"], "home_swv": row["school_id"]} for row in world.rows
    ]
    return replace(world, rows=tuple(here), swv=tuple(table))


def engine(world: World):
    with tempfile.TemporaryDirectory() as folder:
        path = write_world(world, Path(folder))
        text = path.read_text("utf-8")
        path.write_text(text.replace("[pupils]\n", '[pupils]\nunit = "school"\n'), "utf-8")
        study = load_study(path)
        prepared, layout = prepare(study, load_inputs(study))
        values = simulate_block(prepared, range(study.study.draws))
    return values | dict(layout.constants), layout.coordinates


@settings(COMMON, max_examples=12)
@given(worlds(kinds=KINDS, max_pupils=40, max_draws=3))
def test_every_school_equals_the_reference(world: World) -> None:
    world = by_school_only(world)
    try:
        expected = run_reference(seen_by_school(world))
    except ClauseError as error:
        with pytest.raises(InputError, match=rf"\({error.clause}[^)]*\)"):
            engine(world)
        return
    values, coordinates = engine(world)
    assert_equal(world, expected, values, coordinates)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[xr.Dataset, xr.Dataset]:
    """The same study by school and by swv."""
    folder = tmp_path_factory.mktemp("units")
    found = []
    for name, text in (("school", BY_SCHOOL), ("swv", BY_SCHOOL.replace('"school"', '"swv"', 1))):
        path = folder / f"{name}.toml"
        path.write_text(text, "utf-8")
        found.append(run(path, folder / name).load().sel(attribution="school"))
    return found[0], found[1]


def per_swv(schools: xr.Dataset, values: xr.DataArray, swv: xr.Dataset) -> np.ndarray:
    """Sum over the schools of every swv, the swv last."""
    own = schools["unit_swv"].to_numpy()
    member = own[:, None] == swv["swv"].to_numpy()
    return values.transpose(..., "swv").to_numpy() @ member


def test_schools_add_up_to_their_swv(both: tuple[xr.Dataset, xr.Dataset]) -> None:
    schools, swv = both
    assert schools.sizes["swv"] > 3 * swv.sizes["swv"]
    for name in ("cut_score", "mean_score", "target_mean"):
        xr.testing.assert_equal(schools[name], swv[name])
    for name in ("disadvantage_score", "target_pupils", "pupils", "at_cut_pupils"):
        summed = per_swv(schools, schools[name], swv)
        np.testing.assert_allclose(summed, swv[name].transpose(..., "swv"), rtol=1e-12)


def test_money_of_a_swv_goes_to_its_schools(both: tuple[xr.Dataset, xr.Dataset]) -> None:
    schools, swv = both
    np.testing.assert_array_equal(
        (100 * schools["budget"].sum("swv")).round(), (100 * swv["budget"].sum("swv")).round()
    )
    current = per_swv(schools, schools["budget"].sel(policy="current"), swv)
    expected = swv["budget"].sel(policy="current").transpose(..., "swv").to_numpy()
    many = per_swv(schools, xr.ones_like(schools["unit_swv"], int), swv)
    off = np.abs(current - expected)
    # three parts, each rounded to cents per school
    assert (off <= 0.03 * many + 0.03).all()
    assert off.max() < 0.01 * float(expected.min())


def test_every_unit_knows_its_swv(both: tuple[xr.Dataset, xr.Dataset]) -> None:
    schools, swv = both
    assert "unit_swv" not in swv
    assert set(schools["unit_swv"].values) == set(swv["swv"].values)
    assert list(schools["swv"].values) == sorted(schools["swv"].values)
    region = dict(zip(swv["swv"].values, swv["region"].values, strict=True))
    for code, own in zip(schools["unit_swv"].values, schools["region"].values, strict=True):
        assert own == region[code]
    assert any("upper-vmbo pupils (U-5)" in line for line in schools.attrs["assumed"])
    assert not any("U-5" in line for line in swv.attrs["assumed"])


def test_match_keys_and_covariates_keep_the_swv(tmp_path: Path) -> None:
    """Counting by school changes no donor and no probability."""
    cut = []
    for unit in ("school", "swv"):
        path = tmp_path / f"{unit}.toml"
        text = BY_SCHOOL.replace('"school"', f'"{unit}"', 1).replace("draws = 10", "draws = 3")
        model = '\n[imputation]\nmethod = "model"\ncovariates = ["school_swv"]\n'
        path.write_text(text + model + 'match = ["school_swv"]\n', "utf-8")
        study = load_study(path)
        prepared, layout = prepare(study, load_inputs(study))
        values = simulate_block(prepared, range(3))
        rungs = layout.constants["donor_rung_pupils"]
        cut.append((prepared.thresholds, values["mean_score"], rungs))
    for one, other in zip(*cut, strict=True):
        np.testing.assert_array_equal(one, other)


def table(*codes: str, **numbers: list[float]) -> SwvTable:
    arrays = {name: np.array(values, float) for name, values in numbers.items()}
    labels = {"region": tuple(f"r{k}" for k in range(len(codes)))}
    return SwvTable(codes, None, arrays, labels, "swv.csv", "")


def test_a_swv_without_schools_keeps_its_money() -> None:
    pupils = people.pupils(
        {"school": 0, "school_swv": 0, "year": 2019},
        {"school": 0, "school_swv": 1, "year": 2020},
        {"school": 1, "school_swv": 1},
        {"school": 1, "school_swv": 1},
    )
    # a code that stands before those of the schools
    swv = table("00", "VO2002", vo=[10.0, 9.0], q_pro_2012=[0.5, 0.1])
    found = units.by_school(pupils, swv)
    # of the three locations of the list one has no pupil
    assert found.table.codes == ("00", "00AA00", "00AA01")
    assert found.pupils.swv == found.table.codes
    assert found.pupils.school_swv.tolist() == [1, 1, 2, 2]
    assert found.pupils.home_swv.tolist() == [1, 1, 2, 2]
    assert found.swv is not None
    # a location is counted where it is in its latest year
    assert found.swv.tolist() == [0, 1, 1]
    assert found.table.labels["region"] == ("r0", "r1", "r1")
    assert found.constants()["unit_swv"].tolist() == ["00", "VO2002", "VO2002"]
    money = found.money(2020, MoneySection(), np.array([[0, 1, 2]] * 2))
    assert money.column("vo", "p") == [10, 3, 6]
    assert money.column("q_pro_2012", "p") == [Fraction(1, 2)] + [Fraction(1, 10)] * 2


def test_more_schools_than_can_be_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    pupils = people.pupils({}, {"school": 1}, {"school": 2})
    monkeypatch.setattr(units, "_MOST", 3)
    assert units.by_school(pupils, table("VO2001")).table.codes == pupils.schools
    monkeypatch.setattr(units, "_MOST", 2)
    with pytest.raises(InputError, match="3 school locations; at most 2 can be units"):
        units.by_school(pupils, table("VO2001"))
