"""Who is in the target group (R-1), how stable it is (R-2, R-10), and what imputation leaves."""

import numpy as np
import xarray as xr

from lwoopro.analysis import published
from lwoopro.analysis.profile import KNOWN, SCORED, target_profile
from lwoopro.analysis.stability import EURO_BOUNDS, RELATIVE_BOUNDS, stability
from lwoopro.analysis.why import PLAYERS, why_summary
from lwoopro.report.blocks import Block, Cell, Column, Note, Section, Table
from lwoopro.report.context import Context, pair
from lwoopro.report.sections.changes import bound_labels, cells_table

__all__ = ["imputation", "profile", "stable"]


def profile(of: Context) -> Section:
    """Show the target group beside all pupils, and beside the published figures."""
    t = of.t
    share = of.share
    found = target_profile(of.last).isel(year=0).sel(share=share)
    columns = [
        Column(t("profile.line"), False),
        Column(t("profile.target")),
        Column(t("unit.interval90_percent")),
        Column(t("profile.everyone")),
        Column(t("profile.published_target")),
        Column(t("profile.published_everyone")),
        Column(t("profile.of"), False),
    ]
    denominators = {SCORED: "profile.scored", KNOWN: "profile.known"}
    away = of.privacy.lines.get(share, frozenset())
    away_all = of.privacy.lines.get(None, frozenset())
    rows = []
    for line in _in_order([str(name) for name in found["line"].values]):
        one = found.sel(line=line)
        shown = [of.withheld, of.withheld]
        if line not in away:
            shown = [
                of.percent(float(one["target"]), float(one["target_mcse"])),
                of.percents(float(one["target_low"]), float(one["target_high"])),
            ]
        everyone = of.percent(float(one["everyone"]), float(one["everyone_mcse"]))
        rows.append(
            [
                Cell(of.category(line)),
                *shown,
                of.withheld if line in away_all else everyone,
                *(
                    Cell(t.number(100 * float(one[f"published_{who}"]), 0))
                    for who in ("target", "everyone")
                ),
                Cell(t(denominators.get(str(one["denominator"].values), "profile.all"))),
            ]
        )
    title = t("profile.table", share=t.percent(share, 0), date=t.date(of.year))
    blocks: list[Block] = [of.text("profile.how", share=t.percent(share, 0))]
    if not away and not away_all:
        blocks += of.figure("profile", "fig-profile", share=share)
    blocks += [
        of.table("tab-profile", title, columns, rows, "profile"),
        of.text("profile.denominators", "small"),
        of.text("profile.published", "small", source=published.SOURCE),
    ]
    return Section("profile", t("profile.title", share=t.percent(share, 0)), blocks)


def _in_order(lines: list[str]) -> list[str]:
    """Lines of one characteristic together, sums after what they sum."""
    columns = list(dict.fromkeys(line.partition("=")[0] for line in lines))
    return sorted(lines, key=lambda line: columns.index(line.partition("=")[0]))


def stable(of: Context) -> Section:
    """Change from year to year, why, and beside the published tables."""
    t = of.t
    policy = of.policy or of.baseline
    if len(of.years) < 2:
        return Section("stability", t("stability.title"), [of.text("stability.one_year")])
    found = stability(of.results, policy=policy)
    same = _stability_published(of, policy)
    labels = bound_labels(of, RELATIVE_BOUNDS, "percent")
    columns = [
        Column(t("stability.between"), False),
        *map(Column, labels),
        Column(t("stability.beyond")),
    ]
    rows = []
    for year in map(int, found["year"].values):
        one = found.sel(year=year)
        beside = published.STABILITY.get(year) if same else None
        row = [Cell(t("stability.years", before=int(one["previous_year"]), after=year), year)]
        row += [
            _count(of, one, "row_count", r, None if beside is None else beside[0][r])
            for r in range(len(labels))
        ]
        row.append(_count(of, one, "beyond", None, None if beside is None else beside[1]))
        rows.append(row)
    blocks: list[Block] = [
        of.text("stability.how", policy=policy),
        of.table(
            "tab-stability",
            t("stability.table", policy=policy),
            columns,
            rows,
            "stability",
            sortable=False,
        ),
    ]
    if same:
        blocks.append(of.text("redistribution.published", "small", source=published.SOURCE))
    last = found.isel(year=-1)
    blocks.append(
        cells_table(
            of,
            last,
            "tab-stability-cells",
            t("stability.cells", policy=policy, year=int(last["year"])),
            RELATIVE_BOUNDS,
            EURO_BOUNDS,
            None,
            "stability",
        )
    )
    away = of.privacy.money(policy)
    blocks += of.figure("stability_scatter", "fig-stability", away=away, policy=policy)
    parts: list[tuple[str, list[Block]]] = []
    if of.results.sizes.get("split"):
        parts.append((t("why.title"), _why(of)))
    return Section("stability", t("stability.title"), blocks, parts)


