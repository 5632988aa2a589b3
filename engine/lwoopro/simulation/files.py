"""Files that appear whole or not at all."""

import hashlib
import os
import re
import uuid
from pathlib import Path

__all__ = ["sha256_of", "sweep", "write_atomically"]


def write_atomically(path: Path, content: bytes, lasting: bool = True) -> None:
    """Replace a file in one step; a reader finds the old content or the new.

    Parameters
    ----------
    path : Path
    content : bytes
    lasting : bool
        Wait until the disk has it: what stands in it then outlives a crash of the machine.
    """
    scratch = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with scratch.open("wb") as file:
            file.write(content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what `write_atomically` left in a folder whose process was killed."""
    for path in folder.glob(".*"):
        if re.fullmatch(r"\..+\.[0-9a-f]{32}", path.name):
            path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
