"""Regions (R-5), criteria over the scenarios (R-6), settlement and border traffic (B-7, B-8)."""

from dataclasses import replace

import numpy as np
import xarray as xr

from lwoopro.analysis.criteria import CRITERIA
from lwoopro.analysis.estimates import Estimates, Exact, Intervals
from lwoopro.report.blocks import Block, Cell, Column, Pairs, Section, Table
from lwoopro.report.context import Context, pair
from lwoopro.report.numbers import COUNT, PER_CENT
from lwoopro.report.privacy import MOVED

__all__ = ["criteria", "regions", "settlement"]

_SHARES = frozenset(
    {
        "moved_by_year",
        "g4",
        "shrinking",
        "asylum_pupils",
        "asylum_money",
        "counts_elsewhere",
        "moved_by_asylum",
        "moved_by_ties",
        "moved_by_policy",
    }
)
"""Criteria that are shares: written in per cent."""


def regions(of: Context) -> Section | None:
    """Money per pupil, and whether shrinking regions lose more than others."""
    if of.policy is None:
        return None
    t = of.t
    away = of.away(of.policy) | of.privacy.pupils
    blocks: list[Block] = [of.text("regions.how", policy=of.policy, baseline=of.baseline)]
    blocks += of.figure(
        "per_pupil",
        "fig-per-pupil",
        away=away,
        policy=of.policy,
        attribution=of.attribution,
        table=of.found.per_pupil(of.policy),
    )
    maps = [
        of.figure(
            "tile_map",
            f"fig-map-{name}",
            away=away,
            policy=of.policy,
            measure=name,
            table=of.found.change(of.policy),
        )
        for name in ("baseline_per_pupil", "difference_per_pupil")
    ]
    blocks += pair(*maps)
    parts: list[tuple[str, list[Block]]] = []
    labels = {str(name) for name in of.results["region"].values}
    if len(labels) > 1 and "" in labels:
        parts.append((t("regions.check"), _check(of, of.policy)))
    else:
        blocks.append(of.text("regions.none", "small"))
    return Section("regions", t("regions.title"), blocks, parts)


def _check(of: Context, policy: str) -> list[Block]:
    t = of.t
    every = of.found.regions(policy)
    found = every.sel(year=of.year)
    away = of.privacy.regions(policy, of.baseline)
    columns = [
        Column(t("regions.group"), False),
        Column("swv"),
        Column(t("regions.difference")),
        Column(t("regions.gap")),
        Column(t("unit.interval90")),
        Column(t("regions.relative")),
        Column(t("regions.chance")),
    ]
    euro = COUNT.signed()
    difference, gap, relative, chance = (
        Estimates.of(found, name, "group") for name in ("difference", "gap", "relative", "p_value")
    )
    ends = Intervals.of(found, "gap", "group")
    rows = []
    for g, group in enumerate(map(str, found["group"].values)):
        label = " / ".join(of.word("region", part) for part in group.split(" or "))
        first = [Cell(label), of.cell(Exact(float(found["swv_count"].sel(group=group))))]
        if group in away:
            rows.append([*first, *[of.withheld] * 5])
            continue
        rows.append(
            [
                *first,
                of.cell(difference.at(g), euro),
                of.cell(gap.at(g), euro),
                of.interval(ends.at(g), euro),
                of.percent(relative.at(g), sign=True),
                of.percent(chance.at(g)),
            ]
        )
    table = of.table("tab-regions", t("regions.table"), columns, rows, "regions")
    picture: list[Block] = []
    if not away:
        picture = of.figure(
            "regions", "fig-regions", policy=policy, attribution=of.attribution, table=every
        )
    return [
        of.text("regions.check_how"),
        *picture,
        table,
        of.text("regions.check_small", "small"),
    ]


def criteria(of: Context) -> Section:
    """Show the ministry's criteria, measured for every scenario and every policy."""
    t = of.t
    scenarios = of.found.criteria_scenarios
    stacked = scenarios.stack(scenario=("attribution", "share"))
    heads = [
        f"{t.percent(float(share), 0)} {of.attribution_word(str(where))}"
        for where, share in zip(stacked["attribution"].values, stacked["share"].values, strict=True)
    ]
    few = [
        bool(of.privacy.scores.get((str(where), float(share))))
        for where, share in zip(stacked["attribution"].values, stacked["share"].values, strict=True)
    ]
    policies = of.found.criteria_policies
    names = [str(name) for name in policies["policy"].values]
    hidden = [name in of.privacy.moved for name in names]
    used = [
        str(name)
        for name in dict.fromkeys(
            [*map(str, scenarios["criterion"].values), *map(str, policies["criterion"].values)]
        )
    ]
    blocks: list[Block] = [
        of.text("criteria.how"),
        Pairs(
            [
                (of.word("criterion", name), t(f"criterion_why.{name}"))
                for name in used
                if name in CRITERIA
            ]
        ),
        *([] if _sums_withheld(of) else of.figure("criteria", "fig-criteria", table=scenarios)),
        _criteria(of, stacked, "scenario", heads, "scenarios", few),
        _criteria(of, policies, "policy", names, "policies", hidden),
    ]
    return Section("criteria", t("criteria.title"), blocks)


