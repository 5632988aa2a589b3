"""The results on disk: a zarr group that grows by whole blocks of draws (contract: Results).

The arrays are laid out for all draws at once, one chunk per block along `draw`. A reader opens the
group through its consolidated metadata, one small file that is replaced in one step whenever more
draws are complete. So he sees the first n draws of everything, or nothing: never half a block.

Chunks of draws are encoded here and written as whole files, to the bytes that zarr would write:
zarr takes milliseconds for every array of every block. `Chunks` travels to other processes, so that
whoever computes a block also encodes and writes it.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, Final, Literal

import numpy as np
import zarr
from numcodecs import Blosc
from numpy.typing import NDArray
from zarr.codecs import BloscCodec
from zarr.dtype import VariableLengthUTF8

from lwoopro.simulation.location import Location
from lwoopro.variables import COORDINATES, VARIABLES, Variable

__all__ = ["Chunks", "DamagedBlockError", "ResultsStore", "keep"]

_ROOT: Final = "zarr.json"
_CODEC: Final[tuple[Literal["lz4"], int]] = ("lz4", 1)
"""Name and level; by bytes and time: lz4 15.5 kB and 13 µs a draw, zstd 14.6 kB and 59 µs."""

_FILL: Final[Mapping[str, Any]] = {"float64": np.nan, "int64": -1, "int32": -1, "str": ""}


class DamagedBlockError(Exception):
    """A block on disk cannot be read, or is not what was written."""


@dataclass(frozen=True)
class Chunks:
    """How the values of a block become files.

    Attributes
    ----------
    block : int
        Draws per chunk; a chunk begins at a multiple of it.
    variables : tuple of (str, str, tuple of int, float)
        Name, kind, shape behind the draws, and the value of draws that are not there.
    """

    block: int
    variables: tuple[tuple[str, str, tuple[int, ...], float], ...]

    def encoded(self, draws: range, arrays: Mapping[str, NDArray[Any]]) -> dict[str, bytes]:
        """Give the files of one block, by their names in the group.

        Parameters
        ----------
        draws : range
            A whole block, or the last one.
        arrays : mapping of str to array, each of shape ``(draw, …)``
        """
        if draws.start % self.block or len(draws) > self.block:
            raise ValueError(f"draws {draws.start} to {draws.stop - 1} are no block")
        codec = Blosc(*_CODEC, Blosc.SHUFFLE)
        files = {}
        for name, kind, shape, fill in self.variables:
            if not math.prod(shape):
                continue
            values = np.ascontiguousarray(arrays[name], np.dtype(kind).newbyteorder("<"))
            if len(draws) < self.block:
                # a chunk is always whole: the last one, too
                more = np.full((self.block - len(draws), *shape), fill, values.dtype)
                values = np.concatenate([values, more])
            place = "/".join(["c", str(draws.start // self.block), *("0" for _ in shape)])
            files[f"{name}/{place}"] = bytes(codec.encode(values))
        return files


class ResultsStore:
    """The group of one run.

    Parameters
    ----------
    path : path or Location
        Folder ``results.zarr``, which exists; see `create`.
    """

    def __init__(self, path: str | PathLike[str] | Location) -> None:
        self.path = path if isinstance(path, Location) else Location(path)
        self._group = zarr.open_group(self.path.at(""), mode="r+", use_consolidated=False)
        # what others put there, as the file managers of some systems do, is none of ours
        found = {name: self._group.get(name) for name in self.path.names() if "." not in name}
        self._all = sorted(name for name, one in found.items() if isinstance(one, zarr.Array))
        self._names = [
            name for name in self._all if name in VARIABLES and VARIABLES[name].dims[0] == "draw"
        ]
        self._members: dict[str, Any] | None = None
        self._chunks: Chunks | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Variables with a draw dimension, sorted."""
        return tuple(self._names)

    @property
    def chunks(self) -> Chunks:
        """How its blocks become files."""
        if self._chunks is None:
            arrays = {name: self._array(name) for name in self._names}
            (block,) = {int(array.chunks[0]) for array in arrays.values()}
            self._chunks = Chunks(
                block,
                tuple(
                    (name, VARIABLES[name].kind, array.shape[1:], _FILL[VARIABLES[name].kind])
                    for name, array in arrays.items()
                ),
            )
        return self._chunks

    @classmethod
    def create(
        cls,
        path: str | PathLike[str] | Location,
        coordinates: Mapping[str, NDArray[Any] | Sequence[str]],
        constants: Mapping[str, NDArray[Any]],
        names: Sequence[str],
        block: int,
        attributes: Mapping[str, Any],
    ) -> "ResultsStore":
        """Lay out an empty group.

        Parameters
        ----------
        path : path or Location
        coordinates : mapping of str to values
            All dimensions with `draw`, whose length is the number of draws to come.
        constants : mapping of str to array
            Variables without a draw dimension.
        names : sequence of str
            Variables with one.
        block : int
            Draws per chunk.
        attributes : mapping
            Of the group; values as JSON has them.
        """
        place = path if isinstance(path, Location) else Location(path)
        group = zarr.open_group(
            place.at(""),
            mode="w",
            zarr_format=3,
            attributes=dict(attributes),
            use_consolidated=False,
        )
        for name, values in coordinates.items():
            _lay_out(group, COORDINATES[name], (len(values),), block)[...] = _as_stored(values)
        for name, array in constants.items():
            _lay_out(group, VARIABLES[name], array.shape, block)[...] = array
        for name in names:
            declared = VARIABLES[name]
            shape = tuple(len(coordinates[dim]) for dim in declared.dims)
            _lay_out(group, declared, shape, block)
        store = cls(place)
        store.publish(0)
        return store

    @classmethod
    def is_sound(cls, path: str | PathLike[str] | Location) -> bool:
        """Whether there is a group whose heading can be read; without one nothing can be kept."""
        try:
            store = cls(path)
            return store.draws > 0 and "baseline" in store._group.attrs
        except (ValueError, KeyError, TypeError, AttributeError, OSError):
            return False

    @property
    def draws(self) -> int:
        """Number of draws that the arrays have room for."""
        return int(self._array("draw").shape[0])

    def _array(self, name: str) -> "zarr.Array[Any]":
        array = self._group[name]
        assert isinstance(array, zarr.Array)
        return array

    def extend(self, draws: int) -> None:
        """Make room for more draws; what is there stays."""
        self._members = None
        for name in (*self._names, "draw"):
            array = self._array(name)
            array.resize((draws, *array.shape[1:]))
        self._array("draw")[...] = np.arange(draws)

    def write(self, draws: range, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write the chunks of one block; nobody sees them before `publish`."""
        self.keep(self.chunks.encoded(draws, arrays))

    def keep(self, files: Mapping[str, bytes]) -> None:
        """Write the chunks of one block as `Chunks.encoded` gives them."""
        keep(self.path, files)

    def read(self, draws: range, names: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
        """Read some draws back, of all variables unless some are named.

        Raises
        ------
        DamagedBlockError
            A chunk cannot be read.
        """
        try:
            return {
                name: np.asarray(self._array(name)[draws.start : draws.stop])
                for name in (self._names if names is None else names)
            }
        except Exception as error:  # codecs raise many kinds of error on damaged bytes
            raise DamagedBlockError(f"draws {draws.start} to {draws.stop - 1}") from error

    def has(self, name: str) -> bool:
        """Whether there is such a variable."""
        return name in self._all

    def constant(self, name: str) -> NDArray[Any]:
        """Read a variable without draws."""
        return np.asarray(self._array(name)[...])

    def fill(self, name: str, values: NDArray[Any]) -> None:
        """Give a variable without draws its values."""
        self._array(name)[...] = values

    def filled(self, name: str) -> bool:
        """Whether a variable without draws has got its values; until then they are all NaN."""
        return name in self._all and not bool(np.isnan(self._array(name)[...]).all())

    def describe(self, **attributes: Any) -> None:
        """Set attributes of the group, in one step; values as JSON has them."""
        root = json.loads(self.path.read(_ROOT))
        root["attributes"] = {**root.get("attributes", {}), **attributes}
        self.path.write(_ROOT, json.dumps(root).encode())

    def publish(self, draws: int) -> None:
        """Show readers the first `draws` draws of every variable, in one step."""
        if self._members is None:
            self._members = {
                name: json.loads(self.path.read(f"{name}/{_ROOT}")) for name in self._all
            }
        for member in self._members.values():
            if member["dimension_names"][:1] == ["draw"]:
                member["shape"][0] = draws
        root = json.loads(self.path.read(_ROOT))
        root["consolidated_metadata"] = {
            "kind": "inline",
            "must_understand": False,
            "metadata": self._members,
        }
        self.path.write(_ROOT, json.dumps(root).encode())


def keep(group: Location, files: Mapping[str, bytes]) -> None:
    """Write chunks, each in one step; what a crash of the machine leaves of them is found by hash.

    Parameters
    ----------
    group : Location
    files : mapping of str to bytes
        By their names in the group.
    """
    for name, content in files.items():
        group.write(name, content, lasting=False)


def _as_stored(values: NDArray[Any] | Sequence[str]) -> NDArray[Any]:
    if isinstance(values, np.ndarray):
        return values
    return np.array(list(values), dtype=object)


def _blosc() -> BloscCodec:
    name, level = _CODEC
    return BloscCodec(cname=name, clevel=level, shuffle="shuffle")


def _lay_out(
    group: zarr.Group, declared: Variable, shape: tuple[int, ...], block: int
) -> "zarr.Array[Any]":
    per_draw = declared.dims[0] == "draw"
    chunks = (block if per_draw else max(shape[0], 1), *(max(size, 1) for size in shape[1:]))
    text = declared.kind == "str"
    compressor = None if text else _blosc()
    kind: Any = VariableLengthUTF8() if text else declared.kind
    attributes: Any = declared.attrs
    return group.create_array(
        declared.name,
        shape=shape,
        chunks=chunks,
        dtype=kind,
        fill_value=_FILL[declared.kind],
        dimension_names=declared.dims,
        compressors=compressor,
        attributes=attributes,
        overwrite=True,
    )
