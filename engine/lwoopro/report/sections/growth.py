"""Growth of pro, the lumpsum cut, monitoring (R-8, P-9), and the transition (X-1)."""

import numpy as np

from lwoopro.analysis.lumpsum import exceedance, lumpsum_summary
from lwoopro.analysis.monitoring import monitor, rules_of
from lwoopro.analysis.montecarlo import summary
from lwoopro.analysis.stress import combined_change, most_exposed, stress_summary
from lwoopro.report.blocks import Block, Cell, Column, Section, Table
from lwoopro.report.context import Context, pair
from lwoopro.study import restore_study

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
    scales = {
        "pro_pupils": (1.0, 0),
        "pro_extra_cost": (1e-6, 1),
        "lumpsum_cut": (100.0, 2),
        "cut_per_high_pupil": (1.0, 0),
        "cut_per_low_pupil": (1.0, 0),
    }
    rows = []
    for growth in map(str, of.results["growth"].values):
        row = [Cell(growth)]
        for name, (scale, digits) in scales.items():
            dim = "pro_year" if name == "pro_pupils" else "funding_year"
            one = found.sel({"growth": growth, dim: last})
            signed = name != "pro_pupils"

            def write(x: float, scale: float = scale, d: int = digits, s: bool = signed) -> str:
                return t.number(scale * x, d, s)

            value = float(one[name])
            row.append(
                Cell(
                    write(value),
                    value,
                    of.error(float(one[f"{name}_mcse"]), scale),
                    range=of.range(float(one[f"{name}_low"]), float(one[f"{name}_high"]), write),
                )
            )
        rows.append(row)
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
    rows = [
        [
            Cell(growth),
            *(
                of.percent(
                    float(found["ever"].sel(growth=growth)[b]),
                    float(found["ever_mcse"].sel(growth=growth)[b]),
                    0,
                )
                for b in range(found.sizes["bound"])
            ),
        ]
        for growth in map(str, of.results["growth"].values)
    ]
    return of.table("tab-exceeds", t("pro.exceeds_table"), columns, rows, "lumpsum_exceedance")


def _monitoring(of: Context) -> list[Block]:
    t = of.t
    section = restore_study(of.study, "study.toml").monitoring
    rules = rules_of(section)
    found = monitor(of.results, rules)
    columns = [
        Column(t("column.growth"), False),
        *(
            Column(t(f"monitoring.{what}", measure=of.word("measure", rule.measure)))
            for rule in rules
            for what in ("alarm", "delay")
        ),
    ]
    rows = []
    for g, growth in enumerate(map(str, found["growth"].values)):
        row = [Cell(growth)]
        for m in range(len(rules)):
            chance, error = (float(found[v][m, g]) for v in ("alarm", "alarm_mcse"))
            row.append(of.percent(chance, error, 0))
            row.append(of.count(float(found["delay"][m, g]), digits=1))
        rows.append(row)
    return [
        of.text(
            "monitoring.how",
            level=t.percent(float(section.level), 1),
            reference=str(found["growth"].values[0]),
        ),
        of.table("tab-monitoring", t("monitoring.table"), columns, rows, "monitoring"),
        *of.figure("operating_curves", "fig-curves"),
    ]


def _stress(of: Context, policy: str) -> list[Block]:
    t = of.t
    year = int(of.results["funding_year"][-1])
    found = stress_summary(combined_change(of.results, policy, of.baseline), year)
    growths = [str(name) for name in found["growth"].values]
    mean = found["expected_shortfall"].isel(level=0).sum("swv").to_numpy()
    growth = growths[int(np.argmax(mean))]
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
    rows: list[list[Cell]] = []
    for j, code in enumerate(map(str, worst["swv"].values)):
        if code in away or len(rows) == _EXPOSED:
            continue
        one = worst.isel(swv=j)
        rows.append(
            [
                of.swv_cell(code),
                of.thousand(float(one["mean"])),
                of.thousand(float(one["value_at_risk"])),
                of.thousand(
                    float(one["expected_shortfall"]), float(one["expected_shortfall_mcse"])
                ),
                of.percent(float(one["share"])),
                Cell(of.word("part", str(one["driver"].values))),
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
    found = summary(budget, "x")
    rows = []
    for j, code in enumerate(of.codes):
        if code in away:
            rows.append([of.swv_cell(code), *[of.withheld] * len(years)])
            continue
        rows.append(
            [
                of.swv_cell(code),
                *(
                    of.thousand(float(found["x"][y, j]), float(found["x_mcse"][y, j]))
                    for y in range(len(years))
                ),
            ]
        )
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
        needed = summary(of.results["transition_needed_loss"], "x")
        blocks.append(
            of.text(
                "transition.needed",
                loss=t.percent(float(needed["x"]), 1),
                error=of.error(float(needed["x_mcse"]), 100),
                low=t.percent(float(needed["x_low"]), 1),
                high=t.percent(float(needed["x_high"]), 1),
                max=t.percent(float(section["max_loss"] or 0), 1),
            )
        )
    blocks += of.figure("transition", "fig-transition", away=away)
    caption = t("transition.table")
    blocks.append(of.table("tab-transition", caption, columns, rows, "transition"))
    return Section("transition", t("transition.title"), blocks)
