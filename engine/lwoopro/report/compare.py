"""Two runs in one report: what differs in the studies, and what that changes (R-9)."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from markupsafe import Markup

from lwoopro import plot
from lwoopro.analysis.estimates import Estimates, Exact, Intervals
from lwoopro.analysis.two_runs import compare_runs, differences_of
from lwoopro.errors import InputError, Problem
from lwoopro.report.blocks import Block, Cell, Column, Figure, Note, Section, Table
from lwoopro.report.context import Context
from lwoopro.report.findings import Findings
from lwoopro.report.language import Code, Language
from lwoopro.report.numbers import MILLION, PER_CENT, THOUSAND
from lwoopro.report.page import render
from lwoopro.report.privacy import find
from lwoopro.report.readable import readable
from lwoopro.report.within import within
from lwoopro.simulation.files import write_atomically
from lwoopro.simulation.manifest import Manifest

__all__ = ["comparison_page", "write_comparison"]

_PUPILS: Final = ("pupil table", "synthetic population")
"""Inputs that say who the pupils are."""

_LONG: Final = 120


def write_comparison(
    first: str | os.PathLike[str],
    second: str | os.PathLike[str],
    file: Path,
    language: Code | None = None,
    suppress_below: int | None = None,
) -> Path:
    """Compare two runs: an HTML file, and the table of all swv as CSV beside it.

    Parameters
    ----------
    first, second : path
        Folders of the runs.
    file : Path
        HTML to write.
    language : "en" or "nl", optional
        By default that of the first study.
    suppress_below : int, optional
        Withhold what fewer pupils stand behind; by default the greater of what the studies say.

    Returns
    -------
    Path
        `file`.

    Raises
    ------
    InputError
        A folder holds no run, or the two have nothing in common.
    """
    runs = [_opened(folder, suppress_below) for folder in (first, second)]
    below = max(of.privacy.below for of in runs)
    words = Language(language or runs[0].study["report"].get("language", "en"))
    with xr.set_options(use_numbagg=False):
        for of in runs:
            of.t = words
            of.privacy = find(of.results, below)
        text, table = comparison_page(runs[0], runs[1], (str(first), str(second)))
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, text.encode())
    lines = table.to_csv(index=False, float_format="%.12g", lineterminator="\n")
    write_atomically(file.with_suffix(".csv"), lines.encode())
    return file


def _opened(folder: str | os.PathLike[str], below: int | None) -> Context:
    results = within(readable(folder))
    manifest = Manifest.load(folder)
    assert manifest is not None, "readable has seen it"
    found = Findings(results)
    with xr.set_options(use_numbagg=False):
        privacy = find(found.results, below)
    return Context(found, manifest, Language("en"), privacy)


def comparison_page(
    first: Context, second: Context, names: tuple[str, str]
) -> tuple[str, pd.DataFrame]:
    """Make the page and its main table; arguments as `write_comparison`.

    Returns
    -------
    text : str
        HTML.
    table : DataFrame
        One row per policy and swv.

    Raises
    ------
    InputError
        No policy, year or swv in common.
    """
    t = first.t
    pairs = _pairs(first, second)
    years = set(first.years) & set(second.years)
    swv = set(first.codes) & set(second.codes)
    if not pairs or not years or not swv:
        what = "policy" if not pairs else "reference date" if not years else "swv"
        raise InputError(
            Problem(names[1], f"has no {what} in common with {names[0]}", "a run of a like study")
        )
    common = _common(first, second)
    found = [
        (
            one,
            other,
            compare_runs(
                first.results, second.results, policy=one, other_policy=other, common=common
            ),
        )
        for one, other in pairs
    ]
    sections = [
        _answer(first, second, names, found, common),
        _studies(first, second),
        _swv(first, second, found[-1]),
    ]
    if "lumpsum_cut" in first.results and "lumpsum_cut" in second.results:
        growth = _growth(first, second, common)
        if growth is not None:
            sections.append(growth)
    text = render(
        t,
        title=t("compare.title"),
        lead=t("compare.lead", first=_run(first, names[0]), second=_run(second, names[1])),
        sections=sections,
    )
    return text, _frame(first, second, found)


def _run(of: Context, folder: str) -> str:
    return of.t(
        "compare.run",
        study=of.study["study"]["name"],
        folder=folder,
        draws=of.t.number(of.draws),
        seed=of.manifest.seed,
    )


def _common(first: Context, second: Context) -> bool:
    """Whether draw k of both runs has the same random numbers for the same pupils."""
    one, other = first.manifest, second.manifest
    return (
        one.seed == other.seed
        and all(one.inputs.get(role) == other.inputs.get(role) for role in _PUPILS)
        and one.study["pupils"] == other.study["pupils"]
    )


def _pairs(first: Context, second: Context) -> list[tuple[str, str]]:
    """Policies that both have, the most interesting last; else the main ones of each."""
    same = [name for name in first.policies if name in second.policies]
    if same:
        last = [name for name in same if name == first.policy]
        return [(name, name) for name in [*(n for n in same if n not in last), *last]]
    if first.policy is not None and second.policy is not None:
        return [(first.policy, second.policy)]
    return []


def _away(first: Context, second: Context, one: str, other: str) -> frozenset[str]:
    return first.privacy.money(one) | second.privacy.money(other)


def _answer(
    first: Context,
    second: Context,
    names: tuple[str, str],
    found: list[tuple[str, str, xr.Dataset]],
    common: bool,
) -> Section:
    t = first.t
    one, other, main = found[-1]
    gap, ends = Estimates.of(main, "difference"), Intervals.of(main, "difference")
    apart = Estimates.of(main, "apart").at()
    clear = int(((ends.low.value > 0) | (ends.high.value < 0)).sum())
    blocks: list[Block] = []
    if not np.any(gap.value) and not np.any(gap.mcse[np.isfinite(gap.mcse)]):
        blocks.append(first.text("compare.same", "lead", policy=one))
    else:
        blocks.append(
            first.text(
                "compare.answer",
                "lead",
                policy=one if one == other else f"{one} → {other}",
                date=t.date(int(main.attrs["year"])),
                apart=first.money(apart, 2),
                clear=t.number(clear),
                many=t.number(len(gap.value)),
            )
        )
    blocks.append(first.text("compare.common") if common else Note(t("compare.independent")))
    blocks.append(_policies(first, second, found))
    only = [
        (name, sorted(set(a.codes) - set(b.codes)))
        for name, a, b in ((names[0], first, second), (names[1], second, first))
    ]
    for name, codes in only:
        if codes:
            blocks.append(first.text("compare.only", "small", run=name, codes=", ".join(codes)))
    return Section("answer", t("compare.what"), blocks)


def _policies(of: Context, second: Context, found: list[tuple[str, str, xr.Dataset]]) -> Table:
    t = of.t
    columns = [
        Column(t("column.policy"), False),
        Column(t("compare.first_total")),
        Column(t("compare.second_total")),
        Column(t("compare.apart")),
        Column(t("compare.largest")),
        Column(t("compare.clear")),
    ]
    rows = []
    for one, other, values in found:
        shown = ~values["swv"].isin(list(_away(of, second, one, other)))
        largest = int(np.abs(values["difference"].where(shown, 0.0).to_numpy()).argmax())
        clear = (values["difference_low"] > 0) | (values["difference_high"] < 0)
        totals = (Estimates.of(values, f"{side}_total").at() for side in ("first", "second"))
        rows.append(
            [
                Cell(one if one == other else f"{one} → {other}"),
                *(of.cell(total, MILLION) for total in totals),
                of.cell(Estimates.of(values, "apart").at(), MILLION.signed(False, 2)),
                of.thousand(Estimates.of(values, "difference").at(largest), sign=True),
                of.cell(Exact(float(clear.sum()))),
            ]
        )
    return of.table("tab-policies", t("compare.policies"), columns, rows)


def _swv(first: Context, second: Context, found: tuple[str, str, xr.Dataset]) -> Section:
    t = first.t
    one, other, values = found
    away = _away(first, second, one, other)
    columns = [
        Column("swv", False),
        Column(t("compare.first")),
        Column(t("compare.second")),
        Column(t("compare.difference")),
        Column(t("unit.interval90")),
        Column(t("compare.relative")),
    ]
    rows = []
    codes = [str(code) for code in values["swv"].values]
    amounts = [Estimates.of(values, side) for side in ("first", "second")]
    gap, relative = (Estimates.of(values, side) for side in ("difference", "relative"))
    ends = Intervals.of(values, "difference")
    for j in np.argsort(-values["difference"].to_numpy(), kind="stable"):
        code = codes[j]
        name = Cell(first.name(code))
        if code in away:
            rows.append([name, *[first.withheld] * 5])
            continue
        rows.append(
            [
                name,
                *(first.thousand(amount.at(j)) for amount in amounts),
                first.thousand(gap.at(j), sign=True),
                first.interval(ends.at(j), THOUSAND.signed()),
                first.percent(relative.at(j), 2, sign=True),
            ]
        )
    caption = t(
        "compare.table",
        policy=one if one == other else f"{one} → {other}",
        date=t.date(int(values.attrs["year"])),
    )
    blocks: list[Block] = [*_figure(first, second, found, away)]
    blocks.append(first.table("tab-swv", caption, columns, rows))
    blocks.append(first.text("compare.read", "small"))
    return Section("swv", t("compare.swv"), blocks)


def _figure(
    first: Context, second: Context, found: tuple[str, str, xr.Dataset], away: frozenset[str]
) -> list[Block]:
    """Intervals of the difference, on common draws; else nothing drawn draw by draw is true."""
    one, other, values = found
    if not _common(first, second) or not bool((values["difference_high"] != 0).any()):
        return []
    codes = [code for code in values["swv"].values if code not in away]
    if not codes:
        return []
    many = min(first.draws, second.draws)
    year = int(values.attrs["year"])
    drawn = [
        of.results["budget"]
        .sel(policy=name, year=year, swv=codes, drop=True)
        .isel(draw=slice(many))
        for of, name in ((first, one), (second, other))
    ]
    gaps = drawn[1] - drawn[0]
    axes = plot.differences(gaps, unit="euro", language=first.t.code)
    svg = Markup(plot.svg(axes, ink="currentColor", prefix="fig-differences"))
    text = plot.alt_text(axes)
    return [Figure("fig-differences", svg, text, plot.caption(axes), wide=True)]


def _growth(first: Context, second: Context, common: bool) -> Section | None:
    t = first.t
    one, other = first.results, second.results
    growths = [name for name in one["growth"].values if name in other["growth"].values]
    years = [year for year in one["funding_year"].values if year in other["funding_year"].values]
    if not growths or not years:
        return None
    year = years[-1]
    at = {"growth": growths, "funding_year": year}
    values = differences_of(
        one["lumpsum_cut"].sel(at, drop=True),
        other["lumpsum_cut"].sel(at, drop=True),
        common=common,
    )
    columns = [
        Column(t("column.growth"), False),
        Column(t("compare.first_cut")),
        Column(t("compare.second_cut")),
        Column(t("compare.cut")),
        Column(t("unit.interval90_percent")),
    ]
    sides = [Estimates.of(values, side, "growth") for side in ("first", "second")]
    gap, ends = Estimates.of(values, "difference"), Intervals.of(values, "difference")
    rows = [
        [
            Cell(str(name)),
            *(first.percent(side.at(g), 2) for side in sides),
            first.percent(gap.at(g), 2, sign=True),
            first.interval(ends.at(g), PER_CENT.signed(True, 2)),
        ]
        for g, name in enumerate(growths)
    ]
    caption = t("compare.growth", year=int(year))
    return Section("pro", t("pro.title"), [first.table("tab-growth", caption, columns, rows)])


def _studies(first: Context, second: Context) -> Section:
    """List what the studies, inputs and versions have different."""
    t = first.t
    sides = [_told(of.manifest) for of in (first, second)]
    rows = []
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        one, other = (side.get(key, t("compare.absent")) for side in sides)
        if one != other:
            rows.append([Cell(key), Cell(one), Cell(other)])
    if not rows:
        return Section("studies", t("compare.studies"), [first.text("compare.no_difference")])
    columns = [
        Column(t("compare.key"), False),
        Column(t("compare.first"), False),
        Column(t("compare.second"), False),
    ]
    table = first.table("tab-studies", t("compare.studies_table"), columns, rows, sortable=False)
    return Section("studies", t("compare.studies"), [table])


def _told(manifest: Manifest) -> dict[str, str]:
    """Everything that may make a difference, as text by its key."""
    found: dict[str, str] = {}

    def walk(place: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                walk(f"{place}.{name}" if place else str(name), inner)
        elif place == "policy":
            for section in value:
                walk(f"policy.{section['name']}", section)
        else:
            text = json.dumps(value, ensure_ascii=False)
            found[place] = text if len(text) <= _LONG else f"{text[:_LONG]}…"

    walk("", {name: part for name, part in manifest.study.items() if name != "compute"})
    found |= {f"SHA-256 {role}": digest for role, digest in manifest.inputs.items()}
    found |= {f"version {name}": version for name, version in manifest.versions.items()}
    return found


def _frame(
    first: Context, second: Context, found: list[tuple[str, str, xr.Dataset]]
) -> pd.DataFrame:
    """Every policy and swv, withheld values empty."""
    pieces = []
    for one, other, values in found:
        by_swv = values[[name for name in values.data_vars if values[name].ndim]]
        table = by_swv.reset_coords(drop=True).to_dataframe().reset_index()
        hidden = table["swv"].isin(list(_away(first, second, one, other)))
        table.loc[hidden, [name for name in table if name != "swv"]] = np.nan
        table.insert(0, "policy", one)
        table.insert(1, "other_policy", other)
        pieces.append(table)
    return pd.concat(pieces, ignore_index=True)
