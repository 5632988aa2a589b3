"""When would one notice? Rules that compare each year with the reference projection (P-9).

Every measure is relative to its value on the reference date, which is known when the watching
begins. Half of the draws of the reference scenario make the projection, the other half is watched:
so the false-alarm rate is not flattered by judging draws by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

__all__ = [
    "MEASURES",
    "Projection",
    "Rule",
    "Watch",
    "adjusted",
    "measures",
    "operating_curve",
    "respond",
    "tail_chance",
    "watch",
]

MEASURES: Final = ("count", "inflow", "stay")

Sided = Literal["upward", "both"]
Tail = Literal["student", "draws"]
Multiplicity = Literal["none", "bonferroni", "benjamini-hochberg"]

_LEAST: Final = 1e-6
"""Stands for a ratio of zero, whose logarithm there is none."""

_SLACK: Final = 1e-6
"""Of a score, in standard deviations."""

_SMOOTH: Final = 3
"""Entrants are averaged over so many years: one year of a swv says little."""


@dataclass(frozen=True)
class Rule:
    """A rule of monitoring: data, as a study file gives it.

    Attributes
    ----------
    measure : str
        One of `MEASURES`.
    level : float
        Chance of a false alarm per check.
    sided : "upward" or "both"
    multiplicity : "none", "bonferroni" or "benjamini-hochberg"
        How the checks of all swv in a year are judged together.
    in_a_row : int
        Consecutive years that make an alarm.
    tail : "student" or "draws"
        See `tail_chance`.
    """

    measure: str
    level: float = 0.05
    sided: Sided = "upward"
    multiplicity: Multiplicity = "benjamini-hochberg"
    in_a_row: int = 1
    tail: Tail = "student"


@dataclass(frozen=True, eq=False)
class Watch:
    """What a rule finds.

    Attributes
    ----------
    national : bool array, shape ``(draw, years)``
        Alarm of the country as a whole.
    swv : bool array, shape ``(draw, years, swv)``
        Flagged swv.
    """

    national: NDArray[np.bool_]
    swv: NDArray[np.bool_]

    def any_swv(self) -> NDArray[np.bool_]:
        """Whether any swv is flagged, shape ``(draw, years)``."""
        return np.asarray(self.swv.any(axis=-1))

    @staticmethod
    def ever(alarm: NDArray[np.bool_]) -> float:
        """Part of the draws with an alarm in any year."""
        return float(alarm.any(axis=1).mean())

    @staticmethod
    def delay(alarm: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Years until the first alarm, 1 in the first year; NaN where there is none."""
        first = alarm.argmax(axis=1).astype(np.float64) + 1
        return np.where(alarm.any(axis=1), first, np.nan)


def measures(
    pupils: NDArray[np.float64], entrants: NDArray[np.float64], at: int
) -> dict[str, NDArray[np.float64]]:
    """Work out what is watched, relative to the reference date.

    Parameters
    ----------
    pupils, entrants : float64 array, shape ``(draw, years, …)``
        Per swv or national; entrants since the year before.
    at : int
        Position of the reference date; three years or more lie before it.

    Returns
    -------
    dict of str to float64 array, shape ``(draw, years - at - 1, …)``
        Per name in `MEASURES`, from the year after the reference date: pupils, entrants of three
        years, and pupils per yearly entrant of three years, each over its value on the reference
        date; 1 where that is zero.
    """
    if at < _SMOOTH:
        raise ValueError(f"the reference date needs {_SMOOTH} years before it")
    running = np.cumsum(entrants, axis=1)
    inflow = running[:, _SMOOTH:] - running[:, :-_SMOOTH]
    stay = pupils[:, _SMOOTH:] / np.maximum(inflow, 1)

    def relative(values: NDArray[np.float64], first: int) -> NDArray[np.float64]:
        base = values[:, at - first]
        known = np.where(base > 0, base, 1.0)[:, None]
        ratio: NDArray[np.float64] = np.where(base[:, None] > 0, values / known, 1.0)
        return ratio[:, at - first + 1 :]

    return {
        "count": relative(pupils, 0),
        "inflow": relative(inflow, _SMOOTH),
        "stay": relative(stay, _SMOOTH),
    }


