"""One small country that the tests of the money share: three swv, one year, one draw.

======================  ======  ======  ======
swv                     A       B       C
======================  ======  ======  ======
vo pupils V             100     200     100
q of 2012, lwoo         0.10    0.05    0.20
q of 2012, pro          0.05    0.02    0.01
upper vmbo n, school    30      50      20
upper vmbo n, home      20      60      20
registered lwoo         4       0       4
pro pupils P            4       3       1
region                  g4              g4
======================  ======  ======  ======

With s = 100 and r = 1 euro, participation (B-1) gives in euro: regional 100, 200, 100; lwoo for
10, 10 and 20 pupils 1000, 1000, 2000, so that L = 4000; pro for 5, 4 and 1 pupils 500, 400, 100.

The target group is the 4 % lowest of 100 pupils: by school one, two and one. Below the cut are one
of A, 10 points, and two of B, together 20 points; one of C is on it. All scores together are 1000
points above the cut times the number of pupils, so A - c = 1000/100 = 10. Then S is
10 + 10 = 20, 20 + 2 x 10 = 40 and 0 + 10 = 10: money goes 2 : 4 : 1.
"""

from decimal import Decimal
from typing import Any

import numpy as np

from lwoopro.allocation.policies import KINDS, PolicyPlan, YearMoney, budget_cents
from lwoopro.allocation.target import Pieces, TargetGroup, quotas, target_group
from lwoopro.pupils.swv import SwvTable
from lwoopro.study import MoneySection
from lwoopro.study.model import CHOICES

CODES = ("A", "B", "C")
MICRO = 1_000_000
SHARE = Decimal("0.04")


def table(**columns: Any) -> SwvTable:
    numbers = {
        "vo": [100, 200, 100],
        "q_lwoo_2012": [0.10, 0.05, 0.20],
        "q_pro_2012": [0.05, 0.02, 0.01],
        "lwoo": [4, 0, 4],
        "pro": [4, 3, 1],
    } | columns
    return SwvTable(
        codes=CODES,
        years=None,
        numbers={name: np.array(c, float) for name, c in numbers.items() if c is not None},
        labels={"region": ("g4", "", "g4")},
        path="swv.csv",
        sha256="",
    )


def year_money(swv: SwvTable | None = None, year: int = 2019, **money: Any) -> YearMoney:
    amounts = {"support_amount": 100.0, "regional_amount": 1.0} | money
    return YearMoney(
        year=year,
        table=swv or table(),
        money=MoneySection.model_validate(amounts),
        pupils=np.array([[30, 50, 20], [20, 60, 20]]),
    )


def policy(kind: str, **keys: Any) -> Any:
    if kind in ("indicator", "direct-pro"):
        keys = {"share": SHARE} | keys
    return CHOICES["policy"].models[kind].model_validate({"name": "p", "kind": kind, **keys})


def plan(kind: str, money: YearMoney | None = None, **keys: Any) -> PolicyPlan:
    return KINDS[kind](policy(kind, **keys), money or year_money())


def group(
    below: Any = (1, 2, 0), at: Any = (0, 0, 1), points: Any = (10, 20, 0), above: int = 1000
) -> TargetGroup:
    """The target group; by home as by school."""

    def both(row: Any, factor: int = 1) -> Any:
        return np.array([[[row], [row]]], np.int64) * factor

    pieces = Pieces(
        below=both(below),
        at=both(at),
        shortfall=both(points, MICRO),
        cut=np.array([[500 * MICRO]]),
        above_cut=np.array([[above * MICRO]]),
        pupils=np.array([[30, 50, 20], [20, 60, 20]]),
        asylum=np.zeros((2, 3), np.int64),
    )
    return target_group(pieces, quotas([SHARE], 100, 0, 2019), "include", [0], 2019)


def euro(
    kind: str, money: YearMoney | None = None, target: TargetGroup | None = None, **keys: Any
) -> list[list[float]]:
    """Budget parts of the only draw: regional, lwoo, pro, each per swv."""
    found = plan(kind, money, **keys)
    region = np.array(["g4", "", "g4"])
    cents = budget_cents(found, target or group(), region, [0], 2019)
    return (cents[0] / 100).tolist()
