"""When would one notice? Rules that compare each year with the reference projection (P-9).

Every measure is relative to its value on the reference date, which is known when the watching
begins. Half of the draws of the reference scenario make the projection, the other half is watched:
so the false-alarm rate is not flattered by judging draws by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

__all__ = [
    "MEASURES",
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
    upper, lower = (_student if tail == "student" else _counted)(values, projection)
    if sided == "upward":
        return upper
    both: NDArray[np.float64] = np.minimum(2 * np.minimum(upper, lower), 1.0)
    return both


def _student(
    values: NDArray[np.float64], projection: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    logs = np.log(np.maximum(projection, _LEAST))
    many = len(logs)
    spread = logs.std(axis=0, ddof=1) * np.sqrt(1 + 1 / many)
    gap = np.log(np.maximum(values, _LEAST)) - logs.mean(axis=0)
    # a measure that does not vary is judged by its side alone
    far = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
    score = np.where(spread > 0, gap / np.where(spread > 0, spread, 1.0), far)
    return stdtr(many - 1, -score), stdtr(many - 1, score)


def _counted(
    values: NDArray[np.float64], projection: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ordered = np.sort(projection, axis=0).reshape(len(projection), -1)
    flat = values.reshape(len(values), -1)
    many = len(ordered)
    above, below = np.empty(flat.shape), np.empty(flat.shape)
    for cell in range(flat.shape[1]):
        column = ordered[:, cell]
        above[:, cell] = many - np.searchsorted(column, flat[:, cell], side="left")
        below[:, cell] = np.searchsorted(column, flat[:, cell], side="right")
    upper, lower = ((1 + count) / (1 + many) for count in (above, below))
    return upper.reshape(values.shape), lower.reshape(values.shape)


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
    projected_national: NDArray[np.float64],
    projected_swv: NDArray[np.float64],
) -> Watch:
    """Apply a rule to some draws.

    Parameters
    ----------
    rule : Rule
    national : float64 array, shape ``(draw, years)``
        The rule's measure.
    swv : float64 array, shape ``(draw, years, swv)``
    projected_national, projected_swv : float64 array
        Other draws, under the reference scenario.

    Returns
    -------
    Watch
    """
    alone = tail_chance(national, projected_national, rule.sided, rule.tail)
    every = adjusted(tail_chance(swv, projected_swv, rule.sided, rule.tail), rule.multiplicity)
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
    loud = tail_chance(values, projection, sided)
    still = tail_chance(quiet, projection, sided)
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
