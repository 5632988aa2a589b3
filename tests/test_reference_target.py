"""Target group and disadvantage score of the reference against hand calculation (U, I-4, T, D)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import reference_target as target
from tests import strategies as made
from tests.reference_money import ClauseError
from tests.world import pupil

D = Decimal
F = Fraction
slow_worlds = settings(deadline=None, max_examples=40)


def points(*scores: int) -> list[int]:
    """Score points as millionths."""
    return [score * target.MILLION for score in scores]


def test_home_counts_but_for_national_schools_and_unknown_homes() -> None:
    elsewhere = pupil(1, home_swv="VO2002")
    assert target.attributed_swv(elsewhere, "school") == "VO2001"
    assert target.attributed_swv(elsewhere, "home") == "VO2002"
    reformed = pupil(2, school_swv="VO0001", home_swv="VO2002")
    assert target.attributed_swv(reformed, "home") == "VO0001"  # U-1
    assert target.attributed_swv(pupil(3, home_swv=None), "home") == "VO2001"  # U-2
    counts = target.pupil_counts([elsewhere, reformed], "home", ["VO0001", "VO2001", "VO2002"])
    assert counts == {"VO0001": 1, "VO2001": 0, "VO2002": 1}


# --- I-4, T ---------------------------------------------------------------------------------


def test_asylum_pupils_score_the_mean_of_the_target_group() -> None:
    """N = 10, a = 2, Y = 0.5: m = 3, c = 3, members 1, 2, 3, so G = 2.

    A = (1 + ... + 8 + 2 * 2) / 10 = 40 / 10 = 4.
    """
    group = target.target_group(points(8, 7, 6, 5, 4, 3, 2, 1), 2, D("0.5"), "include")
    assert [group.cut, group.target_mean, group.mean] == points(3, 2, 4)


def test_the_asylum_score_is_not_rounded() -> None:
    """N = 6, a = 1, Y = 0.5: m = 2 and the tie lets three in: (0 + 1 + 1) / 3 millionth."""
    group = target.target_group([0, 1, 1, 2, 9], 1, D("0.5"), "include")
    assert group.target_mean == F(2, 3)
    assert group.mean == F(13 * 3 + 2, 18)


@pytest.mark.parametrize("asylum", [5, 6])
def test_no_room_beside_asylum_pupils_is_an_error(asylum: int) -> None:
    with pytest.raises(ClauseError) as caught:
        target.target_group(points(*range(10 - asylum)), asylum, D("0.5"), "include")
    assert caught.value.clause == "I-4"
    assert caught.value.where["share"] == D("0.5")


def test_shares_are_decimals_as_written() -> None:
    """0.07 * 100 = 7 pupils (in binary floats it is more): the seventh lowest is the cut."""
    assert D("0.07") * 100 == 7
    assert target.target_group(list(range(100)), 0, D("0.07"), "include").cut == 6
    assert target.target_group(list(range(100)), 0, D("0.070001"), "include").cut == 7
    whole = target.target_group(list(range(100)), 0, D(1), "exclude")
    assert (whole.cut, whole.target_mean) == (99, whole.mean)


@pytest.mark.parametrize(
    ("scores", "share", "ties", "members", "target_mean"),
    [
        # 1 2 2 2 5 6, m = 3: c = 2, one below, three at the cut
        ((1, 2, 2, 2, 5, 6), "0.5", "include", [1, 1, 1, 1, 0, 0], F(7, 4)),
        ((1, 2, 2, 2, 5, 6), "0.5", "exclude", [1, 0, 0, 0, 0, 0], F(1)),
        # weight at the cut (3 - 1) / 3: (1 + 3 * 2/3 * 2) / 3
        ((1, 2, 2, 2, 5, 6), "0.5", "fractional", [1, F(2, 3), F(2, 3), F(2, 3), 0, 0], F(5, 3)),
        # m = 3 and exactly three have c or less: nothing to exclude, nothing to divide
        ((1, 2, 2, 5), "0.75", "exclude", [1, 1, 1, 0], F(5, 3)),
        ((1, 2, 2, 5), "0.75", "fractional", [1, 1, 1, 0], F(5, 3)),
        # m = 1.2: two are let in, or the second by 0.2: (1 + 0.2 * 3) / 1.2
        ((1, 3, 4, 5), "0.3", "include", [1, 1, 0, 0], F(2)),
        ((1, 3, 4, 5), "0.3", "fractional", [1, F(1, 5), 0, 0], F(4, 3)),
    ],
)
def test_ties(
    scores: tuple[int, ...], share: str, ties: str, members: list[F], target_mean: F
) -> None:
    group = target.target_group(points(*scores), 0, D(share), ties)
    assert [group.weight(score) for score in points(*scores)] == members
    assert group.target_mean == target_mean * target.MILLION
    assert group.mean == F(sum(points(*scores)), len(scores))


def test_the_cut_is_the_same_under_all_rules() -> None:
    cuts = {
        target.target_group(points(1, 2, 2, 2, 5, 6), 0, D("0.5"), ties).cut
        for ties in ("include", "exclude", "fractional")
    }
    assert cuts == {2_000_000}


def test_exclude_that_leaves_nobody_is_an_error() -> None:
    """2 2 2 5 at 0.25: m = 1, c = 2 and three have it."""
    with pytest.raises(ClauseError) as caught:
        target.target_group(points(2, 2, 2, 5), 0, D("0.25"), "exclude")
    assert caught.value.clause == "T-2"


@settings(deadline=None)
@given(
    others=st.lists(st.integers(-5, 5), min_size=1, max_size=30),
    asylum=st.integers(1, 8),
    share=st.sampled_from([*made.SHARES, D(1)]),
    ties=st.sampled_from(["include", "exclude", "fractional"]),
    start=st.integers(-100, 100).map(F),
)
def test_closed_form_is_the_limit_of_the_iteration(
    others: list[int], asylum: int, share: D, ties: str, start: F
) -> None:
    """I-4: every step takes the distance times a / (size of the target group), exactly."""
    try:
        group = target.target_group(others, asylum, share, ties)
    except ClauseError as error:
        with pytest.raises(ClauseError) as caught:
            target.asylum_score_by_iteration(others, asylum, share, ties, start, 1)
        assert caught.value.clause == error.clause
        return
    members = sum(group.weight(score) for score in others)
    rate = F(asylum) / (asylum + members)
    for steps in (1, 2, 25):
        score = target.asylum_score_by_iteration(others, asylum, share, ties, start, steps)
        assert score - group.target_mean == rate**steps * (start - group.target_mean)


# --- D --------------------------------------------------------------------------------------


def small_group() -> tuple[list[dict[str, Any]], dict[int, int | None], target.TargetGroup]:
    """Scores 1, 2 in VO2001, 3, 12 in VO2002, and an asylum pupil who lives in VO2001.

    N = 5, a = 1, Y = 0.6: m = 2, c = 2, members 1 and 2, G = 1.5, A = (18 + 1.5) / 5 = 3.9.
    """
    rows = [
        pupil(1),
        pupil(2),
        pupil(3, school_swv="VO2002", home_swv="VO2002"),
        pupil(4, school_swv="VO2002", home_swv="VO2002"),
        pupil(5, school_swv="VO2002", asylum=True),
    ]
    scores = dict(zip(range(1, 5), points(1, 2, 3, 12), strict=True))
    group = target.target_group(list(scores.values()), 1, D("0.6"), "include")
    return rows, scores | {5: None}, group


@pytest.mark.parametrize(
    ("kind", "attribution", "first", "second"),
    [
        # members (3.9 - 1) + (3.9 - 2) = 4.8; asylum 3.9 - 1.5 = 2.4
        ("mean", "school", F(48, 10), F(24, 10)),
        ("mean", "home", F(72, 10), F(0)),
        # members (2 - 1) + (2 - 2) = 1; asylum 2 - 1.5 = 0.5
        ("cut", "school", F(1), F(1, 2)),
        ("equal", "school", F(2), F(1)),
        ("equal", "home", F(3), F(0)),
    ],
)
def test_disadvantage_score(kind: str, attribution: str, first: F, second: F) -> None:
    """D-1, D-2."""
    rows, scores, group = small_group()
    swv = ["VO2001", "VO2002", "VO2003"]
    found = target.disadvantage_scores(rows, scores, group, attribution, swv, kind)
    assert found == {"VO2001": first, "VO2002": second, "VO2003": 0}
    if kind == "equal":
        assert target.target_counts(rows, scores, group, attribution, swv) == found


def test_fractional_members_count_by_their_weight() -> None:
    """1 2 2 5 at 0.5: weights 1, 1/2, 1/2; A = 2.5: 1.5 + 2 * 0.5 * 0.5 = 2."""
    rows = [pupil(k) for k in range(4)]
    scores: dict[int, int | None] = dict(enumerate(points(1, 2, 2, 5)))
    group = target.target_group(points(1, 2, 2, 5), 0, D("0.5"), "fractional")
    assert target.disadvantage_scores(rows, scores, group, "school", ["VO2001"]) == {"VO2001": 2}
    assert target.target_counts(rows, scores, group, "school", ["VO2001"]) == {"VO2001": 2}


@pytest.mark.parametrize(
    ("kind", "mode", "score", "left"),
    [
        # tau * n * (A - G) = 0.12 * 100 * (535.26 - 529.46) = 69.6
        ("mean", "none", "80", "80"),
        ("mean", "deduct", "80", "10.4"),
        ("mean", "deduct", "60", "0"),
        ("mean", "eligible", "80", "80"),
        ("mean", "eligible", "69.600001", "69.600001"),
        ("mean", "eligible", "69.6", "0"),
        # 0.12 * 100 * (c - G) = 12 * (530.46 - 529.46) = 12
        ("cut", "deduct", "80", "68"),
        # 0.12 * 100 * 1
        ("equal", "deduct", "20", "8"),
    ],
)
def test_threshold(kind: str, mode: str, score: str, left: str) -> None:
    """D-3 with the published A and G of primary education (PO19)."""
    group = target.TargetGroup(530_460_000, F(535_260_000), F(529_460_000), lambda _: F(0))
    found = target.over_threshold({"j": F(score)}, {"j": 100}, group, kind, mode, D("0.12"))
    assert found == {"j": F(left)}


def test_uplift_follows_the_threshold() -> None:
    """D-4: `equal`, deduct with tau 0.5 and n = 2, 3: 2 - 1 = 1 and max(0, 1 - 1.5) = 0.

    Uplift of 10 % after that: 1.1 (before it would be 2.2 - 1 = 1.2).
    """
    rows, scores, group = small_group()
    policy = {
        "kind": "indicator",
        "share": D("0.6"),
        "weight": "equal",
        "threshold": "deduct",
        "tau": D("0.5"),
        "uplift": {"g4": D("0.1")},
    }
    counts = {"VO2001": 2, "VO2002": 3}
    region = {"VO2001": "g4", "VO2002": None}
    found = target.distributing_scores(policy, rows, scores, group, counts, region)
    assert found == {"VO2001": F(11, 10), "VO2002": 0}


def test_no_sum_or_a_negative_score_is_an_error_that_names_share_and_contribution() -> None:
    """Scores 0 0 3 9 at share 0.75: A = 3, c = 3. S by mean: 3 + 3 + 0.

    At share 1, with 0 0 3 in one swv and 9 in the other: S = 6 and -6.
    """
    rows = [pupil(k) for k in range(3)] + [pupil(3, school_swv="VO2002")]
    scores: dict[int, int | None] = dict(enumerate(points(0, 0, 3, 9)))
    counts, region = {"VO2001": 3, "VO2002": 1}, {"VO2001": None, "VO2002": None}

    def found(share: str, **keys: Any) -> dict[str, F]:
        group = target.target_group(points(0, 0, 3, 9), 0, D(share), "include")
        policy = {"kind": "indicator", "share": D(share)} | keys
        return target.distributing_scores(policy, rows, scores, group, counts, region)

    assert found("0.75") == {"VO2001": 6, "VO2002": 0}
    with pytest.raises(ClauseError) as caught:
        found("1.0")
    assert caught.value.clause == "D-4"
    assert caught.value.where == {"share": D("1.0"), "contribution": "mean"}
    assert found("1.0", weight="cut") == {"VO2001": 24, "VO2002": 0}
    assert found("1.0", threshold="deduct", tau=D("0.1")) == {"VO2001": 6, "VO2002": 0}
    with pytest.raises(ClauseError):
        found("0.5", weight="cut")  # c = 0 and both members have it: the sum is 0


@slow_worlds
@given(made.worlds())
def test_sums_of_a_draw(world: made.World) -> None:
    """Sum of S_j = (size of the target group) * (A - G), and n_j add up to N (D-1, D-5)."""
    result = made.run_reference(world)
    for (draw, year, share), mean in result.mean_score.items():
        gap = mean - result.target_mean[draw, year, share]
        assert gap >= 0
        for attribution in world.settings.attributions:
            label = (draw, year, attribution, share)
            score = [v for k, v in result.disadvantage_score.items() if k[:4] == label]
            count = [v for k, v in result.target_pupils.items() if k[:4] == label]
            assert sum(score) == sum(count) * gap
            if world.settings.ties == "fractional":
                pupils = sum(row["year"] == year for row in world.rows)
                assert sum(count) == F(share) * pupils
