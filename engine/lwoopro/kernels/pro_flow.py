"""The flow of pro pupils: counts by inversion of one keyed uniform each (P-1, Q-2).

Every count here comes from a distribution whose probabilities follow one recursion,
f(x + 1) / f(x) = a + b / (x + 1): binomial and negative binomial alike (Panjer's class). So one
loop over x serves both, and runs over many draws at once. The sizes of the negative binomial are
whole numbers: f(0) is then a whole power, made by multiplication alone, and the functions give
the same bits with the jit off. A sum of n terms is right to about n × 1e-16, so that a quantile
of fewer than 10,000 pupils is exact to the last of its 32 random bits.

The columns of every array are draws in lane order (see `philox.fill_words`).
"""

from typing import Final

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.types import Floats, Int32s, Int64s, Uint32s, Uint64s

__all__ = [
    "ENTRANTS",
    "KEEP",
    "LANES",
    "LATERAL",
    "STAYS",
    "binomial_row",
    "negative_binomial_row",
    "pro_flow",
]

STAYS: Final = 6
"""Years of stay; all leave after the last (P-1)."""

ENTRANTS: Final = 0
"""Role of the uniform that gives the entrants of the first year of stay."""

KEEP: Final = 0
"""Role of the uniform of those who stay on, plus their year of stay 1 … 5."""

LATERAL: Final = 6
"""Role of the uniform of lateral entrants, plus the year of stay 2 … 6 that they enter."""

ROLE_BITS: Final = 4
"""The sub-index of a key is year and role; the role stands in so many low bits."""

TINY: Final = 1e-280
"""Below this f(0) is too near the smallest double: such counts start from their mode."""

LANES: Final = 32
"""Draws that go through the loops together; a number that the compiler knows."""

_GRID: Final = 2.0**-32
_UP: Final = 1.0 + 2.0**-52
_FAR: Final = 60.0

# rows of the scratch table; row 0 holds the cumulative probability
_F: Final = LANES
_A: Final = 2 * LANES
_B: Final = 3 * LANES
_TARGET: Final = 4 * LANES
_COUNT: Final = 5 * LANES
_POWER: Final = 6 * LANES


@kernel
def count_from_mode(a: float, b: float, last: int, mode: int, target: float) -> int:
    """Invert one count without its f(0), for large counts.

    The probabilities are summed as multiples of that of the mode, both ways, until they no longer
    matter.

    Parameters
    ----------
    a, b : float
        Recursion, see the module.
    last : int
        Largest possible count.
    mode : int
        A count near the most likely one.
    target : float
        The smallest x with cumulative probability >= target is found.

    Returns
    -------
    int
    """
    small = 2.0**-70
    low = 1.0
    f = 1.0
    first = mode
    while first > 0 and f > small:
        f /= a + b / first
        low += f
        first -= 1
    at_first = f
    whole = low
    f = 1.0
    x = mode
    while x < last and (f > small or x == mode):
        f *= a + b / (x + 1)
        whole += f
        x += 1
    goal = target * whole
    x = first
    f = at_first
    total = f
    while total < goal and x < last and (f > 0.0):
        f *= a + b / (x + 1)
        total += f
        x += 1
    return x


@kernel
def walk(work: Floats, longest: int) -> None:
    """Count for each lane how many cumulative probabilities lie below its target.

    Parameters
    ----------
    work : float64 array, shape ``(7 * LANES,)``
        One table, so that the compiler sees that its rows do not overlap: P(X <= 0), f(0), a, b,
        target on entry; the counts in row 5 on return.
    longest : int
        No count is larger.
    """
    for x in range(longest):
        up = 1.0 / (x + 1)
        for d in range(LANES):
            work[_COUNT + d] += 1.0 if work[d] < work[_TARGET + d] else 0.0
            work[_F + d] *= work[_A + d] + work[_B + d] * up
            work[d] += work[_F + d]
        done = True
        for d in range(LANES):
            if work[d] < work[_TARGET + d]:
                done = False
                break
        if done:
            break


