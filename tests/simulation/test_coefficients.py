"""Drawn coefficients: exact on the lattice, the order redone in every draw (S-6)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri
from tests.reference import keyed_word

from lwoopro.errors import InputError
from lwoopro.indicator.coefficients import Indicator
from lwoopro.indicator.draws import drawn_scores
from lwoopro.indicator.lattice import build_lattice
from lwoopro.kernels.philox import COEFFICIENTS
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import Study, load_study

DRAWS = range(3, 10)


@pytest.fixture
def study(small_study: Path) -> Study:
    text = small_study.read_text("utf-8") + "\n[uncertainty]\ncoefficients = true\n"
    small_study.write_text(text, "utf-8")
    return load_study(small_study)


def at_draw(indicator: Indicator, seed: int, draw: int) -> Indicator:
    """The indicator with the coefficients of one draw, worked out one by one."""
    found = indicator.parameters()
    words = [keyed_word(seed, COEFFICIENTS, 0, z, draw) for z in range(len(found.z_names))]
    normal = [float(ndtri((word + 0.5) / 2**32)) for word in words]
    value = {
        name: int(found.value[k])
        + round(sum(found.factor[k, z] * normal[z] for z in range(len(normal))))
        for k, name in enumerate(found.names)
    }

    def moved(part):
        return replace(part, value=tuple(value[f"{part.column}.{code}"] for code in part.codes))

    names = ("education_mother", "education_father", "origin", "stay", "debt")
    return replace(
        indicator,
        start=(value["start.bbkb"], value["start.gltl"]),
        **{name: moved(getattr(indicator, name)) for name in names},
    )


def test_a_draw_is_the_fixed_indicator_with_its_coefficients(study: Study) -> None:
    inputs = load_inputs(study)
    moving = simulate_block(prepare(study, inputs)[0], DRAWS)
    still = study.model_copy(
        update={"uncertainty": study.uncertainty.model_copy(update={"coefficients": False})}
    )
    for place, draw in enumerate(DRAWS):
        fixed = replace(inputs, indicator=at_draw(inputs.indicator, study.study.seed, draw))
        one = simulate_block(prepare(still, fixed)[0], range(draw, draw + 1))
        for name, values in moving.items():
            np.testing.assert_array_equal(values[place], one[name][0], name)


def test_draws_differ_and_blocks_do_not_matter(study: Study) -> None:
    prepared, _ = prepare(study, load_inputs(study))
    whole = simulate_block(prepared, range(70))
    assert len(np.unique(whole["cut_score"][:, 0, 0])) > 10
    for part in (range(2, 5), range(60, 70)):
        some = simulate_block(prepared, part)
        for name, values in some.items():
            np.testing.assert_array_equal(values, whole[name][part.start : part.stop], name)


def test_without_standard_errors_nothing_moves(study: Study) -> None:
    inputs = load_inputs(study)
    indicator = inputs.indicator
    certain = replace(
        indicator,
        **{part.column: replace(part, se=None) for part in indicator.characteristics},
        start_se=None,
        added=(),
    )
    lattice = build_lattice(certain)
    coefficients = certain.parameters()
    assert coefficients.factor.shape[1] == 0
    table = drawn_scores(lattice, coefficients, np.zeros((4, 0)))
    np.testing.assert_array_equal(table.score, np.repeat(lattice.score[:, None], 4, axis=1))
    np.testing.assert_array_equal(table.rank, np.repeat(lattice.rank[:, None], 4, axis=1))


def test_scores_too_far_apart_are_refused(study: Study) -> None:
    indicator = load_inputs(study).indicator
    lattice = build_lattice(indicator)
    wild = np.full((1, indicator.parameters().factor.shape[1]), 1e4)
    with pytest.raises(InputError, match="points apart or more"):
        drawn_scores(lattice, indicator.parameters(), wild)


def test_changes_cannot_be_split_at_the_same_time(study: Study) -> None:
    path = study.path
    assert study.split_policies == ()
    path.write_text(
        path.read_text("utf-8") + '\n[report]\nsplit = ["indicator-20-school"]\n', "utf-8"
    )
    with pytest.raises(InputError, match="cannot be split while the coefficients vary"):
        load_study(path)
