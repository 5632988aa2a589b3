"""Time and memory against pupils, draws, workers and policies; a cost model; what it says of 10^8.

``python -m benchmarks.scaling`` measures everything in about six minutes on two idle cores and
writes ``benchmarks/results/scaling.json``, ``.csv``, ``.md`` and ``.svg``. ``--quick`` leaves the
largest population out. Every measurement is a process of its own, so that its peak memory is its
own. Seconds of passes are processor seconds of one thread: they hold on a busy machine, too.
Efficiency and overhead are ratios within one run.
"""

import argparse
import csv
import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lwoopro.simulation.freed import keep_freed_memory

RESULTS = Path(__file__).parent / "results"
SCALES = (0.5, 1.5, 5.0, 15.0, 50.0)
YEAR = 2019
PASS = 64
STUDY = """
[study]
name = "scaling"
years = [{year}]
draws = {draws}
seed = 5
[pupils]
source = "synthetic"
scale = {scale}
{policies}
[compute]
{compute}
"""
CURRENT = '[[policy]]\nname = "current"\nkind = "participation"\n'
INDICATOR = (
    '[[policy]]\nname = "indicator-{k}"\nkind = "indicator"\nshare = 0.20\nequal_part = 0.{k:02d}\n'
)


def study_file(
    folder: Path, scale: float, draws: int = 64, policies: int = 2, compute: str = ""
) -> Path:
    path = folder / "scaling.toml"
    words = CURRENT + "".join(INDICATOR.format(k=k) for k in range(1, policies))
    path.write_text(
        STUDY.format(year=YEAR, draws=draws, scale=scale, policies=words, compute=compute), "utf-8"
    )
    return path


def prepared(path: Path) -> tuple[Any, int, float]:
    from lwoopro.simulation.inputs import load_inputs
    from lwoopro.simulation.prepare import prepare
    from lwoopro.study import load_study

    started = time.process_time()
    study = load_study(path)
    inputs = load_inputs(study)
    found, _ = prepare(study, inputs)
    return found, len(inputs.pupils), time.process_time() - started


def cpu_seconds(state: Any, draws: range) -> float:
    """Processor seconds of one thread for some draws, the better of two."""
    from lwoopro.simulation.work import Work, simulate_work

    taken = []
    for _ in range(2):
        started = time.thread_time()
        simulate_work(Work(state), draws)
        taken.append(time.thread_time() - started)
    return min(taken)


# ---- one measurement each, in a process of its own -------------------------------------------


def of_pupils(scale: float, policies: int) -> dict[str, Any]:
    """Prepare once, then passes of few and many draws."""
    from lwoopro.simulation.memory import peak_memory, used_memory
    from lwoopro.simulation.sizing import measure

    with tempfile.TemporaryDirectory() as scratch:
        state, rows, seconds = prepared(study_file(Path(scratch), scale, policies=policies))
    prepare_peak = peak_memory()
    cost = measure(state, 4)
    return {
        "scale": scale,
        "policies": policies,
        "rows": rows,
        "imputed": sum(len(plan.imputed.base) for plan in state.plans),
        "prepare_seconds": seconds,
        "prepare_peak_bytes": prepare_peak,
        "rest_bytes": used_memory(),
        "state_bytes": len(pickle.dumps(state, protocol=5)),
        "result_bytes": cost.result_bytes,
        "seconds_4": cpu_seconds(state, range(4)),
        "seconds_64": cpu_seconds(state, range(PASS)),
        "peak_bytes": peak_memory(),
    }


