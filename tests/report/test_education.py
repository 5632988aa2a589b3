"""The fit of the education model in the outputs of a run (I-1, `model`)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lwoopro.imputation.education_model import fit
from lwoopro.imputation.fit_report import fit_report
from lwoopro.imputation.persons import resolve_parents
from lwoopro.report.education import COLUMNS, education_model, shows_few_parents
from lwoopro.report.tables import tables, write_tables
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.runner import run
from lwoopro.study import load_study
from tests.conftest import STUDY

MODEL = """
[imputation]
method = "model"
covariates = ["income_decile", "origin"]
"""


@pytest.fixture(scope="module")
def model_run(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("model")
    path = folder / "small.toml"
    text = STUDY.replace("[2019, 2020]", "[2020]").replace("draws = 10", "draws = 2")
    path.write_text(text + MODEL, encoding="utf-8")
    study = load_study(path)
    return study, run(study, folder / "out"), folder / "out"


def test_the_table_is_the_fit_report(model_run) -> None:
    study, results, folder = model_run
    write_tables(results, folder)
    found = pd.read_csv(folder / "tables" / "education_model.csv")
    assert tuple(found.columns) == COLUMNS
    pupils = load_inputs(study).pupils
    mother, father = resolve_parents(pupils)
    report = fit_report(fit(pupils, mother, father, ("income_decile", "origin")))
    of = {measure: part for measure, part in found.groupby("measure")}
    np.testing.assert_allclose(of["coefficient"]["value"], report.coefficients["estimate"])
    np.testing.assert_allclose(of["standard_error"]["value"], report.coefficients["se"])
    assert of["coefficient"]["parameter"].tolist() == report.coefficients["parameter"].tolist()
    for name in ("predicted", "observed"):
        np.testing.assert_allclose(of[name]["value"], report.calibration[name], atol=1e-11)
        assert of[name]["decile"].astype(int).tolist() == report.calibration["group"].tolist()
    for name in ("in_sample", "held_out", "marginal_in_sample", "marginal_held_out"):
        np.testing.assert_allclose(of[f"log_loss_{name}"]["value"], report.log_loss[name])
    notes = json.loads(results.attrs["education_model"])["notes"]
    assert len(notes) == len(report.notes)


def test_without_a_model_there_is_no_table(model_run) -> None:
    _, results, _ = model_run
    plain = results.copy()
    del plain.attrs["education_model"]
    assert education_model(plain) is None
    assert "education_model" not in tables(plain)


def test_few_parents_are_not_shown(model_run) -> None:
    _, results, _ = model_run
    table = education_model(results)
    assert table is not None
    few = shows_few_parents(table, 10)
    number = table["value"] * table["parents"]
    observed = table["measure"] == "observed"
    assert few[observed & (number.round() > 0) & (number.round() < 10)].all()
    assert not few[observed & (number.round() >= 10)].any()
    assert not few[table["measure"] == "coefficient"].any()
    assert few.any()
    shown = tables(results, suppress_below=10)["education_model"]
    assert shown["value"].isna().equals(pd.Series(few))


def test_many_patterns_are_named(small_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lwoopro.simulation import prepare as module

    text = small_study.read_text("utf-8") + MODEL + "\n[uncertainty]\nparameters = true\n"
    small_study.write_text(text.replace('"origin"]', '"mother_age"]'), "utf-8")
    study = load_study(small_study)
    inputs = load_inputs(study)
    assert not [note for note in prepare(study, inputs)[1].notes if "patterns" in note]
    monkeypatch.setattr(module, "_MANY_PATTERNS", 100)
    (note,) = [note for note in prepare(study, inputs)[1].notes if "patterns" in note]
    assert "imputation.bins = { mother_age = 10 }" in note


def test_bins_of_a_study(small_study: Path) -> None:
    text = small_study.read_text("utf-8") + MODEL.replace("origin", "mother_age")
    small_study.write_text(text + "bins = { mother_age = 4 }\n", "utf-8")
    study = load_study(small_study)
    assert study.imputation.bins == {"mother_age": 4}
    layout = prepare(study, load_inputs(study))[1]
    assert layout.education is not None
    assert layout.education.sizes["mother_age"] <= 5


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("bins = { age = 4 }", "imputation.bins.age: .* is no covariate of the model"),
        ("bins = { income_decile = 1 }", "from 2 to 1000"),
        ("bins = 4", "a table of whole numbers"),
    ],
)
def test_wrong_bins_are_named(small_study: Path, line: str, words: str) -> None:
    from lwoopro.errors import InputError

    small_study.write_text(f"{small_study.read_text('utf-8')}{MODEL}{line}\n", "utf-8")
    with pytest.raises(InputError, match=words):
        load_study(small_study)
