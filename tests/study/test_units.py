"""[pupils] unit = "school" (U-5): what a study by school may say."""

from collections.abc import Callable

import pytest

from lwoopro.errors import InputError
from lwoopro.study import load_study, restore_study

Write = Callable[[str | bytes], str]

HOME = 'no school is that of a home: "home" (U-5); use "school", or [pupils] unit = "swv"'


def by_school(minimal: str) -> str:
    return minimal.replace('source = "synthetic"', 'source = "synthetic"\nunit = "school"')


def test_by_school_is_the_only_attribution(minimal: str, write: Write) -> None:
    study = load_study(write(by_school(minimal)))
    assert study.target_group.attribution == ("school",)
    assert study.resolved()["target_group"]["attribution"] == ["school"]
    assert study.resolved()["pupils"]["unit"] == "school"
    assert restore_study(study.resolved(), study.path) == study
    assert load_study(write(minimal)).target_group.attribution == ("school", "home")


@pytest.mark.parametrize("given", ['["school", "home"]', '["home"]'])
def test_a_home_has_no_school(minimal: str, write: Write, given: str) -> None:
    text = by_school(minimal) + f"[target_group]\nattribution = {given}\n"
    with pytest.raises(InputError) as caught:
        load_study(write(text))
    assert str(caught.value.problems[0]) == f"study.toml: target_group.attribution: {HOME}"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            '[[policy]]\nname = "i"\nkind = "indicator"\nequal_attribution = "home"\n',
            f"policy.i.equal_attribution: {HOME}",
        ),
        (
            '[[policy]]\nname = "i"\nkind = "indicator"\nattribution = "home"\n',
            'policy.i.attribution: "home" is not in target_group.attribution; add it there or use '
            'one of "school"',
        ),
        (
            '[settlement]\npolicy = "current"\n',
            "settlement.policy: budgets of a swv are settled, and these are of schools (U-5); "
            "leave it out",
        ),
        (
            '[growth.reference]\nkind = "reference"\n',
            "growth: pro grows per swv, and these are schools (U-5); leave it out",
        ),
    ],
)
def test_what_needs_the_swv(minimal: str, write: Write, more: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        load_study(write(by_school(minimal) + more))
    assert [str(one) for one in caught.value.problems] == [f"study.toml: {problem}"]
    right = minimal + more.replace('\nattribution = "home"', "")
    assert load_study(write(right)).pupils.unit == "swv"


def test_every_kind_of_policy_can_be_by_school(minimal: str, write: Write) -> None:
    kinds = ("vmbo-count", "indicator", "direct-pro", "equalised")
    more = "".join(f'[[policy]]\nname = "{kind}"\nkind = "{kind}"\n' for kind in kinds)
    assert len(load_study(write(by_school(minimal) + more)).policy) == 5
