"""Both bases of comparison on the country of `tests.allocation.hand` (B-6)."""

import numpy as np
import pytest
import xarray as xr
from tests.allocation.hand import euro, policy, table, year_money

from lwoopro import change
from lwoopro.allocation.comparison import basis_of, direct_pro_cents, on_basis, pair_basis
from lwoopro.errors import InputError

CURRENT = np.array(euro("participation"))  # 1600, 1600, 2200
DIRECT = np.array(euro("direct-pro"))  # 1313.80, 2531, 755.20
INDICATOR = np.array(euro("indicator"))
PAID = [400, 300, 100]
"""100 euro for each of 4, 3 and 1 pro pupils."""


def sides(new: np.ndarray, basis: str, new_direct: bool, direct: list[float] = PAID):
    return on_basis(
        new.sum(axis=0),
        CURRENT.sum(axis=0),
        new_pro=new[2],
        old_pro=CURRENT[2],
        direct_pro=np.array(direct),
        basis=basis,
        pro_has_left=(new_direct, False),
    )


def test_by_the_letter() -> None:
    # old: 1600 - 400, 1600 - 300, 2200 - 100; new as it is; both add up to 4600
    new, old = sides(DIRECT, "letter", True)
    np.testing.assert_allclose(new, [1313.8, 2531, 755.2])
    np.testing.assert_allclose(old, [1200, 1300, 2100])
    assert new.sum() == pytest.approx(old.sum()) == pytest.approx(4600)
    # the indicator leaves pro with the swv: it is paid from both sides
    new, old = sides(INDICATOR, "letter", False)
    # 100 + 1156 + 500 - 400, 200 + 2220 + 400 - 300, 100 + 624 + 100 - 100
    np.testing.assert_allclose(new, [1356, 2520, 724])
    np.testing.assert_allclose(old, [1200, 1300, 2100])


def test_as_statistics_netherlands() -> None:
    # pro of 500, 400, 100 stands on both sides
    new, old = sides(DIRECT, "cbs", True)
    np.testing.assert_allclose(new, [1813.8, 2931, 855.2])
    np.testing.assert_allclose(old, [1600, 1600, 2200])
    new, old = sides(INDICATOR, "cbs", False)
    np.testing.assert_allclose(new, INDICATOR.sum(axis=0))


def test_the_other_way_round() -> None:
    """A change is the opposite of the change back, on either basis."""
    for basis in ("cbs", "letter"):
        new, old = sides(DIRECT, basis, True)
        back = on_basis(
            CURRENT.sum(axis=0),
            DIRECT.sum(axis=0),
            new_pro=CURRENT[2],
            old_pro=DIRECT[2],
            direct_pro=np.array(PAID),
            basis=basis,
            pro_has_left=(False, True),
        )
        np.testing.assert_allclose(back, (old, new))


def test_pro_that_is_paid_directly() -> None:
    letter = policy("direct-pro")
    assert direct_pro_cents(letter, year_money()).tolist() == [40_000, 30_000, 10_000]
    # a given count of 16 is divided as the actual pupils are
    given = policy("direct-pro", reference_count=16)
    assert direct_pro_cents(given, year_money()).tolist() == [80_000, 60_000, 20_000]
    none = policy("direct-pro", reference_count=0)
    assert direct_pro_cents(none, year_money()).tolist() == [0, 0, 0]
    assert direct_pro_cents(policy("indicator"), year_money()).tolist() == [0, 0, 0]
    # parts of a cent: 0.335 x 8 = 2.68 euro as 4 : 3 : 1 is 134, 100.5, 33.5
    small = year_money(support_amount=0.335)
    assert direct_pro_cents(letter, small).tolist() == [134, 101, 33]


def test_which_basis() -> None:
    assert basis_of(policy("participation"), year_money()) == "cbs"
    assert basis_of(policy("indicator"), year_money()) == "cbs"
    assert basis_of(policy("indicator", basis="letter"), year_money()) == "letter"
    assert basis_of(policy("direct-pro"), year_money()) == "letter"
    assert basis_of(policy("direct-pro", basis="cbs"), year_money()) == "cbs"


@pytest.mark.parametrize("pro", [None, [np.nan, 1, 1], [0, 0, 0]])
def test_without_pro_pupils_there_is_no_letter(pro: list[float] | None) -> None:
    money = year_money(table(pro=pro))
    assert basis_of(policy("direct-pro", reference_count=8), money) == "cbs"
    if pro != [0, 0, 0]:
        with pytest.raises(InputError, match="column pro"):
            direct_pro_cents(policy("direct-pro", reference_count=8, basis="letter"), money)


def test_either_of_two_policies_may_ask_for_the_letter() -> None:
    assert pair_basis(["cbs", "letter", "letter"], 1, 0) == (1, "letter")
    assert pair_basis(["cbs", "letter", "letter"], 0, 2) == (2, "letter")
    assert pair_basis(["cbs", "letter", "letter"], 1, 2) == (1, "letter")
    assert pair_basis(["cbs", "cbs"], 1, 0) == (1, "cbs")


def results(direct: list[float]) -> xr.Dataset:
    names = ["current", "direct"]
    parts = np.stack([CURRENT, DIRECT])[None, None]
    coords = {"draw": [0], "year": [2019], "policy": names, "part": ["regional", "lwoo", "pro"]}
    return xr.Dataset(
        {
            "budget_part": (("draw", "year", "policy", "part", "swv"), parts),
            "budget": (("draw", "year", "policy", "swv"), parts.sum(axis=3)),
            "policy_kind": ("policy", ["participation", "direct-pro"]),
            "policy_basis": ("policy", ["cbs", "letter"]),
            "direct_pro_amount": (("year", "policy", "swv"), [[[0.0] * 3, direct]]),
        },
        coords={**coords, "swv": ["A", "B", "C"]},
    )


def test_the_change_is_measured_on_the_policys_basis() -> None:
    found = change(results(PAID), "direct", "current")
    np.testing.assert_allclose(found["change"].squeeze(), [113.8, 1231.0, -1344.8])
    # 113.8 / 1200, 1231 / 1300, -1344.8 / 2100
    np.testing.assert_allclose(
        found["relative"].squeeze(), [113.8 / 1200, 1231 / 1300, -1344.8 / 2100]
    )
    back = change(results(PAID), "current", "direct")
    np.testing.assert_allclose(back["change"], -found["change"])


def test_where_nothing_is_left_the_change_in_per_cent_is_undefined() -> None:
    # B has 1600 and pays 1600 for pro, C pays more than its 2200
    found = change(results([400, 1600, 2300]), "direct", "current")
    undefined = np.isnan(found["relative"]).squeeze().values.tolist()
    assert undefined == [False, True, True]
    assert not np.isnan(found["change"]).any()
