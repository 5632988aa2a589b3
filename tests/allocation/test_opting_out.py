"""Release of criteria, duration and licence: counts, overruns and who pays (B-11)."""

import numpy as np
import pytest

from lwoopro import release, release_outcomes
from lwoopro.allocation.opting_out import SWITCHES, VARIANTS

LWOO, PRO, VO = [100, 10], [50, 50], [1000, 1000]
RESPONSE = {"criteria": 1.2, "duration": 1.5, "licence": 1.1}
OPTS_OUT = [True, False]


@pytest.mark.parametrize(
    ("variant", "lwoo", "pro"),
    [
        ("none", [100, 10], [50, 50]),
        # only lwoo, only where all boards agree: 100 x 1.2 x 1.5 x 1.1 = 198
        ("2016", [198, 10], [50, 50]),
        # both, everywhere: 10 x 1.98 = 19.8 and 50 x 1.98 = 99
        ("2018-OCW14", [198, 19.8], [99, 99]),
        # pro keeps its national criteria and duration: 50 x 1.1 = 55
        ("2018-OCW18", [198, 19.8], [55, 55]),
    ],
)
def test_who_is_registered(variant: str, lwoo: list[float], pro: list[float]) -> None:
    moved = release(LWOO, PRO, variant, opting_out=OPTS_OUT, response=RESPONSE)
    assert [side.tolist() for side in moved] == [lwoo, pro]


def test_a_swv_may_leave_a_switch_unused() -> None:
    lwoo, pro = release(LWOO, PRO, "2018-OCW14", response={"criteria": np.array([1.0, 1.3])})
    assert lwoo.tolist() == [100, 13]
    assert pro.tolist() == [50, 65]


def test_who_overruns_and_who_pays() -> None:
    # s = 10 euro. Each swv has 100 regional, 1000 lwoo, 500 pro in euro.
    # now: A pays 1000 + 500, B 100 + 500.
    # OCW18: A pays 1980 + 550 = 2530, 1030 too much; the regional support bears 100, its schools
    # 930, 0.93 euro for each of 1000 vo pupils. B pays 198 + 550 = 748: less than 1500.
    # OCW14: pro 990: A pays 2970, schools bear 1370. B 198 + 990 = 1188.
    parts = np.array([[10_000, 10_000], [100_000, 100_000], [50_000, 50_000]])
    found = release_outcomes(parts, LWOO, PRO, VO, 10.0, opting_out=OPTS_OUT, response=RESPONSE)
    assert tuple(found) == ("none", "2016", "2018-OCW14", "2018-OCW18")
    assert found["none"].overrun.tolist() == [0, 0]
    assert found["2018-OCW18"].overrun.tolist() == [103_000, 0]
    assert found["2018-OCW18"].from_regional.tolist() == [10_000, 0]
    assert found["2018-OCW18"].deficit.tolist() == [93_000, 0]
    assert found["2018-OCW18"].per_vo_pupil.tolist() == [0.93, 0.0]
    assert found["2018-OCW14"].deficit.tolist() == [137_000, 0]
    # 2016: A pays 1980 + 500; B, where not all boards agree, what it pays now
    assert found["2016"].deficit.tolist() == [88_000, 0]
    assert found["2016"].remainder.tolist() == [0, 100_000]


def test_population_funding_does_not_follow_registration() -> None:
    parts = np.array([[10_000, 10_000], [100_000, 100_000], [50_000, 50_000]])
    found = release_outcomes(
        parts, LWOO, PRO, VO, 10.0,
        opting_out=OPTS_OUT, by_population=[True, False], response=RESPONSE,
    )  # fmt: skip
    # A pays its lwoo part, 1000, whatever it registers; pro 500, then 990 or 550
    assert [found[name].lwoo[0] for name in found] == [100_000] * 4
    assert [found[name].overrun[0] for name in found] == [0, 0, 49_000, 5000]


@pytest.mark.parametrize(
    ("variant", "keys", "match"),
    [
        ("2017", {}, "variant '2017': use one of none, 2016"),
        ("2016", {}, "give opting_out"),
        ("2018-OCW14", {"response": {"fee": 1.0}}, "switch 'fee'"),
        ("2018-OCW14", {"response": {"licence": -1.0}}, "negative"),
    ],
)
def test_what_makes_no_sense(variant: str, keys: dict, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        release(LWOO, PRO, variant, **keys)


def test_there_are_three_switches() -> None:
    assert SWITCHES == ("criteria", "duration", "licence")
    assert {name for name, handed in VARIANTS.items() if handed.everywhere} == {
        "2018-OCW14",
        "2018-OCW18",
    }
