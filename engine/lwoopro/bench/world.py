"""The data of the benchmarks: one year of the national population as plain columns.

Every contestant starts from the same columns, laid out as its author would like them: pupils whose
score differs between draws first, then those with a known score, then those who copy one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.imputation.donors import find_donors, match_codes
from lwoopro.imputation.persons import Parents, own_score, resolve_parents
from lwoopro.indicator.file import Indicator
from lwoopro.indicator.lattice import FATHER_STEP, MOTHER_STEP, Lattice, profile_bases
from lwoopro.kernels.philox import DONORS, EDUCATION, philox4x32, seed_key, source_word
from lwoopro.pupils.table import Pupils
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.levels import find_rows
from lwoopro.simulation.prepare import prepare
from lwoopro.study import Study, load_study

__all__ = ["NEVER", "Copying", "Unknown", "Words", "World", "build_world", "given_words"]

NEVER: Final = 2**32 - 1
"""A threshold that no uniform of 31 bits reaches: the level is known, and stays."""

_STUDY: Final = """
[study]
name = "benchmark"
years = [2019]
draws = {draws}
seed = 20221118
[pupils]
source = "synthetic"
scale = {scale}
[target_group]
shares = [0.05, 0.10, 0.15, 0.20, 0.25, 0.30]
attribution = ["school", "home"]
[[policy]]
name = "current"
kind = "participation"
[[policy]]
name = "indicator-20-school"
kind = "indicator"
"""


@dataclass(frozen=True, eq=False)
class Unknown:
    """One parent of every pupil with an unknown level of either (I-1).

    Attributes
    ----------
    person, word : uint64 array, shape ``(unknown,)``
        Key of the parent's random numbers.
    row : int32 array, shape ``(unknown,)``
        Row of the class probabilities; -1 where this parent's level is known.
    threshold : uint32 array, shape ``(7, unknown)``
        Cumulative probabilities in units of 2**-31; `NEVER` where the level is known.
    value : int32 array, shape ``(8,)``
        What each level adds to the score, in millionths, above the lowest level.
    """

    person: NDArray[np.uint64]
    word: NDArray[np.uint64]
    row: NDArray[np.int32]
    threshold: NDArray[np.uint32]
    value: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Copying:
    """Pupils who copy a donor's score (I-2, I-3).

    Attributes
    ----------
    person, word : uint64 array, shape ``(copying,)``
    start, length : int64 array, shape ``(copying,)``
        Each one's class in `candidate`.
    candidate : int32 array
        Positions among the pupils with a score of their own.
    """

    person: NDArray[np.uint64]
    word: NDArray[np.uint64]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    candidate: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class World:
    """One year, and the engine's own preparation of the same study.

    The rows are: `unknown` pupils with an unknown level, sorted by swv; the known ones, sorted by
    swv; those who copy.

    Attributes
    ----------
    study : Study
    prepared : Prepared
        What the engine works from.
    lattice : Lattice
    scored : int
        Pupils with a score of their own; the first `unknown` of them are imputed.
    unknown : int
    score : int32 array, shape ``(scored,)``
        In millionths, with unknown levels at their lowest.
    profile : int32 array, shape ``(scored,)``
        Cell of the lattice, likewise.
    mother, father : Unknown
    copying : Copying
    unit : pair of int32 arrays, shape ``(scored + copying,)``
        Position of the swv by school and by home.
    need : int64 array, shape ``(shares,)``
        Pupils whom each share asks for, asylum pupils aside (I-4).
    pupils, asylum : int64 array, shape ``(attribution, swv)``
    swv : tuple of str
    held : float64 array, shape ``(swv,)``
        Euro: regional support and pro, which the indicator leaves alone (B-4).
    lwoo : float
        Euro: the national lwoo money.
    table : Pupils
        All pupils of the year.
    rows : int64 array, shape ``(scored,)``
        Who in `table` has a score of his own.
    indicator : Indicator
    folder : Path
        Where results may be written.
    """

    study: Study
    prepared: Prepared
    lattice: Lattice
    scored: int
    unknown: int
    score: NDArray[np.int32]
    profile: NDArray[np.int32]
    mother: Unknown
    father: Unknown
    copying: Copying
    unit: tuple[NDArray[np.int32], NDArray[np.int32]]
    need: NDArray[np.int64]
    pupils: NDArray[np.int64]
    asylum: NDArray[np.int64]
    swv: tuple[str, ...]
    held: NDArray[np.float64]
    lwoo: float
    table: Pupils
    rows: NDArray[np.int64]
    indicator: Indicator
    folder: Path

    @property
    def draws(self) -> int:
        """Draws of the study that is timed as a whole."""
        return self.study.study.draws

    @property
    def drawn(self) -> int:
        """Pupils whose score differs between draws: imputed or copied."""
        return self.unknown + len(self.copying.person)

    @property
    def everyone(self) -> int:
        """All pupils of the year, asylum pupils included."""
        return int(self.pupils[0].sum())

    def facts(self) -> dict[str, float | int | str]:
        """Say what the data are, for the table's heading."""
        return {
            "population": "national, 1 October 2019",
            "pupils": self.everyone,
            "pupils_drawn": self.drawn,
            "share_drawn": round(self.drawn / self.everyone, 4),
            "parents_drawn": int((self.mother.row >= 0).sum() + (self.father.row >= 0).sum()),
            "shares": len(self.need),
            "attributions": len(self.unit),
            "swv": len(self.swv),
            "study_draws": self.draws,
        }


