"""One page per swv: what it gets under every policy, and where that comes from."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.estimates import Estimate, Estimates, Exact, Spread, means, spread
from lwoopro.report.blocks import (
    Block,
    Cell,
    Column,
    Fold,
    Section,
    Strip,
    StripRow,
    Table,
    Text,
)
from lwoopro.report.context import Context
from lwoopro.report.language import NOTHING
from lwoopro.report.numbers import COUNT, PER_CENT, THOUSAND, Unit, said_interval

__all__ = ["swv_pages"]

_TICKS: Final = (0.02, 0.05, 0.10, 0.20, 0.50, 1.0, 2.0, 5.0)


@dataclass(frozen=True)
class _Row:
    """Numbers of all swv that a line of the page shows.

    Attributes
    ----------
    label : str
    found : Spread or array
        An array where no draw changes them.
    national : float
        Mean of the whole country.
    unit : Unit
    away : frozenset of str
    """

    label: str
    found: Spread | NDArray[np.float64]
    national: float
    unit: Unit
    away: frozenset[str]


def swv_pages(of: Context) -> Section:
    """Make a page for every swv."""
    t = of.t
    strips = _strips(of)
    facts = _facts(of)
    policies = _policies(of)
    sources = _sources(of)
    years = _years(of)
    growth = _growth(of)
    one_by_one = []
    for j, code in enumerate(of.codes):
        blocks: list[Block] = [Text(facts[j])]
        blocks.append(_policy_table(of, j, policies))
        if strips is not None:
            strip = _strip(of, j, strips)
            if strip is not None:
                blocks.append(strip)
        blocks.append(_source_table(of, j, sources))
        if years is not None and code not in of.privacy.money(of.policy or of.baseline):
            blocks.append(_year_table(of, j, years))
        if growth is not None and code not in of.privacy.pro:
            blocks.append(_growth_table(of, j, growth))
        beside = _beside(of, j)
        one_by_one.append(Fold(code, of.name(code), blocks, beside, page=True))
    return Section("swv", t("swv.title"), [of.text("swv.how"), *one_by_one])


def _beside(of: Context, j: int) -> str:
    """Give the answer for this swv, to stand beside its name."""
    if of.policy is None or of.codes[j] in of.away(of.policy):
        return ""
    share = of.outcome(of.policy).relative.mean.at(j)
    if not np.isfinite(share.value):
        return ""
    return of.said(share, PER_CENT, of.t.percent(share.value, 1, sign=True))


def _facts(of: Context) -> list[str]:
    """Say in one line how large each swv is."""
    t = of.t
    last = of.results[["pupils", "vo_pupils", "region"]].sel(year=of.year)
    names = [str(where) for where in last["attribution"].values]
    pupils = last["pupils"].transpose("swv", "attribution").to_numpy()
    lines = []
    for code, region, counts, vo in zip(
        of.codes, last["region"].values, pupils, last["vo_pupils"].to_numpy(), strict=True
    ):
        facts = []
        if region:
            facts.append(t("swv.region", region=of.word("region", str(region))))
        if code in of.privacy.pupils:
            facts.append(t("swv.few", below=of.privacy.below))
        else:
            facts += [
                t(f"swv.pupils_{where}", count=t.number(int(count)))
                for where, count in zip(names, counts, strict=True)
            ]
        if np.isfinite(vo):
            facts.append(t("swv.vo", count=t.number(float(vo))))
        lines.append(f"{t.date(of.year)}: {'; '.join(facts)}.")
    return lines


def _policies(of: Context) -> list[tuple[str, Spread]]:
    budget = of.results["budget"].sel(year=of.year, drop=True)
    return [(policy, spread(budget.sel(policy=policy, drop=True), "swv")) for policy in of.policies]


def _policy_table(of: Context, j: int, policies: list[tuple[str, Spread]]) -> Table:
    t = of.t
    code = of.codes[j]
    columns = [
        Column(t("column.policy"), False),
        Column(t("swv.amount")),
        Column(t("unit.interval90")),
        Column(t("changes.change")),
        Column(t("changes.relative")),
        Column(t("unit.interval90_percent")),
        Column(t("changes.loss", bound="10 %")),
        Column(t("changes.loss", bound="20 %")),
    ]
    rows = []
    for policy, amount in policies:
        if code in of.privacy.money(policy):
            rows.append([Cell(policy), *[of.withheld] * 7])
            continue
        row = [
            Cell(policy),
            of.thousand(amount.mean.at(j)),
            of.interval(amount.interval.at(j), THOUSAND),
        ]
        if policy == of.baseline:
            row += [Cell("", kind="empty")] * 5
        elif code in of.away(policy):
            row += [of.withheld] * 5
        else:
            found = of.outcome(policy)
            row += [
                of.thousand(found.euro.mean.at(j), sign=True),
                of.percent(found.relative.mean.at(j), sign=True),
                of.interval(found.relative.interval.at(j), PER_CENT.signed()),
                of.percent(found.loss10.at(j), 0),
                of.percent(found.loss20.at(j), 0),
            ]
        rows.append(row)
    return Table(
        f"tab-{code}",
        t("swv.policies", baseline=of.baseline),
        columns,
        rows,
        "change",
        sortable=False,
    )


def _strips(of: Context) -> float | None:
    """Half width of the small pictures, the same for all swv, as a share."""
    widest = 0.0
    for policy in of.others:
        both = of.outcome(policy).relative.interval
        for end in (both.low, both.high):
            known = np.abs(end.value[np.isfinite(end.value)])
            widest = max(widest, float(known.max()) if len(known) else 0.0)
    return widest * 1.05 if widest > 0 else None


def _strip(of: Context, j: int, width: float) -> Strip | None:
    t = of.t
    code = of.codes[j]
    rows, words = [], []
    for policy in of.others:
        if code in of.away(policy):
            continue
        found = of.outcome(policy).relative
        mean, both, half = found.mean.at(j), found.interval.at(j), found.half.at(j)
        if not np.isfinite(mean.value):
            continue
        ends = (both.low.value, both.high.value, half.low.value, half.high.value, mean.value)
        rows.append(StripRow(policy, *((value / width + 1) / 2 for value in ends)))
        low, high = (t.percent(end.value, 1, sign=True) for end in (both.low, both.high))
        words.append(
            t(
                "swv.strip_one" if both.open else "swv.strip_exact",
                policy=policy,
                mean=of.said(mean, PER_CENT, t.percent(mean.value, 1, sign=True)),
                ends=said_interval(t, both, PER_CENT, low, high),
            )
        )
    if not rows:
        return None
    step = max(tick for tick in (_TICKS[0], *_TICKS) if tick <= width or tick == _TICKS[0])
    ticks = [((x / width + 1) / 2, t.percent(x, 0, sign=True)) for x in (-step, 0.0, step)]
    alt = t("swv.strip", swv=of.name(code), baseline=of.baseline, lines="; ".join(words))
    return Strip(alt, rows, 0.5, [tick for tick in ticks if 0 <= tick[0] <= 1])


def _sources(of: Context) -> list[_Row]:
    """From pupils to money under the policy that the report looks at."""
    t = of.t
    policy = of.policy or of.baseline
    last = of.results.sel(year=of.year)
    share = float(last["policy_share"].sel(policy=policy))
    where = str(last["policy_attribution"].sel(policy=policy).values) or of.attribution
    rows: list[_Row] = []

    def add(label: str, values: xr.DataArray, unit: Unit, away: frozenset[str]) -> None:
        values = values.reset_coords(drop=True).astype(np.float64)
        if "draw" in values.dims:
            whole = float(values.sum("swv").mean("draw"))
            rows.append(_Row(label, spread(values, "swv"), whole, unit, away))
        else:
            rows.append(_Row(label, values.to_numpy(), float(values.sum("swv")), unit, away))

    pupils = last["pupils"].sel(attribution=where, drop=True)
    add(t("swv.upper", where=of.attribution_word(where)), pupils, COUNT, of.privacy.pupils)
    money = of.privacy.money(policy)
    if np.isfinite(share):
        away = of.privacy.scores.get((where, share), frozenset())
        one = last.sel(attribution=where, share=share)
        asylum = one["asylum_pupils"]
        add(t("swv.asylum"), asylum, COUNT, of.privacy.asylum)
        add(t("swv.target", share=t.percent(share, 0)), one["target_pupils"], COUNT, away)
        add(t("swv.score"), one["disadvantage_score"], COUNT, away)
        lwoo = last["budget_part"].sel(policy=policy, part="lwoo", drop=True)
        fixed = last["lwoo_fixed"].sel(policy=policy, drop=True)
        add(t("swv.equal"), fixed, THOUSAND, money | of.privacy.pupils)
        add(t("swv.by_score"), lwoo - fixed, THOUSAND, money)
    else:
        add(t("swv.lwoo"), last["budget_part"].sel(policy=policy, part="lwoo"), THOUSAND, money)
    for part in ("regional", "pro"):
        amount = last["budget_part"].sel(policy=policy, part=part, drop=True)
        add(t(f"swv.{part}"), amount, THOUSAND, money)
    add(t("swv.total"), last["budget"].sel(policy=policy, drop=True), THOUSAND, money)
    return rows


def _source_table(of: Context, j: int, sources: list[_Row]) -> Table:
    t = of.t
    code = of.codes[j]
    columns = [
        Column(t("swv.step"), False),
        Column(t("swv.here")),
        Column(t("unit.interval90")),
        Column(t("swv.part")),
    ]
    rows = []
    for row in sources:
        if code in row.away:
            rows.append([Cell(row.label), *[of.withheld] * 3])
            continue
        label = t("unit.thousand", label=row.label) if row.unit is THOUSAND else row.label
        whole = row.national or float("nan")
        if isinstance(row.found, Spread):
            number: Estimate | Exact = row.found.mean.at(j)
            ends = of.interval(row.found.interval.at(j), row.unit)
            part: Estimate | Exact = row.found.mean.times(1 / whole).at(j)
        else:
            number, part = Exact(float(row.found[j])), Exact(float(row.found[j]) / whole)
            ends = Cell(NOTHING, number=number)
        digits = 2 if np.isfinite(part.value) else 0
        rows.append([Cell(label), of.cell(number, row.unit), ends, of.percent(part, digits)])
    policy = of.policy or of.baseline
    return Table(
        f"src-{code}", t("swv.sources", policy=policy), columns, rows, "scores", sortable=False
    )


@dataclass(frozen=True)
class _Years:
    """Changes from year to year of all swv, first dimension the year."""

    names: list[tuple[int, int]]
    euro: Spread
    relative: Estimates


def _years(of: Context) -> _Years | None:
    if len(of.years) < 2:
        return None
    drawn = of.found.yearly_change(of.policy or of.baseline)
    years = zip(drawn["previous_year"].values, drawn["year"].values, strict=True)
    return _Years(
        [(int(before), int(after)) for before, after in years],
        spread(drawn["change"], "year", "swv"),
        means(drawn["relative"], "year", "swv"),
    )


def _year_table(of: Context, j: int, years: _Years) -> Table:
    t = of.t
    columns = [
        Column(t("stability.between"), False),
        Column(t("changes.change")),
        Column(t("unit.interval90")),
        Column(t("changes.relative")),
    ]
    rows = [
        [
            Cell(t("stability.years", before=before, after=after)),
            of.thousand(years.euro.mean.at(y, j), sign=True),
            of.interval(years.euro.interval.at(y, j), THOUSAND.signed()),
            of.percent(years.relative.at(y, j), sign=True),
        ]
        for y, (before, after) in enumerate(years.names)
    ]
    caption = t("swv.yearly", policy=of.policy or of.baseline)
    return Table(f"yrs-{of.codes[j]}", caption, columns, rows, "yearly_change", sortable=False)


@dataclass(frozen=True)
class _Growth:
    """Pro pupils of the first and the last year, and the cut of the last: (growth, swv)."""

    years: tuple[int, int]
    first: Spread
    last: Spread
    cut: Spread


def _growth(of: Context) -> _Growth | None:
    if "lumpsum_cut_amount" not in of.results:
        return None
    first, last = int(of.results["pro_year"][0]), int(of.results["funding_year"][-1])
    pupils = of.results["pro_pupils"]
    found = (
        spread(values, "growth", "swv")
        for values in (
            pupils.sel(pro_year=first),
            pupils.sel(pro_year=last),
            of.results["lumpsum_cut_amount"].sel(funding_year=last),
        )
    )
    return _Growth((first, last), *found)


def _growth_table(of: Context, j: int, growth: _Growth) -> Table:
    t = of.t
    first, last = growth.years
    columns = [
        Column(t("column.growth"), False),
        Column(t("swv.pro_pupils", year=first)),
        Column(t("swv.pro_pupils", year=last)),
        Column(t("unit.interval90")),
        Column(t("swv.cut", year=last)),
        Column(t("unit.interval90")),
    ]
    rows = [
        [
            Cell(name),
            of.cell(growth.first.mean.at(g, j)),
            of.cell(growth.last.mean.at(g, j)),
            of.interval(growth.last.interval.at(g, j)),
            of.thousand(growth.cut.mean.at(g, j)),
            of.interval(growth.cut.interval.at(g, j), THOUSAND),
        ]
        for g, name in enumerate(map(str, of.results["growth"].values))
    ]
    return Table(
        f"pro-{of.codes[j]}", t("swv.growth"), columns, rows, "lumpsum_swv", sortable=False
    )
