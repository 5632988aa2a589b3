"""What tables and page have in common: every analysis of a run, worked out once."""

from collections.abc import Callable, Sequence
from typing import Final

import xarray as xr

from lwoopro.analysis.change import change
from lwoopro.analysis.criteria import criteria_policies, criteria_scenarios
from lwoopro.analysis.monitoring import monitor, rules_of
from lwoopro.analysis.profile import target_profile
from lwoopro.analysis.redistribution import baseline_of, redistribution
from lwoopro.analysis.regions import per_pupil, regions
from lwoopro.analysis.stability import scatter, stability, yearly_change
from lwoopro.analysis.why import why_summary
from lwoopro.pro.monitoring import Rule
from lwoopro.study.pro import MonitoringSection

__all__ = ["IN_MEMORY", "Findings", "Found", "held"]

Found = dict[tuple[str, str], xr.Dataset]
"""What was found, by name and policy."""

IN_MEMORY: Final = 2_000_000_000
"""Results up to so many bytes are read once, larger ones as each table asks for them."""

_SMALL: Final = frozenset(
    {
        "criteria_policies",
        "criteria_scenarios",
        "per_pupil",
        "profile",
        "redistribution",
        "regions",
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


def held(results: xr.Dataset, *, given: bool = False) -> xr.Dataset:
    """Read results into memory once, where they are not too large for that.

    Parameters
    ----------
    results : Dataset
    given : bool
        Whether another process gives what it found: what only that rests on is read where somebody
        asks for it.
    """
    if results.nbytes >= IN_MEMORY:
        return results
    if not given:
        return results.load()
    results.drop_vars(_BEHIND, errors="ignore").load()
    return results


class Findings:
    """Results of a run, and what follows from them; nothing is worked out before it is asked for.

    Parameters
    ----------
    results : Dataset
        Results of a run.
    rules : sequence of Rule, optional
        Rules of monitoring; by default those of an empty ``[monitoring]``.
    given : callable, optional
        Gives what another process `shared`; is asked once, when any of that is needed.

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
    ) -> None:
        self.results = held(results, given=given is not None)
        self.baseline = baseline_of(results)
        names = [str(name) for name in results["policy"].values]
        self.policies = tuple(names)
        self.others = tuple(name for name in names if name != self.baseline)
        known = [str(name) for name in results["attribution"].values]
        self.attribution = "school" if "school" in known else known[0]
        self.rules = rules_of(MonitoringSection()) if rules is None else tuple(rules)
        self._made: Found = {}
        self._given = given

    def _once(self, name: str, policy: str, make: Callable[[], xr.Dataset]) -> xr.Dataset:
        if self._given is not None and name in _SMALL:
            given, self._given = self._given, None
            self._made |= given()
        if (name, policy) not in self._made:
            self._made[name, policy] = make()
        return self._made[name, policy]

    def shared(self) -> Found:
        """Give what was found so far that is small: it need not be found twice."""
        return {place: found for place, found in self._made.items() if place[0] in _SMALL}

    def change(self, policy: str) -> xr.Dataset:
        """`change` against the baseline."""
        return self._once("change", policy, lambda: change(self.results, policy, self.baseline))

    def scatter(self, policy: str) -> xr.Dataset:
        """`scatter` of the change against the baseline."""
        return self._once("scatter", policy, lambda: scatter(self.change(policy)))

    def yearly_change(self, policy: str) -> xr.Dataset:
        """`yearly_change` of a policy."""
        return self._once("yearly", policy, lambda: yearly_change(self.results, policy=policy))

    def yearly_scatter(self, policy: str) -> xr.Dataset:
        """`scatter` of the change from year to year."""
        return self._once("steps", policy, lambda: scatter(self.yearly_change(policy)))

    def redistribution(self, policy: str) -> xr.Dataset:
        """`redistribution` against the baseline."""
        return self._once(
            "redistribution",
            policy,
            lambda: redistribution(
                self.results,
                policy=policy,
                baseline=self.baseline,
                changes=self.change(policy),
            ),
        )

    def stability(self, policy: str) -> xr.Dataset:
        """`stability` of a policy."""
        return self._once(
            "stability",
            policy,
            lambda: stability(self.results, policy=policy, changes=self.yearly_change(policy)),
        )

    def why(self, policy: str) -> xr.Dataset:
        """`why_summary` of a policy whose changes are split."""
        return self._once("why", policy, lambda: why_summary(self.results, policy=policy))

    def per_pupil(self, policy: str) -> xr.Dataset:
        """`per_pupil` against the baseline."""
        return self._once(
            "per_pupil",
            policy,
            lambda: per_pupil(
                self.results,
                policy=policy,
                baseline=self.baseline,
                attribution=self.attribution,
                changes=self.change(policy),
            ),
        )

    def regions(self, policy: str) -> xr.Dataset:
        """`regions` against the baseline."""
        return self._once(
            "regions",
            policy,
            lambda: regions(
                self.results,
                policy=policy,
                baseline=self.baseline,
                attribution=self.attribution,
                changes=self.change(policy),
            ),
        )

    @property
    def monitoring(self) -> xr.Dataset:
        """`monitor` with the rules of the study."""
        return self._once("monitoring", "", lambda: monitor(self.results, self.rules))

    @property
    def profile(self) -> xr.Dataset:
        """`target_profile` of all dates."""
        return self._once("profile", "", lambda: target_profile(self.results))

    @property
    def criteria_scenarios(self) -> xr.Dataset:
        """`criteria_scenarios` of the last date."""
        return self._once("criteria_scenarios", "", lambda: criteria_scenarios(self.results))

    @property
    def criteria_policies(self) -> xr.Dataset:
        """`criteria_policies` of the last date."""
        return self._once("criteria_policies", "", lambda: criteria_policies(self.results))
