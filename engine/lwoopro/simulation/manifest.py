"""What a run was: study, inputs, versions, finished blocks (contract: ``manifest.json``)."""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from lwoopro.errors import InputError, Problem
from lwoopro.simulation.location import Location

__all__ = ["FORMAT", "READABLE", "Block", "Manifest", "differences", "machine", "now", "versions"]

FORMAT: Final = 2
"""Version of the layout and meaning of the results; runs of another cannot be continued."""

READABLE: Final = (1, 2)
"""Formats that this version can still read; 1 lacks variables that came later."""

_NAME: Final = "manifest.json"
_PACKAGES: Final = ("lwoopro", "numpy", "numba", "xarray", "zarr", "dask", "pyarrow", "pandas")
# what may differ between a run and its continuation (contract: --resume)
_FREE: Final = ("compute", "study.draws", "study.until")


@dataclass(frozen=True)
class Block:
    """A finished block: draws ``start`` to ``stop - 1``, and the hash of their values."""

    start: int
    stop: int
    sha256: str


@dataclass
class Manifest:
    """The manifest of one run, as it stands in the file.

    Attributes
    ----------
    study : dict
        The resolved study, every default included.
    inputs : dict of str to str
        SHA-256 of every input, by its role.
    block_draws : int
        Draws per block of the store, fixed when the run began.
    draws, seed : int
    blocks : list of Block
        Finished ones, in order.
    results_sha256 : str or None
        Hash of all draws, once the run is finished.
    assumed : list of str
        Inputs that come from no source.
    versions, machine, timings : dict
    notes : list of str
        What a reader of the results should know.
    warnings : list of str
        What makes the results doubtful.
    analytic : dict
        How the draws agree with the analytic twin (Q-5); empty where there is none.
    stopped : dict
        With ``until``: why the run stopped, and the error that was reached (Q-3); else empty.
    """

    study: dict[str, Any]
    inputs: dict[str, str]
    block_draws: int
    draws: int
    seed: int
    blocks: list[Block] = field(default_factory=list)
    results_sha256: str | None = None
    assumed: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    analytic: dict[str, Any] = field(default_factory=dict)
    stopped: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    def save(self, folder: str | os.PathLike[str] | Location) -> None:
        """Replace the file in one step."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False, sort_keys=True)
        _location(folder).write(_NAME, text.encode())

    @classmethod
    def load(cls, folder: str | os.PathLike[str] | Location) -> "Manifest | None":
        """Read the manifest of a folder; None where there is none.

        Raises
        ------
        InputError
            The file is no manifest, or of a version that cannot be read.
        """
        place = _location(folder)
        path = place.at(_NAME)
        try:
            content = json.loads(place.read(_NAME).decode())
            blocks = [Block(**block) for block in content.pop("blocks")]
            manifest = cls(**content, blocks=blocks)
            if not isinstance(manifest.study, dict):
                raise TypeError("the study is a table")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(
                Problem(path, "this is not the manifest of a run", "start anew with --out")
            ) from error
        if manifest.format not in READABLE:
            raise InputError(
                Problem(
                    path,
                    f"written in format {manifest.format}, this version reads {list(READABLE)}",
                    "start anew with --out",
                )
            )
        return manifest

    @property
    def complete_draws(self) -> int:
        """Number of draws from 0 on that are finished without a gap."""
        reached = 0
        for block in sorted(self.blocks, key=lambda block: block.start):
            if block.start != reached:
                break
            reached = block.stop
        return reached


def _location(folder: str | os.PathLike[str] | Location) -> Location:
    return folder if isinstance(folder, Location) else Location(folder)


def differences(
    old: Manifest, study: Mapping[str, Any], inputs: Mapping[str, str]
) -> list[Problem]:
    """Say in what a study differs from the one of an existing run.

    Parameters
    ----------
    old : Manifest
    study : mapping
        Resolved study.
    inputs : mapping of str to str
        SHA-256 by role.

    Returns
    -------
    list of Problem
        Empty where the run can be continued.
    """
    problems = []
    before, after = dict(_flat(old.study)), dict(_flat(study))
    for name in sorted(before.keys() | after.keys()):
        if name.startswith(_FREE):
            continue
        one, other = before.get(name, "absent"), after.get(name, "absent")
        if one != other:
            problems.append(Problem(name, f"was {one} and is now {other}"))
    changed = [
        role
        for role in sorted(old.inputs.keys() | inputs.keys())
        if old.inputs.get(role) != inputs.get(role)
    ]
    problems += [Problem(role, "this input has changed since the run began") for role in changed]
    return problems


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        for place, inner in enumerate(value):
            yield from _flat(inner, f"{name}[{place}]")
    else:
        yield name, list(value) if isinstance(value, tuple) else value


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that the results come from."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


def machine() -> dict[str, Any]:
    """Describe the kind of machine; no name and no user."""
    return {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()}


def now() -> str:
    """Give the present moment, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
