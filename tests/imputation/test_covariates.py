"""Covariates of the education model: encoding, features, what cannot be used (I-1)."""

from dataclasses import replace

import numpy as np
import pytest

from lwoopro.errors import InputError
from lwoopro.imputation.education_model import EQUATIONS, fit
from lwoopro.imputation.fit_report import fit_report
from lwoopro.imputation.persons import own_score, resolve_parents
from tests.imputation.simulated import (
    fitted,
    national,
    simulated,
)


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


def test_coded_columns_are_categories_and_numbers_are_numbers() -> None:
    seen, _ = simulated(20)
    place = (seen.pupil_id % 4 - 1).astype(np.int64)
    table = replace(seen, extra={"place": place, "flag": seen.pupil_id % 2 == 0})
    as_codes = fitted(table, "place", "flag", coded=("place",)).equations[0]
    assert [name for name in as_codes.features if name.startswith("place")] != ["place"]
    as_number = fitted(table, "place", "flag").equations[0]
    assert [name for name in as_number.features if name.startswith("place")] == ["place"]
    assert sum(name.startswith("flag=") for name in as_number.features) == 1
    grade = fitted(seen, "grade").equations[0]
    assert [name for name in grade.features if name.startswith("grade")] == ["grade=3"]


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
