"""The reference against hand calculation: at least one known answer for every clause it has.

The numbers are derived in comments. What holds for all worlds is checked with hypothesis.
"""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lwoopro import codes
from tests import reference as ref
from tests import reference_money as money
from tests import reference_target as target
from tests import strategies as made
from tests.reference_money import ClauseError
from tests.world import pupil

D = Decimal
F = Fraction
SEED = 20221118
slow_worlds = settings(deadline=None, max_examples=40)


def indicator(**tables: dict[str, Decimal]) -> dict[str, Any]:
    """Start 10 and 12, one point per step of the mother's education, all else 0."""
    zero = D(0)
    return {
        "start": {"bbkb": D(10), "gltl": D(12)},
        "education_mother": {level: D(k) for k, level in enumerate(codes.EDUCATION_LEVELS)},
        "education_father": dict.fromkeys(codes.EDUCATION_LEVELS, zero),
        "origin": dict.fromkeys(codes.ORIGINS, zero),
        "stay": dict.fromkeys(codes.STAYS, zero),
        "debt": dict.fromkeys(codes.DEBT, zero),
    } | tables


def certain(level: str) -> dict[str, Decimal]:
    """Probabilities of a class that always draws this level."""
    return {name: D(int(name == level)) for name in codes.EDUCATION_LEVELS}


# --- Q-2 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ([0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ([2**32 - 1] * 4, [2**32 - 1] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_gives_the_published_vectors(counter: list[int], key: list[int], words: str) -> None:
    """Known answers of Random123 (kat_vectors, philox4x32 with 10 rounds)."""
    assert ref.philox4x32(counter, key) == tuple(int(word, 16) for word in words.split())


def test_key_layout_puts_every_part_in_its_word() -> None:
    """The third vector of Random123, taken apart into seed, source, sub, person and draw."""
    seed = 0x299F31D0_A4093822
    person = 0x03707344_13198A2E
    draw = 4 * 0x243F6A88
    words = [ref.keyed_word(seed, 0x85, 0xA308D3, person, draw + k) for k in range(4)]
    assert words == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


def test_negative_persons_are_twos_complement() -> None:
    """The vector of ones: person -1 is 2**64 - 1."""
    word = ref.keyed_word(2**64 - 1, 0xFF, 0xFFFFFF, -1, 4 * (2**32 - 1) + 2)
    assert word == 0xA20BC7C6


# --- S -----------------------------------------------------------------------------------


def test_score_is_the_sum_of_its_characteristics() -> None:
    """S-1 with the values of S-5.

    kb 530; father five steps of 0.82 = 4.10; turkey -1.4; stay 0-5 +0.54; debt -2.07:
    530 + 4.10 - 1.4 + 0.54 - 2.07 = 531.17. An added characteristic takes 0.000001 off (S-2).
    """
    steps = {level: k * D("0.82") for k, level in enumerate(codes.EDUCATION_LEVELS)}
    table = indicator(
        start={"bbkb": D(530), "gltl": D("531.5")},
        education_mother=steps,
        education_father=steps,
        origin=dict.fromkeys(codes.ORIGINS, D(0)) | {"turkey": D("-1.4")},
        stay={"0-5": D("0.54"), "5-10": D("1.53"), "10+": D(0)},
        debt={"no": D(0), "yes": D("-2.07")},
    )
    row = pupil(1, track="kb", origin="turkey", stay="0-5", debt=True)
    assert ref.education_score(row, "primary", "mbo4", table) == 531_170_000
    table["characteristic"] = {"language": {"dutch": D(0), "other": D("-0.000001")}}
    row["language"] = "other"
    assert ref.education_score(row, "primary", "mbo4", table) == 531_169_999
    plain = pupil(1, track="gl", language="dutch")
    assert ref.education_score(plain, "primary", "primary", table) == 531_500_000


def test_coefficients_have_six_decimals_at_most() -> None:
    assert ref.millionths(D("-0.000001")) == -1
    assert ref.millionths(D("1.5000000")) == 1_500_000
    with pytest.raises(ClauseError) as caught:
        ref.millionths(D("0.0000001"))
    assert caught.value.clause == "S-4"


# --- I-1, I-5 -------------------------------------------------------------------------------


