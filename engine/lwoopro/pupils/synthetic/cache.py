"""Generated populations, kept on disk under the hash of all that they are made of.

The key covers the population's files, the generator's own code, years, seed and scale: whatever
changes, the key changes, and nothing has to be invalidated. A file is written whole or not at all,
so that several processes may share a folder; one that cannot be read is made again.
"""

import hashlib
import os
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.pupils.synthetic.generate import SyntheticPopulation, generate_from
from lwoopro.pupils.synthetic.rows import COLUMNS, EXTRA
from lwoopro.pupils.synthetic.source import read_source
from lwoopro.pupils.table import Pupils

__all__ = ["CACHE_VARIABLE", "LARGEST_ROWS", "cache_folder", "cached", "population_key"]

CACHE_VARIABLE: Final = "LWOOPRO_CACHE"
"""Environment variable that names another folder."""

LARGEST_ROWS: Final = 5_000_000
"""Larger populations are not kept: they would fill the disk, and reading them saves little."""

_KEPT: Final = 8
"""Files that stay; the ones longest unused go."""


def cache_folder() -> Path:
    """Return the folder of kept populations: `CACHE_VARIABLE`, else the platform's usual place."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "lwoopro"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/lwoopro"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lwoopro"


def population_key(digest: str, years: Sequence[int], seed: int, scale: float) -> str:
    """Return the name of a population: SHA-256 of its sources, the generator's code and arguments.

    Parameters
    ----------
    digest : str
        Of the population's files.
    years, seed, scale
        As `generate` takes them; the order of the years does not matter.
    """
    key = hashlib.sha256(digest.encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        key.update(hashlib.sha256(module.read_bytes()).digest())
    key.update(repr((sorted({int(y) for y in years}), int(seed), float(scale))).encode())
    key.update(np.__version__.encode())
    return key.hexdigest()


def cached(
    population: str | Path,
    years: Sequence[int],
    seed: int,
    scale: float = 1.0,
    folder: Path | None = None,
) -> SyntheticPopulation:
    """Return what `generate` returns, from disk where it was made before.

    Parameters
    ----------
    population, years, seed, scale
        See `generate`.
    folder : Path, optional
        Instead of `cache_folder`.

    Raises
    ------
    InputError
        As `generate`. A folder that cannot be read or written is no error: the population is
        then made anew each time.
    """
    source = read_source(population)
    key = population_key(source.digest, years, seed, scale)
    path = (folder or cache_folder()) / f"population-{key}.npz"
    kept = _read(path)
    if kept is not None:
        return kept
    made = generate_from(source, years, seed, scale)
    if len(made.pupils) <= LARGEST_ROWS:
        _write(made, path)
    return made


def _read(path: Path) -> SyntheticPopulation | None:
    """Read a kept population; None where there is none or it is damaged."""
    try:
        # opened here, because numpy leaves a file open that is no archive
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            found: dict[str, NDArray[Any]] = {name: file[name] for name in file.files}
        population = _unpack(found)
        # the newest stay when old ones are removed
        os.utime(path)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return population


def _unpack(found: dict[str, NDArray[Any]]) -> SyntheticPopulation:
    swv = tuple(str(code) for code in found["swv"])
    columns: dict[str, Any] = {name: found[f"pupils.{name}"] for name in COLUMNS}
    pupils = Pupils(
        schools=tuple(str(name) for name in found["schools"]),
        swv=swv,
        extra={name: found[f"pupils.{name}"] for name in EXTRA},
        **columns,
    )
    truth = {n.removeprefix("truth."): a for n, a in found.items() if n.startswith("truth.")}
    return SyntheticPopulation(pupils, found["classes"], found["probability"], truth, swv)


def _pack(population: SyntheticPopulation) -> dict[str, NDArray[Any]]:
    pupils = population.pupils
    packed = {f"pupils.{name}": getattr(pupils, name) for name in COLUMNS}
    packed |= {f"pupils.{name}": pupils.extra[name] for name in EXTRA}
    packed |= {f"truth.{name}": array for name, array in population.truth.items()}
    return packed | {
        "schools": np.array(pupils.schools),
        "swv": np.array(population.swv_codes),
        "classes": population.classes,
        "probability": population.probability,
    }


def _write(population: SyntheticPopulation, path: Path) -> None:
    """Keep a population; a full disk or a folder without permission is no reason to fail."""
    scratch: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            arrays: dict[str, Any] = {**_pack(population)}
            np.savez(file, **arrays)
        os.replace(scratch, path)
        scratch = None
        _prune(path.parent)
    except OSError:
        pass
    finally:
        if scratch is not None:
            Path(scratch).unlink(missing_ok=True)


def _prune(folder: Path) -> None:
    """Remove all but the newest files; another process may be doing the same."""
    ages = []
    for path in folder.glob("population-*.npz"):
        try:
            ages.append((path.stat().st_mtime, path))
        except OSError:
            continue
    for _, path in sorted(ages, reverse=True)[_KEPT:]:
        path.unlink(missing_ok=True)
