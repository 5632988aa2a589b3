"""From flow to cut in a block: identities and a deterministic limit by hand (P-1…P-7)."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lwoopro.pro.block import PRO_VARIABLES, ProPlan, Settlement, in_trouble, simulate_pro
from lwoopro.pro.cost import Amounts

Make = Callable[..., ProPlan]
KINDS = {"reference": {}, "decline": {}, "fast-rise": {}}


def test_the_cuts_are_the_cost_to_the_cent(make_plan: Make, no_budgets: np.ndarray) -> None:
    values = simulate_pro(make_plan(KINDS, provisional_sd=0.002), 5, range(40), no_budgets)
    assert values.keys() == set(PRO_VARIABLES)
    cents = np.rint(values["lumpsum_cut_amount"] * 100).astype(np.int64)
    cost = np.rint(values["pro_extra_cost"] * 100).astype(np.int64)
    np.testing.assert_array_equal(cents.sum(axis=-1), cost)
    assert (cost < 0).any() and (cost > 0).any()
    share = values["pro_extra_cost"] / values["basic_funding"].sum(axis=-1)
    np.testing.assert_allclose(values["lumpsum_cut"], share, rtol=1e-12)


def test_refunds_are_left_out_under_none(make_plan: Make, no_budgets: np.ndarray) -> None:
    both = simulate_pro(make_plan(KINDS), 5, range(40), no_budgets)["pro_extra_cost"]
    only = simulate_pro(make_plan(KINDS, below_reference="none"), 5, range(40), no_budgets)
    np.testing.assert_array_equal(only["pro_extra_cost"], np.maximum(both, 0))


def test_the_cost_follows_the_count_of_the_october_before(
    make_plan: Make, no_budgets: np.ndarray
) -> None:
    plan = make_plan(KINDS)
    assert plan.funding_years[0] == 2027
    values = simulate_pro(plan, 5, range(9), no_budgets)
    national = values["pro_pupils"].sum(axis=-1)
    at = plan.flow.years.index
    reference = national[:, :, at(2025)]
    np.testing.assert_array_equal(values["pro_reference_count"], reference)
    growth = national[:, :, at(2026)] - reference
    np.testing.assert_allclose(
        values["pro_extra_cost"][:, :, 0], growth * plan.amounts.support[0] / 100
    )


def test_a_given_reference_count(make_plan: Make, no_budgets: np.ndarray) -> None:
    values = simulate_pro(make_plan(KINDS, reference_count=1_500_250), 5, range(4), no_budgets)
    assert (values["pro_reference_count"] == 1500.25).all()


def test_the_deterministic_limit_by_hand(make_plan: Make, no_budgets: np.ndarray) -> None:
    """Everybody stays and nobody enters: stock, cost and cut follow by counting."""
    plan = make_plan({"reference": {}}, horizon=2027)
    flow = replace(
        plan.flow,
        years=(2024, 2025, 2026, 2027),
        start=np.array([[0, 100, 50, 0, 0, 0], [0, 0, 30, 20, 0, 10], [0] * 6, [0] * 6]),
        entrants=np.zeros((3, 4)),
        keep=np.full((3, 5), 60.0),  # logits: a chance of 1 to the last bit that is kept
        sd={name: 0.0 for name in plan.flow.sd},
        vo=np.tile(np.array([1000.0, 500, 0, 0]), (4, 1)),
        upper_vmbo=np.tile(np.array([300.0, 100, 0, 0]), (4, 1)),
    )
    amounts = Amounts(np.array([500_000]), np.array([900_000]), np.array([700_000]))
    values = simulate_pro(replace(plan, flow=flow, amounts=amounts), 1, range(3), no_budgets)
    # 2024: 150 and 60 pupils. Each autumn all move up and year 6 leaves.
    # 2025: 150 and 50 (ten leave); 2026: the same; 2027: 150, and 30 (twenty leave)
    pupils = values["pro_pupils"][0, 0, :, :2]
    assert pupils.tolist() == [[150, 60], [150, 50], [150, 50], [150, 30]]
    # reference 200, count of 2026 is 200: no cost in 2027
    assert values["pro_extra_cost"][0, 0].tolist() == [0.0]
    given = replace(plan, flow=flow, amounts=amounts, reference_count=190_000)
    values = simulate_pro(given, 1, range(3), no_budgets)
    # ten pupils above 190 at 5,000 euro: 50,000 euro. Basic funding: 9,000 × (150 + 300)
    # + 7,000 × 550 = 7,900,000 and 9,000 × (50 + 100) + 7,000 × 350 = 3,800,000; 11.7 million.
    # 50,000 × 79/117 = 33,760.6837… and 50,000 × 38/117 = 16,239.3162…
    assert values["pro_extra_cost"][0, 0].tolist() == [50_000.0]
    assert values["lumpsum_cut"][0, 0, 0] == pytest.approx(50_000 / 11_700_000, rel=1e-14)
    assert values["lumpsum_cut_amount"][0, 0, 0].tolist() == [33_760.68, 16_239.32, 0.0, 0.0]
    # the cap: 190 × 5,000 = 950,000 euro for 200 pupils is 4,750 euro each
    assert values["capped_support_amount"][0, 0].tolist() == [4750.0]


def test_who_is_in_trouble_by_hand() -> None:
    settlement = Settlement(
        policy=1,
        year=0,
        registered=np.array([70.0, 95.0, 60.0]),
        pays_own_lwoo=np.array([False, False, True]),
        margin=0.1,
    )
    part = np.zeros((1, 1, 2, 3, 3))
    part[0, 0, 1] = [[10.0, 10, 10], [50.0, 50, 50], [40.0, 40, 40]]
    # budgets of 100: 30 left; 5 left, less than a tenth; 100 − 50 − 60 < 0
    assert in_trouble(settlement, part).tolist() == [[False, True, True]]


def test_trouble_in_the_draws_own_budgets_draws_pupils(make_plan: Make) -> None:
    settlement = Settlement(0, 0, np.full(4, 50.0), np.zeros(4, bool), 0.0)
    plan = make_plan({"reference": {}, "incentive": {}}, settlement=settlement)
    part = np.zeros((6, 1, 1, 3, 4))
    part[:, 0, 0, 0] = 60.0
    part[3:, 0, 0, 0, 2] = 40.0  # from draw 3 on, one swv has too little
    pupils = simulate_pro(plan, 5, range(6), part)["pro_pupils"]
    np.testing.assert_array_equal(pupils[:3, 1], pupils[:3, 0])
    assert (pupils[3:, 1, -1, 2] > pupils[3:, 0, -1, 2]).all()