def test_levels_are_drawn_by_inversion() -> None:
    """Cumulative 0.5, 0.75, 0.75, 1: the third level cannot occur; bounds belong upwards."""
    table = dict.fromkeys(codes.EDUCATION_LEVELS, D(0)) | {
        "primary": D("0.5"),
        "vmbo_bk": D("0.25"),
        "mbo23": D("0.25"),
    }
    step = F(1, 2**31)
    for uniform, level in [
        (F(0), "primary"),
        (F(1, 2) - step, "primary"),
        (F(1, 2), "vmbo_bk"),
        (F(3, 4) - step, "vmbo_bk"),
        (F(3, 4), "mbo23"),
        (1 - step, "mbo23"),
    ]:
        assert ref.drawn_level(table, uniform) == level


def test_probabilities_are_normalised_by_their_sum() -> None:
    """0.4999995 of 0.999999 is one half exactly; read as it stands, u = 0.4999997 is above it."""
    table = dict.fromkeys(codes.EDUCATION_LEVELS, D(0)) | {
        "primary": D("0.4999995"),
        "master": D("0.4999995"),
    }
    assert ref.drawn_level(table, F(4999997, 10**7)) == "primary"
    assert ref.drawn_level(table, F(1, 2)) == "master"


def test_imputed_levels_belong_to_the_person() -> None:
    """I-5: two children, years and classes, one mother: one uniform, from her own key.

    With the same uniform a class that is surely master and one that is surely primary give these;
    equal classes give equal levels in every draw.
    """
    half = {level: D("0.125") for level in codes.EDUCATION_LEVELS}
    classes = {1: half, 2: half, 3: certain("master")}
    unknown: dict[str, Any] = {"education_mother": None, "mother_id": 77}
    first = pupil(1, education_class_mother=1, **unknown)
    sister = pupil(2, year=2020, education_class_mother=2, **unknown)
    as_father = pupil(3, education_father=None, father_id=77, education_class_father=2)
    levels = []
    for draw in range(8):
        mine = ref.parent_level(first, "mother", {}, classes, SEED, draw)
        uniform = F(ref.keyed_halves(SEED, 1, 0, 77, draw) >> 1, 2**31)
        assert mine == codes.EDUCATION_LEVELS[int(8 * uniform)]
        assert mine == ref.parent_level(sister, "mother", {}, classes, SEED, draw)
        assert mine == ref.parent_level(as_father, "father", {}, classes, SEED, draw)
        levels.append(mine)
    assert len(set(levels)) > 1
    sure = first | {"education_class_mother": 3}
    assert ref.parent_level(sure, "mother", {}, classes, SEED, 0) == "master"


def test_uniforms_have_31_bits() -> None:
    """Of an odd word w the last bit is dropped: u = (w - 1) / 2**32 lies below F = w / 2**32."""
    person = next(k for k in range(99) if ref.keyed_halves(SEED, 1, 0, k, 0) % 2)
    word = ref.keyed_halves(SEED, 1, 0, person, 0)
    row = pupil(1, education_mother=None, education_class_mother=1, mother_id=person)
    first, rest = D(f"{word * 5**32}e-32"), D(f"{(2**32 - word) * 5**32}e-32")
    table = dict.fromkeys(codes.EDUCATION_LEVELS, D(0)) | {"primary": first, "master": rest}
    assert ref.parent_level(row, "mother", {}, {1: table}, SEED, 0) == "primary"
    first, rest = D(f"{(word - 1) * 5**32}e-32"), D(f"{(2**32 - word + 1) * 5**32}e-32")
    table |= {"primary": first, "master": rest}
    assert ref.parent_level(row, "mother", {}, {1: table}, SEED, 0) == "master"


def test_parents_without_id_are_keyed_by_pupil_and_role() -> None:
    row = pupil(9)
    assert ref.person_key(row, "mother") == (9, 1)
    assert ref.person_key(row, "father") == (9, 2)
    assert ref.person_key(row | {"father_id": 9}, "father") == (9, 0)


