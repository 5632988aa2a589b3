"""Growth of pro, the lumpsum cut, monitoring (R-8, P-9), and the transition (X-1)."""

from dataclasses import replace

import numpy as np

from lwoopro.analysis.estimates import Estimates, Intervals, means, spread
from lwoopro.analysis.lumpsum import exceedance, lumpsum_summary
from lwoopro.analysis.stress import combined_change, most_exposed, stress_summary
from lwoopro.report.blocks import Block, Cell, Column, Section, Table
from lwoopro.report.context import Context, pair
from lwoopro.report.numbers import COUNT, MILLION, PER_CENT, said_interval

__all__ = ["pro", "transition"]

_EXPOSED = 12


def pro(of: Context) -> Section:
    """Stock, fan charts, chances, monitoring."""
    t = of.t
    if "lumpsum_cut" not in of.results:
        return Section("pro", t("pro.title"), [of.text("pro.absent")])
    years = [int(year) for year in of.results["funding_year"].values]
    blocks: list[Block] = [
        of.text("pro.how", date=t.date(years[0] - 2), first=years[0], last=years[-1]),
        *pair(of.figure("pro_pupils", "fig-pro"), of.figure("lumpsum_cut", "fig-cut")),
        _growth(of, years),
        *pair(of.figure("cut_per_pupil", "fig-cut-pupil"), of.figure("net_position", "fig-net")),
        _exceedance(of),
        *_fans(of),
    ]
    parts: list[tuple[str, list[Block]]] = []
    if of.draws > 1:
        parts.append((t("monitoring.title"), _monitoring(of)))
        if of.policy is not None:
            parts.append((t("stress.title"), _stress(of, of.policy)))
    return Section("pro", t("pro.title"), blocks, parts)


def _fans(of: Context) -> list[Block]:
    """One fan per scenario that is not the reference: how sure is its course."""
    growths = [str(name) for name in of.results["growth"].values]
    chosen = dict.fromkeys([growths[0], growths[-1]])
    return pair(
        *(
            of.figure("lumpsum_cut", f"fig-fan-{number}", growth=growth)
            for number, growth in enumerate(chosen)
        )
    )


def _growth(of: Context, years: list[int]) -> Table:
    t = of.t
    found = lumpsum_summary(of.results)
    last = years[-1]
    columns = [
        Column(t("column.growth"), False),
        Column(t("pro.pupils", year=last)),
        Column(t("pro.cost", year=last)),
        Column(t("pro.cut", year=last)),
        Column(t("pro.per_high", year=last)),
        Column(t("pro.per_low", year=last)),
    ]
    units = {
        "pro_pupils": COUNT,
        "pro_extra_cost": MILLION.signed(),
        "lumpsum_cut": PER_CENT.signed(True, 2),
        "cut_per_high_pupil": COUNT.signed(),
        "cut_per_low_pupil": COUNT.signed(),
    }
    cells = []
    for name, unit in units.items():
        one = found.sel({"pro_year" if name == "pro_pupils" else "funding_year": last})
        middle, ends = Estimates.of(one, name, "growth"), Intervals.of(one, name, "growth")
        cells.append(
            [
                # a cut is neither a gain nor a loss: no colour
                replace(of.cell(middle.at(g), unit, interval=ends.at(g)), kind="")
                for g in range(one.sizes["growth"])
            ]
        )
    rows = [
        [Cell(growth), *line]
        for growth, line in zip(
            map(str, of.results["growth"].values), zip(*cells, strict=True), strict=True
        )
    ]
    return of.table("tab-growth", t("pro.table", year=last), columns, rows, "lumpsum")


def _exceedance(of: Context) -> Table:
    t = of.t
    found = exceedance(of.results)
    columns = [
        Column(t("column.growth"), False),
        *(
            Column(t("pro.exceeds", bound=t.percent(float(bound), 1)))
            for bound in found["bound"].values
        ),
    ]
    ever = Estimates.of(found, "ever", "growth", "bound")
    rows = [
        [Cell(growth), *(of.percent(ever.at(g, b), 0) for b in range(found.sizes["bound"]))]
        for g, growth in enumerate(map(str, of.results["growth"].values))
    ]
    return of.table("tab-exceeds", t("pro.exceeds_table"), columns, rows, "lumpsum_exceedance")


