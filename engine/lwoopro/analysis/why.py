"""Why a swv's lwoo money changed from one reference date to the next: an exact split (R-10).

The game. Under B-4 swv j gets ``E·n_j/N + I·S_j/ΣS``: E and I the equal and the indicator money,
n_j pupils, S_j the disadvantage score, the sum of five factors (`disadvantage_part`). Write every
factor per pupil of its swv, ``S_j = n_j·Σ_f d_jf``. Then the amount is made of

- own pupil count: n_j;
- national count: n_i of all other swv;
- education, origin, other, donated, asylum: d_jf of *all* swv, j and the others, at once;
- national money: E and I, where the swv table or the index moves them.

Each of these players stands at the earlier or at the later date; every set of players that have
moved describes a country, and its amount for j is the formula's. The Shapley value of a player is
the mean, over all orders in which the players can move, of what j's amount gains as he moves. By
construction the values add up to the whole change. A factor's part is what j gained because the
factor weighs more among its own pupils and less among the others': it is zero where both move
alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import factorial
from typing import Final, Self

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.change import in_time, known_policy
from lwoopro.analysis.montecarlo import LEVEL, summaries
from lwoopro.variables import check

__all__ = ["PLAYERS", "why", "why_summary"]

OWN, NATIONAL, MONEY, ROUNDING = "own_pupils", "national_pupils", "national_money", "rounding"

_AT_ONCE: Final = 32
"""Draws whose amounts lie in the cache together."""

_READ: Final = 512
"""Draws whose scores are read together."""

PLAYERS: Final = (
    OWN,
    NATIONAL,
    "education",
    "origin",
    "other",
    "donated",
    "asylum",
    MONEY,
    ROUNDING,
)
"""Causes of a change; `rounding` is the cent that whole cents take or give."""


def why(results: xr.Dataset, *, policy: str | None = None) -> xr.Dataset:
    """Split each swv's year-on-year change of lwoo money exactly, on every draw (R-10).

    Parameters
    ----------
    results : Dataset
        Results of a run with two reference dates or more, and a policy in ``[report] split``.
    policy : str, optional
        One of these policies; by default the first.

    Returns
    -------
    Dataset
        ``part`` in euro, dimensions ``(draw, year, cause, swv)``, causes as `PLAYERS`, and
        ``change``, their sum: the change of lwoo money, whole cents. The year is the later one,
        ``previous_year`` the earlier.

    Raises
    ------
    ValueError
        `results` is not a results Dataset, has one year, or did not keep what this needs.
    """
    check(results, ["budget_part", "pupils", "lwoo_fixed"])
    if "disadvantage_part" not in results or not results.sizes.get("split"):
        raise ValueError(
            "these results do not say what disadvantage scores are made of: name the policy in "
            "[report] split, and run again"
        )
    check(results, ["disadvantage_part", "policy_attribution"])
    known = results["split"].values.tolist()
    policy = known[0] if policy is None else policy
    if policy not in known:
        raise ValueError(
            f"the changes of {policy!r} are not split; those of {', '.join(known)} are"
        )
    known_policy(results, policy)
    if results.sizes["year"] < 2:
        raise ValueError(
            "a change from year to year needs two reference dates; these results have one, "
            f"{int(results['year'][0])}"
        )
    names = ["budget_part", "pupils", "lwoo_fixed", "disadvantage_part", "policy_attribution"]
    ordered = in_time(results[names]).sel(policy=policy, split=policy)
    attribution = str(ordered["policy_attribution"].values)
    pupils = ordered["pupils"].sel(attribution=attribution).transpose("year", "swv").to_numpy()
    fixed = ordered["lwoo_fixed"].transpose("year", "swv").to_numpy()
    lwoo = ordered["budget_part"].sel(part="lwoo").transpose("draw", "year", "swv").to_numpy()
    pairs = [
        _Pair.of(fixed[y : y + 2], pupils[y : y + 2].astype(np.float64), lwoo[0, y : y + 2])
        for y in range(ordered.sizes["year"] - 1)
    ]
    part = np.empty((len(lwoo), len(pairs), len(PLAYERS), lwoo.shape[-1]))
    score = ordered["disadvantage_part"].transpose("draw", "year", "factor", "swv")
    place = [score["factor"].values.tolist().index(name) for name in PLAYERS[2:7]]
    for start in range(0, len(lwoo), _READ):
        some = score[start : start + _READ].to_numpy()[:, :, place]
        for near in range(0, len(some), _AT_ONCE):
            here = slice(start + near, start + near + _AT_ONCE)
            by_date = some[near : near + _AT_ONCE].transpose(1, 2, 0, 3)
            for y, pair in enumerate(pairs):
                pair.split(lwoo[here, y : y + 2], by_date[y : y + 2], part[here, y])
    years = ordered["year"].values
    coords = {
        "draw": ordered["draw"].values,
        "year": years[1:],
        "previous_year": ("year", years[:-1]),
        "swv": ordered["swv"].values,
    }
    causes = {**coords, "cause": list(PLAYERS)}
    moved = np.round(np.diff(lwoo, axis=1), 2)
    dims = ("draw", "year", "cause", "swv")
    return xr.Dataset(
        {
            "part": xr.DataArray(part, causes, dims, attrs={"units": "euro"}),
            "change": xr.DataArray(moved, coords, ("draw", "year", "swv"), attrs={"units": "euro"}),
        },
        attrs={"policy": policy},
    )


def why_summary(
    results: xr.Dataset, *, policy: str | None = None, level: float = LEVEL
) -> xr.Dataset:
    """Mean and interval of `why` over the draws (R-10).

    Parameters
    ----------
    results : Dataset
    policy : str, optional
        See `why`.
    level : float
        Probability that the interval holds.

    Returns
    -------
    Dataset
        ``part`` ``(year, cause, swv)`` and ``change`` ``(year, swv)`` in euro, each with
        ``_low``, ``_high`` and ``_mcse``.

    Raises
    ------
    ValueError
        See `why`.
    """
    split = why(results, policy=policy)
    parts = {"part": split["part"], "change": split["change"]}
    return summaries(parts, level).assign_attrs(policy=split.attrs["policy"], level=level)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two dates that follow each other; first dimension the date.

    Attributes
    ----------
    pupils : float64 array, shape ``(2, swv)``
    indicator : float64 array, shape ``(2,)``
        Money that follows the scores, euro.
    groups : list of tuple of int
        For every player whether he has moved; the last one changes fastest.
    by_count : float64 array, shape ``(2, 2, 1 or 2, swv)``
        The equal money of a swv by the dates of its own count, of all others', and of the money.
    """

    pupils: NDArray[np.float64]
    indicator: NDArray[np.float64]
    groups: list[tuple[int, ...]]
    by_count: NDArray[np.float64]

    @classmethod
    def of(
        cls, fixed: NDArray[np.float64], pupils: NDArray[np.float64], lwoo: NDArray[np.float64]
    ) -> Self:
        """Prepare what no draw changes.

        Parameters
        ----------
        fixed : float64 array, shape ``(2, swv)``
            The equal part of the amounts, euro.
        pupils : float64 array, shape ``(2, swv)``
        lwoo : float64 array, shape ``(2, swv)``
            Amounts of one draw, euro; their sum is that of every draw.
        """
        equal = fixed.sum(axis=1)
        indicator = lwoo.sum(axis=1) - equal
        # the equal part may count pupils elsewhere than the score does: its own money says where
        counted = fixed * (pupils.sum(axis=1) / np.where(equal > 0, equal, 1.0))[:, None]
        # where the money stands still its player gains nothing: leave him out of the game; sums of
        # whole cents may still differ in the last bits of a float
        still = np.isclose(equal[0], equal[1], rtol=0, atol=0.005) and np.isclose(
            indicator[0], indicator[1], rtol=0, atol=0.005
        )
        moves = (0,) if still else (0, 1)
        by_count = np.empty((2, 2, len(moves), fixed.shape[1]))
        for own, rest in product((0, 1), (0, 1)):
            count = counted[rest].sum() + counted[own] - counted[rest]
            for money in moves:
                part = equal[money] * counted[own] / np.where(count > 0, count, 1.0)
                by_count[own, rest, money] = part
        groups = list(product((0, 1), (0, 1), moves, *[(0, 1)] * len(PLAYERS[2:7])))
        return cls(pupils, indicator, groups, by_count)

    def split(
        self, lwoo: NDArray[np.float64], score: NDArray[np.float64], out: NDArray[np.float64]
    ) -> None:
        """Work out the Shapley values of some draws.

        Parameters
        ----------
        lwoo : float64 array, shape ``(draw, 2, swv)``
            Euro.
        score : float64 array, shape ``(2, factor, draw, swv)``
        out : float64 array, shape ``(draw, cause, swv)``
            Is filled: causes as `PLAYERS`. They add up to the change of `lwoo`.
        """
        pupils = self.pupils
        per_pupil = score / np.where(pupils > 0, pupils, 1.0)[:, None, None, :]
        # all swv's score of factor f, with the counts of one date and the factor of another
        whole = np.einsum("aj,bfdj->abfd", pupils, per_pupil)
        mine = _mixed(per_pupil)
        amounts = np.empty((*self.by_count.shape[:3], *mine.shape))
        for own in (0, 1):
            weighed = pupils[own] * mine
            for rest in (0, 1):
                total = _mixed(whole[rest][..., None])
                if own != rest:
                    total = total + (pupils[own] - pupils[rest]) * mine
                if total.min() <= 0:
                    raise ValueError(_NO_SCORE)
                part = weighed / total
                for money, by_count in enumerate(self.by_count[own, rest]):
                    gets = amounts[own, rest, money]
                    np.multiply(self.indicator[money], part, out=gets)
                    gets += by_count
        values = _shapley(amounts.reshape(-1, *mine.shape[1:]), self.groups)
        change = lwoo[:, 1] - lwoo[:, 0]
        rounding = change - values.sum(axis=0)
        causes = [values[0], values[1], *values[3:], values[2], rounding]
        out[:] = np.stack(causes, axis=1)


