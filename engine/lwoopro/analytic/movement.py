"""How the cut moves, and S_j with it: the delta method on a lattice (Q-5).

Scores are discrete, so c jumps from one score to another. c is the score of rank r where
F(r − 1) < m <= F(r), with F(r) the number of pupils up to rank r. For each r the sum S_j is made
linear in the features (the moves of A and G by the delta method); it is then as good as normal,
together with F(r) and F(r − 1). As 1{c = r} = 1{F(r) >= m} − 1{F(r − 1) >= m}, every moment of S_j
is a sum of moments of a normal variable over the half-line where another one exceeds m.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from lwoopro.analytic.cuts import AtCut, at_cuts, fourth_cumulants, rank_counts
from lwoopro.analytic.families import Families
from lwoopro.analytic.inputs import Chances
from lwoopro.analytic.moments import LANES

__all__ = [
    "Functional",
    "Moments",
    "Reached",
    "moments_of",
    "reach",
    "shares_of",
    "sums_of",
    "tails_of",
]

Floats = NDArray[np.float64]

_NEVER: Final = 1e-5
"""Cuts that are less likely than this are left out."""

_FAR: Final = 4.3
"""So many standard deviations away a normal number is about as unlikely."""

_SMALLEST: Final = 1e-9
"""Below it a variance is rounding."""

MOMENTS: Final = 4

_INSIDE: Final = {"include": "upto", "exclude": "below", "fractional": "fractional"}
"""Who belongs to the group beside the asylum pupils, by rule for ties (T-2)."""


@dataclass(frozen=True, eq=False)
class Functional:
    """A linear form per cut and swv: value + own·(features of the swv) + national·(the country's).

    Attributes
    ----------
    value : float64 array, shape ``(cut, swv)``
        Expected value.
    own : float64 array, shape ``(cut, 4)``
    national : float64 array, shape ``(cut, swv, 4)``
    """

    value: Floats
    own: Floats
    national: Floats


@dataclass(frozen=True, eq=False)
class Moments:
    """Of a quantity per swv: mean, standard deviation, kurtosis (3 for a normal one)."""

    mean: Floats
    sd: Floats
    kurtosis: Floats


@dataclass(frozen=True, eq=False)
class Reached:
    """The cuts that a share may get; see `cuts.AtCut` for the moments at each.

    Attributes
    ----------
    share : int
        Position.
    ranks : tuple of int
    probability : float64 array, shape ``(cut,)``
    mean : float64 array, shape ``(cut, attribution, swv, 4)``
    own, shared : float64 array, shape ``(cut, attribution, swv, 4, 4)``
    national_mean : float64 array, shape ``(cut, 4)``
    national : float64 array, shape ``(cut, 4, 4)``
    """

    share: int
    ranks: tuple[int, ...]
    probability: Floats
    mean: Floats
    own: Floats
    shared: Floats
    national_mean: Floats
    national: Floats

    @property
    def likeliest(self) -> int:
        """Position of the cut with the highest probability."""
        return int(np.argmax(self.probability))


def _exceeds(mean: Floats, variance: Floats, need: float) -> tuple[Floats, Floats, Floats]:
    """Probability that a normal number of pupils is at least `need`.

    Also how many standard deviations its mean lies above, and the standard deviation; where that
    is 0, the number is what it is.
    """
    sd = np.where(variance > _SMALLEST, np.sqrt(np.maximum(variance, 0.0)), 0.0)
    still = sd == 0
    z = np.where(still, 0.0, (mean - need + 0.5) / np.where(still, 1.0, sd))
    return np.where(still, mean > need - 0.5, ndtr(z)), z, sd


def reach(chances: Chances, families: Families) -> list[Reached]:
    """Find the cuts that every share may get, and how likely each is.

    Parameters
    ----------
    chances : Chances
    families : Families

    Returns
    -------
    list of Reached
        One per share.
    """
    counts = rank_counts(families)
    possible = np.flatnonzero(counts > 0)
    upto = np.cumsum(counts[possible])
    last_place = len(possible) - 1
    needs = [quota.need for quota in chances.quotas]
    middles = [min(int(np.searchsorted(upto, need - 0.5)), last_place) for need in needs]
    known: dict[int, AtCut] = {}

    def work_out(places: Iterable[int]) -> None:
        missing = sorted({place for place in places if 0 <= place <= last_place} - known.keys())
        found = at_cuts(chances, families, [int(possible[place]) for place in missing])
        known.update(zip(missing, found, strict=True))

    def at(place: int) -> AtCut:
        if place not in known:
            work_out(range(place - LANES // 2, place + LANES // 2))
        return known[place]

    work_out(middles)
    # cuts cost less together: those that the spread at the middle makes likely come at once
    likely: list[int] = []
    for need, middle in zip(needs, middles, strict=True):
        wide = _FAR * np.sqrt(max(float(np.diag(at(middle).national)[:2].max()), 0.0)) + 1
        first, last = np.searchsorted(upto, [need - wide, need + wide])
        likely += range(int(first), int(last) + 1)
    work_out(likely)
    return [
        _reached(s, need, middle, at, possible)
        for s, (need, middle) in enumerate(zip(needs, middles, strict=True))
    ]


def _reached(
    share: int, need: int, middle: int, at: Callable[[int], AtCut], possible: NDArray[np.int64]
) -> Reached:
    """Go from the middle to either side until a cut is as good as impossible."""

    def chance(place: int) -> Floats:
        """Of reaching m below this rank, and up to it."""
        found = at(place)
        return _exceeds(found.national_mean[:2], np.diag(found.national)[:2], need)[0]

    first = last = middle
    while first > 0 and chance(first)[0] > _NEVER:
        first -= 1
    while last < len(possible) - 1 and chance(last)[1] < 1 - _NEVER:
        last += 1
    places = range(first, last + 1)
    bounds = np.array([chance(place) for place in places])
    every = [at(place) for place in places]
    return Reached(
        share=share,
        ranks=tuple(int(possible[place]) for place in places),
        probability=np.maximum(bounds[:, 1] - bounds[:, 0], 0.0),
        mean=np.stack([one.mean for one in every]),
        own=np.stack([one.own for one in every]),
        shared=np.stack([one.shared for one in every]),
        national_mean=np.stack([one.national_mean for one in every]),
        national=np.stack([one.national for one in every]),
    )


def sums_of(
    chances: Chances, reached: Reached, attribution: int, weight: str, members: str
) -> Functional:
    """Make the disadvantage scores linear in the features, at every cut (D-1, D-2).

    Parameters
    ----------
    chances : Chances
    reached : Reached
    attribution : int
    weight : "mean", "cut" or "equal"
    members : "below", "upto" or "fractional"
        Who belongs to the target group beside the asylum pupils: score < c, score <= c, or the
        latter with the weight of T-2.

    Returns
    -------
    Functional
        In score points, or pupils for `equal`.
    """
    mean, country = reached.mean[:, attribution], reached.national_mean
    asylum = chances.asylum[attribution].astype(np.float64)
    everyone, all_asylum = float(chances.pupils[0].sum()), float(asylum.sum())
    # members = lower·f0 + upper·f1; with fractional ties the weights move, too
    inside = np.zeros(country.shape)
    moving = np.zeros(mean.shape)
    of_size = np.zeros(country.shape)
    if members == "fractional":
        size = np.full(len(country), float(chances.quotas[reached.share].members))
        # a rank that some pupils may have
        on_cut = country[:, 1] - country[:, 0]
        expected = (size - country[:, 0]) / on_cut
        # the weight lies between 0 and 1 wherever this is the cut: linear around such a one
        inside[:, 1] = np.clip(expected, 0.0, 1.0)
        inside[:, 0] = 1 - inside[:, 1]
        own_on_cut = mean[..., 1] - mean[..., 0]
        moving = -inside[:, None] * (own_on_cut / on_cut[:, None])[..., None]
        number = mean[..., 0] + expected[:, None] * own_on_cut
    else:
        inside[:, 0 if members == "below" else 1] = 1.0
        of_size = inside
        size = country[:, 0 if members == "below" else 1]
        number = mean[..., 0 if members == "below" else 1]
    if weight == "equal":
        return Functional(number + asylum, inside, moving)
    # how far the group's mean lies below c, and how far the national mean lies above it
    some = size > 0
    divisor = np.where(some, size, 1.0)
    gap = np.where(some, country[:, 2] / divisor, 0.0)
    of_gap = -(gap / divisor)[:, None] * of_size * some[:, None]
    of_gap[:, 2] += some / divisor
    shortfall = np.array([0.0, 0.0, 1.0, 0.0])
    if weight == "cut":
        return Functional(
            mean[..., 2] + asylum * gap[:, None],
            np.broadcast_to(shortfall, country.shape),
            asylum[:, None] * of_gap[:, None],
        )
    above = (country[:, 3] - all_asylum * gap) / everyone
    of_above = -all_asylum / everyone * of_gap
    of_above[:, 3] += 1 / everyone
    value = mean[..., 2] + number * above[:, None] + asylum * (gap + above)[:, None]
    # the product of a swv's number and the national mean has their covariance in its mean
    value = value + np.einsum("ri,rjik,rk->rj", inside, reached.shared[:, attribution], of_above)
    national = (
        (number + asylum)[..., None] * of_above[:, None]
        + asylum[:, None] * of_gap[:, None]
        + above[:, None, None] * moving
    )
    return Functional(value, shortfall + above[:, None] * inside, national)


def shares_of(sums: Functional) -> Functional:
    """Make the parts S_j/ΣS linear.

    Parameters
    ----------
    sums : Functional

    Returns
    -------
    Functional
    """
    total = sums.value.sum(axis=1)
    # without a positive sum no money can follow it
    total = np.where(total > 0, total, np.nan)
    part = sums.value / total[:, None]
    # the sum over all swv holds the features of the whole country
    whole = sums.own + sums.national.sum(axis=1)
    national = sums.national - part[..., None] * whole[:, None]
    return Functional(part, sums.own / total[:, None], national / total[:, None, None])


def tails_of(
    chances: Chances,
    families: Families,
    reached: Sequence[Reached],
    functional: Callable[[Reached, str], Functional],
) -> list[Floats]:
    """Fourth cumulants of the sums over a swv's own pupils, at the likeliest cut of every share.

    Parameters
    ----------
    chances : Chances
    families : Families
    reached : sequence of Reached
    functional : callable
        As in `moments_of`, for one share; the features of a swv count the same under every
        attribution.

    Returns
    -------
    list of float64 array, shape ``(attribution, swv)``
        One per share.
    """
    rank = np.arange(len(families.distinct))
    values = []
    for one in reached:
        cut = one.ranks[one.likeliest]
        own = functional(one, _INSIDE[chances.ties]).own[one.likeliest]
        height = families.distinct - families.distinct[cut]
        short = np.where(rank < cut, -height, 0.0)
        values.append(np.column_stack([rank < cut, rank <= cut, short, height]) @ own)
    return fourth_cumulants(chances, families, values)


def moments_of(
    chances: Chances,
    reached: Reached,
    attribution: int,
    functional: Callable[[str], Functional],
    tails: Floats | None = None,
) -> Moments:
    """Mean, standard deviation and kurtosis of a quantity per swv, with the cut moving.

    Parameters
    ----------
    chances : Chances
    reached : Reached
    attribution : int
    functional : callable
        Gives the quantity for who the members are, see `sums_of`.
    tails : float64 array, shape ``(attribution, swv)``, optional
        From `tails_of`; without them a sum at one cut is taken to be normal.

    Returns
    -------
    Moments
    """
    quota = chances.quotas[reached.share]
    best = reached.likeliest
    middle = functional(_INSIDE[chances.ties])
    reference = middle.value[best]

    def above(part: Functional, feature: int, need: int) -> Floats:
        return _half_line(part, reached, attribution, feature, need, reference)

    raw = above(middle, 1, quota.need) - above(middle, 0, quota.need)
    if chances.ties == "exclude" and quota.members.denominator == 1:
        # exactly m pupils up to the cut: those on it belong to the group after all
        for part, sign in ((functional("upto"), 1.0), (middle, -1.0)):
            raw += sign * (above(part, 1, quota.need) - above(part, 1, quota.need + 1))
    m0, m1, m2, m3, m4 = raw
    m1, m2, m3, m4 = (moment / m0 for moment in (m1, m2, m3, m4))
    variance = np.maximum(m2 - m1**2, 0.0)
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    size = np.abs(reference) + 1.0
    sd = np.where(variance > 1e-18 * size**2, np.sqrt(variance), 0.0)
    if tails is not None:
        fourth = fourth + tails[attribution]
    kurtosis = fourth / np.where(sd > 0, variance, 1.0) ** 2
    sd = np.where(np.isnan(m1), np.nan, sd)
    return Moments(reference + m1, sd, np.where(sd == 0, 3.0, kurtosis))


def _half_line(
    part: Functional,
    reached: Reached,
    attribution: int,
    feature: int,
    need: int,
    reference: Floats,
) -> Floats:
    """Moments 0 … 4 of (quantity − reference) where a national count is at least `need`.

    Summed over the cuts, shape ``(5, swv)``.
    """
    shared, country = reached.shared[:, attribution], reached.national
    own, national = part.own, part.national
    variance = np.einsum("ri,rjik,rk->rj", own, reached.own[:, attribution], own)
    variance += 2 * np.einsum("ri,rjik,rjk->rj", own, shared, national)
    variance += np.einsum("rji,rjk,rik->rj", national, national, country)
    with_count = np.einsum("ri,rji->rj", own, shared[..., feature])
    with_count += np.einsum("rji,ri->rj", national, country[:, :, feature])
    probability, z, sd = _exceeds(
        reached.national_mean[:, feature], country[:, feature, feature], need
    )
    # the quantity is shift + slope·X + rest; X is standard normal, and counts above −z
    shift = part.value - reference
    slope = with_count / np.where(sd > 0, sd, 1.0)[:, None] * (sd > 0)[:, None]
    rest = np.maximum(variance - slope**2, 0.0)
    density = np.where(sd > 0, np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi), 0.0)
    x = [probability, density]
    for k in range(2, MOMENTS + 1):
        x.append((-z) ** (k - 1) * density + (k - 1) * x[k - 2])
    e = (1.0, 0.0, rest, 0.0, 3 * rest**2)
    powers = [[one**k for k in range(MOMENTS + 1)] for one in (shift, slope)]
    found = np.zeros((MOMENTS + 1, len(reference)))
    for total in range(MOMENTS + 1):
        for a, b, c, many in _SPLITS[total]:
            term = many * powers[0][a] * powers[1][b] * x[b][:, None] * e[c]
            found[total] += term.sum(axis=0)
    return found


def _splits(total: int) -> Sequence[tuple[int, int, int, float]]:
    """Terms of (shift + slope·X + rest) to a power: powers of the three, and how many.

    Odd powers of the rest have no mean.
    """
    factorial = np.cumprod([1, *range(1, total + 1)])
    return [
        (
            a,
            b,
            total - a - b,
            float(factorial[total] // (factorial[a] * factorial[b] * factorial[total - a - b])),
        )
        for a in range(total + 1)
        for b in range(total + 1 - a)
        if (total - a - b) % 2 == 0
    ]


_SPLITS: Final = tuple(_splits(total) for total in range(MOMENTS + 1))
