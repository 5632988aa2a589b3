"""Who is in the target group (R-1), how stable it is (R-2, R-10), and what imputation leaves."""

import numpy as np

from lwoopro.analysis import published
from lwoopro.analysis.estimates import Estimates, Exact, Intervals
from lwoopro.analysis.profile import KNOWN, SCORED
from lwoopro.analysis.stability import EURO_BOUNDS, RELATIVE_BOUNDS
from lwoopro.analysis.why import PLAYERS
from lwoopro.report.blocks import Block, Cell, Column, Note, Section, Table
from lwoopro.report.context import Context, pair
from lwoopro.report.numbers import MANY, PER_CENT
from lwoopro.report.sections.changes import bound_labels, cells_table

__all__ = ["imputation", "profile", "stable"]


def profile(of: Context) -> Section:
    """Show the target group beside all pupils, and beside the published figures."""
    t = of.t
    share = of.share
    found = of.found.profile.sel(year=of.year, share=share)
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
    target, ends = Estimates.of(found, "target", "line"), Intervals.of(found, "target", "line")
    everyone = Estimates.of(found, "everyone", "line")
    public = [found[f"published_{who}"].to_numpy() for who in ("target", "everyone")]
    names = [str(name) for name in found["line"].values]
    rows = []
    for line in _in_order(names):
        k = names.index(line)
        shown = [of.withheld, of.withheld]
        if line not in away:
            shown = [of.percent(target.at(k)), of.interval(ends.at(k), PER_CENT)]
        rows.append(
            [
                Cell(of.category(line)),
                *shown,
                of.withheld if line in away_all else of.percent(everyone.at(k)),
                *(of.percent(Exact(float(values[k])), 0) for values in public),
                Cell(t(denominators.get(str(found["denominator"].values[k]), "profile.all"))),
            ]
        )
    title = t("profile.table", share=t.percent(share, 0), date=t.date(of.year))
    blocks: list[Block] = [of.text("profile.how", share=t.percent(share, 0))]
    if not away and not away_all:
        blocks += of.figure("profile", "fig-profile", share=share, table=of.found.profile)
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
    found = of.found.stability(policy)
    same = _stability_published(of, policy)
    labels = bound_labels(of, RELATIVE_BOUNDS, "percent")
    columns = [
        Column(t("stability.between"), False),
        *map(Column, labels),
        Column(t("stability.beyond")),
    ]
    by_row = Estimates.of(found, "row_count", "year", "row")
    row_ends = Intervals.of(found, "row_count", "year", "row")
    beyond, beyond_ends = Estimates.of(found, "beyond"), Intervals.of(found, "beyond")
    rows = []
    for y, year in enumerate(map(int, found["year"].values)):
        beside = [""] * (len(labels) + 1)
        if same and year in published.STABILITY:
            counts, much = published.STABILITY[year]
            beside = [f" [{count}]" for count in (*counts, much)]
        before = int(found["previous_year"].values[y])
        row = [Cell(t("stability.years", before=before, after=year), year)]
        row += [
            of.cell(by_row.at(y, r), MANY, interval=row_ends.at(y, r), beside=beside[r])
            for r in range(len(labels))
        ]
        row.append(
            of.cell(beyond.at(y), MANY, interval=beyond_ends.at(y), beside=beside[len(labels)])
        )
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
    steps = of.found.yearly_scatter(policy)
    blocks += of.figure("stability_scatter", "fig-stability", away=away, policy=policy, table=steps)
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


def _why(of: Context) -> list[Block]:
    t = of.t
    policies = [str(name) for name in of.results["split"].values]
    policy = of.policy if of.policy in policies else policies[0]
    year = of.year
    every = of.found.why(policy)
    found = every.sel(year=year)
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
    change = Estimates.of(found, "change", "swv")
    parts = [Estimates.of(found.sel(cause=cause), "part", "swv") for cause in shown]
    for j in order:
        code = of.codes[j]
        if code in away:
            rows.append([of.swv_cell(code), *[of.withheld] * (len(columns) - 1)])
            continue
        row = [of.swv_cell(code), of.thousand(change.at(j), sign=True)]
        for cause, part in zip(shown, parts, strict=True):
            hidden = cause in ("asylum", "donated") and code in of.privacy.asylum
            row.append(of.withheld if hidden else of.thousand(part.at(j), sign=True))
        rows.append(row)
    caption = t("why.table", policy=policy, before=int(found["previous_year"]), after=year)
    blocks: list[Block] = [of.text("why.how")]
    hidden_too = away | of.privacy.asylum
    blocks += of.figure("why", "fig-why", away=hidden_too, policy=policy, table=every)
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
            else of.cell(Exact(float(found.sel(rung=rung, year=year))))
            for year in of.years
        ]
        rows.append([Cell(label), *cells])
    return of.table("tab-donors", t("imputation.donors"), columns, rows, "donors", sortable=False)
