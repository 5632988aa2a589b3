"""The report as one HTML file that needs no other: the sections put into the template (R)."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import xarray as xr
from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from lwoopro.analysis.monitoring import rules_of
from lwoopro.report.blocks import Section
from lwoopro.report.cells import row_html
from lwoopro.report.context import Context
from lwoopro.report.findings import Findings, Found
from lwoopro.report.language import Code, Language
from lwoopro.report.privacy import Privacy, find
from lwoopro.report.sections.answer import answer
from lwoopro.report.sections.changes import changes, map_, moved
from lwoopro.report.sections.growth import pro, transition
from lwoopro.report.sections.method import method, reproduce
from lwoopro.report.sections.places import criteria, regions, settlement
from lwoopro.report.sections.pupils import imputation, profile, stable
from lwoopro.report.sections.swv import swv_pages
from lwoopro.simulation.manifest import Manifest
from lwoopro.study import restore_study

__all__ = ["page", "page_of", "render", "template"]

SECTIONS: Final[tuple[Callable[[Context], Section | None], ...]] = (
    answer,
    changes,
    map_,
    profile,
    stable,
    moved,
    regions,
    criteria,
    imputation,
    pro,
    settlement,
    transition,
    swv_pages,
    method,
    reproduce,
)
"""In the order of the page: the answer first, what it rests on last."""

_LATER: Final = (profile, stable, moved, regions, criteria)
"""Sections that show what tables give, too: made last, another process may have found it then."""


def page(
    results: xr.Dataset,
    manifest: Manifest,
    *,
    language: Code | None = None,
    suppress_below: int | None = None,
    areas: Mapping[str, Any] | None = None,
    given: Callable[[], Found] | None = None,
) -> str:
    """Make the report as HTML, one file that needs no other.

    Parameters
    ----------
    results : Dataset
    manifest : Manifest
        Of the same run.
    language : "en" or "nl", optional
        By default the study's.
    suppress_below : int, optional
        Withhold what fewer pupils stand behind; by default what the study says.
    areas : mapping, optional
        GeoJSON with the areas of the swv, for a map with real boundaries.
    given : callable, optional
        See `Findings`.
    """
    rules = rules_of(restore_study(manifest.study, "study.toml").monitoring)
    findings = Findings(results, rules, given)
    # compiling its sums would take longer than all the numbers of a report
    with xr.set_options(use_numbagg=False):
        privacy = find(findings.results, suppress_below)
        return page_of(findings, manifest, privacy, language=language, areas=areas)


def page_of(
    findings: Findings,
    manifest: Manifest,
    privacy: Privacy,
    *,
    language: Code | None = None,
    areas: Mapping[str, Any] | None = None,
) -> str:
    """Make the report of what was found, see `page`."""
    words = Language(language or manifest.study["report"].get("language", "en"))
    of = Context(findings, manifest, words, privacy, areas)
    made = {make: make(of) for make in sorted(SECTIONS, key=lambda make: make in _LATER)}
    sections = [section for make in SECTIONS if (section := made[make]) is not None]
    name = str(manifest.study["study"]["name"])
    return render(
        words,
        title=words("page.title", study=name),
        lead=words(
            "page.lead",
            dates=", ".join(map(str, of.years)),
            draws=words.number(of.draws),
            many=words.number(len(of.codes)),
        ),
        sections=sections,
    )


def render(t: Language, *, title: str, lead: str, sections: list[Section]) -> str:
    """Fill the template.

    Parameters
    ----------
    t : Language
    title, lead : str
    sections : list of Section

    Returns
    -------
    str
        HTML. Everything that comes from a study or from results is escaped.
    """
    return template().render(
        t=t,
        title=title,
        lead=lead,
        sections=sections,
        style=Markup(_file("style.css")),
        script=Markup(_file("script.js")),
    )


def _file(name: str) -> str:
    return (files("lwoopro.report") / "templates" / name).read_text("utf-8")


@cache
def template() -> Template:
    """Read the template of the page; it is translated once."""
    environment = Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["row_of"] = row_html
    return environment.get_template("page.html.jinja")
