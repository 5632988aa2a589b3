"""However the work is cut and whoever does it: one hash (Q-2)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster

from lwoopro.simulation import block, partition
from lwoopro.simulation.digest import combine
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.scheduler import Backend, run_blocks
from lwoopro.simulation.work import Work, simulate_work
from lwoopro.study import load_study

DRAWS = 22
TINY = """
[study]
name = "tiny"
years = [2019, 2020]
draws = 22
seed = 11
[pupils]
source = "synthetic"
scale = 0.004
[target_group]
shares = [0.20]
[[policy]]
name = "current"
kind = "participation"
[[policy]]
name = "indicator"
kind = "indicator"
share = 0.20
[[policy]]
name = "home"
kind = "indicator"
share = 0.20
attribution = "home"
"""
WITHOUT_JIT = """
import sys
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.work import Work, simulate_work
from lwoopro.study import load_study
study = load_study(sys.argv[1])
_, digests = simulate_work(Work(prepare(study, load_inputs(study))[0]), range(8, 11))
print(*(digest.hex() for digest in digests))
"""


@dataclass(frozen=True)
class Plan:
    """One way to do the work."""

    threads: int = 1
    workers: int = 0
    block: int = 64
    width: int = 64
    order: str = "rising"
    subset: range = range(DRAWS)
    pupils_per_part: int | None = None
    jit: bool = True

    def __str__(self) -> str:
        default = Plan()
        names = [name for name in self.__dataclass_fields__ if name != "subset"]
        words = [
            f"{name}={getattr(self, name)}"
            for name in names
            if getattr(self, name) != getattr(default, name)
        ]
        if self.subset != default.subset:
            words.append(f"draws={self.subset.start}-{self.subset.stop - 1}")
        return " ".join(words) or "plain"

    def blocks(self) -> list[range]:
        """The blocks in the order in which they are begun."""
        first, stop = self.subset.start, self.subset.stop
        found = [
            range(start, min(start + self.block, stop)) for start in range(first, stop, self.block)
        ]
        if self.order == "falling":
            return found[::-1]
        if self.order == "shuffled":
            return [found[k] for k in np.random.default_rng(3).permutation(len(found))]
        return found


PLANS = (
    Plan(),
    Plan(block=1),
    Plan(block=3),
    Plan(block=4),
    Plan(block=7, order="falling"),
    Plan(block=5, order="shuffled"),
    Plan(width=4),
    Plan(width=12, block=16),
    Plan(threads=2, block=4),
    Plan(threads=2, block=1, order="shuffled"),
    Plan(threads=3, block=3, order="falling"),
    Plan(threads=4, block=2, width=1),
    Plan(subset=range(5, 6)),
    Plan(subset=range(3, 17), block=5),
    Plan(subset=range(9, 22), threads=2, block=3, order="falling"),
    Plan(pupils_per_part=10**9),
    Plan(pupils_per_part=40),
    Plan(pupils_per_part=7, block=9, width=8),
    Plan(pupils_per_part=25, threads=2, block=5, order="shuffled"),
    Plan(pupils_per_part=60, subset=range(2, 13), block=4),
    Plan(workers=2, block=4),
    Plan(workers=2, block=3, width=2, order="shuffled"),
    Plan(workers=2, block=5, subset=range(6, 22), order="falling"),
    Plan(jit=False, subset=range(8, 11)),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of 1,600 pupils in two years."""
    path = tmp_path_factory.mktemp("plans") / "tiny.toml"
    path.write_text(TINY, "utf-8")
    return path


@pytest.fixture(scope="module")
def prepared(study: Path) -> block.Prepared:
    """The study, ready to be drawn."""
    loaded = load_study(study)
    return prepare(loaded, load_inputs(loaded))[0]


@pytest.fixture(scope="module")
def expected(prepared: block.Prepared) -> list[bytes]:
    """Hash of every draw, one at a time."""
    return [simulate_work(Work(prepared), range(d, d + 1))[1][0] for d in range(DRAWS)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two processes of one and of two threads, on loopback."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=50,
    ) as found:
        yield found


def test_there_are_24_plans() -> None:
    assert len({str(plan) for plan in PLANS}) == len(PLANS) == 24


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_one_hash(
    plan: Plan,
    study: Path,
    prepared: block.Prepared,
    expected: list[bytes],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = combine(expected[draw] for draw in plan.subset)
    if not plan.jit:
        assert combine(bytes.fromhex(line) for line in without_jit(study).split()) == wanted
        return
    if plan.pupils_per_part is not None:
        parts = {id(p): partition.cut_up(p, plan.pupils_per_part) for p in prepared.plans}
        assert plan.pupils_per_part > 10 or all(len(many) > 75 for many, _ in parts.values())
        monkeypatch.setattr(
            block,
            "draw_pieces",
            lambda one, *rest, space: partition.parted_pieces(one, *rest, parts=parts[id(one)]),
        )
    backend = Backend(threads=plan.threads)
    if plan.workers:
        address = request.getfixturevalue("cluster").scheduler_address
        backend = Backend(address=address)
    found: dict[int, bytes] = {}
    run_blocks(
        simulate_work,
        Work(prepared, plan.width),
        plan.blocks(),
        lambda draws, result: found.update(zip(draws, result[1], strict=True)),
        backend=backend,
    )
    assert combine(found[draw] for draw in plan.subset) == wanted
    assert sorted(found) == list(plan.subset)


def without_jit(study: Path) -> str:
    """Hashes of some draws by the plain Python of the kernels."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_JIT, str(study)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
