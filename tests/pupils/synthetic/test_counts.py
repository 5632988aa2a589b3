"""Model §10: counts per swv, track, grade and year, and how cohorts move between them."""

import numpy as np
import pytest

from lwoopro.pupils.synthetic.counts import apportion, cohort_flows, exam_counts, scaled


def test_apportion_adds_up_and_breaks_ties_by_position() -> None:
    whole = apportion(np.array([[1.0, 1.0], [1.0, 1.0]]), 6)
    assert whole.tolist() == [[2, 2], [1, 1]]
    assert apportion(np.array([0.2, 0.5, 0.3]), 10).tolist() == [2, 5, 3]
    assert apportion(np.zeros(3), 0).tolist() == [0, 0, 0]


def test_exam_candidates_carry_the_other_years() -> None:
    one = np.zeros((4, 2))
    one[:, 0] = 100.0
    candidates = {2017: one, 2018: 2 * one, 2019: 3 * one, 2020: one, 2021: one}
    real = {(2019, grade): np.full((4, 2), 7, dtype=np.int64) for grade in (3, 4)}
    counts = exam_counts(candidates, real)
    # grade 4 of 2017 sits the exam of 2017/18, grade 3 that of 2018/19
    assert counts[2017, 4].sum() == round(1.036 * 400)
    assert counts[2017, 3].sum() == round(1.036 * 800)
    assert counts[2019, 3].tolist() == real[2019, 3].tolist()
    # 2020 is scaled to its published total
    assert counts[2020, 3].sum() + counts[2020, 4].sum() == 190_488
    assert (2021, 3) not in counts


def test_linked_counts_follow_the_real_ones_of_2019() -> None:
    rng = np.random.default_rng(8)
    candidates = {year: rng.integers(50, 900, (4, 6)) / 2 for year in range(2016, 2023)}
    real = {(2019, g): rng.integers(50, 400, (4, 6)) for g in (3, 4)}
    plain = exam_counts(candidates, real)
    linked = exam_counts(candidates, real, link=1.0)
    for year in range(2016, 2022):
        totals = [sum(counts[year, g].sum() for g in (3, 4)) for counts in (plain, linked)]
        assert totals[0] == totals[1]
    assert np.array_equal(linked[2019, 3], real[2019, 3])
    exams = (candidates[2019] + candidates[2020]).sum(axis=0)
    ratio = (real[2019, 3] + real[2019, 4]).sum(axis=0) / exams
    moved = linked[2017, 3].sum(axis=0) / plain[2017, 3].sum(axis=0)
    # the same proportions between swv, up to rounding
    assert np.allclose(moved / ratio, (moved / ratio).mean(), rtol=0.01)


def test_a_cohort_has_the_same_numbers_in_both_its_years() -> None:
    rng = np.random.default_rng(5)
    candidates = {year: rng.integers(0, 900, (4, 6)) / 2 for year in range(2014, 2019)}
    counts = exam_counts(candidates, {})
    for year in (2014, 2015, 2016):
        assert np.array_equal(counts[year, 3], counts[year + 1, 4])


def test_flows_meet_both_counts_and_keep_whom_they_can() -> None:
    rng = np.random.default_rng(1)
    grade3, grade4 = rng.integers(0, 50, (2, 4, 30))
    flows = cohort_flows(grade3, grade4)
    assert np.array_equal(flows.grade4, grade4)
    assert (flows.moves.sum(axis=1) <= grade3).all()
    assert (flows.joiners >= 0).all()
    # nobody leaves an swv that somebody else joins
    leavers = (grade3 - flows.moves.sum(axis=1)).sum(axis=0)
    assert not ((leavers > 0) & (flows.joiners.sum(axis=0) > 0)).any()
    stay = np.einsum("aas->as", flows.moves)
    assert np.array_equal(stay, np.minimum(grade3, grade4))


def test_movers_stay_in_their_track_group_first() -> None:
    grade3 = np.array([[10], [10], [10], [10]])
    grade4 = np.array([[5], [15], [5], [15]])
    flows = cohort_flows(grade3, grade4)
    assert flows.moves[0, 1, 0] == 5
    assert flows.moves[2, 3, 0] == 5
    assert flows.joiners.sum() == 0


@pytest.mark.parametrize("scale", [2, 3.0, 50])
def test_whole_scales_are_exact(scale: float) -> None:
    counts = np.array([[1, 0], [7, 100_003]])
    assert np.array_equal(scaled(counts, scale), counts * int(scale))


def test_other_scales_round_the_total() -> None:
    counts = np.array([3, 4, 5])
    assert scaled(counts, 0.5).sum() == 6
    assert scaled(counts, 0.1).sum() == 1
    assert abs(scaled(counts, 2.5) - 2.5 * counts).max() < 1