def _mixed(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of all factors, for every choice of the date that each of them stands at.

    Parameters
    ----------
    parts : float64 array, shape ``(2, factor, …)``
        By date and factor.

    Returns
    -------
    float64 array, shape ``(2 ** factor, …)``
        The last factor's date changes fastest.
    """
    total = np.zeros((1, *parts.shape[2:]))
    for factor in range(parts.shape[1]):
        # one factor after the other, as a plain sum adds them
        total = (total[:, None] + parts[:, factor]).reshape(-1, *parts.shape[2:])
    return total


def _shapley(
    amounts: NDArray[np.float64], groups: Sequence[tuple[int, ...]]
) -> NDArray[np.float64]:
    """Shapley values of the players from the amounts of all groups that may have moved.

    A player's value is the sum of ``w(k - 1)·v`` over the groups of k that he is in, less that of
    ``w(k)·v`` over those he is not in; so it is the sum of ``(w(k - 1) + w(k))·v`` over his own
    groups, less that of ``w(k)·v`` over all.

    Parameters
    ----------
    amounts : float64 array, shape ``(group, …)``
        Is overwritten.
    groups : sequence of tuple of int
        For every player whether he has moved; the last one changes fastest. Who never moves is
        not in the game.

    Returns
    -------
    float64 array, shape ``(player, …)``
    """
    moves = np.array(groups, bool)
    playing = moves.any(axis=0)
    players = int(playing.sum())
    sizes = moves.sum(axis=1)
    weight = np.array([_weight(size, players) for size in range(players)] + [0.0, 0.0])
    every = np.einsum("g,g...->...", weight[sizes], amounts)
    scale = weight[sizes] + weight[sizes - 1]
    amounts *= scale.reshape(-1, *[1] * (amounts.ndim - 1))
    values = np.zeros((moves.shape[1], *amounts.shape[1:]))
    left = amounts
    for player in np.flatnonzero(playing):
        without, along = left[: len(left) // 2], left[len(left) // 2 :]
        values[player] = along.sum(axis=0) - every
        left = without + along
    return values


_NO_SCORE: Final = "some mix of the two dates has no positive disadvantage score (R-10)"


def _weight(before: int, players: int) -> float:
    """Share of the orders in which exactly these moved before a player."""
    return factorial(before) * factorial(players - before - 1) / factorial(players)
