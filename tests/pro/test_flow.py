"""The flow over draws: keys, coupling, blocks, course (P-1, P-2, Q-2)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lwoopro.errors import InputError
from lwoopro.pro.calibrate import expected_path
from lwoopro.pro.cohorts import exam_cohorts, project_cohorts
from lwoopro.pro.flow import FlowPlan, plan_flow, simulate_flow
from lwoopro.pro.keys import swv_number
from lwoopro.pro.parameters import bundled_parameters, bundled_series
from lwoopro.pro.scenarios import EFFECTS, effects
from lwoopro.pupils.swv import SwvTable, read_swv
from lwoopro.pupils.synthetic.source import bundled_folder

Make = Callable[..., FlowPlan]


def pupils(plan: FlowPlan, draws: range, seed: int = 7, vary: bool = True) -> np.ndarray:
    calm = np.zeros((len(draws), len(plan.persons)), bool)
    return simulate_flow(plan, seed, draws, calm, vary).pupils


def test_starts_from_the_real_stock(make_flow: Make, table: SwvTable) -> None:
    found = pupils(make_flow({"reference": {}}), range(5))
    real = sum(table.numbers[f"pro_{stay}"] for stay in range(1, 7))
    assert (found[:, :, 0] == real).all()


def test_blocks_do_not_matter(make_flow: Make) -> None:
    plan = make_flow({"reference": {}, "rise": {}})
    whole = pupils(plan, range(45))
    parts = [pupils(plan, some) for some in (range(3), range(3, 4), range(4, 45))]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_draws_differ_and_seeds_differ(make_flow: Make) -> None:
    plan = make_flow({"reference": {}})
    one = pupils(plan, range(6))
    assert len({draw.tobytes() for draw in one}) == 6
    assert (one != pupils(plan, range(6), seed=8)).any()


def test_off_is_draw_0_in_every_draw(make_flow: Make) -> None:
    plan = make_flow({"reference": {}, "longer-stay": {}})
    first = pupils(plan, range(1))
    np.testing.assert_array_equal(
        pupils(plan, range(9, 14), vary=False), np.repeat(first, 5, axis=0)
    )


def test_no_scenario_name_or_position_is_in_a_key(make_flow: Make) -> None:
    alone = pupils(make_flow({"rise": {}}), range(8))
    among = make_flow({"reference": {}, "decline": {}, "rise": {}})
    assert [scenario.name for scenario in among.scenarios] == ["reference", "decline", "rise"]
    np.testing.assert_array_equal(pupils(among, range(8))[:, 2], alone[:, 0])
    renamed = make_flow({"reference": {}, "rise": {"kind": "decline"}})
    np.testing.assert_array_equal(pupils(renamed, range(8))[:, 1], pupils(among, range(8))[:, 1])


def test_a_swv_keeps_its_words_wherever_it_stands(make_flow: Make, tmp_path: Path) -> None:
    whole = make_flow({"reference": {}})
    few = replace(
        whole,
        persons=whole.persons[2:],
        start=whole.start[2:],
        entrants=whole.entrants[:, 2:],
        vo=whole.vo[:, 2:],
        upper_vmbo=whole.upper_vmbo[:, 2:],
    )
    np.testing.assert_array_equal(pupils(few, range(8)), pupils(whole, range(8))[..., 2:])


def test_numbers_of_swv() -> None:
    assert swv_number("VO0001") == 1
    assert swv_number("VO2810") == 2810
    # other codes: stable, and never a plain number
    assert swv_number("north") == swv_number("north") != swv_number("south")
    assert swv_number("XX0000") >> 63 == 1


def test_scenarios_share_the_path_up_to_the_reference_date(make_flow: Make) -> None:
    plan = make_flow({"reference": {}, "fast-rise": {}, "longer-stay": {}, "bridge-class": {}})
    found = pupils(plan, range(8))
    until = plan.years.index(2025)
    for other in range(1, 4):
        np.testing.assert_array_equal(found[:, other, : until + 1], found[:, 0, : until + 1])
        assert (found[:, other, -1] != found[:, 0, -1]).any()


def test_from_and_anticipation_move_the_onset(make_flow: Make) -> None:
    early = make_flow(
        {"reference": {}, "rise": {"from": 2023}, "decline": {"trend": 0, "trend_sd": 0,
                                                               "anticipation": 0.1}}
    )  # fmt: skip
    found = pupils(early, range(200)).sum(axis=-1).mean(axis=0)
    at = early.years.index
    assert found[2, at(2022)] == found[0, at(2022)]
    assert found[2, at(2023)] > found[0, at(2023)]
    assert found[1, at(2024)] == found[0, at(2024)]
    # a tenth more entrants on the reference date itself, lateral ones included
    entrants = early.entrants[at(2025) - 1].sum() * 1.25
    assert found[1, at(2025)] - found[0, at(2025)] == pytest.approx(0.1 * entrants, rel=0.1)


def test_scenarios_go_the_way_their_names_say(make_flow: Make) -> None:
    kinds = ("bridge-class", "decline", "fast-rise", "longer-stay", "rise")
    plan = make_flow({"reference": {}, **{kind: {} for kind in kinds}})
    last = pupils(plan, range(60)).sum(axis=-1)[:, :, -1].mean(axis=0)
    gain = dict(zip(kinds, last[1:] - last[0], strict=True))
    assert gain["bridge-class"] < 0
    assert gain["decline"] < 0
    assert 0 < gain["rise"] < gain["fast-rise"]
    assert gain["longer-stay"] > 0


def test_a_mix_adds_its_parts(make_flow: Make) -> None:
    both = {"reference": {}, "rise": {}, "longer-stay": {}}
    plan = make_flow({**both, "mix": {"of": ["rise", "longer-stay"]}})
    assert [scenario.name for scenario in plan.scenarios][1:] == ["longer-stay", "mix", "rise"]
    reference, stay, mix, rise = pupils(plan, range(60)).sum(axis=-1)[:, :, -1].mean(axis=0)
    assert mix - reference == pytest.approx(stay + rise - 2 * reference, rel=0.1)


def test_an_incentive_touches_only_swv_in_trouble(make_flow: Make) -> None:
    plan = make_flow({"reference": {}, "incentive": {}})
    trouble = np.zeros((16, 4), bool)
    trouble[:, 1] = True
    trouble[8:, 3] = True
    found = simulate_flow(plan, 7, range(16), trouble, True).pupils
    calm, tempted = found[:, 0, -1], found[:, 1, -1]
    np.testing.assert_array_equal(tempted[:, [0, 2]], calm[:, [0, 2]])
    np.testing.assert_array_equal(tempted[:8, 3], calm[:8, 3])
    assert (tempted[:, 1] > calm[:, 1]).all()
    assert (tempted[8:, 3] > calm[8:, 3]).all()


def test_common_draws_make_differences_sharp(make_flow: Make) -> None:
    """Variance of the difference of two scenarios: common against independent draws."""
    plan = make_flow({"reference": {}, "rise": {}})
    total = pupils(plan, range(400)).sum(axis=-1)[:, :, -1].astype(float)
    other = pupils(plan, range(400), seed=99).sum(axis=-1)[:, :, -1].astype(float)
    common = (total[:, 1] - total[:, 0]).var()
    independent = (total[:, 1] - other[:, 0]).var()
    assert common < independent / 20


def test_draws_spread_around_the_expected_path(make_flow: Make) -> None:
    """Without national chance the mean of the draws is the path of expectations."""
    plan = make_flow({"reference": {}}, horizon=2026)
    quiet = replace(plan, sd={name: 0.0 for name in plan.sd})
    found = pupils(quiet, range(4000)).sum(axis=-1)[:, 0].astype(float)
    keep = 1 / (1 + np.exp(-plan.keep))
    expected = expected_path(plan.start, plan.entrants, keep, plan.lateral).sum(axis=(1, 2))
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (abs(found.mean(axis=0) - expected)[1:] < 4 * error[1:]).all()


@pytest.mark.parametrize(
    "name", ["cohort_sd", "rate_sd", "rate_trend_sd", "keep_sd", "keep_level_sd", "local_sd"]
)
def test_chance_begins_where_counts_end(make_flow: Make, name: str) -> None:
    """Every source of national or lasting chance alone: none until 2021, some in 2022."""
    plan = make_flow({"reference": {}})
    quiet = dict.fromkeys(plan.sd, 0.0)
    loud, still = (
        pupils(replace(plan, sd=sd), range(20))[:, 0] for sd in ({**quiet, name: 0.2}, quiet)
    )
    known = plan.years.index(2021) + 1
    np.testing.assert_array_equal(loud[:, :known], still[:, :known])
    assert (loud[:, known] != still[:, known]).mean() > 0.7
    assert loud[:, -1].std(axis=0).mean() > 1.2 * still[:, -1].std(axis=0).mean()


def test_flows_add_up_in_every_draw(make_flow: Make) -> None:
    plan = make_flow({"reference": {}, "fast-rise": {}})
    flow = simulate_flow(plan, 3, range(33), np.zeros((33, 4), bool), True)
    change = flow.entrants[:, :, 1:] - flow.leavers[:, :, 1:]
    np.testing.assert_array_equal(np.diff(flow.pupils, axis=2), change)
    np.testing.assert_array_equal(flow.by_stay.sum(axis=-1), flow.pupils.sum(axis=-1))
    assert (flow.vo >= flow.upper_vmbo).all()


def test_a_table_without_the_stock_says_so(make_flow: Make, tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("swv,vo\nVO2001,100\n", "utf-8")
    with pytest.raises(InputError) as caught:
        make_flow({"reference": {}}, table=read_swv(path))
    text = str(caught.value)
    assert all(f'"pro_{stay}"' in text or f"pro_{stay}" in text for stay in range(1, 7))
    assert "bb" in text
    assert "[pro]" in text


def test_a_swv_without_exams_follows_the_country(make_flow: Make, table: SwvTable) -> None:
    other = replace(table, codes=("AA0001", "AA0002", "VO2810", "VO3006"))
    plan = make_flow({"reference": {}}, table=other)
    growth = plan.entrants[-1] / plan.entrants[0]
    assert growth[0] == pytest.approx(growth[1])
    assert growth[0] != pytest.approx(growth[2], rel=1e-6)


def test_a_shock_raises_entry_in_its_year_alone(make_flow: Make) -> None:
    plan = make_flow({"rise": {"trend": 0, "shock": 0.1, "shock_year": 2028}})
    drawn = {name: np.zeros(3) for name in EFFECTS}
    found = effects(plan.scenarios, (2027, 2028, 2029), 2025, drawn)
    assert found.rate[0, :, 0].tolist() == [0.0, pytest.approx(np.log(1.1)), 0.0]
    assert not found.keep.any() and not found.extra.any()


def test_before_the_known_series_vo_follows_the_cohorts_alone(table: SwvTable) -> None:
    """The real course of vo is known from 2019 on; a start before has nothing to be set against."""
    exams = exam_cohorts(bundled_folder("national") / "cohorts.csv")
    vo = table.numbers["vo"]

    def ratio(start: int) -> np.ndarray:
        plan = plan_flow(table, (), start=start, horizon=2022, reference_date=2021, exams=exams)
        cohorts = project_cohorts(
            table.codes, exams, bundled_series(), bundled_parameters(), plan.years[-1]
        )
        plain = np.stack([vo * cohorts.vo(y) / cohorts.vo(start) for y in plan.years])
        return plan.vo / plain

    np.testing.assert_allclose(ratio(2018), 1.0)
    known = ratio(2019)
    assert abs(known[1:] - 1.0).min() > 1e-5
    np.testing.assert_allclose(known, np.repeat(known[:, :1], len(table.codes), axis=1))
