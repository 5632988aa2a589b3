"""The cut from a histogram against a sort of all pupils (I-4), and the bands between cuts (D-5)."""

import numpy as np
import pytest

from lwoopro.kernels.cuts import band_table, find_cuts

PROFILES = 30
DRAWS = 2
"""The least that tells a column per draw from one that serves all."""


def ranked(numbers: np.random.Generator, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of the profiles with ties among them, their order and their ranks."""
    score = numbers.integers(0, 12, (PROFILES, columns))
    order = np.argsort(score, axis=0, kind="stable")
    rank = np.empty_like(score)
    for e in range(columns):
        rank[:, e] = np.searchsorted(np.unique(score[:, e]), score[:, e])
    return score, order, rank.astype(np.int32)


@pytest.mark.parametrize("columns", [1, DRAWS])
def test_the_cut_is_the_lowest_score_that_enough_reach(columns: int) -> None:
    numbers = np.random.Generator(np.random.Philox(20))
    for _ in range(20):
        score, order, rank = ranked(numbers, columns)
        histogram = numbers.integers(0, 3, (PROFILES, DRAWS)).astype(np.int32)
        fixed = numbers.integers(0, 3, PROFILES)
        # as the engine has it: what is drawn moves between profiles, the number of pupils stays
        histogram[0] += int(histogram.sum(axis=0).max()) - histogram.sum(axis=0, dtype=np.int32)
        everyone = int(fixed.sum() + histogram[:, 0].sum())
        need = np.array([1, 2, everyone // 3, everyone // 3, everyone - 1, everyone])
        cut_rank = np.full((len(need), DRAWS), -9, np.int32)
        cut_profile = np.full((len(need), DRAWS), -9)
        find_cuts(histogram, fixed, order, rank, need, cut_rank, cut_profile)
        for d in range(DRAWS):
            e = d % columns
            pupils = np.sort(np.repeat(score[:, e], fixed + histogram[:, d]))
            for s, many in enumerate(need):
                cut = pupils[many - 1]
                assert score[cut_profile[s, d], e] == cut
                assert cut_rank[s, d] == rank[cut_profile[s, d], e]


@pytest.mark.parametrize("columns", [1, DRAWS])
def test_a_band_is_the_cuts_below_and_the_cuts_up_to_a_score(columns: int) -> None:
    numbers = np.random.Generator(np.random.Philox(21))
    _, _, rank = ranked(numbers, columns)
    cut_rank = np.sort(numbers.integers(0, 12, (4, DRAWS)), axis=0).astype(np.int32)
    band = np.full((PROFILES, DRAWS), 99, np.uint8)
    band_table(rank, cut_rank, band)
    for p in range(PROFILES):
        for d in range(DRAWS):
            here = rank[p, d % columns]
            cuts = cut_rank[:, d]
            assert band[p, d] == (cuts < here).sum() + (cuts <= here).sum()
