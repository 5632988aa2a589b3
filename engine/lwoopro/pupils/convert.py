"""Columns of whatever type a file has → NumPy arrays and the state of each cell; vectorised."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lwoopro.codes import EMPTY

__all__ = [
    "BLANK",
    "GIVEN",
    "OUT_OF_RANGE",
    "WRONG",
    "Cells",
    "as_added_codes",
    "as_codes",
    "as_names",
    "as_truth",
    "as_whole",
    "free_column",
]

GIVEN, BLANK, WRONG, OUT_OF_RANGE = range(4)
"""States of a cell: has a value, is empty, has a value of a wrong kind, does not fit in int64."""

_WHOLE = r"^[+-]?[0-9]{1,19}(\.0*)?$"
_PLAIN_WHOLE = r"^-?(0|[1-9][0-9]{0,18})$"
_FLOAT = r"^[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_TRUTH = {"true": 1, "false": 0, "1": 1, "0": 0, "1.0": 1, "0.0": 0}

_Convert = Callable[[pa.Array], tuple[NDArray[Any], NDArray[np.uint8]]]


@dataclass(frozen=True)
class Cells:
    """A column as NumPy arrays of shape ``(rows,)``.

    Attributes
    ----------
    value : array
        Where the state is not `GIVEN`, a harmless value of the type.
    state : uint8 array
    """

    value: NDArray[Any]
    state: NDArray[np.uint8]


def as_whole(column: pa.ChunkedArray, is_text: bool) -> Cells | None:
    """Read whole numbers (int64); None where the column's type holds something else.

    Integers of any width, floats without fraction (NaN is empty; beyond the float's exact range a
    cell is `OUT_OF_RANGE`, since two numbers may have become one there), and in text digits with
    an optional sign and ``.0``.
    """
    kind = _value_type(column)
    convert: _Convert
    if pa.types.is_null(kind):
        convert = _all_blank
    elif pa.types.is_integer(kind):
        convert = _whole_of_integers
    elif pa.types.is_floating(kind):
        convert = _whole_of_floats
    elif is_text:
        convert = _whole_of_text
    else:
        return None
    return _fill(column, convert, np.dtype(np.int64))


def as_truth(column: pa.ChunkedArray, is_text: bool) -> Cells | None:
    """Read true and false (1 and 0, int8); None where the column's type holds something else.

    Booleans, the numbers 0 and 1, and in text ``true``, ``false``, ``0``, ``1`` (also in capitals,
    also ``1.0``).
    """
    kind = _value_type(column)
    if is_text and not pa.types.is_null(kind):
        known = pa.array(list(_TRUTH))
        return _fill(
            column,
            lambda array: _lookup(pc.utf8_lower(array), known, np.array(list(_TRUTH.values()))),
            np.dtype(np.int8),
        )
    if pa.types.is_boolean(kind):
        return _fill(column, _truth_of_booleans, np.dtype(np.int8))
    cells = as_whole(column, is_text=False)
    if cells is None:
        return None
    state = cells.state
    state[(state == GIVEN) & ((cells.value < 0) | (cells.value > 1))] = WRONG
    state[state == OUT_OF_RANGE] = WRONG
    return Cells(np.where(state == GIVEN, cells.value, 0).astype(np.int8), state)


def as_codes(column: pa.ChunkedArray, codes: Sequence[str], dtype: Any = np.int8) -> Cells | None:
    """Read codes as positions in `codes`, `lwoopro.codes.EMPTY` where empty or unknown."""
    kind = _value_type(column)
    if not (pa.types.is_null(kind) or _is_string(kind)):
        return None
    known = pa.array(codes, type=pa.string())
    places = np.arange(len(codes))
    return _fill(column, lambda array: _lookup(array, known, places), np.dtype(dtype))


def as_added_codes(column: pa.ChunkedArray, codes: Sequence[str]) -> Cells | None:
    """Read the codes of an added characteristic, which may be written as numbers or booleans.

    A whole number stands for its digits; true and false for ``yes`` and ``no`` where those are
    codes, else for ``true`` and ``false``.
    """
    kind = _value_type(column)
    if pa.types.is_boolean(kind):
        words = ("no", "yes") if {"no", "yes"} <= set(codes) else ("false", "true")
        cells = as_truth(column, is_text=False)
        assert cells is not None  # booleans always convert
        table = np.array([codes.index(word) if word in codes else -2 for word in words])
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        cells = as_whole(column, is_text=False)
        assert cells is not None  # numbers always convert
        number, inverse = np.unique(cells.value, return_inverse=True)
        known = {code: place for place, code in enumerate(codes)}
        table = np.array([known.get(str(n), -2) for n in number.tolist()])
        cells = Cells(inverse, cells.state)
    else:
        return as_codes(column, codes, np.int64)
    place = table[cells.value] if len(table) else cells.value
    state = np.where((cells.state == GIVEN) & (place < 0), WRONG, cells.state)
    state[state == OUT_OF_RANGE] = WRONG
    return Cells(np.where(state == GIVEN, place, EMPTY).astype(np.int64), state.astype(np.uint8))


def as_names(column: pa.ChunkedArray, pattern: str) -> tuple[Cells, tuple[str, ...]] | None:
    """Read names that match a pattern as positions in the sorted tuple of those that occur."""
    kind = _value_type(column)
    if not (pa.types.is_null(kind) or _is_string(kind)):
        return None
    if pa.types.is_null(kind):
        column = column.cast(pa.string())
    found: dict[str, int] = {}

    def number(array: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        blank = _blank_text(array)
        good = _numpy(pc.match_substring_regex(array, pattern), False)
        distinct = array.filter(pa.array(good)).dictionary_encode()
        table = [found.setdefault(name, len(found)) for name in distinct.dictionary.to_pylist()]
        value = np.zeros(len(array), dtype=np.int32)
        value[good] = np.array(table, dtype=np.int32)[distinct.indices.to_numpy()]
        return value, np.where(good, GIVEN, np.where(blank, BLANK, WRONG)).astype(np.uint8)

    cells = _fill(column, number, np.dtype(np.int32))
    used = np.zeros(len(found) + 1, dtype=bool)
    used[cells.value[cells.state == GIVEN]] = True
    names = tuple(sorted(name for name, place in found.items() if used[place]))
    place_of = {name: place for place, name in enumerate(names)}
    order = np.array([place_of.get(name, 0) for name in found] or [0], dtype=np.int32)
    return Cells(order[cells.value], cells.state), names


def free_column(column: pa.ChunkedArray, is_text: bool) -> NDArray[Any] | None:
    """Read a column of any sort: int64, float64 (NaN empty), bool, or str objects (None empty).

    Integers and booleans with empty cells become float64. In csv a column of digits is int64, of
    numbers float64, of true and false bool, of anything else str; digits with a leading zero are a
    code and stay text. None where the type is none of these.
    """
    kind = _value_type(column)
    if pa.types.is_null(kind) or column.null_count == len(column):
        return np.full(len(column), np.nan)
    if _is_string(kind):
        guessed = _guess(column) if is_text else None
        return _objects(column) if guessed is None else guessed
    if pa.types.is_floating(kind):
        return _fill(column, _floats, np.dtype(np.float64)).value
    cells = as_truth(column, False) if pa.types.is_boolean(kind) else None
    if pa.types.is_integer(kind):
        cells = as_whole(column, False)
    if cells is None or (cells.state == OUT_OF_RANGE).any():
        return None
    if (cells.state == BLANK).any():
        return np.where(cells.state == GIVEN, cells.value, np.nan).astype(np.float64)
    return cells.value.astype(bool) if pa.types.is_boolean(kind) else cells.value


def _guess(column: pa.ChunkedArray) -> NDArray[Any] | None:
    """Return a text column as numbers or booleans where all its cells are such."""

    def every(pattern: str) -> bool:
        fits = pc.match_substring_regex(column, pattern)
        return pc.all(fits, skip_nulls=True, min_count=0).as_py() is True

    if every(_PLAIN_WHOLE):
        cells = as_whole(column, True)
        assert cells is not None  # text always converts
        if (cells.state == OUT_OF_RANGE).any():
            return None
        if not (cells.state == BLANK).any():
            return cells.value
        return np.where(cells.state == GIVEN, cells.value, np.nan).astype(np.float64)
    if every(_FLOAT):
        return _fill(column.cast(pa.float64()), _floats, np.dtype(np.float64)).value
    if every("^(?i:true|false)$") and not column.null_count:
        cells = as_truth(column, True)
        assert cells is not None  # text always converts
        return cells.value.astype(bool)
    return None


def _objects(column: pa.ChunkedArray) -> NDArray[Any]:
    result = np.empty(len(column), dtype=object)
    start = 0
    for chunk in column.chunks:
        values, indices = _taken(chunk)
        if indices is None:
            encoded = _plain(values).dictionary_encode()
            values, indices = encoded.dictionary, _numpy(encoded.indices, -1)
        texts = np.array([*values.to_pylist(), None], dtype=object)
        texts[texts == ""] = None
        result[start : start + len(chunk)] = texts[indices]
        start += len(chunk)
    return result


def _value_type(column: pa.ChunkedArray) -> pa.DataType:
    kind = column.type
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_string(kind: pa.DataType) -> bool:
    is_view = getattr(pa.types, "is_string_view", lambda _: False)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or is_view(kind))


def _plain(array: pa.Array) -> pa.Array:
    """Return a string view as strings: few of pyarrow's functions know views."""
    known = not _is_string(array.type) or not str(array.type).endswith("view")
    return array if known else array.cast(pa.large_string())