def _stability_published(of: Context, policy: str) -> bool:
    one = of.results.sel(policy=policy)
    return (
        str(one["policy_kind"].values) == "indicator"
        and float(one["policy_share"]) == published.PROFILE_SHARE
        and str(one["policy_attribution"].values) == "school"
    )


def _count(
    of: Context, found: xr.Dataset, name: str, place: int | None, beside: int | None
) -> Cell:
    def value(end: str) -> float:
        array = found[f"{name}{end}"]
        return float(array if place is None else array[place])

    middle = value("")
    ends = of.range(value("_low"), value("_high"), lambda x: of.t.number(x))
    text = of.t.number(middle, 1) + ("" if beside is None else f" [{beside}]")
    return Cell(text, middle, of.error(value("_mcse")), range=ends)


def _why(of: Context) -> list[Block]:
    t = of.t
    policies = [str(name) for name in of.results["split"].values]
    policy = of.policy if of.policy in policies else policies[0]
    year = of.year
    found = why_summary(of.results, policy=policy).sel(year=year)
    shown = [c for c in PLAYERS if c != "rounding"]
    still = [c for c in shown if not bool(abs(found["part"].sel(cause=c)).max() >= 0.5)]
    shown = [c for c in shown if c not in still]
    columns = [
        Column("swv", False),
        Column(t("why.change")),
        *(Column(of.word("cause", cause)) for cause in shown),
    ]
    away = of.privacy.money(policy)
    rows = []
    order = np.argsort(-abs(found["change"].to_numpy()), kind="stable")
    for j in order:
        code = of.codes[j]
        if code in away:
            rows.append([of.swv_cell(code), *[of.withheld] * (len(columns) - 1)])
            continue
        row = [
            of.swv_cell(code),
            of.thousand(float(found["change"][j]), float(found["change_mcse"][j]), sign=True),
        ]
        for cause in shown:
            part = found.sel(cause=cause)
            hidden = cause in ("asylum", "donated") and code in of.privacy.asylum
            value, error = float(part["part"][j]), float(part["part_mcse"][j])
            row.append(of.withheld if hidden else of.thousand(value, error, sign=True))
        rows.append(row)
    caption = t("why.table", policy=policy, before=int(found["previous_year"]), after=year)
    blocks: list[Block] = [of.text("why.how")]
    blocks += of.figure("why", "fig-why", away=away | of.privacy.asylum, policy=policy)
    blocks.append(of.table("tab-why", caption, columns, rows, "why"))
    return blocks


def imputation(of: Context) -> Section:
    """How far unknown education and donors make amounts uncertain, and by which source."""
    t = of.t
    away = frozenset().union(*of.privacy.scores.values()) if of.privacy.scores else frozenset()
    blocks: list[Block] = [of.text("imputation.how")]
    if of.manifest.warnings:
        lines = [t.translated(line) for line in of.manifest.warnings]
        blocks.append(Note(t("imputation.warnings"), lines))
    blocks += pair(
        of.figure(
            "reliability", "fig-reliability", away=away, share=of.share, attribution=of.attribution
        ),
        of.figure("convergence", "fig-convergence", away=of.privacy.money(*of.policies)),
    )
    blocks += of.figure("variance_sources", "fig-sources", away=away)
    if "sobol_first" not in of.results:
        blocks.append(of.text("imputation.no_sources", "small"))
    blocks += of.figure("analytic", "fig-analytic", away=away, share=of.share)
    if "analytic_sd" not in of.results:
        blocks.append(of.text("imputation.no_analytic", "small"))
    if "donor_rung_pupils" in of.results:
        blocks.append(_donors(of))
    return Section("imputation", t("imputation.title"), blocks)


def _donors(of: Context) -> Table:
    t = of.t
    found = of.results["donor_rung_pupils"]
    columns = [Column(t("imputation.rung"), False), *(Column(str(year)) for year in of.years)]
    rows = []
    for rung in map(str, found["rung"].values):
        where, _, keys = rung.partition(", ")
        label = of.word("rung", where)
        if keys:
            label += ": " + ", ".join(of.word("column", key) for key in keys.split(", "))
        cells = [
            of.withheld
            if rung in of.privacy.rungs
            else of.count(float(found.sel(rung=rung, year=year)))
            for year in of.years
        ]
        rows.append([Cell(label), *cells])
    return of.table("tab-donors", t("imputation.donors"), columns, rows, "donors", sortable=False)
