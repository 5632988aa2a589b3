"""The studies that come with the program, to be copied and changed."""

import os
import re
from importlib import resources
from itertools import takewhile
from pathlib import Path

from lwoopro.errors import InputError, Problem
from lwoopro.study.words import nearest, shown

__all__ = ["copy_example", "examples"]


def examples() -> dict[str, str]:
    """Return the name of every study that comes with the program, and what it is.

    Returns
    -------
    dict of str to str
        Name → the first sentence of its comment.
    """
    folder = _folder()
    found = {}
    for path in sorted(folder.glob("*.toml")):
        lines = takewhile(lambda line: line.startswith("#"), path.read_text("utf-8").splitlines())
        comment = " ".join(line.lstrip("# ").rstrip() for line in lines)
        found[path.stem] = re.split(r"(?<=[.?]) ", comment, maxsplit=1)[0]
    return found


def copy_example(name: str, folder: str | os.PathLike[str]) -> Path:
    """Write one of these studies into a folder.

    Parameters
    ----------
    name : str
        One of `examples`.
    folder : path
        An existing folder.

    Returns
    -------
    Path
        The new file, ``<name>.toml``.

    Raises
    ------
    InputError
        There is no such study, or the folder has a file of this name already.
    """
    known = examples()
    if name not in known:
        near = nearest(name, known)
        right = f"use {', '.join(known)}" + (f"; the nearest is {near}" if near else "")
        raise InputError(Problem(shown(name), "no study of this name comes with lwoopro", right))
    path = Path(folder) / f"{name}.toml"
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write((_folder() / path.name).read_text("utf-8"))
    except FileExistsError:
        right = "move it away, or work with it"
        raise InputError(Problem(str(path), "this file is there already", right)) from None
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            Problem(str(folder), "there is no such folder", "an existing one")
        ) from None
    return path


def _folder() -> Path:
    """Return where they stand: in the package, or beside it in a checkout."""
    package = Path(str(resources.files("lwoopro")))
    packed = package / "data" / "studies"
    return packed if packed.is_dir() else package.parents[1] / "configs"
