"""What every section of the report starts from: results, words, and what may be shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import xarray as xr
from markupsafe import Markup

from lwoopro import plot
from lwoopro.analysis.estimates import (
    Estimate,
    Estimates,
    Exact,
    Interval,
    Spread,
    chances,
    spread,
)
from lwoopro.errors import InputError
from lwoopro.report.blocks import Block, Cell, Figure, Row, Table, Text
from lwoopro.report.findings import Findings
from lwoopro.report.language import Language, money_scale
from lwoopro.report.numbers import (
    COUNT,
    PER_CENT,
    THOUSAND,
    Unit,
    interval_cell,
    number_cell,
    said,
)
from lwoopro.report.privacy import Privacy, visible
from lwoopro.simulation.manifest import Manifest

__all__ = ["FEW_DRAWS", "Context", "Outcome", "pair"]

FEW_DRAWS: Final = 100
"""With fewer draws the ends of an interval say little."""

_FILTERED: Final = 15
"""Tables of more rows can be filtered."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a policy does to every swv, against the baseline.

    Attributes
    ----------
    euro, relative : Spread
        Change in euro, and as a share of light support.
    loss10, loss20 : Estimates
        Chance to lose so many per cent or more.
    """

    euro: Spread
    relative: Spread
    loss10: Estimates
    loss20: Estimates


class Context:
    """Results of a run and how to show them.

    Parameters
    ----------
    found : Findings
    manifest : Manifest
    language : Language
    privacy : Privacy
    areas : mapping, optional
        GeoJSON with the areas of the swv.
    """

    def __init__(
        self,
        found: Findings,
        manifest: Manifest,
        language: Language,
        privacy: Privacy,
        areas: Mapping[str, Any] | None = None,
    ) -> None:
        results = found.results
        self.found = found
        self.results = results
        self.manifest = manifest
        self.t = language
        self.privacy = privacy
        self.areas = areas
        self.study: dict[str, Any] = manifest.study
        self.baseline = found.baseline
        self.policies = list(found.policies)
        self.others = list(found.others)
        self.policy = self.others[-1] if self.others else None
        self.year = int(results["year"].max())
        self.years = sorted(int(year) for year in results["year"].values)
        self.codes = [str(code) for code in results["swv"].values]
        self.draws = results.sizes["draw"]
        self.attribution = found.attribution
        self._outcomes: dict[str, Outcome] = {}
        self._changes: dict[str, xr.Dataset] = {}
        self._shown: tuple[frozenset[str], xr.Dataset] | None = None

    # what is compared

    @property
    def share(self) -> float:
        """Share of the target group that the report looks at: the policy's, else 20 %."""
        shares = [float(share) for share in self.results["share"].values]
        if self.policy is not None:
            own = float(self.results["policy_share"].sel(policy=self.policy))
            if own in shares:
                return own
        return 0.20 if 0.20 in shares else shares[-1]

    def changes(self, policy: str) -> xr.Dataset:
        """`change` against the baseline on the last date, dimensions ``(draw, swv)``."""
        if policy not in self._changes:
            self._changes[policy] = self.found.change(policy).sel(year=self.year, drop=True)
        return self._changes[policy]

    def outcome(self, policy: str) -> Outcome:
        """Sum up `changes` over the draws, per swv."""
        if policy not in self._outcomes:
            found = self.changes(policy)
            losses = (chances(found["relative"] <= -bound, "swv") for bound in (0.10, 0.20))
            self._outcomes[policy] = Outcome(
                spread(found["change"], "swv"), spread(found["relative"], "swv"), *losses
            )
        return self._outcomes[policy]

    def away(self, *policies: str) -> frozenset[str]:
        """Swv whose amounts under these policies, against the baseline, are withheld."""
        return self.privacy.money(*policies, self.baseline)

    # words

    def name(self, code: str) -> str:
        """Code and place of a swv."""
        place = self.place(code)
        return f"{code} {place}" if place else code

    def place(self, code: str) -> str:
        """Place of a swv; empty where it is not known."""
        if code == "VO0001":
            return self.t("word.national_swv")
        return plot.place(code)

    def swv_cell(self, code: str) -> Cell:
        """Code and place of a swv, with a link to its page."""
        return Cell(self.name(code), link=f"#{code}")

    def word(self, kind: str, name: str) -> str:
        """Give words for a name of the engine; the name itself where there are none."""
        key = f"{kind}.{name}"
        return self.t(key) if self.t.has(key) else name

    def category(self, name: str) -> str:
        """Words for a line of the profile, as ``origin=turkey``."""
        column, _, code = name.partition("=")
        first = self.word("column", column)
        return f"{first}: {self.word('code', code)}" if code else first

    def attribution_word(self, name: str) -> str:
        """Words for an attribution."""
        return self.word("attribution", name)

    # numbers

    def cell(
        self,
        number: Estimate | Exact,
        unit: Unit = COUNT,
        *,
        interval: Interval | None = None,
        beside: str = "",
        heat: float | None = None,
    ) -> Cell:
        """Write a number with its error; arguments as `number_cell`."""
        return number_cell(self.t, number, unit, interval=interval, beside=beside, heat=heat)

    def interval(self, interval: Interval, unit: Unit = COUNT) -> Cell:
        """Write an interval with the errors of its ends."""
        return interval_cell(self.t, interval, unit)

    def thousand(self, number: Estimate | Exact, sign: bool = False) -> Cell:
        """Amount in thousands of euro, with its error."""
        return self.cell(number, THOUSAND.signed(sign))

    def percent(self, number: Estimate | Exact, digits: int = 1, sign: bool = False) -> Cell:
        """Share in per cent, with its error."""
        return self.cell(number, PER_CENT.signed(sign, digits))

    def said(self, number: Estimate | Exact, unit: Unit, text: str) -> str:
        """Put the error behind a number in a sentence."""
        return said(self.t, number, unit, text)

    def money(self, number: Estimate | Exact, digits: int = 1, sign: bool = False) -> str:
        """Write an amount with its error in a sentence, in the unit that suits its size."""
        unit = Unit(money_scale(number.value, digits))
        return self.said(number, unit, self.t.money(number.value, digits, sign))

    @property
    def withheld(self) -> Cell:
        """What stands where a number is withheld."""
        return Cell(self.t("privacy.cell"), None, kind="away")

    def _visible(self, away: frozenset[str]) -> xr.Dataset:
        # many figures leave the same ones out, and each time all results would be copied
        if self._shown is None or self._shown[0] != away:
            self._shown = away, visible(self.results, away)
        return self._shown[1]

    # blocks

    def text(self, key: str, kind: Any = "plain", **values: object) -> Text:
        """Make a paragraph of a text."""
        return Text(self.t(key, **values), kind)

    def table(
        self,
        key: str,
        caption: str,
        columns: Sequence[Any],
        rows: Sequence[Sequence[Cell]],
        file: str = "",
        sortable: bool = True,
    ) -> Table:
        """Make a table; long ones can be filtered."""
        return Table(
            key, caption, columns, rows, file, sortable and len(rows) > 2, len(rows) > _FILTERED
        )

    def figure(
        self,
        name: str,
        key: str,
        *,
        away: Iterable[str] = (),
        wide: bool = False,
        **options: Any,
    ) -> list[Block]:
        """Draw a figure of `lwoopro.plot`; none where the results lack the part.

        Parameters
        ----------
        name : str
        key : str
            Unique on the page.
        away : iterable of str
            Swv that are left out.
        wide : bool
        **options
            Of the figure.
        """
        source = self._visible(frozenset(away))
        if not source.sizes["swv"]:
            return []
        try:
            axes = getattr(plot, name)(source, language=self.t.code, **options)
        except InputError:
            return []
        svg = Markup(plot.svg(axes, ink="currentColor", prefix=key))
        return [Figure(key, svg, plot.alt_text(axes), plot.caption(axes), wide)]


def pair(*figures: Sequence[Block]) -> list[Block]:
    """Put pictures side by side, those that there are."""
    found = [one for some in figures for one in some if isinstance(one, Figure)]
    return [Row(found)] if len(found) > 1 else list(found)
