"""One SHA-256 for the results, the same under any plan of blocks and workers (Q-2)."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["combine", "digest_draws"]


def digest_draws(arrays: Mapping[str, NDArray[Any]]) -> list[bytes]:
    """Hash every draw by itself, so that blocks can be cut anywhere.

    Parameters
    ----------
    arrays : mapping of str to array, each of shape ``(draw, …)``

    Returns
    -------
    list of bytes
        One SHA-256 per draw: of names and little-endian values, in order of name.
    """
    names = sorted(arrays)
    plain = [np.ascontiguousarray(arrays[name], _little(arrays[name])) for name in names]
    digests = []
    for draw in range(len(plain[0])):
        whole = hashlib.sha256()
        for name, values in zip(names, plain, strict=True):
            whole.update(name.encode())
            whole.update(values[draw].data)
        digests.append(whole.digest())
    return digests


def _little(array: NDArray[Any]) -> np.dtype[Any]:
    return array.dtype.newbyteorder("<")


def combine(digests: Iterable[bytes]) -> str:
    """Hash a sequence of draws' digests, as hexadecimal digits."""
    whole = hashlib.sha256()
    for digest in digests:
        whole.update(digest)
    return whole.hexdigest()
