"""From a pupil table to an indicator file that a study uses (C-1)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from typer.testing import CliRunner

import lwoopro
from lwoopro.cli import app, guarded
from lwoopro.errors import InputError
from lwoopro.indicator.coefficients import MICRO
from lwoopro.indicator.file import read_indicator
from lwoopro.recalibration.compare import compare, holm
from lwoopro.recalibration.estimate import estimate
from lwoopro.recalibration.sample import read_sample
from lwoopro.recalibration.write import indicator_text
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study
from tests.conftest import STUDY
from tests.recalibration import simulated


@pytest.fixture(scope="module")
def pupils(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sample = simulated.sample(np.random.default_rng(1), 1500)
    return simulated.write(tmp_path_factory.mktemp("recalibration") / "pupils.parquet", sample)


def test_the_file_says_what_was_estimated(pupils: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "indicator-2026.toml"
    found = lwoopro.recalibrate(pupils, out)
    read = read_indicator(str(out), Path())
    assert read.name == "indicator-2026"
    assert "1,500 pupils" in read.source
    assert (read.assumed, read.added) == ((), ())
    parameters = read.parameters()
    value = dict(zip(parameters.names, (parameters.value / MICRO).tolist(), strict=True))
    for name, expected in zip(found.estimate.names, found.estimate.value, strict=True):
        assert value.pop(name) == pytest.approx(expected, abs=5.1e-7)
    assert value == {
        name: 0.0
        for name in (
            "education_mother.primary",
            "education_father.primary",
            "origin.nl",
            "stay.10+",
            "debt.no",
        )
    }
    assert read.covariance_parameters == found.estimate.names
    np.testing.assert_array_equal(read.covariance, found.estimate.covariance)
    drawn = parameters.factor @ parameters.factor.T / MICRO**2
    at = [parameters.names.index(name) for name in found.estimate.names]
    np.testing.assert_allclose(drawn[np.ix_(at, at)], found.estimate.covariance, rtol=1e-6)


def test_a_study_draws_its_coefficients(pupils: Path, tmp_path: Path) -> None:
    lwoopro.recalibrate(pupils, tmp_path / "new.toml")
    text = STUDY.replace("years = [2019, 2020]", "years = [2020]")
    spread = []
    for varies in ("true", "false"):
        more = f'\n[indicator]\ntable = "new.toml"\n[uncertainty]\ncoefficients = {varies}\n'
        (tmp_path / "study.toml").write_text(text + more, "utf-8")
        study = load_study(tmp_path / "study.toml")
        prepared, _ = prepare(study, load_inputs(study))
        spread.append(simulate_block(prepared, range(10))["mean_score"].std(axis=0))
    # the standard error of a start value alone is some tenths of a point
    assert (spread[0] > 0.1).all()
    assert (spread[0] > 2 * spread[1]).all()


def test_csv_and_parquet_say_the_same(pupils: Path, tmp_path: Path) -> None:
    pd.read_parquet(pupils).to_csv(tmp_path / "pupils.csv", index=False)
    one, two = (estimate(read_sample(path)) for path in (pupils, tmp_path / "pupils.csv"))
    np.testing.assert_allclose(one.value, two.value, rtol=1e-12)
    assert one.names == two.names


def test_who_counts(pupils: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(pupils)
    kept = estimate(read_sample(pupils))
    wrong = frame.head(60).copy()
    wrong["pupil_id"] += 100_000
    wrong["test_score"] = 0.0
    wrong.loc[0:9, "advice"] = "havo"
    wrong.loc[10:14, "advice"] = None
    wrong.loc[15:24, "registration"] = "no_father"
    wrong.loc[25:29, "asylum"] = True
    wrong.loc[30:39, "education_father"] = None
    wrong.loc[40:44, "test_score"] = np.nan
    wrong["intelligence"] = wrong["intelligence"].where(wrong.index != 45)
    # the last ones are pupils of the table in an earlier year
    wrong.loc[46:, "pupil_id"] -= 100_000
    wrong.loc[46:, "year"] = 2019
    path = tmp_path / "more.parquet"
    pd.concat([wrong, frame], ignore_index=True).to_parquet(path)
    sample = read_sample(path)
    assert dict(sample.left_out) == {
        "no vmbo advice": 15,
        "not registered completely, or asylum": 15,
        "education of a parent unknown": 10,
        "no test score or intelligence": 6,
        "an earlier year of the same pupil": 14,
    }
    np.testing.assert_allclose(estimate(sample).value, kept.value, rtol=1e-9)


def test_advice_is_read_whatever_its_capitals(pupils: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(pupils)
    frame["advice"] = np.resize(["VMBO-gt", "vmbo_bb/kb", "Vmbo"], len(frame))
    frame.to_parquet(tmp_path / "p.parquet")
    assert len(read_sample(tmp_path / "p.parquet")) == len(frame)


def test_a_level_known_in_another_year_is_known(pupils: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(pupils)
    # the earlier row knows the level and has no test score: it takes nobody's place
    earlier = frame.head(300).assign(year=2019, test_score=np.nan)
    frame.loc[:299, "education_mother"] = None
    path = tmp_path / "p.parquet"
    pd.concat([frame, earlier], ignore_index=True).to_parquet(path)
    np.testing.assert_allclose(
        estimate(read_sample(path)).value, estimate(read_sample(pupils)).value, rtol=1e-9
    )


def test_an_added_characteristic(pupils: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(pupils)
    rng = np.random.default_rng(2)
    frame["home language"] = rng.choice(
        ["dutch", "frisian", "other"], len(frame), p=[0.6, 0.2, 0.2]
    )
    frame["test_score"] -= 3.0 * (frame["home language"] == "other")
    path = tmp_path / "p.parquet"
    frame.to_parquet(path)
    found = lwoopro.recalibrate(path, tmp_path / "i.toml", characteristics=["home language"])
    (added,) = read_indicator(str(tmp_path / "i.toml"), Path()).added
    assert added.column == "home language"
    assert dict(zip(added.codes, added.value, strict=True))["dutch"] == 0
    lines = found.comparison.set_index("coefficient")
    other = lines.loc["home language.other"]
    assert abs(other["estimate"] + 3.0) < 4 * other["se"]
    assert (other["in_use"], other["in_use_se"]) == (0.0, 0.0)
    assert other["differs"]
    assert not lines.loc["home language.frisian", "differs"]


def test_comparison_by_hand(pupils: Path) -> None:
    found = estimate(read_sample(pupils))
    lines = compare(found, simulated.truth()).set_index("coefficient")
    value = dict(zip(found.names, found.value, strict=True))
    se = dict(zip(found.names, found.se, strict=True))
    row = lines.loc["origin.turkey"]
    assert (row["in_use"], row["in_use_se"]) == (pytest.approx(-1.4), pytest.approx(0.11))
    assert row["difference"] == pytest.approx(value["origin.turkey"] + 1.4)
    z = row["difference"] / np.hypot(se["origin.turkey"], 0.11)
    # so many pupils that t is all but normal
    assert row["p"] == pytest.approx(2 * norm.sf(abs(z)), rel=0.02)
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * row["se"], rel=2e-3)
    start = lines.loc["start.gltl - start.bbkb"]
    assert start["in_use"] == pytest.approx(1.5)
    assert start["estimate"] == pytest.approx(value["start.gltl"] - value["start.bbkb"])
    k, j = (found.names.index(f"start.{one}") for one in ("gltl", "bbkb"))
    c = found.covariance
    assert start["se"] == pytest.approx(np.sqrt(c[k, k] + c[j, j] - 2 * c[k, j]))
    # one z per parent moves all levels, so their total is no sum of single tests
    assert lines.loc["education_mother (together)", "p"] > 0.001
    assert "debt (together)" not in lines.index
    singles = lines[lines["estimate"].notna()]
    np.testing.assert_allclose(singles["p_adjusted"], holm(singles["p"].to_numpy()))
    assert (lines["differs"] == (lines["p_adjusted"] < 0.05)).all()


def test_other_references_in_the_file_in_use_change_nothing(pupils: Path, tmp_path: Path) -> None:
    """Adding a constant to a characteristic and taking it off the start is the same indicator."""
    found = estimate(read_sample(pupils))
    used = simulated.truth()
    moved = replace(
        used,
        start=tuple(v - 3 * MICRO for v in used.start),
        origin=replace(used.origin, value=tuple(v + 3 * MICRO for v in used.origin.value)),
    )
    one, two = compare(found, used), compare(found, moved)
    np.testing.assert_allclose(one["difference"], two["difference"], atol=1e-9)


def test_what_changed_is_named_and_nothing_else() -> None:
    rng = np.random.default_rng(3)
    changed = simulated.sample(rng, 8000)
    changed.score[changed.factors[2].code == 3] -= 2.0
    lines = compare(estimate(changed), simulated.truth()).set_index("coefficient")
    assert set(lines.index[lines["differs"]]) == {"origin.turkey", "origin (together)"}


def test_comparison_keeps_its_level() -> None:
    """Where nothing changed, one coefficient or more is called different in 5 % or fewer."""
    rng = np.random.default_rng(4)
    exact = simulated.truth()
    exact = replace(
        exact,
        start_se=None,
        **{
            name: replace(getattr(exact, name), se=None)
            for name in ("education_mother", "education_father", "origin", "stay", "debt")
        },
    )
    alarms = 0
    for _ in range(30):
        lines = compare(estimate(simulated.sample(rng, 600)), exact)
        alarms += bool(lines.loc[lines["estimate"].notna(), "differs"].any())
    assert alarms <= 5  # more than 5 of 30 at 5 % happens once in 300


def test_holm_is_the_library_s() -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(5).beta(0.3, 1, 40)
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])


def problems(path: Path, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_sample(path, **options)
    return [str(problem).removeprefix(f"{path}: ") for problem in caught.value.problems]


def test_defects_of_the_table(pupils: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(pupils)
    path = tmp_path / "p.parquet"

    def with_(**columns: object) -> Path:
        frame.assign(**columns).to_parquet(path)
        return path

    frame.drop(columns=["advice", "stay"]).rename(columns={"test_score": "testscore"}).to_parquet(
        path
    )
    assert problems(path) == [
        "column stay: is missing",
        "column test_score: is missing (nearest: 'testscore')",
        "column advice: is missing",
    ]
    assert problems(with_(test_score="high", intelligence=np.inf, advice=1)) == [
        "column test_score: holds no numbers; numbers, or empty cells",
        "column intelligence: 1500 numbers are not finite; leave these cells empty",
        "column advice: holds no text",
    ]
    assert problems(with_(intelligence=np.nan, advice=None)) == [
        "column intelligence: is empty in every row",
        "column advice: is empty in every row",
    ]
    (nobody,) = problems(with_(advice="havo"))
    assert "no pupil is left to estimate from (1,500 rows: no vmbo advice)" in nobody
    (absent,) = problems(with_(education_father=frame["education_father"].replace("mbo4", "mbo23")))
    assert absent.startswith("column education_father: nobody who counts has mbo4: no coefficient")
    assert problems(with_(language="one"), added=["language"]) == [
        "column language: has 1 different codes; 2 to 100 codes"
    ]
    assert problems(with_(language=1), added=["language"]) == ["column language: holds no text"]
    assert problems(pupils, score="intelligence") == [
        "column intelligence: stands for two things; name another column"
    ]
    assert problems(pupils, advice="track") == [
        "column track: is a column of the pupil table itself; name another column"
    ]
    codes = frame["origin"].where(frame.index != 3, "mars")
    (unknown,) = problems(with_(origin=codes))
    assert "unknown code" in unknown
    assert "mars" not in unknown


def test_rows_without_a_year_that_can_be_read(pupils: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(pupils)
    frame.drop(columns="year").to_parquet(tmp_path / "p.parquet")
    assert problems(tmp_path / "p.parquet") == ["column year: is missing"]
    frame.assign(year="new").to_parquet(tmp_path / "p.parquet")
    (found,) = problems(tmp_path / "p.parquet")
    assert found.startswith("column year: holds string, not whole numbers")


def test_everything_wrong_at_once_and_nothing_written(tmp_path: Path) -> None:
    out = tmp_path / "i.toml"
    with pytest.raises(InputError) as caught:
        lwoopro.recalibrate(tmp_path / "none.csv", out, against="assumed-2021")
    assert [str(one) for one in caught.value.problems] == [
        "assumed-2021: no bundled indicator of this name (nearest: 'assumed-2022'); use "
        "assumed-2022 or the path of a .toml file",
        f"{tmp_path / 'none.csv'}: no such file",
    ]
    assert not out.exists()
    with pytest.raises(InputError) as caught:
        lwoopro.recalibrate(tmp_path / "none.csv", tmp_path, errors="some", centre=np.inf)
    assert [str(one) for one in caught.value.problems] == [
        "--errors: 'some' is unknown here; use classical, robust, school",
        "--centre: is not finite; a number, such as 100",
        f"--out {tmp_path}: is no .toml file; such as indicator.toml",
    ]


def test_the_text_is_the_same_for_the_same_pupils(pupils: Path) -> None:
    found = estimate(read_sample(pupils), "school")
    text = indicator_text(found, "a", 'by "hand"')
    assert text == indicator_text(estimate(read_sample(pupils), "school"), "a", 'by "hand"')
    assert 'source = "by \\"hand\\""' in text
    assert "errors: schools as clusters" in text


def test_the_command(pupils: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, lines = tmp_path / "i.toml", tmp_path / "lines.csv"
    options = ["--out", str(out), "--comparison", str(lines), "--errors", "school"]
    done = CliRunner().invoke(app, ["recalibrate", str(pupils), *options])
    assert done.exit_code == 0, done.output
    assert "education_mother.havo_vwo" in done.output
    assert "1,500 pupils" in done.output
    assert f"Indicator file: {out}" in done.output.replace("\n", "")
    assert len(pd.read_csv(lines)) == 28
    before = out.read_text("utf-8")
    quiet = CliRunner().invoke(app, ["recalibrate", str(pupils), "--out", str(out), "--quiet"])
    assert (quiet.exit_code, quiet.output) == (0, "")
    assert out.read_text("utf-8") != before

    def wrong() -> None:
        app(["recalibrate", str(tmp_path / "none.csv"), "--out", str(out)], standalone_mode=False)

    assert guarded(wrong) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'none.csv'}: no such file\n"
