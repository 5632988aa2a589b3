"""Distributions of single pupils, and of pairs who share a parent, over the ranks of the lattice.

A *type* is a pupil's way of being drawn: profile without the unknown levels, and the rows of the
thresholds. Its distribution is a list of cells. A uniform is cut at every threshold of those who
share it, so that all of them are constant in between: what is worked out is exact.
"""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.types import Bools, Floats, Int32s, Int64s, Uint32s

__all__ = ["BOTH", "FATHER", "MOTHER", "pair_cells", "type_cells"]

MOTHER = 1
FATHER = 2
BOTH = 3
"""Which of a pupil's parents a shared uniform draws."""

_FULL = 1 << 31


@kernel
def _level(threshold: Uint32s, row: int, place: int) -> int:
    """Level that a 31-bit uniform gives; an absent row is a known parent."""
    found = 0
    if row >= 0:
        for k in range(threshold.shape[1]):
            found += int(np.int64(threshold[row, k]) <= place)
    return found


@kernel
def _chance(threshold: Uint32s, row: int, level: int) -> float:
    """Probability of a level; a known parent has level 0 on top of the profile."""
    if row < 0:
        return 1.0 if level == 0 else 0.0
    low = np.int64(0) if level == 0 else np.int64(threshold[row, level - 1])
    last = level == threshold.shape[1]
    high = np.int64(_FULL) if last else np.int64(threshold[row, level])
    return float(high - low) / _FULL


@kernel
def _add_row(edges: Int64s, many: int, threshold: Uint32s, row: int) -> int:
    if row >= 0:
        for k in range(threshold.shape[1]):
            edges[many] = np.int64(threshold[row, k])
            many += 1
    return many


@kernel
def _add_edges(
    edges: Int64s,
    many: int,
    threshold: Uint32s,
    role: int,
    mother: int,
    father: int,
    follows: bool,
) -> int:
    """Add every place where a pupil's level can change along a uniform of this role."""
    if role & 1:
        many = _add_row(edges, many, threshold, mother)
    if role & 2:
        for level in range(8 if follows else 1):
            many = _add_row(edges, many, threshold, father + level if father >= 0 else -1)
    return many


@kernel
def _steps(edges: Int64s, many: int) -> int:
    """Sort the edges, each once, with 0 first and the end last; give the number of steps."""
    edges[many] = 0
    edges[many + 1] = _FULL
    many += 2
    # a few runs that rise already: insertion is quick, and quick to compile
    for k in range(1, many):
        edge = edges[k]
        place = k
        while place > 0 and edges[place - 1] > edge:
            edges[place] = edges[place - 1]
            place -= 1
        edges[place] = edge
    last = 0
    for k in range(1, many):
        if edges[k] != edges[last]:
            last += 1
            edges[last] = edges[k]
    return last


@kernel
def type_cells(
    start: Int64s,
    cell_rank: Int32s,
    cell_chance: Floats,
    base: Int64s,
    mother: Int64s,
    father: Int64s,
    follows: Bools,
    same: Bools,
    threshold: Uint32s,
    rank: Int32s,
    mother_step: int,
) -> int:
    """Distribution of every type over the ranks (I-1).

    Parameters
    ----------
    start : int64 array, shape ``(types + 1,)``
        Output: where each type's cells begin.
    cell_rank, cell_chance : int32 and float64 array
        Output, with room for 64 cells per type.
    base, mother, father, follows : arrays, shape ``(types,)``
        See `kernels.levels.draw_levels`.
    same : bool array, shape ``(types,)``
        One person is both parents: one uniform draws both levels (I-5).
    threshold : uint32 array, shape ``(rows, 7)``
    rank : int32 array, shape ``(profiles,)``
    mother_step : int

    Returns
    -------
    int
        Number of cells.
    """
    edges = np.empty(7 * 9 + 2, np.int64)
    end = 0
    for t in range(base.shape[0]):
        start[t] = end
        if same[t]:
            many = _add_edges(edges, 0, threshold, BOTH, mother[t], father[t], follows[t])
            for e in range(_steps(edges, many)):
                one = _level(threshold, mother[t], edges[e])
                row = father[t] + (one if follows[t] else 0)
                other = _level(threshold, row, edges[e])
                cell_rank[end] = rank[base[t] + mother_step * one + other]
                cell_chance[end] = float(edges[e + 1] - edges[e]) / _FULL
                end += 1
            continue
        for one in range(8):
            p = _chance(threshold, mother[t], one)
            if p == 0.0:
                continue
            row = father[t] + (one if follows[t] else 0)
            for other in range(8):
                q = _chance(threshold, row, other)
                if q > 0.0:
                    cell_rank[end] = rank[base[t] + mother_step * one + other]
                    cell_chance[end] = p * q
                    end += 1
    start[base.shape[0]] = end
    return end