@kernel
def binomial_row(
    count: Int64s, trials: Int64s, chance: Floats, words: Uint32s, work: Floats
) -> None:
    """Binomial quantiles: how many of `trials` stay, one keyed uniform per draw.

    The quantile is the smallest x with P(X <= x) >= u, u = (word + 1/2) / 2**32: it rises with
    the word, with the trials and with the chance. The rarer of staying and leaving is counted.

    Parameters
    ----------
    count : int64 array, shape ``(draws,)``
        Output; `draws` is a multiple of `LANES`.
    trials : int64 array, shape ``(draws,)``
    chance : float64 array, shape ``(draws,)``
        Between 0 and 1.
    words : uint32 array, shape ``(draws,)``
    work : float64 array, shape ``(7 * LANES,)``
        Scratch.
    """
    for first in range(0, count.shape[0], LANES):
        longest = 0
        for d in range(LANES):
            p = chance[first + d]
            u = (np.float64(words[first + d]) + 0.5) * _GRID
            # of those who leave: the largest y with P(Y < y) <= 1 - u
            rare = 1.0 - p if p > 0.5 else p
            odds = rare / (1.0 - rare)
            work[_A + d] = -odds
            work[_B + d] = np.float64(trials[first + d] + 1) * odds
            work[_TARGET + d] = (1.0 - u) * _UP if p > 0.5 else u
            work[_COUNT + d] = 0.0
            work[_F + d] = 1.0
            work[_POWER + d] = 1.0 - rare
            longest = max(longest, trials[first + d])
        # f(0) = (1 - p) ** n, by squaring
        bits = longest
        place = 0
        while bits > 0:
            for d in range(LANES):
                odd = (trials[first + d] >> place) & 1
                work[_F + d] *= work[_POWER + d] if odd == 1 else 1.0
                work[_POWER + d] *= work[_POWER + d]
            bits >>= 1
            place += 1
        least = 1.0
        for d in range(LANES):
            # the power ends here; its row keeps f(0)
            work[_POWER + d] = work[_F + d]
            work[d] = work[_F + d]
            least = min(least, work[_F + d])
        walk(work, longest)
        for d in range(LANES):
            n = trials[first + d]
            found = min(np.int64(work[_COUNT + d]), n)
            count[first + d] = n - found if chance[first + d] > 0.5 else found
        if least < TINY:
            for d in range(LANES):
                if work[_POWER + d] < TINY:
                    n = trials[first + d]
                    p = chance[first + d]
                    mode = min(np.int64(np.float64(n) * min(p, 1.0 - p)), n)
                    a, b, goal = work[_A + d], work[_B + d], work[_TARGET + d]
                    found = count_from_mode(a, b, n, mode, goal)
                    count[first + d] = n - found if p > 0.5 else found


@kernel
def negative_binomial_row(
    count: Int64s, mean: Floats, size: int, words: Uint32s, work: Floats
) -> None:
    """Negative binomial quantiles of given mean and variance mean + mean**2 / size.

    Parameters
    ----------
    count : int64 array, shape ``(draws,)``
        Output; `draws` is a multiple of `LANES`.
    mean : float64 array, shape ``(draws,)``
        Not negative.
    size : int
        1 or more; the larger, the nearer to Poisson.
    words : uint32 array, shape ``(draws,)``
    work : float64 array, shape ``(7 * LANES,)``
        Scratch.
    """
    many = np.float64(size)
    for first in range(0, count.shape[0], LANES):
        highest = 0.0
        for d in range(LANES):
            m = mean[first + d]
            work[_A + d] = m / (many + m)
            work[_B + d] = work[_A + d] * (many - 1.0)
            work[_TARGET + d] = (np.float64(words[first + d]) + 0.5) * _GRID
            work[_COUNT + d] = 0.0
            work[_F + d] = 1.0
            work[_POWER + d] = many / (many + m)
            highest = max(highest, m)
        bits = size
        while bits > 0:
            odd = bits & 1
            for d in range(LANES):
                work[_F + d] *= work[_POWER + d] if odd == 1 else 1.0
                work[_POWER + d] *= work[_POWER + d]
            bits >>= 1
        least = 1.0
        for d in range(LANES):
            work[_POWER + d] = work[_F + d]
            work[d] = work[_F + d]
            least = min(least, work[_F + d])
        # a uniform of 32 bits ends long before; this only ends the loop
        walk(work, int(_FAR * (highest + 10.0)))
        for d in range(LANES):
            count[first + d] = np.int64(work[_COUNT + d])
        if least < TINY:
            for d in range(LANES):
                if work[_POWER + d] < TINY:
                    m = mean[first + d]
                    far = int(_FAR * (m + 10.0))
                    a, b, goal = work[_A + d], work[_B + d], work[_TARGET + d]
                    count[first + d] = count_from_mode(a, b, far, int(m), goal)


@kernel
def years_alike(factor: Floats, keep: Floats, extra: Floats, g: int) -> int:
    """Count the first years in which a scenario has the numbers of the first one.

    Parameters
    ----------
    factor, keep, extra : float64 array
        See `pro_flow`.
    g : int

    Returns
    -------
    int
    """
    years, draws = factor.shape[1:]
    for t in range(years):
        for d in range(draws):
            if factor[g, t, d] != factor[0, t, d] or extra[g, t, d] != extra[0, t, d]:
                return t
            for k in range(STAYS - 1):
                if keep[g, t, k, d] != keep[0, t, k, d]:
                    return t
    return int(years)