@dataclass(frozen=True, eq=False)
class Words:
    """Random words of 32 bits of one draw: a mother and a father per unknown, one per copy."""

    mother: NDArray[np.uint32]
    father: NDArray[np.uint32]
    donor: NDArray[np.uint32]


def build_world(folder: Path, scale: float, draws: int) -> World:
    """Build the national population of 2019 and lay it out.

    Parameters
    ----------
    folder : Path
        Exists as long as the world is used.
    scale : float
        Multiplies every count; 1 is the country.
    draws : int
        Of the study that is timed as a whole.

    Returns
    -------
    World
    """
    path = folder / "study.toml"
    path.write_text(_STUDY.format(scale=scale, draws=draws), "utf-8")
    study = load_study(path)
    inputs = load_inputs(study)
    prepared, _ = prepare(study, inputs)
    pupils, lattice, indicator = inputs.pupils, prepared.lattice, inputs.indicator
    year = study.study.years[0]
    mother, father = resolve_parents(pupils)
    levels = find_rows(study, inputs, mother, father)
    own = own_score(pupils)
    open_ = own & ((levels.mother_row >= 0) | (levels.father_row >= 0))
    by_swv = np.lexsort((pupils.school, pupils.school_swv))
    drawn, known = by_swv[open_[by_swv]], by_swv[(own & ~open_)[by_swv]]
    rows = np.concatenate([drawn, known])
    profile = profile_bases(lattice, indicator, pupils)[rows]
    for parent, step in ((mother, MOTHER_STEP), (father, FATHER_STEP)):
        profile += step * np.maximum(parent.level[rows], 0)

    def unknown(parent: Parents, row: NDArray[np.int32], values: tuple[int, ...]) -> Unknown:
        table = np.vstack([levels.thresholds, np.full(levels.thresholds.shape[1], NEVER)])
        value = np.array(values, np.int64)
        return Unknown(
            person=parent.person[drawn].view(np.uint64),
            word=source_word(EDUCATION) | parent.role[drawn].astype(np.uint64),
            row=row[drawn],
            threshold=np.ascontiguousarray(table[row[drawn]].T.astype(np.uint32)),
            value=(value - value[0]).astype(np.int32),
        )

    classes = find_donors(
        pupils, np.arange(len(pupils)), match_codes(pupils, study.imputation.match)
    )
    place = np.full(len(pupils), -1, np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    copies = classes.recipient
    everyone = np.concatenate([rows, copies])
    plan = prepared.plans[0]
    number = inputs.swv.numbers
    support, regional = study.money.support_amount, study.money.regional_amount
    return World(
        study=study,
        prepared=prepared,
        lattice=lattice,
        scored=len(rows),
        unknown=len(drawn),
        score=lattice.score[profile].astype(np.int32),
        profile=profile.astype(np.int32),
        mother=unknown(mother, levels.mother_row, indicator.education_mother.value),
        father=unknown(father, levels.father_row, indicator.education_father.value),
        copying=Copying(
            person=pupils.pupil_id[copies].view(np.uint64),
            word=np.full(len(copies), source_word(DONORS, sub=year)),
            start=classes.start,
            length=classes.length,
            candidate=place[classes.donor],
        ),
        unit=(
            pupils.school_swv[everyone].astype(np.int32),
            pupils.home_swv[everyone].astype(np.int32),
        ),
        need=np.array([quota.need for quota in plan.quotas], np.int64),
        pupils=plan.pupils,
        asylum=plan.asylum,
        swv=pupils.swv,
        held=(float(regional) + float(support) * number["q_pro_2012"]) * number["vo"],
        lwoo=float(support) * float(number["q_lwoo_2012"] @ number["vo"]),
        table=pupils,
        rows=rows,
        indicator=indicator,
        folder=folder,
    )


def given_words(world: World, draw: int) -> Words:
    """Give the engine's own random words of one draw, so that results can be compared (Q-2).

    Parameters
    ----------
    world : World
    draw : int

    Returns
    -------
    Words
    """
    seed = seed_key(world.prepared.seed)
    # the generator as it stands, on whole columns
    columns: Any = getattr(philox4x32, "py_func", philox4x32)

    def words(
        person: NDArray[np.uint64], word: NDArray[np.uint64], first: int
    ) -> NDArray[np.uint32]:
        low, high = person & np.uint64(0xFFFFFFFF), person >> np.uint64(32)
        counter = np.full(len(person), first, np.uint64)
        found: NDArray[np.uint64] = columns(counter, word, low, high, *seed)[draw % 4]
        return found.astype(np.uint32)

    def halves(parent: Unknown) -> NDArray[np.uint32]:
        shift = np.uint32(16 * (draw // 4 % 2))
        upper, lower = (
            words(parent.person, parent.word, draw // 8 + more) >> shift & np.uint32(0xFFFF)
            for more in (0, 1 << 31)
        )
        return upper << np.uint32(16) | lower

    return Words(
        halves(world.mother),
        halves(world.father),
        words(world.copying.person, world.copying.word, draw // 4),
    )
