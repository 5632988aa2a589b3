"""Chunks as zarr would write them, whole files, and a reader who never sees half a block."""

from pathlib import Path

import numpy as np
import pytest
import zarr

from lwoopro.simulation.location import Location
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.results import read_results
from lwoopro.simulation.runner import run
from lwoopro.simulation.store import DamagedBlockError, ResultsStore

SHAPES = {"budget": (1, 2, 3), "at_cut_pupils": (1, 2, 6, 3), "drawn_pupils": (1, 2, 3)}


@pytest.fixture
def store(tmp_path: Path) -> ResultsStore:
    """Room for ten draws of three variables, in blocks of four."""
    (tmp_path / "results.zarr").mkdir()
    coordinates = {"year": np.array([2019]), "share": np.linspace(0.05, 0.3, 6)}
    coordinates.update(policy=["a", "b"], swv=["x", "y", "z"], part=["r", "l", "p"])
    coordinates.update(attribution=["school", "home"], draw=np.arange(10))
    return ResultsStore.create(tmp_path / "results.zarr", coordinates, {}, list(SHAPES), 4, {})


def some(draws: range) -> dict[str, np.ndarray]:
    dice = np.random.default_rng(draws.start)
    return {
        name: np.round(dice.normal(size=(len(draws), *shape)) * 1e4, 2)
        if name == "budget"
        else dice.integers(0, 900, (len(draws), *shape))
        for name, shape in SHAPES.items()
    }


def files(group: Path) -> dict[str, bytes]:
    found = (path for name in SHAPES for path in (group / name / "c").rglob("*") if path.is_file())
    return {path.relative_to(group).as_posix(): path.read_bytes() for path in found}


def test_chunks_are_to_the_byte_what_zarr_writes(store: ResultsStore, tmp_path: Path) -> None:
    """A whole block and the last one, which is filled up."""
    group = tmp_path / "results.zarr"
    blocks = [range(0, 4), range(4, 8), range(8, 10)]
    for block in blocks:
        store.write(block, some(block))
    own = files(group)
    assert len(own) == len(blocks) * len(SHAPES)
    opened = zarr.open_group(group, use_consolidated=False)
    for block in blocks:
        for name, values in some(block).items():
            opened[name][block.start : block.stop] = values
    assert files(group) == own
    for block in blocks:
        for name, values in store.read(block).items():
            np.testing.assert_array_equal(values, some(block)[name])


def test_values_of_any_layout_are_stored_as_declared(store: ResultsStore, tmp_path: Path) -> None:
    values = some(range(4))
    store.write(range(4), values)
    before = files(tmp_path / "results.zarr")
    turned = {name: np.asfortranarray(array) for name, array in values.items()}
    turned["drawn_pupils"] = turned["drawn_pupils"].astype(">i4")
    store.write(range(4), turned)
    assert files(tmp_path / "results.zarr") == before


@pytest.mark.parametrize("draws", [range(2, 6), range(0, 5), range(1, 4)])
def test_what_is_no_block_is_not_written(store: ResultsStore, tmp_path: Path, draws: range) -> None:
    with pytest.raises(ValueError, match=f"draws {draws.start} to {draws.stop - 1} are no block"):
        store.write(draws, some(draws))
    assert files(tmp_path / "results.zarr") == {}


def test_a_damaged_chunk_is_said(store: ResultsStore, tmp_path: Path) -> None:
    store.write(range(4), some(range(4)))
    (tmp_path / "results.zarr" / "budget" / "c" / "0" / "0" / "0" / "0").write_bytes(b"no chunk")
    with pytest.raises(DamagedBlockError, match="draws 0 to 3"):
        store.read(range(4))


def test_a_variable_without_cells_has_no_chunk(small_study: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    coordinates = {"draw": np.arange(3), "year": np.arange(1), "policy": ["a"], "swv": []}
    store = ResultsStore.create(tmp_path / "empty", coordinates, {}, ["budget"], 4, {})
    store.write(range(3), {"budget": np.empty((3, 1, 1, 0))})
    assert not (tmp_path / "empty" / "budget" / "c").exists()
    assert store.read(range(3))["budget"].shape == (3, 1, 1, 0)


def test_a_reader_sees_whole_blocks_of_every_variable(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every single file that a run writes."""
    small_study.write_text(
        small_study.read_text("utf-8") + "[compute]\nblock_draws = 4\nthreads = 1\n", "utf-8"
    )
    folder = tmp_path / "run"
    seen: list[int] = []
    write = Location.write

    def looked(self: Location, name: str, content: bytes, lasting: bool = True) -> None:
        # not lazily: the pool of tasks is busy with the run itself
        if (folder / "manifest.json").is_file() and name.endswith("/c/1/0/0/0"):
            read = read_results(folder)
            seen.append(read.sizes["draw"])
            assert np.isfinite(read["budget"].values).all()
            assert np.isfinite(read["disadvantage_score"].values).all()
        write(self, name, content, lasting)

    monkeypatch.setattr(Location, "write", looked)
    run(small_study, folder)
    manifest = Manifest.load(folder)
    assert manifest is not None and [block.stop for block in manifest.blocks] == [4, 8, 10]
    assert seen and set(seen) <= {0, 4}
