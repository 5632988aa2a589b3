"""What must not matter: order of rows, scale, what other years and policies there are."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import Inputs, load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import Study, load_study

ROWS = range(6)


def simulate(study: Study, inputs: Inputs) -> dict[str, np.ndarray]:
    return simulate_block(prepare(study, inputs)[0], ROWS)


def test_the_order_of_rows_does_not_matter(small_study: Path) -> None:
    study = load_study(small_study)
    inputs = load_inputs(study)
    pupils = inputs.pupils
    order = np.random.default_rng(1).permutation(len(pupils))
    changes = {
        field.name: getattr(pupils, field.name)[order]
        for field in fields(pupils)
        if isinstance(getattr(pupils, field.name), np.ndarray)
    }
    extra = {name: values[order] for name, values in pupils.extra.items()}
    shuffled = replace(inputs, pupils=replace(pupils, **changes, extra=extra))
    before, after = simulate(study, inputs), simulate(study, shuffled)
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name], name)


def test_every_pupil_twice_doubles_the_scores_and_keeps_the_money(small_study: Path) -> None:
    """Weight 2 = repetition, where nothing is drawn: everybody known, nobody copied."""
    study = load_study(small_study)
    inputs = load_inputs(study)
    pupils = inputs.pupils
    known = replace(
        pupils,
        registration=np.zeros_like(pupils.registration),
        asylum=np.arange(len(pupils)) % 97 == 0,
        education_mother=np.maximum(pupils.education_mother, 3),
        education_father=np.maximum(pupils.education_father, 2),
        origin=np.maximum(pupils.origin, 0),
        stay=np.maximum(pupils.stay, 0),
        debt=np.maximum(pupils.debt, 0),
    )
    twice = {
        field.name: np.tile(getattr(known, field.name), 2)
        for field in fields(known)
        if isinstance(getattr(known, field.name), np.ndarray)
    }
    twice["pupil_id"][len(known) :] += 10**12
    doubled = replace(known, **twice, extra={k: np.tile(v, 2) for k, v in known.extra.items()})
    once = simulate(study, replace(inputs, pupils=known))
    both = simulate(study, replace(inputs, pupils=doubled))
    np.testing.assert_array_equal(both["target_pupils"], 2 * once["target_pupils"])
    np.testing.assert_array_equal(both["cut_shortfall"], 2 * once["cut_shortfall"])
    np.testing.assert_array_equal(both["cut_score"], once["cut_score"])
    np.testing.assert_allclose(both["disadvantage_score"], 2 * once["disadvantage_score"])
    np.testing.assert_array_equal(both["budget"], once["budget"])


def test_scale_multiplies_counts_and_money(small_study: Path) -> None:
    text = small_study.read_text("utf-8")
    small_study.write_text(text.replace("scale = 0.01", "scale = 0.5"), "utf-8")
    one = load_study(small_study)
    small_study.write_text(text.replace("scale = 0.01", "scale = 1.0"), "utf-8")
    two = load_study(small_study)
    half, whole = load_inputs(one), load_inputs(two)
    assert abs(2 * len(half.pupils) - len(whole.pupils)) <= 16
    first, second = simulate(one, half), simulate(two, whole)
    current = first["budget"][:, :, 0].sum() / second["budget"][:, :, 0].sum()
    np.testing.assert_allclose(current, 0.5, rtol=1e-6)
    np.testing.assert_allclose(first["mean_score"], second["mean_score"], atol=0.05)


def test_policies_do_not_touch_each_other(small_study: Path) -> None:
    study = load_study(small_study)
    inputs = load_inputs(study)
    fewer = study.model_copy(update={"policy": study.policy[:2]})
    all_, some = simulate(study, inputs), simulate(fewer, inputs)
    np.testing.assert_array_equal(all_["budget"][:, :, :2], some["budget"])


def test_a_source_that_is_off_stays_at_draw_0(small_study: Path) -> None:
    text = small_study.read_text("utf-8") + "\n[uncertainty]\neducation = false\ndonors = false\n"
    on = load_study(small_study)
    small_study.write_text(text, "utf-8")
    off = load_study(small_study)
    inputs = load_inputs(on)
    moving, still = simulate(on, inputs), simulate(off, inputs)
    for name, values in still.items():
        np.testing.assert_array_equal(values, np.repeat(moving[name][:1], len(ROWS), axis=0), name)
    assert (moving["disadvantage_score"][1:] != moving["disadvantage_score"][:1]).any()
