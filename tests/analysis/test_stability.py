"""Year-on-year change (R-2)."""

import numpy as np
import pytest

from lwoopro.analysis.stability import scatter, stability, yearly_change
from tests.analysis.small import money


def test_pro_is_held_at_the_earlier_date() -> None:
    # lwoo 100 → 130; pro 900 → 500, which must not show: (900 + 130 - 1000) / 1000 = 3 %
    results = money({"p": [[[100.0], [130.0]]]}, other=[[900.0], [500.0]], years=(2019, 2020))
    found = yearly_change(results, policy="p")
    assert found["year"].values.tolist() == [2020]
    assert found["previous_year"].values.tolist() == [2019]
    assert found["change"].item() == 30
    assert found["before"].item() == 1000
    assert found["relative"].item() == 0.03


def test_years_come_in_any_order_and_each_against_the_one_before() -> None:
    results = money({"p": [[[130.0], [100.0], [90.0]]]}, years=(2020, 2018, 2019))
    found = yearly_change(results, policy="p")
    assert found["year"].values.tolist() == [2019, 2020]
    assert found["change"].values.ravel().tolist() == [-10, 40]


def test_the_same_draw_stands_on_both_sides() -> None:
    lwoo = np.array([[[100.0], [110.0]], [[200.0], [210.0]]])
    found = scatter(yearly_change(money({"p": lwoo}, years=(2019, 2020)), policy="p"))
    assert found["change"].item() == 10 and found["change_mcse"].item() == 0
    assert found["before"].item() == 150 and found["after"].item() == 160


def test_beyond_half_a_million_and_5_percent() -> None:
    # before 10 M each; +500,000.00 is 5 % and not beyond either; +500,000.01 is beyond both
    lwoo = np.array([[[1e7] * 4, [1e7 + 5e5, 1e7 + 500_000.01, 1e7 - 6e5, 1e7]]])
    found = stability(money({"p": lwoo}, years=(2019, 2020)), policy="p")
    assert found["beyond"].item() == 2
    assert found["beyond_share"].item() == 0.5
    assert found["row_count"].values.ravel().tolist() == [0, 1, 0, 1, 0, 2, 0]
    assert found["column_count"].values.ravel().tolist() == [0, 1, 0, 1, 0, 2, 0]
    assert (found.sizes["row"], found.sizes["column"]) == (7, 7)


def test_beyond_needs_both() -> None:
    # 0.6 M of 20 M is 3 %; 0.1 M of 1 M is 10 %; 0.5 M of 5 M, and 5 % by 0.6 M: on a bound
    lwoo = np.array([[[2e7, 1e6, 5e6, 1.2e7], [2e7 + 6e5, 1.1e6, 5.5e6, 1.26e7]]])
    found = stability(money({"p": lwoo}, years=(2019, 2020)), policy="p")
    assert found["beyond"].item() == 0


def test_one_year_is_refused() -> None:
    with pytest.raises(ValueError, match="two reference dates; these results have one, 2020"):
        stability(money({"p": [[[1.0]]]}), policy="p")
    with pytest.raises(ValueError, match="no policy 'q' in these results; they have p"):
        yearly_change(money({"p": [[[1.0], [1.0]]]}, years=(2019, 2020)), policy="q")