def test_a_level_known_in_one_row_is_known_in_all() -> None:
    """The highest where rows disagree; asylum and missing parents are silent."""
    rows = [
        pupil(1, mother_id=7, education_mother="mbo4"),
        pupil(2, father_id=7, education_father="bachelor", mother_id=8, education_mother=None),
        pupil(3, mother_id=7, education_mother="master", asylum=True),
        pupil(4, mother_id=7, education_mother="master", registration="no_father"),
        pupil(5, mother_id=7, education_mother=None, education_father=None),
        pupil(5, year=2020, education_father="havo_vwo"),
    ]
    known = ref.known_levels(rows)
    assert known[7, 0] == "bachelor"
    assert (8, 0) not in known
    assert ref.parent_level(rows[4], "mother", known, {}, SEED, 0) == "bachelor"
    assert ref.parent_level(rows[4], "father", known, {}, SEED, 0) == "havo_vwo"
    assert ref.parent_level(rows[0], "mother", known, {}, SEED, 0) == "mbo4"
    with pytest.raises(ClauseError, match="without a class"):
        ref.parent_level(rows[1], "mother", known, {}, SEED, 0)


# --- I-2, I-3 -------------------------------------------------------------------------------

DONORS = [
    pupil(14, track="kb", origin="turkey", school_id="02BB00"),
    pupil(13, track="kb", origin="nl"),
    pupil(12, track="kb", origin="nl"),
    pupil(11, track="bb", origin="turkey"),
    pupil(10, track="kb", origin="turkey", year=2020),
    pupil(9, track="gl", origin="other", asylum=True),
    pupil(8, track="gl", origin="other", registration="no_mother"),
    pupil(15, track="gl", origin=None, school_id="02BB00"),
]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        # same school, both keys; candidates in order of pupil_id
        ({"track": "kb", "origin": "nl"}, [12, 13]),
        # nobody in the school has both: origin is dropped, though 14 elsewhere has both
        ({"track": "kb", "origin": "turkey"}, [12, 13]),
        # nor the track: no key left, same school
        ({"track": "tl", "origin": "turkey"}, [11, 12, 13]),
        # no school mates: the country with all keys
        ({"school_id": "09ZZ00", "track": "kb", "origin": "turkey"}, [14]),
        # then with the first key
        ({"school_id": "09ZZ00", "track": "gl", "origin": "turkey"}, [15]),
        # then with none: asylum pupils, missing parents and other years never donate
        ({"school_id": "09ZZ00", "track": "tl", "origin": "other"}, [11, 12, 13, 14, 15]),
        # an empty value drops its key; it does not equal a donor's empty cell
        ({"school_id": "02BB00", "track": None, "origin": None}, [14, 15]),
        ({"track": None, "origin": "turkey"}, [11]),
        # I-3: at random from the school, whatever is given
        ({"registration": "unregistered", "track": "kb", "origin": "nl"}, [11, 12, 13]),
        ({"registration": "unregistered", "school_id": "09ZZ00"}, [11, 12, 13, 14, 15]),
    ],
)
def test_donors_come_from_the_first_class_that_is_not_empty(
    cells: dict[str, Any], found: list[int]
) -> None:
    recipient = pupil(1, registration="no_parents") | cells
    candidates = ref.donor_class(recipient, [recipient, *DONORS], ["track", "origin"])
    assert [row["pupil_id"] for row in candidates] == found


def test_the_donor_is_chosen_by_the_recipients_own_word() -> None:
    """Word of (source 2, sub = year, person = recipient): floor(word * 3 / 2**32)."""
    recipient = pupil(1, registration="no_father", year=2020)
    candidates = [pupil(21), pupil(22), pupil(23)]
    chosen = set()
    for draw in range(12):
        third = ref.keyed_word(SEED, 2, 2020, 1, draw) / (2**32 / 3)
        donor = ref.chosen_donor(candidates, recipient, SEED, draw)["pupil_id"]
        assert donor == 21 + int(third)
        chosen.add(donor)
    assert chosen == {21, 22, 23}


def test_no_donor_in_the_country_is_an_error() -> None:
    recipient = pupil(1, registration="unregistered")
    with pytest.raises(ClauseError) as caught:
        ref.donor_class(recipient, [recipient, pupil(2, asylum=True), pupil(3, year=2020)], [])
    assert caught.value.clause == "I-2"


# --- The whole ------------------------------------------------------------------------------


