"""Every case with every rival, as groups of pytest-benchmark.

The cases are those of ``lwoopro bench``. Each contestant's answer is compared with the engine's
before it is timed. Without ``--benchmark-enable`` a small population is used, and every contestant
runs once: that is a test, and its times say nothing.

    python -m pytest benchmarks/test_cases.py --benchmark-enable -n 0
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from lwoopro.bench.cases import CASES
from lwoopro.bench.contest import ENGINE, Case, Contestant
from lwoopro.bench.data import Data
from lwoopro.bench.measure import agree

SMALL = 0.02

ENTRANTS = [
    pytest.param(case, contestant, id=f"{case.name}-{contestant.name}-{contestant.cores}")
    for case in CASES
    for contestant in case.contestants
]


@pytest.fixture(scope="session")
def data(request: pytest.FixtureRequest) -> Iterator[Data]:
    """Give the whole country when it is timed, a fiftieth of it in the test."""
    timed = request.config.getoption("benchmark_enable")
    with Data() if timed else Data(SMALL, 64) as data:
        yield data


@cache
def answer_of_engine(case: Case, data: Data) -> np.ndarray:
    return np.asarray(case.contestants[0].job(getattr(data, case.data)).answer())


@pytest.mark.parametrize(("case", "contestant"), ENTRANTS)
def test_contestant(benchmark, data: Data, case: Case, contestant: Contestant) -> None:
    if not contestant.installed:
        pytest.skip(f"{contestant.library} is not installed: python -m pip install it by hand")
    job = contestant.job(getattr(data, case.data))
    theirs = np.asarray(job.answer())
    assert agree(case, contestant, answer_of_engine(case, data), theirs)
    benchmark.group = case.name
    benchmark.extra_info |= {"units": job.units, "unit": case.unit, "cores": contestant.cores}
    benchmark(job.run)


def test_the_engine_stands_first_in_every_case() -> None:
    assert all(case.contestants[0].name == ENGINE for case in CASES)
