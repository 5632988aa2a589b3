"""Tables on disk (R-9, Q-3): what stands in them, and that they are the same every time."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from lwoopro.analysis.redistribution import redistribution
from lwoopro.report.tables import ANALYTIC_TABLES, TABLES, long_table, tables, write_tables
from lwoopro.simulation.runner import open_results, run
from tests.conftest import STUDY

LAST = ["measure", "statistic", "value", "mcse", "unit"]

OTHERS = {"settlement", "transition", "decomposition"}
"""Tables of parts that the small study does not use."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tables")
    (place / "study.toml").write_text(STUDY, "utf-8")
    run(place / "study.toml", place / "run")
    return place / "run"


@pytest.fixture(scope="module")
def made(folder: Path) -> dict[str, pd.DataFrame]:
    return tables(open_results(folder))


def test_every_table_is_tidy(made: dict[str, pd.DataFrame]) -> None:
    assert set(made) == set(TABLES) - OTHERS
    for name, table in made.items():
        assert table.columns[-5:].tolist() == LAST, name
        keys = table.columns[:-5].tolist()
        assert len(keys) >= 1, name
        assert table["value"].notna().all(), name
        assert table["unit"].map(bool).all(), name
        assert not table.duplicated([*keys, "measure", "statistic"]).any(), name
        # a number that draws change has an error; one that is known without draws has none
        drawn = table[table["statistic"].isin(["mean", "p5", "p95"])]
        assert drawn["mcse"].notna().all() or name in ANALYTIC_TABLES, name


def test_the_numbers_are_those_of_the_functions(
    folder: Path, made: dict[str, pd.DataFrame]
) -> None:
    results = open_results(folder).load()
    table = redistribution(results, policy="indicator-20-school")
    rows = made["redistribution"]
    rows = rows[(rows["policy"] == "indicator-20-school") & (rows["year"] == 2020)]
    cells = rows[(rows["measure"] == "count") & (rows["statistic"] == "p95")]
    assert len(cells) == 35
    for _, cell in cells.iterrows():
        place = {"row": cell["row"], "column": cell["column"], "year": 2020}
        assert cell["value"] == float(table["count_high"].sel(place))
        assert cell["mcse"] == float(table["count_high_mcse"].sel(place))
    whole = rows[(rows["measure"].isin(["count", "undefined"])) & (rows["statistic"] == "mean")]
    np.testing.assert_allclose(whole["value"].sum(), results.sizes["swv"])

    budgets = made["budgets"]
    chosen = budgets[
        (budgets["policy"] == "current")
        & (budgets["year"] == 2019)
        & (budgets["swv"] == "VO2810")
        & (budgets["statistic"] == "mean")
    ].set_index("part")["value"]
    parts = results["budget_part"].sel(policy="current", year=2019, swv="VO2810").mean("draw")
    for part in ("regional", "lwoo", "pro"):
        np.testing.assert_allclose(chosen[part], parts.sel(part=part))
    np.testing.assert_allclose(chosen["total"], parts.sum())

    why = made["why"]
    one = why[(why["swv"] == "VO2810") & (why["statistic"] == "mean")]
    split = one[one["measure"] == "part"]["value"].sum()
    np.testing.assert_allclose(split, one[one["measure"] == "change"]["value"].sum(), atol=1e-5)


def test_the_same_results_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    results = open_results(folder)
    first = write_tables(results, tmp_path / "a")
    second = write_tables(results.isel(draw=slice(None)).load(), tmp_path / "b")
    assert [path.name for path in first] == [path.name for path in second]
    assert first == sorted(tmp_path.glob("a/tables/*")), "no scratch file is left"
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
        assert b"\r" not in one.read_bytes()


def test_what_one_year_does_not_give_is_absent_and_cleared_away(
    folder: Path, tmp_path: Path
) -> None:
    results = open_results(folder)
    write_tables(results, tmp_path)
    one = {path.stem for path in write_tables(results.sel(year=[2020]), tmp_path)}
    assert set(TABLES) - one == {"stability", "yearly_change", "why"} | OTHERS
    assert {path.stem for path in (tmp_path / "tables").iterdir()} == one
    alone = tables(results.sel(policy=["current"]))
    assert {"change", "redistribution", "risk"}.isdisjoint(alone)
    few = tables(results.isel(draw=[0]))
    assert few["change"]["mcse"].isna().all(), "one draw has no error"


def test_a_published_value_is_a_statistic_of_its_own() -> None:
    summary = xr.Dataset(
        {
            "x": ("line", [0.4, 0.6], {"units": "1"}),
            "x_mcse": ("line", [0.01, 0.02]),
            "published_x": ("line", [0.39, np.nan]),
        },
        {"line": ["a", "b"], "of": ("line", ["all", "some"])},
    )
    found = long_table(summary, {"policy": "p"})
    assert found.columns.tolist() == ["policy", "line", "of", *LAST]
    assert found["value"].tolist() == [0.4, 0.6, 0.39]
    assert found["statistic"].tolist() == ["estimate", "estimate", "published"]
    assert found["of"].tolist() == ["all", "some", "all"]
    assert found["mcse"].tolist()[:2] == [0.01, 0.02] and np.isnan(found["mcse"].iloc[2])


def test_quantiles_are_named_by_their_level() -> None:
    names = {f"x{end}": ("line", [1.0]) for end in ("", "_low", "_high")}
    found = long_table(xr.Dataset(names, {"line": ["a"]}, {"level": 0.5}))
    assert found["statistic"].tolist() == ["mean", "p25", "p75"]


def test_the_command_line_writes_them_with_the_run_and_anew(folder: Path, tmp_path: Path) -> None:
    def lwoopro(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "lwoopro", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ},
        )

    (tmp_path / "study.toml").write_text(STUDY, "utf-8")
    done = lwoopro("run", "study.toml", "--quiet", "--out", "o")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    written = sorted((tmp_path / "o" / "tables").glob("*.csv"))
    assert {path.stem for path in written} == set(TABLES) - OTHERS
    assert (tmp_path / "o" / "report.html").is_file()
    content = {path.name: path.read_bytes() for path in written}
    written[0].unlink()
    done = lwoopro("report", "o")
    assert done.returncode == 0
    listed = done.stdout.replace(os.sep, "/").split()
    assert listed == [*(f"o/tables/{path.name}" for path in written), "o/report.html"]
    assert {path.name: path.read_bytes() for path in written} == content
    assert lwoopro("report", "nowhere").returncode == 2
