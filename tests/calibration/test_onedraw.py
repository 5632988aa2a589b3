"""The quick draw of the calibration against the engine, and its own rules (I-4, T-2, D-1)."""

from collections.abc import Iterator

import numpy as np
import pytest

from lwoopro import codes
from lwoopro.calibration.engine import SEED, Results
from lwoopro.calibration.money import read_money
from lwoopro.calibration.onedraw import COEFFICIENTS, Drawn, draw_levels, one_draw
from lwoopro.calibration.profile import profile
from lwoopro.indicator.file import read_indicator
from lwoopro.pupils.synthetic import SyntheticPopulation, bundled_swv_table, generate


@pytest.fixture(scope="module")
def population() -> Iterator[SyntheticPopulation]:
    yield generate("national", [2020], seed=5)


@pytest.fixture(scope="module")
def drawn(population: SyntheticPopulation) -> Drawn:
    return one_draw(population, draw_levels(population, 1), 2020, 0.2, 1)


def test_the_coefficients_are_those_of_the_default_indicator(tmp_path) -> None:
    indicator = read_indicator("assumed-2022", tmp_path)
    assert [10_000 * x for x in COEFFICIENTS["start"].tolist()] == list(indicator.start)
    for name in ("education_mother", "education_father", "origin", "stay", "debt"):
        ours = COEFFICIENTS[name.split("_")[0]]
        assert [10_000 * x for x in ours.tolist()] == list(getattr(indicator, name).value)


def test_asylum_pupils_have_the_mean_of_the_others_in_the_group(
    population: SyntheticPopulation, drawn: Drawn
) -> None:
    asylum = population.pupils.asylum[drawn.rows]
    others = drawn.member & ~asylum
    assert drawn.member[asylum].all()
    assert drawn.score[asylum] == pytest.approx(drawn.score[others].mean())
    cut = drawn.score[others].max()
    target = 0.2 * len(drawn.rows) - asylum.sum()
    assert (drawn.score[~asylum] < cut).sum() < target <= (drawn.score[~asylum] <= cut).sum()
    assert np.array_equal(others, ~asylum & (drawn.score <= cut))


def test_contributions_add_up(population: SyntheticPopulation, drawn: Drawn) -> None:
    swv = drawn.by_swv(population.pupils.school_swv, len(population.swv_codes))
    gap = drawn.score.mean() - drawn.score[drawn.member].mean()
    assert swv.sum() == pytest.approx(gap * drawn.member.sum())


def test_parents_keep_what_was_drawn(population: SyntheticPopulation) -> None:
    levels = draw_levels(population, 1)
    pupils = population.pupils
    there = pupils.has_mother_id
    order = np.argsort(pupils.mother_id[there], kind="stable")
    person, level = pupils.mother_id[there][order], levels["mother"][there][order]
    same = person[1:] == person[:-1]
    # siblings' classes differ a little, their uniform does not: the levels nearly all agree
    assert (level[1:] == level[:-1])[same].mean() > 0.95
    known = pupils.education_mother != codes.EMPTY
    assert np.array_equal(levels["mother"][known], pupils.education_mother[known])
    assert (levels["mother"][pupils.registration == 0] != codes.EMPTY).all()


def test_the_profile_of_everybody_is_that_of_the_table(
    population: SyntheticPopulation, drawn: Drawn
) -> None:
    found = profile(population, drawn)
    pupils = population.pupils
    assert found["all"]["asylum"] == pytest.approx(pupils.asylum.mean())
    known = pupils.origin[pupils.origin != codes.EMPTY]
    assert found["all"]["dutch"] == pytest.approx((known == 0).mean())
    assert found["lowest"]["mother_primary"] > 2 * found["all"]["mother_primary"]


def test_it_agrees_with_the_engine(engine: Results) -> None:
    population = generate("national", [2020], seed=SEED)
    codes_, pupils = population.swv_codes, population.pupils
    table = bundled_swv_table("national")
    money = read_money(table)
    n = np.bincount(pupils.school_swv, minlength=len(codes_)).astype(np.float64)
    draws = []
    for seed in range(6):
        drawn = one_draw(population, draw_levels(population, seed), 2020, 0.2, seed)
        draws.append(money.indicator(drawn.by_swv(pupils.school_swv, len(codes_)), n))
    ours, theirs = np.array(draws), engine.indicator[:, -1]
    assert np.array_equal(engine.pupils[-1], n)
    # the same expectation: five standard errors of both means, and what simpler donors may do
    error = np.sqrt(ours.var(axis=0, ddof=1) / len(ours) + theirs.var(axis=0, ddof=1) / len(theirs))
    assert (np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 5 * error + 0.003 * theirs[0]).all()
