"""Tables of relative against absolute change: how many swv stand in each cell (R-2, R-4, R-7)."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.allocation.exact import as_fraction
from lwoopro.analysis.montecarlo import LEVEL, probability_error, summaries

__all__ = ["cell_labels", "cell_table", "euro_cell", "relative_cell"]


def _edges(bounds: Sequence[float]) -> list[Fraction]:
    edges = [as_fraction(bound) for bound in bounds]
    if not edges or any(low >= high for low, high in pairwise(edges)):
        raise ValueError(f"bounds {list(bounds)}: one or more rising numbers")
    return edges


def _cents(euro: xr.DataArray) -> NDArray[np.int64]:
    return np.round(euro.to_numpy() * 100).astype(np.int64)


def _cell(
    top: NDArray[np.int64], bottom: NDArray[np.int64] | int, edges: list[Fraction]
) -> NDArray[np.int8]:
    """Cell of top / bottom, bottom > 0, in whole numbers: a value on a bound stays on it."""
    cell = np.zeros(top.shape, np.int8)
    for place, edge in enumerate(edges):
        left, right = top * edge.denominator, np.asarray(bottom) * edge.numerator
        # [low, high), and the outermost cells closed outward: the lowest holds its own bound
        cell += left > right if place == 0 else left >= right
    return cell


def euro_cell(changes: xr.Dataset, bounds: Sequence[float]) -> xr.DataArray:
    """Cell of every change in euro.

    Parameters
    ----------
    changes : Dataset
        From `change` or `yearly_change`.
    bounds : sequence of float
        Rising, in euro. Cells are [low, high), the outermost closed outward (R-4).

    Returns
    -------
    int8 DataArray
        0 for ≤ the first bound … ``len(bounds)`` for ≥ the last.

    Raises
    ------
    ValueError
        The bounds do not rise.
    """
    edges = _edges(bounds)
    return changes["change"].copy(data=_cell(_cents(changes["change"]), 100, edges)).drop_attrs()


def relative_cell(changes: xr.Dataset, bounds: Sequence[float]) -> xr.DataArray:
    """Cell of every relative change, decided in whole cents.

    Parameters
    ----------
    changes : Dataset
        From `change` or `yearly_change`.
    bounds : sequence of float
        Rising, as shares of the amount before: -0.2 for -20 %. Cells as in `euro_cell`.

    Returns
    -------
    int8 DataArray
        As `euro_cell`; -1 where the amount before is not positive (B-6).

    Raises
    ------
    ValueError
        The bounds do not rise.
    """
    edges = _edges(bounds)
    before = _cents(changes["before"])
    cell = _cell(_cents(changes["change"]), before, edges)
    return changes["change"].copy(data=np.where(before > 0, cell, -1).astype(np.int8)).drop_attrs()


def cell_labels(bounds: Sequence[float], scale: float = 1.0, unit: str = "") -> list[str]:
    """Words for the cells.

    Examples
    --------
    >>> cell_labels([-0.2, 0.2], scale=100, unit="%")
    ['<= -20 %', '-20 to 20 %', '>= 20 %']
    """
    text = [f"{round(bound * scale, 9):g}" for bound in bounds]
    unit = f" {unit}" if unit else ""
    inner = [f"{low} to {high}{unit}" for low, high in pairwise(text)]
    return [f"<= {text[0]}{unit}", *inner, f">= {text[-1]}{unit}"]


def cell_table(
    changes: xr.Dataset,
    *,
    relative_bounds: Sequence[float],
    euro_bounds: Sequence[float],
    level: float = LEVEL,
) -> xr.Dataset:
    """Count the swv in each cell of relative × absolute change.

    Each draw gives one table, as the published ones; this gives the expected number and the
    interval over the draws (R-9), and how likely each swv stands where (R-7).

    Parameters
    ----------
    changes : Dataset
        From `change` or `yearly_change`, dimensions ``(draw, year, swv)``.
    relative_bounds, euro_bounds : sequence of float
        See `relative_cell` and `euro_cell`.
    level : float
        Probability that the intervals hold.

    Returns
    -------
    Dataset
        Numbers of swv: ``count`` ``(year, row, column)``, ``row_count`` ``(year, row)``,
        ``column_count`` ``(year, column)``, ``undefined`` ``(year)`` for swv without a relative
        change (B-6), who stand in no cell; each with ``_low``, ``_high`` and ``_mcse``.
        ``probability`` and its ``_mcse`` ``(year, swv, row, column)``.

    Raises
    ------
    ValueError
        Bounds do not rise.
    """
    rows, columns = len(relative_bounds) + 1, len(euro_bounds) + 1
    dims = ("draw", "year", "swv")
    row = relative_cell(changes, relative_bounds).transpose(*dims).to_numpy().astype(np.intp)
    column = euro_cell(changes, euro_bounds).transpose(*dims).to_numpy()
    # those without a relative change stand in a cell of their own, the last
    place = np.where(row < 0, rows * columns, row * columns + column)
    axes = {
        "row": cell_labels(relative_bounds, 100, "%"),
        "column": cell_labels(euro_bounds, 1e-6, "M euro"),
    }
    at = {name: changes.coords[name].variable for name in changes.coords if name in dims}
    at |= {str(n): c.variable for n, c in changes.coords.items() if c.dims == ("year",)}
    by_year = {name: one for name, one in at.items() if "swv" not in one.dims}

    def array(values: NDArray[Any], *more: str) -> xr.DataArray:
        coords = {**by_year, **{name: axes[name] for name in more}}
        return xr.DataArray(values.astype(np.float64), coords, ("draw", "year", *more))

    held = _held(place, rows * columns + 1, 2)
    count = held[..., :-1].reshape(*held.shape[:2], rows, columns)
    numbers = {
        "count": array(count, "row", "column"),
        "row_count": array(count.sum(axis=-1), "row"),
        "column_count": array(count.sum(axis=-2), "column"),
        "undefined": array(held[..., -1]),
    }
    for part in numbers.values():
        part.attrs = {"units": "swv"}
    result = summaries(numbers, level)
    draws = len(place)
    share = _held(place, rows * columns + 1, 0)[..., :-1] / draws
    share = share.reshape(*share.shape[:2], rows, columns)
    chances = ("year", "swv", "row", "column")
    result = result.assign_coords(swv=changes["swv"].variable)
    for name, values in (
        ("probability", share),
        ("probability_mcse", probability_error(share, draws)),
    ):
        result[name] = (chances, values, {"units": "1"})
    return result.assign_attrs(level=level)


def _held(place: NDArray[np.intp], cells: int, over: int) -> NDArray[np.intp]:
    """Count how often every cell is taken, over one dimension of the places.

    Parameters
    ----------
    place : intp array, shape ``(draw, year, swv)``
    cells : int
    over : int
        Axis that is counted over.

    Returns
    -------
    intp array
        The other two dimensions, and the cell.
    """
    moved = np.moveaxis(place, over, -1)
    shape = moved.shape[:2]
    first = np.arange(shape[0] * shape[1]).reshape(*shape, 1) * cells
    many = np.bincount((first + moved).ravel(), minlength=shape[0] * shape[1] * cells)
    return many.reshape(*shape, cells)
