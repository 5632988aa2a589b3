"""A folder for results: on this machine, or at any address that fsspec knows (contract: --out)."""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from lwoopro.errors import InputError, Problem, RunError
from lwoopro.simulation.files import write_atomically

__all__ = ["Location", "at_hand", "is_address", "kept", "why"]

_OURS: Final = ("builtins", "lwoopro", "numpy", "zarr")
"""Errors of these are not those of a file system far away."""

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def is_address(text: str | os.PathLike[str]) -> bool:
    """Say whether a folder is given as an address, such as ``s3://bucket/run``.

    Examples
    --------
    >>> is_address("s3://bucket/run"), is_address("results/run")
    (True, False)
    """
    return "://" in os.fspath(text)


class _Telling:
    """A file system whose own kinds of error are `OSError`, like those of every other.

    Parameters
    ----------
    files : fsspec.AbstractFileSystem
    """

    def __init__(self, files: Any) -> None:
        self._files = files

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._files, name)

        def call(*given: Any, **named: Any) -> Any:
            try:
                return method(*given, **named)
            except OSError:
                raise
            except Exception as error:  # the library behind an address raises what it likes
                raise OSError(_first_line(error)) from error

        return call


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


class Location:
    """A folder whose files appear whole or not at all.

    Parameters
    ----------
    text : str or path
        Path of a folder, or an address with the name of a file system before it.

    Raises
    ------
    InputError
        No such kind of file system, or what it needs is not installed.
    """

    def __init__(self, text: str | os.PathLike[str]) -> None:
        self.text = os.fspath(text)
        self.path: Path | None = None
        self._files: Any = None
        self._root = ""
        if not is_address(self.text):
            self.path = Path(self.text)
            return
        if self.text.startswith("file://"):
            self.path = Path(self.text.removeprefix("file://"))
            return
        import fsspec

        try:
            files, self._root = fsspec.core.url_to_fs(self.text)
        except (ImportError, ValueError) as error:
            raise InputError(
                Problem(self.text, str(error), "a folder, or an address that fsspec knows")
            ) from error
        self._files = _Telling(files)

    def __str__(self) -> str:
        return self.text

    def at(self, name: str = "") -> str:
        """Address of the folder or of something in it, for people and for zarr."""
        if self.path is not None:
            return str(self.path / name)
        return f"{self.text.rstrip('/')}/{name}".rstrip("/")

    def inside(self, name: str) -> "Location":
        """Give a folder of this one."""
        return Location(self.at(name))

    def _inside(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def read(self, name: str) -> bytes:
        """Content of a file.

        Raises
        ------
        FileNotFoundError
            There is none.
        """
        if self.path is not None:
            return (self.path / name).read_bytes()
        content: bytes = self._files.cat_file(self._inside(name))
        return content

    def write(self, name: str, content: bytes, lasting: bool = True) -> None:
        """Replace a file in one step; a reader finds the old content or the new.

        Parameters
        ----------
        name : str
            In the folder; folders between are made.
        content : bytes
        lasting : bool
            Wait until a disk of this machine has it.
        """
        if self.path is not None:
            path = self.path / name
            if "/" in name:
                path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content, lasting)
        else:
            # an object is there once all of it has arrived
            inside = self._inside(name)
            self._files.makedirs(inside.rsplit("/", 1)[0], exist_ok=True)
            self._files.pipe_file(inside, content)

    def exists(self) -> bool:
        """Whether anything stands under this name."""
        if self.path is not None:
            return self.path.exists()
        return bool(self._files.exists(self._root))

    def is_file(self) -> bool:
        """Whether a file stands where the folder should."""
        if self.path is not None:
            return self.path.exists() and not self.path.is_dir()
        return bool(self._files.isfile(self._root))

    def has_folder(self, name: str) -> bool:
        """Whether the folder holds another of that name."""
        if self.path is not None:
            return (self.path / name).is_dir()
        return bool(self._files.isdir(self._inside(name)))

    def names(self) -> list[str]:
        """Names of what the folder holds; none where there is no folder."""
        if self.path is not None:
            return sorted(os.listdir(self.path)) if self.path.is_dir() else []
        self._files.invalidate_cache()
        try:
            found = self._files.ls(self._root, detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(name).rstrip("/").rsplit("/", 1)[-1] for name in found)

    def make(self) -> None:
        """Make the folder, where file systems have such."""
        if self.path is not None:
            self.path.mkdir(parents=True, exist_ok=True)
        else:
            self._files.makedirs(self._root, exist_ok=True)

    def remove(self, name: str) -> None:
        """Remove a folder in it with all that it holds, or a file, if it is there."""
        if self.path is not None:
            if (self.path / name).is_file():
                (self.path / name).unlink()
            shutil.rmtree(self.path / name, ignore_errors=True)
        elif self._files.exists(self._inside(name)):
            self._files.rm(self._inside(name), recursive=True)

    def try_out(self) -> None:
        """Write and remove a small file, so that a run need not find out after an hour.

        Raises
        ------
        OSError
            The folder cannot be made or written.
        """
        made = not self.exists()
        name = f".try-{uuid.uuid4().hex}"
        self.make()
        self.write(name, b"lwoopro")
        if self.path is None:
            self._files.rm_file(self._inside(name))
            return
        (self.path / name).unlink()
        if made:
            # what else is wrong with the study should leave nothing behind
            self.path.rmdir()


@contextmanager
def at_hand(out: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a folder on this machine for what libraries write to paths alone.

    Parameters
    ----------
    out : path
        A folder, or an address: then what was written goes there in the end.
    """
    place = Location(out)
    if place.path is not None:
        yield place.path
        return
    with TemporaryDirectory(prefix="lwoopro-") as scratch:
        yield Path(scratch)
        for file in sorted(Path(scratch).rglob("*")):
            if file.is_file():
                place.write(file.relative_to(scratch).as_posix(), file.read_bytes())


def why(error: OSError) -> str:
    """Say what a file system refused, and what to do."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.errno in _FULL:
        return f"{reason}: make room, then continue with --resume"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{reason}: this folder cannot be written; another --out"
    return reason


@contextmanager
def kept(folder: Location) -> Iterator[None]:
    """Say in one line what the folder for the results refused."""
    try:
        yield
    except OSError as error:
        raise RunError(f"{folder}: {why(error)}") from error
    except Exception as error:
        # zarr hands on what the library behind an address raises
        if folder.path is not None or type(error).__module__.split(".")[0] in _OURS:
            raise
        raise RunError(f"{folder}: {_first_line(error)}") from error