def _taken(chunk: pa.Array) -> tuple[pa.Array, NDArray[Any] | None]:
    """Split a dictionary chunk in its values and indices, -1 where empty."""
    if not pa.types.is_dictionary(chunk.type):
        return chunk, None
    indices = chunk.indices
    if not pa.types.is_signed_integer(indices.type):
        indices = indices.cast(pa.int64())
    return chunk.dictionary, _numpy(indices, -1)


def _numpy(array: pa.Array, empty: Any) -> NDArray[Any]:
    if array.null_count:
        array = array.fill_null(empty)
    return np.asarray(array.to_numpy(zero_copy_only=False))


def _fill(column: pa.ChunkedArray, convert: _Convert, dtype: np.dtype[Any]) -> Cells:
    """Convert chunk by chunk, and of a dictionary only its values."""
    value = np.empty(len(column), dtype=dtype)
    state = np.empty(len(column), dtype=np.uint8)
    start = 0
    for chunk in column.chunks:
        rows = slice(start, start + len(chunk))
        values, indices = _taken(chunk)
        of_values, states = convert(_plain(values))
        if indices is None:
            value[rows], state[rows] = of_values, states
        else:
            blank = -1 if dtype.kind == "i" else np.nan
            value[rows] = np.append(of_values, blank).astype(dtype)[indices]
            state[rows] = np.append(states, BLANK).astype(np.uint8)[indices]
        start = rows.stop
    return Cells(value, state)


