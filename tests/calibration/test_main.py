"""``python -m lwoopro.calibration``: the stages and what they write."""

import functools
from pathlib import Path

import pytest

from lwoopro.calibration import __main__ as command
from lwoopro.calibration import composition, expected, populations
from lwoopro.calibration.engine import Results
from lwoopro.calibration.movements import movements
from lwoopro.calibration.readme import table_lines
from lwoopro.calibration.residuals import Residual, population_residuals
from lwoopro.pupils.synthetic import SyntheticPopulation, bundled_folder
from lwoopro.pupils.synthetic.parameters import Parameters, read_parameters, write_parameters
from lwoopro.pupils.synthetic.source import csv_rows


def test_the_shipped_shares_follow_from_the_shipped_parameters(tmp_path: Path) -> None:
    assert command.main(["--stage", "shares", "--out", str(tmp_path)]) == 0
    made = (tmp_path / "shares_2012.csv").read_text()
    assert made == (bundled_folder("national") / "shares_2012.csv").read_text()


def test_the_fit_is_written_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fitted(source, money, parameters, steps, report):
        report("done")
        return parameters.replaced({"border.share": 0.2})

    monkeypatch.setattr(command, "fit", fitted)
    monkeypatch.setattr(expected.expected_facts, "__defaults__", ((1,),))
    assert command.main(["--stage", "fit", "--stage", "shares", "--out", str(tmp_path)]) == 0
    written: Parameters = read_parameters(tmp_path / "parameters.toml")
    assert written["border.share"] == 0.2
    bundled = csv_rows(bundled_folder("national") / "shares_2012.csv")
    assert csv_rows(tmp_path / "shares_2012.csv") != bundled


def test_the_engine_runs_what_is_bundled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parameters = read_parameters(bundled_folder("national") / "parameters.toml")
    write_parameters(
        parameters.replaced({"border.share": 0.2}), tmp_path / "parameters.toml", "Other."
    )
    with pytest.raises(SystemExit):
        command.main(["--stage", "residuals", "--out", str(tmp_path)])
    assert "copy" in capsys.readouterr().err
    (tmp_path / "parameters.toml").unlink()
    shipped = (bundled_folder("national") / "composition.csv").read_text("utf-8")
    line = next(row for row in shipped.splitlines() if row.startswith("VO2602,"))
    other = shipped.replace(line, "VO2602,0.0,0.0,0.0,0.0,0.0,assumed")
    (tmp_path / "composition.csv").write_text(other, "utf-8")
    with pytest.raises(SystemExit):
        command.main(["--stage", "residuals", "--out", str(tmp_path)])
    assert "copy" in capsys.readouterr().err


def test_the_composition_is_written_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = functools.partial(movements, draws=2)
    monkeypatch.setattr(populations, "movements", two)
    monkeypatch.setattr(populations, "SEEDS", (1, 2))
    monkeypatch.setattr(populations, "FRESH", (3,))
    monkeypatch.setattr(populations.plain_movements, "__defaults__", ((1, 2),))
    monkeypatch.setattr(composition, "response", lambda source, money, seeds: -38.0)
    assert command.main(["--stage", "composition", "--out", str(tmp_path)]) == 0
    rows = csv_rows(tmp_path / "composition.csv")
    assert len(rows) == 75 and {row["status"] for row in rows} == {"assumed"}
    assert rows != csv_rows(bundled_folder("national") / "composition.csv")
    table = csv_rows(tmp_path / "populations.csv")
    assert len(table) == 24
    off = next(row for row in table if row["row"] == "per population")
    # used at once: the populations that it was fitted to are nearer than without it
    assert float(off["fitted"]) < float(off["plain"])


def test_the_residual_stage_writes_table_summary_and_readme(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    engine: Results,
) -> None:
    asked: list[tuple[Path, int]] = []

    def simulated(shares: Path, draws: int) -> Results:
        asked.append((shares, draws))
        return engine

    def of_two_draws(population: SyntheticPopulation, draws: range) -> list[Residual]:
        return population_residuals(population, draws[:2])

    monkeypatch.setattr(command, "simulate", simulated)
    monkeypatch.setattr(command, "population_residuals", of_two_draws)
    readme = tmp_path / "README.md"
    bundled = csv_rows(bundled_folder("national") / "residuals.csv")
    table = "\n".join(table_lines(bundled[:9]))
    readme.write_text(f"Before.\n\n{table}\n\nAfter.\n", "utf-8")
    options = ["--stage", "residuals", "--draws", "30", "--readme", str(readme)]
    assert command.main([*options, "--out", str(tmp_path)]) == 0
    assert asked == [(bundled_folder("national") / "shares_2012.csv", 30)]
    rows = csv_rows(tmp_path / "residuals.csv")
    assert [(r["table"], r["row"]) for r in rows] == [(r["table"], r["row"]) for r in bundled]
    assert "30 draws of the default study" in (tmp_path / "CALIBRATION.md").read_text("utf-8")
    lines = "\n".join(table_lines(rows))
    assert readme.read_text("utf-8") == f"Before.\n\n{lines}\n\nAfter.\n"
    shown = capsys.readouterr().out.splitlines()
    met = sum(row["within"] == "yes" for row in rows)
    assert met > 60
    assert shown[-1] == f"{met} of 70 published figures are within tolerance"
    assert len(shown) == len(rows) + 2
