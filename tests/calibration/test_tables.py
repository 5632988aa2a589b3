"""R-2, R-4: the published tables, and what they are counted from."""

import numpy as np

from lwoopro.calibration.tables import beyond, redistribution, stability
from lwoopro.calibration.targets import (
    CELLS,
    COLUMN_NAMES,
    REDISTRIBUTION_ROWS,
    ROW_NAMES,
    STABILITY,
    STABILITY_NAMES,
)


def test_the_published_tables_are_whole() -> None:
    assert REDISTRIBUTION_ROWS == (11, 17, 25, 8, 14)
    assert sum(REDISTRIBUTION_ROWS) == 75
    assert np.shape(CELLS) == (len(ROW_NAMES), len(COLUMN_NAMES))
    assert {year: sum(rows) for year, rows in STABILITY.items()} == {2020: 75, 2019: 75, 2018: 75}
    assert all(len(rows) == len(STABILITY_NAMES) for rows in STABILITY.values())


def test_cells_are_closed_below_and_the_lowest_above() -> None:
    old = np.full((1, 6), 10e6)
    new = 10e6 * np.array([[0.80, 0.81, 0.90, 1.10, 1.20, 1.5]])
    rows = redistribution(old, new).sum(axis=2)[0]
    # −20 % is in the lowest row, −10 % in the middle, 10 % in the fourth, 20 % in the highest
    assert rows.tolist() == [1, 1, 1, 1, 2]
    columns = redistribution(old, new).sum(axis=1)[0]
    # −2 M, −1.9 M, −1 M, 1 M, 2 M, 5 M
    assert columns.tolist() == [0, 0, 2, 1, 2, 0, 1]
    lost = redistribution(np.full((1, 1), 50e6), np.full((1, 1), 45e6))[0]
    assert lost[2, 0] == 1


def test_each_draw_is_counted_by_itself() -> None:
    old = np.full((2, 3), 1e6)
    new = np.array([[1e6, 1e6, 1e6], [1.3e6, 1e6, 0.5e6]])
    assert redistribution(old, new).sum(axis=2).tolist() == [[0, 0, 3, 0, 0], [1, 0, 1, 0, 1]]


def test_stability_rows_and_what_lies_beyond() -> None:
    before = np.full((1, 7), 10e6)
    after = 10e6 * np.array([[0.925, 0.95, 0.975, 1.0, 1.025, 1.05, 1.075]])
    assert stability(before, after).tolist() == [[1, 0, 1, 2, 1, 1, 1]]
    # 5 % of 10 M is 500 k: beyond is more than both
    assert beyond(before, after).tolist() == [2]
