"""One equation of the education model: each parent once, features, drawn parameters (I-1)."""

from dataclasses import replace

import numpy as np
import pytest

from lwoopro.errors import InputError
from lwoopro.imputation.education_model import EQUATIONS
from lwoopro.imputation.equation import dependent_columns
from lwoopro.imputation.fit_report import fit_report
from tests.imputation import people
from tests.imputation.simulated import (
    LEVELS,
    fitted,
    known_rows,
    model_of_the_nation,
    simulated,
)


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
