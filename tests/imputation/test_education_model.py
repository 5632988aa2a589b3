"""The education model: whom it is fitted on, what it predicts, what it draws from (I-1, I-5)."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from lwoopro import codes
from lwoopro.errors import InputError
from lwoopro.imputation.education_model import EQUATIONS, EducationModel, fit
from lwoopro.imputation.equation import dependent_columns
from lwoopro.imputation.fit_report import fit_report
from lwoopro.imputation.persons import own_score, resolve_parents
from lwoopro.pupils.synthetic import generate
from lwoopro.pupils.table import Pupils
from tests.imputation import people

LEVELS = codes.EDUCATION_LEVELS
CUTS = np.array([-2.0, -1.2, -0.6, 0.3, 0.8, 1.9, 2.8])
INCOME, OTHER, TURKEY, FROM_FATHER = 0.25, -0.4, -0.8, 0.3
"""Truth of the simulated levels: slopes of income and origin, and per level of the father."""


@cache
def national() -> Pupils:
    return generate("national", [2019], 7, scale=0.05).pupils


def simulated(
    seed: int, hidden: float = 0.4, cuts: NDArray[np.float64] = CUTS
) -> tuple[Pupils, Pupils]:
    """National pupils with levels from a known ordered logit: with some hidden, and with all.

    The father's level comes first, the mother's given his, so that her equation given him is true.
    """
    pupils = national()
    rng = np.random.default_rng(seed)
    rows = len(pupils)
    base = INCOME * (np.nan_to_num(pupils.extra["income_decile"], nan=5.5) - 5.5)
    base += OTHER * (pupils.origin == codes.ORIGINS.index("other"))
    base += TURKEY * (pupils.origin == codes.ORIGINS.index("turkey"))

    def draw(logit: NDArray[np.float64]) -> NDArray[np.int8]:
        return np.searchsorted(cuts, logit + rng.logistic(size=rows)).astype(np.int8)

    father = draw(base)
    mother = draw(base + FROM_FATHER * (father - 3.0))
    # every child has parents of his own here
    pupils = replace(
        pupils,
        has_mother_id=np.zeros(rows, bool),
        has_father_id=np.zeros(rows, bool),
        education_mother=mother,
        education_father=father,
    )
    hide = rng.random((2, rows)) < hidden
    seen = replace(
        pupils,
        education_mother=np.where(hide[0], codes.EMPTY, mother).astype(np.int8),
        education_father=np.where(hide[1], codes.EMPTY, father).astype(np.int8),
    )
    return seen, pupils


def fitted(pupils: Pupils, *covariates: str, coded: tuple[str, ...] = ()) -> EducationModel:
    return fit(pupils, *resolve_parents(pupils), covariates, coded=coded)


def truth(pupils: Pupils, father: NDArray[np.int8]) -> NDArray[np.float64]:
    """True probabilities of the mother's level given the father's."""
    logit = INCOME * (pupils.extra["income_decile"] - 5.5) + FROM_FATHER * (father - 3.0)
    logit += OTHER * (pupils.origin == codes.ORIGINS.index("other"))
    logit += TURKEY * (pupils.origin == codes.ORIGINS.index("turkey"))
    below = expit(CUTS - logit[:, None])
    return np.diff(np.column_stack([np.zeros(len(below)), below, np.ones(len(below))]), axis=1)


def probabilities(threshold: NDArray[np.uint32]) -> NDArray[np.float64]:
    cumulative = threshold / 2**31
    ends = np.zeros((*cumulative.shape[:-1], 1)), np.ones((*cumulative.shape[:-1], 1))
    return np.diff(np.concatenate([ends[0], cumulative, ends[1]], axis=-1), axis=-1)


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


def known_rows(*rows: dict[str, Any]) -> Pupils:
    """The given pupils, and plenty of others of whom the model can be fitted."""
    many = [
        {
            "pupil_id": 1000 + k,
            "education_mother": LEVELS[k % 8],
            "education_father": LEVELS[k // 8 % 8],
        }
        for k in range(320)
    ]
    return people.pupils(*rows, *many)


def test_a_person_counts_once() -> None:
    unknown = {"pupil_id": 1, "education_father": "mbo4"}
    child = {"mother_id": 7, "education_mother": "master", "education_father": "primary"}
    alone = known_rows(unknown, child | {"pupil_id": 2})
    pupils = known_rows(
        unknown,
        child | {"pupil_id": 5, "year": 2020, "education_father": "bachelor"},
        child | {"pupil_id": 2, "year": 2020},
        child | {"pupil_id": 1, "year": 2019, "education_father": "havo_vwo"},
    )
    # the latest year, and there the lowest pupil_id: with the father of primary level
    one, many = (fitted(table).equations[0] for table in (alone, pupils))
    assert many.name == EQUATIONS[1]
    assert len(many.sample.level) == len(one.sample.level) == 321
    np.testing.assert_array_equal(many.sample.counts(), one.sample.counts())
    assert many.fitted.log_likelihood == pytest.approx(one.fitted.log_likelihood, rel=1e-12)


def test_a_person_counts_in_the_row_that_knows_the_other_parent() -> None:
    pupils = known_rows(
        {"pupil_id": 1, "education_father": "mbo4"},
        {"pupil_id": 2, "year": 2020, "mother_id": 7, "education_mother": "master"},
        {"pupil_id": 3, "year": 2019, "mother_id": 7, "education_father": "primary"},
    )
    sample = fitted(pupils).equations[0].sample
    assert len(sample.level) == 321
    assert 7 in sample.person.tolist()


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


@cache
def model_of_the_nation() -> EducationModel:
    return fitted(national(), "income_decile", "origin", "debt")


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
        assert np.abs(part - np.ceil(2.0**31 * below)).max() <= 1
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


def test_drawn_parameters_have_the_estimated_covariance() -> None:
    equation = model_of_the_nation().equations[1]
    z = np.random.default_rng(4).normal(size=(20_000, len(equation.estimate)))
    drawn = equation.parameters(z)
    error = np.sqrt(np.diagonal(equation.fitted.covariance))
    np.testing.assert_allclose(drawn.mean(axis=0), equation.estimate, atol=0.04 * error.max())
    correlation = np.corrcoef(drawn.T)
    wanted = equation.fitted.covariance / np.outer(error, error)
    np.testing.assert_allclose(drawn.std(axis=0), error, rtol=0.03)
    np.testing.assert_allclose(correlation, wanted, atol=0.03)


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


def test_the_unit_of_a_column_does_not_matter() -> None:
    seen, _ = simulated(13)
    euro = replace(seen, extra={"income": seen.extra["income_decile"] * 7e6})
    decile = replace(seen, extra={"income": seen.extra["income_decile"]})
    z = np.random.default_rng(6).normal(size=fitted(seen, "income_decile").keys.shape)
    first, second = (fitted(table, "income").thresholds(z) for table in (euro, decile))
    assert np.abs(first.astype(np.int64) - second).max() <= 4
    slopes = [fit_report(fitted(table, "income")).coefficients for table in (euro, decile)]
    at = slopes[0]["parameter"] == "income"
    np.testing.assert_allclose(
        slopes[0]["estimate"][at] * 7e6, slopes[1]["estimate"][at], rtol=1e-6
    )


def test_empty_cells_have_a_category_of_their_own() -> None:
    seen, _ = simulated(14)
    rng = np.random.default_rng(2)
    empty = rng.random(len(seen)) < 0.2
    # where the income is not known, mothers have low levels
    level = np.where(empty & (seen.education_mother >= 0), 0, seen.education_mother)
    level = np.where(empty & (rng.random(len(seen)) < 0.1) & (level >= 0), 7, level)
    income = np.where(empty, np.nan, seen.extra["income_decile"])
    word = np.array([None if none else "given" for none in empty], dtype=object)
    table = replace(
        seen, education_mother=level.astype(np.int8), extra={"income": income, "word": word}
    )
    for column, name in (("income", "income=empty"), ("word", "word=empty")):
        coefficients = fit_report(fitted(table, column)).coefficients.set_index("parameter")
        assert (coefficients.loc[name, "estimate"].iloc[:2] < -1.0).all()


def test_rare_and_extreme_categories_stand_for_another_and_are_reported() -> None:
    seen, _ = simulated(15)
    kind = np.full(len(seen), "usual", dtype=object)
    known = np.flatnonzero(
        own_score(seen) & (seen.education_mother >= 0) & (seen.education_father >= 0)
    )
    kind[known[:500]] = "other"
    kind[known[500:505]] = "rare"
    top = known[600:][(seen.education_mother == 7)[known[600:]]][:30]
    kind[top] = "top"
    table = replace(seen, extra={"kind": kind})
    report = fit_report(fitted(table, "kind"))
    note = report.notes.set_index("equation").loc[EQUATIONS[1]]
    assert note["categories"] == "rare, top"
    part = report.coefficients[report.coefficients["equation"] == EQUATIONS[1]]
    names = [name for name in part["parameter"] if name.startswith("kind")]
    assert names == ["kind=other"]


def test_a_rare_level_of_the_other_parent_stands_for_the_nearest() -> None:
    seen, _ = simulated(16)
    father = seen.education_father.copy()
    father[father == 7] = 6
    father[np.flatnonzero(father == 6)[:1]] = 7
    model = fitted(replace(seen, education_father=father))
    table = model.equations[1].tables[-1]
    np.testing.assert_array_equal(table[7], table[6])
    assert table[6].any()


def test_columns_that_say_the_same_are_used_once() -> None:
    seen, _ = simulated(17)
    twice = replace(seen, extra=dict(seen.extra) | {"again": 2 * seen.extra["income_decile"] - 3})
    once, both = fitted(twice, "income_decile"), fitted(twice, "income_decile", "again")
    assert both.equations[0].aliased == ("again",)
    assert "again" in fit_report(both).notes["categories"].tolist()
    pupils = np.flatnonzero(both.mother_row >= 0)
    first, second = (
        model.thresholds()[model.mother_row[pupils]].astype(np.int64) for model in (once, both)
    )
    assert np.abs(first - second).max() <= 2


def test_dependent_columns_are_the_later_ones() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=(50, 3))
    design = np.column_stack(
        [x[:, 0], np.full(50, 1e6), x[:, 1], x[:, 0] - 2 * x[:, 1] + 5, x[:, 2]]
    )
    assert dependent_columns(design, np.ones(50)) == [1, 3]
    # a column that varies only where nobody is, is constant
    weight = (np.arange(50) < 40).astype(float)
    assert dependent_columns((np.arange(50) >= 40)[:, None].astype(float), weight) == [0]


def test_log_loss_is_below_that_of_the_marginal_distribution() -> None:
    loss = fit_report(model_of_the_nation()).log_loss
    assert loss["equation"].tolist() == list(EQUATIONS)
    assert (loss["in_sample"] < loss["marginal_in_sample"] - 0.03).all()
    assert (loss["held_out"] < loss["marginal_held_out"] - 0.03).all()
    # what the model was not fitted on it predicts a little worse
    assert (loss["in_sample"] < loss["held_out"]).all()
    assert (loss["held_out"] - loss["in_sample"] < 0.02).all()


def test_held_out_parts_catch_a_model_of_noise() -> None:
    seen, _ = simulated(18)
    rng = np.random.default_rng(9)
    noise = rng.integers(0, 40, len(seen)).astype(str).astype(object)
    table = replace(seen, extra={"noise": noise})
    loss = fit_report(fitted(table, "noise")).log_loss.set_index("equation").loc[EQUATIONS[0]]
    assert loss["in_sample"] < loss["marginal_in_sample"]
    assert loss["held_out"] > loss["marginal_held_out"]


def test_calibration_compares_shares_in_ten_groups() -> None:
    seen, _ = simulated(19)
    report = fit_report(fitted(seen, "income_decile", "origin"))
    part = report.calibration[report.calibration["equation"] == EQUATIONS[1]]
    assert part["group"].unique().tolist() == list(range(1, 11))
    sums = part.groupby("group")[["predicted", "observed"]].sum()
    np.testing.assert_allclose(sums, 1, atol=1e-9)
    # the model is true here: differences are sampling error
    error = np.sqrt(part["predicted"] * (1 - part["predicted"]) / part["parents"])
    off = (part["observed"] - part["predicted"]) / error
    assert np.abs(off).max() < 4.5
    assert 0.6 < off.std() < 1.3
    mean = part["level"].map(LEVELS.index) * part["observed"]
    by_group = mean.groupby(part["group"]).sum()
    assert by_group.iloc[-1] > by_group.iloc[0] + 1


def test_coded_columns_are_categories_and_numbers_are_numbers() -> None:
    seen, _ = simulated(20)
    place = (seen.pupil_id % 4 - 1).astype(np.int64)
    table = replace(seen, extra={"place": place, "flag": seen.pupil_id % 2 == 0})
    as_codes = fitted(table, "place", "flag", coded=("place",)).equations[0]
    assert [name for name in as_codes.features if name.startswith("place")] != ["place"]
    as_number = fitted(table, "place", "flag").equations[0]
    assert [name for name in as_number.features if name.startswith("place")] == ["place"]
    assert sum(name.startswith("flag=") for name in as_number.features) == 1


@pytest.mark.parametrize(
    ("covariate", "what"),
    [
        ("incom_decile", "no column incom_decile (nearest: 'income_decile')"),
        ("education_father", "education_father is what the model imputes"),
        ("nothing", "column nothing is empty in every row"),
        ("no_words", "column no_words is empty in every row"),
        ("many", "column many has"),
        ("endless", "column endless has numbers that are not finite"),
    ],
)
def test_covariates_that_cannot_be_used(covariate: str, what: str) -> None:
    pupils = national()
    rows = len(pupils)
    extra = dict(pupils.extra) | {
        "nothing": np.full(rows, np.nan),
        "no_words": np.full(rows, None, dtype=object),
        "many": (np.arange(rows) % 1000).astype(str).astype(object),
        "endless": np.full(rows, np.inf),
    }
    table = replace(pupils, extra=extra)
    with pytest.raises(InputError) as caught:
        fit(table, *resolve_parents(table), ["origin", covariate], where="s.toml: here")
    (problem,) = caught.value.problems
    assert problem.where == "s.toml: here"
    assert what in problem.what


def test_every_unusable_covariate_is_named() -> None:
    with pytest.raises(InputError) as caught:
        fitted(national(), "one", "two")
    assert len(caught.value.problems) == 2


def test_nobody_with_known_education() -> None:
    pupils = people.pupils({}, {"education_mother": "mbo4"})
    with pytest.raises(InputError) as caught:
        fitted(pupils)
    assert [problem.what for problem in caught.value.problems] == [
        "equation 'mother': 1 mothers with known education, of 1 of the 8 levels",
        "equation 'father given mother': 0 fathers with known education, of 0 of the 8 levels",
    ]


def test_too_few_parents_for_the_columns() -> None:
    known = [{"education_mother": LEVELS[k % 8], "education_father": "mbo4"} for k in range(40)]
    with pytest.raises(InputError, match="40 mothers with known education for 7 parameters"):
        fitted(people.pupils({"education_father": "mbo4"}, *known))


def test_a_column_that_tells_levels_apart_is_named_without_its_values() -> None:
    seen, _ = simulated(21)
    level = seen.education_mother
    secret = np.where(level >= 0, level * 2.0, 3.0)
    with pytest.raises(InputError) as caught:
        fitted(replace(seen, extra={"secret": secret}), "secret")
    what = caught.value.problems[0].what
    assert "tells levels apart completely" in what
    assert what.endswith("(secret)")
