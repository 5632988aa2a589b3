"""Border traffic between swv, worked by hand (B-8)."""

from pathlib import Path

import numpy as np
import pytest

from lwoopro import assumed_pro_flows, border_traffic
from lwoopro.allocation.border import pupil_flows, read_pro_flows, spread
from lwoopro.errors import InputError

# rows: swv of the school; columns: of the home
LWOO = [[8, 2], [0, 5]]
PRO = [[3, 0], [1, 4]]


def test_hand_worked() -> None:
    # s = 10 euro. By school: A 10 lwoo + 3 pro = 130, B 5 + 5 = 100.
    # By home: A 8 lwoo + 4 pro = 120, B 7 + 4 = 110. A pays 10 more than for its own pupils:
    # 20 more for lwoo, 10 less for pro. Direct funding of pro leaves the 20.
    found = border_traffic(LWOO, PRO, 10.0)
    assert found.school.tolist() == [13_000, 10_000]
    assert found.home.tolist() == [12_000, 11_000]
    assert found.difference.tolist() == [1000, -1000]
    assert found.pro_difference.tolist() == [-1000, 1000]
    assert found.left_difference.tolist() == [2000, -2000]


def test_spread_as_others_are() -> None:
    # 6 pupils as 1 : 2; a swv without others keeps its own
    found = spread([6, 4], [[1, 2], [0, 0]])
    assert found.tolist() == [[2.0, 4.0], [0.0, 4.0]]


def test_assumed_flows_have_the_net_figure() -> None:
    # A is the city: 10 pro pupils, of upper-vmbo pupils 10 % come from outside; B: 20 pro pupils,
    # 5 % of upper-vmbo pupils live in A. Spread likewise: 1 into the city, 1 out of it. With 12
    # living there for 10 going to school, 3 must go out: B keeps 17.
    found = assumed_pro_flows([10, 20], [[90, 10], [5, 95]], [True, False], home=12, school=10)
    np.testing.assert_allclose(found, [[9, 1], [3, 17]])
    assert found.sum(axis=0)[0] / found.sum(axis=1)[0] == pytest.approx(1.2)


def test_flows_without_the_big_cities_are_those_of_other_pupils() -> None:
    flows = [[90, 10], [5, 95]]
    assert assumed_pro_flows([10, 20], flows, [False, False]).tolist() == [[9, 1], [1, 19]]


@pytest.mark.parametrize(
    ("flows", "home"),
    [([[100, 0], [0, 100]], 11), ([[90, 10], [5, 95]], 1), ([[9, 1], [1, 9]], 99)],
)
def test_net_figures_that_no_flow_has(flows: list[list[int]], home: int) -> None:
    with pytest.raises(ValueError, match=r"big cities|than these swv have"):
        assumed_pro_flows([10, 20], flows, [True, False], home=home, school=10)


@pytest.mark.parametrize("flows", [[[1, 2]], [[1, 2], [-1, 3]]])
def test_flows_of_a_wrong_form(flows: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=r"shape|negative"):
        border_traffic(flows, PRO, 10.0)


class Rows:
    """The columns of a pupil table that flows need."""

    year = np.array([2019, 2019, 2019, 2020], np.int16)
    school_swv = np.array([0, 0, 1, 1], np.int16)
    home_swv = np.array([0, 1, 1, 0], np.int16)
    swv = ("VO2001", "VO2002")


def test_flows_of_pupils() -> None:
    assert pupil_flows(Rows(), 2019).tolist() == [[1, 1], [0, 1]]
    assert pupil_flows(Rows(), 2020).tolist() == [[0, 0], [1, 0]]


def test_a_file_of_flows(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    path.write_text("school_swv,home_swv,pro\nB,A,2\nA,A,3.5\n", "utf-8")
    found = read_pro_flows(path, ("A", "B"))
    assert found.pupils.tolist() == [[3.5, 0.0], [2.0, 0.0]]
    assert len(found.sha256) == 64


def test_every_defect_of_a_file_of_flows(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    path.write_text("school_swv,home_swv,pro\nA,C,1\nA,B,few\nA,A,1\nA,A,1\nB,B,-1\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_pro_flows(path, ("A", "B"))
    assert [str(problem).split("flows.csv: ")[1] for problem in caught.value.problems] == [
        "line 2: 'C' is not a swv of this study; a code of the swv table",
        "line 3: pro is 'few'; a number of pupils of at least 0",
        "line 5: A to A stands in line 4 already; every pair once",
        "line 6: pro is '-1'; a number of pupils of at least 0",
    ]
