"""The target group from its pieces: cut, ties, asylum pupils, national means (I-4, T-2, D-1, D-5).

Everything is kept as a distance below the cut c. The distances are whole millionths and mostly
positive, so that floating point loses next to nothing, and the exact value stays within reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.exact import as_fraction
from lwoopro.errors import InputError, Problem

__all__ = ["Gaps", "Pieces", "Quota", "TargetGroup", "quotas", "target_group"]

Ties = Literal["include", "exclude", "fractional"]


@dataclass(frozen=True)
class Quota:
    """How many of the other pupils a share asks for (I-4).

    Attributes
    ----------
    share : Decimal
        Y, as written.
    members : Fraction
        m = Y·N − a, above 0.
    need : int
        m rounded up: the smallest whole number of pupils that reaches m.
    """

    share: Decimal
    members: Fraction

    @property
    def need(self) -> int:
        """Smallest whole number of pupils that is at least m."""
        return -(-self.members.numerator // self.members.denominator)


def quotas(
    shares: Sequence[Decimal], pupils: int, asylum: int, year: int, draw: int | None = None
) -> tuple[Quota, ...]:
    """Work out m = Y·N − a for every share (T-1, I-4).

    Parameters
    ----------
    shares : sequence of Decimal
        As written in the study.
    pupils, asylum : int
        N, all pupils of the year, and a, the asylum pupils among them.
    year : int
    draw : int, optional
        Where the population is drawn: its number, for messages.

    Returns
    -------
    tuple of Quota

    Raises
    ------
    InputError
        A share leaves no room beside the asylum pupils.
    """
    found = tuple(Quota(share, as_fraction(share) * pupils - asylum) for share in shares)
    when = f"{year}" if draw is None else f"{year} in draw {draw}"
    problems = [
        Problem(
            "target_group.shares",
            f"{quota.share} of the {pupils} pupils of {when} is no more than the {asylum} "
            "asylum pupils, who are always in the target group (I-4)",
            f"a share above {asylum / max(pupils, 1):.4f}",
        )
        for quota in found
        if quota.members <= 0
    ]
    if problems:
        raise InputError(problems)
    return found


@dataclass(frozen=True, eq=False)
class Pieces:
    """What is counted once per draw and serves every choice that follows (D-5).

    Attributes
    ----------
    below, at : int64 array, shape ``(draw, attribution, share, swv)``
        Pupils who are not asylum pupils with score < c and = c.
    shortfall : int64 array, shape ``(draw, attribution, share, swv)``
        Σ (c − score) over the pupils below the cut, in millionths.
    cut : int64 array, shape ``(draw, share)``
        c in millionths.
    above_cut : int64 array, shape ``(draw, share)``
        Σ (score − c) over all pupils who are not asylum pupils, in millionths; may be negative.
    pupils, asylum : int64 array, shape ``(attribution, swv)`` or ``(draw, attribution, swv)``
        n_j, and the asylum pupils among them; by draw where the population is drawn (Q-1).
    """

    below: NDArray[np.int64]
    at: NDArray[np.int64]
    shortfall: NDArray[np.int64]
    cut: NDArray[np.int64]
    above_cut: NDArray[np.int64]
    pupils: NDArray[np.int64]
    asylum: NDArray[np.int64]

    @property
    def drawn(self) -> bool:
        """Whether the numbers of pupils are another in every draw."""
        return self.pupils.ndim == 3

    def counts_of(self, draw: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pupils and asylum pupils of one draw, by position, each ``(attribution, swv)``."""
        return (self.pupils[draw], self.asylum[draw]) if self.drawn else (self.pupils, self.asylum)


@dataclass(frozen=True, eq=False)
class Gaps:
    """One attribution, and one share or some: what a contribution is made of (D-2).

    The arrays hold floats with a draw dimension, or whole numbers (or `Fraction` objects) of one
    draw; the same formulas serve both. As floats, distances are in millionths of a score point.

    Attributes
    ----------
    members : array, shape ``(draw, swv)``, ``(draw, share, swv)`` or ``(swv,)``
        Σ weight over the members who are not asylum pupils (T-2).
    shortfall : array, as members
    asylum, pupils : array that goes with `members`
    mean_above_cut : array that goes with `members`, or a Fraction
        A − c.
    cut_above_group : likewise
        c − G.
    """

    members: NDArray[Any]
    shortfall: NDArray[Any]
    asylum: NDArray[Any]
    pupils: NDArray[Any]
    mean_above_cut: Any
    cut_above_group: Any


