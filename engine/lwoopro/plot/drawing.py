"""How far the draws are from what they estimate: beside the analytic, and converging (Q-3, Q-5)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from lwoopro.analysis.montecarlo import mean, mean_of
from lwoopro.plot.choose import (
    attribution_of,
    enough_draws,
    need,
    policy_of,
    share_of,
    swv_of,
    wrong,
    year_of,
)
from lwoopro.plot.places import label
from lwoopro.plot.style import (
    BLUE,
    GREY,
    INK,
    NOT_SAMPLED,
    ORANGE,
    PALETTE,
    grid,
    legend_above,
    log_axis,
    number_axis,
    page,
)

__all__ = ["analytic", "convergence"]


def analytic(
    ds: xr.Dataset,
    *,
    share: float | None = None,
    attribution: str | None = None,
    year: int | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the analytic spread of disadvantage scores against the sampled one (Q-5).

    Parameters
    ----------
    ds : Dataset
        With ``analytic_sd``.
    share, attribution, year
        See `reliability`.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Ratio of sampled to analytic standard deviation per swv, with the 95 % band that so many
        draws allow, against the analytic one.

    Raises
    ------
    InputError
        The results have no analytic spread, or one draw; or no such share, attribution or date.
    """
    need(
        ds,
        ["analytic_sd", "disadvantage_score"],
        "analytic mean and spread",
        "run the study with --analytic",
    )
    enough_draws(ds, 2)
    portion, date = share_of(ds, share), year_of(ds, year)
    where = attribution_of(ds, attribution)
    at: dict[str, Any] = {"share": portion, "year": date, "attribution": where}
    expected = ds["analytic_sd"].sel(at).to_numpy()
    drawn = ds["disadvantage_score"].sel(at).transpose("draw", "swv").to_numpy()
    sampled = drawn.std(axis=0, ddof=1)
    kept = (expected > 0) & (sampled > 0)
    codes = [str(code) for code, keep in zip(ds["swv"].values, kept, strict=True) if keep]
    expected, ratio = expected[kept], sampled[kept] / expected[kept]
    # how far a standard deviation of so many draws strays: heavier tails, farther
    tails = np.full(len(codes), 3.0)
    if "analytic_kurtosis" in ds:
        tails = ds["analytic_kurtosis"].sel(at).to_numpy()[kept]
        tails = np.where(np.isfinite(tails), tails, 3.0)
    reach = 1.96 * np.sqrt(np.maximum(tails - 1, 0.0) / (4 * (ds.sizes["draw"] - 1)))
    band = float(np.median(reach)) if len(codes) else 0.0
    with page("analytic", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(3.3)
        made.axhspan(
            1 - band, 1 + band, color=GREY, alpha=0.25, linewidth=0, label=words("analytic_band")
        )
        made.axhline(1.0, color=INK, linewidth=0.9)
        outside = np.abs(ratio - 1) > reach
        dots = made.scatter(
            expected,
            ratio,
            s=18,
            zorder=3,
            linewidths=0,
            color=[ORANGE if far else BLUE for far in outside],
        )
        sheet.tips(
            dots, [f"{label(c)}: {words.number(r, 3)}" for c, r in zip(codes, ratio, strict=True)]
        )
        log_axis(made, "x", words)
        number_axis(made, "y", words)
        grid(made, "y")
        made.set_xlabel(words("analytic_axis"))
        made.set_ylabel(words("ratio_axis"))
        legend_above(made)
        what = words(
            "reliability_what", share=words.percent(portion), year=date, where=words(f"by_{where}")
        )
        sheet.say(
            words(
                "analytic_alt",
                what=what,
                many=len(codes),
                outside=int(outside.sum()),
                middle=words.number(float(np.median(ratio)), 3),
            ),
            words("analytic_caption", what=what, draws=words.number(ds.sizes["draw"])),
            sheet.sure((ratio * reach / 1.96, "number")),
        )
    return made


def convergence(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    year: int | None = None,
    swv: Sequence[str] | str | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw how the Monte-Carlo error of a swv's mean budget falls with the draws (Q-3).

    Parameters
    ----------
    ds : Dataset
    policy : str, optional
        By default the last that is not the baseline.
    year : int, optional
        By default the last.
    swv : str or sequence of str, optional
        Codes; by default those with the largest, the middle and the smallest error.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Standard error in euro of the mean of the first so many draws, both axes logarithmic.

    Raises
    ------
    InputError
        The results have fewer than ten draws; or no such policy, date or swv.
    """
    enough_draws(ds, 10)
    chosen = policy_of(ds, policy, ds.attrs.get("baseline"))
    date = year_of(ds, year)
    money = ds["budget"].sel(policy=chosen, year=date).transpose("draw", "swv").compute()
    error = mean(money)["mcse"].to_numpy()
    if not (error > 0).any():
        raise wrong(
            "policy",
            f"the budgets of {chosen!r} do not differ between the draws",
            "take one that does",
        )
    if swv is None:
        order = np.flatnonzero(error > 0)[np.argsort(-error[error > 0], kind="stable")]
        places = dict.fromkeys([int(order[0]), int(order[len(order) // 2]), int(order[-1])])
        codes = [str(money["swv"].values[place]) for place in places]
    else:
        codes = swv_of(ds, swv)
    draws = ds.sizes["draw"]
    at = np.unique(np.geomspace(5, draws, 30).round().astype(int))
    with page("convergence", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(3.3)
        said = []
        for place, code in enumerate(codes):
            one = money.sel(swv=code).to_numpy()
            found = [float(mean_of(one[:many])[1]) for many in at]
            colour = PALETTE[place % len(PALETTE)]
            line = made.plot(
                at,
                found,
                color=colour,
                linewidth=1.6,
                marker="osD^v"[place % 5],
                markersize=3.5,
                label=label(code),
            )[0]
            sheet.tips(line, [label(code)])
            made.plot(
                at,
                found[-1] * np.sqrt(draws / at),
                color=colour,
                linewidth=0.9,
                linestyle=(0, (4, 3)),
                alpha=0.8,
            )
            said.append(f"{label(code)} {words.euro(found[-1])}")
        log_axis(made, "x", words)
        log_axis(made, "y", words)
        made.set_xlabel(words("draws_axis"))
        made.set_ylabel(words("mcse_axis"))
        legend_above(made, columns=2)  # names of swv are long
        what = words("convergence_what", policy=chosen, year=date)
        sheet.say(
            words("convergence_alt", what=what, draws=words.number(draws), listed="; ".join(said)),
            words("convergence_caption", what=what),
            NOT_SAMPLED,  # errors themselves
        )
    return made
