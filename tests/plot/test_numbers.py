"""What is drawn equals the tables: read back from the artists."""

from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

import lwoopro
from lwoopro import plot
from lwoopro.analysis.change import change, change_summary
from lwoopro.analysis.criteria import criteria_policies, criteria_scenarios
from lwoopro.analysis.lumpsum import cut_per_pupil, exceedance, fan, net_position_by_group
from lwoopro.analysis.monitoring import monitor
from lwoopro.analysis.montecarlo import mean, quantile
from lwoopro.analysis.profile import target_profile
from lwoopro.analysis.redistribution import redistribution
from lwoopro.analysis.regions import per_pupil, regions
from lwoopro.analysis.risk import risk
from lwoopro.analysis.stability import scatter, stability, yearly_change
from lwoopro.analysis.why import why_summary
from lwoopro.codes import NATIONAL_SWV
from lwoopro.plot.style import DIVERGING, GAIN, GREY, LOSS
from lwoopro.pro.monitoring import MEASURES, Rule
from tests.plot.names import row_names

NEW, OLD, YEAR = "indicator-20-school", "current", 2020


def dots(ax: Axes) -> list[np.ndarray[Any, Any]]:
    """Places of the dots, per scatter with any."""
    found = [one for one in ax.collections if isinstance(one, PathCollection)]
    places = [np.asarray(one.get_offsets(), float) for one in found]
    return [place for place in places if len(place)]


def bars(ax: Axes) -> list[np.ndarray[Any, Any]]:
    """Ends of the bars, shape (rows, 2), per set of lines."""
    found = [one for one in ax.collections if isinstance(one, LineCollection)]
    return [np.array([s[:, 0] for s in one.get_segments()]) for one in found]


def codes(ax: Axes) -> list[str]:
    return [name[:6] for name in row_names(ax)]


@pytest.mark.parametrize(
    ("unit", "name", "scale"), [("percent", "relative", 100), ("euro", "change", 1e-6)]
)
def test_gains_and_losses(results: xr.Dataset, unit: Any, name: str, scale: float) -> None:
    ax = plot.gains_losses(results, unit=unit)
    values = change(results, NEW, OLD).sel(year=YEAR)[name].sel(swv=codes(ax)) * scale
    assert len(codes(ax)) == 75
    assert np.allclose(dots(ax)[0][:, 0], values.mean("draw"))
    assert (np.diff(dots(ax)[0][:, 0]) <= 0).all()
    wide, thick = bars(ax)
    for ends, low, high in ((wide, 0.05, 0.95), (thick, 0.25, 0.75)):
        assert np.allclose(ends[:, 0], quantile(values, low)["estimate"])
        assert np.allclose(ends[:, 1], quantile(values, high)["estimate"])
    # blue gains and orange loses for sure; grey and open where zero lies in the 90 %
    dot = next(one for one in ax.collections if isinstance(one, PathCollection))
    for edge, face, (low, high) in zip(
        dot.get_edgecolors(), dot.get_facecolors(), wide, strict=True
    ):
        wanted = GAIN if low > 0 else LOSS if high < 0 else GREY
        assert np.allclose(edge[:3], to_rgb(wanted))
        assert np.allclose(face[:3], (1, 1, 1) if wanted == GREY else to_rgb(wanted))


def test_chosen_swv_policy_and_year(results: xr.Dataset) -> None:
    ax = plot.gains_losses(
        results,
        policy=OLD,
        baseline="indicator-15-home",
        year=2019,
        only=["VO2708", "VO2001"],
        unit="euro",
    )
    table = change_summary(change(results, OLD, "indicator-15-home")).sel(year=2019)
    assert set(codes(ax)) == {"VO2708", "VO2001"}
    assert np.allclose(dots(ax)[0][:, 0], table["mean"].sel(swv=codes(ax)) / 1e6)


def test_differences(results: xr.Dataset) -> None:
    values = change(results, NEW, OLD)["change"].sel(year=YEAR)
    ax = plot.differences(values, only=["VO2708", "VO2705"], language="nl")
    assert np.allclose(dots(ax)[0][:, 0], values.sel(swv=codes(ax)).mean("draw") / 1e6)
    assert "verschil" in ax.get_xlabel()


