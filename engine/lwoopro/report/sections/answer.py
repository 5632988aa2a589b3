"""What changes, for whom, and how sure that is: in words, with the figures."""

import numpy as np
import xarray as xr

from lwoopro.analysis.lumpsum import exceedance, fan
from lwoopro.analysis.montecarlo import summary
from lwoopro.report.blocks import Block, Card, Cards, Note, Section
from lwoopro.report.context import FEW_DRAWS, Context

__all__ = ["answer"]

_SURE = 0.95
_BOUND = 0.10
_CUT = 0.01


def answer(of: Context) -> Section:
    """Begin with the answer."""
    t = of.t
    blocks: list[Block] = []
    cards: list[Card] = []
    if of.policy is not None:
        _moved(of, of.policy, blocks, cards)
        _sure(of, of.policy, blocks, cards)
    else:
        blocks.append(of.text("answer.one_policy", "lead", policy=of.baseline))
    if "lumpsum_cut" in of.results:
        _lumpsum(of, blocks, cards)
    blocks.insert(1, Cards(cards))
    if of.draws < FEW_DRAWS:
        blocks.append(Note(t("answer.few_draws", draws=t.number(of.draws))))
    if of.study["pupils"]["source"] == "synthetic":
        blocks.append(Note(t("answer.simulated")))
    assumed = len(of.manifest.assumed)
    if assumed:
        blocks.append(of.text("answer.assumed", count=assumed))
    return Section("answer", t("answer.title"), blocks)


def _interval(of: Context, values: xr.DataArray) -> tuple[float, str, str, str]:
    """Mean, its error, and the ends of the 90 % interval, whole numbers."""
    found = summary(values, "x")
    low, high = (of.t.number(float(found[f"x_{end}"])) for end in ("low", "high"))
    return float(found["x"]), of.error(float(found["x_mcse"])), low, high


def _moved(of: Context, policy: str, blocks: list[Block], cards: list[Card]) -> None:
    t = of.t
    changes = of.changes(policy)
    euro, share = changes["change"], changes["relative"]
    gained = euro.where(euro > 0, 0).sum("swv")
    whole = changes["before"].sum("swv")
    moved = summary(gained, "x")
    part = summary(gained / whole, "x")
    lose, lose_error, *lose_ends = _interval(of, (share <= -_BOUND).sum("swv").astype(float))
    gain, gain_error, *gain_ends = _interval(of, (share >= _BOUND).sum("swv").astype(float))
    many = t.number(euro.sizes["swv"])
    blocks.append(
        of.text(
            "answer.lead",
            "lead",
            policy=policy,
            baseline=of.baseline,
            date=t.date(of.year),
            moved=t.million(float(moved["x"])),
            part=t.percent(float(part["x"])),
            lose=t.number(lose),
            gain=t.number(gain),
            many=many,
        )
    )
    spreads = of.spreads(policy)
    open_ = spreads.isel(swv=[code not in of.away(policy) for code in of.codes])
    if open_.sizes["swv"] and bool(open_["relative_mean"].notnull().any()):
        order = open_["relative_mean"].fillna(0).to_numpy()
        most, least = int(order.argmax()), int(order.argmin())
        blocks.append(
            of.text(
                "answer.extremes",
                **{
                    name: value
                    for where, at in (("most", most), ("least", least))
                    for name, value in (
                        (where, of.name(str(open_["swv"].values[at]))),
                        (f"{where}_share", t.percent(float(order[at]), sign=True)),
                        (
                            f"{where}_range",
                            t(
                                "unit.range",
                                low=t.percent(float(open_["relative_low"][at]), sign=True),
                                high=t.percent(float(open_["relative_high"][at]), sign=True),
                            ),
                        ),
                        (
                            f"{where}_euro",
                            t.million(float(open_["mean"][at]), 1, sign=True),
                        ),
                    )
                },
            )
        )
    money = t.million(float(moved["x"]))
    ends = t(
        "unit.range",
        low=t.million(float(moved["x_low"])),
        high=t.million(float(moved["x_high"])),
    )
    error = of.error(float(moved["x_mcse"]), 1e-6)
    cards += [
        Card(money, t("answer.card_moved"), f"{error}; {ends}" if error else ends),
        Card(t.number(lose, 1), t("answer.card_lose", many=many), _card(of, lose_error, lose_ends)),
        Card(t.number(gain, 1), t("answer.card_gain", many=many), _card(of, gain_error, gain_ends)),
    ]


