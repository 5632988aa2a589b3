"""Workers write where they reach the folder; where they do not, the chunks travel (Q-2)."""

import errno
from pathlib import Path

import numpy as np
import pytest

from lwoopro.errors import RunError
from lwoopro.simulation import drawing
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.location import Location
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.results import open_results
from lwoopro.simulation.runner import run
from lwoopro.simulation.scheduler import Backend
from lwoopro.simulation.shelf import MARK, Shelf, hashes, marked, simulate_and_keep
from lwoopro.simulation.store import ResultsStore
from lwoopro.simulation.work import Work, simulate_work
from lwoopro.study import load_study


@pytest.fixture
def place(small_study: Path, tmp_path: Path) -> Shelf:
    """A shelf in a folder without a mark."""
    study = load_study(small_study)
    prepared, layout = prepare(study, load_inputs(study))
    group = tmp_path / "run" / "results.zarr"
    group.mkdir(parents=True)
    store = ResultsStore.create(
        group, layout.coordinates, layout.constants, prepared.draw_variables, 8, {}
    )
    return Shelf(Work(prepared), store.chunks, str(tmp_path / "run"), str(group), "right")


def test_whoever_finds_the_mark_writes_and_sends_hashes_alone(place: Shelf) -> None:
    (Path(place.folder) / MARK).write_text("right", "utf-8")
    joined, files, wanted = simulate_and_keep(place, range(8))
    arrays, digests = simulate_work(place.work, range(8))
    assert (hashes(joined), files, wanted) == (digests, {}, {})
    for name, values in ResultsStore(place.group).read(range(8)).items():
        np.testing.assert_array_equal(values, arrays[name])


@pytest.mark.parametrize("mark", [None, "wrong"])
def test_without_the_mark_the_chunks_travel(place: Shelf, mark: str | None) -> None:
    """Another machine's folder of the same name, or a run that is over."""
    if mark is not None:
        (Path(place.folder) / MARK).write_text(mark, "utf-8")
    _, files, _ = simulate_and_keep(place, range(8, 10))
    assert not list(Path(place.group).glob("budget/c/*"))
    store = ResultsStore(place.group)
    store.keep(files)
    arrays, _ = simulate_work(place.work, range(8, 10))
    np.testing.assert_array_equal(store.read(range(8, 10))["budget"], arrays["budget"])


def test_a_worker_whose_disk_is_full_sends_the_chunks(
    place: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    (Path(place.folder) / MARK).write_text("right", "utf-8")
    write = Location.write

    def full(self: Location, name: str, content: bytes, lasting: bool = True) -> None:
        if name.startswith("budget/"):
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, name, content, lasting)

    monkeypatch.setattr(Location, "write", full)
    _, files, _ = simulate_and_keep(place, range(8))
    assert {name.split("/")[0] for name in files} == {name for name, *_ in place.chunks.variables}


def test_a_mark_stands_as_long_as_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with marked(Location(".")) as (address, mark):
        assert Path(address) == tmp_path and (tmp_path / MARK).read_text("utf-8") == mark
    assert not list(tmp_path.iterdir())
    with pytest.raises(RunError, match="No such file"), marked(Location(tmp_path / "gone")):
        pass


@pytest.mark.parametrize(
    ("until", "reached"),
    [("", True), ("", False), ("relative-change", True), ("disadvantage-score", False)],
)
def test_the_hash_is_the_same_whoever_writes(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: str, reached: bool
) -> None:
    """Runs as on a cluster, in this process; with a rule that looks at what travels."""
    text = small_study.read_text("utf-8").replace("draws = 10", "draws = 200")
    if until:
        rule = f'until = {{ mcse = 0.05, quantity = "{until}" }}\n'
        text = text.replace("[study]\n", f"[study]\n{rule}")
    small_study.write_text(f"{text}[compute]\nblock_draws = 24\n", "utf-8")
    run(small_study, tmp_path / "threads")
    real = drawing.run_blocks
    writers = []

    def here(task, state, blocks, done, *, backend, crew=None, fit=None):
        def told(draws, result):
            writers.append("worker" if not result[1] else "run")
            done(draws, result)

        if not reached:
            (tmp_path / "cluster" / MARK).unlink()
        real(task, fit(None), blocks, told, backend=Backend(threads=2), crew=crew)

    monkeypatch.setattr(drawing, "run_blocks", here)
    run(small_study, tmp_path / "cluster", workers=2)
    assert set(writers) == {"worker" if reached else "run"}
    one, other = (Manifest.load(tmp_path / name) for name in ("threads", "cluster"))
    assert one is not None and other is not None
    assert one.results_sha256 == other.results_sha256 and one.stopped == other.stopped
    assert not (tmp_path / "cluster" / MARK).exists()
    assert np.isfinite(open_results(tmp_path / "cluster")["budget"].values).all()
    monkeypatch.undo()
    # whoever takes it up again reads every chunk and holds it to its hash
    before = (tmp_path / "cluster" / "results.zarr" / "budget" / "c" / "0").stat().st_mtime_ns
    run(small_study, tmp_path / "cluster", resume=True)
    after = (tmp_path / "cluster" / "results.zarr" / "budget" / "c" / "0").stat().st_mtime_ns
    again = Manifest.load(tmp_path / "cluster")
    assert again is not None and again.results_sha256 == one.results_sha256 and before == after
