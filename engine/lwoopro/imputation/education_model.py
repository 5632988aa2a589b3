"""Education of parents by ordered logit: who is imputed from what, and how likely (I-1, `model`).

Three equations: the mother where neither parent is known; the mother given the father's level; the
father given the mother's level, known or just drawn. Each has the study's covariates.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import EDUCATION_LEVELS, EMPTY
from lwoopro.errors import InputError, Problem
from lwoopro.imputation.covariates import Covariate, distinct, feature_table, read_covariates
from lwoopro.imputation.ordered_logit import OrderedLogit, OrderedLogitError, fit_ordered_logit
from lwoopro.imputation.persons import Parents, own_score
from lwoopro.imputation.probabilities import UNIFORM_BITS
from lwoopro.pupils.table import Pupils

__all__ = ["EQUATIONS", "EducationModel", "Equation", "Sample", "fit"]

EQUATIONS: Final = ("mother", "mother given father", "father given mother")
"""The three equations, in the order of their parameters."""

_LEVELS: Final = len(EDUCATION_LEVELS)
_PER_PARAMETER: Final = 10
_DECIMALS: Final = 10
_AT_ONCE: Final = 1 << 15
_FARTHEST: Final = 150.0
"""Logits are cut here, so that no product of two odds overflows."""


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
        One of `EQUATIONS`.
    terms : tuple of str
        Covariates, and last the other parent where he is one.
    tables : tuple of float64 arrays, shape ``(codes, features of the term)``
        Features of every code of every term.
    features : tuple of str
        Names of all features.
    pooled : mapping of str to tuple of str
        Per term the categories without a coefficient of their own.
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
    pooled: dict[str, tuple[str, ...]]
    aliased: tuple[str, ...]
    fitted: OrderedLogit
    estimate: NDArray[np.float64]
    factor: NDArray[np.float64]
    sample: Sample

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the parameters."""
        levels = self.fitted.levels
        cuts = [
            f"{EDUCATION_LEVELS[low]}|{EDUCATION_LEVELS[high]}"
            for low, high in zip(levels, levels[1:], strict=False)
        ]
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

    def fill(
        self,
        out: NDArray[np.uint32],
        patterns: NDArray[np.int32],
        parameters: NDArray[np.float64],
    ) -> None:
        """Write the thresholds of patterns, ``out`` of shape ``(draws, patterns, 7)``."""
        cuts = len(self.fitted.cuts)
        ratio = np.exp(-np.clip(parameters[:, :cuts], -_FARTHEST, _FARTHEST))
        effects: list[NDArray[np.float64]] = []
        at = cuts
        for table in self.tables:
            effect = np.zeros((len(parameters), len(table)))
            for column in table.T:
                effect += parameters[:, at, None] * column
                at += 1
            effects.append(effect)
        many = max(1, _AT_ONCE // max(1, len(patterns)))
        for start in range(0, len(parameters), many):
            part = slice(start, start + many)
            logit = np.zeros((len(ratio[part]), len(patterns)))
            for k, effect in enumerate(effects):
                if self.tables[k].shape[1]:
                    logit += effect[part].take(patterns[:, k], axis=1)
            odds = np.exp(np.clip(logit, -_FARTHEST, _FARTHEST))
            self._write(out[part], odds, ratio[part])

    def _write(
        self, out: NDArray[np.uint32], odds: NDArray[np.float64], ratio: NDArray[np.float64]
    ) -> None:
        one = 1 << UNIFORM_BITS
        below = np.searchsorted(self.fitted.levels, np.arange(_LEVELS - 1), side="right")
        for k, place in enumerate(below.tolist()):
            if place == 0:
                out[:, :, k] = 0
            elif place == len(self.fitted.levels):
                out[:, :, k] = one
            else:
                # 1 / (1 + odds · ratio) is F(cut − logit)
                share = odds * ratio[:, place - 1, None]
                share += 1.0
                np.divide(float(one), share, out=share)
                np.ceil(share, out=share)
                out[:, :, k] = share


@dataclass(frozen=True, eq=False)
class EducationModel:
    """A fitted model with the thresholds' rows that the pupils of a study need.

    Attributes
    ----------
    equations : tuple of Equation
        Those that some pupil needs, in the order of `EQUATIONS`.
    patterns : tuple of int32 arrays, shape ``(rows of the equation, terms)``
        Codes of every row of the thresholds, equation after equation.
    mother_row, father_row : int32 array, shape ``(rows of the pupil table,)``
        Row of the thresholds that draws the parent's level; -1 where nothing is drawn.
    father_follows : bool array, shape ``(rows of the pupil table,)``
        The mother's level is drawn, too: the father's row is ``father_row + m`` with m her level.
    covariates : tuple of str
    """

    equations: tuple[Equation, ...]
    patterns: tuple[NDArray[np.int32], ...]
    mother_row: NDArray[np.int32] = field(repr=False)
    father_row: NDArray[np.int32] = field(repr=False)
    father_follows: NDArray[np.bool_] = field(repr=False)
    covariates: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of rows of the thresholds."""
        return sum(len(part) for part in self.patterns)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of all parameters, ``equation: parameter``; their number is z's length."""
        return tuple(
            f"{equation.name}: {label}" for equation in self.equations for label in equation.labels
        )

    @property
    def keys(self) -> NDArray[np.int64]:
        """Key of every parameter's random number, shape ``(parameters,)``.

        ``equation * 2**16 + number within it``: what the number is about, whatever other
        equations the study needs (Q-2).
        """
        parts = [
            (EQUATIONS.index(equation.name) << 16) + np.arange(len(equation.estimate))
            for equation in self.equations
        ]
        return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)

    def thresholds(self, z: NDArray[np.float64] | None = None) -> NDArray[np.uint32]:
        """Cumulative probabilities of the levels, in units of 2**-31, rounded up.

        Parameters
        ----------
        z : float64 array, shape ``(parameters,)`` or ``(draws, parameters)``, or None
            Standard normals, in the order of `labels`; a draw of the parameters is the estimate
            plus the Cholesky factor of its equation's covariance times z (proper imputation).
            None: the estimates.

        Returns
        -------
        uint32 array, shape ``(rows, 7)`` or ``(draws, rows, 7)``
            ``ceil(2**31 · F_k)``, rising in k, at most 2**31. The same bits for a draw whatever
            other draws are asked for beside it.

        Raises
        ------
        ValueError
            z has another number of parameters.
        """
        parameters = sum(len(equation.estimate) for equation in self.equations)
        if z is not None and (z.ndim not in (1, 2) or z.shape[-1] != parameters):
            raise ValueError(f"z has shape {z.shape}; the model has {parameters} parameters")
        normals = None if z is None else np.atleast_2d(z)
        draws = 1 if normals is None else len(normals)
        out = np.empty((draws, self.rows, _LEVELS - 1), np.uint32)
        row = at = 0
        for equation, patterns in zip(self.equations, self.patterns, strict=True):
            stop = at + len(equation.estimate)
            own = None if normals is None else normals[:, at:stop]
            part = out[:, row : row + len(patterns)]
            equation.fill(part, patterns, equation.parameters(own))
            row, at = row + len(patterns), stop
        return out if z is not None and z.ndim == 2 else out[0]


