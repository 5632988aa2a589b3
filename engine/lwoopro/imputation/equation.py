"""One equation of the education model: its parents, its features, its thresholds (I-1, `model`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import EDUCATION_LEVELS
from lwoopro.errors import InputError, Problem
from lwoopro.imputation.covariates import Covariate, distinct, feature_table
from lwoopro.imputation.odds import ALWAYS, NEVER
from lwoopro.imputation.ordered_logit import OrderedLogit, OrderedLogitError, fit_ordered_logit
from lwoopro.imputation.persons import Parents
from lwoopro.pupils.table import Pupils

__all__ = ["Equation", "Sample", "dependent_columns", "fit_equation", "make_sample"]

_LEVELS: Final = len(EDUCATION_LEVELS)
_PER_PARAMETER: Final = 10
_DECIMALS: Final = 10
_FARTHEST: Final = 150.0
"""Logits are cut here, so that no product of three odds overflows."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The parents that an equation was fitted on, each once.

    Attributes
    ----------
    patterns : int32 array, shape ``(patterns, terms)``
        Distinct combinations of codes.
    pattern : int32 array, shape ``(parents,)``
    level : int8 array, shape ``(parents,)``
    person : int64 array, shape ``(parents,)``
        Key of the parent, see `imputation.persons`.
    """

    patterns: NDArray[np.int32]
    pattern: NDArray[np.int32]
    level: NDArray[np.int8]
    person: NDArray[np.int64]

    def counts(self, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        """Parents per pattern and level, shape ``(patterns, 8)``; of the chosen ones only."""
        cell = self.pattern.astype(np.int64) * _LEVELS + self.level
        cell = cell if chosen is None else cell[chosen]
        size = len(self.patterns) * _LEVELS
        return np.bincount(cell, minlength=size).reshape(-1, _LEVELS).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Equation:
    """One fitted ordered logit.

    Attributes
    ----------
    name : str
        One of `education_model.EQUATIONS`.
    terms : tuple of str
        Covariates, and last the other parent where he is one.
    tables : tuple of float64 arrays, shape ``(codes, features of the term)``
        Features of every code of every term.
    features : tuple of str
        Names of all features.
    scale : float64 array, shape ``(features,)``
        What a feature was divided by: a slope divided by it is per unit of the column.
    pooled : mapping of str to tuple of str
        Per term the categories that occur without a coefficient of their own.
    aliased : tuple of str
        Features left out because others say the same.
    fitted : OrderedLogit
    estimate : float64 array, shape ``(parameters,)``
        Cuts, then slopes.
    factor : float64 array, shape ``(parameters, parameters)``
        Lower Cholesky factor of their covariance.
    sample : Sample
    """

    name: str
    terms: tuple[str, ...]
    tables: tuple[NDArray[np.float64], ...]
    features: tuple[str, ...]
    scale: NDArray[np.float64]
    pooled: Mapping[str, tuple[str, ...]]
    aliased: tuple[str, ...]
    fitted: OrderedLogit
    estimate: NDArray[np.float64]
    factor: NDArray[np.float64]
    sample: Sample

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the parameters."""
        levels = pairwise(self.fitted.levels)
        cuts = [f"{EDUCATION_LEVELS[low]}|{EDUCATION_LEVELS[high]}" for low, high in levels]
        return (*cuts, *self.features)

    def design(self, patterns: NDArray[np.int32]) -> NDArray[np.float64]:
        """Features of patterns, shape ``(patterns, features)``."""
        return _design(self.tables, patterns)

    def parameters(self, z: NDArray[np.float64] | None) -> NDArray[np.float64]:
        """Parameters of draws.

        Parameters
        ----------
        z : float64 array, shape ``(draws, parameters)``, or None
            Standard normals; None: the estimates, as one draw.

        Returns
        -------
        float64 array, shape ``(draws, parameters)``
            Cuts never fall.
        """
        if z is None:
            return self.estimate[None, :].copy()
        drawn = np.tile(self.estimate, (len(z), 1))
        # one column after the other: a matrix product may round differently for other shapes
        for k in range(len(self.estimate)):
            drawn += z[:, k, None] * self.factor[:, k]
        cuts = drawn[:, : len(self.fitted.cuts)]
        np.maximum.accumulate(cuts, axis=1, out=cuts)
        return drawn

    def ratios(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """exp(-cut) of every level but the last, shape ``(7, draws)``; see `odds.LevelOdds`."""
        cuts = len(self.fitted.cuts)
        ratio = np.exp(-np.clip(parameters[:, :cuts], -_FARTHEST, _FARTHEST)).T
        ends = np.full((2, 1, len(parameters)), [[[ALWAYS]], [[NEVER]]])
        # a level that does not occur has the cut of the level below it, hence probability 0
        below = np.searchsorted(self.fitted.levels, np.arange(_LEVELS - 1), side="right")
        return np.concatenate([ends[0], ratio, ends[1]])[below]

    def factors(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give what each code of the last term multiplies the odds by, shape ``(codes, draws)``."""
        last = len(self.terms) - 1
        return _exp(self._effects(parameters, last))

    def odds(
        self, patterns: NDArray[np.int32], parameters: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """exp(logit) of patterns, shape ``(patterns, draws)``.

        The last term is a factor of its own, see `factors`; patterns may be without it.
        """
        last = len(self.terms) - 1
        logit = np.zeros((len(patterns), len(parameters)))
        for term in range(last):
            if self.tables[term].shape[1]:
                logit += self._effects(parameters, term)[patterns[:, term]]
        odds = _exp(logit)
        if 0 <= last < patterns.shape[1]:
            odds *= self.factors(parameters)[patterns[:, last]]
        return odds

    def _effects(self, parameters: NDArray[np.float64], term: int) -> NDArray[np.float64]:
        """Give what each code of a term adds to the logit, shape ``(codes, draws)``."""
        table = self.tables[term]
        first = len(self.fitted.cuts) + sum(other.shape[1] for other in self.tables[:term])
        effect = np.zeros((len(table), len(parameters)))
        # one column after the other: a matrix product may round differently for other shapes
        for k, column in enumerate(table.T):
            effect += column[:, None] * parameters[:, first + k]
        return effect


def _exp(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    np.clip(logit, -_FARTHEST, _FARTHEST, out=logit)
    return np.exp(logit, out=logit)


def make_sample(
    pupils: Pupils, parent: Parents, speaks: NDArray[np.bool_], terms: Sequence[Covariate]
) -> Sample:
    """Pick every parent once: the row of his latest year, there of the lowest pupil_id.

    Parameters
    ----------
    pupils : Pupils
    parent : Parents
        The equation's parent of every row.
    speaks : bool array, shape ``(rows,)``
        Rows that know what the equation needs.
    terms : sequence of Covariate

    Returns
    -------
    Sample
    """
    rows = np.flatnonzero(speaks)
    year = pupils.year[rows].astype(np.int64)
    rows = rows[np.lexsort((pupils.pupil_id[rows], -year, parent.person[rows], parent.role[rows]))]
    person, role = parent.person[rows], parent.role[rows]
    first = np.ones(len(rows), bool)
    first[1:] = (person[1:] != person[:-1]) | (role[1:] != role[:-1])
    rows = rows[first]
    patterns, pattern = distinct([term.code[rows] for term in terms], len(rows))
    return Sample(patterns, pattern, parent.level[rows], parent.person[rows])


def fit_equation(
    name: str,
    sample: Sample,
    terms: Sequence[Covariate],
    occurs: Sequence[NDArray[np.bool_]],
    where: str,
) -> Equation:
    """Fit an ordered logit to a sample of parents.

    Parameters
    ----------
    name : str
        One of `education_model.EQUATIONS`; its first word says whose level it is about.
    sample : Sample
    terms : sequence of Covariate
        In the order of the sample's patterns.
    occurs : sequence of bool arrays
        Per term the codes that occur among all pupils concerned.
    where : str
        For messages.

    Returns
    -------
    Equation

    Raises
    ------
    InputError
        Too few parents, all of one level, or a covariate that tells the levels apart.
    """
    who = name.split()[0]
    known = f"{len(sample.level):,} {who}s with known education"
    levels = len(np.unique(sample.level))
    if levels < 2:
        what = f"equation {name!r}: {known}, of {levels} of the {_LEVELS} levels"
        right = "at least two levels must be known of somebody"
        raise InputError(Problem(where, what, right))
    parts = []
    for k, term in enumerate(terms):
        cell = sample.patterns[sample.pattern, k].astype(np.int64) * _LEVELS + sample.level
        counts = np.bincount(cell, minlength=term.size * _LEVELS).reshape(-1, _LEVELS)
        parts.append(feature_table(term, counts, occurs[k], term.name.startswith("education_")))
    names = [label for part in parts for label in part.names]
    scale = [number for part in parts for number in part.scale]
    observed = sample.counts()
    design = _design([part.table for part in parts], sample.patterns)
    spare = dependent_columns(design, observed.sum(axis=1))
    tables = _without([part.table for part in parts], spare)
    features = [label for k, label in enumerate(names) if k not in spare]
    parameters = levels - 1 + len(features)
    if len(sample.level) < _PER_PARAMETER * parameters:
        what = f"equation {name!r}: {known} for {parameters} parameters"
        right = f"at least {_PER_PARAMETER} for each: name fewer columns"
        raise InputError(Problem(where, what, right))
    try:
        fitted = fit_ordered_logit(_design(tables, sample.patterns), observed)
    except OrderedLogitError as error:
        about = ", ".join(dict.fromkeys(features[k].split("=")[0] for k in error.features))
        what = f"equation {name!r}: {error}{f' ({about})' if about else ''}"
        raise InputError(Problem(where, what, "leave that column out or make it coarser")) from None
    # rounded, so that the order in which a library adds up does not show in any draw
    return Equation(
        name=name,
        terms=tuple(term.name for term in terms),
        tables=tuple(tables),
        features=tuple(features),
        scale=np.array([number for k, number in enumerate(scale) if k not in spare]),
        pooled={term.name: part.pooled for term, part in zip(terms, parts, strict=True)},
        aliased=tuple(names[k] for k in spare),
        fitted=fitted,
        estimate=np.round(np.concatenate([fitted.cuts, fitted.slopes]), _DECIMALS),
        factor=np.round(np.linalg.cholesky(fitted.covariance), _DECIMALS),
        sample=sample,
    )


def _design(
    tables: Sequence[NDArray[np.float64]], patterns: NDArray[np.int32]
) -> NDArray[np.float64]:
    parts = [table[patterns[:, k]] for k, table in enumerate(tables)]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(patterns), 0))


def dependent_columns(design: NDArray[np.float64], weight: NDArray[np.float64]) -> list[int]:
    """Find columns that are linear in the columns before them and a constant.

    Parameters
    ----------
    design : float64 array, shape ``(patterns, features)``
    weight : float64 array, shape ``(patterns,)``
        Observations per pattern.

    Returns
    -------
    list of int
    """
    centred = design - np.average(design, axis=0, weights=weight)
    centred *= np.sqrt(weight)[:, None]
    length = np.sqrt((centred**2).sum(axis=0))
    centred /= np.where(length > 1e-9 * np.sqrt(weight.sum()), length, np.inf)
    left = centred.T @ centred
    found = []
    for k in range(len(left)):
        # elimination on the correlations: what is left of column k after those before it
        if left[k, k] < 1e-9:
            found.append(k)
        else:
            left = left - np.outer(left[k], left[k] / left[k, k])
    return found


def _without(
    tables: Sequence[NDArray[np.float64]], spare: Sequence[int]
) -> list[NDArray[np.float64]]:
    kept: list[NDArray[np.float64]] = []
    at = 0
    for table in tables:
        inside = [k - at for k in spare if at <= k < at + table.shape[1]]
        kept.append(np.delete(table, inside, axis=1))
        at += table.shape[1]
    return kept
