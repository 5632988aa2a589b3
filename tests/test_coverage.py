"""The coverage study in short (Q-7); `benchmarks/coverage.py` is the long one.

With 200 draws the 2.5-97.5 % interval (interpolated) holds 94.1 % of what it should: that many of
201 equally likely ranks lie inside. Bounds are three standard errors of the replications, which a
rate over some hundred swv knows to about one point.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks import reliability
from benchmarks.coverage import (
    CASES,
    LEVELS,
    METHODS,
    RESULTS,
    figure,
    readme_lines,
    replication,
    study,
    table,
)
from benchmarks.coverage_world import SHARE, SIZES, YEAR, Hiding, make_world

from lwoopro import codes
from lwoopro.imputation.persons import own_score
from lwoopro.indicator.file import read_indicator
from lwoopro.indicator.lattice import build_lattice

REPLICATIONS, DRAWS = 30, 200
NAMES = {case.name: case for case in CASES}
PROPER, IMPROPER = range(len(METHODS))
AT_RANDOM = "at random given covariates"
BY_SWV = "local differences, swv a covariate"


def ranks_inside(level: float) -> float:
    """Chance that one more draw lies in the interpolated interval of `DRAWS` draws."""
    low = (1 - level) / 2 * (DRAWS - 1) + 1
    return 1 - 2 * low / (DRAWS + 1)


@cache
def found(name: str) -> np.ndarray:
    return study(NAMES[name], REPLICATIONS, DRAWS)


def rate(name: str, method: int, level: int = 2) -> tuple[float, float]:
    """Coverage of S_j over replications, and its standard error."""
    per = found(name)[:, method, 0, :, level].mean(axis=1)
    return float(per.mean()), float(per.std(ddof=1) / np.sqrt(len(per)))


@pytest.mark.parametrize("name", ["completely at random", AT_RANDOM, BY_SWV])
def test_proper_intervals_cover(name: str) -> None:
    for k, level in enumerate(LEVELS):
        covered, error = rate(name, PROPER, k)
        assert error < 0.03
        assert abs(covered - ranks_inside(level)) < 3 * error + 0.003


def test_improper_intervals_are_too_short_where_parameters_are_many() -> None:
    covered, error = rate(BY_SWV, IMPROPER)
    assert covered + 2 * error < ranks_inside(0.95)
    assert covered < rate(BY_SWV, PROPER)[0]


def test_not_at_random_fails() -> None:
    covered, error = rate("not at random, odds × 0.5 per level", PROPER)
    assert covered + 5 * error < 0.9


def test_the_table_and_the_figure_of_the_study() -> None:
    lines = table((NAMES[name], found(name)) for name in (AT_RANDOM, BY_SWV))
    row = lines[(lines["imputation"] == "proper") & (lines["measure"] == "score")].iloc[0]
    covered, error = rate(AT_RANDOM, PROPER)
    assert row["case"] == AT_RANDOM
    assert row["cover_95"] == pytest.approx(100 * covered, abs=0.006)
    assert row["se_95"] == pytest.approx(100 * error, abs=0.006)
    assert row["lowest_swv"] <= row["cover_95"] <= row["highest_swv"]
    assert len(lines) == 8
    drawn = figure(lines)
    assert [text.get_text() for text in drawn.axes[0].get_yticklabels()] == [AT_RANDOM, BY_SWV]


def test_a_replication_depends_on_its_number_alone() -> None:
    case = NAMES[AT_RANDOM]
    np.testing.assert_array_equal(replication(3, case, DRAWS), found(AT_RANDOM)[3])
    assert (replication(4, case, DRAWS) != replication(3, case, DRAWS)).any()


def test_what_was_measured_is_what_the_readme_shows() -> None:
    """The files of the last full run, and the clause's bounds (Q-7)."""
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8").splitlines()
    lines = pd.read_csv(RESULTS / "coverage.csv")
    assert set(lines["case"]) == set(NAMES)
    for line in readme_lines(lines):
        assert line in readme
    for line in reliability.readme_lines(pd.read_csv(RESULTS / "reliability.csv")):
        assert line in readme
    proper = lines[(lines["imputation"] == "proper") & (lines["measure"] == "score")]
    wanted = proper.set_index("case").loc[["completely at random", AT_RANDOM]]
    assert (wanted["replications"] >= 2000).all()
    assert wanted["cover_95"].between(93.5, 96.5).all()


# --- the world ------------------------------------------------------------------------------------


@cache
def world():
    indicator = read_indicator("assumed-2022", Path())
    return make_world(indicator, build_lattice(indicator))


def test_the_truth_is_the_reference_s() -> None:
    """D-1 on known levels, word by word, beside the study's own formula."""
    here = world()
    mother, father = here.levels(np.random.default_rng(1))
    score = here.lattice.score[here.base + (8 * mother.astype(int) + father)[here.family]].tolist()
    need = -(-int(SHARE * 100) * len(score) // 100)
    cut = sorted(score)[need - 1]
    mean = sum(score) / len(score)
    expected = [0.0] * len(SIZES)
    for one, swv in zip(score, here.pupils.school_swv.tolist(), strict=True):
        if one <= cut:
            expected[swv] += (mean - one) / 1e6
    np.testing.assert_allclose(here.realised(mother, father), expected)


def test_hiding_is_what_it_says() -> None:
    here = world()
    rng = np.random.default_rng(2)
    mother, father = here.levels(rng)
    share = {}
    for name, how in (
        ("random", Hiding()),
        ("covariates", Hiding(True)),
        ("level", Hiding(by_level=-0.7)),
        ("any", Hiding(any_pattern=True)),
    ):
        seen = here.hide(rng, mother, father, how)
        known = seen.education_mother != codes.EMPTY
        # what is shown is the truth
        np.testing.assert_array_equal(seen.education_mother[known], mother[here.family][known])
        no_father = seen.education_father == codes.EMPTY
        if name != "any":
            assert (no_father | known).all()
        else:
            assert (~no_father & ~known).any()
        hidden = ~known
        low, poor = mother[here.family] < 3, here.income[here.family] < 2
        share[name] = [hidden[of].mean() - hidden[~of].mean() for of in (low, poor)]
    assert abs(share["random"][0]) < 0.06
    assert abs(share["random"][1]) < 0.06
    assert share["covariates"][1] > 0.1
    assert share["level"][0] > 0.3
    copied = here.hide(rng, mother, father, Hiding(no_register=0.06))
    assert 0.04 < 1 - own_score(copied).mean() < 0.08
    assert (copied.year == YEAR).all()
