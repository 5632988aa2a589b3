"""Q-5: the twin with a moving cut, against many draws of a small country; and the test itself."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lwoopro.analytic.check import FEWEST, Agreement, compare
from lwoopro.analytic.year import TwinYear, twin_year
from lwoopro.simulation.block import Prepared, simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.twin import chances_of
from lwoopro.study import load_study

DRAWS = 2048

Floats = NDArray[np.float64]


def country(small_study: Path, ties: str) -> Prepared:
    """A fiftieth of the country in one year; three policies with the three contributions."""
    text = small_study.read_text("utf-8")
    text = text.replace("scale = 0.01", "scale = 0.02").replace("[2019, 2020]", "[2019]")
    text = text.replace("[target_group]", f'[target_group]\nties = "{ties}"')
    text += '\n[[policy]]\nname = "heads"\nkind = "indicator"\nshare = 0.20\nweight = "equal"\n'
    text += 'equal_part = 0.5\nattribution = "home"\n'
    small_study.write_text(text, "utf-8")
    study = load_study(small_study)
    return prepare(study, load_inputs(study))[0]


def twin_of(prepared: Prepared) -> TwinYear:
    plan, policies = prepared.plans[0], prepared.policies[0]
    chances = chances_of(
        plan,
        prepared.lattice,
        prepared.thresholds,
        prepared.ties,
        prepared.seed,
        prepared.sources,
    )
    return twin_year(chances, policies)


def agreement_of(sample: Floats, mean: Floats, sd: Floats, kurtosis: Floats) -> Agreement:
    return compare(len(sample), sample.mean(axis=0), sample.var(axis=0, ddof=1), mean, sd, kurtosis)


def sizes(found: Agreement) -> list[float]:
    """Root mean squares of z, which are about 1 where nothing is wrong."""
    return [float(np.sqrt(np.nanmean(z**2))) for z in (found.z_mean, found.z_sd)]


@pytest.mark.parametrize("ties", ["include", "exclude", "fractional"])
def test_draws_agree_with_the_twin(small_study: Path, ties: str) -> None:
    prepared = country(small_study, ties)
    twin = twin_of(prepared)
    drawn = simulate_block(prepared, range(DRAWS))
    assert len(np.unique(drawn["cut_score"][:, 0, 1])) > 3, "the cut must move to be a test"
    scores = drawn["disadvantage_score"][:, 0]
    found = agreement_of(scores, twin.mean, twin.sd, twin.kurtosis)
    assert found.agrees, found.largest
    assert found.tested > 500
    # not only within the bound: as many large and small z as there should be
    assert all(0.8 < size < 1.25 for size in sizes(found)), sizes(found)
    # with the cut held at its usual place the spread is wrong, and the test sees it
    cut = drawn["cut_score"][:, 0, 1]
    held = scores[cut == np.median(cut), :, 1]
    spread = np.maximum(held.std(axis=0, ddof=1), 1e-6)
    if ties != "fractional":
        wrong = agreement_of(scores[..., 1, :], held.mean(axis=0), spread, twin.kurtosis[:, 1])
        assert not (wrong.agrees and all(0.8 < size < 1.25 for size in sizes(wrong))), sizes(wrong)
    target = drawn["target_pupils"][:, 0]
    error = target.std(axis=0, ddof=1) / np.sqrt(DRAWS) + 1e-9
    assert (np.abs(target.mean(axis=0) - twin.target) < 6 * error).all()

    budgets = drawn["budget"][:, 0]
    assert (twin.budget_sd[0] == 0).all()
    np.testing.assert_allclose(twin.budget_mean[0], budgets[0, 0])
    found = agreement_of(
        budgets[:, 1:],
        twin.budget_mean[1:],
        twin.budget_sd[1:],
        np.full_like(twin.budget_sd[1:], 4.0),
    )
    assert found.agrees, found.largest


def test_sources_that_are_off_leave_draw_0(small_study: Path) -> None:
    """Q-1: with both off nothing varies; with one off the other's spread is left."""
    prepared = country(small_study, "include")
    for education, donors in ((False, False), (True, False), (False, True)):
        sources = replace(prepared.sources, education=education, donors=donors)
        one = replace(prepared, sources=sources)
        twin = twin_of(one)
        drawn = simulate_block(one, range(640))["disadvantage_score"][:, 0]
        if not education and not donors:
            assert (twin.sd == 0).all()
            np.testing.assert_allclose(np.broadcast_to(twin.mean, drawn.shape), drawn, atol=1e-6)
        else:
            found = agreement_of(drawn, twin.mean, twin.sd, twin.kurtosis)
            assert found.agrees, (education, donors, found.largest)
            assert found.tested > 200


def test_policies_that_are_not_worked_out(small_study: Path) -> None:
    prepared = country(small_study, "include")
    by = prepared.policies[0][1].by_score
    assert by is not None
    threshold = replace(by, scheme=replace(by.scheme, threshold="deduct"))
    changed = replace(prepared.policies[0][1], by_score=threshold)
    twin = twin_of(replace(prepared, policies=((changed,),)))
    assert np.isnan(twin.budget_mean).all() and np.isnan(twin.budget_sd).all()
    nothing = replace(prepared.policies[0][1], by_score=replace(by, total=0))
    twin = twin_of(replace(prepared, policies=((nothing,),)))
    np.testing.assert_allclose(twin.budget_mean[0], nothing.fixed.sum(axis=0) / 100)


def sample(seed: int, shift: float = 0.0, factor: float = 1.0) -> Agreement:
    rng = np.random.default_rng(seed)
    drawn = rng.normal(shift, factor, (1000, 400))
    figures = np.zeros(400), np.ones(400), np.full(400, 3.0)
    return agreement_of(drawn, *figures)


def test_what_is_right_passes_and_what_is_wrong_does_not() -> None:
    assert all(sample(seed).agrees for seed in range(20))
    assert sample(1).tested == 800
    assert not sample(1, shift=0.15).agrees
    assert not sample(1, factor=1.15).agrees
    assert not sample(1, factor=0.85).agrees


def test_few_draws_of_what_seldom_moves_are_not_judged() -> None:
    one = np.ones(1)
    found = compare(50, 5 * one, 9 * one, 0 * one, one, 40 * one)
    assert np.isnan(found.z_mean[0]) and found.agrees
    assert compare(50, 5 * one, 9 * one, 0 * one, one, np.nan * one).tested == 0
    many = compare(50 * 40, 5 * one, 9 * one, 0 * one, one, 40 * one)
    assert not many.agrees
    assert FEWEST == 10


def test_what_stands_still_may_not_move() -> None:
    one = np.ones(1)
    still = compare(10, 7 * one, 0 * one, 7 * one, 0 * one, 3 * one)
    assert still.agrees and still.tested == 1
    assert not compare(10, 7.1 * one, 0 * one, 7 * one, 0 * one, 3 * one).agrees
    assert not compare(10, 7 * one, 0.1 * one, 7 * one, 0 * one, 3 * one).agrees
