"""Extra cost, timing, cap and amounts, against numbers worked out by hand (P-3, P-6, P-7, P-8)."""

from decimal import Decimal

import numpy as np
import pytest

from lwoopro.pro.cost import (
    amounts_per_year,
    capped_cents,
    extra_cost,
    first_cut_year,
    funding_years,
    provisional_counts,
)


def test_the_first_cut_is_two_years_after_the_reference_date() -> None:
    assert first_cut_year(2025) == 2027
    assert funding_years(2025, 2030) == (2027, 2028, 2029, 2030)


def test_amounts_by_hand() -> None:
    amounts = amounts_per_year(
        Decimal("5000"),
        Decimal("9500"),
        Decimal("7800"),
        2022,
        Decimal("0.026"),
        (2020, 2022, 2024),
    )
    # 5000 / 1.026² = 4749.799 (rounded); 5000 × 1.026² = 5263.38
    assert amounts.support.tolist() == [474_980, 500_000, 526_338]
    assert amounts.high.tolist()[1:] == [950_000, 1_000_042]
    assert amounts.low.tolist()[1:] == [780_000, 821_087]  # 8210.8728


def cost(gap: list[int], below: str = "refund") -> list[int]:
    provisional = np.array([[[30_000 + one for one in gap]]])
    reference = np.array([[30_000_000]])
    support = np.full(len(gap), 500_000)
    return extra_cost(provisional, reference, support, below)[0, 0].tolist()


def test_extra_cost_by_hand() -> None:
    # 100 pupils at 5,000.00 euro are 500,000.00 euro
    assert cost([100, 0, -40]) == [50_000_000, 0, -20_000_000]
    assert cost([100, 0, -40], "none") == [50_000_000, 0, 0]


def test_up_and_down_are_alike_under_refund() -> None:
    assert cost([7, 311]) == [-one for one in cost([-7, -311])]


def test_a_reference_count_with_decimals_counts() -> None:
    # 0.001 pupil at 5,000.00 euro is 5.00 euro
    found = extra_cost(
        np.array([[[30_000]]]), np.array([[29_999_999]]), np.array([500_000]), "none"
    )
    assert found.tolist() == [[[500]]]


def test_the_cap_binds_exactly() -> None:
    counts = np.array([[[29_000, 30_000, 30_700]]])
    reference = np.array([[30_000_000]])
    support = np.array([500_000, 500_000, 500_000])
    total, per_pupil = capped_cents(counts, reference, support, None)
    limit = 30_000 * 500_000
    assert total.tolist() == [[[29_000 * 500_000, limit, limit]]]
    assert per_pupil[0, 0, :2].tolist() == [5000.0, 5000.0]
    assert per_pupil[0, 0, 2] == pytest.approx(5000 * 30_000 / 30_700, rel=1e-15)
    own, _ = capped_cents(counts, reference, support, 12_345)
    assert own.tolist() == [[[12_345] * 3]]


def test_what_the_cap_saves_is_what_the_cut_would_raise() -> None:
    counts = np.array([[[30_123]]])
    reference = np.array([[30_000_000]])
    support = np.array([567_891])
    total, _ = capped_cents(counts, reference, support, None)
    raised = extra_cost(counts, reference, support, "none")
    assert counts * support - total == raised


def test_provisional_counts_are_whole_and_share_their_error() -> None:
    counts = np.array([[[30_000, 31_000], [30_000, 32_000]]])
    noise = np.array([[1.0, -2.0]])
    found = provisional_counts(counts, noise, 0.002)
    assert found.tolist() == [[[30_060, 30_876], [30_060, 31_872]]]
    assert (provisional_counts(counts, noise, 0.0) == counts).all()
