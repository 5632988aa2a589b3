"""Money per pupil, and how groups of regions fare (R-5)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from lwoopro.analysis.regions import per_pupil as per_pupil_table
from lwoopro.analysis.regions import region_groups
from lwoopro.analysis.regions import regions as regions_table
from lwoopro.codes import NATIONAL_SWV
from lwoopro.plot.choose import attribution_of, pair, wrong, year_of
from lwoopro.plot.places import label
from lwoopro.plot.rows import MOST, name_rows, outermost, rows, shortened
from lwoopro.plot.style import (
    BLUE,
    GREEN,
    INK,
    SIZE,
    SMALL,
    grid,
    headroom,
    legend_above,
    legend_over_list,
    number_axis,
    page,
    zero_line,
)

__all__ = ["per_pupil", "regions"]


def per_pupil(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    baseline: str | None = None,
    year: int | None = None,
    attribution: str | None = None,
    by_region: bool = True,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw euro of light support per upper-vmbo pupil under two policies, per swv (R-5).

    Parameters
    ----------
    ds : Dataset
    policy, baseline, year
        See `gains_losses`.
    attribution : "school" or "home", optional
        Where pupils are counted; by default school.
    by_region : bool
        Group the swv by their region: the four big cities, shrinking regions, all others.
    table : Dataset, optional
        What `per_pupil` gave for these results: it takes a while, and need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        VO0001 is left out.

    Raises
    ------
    InputError
        See `gains_losses`; or no such attribution.
    """
    new, old = pair(ds, policy, baseline)
    date, where = year_of(ds, year), attribution_of(ds, attribution)
    if table is None:
        table = per_pupil_table(ds.sel(year=[date]), policy=new, baseline=old, attribution=where)
    table = table.sel(year=date, swv=ds["swv"].values)
    kept = table["policy"].notnull() & (table["swv"] != NATIONAL_SWV)
    table = table.isel(swv=kept.to_numpy())
    groups = np.full(table.sizes["swv"], "", dtype=object)
    if by_region and "region" in ds and len(groups) <= MOST:
        groups[:] = [str(name) for name in ds["region"].sel(swv=table["swv"]).values]
    value = table["policy"].to_numpy()
    order: list[int] = []
    places: list[float] = []
    heads: dict[float, str] = {}
    for name in sorted(set(groups), key=lambda one: (one == "", one)):
        members = np.flatnonzero(groups == name)
        start = len(order) + len(heads)
        if len(set(groups)) > 1:
            # a line of its own above the swv of the group
            heads[float(start)] = name
            start += 1
        members = members[outermost(np.argsort(-value[members], kind="stable"))]
        order += members.tolist()
        places += [float(start + k) for k in range(len(members))]
    table = table.isel(swv=order)
    codes = [str(code) for code in table["swv"].values]
    with page("per_pupil", ax, language) as sheet:
        words = sheet.words
        lines = {place: label(code) for place, code in zip(places, codes, strict=True)}
        for place, name in heads.items():
            lines[place] = words.name("region", name or "none")
        made = rows(
            sheet,
            [lines[place] for place in sorted(lines)],
            room=1.05,
            guides=not heads,
            bold=[int(place) for place in heads],
        )
        at = np.array(places)
        for place in heads:
            made.axhline(place - 0.5, color=INK, linewidth=0.7, alpha=0.6)
        now, then = table["policy"].to_numpy(), table["baseline"].to_numpy()
        made.hlines(at, then, now, color=INK, alpha=0.3, linewidth=1.0, zorder=1)
        made.hlines(
            at,
            table["policy_low"],
            table["policy_high"],
            color=BLUE,
            linewidth=3.0,
            alpha=0.5,
            zorder=2,
        )
        texts = [
            f"{label(c)}: {words.number(o)} → {words.number(n)}"
            for c, o, n in zip(codes, then, now, strict=True)
        ]
        made.scatter(
            then, at, s=17, facecolors="none", edgecolors=INK, linewidths=1.0, zorder=3, label=old
        )
        sheet.tips(made.scatter(now, at, s=17, color=BLUE, zorder=4, label=new), texts)
        made.set_xlim(*headroom(0.0, float(np.nanmax([now, then]))))
        made.set_xlim(left=0)
        number_axis(made, "x", words)
        grid(made, "x")
        made.set_xlabel(words("per_pupil_axis"))
        legend_over_list(made, len(codes), len(lines))
        what = words("against", policy=new, baseline=old, year=date)
        drawn = ("policy", "policy_low", "policy_high", "baseline")
        sheet.say(
            words(
                "per_pupil_alt",
                what=what,
                low=words.number(float(now.min())),
                lowest=label(codes[int(now.argmin())]),
                high=words.number(float(now.max())),
                highest=label(codes[int(now.argmax())]),
                old_low=words.number(float(then.min())),
                old_high=words.number(float(then.max())),
            ),
            words("per_pupil_caption", what=what, where=words(f"by_{where}"))
            + " "
            + shortened(words, len(value)),
            sheet.sure((np.stack([table[f"{name}_mcse"] for name in drawn]), "euro")),
        )
    return made


