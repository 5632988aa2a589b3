"""What all figures have in common: axes, words, descriptions, SVG, nothing global."""

import re
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from lwoopro import plot
from lwoopro.errors import InputError
from lwoopro.plot.style import INK

SQUARE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"swv": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 52], [x + 1, 52], [x + 1, 53], [x, 53], [x, 52]]],
            },
        }
        for x, code in ((4, "VO2708"), (5, "VO2705"))
    ],
}

CASES: list[tuple[str, dict[str, Any]]] = [
    ("gains_losses", {}),
    ("tile_map", {}),
    ("tile_map", {"measure": "per_pupil", "label": "place"}),
    ("polygon_map", {"geojson": SQUARE}),
    ("profile", {}),
    ("stability_table", {}),
    ("stability_scatter", {}),
    ("why", {}),
    ("redistribution_table", {}),
    ("redistribution_table", {"published": True}),
    ("redistribution_scatter", {}),
    ("per_pupil", {}),
    ("regions", {}),
    ("criteria", {}),
    ("criteria_policies", {}),
    ("risk", {}),
    ("value_at_risk", {}),
    ("reliability", {}),
    ("variance_sources", {}),
    ("analytic", {}),
    ("convergence", {}),
    ("pro_pupils", {}),
    ("pro_pupils", {"growth": "rise", "swv": "VO2708"}),
    ("lumpsum_cut", {}),
    ("lumpsum_cut", {"growth": "rise"}),
    ("cut_per_pupil", {"kind": "low"}),
    ("cut_per_pupil", {"swv": "VO2708"}),
    ("cut_exceedance", {}),
    ("net_position", {}),
    ("monitoring", {}),
    ("operating_curves", {}),
    ("transition", {}),
    ("transition", {"swv": "VO2708"}),
    ("stress", {}),
    ("budget_distribution", {"swv": "VO2708"}),
    ("budget_parts", {"swv": "VO2708"}),
]


def drawn(ds: xr.Dataset, name: str, **options: Any) -> Axes:
    axes: Axes = getattr(plot, name)(ds, **options)
    return axes


def names(case: tuple[str, dict[str, Any]]) -> str:
    return "-".join([case[0], *map(str, case[1].values())])[:40]


def test_every_figure_is_tried() -> None:
    assert {name for name, _ in CASES} == set(plot.NAMES)


@pytest.mark.parametrize("case", CASES, ids=names)
def test_figure(few: xr.Dataset, case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    before = dict(matplotlib.rcParams)
    english = drawn(few, name, **options)
    mine = Figure(figsize=(6, 6)).add_subplot()
    dutch = drawn(few, name, ax=mine, language="nl", **options)
    assert dict(matplotlib.rcParams) == before
    assert dutch is mine
    assert isinstance(english.figure, Figure) and english.figure is not mine.figure
    assert plot.can(name, few)
    for axes in (english, dutch):
        alt = plot.alt_text(axes)
        assert re.search(r"\d", alt) and "{" not in alt and "nan" not in alt.lower()
        assert len(alt) > 40 and "{" not in plot.caption(axes)
        texts = [item.get_text() for item in axes.findobj(Text)]
        assert not [text for text in texts if "{" in text or "nan" in text.lower().split()]
    assert plot.alt_text(english) != plot.alt_text(dutch)
    assert plot.caption(english) != plot.caption(dutch)
    check_svg(english)
    assert dict(matplotlib.rcParams) == before


def check_svg(axes: Axes) -> None:
    text = plot.svg(axes, ink="currentColor", prefix="one")
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img" and root.get("aria-label") == plot.alt_text(axes)
    assert root.get("viewBox") and root.get("width") is None
    assert "<style" not in text and "<metadata" not in text and "<?xml" not in text
    assert INK not in text and "currentColor" in text
    assert "<text" in text and "DejaVu" not in text
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids)) and all(str(one).startswith("one-") for one in ids)
    links = [one.get("href", "") for one in root.iter()]
    links = [link[1:] for link in links if link.startswith("#")]
    links += re.findall(r"url\(#([^)]*)\)", text)
    assert set(links) == set(ids)


@pytest.mark.parametrize("name", ["tile_map", "pro_pupils", "budget_distribution"])
def test_the_same_figure_gives_the_same_bytes(certain: xr.Dataset, name: str) -> None:
    options = {"swv": "VO2708"} if name == "budget_distribution" else {}
    axes = drawn(certain, name, **options)
    text = plot.svg(axes)
    assert plot.svg(axes) == text
    assert plot.svg(drawn(certain, name, **options)) == text


def test_marks_name_their_swv(certain: xr.Dataset) -> None:
    text = plot.svg(plot.gains_losses(certain))
    titles = re.findall("<title>([^<]*)</title>", text)
    assert len(titles) == 75
    assert any(title.startswith("VO2708 Amsterdam: ") for title in titles)


def test_nothing_of_pyplot(certain: xr.Dataset) -> None:
    from matplotlib import pyplot

    plot.gains_losses(certain)
    assert not pyplot.get_fignums()


def test_settings_return_after_an_error(certain: xr.Dataset) -> None:
    before = dict(matplotlib.rcParams)
    with pytest.raises(InputError):
        plot.polygon_map(certain, geojson={"features": []})
    with pytest.raises(InputError, match="tile map"):
        plot.tile_map(values={"VO9999": 1.0})
    assert dict(matplotlib.rcParams) == before


def test_language_that_there_is_not(certain: xr.Dataset) -> None:
    with pytest.raises(InputError, match="en or nl"):
        plot.gains_losses(certain, language="fr")


def test_axes_of_others_have_no_description() -> None:
    axes = Figure().add_subplot()
    for function in (plot.alt_text, plot.caption, plot.svg):
        with pytest.raises(ValueError, match=r"lwoopro\.plot"):
            function(axes)


def test_one_draw_and_few_swv(certain: xr.Dataset) -> None:
    """What a small study of somebody's own gives."""
    small = certain.isel(draw=[0], swv=[4, 9])
    for name in (
        "gains_losses",
        "tile_map",
        "redistribution_table",
        "risk",
        "redistribution_scatter",
    ):
        assert plot.alt_text(drawn(small, name))
    with pytest.raises(InputError, match="needs 2 or more"):
        plot.reliability(small)
    with pytest.raises(InputError, match="needs 10 or more"):
        plot.convergence(small)


def test_undefined_change_is_listed(certain: xr.Dataset) -> None:
    """B-6: where the old amount is not positive, the relative change is undefined."""
    budget = certain["budget"].copy()
    budget.loc[{"swv": "VO2708", "policy": "current"}] = 0.0
    made = plot.gains_losses(certain.assign(budget=budget))
    assert [text.get_text() for text in made.texts if "undefined" in text.get_text()]
    assert np.isfinite(made.get_xlim()).all()
    tiles = plot.tile_map(certain.assign(budget=budget), label="value")
    assert "–" in [text.get_text() for text in tiles.texts]