def test_risk(results: xr.Dataset) -> None:
    ax = plot.risk(results)
    table = risk(results, policy=NEW, baseline=OLD).sel(year=YEAR)["loss_probability"]
    small, large = dots(ax)
    assert np.allclose(small[:, 0], table.sel(loss=0.1, swv=codes(ax)) * 100)
    assert np.allclose(large[:, 0], table.sel(loss=0.2, swv=codes(ax)) * 100)
    # who is left out never loses so much
    out = table.drop_sel(swv=codes(ax))
    assert float(out.max()) == 0.0 and out.sizes["swv"] > 0


def test_value_at_risk(results: xr.Dataset) -> None:
    ax = plot.value_at_risk(results, unit="euro")
    table = risk(results, policy=NEW, baseline=OLD).sel(year=YEAR, swv=codes(ax))
    expected, at_risk, shortfall = (place[:, 0] * 1e6 for place in dots(ax))
    assert np.allclose(at_risk, -table["value_at_risk"])
    assert np.allclose(shortfall, -table["expected_shortfall"])
    euro = change(results, NEW, OLD)["change"].sel(year=YEAR, swv=codes(ax))
    assert np.allclose(expected, euro.mean("draw"))


def test_tile_map(results: xr.Dataset) -> None:
    ax = plot.tile_map(results, label="value")
    values = change(results, NEW, OLD)["relative"].sel(year=YEAR).mean("draw") * 100
    most = float(np.abs(values.drop_sel(swv=NATIONAL_SWV)).max())
    tiles = {str(patch.get_label()): patch for patch in ax.patches}
    assert set(tiles) == set(results["swv"].values.tolist())
    for code, patch in tiles.items():
        place = float(values.sel(swv=code)) / most / 2 + 0.5
        assert np.allclose(patch.get_facecolor(), DIVERGING(np.clip(place, 0, 1)), atol=1e-6)
    shown = {text.get_text() for text in ax.texts}
    assert plot.number(float(values.sel(swv="VO2708")), 1).replace("−", "") in {
        text.strip("+−") for text in shown
    }


def test_tile_map_of_own_numbers(results: xr.Dataset) -> None:
    ax = plot.tile_map(values={"VO2708": 2.0, "VO2001": 1.0}, unit="pupils")
    assert {str(patch.get_label()) for patch in ax.patches} == {"VO2708", "VO2001"}
    # the scale is that of the map: the national swv stands beside it
    apart = plot.tile_map(values={"VO0001": 100.0, "VO2708": 2.0, "VO2705": -1.0})
    tiles = {str(patch.get_label()): patch.get_facecolor() for patch in apart.patches}
    assert np.allclose(tiles["VO2708"], DIVERGING(1.0))
    assert np.allclose(tiles["VO2705"], DIVERGING(0.25), atol=1e-6)
    by_swv = results["pupils"].isel(year=0, attribution=0)
    assert len(plot.tile_map(values=by_swv).patches) == 75


@pytest.mark.parametrize("measure", ["per_pupil", "baseline_per_pupil", "difference_per_pupil"])
def test_map_of_money_per_pupil(results: xr.Dataset, measure: str) -> None:
    made = plot.alt_text(plot.tile_map(results, measure=measure))
    table = per_pupil(results, policy=NEW, baseline=OLD).sel(year=YEAR)
    names = {"per_pupil": "policy", "baseline_per_pupil": "baseline"}
    highest = float(table[names.get(measure, "difference")].max())
    assert plot.number(highest) in made


def test_profile(results: xr.Dataset) -> None:
    ax = plot.profile(results, year=2020)
    table = target_profile(results).sel(year=2020, share=0.2)
    target, everyone, published, _ = dots(ax)
    first = float(table["target"].sel(line="education_mother=primary"))
    assert np.isclose(target[0, 0], first * 100)
    assert np.isclose(
        everyone[0, 0], float(table["everyone"].sel(line="education_mother=primary")) * 100
    )
    assert 39.0 in published[:, 0]
    ends = bars(ax)[1][0]
    assert np.allclose(
        ends,
        [
            float(table[f"target_{side}"].sel(line="education_mother=primary")) * 100
            for side in ("low", "high")
        ],
    )
    # other dates have no published figures beside them
    assert len(dots(plot.profile(results, year=2019))) == 2


