"""Blocks of about a second, passes that fit the memory, and what `check` says beforehand."""

import pickle
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from lwoopro.errors import InputError
from lwoopro.simulation import runner, sizing
from lwoopro.simulation import work as work_of_blocks
from lwoopro.simulation.block import Prepared, simulate_block
from lwoopro.simulation.forecast import forecast
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.location import Location
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.memory import peak_memory
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.runner import run
from lwoopro.simulation.sizing import (
    RESERVE,
    Cost,
    Passes,
    block_draws,
    fit_passes,
    measure,
    refuse_to_prepare,
)
from lwoopro.simulation.work import Work, simulate_work
from lwoopro.simulation.workspace import Workspace
from lwoopro.study import load_study


def cost(per_draw: float, fixed: float = 0.0) -> Cost:
    return Cost(fixed, per_draw, 1e6, 2e6, 1000)


@pytest.mark.parametrize(
    ("per_draw", "fixed", "draws", "threads", "expected"),
    [
        # 64 draws take 0.64 s: two passes would take more than a second
        (0.01, 0.0, 10_000, 2, 64),
        # a thousand a second, a pass costs 0.064 s: eight passes take 0.5 s, sixteen 1.02 s
        (0.001, 0.0, 10_000, 2, 512),
        # nothing at all: the longest block there is
        (1e-6, 0.0, 10**6, 2, 4096),
        # 64 draws take 6.4 s, eight 0.8 s
        (0.1, 0.0, 10_000, 2, 8),
        # not even four draws fit into a second
        (3.0, 0.0, 10_000, 2, 4),
        # the fixed part counts: 0.4 + 0.64 s; with half of them a draw would cost a third more
        (0.01, 0.4, 10_000, 2, 64),
        # 64 take 3.4 s, 32 take 1.8 s, each draw 1.06 times as much; 16 would be 1.18 times
        (0.05, 0.2, 10_000, 2, 16),
        # every thread gets a block
        (0.001, 0.0, 100, 2, 52),
        (0.001, 0.0, 100, 4, 28),
        (0.001, 0.0, 3, 1, 4),
        # of whole passes, where there are several, and then two blocks for every thread
        (0.001, 0.0, 200, 2, 128),
        (0.001, 0.0, 400, 2, 128),
        (0.001, 0.0, 1000, 2, 256),
    ],
)
def test_blocks_take_about_a_second(
    per_draw: float, fixed: float, draws: int, threads: int, expected: int
) -> None:
    assert block_draws(cost(per_draw, fixed), draws, threads) == expected


def test_nothing_is_compiled_while_memory_is_traced(
    small_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = load_study(small_study)
    prepared, _ = prepare(study, load_inputs(study))
    traced: list[bool] = []

    def work(task: Work, draws: range) -> object:
        traced.append(tracemalloc.is_tracing())
        return simulate_work(task, draws)

    monkeypatch.setattr(sizing, "simulate_work", work)
    measure(prepared)
    # compiling takes several times as long under tracemalloc: the first pass is not traced
    assert traced.index(True) > 0


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        # one thread: 1 MB + width * 2 MB, and 2 * 64 draws of results of 1 kB
        (2 * (1e6 + 64 * 2e6 + 128_000), (64, 2)),
        (2 * (1e6 + 64 * 2e6 + 128_000) - 1, (48, 2)),
        (2 * (1e6 + 4 * 2e6 + 128_000), (4, 2)),
        (2 * (1e6 + 4 * 2e6 + 128_000) - 1, (8, 1)),
        (1e6 + 4 * 2e6 + 128_000, (4, 1)),
    ],
)
def test_passes_fit_the_memory(room: float, expected: tuple[int, int]) -> None:
    at_rest = 300_000_000
    memory = at_rest + RESERVE + int(room)
    found = fit_passes([cost(0.01)], 64, 2, memory, at_rest)
    assert (found.width, found.threads) == expected


def test_too_little_memory_is_said_with_what_is_needed() -> None:
    with pytest.raises(InputError) as caught:
        fit_passes([cost(0.01)], 64, 2, 200_000_000, 300_000_000)
    words = "compute.memory: 200 MB is too little for this study; at least 369 MB, or smaller"
    assert words in str(caught.value)
    # without a bound a run begins all the same
    assert fit_passes([Cost(0, 0, 1e15, 1e15, 0)], 64, 2, None, 0) == Passes(0, 4, 1)


def test_memory_to_prepare_is_asked_for_before_it_is_taken() -> None:
    with pytest.raises(InputError) as caught:
        refuse_to_prepare(10_000_000, 3_000_000_000, 1_300_000_000)
    words = "compute.memory: 3,000 MB is too little to prepare 10,000,000 rows; at least 3,200 MB"
    assert words in str(caught.value)
    refuse_to_prepare(10_000_000, 3_200_000_000, 1_300_000_000)
    refuse_to_prepare(10_000_000, None, 1_300_000_000)
    # of few pupils the passes say what they need
    refuse_to_prepare(100_000, 1, 1_300_000_000)