def fit(
    pupils: Pupils,
    mother: Parents,
    father: Parents,
    covariates: Sequence[str],
    *,
    coded: Collection[str] = (),
    where: str = "imputation.covariates",
) -> EducationModel:
    """Fit the equations that the pupils need and lay out the rows of their thresholds.

    An equation is fitted on the parents that complete rows know (I-5), each person once: the row
    of his latest year, and within it of the lowest pupil_id, among the rows that know what the
    equation needs. Only rows with a score of their own are imputed.

    Parameters
    ----------
    pupils : Pupils
        All years of the study.
    mother, father : Parents
        From `imputation.persons.resolve_parents`.
    covariates : sequence of str
        Column names, see `imputation.covariates.read_covariates`; may be empty.
    coded : collection of str
        Columns of `Pupils.extra` that hold code positions.
    where : str
        Place of the covariates in the study file, for messages.

    Returns
    -------
    EducationModel

    Raises
    ------
    InputError
        A covariate cannot be used; no parent, or too few, of known education; all of one level;
        a covariate that tells the levels apart completely.
    """
    terms = read_covariates(pupils, covariates, coded, where)
    own = own_score(pupils)
    no_mother, no_father = mother.level == EMPTY, father.level == EMPTY
    both = own & no_mother & no_father
    only_mother = own & no_mother & ~no_father
    only_father = own & ~no_mother & no_father
    known = own & ~no_mother & ~no_father

    equations: list[Equation] = []
    patterns: list[NDArray[np.int32]] = []
    problems: list[Problem] = []
    rows = 0
    mother_row = np.full(len(pupils), -1, np.int32)
    father_row = np.full(len(pupils), -1, np.int32)

    def add(
        name: str, parent: Parents, speaks: NDArray[np.bool_], used: list[Covariate]
    ) -> Equation | None:
        sample = _sample(pupils, parent, speaks, used)
        try:
            equations.append(_equation(name, sample, used, where))
        except InputError as error:
            problems.extend(error.problems)
            return None
        return equations[-1]

    if both.any() and add(EQUATIONS[0], mother, own & ~no_mother, terms):
        codes, of_row = _patterns(terms, both)
        mother_row[both] = of_row
        patterns.append(codes)
        rows += len(codes)
    used = [*terms, _other_parent("father", father)]
    if only_mother.any() and add(EQUATIONS[1], mother, known, used):
        codes, of_row = _patterns(used, only_mother)
        mother_row[only_mother] = rows + of_row
        patterns.append(codes)
        rows += len(codes)
    used = [*terms, _other_parent("mother", mother)]
    if (only_father | both).any() and add(EQUATIONS[2], father, known, used):
        codes, of_row = _patterns(used, only_father)
        father_row[only_father] = rows + of_row
        # for parents who are both unknown eight rows, one for each level of the mother
        without, of_row = _patterns(terms, both)
        father_row[both] = rows + len(codes) + of_row * _LEVELS
        levels = np.tile(np.arange(_LEVELS, dtype=np.int32), len(without))
        blocks = np.column_stack([np.repeat(without, _LEVELS, axis=0), levels])
        patterns.append(np.concatenate([codes, blocks]))
        rows += len(codes) + len(blocks)
    if problems:
        raise InputError(problems)
    return EducationModel(
        equations=tuple(equations),
        patterns=tuple(patterns),
        mother_row=mother_row,
        father_row=father_row,
        father_follows=both,
        covariates=tuple(covariates),
    )


