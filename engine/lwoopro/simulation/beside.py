"""The analytic twin beside the draws of a run: its figures, and the permanent check (Q-5)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.policies import PolicyPlan
from lwoopro.analytic.check import Agreement, compare
from lwoopro.analytic.year import TwinYear, twin_year
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.layout import Layout
from lwoopro.simulation.plan import YearPlan
from lwoopro.simulation.sobol import Decomposition, decomposition_constants
from lwoopro.simulation.store import ResultsStore
from lwoopro.simulation.twin import chances_of, twin_size
from lwoopro.study import Study

__all__ = [
    "FEWEST_DRAWN",
    "TwinCheck",
    "agreement",
    "beside_draws",
    "check_draws",
    "twin_constants",
    "twin_notes",
]

FEWEST_DRAWN: Final = 500
"""Fewer pupils whom chance decides in a year are not compared: the twin takes their number below
the cut to be normal."""

_MOST: Final = 4_000_000
"""From so many pupils, possible donors and pairs of pupils on, the twin takes too much memory."""

_CHUNK: Final = 32_000_000
"""Bytes of scores that are read at once."""


@dataclass(frozen=True)
class TwinCheck:
    """How the draws of a run agree with the twin, for the manifest.

    Attributes
    ----------
    tested : int
        Number of z values: means and standard deviations of S_j.
    largest_z_mean, largest_z_sd, bound : float
    agrees : bool
    """

    tested: int
    largest_z_mean: float
    largest_z_sd: float
    bound: float
    agrees: bool

    @property
    def warnings(self) -> list[str]:
        """One line where the draws do not agree."""
        if self.agrees:
            return []
        return [
            "the draws disagree with the analytic mean or standard deviation of the disadvantage "
            f"scores beyond Monte-Carlo error: largest |z| {self.largest_z_mean:.1f} and "
            f"{self.largest_z_sd:.1f} among {self.tested}, expected below {self.bound:.1f} (Q-5); "
            "the figures of this run should not be used before this is understood"
        ]


def _sizes(prepared: Prepared) -> list[int]:
    """Size of the twin of every year; none where the population is drawn."""
    drawn = prepared.resample is not None or prepared.remake is not None
    return [] if drawn else [twin_size(plan) for plan in prepared.plans]


def _absent(sizes: Sequence[int]) -> str | None:
    """Say why there is no twin of a study; None where there is one."""
    if not sizes:
        return "the population is drawn"
    if max(sizes) > _MOST:
        return "there are too many pupils, donors to choose from, or pupils of one parent"
    return None


def _conditional(prepared: Prepared) -> list[str]:
    """List the sources that vary in the draws and stand still in the twin."""
    held = []
    if prepared.sources.parameters and prepared.model is not None:
        held.append("the parameters of the education model")
    if prepared.sources.coefficients and prepared.coefficients is not None:
        held.append("the coefficients of the indicator")
    return held


def twin_notes(prepared: Prepared, sizes: Sequence[int] | None = None) -> tuple[str, ...]:
    """Say what the twin leaves out.

    Parameters
    ----------
    prepared : Prepared
    sizes : sequence of int, optional
        Where they are known: they take a while to find.
    """
    absent = _absent(_sizes(prepared) if sizes is None else sizes)
    if absent is not None:
        return (f"no analytic mean and spread stand beside the draws: {absent} (Q-5)",)
    held = _conditional(prepared)
    if not held:
        return ()
    return (
        f"the analytic mean and spread hold {' and '.join(held)} at the estimates: they are "
        "conditional, and not compared with the draws (Q-5)",
    )


def twin_constants(
    prepared: Prepared, threads: int = 1, sizes: Sequence[int] | None = None
) -> dict[str, NDArray[Any]]:
    """Work out the twin of every year; empty where there is none.

    Parameters
    ----------
    prepared : Prepared
    threads : int
        Years that are worked out side by side, where they are small enough to stand in memory
        together.
    sizes : sequence of int, optional
        See `twin_notes`.

    Returns
    -------
    dict of str to array
        ``analytic_…``, see `lwoopro.variables`. The kurtosis is NaN where too few pupils are
        drawn for a comparison.
    """
    sizes = _sizes(prepared) if sizes is None else sizes
    if _absent(sizes) is not None:
        return {}

    def of_year(plan: YearPlan, policies: tuple[PolicyPlan, ...]) -> TwinYear:
        chances = chances_of(
            plan,
            prepared.lattice,
            prepared.thresholds,
            prepared.ties,
            prepared.seed,
            prepared.sources,
        )
        found = twin_year(chances, policies)
        if 0 < len(chances.base) + int((chances.length > 1).sum()) < FEWEST_DRAWN:
            found = replace(found, kurtosis=np.full_like(found.kurtosis, np.nan))
        return found

    if sum(sizes) > _MOST:
        threads = 1
    with ThreadPoolExecutor(threads) as pool:
        years = list(pool.map(of_year, prepared.plans, prepared.policies))
    sides = list(prepared.attribution)
    return {
        "analytic_mean": np.stack([year.mean[sides] for year in years]),
        "analytic_sd": np.stack([year.sd[sides] for year in years]),
        "analytic_kurtosis": np.stack([year.kurtosis[sides] for year in years]),
        "analytic_target_pupils": np.stack([year.target[sides] for year in years]),
        "analytic_budget_mean": np.stack([year.budget_mean for year in years]),
        "analytic_budget_sd": np.stack([year.budget_sd for year in years]),
    }


def beside_draws(
    study: Study,
    prepared: Prepared,
    layout: Layout,
    apart: Decomposition | None,
    *,
    fresh: bool,
    threads: int = 1,
) -> Layout:
    """Lay the twin's figures, and room for the decomposition, beside what no draw changes.

    Parameters
    ----------
    study : Study
    prepared : Prepared
    layout : Layout
    apart : Decomposition or None
    fresh : bool
        False: a run is continued, whose results have them already; only the notes are new.
    threads : int
        See `twin_constants`.

    Returns
    -------
    Layout
    """
    sizes = _sizes(prepared)
    layout = replace(layout, notes=(*layout.notes, *twin_notes(prepared, sizes)))
    if not fresh:
        return layout
    coordinates, room = decomposition_constants(study, apart, prepared.plans[0].pupils.shape[1])
    return replace(
        layout,
        coordinates={**layout.coordinates, **coordinates},
        constants={**layout.constants, **twin_constants(prepared, threads, sizes), **room},
    )


def check_draws(prepared: Prepared, store: ResultsStore) -> TwinCheck | None:
    """Compare the draws of a finished run with the twin.

    Parameters
    ----------
    prepared : Prepared
    store : ResultsStore

    Returns
    -------
    TwinCheck or None
        None where there is no twin, or it holds what the draws vary.
    """
    if not store.has("analytic_mean") or _conditional(prepared):
        return None
    found = agreement(store)
    largest = found.largest
    return TwinCheck(found.tested, *largest, found.bound, found.agrees)


def agreement(store: ResultsStore) -> Agreement:
    """Test mean and standard deviation of the drawn scores against the twin.

    Parameters
    ----------
    store : ResultsStore
        With ``disadvantage_score`` and the variables ``analytic_…``.

    Returns
    -------
    Agreement
        Arrays ``(year, attribution, share, swv)``.
    """
    mean, sd, kurtosis = (store.constant(f"analytic_{name}") for name in ("mean", "sd", "kurtosis"))
    draws = store.draws
    step = max(1, _CHUNK // (8 * max(mean.size, 1)))
    # sums around the twin's mean: no digits are lost
    first, second = np.zeros(mean.shape), np.zeros(mean.shape)
    for start in range(0, draws, step):
        some = range(start, min(start + step, draws))
        beyond = store.read(some, ["disadvantage_score"])["disadvantage_score"] - mean
        first += beyond.sum(axis=0)
        second += (beyond**2).sum(axis=0)
    variance = (second - first**2 / draws) / max(draws - 1, 1)
    return compare(draws, mean + first / draws, np.maximum(variance, 0.0), mean, sd, kurtosis)
