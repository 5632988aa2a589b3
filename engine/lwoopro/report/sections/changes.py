"""Who gains and who loses, on a map too, and the tables of redistribution (R-4, R-5, R-7)."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import xarray as xr

from lwoopro.analysis import published
from lwoopro.analysis.montecarlo import quantile, shortfall, summary
from lwoopro.analysis.redistribution import EURO_BOUNDS, RELATIVE_BOUNDS, redistribution
from lwoopro.report.blocks import Block, Cell, Column, Pairs, Section, Table
from lwoopro.report.context import Context, pair

__all__ = ["bound_labels", "cells_table", "changes", "map_", "moved"]

_TAIL = 0.05


def changes(of: Context) -> Section | None:
    """All swv with their intervals, and all policies in short."""
    if of.policy is None:
        return None
    t = of.t
    away = of.away(of.policy)
    blocks: list[Block] = [
        of.text("changes.how", policy=of.policy, baseline=of.baseline, date=t.date(of.year)),
        Pairs([(name, _in_words(of, name)) for name in of.policies]),
        *of.figure("gains_losses", "fig-gains", away=away, policy=of.policy, wide=True),
        _policies(of),
        _table(of, of.policy),
        of.text("changes.read", "small"),
    ]
    if of.results.attrs.get("notes") and any("undefined" in n for n in of.results.attrs["notes"]):
        blocks.append(of.text("changes.undefined", "small"))
    return Section("changes", t("changes.title"), blocks)


def _in_words(of: Context, policy: str) -> str:
    """Say what a policy is."""
    t = of.t
    one = of.results.sel(policy=policy)
    words = [of.word("kind", str(one["policy_kind"].values))]
    share = float(one["policy_share"])
    if np.isfinite(share):
        where = of.attribution_word(str(one["policy_attribution"].values))
        words.append(t("kind.score", share=t.percent(share, 0), where=where))
    section = next(item for item in of.study["policy"] if item["name"] == policy)
    if section.get("date"):
        words.append(t("kind.date", date=section["date"]))
    if policy == of.baseline:
        words.append(t("kind.baseline"))
    return "; ".join(words)


def _policies(of: Context) -> Table:
    """Every policy in one line."""
    t = of.t
    bounds = (-0.20, -0.10, 0.10, 0.20)
    columns = [
        Column(t("column.policy"), False),
        Column(t("changes.moved")),
        Column(t("changes.moved_part")),
        *(
            Column(
                t("changes.many_at_most" if b < 0 else "changes.many_at_least", bound=_bound(of, b))
            )
            for b in bounds
        ),
    ]
    rows = []
    for policy in of.others:
        found = of.changes(policy)
        euro, share = found["change"], found["relative"]
        gained = euro.where(euro > 0, 0).sum("swv")
        money = summary(gained, "x")
        part = summary(gained / found["before"].sum("swv"), "x")
        line = [
            Cell(policy),
            Cell(
                t.number(float(money["x"]) / 1e6, 1),
                float(money["x"]),
                of.error(float(money["x_mcse"]), 1e-6),
                range=of.range(
                    float(money["x_low"]),
                    float(money["x_high"]),
                    lambda x: t.number(x / 1e6, 1),
                ),
            ),
            of.percent(float(part["x"]), float(part["x_mcse"])),
        ]
        for bound in bounds:
            beyond = share <= bound if bound < 0 else share >= bound
            many = summary(beyond.sum("swv").astype(np.float64), "x")
            line.append(_number(of, many))
        rows.append(line)
    caption = t("changes.policies", baseline=of.baseline, date=t.date(of.year))
    return of.table("tab-policies", caption, columns, rows, "change")


def _bound(of: Context, bound: float) -> str:
    return of.t.percent(bound, 0, sign=True)


def _number(of: Context, found: xr.Dataset) -> Cell:
    """Write an expected number with its error and interval."""
    value = float(found["x"])
    ends = of.range(float(found["x_low"]), float(found["x_high"]), lambda x: of.t.number(x))
    return Cell(of.t.number(value, 1), value, of.error(float(found["x_mcse"])), range=ends)


def _table(of: Context, policy: str) -> Table:
    t = of.t
    away = of.away(policy)
    found = of.spreads(policy)
    drawn = of.changes(policy)
    before = drawn["before"].mean("draw").to_numpy()
    risk = quantile(drawn["change"], _TAIL)
    worst = shortfall(drawn["change"], _TAIL)
    columns = [
        Column("swv", False),
        Column(t("changes.before", policy=of.baseline)),
        Column(t("changes.change")),
        Column(t("unit.interval50")),
        Column(t("unit.interval90")),
        Column(t("changes.relative")),
        Column(t("unit.interval90_percent")),
        Column(t("changes.loss", bound="10 %")),
        Column(t("changes.loss", bound="20 %")),
        Column(t("changes.at_risk")),
        Column(t("changes.shortfall")),
    ]
    rows = []
    for j in np.argsort(-found["relative_mean"].fillna(-np.inf).to_numpy(), kind="stable"):
        code = of.codes[j]
        if code in away:
            rows.append([of.swv_cell(code), *[of.withheld] * (len(columns) - 1)])
            continue
        one = {str(name): float(value[j]) for name, value in found.items()}
        rows.append(
            [
                of.swv_cell(code),
                of.thousand(float(before[j])),
                of.thousand(one["mean"], one["error"], sign=True),
                of.thousands(
                    one["low50"], one["high50"], True, (one["low50_error"], one["high50_error"])
                ),
                of.thousands(one["low"], one["high"], True, (one["low_error"], one["high_error"])),
                of.percent(one["relative_mean"], one["relative_error"], sign=True),
                of.percents(
                    one["relative_low"],
                    one["relative_high"],
                    sign=True,
                    errors=(one["relative_low_error"], one["relative_high_error"]),
                ),
                of.percent(one["loss10"], one["loss10_error"], 0),
                of.percent(one["loss20"], one["loss20_error"], 0),
                of.thousand(-float(risk["estimate"][j]) + 0.0, float(risk["mcse"][j])),
                of.thousand(-float(worst["estimate"][j]) + 0.0, float(worst["mcse"][j])),
            ]
        )
    caption = t("changes.table", policy=policy, baseline=of.baseline, date=t.date(of.year))
    return of.table("tab-swv", caption, columns, rows, "change")


def map_(of: Context) -> Section | None:
    """Tile maps: the change, and the chance of a loss."""
    if of.policy is None:
        return None
    away = of.away(of.policy)
    blocks = pair(
        of.figure("tile_map", "fig-map", away=away, policy=of.policy, label="value"),
        of.figure("tile_map", "fig-map-loss", away=away, policy=of.policy, measure="loss_10"),
    )
    if not blocks:
        return None
    if of.areas is not None:
        blocks += of.figure(
            "polygon_map", "fig-map-areas", away=away, policy=of.policy, geojson=of.areas
        )
    return Section("map", of.t("map.title"), [of.text("map.how"), *blocks])


def moved(of: Context) -> Section | None:
    """How many swv stand in each cell of relative and absolute change (R-4)."""
    if of.policy is None:
        return None
    t = of.t
    found = redistribution(of.last, policy=of.policy, baseline=of.baseline).isel(year=0)
    beside = None
    if _is_published(of) and of.year == published.YEAR:
        beside = np.array(published.REDISTRIBUTION)
    table = cells_table(
        of,
        found,
        "tab-redistribution",
        t("redistribution.table", policy=of.policy, baseline=of.baseline, date=t.date(of.year)),
        RELATIVE_BOUNDS,
        EURO_BOUNDS,
        beside,
        "redistribution",
    )
    blocks: list[Block] = [of.text("redistribution.how"), table]
    if beside is not None:
        blocks.append(of.text("redistribution.published", "small", source=published.SOURCE))
    blocks += of.figure(
        "redistribution_scatter", "fig-scatter", away=of.away(of.policy), policy=of.policy
    )
    return Section("redistribution", t("redistribution.title"), blocks)


def _is_published(of: Context) -> bool:
    """Whether the policies are those of the published tables: 20 % by school against 2012."""
    one = of.results.sel(policy=of.policy)
    kinds = of.results["policy_kind"].sel(policy=of.baseline)
    return (
        str(one["policy_kind"].values) == "indicator"
        and float(one["policy_share"]) == published.PROFILE_SHARE
        and str(one["policy_attribution"].values) == "school"
        and str(kinds.values) == "participation"
    )


def bound_labels(of: Context, bounds: Sequence[float], write: str) -> list[str]:
    """Words for cells between bounds, in per cent or millions of euro."""
    t = of.t

    def text(value: float) -> str:
        scaled = value * 100 if write == "percent" else value / 1e6
        digits = 0 if float(scaled).is_integer() else 1
        return t.number(scaled, digits, sign=True)

    texts = [text(bound) for bound in bounds]
    unit = " %" if write == "percent" else f" {t('unit.million_euro')}"
    inner = [t("unit.from_to", low=a, high=b) + unit for a, b in pairwise(texts)]
    return [f"≤ {texts[0]}{unit}", *inner, f"≥ {texts[-1]}{unit}"]


def cells_table(
    of: Context,
    found: xr.Dataset,
    key: str,
    caption: str,
    relative_bounds: Sequence[float],
    euro_bounds: Sequence[float],
    published_counts: "np.ndarray[tuple[int, int], np.dtype[np.int64]] | None",
    file: str,
) -> Table:
    """Lay out a table of `cell_table`, published counts beside the expected ones."""
    t = of.t
    rows_in = bound_labels(of, relative_bounds, "percent")
    columns_in = bound_labels(of, euro_bounds, "euro")
    columns = [Column(t("redistribution.corner"), False), *map(Column, columns_in)]
    columns.append(Column(t("word.total")))
    top = max(float(found["count"].max()), 1.0)
    rows = []
    for r, label in enumerate(rows_in):
        row = [Cell(label)]
        for c in range(len(columns_in)):
            one = {end: float(found[f"count{end}"][r, c]) for end in ("", "_low", "_high", "_mcse")}
            beside = "" if published_counts is None else f" [{published_counts[r, c]}]"
            row.append(_cell(of, one, beside, one[""] / top))
        one = {end: float(found[f"row_count{end}"][r]) for end in ("", "_low", "_high", "_mcse")}
        beside = "" if published_counts is None else f" [{published_counts[r].sum()}]"
        row.append(_cell(of, one, beside, None))
        rows.append(row)
    total = [Cell(t("word.total"))]
    for c in range(len(columns_in)):
        one = {end: float(found[f"column_count{end}"][c]) for end in ("", "_low", "_high", "_mcse")}
        beside = "" if published_counts is None else f" [{published_counts[:, c].sum()}]"
        total.append(_cell(of, one, beside, None))
    total.append(Cell(t.number(len(of.codes)), len(of.codes)))
    rows.append(total)
    return Table(key, caption, columns, rows, file, sortable=False)


def _cell(of: Context, one: dict[str, float], beside: str, heat: float | None) -> Cell:
    value = one[""]
    text = (of.t.number(value, 1) if value else "0" if beside else "·") + beside
    ends = of.range(one["_low"], one["_high"], lambda x: of.t.number(x))
    return Cell(text, value, of.error(one["_mcse"]), range=ends, heat=heat)
