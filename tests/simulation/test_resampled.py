"""A drawn population: persons within swv × track, and all that is counted by them (Q-1, Q-2)."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.reference_money import PARTS, ClauseError
from tests.reference_population import drawn_weights, simulate_drawn, strata
from tests.strategies import World, worlds, write_world

from lwoopro.errors import InputError
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.resampled import draw_weights
from lwoopro.study import Study, load_study

COMMON = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def with_drawn_population(study: Study) -> Study:
    uncertainty = study.uncertainty.model_copy(update={"population": True})
    report = study.report.model_copy(update={"split": ()})
    return study.model_copy(update={"uncertainty": uncertainty, "report": report})


def prepared_world(world: World):
    regions = {row.get("region") for row in world.swv}
    policies = [dict(policy) for policy in world.settings.policies]
    for policy in policies:
        if "uplift" in policy:
            policy["uplift"] = {k: v for k, v in policy["uplift"].items() if k in regions}
    world = replace(world, settings=replace(world.settings, policies=tuple(policies)))
    with tempfile.TemporaryDirectory() as folder:
        study = with_drawn_population(load_study(write_world(world, Path(folder))))
        return *prepare(study, load_inputs(study)), study


def assert_equal(world: World, expected, values, coordinates) -> None:
    settings_ = world.settings
    shares, swv = sorted(settings_.shares), list(coordinates["swv"])
    close = {"rel": 1e-12, "abs": 1e-10}
    for d, draw in enumerate(settings_.draws):
        for y, year in enumerate(sorted(settings_.years)):
            for a, side in enumerate(settings_.attributions):
                for j, code in enumerate(swv):
                    where = (draw, year, side, code)
                    assert values["drawn_pupils"][d, y, a, j] == expected.pupils[where]
                    assert values["drawn_asylum_pupils"][d, y, a, j] == expected.asylum[where]
            for s, share in enumerate(shares):
                at = (draw, year, share)
                assert round(values["cut_score"][d, y, s] * 10**6) == expected.cut_score[at] * 10**6
                for name in ("mean_score", "target_mean"):
                    exact = float(getattr(expected, name)[at])
                    assert values[name][d, y, s] == pytest.approx(exact, rel=1e-14, abs=1e-12)
                for a, side in enumerate(settings_.attributions):
                    for j, code in enumerate(swv):
                        one = (draw, year, side, share, code)
                        for name in ("target_pupils", "disadvantage_score"):
                            exact = float(getattr(expected, name)[one])
                            assert values[name][d, y, a, s, j] == pytest.approx(exact, **close)
            for p, policy in enumerate(settings_.policies):
                for k, part in enumerate(PARTS):
                    for j, code in enumerate(swv):
                        cents = round(values["budget_part"][d, y, p, k, j] * 100)
                        name = policy["name"]
                        assert cents == expected.budget_part[draw, year, name, part, code]


@settings(COMMON, max_examples=40)
@given(
    worlds(
        kinds=("participation", "vmbo-count", "indicator", "direct-pro"),
        max_pupils=40,
        max_draws=3,
    )
)
def test_every_draw_equals_the_reference(world: World) -> None:
    prepared, layout, study = prepared_world(world)
    draws = range(study.study.draws)
    try:
        expected = simulate_drawn(world)
    except ClauseError:
        with pytest.raises(InputError, match="draw"):
            simulate_block(prepared, draws)
    else:
        assert_equal(world, expected, simulate_block(prepared, draws), layout.coordinates)


@settings(COMMON, max_examples=10)
@given(worlds(max_pupils=30, max_draws=2))
def test_weights_are_those_of_persons(world: World) -> None:
    prepared, _, study = prepared_world(world)
    resample = prepared.resample
    assert resample is not None
    draws = range(5, 14)
    weight = draw_weights(resample, study.study.seed, draws)
    rows = [row for row in world.rows if row["year"] in world.settings.years]
    # lane order: draws 4-15 as 4 8 12 | 5 9 13 | 6 10 14 | 7 11 15
    lane = [4 + 4 * g + k for k in range(4) for g in range(3)]
    for place, draw in enumerate(lane):
        expected = drawn_weights(rows, study.study.seed, draw)
        found = dict(zip(resample.person.view(np.int64).tolist(), weight[:, place], strict=True))
        assert found == expected


def test_every_stratum_keeps_its_size_and_nobody_is_favoured(small_study: Path) -> None:
    study = with_drawn_population(load_study(small_study))
    prepared, _ = prepare(study, load_inputs(study))
    resample = prepared.resample
    assert resample is not None
    weight = draw_weights(resample, study.study.seed, range(4000)).astype(np.int64)
    first = np.unique(resample.start)
    size = resample.length[first]
    np.testing.assert_array_equal(
        np.add.reduceat(weight, first, axis=0), np.repeat(size[:, None], 4000, axis=1)
    )
    # a multinomial weight has mean 1 and variance 1 - 1/K
    many = resample.length > 5
    mean, spread = weight.mean(axis=1)[many], weight.var(axis=1)[many]
    assert abs(mean - 1).max() < 5 / np.sqrt(4000)
    expected = 1 - 1 / resample.length[many]
    assert abs(spread / expected - 1).mean() < 0.05


def test_portions_rows_and_other_draws_do_not_matter(small_study: Path) -> None:
    study = with_drawn_population(load_study(small_study))
    prepared, _ = prepare(study, load_inputs(study))
    whole = simulate_block(prepared, range(70))
    for part in (range(1), range(3, 10), range(62, 70)):
        some = simulate_block(prepared, part)
        for name in prepared.draw_variables:
            np.testing.assert_array_equal(some[name], whole[name][part.start : part.stop], name)


def test_a_person_has_one_weight_in_all_his_years() -> None:
    rows = [
        {"year": 2020, "pupil_id": 7, "school_swv": "VO2002", "track": "kb"},
        {"year": 2019, "pupil_id": 7, "school_swv": "VO2001", "track": "bb"},
        {"year": 2020, "pupil_id": 3, "school_swv": "VO2001", "track": "bb"},
    ]
    assert strata(rows) == {("VO2001", "bb"): [3, 7]}


def test_all_of_the_money_is_given(small_study: Path) -> None:
    study = with_drawn_population(load_study(small_study))
    prepared, _ = prepare(study, load_inputs(study))
    cents = np.rint(simulate_block(prepared, range(20))["budget_part"] * 100).astype(np.int64)
    totals = cents.sum(axis=-1)
    np.testing.assert_array_equal(totals, np.repeat(totals[:1], 20, axis=0))
    assert (cents[:, :, 1, 1].std(axis=0) > 0).any()


def test_with_drawn_coefficients_too(small_study: Path) -> None:
    """Both sources at once: a draw equals the one with its own portion, and it differs."""
    study = with_drawn_population(load_study(small_study))
    both = study.model_copy(
        update={"uncertainty": study.uncertainty.model_copy(update={"coefficients": True})}
    )
    prepared, _ = prepare(both, load_inputs(both))
    whole = simulate_block(prepared, range(9))
    alone = simulate_block(prepared, range(5, 6))
    for name in prepared.draw_variables:
        np.testing.assert_array_equal(alone[name][0], whole[name][5], name)
    plain, _ = prepare(study, load_inputs(study))
    still = simulate_block(plain, range(9))
    np.testing.assert_array_equal(still["drawn_pupils"], whole["drawn_pupils"])
    assert (still["cut_score"] != whole["cut_score"]).any()


def test_with_everybody_once_it_is_the_plain_draw(
    small_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights of 1 give the plain path's numbers, every variable and to the last bit."""
    from lwoopro.simulation import block

    study = with_drawn_population(load_study(small_study))
    inputs = load_inputs(study)
    prepared, layout = prepare(study, inputs)
    monkeypatch.setattr(
        block, "draw_weights", lambda r, s, d: np.ones((len(r.person), 8), np.uint16)
    )
    drawn = simulate_block(prepared, range(8))
    plain = simulate_block(replace(prepared, resample=None), range(8))
    for name, values in plain.items():
        np.testing.assert_array_equal(drawn[name], values, name)
    for drawn_name, name in (
        ("drawn_pupils", "pupils"),
        ("drawn_asylum_pupils", "asylum_pupils"),
        ("drawn_asylum_category_pupils", "asylum_category_pupils"),
        ("drawn_lwoo_fixed", "lwoo_fixed"),
    ):
        expected = np.repeat(layout.constants[name][None], 8, axis=0)
        np.testing.assert_array_equal(drawn[drawn_name], expected)


def test_counted_by_school_the_strata_stay_those_of_the_swv(small_study: Path) -> None:
    """U-5 changes what is counted by, not who is drawn: schools add up to their swv."""
    study = with_drawn_population(load_study(small_study))
    inputs = load_inputs(study)
    by_swv = simulate_block(prepare(study, inputs)[0], range(5))["drawn_pupils"]
    section = study.pupils.model_copy(update={"unit": "school"})
    target = study.target_group.model_copy(update={"attribution": ("school",)})
    schools = study.model_copy(
        update={"pupils": section, "target_group": target, "policy": study.policy[:2]}
    )
    prepared, layout = prepare(schools, inputs)
    counts = simulate_block(prepared, range(5))["drawn_pupils"][:, :, 0]
    home = [inputs.swv.codes.index(code) for code in layout.constants["unit_swv"]]
    added = np.zeros_like(by_swv[:, :, 0])
    for place, swv in enumerate(home):
        added[:, :, swv] += counts[:, :, place]
    np.testing.assert_array_equal(added, by_swv[:, :, 0])