@dataclass(frozen=True, eq=False)
class TargetGroup:
    """The target group of every draw and share of one year.

    Attributes
    ----------
    pieces : Pieces
    quotas : tuple of Quota
    ties : str
    tie_weight : float64 array, shape ``(draw, share)``
        Weight of the pupils with exactly the cut score (T-2).
    members : float64 array, shape ``(draw, share)``
        Σ weight over the members who are not asylum pupils.
    cut_above_group : float64 array, shape ``(draw, share)``
        c − G in millionths; G is also the asylum score (I-4).
    mean_above_cut : float64 array, shape ``(draw, share)``
        A − c in millionths.
    drawn_quotas : tuple of tuple of Quota, or None
        Per draw and share, where the population is drawn.
    """

    pieces: Pieces
    quotas: tuple[Quota, ...]
    ties: Ties
    tie_weight: NDArray[np.float64]
    members: NDArray[np.float64]
    cut_above_group: NDArray[np.float64]
    mean_above_cut: NDArray[np.float64]
    drawn_quotas: tuple[tuple[Quota, ...], ...] | None = None

    def gaps(self, attribution: int, share: int | slice) -> Gaps:
        """Pieces of one attribution and share, or of some shares, as floats over all draws."""
        pieces = self.pieces
        below = pieces.below[:, attribution, share].astype(np.float64)
        at = pieces.at[:, attribution, share].astype(np.float64)
        asylum, pupils = (
            counts[..., attribution, :].astype(np.float64)
            for counts in (pieces.asylum, pieces.pupils)
        )
        if isinstance(share, slice) and pieces.drawn:
            asylum, pupils = asylum[:, None], pupils[:, None]
        return Gaps(
            members=below + self.tie_weight[:, share, None] * at,
            shortfall=pieces.shortfall[:, attribution, share].astype(np.float64),
            asylum=asylum,
            pupils=pupils,
            mean_above_cut=self.mean_above_cut[:, share, None],
            cut_above_group=self.cut_above_group[:, share, None],
        )

    def exact_gaps(self, attribution: int, share: int, draw: int) -> Gaps:
        """Pieces of one attribution, share and draw, exact, in units that make them whole.

        Pupils are multiplied by one factor and distances by another: every sum of contributions
        is multiplied by the same factor, and so are the thresholds. What is divided by them is
        the same, and whole numbers are much faster than fractions.
        """
        pieces = self.pieces
        # national sums are the same under every attribution
        below = int(pieces.below[draw, attribution, share].sum())
        at = int(pieces.at[draw, attribution, share].sum())
        shortfall = int(pieces.shortfall[draw, attribution, share].sum())
        pupils_of, asylum_of = (counts[attribution] for counts in pieces.counts_of(draw))
        everyone, asylum = int(pupils_of.sum()), int(asylum_of.sum())
        quotas = self.quotas if self.drawn_quotas is None else self.drawn_quotas[draw]
        weight = _tie_weight(self.ties, quotas[share].members, below, at)
        cut_above_group = Fraction(shortfall) / (below + weight * at)
        above = int(pieces.above_cut[draw, share])
        mean_above_cut = (above - asylum * cut_above_group) / everyone
        pupil = weight.denominator
        point = lcm(cut_above_group.denominator, mean_above_cut.denominator)
        return Gaps(
            members=_whole(pieces.below[draw, attribution, share], pupil)
            + _whole(pieces.at[draw, attribution, share], weight.numerator),
            shortfall=_whole(pieces.shortfall[draw, attribution, share], pupil * point),
            asylum=_whole(asylum_of, pupil),
            pupils=_whole(pupils_of, pupil),
            mean_above_cut=int(mean_above_cut * point),
            cut_above_group=int(cut_above_group * point),
        )


def _whole(numbers: NDArray[np.int64], factor: int) -> NDArray[Any]:
    """Multiply without a bound on the size."""
    return np.array([number * factor for number in numbers.tolist()], dtype=object)


def _tie_weight(ties: Ties, members: Fraction, below: int, at: int) -> Fraction:
    """Weight of the pupils with the cut score, T-2."""
    if ties == "include":
        return Fraction(1)
    if ties == "exclude":
        return Fraction(int(below + at == members))
    return (members - below) / at


def target_group(
    pieces: Pieces,
    quotas: tuple[Quota, ...],
    ties: Ties,
    draws: Sequence[int],
    year: int,
    drawn_quotas: tuple[tuple[Quota, ...], ...] | None = None,
) -> TargetGroup:
    """Settle ties, the asylum score and the national mean in every draw (T-2, I-4).

    Parameters
    ----------
    pieces : Pieces
    quotas : tuple of Quota
    ties : "include", "exclude" or "fractional"
    draws : sequence of int
        Numbers of the draws, for messages.
    year : int
    drawn_quotas : tuple of tuple of Quota, optional
        Per draw and share, where the population is drawn: they take the place of `quotas`.

    Returns
    -------
    TargetGroup

    Raises
    ------
    InputError
        Under `exclude` nobody is left in some draw.
    """
    below = pieces.below[:, 0].sum(axis=2)
    at = pieces.at[:, 0].sum(axis=2)
    shortfall = pieces.shortfall[:, 0].sum(axis=2).astype(np.float64)
    weight = np.ones(below.shape)
    for s in range(len(quotas)):
        wanted = [quotas[s]] if drawn_quotas is None else [of[s] for of in drawn_quotas]
        if ties == "exclude":
            # a number of pupils equals m only where m is whole
            whole = np.array([quota.members.denominator == 1 for quota in wanted])
            need = np.array([quota.need for quota in wanted])
            weight[:, s] = (below[:, s] + at[:, s] == need) & whole
        elif ties == "fractional":
            numerator = np.array([float(quota.members.numerator) for quota in wanted])
            denominator = np.array([float(quota.members.denominator) for quota in wanted])
            # (m - below) / at over whole numbers: one rounding
            weight[:, s] = (numerator - below[:, s] * denominator) / (at[:, s] * denominator)
    members = below + weight * at
    if ties == "exclude" and (members == 0).any():
        draw, share = (int(at[0]) for at in np.nonzero(members == 0))
        raise InputError(
            Problem(
                "target_group.ties",
                f"'exclude' leaves nobody in the target group of share {quotas[share].share} "
                f"in draw {draws[draw]} of {year} (T-2)",
                "'include' or 'fractional', or a larger share",
            )
        )
    everyone = pieces.pupils[..., 0, :].sum(axis=-1).astype(np.float64)[..., None]
    asylum = pieces.asylum[..., 0, :].sum(axis=-1).astype(np.float64)[..., None]
    cut_above_group = shortfall / members
    return TargetGroup(
        pieces=pieces,
        quotas=quotas,
        ties=ties,
        tie_weight=weight,
        members=members,
        cut_above_group=cut_above_group,
        mean_above_cut=(pieces.above_cut - asylum * cut_above_group) / everyone,
        drawn_quotas=drawn_quotas,
    )
