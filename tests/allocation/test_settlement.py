"""Settlement with the schools, worked by hand (B-7)."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lwoopro import funds_by_population, recover, settlement
from lwoopro.allocation.settlement import payments

# s = 100 euro. Light support in euro (regional, lwoo, pro), registered lwoo and pro pupils:
#   A   10,  400,  200   3 lwoo, 1 pro: pays 300 + 100; 610 - 400 = 210 remain
#   B   30,  300,  100   4 lwoo, 1 pro: pays 500, 100 more than lwoo and pro give; the regional
#                        support bears 30 of it, and 70 are short: 7 euro for each of 10 vo pupils
#   C   20,  500,  100   0 lwoo, 1 pro; funds lwoo by population: pays its lwoo part, 500; 20 remain
PARTS = np.array([[1000, 3000, 2000], [40_000, 30_000, 50_000], [20_000, 10_000, 10_000]])
LWOO, PRO, VO = [3, 4, 0], [1, 1, 1], [20, 10, 30]
BY_POPULATION = [False, False, True]


def test_hand_worked() -> None:
    found = settlement(PARTS, LWOO, PRO, VO, 100.0, BY_POPULATION)
    assert found.lwoo.tolist() == [30_000, 40_000, 50_000]
    assert found.pro.tolist() == [10_000, 10_000, 10_000]
    assert found.remainder.tolist() == [21_000, 0, 2000]
    assert found.deficit.tolist() == [0, 7000, 0]
    assert found.overrun.tolist() == [0, 10_000, 0]
    assert found.from_regional.tolist() == [0, 3000, 0]
    assert found.per_vo_pupil.tolist() == [0.0, 7.0, 0.0]


def test_individual_funding_where_nobody_is_registered_leaves_the_lwoo_part() -> None:
    found = settlement(PARTS, LWOO, PRO, VO, 100.0)
    # C: 620 less 100 for its pro pupil
    assert found.remainder.tolist() == [21_000, 0, 52_000]
    assert found.lwoo.tolist() == [30_000, 40_000, 0]


def test_a_deficit_without_vo_pupils_has_no_amount_per_pupil() -> None:
    found = settlement(PARTS, LWOO, PRO, [20, 0, 30], 100.0)
    assert found.deficit.tolist() == [0, 7000, 0]
    np.testing.assert_array_equal(found.per_vo_pupil, [0.0, np.nan, 0.0])


def test_all_draws_at_once() -> None:
    more = PARTS.copy()
    more[1] += 10_000
    found = settlement(np.stack([PARTS, more]), LWOO, PRO, VO, 100.0, BY_POPULATION)
    assert found.remainder.tolist() == [[21_000, 0, 2000], [31_000, 3000, 2000]]
    assert found.deficit.tolist() == [[0, 7000, 0], [0, 0, 0]]
    # by population the payment follows the lwoo part of each draw
    assert found.lwoo.tolist() == [[30_000, 40_000, 50_000], [30_000, 40_000, 60_000]]


def test_payments_of_parts_of_a_cent_add_up() -> None:
    # 3 pupils at 0.335 euro are 1.005, in whole cents 101; by largest remainder 34, 34, 33
    assert payments(0.335, [1, 1, 1]).tolist() == [34, 34, 33]
    assert payments(Fraction(1, 3), np.array([0.5, 0.5])).tolist() == [17, 16]
    assert payments(100.0, [0, 0]).tolist() == [0, 0]


@pytest.mark.parametrize(("parts", "lwoo"), [(PARTS, [-1, 0, 0]), (PARTS[:2], LWOO)])
def test_what_cannot_be_settled(parts: np.ndarray, lwoo: list[int]) -> None:
    with pytest.raises(ValueError, match=r"negative|parts of shape \(2, 3\)"):
        settlement(parts, lwoo, PRO, VO, 100.0)


def test_the_rule_for_population_funding() -> None:
    # 0.5 % of 1000 is 5: five pupils are not fewer; a swv without pupils funds nothing
    assert funds_by_population([4, 5, 0], [1000, 1000, 0]).tolist() == [True, False, False]
    assert funds_by_population([7], [100], 0.07).tolist() == [False]
    assert not funds_by_population([0], [1000], 0).any()


def test_a_deficit_is_recovered_from_all_schools_of_the_swv() -> None:
    # swv 0: 10.01 euro over schools of 1, 2 and 4 pupils: 143, 286, 572 cents exactly;
    # swv 1: 1 cent over two equal schools: the first in order pays it
    cut = recover([1001, 1], [0, 1, 0, 1, 0], [1, 5, 2, 5, 4])
    assert cut.tolist() == [143, 1, 286, 0, 572]


def test_there_must_be_a_school_to_recover_from() -> None:
    with pytest.raises(ValueError, match="no school with pupils"):
        recover([1], [0], [0])
    assert recover([0], [0], [0]).tolist() == [0]


amounts = st.integers(0, 10**9)
three = st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=6)


@given(three, st.data())
def test_payments_and_remainder_less_deficit_are_the_budget(
    parts: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    swv = len(parts)
    counts = st.lists(st.integers(0, 10_000), min_size=swv, max_size=swv)
    flags = st.lists(st.booleans(), min_size=swv, max_size=swv)
    found = settlement(
        np.array(parts).T,
        data.draw(counts),
        data.draw(counts),
        data.draw(counts),
        data.draw(st.sampled_from([4740.0, 0.005, 1 / 3])),
        data.draw(flags),
    )
    left = found.remainder - found.deficit
    assert (found.lwoo + found.pro + left == np.array(parts).sum(axis=1)).all()
    assert ((found.remainder == 0) | (found.deficit == 0)).all()
    assert (found.from_regional + found.deficit == found.overrun).all()
    assert (found.from_regional >= 0).all()
    assert (found.from_regional <= np.array(parts)[:, 0]).all()