@dataclass(frozen=True, eq=False)
class Projection:
    """What the reference scenario lets expect of one measure.

    Attributes
    ----------
    tail : "student" or "draws"
        See `tail_chance`.
    many : int
        Draws behind it.
    centre, spread : float64 array, shape ``(…)``
        Mean of the logarithms, and standard deviation of a new one.
    ordered : float64 array, shape ``(draw, …)``
        The draws, sorted; for ``draws`` alone.
    """

    tail: Tail
    many: int
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    ordered: NDArray[np.float64]

    @classmethod
    def of(cls, draws: NDArray[np.float64], tail: Tail = "student") -> Self:
        """Prepare what chances follow from; `draws` of the reference, shape ``(draw, …)``."""
        many, nothing = len(draws), np.empty(0)
        if tail == "draws":
            return cls(tail, many, nothing, nothing, np.sort(draws, axis=0))
        logs = np.log(np.maximum(draws, _LEAST))
        spread = logs.std(axis=0, ddof=1) * np.sqrt(1 + 1 / many)
        return cls(tail, many, logs.mean(axis=0), spread, nothing)

    def chance(
        self, values: NDArray[np.float64], sided: Sided, most: float = 1.0
    ) -> NDArray[np.float64]:
        """Chance of values as high, or as far out; arguments and result as `tail_chance`.

        Of a chance above `most` it may say 1: nobody asks how much above.
        """
        if self.tail == "student":
            score = self._scores(values)
            sides = 1 if sided == "upward" else 2
            score = score if sided == "upward" else np.abs(score)
            chance = np.ones(score.shape)
            # a little more than those that count: the bound is as exact as its function
            low = -np.inf if most >= 1 else -float(stdtrit(self.many - 1, most / sides)) - _SLACK
            near = score >= low
            chance[near] = np.minimum(sides * stdtr(self.many - 1, -score[near]), 1.0)
            return chance
        upper, lower = self._counted(values)
        if sided == "upward":
            return upper
        return np.asarray(np.minimum(2 * np.minimum(upper, lower), 1.0))

    def _scores(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        gap = np.log(np.maximum(values, _LEAST)) - self.centre
        # a measure that does not vary is judged by its side alone
        far = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
        varies = self.spread > 0
        return np.where(varies, gap / np.where(varies, self.spread, 1.0), far)

    def _counted(
        self, values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        ordered, flat = self.ordered.reshape(self.many, -1), values.reshape(len(values), -1)
        above, below = np.empty(flat.shape), np.empty(flat.shape)
        for cell in range(flat.shape[1]):
            column = ordered[:, cell]
            above[:, cell] = self.many - np.searchsorted(column, flat[:, cell], side="left")
            below[:, cell] = np.searchsorted(column, flat[:, cell], side="right")
        upper, lower = ((1 + count) / (1 + self.many) for count in (above, below))
        return upper.reshape(values.shape), lower.reshape(values.shape)


def tail_chance(
    values: NDArray[np.float64],
    projection: NDArray[np.float64],
    sided: Sided,
    tail: Tail = "student",
) -> NDArray[np.float64]:
    """Chance of a value as high, or as far out, under the projection.

    Parameters
    ----------
    values : float64 array, shape ``(draw, …)``
        Ratios, as `measures` gives them.
    projection : float64 array, shape ``(other draw, …)``
    sided : "upward" or "both"
    tail : "student" or "draws"
        ``student``: Student's distribution of a new value, on logarithms; it reaches the small
        chances that many checks at once need. ``draws``: (1 + number of draws as high) /
        (1 + draws), without an assumption, and never below 1 / (1 + draws).

    Returns
    -------
    float64 array, shape as `values`
        Between 0 and 1; twice the smaller tail for ``both``.
    """
    return Projection.of(projection, tail).chance(values, sided)


def adjusted(chance: NDArray[np.float64], multiplicity: Multiplicity) -> NDArray[np.float64]:
    """Chances of many checks at once, made comparable with one level; last axis is checks.

    Bonferroni bounds the chance of any false alarm; Benjamini-Hochberg the expected part of false
    ones among the alarms.
    """
    checks = chance.shape[-1]
    if multiplicity == "none":
        return chance
    if multiplicity == "bonferroni":
        bounded: NDArray[np.float64] = np.minimum(chance * checks, 1.0)
        return bounded
    order = np.argsort(chance, axis=-1, kind="stable")
    ranked = np.take_along_axis(chance, order, axis=-1) * checks / np.arange(1, checks + 1)
    # a smaller chance never comes out larger than the next one
    smooth = np.minimum.accumulate(ranked[..., ::-1], axis=-1)[..., ::-1]
    result = np.empty_like(smooth)
    np.put_along_axis(result, order, np.minimum(smooth, 1.0), axis=-1)
    return result


def _in_a_row(beyond: NDArray[np.bool_], many: int) -> NDArray[np.bool_]:
    """Alarm where so many years up to this one were all beyond; years are axis 1."""
    alarm = beyond.copy()
    for back in range(1, many):
        alarm[:, back:] &= beyond[:, :-back]
        alarm[:, :back] = False
    return alarm


def watch(
    rule: Rule,
    national: NDArray[np.float64],
    swv: NDArray[np.float64],
    projected_national: NDArray[np.float64] | Projection,
    projected_swv: NDArray[np.float64] | Projection,
) -> Watch:
    """Apply a rule to some draws.

    Parameters
    ----------
    rule : Rule
    national : float64 array, shape ``(draw, years)``
        The rule's measure.
    swv : float64 array, shape ``(draw, years, swv)``
    projected_national, projected_swv : float64 array or Projection
        Other draws, under the reference scenario, or what was prepared of them.

    Returns
    -------
    Watch
    """
    projected = (
        one if isinstance(one, Projection) else Projection.of(one, rule.tail)
        for one in (projected_national, projected_swv)
    )
    alone, every = (
        # what is above the level raises no alarm, nor does it help another to raise one
        one.chance(values, rule.sided, rule.level)
        for one, values in zip(projected, (national, swv), strict=True)
    )
    every = adjusted(every, rule.multiplicity)
    return Watch(
        national=_in_a_row(alone <= rule.level, rule.in_a_row),
        swv=_in_a_row(every <= rule.level, rule.in_a_row),
    )


def operating_curve(
    values: NDArray[np.float64],
    projection: NDArray[np.float64],
    quiet: NDArray[np.float64],
    levels: Sequence[float],
    sided: Sided = "upward",
    in_a_row: int = 1,
) -> NDArray[np.float64]:
    """Give false alarms and detections of the national check at many levels.

    Parameters
    ----------
    values : float64 array, shape ``(draw, years)``
        Under a growth scenario.
    projection, quiet : float64 array, shape ``(draw, years)``
        Two halves of the reference scenario: the interval, and what should raise no alarm.
    levels : sequence of float

    Returns
    -------
    float64 array, shape ``(levels, 2)``
        Chance of an alarm in any year: under the reference, and under the growth scenario.
    """
    known = Projection.of(projection)
    loud, still = known.chance(values, sided), known.chance(quiet, sided)
    return np.array(
        [
            [Watch.ever(_in_a_row(chance <= level, in_a_row)) for chance in (still, loud)]
            for level in levels
        ]
    )


def respond(
    pupils: NDArray[np.float64],
    reference: NDArray[np.float64],
    flagged: NDArray[np.bool_],
    response: float,
) -> NDArray[np.float64]:
    """Pupils if a flagged swv were held back from the year after its first alarm.

    The excess over the reference scenario *of the same draw* stops growing by the part `response`;
    what grew before stays. This works on finished paths: it is a bound on what an intervention
    can do, not a model of how (*assumed*).

    Parameters
    ----------
    pupils, reference : float64 array, shape ``(draw, years, swv)``
    flagged : bool array, shape ``(draw, years, swv)``
    response : float

    Returns
    -------
    float64 array, shape ``(draw, years, swv)``
    """
    excess = pupils - reference
    ever = np.logical_or.accumulate(flagged, axis=1)
    known = np.concatenate([np.zeros_like(ever[:, :1]), ever[:, :-1]], axis=1)
    step = np.diff(excess, axis=1, prepend=excess[:, :1] * 0.0)
    held = np.where(known & (step > 0), step * (1.0 - response), step)
    result: NDArray[np.float64] = reference + np.cumsum(held, axis=1)
    return result
