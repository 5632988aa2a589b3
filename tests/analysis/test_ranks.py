"""Average ranks are those of scipy."""

import numpy as np
import pytest
from scipy.stats import rankdata

from lwoopro.analysis.ranks import average_ranks


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_ranks_are_those_of_scipy(axis: int) -> None:
    numbers = np.random.Generator(np.random.Philox(1))
    values = numbers.integers(0, 6, (4, 9, 5)).astype(float)
    values[numbers.random(values.shape) < 0.2] = np.nan
    expected = rankdata(values, axis=axis, nan_policy="omit")
    np.testing.assert_array_equal(average_ranks(values, axis), expected)