def cell_texts(ax: Axes) -> dict[tuple[int, int], str]:
    """Upper text of each cell by row and column."""
    found: dict[tuple[int, int], str] = {}
    for text in ax.texts:
        x, y = text.get_position()
        found.setdefault((int(y), int(x)), text.get_text())
    return found


def test_tables_of_cells(results: xr.Dataset) -> None:
    for ax, table in (
        (plot.redistribution_table(results), redistribution(results, policy=NEW, baseline=OLD)),
        (plot.stability_table(results, policy=NEW), stability(results, policy=NEW)),
    ):
        count = table.sel(year=YEAR)["count"].to_numpy()
        rows, columns = count.shape
        shown = cell_texts(ax)
        for r in range(rows):
            for c in range(columns):
                text = shown[r, c]
                if text == "·":
                    assert count[r, c] == 0
                elif text.startswith("<"):
                    assert 0 < count[r, c] < 0.05
                else:
                    assert abs(float(text) - count[r, c]) <= 0.05 + 1e-9
        assert shown[rows, columns] == "75"
        assert float(shown[0, columns]) == pytest.approx(count[0].sum(), abs=0.051)
        assert len([one for one in ax.patches if isinstance(one, Rectangle)]) == (rows + 1) * (
            columns + 1
        )


def test_published_numbers_stand_in_brackets(results: xr.Dataset) -> None:
    ax = plot.redistribution_table(results, published=True)
    assert "(24)" in [text.get_text() for text in ax.texts]


def test_scatters(results: xr.Dataset) -> None:
    for ax, changes in (
        (plot.redistribution_scatter(results), change(results, NEW, OLD).sel(year=YEAR)),
        (plot.stability_scatter(results), yearly_change(results, policy=NEW).sel(year=YEAR)),
    ):
        table = scatter(changes)
        kept = (table["before"] > 0) & (table["after_low"] > 0)
        places = dots(ax)[0]
        assert np.allclose(places[:, 0], table["before"].to_numpy()[kept] / 1e6)
        assert np.allclose(places[:, 1], table["after"].to_numpy()[kept] / 1e6)
        assert ax.get_xlim() == ax.get_ylim()


def test_per_pupil(results: xr.Dataset) -> None:
    ax = plot.per_pupil(results)
    table = per_pupil(results, policy=NEW, baseline=OLD).sel(year=YEAR)
    old, new = dots(ax)
    labels = dict(enumerate(row_names(ax)))
    listed = [labels[int(y)][:6] for y in new[:, 1]]
    assert NATIONAL_SWV not in listed
    assert np.allclose(new[:, 0], table["policy"].sel(swv=listed))
    assert np.allclose(old[:, 0], table["baseline"].sel(swv=listed))
    heads = set(labels.values()) - {labels[int(y)] for y in new[:, 1]}
    assert heads == {"four big cities", "shrinking", "anticipating", "all other swv"}
    assert ax.get_xlim()[0] == 0


def test_regions(results: xr.Dataset) -> None:
    ax = plot.regions(results)
    table = regions(results.sel(year=[YEAR]), policy=NEW, baseline=OLD).isel(year=0)
    own, gap = dots(ax)
    assert np.allclose(own[:, 0], table["difference"])
    assert np.allclose(gap[:, 0], table["gap"])
    assert np.allclose(bars(ax)[1][:, 0], table["gap_low"])
    assert len([text for text in ax.texts if text.get_text().startswith("p = ")]) == 4


