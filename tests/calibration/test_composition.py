"""The composition of the cohorts (*assumed*): how it is derived, and what ships."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lwoopro.calibration.composition import COHORTS, cohort_shifts, moved, response
from lwoopro.calibration.engine import SEED
from lwoopro.calibration.money import Money, read_money
from lwoopro.calibration.movements import (
    PUBLISHED,
    Movements,
    expected_rows,
    movements,
    rows_gradient,
)
from lwoopro.calibration.populations import FRESH, missed, missed_if_true
from lwoopro.calibration.tables import stability
from lwoopro.pupils.swv import read_swv
from lwoopro.pupils.synthetic import bundled_folder, read_source
from lwoopro.pupils.synthetic.persons import LAGS
from lwoopro.pupils.synthetic.source import COMPOSITION_FILE, csv_rows, read_composition


def made_up(populations: int = 3, draws: int = 4) -> Movements:
    rng = np.random.default_rng(5)
    common = rng.normal(0.0, 2.0, (1, 1, 3, 75))
    own = rng.normal(0.0, 2.0, (populations, 1, 3, 75))
    weight = rng.uniform(0.5, 3.0, 75)
    change = common + own + rng.normal(0.0, 1.5, (populations, draws, 3, 75))
    return Movements(change, weight / weight.sum())


@pytest.fixture(scope="module")
def money() -> Money:
    return read_money(read_swv(bundled_folder("national") / "swv.csv"))


def test_expected_rows_are_those_of_many_draws() -> None:
    rng = np.random.default_rng(1)
    mean, noise = rng.normal(0.0, 3.0, (2, 3, 75)), rng.uniform(0.5, 2.0, (3, 75))
    found = expected_rows(mean, noise)
    assert found.sum(axis=-1) == pytest.approx(75.0)
    for k in range(3):
        change = rng.normal(mean[1, k], noise[k], (4000, 75))
        drawn = stability(np.full_like(change, 100.0), 100.0 + change)
        assert drawn.mean(axis=0) == pytest.approx(found[1, k], abs=0.2)


def test_the_gradient_is_that_of_the_rows() -> None:
    rng = np.random.default_rng(2)
    mean, noise = rng.normal(0.0, 3.0, (2, 3, 75)), rng.uniform(0.5, 2.0, (3, 75))
    weight = rng.normal(0.0, 1.0, (2, 3, 7))

    def value(move: NDArray[np.float64]) -> float:
        return float((expected_rows(mean + move, noise) * weight).sum())

    found = rows_gradient(mean, noise, weight)
    for place in ((0, 0), (1, 40), (2, 74)):
        step = np.zeros((3, 75))
        step[place] = 1e-5
        slope = (value(step) - value(-step)) / 2e-5
        assert found[place] == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_chance_is_populations_and_draws_together() -> None:
    of = made_up(populations=400)
    assert of.noise.mean() == pytest.approx(1.5, rel=0.02)
    assert of.chance.mean() == pytest.approx(np.hypot(2.0, 1.5), rel=0.02)
    # what is left of a draw's noise beside the noise of its population's mean
    assert np.hypot(of.rest, of.noise / 2).mean() == pytest.approx(of.noise.mean())


def test_changes_move_as_little_as_brings_the_rows_near() -> None:
    of = made_up()
    move = moved(of)
    assert move @ of.weight == pytest.approx(0.0, abs=1e-9)

    def cost(m: NDArray[np.float64]) -> float:
        off = expected_rows(of.mean + m, of.rest) - PUBLISHED
        return float((off**2).sum() / 3 + 0.5 * ((m / of.chance) ** 2).sum())

    best = cost(move)
    assert best < 0.5 * cost(np.zeros_like(move))
    rng = np.random.default_rng(3)
    for _ in range(10):
        other = rng.normal(0.0, 0.2, move.shape)
        other -= (other @ of.weight)[:, None]
        assert cost(move + other) > best
    for _ in range(10):
        # level in every direction that keeps the money of all
        way = rng.normal(0.0, 1.0, move.shape)
        way -= (way @ of.weight)[:, None]
        assert abs(cost(move + 1e-3 * way) - cost(move - 1e-3 * way)) < 2e-3 * 0.1
    # nearly all of what is moved lies within what chance does
    assert (np.abs(move) < of.chance).mean() > 0.9


@pytest.mark.parametrize("sibling_share", [0.0, 0.25])
def test_shifts_make_the_changes_and_leave_the_last_year(sibling_share: float) -> None:
    move = np.random.default_rng(4).normal(0.0, 1.0, (3, 6))
    shifts = cohort_shifts(move, -40.0, sibling_share)
    assert shifts.shape == (len(COHORTS), 6)

    def pupils(cohort: int) -> NDArray[np.float64]:
        """Mean shift of a cohort's families: its own, and those of older siblings."""

        def of(c: int) -> NDArray[np.float64]:
            return shifts[max(c, COHORTS[0]) - COHORTS[0]]

        older = np.mean([of(cohort - lag) for lag in LAGS], axis=0)
        return (1.0 - sibling_share) * of(cohort) + sibling_share * older

    years = [0.5 * (pupils(year - 1) + pupils(year)) for year in (2017, 2018, 2019, 2020)]
    assert -40.0 * np.diff(years, axis=0) == pytest.approx(move)
    assert years[-1] == pytest.approx(0.0, abs=1e-12)


