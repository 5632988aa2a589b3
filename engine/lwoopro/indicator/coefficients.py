"""The coefficients of an indicator, and the distribution they were estimated with (S-1…S-6)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import TRACK_GROUPS

__all__ = ["MICRO", "Characteristic", "Coefficients", "Indicator", "semidefinite_factor"]

MICRO = 1_000_000
"""Millionths per score point (S-4)."""

EDUCATIONS = ("education_mother", "education_father")


@dataclass(frozen=True)
class Characteristic:
    """The coefficients of one categorical column.

    Attributes
    ----------
    column : str
        Column of the pupil table.
    codes : tuple of str
        In the order that the engine numbers them.
    value : tuple of int
        Per code, in millionths of a score point (S-4).
    se : tuple of int or None
        Standard error per code, in millionths; None where the file gives none.
    """

    column: str
    codes: tuple[str, ...]
    value: tuple[int, ...]
    se: tuple[int, ...] | None = None


@dataclass(frozen=True, eq=False)
class Coefficients:
    """All coefficients of an indicator as one vector, and how they vary together (Q-1, S-6).

    A draw of the coefficients is ``value + rint(factor @ z)`` with independent standard normal
    ``z``; it is in millionths again.

    Attributes
    ----------
    names : tuple of str
        ``"<table>.<code>"``, such as ``"start.bbkb"`` and ``"origin.turkey"``; shape
        ``(parameter,)``.
    value : int64 array
        Millionths of a score point, shape ``(parameter,)``.
    se : float64 array
        Standard error in millionths, shape ``(parameter,)``; 0 where none is known.
    factor : float64 array
        Millionths, shape ``(parameter, z)``; ``factor @ factor.T`` is the covariance.
    z_names : tuple of str
        What each column of `factor` moves, shape ``(z,)``.
    tables : mapping of str to slice
        Where each table's codes stand in the vectors: ``start``, ``education_mother``, …
    """

    names: tuple[str, ...]
    value: NDArray[np.int64]
    se: NDArray[np.float64]
    factor: NDArray[np.float64]
    z_names: tuple[str, ...]
    tables: Mapping[str, slice]


@dataclass(frozen=True, eq=False)
class Indicator:
    """An indicator file: what a pupil's education score is made of (S-1, S-2).

    Attributes
    ----------
    name, source : str
        As the file states them.
    start : tuple of int
        Start values of the track groups bbkb and gltl, in millionths.
    start_se : tuple of int or None
        Their standard errors, in millionths.
    education_mother, education_father, origin, stay, debt : Characteristic
    added : tuple of Characteristic
        Further categorical columns (``[characteristic.<column>]``).
    covariance : float64 array or None
        In score points squared, shape ``(parameter, parameter)`` (S-6).
    covariance_parameters : tuple of str
        The parameters that `covariance` is about, named as in `Coefficients`.
    assumed : tuple of str
        Tables that come from no source: ``"start"``, ``"se.origin"``, ``"covariance"``, …
    sources : mapping of str to str
        Source of a table, for the tables that state one of their own.
    path : str
        The file, as the user gave it; for a bundled one its name.
    sha256 : str
        Of the file's bytes.
    """

    name: str
    source: str
    start: tuple[int, int]
    start_se: tuple[int, int] | None
    education_mother: Characteristic
    education_father: Characteristic
    origin: Characteristic
    stay: Characteristic
    debt: Characteristic
    added: tuple[Characteristic, ...]
    covariance: NDArray[np.float64] | None
    covariance_parameters: tuple[str, ...]
    assumed: tuple[str, ...]
    sources: Mapping[str, str]
    path: str
    sha256: str

    @property
    def characteristics(self) -> tuple[Characteristic, ...]:
        """All categorical columns, those of S-2 first."""
        standard = (self.education_mother, self.education_father, self.origin, self.stay, self.debt)
        return standard + self.added

    def parameters(self) -> Coefficients:
        """Return all coefficients as one vector, with their joint distribution (S-6).

        Parameters that `covariance` names vary as it says. Of the others, the levels of one
        parent's education share one ``z`` (level k = value_k + z·se_k), and every other code has
        its own; where no standard error is known, or it is 0, nothing varies.

        Returns
        -------
        Coefficients
            In the order start, `characteristics`.
        """
        tables = [Characteristic("start", TRACK_GROUPS, self.start, self.start_se)]
        tables += self.characteristics
        names: list[str] = []
        value: list[int] = []
        se: list[int] = []
        slices: dict[str, slice] = {}
        columns: dict[str, dict[int, float]] = {}
        place = {name: k for k, name in enumerate(self.covariance_parameters)}
        for table in tables:
            first = len(names)
            slices[table.column] = slice(first, first + len(table.codes))
            names += [f"{table.column}.{code}" for code in table.codes]
            value += table.value
            se += table.se or (0,) * len(table.codes)
            for position in range(first, len(names)):
                name = names[position]
                if se[position] and name not in place:
                    shared = table.column if table.column in EDUCATIONS else name
                    columns.setdefault(shared, {})[position] = float(se[position])
        spread = np.array(se, dtype=np.float64)
        if self.covariance is not None:
            joint = semidefinite_factor(self.covariance * float(MICRO) ** 2)
            where = {name: position for position, name in enumerate(names)}
            at = [where[name] for name in self.covariance_parameters]
            for column, name in zip(joint.T, self.covariance_parameters, strict=True):
                if column.any():
                    columns[f"covariance {name}"] = dict(zip(at, column.tolist(), strict=True))
            spread[at] = np.sqrt(np.diag(self.covariance)) * MICRO
        factor = np.zeros((len(names), len(columns)))
        for z, cells in enumerate(columns.values()):
            factor[list(cells), z] = list(cells.values())
        return Coefficients(
            names=tuple(names),
            value=np.array(value, dtype=np.int64),
            se=spread,
            factor=factor,
            z_names=tuple(columns),
            tables=slices,
        )


def semidefinite_factor(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a lower triangular L with ``L @ L.T`` = covariance, which may be singular.

    Plain loops instead of a library's decomposition: the factor, and with it every draw of the
    coefficients, has the same bits on every machine.

    Parameters
    ----------
    covariance : float64 array
        Symmetric and positive semidefinite up to rounding, shape ``(n, n)``.

    Returns
    -------
    float64 array
        Shape ``(n, n)``; a column of zeros where a variance is explained by those before it.

    Examples
    --------
    >>> semidefinite_factor(np.array([[4.0, 2.0], [2.0, 1.0]])).tolist()
    [[2.0, 0.0], [1.0, 0.0]]
    """
    size = len(covariance)
    smallest = 1e-12 * max((float(covariance[k, k]) for k in range(size)), default=0.0)
    factor = np.zeros((size, size))
    for k in range(size):
        pivot = float(covariance[k, k])
        for i in range(k):
            pivot -= float(factor[k, i]) ** 2
        if pivot <= smallest:
            continue
        root = pivot**0.5
        factor[k, k] = root
        for row in range(k + 1, size):
            rest = float(covariance[row, k])
            for i in range(k):
                rest -= float(factor[row, i]) * float(factor[k, i])
            factor[row, k] = rest / root
    return factor
