"""Compare the answers, then time the contestants in alternating runs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.bench.contest import ENGINE, Case, Contestant, Job
from lwoopro.bench.data import Data

__all__ = ["Pace", "agree", "measure_case"]

_IN_MEAN: Final = 0.01
"""A rival with random numbers of its own must come this near to the engine's national means."""

_AGAIN: Final = 0.5
"""A first run shorter than these seconds is repeated before it counts."""

DIFFERS: Final = "differs"
MEASURED: Final = "measured"
NOT_INSTALLED: Final = "not installed"


@dataclass(frozen=True)
class Pace:
    """How long to measure.

    Attributes
    ----------
    seconds : float
        For each case, about.
    fewest, most : int
        Rounds.
    turn : float
        Seconds that a contestant runs in a round, at least.
    """

    seconds: float
    fewest: int
    most: int
    turn: float


def agree(case: Case, contestant: Contestant, ours: NDArray[Any], theirs: NDArray[Any]) -> bool:
    """Say whether a contestant's answer is the engine's.

    Parameters
    ----------
    case : Case
    contestant : Contestant
    ours, theirs : array

    Returns
    -------
    bool
    """
    # slow rivals answer for the first draws only, which the last axis shows
    ours = ours[..., : theirs.shape[-1]]
    if ours.shape != theirs.shape:
        return False
    if contestant.in_mean:
        means = [answer.mean(axis=-1).sum(axis=-1) for answer in (ours, theirs)]
        return bool(np.allclose(means[1], means[0], rtol=_IN_MEAN, atol=0))
    return bool(np.allclose(theirs, ours, rtol=case.rtol, atol=case.atol))


def _turn(job: Job, times: int) -> float:
    """Seconds per unit of some runs in a row."""
    start = time.perf_counter()
    for _ in range(times):
        job.run()
    return (time.perf_counter() - start) / (times * job.units)


def measure_case(
    case: Case, data: Data, pace: Pace, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Measure one case.

    Parameters
    ----------
    case : Case
    data : Data
    pace : Pace
    say : callable
        Told what is being done.

    Returns
    -------
    dict
        What stands in the JSON under ``cases``.
    """
    world = getattr(data, case.data)
    rows = []
    jobs: dict[int, Job] = {}
    times: dict[int, int] = {}
    ours: NDArray[Any] | None = None
    for place, contestant in enumerate(case.contestants):
        row: dict[str, Any] = {
            "name": contestant.name,
            "library": contestant.library,
            "cores": contestant.cores,
            "note": contestant.note,
            "status": NOT_INSTALLED,
        }
        rows.append(row)
        if not contestant.installed:
            continue
        say(f"{case.name}: {contestant.name}")
        if contestant.library:
            row["version"] = version(contestant.library)
        job = contestant.job(world)
        answer = np.asarray(job.answer())
        ours = answer if ours is None else ours
        if not agree(case, contestant, ours, answer):
            row["status"] = DIFFERS
            continue
        once = _turn(job, 1) * job.units
        if once < _AGAIN:
            # the answer may have gone another way: compiled and connected only now
            once = _turn(job, 1) * job.units
        jobs[place], times[place] = job, max(1, round(pace.turn / once))
        row["status"], row["once"] = MEASURED, once
    cost = sum(rows[place].pop("once") * times[place] for place in jobs)
    rounds = int(np.clip(pace.seconds / cost, pace.fewest, pace.most))
    say(f"{case.name}: {rounds} rounds")
    found: dict[int, list[float]] = {place: [] for place in jobs}
    for number in range(rounds):
        # nobody always runs after the same neighbour
        order = sorted(jobs, key=lambda place: (place * (number + 1)) % (len(case.contestants) + 1))
        for place in order:
            found[place].append(_turn(jobs[place], times[place]))
    for place, seconds in found.items():
        base = found[_opponent(case.contestants, jobs, place)]
        ratios = [theirs / mine for theirs, mine in zip(seconds, base, strict=True)]
        rows[place]["seconds"] = _spread(seconds)
        rows[place]["ratio"] = _spread(ratios)
    return {
        "name": case.name,
        "question": case.question,
        "unit": case.unit,
        "rounds": rounds,
        "contestants": rows,
    }


def _opponent(contestants: Sequence[Contestant], jobs: dict[int, Job], place: int) -> int:
    """Place of the engine on as many cores as a contestant, or else on one."""
    engines = [at for at in jobs if contestants[at].name == ENGINE]
    same = [at for at in engines if contestants[at].cores == contestants[place].cores]
    return (same or engines)[0]


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"low": min(values), "median": median(values), "high": max(values)}
