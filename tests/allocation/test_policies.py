"""Every kind of policy on the country of `tests.allocation.hand` (B-1 … B-5, B-12, B-13, D-4)."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.allocation.hand import MICRO, euro, group, plan, table, year_money

from lwoopro.allocation import policies
from lwoopro.allocation.policies import PARTS, budget_cents, fixed_cents
from lwoopro.allocation.target import TargetGroup, target_group
from lwoopro.errors import InputError
from lwoopro.report.language import LANGUAGES, strings
from lwoopro.study import policy as sections
from lwoopro.study.model import CHOICES

REGIONAL = [100, 200, 100]
LWOO = [1000, 1000, 2000]
PRO = [500, 400, 100]
NOWHERE = np.array(["", "", ""])


def test_participation() -> None:
    assert euro("participation") == [REGIONAL, LWOO, PRO]


def test_a_set_lwoo_total_scales_lwoo_and_nothing_else() -> None:
    # 6000 as 1 : 1 : 2
    money = year_money(lwoo_total=6000.0)
    assert euro("participation", money) == [REGIONAL, [1500, 1500, 3000], PRO]


def test_redated() -> None:
    # q of 2020 is 5 % everywhere: 5, 10 and 5 pupils
    swv = table(q_lwoo_2020=[0.05] * 3, q_pro_2020=[0.01] * 3)
    found = euro("participation", year_money(swv), date=2020)
    assert found == [REGIONAL, [500, 1000, 500], [100, 200, 100]]
    # with a national amount the money stays what it is
    found = euro("participation", year_money(swv, lwoo_total=4000.0), date=2020)
    assert found[1] == [1000, 2000, 1000]


def test_upper_vmbo_count() -> None:
    # 4000 and 1000 as 30 : 50 : 20, by school
    assert euro("vmbo-count") == [REGIONAL, [1200, 2000, 800], [300, 500, 200]]


def test_equalised() -> None:
    # 4000 and 1000 as 100 : 200 : 100
    assert euro("equalised") == [REGIONAL, [1000, 2000, 1000], [250, 500, 250]]


def test_own_key() -> None:
    # lwoo as 4 : 0 : 4; pro stays, or goes as 4 : 3 : 1
    assert euro("key", lwoo_column="lwoo") == [REGIONAL, [2000, 0, 2000], PRO]
    assert euro("key", pro_column="pro") == [REGIONAL, LWOO, [500, 375, 125]]


def test_indicator() -> None:
    # 23 % of 4000 is 920, as 30 : 50 : 20: 276, 460, 184
    # 3080 as 2 : 4 : 1: 880, 1760, 440
    assert euro("indicator") == [REGIONAL, [1156, 2220, 624], PRO]


def test_indicator_with_other_choices() -> None:
    # half by home, 2000 as 20 : 60 : 20: 400, 1200, 400
    # weight equal, 2000 as 1 : 2 : 1: 500, 1000, 500
    found = euro("indicator", equal_part=0.5, equal_attribution="home", weight="equal")
    assert found == [REGIONAL, [900, 2200, 900], PRO]
    # weight cut: 10, 20, 0; A and C lifted by a half: 15, 20, 0; 3500 as 3 : 4 : 0; nothing equal
    money = year_money(lwoo_total=3500.0)
    found = euro("indicator", money, equal_part=0.0, weight="cut", uplift={"g4": 0.5})
    assert found == [REGIONAL, [1500, 2000, 0], PRO]


def test_direct_pro() -> None:
    # 8 pro pupils cost 800: 4000 + 1000 - 800 = 4200 are left
    # 23 % is 966, as 30 : 50 : 20: 289.80, 483, 193.20; 3234 as 2 : 4 : 1: 924, 1848, 462
    assert euro("direct-pro") == [REGIONAL, [1213.8, 2331, 655.2], [0, 0, 0]]
    # with a reference count of 50 nothing is left
    assert euro("direct-pro", reference_count=50) == [REGIONAL, [0, 0, 0], [0, 0, 0]]
    with pytest.raises(InputError, match=r"51 pro pupils costs 5,100\.00 euro, more than the 5,0"):
        plan("direct-pro", reference_count=51)


def test_amounts_rise_with_the_index() -> None:
    # half of 10 % is withheld: 5 % more of everything (B-10)
    money = year_money(year=2021, price_year=2020, index={"2021": 10.0}, withheld={"2021": 0.5})
    expected = [[1.05 * amount for amount in part] for part in (REGIONAL, LWOO, PRO)]
    assert euro("participation", money) == expected
    # L = 4200 + 1050 - 840 = 4410, 5 % more than 4200
    found = euro("direct-pro", money)
    np.testing.assert_allclose(np.sum(found[1]), 4410)
    # a set total is in prices of the same year
    money = year_money(year=2021, price_year=2020, index={"2021": 10.0}, lwoo_total=2000.0)
    assert euro("participation", money)[1] == [550, 550, 1100]


def test_an_extra_amount_of_new_money() -> None:
    # 100 euro for A and C as 30 : 20, beside what the indicator gives (D-4)
    found = euro("indicator", extra_amount={"g4": 100.0})
    assert found[1] == [1156 + 60, 2220, 624 + 40]
    found = euro("indicator", extra_amount={"g4": 100.0}, equal_attribution="home")
    # by home A and C have 20 : 20; the equal part is 184, 552, 184
    assert found[1] == [184 + 880 + 50, 552 + 1760, 184 + 440 + 50]


def test_an_extra_amount_off_the_lwoo_money() -> None:
    # 3900 are left: 897 as 30 : 50 : 20 is 269.10, 448.50, 179.40; 3003 as 2 : 4 : 1 is 858, 1716,
    # 429; and 60 and 40
    found = euro("indicator", extra_amount={"g4": 100.0}, extra_source="lwoo")
    assert found[1] == [269.1 + 858 + 60, 448.5 + 1716, pytest.approx(179.4 + 429 + 40)]
    assert sum(found[1]) == pytest.approx(4000)


def test_extra_amounts_that_cannot_be() -> None:
    with pytest.raises(InputError, match=r"1,000\.00 euro more than the lwoo money"):
        plan("indicator", extra_amount={"g4": 5000.0}, extra_source="lwoo")
    with pytest.raises(InputError, match="no swv has the region 'nowhere'"):
        plan("indicator", extra_amount={"nowhere": 1.0})


def test_all_of_it_equal_is_the_upper_vmbo_count() -> None:
    """On the lwoo money, and to the cent."""
    money = year_money(lwoo_total=1000.01)
    assert euro("indicator", money, equal_part=1.0)[1] == euro("vmbo-count", money)[1]


def test_deducting_nothing_changes_nothing() -> None:
    plain = euro("indicator")
    assert euro("indicator", threshold="deduct", tau=0.0) == plain
    # 1 %: G is 30/4 points below c, so A - G = 17.5 and t = 0.01 x 17.5 x n: 5.25, 8.75, 3.50
    # S = 14.75, 31.25, 6.50; of 3080 euro that is 865.333…, 1833.333…, 381.333…: the cent that
    # is left goes to the first of three equal remainders
    found = euro("indicator", threshold="deduct", tau=0.01)[1]
    np.testing.assert_allclose(found, [276 + 865.34, 460 + 1833.33, 184 + 381.33])


KINDS = {
    "participation": {},
    "vmbo-count": {},
    "equalised": {},
    "key": {"lwoo_column": "lwoo"},
    "indicator": {"extra_amount": {"g4": 77.77}, "extra_source": "lwoo"},
    "direct-pro": {"weight": "cut"},
}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.data())
def test_every_policy_hands_out_the_same_money(cents: int, data: st.DataObject) -> None:
    """To the cent; direct-pro pays the rest to schools."""
    money = year_money(lwoo_total=(cents + 10_000) / 100, support_amount=33.33)
    below = [data.draw(st.integers(0, 9)) for _ in range(3)]
    points = [count * data.draw(st.integers(1, 50)) for count in below]
    target = group(below, (0, 0, 1), points)
    totals = {
        kind: round(100 * sum(map(sum, euro(kind, money, target, **keys))))
        for kind, keys in KINDS.items()
        if any(points) or kind != "direct-pro"
    }
    # 8 pro pupils at 33.33
    totals["direct-pro"] = totals.get("direct-pro", totals["key"] - 26_664) + 26_664
    assert len(set(totals.values())) == 1, totals


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.integers(0, 300), st.integers(10_000, 10**9))
def test_a_pupil_who_moves_takes_his_part_along(points: int, others: int, cents: int) -> None:
    """From A to B: exactly his A − score in S, and his share of the money to within a cent."""
    money = year_money(lwoo_total=cents / 100)
    found = plan("indicator", money, equal_part=0.0)
    here = group((2, 2, 0), (0, 0, 1), (points + others, 20, 0))
    there = group((1, 3, 0), (0, 0, 1), (others, points + 20, 0))
    before, after = (side.exact_gaps(0, 0, 0) for side in (here, there))
    # A − score = (A − c) + (c − score); the same factor makes both sides whole
    unit = before.mean_above_cut // 10 // MICRO
    assert (before.mean_above_cut, after.mean_above_cut) == (10 * MICRO * unit,) * 2
    own = (10 + points) * MICRO * unit
    totals = [gaps.shortfall + gaps.members * gaps.mean_above_cut for gaps in (before, after)]
    assert (totals[1] - totals[0]).tolist() == [-own, own, 0]
    lwoo = [
        budget_cents(found, side, NOWHERE, [0], 2019)[0, PARTS.index("lwoo")]
        for side in (here, there)
    ]
    share = cents * own / sum(totals[0])
    np.testing.assert_allclose(lwoo[1] - lwoo[0], [-share, share, 0], atol=1.0 + 1e-6)


def test_weights_that_nobody_can_be_paid_by() -> None:
    message = (
        "policy p: there is money to distribute and the weights are all zero, or one is negative; "
        "weights of 0 or more with a positive sum"
    )
    for key in ([0.0, 0.0, 0.0], [-0.5, 3.0, 3.0], [-1.0, 0.5, 0.0]):
        with pytest.raises(InputError) as error:
            euro("key", year_money(table(lwoo=key)), lwoo_column="lwoo")
        assert str(error.value) == message
    # parts of a pupil will do; no money needs no weights; one cent goes to the first of equals
    quarter = year_money(table(lwoo=[0.25, 0.0, 0.25]))
    assert euro("key", quarter, lwoo_column="lwoo")[1] == [2000, 0, 2000]
    nothing = year_money(table(lwoo=[0.0] * 3), lwoo_total=0.0)
    assert euro("key", nothing, lwoo_column="lwoo")[1] == [0, 0, 0]
    assert euro("key", year_money(lwoo_total=0.01), lwoo_column="lwoo")[1] == [0.01, 0, 0]


def test_one_cent_more_than_there_is() -> None:
    """Direct pro may take all there is, and extra amounts too, but not a cent more."""
    assert euro("direct-pro", year_money(lwoo_total=4000.0), reference_count=50)[1] == [0, 0, 0]
    with pytest.raises(InputError, match=r"costs 5,000\.00 euro, more than the 4,999\.99 euro"):
        plan("direct-pro", year_money(lwoo_total=3999.99), reference_count=50)
    keys = {"extra_source": "lwoo", "equal_part": 0.0}
    # A and C by 30 : 20
    found = euro("indicator", extra_amount={"g4": 4000.0}, **keys)
    assert found[1] == [2400, 0, 1600]
    with pytest.raises(InputError, match=r"are 0\.01 euro more than the lwoo money"):
        plan("indicator", extra_amount={"g4": 4000.01}, **keys)


def test_a_region_that_no_swv_has() -> None:
    start = "swv.csv: column region: no swv has the region 'nowhere' that policy p lifts (D-4)"
    with pytest.raises(InputError) as error:
        plan("indicator", uplift={"nowhere": 0.1})
    assert str(error.value) == f"{start}; one of g4"
    nameless = replace(table(), labels={})
    with pytest.raises(InputError) as error:
        plan("indicator", year_money(nameless), uplift={"nowhere": 0.1})
    assert str(error.value) == start
    # each of them is named, once
    with pytest.raises(InputError) as error:
        both = {"uplift": {"nowhere": 0.1, "g4": 0.1}, "extra_amount": {"there": 5, "nowhere": 5}}
        plan("indicator", **both)
    assert [str(problem).split("'")[1] for problem in error.value.problems] == ["nowhere", "there"]


@pytest.mark.parametrize(
    ("target", "weight", "what"),
    [
        # all of the target group are on the cut
        (group((0, 0, 0), (1, 2, 1), (0, 0, 0)), "cut", "their sum is not positive"),
        # A is 60 points below c: 10 - 60, 20 - 120 and -60 points
        (group(above=-6000), "mean", "their sum is not positive"),
        # A is 10 points below c: 50 - 10, 60 - 20 and -10 points
        (group(points=(50, 60, 0), above=-1000), "mean", "one swv's score is negative"),
    ],
)
def test_scores_that_cannot_distribute(target: TargetGroup, weight: str, what: str) -> None:
    with pytest.raises(InputError) as error:
        budget_cents(plan("indicator", weight=weight), target, NOWHERE, [5], 2019)
    assert str(error.value) == (
        f"policy p: the disadvantage scores of share 0.04 with weight '{weight}' cannot distribute "
        f"money in draw 5 of 2019: {what} (D-4); a smaller share, or another weight"
    )
    # where there is nothing to distribute, nothing is wrong
    nothing = plan("indicator", weight=weight, equal_part=1.0)
    assert budget_cents(nothing, target, NOWHERE, [5], 2019).sum() == 540_000


def test_a_score_on_its_threshold_is_judged_exactly() -> None:
    """0.58 x 50 is 29, and a little less in floating point: B would keep its whole score."""
    assert 0.58 * 50 < 29
    target = group((20, 29, 15), (0, 0, 0), (20, 29, 15))
    keys = {"weight": "equal", "threshold": "eligible", "equal_part": 0.0}
    money = year_money(lwoo_total=3500.0)
    assert euro("indicator", money, target, tau=0.58, **keys)[1] == [2000, 0, 1500]


def test_scores_that_are_all_on_their_threshold_pay_nobody() -> None:
    """In floating point all of them would be a little above it."""
    target = group((29, 29, 29), (0, 0, 0), (29, 29, 29))
    fifty = np.full((2, 3), 50)
    target = replace(target, pieces=replace(target.pieces, pupils=fifty))
    found = plan("indicator", weight="equal", threshold="eligible", tau=0.58)
    with pytest.raises(InputError, match="their sum is not positive"):
        budget_cents(found, target, NOWHERE, [0], 2019)
    # nor where each share has a remainder of its own, so that no cent is in doubt: 0.25, 0.25, 0.5
    assert 0.58 * 100 < 58
    target = group((29, 29, 58), (0, 0, 0), (29, 29, 58))
    sizes = np.tile([50, 50, 100], (2, 1))
    target = replace(target, pieces=replace(target.pieces, pupils=sizes))
    keys = {"weight": "equal", "threshold": "eligible", "equal_part": 0.0}
    found = plan("indicator", year_money(lwoo_total=3500.01), tau=0.58, **keys)
    with pytest.raises(InputError, match="their sum is not positive"):
        budget_cents(found, target, NOWHERE, [0], 2019)


def near_zero(below: list[int], at: list[int], millionths: list[int], above: int) -> TargetGroup:
    """Scores of hundredths of a millionth of a point: A - c is `above` hundredths."""
    target = group(below, at, (0, 0, 0))
    rows = np.array([[[millionths], [millionths]]], np.int64)
    sums = np.array([[above]])
    pieces = replace(target.pieces, shortfall=rows, above_cut=sums)
    return target_group(pieces, target.quotas, "include", [0], 2019)


def test_the_smallest_scores_decide_as_large_ones_do() -> None:
    keys = {"weight": "mean", "equal_part": 0.0}
    # C alone, a hundredth of a millionth: it gets all that there is
    least = near_zero([0, 0, 0], [0, 0, 1], [0, 0, 0], 1)
    assert euro("indicator", target=least, **keys)[1] == [0, 0, 4000]
    # A has 2 millionths less a hundredth, C a hundredth below nothing
    below = near_zero([1, 0, 0], [0, 0, 1], [2, 0, 0], -1)
    with pytest.raises(InputError, match="one swv's score is negative"):
        euro("indicator", target=below, **keys)
    # lifted, A's 50 hundredths become 150.5 and C has 150 below nothing: their sum is half of one
    lifted = near_zero([1, 0, 0], [0, 0, 1], [2, 0, 0], -150)
    region = np.array(["g4", "", ""])
    found = plan("indicator", uplift={"g4": 2.01}, **keys)
    with pytest.raises(InputError, match="one swv's score is negative"):
        budget_cents(found, lifted, region, [0], 2019)


@pytest.mark.parametrize(("members", "pupils"), [(0, 0), (2, 50)])
def test_a_swv_that_gets_nothing_costs_no_fractions(
    members: int, pupils: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without pupils it stands on its threshold, 0 on 0; else below: neither is in doubt."""
    target = group((10, 20, members), (0, 1, 0), (10, 20, members))
    sizes = np.tile([40, 60, pupils], (2, 1))
    target = replace(target, pieces=replace(target.pieces, pupils=sizes))
    keys = {"weight": "equal", "threshold": "deduct", "tau": 0.1, "equal_part": 0.0}
    monkeypatch.setattr(TargetGroup, "exact_gaps", lambda *_: pytest.fail("done in fractions"))
    # 10 - 4 and 21 - 6: 2 and 5 parts of 7
    assert euro("indicator", target=target, **keys)[1] == [1142.86, 2857.14, 0]


