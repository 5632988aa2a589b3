"""Entering cohorts: real ones as they are, then the stated projection (P-1)."""

from pathlib import Path

import numpy as np
import pytest

from lwoopro.errors import InputError
from lwoopro.pro.cohorts import exam_cohorts, project_cohorts
from lwoopro.pro.parameters import ProParameters, Series


def written(tmp_path: Path, rows: str) -> Path:
    path = tmp_path / "cohorts.csv"
    path.write_text("swv,school_year,track,candidates\n" + rows, "utf-8")
    return path


def series(entering: dict[int, float]) -> Series:
    return Series({}, {}, {}, entering)


def parameters(weight: float, fading: float) -> ProParameters:
    return ProParameters({"cohort_trend_weight": weight, "cohort_trend_fading": fading}, ())


ROWS = (
    "VO2001,2019-2020,bb,60\nVO2001,2019-2020,tl,40.0\nVO2002,2019-2020,bb,100\n"
    "VO2001,2020-2021,bb,110\nVO2002,2020-2021,bb,90\n"
)


def test_who_sits_the_exam_entered_four_years_before(tmp_path: Path) -> None:
    found = exam_cohorts(written(tmp_path, ROWS))
    # the exam of spring 2020 belongs to school year 2019-2020: entered in autumn 2016
    assert {year: dict(swv) for year, swv in found.items()} == {
        2016: {"VO2001": 100.0, "VO2002": 100.0},
        2017: {"VO2001": 110.0, "VO2002": 90.0},
    }


def test_the_projection_by_hand(tmp_path: Path) -> None:
    exams = exam_cohorts(written(tmp_path, ROWS))
    index = series({2016: 10.0, 2017: 10.0, 2018: 9.0, 2019: 8.0})
    flat = project_cohorts(("VO2001", "VO2002"), exams, index, parameters(0.0, 0.5), 2019)
    assert flat.last_real == 2017
    # 200 a year; shares of both years are 0.525 and 0.475; births fall to 9/10 and 8/10
    np.testing.assert_allclose(
        flat.entering, [[100, 100], [110, 90], [94.5, 85.5], [84, 76]], rtol=1e-12
    )
    moving = project_cohorts(("VO2001", "VO2002"), exams, index, parameters(1.0, 0.5), 2019)
    np.testing.assert_allclose(moving.entering.sum(axis=1), flat.entering.sum(axis=1))
    # trends ln 1.1 and ln 0.9 against a country that stands still, half as strong the next year
    ratio = moving.entering[:, 0] / moving.entering[:, 1]
    assert ratio[2] == pytest.approx(0.525 / 0.475 * 1.1 / 0.9)
    assert ratio[3] == pytest.approx(0.525 / 0.475 * (1.1 / 0.9) ** 1.5)


def test_sizes_of_upper_vmbo_and_vo(tmp_path: Path) -> None:
    exams = exam_cohorts(written(tmp_path, ROWS))
    found = project_cohorts(("VO2001",), exams, series({2016: 1.0}), parameters(0, 0), 2021)
    base = found.at(2018)[0]
    # grade 4 entered three years ago, grade 3 two
    assert found.upper_vmbo(2020)[0] == 110 + base
    # six cohorts; before the first one there is none but itself
    assert found.vo(2018)[0] == base + 110 + 4 * 100


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("VO2001,2019,bb,x\n", "not a count"),
        ("VO2001,about 20,bb,3\n", "not a school year"),
        ("VO2001,2019-2020,bb,3\n", "1 different school years"),
        ("VO2001,2019-2020,bb,3\nVO2001,2021-2022,bb,3\n", "one between them is missing"),
    ],
)
def test_wrong_files(tmp_path: Path, rows: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        exam_cohorts(written(tmp_path, rows))


def test_where_no_swv_is_known_all_follow_the_country(tmp_path: Path) -> None:
    exams = exam_cohorts(written(tmp_path, ROWS))
    entering = {2016: 1.0, 2017: 1.0, 2018: 1.1, 2019: 1.2}
    found = project_cohorts(("AA1", "AA2"), exams, series(entering), parameters(0.5, 0.5), 2019)
    # 200 candidates in both years: each swv has as many as the country in its last real year, and
    # what follows is shared alike
    assert found.at(2017).tolist() == [1.0, 1.0]
    late = found.at(2019)
    assert late[0] == late[1]
    assert late[0] / found.at(2018)[0] == pytest.approx(1.2 / 1.1)
