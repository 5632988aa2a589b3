"""A run on disk: prefixes, blocks, workers, interruption and resumption (Q-2, contract)."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lwoopro.errors import InputError
from lwoopro.simulation.begin import take_up
from lwoopro.simulation.block import DRAW_VARIABLES
from lwoopro.simulation.location import Location
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.runner import open_results, run
from lwoopro.simulation.store import ResultsStore
from lwoopro.study import Study, load_study
from lwoopro.variables import VARIABLES, check


def variant(study: Path, **changes: str) -> Path:
    """The study file with some lines replaced: ``draws="20"``."""
    text = study.read_text("utf-8")
    for key, value in changes.items():
        text = re.sub(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
    path = study.with_name(f"{'-'.join(changes) or 'same'}.toml")
    path.write_text(text, encoding="utf-8")
    return path


def with_blocks(study: Path, draws: int) -> Path:
    path = study.with_name(f"blocks-{draws}.toml")
    path.write_text(f"{study.read_text('utf-8')}\n[compute]\nblock_draws = {draws}\n", "utf-8")
    return path


def sha(folder: Path) -> str:
    manifest = Manifest.load(folder)
    assert manifest is not None and manifest.results_sha256 is not None
    return manifest.results_sha256


@pytest.fixture
def finished(small_study: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A study and the folder of its finished run."""
    study = with_blocks(small_study, 4)
    run(study, tmp_path / "finished")
    return study, tmp_path / "finished"


def test_the_dataset_is_what_the_contract_says(finished: tuple[Path, Path]) -> None:
    study, folder = finished
    dataset = xr.open_zarr(folder / "results.zarr")
    check(dataset, [str(name) for name in dataset.data_vars])
    for name in dataset.data_vars:
        assert dataset[name].attrs.items() >= VARIABLES[str(name)].attrs.items()
    assert {*DRAW_VARIABLES, "pupils", "policy_basis"} - {"disadvantage_part"} <= set(dataset)
    unused = ("direct_pro", "settlement_", "border_", "transition_", "pro_")
    assert not [name for name in dataset if str(name).startswith(unused)]
    assert dataset["draw"].values.tolist() == list(range(10))
    assert dataset["swv"].values.tolist() == sorted(dataset["swv"].values.tolist())
    assert dataset["attribution"].values.tolist() == ["school", "home"]
    assert dataset["part"].values.tolist() == ["regional", "lwoo", "pro"]
    cents = dataset["budget_part"].values * 100
    np.testing.assert_allclose(cents, np.round(cents), atol=1e-6)
    totals = np.round(cents.sum(axis=(-2, -1)))
    assert (totals == totals[:1, :1, :1]).all(), "every policy hands out the same money"
    np.testing.assert_allclose(dataset["budget"], dataset["budget_part"].sum("part"))
    # n_j by home and by school are the same pupils; VO0001 has its own by both (U-1)
    by_side = dataset["pupils"].sum("swv")
    assert (by_side.sel(attribution="home") == by_side.sel(attribution="school")).all()
    assert dataset["rung"].values.tolist()[:3] == [
        "school, track, origin",
        "school, track",
        "school",
    ]
    assert (dataset["donor_rung_pupils"].sum("rung") > 0).all()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["study"]["target_group"]["ties"] == "include", "defaults are echoed"
    assert manifest["inputs"].keys() == {"synthetic population", "swv table", "indicator"}
    assert [block["stop"] for block in manifest["blocks"]] == [4, 8, 10]
    assert any("q_lwoo_2012" in line for line in manifest["assumed"])
    assert str(study.parent) not in json.dumps(manifest), "no path of this machine"


def test_draws_are_the_beginning_of_a_longer_run(
    finished: tuple[Path, Path], tmp_path: Path
) -> None:
    study, folder = finished
    run(variant(study, draws="23"), tmp_path / "long")
    long = open_results(tmp_path / "long")
    xr.testing.assert_identical(
        open_results(folder).load(), long.isel(draw=slice(10)).load().assign_attrs(long.attrs)
    )


def test_blocks_and_threads_and_workers_do_not_matter(
    finished: tuple[Path, Path], tmp_path: Path
) -> None:
    study, folder = finished
    for draws in (1, 64):
        run(with_blocks(study.with_name("small.toml"), draws), tmp_path / f"b{draws}")
        assert sha(tmp_path / f"b{draws}") == sha(folder)
    one = study.with_name("one-thread.toml")
    one.write_text(study.read_text("utf-8") + "threads = 1\n", "utf-8")
    run(one, tmp_path / "one")
    assert sha(tmp_path / "one") == sha(folder)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_worker_processes_give_the_same_bits(
    finished: tuple[Path, Path], tmp_path: Path, workers: int
) -> None:
    study, folder = finished
    run(study, tmp_path / "cluster", workers=workers)
    assert sha(tmp_path / "cluster") == sha(folder)


