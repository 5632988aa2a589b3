"""Draws that make the synthetic population anew: fresh cohorts, suppressed counts (Q-1, §10).

A draw's population is a function of the seed and the draw's number, like everything else, so that
any worker can make it. It takes some seconds for the whole country.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.codes import TRACKS
from lwoopro.errors import InputError, Problem
from lwoopro.imputation.probabilities import from_arrays
from lwoopro.kernels.philox import (
    DRAWS_PER_COUNTER,
    POPULATION,
    SUPPRESSED,
    fill_words,
    seed_key,
    source_word,
)
from lwoopro.pro.keys import swv_number
from lwoopro.pupils.synthetic import read_source
from lwoopro.pupils.synthetic.generate import generate_from
from lwoopro.pupils.synthetic.source import Source
from lwoopro.pupils.synthetic.suppressed import MOST, SuppressedCohorts, read_suppressed
from lwoopro.pupils.table import Pupils
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.inputs import Inputs
from lwoopro.simulation.layout import Layout
from lwoopro.study import Study, SyntheticPupils

__all__ = ["Remake", "drawn_cell", "drawn_seed", "plan_remake"]

Prepare = Callable[[Study, Inputs], tuple[Prepared, Layout]]

_SEED_LOW: Final = 1
_SEED_HIGH: Final = 2
_FIRST_YEAR: Final = 1990


def drawn_word(seed: int, source: int, sub: int, person: int, draw: int) -> int:
    """One keyed word (Q-2)."""
    words = np.empty(DRAWS_PER_COUNTER, np.uint32)
    group, lane = divmod(draw, DRAWS_PER_COUNTER)
    fill_words(words, seed_key(seed), group, source_word(source, sub), np.uint64(person), True)
    return int(words[lane])


def drawn_seed(seed: int, draw: int) -> int:
    """Seed of a draw's own population, 0 … 2**63 - 1: two words keyed by the draw alone."""
    low, high = (drawn_word(seed, POPULATION, sub, 0, draw) for sub in (_SEED_LOW, _SEED_HIGH))
    return (high << 32 | low) >> 1


def drawn_cell(seed: int, year: int, track: int, swv: str, number: int, draw: int) -> int:
    """Value of a suppressed cell in a draw, 1 … 4 (Q-1).

    Parameters
    ----------
    seed : int
    year : int
        In which the school year begins.
    track : int
        Position in `codes.TRACKS`.
    swv : str
    number : int
        Of the cell among those of its year, track and swv.
    draw : int
    """
    sub = ((year - _FIRST_YEAR) * len(TRACKS) + track) << 14 | number
    word = drawn_word(seed, SUPPRESSED, sub, swv_number(swv), draw)
    return 1 + (word * MOST >> 32)


@dataclass(frozen=True, eq=False)
class Remake:
    """Makes the population of any draw, and prepares it; travels to workers as it is.

    Attributes
    ----------
    study : Study
        With neither source on.
    inputs : Inputs
        Without pupils.
    source : Source
    fresh : bool
        Every draw has persons of its own; else those of the study's seed.
    suppressed : SuppressedCohorts or None
        Where suppressed counts vary.
    own_probabilities : bool
        The study has a probability file: it takes the place of the population's own.
    prepare : callable
        `prepare.prepare`, which makes the Remake and so cannot be known here.
    """

    study: Study
    inputs: Inputs
    source: Source
    fresh: bool
    suppressed: SuppressedCohorts | None
    own_probabilities: bool
    prepare: Prepare

    def __call__(self, draw: int) -> tuple[Prepared, Mapping[str, NDArray[Any]]]:
        """Make and prepare one draw.

        Parameters
        ----------
        draw : int

        Returns
        -------
        Prepared
            Good for this draw only.
        mapping of str to array
            `drawn_pupils` and the like, without the dimension `draw`.

        Raises
        ------
        InputError
            As `prepare`; the draw is named.
        """
        seed = self.study.study.seed
        section = self.study.pupils
        assert isinstance(section, SyntheticPupils)
        made = generate_from(
            self.drawn_source(draw),
            sorted(self.study.study.years),
            drawn_seed(seed, draw) if self.fresh else seed,
            float(section.scale),
        )
        inputs = replace(self.inputs, pupils=made.pupils)
        if not self.own_probabilities:
            inputs = replace(inputs, probabilities=from_arrays(made.classes, made.probability))
        try:
            prepared, layout = self.prepare(self.study, inputs)
        except InputError as error:
            raise InputError(
                replace(problem, what=f"draw {draw}: {problem.what}") for problem in error.problems
            ) from None
        constants = layout.constants
        names = ("pupils", "asylum_pupils", "asylum_category_pupils", "lwoo_fixed")
        return prepared, {f"drawn_{name}": np.asarray(constants[name]) for name in names}

    def drawn_source(self, draw: int) -> Source:
        """Give the counts of a draw."""
        if self.suppressed is None:
            return self.source
        cohorts, seed, names = self.suppressed, self.study.study.seed, self.source.codes

        def value(year: int, track: int, swv: int) -> NDArray[np.int64]:
            many = int(cohorts.cells[year][track, swv])
            found = [drawn_cell(seed, year, track, names[swv], k, draw) for k in range(many)]
            return np.array(found, np.int64)

        return cohorts.drawn(value)


def plan_remake(study: Study, inputs: Inputs, prepare: Prepare) -> Remake | None:
    """Say how a draw's population is made; None where no draw makes its own.

    Parameters
    ----------
    study : Study
    inputs : Inputs
    prepare : callable
        See `Remake`.

    Returns
    -------
    Remake or None

    Raises
    ------
    InputError
        Suppressed counts are to vary, and the study has none.
    """
    uncertainty = study.uncertainty
    fresh = uncertainty.population == "fresh"
    if not fresh and not uncertainty.suppressed:
        return None
    section = study.pupils
    cohorts = None
    population: str | Path = ""
    if isinstance(section, SyntheticPupils):
        name = section.population
        population = study.resolve(name) if name.lower().endswith(".csv") else name
        cohorts = read_suppressed(population)
    if uncertainty.suppressed and (cohorts is None or not cohorts.uncertain(study.study.years)):
        raise InputError(_nothing_suppressed(study, cohorts))
    off = {"population": False, "suppressed": False}
    still = study.model_copy(update={"uncertainty": uncertainty.model_copy(update=off)})
    return Remake(
        study=still,
        inputs=replace(inputs, pupils=_nobody(inputs.pupils)),
        source=read_source(population),
        fresh=fresh,
        suppressed=cohorts if uncertainty.suppressed else None,
        own_probabilities=study.imputation.probabilities is not None,
        prepare=prepare,
    )


def _nothing_suppressed(study: Study, cohorts: SuppressedCohorts | None) -> Problem:
    right = "use false"
    if cohorts is None:
        what = 'the counts of this study hold none that are published as "<5"'
    else:
        years = ", ".join(map(str, sorted(study.study.years)))
        what = f'no count of {years} rests on figures that are published as "<5"'
        available = cohorts.uncertain(cohorts.source.years)
        right += f", or a year such as {available[0]}" if available else ""
    return Problem(f"{study.path}: uncertainty.suppressed", what, right)


def _nobody(pupils: Pupils) -> Pupils:
    """Keep the columns without rows."""
    empty = {
        field.name: getattr(pupils, field.name)[:0]
        for field in fields(pupils)
        if isinstance(getattr(pupils, field.name), np.ndarray)
    }
    return replace(pupils, **empty, extra={k: v[:0] for k, v in pupils.extra.items()})
