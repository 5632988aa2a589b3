"""A folder for results anywhere: whole files, and words where it refuses (contract: --out)."""

import errno
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lwoopro.errors import InputError, RunError
from lwoopro.simulation import location, runner
from lwoopro.simulation.location import Location, at_hand, is_address
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.runner import open_results, run
from lwoopro.study import load_study


@pytest.fixture
def elsewhere() -> str:
    """An empty folder of a file system that has no paths."""
    import fsspec

    files = fsspec.filesystem("memory")
    if files.exists("/lwoopro"):
        files.rm("/lwoopro", recursive=True)
    return "memory://lwoopro/run"


def sha(folder: str | Path) -> str:
    manifest = Manifest.load(folder)
    assert manifest is not None and manifest.results_sha256 is not None
    return manifest.results_sha256


def test_a_run_at_an_address_is_a_run_in_a_folder(
    small_study: Path, tmp_path: Path, elsewhere: str
) -> None:
    here = run(small_study, tmp_path / "here")
    there = run(small_study, elsewhere)
    assert sha(elsewhere) == sha(tmp_path / "here")
    xr.testing.assert_identical(here.load(), there.load())
    with pytest.raises(InputError, match="already holds a run of 10 draws"):
        run(small_study, elsewhere)
    longer = load_study(small_study).with_overrides(draws=13)
    run(longer, elsewhere, resume=True)
    run(longer, tmp_path / "at once")
    assert sha(elsewhere) == sha(tmp_path / "at once")


def test_damage_at_an_address_is_found_and_done_again(small_study: Path, elsewhere: str) -> None:
    import fsspec

    run(small_study, elsewhere)
    before = sha(elsewhere)
    files = fsspec.filesystem("memory")
    (chunk,) = (name for name in files.find("/lwoopro/run/results.zarr/budget") if "/c/0" in name)
    content = bytearray(files.cat_file(chunk))
    content[len(content) // 2] ^= 0x10
    files.pipe_file(chunk, bytes(content))
    run(small_study, elsewhere, resume=True)
    assert sha(elsewhere) == before
    assert np.isfinite(open_results(elsewhere)["budget"].values).all()


def test_a_file_address_is_a_folder(small_study: Path, tmp_path: Path) -> None:
    run(small_study, f"file://{tmp_path}/run")
    assert (tmp_path / "run" / "manifest.json").is_file()


def test_what_fsspec_does_not_know_is_wrong_input(small_study: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere://x: .*nowhere"):
        run(small_study, "nowhere://x")


def test_addresses_are_told_from_folders() -> None:
    assert is_address("s3://bucket/a") and is_address("memory://a")
    assert not is_address("results/a") and not is_address(Path("C:/results"))


def test_files_written_at_hand_arrive(tmp_path: Path, elsewhere: str) -> None:
    with at_hand(elsewhere) as folder:
        (folder / "tables").mkdir()
        (folder / "tables" / "a.csv").write_text("x", "utf-8")
    assert Location(elsewhere).read("tables/a.csv") == b"x"
    with at_hand(tmp_path / "here") as folder:
        assert folder == tmp_path / "here"


def test_a_folder_that_cannot_be_written_is_known_at_once(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is read: whoever waits an hour to hear it has lost an hour."""

    def refused(path: Path, content: bytes, lasting: bool) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(location, "write_atomically", refused)
    monkeypatch.setattr(runner, "load_inputs", pytest.fail)
    words = "run: Read-only file system: this folder cannot be written; another --out"
    with pytest.raises(RunError, match=words):
        run(small_study, tmp_path / "run")


def test_a_trial_leaves_nothing_behind(tmp_path: Path, elsewhere: str) -> None:
    Location(tmp_path / "new").try_out()
    assert not (tmp_path / "new").exists()
    Location(tmp_path).try_out()
    assert not list(tmp_path.iterdir())
    Location(elsewhere).try_out()
    assert Location(elsewhere).names() == []


@pytest.mark.parametrize("full_after", [3, 60])
def test_a_full_disk_keeps_what_was_done(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_after: int
) -> None:
    """Whatever cannot be written when: one line, and the rest of the work is not lost."""
    study = small_study.with_name("blocks.toml")
    study.write_text(small_study.read_text("utf-8") + "[compute]\nblock_draws = 2\n", "utf-8")
    run(study, tmp_path / "whole")
    from zarr.storage import LocalStore

    left = full_after
    put, write = LocalStore.set, Location.write

    def count(key: str) -> None:
        nonlocal left
        left -= 1
        if left < 0 and "/c/" in key:
            raise OSError(errno.ENOSPC, "No space left on device", key)

    async def full(self, key, value):
        count(key)
        return await put(self, key, value)

    def full_too(self, name, content, lasting=True):
        count(name)
        write(self, name, content, lasting)

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "set", full)
        patch.setattr(Location, "write", full_too)
        words = "No space left on device: make room, then continue with --resume"
        with pytest.raises(RunError, match=words):
            run(study, tmp_path / "full")
    manifest = Manifest.load(tmp_path / "full")
    if manifest is not None:
        assert manifest.results_sha256 is None
        seen = open_results(tmp_path / "full")
        assert seen.sizes["draw"] == manifest.complete_draws
        assert np.isfinite(seen["budget"].values).all()
    run(study, tmp_path / "full", resume=True)
    assert sha(tmp_path / "full") == sha(tmp_path / "whole")


class Gone(Exception):
    """What a library behind an address raises is no OSError."""


@pytest.mark.parametrize("where", ["the first look", "a heading", "a block"])
def test_errors_of_a_far_file_system_are_one_line(
    small_study: Path, elsewhere: str, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    from fsspec.implementations.memory import MemoryFileSystem
    from zarr.storage import FsspecStore

    put, pipe = FsspecStore.set, MemoryFileSystem.pipe_file

    def gone(self, path, **_):
        raise Gone("no line to it\nand more")

    async def gone_in_a_heading(self, key, value):
        if "/c/" in key:
            raise Gone("no line to it\nand more")
        return await put(self, key, value)

    def gone_in_a_block(self, path, value, **more):
        if "/budget/c/1" in path:
            raise Gone("no line to it\nand more")
        return pipe(self, path, value, **more)

    with monkeypatch.context() as patch:
        if where == "the first look":
            patch.setattr(MemoryFileSystem, "cat_file", gone)
            with pytest.raises(OSError, match=r"^no line to it$"):
                Location(elsewhere).read("manifest.json")
        elif where == "a heading":
            patch.setattr(FsspecStore, "set", gone_in_a_heading)
        else:
            small_study.write_text(
                small_study.read_text("utf-8") + "[compute]\nblock_draws = 4\n", "utf-8"
            )
            patch.setattr(MemoryFileSystem, "pipe_file", gone_in_a_block)
        with pytest.raises(RunError, match=r"^memory://lwoopro/run: no line to it$"):
            run(small_study, elsewhere)
    run(small_study, elsewhere, resume=True)
    assert sha(elsewhere)