def _regions_withheld(of: Context) -> bool:
    """Whether the total of some region is withheld, under any policy or scenario."""
    every = [*of.privacy.groups.values(), *of.privacy.score_groups.values()]
    return any(every)


def _sums_withheld(of: Context) -> bool:
    """Whether some criterion of some scenario is withheld."""
    return _regions_withheld(of) or any(of.privacy.scores.values())


def _criteria(
    of: Context, found: xr.Dataset, dim: str, heads: list[str], kind: str, few: list[bool]
) -> Table:
    """One line per criterion; with `few` what all gainers get together is withheld."""
    t = of.t
    columns = [Column(t("criteria.criterion"), False), *map(Column, heads)]
    values = Estimates.of(found, "value", "criterion", dim)
    ends = Intervals.of(found, "value", "criterion", dim)
    rows = []
    for c, name in enumerate(map(str, found["criterion"].values)):
        if np.isnan(values.value[c]).all():
            continue
        if name in ("g4", "shrinking") and _regions_withheld(of):
            continue
        share = name in _SHARES
        row = [Cell(of.word("criterion", name) + (" (%)" if share else ""))]
        for k in range(found.sizes[dim]):
            if few[k] and name in MOVED:
                row.append(of.withheld)
                continue
            unit = PER_CENT if share else COUNT.signed(False, 2)
            # a digit more where shares are small: 0.00 says nothing
            if 0 < abs(unit.scale * values.at(c, k).value) < 0.1:
                unit = unit.signed(False, unit.digits + 2)
            row.append(of.cell(values.at(c, k), unit, interval=ends.at(c, k)))
        rows.append(row)
    caption = t(f"criteria.{kind}", date=t.date(of.year))
    return of.table(f"tab-criteria-{kind}", caption, columns, rows, f"criteria_{kind}", False)


def settlement(of: Context) -> Section | None:
    """Show what schools are paid out of light support, and what is left or short (B-7, B-8)."""
    if "settlement_lwoo" not in of.results:
        return None
    t = of.t
    one = of.results.sel(year=of.year)
    names = ("lwoo", "pro", "remainder", "deficit")
    columns = [
        Column("swv", False),
        *(Column(t(f"settlement.{name}")) for name in names),
        Column(t("settlement.per_pupil")),
        Column(t("settlement.border")),
        Column(t("settlement.border_pro")),
    ]
    away = of.privacy.lwoo | of.privacy.pupils
    rows = []
    for j in np.argsort(-one["settlement_deficit"].to_numpy(), kind="stable"):
        code = of.codes[j]
        if code in away:
            rows.append([of.swv_cell(code), *[of.withheld] * (len(columns) - 1)])
            continue
        rows.append(
            [
                of.swv_cell(code),
                *(of.thousand(Exact(float(one[f"settlement_{name}"][j]))) for name in names),
                of.cell(Exact(float(one["settlement_per_pupil"][j])), COUNT.signed(False, 2)),
                *(
                    # neither is a gain or a loss: no colour
                    replace(of.thousand(Exact(float(one[name][j])), sign=True), kind="")
                    for name in ("border_difference", "border_pro_difference")
                ),
            ]
        )
    short = int((one["settlement_deficit"] > 0).sum())
    policy = of.study["settlement"]["policy"]
    deficit = float(one["settlement_deficit"].sum("swv"))
    blocks: list[Block] = [
        of.text(
            "settlement.how" if short else "settlement.none",
            policy=policy,
            short=t.number(short),
            many=t.number(len(of.codes)),
            deficit=t.money(deficit),
        ),
        of.table(
            "tab-settlement",
            t("settlement.table", policy=policy, date=t.date(of.year)),
            columns,
            rows,
            "settlement",
        ),
        of.text("settlement.border_how", "small"),
    ]
    return Section("settlement", t("settlement.title"), blocks)
