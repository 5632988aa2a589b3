"""Regions (R-5), criteria over the scenarios (R-6), settlement and border traffic (B-7, B-8)."""

from dataclasses import replace
from functools import partial

import numpy as np
import xarray as xr

from lwoopro.analysis.criteria import CRITERIA, criteria_policies, criteria_scenarios
from lwoopro.analysis.montecarlo import mean
from lwoopro.analysis.regions import regions as compare_regions
from lwoopro.report.blocks import Block, Cell, Column, Pairs, Section, Table
from lwoopro.report.context import Context, pair

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
        "per_pupil", "fig-per-pupil", away=away, policy=of.policy, attribution=of.attribution
    )
    maps = [
        of.figure("tile_map", f"fig-map-{name}", away=away, policy=of.policy, measure=name)
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
    found = compare_regions(
        of.last, policy=policy, baseline=of.baseline, attribution=of.attribution
    ).isel(year=0)
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
    rows = []
    for group in map(str, found["group"].values):
        one = found.sel(group=group)
        label = " / ".join(of.word("region", part) for part in group.split(" or "))
        first = [Cell(label), of.count(float(one["swv_count"]))]
        if group in away:
            rows.append([*first, *[of.withheld] * 5])
            continue
        rows.append(
            [
                *first,
                _euro(of, one, "difference"),
                _euro(of, one, "gap"),
                Cell(
                    of.range(
                        float(one["gap_low"]),
                        float(one["gap_high"]),
                        lambda x: t.number(x, 0, sign=True),
                    ),
                    float(one["gap_low"]),
                ),
                of.percent(float(one["relative"]), float(one["relative_mcse"]), sign=True),
                of.percent(float(one["p_value"]), float(one["p_value_mcse"])),
            ]
        )
    table = of.table("tab-regions", t("regions.table"), columns, rows, "regions")
    picture: list[Block] = []
    if not away:
        picture = of.figure("regions", "fig-regions", policy=policy, attribution=of.attribution)
    return [
        of.text("regions.check_how"),
        *picture,
        table,
        of.text("regions.check_small", "small"),
    ]


def _euro(of: Context, one: xr.Dataset, name: str) -> Cell:
    value = float(one[name])
    kind = "gain" if value > 0 else "loss" if value < 0 else ""
    error = of.error(float(one[f"{name}_mcse"]))
    return Cell(of.t.number(value, 0, sign=True), value, error, kind)


def criteria(of: Context) -> Section:
    """Show the ministry's criteria, measured for every scenario and every policy."""
    t = of.t
    scenarios = criteria_scenarios(of.results)
    stacked = scenarios.stack(scenario=("attribution", "share"))
    heads = [
        f"{t.percent(float(share), 0)} {of.attribution_word(str(where))}"
        for where, share in zip(stacked["attribution"].values, stacked["share"].values, strict=True)
    ]
    policies = criteria_policies(of.results)
    names = [str(name) for name in policies["policy"].values]
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
        *([] if _regions_withheld(of) else of.figure("criteria", "fig-criteria")),
        _criteria(of, stacked, "scenario", heads, "scenarios"),
        _criteria(of, policies, "policy", names, "policies"),
    ]
    return Section("criteria", t("criteria.title"), blocks)


def _regions_withheld(of: Context) -> bool:
    """Whether the total of some region is withheld, under any policy or scenario."""
    every = [*of.privacy.groups.values(), *of.privacy.score_groups.values()]
    return any(every)


def _criteria(of: Context, found: xr.Dataset, dim: str, heads: list[str], kind: str) -> Table:
    t = of.t
    columns = [Column(t("criteria.criterion"), False), *map(Column, heads)]
    rows = []
    for name in map(str, found["criterion"].values):
        one = found.sel(criterion=name)
        if not bool(one["value"].notnull().any()):
            continue
        if name in ("g4", "shrinking") and _regions_withheld(of):
            continue
        scale, digits, unit = (100.0, 1, " (%)") if name in _SHARES else (1.0, 2, "")
        row = [Cell(of.word("criterion", name) + unit)]
        for k in range(found.sizes[dim]):
            at = one.isel({dim: k})
            value, low, high = (scale * float(at[v]) for v in ("value", "value_low", "value_high"))
            # a digit more where shares are small: 0.00 says nothing
            more = digits + (2 if 0 < abs(value) < 0.1 else 0) if value else 0
            row.append(
                Cell(
                    t.number(value, more),
                    value if np.isfinite(value) else None,
                    of.error(float(at["value_mcse"]), scale),
                    range=of.range(low, high, partial(t.number, digits=more))
                    if np.isfinite(value)
                    else "",
                )
            )
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
                *(of.thousand(float(one[f"settlement_{name}"][j])) for name in names),
                of.count(float(one["settlement_per_pupil"][j]), digits=2),
                *(
                    # neither is a gain or a loss: no colour
                    replace(of.thousand(float(one[name][j]), sign=True), kind="")
                    for name in ("border_difference", "border_pro_difference")
                ),
            ]
        )
    short = int((one["settlement_deficit"] > 0).sum())
    policy = of.study["settlement"]["policy"]
    deficit = float(mean(one["settlement_deficit"].sum("swv").expand_dims("draw"))["estimate"])
    blocks: list[Block] = [
        of.text(
            "settlement.how" if short else "settlement.none",
            policy=policy,
            short=t.number(short),
            many=t.number(len(of.codes)),
            deficit=t.million(deficit),
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