def hand_made_world() -> made.World:
    """Ten pupils of whom everything is certain, whatever the generator gives.

    Scores (start 10 or 12, one point per step of the mother): 1: 10; 2: 12 + 7 = 19;
    3: from 1, the only bb pupil of the school = 10; 4: class 5 is surely vmbo_bk = 11;
    5: from 4, the only donor of the school = 11; 6: 12 + 6 = 18; 7: asylum; 8: mother 77 is
    known from 9 = 15; 9: 15; 10: 12 + 4 = 16.
    """
    school_b: dict[str, Any] = {"school_id": "02BB00", "school_swv": "VO2002"}
    school_n: dict[str, Any] = {"school_id": "03CC00", "school_swv": "VO0001"}
    rows = [
        pupil(1),
        pupil(2, track="gl", education_mother="master"),
        pupil(3, registration="no_father", education_father=None, origin=None),
        pupil(4, **school_b, education_mother=None, education_class_mother=5),
        pupil(5, **school_b, home_swv="VO2002", registration="unregistered"),
        pupil(6, **school_n, home_swv=None, track="gl", education_mother="bachelor"),
        pupil(7, **school_b, home_swv=None, registration="no_parents", asylum=True),
        pupil(8, track="kb", education_mother=None, mother_id=77),
        pupil(9, **school_n, track="kb", education_mother="mbo4", mother_id=77),
        pupil(10, track="tl", education_mother="havo_vwo"),
        pupil(1, year=2018, education_mother="master"),
    ]
    q = {"q_lwoo_2012": D("0.1"), "q_pro_2012": D("0.05"), "vo": 10}
    settings_ = ref.Settings(
        years=(2019,),
        draws=(0, 3),
        seed=SEED,
        shares=(D("0.3"), D("0.5")),
        match=("track",),
        policies=(
            {"name": "current", "kind": "participation", "date": 2012},
            {"name": "new", "kind": "indicator", "share": D("0.5"), "attribution": "home"},
        ),
        money=money.Money(D("4740.0"), D("105.0"), D("100.0")),
    )
    swv = tuple({"swv": code} | q for code in ("VO2002", "VO0001", "VO2001"))
    return made.World(tuple(rows), {5: certain("vmbo_bk")}, indicator(), swv, settings_)


def test_a_whole_study_by_hand() -> None:
    """Others 10 10 11 11 15 15 16 18 19, sum 125; N = 10, a = 1.

    0.3: m = 2, c = 10, G = 10, A = 135 / 10 = 13.5. 0.5: m = 4, c = 11, G = 10.5,
    A = 135.5 / 10 = 13.55; by school VO2001 has 1 and 3: 2 * 3.55 = 7.1, VO2002 has 4, 5 and
    the asylum pupil: 2 * 2.55 + 3.05 = 8.15; by home 4 is VO2001's: 9.65 and 5.6.
    Budget: 2,300 cents by n = 5, 3, 2; 7,700 by 9.65 and 5.6 of 15.25: 4,872.46 and 2,827.54.
    """
    result = made.run_reference(hand_made_world())
    assert {k: v for k, v in result.score.items() if k[0] == 3} == {
        (3, 2019, number): None if score is None else score * target.MILLION
        for number, score in enumerate([10, 19, 10, 11, 11, 18, None, 15, 15, 16], start=1)
    }
    assert result.donor == {(draw, 2019, k): d for draw in (0, 3) for k, d in ((3, 1), (5, 4))}
    for draw in (0, 3):
        for share, cut, low, mean in (
            ("0.3", "10", "10", "13.5"),
            ("0.5", "11", "10.5", "13.55"),
        ):
            key = (draw, 2019, D(share))
            assert result.cut_score[key] == F(cut)
            assert result.target_mean[key] == F(low)
            assert result.mean_score[key] == F(mean)
        for attribution, share, swv, score, count in (
            ("school", "0.3", "VO2001", "7", 2),
            ("school", "0.3", "VO2002", "3.5", 1),
            ("school", "0.5", "VO2001", "7.1", 2),
            ("school", "0.5", "VO2002", "8.15", 3),
            ("school", "0.5", "VO0001", "0", 0),
            ("home", "0.5", "VO2001", "9.65", 3),
            ("home", "0.5", "VO2002", "5.6", 2),
            ("home", "0.5", "VO0001", "0", 0),
        ):
            where = (draw, 2019, attribution, D(share), swv)
            assert result.disadvantage_score[where] == F(score), where
            assert result.target_pupils[where] == count, where
        lwoo = {
            k[-1]: v for k, v in result.budget_part.items() if k[:4] == (draw, 2019, "new", "lwoo")
        }
        assert lwoo == {"VO2001": 1_150 + 4_872, "VO2002": 690 + 2_828, "VO0001": 460}
        # regional 10 * 105 euro, pro 0.5 * 4740 euro each
        assert result.budget[draw, 2019, "new", "VO0001"] == 105_000 + 460 + 237_000
    counts = {k[1:]: v for k, v in result.pupils.items()}
    assert [counts["school", c] for c in ("VO2001", "VO2002", "VO0001")] == [5, 3, 2]
    assert [counts["home", c] for c in ("VO2001", "VO2002", "VO0001")] == [6, 2, 2]