def _all_blank(array: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    return np.zeros(len(array), dtype=np.int64), np.full(len(array), BLANK, dtype=np.uint8)


def _blank_state(array: pa.Array) -> NDArray[np.uint8]:
    if not array.null_count:
        return np.zeros(len(array), dtype=np.uint8)
    return _numpy(array.is_null(), True).astype(np.uint8)  # BLANK is 1


def _blank_text(array: pa.Array) -> NDArray[np.bool_]:
    if pa.types.is_null(array.type):
        return np.ones(len(array), dtype=bool)
    return _numpy(pc.equal(pc.binary_length(array), 0), True)


def _whole_of_integers(array: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    state = _blank_state(array)
    value = _numpy(array, 0)
    if value.dtype == np.uint64:
        state[value > np.uint64(2**63 - 1)] = OUT_OF_RANGE
    return value.astype(np.int64), state


def _whole_of_floats(array: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    value = _numpy(array, np.nan)
    exact = 2.0 ** (np.finfo(value.dtype).nmant + 1)
    value = value.astype(np.float64)
    blank = np.isnan(value)
    whole = np.isfinite(value) & (np.floor(value) == value)
    state = np.where(whole, GIVEN, np.where(blank, BLANK, WRONG)).astype(np.uint8)
    state[whole & (np.abs(value) > exact)] = OUT_OF_RANGE
    return np.where(state == GIVEN, value, 0.0).astype(np.int64), state


def _whole_of_text(array: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    good = pc.match_substring_regex(array, _WHOLE)
    is_good = _numpy(good, False)
    state = np.where(is_good, GIVEN, np.where(_blank_text(array), BLANK, WRONG)).astype(np.uint8)
    digits = pc.if_else(pc.fill_null(good, False), array, "0")
    try:
        return _numpy(digits.cast(pa.int64()), 0), state
    except pa.ArrowInvalid:
        pass  # a sign "+", a ".0", or a number beyond int64: take the text apart
    digits = pc.replace_substring_regex(digits, r"\.0*$", "")
    negative = _numpy(pc.starts_with(digits, "-"), False)
    size = _numpy(pc.replace_substring_regex(digits, "^[+-]", "").cast(pa.uint64()), 0)
    too_large = size > np.where(negative, np.uint64(2**63), np.uint64(2**63 - 1))
    state[too_large] = OUT_OF_RANGE
    signed = np.where(too_large, 0, size).astype(
        np.int64
    )  # 2**63 wraps to -2**63, which is its own negative
    with np.errstate(over="ignore"):
        return np.where(negative, -signed, signed), state


def _truth_of_booleans(array: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    return _numpy(array, False).astype(np.int8), _blank_state(array)


def _floats(array: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    value = _numpy(array, np.nan).astype(np.float64)
    return value, np.isnan(value).astype(np.uint8)


def _lookup(
    array: pa.Array, known: pa.Array, places: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """Return what stands at each text's place among the known ones."""
    if pa.types.is_null(array.type):
        return np.full(len(array), EMPTY), np.full(len(array), BLANK, dtype=np.uint8)
    found = _numpy(pc.index_in(array, value_set=known.cast(array.type)), -1)
    blank = _blank_text(array)
    state = np.where(found >= 0, GIVEN, np.where(blank, BLANK, WRONG)).astype(np.uint8)
    return np.append(places, EMPTY)[found], state