@kernel
def pro_flow(
    stock: Int32s,
    entrants: Int32s,
    leavers: Int32s,
    by_stay: Int32s,
    start: Int64s,
    base: Floats,
    factor: Floats,
    extra: Floats,
    trouble: Floats,
    keep: Floats,
    lateral: Floats,
    size: int,
    lateral_size: int,
    person: Uint64s,
    sub: Uint64s,
    key: Uint64s,
    group: int,
    vary: bool,
) -> None:
    """Move the stock of pro pupils from year to year, per swv, growth scenario and draw (P-1).

    All scenarios use the same words: no scenario is in the key (Q-2). So a scenario that has had
    the same numbers as the first one has its pupils, too, and they are copied.

    Parameters
    ----------
    stock, entrants, leavers : int32 array, shape ``(growth, years + 1, swv, draws)``
        Output: pupils on 1 October; those who came and those who left since the year before. In
        the first year the stock is `start` and nobody comes or leaves.
    by_stay : int32 array, shape ``(growth, years + 1, 6, draws)``
        Output: national stock by year of stay.
    start : int64 array, shape ``(swv, 6)``
    base : float64 array, shape ``(years, swv, draws)``
        Expected entrants into the first year of stay, before any scenario.
    factor : float64 array, shape ``(growth, years, draws)``
        Multiplies the entrants of all swv.
    extra : float64 array, shape ``(growth, years, draws)``
        Further part of entrants in swv in trouble (P-2 `incentive`).
    trouble : float64 array, shape ``(swv, draws)``
        1 where the swv is in trouble, else 0.
    keep : float64 array, shape ``(growth, years, 5, draws)``
        Chance to stay on from each year of stay.
    lateral : float64 array, shape ``(5,)``
        Lateral entrants into year of stay 2 … 6, as a part of the expected first-year entrants.
    size, lateral_size : int
        See `negative_binomial_row`.
    person : uint64 array, shape ``(swv,)``
    sub : uint64 array, shape ``(years,)``
        Counter word c1 of each year, with role 0.
    key, group, vary
        See `philox.fill_words`.
    """
    growths = stock.shape[0]
    years = base.shape[0]
    draws = stock.shape[3]
    words = np.empty((12, draws), np.uint32)
    work = np.empty(7 * LANES, np.float64)
    aside = np.empty(draws, np.float64)
    mean = np.empty(draws, np.float64)
    flow = np.empty(draws, np.int64)
    came = np.empty(draws, np.int64)
    pupils = np.empty((growths, STAYS, draws), np.int64)
    by_stay[:] = 0
    as_first = np.zeros((2, growths), np.int64)
    for g in range(1, growths):
        as_first[0, g] = years_alike(factor, keep, factor, g)
        as_first[1, g] = years_alike(factor, keep, extra, g)
    for j in range(stock.shape[2]):
        calm = not trouble[j].any()
        for g in range(growths):
            for k in range(STAYS):
                for d in range(draws):
                    pupils[g, k, d] = start[j, k]
                    by_stay[g, 0, k, d] += start[j, k]
                    stock[g, 0, j, d] = start[j].sum()
                    entrants[g, 0, j, d] = 0
                    leavers[g, 0, j, d] = 0
        for t in range(years):
            for role in range(12):
                lane = role - LATERAL
                if role < STAYS or (lane > 1 and lateral[lane - 2] > 0.0):
                    fill_words(words[role], key, group, sub[t] + np.uint64(role), person[j], vary)
            for g in range(growths):
                now = pupils[g]
                if t < as_first[1, g] or (calm and t < as_first[0, g]):
                    # so far the first scenario's bits, whatever would be computed
                    for d in range(draws):
                        stock[g, t + 1, j, d] = stock[0, t + 1, j, d]
                        entrants[g, t + 1, j, d] = entrants[0, t + 1, j, d]
                        leavers[g, t + 1, j, d] = leavers[0, t + 1, j, d]
                        for k in range(STAYS):
                            now[k, d] = pupils[0, k, d]
                            by_stay[g, t + 1, k, d] += pupils[0, k, d]
                    continue
                came[:] = 0
                gone = leavers[g, t + 1, j]
                for d in range(draws):
                    gone[d] = now[STAYS - 1, d]
                for k in range(STAYS - 1, 0, -1):
                    binomial_row(flow, now[k - 1], keep[g, t, k - 1], words[KEEP + k], work)
                    for d in range(draws):
                        gone[d] += now[k - 1, d] - flow[d]
                        now[k, d] = flow[d]
                for d in range(draws):
                    rise = factor[g, t, d] * (1.0 + extra[g, t, d] * trouble[j, d])
                    mean[d] = base[t, j, d] * rise
                negative_binomial_row(now[0], mean, size, words[ENTRANTS], work)
                for d in range(draws):
                    came[d] += now[0, d]
                for k in range(1, STAYS):
                    if lateral[k - 1] > 0.0:
                        aside[:] = mean * lateral[k - 1]
                        chosen = words[LATERAL + k + 1]
                        negative_binomial_row(flow, aside, lateral_size, chosen, work)
                        for d in range(draws):
                            came[d] += flow[d]
                            now[k, d] += flow[d]
                for d in range(draws):
                    entrants[g, t + 1, j, d] = came[d]
                    held = 0
                    for k in range(STAYS):
                        held += now[k, d]
                        by_stay[g, t + 1, k, d] += now[k, d]
                    stock[g, t + 1, j, d] = held