def test_a_year_without_pupils_is_an_error() -> None:
    world = hand_made_world()
    world = replace(world, settings=replace(world.settings, years=(2019, 2021)))
    with pytest.raises(ClauseError, match="2021"):
        made.run_reference(world)


def test_errors_of_a_draw_name_draw_and_share() -> None:
    """10 10 at 0.3 with `exclude`: exactly m = 2 have it; at 0.2, m = 1, nobody is left."""
    world = hand_made_world()
    settings_ = replace(world.settings, ties="exclude", shares=(D("0.3"), D("0.5"), D("0.2")))
    with pytest.raises(ClauseError) as caught:
        made.run_reference(replace(world, settings=settings_))
    assert caught.value.clause == "T-2"
    assert caught.value.where == {"draw": 0, "year": 2019, "share": D("0.2")}


@slow_worlds
@given(made.worlds())
def test_money_adds_up_to_the_cent(world: made.World) -> None:
    """B-9: in every draw and year the parts are the national amounts, whoever distributes."""
    result = made.run_reference(world)
    amounts = world.settings.money
    totals: Counter[tuple[int, int, str, str]] = Counter()
    for (draw, year, policy, part, _), cents in result.budget_part.items():
        assert cents >= 0
        totals[draw, year, policy, part] += cents
    for (_, year, _, part), total in totals.items():
        of_year = [row for row in world.swv if row.get("year") in (None, year)]
        if part == "regional":
            national = F(amounts.regional_amount) * sum(row["vo"] for row in of_year)
        elif part == "lwoo" and amounts.lwoo_total is not None:
            national = F(amounts.lwoo_total)
        else:
            pupils = sum(F(row[f"q_{part}_2012"]) * row["vo"] for row in of_year)
            national = F(amounts.support_amount) * pupils
        assert abs(total - 100 * national) <= F(1, 2)
        assert 2 * total - 200 * national != -1  # a half is rounded upwards
    for (draw, year, policy, swv), cents in result.budget.items():
        assert cents == sum(
            result.budget_part[draw, year, policy, part, swv] for part in money.PARTS
        )


@slow_worlds
@given(made.worlds(), st.randoms(use_true_random=False))
def test_neither_row_order_nor_other_draws_matter(world: made.World, shuffler: Any) -> None:
    """Q-2: draws done alone, rows in another order, and the same bits."""
    rows = list(world.rows)
    shuffler.shuffle(rows)
    last = world.settings.draws[-1]
    alone = replace(world, rows=tuple(rows), settings=replace(world.settings, draws=(last,)))
    whole, part = made.run_reference(world), made.run_reference(alone)
    for name in ("score", "disadvantage_score", "cut_score", "target_mean", "budget_part"):
        expected = {key: v for key, v in getattr(whole, name).items() if key[0] == last}
        assert getattr(part, name) == expected


@slow_worlds
@given(made.worlds())
def test_sources_that_are_off_stand_still(world: made.World) -> None:
    """Q-1: off is the realisation of draw 0 in every draw."""
    still = replace(world.settings, education=False, donors=False)
    result = made.run_reference(replace(world, settings=still))
    for (draw, *where), score in result.score.items():
        assert score == result.score[0, where[0], where[1]], draw
