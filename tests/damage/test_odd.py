"""Odd but right: what is unusual and allowed runs, or the program says why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lwoopro
from lwoopro.errors import InputError
from tests import world
from tests.damage import country

Row = dict[str, Any]


def run(folder: Path, rows: list[Row], edit: Callable[[str], str] = str) -> Any:
    study = country.write(folder, "pupils.parquet")
    world.write_pupils(rows, folder / "pupils.parquet")
    study.write_text(edit(study.read_text("utf-8")), "utf-8")
    return lwoopro.run(study, out=folder / "out").load()


def changed(**cells: Any) -> list[Row]:
    return [row | cells for row in country.rows()]


def test_one_swv_has_everybody(tmp_path: Path) -> None:
    results = run(tmp_path, changed(school_swv="VO2002", home_swv=None, school_id="97QX01"))
    found = results["pupils"].sel(attribution="school", year=2020)
    assert found.sel(swv="VO2002") == 24 and found.sum() == 24
    alone = results["budget_part"].sel(policy="half", part="lwoo", swv="VO2002")
    total = results["budget_part"].sel(policy="half", part="lwoo").sum("swv")
    np.testing.assert_array_equal(alone, total)


def test_nothing_is_unknown(tmp_path: Path) -> None:
    rows = changed(education_father="mbo4", registration="complete", asylum=False)
    results = run(tmp_path, rows, lambda text: text.replace('probabilities = "education.csv"', ""))
    scores = results["disadvantage_score"]
    assert (scores == scores.isel(draw=0)).all(), "no draw differs where nothing is drawn"


def test_everything_is_unknown(tmp_path: Path) -> None:
    rows = changed(education_mother=None, education_father=None)
    results = run(tmp_path, rows)
    scores = results["disadvantage_score"]
    assert (scores != scores.isel(draw=0)).any()


def test_share_one_takes_all(tmp_path: Path) -> None:
    results = run(tmp_path, country.rows(), lambda text: text.replace("[0.25, 0.5]", "[0.5, 1.0]"))
    target = results["target_pupils"].sel(share=1.0)
    pupils = results["pupils"]
    assert (target == pupils).all()


def test_ten_pupils_in_all(tmp_path: Path) -> None:
    rows = [row for row in country.rows() if row["pupil_id"] % 100 < 5]
    assert len(rows) == 10
    results = run(tmp_path, rows)
    assert results["pupils"].sel(attribution="school").sum() == 10


def test_one_pupil_per_swv(tmp_path: Path) -> None:
    rows = [row for row in country.rows() if row["pupil_id"] % 100 < 3]
    results = run(tmp_path, rows)
    assert (results["pupils"].sel(attribution="school") == 1).all()


def test_years_without_a_pupil_in_common(tmp_path: Path) -> None:
    rows = [
        row | {key: row[key] + 500 * (row["year"] - 2019) for key in ("pupil_id", "mother_id")}
        for row in country.rows()
    ]
    assert run(tmp_path, rows).sizes["year"] == 2


@pytest.mark.parametrize("shift", [2**63 - 1 - 810040000, -(2**63)])
def test_ids_at_the_ends_of_int64(shift: int, tmp_path: Path) -> None:
    keys = ("pupil_id", "mother_id", "father_id")
    rows = [row | {key: row[key] + shift for key in keys} for row in country.rows()]
    assert run(tmp_path, rows).sizes["draw"] == 8


def test_a_row_order_of_its_own(tmp_path: Path) -> None:
    straight = run(tmp_path / "a", country.rows())
    mixed = country.rows()
    np.random.default_rng(1).shuffle(mixed)
    assert straight.drop_attrs().identical(run(tmp_path / "b", mixed).drop_attrs())


def test_nobody_can_be_a_donor(tmp_path: Path) -> None:
    rows = changed(registration="no_father", asylum=False)
    with pytest.raises(InputError, match="donor"):
        run(tmp_path, rows)


def test_only_asylum_pupils(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="asylum"):
        run(tmp_path, changed(asylum=True))
