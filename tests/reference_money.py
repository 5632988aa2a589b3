"""Budgets by the clauses, word by word, in plain Python (B-1 to B-6, B-9, B-12, B-13).

The slow half of the reference that is about money; `tests.reference` has the other half and calls
this one. Nothing of the engine is imported. All arithmetic is exact: amounts and fractions are
decimals as written, what is paid is whole cents.

Data: ``swv_rows`` is a list of dicts with the columns of swv.csv (numbers as int or Decimal, empty
cells None), with a ``year`` key in every row or in none. Maps over swv are dicts ``{code: value}``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

PARTS = ("regional", "lwoo", "pro")
PRESENT_DATE = 2012
"""Date of the participation that present money is based on (B-1: "q of 1 Oct 2012")."""

Row = Mapping[str, Any]
BySwv = dict[str, Fraction]
Cents = dict[str, int]


class ClauseError(Exception):
    """What a clause calls an error.

    Attributes
    ----------
    clause : str
        ID of the clause that says so.
    where : dict
        What the clause wants named, as far as it applies: draw, year, share, contribution,
        policy, column.
    """

    def __init__(self, clause: str, message: str, **where: object) -> None:
        super().__init__(f"{clause}: {message} {where}")
        self.clause = clause
        self.where = where


@dataclass(frozen=True)
class Money:
    """Section [money] of a study: s, r (euro) and L (euro, None: B-1's own lwoo total)."""

    support_amount: Decimal
    regional_amount: Decimal
    lwoo_total: Decimal | None = None


def round_half_up(value: Fraction) -> int:
    """Round to the nearest integer, halves upwards (B-9)."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def in_cents(euro: Fraction) -> int:
    """Fix a national amount in whole cents, once (B-9)."""
    return round_half_up(100 * euro)


def apportion(total: int, weights: Mapping[str, Fraction]) -> Cents:
    """B-9: whole cents by largest remainder, ties by swv code.

    Everyone gets his quota rounded down; the cents that are left go one each to the largest
    remainders, among equal remainders to the lowest code first. Nothing to divide needs no
    weights; something to divide needs weights >= 0 with a positive sum.
    """
    if total == 0:
        return dict.fromkeys(weights, 0)
    weight_sum = sum(weights.values(), Fraction(0))
    if total < 0 or weight_sum <= 0 or min(weights.values()) < 0:
        raise ClauseError("B-9", "cannot be apportioned", total=total)
    quota = {code: total * weight / weight_sum for code, weight in weights.items()}
    cents = {code: q.numerator // q.denominator for code, q in quota.items()}
    left = total - sum(cents.values())
    order = sorted(quota, key=lambda code: (-(quota[code] - cents[code]), code))
    for code in order[:left]:
        cents[code] += 1
    return cents


def swv_values(swv_rows: Sequence[Row], column: str, year: int, policy: str) -> BySwv:
    """A column of swv.csv in a year: held where the file has no year column (section 5)."""
    values = {}
    for row in swv_rows:
        if row.get("year") is not None and row["year"] != year:
            continue
        if row.get(column) is None:
            raise ClauseError("section 5", "no value", column=column, policy=policy)
        values[row["swv"]] = Fraction(row[column])
    if not values:
        raise ClauseError("section 5", "no rows", column=column, policy=policy, year=year)
    return values


def participation(swv_rows: Sequence[Row], kind: str, date: int, year: int, policy: str) -> BySwv:
    """q_kind,j * V_j: pupils by participation at a past date in present vo pupils (B-1).

    `kind` is "lwoo" or "pro"; q is a fraction of V.
    """
    vo = swv_values(swv_rows, "vo", year, policy)
    q = swv_values(swv_rows, f"q_{kind}_{date}", year, policy)
    return {code: q[code] * vo[code] for code in vo}


def lwoo_money(swv_rows: Sequence[Row], money: Money, year: int, policy: str) -> int:
    """L in cents: `lwoo_total` where set, else the sum of B-1's lwoo part (of 1 Oct 2012)."""
    if money.lwoo_total is not None:
        return in_cents(Fraction(money.lwoo_total))
    pupils = participation(swv_rows, "lwoo", PRESENT_DATE, year, policy)
    return in_cents(Fraction(money.support_amount) * sum(pupils.values()))


def pro_money(swv_rows: Sequence[Row], money: Money, year: int, policy: str) -> int:
    """Present pro money in cents: the sum of B-1's pro part (of 1 Oct 2012)."""
    pupils = participation(swv_rows, "pro", PRESENT_DATE, year, policy)
    return in_cents(Fraction(money.support_amount) * sum(pupils.values()))


def regional_part(swv_rows: Sequence[Row], money: Money, year: int, policy: str) -> Cents:
    """B-1: r * V_j; the national amount is fixed in cents and apportioned by V_j (B-9)."""
    vo = swv_values(swv_rows, "vo", year, policy)
    return apportion(in_cents(Fraction(money.regional_amount) * sum(vo.values())), vo)


def present_lwoo_part(
    swv_rows: Sequence[Row], money: Money, date: int, year: int, policy: str
) -> Cents:
    """B-1, B-2: s * q_lwoo,j * V_j of a date, scaled to `lwoo_total` where that is set.

    B-2 is "as B-1": without `lwoo_total` another date has a national amount of its own.
    """
    pupils = participation(swv_rows, "lwoo", date, year, policy)
    if money.lwoo_total is not None:
        national = in_cents(Fraction(money.lwoo_total))
    else:
        national = in_cents(Fraction(money.support_amount) * sum(pupils.values()))
    return apportion(national, pupils)


def present_pro_part(
    swv_rows: Sequence[Row], money: Money, date: int, year: int, policy: str
) -> Cents:
    """B-1, B-2: s * q_pro,j * V_j of a date; `lwoo_total` does not touch it."""
    pupils = participation(swv_rows, "pro", date, year, policy)
    national = in_cents(Fraction(money.support_amount) * sum(pupils.values()))
    return apportion(national, pupils)


def indicator_part(
    total: int, equal_part: Decimal, equal: Mapping[str, Fraction], score: Mapping[str, Fraction]
) -> Cents:
    """B-4: equal_part of `total` cents by n_j, the rest by S_j; each apportioned apart (B-9).

    The equal part is rounded half up from the cents of L, the indicator part is L less it.
    """
    equal_cents = round_half_up(Fraction(equal_part) * total)
    by_count = apportion(equal_cents, equal)
    by_score = apportion(total - equal_cents, score)
    return {code: by_count[code] + by_score[code] for code in by_count}


def direct_pro_total(
    swv_rows: Sequence[Row], money: Money, reference_count: int, year: int, policy: str
) -> int:
    """B-5: L = present lwoo + pro money - s * reference count in cents; negative is an error."""
    exact = (
        lwoo_money(swv_rows, money, year, policy)
        + pro_money(swv_rows, money, year, policy)
        - 100 * Fraction(money.support_amount) * reference_count
    )
    if exact < 0:
        raise ClauseError("B-5", "the reference count costs more than there is", policy=policy)
    return round_half_up(exact)


def distributes_by_score(policy: Row, total: int) -> bool:
    """Whether a policy distributes money by S_j: not where the indicator part is 0 cents."""
    if policy["kind"] not in ("indicator", "direct-pro"):
        return False
    return total != round_half_up(Fraction(policy.get("equal_part", Decimal("0.23"))) * total)


def score_money(policy: Row, swv_rows: Sequence[Row], money: Money, year: int) -> int:
    """Cents that kinds indicator and direct-pro distribute: L (B-4) or B-5's L."""
    if policy["kind"] == "direct-pro":
        return direct_pro_total(swv_rows, money, policy["reference_count"], year, policy["name"])
    return lwoo_money(swv_rows, money, year, policy["name"])


def budget_parts(
    policy: Row,
    swv_rows: Sequence[Row],
    money: Money,
    year: int,
    pupils: Mapping[str, Mapping[str, int]],
    score: Mapping[str, Fraction] | None,
) -> dict[str, Cents]:
    """Parts of light support in cents, ``{part: {swv: cents}}``, of one policy in one year.

    `pupils` has n_j per attribution, ``{attribution: {swv: n}}``; `score` the S_j that the policy
    distributes by (after contribution, threshold, uplift), None where it distributes by none.
    """
    name, kind = policy["name"], policy["kind"]
    parts = {"regional": regional_part(swv_rows, money, year, name)}
    if kind == "participation":
        date = policy.get("date", PRESENT_DATE)
        parts["lwoo"] = present_lwoo_part(swv_rows, money, date, year, name)
        parts["pro"] = present_pro_part(swv_rows, money, date, year, name)
        return parts
    if kind in ("indicator", "direct-pro"):
        total = score_money(policy, swv_rows, money, year)
        counts = pupils[policy.get("equal_attribution", "school")]
        equal = {code: Fraction(n) for code, n in counts.items()}
        parts["lwoo"] = indicator_part(
            total,
            policy.get("equal_part", Decimal("0.23")),
            equal,
            score if score is not None else dict.fromkeys(equal, Fraction(0)),
        )
        if kind == "direct-pro":
            parts["pro"] = dict.fromkeys(equal, 0)
        else:
            parts["pro"] = present_pro_part(swv_rows, money, PRESENT_DATE, year, name)
        return parts
    lwoo_by: Mapping[str, Fraction] | None
    pro_by: Mapping[str, Fraction] | None
    if kind == "vmbo-count":  # B-3
        lwoo_by = pro_by = {code: Fraction(n) for code, n in pupils["school"].items()}
    elif kind == "equalised":  # B-12
        lwoo_by = pro_by = swv_values(swv_rows, "vo", year, name)
    elif kind == "key":  # B-13
        columns = (policy.get("lwoo_key"), policy.get("pro_key"))
        lwoo_by, pro_by = (c and swv_values(swv_rows, c, year, name) for c in columns)
    else:
        raise ClauseError("section 5", "no such kind of policy", policy=name)
    if lwoo_by is None:
        parts["lwoo"] = present_lwoo_part(swv_rows, money, PRESENT_DATE, year, name)
    else:
        parts["lwoo"] = apportion(lwoo_money(swv_rows, money, year, name), lwoo_by)
    if pro_by is None:
        parts["pro"] = present_pro_part(swv_rows, money, PRESENT_DATE, year, name)
    else:
        parts["pro"] = apportion(pro_money(swv_rows, money, year, name), pro_by)
    return parts


def cbs_basis(
    old: Mapping[str, Mapping[str, int]], new: Mapping[str, Mapping[str, int]]
) -> tuple[Cents, Cents]:
    """B-6 `cbs`: old and new totals with the old's pro and regional on both sides."""
    held = {code: old["regional"][code] + old["pro"][code] for code in old["regional"]}
    return (
        {code: held[code] + old["lwoo"][code] for code in held},
        {code: held[code] + new["lwoo"][code] for code in held},
    )


def letter_basis(
    old: Mapping[str, Mapping[str, int]],
    new: Mapping[str, Mapping[str, int]],
    pro_pupils: Mapping[str, int],
    support_amount: Decimal,
) -> tuple[Cents, Cents]:
    """B-6 `letter`: old = entitlement less s per actual pro pupil of the school swv; new = B-5.

    `pro_pupils` is P_j of the reference date; with the reference count sum(P_j) in B-5 the two
    totals agree. s * P is one national amount, apportioned by P_j (B-9).
    """
    paid = apportion(
        in_cents(Fraction(support_amount) * sum(pro_pupils.values())),
        {code: Fraction(count) for code, count in pro_pupils.items()},
    )
    return (
        {code: sum(old[part][code] for part in PARTS) - paid[code] for code in paid},
        {code: sum(new[part][code] for part in PARTS) for code in paid},
    )


def relative_change(old: int, new: int) -> Fraction | None:
    """B-6: (new - old) / old as a fraction; None (undefined) where old <= 0."""
    return Fraction(new - old, old) if old > 0 else None
