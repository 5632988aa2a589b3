"""Issue 3, item 4: the shipped parameters reproduce the shipped residual table."""

import csv
from pathlib import Path

import numpy as np
import pytest

from lwoopro.calibration.engine import SEED, YEARS, Results
from lwoopro.calibration.money import read_money
from lwoopro.calibration.residuals import (
    Residual,
    budget_residuals,
    line,
    population_residuals,
    write_residuals,
)
from lwoopro.calibration.statements import national_residuals, statement_residuals
from lwoopro.calibration.summary import write_summary
from lwoopro.pupils.swv import read_swv
from lwoopro.pupils.synthetic import bundled_folder, generate, read_source


@pytest.fixture(scope="module")
def shipped() -> dict[tuple[str, str], dict[str, str]]:
    with (bundled_folder("national") / "residuals.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(row for row in file if not row.startswith("#"))
        return {(row["table"], row["row"]): row for row in rows}


@pytest.fixture(scope="module")
def again(engine: Results) -> list[Residual]:
    table = read_swv(bundled_folder("national") / "swv.csv")
    context = read_source("national").context
    assert context is not None
    return [
        *national_residuals(table, read_money(table), engine),
        *population_residuals(generate("national", YEARS, SEED), range(4)),
        *budget_residuals(engine),
        *statement_residuals(engine, context[:, 0]),
    ]


def test_the_shipped_table_is_reproduced(
    again: list[Residual], shipped: dict[tuple[str, str], dict[str, str]]
) -> None:
    assert [(r.table, r.row) for r in again] == list(shipped)
    for r in again:
        row = shipped[r.table, r.row]
        assert float(row["published"]) == pytest.approx(r.published, abs=0.01)
        # 90 % of the draws lie within 3.3 standard deviations of one draw; thirty draws here
        spread = (float(row["high_90"]) - float(row["low_90"])) / 3.3
        room = 5 * spread / np.sqrt(30) + 0.01 * abs(r.published) + 0.3
        assert float(row["mean"]) == pytest.approx(r.mean, abs=room), (r.table, r.row)


def test_every_figure_is_met(shipped: dict[tuple[str, str], dict[str, str]]) -> None:
    assert {key for key, row in shipped.items() if row["within"] == "no"} == set()
    assert sum(row["within"] == "yes" for row in shipped.values()) == 70
    for row in shipped.values():
        if row["within"]:
            off = abs(float(row["mean"]) - float(row["published"]))
            assert off <= float(row["tolerance"]) + 0.01


def test_within_means_within(tmp_path: Path) -> None:
    near = line("t", "near", 10.0, np.array([12.0, 14.0]), 3.0, "swv")
    far = line("t", "far", 10.0, np.array([13.2]), 3.0, "swv")
    free = line("t", "free", 10.0, np.array([99.0]), float("nan"), "swv")
    assert (near.within, far.within, free.within) == ("yes", "no", "")
    assert (near.mean, near.low, near.high) == (13.0, 12.1, 13.9)
    write_residuals([near, far, free], tmp_path / "residuals.csv")
    lines = (tmp_path / "residuals.csv").read_text().splitlines()
    rows = [row for row in lines if not row.startswith("#")]
    assert rows[1] == "t,near,10.00,13.00,12.10,13.90,3.00,yes,swv"
    assert rows[3] == "t,free,10.00,99.00,99.00,99.00,,,swv"


def test_the_summary_counts_what_is_met(tmp_path: Path) -> None:
    lines = [
        line("one", "near", 10.0, np.array([12.0]), 3.0, "swv"),
        line("two", "far", 10.0, np.array([14.0]), 3.0, "swv"),
        line("two", "free", 10.0, np.array([14.0]), float("nan"), "swv"),
    ]
    write_summary(lines, tmp_path / "CALIBRATION.md", 7, 3)
    text = (tmp_path / "CALIBRATION.md").read_text(encoding="utf-8")
    assert "1 of 2 figures" in text
    assert "7 draws of the default study (seed 3, 2017 to 2020" in text
    assert "| far | 10.0 | 14.0 | 14.0 to 14.0 | ± 3.0 | no | swv |" in text
    assert text.count("\n## two\n") == 1
    assert "other populations" not in text
    found = {"table": "a", "row": "b", "published": "4", "plain": "2.51", "fitted": "3.96"}
    found |= {"fresh": "3.04", "fresh_low": "1.00", "fresh_high": "5.00"}
    alone = found | {"published": "", "fitted": "", "fresh": "", "fresh_low": "", "fresh_high": ""}
    write_summary(lines, tmp_path / "CALIBRATION.md", 7, 3, [found, alone])
    text = (tmp_path / "CALIBRATION.md").read_text(encoding="utf-8")
    assert "| a | b | 4 | 2.5 | 4.0 | 3.0 | 1.0 to 5.0 |" in text
    assert "| a | b |  | 2.5 |  |  |  |" in text
