"""Any policy against any other (R-4)."""

import numpy as np
import pytest

from lwoopro.analysis.redistribution import redistribution
from tests.analysis.small import money


def test_the_studys_baseline_unless_another_is_given() -> None:
    results = money({"old": [[[10e6, 10e6]]], "new": [[[12e6, 8e6]]], "third": [[[10e6, 10e6]]]})
    found = redistribution(results, policy="new")
    # +20 % and +2 M; -20 % and -2 M
    assert found["count"].values[0, 4, 4] == 1 and found["count"].values[0, 0, 2] == 1
    assert found["count"].sum() == 2
    back = redistribution(results, policy="old", baseline="new")
    # -2 M of 12 M is -16.7 %; +2 M of 8 M is +25 %
    assert back["count"].values[0, 1, 2] == 1 and back["count"].values[0, 4, 4] == 1
    still = redistribution(results, policy="third")
    assert still["count"].values[0, 2, 3] == 2


def test_without_a_baseline_one_must_be_given() -> None:
    results = money({"old": [[[1.0]]], "new": [[[1.0]]]})
    del results.attrs["baseline"]
    with pytest.raises(ValueError, match="name no baseline"):
        redistribution(results, policy="new")


def test_only_results_are_taken() -> None:
    results = money({"old": [[[1.0]]], "new": [[[1.0]]]})
    with pytest.raises(ValueError, match="not a results Dataset: budget has type int64"):
        redistribution(results.assign(budget=results["budget"].astype(np.int64)), policy="new")
