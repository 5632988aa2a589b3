"""What figures refuse, in words for people: which thing, what is wrong, what there is."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from lwoopro import plot
from lwoopro.errors import InputError
from tests.plot.names import row_names


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "gains_losses",
            {"policy": "nope"},
            "policy: 'nope' is not in these results; they have current",
        ),
        ("gains_losses", {"baseline": "nope"}, "policy: 'nope' is not"),
        (
            "gains_losses",
            {"year": 1999},
            "year: 1999 is not in these results; they have 2019, 2020",
        ),
        (
            "gains_losses",
            {"only": ["VO9999"]},
            "swv: 'VO9999' is not in these results; they have VO0001",
        ),
        ("gains_losses", {"unit": "guilder"}, "use 'percent' or 'euro'"),
        ("value_at_risk", {"unit": "guilder"}, "use 'percent' or 'euro'"),
        ("budget_distribution", {"swv": "VO9999"}, "swv: 'VO9999'"),
        ("budget_distribution", {"swv": "VO2708", "policies": ["nope"]}, "policy: 'nope'"),
        ("budget_parts", {"swv": "VO9999"}, "swv: 'VO9999'"),
        ("tile_map", {"measure": "luck"}, "use one of relative, change"),
        ("tile_map", {"label": "colour"}, "use 'code', 'place', 'value' or None"),
        ("profile", {"share": 0.5}, "share: 0.5 is not in these results; they have 0.15, 0.2"),
        ("stability_table", {"year": 2019}, r"2019 has no earlier date here; use one of \[2020\]"),
        ("stability_scatter", {"policy": "nope"}, "policy: 'nope'"),
        ("why", {"policy": "current"}, "the changes of 'current' are not split"),
        ("why", {"swv": "VO9999"}, "swv: 'VO9999'"),
        ("per_pupil", {"attribution": "moon"}, "attribution: 'moon' is not"),
        (
            "pro_pupils",
            {"growth": "nope"},
            "growth: 'nope' is not in these results; they have reference",
        ),
        ("pro_pupils", {"swv": "VO9999"}, "swv: 'VO9999'"),
        ("cut_per_pupil", {"kind": "middle"}, "use 'high', 'low' or 'swv'"),
        ("cut_per_pupil", {"kind": "swv"}, "no swv is given"),
        ("net_position", {"year": 1999}, "funding_year: 1999"),
        ("operating_curves", {"measure": "luck"}, "use one of count, inflow, stay"),
        ("transition", {"swv": "VO9999"}, "swv: 'VO9999'"),
        ("stress", {"level": 2.0}, "a share between 0 and 1"),
        ("reliability", {"attribution": "moon"}, "attribution: 'moon'"),
        ("convergence", {"policy": "current"}, "do not differ between the draws"),
    ],
)
def test_choices_that_there_are_not(
    results: xr.Dataset, name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        getattr(plot, name)(results, **options)


@pytest.mark.parametrize(
    ("name", "absent", "options", "message"),
    [
        ("transition", ["transition_budget"], {}, r"has no transition; add \[transition\]"),
        ("pro_pupils", ["pro_pupils"], {}, r"has no growth of pro; add \[pro\]"),
        ("lumpsum_cut", ["lumpsum_cut"], {}, "has no growth of pro"),
        ("cut_per_pupil", ["lumpsum_cut"], {}, "has no growth of pro"),
        ("cut_exceedance", ["lumpsum_cut"], {}, "has no growth of pro"),
        ("net_position", ["lumpsum_cut_amount"], {}, "has no growth of pro"),
        ("monitoring", ["pro_entrants"], {}, "has no growth of pro"),
        ("operating_curves", ["pro_entrants"], {}, "has no growth of pro"),
        ("stress", ["lumpsum_cut_amount"], {}, "has no growth of pro"),
        ("why", ["disadvantage_part"], {}, r"has no split of changes; name a policy in \[report\]"),
        ("variance_sources", ["sobol_first"], {}, "sobol_first is absent"),
        ("analytic", ["analytic_sd"], {}, "analytic_sd is absent"),
        ("profile", ["target_category_pupils"], {}, "has no target-group profile"),
        ("criteria", ["disadvantage_score"], {}, "has no disadvantage scores"),
        ("reliability", ["disadvantage_score"], {}, "has no disadvantage scores"),
        ("gains_losses", ["budget"], {}, "has no budgets"),
        ("budget_distribution", ["budget"], {"swv": "VO2708"}, "has no budgets"),
    ],
)
def test_parts_that_a_study_does_not_use(
    certain: xr.Dataset, name: str, absent: list[str], options: dict[str, Any], message: str
) -> None:
    lacking = certain.drop_vars(absent)
    with pytest.raises(InputError, match=message):
        getattr(plot, name)(lacking, **options)
    if name in plot.NAMES and not options:
        assert not plot.can(name, lacking)


def test_one_year_one_policy_one_draw(results: xr.Dataset) -> None:
    one_year = results.isel(year=[1])
    for name in ("stability_table", "stability_scatter", "why"):
        assert not plot.can(name, one_year)
        with pytest.raises(InputError, match="needs two reference dates"):
            getattr(plot, name)(one_year)
    one_policy = results.sel(policy=["current"])
    assert not plot.can("gains_losses", one_policy)
    with pytest.raises(InputError, match="one policy only"):
        plot.gains_losses(one_policy)
    one_draw = results.isel(draw=[0])
    for name in ("monitoring", "operating_curves", "reliability", "convergence"):
        assert not plot.can(name, one_draw)
        with pytest.raises(InputError):
            getattr(plot, name)(one_draw)
    with pytest.raises(InputError, match="splits no changes"):
        plot.why(results.isel(split=[]))


def test_no_region_no_check_of_regions(results: xr.Dataset) -> None:
    nowhere = results.assign(region=("swv", np.array([""] * 75, object)))
    assert not plot.can("regions", nowhere)
    with pytest.raises(InputError, match="fill that column of the swv table"):
        plot.regions(nowhere)
    labels = row_names(plot.per_pupil(nowhere))
    assert len(labels) == 74 and "all other swv" not in labels


def test_a_baseline_must_be_known(results: xr.Dataset) -> None:
    nameless = results.assign_attrs()
    nameless.attrs = {key: value for key, value in results.attrs.items() if key != "baseline"}
    with pytest.raises(InputError, match="name no baseline"):
        plot.gains_losses(nameless)
    assert plot.gains_losses(nameless, baseline="current")


def test_no_such_figure(results: xr.Dataset) -> None:
    with pytest.raises(InputError, match="there is no figure 'pie'"):
        plot.can("pie", results)
    with pytest.raises(AttributeError):
        _ = plot.pie
