"""Budgets of the reference against hand calculation (B)."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import reference_money as money
from tests.reference_money import ClauseError

D = Decimal
F = Fraction
slow_worlds = settings(deadline=None, max_examples=40)


# --- B --------------------------------------------------------------------------------------

SWV: list[dict[str, Any]] = [
    {"swv": "A", "vo": 100, "q_lwoo_2012": D("0.1"), "q_pro_2012": D("0.02"), "key": 1},
    {"swv": "B", "vo": 250, "q_lwoo_2012": D("0.2"), "q_pro_2012": D("0.04"), "key": 0},
    {"swv": "C", "vo": 50, "q_lwoo_2012": D("0.13"), "q_pro_2012": D("0.0"), "key": 3},
]
AMOUNTS = money.Money(support_amount=D("1000.01"), regional_amount=D("3.33"))
COUNTS = {"school": {"A": 2, "B": 1, "C": 1}, "home": {"A": 0, "B": 4, "C": 0}}


def parts_of(
    amounts: money.Money = AMOUNTS,
    score: dict[str, F] | None = None,
    rows: list[dict[str, Any]] = SWV,
    **policy: Any,
) -> dict[str, list[int]]:
    """Budget parts of a policy in the order A, B, C."""
    parts = money.budget_parts({"name": "p"} | policy, rows, amounts, 2019, COUNTS, score)
    return {name: [cents[code] for code in "ABC"] for name, cents in parts.items()}


def test_largest_remainder_with_ties_by_code() -> None:
    """B-9. 10 / 3 = 3.33 each: the spare cent goes to a. 7 by 1, 1, 2, 3: exactly 1, 1, 2, 3."""
    assert money.apportion(10, dict.fromkeys("cba", F(1))) == {"a": 4, "b": 3, "c": 3}
    assert money.apportion(2, dict.fromkeys("cba", F(1))) == {"a": 1, "b": 1, "c": 0}
    assert money.apportion(7, dict(zip("abcd", map(F, (1, 1, 2, 3)), strict=True))) == {
        "a": 1,
        "b": 1,
        "c": 2,
        "d": 3,
    }
    # 5 by 1, 2, 3 and 0: 0.83, 1.67, 2.5 -> 0 1 2 and two spare for 0.83 and 0.67
    weights = dict(zip("abcd", map(F, (1, 2, 3, 0)), strict=True))
    assert money.apportion(5, weights) == {"a": 1, "b": 2, "c": 2, "d": 0}
    assert money.apportion(0, dict.fromkeys("ab", F(0))) == {"a": 0, "b": 0}
    with pytest.raises(ClauseError):
        money.apportion(1, dict.fromkeys("ab", F(0)))


@given(
    total=st.integers(0, 10**12),
    weights=st.dictionaries(
        st.text("abc", min_size=1), st.fractions(0, 1000), min_size=1, max_size=8
    ).filter(lambda w: any(w.values())),
)
def test_apportioned_cents_add_up_and_stay_within_a_cent(total: int, weights: dict[str, F]) -> None:
    cents = money.apportion(total, weights)
    assert sum(cents.values()) == total
    whole = sum(weights.values())
    assert all(abs(cents[code] - total * w / whole) < 1 for code, w in weights.items())


def test_halves_of_a_cent_are_rounded_upwards() -> None:
    assert [money.in_cents(F(x)) for x in ("0.005", "0.00499", "0.015", "2")] == [1, 0, 2, 200]


def test_participation() -> None:
    """B-1.

    lwoo pupils 10, 50, 6.5; 66.5 * 1000.01 = 66,500.665 euro = 6,650,066.5 -> 6,650,067 cents;
    quotas 1,000,010.08, 5,000,050.38, 650,006.55: the spare cent goes to C.
    pro pupils 2, 10, 0; 12 * 1000.01 = 12,000.12. regional 400 * 3.33 = 1,332.00.
    """
    assert parts_of(kind="participation", date=2012) == {
        "regional": [33_300, 83_250, 16_650],
        "lwoo": [1_000_010, 5_000_050, 650_007],
        "pro": [200_002, 1_000_010, 0],
    }


def test_participation_is_scaled_to_a_given_total() -> None:
    """100 euro by 10, 50, 6.5: 1503.76, 7518.80, 977.44 -> two spare cents for B and A."""
    scaled = parts_of(replace(AMOUNTS, lwoo_total=D("100.0")), kind="participation")
    assert scaled["lwoo"] == [1_504, 7_519, 977]
    assert scaled["pro"] == [200_002, 1_000_010, 0]


def test_redated_participation() -> None:
    """B-2: q of 2020 gives 20, 0, 5 lwoo pupils and 1, 0, 0 pro pupils, 1000.01 each."""
    dated = [
        row | {"q_lwoo_2020": D(lwoo), "q_pro_2020": D(pro)}
        for row, lwoo, pro in zip(SWV, ("0.2", "0", "0.1"), ("0.01", "0", "0"), strict=True)
    ]
    parts = parts_of(rows=dated, kind="participation", date=2020)
    assert (parts["lwoo"], parts["pro"]) == ([2_000_020, 0, 500_005], [100_001, 0, 0])
    with pytest.raises(ClauseError) as caught:
        parts_of(kind="participation", date=2020)
    assert caught.value.where == {"column": "q_lwoo_2020", "policy": "p"}


def test_upper_vmbo_count() -> None:
    """B-3: 6,650,067 by 2, 1, 1: 3,325,033.5, 1,662,516.75 twice; pro 1,200,012 likewise."""
    assert parts_of(kind="vmbo-count") == {
        "regional": [33_300, 83_250, 16_650],
        "lwoo": [3_325_033, 1_662_517, 1_662_517],
        "pro": [600_006, 300_003, 300_003],
    }


def test_indicator() -> None:
    """B-4: L = 10,001 cents; equal part 2,300.23 -> 2,300 by 2, 1, 1; the other 7,701 by 1, 0, 2.

    1150 + 2567, 575 + 0, 575 + 5134. By home all of the equal part is B's.
    """
    amounts = replace(AMOUNTS, lwoo_total=D("100.01"))
    score = {"A": F(1), "B": F(0), "C": F(2)}
    parts = parts_of(amounts, score, kind="indicator", share=D("0.2"), equal_part=D("0.23"))
    assert parts["lwoo"] == [3_717, 575, 5_709]
    assert parts["pro"] == [200_002, 1_000_010, 0]
    at_home = parts_of(amounts, score, kind="indicator", equal_attribution="home")
    assert at_home["lwoo"] == [2_567, 2_300, 5_134]
    # half of 10,001 is 5,000.5 -> 5,001 equal and 5,000 by score
    halves = parts_of(amounts, score, kind="indicator", equal_part=D("0.5"))
    assert halves["lwoo"] == [2_501 + 1_667, 1_250, 1_250 + 3_333]


def test_indicator_of_equal_parts_is_the_count_and_needs_no_score() -> None:
    equal = parts_of(kind="indicator", equal_part=D(1))
    assert equal["lwoo"] == parts_of(kind="vmbo-count")["lwoo"]
    policy = {"kind": "indicator", "equal_part": D("0.99999999")}
    assert money.distributes_by_score(policy, 10**8)
    assert not money.distributes_by_score(policy, 100)  # 99.999999 cents are 100
    assert not money.distributes_by_score({"kind": "vmbo-count"}, 100)


def test_direct_pro() -> None:
    """B-5: 10,001 + 1,200,012 - 11 * 100,001 = 110,002 cents; 13 pupils cost more than there is."""
    amounts = replace(AMOUNTS, lwoo_total=D("100.01"))
    keys: dict[str, Any] = {"kind": "direct-pro", "equal_part": D(0), "name": "direct"}
    score = {"A": F(1), "B": F(1), "C": F(0)}
    parts = parts_of(amounts, score, reference_count=11, **keys)
    assert (parts["lwoo"], parts["pro"]) == ([55_001, 55_001, 0], [0, 0, 0])
    with pytest.raises(ClauseError) as caught:
        parts_of(amounts, score, reference_count=13, **keys)
    assert (caught.value.clause, caught.value.where["policy"]) == ("B-5", "direct")


def test_bases_of_comparison() -> None:
    """B-6 on two swv, in cents.

    letter: s = 1 euro, P = 3, 1: old 500 - 300 = 200 and 300 - 100 = 200; changes by the new
    totals 250 and 150: +25 % and -25 %. cbs: the old regional and pro stand on both sides.
    """
    old = {
        "regional": {"A": 100, "B": 100},
        "lwoo": {"A": 300, "B": 100},
        "pro": {"A": 100, "B": 100},
    }
    new = {"regional": {"A": 100, "B": 100}, "lwoo": {"A": 150, "B": 50}, "pro": {"A": 0, "B": 0}}
    before, after = money.letter_basis(old, new, {"A": 3, "B": 1}, D("1.0"))
    assert (before, after) == ({"A": 200, "B": 200}, {"A": 250, "B": 150})
    assert money.relative_change(before["A"], after["A"]) == F(1, 4)
    assert money.relative_change(before["B"], after["B"]) == F(-1, 4)
    assert money.cbs_basis(old, new) == ({"A": 500, "B": 300}, {"A": 350, "B": 250})
    assert money.relative_change(0, 5) is None
    assert money.relative_change(-1, 5) is None


def test_equalised_and_own_key() -> None:
    """B-12 by V = 100, 250, 50: 6,650,067 and 1,200,012 cents. B-13 by 1, 0, 3.

    lwoo 1,662,516.75, 4,156,291.875, 831,258.375 -> two spare for B (.875) and A (.75);
    pro 300,003, 750,007.5, 150,001.5 -> one spare for B before C.
    By key 1,662,516.75 and 4,987,550.25 -> A.
    """
    equalised = parts_of(kind="equalised")
    assert equalised["lwoo"] == [1_662_517, 4_156_292, 831_258]
    assert equalised["pro"] == [300_003, 750_008, 150_001]
    by_key = parts_of(kind="key", lwoo_key="key")
    assert by_key["lwoo"] == [1_662_517, 0, 4_987_550]
    assert by_key["pro"] == [200_002, 1_000_010, 0]
    assert parts_of(kind="key", pro_key="key")["pro"] == [300_003, 0, 900_009]


def test_a_year_column_gives_every_year_its_own_values() -> None:
    rows = [row | {"year": 2019} for row in SWV]
    rows += [row | {"year": 2020, "vo": 2 * row["vo"]} for row in SWV]
    policy = {"name": "p", "kind": "participation"}
    first, second = (
        money.budget_parts(policy, rows, AMOUNTS, year, COUNTS, None) for year in (2019, 2020)
    )
    assert first["regional"] == {"A": 33_300, "B": 83_250, "C": 16_650}
    assert second["regional"] == {"A": 66_600, "B": 166_500, "C": 33_300}
    assert second["pro"] == {"A": 400_004, "B": 2_000_020, "C": 0}
