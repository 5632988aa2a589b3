"""The target group from its pieces against the clauses, pupil by pupil (I-4, T-1, T-2, D-1)."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import reference_target
from tests.reference_money import ClauseError

from lwoopro.allocation.target import Gaps, Pieces, Quota, TargetGroup, quotas, target_group
from lwoopro.errors import InputError

SHARES = [Decimal("0.1"), Decimal("0.35"), Decimal("0.5"), Decimal(1)]
MICRO = 10**6


class Country:
    """Pupils of two swv with whole scores, in two draws; some are asylum pupils."""

    def __init__(self, scores: list[list[int]], swv: list[int], asylum: list[int]) -> None:
        self.scores = [[MICRO * score for score in draw] for draw in scores]
        self.swv, self.asylum = swv, asylum

    @property
    def pupils(self) -> int:
        return len(self.swv) + len(self.asylum)

    def counts(self, of: list[int]) -> np.ndarray:
        """By both attributions alike."""
        return np.array([np.bincount(of, minlength=2)] * 2)

    def pieces(self, wanted: tuple[Quota, ...], drawn: bool) -> Pieces:
        shape = (len(self.scores), 2, len(wanted), 2)
        below, at, shortfall = (np.zeros(shape, np.int64) for _ in range(3))
        cut, above = (np.zeros((len(self.scores), len(wanted)), np.int64) for _ in range(2))
        for d, scores in enumerate(self.scores):
            for s, quota in enumerate(wanted):
                c = cut[d, s] = reference_target.cut_score(scores, quota.members)
                above[d, s] = sum(scores) - len(scores) * c
                for score, j in zip(scores, self.swv, strict=True):
                    below[d, :, s, j] += score < c
                    at[d, :, s, j] += score == c
                    shortfall[d, :, s, j] += max(0, int(c) - score)
        everyone, asylum = self.counts(self.swv + self.asylum), self.counts(self.asylum)
        if drawn:
            everyone, asylum = (np.stack([some] * len(self.scores)) for some in (everyone, asylum))
        return Pieces(below, at, shortfall, cut, above, everyone, asylum)


@st.composite
def countries(draw: st.DrawFn) -> Country:
    many = draw(st.integers(4, 25))
    scores = st.lists(st.integers(0, 6), min_size=many, max_size=many)
    swv = draw(st.lists(st.integers(0, 1), min_size=many, max_size=many))
    asylum = draw(st.lists(st.integers(0, 1), max_size=2))
    return Country([draw(scores), draw(scores)], swv, asylum)


def shares_with_room(country: Country) -> list[Decimal]:
    a = len(country.asylum)
    return [share for share in SHARES if share * country.pupils > a]


def assert_as_the_clauses(country: Country, group: TargetGroup, d: int, s: int) -> None:
    share = group.quotas[s].share
    right = reference_target.target_group(country.scores[d], len(country.asylum), share, group.ties)
    weights = [right.weight(score) for score in country.scores[d]]
    cut = int(group.pieces.cut[d, s])
    assert cut == right.cut
    exact = group.exact_gaps(1, s, d)
    rounded = group.gaps(1, s)
    # some shares at once are each by itself
    for name, of_all in vars(group.gaps(1, slice(None))).items():
        alone = np.broadcast_to(vars(rounded)[name], rounded.members.shape)
        assert (np.broadcast_to(of_all, group.pieces.below[:, 1].shape)[:, s] == alone).all(), name
    # units: of a pupil, and of a millionth of a point
    people = Fraction(sum(exact.pupils), country.pupils)
    point = Fraction(exact.mean_above_cut) / (right.mean - cut) if right.mean != cut else None
    if point is not None:
        assert exact.cut_above_group == (cut - right.target_mean) * point
    assert rounded.mean_above_cut[d, 0] == pytest.approx(float(right.mean - cut), rel=1e-13)
    assert rounded.cut_above_group[d, 0] == pytest.approx(float(cut - right.target_mean), rel=1e-13)
    assert group.members[d, s] == pytest.approx(float(sum(weights)), rel=1e-14)
    for j in range(2):
        mine = [w for w, home in zip(weights, country.swv, strict=True) if home == j]
        points = [
            w * (cut - score)
            for w, score, home in zip(weights, country.scores[d], country.swv, strict=True)
            if home == j
        ]
        assert exact.members[j] == sum(mine) * people
        if point is not None:
            assert exact.shortfall[j] == sum(points) * people * point
        assert exact.asylum[j] == country.asylum.count(j) * people
        assert exact.pupils[j] == (country.swv + country.asylum).count(j) * people
        assert rounded.members[d, j] == pytest.approx(float(sum(mine)), rel=1e-14)
        assert rounded.shortfall[d, j] == float(sum(points))
        of = (d, j) if group.pieces.drawn else j
        assert rounded.asylum[of] == country.asylum.count(j)
        assert rounded.pupils[of] == (country.swv + country.asylum).count(j)


@settings(max_examples=60, deadline=None)
@given(countries(), st.sampled_from(["include", "exclude", "fractional"]), st.booleans())
def test_it_is_as_the_clauses_say(country: Country, ties: str, drawn: bool) -> None:
    shares = shares_with_room(country)
    wanted = quotas(shares, country.pupils, len(country.asylum), 2019)
    pieces = country.pieces(wanted, drawn)
    of_draws = (wanted, wanted) if drawn else None
    empty = []
    for d in range(2):
        for share in shares:
            try:
                reference_target.target_group(country.scores[d], len(country.asylum), share, ties)
            except ClauseError:
                empty.append((d, share))
    if empty:
        d, share = empty[0]
        with pytest.raises(
            InputError,
            match=rf"^target_group\.ties: 'exclude' leaves nobody in the target group of share "
            rf"{share} in draw {d + 7} of 2019 \(T-2\)",
        ):
            target_group(pieces, wanted, ties, [7, 8], 2019, of_draws)
        return
    group = target_group(pieces, wanted, ties, [7, 8], 2019, of_draws)
    for d in range(2):
        for s in range(len(shares)):
            assert_as_the_clauses(country, group, d, s)


def test_each_draw_of_a_population_has_a_target_of_its_own() -> None:
    """Where the population is drawn, m follows the pupils of the draw (Q-1)."""
    country = Country([[0, 1, 1, 2], [0, 1, 1, 2]], [0, 0, 1, 1], [])
    half = quotas([Decimal("0.5")], 4, 0, 2019)
    more = (Quota(Decimal("0.5"), Fraction(5, 2)),)
    group = target_group(country.pieces(half, True), half, "fractional", [0, 1], 2019, (half, more))
    # of the two with the cut score one half is wanted, then three quarters
    assert group.tie_weight[:, 0].tolist() == [0.5, 0.75]
    assert [group.exact_gaps(0, 0, d).members.tolist() for d in (0, 1)] == [[3, 1], [7, 3]]


@pytest.mark.parametrize(("members", "weight"), [(Fraction(3), 1.0), (Fraction(5, 2), 0.0)])
def test_exclude_takes_the_tied_where_exactly_m_have_the_cut_score(
    members: Fraction, weight: float
) -> None:
    """A fraction that is rounded up is not exactly m (T-2)."""
    country = Country([[0, 1, 1, 2]], [0, 0, 1, 1], [])
    wanted = (Quota(Decimal("0.7"), members),)
    group = target_group(country.pieces(wanted, False), wanted, "exclude", [0], 2019)
    assert group.tie_weight.item() == weight


def test_m_is_exact_and_rounded_up() -> None:
    found = quotas([Decimal("0.07"), Decimal("0.070001"), Decimal(1)], 100, 2, 2019)
    assert [quota.members for quota in found] == [5, Fraction(50001, 10000), 98]
    assert [quota.need for quota in found] == [5, 6, 98]


@pytest.mark.parametrize(
    ("pupils", "asylum", "draw", "message"),
    [
        (
            100,
            10,
            None,
            "target_group.shares: 0.1 of the 100 pupils of 2019 is no more than the 10 asylum "
            "pupils, who are always in the target group (I-4); a share above 0.1000",
        ),
        (
            0,
            0,
            4,
            "target_group.shares: 0.1 of the 0 pupils of 2019 in draw 4 is no more than the 0 "
            "asylum pupils, who are always in the target group (I-4); a share above 0.0000",
        ),
    ],
)
def test_a_share_without_room(pupils: int, asylum: int, draw: int | None, message: str) -> None:
    with pytest.raises(InputError) as error:
        quotas([Decimal("0.1"), Decimal("0.5")][: 2 if pupils else 1], pupils, asylum, 2019, draw)
    assert str(error.value) == message


def test_whole_units_are_without_bound() -> None:
    """Large countries in awkward fractions: Python's whole numbers, not NumPy's."""
    country = Country([[0, 1, 1, 1, 2, 3, 5]], [0, 0, 1, 1, 0, 1, 0], [0])
    wanted = quotas([Decimal("0.333333")], country.pupils, 1, 2019)
    gaps: Gaps = target_group(
        country.pieces(wanted, False), wanted, "fractional", [0], 2019
    ).exact_gaps(0, 0, 0)
    assert gaps.members.dtype == object and isinstance(gaps.members[0], int)
    assert isinstance(gaps.mean_above_cut, int) and isinstance(gaps.cut_above_group, int)