def regions(
    ds: xr.Dataset,
    *,
    policy: str | None = None,
    baseline: str | None = None,
    year: int | None = None,
    attribution: str | None = None,
    table: xr.Dataset | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw how groups of regions fare beside all other swv: the shrinking-region check (R-5).

    Parameters
    ----------
    ds : Dataset
    policy, baseline, year, attribution
        See `per_pupil`.
    table : Dataset, optional
        What `regions` gave for these results: it takes a while, and need not be done twice.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Per group its change in euro per upper-vmbo pupil, and the gap to all other swv, both with
        90 % interval; beside it the p-value of dealing the label anew.

    Raises
    ------
    InputError
        See `per_pupil`; or no swv has a region.
    """
    new, old = pair(ds, policy, baseline)
    date, where = year_of(ds, year), attribution_of(ds, attribution)
    try:
        groups = region_groups(ds)
    except ValueError as error:
        raise wrong("region", "no swv has a region", "fill that column of the swv table") from error
    if table is None:
        table = regions_table(
            ds.sel(year=[date]), policy=new, baseline=old, attribution=where, groups=groups
        )
    table = table.sel(year=date)
    names = [str(name) for name in table["group"].values]
    with page("regions", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(0.62 * len(names) + 1.2)
        at = np.arange(len(names))
        zero_line(made)
        shown = [
            words.join([words.name("region", part) for part in groups[name]], "or")
            for name in names
        ]
        for measure, offset, colour, marker in (
            ("difference", -0.16, BLUE, "o"),
            ("gap", 0.16, GREEN, "D"),
        ):
            low, high = table[f"{measure}_low"].to_numpy(), table[f"{measure}_high"].to_numpy()
            centre = table[measure].to_numpy()
            made.hlines(at + offset, low, high, color=colour, linewidth=2.2, zorder=2)
            dots = made.scatter(
                centre,
                at + offset,
                s=30,
                color=colour,
                marker=marker,
                zorder=3,
                label=words(f"regions_{measure}"),
            )
            sheet.tips(
                dots,
                [
                    f"{name}: {words.number(c, sign=True)} "
                    f"({words.number(lo, sign=True)} … {words.number(hi, sign=True)})"
                    for name, c, lo, hi in zip(shown, centre, low, high, strict=True)
                ],
            )
        many = table["swv_count"].to_numpy()
        chance = table["p_value"].to_numpy()
        ends = np.concatenate(
            [
                table[f"{m}_{side}"].to_numpy()
                for m in ("difference", "gap")
                for side in ("low", "high")
            ]
        )
        made.set_xlim(*headroom(min(0.0, float(ends.min())), max(0.0, float(ends.max()))))
        for place, p in enumerate(chance):
            made.text(
                1.02,
                place + 0.16,
                f"p = {words.number(float(p), 3 if p < 0.1 else 2)}",
                transform=made.get_yaxis_transform(),
                va="center",
                fontsize=SMALL,
            )
        name_rows(
            made,
            [
                f"{name}\n({n:.0f} swv)"
                for name, n in zip(shown, np.broadcast_to(many, at.shape), strict=True)
            ],
        )
        number_axis(made, "x", words, sign=True)
        grid(made, "x")
        made.set_xlabel(words("regions_axis"))
        legend_above(
            made, columns=2, left=-0.35, handlelength=2.0, handletextpad=0.2, fontsize=SIZE
        )
        what = words("against", policy=new, baseline=old, year=date)
        listed = [
            words(
                "regions_one",
                name=name,
                euro=words.number(float(d), sign=True),
                gap=words.number(float(g), sign=True),
                p=words.number(float(p), 3),
            )
            for name, d, g, p in zip(
                shown, table["difference"].to_numpy(), table["gap"].to_numpy(), chance, strict=True
            )
        ]
        drawn = [f"{m}{end}" for m in ("difference", "gap") for end in ("", "_low", "_high")]
        sheet.say(
            words("regions_alt", what=what, listed="; ".join(listed)),
            words("regions_caption", what=what),
            sheet.sure(
                (np.stack([table[f"{name}_mcse"] for name in drawn]), "euro"),
                (table["p_value_mcse"], "p"),
            ),
        )
    return made
