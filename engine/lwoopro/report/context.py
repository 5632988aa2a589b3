"""What every section of the report starts from: results, words, and what may be shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import xarray as xr
from markupsafe import Markup

from lwoopro import plot
from lwoopro.analysis.change import change
from lwoopro.analysis.montecarlo import mean, probability, quantile
from lwoopro.analysis.redistribution import baseline_of
from lwoopro.errors import InputError
from lwoopro.report.blocks import Block, Cell, Figure, Row, Table, Text
from lwoopro.report.language import NOTHING, Language
from lwoopro.report.privacy import Privacy, visible
from lwoopro.simulation.manifest import Manifest

__all__ = ["FEW_DRAWS", "Context", "pair", "spread"]

FEW_DRAWS: Final = 100
"""With fewer draws the ends of an interval say little."""

_FILTERED: Final = 15
"""Tables of more rows can be filtered."""


def spread(values: xr.DataArray) -> xr.Dataset:
    """Mean, 50 % and 90 % interval over the draws, with the error of the mean (Q-3).

    Parameters
    ----------
    values : DataArray with dimension ``draw``

    Returns
    -------
    Dataset
        ``mean``, ``error``, ``low``, ``high``, ``low50``, ``high50`` in the unit of the values, and
        ``low_error`` and so on: the errors of the four ends.
    """
    centre = mean(values)
    found = {"mean": centre["estimate"], "error": centre["mcse"]}
    for name, at in (("low", 0.05), ("low50", 0.25), ("high50", 0.75), ("high", 0.95)):
        end = quantile(values, at)
        found[name], found[f"{name}_error"] = end["estimate"], end["mcse"]
    return xr.Dataset(found)


class Context:
    """Results of a run and how to show them.

    Parameters
    ----------
    results : Dataset
        In memory.
    manifest : Manifest
    language : Language
    privacy : Privacy
    areas : mapping, optional
        GeoJSON with the areas of the swv.
    """

    def __init__(
        self,
        results: xr.Dataset,
        manifest: Manifest,
        language: Language,
        privacy: Privacy,
        areas: Mapping[str, Any] | None = None,
    ) -> None:
        self.results = results
        self.manifest = manifest
        self.t = language
        self.privacy = privacy
        self.areas = areas
        self.study: dict[str, Any] = manifest.study
        self.baseline = baseline_of(results)
        self.policies = [str(name) for name in results["policy"].values]
        self.others = [name for name in self.policies if name != self.baseline]
        self.policy = self.others[-1] if self.others else None
        self.year = int(results["year"].max())
        self.years = sorted(int(year) for year in results["year"].values)
        self.codes = [str(code) for code in results["swv"].values]
        self.draws = results.sizes["draw"]
        known = [str(name) for name in results["attribution"].values]
        self.attribution = "school" if "school" in known else known[0]
        self._spreads: dict[str, xr.Dataset] = {}
        self._changes: dict[str, xr.Dataset] = {}

    # what is compared

    @cached_property
    def last(self) -> xr.Dataset:
        """Results of the last reference date."""
        return self.results.sel(year=[self.year])

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
            found = change(self.last, policy, self.baseline)
            self._changes[policy] = found.isel(year=0, drop=True)
        return self._changes[policy]

    def spreads(self, policy: str) -> xr.Dataset:
        """Change in euro and as a share, per swv, and the chance of losses.

        Returns
        -------
        Dataset
            Variables of `spread`, those of the share with ``relative_`` before them;
            ``loss10``, ``loss20`` and their ``_error``.
        """
        if policy not in self._spreads:
            changes = self.changes(policy)
            found = spread(changes["change"])
            relative = spread(changes["relative"])
            found = found.assign({f"relative_{name}": relative[name] for name in relative})
            for bound in (10, 20):
                chance = probability(changes["relative"] <= -bound / 100)
                found[f"loss{bound}"] = chance["estimate"]
                found[f"loss{bound}_error"] = chance["mcse"]
            self._spreads[policy] = found
        return self._spreads[policy]

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

    def error(self, value: float, scale: float = 1.0) -> str:
        """Write a Monte-Carlo standard error; nothing where there is none or no draw matters."""
        error = value * scale
        if not np.isfinite(error) or error <= 0:
            return ""
        digits = 0 if error >= 10 else 1 if error >= 1 else 2 if error >= 0.01 else 3
        rounded = max(round(error, digits), 10.0**-digits)
        return f"± {self.t.number(rounded, digits)}"

    def range(self, low: float, high: float, write: Callable[[float], str]) -> str:
        """Write an interval; nothing where both ends are the same."""
        if not (np.isfinite(low) and np.isfinite(high)):
            return NOTHING
        return self.t("unit.range", low=write(low), high=write(high)) if high > low else ""

    def errors(self, ends: tuple[float, float] | None, scale: float) -> str:
        """Write the errors of both ends of an interval."""
        low, high = (self.error(end, scale) for end in ends or (float("nan"),) * 2)
        return f"{low} / {high}" if low and high else low or high

    def thousand(self, euro: float, error: float = float("nan"), sign: bool = False) -> Cell:
        """Amount in thousands of euro, with its error."""
        text = self.t.number(euro / 1000, 0, sign)
        kind = ("gain" if euro > 0 else "loss" if euro < 0 else "") if sign else ""
        return Cell(text, _sort(euro), self.error(error, 1e-3), kind)

    def thousands(
        self,
        low: float,
        high: float,
        sign: bool = False,
        errors: tuple[float, float] | None = None,
    ) -> Cell:
        """Interval in thousands of euro, with the errors of its ends."""
        text = self.range(low, high, lambda x: self.t.number(x / 1000, 0, sign))
        return Cell(text or NOTHING, _sort(low), self.errors(errors, 1e-3) if text else "")

    def percent(
        self, share: float, error: float = float("nan"), digits: int = 1, sign: bool = False
    ) -> Cell:
        """Share in per cent, with its error."""
        kind = ("gain" if share > 0 else "loss" if share < 0 else "") if sign else ""
        number = self.t.number(100 * share, digits, sign)
        return Cell(number, _sort(share), self.error(error, 100), kind)

    def percents(
        self,
        low: float,
        high: float,
        digits: int = 1,
        sign: bool = False,
        errors: tuple[float, float] | None = None,
    ) -> Cell:
        """Interval in per cent, with the errors of its ends."""
        text = self.range(low, high, lambda x: self.t.number(100 * x, digits, sign))
        return Cell(text or NOTHING, _sort(low), self.errors(errors, 100) if text else "")

    def count(self, value: float, error: float = float("nan"), digits: int = 0) -> Cell:
        """Write a number, with its error."""
        return Cell(self.t.number(value, digits), _sort(value), self.error(error))

    @property
    def withheld(self) -> Cell:
        """What stands where a number is withheld."""
        return Cell(self.t("privacy.cell"), None, kind="away")

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
        results: xr.Dataset | None = None,
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
        results : Dataset, optional
            By default all.
        **options
            Of the figure.
        """
        source = visible(self.results if results is None else results, away)
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


def _sort(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
