"""The two bases on which budgets are compared (B-6)."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.cents import apportion
from lwoopro.allocation.exact import as_fraction, round_cents
from lwoopro.allocation.policies import YearMoney
from lwoopro.errors import InputError
from lwoopro.study.policy import DirectProPolicy, IndicatorPolicy, Policy

__all__ = ["BASES", "Basis", "basis_of", "direct_pro_cents", "on_basis", "pair_basis"]

Basis = Literal["cbs", "letter"]

BASES: Final = ("cbs", "letter")

_Array = TypeVar("_Array")


def direct_pro_cents(policy: Policy, year: YearMoney) -> NDArray[np.int64]:
    """Cost of the pro that is paid to schools directly, by the swv of the school (B-5, B-6).

    It is s × the pro pupils of the reference date: one national amount, apportioned by the swv
    table's column ``pro``, whose year stands for the reference date. Where the policy gives a
    reference count, that is the national number.

    Parameters
    ----------
    policy : Policy
    year : YearMoney

    Returns
    -------
    int64 array, shape ``(swv,)``
        Cents; zero on basis `cbs`.

    Raises
    ------
    InputError
        The policy is compared by the letter and the table has no pro pupils.
    """
    if basis_of(policy, year) == "cbs":
        return np.zeros(len(year.table.codes), np.int64)
    counts = year.column("pro", policy.name)
    count = sum(counts, Fraction(0))
    if isinstance(policy, DirectProPolicy) and policy.reference_count is not None:
        count = as_fraction(policy.reference_count)
    total = round_cents(year.support * count)
    if total == 0:
        return np.zeros(len(counts), np.int64)
    return np.array(apportion(total, counts), np.int64)


def basis_of(policy: Policy, year: YearMoney) -> Basis:
    """Basis of a policy's comparisons (B-6).

    `direct-pro` is compared by the letter unless its file says otherwise or the swv table has no
    pro pupils to compare by.
    """
    if not isinstance(policy, IndicatorPolicy | DirectProPolicy):
        return "cbs"
    if policy.basis is not None:
        return policy.basis
    try:
        return "letter" if any(year.column("pro", policy.name)) else "cbs"
    except InputError:
        return "cbs"


def pair_basis(basis: Sequence[Basis], new: int, old: int) -> tuple[int, Basis]:
    """Basis on which two policies are compared: by the letter where either is.

    Parameters
    ----------
    basis : sequence of str
        Of every policy.
    new, old : int
        Positions.

    Returns
    -------
    position : int
        Of the policy whose `direct_pro_cents` stand on both sides.
    basis : "cbs" or "letter"
    """
    if basis[new] == "letter" or basis[old] == "cbs":
        return new, basis[new]
    return old, basis[old]


def on_basis(
    new: _Array,
    old: _Array,
    *,
    new_pro: _Array,
    old_pro: _Array,
    direct_pro: Any,
    basis: Basis,
    pro_has_left: Sequence[bool],
) -> tuple[_Array, _Array]:
    """Put two budgets on one footing, so that they can be compared (B-6).

    On basis `letter` both sides are without the pro that is paid: what a swv gets less s × its
    actual pro pupils, except where the system pays pro directly already. On basis `cbs` pro is
    equal on both sides: where one system pays it directly, the other's pro part stands for it.
    Budgets of two systems that both leave pro with the swv, or both pay it directly, stay as they
    are on basis `cbs`.

    Parameters
    ----------
    new, old : array or DataArray
        Light support in total, in cents or euro.
    new_pro, old_pro : array or DataArray
        Their pro parts.
    direct_pro : array or DataArray
        From `direct_pro_cents`, in the same unit.
    basis : "cbs" or "letter"
    pro_has_left : pair of bool
        Whether the new and the old system pay pro directly (kind `direct-pro`).

    Returns
    -------
    new, old : as given
        The old side may be zero or negative: the change in per cent is then undefined.
    """
    new_left, old_left = pro_has_left
    after: Any = new
    before: Any = old
    if basis == "letter":
        return (
            after if new_left else after - direct_pro,
            before if old_left else before - direct_pro,
        )
    if new_left and not old_left:
        after = after + old_pro
    if old_left and not new_left:
        before = before + new_pro
    return after, before