def _card(of: Context, error: str, ends: list[str]) -> str:
    text = of.t("unit.range", low=ends[0], high=ends[1])
    return f"{error}; {text}" if error else text


def _sure(of: Context, policy: str, blocks: list[Block], cards: list[Card]) -> None:
    t = of.t
    changes = of.changes(policy)
    euro = changes["change"]
    drawn = euro.transpose("draw", "swv").to_numpy()
    up, down = (drawn > 0).mean(axis=0), (drawn < 0).mean(axis=0)
    sure = int((np.maximum(up, down) >= _SURE).sum())
    spreads = of.spreads(policy)
    half = ((spreads["relative_high"] - spreads["relative_low"]) / 2).to_numpy()
    known = [
        j for j, code in enumerate(of.codes) if np.isfinite(half[j]) and code not in of.away(policy)
    ]
    varies = [
        t(f"source.{name}")
        for name, on in of.study["uncertainty"].items()
        if on and (name != "pro" or of.study["growth"])
    ]
    held = [
        t(f"source.{name}")
        for name, on in of.study["uncertainty"].items()
        if not on and name != "pro"
    ]
    if of.draws == 1 or not known:
        return
    typical = float(np.median(half[known]))
    worst = max(known, key=lambda j: half[j])
    blocks.append(
        of.text(
            "answer.sure",
            sure=t.number(sure),
            unsure=t.number(len(of.codes) - sure),
            many=t.number(len(of.codes)),
            typical=t.percent(typical),
            worst=of.name(of.codes[worst]),
            most=t.percent(float(half[worst])),
        )
    )
    blocks.append(
        of.text(
            "answer.sources",
            varies=", ".join(varies) or t("word.nothing"),
            held=", ".join(held) or t("word.nothing"),
        )
    )
    cards.append(Card(f"± {t.percent(typical)}", t("answer.card_sure"), t("answer.card_sure_note")))


def _lumpsum(of: Context, blocks: list[Block], cards: list[Card]) -> None:
    t = of.t
    last = int(of.results["funding_year"][-1])
    cut = fan(of.results["lumpsum_cut"].sel(funding_year=last), (0.05, 0.5, 0.95))
    names = [str(name) for name in of.results["growth"].values]
    middle = cut["band"].sel(quantile=0.5).to_numpy()
    first, worst = 0, int(np.argmax(middle))
    chance = exceedance(of.results, (_CUT,)).isel(bound=0)

    def ends(g: int) -> str:
        low, high = (float(cut["band"].sel(quantile=q)[g]) for q in (0.05, 0.95))
        return t("unit.range", low=t.percent(low, 2, True), high=t.percent(high, 2, True))

    blocks.append(
        of.text(
            "answer.lumpsum",
            year=last,
            reference=names[first],
            cut=t.percent(float(middle[first]), 2, True),
            ends=ends(first),
            worst=names[worst],
            worst_cut=t.percent(float(middle[worst]), 2, True),
            worst_ends=ends(worst),
            chance=t.percent(float(chance["ever"][worst]), 0),
            error=of.error(float(chance["ever_mcse"][worst]), 100),
            bound=t.percent(_CUT, 0),
        )
    )
    error = of.error(float(cut["band_mcse"].sel(quantile=0.5)[worst]), 100)
    cards.append(
        Card(
            t.percent(float(middle[worst]), 2, True),
            t("answer.card_cut", year=last, growth=names[worst]),
            f"{error}; {ends(worst)}" if error else ends(worst),
        )
    )
