"""Figures of unusual results, and on axes that somebody else made."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from lwoopro import plot
from lwoopro.analysis.criteria import criteria_policies
from lwoopro.errors import InputError
from lwoopro.plot.heat import _number
from lwoopro.plot.words import Words, euro
from lwoopro.pro.monitoring import Rule
from tests.plot.names import row_names


def test_a_figure_on_the_axes_of_others_keeps_their_layout(results: xr.Dataset) -> None:
    figure = Figure(figsize=(4, 9))
    ax = plot.gains_losses(results, ax=figure.add_subplot())
    before = ax.get_position().bounds
    drawn = plot.svg(ax, ink="currentColor")
    assert 'role="img"' in drawn and "VO2001" in drawn
    assert ax.get_position().bounds == before


def test_a_map_needs_numbers_and_may_have_no_labels(results: xr.Dataset) -> None:
    with pytest.raises(InputError, match="neither results nor values are given"):
        plot.tile_map()
    bare = plot.tile_map(values={"VO2001": 1.0, "VO2002": 2.0}, label=None)
    assert [text.get_text() for text in bare.texts] == []
    assert {patch.get_label() for patch in bare.patches} >= {"VO2001", "VO2002"}


def test_another_indicator_beside_and_what_is_not_known(results: xr.Dataset) -> None:
    column = results["vo_pupils"].isel(year=-1, drop=True)
    table = criteria_policies(results, agree={"letter": column}).load()
    table["value"].loc[{"criterion": "need", "policy": "current"}] = np.nan
    ax = plot.criteria_policies(results, table=table)
    assert "–" in {text.get_text() for text in ax.texts}
    assert any("letter" in label.get_text() for label in ax.get_yticklabels())
    agreement = float(table["value"].sel(criterion="agree:letter").min())
    assert f"{agreement:.2f}".replace("-", "−") in plot.alt_text(ax)


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (0.04, "< 0.1"), (0.05, "0.1"), (2.25, "2.2")]
)
def test_expected_numbers_of_swv(value: float, text: str) -> None:
    assert _number(Words("en"), value) == text


def test_own_rules_of_monitoring(results: xr.Dataset) -> None:
    with pytest.raises(InputError, match="monitoring needs two draws or more"):
        plot.monitoring(results.isel(draw=[0]))
    one = plot.monitoring(results, rules=[Rule("count")])
    every = plot.monitoring(results)
    assert len(plot.alt_text(one)) < len(plot.alt_text(every))


def test_an_amount_that_is_not_known() -> None:
    assert euro(float("nan")) == Words("en").number(float("nan"))


def test_scores_that_nothing_varies(results: xr.Dataset) -> None:
    first = results["disadvantage_score"].isel(draw=0, drop=True)
    same = results.assign(
        disadvantage_score=first.broadcast_like(results["disadvantage_score"]).assign_attrs(
            results["disadvantage_score"].attrs
        )
    )
    with pytest.raises(InputError, match="no disadvantage score differs between the draws"):
        plot.reliability(same)


def test_chances_of_chosen_swv_stand_there_though_they_are_zero(results: xr.Dataset) -> None:
    ax = plot.risk(results, policy="current", baseline="current", only=["VO2001", "VO2002"])
    assert [name[:6] for name in row_names(ax)] == ["VO2001", "VO2002"]
