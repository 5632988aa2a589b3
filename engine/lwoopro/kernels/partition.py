"""Pupils as counts per swv and profile: small however many pupils there are (D-5).

Counts are whole numbers, so parts of the pupils can be counted apart and added up in any order.
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.philox import fill_words
from lwoopro.kernels.sums import SUM_BITS
from lwoopro.kernels.types import Bands, Int16s, Int32s, Int64s, Profiles, Uint32s, Uint64s

__all__ = ["add_moves", "band_cells", "choose_places", "factor_cells"]


@kernel
def add_moves(cells: Int32s, profile: Profiles, index: Int64s, unit: Int16s, sign: int) -> None:
    """Count border pupils into a swv, or take them off (U-2).

    Parameters
    ----------
    cells : int32 array, shape ``(swv, profiles, draws)``
        Changed in place.
    profile : unsigned integer array, shape ``(pupils, draws)``
    index : int64 array, shape ``(some,)``
        Rows of `profile`.
    unit : int16 array, shape ``(some,)``
    sign : int
    """
    draws = profile.shape[1]
    for i in range(index.shape[0]):
        row = profile[index[i]]
        table = cells[unit[i]]
        for d in range(draws):
            table[row[d], d] += sign


@kernel
def band_cells(count: Int64s, total: Int64s, cells: Int32s, band: Bands, packed: Int64s) -> None:
    """Add counted pupils to their swv's bands: count, and sum of scores above the lowest.

    Parameters
    ----------
    count, total : int64 array, shape ``(swv, bands, draws)``
        Added to.
    cells : int32 array, shape ``(swv, profiles, draws)``
        Negative numbers take pupils off.
    band, packed
        See `sums.add_pupils`.
    """
    mask = np.int64((1 << SUM_BITS) - 1)
    own = int(packed.shape[1] > 1)
    swv, profiles, draws = cells.shape
    for j in range(swv):
        for p in range(profiles):
            row = cells[j, p]
            some = 0
            for d in range(draws):
                some |= row[d]
            if some == 0:
                continue
            for d in range(draws):
                b = band[p, d]
                many = np.int64(row[d])
                count[j, b, d] += many
                total[j, b, d] += many * (packed[p, d * own] & mask)


@kernel
def factor_cells(
    below: Int64s, at: Int64s, cells: Int32s, value: Int64s, rank: Int32s, cut: Int32s
) -> None:
    """Count pupils and sum their values below and on a cut, per swv (R-10).

    Parameters
    ----------
    below, at : int64 array, shape ``(1 + values, swv, draws)``
        Added to; the count stands first.
    cells : int32 array, shape ``(swv, profiles, draws)``
    value : int64 array, shape ``(profiles, values)``
    rank : int32 array, shape ``(profiles,)``
    cut : int32 array, shape ``(draws,)``
        Rank of the cut.
    """
    swv, profiles, draws = cells.shape
    for j in range(swv):
        for p in range(profiles):
            row = cells[j, p]
            here = rank[p]
            for d in range(draws):
                many = np.int64(row[d])
                if many == 0 or here > cut[d]:
                    continue
                if here < cut[d]:
                    below[0, j, d] += many
                    for k in range(value.shape[1]):
                        below[1 + k, j, d] += many * value[p, k]
                else:
                    at[0, j, d] += many
                    for k in range(value.shape[1]):
                        at[1 + k, j, d] += many * value[p, k]


@kernel
def choose_places(
    place: Uint32s,
    person: Uint64s,
    word: Uint64s,
    length: Int64s,
    key: Uint64s,
    group: int,
    vary: bool,
) -> None:
    """Choose the donor's place in each recipient's class, as `draws.copy_donors` does (I-2).

    Parameters
    ----------
    place : uint32 array, shape ``(recipients, draws)``
        Output, 0 … length - 1.
    person, word, length
        See `draws.copy_donors`.
    key, group, vary
        See `philox.fill_words`.
    """
    columns = place.shape[1]
    words = np.empty(columns, np.uint32)
    shift = np.uint64(32)
    for i in range(place.shape[0]):
        fill_words(words, key, group, word[i], person[i], vary)
        many = np.uint64(length[i])
        for d in range(columns):
            place[i, d] = np.uint32((np.uint64(words[d]) * many) >> shift)
