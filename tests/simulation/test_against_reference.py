"""The engine against the reference that follows the clauses word by word."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.reference import Result
from tests.reference_money import PARTS, ClauseError
from tests.strategies import World, failing_worlds, run_reference, worlds, write_world

from lwoopro.codes import ATTRIBUTIONS
from lwoopro.errors import InputError
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study


def with_known_regions(world: World) -> World:
    """The engine refuses an uplift for a region that no swv has: it would be a slip of the pen."""
    regions = {row.get("region") for row in world.swv}
    policies = [dict(policy) for policy in world.settings.policies]
    for policy in policies:
        if "uplift" in policy:
            policy["uplift"] = {k: v for k, v in policy["uplift"].items() if k in regions}
    return replace(world, settings=replace(world.settings, policies=tuple(policies)))


def engine(world: World, suffix: str = ".parquet"):
    """All draws of a world through files, as a run does it; returns values and coordinates."""
    world = with_known_regions(world)
    with tempfile.TemporaryDirectory() as folder:
        study = load_study(write_world(world, Path(folder), suffix))
        prepared, layout = prepare(study, load_inputs(study))
        values = simulate_block(prepared, range(study.study.draws))
    return values | dict(layout.constants), layout.coordinates, prepared


def assert_equal(world: World, expected: Result, values, coordinates) -> None:
    """Whole numbers and cents exactly; scores to the last bits of a float."""
    settings_ = world.settings
    shares = sorted(settings_.shares)
    swv = list(coordinates["swv"])
    assert swv == sorted(swv)
    for y, year in enumerate(sorted(settings_.years)):
        for a, attribution in enumerate(settings_.attributions):
            for j, code in enumerate(swv):
                assert values["pupils"][y, a, j] == expected.pupils[year, attribution, code]
        for d, draw in enumerate(settings_.draws):
            for s, share in enumerate(shares):
                where = (draw, year, share)
                assert round(values["cut_score"][d, y, s] * 10**6) == (
                    expected.cut_score[where] * 10**6
                )
                for name in ("mean_score", "target_mean", "cut_score"):
                    exact = float(getattr(expected, name)[where])
                    assert values[name][d, y, s] == pytest.approx(exact, rel=1e-14, abs=1e-12)
                for a, attribution in enumerate(settings_.attributions):
                    for j, code in enumerate(swv):
                        at = (draw, year, attribution, share, code)
                        target = float(expected.target_pupils[at])
                        score = float(expected.disadvantage_score[at])
                        assert values["target_pupils"][d, y, a, s, j] == pytest.approx(
                            target, rel=1e-14, abs=1e-14
                        )
                        assert values["disadvantage_score"][d, y, a, s, j] == pytest.approx(
                            score, rel=1e-12, abs=1e-10
                        )
            for p, policy in enumerate(settings_.policies):
                for j, code in enumerate(swv):
                    at = (draw, year, policy["name"])
                    cents = round(values["budget"][d, y, p, j] * 100)
                    assert cents == expected.budget[*at, code]
                    for k, part in enumerate(PARTS):
                        cents = round(values["budget_part"][d, y, p, k, j] * 100)
                        assert cents == expected.budget_part[*at, part, code]


COMMON = settings(
    max_examples=60,
    deadline=None,
    # a failing world is small as it is; shrinking it takes minutes
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@COMMON
@given(worlds())
def test_every_draw_equals_the_reference(world: World) -> None:
    values, coordinates, _ = engine(world)
    assert_equal(world, run_reference(world), values, coordinates)


@settings(COMMON, max_examples=10)
@given(worlds(max_pupils=30, max_draws=2))
def test_csv_equals_the_reference(world: World) -> None:
    values, coordinates, _ = engine(world, ".csv")
    assert_equal(world, run_reference(world), values, coordinates)


@settings(COMMON, max_examples=30)
@given(
    worlds(
        kinds=("participation", "vmbo-count", "indicator", "direct-pro", "equalised"),
        max_pupils=30,
        max_draws=2,
    )
)
def test_every_kind_of_policy_equals_the_reference(world: World) -> None:
    values, coordinates, _ = engine(world)
    assert_equal(world, run_reference(world), values, coordinates)


@settings(COMMON, max_examples=40)
@given(failing_worlds(max_pupils=40, max_draws=3))
def test_what_the_clauses_call_an_error_is_one(case: tuple[World, str]) -> None:
    world, _ = case
    try:
        expected = run_reference(world)
    except ClauseError as error:
        with pytest.raises(InputError, match=rf"\({error.clause}[^)]*\)"):
            engine(world)
    else:
        values, coordinates, _ = engine(world)
        assert_equal(world, expected, values, coordinates)


@settings(COMMON, max_examples=20)
@given(worlds(max_pupils=40, max_draws=2))
def test_draws_can_be_had_in_any_portion(world: World) -> None:
    """Blocks that begin and end anywhere, also beyond a pass of 64 draws."""
    _, _, prepared = engine(world)
    try:
        whole = simulate_block(prepared, range(131))
    except InputError:
        return  # a later draw breaks a clause; that is another test's subject
    for part in (range(1), range(3, 10), range(63, 66), range(64, 131), range(130, 131)):
        some = simulate_block(prepared, part)
        for name in prepared.draw_variables:
            np.testing.assert_array_equal(some[name], whole[name][part.start : part.stop], name)


def test_attributions_are_numbered_as_declared() -> None:
    assert ATTRIBUTIONS == ("school", "home")
