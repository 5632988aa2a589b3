"""Everything that a study reads before it simulates, with the hash of every file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.border import ProFlows, read_pro_flows
from lwoopro.errors import InputError, Problem
from lwoopro.imputation.probabilities import ClassProbabilities, from_arrays, read_probabilities
from lwoopro.indicator.file import Indicator, read_indicator
from lwoopro.pro.prepare import bundled_cohorts, pro_assumptions
from lwoopro.pupils.room import Room
from lwoopro.pupils.swv import SwvTable, read_swv
from lwoopro.pupils.synthetic import bundled_swv_table, cached, read_source
from lwoopro.pupils.table import Pupils
from lwoopro.simulation.files import sha256_of
from lwoopro.simulation.memory import used_memory
from lwoopro.simulation.units import SPREAD
from lwoopro.study import Study, SyntheticPupils, TablePupils

__all__ = ["MATCHABLE", "Inputs", "load_inputs", "load_swv", "population_of"]

MATCHABLE: Final = (
    "track",
    "grade",
    "origin",
    "stay",
    "debt",
    "education_mother",
    "education_father",
    "school_swv",
    "home_swv",
)
"""Standard columns that can be donor match keys; further columns of the table can be, too."""

_COUNTS: Final = ("vo", "bb", "kb", "gl", "tl", "pro", "lwoo", "lwoo_34")

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a study computes with.

    Attributes
    ----------
    pupils : Pupils
    swv : SwvTable
    indicator : Indicator
    probabilities : ClassProbabilities or None
    hashes : mapping of str to str
        SHA-256 of every input by its role.
    assumed : tuple of str
        Inputs without a source, in words.
    pro_flows : ProFlows or None
        Pro pupils by swv of school and of home, where the study has a file of them (B-8).
    """

    pupils: Pupils
    swv: SwvTable
    indicator: Indicator
    probabilities: ClassProbabilities | None
    hashes: Mapping[str, str]
    assumed: tuple[str, ...]
    pro_flows: ProFlows | None = None


def load_inputs(study: Study, memory: int | None = None) -> Inputs:
    """Read and check every file of a study.

    Parameters
    ----------
    study : Study
    memory : int, optional
        Bytes that this process may use; a pupil table that does not fit is not read.

    Returns
    -------
    Inputs

    Raises
    ------
    InputError
        With the defects of all files at once.
    """
    problems: list[Problem] = []

    def attempt(read: Callable[[], _T]) -> _T | None:
        try:
            return read()
        except InputError as error:
            problems.extend(error.problems)
            return None

    table = study.indicator.table
    indicator = attempt(lambda: read_indicator(table, study.path.parent))
    swv = attempt(lambda: load_swv(study))
    probabilities = None
    if study.imputation.probabilities is not None:
        path = study.resolve(study.imputation.probabilities)
        probabilities = attempt(lambda: read_probabilities(path))
    pupils: Pupils | None = None
    hashes: dict[str, str] = {}
    flows: ProFlows | None = None
    flows_path = study.settlement.pro_flows
    if swv is not None and flows_path is not None:
        codes = swv.codes
        flows = attempt(lambda: read_pro_flows(study.resolve(flows_path), codes))
    if swv is not None and indicator is not None:
        known = None if probabilities is None else probabilities.classes
        found = attempt(lambda: _pupils(study, swv, indicator, known, memory))
        if found is not None:
            pupils, own_probabilities, hashes = found
            probabilities = probabilities or own_probabilities
    if problems or pupils is None or swv is None or indicator is None:
        raise InputError(problems)
    hashes["swv table"] = swv.sha256
    hashes["indicator"] = indicator.sha256
    if study.growth:
        own = study.pro.cohorts
        hashes["cohorts"] = sha256_of(study.resolve(own) if own else bundled_cohorts())
    if probabilities is not None and probabilities.sha256:
        hashes["probabilities"] = probabilities.sha256
    if flows is not None:
        hashes["pro flows"] = flows.sha256
    assumed = _assumed(study, swv, indicator)
    return Inputs(pupils, swv, indicator, probabilities, hashes, assumed, flows)


def load_swv(study: Study) -> SwvTable:
    """Read the swv table of a study; that of simulated pupils is scaled as they are."""
    if study.swv.path is not None:
        return read_swv(study.resolve(study.swv.path))
    assert isinstance(study.pupils, SyntheticPupils)
    population = population_of(study, study.pupils)
    table = read_swv(population) if isinstance(population, Path) else bundled_swv_table(population)
    scale = float(study.pupils.scale)
    if scale == 1:
        return table
    numbers = {
        name: values * scale if name in _COUNTS or name.startswith("pro_") else values
        for name, values in table.numbers.items()
    }
    return replace(table, numbers=numbers)