def test_criteria(results: xr.Dataset) -> None:
    for ax, table in (
        (plot.criteria(results), criteria_scenarios(results)["value"]),
        (plot.criteria_policies(results), criteria_policies(results)["value"]),
    ):
        values = table.to_numpy().reshape(table.sizes["criterion"], -1)
        values = values[np.isfinite(values).any(axis=1)]
        labels = [text.get_text() for text in ax.get_yticklabels()]
        place = labels.index("to four big cities")
        shown = cell_texts(ax)
        row = list(
            table["criterion"].values[
                np.isfinite(table.to_numpy().reshape(len(table["criterion"]), -1)).any(axis=1)
            ]
        )
        assert row[place] == "g4"
        for column in range(values.shape[1]):
            text = shown[place, column]
            assert float(text) == pytest.approx(100 * values[place, column], abs=0.5)


def test_courses(results: xr.Dataset) -> None:
    wanted = {
        "pro_pupils": results["pro_pupils"].sum("swv") / 1e3,
        "lumpsum_cut": results["lumpsum_cut"] * 100,
        "cut_per_pupil": cut_per_pupil(results)["high"],
    }
    for name, values in wanted.items():
        ax = getattr(plot, name)(results, growth="rise")
        median = fan(values.sel(growth="rise"))["band"].sel(quantile=0.5)
        assert np.allclose(ax.lines[0].get_ydata(), median)
        both = getattr(plot, name)(results)
        lines = [line for line in both.lines if line.get_label() in ("reference", "rise")]
        assert np.allclose(lines[1].get_ydata(), median)
    one = plot.cut_per_pupil(results, swv="VO2708", growth="rise")
    values = cut_per_pupil(results)["swv_average"].sel(swv="VO2708", growth="rise")
    assert np.allclose(one.lines[0].get_ydata(), fan(values)["band"].sel(quantile=0.5))


def test_exceedance(results: xr.Dataset) -> None:
    bounds = (1e-4, 1e-3)
    ax = plot.cut_exceedance(results, bounds=bounds)
    table = exceedance(results, bounds)["ever"]
    widths = np.array([one.get_width() for one in ax.patches if isinstance(one, Rectangle)])
    assert np.allclose(widths, table.to_numpy().ravel() * 100)
    assert widths.max() > 0


def test_net_position(results: xr.Dataset) -> None:
    ax = plot.net_position(results, growth="rise", year=2029)
    table = net_position_by_group(results).sel(growth="rise", funding_year=2029).mean("draw")
    widths = np.array([one.get_width() for one in ax.patches if isinstance(one, Rectangle)])
    wanted = np.concatenate([table["received"], -table["cut"], table["net"]]) / 1e6
    assert np.allclose(widths, wanted)


def test_monitoring(results: xr.Dataset) -> None:
    table = monitor(results, [Rule(name) for name in MEASURES])
    ax = plot.monitoring(results)
    for place, name in zip(dots(ax), MEASURES, strict=True):
        assert np.allclose(place[:, 0], table["alarm"].sel(measure=name) * 100)
    again = plot.monitoring(results, table=table)
    assert all(np.array_equal(a, b) for a, b in zip(dots(ax), dots(again), strict=True))
    assert plot.operating_curves(results).lines[1].get_label() == "rise"


def test_transition(results: xr.Dataset) -> None:
    ax = plot.transition(results, swv="VO2708")
    course = results["transition_budget"].sel(swv="VO2708") / 1e6
    line = next(line for line in ax.lines if line.get_label() == "median")
    assert np.allclose(
        np.asarray(line.get_ydata())[1:],
        np.median(course.transpose("draw", "transition_year"), axis=0),
    )
    old = results["budget"].sel(policy=OLD, year=2020)
    assert np.isclose(
        np.asarray(line.get_ydata())[0], float(np.median(old.sel(swv="VO2708"))) / 1e6
    )
    every = plot.transition(results)
    ends = {round(float(np.asarray(one.get_ydata())[-1]), 6) for one in every.lines[1:]}
    wanted = (
        results["transition_budget"].isel(transition_year=-1).mean("draw") / old.mean("draw") - 1
    )
    assert ends == {round(float(value) * 100, 6) for value in wanted}


def test_stress(results: xr.Dataset) -> None:
    ax = plot.stress(results, count=5, growth="rise", year=2029)
    combined = lwoopro.combined_change(results, NEW, OLD)
    table = lwoopro.stress_summary(combined, 2029, (0.05,)).sel(growth="rise", level=0.05)
    total = dots(ax)[0][:, 0]
    assert np.allclose(total, -table["share"].sel(swv=codes(ax)) * 100)
    widths = np.array([one.get_width() for one in ax.patches if isinstance(one, Rectangle)])
    assert np.allclose(widths.reshape(3, 5).sum(axis=0), total)


