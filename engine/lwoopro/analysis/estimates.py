"""Numbers over draws that never part from their Monte-Carlo standard error (Q-3).

Whatever is shown of the draws is one of these: none can be made without its error. What no draw can
change is `Exact`, and says so.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.montecarlo import LEVEL, mean, probability, quantiles

__all__ = [
    "Estimate",
    "Estimates",
    "Exact",
    "Interval",
    "Intervals",
    "Spread",
    "chances",
    "means",
    "spread",
]

HALF = 0.50
"""Probability that the inner interval of a `spread` holds."""


@dataclass(frozen=True)
class Exact:
    """A number that is the same whatever is drawn: a count of the register, a published figure."""

    value: float


@dataclass(frozen=True)
class Estimate:
    """A mean, a probability or a quantile.

    Attributes
    ----------
    value : float
    mcse : float
        Monte-Carlo standard error; 0 where no draw differs, NaN with one draw.
    """

    value: float
    mcse: float


@dataclass(frozen=True)
class Interval:
    """Two quantiles."""

    low: Estimate
    high: Estimate

    @property
    def open(self) -> bool:
        """Whether there is anything between the ends: not where no draw differs."""
        return bool(self.high.value > self.low.value)

    @property
    def mcse(self) -> float:
        """Larger error of the two ends."""
        return float(np.fmax(self.low.mcse, self.high.mcse))


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates of one kind for many cells.

    Attributes
    ----------
    value, mcse : float64 arrays of one shape
    """

    value: NDArray[np.float64]
    mcse: NDArray[np.float64]

    def __post_init__(self) -> None:
        if np.shape(self.value) != np.shape(self.mcse):
            raise ValueError(f"{np.shape(self.value)} numbers, {np.shape(self.mcse)} errors")

    @classmethod
    def of(cls, table: xr.Dataset, name: str, *dims: Hashable) -> Self:
        """Take a variable and its ``_mcse`` out of a table.

        Parameters
        ----------
        table : Dataset
        name : str
        *dims : str
            Order of the dimensions; by default the variable's own.
        """
        values = table[name]
        order = dims or values.dims
        return cls(*(_plain(table[one], order) for one in (name, f"{name}_mcse")))

    def at(self, *place: int) -> Estimate:
        """Estimate of one cell."""
        return Estimate(float(self.value[place]), float(self.mcse[place]))

    def row(self, place: int) -> "Estimates":
        """Estimates of one place along the first dimension."""
        return Estimates(self.value[place], self.mcse[place])

    def times(self, factor: float) -> "Estimates":
        """Everything in another unit."""
        return Estimates(self.value * factor, self.mcse * abs(factor))


@dataclass(frozen=True, eq=False)
class Intervals:
    """Intervals of one kind for many cells."""

    low: Estimates
    high: Estimates

    @classmethod
    def of(cls, table: xr.Dataset, name: str, *dims: Hashable) -> Self:
        """Take ``name_low`` and ``name_high`` and their errors out of a table."""
        order = dims or table[f"{name}_low"].dims
        return cls(*(Estimates.of(table, f"{name}_{end}", *order) for end in ("low", "high")))

    def at(self, *place: int) -> Interval:
        """Interval of one cell."""
        return Interval(self.low.at(*place), self.high.at(*place))


@dataclass(frozen=True, eq=False)
class Spread:
    """How a quantity spreads over the draws: its mean, the inner half, and the interval.

    Attributes
    ----------
    mean : Estimates
    half : Intervals
        Holds 50 % of the draws.
    interval : Intervals
        Holds 90 % of the draws.
    """

    mean: Estimates
    half: Intervals
    interval: Intervals


def spread(values: xr.DataArray, *dims: Hashable) -> Spread:
    """Mean, 50 % and 90 % interval over the draws, each with its error.

    Parameters
    ----------
    values : DataArray with dimension ``draw``
    *dims : str
        Order of the other dimensions; by default as they stand.
    """
    order = ("draw", *(dims or [dim for dim in values.dims if dim != "draw"]))
    values = values.transpose(*order)
    centre = mean(values)
    tail, inner = (1 - LEVEL) / 2, (1 - HALF) / 2
    ends = quantiles(values, (tail, inner, 1 - inner, 1 - tail))
    low, low50, high50, high = (_pair(ends.isel(quantile=k)) for k in range(4))
    return Spread(_pair(centre), Intervals(low50, high50), Intervals(low, high))


def chances(event: xr.DataArray, *dims: Hashable) -> Estimates:
    """`probability` of an event, see `spread`."""
    order = ("draw", *(dims or [dim for dim in event.dims if dim != "draw"]))
    return _pair(probability(event.transpose(*order)))


def means(values: xr.DataArray, *dims: Hashable) -> Estimates:
    """`mean` of values, see `spread`."""
    order = ("draw", *(dims or [dim for dim in values.dims if dim != "draw"]))
    return _pair(mean(values.transpose(*order)))


def _pair(found: xr.Dataset) -> Estimates:
    return Estimates(found["estimate"].to_numpy(), found["mcse"].to_numpy())


def _plain(values: xr.DataArray, order: tuple[Hashable, ...]) -> NDArray[Any]:
    return np.asarray(values.transpose(*order).to_numpy(), np.float64)