def _monitoring(of: Context) -> list[Block]:
    t = of.t
    rules, found = of.found.rules, of.found.monitoring
    columns = [
        Column(t("column.growth"), False),
        *(
            Column(t(f"monitoring.{what}", measure=of.word("measure", rule.measure)))
            for rule in rules
            for what in ("alarm", "delay")
        ),
    ]
    alarm, delay = (Estimates.of(found, v, "measure", "growth") for v in ("alarm", "delay"))
    rows = []
    for g, growth in enumerate(map(str, found["growth"].values)):
        row = [Cell(growth)]
        for m in range(len(rules)):
            row += [of.percent(alarm.at(m, g), 0), of.cell(delay.at(m, g), COUNT.signed(False, 1))]
        rows.append(row)
    return [
        of.text(
            "monitoring.how",
            level=t.percent(rules[0].level, 1),
            reference=str(found["growth"].values[0]),
        ),
        of.table("tab-monitoring", t("monitoring.table"), columns, rows, "monitoring"),
        *of.figure("operating_curves", "fig-curves"),
    ]


def _stress(of: Context, policy: str) -> list[Block]:
    t = of.t
    year = int(of.results["funding_year"][-1])
    last = of.results.sel(funding_year=[year])
    found = stress_summary(combined_change(last, policy, of.baseline), year)
    growths = [str(name) for name in found["growth"].values]
    most = found["expected_shortfall"].isel(level=0).sum("swv").to_numpy()
    growth = growths[int(np.argmax(most))]
    away = of.away(policy) | of.privacy.pro
    worst = most_exposed(found, growth, float(found["level"][0]), count=len(of.codes))
    columns = [
        Column("swv", False),
        Column(t("stress.mean")),
        Column(t("stress.at_risk")),
        Column(t("stress.shortfall")),
        Column(t("stress.share")),
        Column(t("stress.driver"), False),
    ]
    names = ("mean", "value_at_risk", "expected_shortfall", "share")
    expected, at_risk, shortfall, share = (Estimates.of(worst, name, "swv") for name in names)
    rows: list[list[Cell]] = []
    for j, code in enumerate(map(str, worst["swv"].values)):
        if code in away or len(rows) == _EXPOSED:
            continue
        rows.append(
            [
                of.swv_cell(code),
                *(of.thousand(one.at(j)) for one in (expected, at_risk, shortfall)),
                of.percent(share.at(j)),
                Cell(of.word("part", str(worst["driver"].values[j]))),
            ]
        )
    caption = t("stress.table", growth=growth, year=year)
    return [
        of.text("stress.how", policy=policy, growth=growth, year=year),
        of.table("tab-stress", caption, columns, rows, "stress"),
    ]


def transition(of: Context) -> Section:
    """How the old amounts go over into the new ones, year by year."""
    t = of.t
    if "transition_budget" not in of.results:
        return Section("transition", t("transition.title"), [of.text("transition.absent")])
    section = of.study["transition"]
    old, new = section["old"] or of.baseline, section["new"]
    away = of.privacy.money(*of.policies)
    budget = of.results["transition_budget"]
    years = [int(year) for year in budget["transition_year"].values]
    columns = [Column("swv", False), *(Column(str(year)) for year in years)]
    found = means(budget, "swv", "transition_year")
    rows = [
        [
            of.swv_cell(code),
            *(
                of.withheld if code in away else of.thousand(found.at(j, y))
                for y in range(len(years))
            ),
        ]
        for j, code in enumerate(of.codes)
    ]
    blocks: list[Block] = [
        of.text(
            "transition.how",
            old=old,
            new=new,
            first=years[0],
            last=years[-1],
            steps=of.word("transition_kind", str(section["kind"])),
        )
    ]
    if "policy_basis" in of.results and "letter" in of.results["policy_basis"].values:
        blocks.append(of.text("transition.letter", "small"))
    if "transition_needed_loss" in of.results:
        needed = spread(of.results["transition_needed_loss"])
        middle, ends = needed.mean.at(), needed.interval.at()
        blocks.append(
            of.text(
                "transition.needed",
                loss=of.said(middle, PER_CENT, t.percent(middle.value, 1)),
                ends=said_interval(
                    t, ends, PER_CENT, t.percent(ends.low.value, 1), t.percent(ends.high.value, 1)
                ),
                max=t.percent(float(section["max_loss"] or 0), 1),
            )
        )
    blocks += of.figure("transition", "fig-transition", away=away)
    caption = t("transition.table")
    blocks.append(of.table("tab-transition", caption, columns, rows, "transition"))
    return Section("transition", t("transition.title"), blocks)
