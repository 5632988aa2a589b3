"""A parent known in one row is known in all (I-5)."""

from lwoopro import codes
from lwoopro.imputation.persons import (
    BY_ID,
    FATHER_OF_PUPIL,
    MOTHER_OF_PUPIL,
    resolve_parents,
)
from tests.imputation.people import pupils

PRIMARY, MBO4, MASTER = (codes.EDUCATION_LEVELS.index(n) for n in ("primary", "mbo4", "master"))


def test_a_sibling_lends_what_is_known_of_the_mother() -> None:
    mother, father = resolve_parents(
        pupils({"mother_id": 7, "education_mother": "mbo4"}, {"mother_id": 7}, {"mother_id": 8})
    )
    assert mother.level.tolist() == [MBO4, MBO4, codes.EMPTY]
    assert father.level.tolist() == [codes.EMPTY] * 3


def test_a_person_is_the_same_as_mother_and_as_father() -> None:
    mother, father = resolve_parents(
        pupils({"mother_id": 7, "education_mother": "primary"}, {"father_id": 7})
    )
    assert mother.level[0] == father.level[1] == PRIMARY
    assert (mother.person[0], mother.role[0]) == (father.person[1], father.role[1]) == (7, BY_ID)


def test_without_an_id_the_pupil_and_the_role_are_the_key() -> None:
    people = pupils(
        {"pupil_id": 5, "year": 2019, "education_mother": "master"},
        {"pupil_id": 5, "year": 2020},
        {"pupil_id": 6},
    )
    mother, father = resolve_parents(people)
    assert mother.level.tolist() == [MASTER, MASTER, codes.EMPTY]
    assert father.level.tolist() == [codes.EMPTY] * 3
    assert mother.person.tolist() == father.person.tolist() == [5, 5, 6]
    assert set(mother.role.tolist()) == {MOTHER_OF_PUPIL}
    assert set(father.role.tolist()) == {FATHER_OF_PUPIL}


def test_a_pupils_id_is_no_parents_id() -> None:
    mother, _ = resolve_parents(
        pupils({"pupil_id": 7, "education_mother": "mbo4"}, {"pupil_id": 8, "mother_id": 7})
    )
    assert mother.level.tolist() == [MBO4, codes.EMPTY]


def test_rows_without_a_score_of_their_own_do_not_speak() -> None:
    mother, _ = resolve_parents(
        pupils(
            {"mother_id": 7, "education_mother": "mbo4", "registration": "no_father"},
            {"mother_id": 7, "education_mother": "mbo4", "asylum": True},
            {"mother_id": 7},
        )
    )
    assert mother.level.tolist() == [MBO4, MBO4, codes.EMPTY]


def test_the_own_row_stands_and_others_get_the_highest() -> None:
    mother, _ = resolve_parents(
        pupils(
            {"mother_id": 7, "education_mother": "primary", "year": 2019},
            {"mother_id": 7, "education_mother": "mbo4"},
            {"mother_id": 7},
        )
    )
    assert mother.level.tolist() == [PRIMARY, MBO4, MBO4]
