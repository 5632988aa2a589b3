"""Who gains and who loses, on a map too, and the tables of redistribution (R-4, R-5, R-7)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr

from lwoopro.analysis import published
from lwoopro.analysis.estimates import Estimates, Exact, Intervals, means, spread
from lwoopro.analysis.montecarlo import quantile, shortfall
from lwoopro.analysis.redistribution import EURO_BOUNDS, RELATIVE_BOUNDS
from lwoopro.report.blocks import Block, Cell, Column, Pairs, Section, Table
from lwoopro.report.context import Context, pair
from lwoopro.report.numbers import MANY, MILLION, PER_CENT, THOUSAND

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
        *of.figure(
            "gains_losses",
            "fig-gains",
            away=away,
            policy=of.policy,
            table=of.found.change(of.policy),
            wide=True,
        ),
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
        money, part = spread(gained), spread(gained / found["before"].sum("swv"))
        line = [
            Cell(policy),
            of.cell(money.mean.at(), MILLION, interval=money.interval.at()),
            of.percent(part.mean.at()),
        ]
        if policy in of.privacy.moved:
            line[1:] = [of.withheld, of.withheld]
        for bound in bounds:
            beyond = share <= bound if bound < 0 else share >= bound
            many = spread(beyond.sum("swv").astype(np.float64))
            line.append(of.cell(many.mean.at(), MANY, interval=many.interval.at()))
        rows.append(line)
    caption = t("changes.policies", baseline=of.baseline, date=t.date(of.year))
    return of.table("tab-policies", caption, columns, rows, "change")


def _bound(of: Context, bound: float) -> str:
    return of.t.percent(bound, 0, sign=True)


def _table(of: Context, policy: str) -> Table:
    t = of.t
    away = of.away(policy)
    found = of.outcome(policy)
    drawn = of.changes(policy)
    before = means(drawn["before"], "swv")
    risk = _lost(quantile(drawn["change"], _TAIL))
    worst = _lost(shortfall(drawn["change"], _TAIL))
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
    for j in np.argsort(-np.nan_to_num(found.relative.mean.value, nan=-np.inf), kind="stable"):
        code = of.codes[j]
        if code in away:
            rows.append([of.swv_cell(code), *[of.withheld] * (len(columns) - 1)])
            continue
        rows.append(
            [
                of.swv_cell(code),
                of.thousand(before.at(j)),
                of.thousand(found.euro.mean.at(j), sign=True),
                of.interval(found.euro.half.at(j), THOUSAND.signed()),
                of.interval(found.euro.interval.at(j), THOUSAND.signed()),
                of.percent(found.relative.mean.at(j), sign=True),
                of.interval(found.relative.interval.at(j), PER_CENT.signed()),
                of.percent(found.loss10.at(j), 0),
                of.percent(found.loss20.at(j), 0),
                of.thousand(risk.at(j)),
                of.thousand(worst.at(j)),
            ]
        )
    caption = t("changes.table", policy=policy, baseline=of.baseline, date=t.date(of.year))
    return of.table("tab-swv", caption, columns, rows, "change")


def _lost(found: xr.Dataset) -> Estimates:
    """Turn a change into a loss; adding 0 turns -0.0 into 0.0."""
    return Estimates(-found["estimate"].to_numpy() + 0.0, found["mcse"].to_numpy())


def map_(of: Context) -> Section | None:
    """Tile maps: the change, and the chance of a loss."""
    if of.policy is None:
        return None
    away = of.away(of.policy)
    of_what: Any = {"away": away, "policy": of.policy, "table": of.found.change(of.policy)}
    blocks = pair(
        of.figure("tile_map", "fig-map", label="value", **of_what),
        of.figure("tile_map", "fig-map-loss", measure="loss_10", **of_what),
    )
    if not blocks:
        return None
    if of.areas is not None:
        blocks += of.figure("polygon_map", "fig-map-areas", geojson=of.areas, **of_what)
    return Section("map", of.t("map.title"), [of.text("map.how"), *blocks])


def moved(of: Context) -> Section | None:
    """How many swv stand in each cell of relative and absolute change (R-4)."""
    if of.policy is None:
        return None
    t = of.t
    found = of.found.redistribution(of.policy).sel(year=of.year)
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
        "redistribution_scatter",
        "fig-scatter",
        away=of.away(of.policy),
        policy=of.policy,
        table=of.found.scatter(of.policy),
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
    inside = _counts(found, "count", "row", "column")
    by_row, by_column = _counts(found, "row_count", "row"), _counts(found, "column_count", "column")
    for r, label in enumerate(rows_in):
        row = [Cell(label)]
        for c in range(len(columns_in)):
            beside = "" if published_counts is None else f" [{published_counts[r, c]}]"
            row.append(_cell(of, inside, (r, c), beside, inside[0].at(r, c).value / top))
        beside = "" if published_counts is None else f" [{published_counts[r].sum()}]"
        row.append(_cell(of, by_row, (r,), beside))
        rows.append(row)
    total = [Cell(t("word.total"))]
    for c in range(len(columns_in)):
        beside = "" if published_counts is None else f" [{published_counts[:, c].sum()}]"
        total.append(_cell(of, by_column, (c,), beside))
    total.append(of.cell(Exact(len(of.codes))))
    rows.append(total)
    return Table(key, caption, columns, rows, file, sortable=False)


def _counts(found: xr.Dataset, name: str, *dims: str) -> tuple[Estimates, Intervals]:
    return Estimates.of(found, name, *dims), Intervals.of(found, name, *dims)


def _cell(
    of: Context,
    counts: tuple[Estimates, Intervals],
    place: tuple[int, ...],
    beside: str,
    heat: float | None = None,
) -> Cell:
    """Write how many swv stand in a cell; a dot where none ever does."""
    many, ends = counts[0].at(*place), counts[1].at(*place)
    if many.value:
        return of.cell(many, MANY, interval=ends, beside=beside, heat=heat)
    return Cell(f"0{beside}" if beside else "·", 0.0, heat=heat, number=many)
