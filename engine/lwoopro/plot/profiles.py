"""Who is in the target group, beside everyone and beside the published figures (R-1)."""

from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from lwoopro.analysis.profile import target_profile
from lwoopro.plot.choose import need, share_of, year_of
from lwoopro.plot.rows import name_rows
from lwoopro.plot.style import (
    BLUE,
    GREY,
    INK,
    grid,
    legend_above,
    number_axis,
    page,
)

__all__ = ["profile"]

_LINES: Final = (
    "education_mother=primary",
    "education_mother=vmbo_bk",
    "education_mother=high",
    "education_father=primary",
    "education_father=vmbo_bk",
    "education_father=high",
    "origin=nl",
    "origin=three",
    "origin=other",
    "stay=0-5",
    "stay=5-10",
    "stay=10+",
    "debt=yes",
    "asylum",
    "donated",
)


def profile(
    ds: xr.Dataset,
    *,
    share: float | None = None,
    year: int | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the target group's profile beside that of all pupils (R-1).

    Parameters
    ----------
    ds : Dataset
    share : float, optional
        Share of the target group; by default 20 %, where the results have it.
    year : int, optional
        Reference date; by default the last.
    table : Dataset, optional
        What `target_profile` gave for these results: it takes a while, and need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        The results have no such share or date, or no profile.
    """
    need(ds, ["target_category_pupils"], "target-group profile", "run the study again")
    portion, date = share_of(ds, share), year_of(ds, year)
    if table is None:
        table = target_profile(ds.sel(share=[portion], year=[date]))
    table = table.sel(share=portion, year=date)
    known = {str(name) for name in table["line"].values}
    lines = [name for name in _LINES if name in known]
    table = table.sel(line=lines)
    with page("profile", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(0.27 * len(lines) + 1.2)
        at = np.arange(len(lines))
        target, everyone = table["target"].to_numpy() * 100, table["everyone"].to_numpy() * 100
        made.hlines(at, everyone, target, color=INK, alpha=0.3, linewidth=1.2, zorder=1)
        made.hlines(
            at,
            table["target_low"] * 100,
            table["target_high"] * 100,
            color=BLUE,
            linewidth=4.5,
            alpha=0.45,
            zorder=2,
        )
        names = [words.name("line", name) for name in lines]
        texts = [
            f"{name}: {words.percent(t / 100, 1)} – {words.percent(e / 100, 1)}"
            for name, t, e in zip(names, target, everyone, strict=True)
        ]
        group = words("target_group", share=words.percent(portion))
        sheet.tips(
            made.scatter(target, at, s=34, color=BLUE, zorder=4, label=group, clip_on=False), texts
        )
        sheet.tips(
            made.scatter(
                everyone,
                at,
                s=30,
                marker="s",
                color=GREY,
                zorder=3,
                label=words("all_pupils"),
                clip_on=False,
            ),
            texts,
        )
        published = table[["published_target", "published_everyone"]] * 100
        if bool(published["published_target"].notnull().any()):
            made.scatter(
                published["published_target"],
                at - 0.27,
                s=34,
                facecolors="none",
                edgecolors=BLUE,
                linewidths=1.2,
                zorder=5,
                label=words("published_target"),
                clip_on=False,
            )
            made.scatter(
                published["published_everyone"],
                at - 0.27,
                s=28,
                marker="s",
                facecolors="none",
                edgecolors=GREY,
                linewidths=1.2,
                zorder=5,
                label=words("published_everyone"),
                clip_on=False,
            )
        name_rows(made, names, above=0.75, below=0.6)
        made.set_xlim(-1.5, 101.5)
        for place in range(1, len(lines)):
            if lines[place].partition("=")[0] != lines[place - 1].partition("=")[0]:
                made.axhline(place - 0.6, color=INK, alpha=0.18, linewidth=0.6, zorder=0)
        number_axis(made, "x", words)
        grid(made, "x")
        made.set_xlabel(words("profile_axis"))
        legend_above(made, columns=2, left=-0.32, handlelength=2.0, handletextpad=0.2)
        what = words("profile_what", share=words.percent(portion), year=date)
        apart = np.argsort(-np.abs(target - everyone), kind="stable")[:4]
        pairs = [
            words(
                "profile_pair",
                name=names[k],
                target=words.percent(target[k] / 100, 1),
                everyone=words.percent(everyone[k] / 100, 1),
            )
            for k in apart
        ]
        drawn = ("target", "target_low", "target_high", "everyone")
        sheet.say(
            words("profile_alt", what=what, pairs="; ".join(pairs)),
            words("profile_caption", what=what),
            sheet.sure((np.stack([table[f"{name}_mcse"] for name in drawn]), "percent")),
        )
    return made