def of_run(scale: float, draws: int, threads: int) -> dict[str, Any]:
    """Time a whole run, and in it the kernels and the store."""
    from lwoopro.simulation import drawing, runner
    from lwoopro.simulation.manifest import Manifest
    from lwoopro.simulation.store import ResultsStore

    lock = threading.Lock()
    spent = {"kernels": 0.0, "kernels_cpu": 0.0, "store": 0.0}
    work = drawing.simulate_work

    def timed(one: Any, some: range) -> Any:
        wall, cpu = time.perf_counter(), time.thread_time()
        result = work(one, some)
        with lock:
            spent["kernels"] += time.perf_counter() - wall
            spent["kernels_cpu"] += time.thread_time() - cpu
        return result

    def stored(method: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return method(*given, **named)
            finally:
                spent["store"] += time.perf_counter() - started

        return call

    with tempfile.TemporaryDirectory() as scratch:
        path = study_file(Path(scratch), scale, draws, compute=f"threads = {threads}")
        drawing.simulate_work = timed
        ResultsStore.write = stored(ResultsStore.write)
        ResultsStore.publish = stored(ResultsStore.publish)
        Manifest.save = stored(Manifest.save)
        runner.run(path, Path(scratch) / "out")
        manifest = Manifest.load(Path(scratch) / "out")
    assert manifest is not None
    seconds = manifest.timings["draw_seconds"]
    return {
        "scale": scale,
        "draws": draws,
        "threads": threads,
        "seconds": seconds,
        "blocks": len(manifest.blocks),
        "probe_seconds": manifest.timings["probe_seconds"],
        "peak_bytes": manifest.timings["peak_memory_bytes"],
        **spent,
        "busy": spent["kernels"] / (threads * seconds),
    }


@dataclass(frozen=True, eq=False)
class Timed:
    """What a worker does in a run, and how long it took; or that without any traffic."""

    shelf: Any
    sending: bool


def timed_work(one: Timed, some: range) -> tuple[float, float, int, Any]:
    """Do what a worker does in a run: compute, encode, and write or send."""
    from lwoopro.simulation.shelf import simulate_and_keep

    wall, cpu = time.perf_counter(), time.thread_time()
    sent = simulate_and_keep(one.shelf, some)
    spent = time.perf_counter() - wall, time.thread_time() - cpu
    return *spent, os.getpid(), sent if one.sending else (b"", {}, {})


def of_workers(scale: float, draws: int, workers: int, way: str) -> dict[str, Any]:
    """Throughput of processes once they are warm, and what the start and the sending cost.

    `way` is ``"writing"`` as in a run whose folder the workers reach, ``"sending"`` where they do
    not and this process writes what they have encoded, or ``"silent"``, where nobody writes or
    sends anything.
    """
    from lwoopro.simulation.inputs import load_inputs
    from lwoopro.simulation.location import Location
    from lwoopro.simulation.prepare import prepare
    from lwoopro.simulation.scheduler import Backend, run_blocks
    from lwoopro.simulation.shelf import Shelf, marked
    from lwoopro.simulation.sizing import block_draws, measure
    from lwoopro.simulation.store import ResultsStore
    from lwoopro.simulation.work import Work
    from lwoopro.study import load_study

    with tempfile.TemporaryDirectory() as scratch:
        study = load_study(study_file(Path(scratch), scale, draws))
        state, layout = prepare(study, load_inputs(study))
        block = block_draws(measure(state, draws), draws, 16 * workers)
        blocks = [range(start, min(start + block, draws)) for start in range(0, draws, block)]
        group = Path(scratch) / "run" / "results.zarr"
        group.mkdir(parents=True)
        store = ResultsStore.create(
            group, layout.coordinates, layout.constants, state.draw_variables, block, {}
        )
        ended: list[tuple[float, float, float, int]] = []
        ready: list[float] = []

        def done(_block: range, result: tuple[float, float, int, Any]) -> None:
            store.keep(result[3][1])
            ended.append((time.perf_counter(), *result[:3]))

        with marked(Location(group.parent)) as (address, mark):
            mark = mark if way == "writing" else "none"
            shelf = Shelf(Work(state), store.chunks, address, str(group), mark)
            started = time.perf_counter()
            run_blocks(
                timed_work,
                Timed(shelf, way != "silent"),
                blocks,
                done,
                backend=Backend(workers=workers),
                crew=lambda many: ready.append(time.perf_counter()) if many else None,
            )
    # from the moment that every worker has ended its first block, which compiles
    firsts = {}
    for moment, _, _, worker in ended:
        firsts.setdefault(worker, moment)
    warm = max(firsts.values())
    later = [one for one in ended if one[0] > warm]
    wall = ended[-1][0] - warm
    return {
        "scale": scale,
        "draws": draws,
        "workers": workers,
        "way": way,
        "block_draws": block,
        "start_seconds": ready[0] - started,
        "first_block_seconds": warm - ready[0],
        "warm_seconds": wall,
        "warm_draws": block * len(later),
        "draws_per_second": block * len(later) / wall if wall > 0 else float("nan"),
        "cpu_per_draw": sum(one[2] for one in later) / max(block * len(later), 1),
        "busy": sum(one[1] for one in later) / (workers * wall) if wall > 0 else float("nan"),
    }


def of_machine(processes: int) -> dict[str, Any]:
    """Speed of bare arithmetic, which shares nothing but the machine: no run can do better."""
    start = time.time() + 3
    line = [sys.executable, "-m", "benchmarks.scaling", "--one", "arithmetic", str(start)]
    started = [subprocess.Popen(line, stdout=subprocess.PIPE) for _ in range(processes)]
    speeds = [json.loads(one.communicate()[0])["words_per_second"] for one in started]
    return {"processes": processes, "words_per_second": sum(speeds)}


def of_arithmetic(start: float, seconds: float = 3.0) -> dict[str, Any]:
    """Random words in the nearest cache, from an agreed moment on."""
    from lwoopro.kernels.philox import EDUCATION, fill_words, seed_key, source_word

    words = np.empty(4096, np.uint32)
    given = seed_key(5), 0, source_word(EDUCATION), np.uint64(7), True
    fill_words(words, *given)
    time.sleep(max(start - time.time(), 0.0))
    many, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        for _ in range(1000):
            fill_words(words, *given)
        many += 1000 * len(words)
    return {"words_per_second": many / spent}


# ---- the whole ---------------------------------------------------------------------------------


def apart(what: str, *given: object) -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scaling", "--one", what, *map(str, given)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    short = {k: v if isinstance(v, str) else float(f"{v:.4g}") for k, v in found.items()}
    print(what, json.dumps(short), flush=True)
    return found


def workers(way: str, many: int) -> dict[str, Any]:
    return apart("workers", 1.0, 32768, many, way)


def pair(found: dict[str, Any], name: str, measured: Callable[[int], dict[str, Any]]) -> None:
    """One beside two, three times in turn: the machine is noisy. The middle efficiency stands."""
    pairs = []
    for _ in range(3):
        one, two = measured(1), measured(2)
        pairs.append((speed(two) / (2 * speed(one)), one, two))
    pairs.sort(key=lambda each: each[0])
    found[name] = list(pairs[1][1:])
    found[f"efficiency_2_{name}"] = pairs[1][0]
    found[f"efficiencies_2_{name}"] = [each[0] for each in pairs]


def speed(one: dict[str, Any]) -> float:
    for name in ("draws_per_second", "words_per_second"):
        if name in one:
            return float(one[name])
    return float(one["draws"] / one["seconds"])


def fitted(pupils: list[dict[str, Any]], policies: list[dict[str, Any]]) -> dict[str, float]:
    """Fit straight lines: what a draw costs per imputed pupil, per policy, and at all."""
    many = [*pupils, *policies]
    table = np.array([[1.0, one["imputed"], one["policies"]] for one in many])
    seconds = np.array([one["seconds_64"] / PASS for one in many])
    # relative errors count: small studies matter as much as large ones
    (fixed, per_pupil, per_policy), *_ = np.linalg.lstsq(
        table / seconds[:, None], np.ones(len(seconds)), rcond=None
    )
    said = table @ [fixed, per_pupil, per_policy]
    rows = np.array([[1.0, one["rows"]] for one in pupils])

    def line(name: str) -> tuple[float, float]:
        values = np.array([one[name] for one in pupils])
        (first, slope), *_ = np.linalg.lstsq(rows, values, rcond=None)
        return float(first), float(slope)

    prepare, state, peak = line("prepare_seconds"), line("state_bytes"), line("prepare_peak_bytes")
    return {
        "draw_seconds": float(fixed),
        "draw_seconds_per_imputed": float(per_pupil),
        "draw_seconds_per_policy": float(per_policy),
        "worst_relative_error": float(np.abs(said / seconds - 1).max()),
        "imputed_per_row": float(np.mean([one["imputed"] / one["rows"] for one in pupils])),
        "prepare_seconds_per_row": prepare[1],
        "state_bytes_per_row": state[1],
        "peak_bytes_per_row": peak[1],
        "result_bytes_per_draw": float(pupils[0]["result_bytes"]),
    }


def on_paper(model: dict[str, float], handled: float) -> list[dict[str, float]]:
    """10^8 pupils and 10^5 draws, from the measured costs.

    `handled` are the seconds that the process with the results needs per draw.
    """
    rows, draws = 1e8, 1e5
    per_draw = (
        model["draw_seconds"]
        + model["draw_seconds_per_imputed"] * model["imputed_per_row"] * rows
        + 2 * model["draw_seconds_per_policy"]
    )
    found = []
    for workers in (1, 100, 1000):
        state = model["state_bytes_per_row"] * rows
        found.append(
            {
                "workers": workers,
                "seconds_per_draw": per_draw,
                "hours": per_draw * draws / workers / 3600,
                "state_gigabytes_each": state / 1e9,
                "traffic_state_terabytes": state * workers / 1e12,
                "traffic_results_gigabytes": model["result_bytes_per_draw"] * draws / 1e9,
                "results_megabytes_per_second": model["result_bytes_per_draw"]
                * workers
                / per_draw
                / 1e6,
                "workers_that_one_storing_process_can_serve": per_draw / handled,
                "prepare_hours": model["prepare_seconds_per_row"] * rows / 3600,
                "prepare_gigabytes": model["peak_bytes_per_row"] * rows / 1e9,
            }
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--one", nargs="+")
    given = parser.parse_args()
    if given.one:
        # as `lwoopro run` does
        keep_freed_memory()
        what, *values = given.one
        calls = {
            "pupils": lambda scale, many: of_pupils(float(scale), int(many)),
            "run": lambda scale, draws, threads: of_run(float(scale), int(draws), int(threads)),
            "workers": lambda scale, draws, many, way: of_workers(
                float(scale), int(draws), int(many), way
            ),
            "machine": lambda processes: of_machine(int(processes)),
            "arithmetic": lambda start: of_arithmetic(float(start)),
        }
        print(json.dumps(calls[what](*values)))
        return
    scales = SCALES[:-1] if given.quick else SCALES
    for scale in scales:
        if scale < 50:
            # what is made once is kept on disk
            apart("pupils", scale, 2)
    found: dict[str, Any] = {
        "pupils": [apart("pupils", scale, 2) for scale in scales],
        "policies": [apart("pupils", 0.5, many) for many in (10, 40)],
        "draws": [apart("run", 0.5, draws, 1) for draws in (256, 1024, 4096, 65536)],
    }
    # some seconds: in less, what the probe has drawn already and the last block count for much
    pair(found, "threads", lambda many: apart("run", 1.0, 16384, many))
    pair(found, "arithmetic", lambda many: apart("machine", many))
    # long enough for the last blocks, of which one worker has none, not to count
    for name, way in (("workers", "writing"), ("sending", "sending"), ("silent", "silent")):
        pair(found, name, partial(workers, way))
    # the aim is for runs over 10 s; the one of a second or two stands beside it
    *_, short, long = sorted(found["draws"], key=lambda run: run["seconds"])
    found["overhead"], found["overhead_short"] = 1 - long["busy"], 1 - short["busy"]
    found["overhead_seconds"], found["overhead_short_seconds"] = long["seconds"], short["seconds"]
    found["store_seconds_per_draw"] = long["store"] / long["draws"]
    found["model"] = fitted(found["pupils"], found["policies"])
    found["on_paper"] = on_paper(found["model"], found["store_seconds_per_draw"])
    found["machine"] = {"cores": os.cpu_count(), "load": os.getloadavg()[0]}
    write(found)


def write(found: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "scaling.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    with (RESULTS / "scaling.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["against", "at", "measure", "value"])
        for against, at in (
            ("pupils", "rows"),
            ("policies", "policies"),
            ("draws", "draws"),
            ("threads", "threads"),
            ("workers", "workers"),
        ):
            for one in found[against]:
                rows.writerows(
                    [against, one[at], name, f"{value:.6g}"]
                    for name, value in one.items()
                    if name not in (at, "way")
                )
    (RESULTS / "scaling.md").write_text(words(found), "utf-8")
    plot(found)
    print(words(found))


def words(found: dict[str, Any]) -> str:
    """Lay the tables out as the README shows them."""
    model = found["model"]
    lines = [
        "| rows | read and prepare, s | s per draw, one core | s per 64 draws | peak memory, GB |",
        "|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {one['rows']:,} | {one['prepare_seconds']:.1f} | {one['seconds_64'] / PASS:.4f} | "
        f"{one['seconds_64']:.2f} | {one['peak_bytes'] / 1e9:.2f} |"
        for one in found["pupils"]
    ]
    lines += [
        "",
        f"A draw costs {1e3 * model['draw_seconds']:.2f} ms, "
        f"{1e9 * model['draw_seconds_per_imputed']:.1f} ns per pupil with an unknown level and "
        f"{1e3 * model['draw_seconds_per_policy']:.2f} ms per policy (straight lines; worst error "
        f"{model['worst_relative_error']:.0%}).",
        "Efficiency, the middle of three: on two threads "
        f"{found['efficiency_2_threads']:.2f}, on two processes "
        f"{found['efficiency_2_workers']:.2f} with storing ({found['efficiency_2_sending']:.2f} "
        f"where workers do not reach the folder, {found['efficiency_2_silent']:.2f} where nothing "
        f"is stored; {found['efficiency_2_arithmetic']:.2f} for bare arithmetic, which shares "
        f"nothing but the machine); overhead of scheduler and store over the kernels "
        f"{found['overhead']:.1%} in a run of {found['overhead_seconds']:.0f} s, "
        f"{found['overhead_short']:.1%} in one of {found['overhead_short_seconds']:.1f} s. "
        f"Load of the machine {found['machine']['load']:.1f} on {found['machine']['cores']} cores.",
        "",
        "| 10^8 rows × 10^5 draws | hours | to every worker, GB | in all, TB | results, MB/s |",
        "|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {one['workers']:,} workers | {one['hours']:.3g} | {one['state_gigabytes_each']:.1f} | "
        f"{one['traffic_state_terabytes']:.2f} | {one['results_megabytes_per_second']:.2f} |"
        for one in found["on_paper"]
    ]
    one = found["on_paper"][0]
    lines += [
        "",
        f"The one process that stores the results can serve "
        f"{one['workers_that_one_storing_process_can_serve']:,.0f} workers. Reading and preparing "
        f"takes {one['prepare_hours']:.2f} hours and {one['prepare_gigabytes']:.0f} GB on one "
        "machine.",
        "",
    ]
    return "\n".join(lines)


def plot(found: dict[str, Any]) -> None:
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "lwoopro"
    figure, axes = plt.subplots(1, 4, figsize=(14, 3.4), layout="constrained")
    rows = [one["rows"] for one in found["pupils"]]
    axes[0].loglog(rows, [one["seconds_64"] / PASS for one in found["pupils"]], "o-")
    axes[0].set(xlabel="pupils", ylabel="seconds per draw, one core")
    axes[1].loglog(rows, [one["peak_bytes"] / 1e9 for one in found["pupils"]], "o-")
    axes[1].set(xlabel="pupils", ylabel="peak memory, GB")
    axes[2].plot(
        [one["draws"] for one in found["draws"]], [one["seconds"] for one in found["draws"]], "o-"
    )
    axes[2].set(xlabel="draws", ylabel="seconds")
    axes[3].plot([1, 2], [1, 2], color="0.7", label="ideal")
    for name in ("threads", "workers"):
        rate = [
            one["draws_per_second"] if name == "workers" else one["draws"] / one["seconds"]
            for one in found[name]
        ]
        axes[3].plot([one[name] for one in found[name]], np.divide(rate, rate[0]), "o-", label=name)
    axes[3].set(xlabel="threads or processes", ylabel="speed, one = 1", xticks=[1, 2])
    axes[3].legend()
    figure.savefig(RESULTS / "scaling.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