def test_why(results: xr.Dataset) -> None:
    ax = plot.why(results)
    table = why_summary(results).sel(year=YEAR)
    assert len(codes(ax)) == 12
    whole = dots(ax)[0][:, 0] * 1e3
    assert np.allclose(whole, table["change"].sel(swv=codes(ax)))
    widths = np.array([one.get_width() for one in ax.patches if isinstance(one, Rectangle)])
    # the parts add up to the change, less the small ones that are left out
    assert np.allclose(widths.reshape(-1, 12).sum(axis=0) * 1e3, whole, atol=2000)
    assert len(codes(plot.why(results, swv="VO2708"))) == 1


def test_budgets_of_one_swv(results: xr.Dataset) -> None:
    ax = plot.budget_distribution(results, swv="VO2708")
    money = results["budget"].sel(swv="VO2708", year=YEAR)
    centres = np.concatenate([place[:, 0] for place in dots(ax)])
    assert np.allclose(centres, money.mean("draw") / 1e6)
    parts = plot.budget_parts(results, swv="VO2708")
    widths = [one.get_width() for one in parts.patches if isinstance(one, Rectangle)]
    table = results["budget_part"].sel(swv="VO2708", year=YEAR).mean("draw")
    wanted = table.sel(part=["regional", "lwoo", "pro"]).transpose("part", "policy")
    assert np.allclose(widths, wanted.to_numpy().ravel() / 1e6)


def test_reliability(results: xr.Dataset) -> None:
    ax = plot.reliability(results)
    score = results["disadvantage_score"].sel(year=YEAR, share=0.2, attribution="school")
    part = (score.std("draw", ddof=1) / score.mean("draw") * 100).to_numpy()
    pupils = results["pupils"].sel(year=YEAR, attribution="school").to_numpy()
    kept = (pupils > 0) & (part > 0)
    assert np.allclose(dots(ax)[0], np.column_stack([pupils, part])[kept])
    # units as small as these show where scores become usable
    assert "40 pupils" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_variance_sources(certain: xr.Dataset) -> None:
    places = dots(plot.variance_sources(certain))
    assert np.allclose(places[0][:, 0], 60) and np.allclose(places[1][:, 0], 30)
    assert np.allclose(places[2][:, 0], [60, 30])
    assert np.allclose(places[3][:, 0], 70)


def test_analytic(certain: xr.Dataset) -> None:
    places = dots(plot.analytic(certain))[0]
    assert np.allclose(places[:, 1], 1 / 0.97)


def test_convergence(results: xr.Dataset) -> None:
    ax = plot.convergence(results, swv=["VO2708"])
    money = results["budget"].sel(policy=NEW, year=YEAR, swv="VO2708")
    line = ax.lines[0]
    assert np.asarray(line.get_xdata())[-1] == 12
    assert np.isclose(np.asarray(line.get_ydata())[-1], float(mean(money)["mcse"]))
    assert np.isclose(
        np.asarray(line.get_ydata())[0], float(mean(money.isel(draw=slice(5)))["mcse"])
    )


def test_very_long_lists_show_their_ends(results: xr.Dataset) -> None:
    """As of schools (U-5): nobody reads a thousand lines."""
    many = 300
    drawn = np.arange(many)[::-1] + np.zeros((2, 1))
    codes_ = [f"{k // 26 % 90 + 10}A{chr(65 + k % 26)}{k % 10:02}" for k in range(many)]
    values = xr.DataArray(drawn, dims=("draw", "swv"), coords={"swv": codes_})
    ax = plot.differences(values)
    assert len(codes(ax)) == 120
    assert codes(ax)[0] == codes_[0] and codes(ax)[-1] == codes_[-1]
    assert "first and the last 60 of 300" in plot.caption(ax)
    assert "first and the last" not in plot.caption(plot.gains_losses(results))
