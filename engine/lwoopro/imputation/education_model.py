"""Education of parents by ordered logit: who is imputed from what, and how likely (I-1, `model`).

Three equations: the mother where neither parent is known; the mother given the father's level; the
father given the mother's level, known or just drawn. Each has the study's covariates.

What is approximate: levels are taken to be missing at random given these; the marginal and the
conditional equation of the mother cannot both be ordered logits exactly; and their parameters are
drawn independently, each from the normal distribution of its own estimates.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import EDUCATION_LEVELS, EMPTY
from lwoopro.errors import InputError, Problem
from lwoopro.imputation.covariates import Covariate, distinct, read_covariates
from lwoopro.imputation.equation import Equation, fit_equation, make_sample
from lwoopro.imputation.odds import LevelOdds
from lwoopro.imputation.persons import Parents, own_score
from lwoopro.pupils.table import Pupils

__all__ = ["EQUATIONS", "EducationModel", "fit"]

EQUATIONS: Final = ("mother", "mother given father", "father given mother")
"""The three equations, in the order of their parameters."""

_LEVELS: Final = len(EDUCATION_LEVELS)


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
    sizes : mapping of str to int
        Different values of each covariate.
    blocks : int
        The last rows are so many times eight, one for each drawn level of the mother.
    """

    equations: tuple[Equation, ...]
    patterns: tuple[NDArray[np.int32], ...]
    mother_row: NDArray[np.int32] = field(repr=False)
    father_row: NDArray[np.int32] = field(repr=False)
    father_follows: NDArray[np.bool_] = field(repr=False)
    covariates: tuple[str, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    blocks: int = 0

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
        z
            See `level_odds`.

        Returns
        -------
        uint32 array, shape ``(rows, 7)`` or ``(draws, rows, 7)``
            ``ceil(2**31 · F_k)``, rising in k, at most 2**31.

        Raises
        ------
        ValueError
            z has another number of parameters.
        """
        out = self.level_odds(z).thresholds()
        return out if z is not None and z.ndim == 2 else out[0]

    def level_odds(self, z: NDArray[np.float64] | None = None) -> LevelOdds:
        """Odds of the levels.

        Parameters
        ----------
        z : float64 array, shape ``(parameters,)`` or ``(draws, parameters)``, or None
            Standard normals, in the order of `labels`; a draw of the parameters is the estimate
            plus the Cholesky factor of its equation's covariance times z (proper imputation).
            None: the estimates.

        Returns
        -------
        LevelOdds
            The same bits for a draw whatever other draws are asked for beside it.

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
        rows = np.zeros(len(EQUATIONS), np.int64)
        odds: list[NDArray[np.float64]] = []
        blocks = np.empty((0, draws))
        ratio = np.zeros((len(EQUATIONS), _LEVELS - 1, draws))
        given = np.ones((_LEVELS, draws))
        at = 0
        for equation, patterns in zip(self.equations, self.patterns, strict=True):
            stop = at + len(equation.estimate)
            drawn = equation.parameters(None if normals is None else normals[:, at:stop])
            number = EQUATIONS.index(equation.name)
            ratio[number] = equation.ratios(drawn)
            rows[number] = len(patterns)
            if equation.name == EQUATIONS[-1] and self.blocks:
                rows[number] -= self.blocks * _LEVELS
                given = equation.factors(drawn)
                # one row for the eight of a block: all but the mother's level
                blocks = equation.odds(patterns[rows[number] :: _LEVELS, :-1], drawn)
            odds.append(equation.odds(patterns[: rows[number]], drawn))
            at = stop
        first = np.concatenate([[0], np.cumsum(rows)])
        return LevelOdds(first, np.concatenate([*odds, blocks]), ratio, given)


def fit(
    pupils: Pupils,
    mother: Parents,
    father: Parents,
    covariates: Sequence[str],
    *,
    coded: Collection[str] = (),
    where: str = "imputation.covariates",
    bins: Mapping[str, int] | None = None,
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
    bins : mapping of str to int, optional
        Numbers of these covariates are put into so many groups.

    Returns
    -------
    EducationModel

    Raises
    ------
    InputError
        A covariate cannot be used; no parent, or too few, of known education; all of one level;
        a covariate that tells the levels apart completely.
    """
    terms = read_covariates(pupils, covariates, coded, where, bins)
    own = own_score(pupils)
    no_mother, no_father = mother.level == EMPTY, father.level == EMPTY
    both = own & no_mother & no_father
    only_mother = own & no_mother & ~no_father
    only_father = own & ~no_mother & no_father
    known = own & ~no_mother & ~no_father

    equations: list[Equation] = []
    patterns: list[NDArray[np.int32]] = []
    problems: list[Problem] = []
    rows = following = 0
    mother_row = np.full(len(pupils), -1, np.int32)
    father_row = np.full(len(pupils), -1, np.int32)

    def add(
        name: str,
        parent: Parents,
        speaks: NDArray[np.bool_],
        wanted: NDArray[np.bool_],
        used: list[Covariate],
    ) -> Equation | None:
        sample = make_sample(pupils, parent, speaks, used)
        occurs = [np.bincount(term.code[speaks | wanted], minlength=term.size) > 0 for term in used]
        try:
            equations.append(fit_equation(name, sample, used, occurs, where))
        except InputError as error:
            problems.extend(error.problems)
            return None
        return equations[-1]

    if both.any() and add(EQUATIONS[0], mother, own & ~no_mother, both, terms):
        codes, of_row = _patterns(terms, both)
        mother_row[both] = of_row
        patterns.append(codes)
        rows += len(codes)
    used = [*terms, _other_parent("father", father)]
    if only_mother.any() and add(EQUATIONS[1], mother, known, only_mother, used):
        codes, of_row = _patterns(used, only_mother)
        mother_row[only_mother] = rows + of_row
        patterns.append(codes)
        rows += len(codes)
    used = [*terms, _other_parent("mother", mother)]
    wanted = only_father | both
    if wanted.any() and add(EQUATIONS[2], father, known, wanted, used):
        codes, of_row = _patterns(used, only_father)
        father_row[only_father] = rows + of_row
        # for parents who are both unknown eight rows, one for each level of the mother
        without, of_row = _patterns(terms, both)
        father_row[both] = rows + len(codes) + of_row * _LEVELS
        levels = np.tile(np.arange(_LEVELS, dtype=np.int32), len(without))
        blocks = np.column_stack([np.repeat(without, _LEVELS, axis=0), levels])
        patterns.append(np.concatenate([codes, blocks]))
        rows += len(codes) + len(blocks)
        following = len(without)
    if problems:
        raise InputError(problems)
    return EducationModel(
        equations=tuple(equations),
        patterns=tuple(patterns),
        mother_row=mother_row,
        father_row=father_row,
        father_follows=both,
        covariates=tuple(covariates),
        sizes={term.name: term.size for term in terms},
        blocks=following,
    )


def _other_parent(name: str, parent: Parents) -> Covariate:
    code = np.maximum(parent.level, 0).astype(np.int32)
    return Covariate(f"education_{name}", code, None, EDUCATION_LEVELS)


def _patterns(
    terms: Sequence[Covariate], rows: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return distinct([term.code[rows] for term in terms], int(rows.sum()))
