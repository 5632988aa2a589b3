"""Pupils with a test score from a known indicator."""

from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from lwoopro.codes import DEBT, EDUCATION_LEVELS, ORIGINS, STAYS, TRACK_GROUPS, TRACKS
from lwoopro.indicator.coefficients import MICRO
from lwoopro.indicator.file import Indicator, read_indicator
from lwoopro.recalibration.estimate import Estimate
from lwoopro.recalibration.sample import Factor, Sample

SLOPE = 0.6
CENTRE = 100.0
NOISE = 4.0


@cache
def truth() -> Indicator:
    return read_indicator("assumed-2022", Path())


def sample(rng: np.random.Generator, pupils: int = 1500, school_spread: float = 0.0) -> Sample:
    """Pupils whose test score follows the bundled indicator.

    Intelligence depends on education, so that leaving it out of the regression would show.
    """
    indicator = truth()
    group = rng.integers(0, 2, pupils)
    mother = rng.integers(0, 8, pupils)
    father = np.clip(mother + rng.integers(-2, 3, pupils), 0, 7)
    origin = rng.choice(5, pupils, p=[0.5, 0.15, 0.1, 0.15, 0.1])
    stay = rng.choice(3, pupils, p=[0.1, 0.1, 0.8])
    debt = (rng.random(pupils) < 0.05).astype(np.int64)
    school = rng.integers(0, max(pupils // 30, 2), pupils)
    intelligence = CENTRE + 2.0 * (mother - 3.5) + 12 * rng.normal(size=pupils)
    factors = (
        Factor("education_mother", EDUCATION_LEVELS, 0, mother),
        Factor("education_father", EDUCATION_LEVELS, 0, father),
        Factor("origin", ORIGINS, 0, origin),
        Factor("stay", STAYS, 2, stay),
        Factor("debt", DEBT, 0, debt),
    )
    score = np.array(indicator.start)[group] / MICRO
    for factor, part in zip(factors, indicator.characteristics, strict=True):
        score = score + np.array(part.value)[factor.code] / MICRO
    score += SLOPE * (intelligence - CENTRE) + NOISE * rng.normal(size=pupils)
    score += school_spread * rng.normal(size=school.max() + 1)[school]
    return Sample(score, intelligence, group, factors, school, {}, "simulated")


def true_values(found: Estimate) -> np.ndarray:
    """Truth of every parameter: the mean intelligence of all such pupils is `CENTRE`."""
    old = truth().parameters()
    known = dict(zip(old.names, (old.value / MICRO).tolist(), strict=True))
    return np.array([known[name] for name in found.names])


def table(pupils: Sample, **columns: list[object]) -> pa.Table:
    """The same pupils as a pupil table with the columns of a recalibration."""
    rng = np.random.default_rng(0)
    rows = len(pupils)
    code = {factor.column: np.array(factor.codes)[factor.code] for factor in pupils.factors}
    track = 2 * pupils.group + rng.integers(0, 2, rows)
    assert TRACK_GROUPS == ("bbkb", "gltl")
    cells: dict[str, object] = {
        "year": np.full(rows, 2020),
        "pupil_id": np.arange(rows),
        "school_id": [f"{k // 100:02d}AA{k % 100:02d}" for k in pupils.school],
        "school_swv": ["VO2001"] * rows,
        "grade": np.full(rows, 3),
        "track": np.array(TRACKS)[track],
        "registration": ["complete"] * rows,
        "asylum": np.zeros(rows, bool),
        "education_mother": code["education_mother"],
        "education_father": code["education_father"],
        "origin": code["origin"],
        "stay": code["stay"],
        "debt": code["debt"] == "yes",
        "test_score": pupils.score,
        "intelligence": pupils.intelligence,
        "advice": ["vmbo_bb"] * rows,
    }
    return pa.table({name: pa.array(values) for name, values in (cells | columns).items()})


def write(path: Path, pupils: Sample, **columns: list[object]) -> Path:
    if path.suffix == ".csv":
        pa.csv.write_csv(table(pupils, **columns), path)
    else:
        pa.parquet.write_table(table(pupils, **columns), path)
    return path