def _other_parent(name: str, parent: Parents) -> Covariate:
    code = np.maximum(parent.level, 0).astype(np.int32)
    return Covariate(f"education_{name}", code, None, EDUCATION_LEVELS)


def _patterns(
    terms: Sequence[Covariate], rows: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return distinct([term.code[rows] for term in terms], int(rows.sum()))


def _sample(
    pupils: Pupils, parent: Parents, speaks: NDArray[np.bool_], terms: Sequence[Covariate]
) -> Sample:
    rows = np.flatnonzero(speaks)
    year = pupils.year[rows].astype(np.int64)
    rows = rows[np.lexsort((pupils.pupil_id[rows], -year, parent.person[rows], parent.role[rows]))]
    person, role = parent.person[rows], parent.role[rows]
    first = np.ones(len(rows), bool)
    first[1:] = (person[1:] != person[:-1]) | (role[1:] != role[:-1])
    rows = rows[first]
    patterns, pattern = distinct([term.code[rows] for term in terms], len(rows))
    return Sample(patterns, pattern, parent.level[rows], parent.person[rows])


def _equation(name: str, sample: Sample, terms: Sequence[Covariate], where: str) -> Equation:
    tables: list[NDArray[np.float64]] = []
    features: list[str] = []
    pooled: dict[str, tuple[str, ...]] = {}
    who = name.split()[0]
    occurring = len(np.unique(sample.level))
    if occurring < 2:
        known = f"{len(sample.level):,} {who}s with known education"
        what = f"equation {name!r}: {known}, of {occurring} of the {_LEVELS} levels"
        right = "at least two levels must be known of somebody"
        raise InputError(Problem(where, what, right))
    for k, term in enumerate(terms):
        code = sample.patterns[sample.pattern, k]
        cell = np.bincount(code.astype(np.int64) * _LEVELS + sample.level, minlength=0)
        counts = np.zeros(term.size * _LEVELS, np.int64)
        counts[: len(cell)] = cell
        ordered = term.name.startswith("education_")
        table, names, few = feature_table(term, counts.reshape(-1, _LEVELS), ordered)
        tables.append(table)
        features += names
        if few:
            pooled[term.name] = few
    design = _design(tables, sample.patterns)
    counts = sample.counts()
    spare = _dependent(design, counts.sum(axis=1))
    aliased = tuple(features[k] for k in spare)
    tables = _without(tables, spare)
    features = [label for k, label in enumerate(features) if k not in set(spare)]
    parameters = occurring - 1 + len(features)
    if len(sample.level) < _PER_PARAMETER * parameters:
        what = (
            f"equation {name!r}: {len(sample.level):,} {who}s with known education "
            f"for {parameters} parameters"
        )
        raise InputError(Problem(where, what, f"at least {_PER_PARAMETER} for each: fewer columns"))
    try:
        fitted = fit_ordered_logit(_design(tables, sample.patterns), counts)
    except OrderedLogitError as error:
        about = ", ".join(dict.fromkeys(features[k].split("=")[0] for k in error.features))
        what = f"equation {name!r}: {error}{f' ({about})' if about else ''}"
        raise InputError(Problem(where, what, "leave that column out or make it coarser")) from None
    # rounded, so that the order in which a library adds up does not show in any draw
    estimate = np.round(np.concatenate([fitted.cuts, fitted.slopes]), _DECIMALS)
    factor = np.round(np.linalg.cholesky(fitted.covariance), _DECIMALS)
    return Equation(
        name=name,
        terms=tuple(term.name for term in terms),
        tables=tuple(tables),
        features=tuple(features),
        pooled=pooled,
        aliased=aliased,
        fitted=fitted,
        estimate=estimate,
        factor=factor,
        sample=sample,
    )


def _design(
    tables: Sequence[NDArray[np.float64]], patterns: NDArray[np.int32]
) -> NDArray[np.float64]:
    parts = [table[patterns[:, k]] for k, table in enumerate(tables)]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(patterns), 0))


def _dependent(design: NDArray[np.float64], weight: NDArray[np.float64]) -> list[int]:
    """Columns that are linear in the columns before them and a constant."""
    centred = design - np.average(design, axis=0, weights=weight)
    scale = np.sqrt((centred**2 * weight[:, None]).sum(axis=0))
    found = np.flatnonzero(scale == 0).tolist()
    centred *= np.sqrt(weight)[:, None]
    centred /= np.where(scale > 0, scale, 1.0)
    correlation = centred.T @ centred
    for k in range(design.shape[1]):
        # Gram-Schmidt on the correlations: what is left of column k after those before it
        if correlation[k, k] < 1e-9:
            found += [] if k in found else [k]
            continue
        line = correlation[k] / correlation[k, k]
        correlation = correlation - np.outer(correlation[k], line)
    return sorted(found)


def _without(tables: Sequence[NDArray[np.float64]], spare: Sequence[int]) -> list[NDArray[np.float64]]:
    kept: list[NDArray[np.float64]] = []
    at = 0
    for table in tables:
        inside = [k - at for k in spare if at <= k < at + table.shape[1]]
        kept.append(np.delete(table, inside, axis=1))
        at += table.shape[1]
    return kept
