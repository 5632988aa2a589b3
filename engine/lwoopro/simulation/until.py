"""When a run has enough draws: a stated Monte-Carlo standard error is reached (Q-3).

The error is looked at after 64 draws, and then each time their number has grown by a quarter, up
to whole multiples of 64. These numbers, and the draws that are looked at, depend on nothing else:
so neither workers nor blocks decide where a run stops.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.comparison import Basis, on_basis, pair_basis
from lwoopro.allocation.policies import PARTS
from lwoopro.simulation.precision import Running
from lwoopro.study import Study

__all__ = ["CHECK_DRAWS", "Stopping", "checks", "draws_to_go_to", "stopping", "until_enough"]

CHECK_DRAWS: Final = 64
"""The error is looked at after multiples of this number of draws."""

_LOSSES: Final = {"loss-10": 0.10, "loss-20": 0.20, "swv-losing-20": 0.20}

Arrays = Mapping[str, NDArray[Any]]


def checks(most: int) -> Iterator[int]:
    """Numbers of draws after which the error is looked at, below `most`.

    Examples
    --------
    >>> list(checks(700))
    [64, 128, 192, 256, 320, 448, 576]
    """
    at = CHECK_DRAWS
    while at < most:
        yield at
        at = -(-(at * 5 // 4) // CHECK_DRAWS) * CHECK_DRAWS


@dataclass(frozen=True, eq=False)
class _Pair:
    """A policy beside the baseline, and how they are compared (B-6)."""

    new: int
    old: int
    basis: Basis
    pro_has_left: tuple[bool, bool]
    direct_pro: NDArray[np.float64]

    def relative(self, arrays: Arrays) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Change in euro, and as a share (NaN where it is undefined), ``(draw, year, swv)``."""
        budget, part = arrays["budget"], arrays["budget_part"]
        pro = part[:, :, :, PARTS.index("pro")]
        new, old = on_basis(
            budget[:, :, self.new],
            budget[:, :, self.old],
            new_pro=pro[:, :, self.new],
            old_pro=pro[:, :, self.old],
            direct_pro=self.direct_pro,
            basis=self.basis,
            pro_has_left=self.pro_has_left,
        )
        change = np.round(new - old, 2)
        share = np.full(change.shape, np.nan)
        np.divide(change, old, out=share, where=old > 0)
        return change, share