def test_the_response_is_that_of_one_swv_alone(money: Money) -> None:
    source = read_source("national")
    # better educated parents, less money
    assert -50.0 < response(source, money, [SEED]) < -25.0


def test_a_right_model_misses_rows_too() -> None:
    found = missed_if_true(made_up(populations=3, draws=4))
    assert found.shape == (3 * 4 * 2,)
    # two countries, one in which nothing moves and one in which all gain 3 %
    change = np.zeros((2, 3, 3, 75)) + 1e-9 * np.arange(3)[:, None, None]
    change[1] += 3.0
    assert missed_if_true(Movements(change, np.ones(75))).tolist() == [6] * 6
    rows = PUBLISHED.copy()
    rows[0, 3] += 5.1
    rows[2, 2] -= 5.1
    assert missed(np.stack([PUBLISHED, rows]), PUBLISHED).tolist() == [0, 2]


def test_what_ships_is_marked_and_small() -> None:
    path = bundled_folder("national") / COMPOSITION_FILE
    assert path.read_text("utf-8").startswith("# Assumed:")
    assert {row["status"] for row in csv_rows(path)} == {"assumed"}
    found = read_composition(path, read_source("national").codes)
    assert tuple(found) == COHORTS
    shifts = np.array(list(found.values()))
    assert np.sqrt((shifts**2).mean()) < 0.08
    assert np.abs(shifts).max() < 0.25
    # 2020 stays: its two cohorts, siblings' families included, cancel
    assert np.abs(cohort_shifts(np.zeros((3, 75)), 1.0, 0.25)).max() < 1e-12
    assert np.abs(0.5 * (shifts[-1] + shifts[-2])).max() < 0.05


def test_the_shipped_population_has_the_published_rows_and_a_fresh_one_nearly(
    money: Money,
) -> None:
    source = read_source("national")
    of = movements(source, money, [SEED, FRESH[0]])
    rows = expected_rows(of.mean, of.rest)
    assert np.abs(rows[0] - PUBLISHED).max() < 4.0
    table = {
        (row["table"], row["row"]): row
        for row in csv_rows(bundled_folder("national") / "populations.csv")
        if row["fresh_low"]
    }
    blocks = [row for key, row in table.items() if key[0].startswith("stability")]
    low, high = (
        np.array([float(row[name]) for row in blocks]) for name in ("fresh_low", "fresh_high")
    )
    fresh = rows[1, ::-1].ravel()
    # noise is estimated from two populations here, from twelve there
    assert ((fresh > low - 0.7) & (fresh < high + 0.7)).all()
    per_population = table["rows more than 5 swv off", "per population"]
    assert float(per_population["fitted"]) < float(per_population["fresh"])
    assert float(per_population["fresh"]) < 0.5 * float(per_population["plain"])


def test_the_real_counts_of_two_grades_follow_the_exams() -> None:
    """Why the movement of the exam counts is not shrunk: the slope that CALIBRATION.md names."""
    folder = bundled_folder("national")
    swv = csv_rows(folder / "swv.csv")
    real = np.array(
        [
            [sum(int(row[f"{t}_{g}"]) for t in ("bb", "kb", "gl", "tl")) for g in (3, 4)]
            for row in swv
        ]
    )
    exams = dict.fromkeys([(row["swv"], year) for row in swv for year in ("2019", "2020")], 0.0)
    for row in csv_rows(folder / "cohorts.csv"):
        key = row["swv"], row["school_year"][:4]
        if key in exams:
            exams[key] += float(row["candidates"])
    # grade 4 of 2019 sits the exams of school year 2019/20, grade 3 those of the next
    x = np.log([exams[row["swv"], "2019"] / exams[row["swv"], "2020"] for row in swv])
    y = np.log(real[:, 1] / real[:, 0])
    slope, level = np.polyfit(x, y, 1)
    rest = y - level - slope * x
    error = np.sqrt((rest**2).mean() / (len(x) * x.var()))
    text = " ".join((folder / "CALIBRATION.md").read_text("utf-8").split())
    assert f"a slope of {slope:.2f} ± {error:.2f}" in text