def test_of_several_ways_the_fastest_that_fits_is_taken() -> None:
    plain, small = Cost(0.01, 0.01, 0.0, 1e6, 0), Cost(0.4, 0.01, 3e6, 1e5, 0)
    rest = 10**8 + RESERVE

    def found(room: float) -> Passes:
        return fit_passes([plain, small], 64, 2, rest + int(room), 10**8)

    assert found(2 * 64e6) == Passes(0, 64, 2)
    # 16 at a time cost 0.68 s per block and thread, the other way 1.04 s
    assert found(2 * 16e6) == Passes(0, 16, 2)
    # eight: 0.72 s; four would take 0.8 s, and all 64 the other way 1.04 s
    assert found(2 * 8e6) == Passes(0, 8, 2)
    # the narrowest on one thread: 0.8 s; nothing else fits
    assert found(4.0e6) == Passes(0, 4, 1)
    # the other way, ten at a time would take 3.4 s
    assert found(3.9e6) == Passes(1, 8, 1)


def test_passes_of_any_width_give_the_same_bits(small_study: Path) -> None:
    study = load_study(small_study)
    prepared = prepare(study, load_inputs(study))[0]
    arrays, digests = simulate_work(Work(prepared), range(3, 17))
    for width in (1, 4, 5):
        others, again = simulate_work(Work(prepared, width), range(3, 17))
        assert again == digests
        for name, values in arrays.items():
            np.testing.assert_array_equal(values, others[name])