def population_of(study: Study, section: SyntheticPupils) -> str | Path:
    """Name of the bundled population, or path of the study's own."""
    name = section.population
    return study.resolve(name) if name.lower().endswith(".csv") else name


def _pupils(
    study: Study,
    swv: SwvTable,
    indicator: Indicator,
    known_classes: NDArray[np.int64] | None,
    memory: int | None,
) -> tuple[Pupils, ClassProbabilities | None, dict[str, str]]:
    section = study.pupils
    years = sorted(study.study.years)
    added = {part.column: part.codes for part in indicator.added}
    match = [name for name in study.imputation.match if name not in (*MATCHABLE, *added)]
    if isinstance(section, TablePupils):
        from lwoopro.pupils.read import read_pupils  # simulated pupils need no file formats

        path = study.resolve(section.path)
        by_model = study.imputation.method == "model"
        covariates = study.imputation.covariates
        wanted = [*match, *(name for name in covariates if name not in (*MATCHABLE, *added))]
        pupils = read_pupils(
            path,
            swv,
            years,
            list(dict.fromkeys(wanted)),
            added,
            classes_needed=not by_model,
            known_classes=known_classes,
            room=None if memory is None else Room(memory, used_memory()),
        )
        return pupils, None, {"pupil table": sha256_of(path)}
    population = population_of(study, section)
    made = cached(population, years, study.study.seed, float(section.scale))
    absent = [name for name in (*match, *added) if name not in made.pupils.extra]
    if absent:
        raise InputError(
            Problem(
                f"{study.path}: imputation.match" if absent[0] in match else indicator.path,
                f"the synthetic population has no column {absent[0]}",
                "one of " + ", ".join((*MATCHABLE, *made.pupils.extra)),
            )
        )
    unknown = set(made.pupils.swv) - set(swv.codes)
    if unknown or made.pupils.swv != swv.codes:
        raise InputError(
            Problem(
                swv.path,
                f"{len(unknown)} swv of the synthetic population are not in this table"
                if unknown
                else "this table has other swv than the synthetic population",
                "the same codes as the population",
            )
        )
    probabilities = from_arrays(made.classes, made.probability)
    return made.pupils, probabilities, {"synthetic population": read_source(population).digest}


def _assumed(study: Study, swv: SwvTable, indicator: Indicator) -> tuple[str, ...]:
    """List the inputs that come from no source, as the report shows them."""
    found = []
    if isinstance(study.pupils, SyntheticPupils):
        found.append("the pupils are simulated: a synthetic population with real counts")
        if study.pupils.population == "national":
            found.append(
                "composition of the cohorts per swv, "
                "shaped to the published changes from year to year"
            )
        if study.swv.path is None and study.pupils.population == "national":
            found.append("participation of 2012 per swv (q_lwoo_2012, q_pro_2012)")
            found.append("the division into swv is of 2015; Statistics Netherlands used 2020")
    given = study.money.model_fields_set
    if "support_amount" not in given or study.money.support_amount == 4740:
        found.append(f"support amount {study.money.support_amount} euro per pupil")
    if "regional_amount" not in given or study.money.regional_amount == 105:
        found.append(f"regional amount {study.money.regional_amount} euro per pupil")
    found += [f"indicator {indicator.name}: {table}" for table in indicator.assumed]
    found.append("the list of eight education levels (S-2)")
    found += [SPREAD] if study.pupils.unit == "school" else []
    found += pro_assumptions(study)
    found += _assumed_beyond(study)
    return tuple(found)


def _assumed_beyond(study: Study) -> list[str]:
    """List what settlement and transition take from no source."""
    found = []
    section = study.settlement
    if section.policy is not None:
        if section.population_below > 0:
            below = float(100 * section.population_below)
            found.append(
                f"a swv that registers less than {below:g} % of its vo pupils for lwoo opts out "
                "and funds lwoo by population (B-7)"
            )
        if section.pro_flows is None:
            found.append("flows of lwoo and pro pupils between swv (B-8)")
        if section.variant != "none":
            found.append(f"response of registration to the release of {section.variant} (B-11)")
    if study.transition.new is not None and study.transition.kind in (
        "front-loaded",
        "back-loaded",
    ):
        found.append(f"the steps of a {study.transition.kind} transition (X-1)")
    return found
