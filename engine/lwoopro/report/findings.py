"""What tables and page have in common: every analysis of a run, worked out once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import xarray as xr

from lwoopro.analysis.change import change, in_time
from lwoopro.analysis.criteria import criteria_policies, criteria_scenarios
from lwoopro.analysis.monitoring import monitor, rules_of
from lwoopro.analysis.profile import target_profile
from lwoopro.analysis.redistribution import baseline_of, redistribution
from lwoopro.analysis.regions import per_pupil, regions
from lwoopro.analysis.risk import TOP, risk
from lwoopro.analysis.stability import scatter, stability, yearly_change
from lwoopro.analysis.why import why_summary
from lwoopro.pro.monitoring import Rule
from lwoopro.simulation.results import IN_MEMORY
from lwoopro.study.pro import MonitoringSection

__all__ = ["Findings", "Found", "held"]

Found = dict[tuple[str, str], xr.Dataset]
"""What was found, by name and policy."""

_SMALL: Final = frozenset(
    {
        "criteria_policies",
        "criteria_scenarios",
        "per_pupil",
        "profile",
        "redistribution",
        "regions",
        "risk",
        "scatter",
        "stability",
        "steps",
        "why",
    }
)
"""Findings without draws: they can be given to another process."""

_BEHIND: Final = (
    "at_cut_pupils",
    "below_cut_pupils",
    "cut_shortfall",
    "category_pupils",
    "target_category_pupils",
    "disadvantage_part",
)
"""Large, and of use for what is `_SMALL` alone: where that is given, nobody may ask for them."""


def held(results: xr.Dataset, *, given: bool = False, most: int = IN_MEMORY) -> xr.Dataset:
    """Read results into memory once, where they are not too large for that.

    Parameters
    ----------
    results : Dataset
    given : bool
        Whether another process gives what it found: what only that rests on is read where somebody
        asks for it.
    most : int
        Larger results, in bytes, are not held.
    """
    if results.nbytes >= most:
        return results
    if not given:
        return results.load()
    results.drop_vars(_BEHIND, errors="ignore").load()
    return results


class Findings:
    """Results of a run, and what follows from them; nothing is worked out before it is asked for.

    Results that are too large for memory are read for one reference date at a time, and nothing
    that has a number for every draw is kept.

    Parameters
    ----------
    results : Dataset
        Results of a run.
    rules : sequence of Rule, optional
        Rules of monitoring; by default those of an empty ``[monitoring]``.
    given : callable, optional
        Gives what another process `shared`; is asked once, when any of that is needed.
    memory : int, optional
        Bytes that all this may take, where the study limits them.

    Attributes
    ----------
    results : Dataset
        In memory, unless they are very large.
    baseline : str
    others : tuple of str
        The policies that are compared with it.
    attribution : str
        Where pupils are counted for money per pupil.
    """

    def __init__(
        self,
        results: xr.Dataset,
        rules: Sequence[Rule] | None = None,
        given: Callable[[], Found] | None = None,
        memory: int | None = None,
    ) -> None:
        most = IN_MEMORY if memory is None else min(IN_MEMORY, memory // 2)
        self.results = held(results, given=given is not None, most=most)
        self.baseline = baseline_of(results)
        names = [str(name) for name in results["policy"].values]
        self.policies = tuple(names)
        self.others = tuple(name for name in names if name != self.baseline)
        known = [str(name) for name in results["attribution"].values]
        self.attribution = "school" if "school" in known else known[0]
        self.rules = rules_of(MonitoringSection()) if rules is None else tuple(rules)
        self._large = results.nbytes >= most
        self._made: Found = {}
        self._given = given

    def _take_given(self, name: str) -> None:
        if self._given is not None and name in _SMALL:
            given, self._given = self._given, None
            self._made |= given()

    def _once(self, name: str, policy: str, make: Callable[[], xr.Dataset]) -> xr.Dataset:
        self._take_given(name)
        if (name, policy) not in self._made:
            self._made[name, policy] = make()
        return self._made[name, policy]

    def shared(self) -> Found:
        """Give what was found so far that is small: it need not be found twice."""
        return {place: found for place, found in self._made.items() if place[0] in _SMALL}

    # what is found for every date by itself

    def _parts(self, together: int) -> list[xr.Dataset]:
        """Results of so many dates that follow each other, in turn; all at once where they fit."""
        if not self._large:
            return [self.results]
        ordered = in_time(self.results)
        starts = range(ordered.sizes["year"] + 1 - together)
        return [ordered.isel(year=slice(start, start + together)) for start in starts]

    def by_date(self, make: Callable[[xr.Dataset], xr.Dataset]) -> xr.Dataset:
        """Work out what every reference date gives by itself, without draws.

        Parameters
        ----------
        make : callable
            From results, of one date or more, to a Dataset with the dimension ``year``.
        """
        return _joined([make(part) for part in self._parts(1)])

    def _each(
        self,
        makers: Mapping[str, Callable[[xr.Dataset, xr.Dataset], xr.Dataset]],
        policy: str,
        changes_of: Callable[[xr.Dataset], xr.Dataset],
        together: int,
    ) -> None:
        """Make all that rests on the same changes, which are read once, and dropped."""
        found: dict[str, list[xr.Dataset]] = {name: [] for name in makers}
        for part in self._parts(together):
            changes = changes_of(part)
            for name, make in makers.items():
                found[name].append(make(part, changes))
        for name, parts in found.items():
            self._made.setdefault((name, policy), _joined(parts))

    # a policy against the baseline

    def change(self, policy: str, year: int | None = None) -> xr.Dataset:
        """`change` against the baseline; of very large results of one date alone, if it is given.

        Parameters
        ----------
        policy : str
        year : int, optional
            The date that is needed.
        """
        if not self._large:
            return self._once("change", policy, lambda: self._change(self.results, policy))
        return self._change(self.results if year is None else self.results.sel(year=[year]), policy)

    def _change(self, results: xr.Dataset, policy: str) -> xr.Dataset:
        return change(results, policy, self.baseline)

    def _against(self, name: str, policy: str) -> xr.Dataset:
        self._take_given(name)
        if (name, policy) not in self._made:
            about: dict[str, Any] = {"policy": policy, "baseline": self.baseline}
            where = {**about, "attribution": self.attribution}
            makers: dict[str, Callable[[xr.Dataset, xr.Dataset], xr.Dataset]] = {
                "scatter": lambda _, changes: scatter(changes),
                "redistribution": lambda of, changes: redistribution(of, **about, changes=changes),
                "per_pupil": lambda of, changes: per_pupil(of, **where, changes=changes),
                "regions": lambda of, changes: regions(of, **where, changes=changes),
                "risk": lambda of, changes: risk(
                    of, **about, top=min(TOP, of.sizes["swv"]), changes=changes
                ),
            }
            if not self._large:
                makers = {name: makers[name]}
            elif not self.has_regions:
                del makers["regions"]
            self._each(makers, policy, lambda of: self._changes_of(of, policy), 1)
        return self._made[name, policy]

    def _changes_of(self, part: xr.Dataset, policy: str) -> xr.Dataset:
        return self._change(part, policy) if self._large else self.change(policy)

    @property
    def has_regions(self) -> bool:
        """Whether some swv have a region, and others none to be compared with."""
        labels = set(self.results["region"].values.tolist())
        return not labels <= {""} and "" in labels

    def scatter(self, policy: str) -> xr.Dataset:
        """`scatter` of the change against the baseline."""
        return self._against("scatter", policy)

    def redistribution(self, policy: str) -> xr.Dataset:
        """`redistribution` against the baseline."""
        return self._against("redistribution", policy)

    def per_pupil(self, policy: str) -> xr.Dataset:
        """`per_pupil` against the baseline."""
        return self._against("per_pupil", policy)

    def regions(self, policy: str) -> xr.Dataset:
        """`regions` against the baseline."""
        return self._against("regions", policy)

    def risk(self, policy: str) -> xr.Dataset:
        """`risk` against the baseline."""
        return self._against("risk", policy)

    # a policy from year to year

    def yearly_change(self, policy: str) -> xr.Dataset:
        """`yearly_change` of a policy."""
        if self._large:
            return yearly_change(self.results, policy=policy)
        return self._once("yearly", policy, lambda: yearly_change(self.results, policy=policy))

    def _yearly(self, name: str, policy: str) -> xr.Dataset:
        self._take_given(name)
        if (name, policy) not in self._made:
            makers: dict[str, Callable[[xr.Dataset, xr.Dataset], xr.Dataset]] = {
                "steps": lambda _, changes: scatter(changes),
                "stability": lambda of, changes: stability(of, policy=policy, changes=changes),
            }
            if not self._large:
                makers = {name: makers[name]}

            def steps_of(part: xr.Dataset) -> xr.Dataset:
                if self._large:
                    return yearly_change(part, policy=policy)
                return self.yearly_change(policy)

            self._each(makers, policy, steps_of, 2)
        return self._made[name, policy]

    def yearly_scatter(self, policy: str) -> xr.Dataset:
        """`scatter` of the change from year to year."""
        return self._yearly("steps", policy)

    def stability(self, policy: str) -> xr.Dataset:
        """`stability` of a policy."""
        return self._yearly("stability", policy)

    def why(self, policy: str) -> xr.Dataset:
        """`why_summary` of a policy whose changes are split."""

        def make() -> xr.Dataset:
            return _joined([why_summary(part, policy=policy) for part in self._parts(2)])

        return self._once("why", policy, make)

    # of the whole run

    @property
    def monitoring(self) -> xr.Dataset:
        """`monitor` with the rules of the study."""
        return self._once("monitoring", "", lambda: monitor(self.results, self.rules))

    @property
    def profile(self) -> xr.Dataset:
        """`target_profile` of all dates."""
        return self._once("profile", "", lambda: self.by_date(target_profile))

    @property
    def criteria_scenarios(self) -> xr.Dataset:
        """`criteria_scenarios` of the last date."""
        return self._once("criteria_scenarios", "", lambda: criteria_scenarios(self.results))

    @property
    def criteria_policies(self) -> xr.Dataset:
        """`criteria_policies` of the last date."""
        return self._once("criteria_policies", "", lambda: criteria_policies(self.results))


def _joined(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Put what was found of every date side by side."""
    if len(parts) == 1:
        return parts[0]
    return xr.concat(
        parts, dim="year", data_vars="minimal", coords="minimal", compat="override", join="exact"
    )
