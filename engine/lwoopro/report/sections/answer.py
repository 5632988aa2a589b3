"""What changes, for whom, and how sure that is: in words, with the figures."""

from collections.abc import Callable
from functools import partial

import numpy as np

from lwoopro.analysis.estimates import (
    Estimate,
    Estimates,
    Interval,
    Intervals,
    Spread,
    spread,
)
from lwoopro.analysis.lumpsum import exceedance, fan
from lwoopro.report.blocks import Block, Card, Cards, Note, Section
from lwoopro.report.context import FEW_DRAWS, Context
from lwoopro.report.language import money_scale
from lwoopro.report.numbers import COUNT, PER_CENT, Unit, said_interval

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


def _moved(of: Context, policy: str, blocks: list[Block], cards: list[Card]) -> None:
    t = of.t
    changes = of.changes(policy)
    euro, share = changes["change"], changes["relative"]
    gained = euro.where(euro > 0, 0).sum("swv")
    moved, part = spread(gained), spread(gained / changes["before"].sum("swv"))
    lose, gain = (
        spread(beyond.sum("swv").astype(float)) for beyond in (share <= -_BOUND, share >= _BOUND)
    )
    many = t.number(euro.sizes["swv"])
    euros = moved.mean.at().value
    hidden = policy in of.privacy.moved
    words = {
        "moved": of.money(moved.mean.at()),
        "part": _percent(of, part.mean.at()),
    }
    blocks.append(
        of.text(
            "answer.lead_withheld" if hidden else "answer.lead",
            "lead",
            policy=policy,
            baseline=of.baseline,
            date=t.date(of.year),
            **({} if hidden else words),
            lose=_count(of, lose.mean.at(), 1),
            gain=_count(of, gain.mean.at(), 1),
            many=many,
        )
    )
    _extremes(of, policy, blocks)
    if not hidden:
        note = _sure_of(of, moved, Unit(money_scale(euros)), partial(t.money, like=euros))
        cards.append(Card(t.money(euros), t("answer.card_moved"), note))
    cards += [
        *(
            Card(
                t.number(found.mean.at().value, 1),
                t(f"answer.card_{name}", many=many),
                _sure_of(of, found, COUNT, t.number),
            )
            for name, found in (("lose", lose), ("gain", gain))
        ),
    ]


def _percent(of: Context, number: Estimate, digits: int = 1, sign: bool = False) -> str:
    return of.said(number, PER_CENT, of.t.percent(number.value, digits, sign))


def _count(of: Context, number: Estimate, digits: int) -> str:
    return of.said(number, COUNT, of.t.number(number.value, digits))


def _percents(of: Context, both: Interval, digits: int = 1) -> str:
    ends = (of.t.percent(end.value, digits, sign=True) for end in (both.low, both.high))
    return said_interval(of.t, both, PER_CENT, *ends)


def _sure_of(of: Context, found: Spread, unit: Unit, write: Callable[[float], str]) -> str:
    """Error of a card's number, and its interval with the error of its ends."""
    both = found.interval.at()
    ends = said_interval(of.t, both, unit, write(both.low.value), write(both.high.value))
    error = unit.error(of.t, found.mean.at().mcse)
    return f"{error}; {ends}" if error else ends


def _extremes(of: Context, policy: str, blocks: list[Block]) -> None:
    """Name who gains most, and who loses most."""
    found = of.outcome(policy)
    order = np.where(
        [code in of.away(policy) for code in of.codes], np.nan, found.relative.mean.value
    )
    if not np.isfinite(order).any():
        return
    words: dict[str, str] = {}
    for where, j in (("most", int(np.nanargmax(order))), ("least", int(np.nanargmin(order)))):
        euro = found.euro.mean.at(j)
        words |= {
            where: of.name(of.codes[j]),
            f"{where}_share": _percent(of, found.relative.mean.at(j), sign=True),
            f"{where}_range": _percents(of, found.relative.interval.at(j)),
            f"{where}_euro": of.money(euro, sign=True),
        }
    blocks.append(of.text("answer.extremes", **words))


def _half(both: Intervals) -> Estimates:
    """Half the width of intervals; the ends rise and fall together: the error is at most this."""
    return Estimates(
        (both.high.value - both.low.value) / 2, np.hypot(both.high.mcse, both.low.mcse) / 2
    )


def _sure(of: Context, policy: str, blocks: list[Block], cards: list[Card]) -> None:
    t = of.t
    drawn = of.changes(policy)["change"].transpose("draw", "swv").to_numpy()
    up, down = (drawn > 0).mean(axis=0), (drawn < 0).mean(axis=0)
    sure = int((np.maximum(up, down) >= _SURE).sum())
    half = _half(of.outcome(policy).relative.interval)
    known = [
        j
        for j, code in enumerate(of.codes)
        if np.isfinite(half.value[j]) and code not in of.away(policy)
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
    known.sort(key=lambda j: half.value[j])
    middle, worst = half.at(known[len(known) // 2]), half.at(known[-1])
    blocks.append(
        of.text(
            "answer.sure",
            sure=t.number(sure),
            unsure=t.number(len(of.codes) - sure),
            many=t.number(len(of.codes)),
            typical=t.percent(middle.value),
            typical_error=PER_CENT.error(t, middle.mcse) or t.no_error,
            worst=of.name(of.codes[known[-1]]),
            most=t.percent(worst.value),
            most_error=PER_CENT.error(t, worst.mcse) or t.no_error,
        )
    )
    blocks.append(
        of.text(
            "answer.sources",
            varies=", ".join(varies) or t("word.nothing"),
            held=", ".join(held) or t("word.nothing"),
        )
    )
    note = t("answer.card_sure_note", error=PER_CENT.error(t, middle.mcse) or t.no_error)
    cards.append(Card(f"± {t.percent(middle.value)}", t("answer.card_sure"), note))


def _lumpsum(of: Context, blocks: list[Block], cards: list[Card]) -> None:
    t = of.t
    last = int(of.results["funding_year"][-1])
    cut = fan(of.results["lumpsum_cut"].sel(funding_year=last), (0.05, 0.5, 0.95))
    names = [str(name) for name in of.results["growth"].values]
    low, middle, high = (
        Estimates.of(cut.isel(quantile=k), "band", "growth") for k in range(cut.sizes["quantile"])
    )
    first, worst = 0, int(np.argmax(middle.value))
    chance = Estimates.of(exceedance(of.results, (_CUT,)).isel(bound=0), "ever", "growth")

    def ends(g: int) -> str:
        return _percents(of, Interval(low.at(g), high.at(g)), 2)

    blocks.append(
        of.text(
            "answer.lumpsum",
            year=last,
            reference=names[first],
            cut=_percent(of, middle.at(first), 2, True),
            ends=ends(first),
            worst=names[worst],
            worst_cut=_percent(of, middle.at(worst), 2, True),
            worst_ends=ends(worst),
            chance=_percent(of, chance.at(worst), 0),
            bound=t.percent(_CUT, 0),
        )
    )
    error = PER_CENT.error(t, middle.at(worst).mcse)
    cards.append(
        Card(
            t.percent(middle.at(worst).value, 2, True),
            t("answer.card_cut", year=last, growth=names[worst]),
            f"{error}; {ends(worst)}" if error else ends(worst),
        )
    )
