"""The sections about index, settlement and transition: what fits and what does not."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from lwoopro.errors import InputError
from lwoopro.study import load_study

Write = Callable[[str | bytes], str]

OTHERS = '[[policy]]\nname = "i"\nkind = "indicator"\n[[policy]]\nname = "n"\nkind = "vmbo-count"\n'


def test_everything_at_once(minimal: str, write: Write) -> None:
    study = load_study(
        write(
            minimal
            + OTHERS
            + """
[money]
price_year = 2020
index = { 2020 = 2.6 }
withheld = { 2020 = 0.5 }
[settlement]
policy = "current"
variant = "2016"
criteria = 1.1
opting_out = "opts"
[transition]
old = "i"
new = "n"
kind = "weights"
years = 2
weights = [0.07, 1]
"""
        )
    )
    assert study.money.index == {"2020": Decimal("2.6")}
    assert study.settlement.criteria == Decimal("1.1")
    assert study.transition.weights == (Decimal("0.07"), 1)
    assert study.transition.first_year == 2026


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            "[money]\nindex = { 2020 = 2.6 }\n",
            "money.price_year: is missing; use the year of the amounts, such as 2020",
        ),
        (
            "[money]\nprice_year = 2016\nindex = { 2017 = 2.6, 2019 = 1 }\n",
            "money.index: no rise of 2018; give one for every year from 2017 to 2019; 0 where "
            "nothing rises",
        ),
        (
            "[money]\nprice_year = 2018\nindex = { 2019 = 1 }\nwithheld = { 2018 = 1.0 }\n",
            "money.withheld.2018: the index has no rise of 2018 to withhold; add it to money.index",
        ),
        (
            "[money]\nprice_year = 2018\nindex = { soon = 1 }\n",
            'money.index.soon: "soon" is no year; use a table of per cents from -50 to 100 by '
            "year, such as { 2021 = 2.6 }",
        ),
        (
            "[settlement]\ncriteria = 1.5\n",
            'settlement.policy: is missing; use the name of a policy of kind "participation"',
        ),
        (
            '[settlement]\npolicy = "curent"\n',
            'settlement.policy: there is no policy "curent"; use "current"',
        ),
        (
            '[settlement]\npolicy = "i"\n',
            'settlement.policy: "i" is of kind "indicator"; only what swv get by participation is '
            'settled with schools (B-7); use "current"',
        ),
        (
            '[settlement]\npolicy = "current"\nlicence = 1.5\n',
            "settlement.licence: has no meaning without a variant; name a variant or leave it out",
        ),
        (
            "[transition]\nyears = 3\n",
            "transition.new: is missing; use the name of the policy that the transition leads to",
        ),
        (
            '[transition]\nnew = "curent"\n',
            'transition.new: there is no policy "curent"; the nearest name is "current"',
        ),
        (
            '[transition]\nnew = "current"\n',
            'transition.new: "current" is also where it starts; name another policy',
        ),
        (
            '[transition]\nnew = "i"\nkind = "weights"\n',
            "transition.weights: is missing; use a list of one number from 0 to 1 for each year",
        ),
        (
            '[transition]\nnew = "i"\nkind = "weights"\nweights = [0.5, 1.0]\n',
            "transition.weights: there are 2 weights for 5 years; use one for each year, or change "
            "years",
        ),
        (
            '[transition]\nnew = "i"\nyears = 1\nkind = "weights"\nweights = [0.5]\n',
            "transition.weights: the last weight is 0.5; use 1.0: in the last year the new amounts "
            "are reached",
        ),
        (
            '[transition]\nnew = "i"\nweights = [1.0]\n',
            'transition.weights: has no meaning with this kind; use kind = "weights" or leave it '
            "out",
        ),
        (
            '[transition]\nnew = "i"\nkind = "max-loss"\n',
            "transition.max_loss: is missing; use a fraction such as 0.05 for 5 % a year",
        ),
        (
            '[transition]\nnew = "i"\nmax_loss = 0.1\n',
            'transition.max_loss: has no meaning with this kind; use kind = "max-loss" or leave it '
            "out",
        ),
    ],
)
def test_what_does_not_fit(minimal: str, write: Write, more: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        load_study(write(minimal + OTHERS + more))
    assert [str(found) for found in caught.value.problems] == [f"study.toml: {problem}"]


def test_too_many_decimals(minimal: str, write: Write) -> None:
    more = '[transition]\nnew = "i"\nkind = "max-loss"\nmax_loss = 0.0000001\n'
    with pytest.raises(InputError, match="at most 6 decimals"):
        load_study(write(minimal + OTHERS + more))


def test_extra_amounts(minimal: str, write: Write) -> None:
    more = '[[policy]]\nname = "x"\nkind = "indicator"\nextra_amount = { g4 = 2.5 }\n'
    policy = load_study(write(minimal + more)).policy[1]
    assert policy.extra_amount == {"g4": Decimal("2.5")}
    with pytest.raises(InputError, match="too small"):
        load_study(write(minimal + more.replace("2.5", "-1")))