@kernel
def _given(
    out_rank: Int32s,
    out_chance: Floats,
    end: int,
    role: int,
    of_mother: int,
    of_father: int,
    base: int,
    mother: int,
    father: int,
    follows: bool,
    threshold: Uint32s,
    rank: Int32s,
    mother_step: int,
) -> int:
    """Cells of a pupil given the uniforms of the parents in `role`; another parent stays open."""
    for step in range(8):
        if role & MOTHER:
            one = _level(threshold, mother, of_mother)
            p = 1.0
        else:
            one = step
            p = _chance(threshold, mother, one)
        row = father + (one if follows else 0)
        if role & FATHER:
            other = _level(threshold, row, of_father)
        else:
            other = step
            p *= _chance(threshold, row, other)
        if p > 0.0:
            out_rank[end] = rank[base + mother_step * one + other]
            out_chance[end] = p
            end += 1
        if role == BOTH:
            break
    return end


@kernel
def pair_cells(
    start: Int64s,
    weight: Floats,
    first: Int64s,
    second: Int64s,
    side_rank: Int32s,
    side_chance: Floats,
    left: Int64s,
    right: Int64s,
    role: Int64s,
    base: Int64s,
    mother: Int64s,
    father: Int64s,
    follows: Bools,
    threshold: Uint32s,
    rank: Int32s,
    mother_step: int,
    write: bool,
) -> tuple[int, int]:
    """Joint distribution of pairs of pupils who share a uniform (I-5).

    The shared uniforms are cut into steps. In each step the two pupils are independent of each
    other: a cell has a weight and, for either pupil, a list of ranks.

    Parameters
    ----------
    start : int64 array, shape ``(pairs + 1,)``
        Output: where each pair's cells begin.
    weight : float64 array, shape ``(cells,)``
        Output.
    first, second : int64 array, shape ``(cells + 1,)``
        Output: where the lists of the left and the right pupil begin; the left one ends where
        the right one begins, which ends where the next cell's left one begins.
    side_rank, side_chance : int32 and float64 array
        Output: the lists.
    left, right : int64 array, shape ``(pairs,)``
        Types.
    role : int64 array, shape ``(pairs, 4)``
        Of the first shared uniform for left and right, of the second for left and right; 0 where
        there is no second.
    base, mother, father, follows, threshold, rank, mother_step
        See `type_cells`.
    write : bool
        False: only count.

    Returns
    -------
    cells, entries : int
    """
    edges = np.empty((2, 4 * 7 * 9), np.int64)
    steps = np.ones(2, np.int64)
    place = np.empty(2, np.int64)
    ranks = np.empty(16, np.int32)
    chances = np.empty(16)
    cells = 0
    entries = 0
    for p in range(left.shape[0]):
        start[p] = cells
        uniforms = 1 if role[p, 2] == 0 else 2
        for v in range(uniforms):
            many = 0
            for side in range(2):
                t = left[p] if side == 0 else right[p]
                many = _add_edges(
                    edges[v],
                    many,
                    threshold,
                    role[p, 2 * v + side],
                    mother[t],
                    father[t],
                    follows[t],
                )
            steps[v] = _steps(edges[v], many)
        for e in range(steps[0] * (steps[1] if uniforms == 2 else 1)):
            place[0] = e % steps[0]
            place[1] = e // steps[0]
            width = 1.0
            for v in range(uniforms):
                width *= float(edges[v, place[v] + 1] - edges[v, place[v]]) / _FULL
            n = 0
            middle = 0
            for side in range(2):
                t = left[p] if side == 0 else right[p]
                one_role = role[p, side]
                one_place = edges[0, place[0]]
                other_place = edges[1, place[1]] if uniforms == 2 else one_place
                if uniforms == 2 and one_role == FATHER:
                    one_place, other_place = other_place, one_place
                n = _given(
                    ranks,
                    chances,
                    n,
                    BOTH if uniforms == 2 else one_role,
                    one_place,
                    other_place,
                    base[t],
                    mother[t],
                    father[t],
                    follows[t],
                    threshold,
                    rank,
                    mother_step,
                )
                middle = n if side == 0 else middle
            if write:
                weight[cells] = width
                first[cells] = entries
                second[cells] = entries + middle
                for k in range(n):
                    side_rank[entries + k] = ranks[k]
                    side_chance[entries + k] = chances[k]
            cells += 1
            entries += n
    start[left.shape[0]] = cells
    if write:
        first[cells] = entries
    return cells, entries