def test_another_seed_gives_other_bits(finished: tuple[Path, Path], tmp_path: Path) -> None:
    study, folder = finished
    run(variant(study, seed="12"), tmp_path / "other")
    assert sha(tmp_path / "other") != sha(folder)


def test_an_existing_run_is_never_overwritten(finished: tuple[Path, Path]) -> None:
    study, folder = finished
    before = sha(folder)
    with pytest.raises(InputError, match="already holds a run of 10 draws; --resume to continue"):
        run(study, folder)
    assert sha(folder) == before


def test_resuming_a_finished_run_changes_nothing(finished: tuple[Path, Path]) -> None:
    study, folder = finished
    before = sha(folder)
    run(study, folder, resume=True)
    assert sha(folder) == before


def begun_by_another(folder: Path) -> None:
    path = folder / "manifest.json"
    told = json.loads(path.read_text("utf-8"))
    told["versions"]["lwoopro"] = "0.0.9"
    path.write_text(json.dumps(told), "utf-8")


def test_draws_of_two_versions_are_never_mixed(finished: tuple[Path, Path], tmp_path: Path) -> None:
    study, folder = finished
    begun_by_another(folder)
    before = sha(folder)
    run(study, folder, resume=True)  # all draws are there
    with pytest.raises(InputError, match=r"lwoopro 0\.0\.9 began this run, and this is .*--out"):
        run(variant(study, draws="23"), folder, resume=True)
    assert sha(folder) == before
    assert open_results(folder).sizes["draw"] == 10
    # of a run without a draw nothing can be mixed
    path = folder / "manifest.json"
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**told, "blocks": [], "results_sha256": None}), "utf-8")
    begun_by_another(folder)
    run(study, folder, resume=True)
    assert sha(folder) == before


def test_a_run_of_other_variables_is_not_continued(finished: tuple[Path, Path]) -> None:
    _, folder = finished
    manifest = Manifest.load(Location(folder))
    assert manifest is not None
    names = ResultsStore(folder / "results.zarr").names
    with pytest.raises(InputError, match=r"variables differ, as budget;"):
        take_up(Location(folder), manifest, 23, [name for name in names if name != "budget"])
    take_up(Location(folder), manifest, 10, names)


def test_resuming_with_more_draws_extends(finished: tuple[Path, Path], tmp_path: Path) -> None:
    study, folder = finished
    longer = variant(study, draws="23")
    run(longer, folder, resume=True)
    run(longer, tmp_path / "at once")
    assert sha(folder) == sha(tmp_path / "at once")
    assert open_results(folder).sizes["draw"] == 23


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"seed": "12"}, "study.seed: was 11 and is now 12"),
        ({"draws": "9"}, "study.draws: was 10 and is now 9"),
        ({"scale": "0.02"}, "pupils.scale: was 0.01 and is now 0.02"),
        ({"shares": "[0.1, 0.15, 0.2]"}, "target_group.shares: was"),
    ],
)
def test_resuming_another_study_says_what_differs(
    finished: tuple[Path, Path], change: dict[str, str], line: str
) -> None:
    study, folder = finished
    with pytest.raises(InputError) as caught:
        run(variant(study, **change), folder, resume=True)
    assert any(line in str(problem) for problem in caught.value.problems)


def test_compute_and_place_of_the_study_file_are_free(finished: tuple[Path, Path]) -> None:
    study, folder = finished
    moved = study.parent / "elsewhere" / "other.toml"
    moved.parent.mkdir()
    moved.write_text(study.read_text("utf-8") + "threads = 1\n", "utf-8")
    run(moved, folder, resume=True)


def test_a_changed_input_is_another_study(
    finished: tuple[Path, Path], tmp_path: Path, small_study: Path
) -> None:
    study, _ = finished
    table = xr.open_zarr(finished[1] / "results.zarr")["swv"].values.tolist()
    assert table
    from lwoopro.pupils.synthetic.source import bundled_folder

    swv = tmp_path / "swv.csv"
    shutil.copy(bundled_folder("national") / "swv.csv", swv)
    own = study.with_name("own.toml")
    own.write_text(study.read_text("utf-8") + '\n[swv]\npath = "swv.csv"\n', "utf-8")
    run(own, tmp_path / "own")
    text = swv.read_text("utf-8").splitlines()
    text[0] += ",note"
    swv.write_text("\n".join([text[0], *(f"{line},x" for line in text[1:])]) + "\n", "utf-8")
    with pytest.raises(InputError, match="swv table: this input has changed since the run began"):
        run(own, tmp_path / "own", resume=True)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("damage", [flip, lambda path: path.write_bytes(b""), Path.unlink])
