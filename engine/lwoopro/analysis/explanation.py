"""Where one swv's amount comes from, step by step, with ranges over the draws (B-4, R-9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from lwoopro.analysis.change import both_sides, known_policy
from lwoopro.analysis.counts import with_drawn_counts
from lwoopro.analysis.estimates import Estimate, Interval, means
from lwoopro.analysis.montecarlo import LEVEL, summary
from lwoopro.analysis.redistribution import baseline_of
from lwoopro.variables import check

__all__ = ["EACH", "Explanation", "Step", "explain"]

EACH: Final = "score per such pupil"


@dataclass(frozen=True)
class Step:
    """One step from pupils to money.

    Attributes
    ----------
    group : str
        "pupils", "disadvantage", "money" or "comparison".
    name : str
        What the number is, in words.
    unit : str
        "pupils", "points" (score points), "euro" or "%".
    mean, low, high : float
        Over the draws; `low` and `high` equal `mean` where no draw changes the number.
    mcse, low_mcse, high_mcse : float
        Their Monte-Carlo standard errors.
    national, national_mcse : float or None
        The same for the whole country, mean over the draws, and its error.
    """

    group: str
    name: str
    unit: str
    mean: float
    low: float
    high: float
    mcse: float
    low_mcse: float
    high_mcse: float
    national: float | None
    national_mcse: float | None

    @property
    def varies(self) -> bool:
        """Whether the draws differ."""
        return self.interval.open

    @property
    def estimate(self) -> Estimate:
        """Mean and its error."""
        return Estimate(self.mean, self.mcse)

    @property
    def interval(self) -> Interval:
        """Both ends and their errors."""
        return Interval(Estimate(self.low, self.low_mcse), Estimate(self.high, self.high_mcse))

    @property
    def country(self) -> Estimate | None:
        """Mean of the whole country and its error."""
        if self.national is None or self.national_mcse is None:
            return None
        return Estimate(self.national, self.national_mcse)


@dataclass(frozen=True)
class Explanation:
    """All steps of one swv, policy and reference date.

    Attributes
    ----------
    swv, policy, baseline : str
    year : int
    attribution : str
        Where pupils count in the score; where the policy has none, in the count of pupils.
    share : float or None
        Share of the target group; None where no disadvantage score distributes money.
    level : float
        Probability that the intervals hold.
    steps : tuple of Step
    """

    swv: str
    policy: str
    baseline: str
    year: int
    attribution: str
    share: float | None
    level: float
    steps: tuple[Step, ...]


def explain(
    results: xr.Dataset,
    *,
    swv: str,
    policy: str | None = None,
    baseline: str | None = None,
    year: int | None = None,
    level: float = LEVEL,
) -> Explanation:
    """Follow one swv's amount from its pupils to its light support (T-2, D-1, B-4).

    Parameters
    ----------
    results : Dataset
    swv : str
    policy : str, optional
        By default the first policy that distributes by disadvantage score, else the last one.
    baseline : str, optional
        By default the study's.
    year : int, optional
        Reference date; by default the last.
    level : float
        Probability that the intervals hold.

    Returns
    -------
    Explanation

    Raises
    ------
    ValueError
        `results` is not a results Dataset, or has no such swv, policy or year.
    """
    check(results, ["budget", "budget_part", "pupils", "lwoo_fixed", "policy_share"])
    check(results, ["policy_attribution", "disadvantage_score", "target_pupils", "asylum_pupils"])
    baseline = known_policy(results, baseline_of(results, baseline))
    policy = _default_policy(results, baseline) if policy is None else known_policy(results, policy)
    year = int(results["year"].max()) if year is None else year
    for name, wanted in (("swv", swv), ("year", year)):
        if wanted not in results[name].values.tolist():
            raise ValueError(f"no {name} {wanted!r} in these results")
    share = float(results["policy_share"].sel(policy=policy))
    attribution = str(results["policy_attribution"].sel(policy=policy).values)
    attribution = attribution or str(results["attribution"].values[0])
    results = with_drawn_counts(results)
    one = results.sel(year=year, attribution=attribution)
    own = one.sel(swv=swv)
    scored = None if np.isnan(share) else share
    steps = [
        *_pupils(one, own, scored, level),
        *_money(results, policy, swv, year, scored, level),
        *_comparison(results, policy, baseline, swv, year, level),
    ]
    return Explanation(swv, policy, baseline, year, attribution, scored, level, tuple(steps))


def _default_policy(results: xr.Dataset, baseline: str) -> str:
    names = [str(name) for name in results["policy"].values]
    shares = results["policy_share"].values
    scored = [name for name, share in zip(names, shares, strict=True) if not np.isnan(share)]
    others = [name for name in scored if name != baseline] or [n for n in names if n != baseline]
    return others[0] if scored and others else (others or names)[-1]


def _step(
    group: str,
    name: str,
    unit: str,
    values: xr.DataArray,
    level: float,
    national: xr.DataArray | None = None,
) -> Step:
    table = summary(_drawn(values), "x", level)
    found = {str(name): float(value) for name, value in table.items()}
    whole = None if national is None else means(_drawn(national)).at()
    return Step(
        group,
        name,
        unit,
        mean=found["x"],
        low=found["x_low"],
        high=found["x_high"],
        mcse=found["x_mcse"],
        low_mcse=found["x_low_mcse"],
        high_mcse=found["x_high_mcse"],
        national=whole.value if whole else None,
        national_mcse=whole.mcse if whole else None,
    )


def _drawn(values: xr.DataArray) -> xr.DataArray:
    """Give a number the dimension of the draws, where it is the same in all."""
    values = values.reset_coords(drop=True).astype(np.float64)
    return values if "draw" in values.dims else values.expand_dims("draw")


def _pupils(one: xr.Dataset, own: xr.Dataset, share: float | None, level: float) -> Iterator[Step]:
    count, everyone = own["pupils"].compute(), one["pupils"].sum("swv").compute()
    yield _step("pupils", "upper-vmbo pupils, n", "pupils", count, level, everyone)
    yield _step("pupils", "of the country", "%", 100 * count / everyone, level)
    if share is None:
        return
    asylum, all_asylum = own["asylum_pupils"], one["asylum_pupils"].sum("swv")
    yield _step("pupils", "asylum pupils", "pupils", asylum.compute(), level, all_asylum)
    group = one[["target_pupils", "disadvantage_score"]].sel(share=share).compute()
    target = group["target_pupils"]
    mine = target.sel(swv=own["swv"])
    whole = target.sum("swv")
    yield _step("pupils", "target-group pupils", "pupils", mine, level, whole)
    if bool((count > 0).all()):
        part = 100 * whole / everyone
        yield _step("pupils", "as part of its pupils", "%", 100 * mine / count, level, part)
    score = group["disadvantage_score"]
    all_score = score.sum("swv")
    points = score.sel(swv=own["swv"])
    yield _step("disadvantage", "disadvantage score, S", "points", points, level, all_score)
    each = points / mine.where(mine > 0)
    if bool(each.notnull().any()):
        yield _step(
            "disadvantage",
            EACH,
            "points",
            each,
            level,
            all_score / whole,
        )
    yield _step("disadvantage", "of the country", "%", 100 * points / all_score, level)


def _money(
    results: xr.Dataset, policy: str, swv: str, year: int, share: float | None, level: float
) -> Iterator[Step]:
    here = results.sel(policy=policy, year=year)
    parts = here["budget_part"].compute()
    fixed = here["lwoo_fixed"].compute()
    lwoo = parts.sel(part="lwoo")
    if share is None:
        yield _step("money", "lwoo", "euro", lwoo.sel(swv=swv), level, lwoo.sum("swv").round(2))
    else:
        equal, by_score = fixed.sel(swv=swv), lwoo - fixed
        yield _step("money", "lwoo by pupils", "euro", equal, level, fixed.sum("swv").round(2))
        yield _step(
            "money",
            "lwoo by score",
            "euro",
            by_score.sel(swv=swv),
            level,
            by_score.sum("swv").round(2),
        )
    for name in ("regional", "pro"):
        part = parts.sel(part=name)
        label = "regional support" if name == "regional" else "pro"
        yield _step("money", label, "euro", part.sel(swv=swv), level, part.sum("swv").round(2))
    whole = here["budget"].compute()
    yield _step(
        "money", "light support", "euro", whole.sel(swv=swv), level, whole.sum("swv").round(2)
    )


def _comparison(
    results: xr.Dataset, policy: str, baseline: str, swv: str, year: int, level: float
) -> Iterator[Step]:
    if policy == baseline:
        return
    new, old = (side.sel(year=year) for side in both_sides(results, policy, baseline))
    mine, other = new.sel(swv=swv), old.sel(swv=swv)
    yield _step("comparison", baseline, "euro", other, level, old.sum("swv").round(2))
    yield _step("comparison", "difference", "euro", (mine - other).round(2), level)
    share = 100 * (mine - other) / other.where(other > 0)
    if bool(share.notnull().any()):
        yield _step("comparison", "difference", "%", share, level)