def test_where_the_memory_is_short_the_pupils_come_in_parts(
    small_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way that holds less is tried only where the plain one does not fit; same bits."""
    # without splits: their sums have a test of their own
    small_study.write_text(small_study.read_text("utf-8") + "[report]\nsplit = []\n", "utf-8")
    study = load_study(small_study)
    prepared = prepare(study, load_inputs(study))[0]
    assert sizing.other_ways(prepared) == []
    monkeypatch.setattr(sizing, "worth_it", lambda plan, lattice: True)
    large, less = Cost(0.0, 0.01, 0.0, 1e9, 1000), Cost(0.0, 0.02, 0.0, 1e6, 1000)
    monkeypatch.setattr(sizing, "measure", lambda *_: less)
    rest = 10**8
    work, _, _ = sizing.plan_passes(prepared, large, 10, 64, 1, rest + RESERVE + 65 * 10**9, rest)
    assert work.prepared is prepared
    work, _, found = sizing.plan_passes(prepared, large, 10, 64, 1, rest + RESERVE + 10**9, rest)
    assert work.prepared.parted and found is less and work.width == 64
    assert simulate_work(work, range(3, 9))[1] == simulate_work(Work(prepared), range(3, 9))[1]


@pytest.mark.parametrize("scale", ["0.01", "0.2"])
def test_the_probe_knows_what_a_pass_holds(small_study: Path, scale: str) -> None:
    """Measured at some widths, right at another; results are what they are."""
    text = small_study.read_text("utf-8").replace("scale = 0.01", f"scale = {scale}")
    small_study.write_text(text, "utf-8")
    study = load_study(small_study)
    prepared = prepare(study, load_inputs(study))[0]
    arrays, _ = simulate_work(Work(prepared), range(4))
    one = measure(prepared)
    assert one.result_bytes == sum(values.nbytes for values in arrays.values()) // 4
    assert one.time(128) == pytest.approx(2 * one.time(64))
    assert 0 < one.busy <= 1
    tracemalloc.start()
    try:
        simulate_work(Work(prepared), range(28))
        _, held = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert one.memory(28, 0) == pytest.approx(held, rel=0.3)
    assert measure(prepared, 3).seconds_per_draw > 0


PEAK = """
from lwoopro.simulation.memory import peak_memory, used_memory
print(peak_memory(), used_memory())
"""


def test_the_peak_is_our_own_and_not_that_of_who_started_us() -> None:
    """A process that a larger one starts begins with the other's peak, as `getrusage` has it."""
    large = np.ones(100_000_000)
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    peak, used = map(int, done.stdout.split())
    assert 0.9 * used <= peak < 1.3 * used < large.nbytes
    assert peak_memory() >= large.nbytes


def test_what_the_probe_has_computed_is_not_computed_again(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the whole passes every one is made once, and the bits are those of any other run."""
    made: list[range] = []

    def block(prepared: Prepared, draws: range, space: Workspace | None = None) -> object:
        made.append(draws)
        return simulate_block(prepared, draws, space)

    monkeypatch.setattr(sizing, "simulate_block", block)
    monkeypatch.setattr(work_of_blocks, "simulate_block", block)
    small_study.write_text(
        small_study.read_text("utf-8").replace("draws = 10", "draws = 400")
        + "[compute]\nthreads = 2\n",
        "utf-8",
    )
    run(small_study, tmp_path / "tried")
    # the narrowest passes are too short to be any use
    wide = sorted((draws for draws in made if len(draws) > 4), key=lambda draws: draws.start)
    assert [draw for draws in wide for draw in draws] == list(range(400))
    tried = Manifest.load(Location(tmp_path / "tried"))
    monkeypatch.setattr(sizing, "measure", lambda *_: cost(0.01))
    monkeypatch.setattr(runner, "measure", lambda *_: cost(0.01))
    run(small_study, tmp_path / "plain")
    plain = Manifest.load(Location(tmp_path / "plain"))
    assert tried is not None and plain is not None
    assert tried.results_sha256 == plain.results_sha256


def test_what_is_ready_stays_in_this_process(small_study: Path) -> None:
    study = load_study(small_study)
    prepared = prepare(study, load_inputs(study))[0]
    ready: dict[range, dict[str, np.ndarray]] = {}
    found = measure(prepared, 200, 2, ready)
    assert sorted(ready, key=lambda draws: draws.start) == [
        range(0, 64),
        range(64, 128),
        range(128, 192),
    ]
    work = Work(prepared, ready=ready)
    assert pickle.loads(pickle.dumps(work)).ready == {}
    plain = simulate_work(Work(prepared), range(200))[1]
    assert simulate_work(work, range(200))[1] == plain
    assert ready == {}, "taken out when used"
    # as much memory as without, and whole passes alone count in time
    tracemalloc.start()
    try:
        simulate_work(Work(prepared), range(64))
        _, held = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.memory(64, 0) == pytest.approx(held, rel=0.3)
    assert found.time(128) == 2 * found.time(3)
    # too few draws for a whole pass
    measure(prepared, 60, 2, ready)
    assert ready == {}


def test_a_run_refuses_less_memory_than_it_needs(small_study: Path, tmp_path: Path) -> None:
    small_study.write_text(
        small_study.read_text("utf-8") + '[compute]\nmemory = "100 MB"\n', "utf-8"
    )
    with pytest.raises(InputError, match=r"compute\.memory: 100 MB is too little for this study"):
        run(small_study, tmp_path / "tight")
    assert not (tmp_path / "tight").exists(), "before anything is written"


MEASURED = """
import os, sys
from lwoopro.simulation.freed import keep_freed_memory
from lwoopro.study import load_study
if sys.argv[4] == "ours":
    keep_freed_memory()
study = load_study(sys.argv[1])
if sys.argv[2] == "check":
    from lwoopro.simulation.forecast import forecast
    print(forecast(study).memory_bytes)
else:
    from lwoopro.simulation.runner import run
    from lwoopro.simulation.memory import peak_memory
    run(study, sys.argv[3])
    print(peak_memory())
"""


@pytest.mark.slow
@pytest.mark.parametrize("process", ["ours", "any"])
@pytest.mark.parametrize(("scale", "draws"), [("0.01", 700), ("0.5", 128)])
def test_check_predicts_the_memory(
    small_study: Path, tmp_path: Path, scale: str, draws: int, process: str
) -> None:
    """Within 30 %, for a small study and for the whole country, each in processes of its own.

    One that keeps what it frees, as the command line does, and one that does not.
    """
    text = small_study.read_text("utf-8").replace("scale = 0.01", f"scale = {scale}")
    small_study.write_text(text.replace("draws = 10", f"draws = {draws}"), "utf-8")
    found = []
    for what in ("check", "run"):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                MEASURED,
                str(small_study),
                what,
                str(tmp_path / "run"),
                process,
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(int(done.stdout.split()[-1]))
    said, held = found
    assert abs(said - held) < 0.3 * held, f"said {said / 1e6:.0f} MB, held {held / 1e6:.0f} MB"


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "draws"), [("1.0", 2048), ("0.3", 256)])
def test_check_predicts_the_time(small_study: Path, tmp_path: Path, scale: str, draws: int) -> None:
    """Within 30 % of the run beside it; a machine that is busy now and then gets more tries.

    A run of a second or two, and one so short that much of its time goes into storing.
    """
    text = small_study.read_text("utf-8").replace("scale = 0.01", f"scale = {scale}")
    small_study.write_text(text.replace("draws = 10", f"draws = {draws}"), "utf-8")
    study = load_study(small_study)
    seen = []
    for attempt in range(6):
        said = forecast(study).seconds
        folder = tmp_path / str(attempt)
        run(study, folder)
        manifest = Manifest.load(folder)
        assert manifest is not None
        seen.append((said, manifest.timings["draw_seconds"]))
        if abs(said - seen[-1][1]) < 0.3 * seen[-1][1]:
            return
        time.sleep(1)
    pytest.fail(f"said and took: {seen}")
