"""Figures of results: ``lwoopro.plot.<name>(ds, ..., ax=None, language="en") -> Axes`` (R).

Every figure takes the results of a run, draws on the Axes it is given or on a new figure, and
returns them. `alt_text` and `caption` say in words what it shows, `svg` writes it for a web page.
Nothing global changes: no settings, no list of open figures. In a notebook, end a cell with
``plot.gains_losses(results).figure``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from lwoopro.plot.budgets import budget_distribution, budget_parts
    from lwoopro.plot.catalogue import NAMES, can
    from lwoopro.plot.causes import why
    from lwoopro.plot.courses import stress, transition
    from lwoopro.plot.dots import differences, gains_losses
    from lwoopro.plot.drawing import analytic, convergence
    from lwoopro.plot.growth import (
        cut_exceedance,
        cut_per_pupil,
        lumpsum_cut,
        net_position,
        pro_pupils,
    )
    from lwoopro.plot.heat import redistribution_table, stability_table
    from lwoopro.plot.imputed import reliability, variance_sources
    from lwoopro.plot.inline import svg
    from lwoopro.plot.losses import risk, value_at_risk
    from lwoopro.plot.maps import tile_map
    from lwoopro.plot.ministry import criteria, criteria_policies
    from lwoopro.plot.money import per_pupil, regions
    from lwoopro.plot.places import place
    from lwoopro.plot.polygons import polygon_map
    from lwoopro.plot.profiles import profile
    from lwoopro.plot.scatters import redistribution_scatter, stability_scatter
    from lwoopro.plot.style import alt_text, caption
    from lwoopro.plot.watching import monitoring, operating_curves
    from lwoopro.plot.words import euro, number

__all__ = [
    "NAMES",
    "alt_text",
    "analytic",
    "budget_distribution",
    "budget_parts",
    "can",
    "caption",
    "convergence",
    "criteria",
    "criteria_policies",
    "cut_exceedance",
    "cut_per_pupil",
    "differences",
    "euro",
    "gains_losses",
    "lumpsum_cut",
    "monitoring",
    "net_position",
    "number",
    "operating_curves",
    "per_pupil",
    "place",
    "polygon_map",
    "pro_pupils",
    "profile",
    "redistribution_scatter",
    "redistribution_table",
    "regions",
    "reliability",
    "risk",
    "stability_scatter",
    "stability_table",
    "stress",
    "svg",
    "tile_map",
    "transition",
    "value_at_risk",
    "variance_sources",
    "why",
]

_HOME: Final = {
    "gains_losses": "dots",
    "differences": "dots",
    "risk": "losses",
    "value_at_risk": "losses",
    "budget_distribution": "budgets",
    "budget_parts": "budgets",
    "per_pupil": "money",
    "regions": "money",
    "tile_map": "maps",
    "polygon_map": "polygons",
    "profile": "profiles",
    "stability_table": "heat",
    "redistribution_table": "heat",
    "criteria": "ministry",
    "criteria_policies": "ministry",
    "stability_scatter": "scatters",
    "redistribution_scatter": "scatters",
    "pro_pupils": "growth",
    "lumpsum_cut": "growth",
    "cut_per_pupil": "growth",
    "cut_exceedance": "growth",
    "net_position": "growth",
    "monitoring": "watching",
    "operating_curves": "watching",
    "transition": "courses",
    "stress": "courses",
    "why": "causes",
    "reliability": "imputed",
    "variance_sources": "imputed",
    "analytic": "drawing",
    "convergence": "drawing",
    "alt_text": "style",
    "caption": "style",
    "svg": "inline",
    "NAMES": "catalogue",
    "can": "catalogue",
    "place": "places",
    "euro": "words",
    "number": "words",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"lwoopro.plot.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