def drawn(*schools: list[int]) -> TargetGroup:
    """Pupils by school in every draw; by home all of them live in B."""
    pupils = np.array([[row, [0, sum(row), 0]] for row in schools])
    pieces = replace(group().pieces, pupils=pupils, asylum=np.zeros_like(pupils))
    return replace(group(), pieces=pieces)


def test_drawn_pupils_share_what_goes_by_pupils() -> None:
    """What goes by the register's pupils goes by those of each draw (Q-1)."""
    here = drawn([10, 50, 40], [0, 100, 0])
    found = fixed_cents(plan("vmbo-count"), here, [7, 8], 2019) / 100
    assert found.tolist() == [
        [REGIONAL, [400, 2000, 1600], [100, 500, 400]],
        [REGIONAL, [0, 4000, 0], [0, 1000, 0]],
    ]
    # what goes by other numbers stays
    assert (fixed_cents(plan("equalised"), here, [7, 8], 2019)[0] / 100).tolist() == euro(
        "equalised"
    )
    # 920 by school; 100 more for A and C alone
    found = fixed_cents(
        plan("indicator", extra_amount={"g4": 100.0}), drawn([10, 50, 40]), [7], 2019
    )
    assert (found[0, 1] / 100).tolist() == [92 + 20, 460, 368 + 80]
    found = fixed_cents(plan("indicator", equal_attribution="home"), drawn([10, 50, 40]), [7], 2019)
    assert (found[0, 1] / 100).tolist() == [0, 920, 0]


