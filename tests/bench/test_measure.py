"""Answers first, then times in turn; what is not there is said, and nothing crashes."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lwoopro.bench import measure
from lwoopro.bench.contest import ENGINE, Case, Contestant, Job
from lwoopro.bench.measure import DIFFERS, MEASURED, NOT_INSTALLED, Pace, agree, measure_case

PACE = Pace(seconds=0.001, fewest=3, most=3, turn=0.0)


@dataclass(frozen=True)
class Fake(Contestant):
    """A contestant whose work is given."""

    work: Callable[[Any], Job] = lambda _: Job(lambda: None, 1, lambda: np.ones(3))

    def job(self, data: Any) -> Job:
        return self.work(data)


def entrant(name: str, cores: int = 1, **more: Any) -> Fake:
    return Fake(name, "", "", cores, **more)


def case(*contestants: Fake, **more: Any) -> Case:
    return Case("a case", "a question", "draw", "numbers", contestants, **more)


def measured(*contestants: Fake, **more: Any) -> dict[str, dict[str, Any]]:
    found = measure_case(case(*contestants, **more), SimpleNamespace(numbers=None), PACE)
    return {f"{row['name']} {row['cores']}": row for row in found["contestants"]}


class Clock:
    """Time that passes as contestants work; each is as slow as it says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(measure.time, "perf_counter", lambda: self.now)

    def worker(self, *seconds: float, units: float = 1) -> Callable[[Any], Job]:
        """Take these seconds in turn, the last ones again and again."""
        left = list(seconds)

        def run() -> None:
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return lambda _: Job(run, units, lambda: np.ones(3))


def test_times_are_per_unit_and_ratios_within_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    # the first run is longer than half a second and is not repeated before the rounds
    rows = measured(
        entrant(ENGINE, work=clock.worker(1.0, 1.0, 2.0, 4.0, units=10)),
        entrant("rival", work=clock.worker(9.0, 3.0, 4.0, 20.0)),
    )
    assert rows["lwoopro 1"]["seconds"] == {"low": 0.1, "median": 0.2, "high": 0.4}
    assert rows["rival 1"]["seconds"] == {"low": 3.0, "median": 4.0, "high": 20.0}
    assert rows["rival 1"]["ratio"] == {"low": 20.0, "median": 30.0, "high": 50.0}


def test_a_short_first_run_is_not_taken_for_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    rows = measured(entrant(ENGINE, work=clock.worker(0.4, 0.2, 1.0)))
    assert rows["lwoopro 1"]["seconds"] == {"low": 1.0, "median": 1.0, "high": 1.0}


def test_a_rival_is_held_against_the_engine_on_as_many_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    rows = measured(
        entrant(ENGINE, work=clock.worker(4.0)),
        entrant("one", work=clock.worker(8.0)),
        entrant(ENGINE, cores=2, work=clock.worker(1.0)),
        entrant("two", cores=2, work=clock.worker(8.0)),
        entrant("four", cores=4, work=clock.worker(8.0)),
    )
    medians = {name: row["ratio"]["median"] for name, row in rows.items()}
    assert medians == {"lwoopro 1": 1, "one 1": 2, "lwoopro 2": 1, "two 2": 8, "four 4": 2}


def test_all_contestants_run_in_every_round() -> None:
    runs: list[str] = []

    def working(name: str) -> Callable[[Any], Job]:
        return lambda _: Job(lambda: runs.append(name), 1, lambda: np.ones(3))

    measured(*(entrant(name, work=working(name)) for name in (ENGINE, "a", "b")))
    rounds = [runs[at : at + 3] for at in range(len(runs) - 9, len(runs), 3)]
    assert all(sorted(names) == ["a", "b", ENGINE] for names in rounds)
    assert rounds[0] != rounds[1]


def test_what_is_not_installed_is_named_and_left_out() -> None:
    absent = Fake("absent", "with_absent:draw", "no_such_library", 1)
    assert measured(entrant(ENGINE), absent)["absent 1"] == {
        "name": "absent",
        "library": "no_such_library",
        "cores": 1,
        "note": "",
        "status": NOT_INSTALLED,
    }


def test_another_answer_is_not_timed() -> None:
    def wrong(_: Any) -> Job:
        return Job(lambda: pytest.fail("timed"), 1, lambda: np.array([1.0, 1.0, 1.1]))

    rows = measured(entrant(ENGINE), entrant("wrong", work=wrong))
    assert rows["wrong 1"]["status"] == DIFFERS
    assert "seconds" not in rows["wrong 1"]
    assert rows["lwoopro 1"]["status"] == MEASURED


def test_the_version_is_that_of_the_library() -> None:
    rows = measured(entrant(ENGINE), Fake("NumPy", "", "numpy", 1))
    assert rows["NumPy 1"]["version"] == np.__version__


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        ([1.0, 2.0], True),
        ([1.0, 2.0 + 1e-7], True),
        ([1.0, 2.0 + 1e-5], False),
        ([1.0], True),
        ([1.0, 2.0, 3.0], False),
        ([[1.0, 2.0]], False),
    ],
)
def test_agreement(theirs: list[float], same: bool) -> None:
    one = case(entrant(ENGINE))
    assert agree(one, entrant("rival"), np.array([1.0, 2.0]), np.array(theirs)) is same


def test_agreement_in_the_mean() -> None:
    loose = entrant("sampler", in_mean=True)
    ours = np.full((2, 3, 4), 100.0)
    noisy = ours + np.array([3.0, -3.0, 1.0, -1.0])
    assert agree(case(entrant(ENGINE)), loose, ours, noisy)
    assert not agree(case(entrant(ENGINE)), loose, ours, noisy + 2.0)
