"""One page per swv: what it gets under every policy, and where that comes from."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lwoopro.analysis.montecarlo import mean
from lwoopro.analysis.stability import yearly_change
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
from lwoopro.report.context import Context, spread

__all__ = ["swv_pages"]

_TICKS: Final = (0.02, 0.05, 0.10, 0.20, 0.50, 1.0, 2.0, 5.0)


@dataclass(frozen=True)
class _Row:
    """Numbers of all swv that a line of the page shows."""

    label: str
    found: dict[str, NDArray[np.float64]]
    national: float
    kind: str
    away: frozenset[str]


def swv_pages(of: Context) -> Section:
    """Make a page for every swv."""
    t = of.t
    strips = _strips(of)
    policies = _policies(of)
    sources = _sources(of)
    years = _years(of)
    growth = _growth(of)
    one_by_one = []
    for j, code in enumerate(of.codes):
        blocks: list[Block] = [Text(_facts(of, j))]
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
    found = of.spreads(of.policy)
    share = float(found["relative_mean"][j])
    return of.t.percent(share, 1, sign=True) if np.isfinite(share) else ""


def _facts(of: Context, j: int) -> str:
    t = of.t
    code = of.codes[j]
    region = str(of.results["region"].values[j])
    last = of.results.sel(year=of.year)
    facts = []
    if region:
        facts.append(t("swv.region", region=of.word("region", region)))
    if code in of.privacy.pupils:
        facts.append(t("swv.few", below=of.privacy.below))
    else:
        for where in map(str, of.results["attribution"].values):
            count = int(last["pupils"].sel(attribution=where)[j])
            facts.append(t(f"swv.pupils_{where}", count=t.number(count)))
    vo = float(last["vo_pupils"][j])
    if np.isfinite(vo):
        facts.append(t("swv.vo", count=t.number(vo)))
    text = "; ".join(facts)
    return f"{t.date(of.year)}: {text}."


def _policies(of: Context) -> list[tuple[str, dict[str, NDArray[np.float64]]]]:
    found = []
    for policy in of.policies:
        amount = of.last["budget"].sel(policy=policy).isel(year=0, drop=True)
        numbers = {name: v.to_numpy() for name, v in spread(amount).items()}
        found.append((policy, {str(name): value for name, value in numbers.items()}))
    return found


def _policy_table(
    of: Context, j: int, policies: list[tuple[str, dict[str, NDArray[np.float64]]]]
) -> Table:
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
            of.thousand(float(amount["mean"][j]), float(amount["error"][j])),
            of.thousands(float(amount["low"][j]), float(amount["high"][j])),
        ]
        if policy == of.baseline:
            row += [Cell("", kind="empty")] * 5
        elif code in of.away(policy):
            row += [of.withheld] * 5
        else:
            found = of.spreads(policy)
            one = {str(name): float(value[j]) for name, value in found.items()}
            row += [
                of.thousand(one["mean"], one["error"], sign=True),
                of.percent(one["relative_mean"], one["relative_error"], sign=True),
                of.percents(one["relative_low"], one["relative_high"], sign=True),
                of.percent(one["loss10"], one["loss10_error"], 0),
                of.percent(one["loss20"], one["loss20_error"], 0),
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
        found = of.spreads(policy)
        for end in ("relative_low", "relative_high"):
            values = abs(found[end].to_numpy())
            known = values[np.isfinite(values)]
            widest = max(widest, float(known.max()) if len(known) else 0.0)
    return widest * 1.05 if widest > 0 else None


def _strip(of: Context, j: int, half: float) -> Strip | None:
    t = of.t
    code = of.codes[j]
    rows, words = [], []
    for policy in of.others:
        if code in of.away(policy):
            continue
        found = of.spreads(policy)
        ends = {
            name: float(found[f"relative_{name}"][j])
            for name in ("low", "high", "low50", "high50", "mean")
        }
        if not np.isfinite(ends["mean"]):
            continue
        at = {name: (value / half + 1) / 2 for name, value in ends.items()}
        rows.append(StripRow(policy, at["low"], at["high"], at["low50"], at["high50"], at["mean"]))
        words.append(
            t(
                "swv.strip_one",
                policy=policy,
                mean=t.percent(ends["mean"], 1, sign=True),
                low=t.percent(ends["low"], 1, sign=True),
                high=t.percent(ends["high"], 1, sign=True),
            )
        )
    if not rows:
        return None
    step = max(tick for tick in (_TICKS[0], *_TICKS) if tick <= half or tick == _TICKS[0])
    ticks = [((x / half + 1) / 2, t.percent(x, 0, sign=True)) for x in (-step, 0.0, step)]
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

    def add(label: str, values: xr.DataArray, kind: str, away: frozenset[str]) -> None:
        drawn = values if "draw" in values.dims else values.expand_dims("draw")
        found = spread(drawn.astype(np.float64))
        numbers: dict[str, Any] = {str(name): v.to_numpy() for name, v in found.items()}
        whole = float(drawn.sum("swv").mean("draw"))
        rows.append(_Row(label, numbers, whole, kind, away))

    pupils = last["pupils"].sel(attribution=where, drop=True)
    add(t("swv.upper", where=of.attribution_word(where)), pupils, "count", of.privacy.pupils)
    money = of.privacy.money(policy)
    if np.isfinite(share):
        away = of.privacy.scores.get((where, share), frozenset())
        one = last.sel(attribution=where, share=share)
        asylum = one["asylum_pupils"]
        add(t("swv.asylum"), asylum, "count", of.privacy.asylum)
        add(t("swv.target", share=t.percent(share, 0)), one["target_pupils"], "count", away)
        add(t("swv.score"), one["disadvantage_score"], "count", away)
        lwoo = last["budget_part"].sel(policy=policy, part="lwoo", drop=True)
        fixed = last["lwoo_fixed"].sel(policy=policy, drop=True)
        add(t("swv.equal"), fixed, "euro", money | of.privacy.pupils)
        add(t("swv.by_score"), lwoo - fixed, "euro", money)
    else:
        add(t("swv.lwoo"), last["budget_part"].sel(policy=policy, part="lwoo"), "euro", money)
    for part in ("regional", "pro"):
        amount = last["budget_part"].sel(policy=policy, part=part, drop=True)
        add(t(f"swv.{part}"), amount, "euro", money)
    add(t("swv.total"), last["budget"].sel(policy=policy, drop=True), "euro", money)
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
        one = {name: float(values[j]) for name, values in row.found.items()}
        part = one["mean"] / row.national if row.national else float("nan")
        digits = 2 if np.isfinite(part) else 0
        if row.kind == "euro":
            first = of.thousand(one["mean"], one["error"])
            ends = of.thousands(one["low"], one["high"])
            label = t("unit.thousand", label=row.label)
        else:
            first = of.count(one["mean"], one["error"])
            ends = Cell(of.range(one["low"], one["high"], t.number) or "–")
            label = row.label
        error = one["error"] / row.national if row.national else float("nan")
        rows.append([Cell(label), first, ends, of.percent(part, error, digits)])
    policy = of.policy or of.baseline
    return Table(
        f"src-{code}", t("swv.sources", policy=policy), columns, rows, "scores", sortable=False
    )


def _years(of: Context) -> "tuple[list[tuple[int, int]], xr.Dataset, xr.Dataset] | None":
    if len(of.years) < 2:
        return None
    drawn = yearly_change(of.results, policy=of.policy or of.baseline)
    changed, share = spread(drawn["change"]), mean(drawn["relative"])
    years = zip(drawn["previous_year"].values, drawn["year"].values, strict=True)
    return [(int(before), int(after)) for before, after in years], changed, share


def _year_table(
    of: Context, j: int, years: "tuple[list[tuple[int, int]], xr.Dataset, xr.Dataset]"
) -> Table:
    t = of.t
    names, changed, share = years
    columns = [
        Column(t("stability.between"), False),
        Column(t("changes.change")),
        Column(t("unit.interval90")),
        Column(t("changes.relative")),
    ]
    rows = [
        [
            Cell(t("stability.years", before=before, after=after)),
            of.thousand(float(changed["mean"][y, j]), float(changed["error"][y, j]), sign=True),
            of.thousands(float(changed["low"][y, j]), float(changed["high"][y, j]), sign=True),
            of.percent(float(share["estimate"][y, j]), float(share["mcse"][y, j]), sign=True),
        ]
        for y, (before, after) in enumerate(names)
    ]
    caption = t("swv.yearly", policy=of.policy or of.baseline)
    return Table(f"yrs-{of.codes[j]}", caption, columns, rows, "yearly_change", sortable=False)


def _growth(of: Context) -> "tuple[list[int], dict[str, dict[str, NDArray[np.float64]]]] | None":
    if "lumpsum_cut_amount" not in of.results:
        return None
    year = int(of.results["funding_year"][-1])
    first = int(of.results["pro_year"][0])
    pupils = of.results["pro_pupils"]
    found = {}
    for name, values in (
        ("first", pupils.sel(pro_year=first)),
        ("last", pupils.sel(pro_year=year)),
        ("cut", of.results["lumpsum_cut_amount"].sel(funding_year=year)),
    ):
        summed = spread(values.reset_coords(drop=True))
        found[name] = {str(k): v.transpose("growth", "swv").to_numpy() for k, v in summed.items()}
    return [first, year], found


def _growth_table(
    of: Context, j: int, growth: "tuple[list[int], dict[str, dict[str, NDArray[np.float64]]]]"
) -> Table:
    t = of.t
    (first, last), found = growth
    columns = [
        Column(t("column.growth"), False),
        Column(t("swv.pro_pupils", year=first)),
        Column(t("swv.pro_pupils", year=last)),
        Column(t("unit.interval90")),
        Column(t("swv.cut", year=last)),
        Column(t("unit.interval90")),
    ]
    rows = []
    for g, name in enumerate(map(str, of.results["growth"].values)):
        one = {
            what: {end: float(values[g, j]) for end, values in numbers.items()}
            for what, numbers in found.items()
        }
        rows.append(
            [
                Cell(name),
                of.count(one["first"]["mean"], one["first"]["error"]),
                of.count(one["last"]["mean"], one["last"]["error"]),
                Cell(of.range(one["last"]["low"], one["last"]["high"], t.number) or "–"),
                of.thousand(one["cut"]["mean"], one["cut"]["error"]),
                of.thousands(one["cut"]["low"], one["cut"]["high"]),
            ]
        )
    return Table(
        f"pro-{of.codes[j]}", t("swv.growth"), columns, rows, "lumpsum_swv", sortable=False
    )
