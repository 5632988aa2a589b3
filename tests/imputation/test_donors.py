"""The ladder of donors, rung by rung, on a handful of pupils (I-2, I-3)."""

import numpy as np
import pytest

from lwoopro.errors import InputError
from lwoopro.imputation import donors
from lwoopro.imputation.donors import find_donors, match_codes, rungs
from lwoopro.pupils.table import Pupils
from tests.imputation.people import pupils

LONELY = {"registration": "no_father"}


def donors_of_first(people: Pupils, match: tuple[str, ...] = ("track", "origin")):
    """Ids of the first recipient's class, and the rung."""
    found = find_donors(people, np.arange(len(people)), match_codes(people, match))
    assert found.recipient[0] == 0
    part = found.donor[found.start[0] : found.start[0] + found.length[0]]
    return people.pupil_id[part].tolist(), int(found.step[0])


def test_same_school_and_all_keys_come_first() -> None:
    people = pupils(
        LONELY | {"track": 1, "origin": 2},
        {"track": 1, "origin": 2, "pupil_id": 30},
        {"track": 1, "origin": 2, "pupil_id": 20},
        {"track": 1, "origin": 0},
        {"track": 1, "origin": 2, "school": 1},
    )
    assert donors_of_first(people) == ([20, 30], 0)  # in order of pupil_id


def test_keys_are_dropped_from_the_last() -> None:
    people = pupils(
        LONELY | {"track": 1, "origin": 2},
        {"track": 1, "origin": 0},
        {"track": 0, "origin": 2},
        {"track": 1, "origin": 2, "school": 1},
    )
    assert donors_of_first(people) == ([2], 1)
    assert donors_of_first(people, ("origin", "track")) == ([3], 1)


def test_the_school_alone_comes_before_the_country() -> None:
    people = pupils(
        LONELY | {"track": 1, "origin": 2},
        {"track": 0, "origin": 0},
        {"track": 1, "origin": 2, "school": 1},
    )
    assert donors_of_first(people) == ([2], 2)


def test_the_country_with_all_keys_then_fewer() -> None:
    people = pupils(
        LONELY | {"track": 1, "origin": 2, "school": 2},
        {"track": 1, "origin": 0},
        {"track": 1, "origin": 2, "school": 1},
    )
    assert donors_of_first(people) == ([3], 3)
    assert donors_of_first(people, ("track", "stay", "origin")) == ([3], 4)
    nobody = pupils(LONELY | {"track": 1, "school": 2}, {"track": 0}, {"track": 2, "school": 1})
    assert donors_of_first(nobody) == ([2, 3], 5)


def test_an_empty_key_is_dropped_and_the_others_stay() -> None:
    people = pupils(
        LONELY | {"track": -1, "origin": 2},
        {"track": 0, "origin": 2},
        {"track": 1, "origin": 0},
    )
    assert donors_of_first(people)[0] == [2]


def test_a_child_that_is_not_registered_has_any_donor_of_its_school() -> None:
    people = pupils(
        {"registration": "unregistered", "track": 1, "origin": 2},
        {"track": 0, "origin": 0},
        {"track": 1, "origin": 2},
        {"track": 1, "origin": 2, "school": 1},
    )
    assert donors_of_first(people) == ([2, 3], 2)


def test_donors_are_complete_and_no_asylum_pupils() -> None:
    people = pupils(
        LONELY,
        {"registration": "no_mother"},
        {"asylum": True},
        {"asylum": True, "registration": "no_father"},
        {"pupil_id": 50},
    )
    assert donors_of_first(people)[0] == [50]
    everyone = find_donors(people, np.arange(5), match_codes(people, ()))
    assert everyone.recipient.tolist() == [0, 1], "asylum comes before I-2 and I-3 (I-4)"


def test_only_the_same_year_gives() -> None:
    people = pupils(LONELY, {"year": 2019}, {"pupil_id": 9})
    found = find_donors(people, np.flatnonzero(people.year == 2020), match_codes(people, ()))
    assert people.pupil_id[found.donor].tolist() == [9]


def test_no_donor_in_the_country_is_an_error() -> None:
    people = pupils(LONELY, LONELY, {"asylum": True})
    with pytest.raises(InputError, match="2 pupils need a donor and no pupil has a score"):
        donors_of_first(people)


def test_further_columns_can_be_keys() -> None:
    extra = {
        "income": np.array([3.0, np.nan, 3.0]),
        "district": np.array(["a", "a", None], dtype=object),
        "boarder": np.array([True, False, True]),
    }
    people = pupils(LONELY, {}, {}, extra=extra)
    assert donors_of_first(people, ("income",))[0] == [3]
    assert donors_of_first(people, ("district",))[0] == [2]
    assert donors_of_first(people, ("boarder",))[0] == [3]


def test_many_combinations_of_keys_are_numbered_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    rows = [
        {"track": int(t), "origin": int(o), "school": int(s), "stay": int(y)}
        for t, o, s, y in rng.integers(0, 3, (60, 4))
    ]
    people = pupils(*[LONELY | row for row in rows[:20]], *rows[20:])
    keys = match_codes(people, ("track", "origin", "stay"))
    plain = find_donors(people, np.arange(60), keys)
    monkeypatch.setattr(donors, "_MOST_CLASSES", 2)
    again = find_donors(people, np.arange(60), keys)
    for name in ("recipient", "length", "step"):
        np.testing.assert_array_equal(getattr(again, name), getattr(plain, name))
    for i in range(20):
        one, other = (
            found.donor[found.start[i] : found.start[i] + found.length[i]]
            for found in (plain, again)
        )
        np.testing.assert_array_equal(one, other)


def test_every_class_is_kept_once() -> None:
    people = pupils(*[LONELY] * 50, *[{}] * 20)
    found = find_donors(people, np.arange(70), match_codes(people, ("track",)))
    assert len(found.donor) == 20


def test_the_rungs_are_named_in_the_order_of_the_steps() -> None:
    keys = ("track", "stay", "origin")
    people = pupils(
        LONELY | {"track": 1, "origin": 2, "school": 2},
        {"track": 1, "origin": 0},
        {"track": 1, "origin": 2, "school": 1},
    )
    ids, step = donors_of_first(people, keys)
    assert (ids, rungs(keys)[step]) == ([3], "country, track, stay, origin")
    nobody = pupils(LONELY | {"track": 1, "school": 2}, {"track": 0}, {"track": 2, "school": 1})
    assert rungs(keys)[donors_of_first(nobody, keys)[1]] == "country"
    assert rungs(()) == ("school", "country")
