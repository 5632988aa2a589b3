"""Numbers put into groups: fewer different values, the same kind of model (I-1)."""

from dataclasses import replace

import numpy as np
import pytest

from lwoopro.errors import InputError
from lwoopro.imputation.covariates import Covariate, coarser
from lwoopro.imputation.education_model import fit
from lwoopro.imputation.fit_report import fit_report
from lwoopro.imputation.persons import resolve_parents
from tests.imputation.simulated import simulated


def by_hand(values: list[float], bins: int) -> list[float]:
    """Mean of a value's group: groups by the middle rank of those who share the value."""
    given = sorted(value for value in values if value == value)
    group = {}
    for value in sorted(set(given)):
        middle = sum(v < value for v in given) + sum(v == value for v in given) / 2
        group[value] = min(int(middle * bins / len(given)), bins - 1)
    mean = {}
    for number in set(group.values()):
        inside = [value for value in given if group[value] == number]
        mean[number] = sum(inside) / len(inside)
    return [mean[group[value]] if value == value else float("nan") for value in values]


@pytest.mark.parametrize("bins", [2, 3, 10, 1000])
def test_a_group_has_the_mean_of_its_values(bins: int) -> None:
    rng = np.random.default_rng(bins)
    rows = np.where(rng.random(200) < 0.1, np.nan, np.round(rng.gamma(2.0, 8.0, 200)))
    value, code = np.unique(rows, return_inverse=True)
    found = coarser(Covariate("age", code.astype(np.int32), value, ()), bins)
    assert found.value is not None
    np.testing.assert_allclose(found.value[found.code], by_hand(rows.tolist(), bins))
    assert np.isnan(found.value[found.code]).sum() == np.isnan(rows).sum()
    assert found.size <= bins + 1
    known = found.value[~np.isnan(found.value)]
    assert (np.diff(known) > 0).all()


def test_all_empty_and_one_value() -> None:
    empty = Covariate("a", np.zeros(3, np.int32), np.array([np.nan]), ())
    assert np.isnan(coarser(empty, 5).value[0])
    one = Covariate("a", np.zeros(3, np.int32), np.array([4.5]), ())
    assert coarser(one, 5).value.tolist() == [4.5]


def test_patterns_are_fewer_and_the_slope_is_about_the_same() -> None:
    seen, _ = simulated(13)
    rng = np.random.default_rng(4)
    fine = seen.extra["income_decile"] + rng.random(len(seen))
    table = replace(seen, extra={"income": fine})
    mother, father = resolve_parents(table)
    whole = fit(table, mother, father, ["income"])
    coarse = fit(table, mother, father, ["income"], bins={"income": 10})
    assert coarse.rows < whole.rows / 20
    assert coarse.sizes["income"] <= 11 < whole.sizes["income"]
    for first, second in zip(whole.equations, coarse.equations, strict=True):
        assert first.labels == second.labels
    one, other = (fit_report(model).coefficients for model in (whole, coarse))
    at = one["parameter"] == "income"
    np.testing.assert_allclose(one["estimate"][at], other["estimate"][at], rtol=0.1)


def test_what_has_no_numbers_is_refused() -> None:
    seen, _ = simulated(13)
    word = np.where(seen.extra["income_decile"] > 5, "high", "low").astype(object)
    table = replace(seen, extra={"word": word})
    mother, father = resolve_parents(table)
    for name in ("word", "origin"):
        with pytest.raises(InputError, match=f"{name} has no numbers to put into bins"):
            fit(table, mother, father, [name], bins={name: 5})
