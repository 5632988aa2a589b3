"""Which source a budget's variance comes from: pick-and-freeze over two families of draws (Q-6).

Every source has two families of draws, told apart by one bit of the counter. Run A takes all its
sources from the first, run B from the second; for every source one more run is A with that source
from B. What follows from a source, such as a donor's score, is a function of it and no source.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.analytic.sobol import sobol_indices
from lwoopro.kernels.philox import source_word
from lwoopro.simulation.block import DRAWS_PER_PASS, Prepared, simulate_block
from lwoopro.simulation.plan import YearPlan
from lwoopro.simulation.scheduler import Backend, run_blocks
from lwoopro.study import Study

__all__ = ["Decomposition", "decompose", "decomposition_constants", "plan_decomposition"]

_SECOND: Final = source_word(0, family=1)
"""The bit of the counter word that tells the families apart."""

NAMES: Final = ("first", "first_se", "total", "total_se")


def _education(prepared: Prepared) -> Prepared:
    def other(plan: YearPlan) -> YearPlan:
        imputed = replace(
            plan.imputed,
            mother_word=plan.imputed.mother_word | _SECOND,
            father_word=plan.imputed.father_word | _SECOND,
        )
        return replace(plan, imputed=imputed)

    return replace(prepared, plans=tuple(map(other, prepared.plans)))


def _donors(prepared: Prepared) -> Prepared:
    def other(plan: YearPlan) -> YearPlan:
        return replace(plan, copied=replace(plan.copied, word=plan.copied.word | _SECOND))

    return replace(prepared, plans=tuple(map(other, prepared.plans)))


def _named(name: str) -> Callable[[Prepared], Prepared]:
    def other(prepared: Prepared) -> Prepared:
        second = prepared.sources.second | {name}
        return replace(prepared, sources=replace(prepared.sources, second=second))

    return other


def _population(prepared: Prepared) -> Prepared:
    assert prepared.resample is not None
    return replace(prepared, resample=replace(prepared.resample, family=1))


def _nothing(prepared: Prepared) -> Prepared:
    """Flows of pro pupils do not reach light support: either family gives the same budgets."""
    return prepared


_OTHER_FAMILY: Final[Mapping[str, Callable[[Prepared], Prepared]]] = {
    "education": _education,
    "donors": _donors,
    "parameters": _named("parameters"),
    "coefficients": _named("coefficients"),
    "population": _population,
    "pro": _nothing,
}
"""How a source is taken from the second family; to add a source, add a line."""


@dataclass(frozen=True, eq=False)
class Decomposition:
    """What the runs of a decomposition need; it travels to workers as it is.

    Attributes
    ----------
    prepared : Prepared
        With the policies to be taken apart, and their shares, alone.
    sources : tuple of str
    place : tuple of int
        Positions of the policies among all of the study.
    draws : int
    all_policies : int
        Number of policies of the study.
    """

    prepared: Prepared
    sources: tuple[str, ...]
    place: tuple[int, ...]
    draws: int
    all_policies: int

    @property
    def moving(self) -> tuple[str, ...]:
        """Sources that the budgets follow."""
        return tuple(name for name in self.sources if _OTHER_FAMILY[name] is not _nothing)

    def runs(self) -> list[Prepared]:
        """Give runs A and B, and A with one source at a time from B."""
        sets = [(), self.moving, *((name,) for name in self.moving)]
        return [_with(self.prepared, names) for names in sets]


def _with(prepared: Prepared, second: Sequence[str]) -> Prepared:
    for name in second:
        prepared = _OTHER_FAMILY[name](prepared)
    return prepared


def plan_decomposition(study: Study, prepared: Prepared) -> Decomposition | None:
    """Prepare the study's ``[decomposition]``; None without one (Q-6).

    Parameters
    ----------
    study : Study
    prepared : Prepared

    Returns
    -------
    Decomposition or None
    """
    names = study.decomposed_policies
    if not names:
        return None
    known = [policy.name for policy in study.policy]
    place = tuple(known.index(name) for name in names)
    plans, policies = [], []
    for plan, found in zip(prepared.plans, prepared.policies, strict=True):
        chosen = tuple(found[p] for p in place)
        shares = {policy.by_score.share for policy in chosen if policy.by_score is not None}
        kept = [k for k, quota in enumerate(plan.quotas) if quota.share in shares]
        quotas = tuple(plan.quotas[k] for k in kept)
        bands = None if plan.bands is None else plan.bands.only(kept)
        plans.append(replace(plan, quotas=quotas, bands=bands))
        policies.append(chosen)
    varies = study.uncertainty
    sources = [name for name in _OTHER_FAMILY if getattr(varies, name)]
    if prepared.pro is None:
        sources = [name for name in sources if name != "pro"]
    return Decomposition(
        prepared=replace(
            prepared,
            plans=tuple(plans),
            policies=tuple(policies),
            splits=tuple(() for _ in plans),
            transition=None,
            pro=None,
        ),
        sources=tuple(sources),
        place=place,
        draws=study.decomposition.draws,
        all_policies=len(study.policy),
    )


def decomposition_constants(
    study: Study, found: Decomposition | None, swv: int
) -> tuple[dict[str, Sequence[str]], dict[str, NDArray[Any]]]:
    """Coordinates and empty variables of a decomposition that is still to be made.

    Parameters
    ----------
    study : Study
    found : Decomposition or None
    swv : int
        Number of swv.

    Returns
    -------
    coordinates, constants : dict
        Both empty without a decomposition.
    """
    if found is None:
        return {}, {}
    budgets = (len(study.study.years), len(study.policy), swv)
    sources = len(found.sources)
    constants: dict[str, NDArray[Any]] = {"sobol_variance": np.full(budgets, np.nan)}
    for name in NAMES:
        constants[f"sobol_{name}"] = np.full((sources, *budgets), np.nan)
        constants[f"sobol_national_{name}"] = np.full((sources, *budgets[:2]), np.nan)
    return {"source": found.sources}, constants


@dataclass(frozen=True, eq=False)
class _Work:
    decomposition: Decomposition
    width: int
    known: int
    """Runs that need not be made: the first so many."""


def _budgets(work: _Work, draws: range) -> NDArray[np.float64]:
    """Budgets of some draws in every run to be made, ``(run, draw, year, policy, swv)``."""
    parts = [
        range(start, min(start + work.width, draws.stop))
        for start in range(draws.start, draws.stop, work.width)
    ]
    return np.stack(
        [
            np.concatenate([simulate_block(run, some)["budget"] for some in parts])
            for run in work.decomposition.runs()[work.known :]
        ]
    )


def decompose(
    found: Decomposition,
    backend: Backend | None = None,
    width: int = DRAWS_PER_PASS,
    block: int = DRAWS_PER_PASS,
    done: Callable[[int], None] | None = None,
    drawn: NDArray[np.float64] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Run the draws of a decomposition and estimate its indices.

    Parameters
    ----------
    found : Decomposition
    backend : Backend, optional
        Where the blocks run; by default the threads of this process.
    width, block : int
        Draws that go over the pupils together, and draws that are handed over together; no bit of
        the result depends on them.
    done : callable, optional
        Called with the number of finished draws.
    drawn : float64 array, shape ``(draw, year, policy, swv)``, optional
        Budgets of run A, which is the study itself, where it has been run.

    Returns
    -------
    dict of str to array
        ``sobol_…``, see `lwoopro.variables`, with every policy of the study; NaN for those that
        are not taken apart.
    """
    plans, policies = found.prepared.plans, found.prepared.policies
    shape = (len(plans), len(policies[0]), plans[0].pupils.shape[1])
    budgets = np.empty((2 + len(found.moving), found.draws, *shape))
    blocks = [
        range(start, min(start + block, found.draws)) for start in range(0, found.draws, block)
    ]
    known = 0 if drawn is None else 1
    if drawn is not None:
        budgets[0] = drawn
    finished = 0

    def keep(draws: range, values: NDArray[np.float64]) -> None:
        nonlocal finished
        budgets[known:, draws.start : draws.stop] = values
        finished += len(draws)
        if done is not None:
            done(finished)

    run_blocks(_budgets, _Work(found, width, known), blocks, keep, backend=backend)
    return _indices(found, budgets)


def _indices(found: Decomposition, budgets: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    run_a, run_b = budgets[:2]
    # a source that the budgets do not follow leaves run A as it is
    frozen = np.stack(
        [
            budgets[2 + found.moving.index(name)] if name in found.moving else run_a
            for name in found.sources
        ]
    )
    every, national = sobol_indices(run_a, run_b, frozen), sobol_indices(run_a, run_b, frozen, 3)
    result = {"sobol_variance": _spread(found, every.variance, 1)}
    for name in NAMES:
        result[f"sobol_{name}"] = _spread(found, getattr(every, name), 2)
        result[f"sobol_national_{name}"] = _spread(found, getattr(national, name), 2)
    return result


def _spread(found: Decomposition, values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Give every policy of the study its place along an axis."""
    shape = list(values.shape)
    shape[axis] = found.all_policies
    whole = np.full(shape, np.nan)
    index: list[Any] = [slice(None)] * values.ndim
    index[axis] = list(found.place)
    whole[tuple(index)] = values
    return whole
