"""The education model: whom it imputes, what it predicts, what it draws from (I-1, I-5)."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from lwoopro.errors import InputError
from lwoopro.imputation.education_model import EQUATIONS, fit
from lwoopro.imputation.fit_report import fit_report
from lwoopro.imputation.persons import own_score, resolve_parents
from tests.imputation import people
from tests.imputation.simulated import (
    FROM_FATHER,
    INCOME,
    LEVELS,
    OTHER,
    TURKEY,
    fitted,
    known_rows,
    model_of_the_nation,
    national,
    probabilities,
    simulated,
    truth,
)


def test_known_parameters_are_found_again() -> None:
    off: list[float] = []
    for seed in range(3):
        seen, _ = simulated(seed)
        model = fitted(seen, "income_decile", "origin")
        coefficients = fit_report(model).coefficients
        part = coefficients[coefficients["equation"] == EQUATIONS[1]].set_index("parameter")
        true = {"income_decile": INCOME, "origin=other": OTHER, "origin=turkey": TURKEY}
        true |= {"origin=north_africa": 0.0, "origin=suriname_antilles": 0.0}
        base = next(
            k for k, level in enumerate(LEVELS) if f"education_father={level}" not in part.index
        )
        true |= {
            f"education_father={level}": FROM_FATHER * (k - base)
            for k, level in enumerate(LEVELS)
            if k != base
        }
        assert set(true) <= set(part.index)
        assert len(part) == 7 + len(true)
        off += [(part["estimate"][name] - value) / part["se"][name] for name, value in true.items()]
    assert np.abs(off).max() < 4
    assert 0.5 < np.std(off) < 1.6


def test_predicted_probabilities_are_near_the_truth() -> None:
    seen, every = simulated(11)
    model = fitted(seen, "income_decile", "origin")
    rows = np.flatnonzero((model.mother_row >= 0) & ~model.father_follows)
    rows = rows[~np.isnan(seen.extra["income_decile"][rows])]
    predicted = probabilities(model.thresholds())[model.mother_row[rows]]
    true = truth(every, every.education_father)[rows]
    assert np.abs(predicted - true).max() < 0.12
    assert np.abs(predicted - true).mean() < 0.012
    # and not near those of other pupils
    assert np.abs(predicted - true[::-1]).mean() > 0.05


def test_both_unknown_gives_the_marginal_of_the_mother_and_the_father_given_her() -> None:
    seen, every = simulated(12)
    model = fitted(seen, "income_decile", "origin")
    both = np.flatnonzero(model.father_follows)
    probability = probabilities(model.thresholds())
    # numbers of pupils per joint level, predicted and true, over all pupils with both unknown
    mother = probability[model.mother_row[both]]
    father = probability[model.father_row[both][:, None] + np.arange(8)]
    joint = (mother[:, :, None] * father).sum(axis=0)
    counts = np.zeros((8, 8))
    np.add.at(counts, (every.education_mother[both], every.education_father[both]), 1)
    # neither equation is exactly true here, so the bound is looser than sampling error alone
    chi2 = ((counts - joint) ** 2 / joint).sum()
    assert chi2 < 200
    independent = np.outer(joint.sum(axis=1), joint.sum(axis=0)) / joint.sum()
    assert ((counts - independent) ** 2 / independent).sum() > 2 * chi2


def test_rows_are_who_is_imputed_from_what() -> None:
    pupils = national()
    mother, father = resolve_parents(pupils)
    model = fit(pupils, mother, father, ["income_decile", "origin"])
    own = own_score(pupils)
    assert ((model.mother_row >= 0) == (own & (mother.level < 0))).all()
    assert ((model.father_row >= 0) == (own & (father.level < 0))).all()
    assert (model.father_follows == (own & (mother.level < 0) & (father.level < 0))).all()
    first, second = (len(part) for part in model.patterns[:2])
    both, only = model.father_follows, (model.mother_row >= 0) & ~model.father_follows
    assert model.mother_row[both].max() < first
    assert first <= model.mother_row[only].min() <= model.mother_row[only].max() < first + second
    assert model.father_row[both].max() + 8 == model.rows
    assert model.mother_row.dtype == model.father_row.dtype == np.int32
    # each row's codes are those of the pupil, and m counts the mother's level up
    codes_of_rows = np.concatenate(
        [np.pad(part, ((0, 0), (0, 3 - part.shape[1]))) for part in model.patterns]
    )
    origin = codes_of_rows[:, 1]
    for rows, row in ((both | only, model.mother_row), (model.father_row >= 0, model.father_row)):
        assert (origin[row[rows]] == pupils.origin[rows]).all()
    assert (codes_of_rows[model.mother_row[only], 2] == father.level[only]).all()
    alone = (model.father_row >= 0) & ~both
    assert (codes_of_rows[model.father_row[alone], 2] == mother.level[alone]).all()
    for m in range(8):
        assert (codes_of_rows[model.father_row[both] + m, 2] == m).all()


def test_rows_without_a_score_of_their_own_do_not_speak() -> None:
    other = {"pupil_id": 2, "education_mother": "mbo4", "education_father": "mbo4"}
    pupils = known_rows(
        {"pupil_id": 1, "education_father": "mbo4"},
        other | {"asylum": True},
        other | {"pupil_id": 3, "registration": "no_father"},
        {"pupil_id": 4, "registration": "no_father"},
    )
    model = fitted(pupils)
    assert len(model.equations[0].sample.level) == 320
    assert np.flatnonzero(model.mother_row >= 0).tolist() == [0]


def test_only_the_equations_that_somebody_needs_are_fitted() -> None:
    pupils = known_rows({"pupil_id": 1, "education_father": "mbo4"})
    assert [equation.name for equation in fitted(pupils).equations] == [EQUATIONS[1]]
    everyone = known_rows()
    model = fitted(everyone)
    assert model.equations == ()
    assert model.thresholds().shape == (0, 7)
    assert model.thresholds(np.zeros((3, 0))).shape == (3, 0, 7)
    assert fit_report(model).coefficients.empty


def test_thresholds_are_cumulative_probabilities_rounded_up() -> None:
    model = model_of_the_nation()
    threshold = model.thresholds()
    assert threshold.dtype == np.uint32
    assert (np.diff(threshold.astype(np.int64), axis=1) >= 0).all()
    start = 0
    for equation, patterns in zip(model.equations, model.patterns, strict=True):
        slopes = equation.estimate[len(equation.fitted.cuts) :]
        logit = equation.design(patterns) @ slopes
        below = expit(equation.estimate[: len(equation.fitted.cuts)] - logit[:, None])
        part = threshold[start : start + len(patterns)]
        up = part - 2.0**31 * below
        assert (-1e-4 < up).all()
        assert (up < 1 + 1e-4).all()
        start += len(patterns)
    assert start == model.rows


def test_a_draw_is_the_same_beside_any_others() -> None:
    model = model_of_the_nation()
    z = np.random.default_rng(3).normal(size=(20, len(model.labels)))
    together = model.thresholds(z)
    assert together.shape == (20, model.rows, 7)
    for draw in (0, 7, 19):
        np.testing.assert_array_equal(model.thresholds(z[draw]), together[draw])
    np.testing.assert_array_equal(model.thresholds(z[5:8]), together[5:8])
    np.testing.assert_array_equal(model.thresholds(np.zeros(len(model.labels))), model.thresholds())


def test_far_draws_stay_probabilities() -> None:
    model = model_of_the_nation()
    z = 1e4 * np.random.default_rng(5).normal(size=(5, len(model.labels)))
    threshold = model.thresholds(z).astype(np.int64)
    assert (np.diff(threshold, axis=2) >= 0).all()
    assert threshold.min() >= 0
    assert threshold.max() <= 2**31


def test_levels_that_nobody_has_are_never_drawn() -> None:
    pupils = known_rows({"pupil_id": 1, "education_father": "mbo4"})
    level = pupils.education_mother.copy()
    for absent in (0, 4, 7):
        level[level == absent] = 3
    pupils = replace(pupils, education_mother=level)
    threshold = fitted(pupils).thresholds()[0].tolist()
    assert threshold[0] == 0
    assert threshold[4] == threshold[3]
    assert threshold[6] == 2**31
    notes = fit_report(fitted(pupils)).notes
    assert notes["categories"].tolist() == ["primary, havo_vwo, master"]


def test_parameters_have_names_and_keys_of_their_own() -> None:
    model = model_of_the_nation()
    keys = model.keys
    assert len(keys) == len(model.labels) == len(set(keys.tolist()))
    first = model.labels.index("mother given father: primary|vmbo_bk")
    assert keys[first] == 1 << 16
    seen, _ = simulated(1)
    only = replace(seen, education_father=simulated(1)[1].education_father)
    assert fitted(only).keys[0] == 1 << 16  # whatever other equations there are
    with pytest.raises(ValueError, match="parameters"):
        model.thresholds(np.zeros(3))


def test_nobody_with_known_education() -> None:
    pupils = people.pupils({}, {"education_mother": "mbo4"})
    with pytest.raises(InputError) as caught:
        fitted(pupils)
    assert [problem.what for problem in caught.value.problems] == [
        "equation 'mother': 1 mothers with known education, of 1 of the 8 levels",
        "equation 'father given mother': 0 fathers with known education, of 0 of the 8 levels",
    ]