def test_damaged_blocks_are_found_and_done_again(finished: tuple[Path, Path], damage) -> None:
    study, folder = finished
    before = sha(folder)
    damage(folder / "results.zarr" / "budget" / "c" / "1" / "0" / "0" / "0")
    run(study, folder, resume=True)
    assert sha(folder) == before
    whole = open_results(folder)
    assert np.isfinite(whole["budget"].values).all()


def test_what_a_killed_run_left_never_blocks(finished: tuple[Path, Path], tmp_path: Path) -> None:
    """A group without manifest, scratch files, a manifest behind or ahead of the group."""
    study, folder = finished
    before = sha(folder)
    begun = tmp_path / "begun"
    begun.mkdir()
    shutil.copytree(folder / "results.zarr", begun / "results.zarr")
    (begun / ".manifest.json.1234").write_text("{", "utf-8")
    run(study, begun, resume=True)
    assert sha(begun) == before

    behind = Manifest.load(folder)
    assert behind is not None
    behind.blocks = behind.blocks[1:]
    behind.results_sha256 = None
    behind.save(folder)
    run(study, folder, resume=True)
    assert sha(folder) == before


def test_a_folder_with_other_files_is_refused(small_study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "thesis.tex").write_text("x", "utf-8")
    with pytest.raises(InputError, match=r"holds other files, as thesis\.tex"):
        run(small_study, folder)
    assert [item.name for item in folder.iterdir()] == ["thesis.tex"]


KILLED = """
import sys
from lwoopro.simulation.runner import run
from lwoopro.study import load_study
run(load_study(sys.argv[1]), sys.argv[2], resume=True, progress=lambda n, of: print(n, flush=True))
"""


@pytest.mark.slow
def test_killed_and_resumed_gives_the_same_bits(small_study: Path, tmp_path: Path) -> None:
    """`kill -9` at several moments of a real process; a reader never sees half a block."""
    study = with_blocks(variant(small_study, draws="400"), 7)
    run(study, tmp_path / "whole")
    folder = tmp_path / "killed"
    kills = 0
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(study), str(folder)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(5):  # some blocks further than the last time
            process.stdout.readline()
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
        process.stdout.close()
        seen = open_results(folder)
        assert np.isfinite(seen["budget"].values).all()
        assert np.isfinite(seen["disadvantage_score"].values).all()
    assert kills >= 2, "the run was over before it could be killed"
    run(study, folder, resume=True)
    assert sha(folder) == sha(tmp_path / "whole")


def test_blocks_run_in_the_order_of_the_draws() -> None:
    """So that a reader sees the first draws early, and a killed run has no gaps."""
    from lwoopro.simulation.scheduler import Backend, run_blocks

    done: list[int] = []
    run_blocks(
        lambda _state, block: block.start,
        None,
        [range(start, start + 8) for start in range(0, 1600, 8)],
        lambda _block, start: done.append(start),
        backend=Backend(threads=1),
    )
    assert done == list(range(0, 1600, 8))


def test_progress_counts_up_to_all_draws(small_study: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    run(
        with_blocks(small_study, 4),
        tmp_path / "run",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[0] == (0, 10)
    assert seen[-1] == (10, 10)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_results_are_lazy(finished: tuple[Path, Path]) -> None:
    dataset = open_results(finished[1])
    assert dataset["budget"].chunks is not None


def test_a_study_object_is_as_good_as_its_file(small_study: Path, tmp_path: Path) -> None:
    study: Study = load_study(small_study).with_overrides(draws=3)
    dataset = run(study, tmp_path / "object")
    assert dataset.sizes["draw"] == 3


def test_what_a_killed_run_left_half_written_is_removed(small_study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(small_study, folder)
    half = "0" * 32
    left = [folder / f".manifest.json.{half}", folder / "results.zarr" / f".zarr.json.{half}"]
    ours = [folder / "results.zarr" / name for name in (".DS_Store", "Thumbs.db")]
    for path in [*left, *ours]:
        path.write_text("half", "utf-8")
    run(small_study, folder, resume=True)
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in ours), "what is not ours stays"