@dataclass(eq=False)
class Stopping:
    """Watches the error of a quantity while blocks come in, in any order.

    Attributes
    ----------
    quantity : str
        See `lwoopro.study.sections.UntilSection`.
    mcse : float
        The error that ends the run.
    draws : int
        The most draws.
    reached : int or None
        Number of draws that suffice, once it is known.
    error : float
        The largest error over all cells at the last look; NaN before the first.
    """

    quantity: str
    mcse: float
    draws: int
    pairs: Sequence[_Pair]
    policies: Sequence[int]
    reached: int | None = None
    error: float = float("nan")
    _waiting: dict[int, tuple[int, NDArray[np.float64]]] = field(default_factory=dict)
    _running: Running | None = None
    _looks: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._looks = [*checks(self.draws), self.draws]

    @property
    def is_probability(self) -> bool:
        """Whether the quantity is the chance of something."""
        return self.quantity.startswith("loss-")

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables of the results that it looks at."""
        if self.quantity == "disadvantage-score":
            return ("disadvantage_score",)
        return ("budget",) if self.quantity == "budget" else ("budget", "budget_part")

    def feed(self, draws: range, arrays: Arrays) -> None:
        """Take the values of a finished block.

        Parameters
        ----------
        draws : range
        arrays : mapping of str to array
            `variables` of the results, or more.
        """
        if self.reached is not None:
            return
        self._waiting[draws.start] = (draws.stop, self._values(arrays))
        # strictly in order of the draws, whoever was first
        done = 0 if self._running is None else self._running.draws
        while self.reached is None and done in self._waiting:
            _, values = self._waiting.pop(done)
            if self._running is None:
                self._running = Running(values.shape[1:])
            for value in values:
                self._running.add(value)
                if self._running.draws == self._looks[0]:
                    self._looks.pop(0)
                    self._look(self._running)
                    if self.reached is not None or not self._looks:
                        break
            done = self._running.draws

    def _look(self, running: Running) -> None:
        errors = running.probability_error() if self.is_probability else running.mean_error()
        known = errors[~np.isnan(errors)]
        self.error = float(known.max()) if len(known) else float("nan")
        if self.error <= self.mcse and running.draws < self.draws:
            self.reached = running.draws

    @property
    def looked(self) -> int:
        """Draws that the last look saw."""
        return 0 if self._running is None else self._running.draws

    def outcome(self, study: Study) -> dict[str, Any]:
        """Say for the manifest why the run stopped."""
        return {
            "until": study.resolved()["study"]["until"],
            "largest_error": None if np.isnan(self.error) else self.error,
            "draws": self.looked,
            "reached": bool(self.error <= self.mcse),
        }

    def words(self) -> str:
        """Say it in one line."""
        how = "reached" if self.error <= self.mcse else "not reached"
        line = f"the standard error {self.mcse:g} of {self.quantity} is {how} after {self.looked}"
        found = "" if np.isnan(self.error) else f": {self.error:.3g}"
        return f"{line} draws{found} (Q-3)"

    def _values(self, arrays: Arrays) -> NDArray[np.float64]:
        """Work out the quantity in every draw and cell, shape ``(draw, cell)``."""
        if self.quantity == "disadvantage-score":
            found = arrays["disadvantage_score"]
        elif self.quantity == "budget":
            found = arrays["budget"][:, :, list(self.policies)]
        else:
            both = [pair.relative(arrays) for pair in self.pairs]
            change, share = (np.stack([one[k] for one in both], axis=2) for k in range(2))
            if self.quantity == "change":
                found = change
            elif self.quantity == "relative-change":
                found = share
            else:
                lost = share <= -_LOSSES[self.quantity]
                found = lost.mean(axis=-1) if self.quantity == "swv-losing-20" else lost
        return np.asarray(found, np.float64).reshape(len(found), -1)


def draws_to_go_to(study: Study, stopped: Mapping[str, Any]) -> int:
    """How many draws a continued run aims at: those it has, where it stopped for good.

    Parameters
    ----------
    study : Study
    stopped : mapping
        From the manifest, see `Stopping.outcome`.
    """
    same = stopped.get("until") == study.resolved()["study"]["until"]
    if stopped and same and stopped["reached"]:
        return int(stopped["draws"])
    return study.study.draws


def until_enough(rule: Stopping, blocks: Iterable[range]) -> Iterator[range]:
    """Give the blocks one by one, as long as the error is not reached."""
    for block in blocks:
        if rule.reached is not None:
            return
        yield block


def stopping(study: Study, constants: Mapping[str, NDArray[Any]]) -> Stopping | None:
    """Make the rule that a study asks for; None without one.

    Parameters
    ----------
    study : Study
    constants : mapping of str to array
        Of the results' layout: basis and kind of the policies.

    Returns
    -------
    Stopping or None
    """
    until = study.study.until
    if until is None:
        return None
    names = [policy.name for policy in study.policy]
    base = names.index(study.baseline)
    chosen = range(len(names)) if until.policy is None else [names.index(until.policy)]
    basis: list[Basis] = list(constants["policy_basis"])
    direct = constants.get("direct_pro_amount")
    leaves = [policy.kind == "direct-pro" for policy in study.policy]
    pairs = []
    for new in chosen:
        if new == base:
            continue
        by, on = pair_basis(basis, new, base)
        amount = np.zeros(1) if direct is None else direct[:, by]
        pairs.append(_Pair(new, base, on, (leaves[new], leaves[base]), amount))
    return Stopping(until.quantity, float(until.mcse), study.study.draws, pairs, list(chosen))