def test_a_draw_without_pupils_to_share_the_money() -> None:
    extra = plan("indicator", extra_amount={"g4": 100.0})
    with pytest.raises(InputError) as error:
        fixed_cents(extra, drawn([1, 5, 0], [0, 5, 0], [0, 9, 0]), [7, 8, 9], 2019)
    assert str(error.value) == (
        "policy p: extra_amount of g4 (D-4): draw 8 of 2019 has no pupils to share the money; "
        "uncertainty.population = false, or larger swv"
    )
    # nothing to share, nobody to share it
    nothing = plan("indicator", equal_part=0.0)
    assert fixed_cents(nothing, drawn([0, 0, 0]), [7], 2019)[0, 1].tolist() == [0, 0, 0]


def test_every_kind_is_known_everywhere() -> None:
    """A kind of policy stands in several lists; this names the one that lacks it."""
    models = CHOICES["policy"].models
    places = {
        "Policy in study/policy.py": [
            get_args(model.model_fields["kind"].annotation)[0]
            for model in get_args(get_args(sections.Policy)[0])
        ],
        "__all__ of study/policy.py": [
            kind for kind, model in models.items() if model.__name__ in sections.__all__
        ],
        "KINDS in study/policy.py": sections.KINDS.replace(" or ", ", ")
        .replace('"', "")
        .split(", "),
        "KINDS in allocation/policies.py": list(policies.KINDS),
        "report/strings.toml": [
            kind for kind in models if set(strings().get(f"kind.{kind}", {})) == set(LANGUAGES)
        ],
    }
    for place, kinds in places.items():
        assert set(kinds) == set(models), place
