"""Issue 3: populations are kept by content hash, whole or not at all."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from lwoopro.pupils.synthetic import SyntheticPopulation, cache, cached, generate


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "swv.csv"
    path.write_text("swv,vo,bb,kb,gl,tl\nVO9001,900,40,50,60,70\nVO9002,9000,11,20,0,31\n")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "kept"
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(place))
    return place


def same(one: SyntheticPopulation, two: SyntheticPopulation) -> bool:
    columns = [name for name in vars(one.pupils) if name not in ("schools", "swv", "extra")]
    return (
        all(np.array_equal(getattr(one.pupils, n), getattr(two.pupils, n)) for n in columns)
        and all(getattr(one.pupils, n).dtype == getattr(two.pupils, n).dtype for n in columns)
        and one.pupils.schools == two.pupils.schools
        and one.swv_codes == two.swv_codes == two.pupils.swv
        and one.pupils.extra.keys() == two.pupils.extra.keys()
        and all(
            np.array_equal(one.pupils.extra[n], two.pupils.extra[n], equal_nan=True)
            for n in one.pupils.extra
        )
        and one.truth.keys() == two.truth.keys()
        and all(np.array_equal(one.truth[n], two.truth[n]) for n in one.truth)
        and np.array_equal(one.classes, two.classes)
        and np.array_equal(one.probability, two.probability)
    )


def test_what_is_read_is_what_was_made(table: Path, folder: Path) -> None:
    made = cached(table, [2020, 2019], seed=4)
    (file,) = folder.iterdir()
    before = file.stat().st_size
    again = cached(table, [2019, 2020], seed=4)
    assert [path.stat().st_size for path in folder.iterdir()] == [before]
    assert same(made, again)
    assert same(again, generate(table, [2019, 2020], seed=4))


def test_the_second_time_nothing_is_made(
    table: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached(table, [2020], seed=4)

    def fail(*arguments: object) -> SyntheticPopulation:
        raise AssertionError("made again")

    monkeypatch.setattr(cache, "generate_from", fail)
    cached(table, [2020], seed=4)
    for other in ({"seed": 5}, {"years": [2021]}, {"scale": 2.0}):
        with pytest.raises(AssertionError, match="made again"):
            cached(**({"population": table, "years": [2020], "seed": 4} | other))
    table.write_text(table.read_text().replace("31", "32"))
    with pytest.raises(AssertionError, match="made again"):
        cached(table, [2020], seed=4)


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "other"])
def test_a_damaged_file_is_made_again(table: Path, folder: Path, damage: str) -> None:
    made = cached(table, [2020], seed=4)
    (file,) = folder.iterdir()
    data = bytearray(file.read_bytes())
    if damage == "empty":
        data = bytearray()
    elif damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "flipped":
        place = data.index(b"pupils.pupil_id") + 400
        data[place] ^= 0xFF
    else:
        np.savez(file.with_suffix(""), nothing=np.zeros(3))
        data = bytearray(file.read_bytes())
    file.write_bytes(data)
    assert same(cached(table, [2020], seed=4), made)
    assert cache._read(file) is not None


def test_a_folder_that_cannot_be_used_is_no_error(table: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert len(cached(table, [2020], seed=4, folder=blocked / "below").pupils) == 282


def test_large_populations_are_not_kept(
    table: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LARGEST_ROWS", 281)
    cached(table, [2020], seed=4)
    assert not folder.exists()


def test_only_the_newest_stay(table: Path, folder: Path) -> None:
    for seed in range(10):
        cached(table, [2020], seed=seed)
    assert len(list(folder.iterdir())) == 8


def _make(table: str, folder: str) -> int:
    return len(cached(table, [2020], seed=4, folder=Path(folder)).pupils)


def test_processes_may_share_a_folder(table: Path, folder: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        sizes = pool.starmap(_make, [(str(table), str(folder))] * 6)
    assert sizes == [282] * 6
    (file,) = folder.iterdir()
    assert cache._read(file) is not None


def test_the_folder_follows_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cache.CACHE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.setattr(cache.sys, "platform", "linux")
    assert cache.cache_folder() == Path("/somewhere/lwoopro")
    monkeypatch.setattr(cache.sys, "platform", "darwin")
    assert cache.cache_folder().parts[-3:] == ("Library", "Caches", "lwoopro")
    monkeypatch.setattr(cache.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert cache.cache_folder() == Path("/local/lwoopro")
