"""Education by the model: the kernels against plain loops over the fitted thresholds (I-1)."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri
from tests.reference import keyed_halves, keyed_word

from lwoopro.codes import EDUCATION_LEVELS, EMPTY
from lwoopro.errors import InputError
from lwoopro.imputation.education_model import fit
from lwoopro.imputation.persons import own_score, resolve_parents
from lwoopro.kernels.philox import EDUCATION, PARAMETERS
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import Study, load_study

COVARIATES = ("income_decile", "origin")
MODEL = """
[imputation]
method = "model"
covariates = ["income_decile", "origin"]

[uncertainty]
parameters = {parameters}
"""


def model_study(path: Path, parameters: bool) -> Study:
    text = path.read_text("utf-8").replace("[2019, 2020]", "[2020]")
    path.write_text(text + MODEL.format(parameters=str(parameters).lower()), "utf-8")
    return load_study(path)


def by_hand(study: Study, draw: int) -> np.ndarray:
    """Pupils per level of mother and father in one draw, shape ``(2, 8)``."""
    pupils = load_inputs(study).pupils
    mother, father = resolve_parents(pupils)
    model = fit(pupils, mother, father, COVARIATES)
    z = None
    if study.uncertainty.parameters:
        words = [keyed_word(study.study.seed, PARAMETERS, 0, int(k), draw) for k in model.keys]
        z = ndtri((np.array(words) + 0.5) / 2**32)
    threshold = model.thresholds(z)
    count = np.zeros((2, len(EDUCATION_LEVELS)), int)
    for row in np.flatnonzero(own_score(pupils)):
        levels = [int(mother.level[row]), int(father.level[row])]
        for side, parent in enumerate((mother, father)):
            if levels[side] != EMPTY:
                continue
            role, person = int(parent.role[row]), int(parent.person[row])
            uniform = keyed_halves(study.study.seed, EDUCATION, role, person, draw) >> 1
            at = int((model.mother_row, model.father_row)[side][row])
            if side and model.father_follows[row]:
                at += levels[0]
            levels[side] = sum(uniform >= int(t) for t in threshold[at])
        count[0, levels[0]] += 1
        count[1, levels[1]] += 1
    return count


@pytest.mark.parametrize("parameters", [False, True])
def test_every_level_is_drawn_as_the_model_says(small_study: Path, parameters: bool) -> None:
    study = model_study(small_study, parameters)
    prepared, layout = prepare(study, load_inputs(study))
    found = simulate_block(prepared, range(5, 8))["category_pupils"]
    place = {name: k for k, name in enumerate(layout.coordinates["category"])}
    for position, draw in enumerate(range(5, 8)):
        expected = by_hand(study, draw)
        for side, role in enumerate(("mother", "father")):
            columns = [place[f"education_{role}={level}"] for level in EDUCATION_LEVELS]
            assert found[position, 0, columns].tolist() == expected[side].tolist()


def test_blocks_do_not_matter_with_drawn_parameters(small_study: Path) -> None:
    study = model_study(small_study, True)
    prepared, _ = prepare(study, load_inputs(study))
    whole = simulate_block(prepared, range(70))
    some = simulate_block(prepared, range(61, 67))
    for name, values in some.items():
        np.testing.assert_array_equal(values, whole[name][61:67], name)


def test_drawn_parameters_widen_the_spread(small_study: Path) -> None:
    plain = small_study.with_name("plain.toml")
    plain.write_text(small_study.read_text("utf-8"), "utf-8")
    spread = []
    for path, parameters in ((plain, False), (small_study, True)):
        study = model_study(path, parameters)
        prepared, _ = prepare(study, load_inputs(study))
        values = simulate_block(prepared, range(256))["category_pupils"]
        spread.append(values.std(axis=0)[0, -16:].sum())
    assert spread[1] > 1.05 * spread[0]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('covariates = ["origin"]', "covariates: a table needs no covariates"),
        ('method = "model"\nprobabilities = "p.csv"', "the model makes its own probabilities"),
        ("[uncertainty]\nparameters = true", "parameters: a table has no parameters"),
        ('method = "model"\ncovariates = ["incomes"]', "no column .*incomes"),
    ],
)
def test_what_does_not_go_together(small_study: Path, lines: str, message: str) -> None:
    text = small_study.read_text("utf-8")
    small_study.write_text(f"{text}\n[imputation]\n{lines}\n", "utf-8")
    with pytest.raises(InputError, match=message):
        load_inputs_and_prepare(small_study)


def load_inputs_and_prepare(path: Path) -> None:
    study = load_study(path)
    prepare(study, load_inputs(study))
