"""Cells of relative × absolute change: their bounds, their sums, their probabilities (R-2, R-4)."""

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.cells import cell_labels, cell_table, euro_cell, relative_cell
from lwoopro.analysis.change import paired

RELATIVE = (-0.20, -0.10, 0.10, 0.20)
EURO = (-5e6, -2.5e6, -1e6, 1e6, 2.5e6, 5e6)


def changes(before: object, change: object) -> xr.Dataset:
    """Arrays ``(draw, swv)`` of one year."""
    old = xr.DataArray(
        np.atleast_2d(np.asarray(before, float))[:, None], dims=("draw", "year", "swv")
    )
    old = old.assign_coords(year=[2020], swv=[f"VO{j}" for j in range(old.sizes["swv"])])
    return paired(old + np.atleast_2d(np.asarray(change, float))[:, None], old)


@pytest.mark.parametrize(
    ("before", "change", "row"),
    [
        (100, -25, 0),
        (100, -20, 0),  # the outermost cell is closed outward: exactly -20 % belongs to it
        (100, -19.99, 1),
        (100, -10.01, 1),
        (100, -10, 2),  # [low, high)
        (100, 0, 2),
        (100, 9.99, 2),
        (100, 10, 3),
        (100, 19.99, 3),
        (100, 20, 4),  # the other outermost cell holds its bound by [low, high)
        (0.3, -0.06, 0),  # a fifth on paper, whatever the floats say
        (0.7, 0.07, 3),
        (1234567.10, -246913.42, 0),  # a fifth, to the cent
        (1234567.10, -246913.41, 1),
        (0, 5, -1),  # nothing before: undefined (B-6)
        (-3, 5, -1),
    ],
)
def test_relative_cells(before: float, change: float, row: int) -> None:
    assert relative_cell(changes(before, change), RELATIVE).values.item() == row


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (-6e6, 0),
        (-5e6, 0),
        (-5e6 + 0.01, 1),
        (-2.5e6, 2),
        (-1e6 - 0.01, 2),
        (-1e6, 3),
        (999_999.99, 3),
        (1e6, 4),
        (2.5e6, 5),
        (4_999_999.99, 5),
        (5e6, 6),
        (9e6, 6),
    ],
)
def test_euro_cells(change: float, column: int) -> None:
    assert euro_cell(changes(1e9, change), EURO).values.item() == column


def test_a_table_by_hand() -> None:
    # draw 0: -20 % and +1 M; draw 1: -15 % and +1 M; the third swv had nothing before
    found = cell_table(
        changes([[1e7, 1e7, 0], [1e7, 1e7, 0]], [[-2e6, 1e6, 5], [-1.5e6, 1e6, 5]]),
        relative_bounds=RELATIVE,
        euro_bounds=EURO,
    ).sel(year=2020)
    expected = np.zeros((5, 7))
    expected[0, 2] = 0.5  # -20 %, -2 M, in one of two draws
    expected[1, 2] = 0.5  # -15 %, -1.5 M
    expected[3, 4] = 1.0  # +10 %, +1 M
    np.testing.assert_array_equal(found["count"], expected)
    np.testing.assert_array_equal(found["row_count"], [0.5, 0.5, 0, 1, 0])
    np.testing.assert_array_equal(found["column_count"], [0, 0, 1, 0, 1, 0, 0])
    assert found["undefined"] == 1 and found["undefined_mcse"] == 0
    # 0 and 1: standard deviation sqrt(1/2), error sqrt(1/2 / 2)
    assert found["count_mcse"].values[0, 2] == 0.5
    assert found["probability"].values[0, 0, 2] == 0.5
    # one in two draws: (1 + 1) / 4, error sqrt(0.25 / 4)
    assert found["probability_mcse"].values[0, 0, 2] == 0.25
    assert found["row"].values.tolist() == cell_labels(RELATIVE, 100, "%")
    assert found["column"].values[0] == "<= -5 M euro"


def random_changes(seed: int) -> xr.Dataset:
    numbers = np.random.Generator(np.random.Philox(seed))
    before = np.round(numbers.normal(1e7, 4e6, (50, 20)), 2)
    return changes(before, np.round(numbers.normal(0, 3e6, (50, 20)), 2))


def test_every_swv_stands_in_one_cell_of_every_draw() -> None:
    some = random_changes(1)
    for draw in range(some.sizes["draw"]):
        one = cell_table(some.isel(draw=[draw]), relative_bounds=RELATIVE, euro_bounds=EURO)
        assert one["count"].sum() + one["undefined"].sum() == 20
        assert np.isnan(one["count_mcse"]).all(), "one draw says nothing about its error"
    whole = cell_table(some, relative_bounds=RELATIVE, euro_bounds=EURO)
    np.testing.assert_allclose(whole["count"].sum("column"), whole["row_count"])
    np.testing.assert_allclose(whole["count"].sum("row"), whole["column_count"])
    np.testing.assert_allclose(whole["probability"].sum("swv"), whole["count"])


def test_the_order_of_the_swv_does_not_matter() -> None:
    some = random_changes(2)
    order = np.random.Generator(np.random.Philox(3)).permutation(20)
    one, other = (
        cell_table(part, relative_bounds=RELATIVE, euro_bounds=EURO)
        for part in (some, some.isel(swv=order))
    )
    xr.testing.assert_identical(one["count"], other["count"])
    xr.testing.assert_identical(one["probability"].isel(swv=order), other["probability"])


def test_bounds_must_rise() -> None:
    for bounds in ([], [0.1, 0.1], [0.2, 0.1]):
        with pytest.raises(ValueError, match="one or more rising numbers"):
            relative_cell(changes(100, 1), bounds)
