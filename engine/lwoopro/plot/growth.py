"""Pro growth and the cut that pays for it: stock, fan charts, who receives and who pays (R-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lwoopro.analysis.estimates import Estimates, means
from lwoopro.analysis.lumpsum import (
    BOUNDS,
    exceedance,
    national_pro_pupils,
    net_position_by_group,
)
from lwoopro.analysis.lumpsum import cut_per_pupil as cut_table
from lwoopro.plot.choose import growth_of, known, need, spread, swv_of, wrong
from lwoopro.plot.places import label
from lwoopro.plot.rows import name_rows
from lwoopro.plot.style import (
    BLUE,
    FAINT,
    GREY,
    INK,
    LOSS,
    PALETTE,
    SIZE,
    SMALL,
    Page,
    grid,
    legend_above,
    no_zero,
    number_axis,
    page,
    year_axis,
    zero_line,
)

__all__ = ["cut_exceedance", "cut_per_pupil", "lumpsum_cut", "net_position", "pro_pupils"]

Kind = Literal["high", "low", "swv"]

_HOW: Final = "add [pro] and a [growth.<name>] to the study and run it again"


def _needed(ds: xr.Dataset, *names: str) -> None:
    need(ds, names, "growth of pro", _HOW)


@dataclass(frozen=True, eq=False)
class _Fans:
    """Quantiles of the draws in every year: (quantile, growth, year)."""

    growths: Sequence[str]
    years: NDArray[np.int64]
    bands: Estimates

    def ends(self) -> list[tuple[str, float, float, float]]:
        """Give every scenario with its median and 90 % interval in the last year."""
        low, middle, high = (self.bands.value[k, :, -1].tolist() for k in (0, 2, 4))
        return list(zip(self.growths, middle, low, high, strict=True))


def _fans(values: xr.DataArray, growth: str | None) -> _Fans:
    """Fans of one growth scenario or of all; dimensions draw, growth, a year."""
    time = next(str(dim) for dim in values.dims if str(dim).endswith("_year"))
    names = [growth] if growth else [str(name) for name in values["growth"].values]
    bands = spread(values.sel(growth=names), "growth", time)
    return _Fans(names, values[time].values, bands)


def _courses(sheet: Page, fans: _Fans, scale: float) -> Axes:
    """Draw the fan of one growth scenario, or medians and 90 % of all."""
    words = sheet.words
    years = fans.years
    made = sheet.axes(3.3)
    bands = fans.bands.value * scale
    if len(fans.growths) == 1:
        band = bands[:, 0]
        for low, high, alpha in ((0, 4, 0.22), (1, 3, 0.38)):
            made.fill_between(
                years,
                band[low],
                band[high],
                color=BLUE,
                alpha=alpha,
                linewidth=0,
                label=words("interval_90" if low == 0 else "interval_50"),
            )
        made.plot(years, band[2], color=BLUE, linewidth=2.0, label=words("median"))
    else:
        for place, name in enumerate(fans.growths):
            band = bands[:, place]
            colour = INK if place == 0 else PALETTE[(place - 1) % len(PALETTE)]
            style = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)))[place % 4]
            made.fill_between(years, band[0], band[4], color=colour, alpha=0.10, linewidth=0)
            made.plot(years, band[2], color=colour, linewidth=1.8, linestyle=style, label=name)
    legend_above(made, left=-0.02, handlelength=2.0)
    year_axis(made, int(years[0]), int(years[-1]))
    grid(made, "y")
    number_axis(made, "y", words)
    return made


def pro_pupils(
    ds: xr.Dataset,
    *,
    growth: str | None = None,
    swv: str | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the number of pro pupils over the years (P-1, P-2).

    Parameters
    ----------
    ds : Dataset
    growth : str, optional
        One growth scenario, with 50 % and 90 % intervals; by default all, with their medians and
        90 % intervals.
    swv : str, optional
        Code; by default the whole country.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Thousands of pupils for the country, pupils for a swv.

    Raises
    ------
    InputError
        The results have no growth scenarios, or no such one, or no such swv.
    """
    _needed(ds, "pro_pupils", "pro_reference_count")
    if growth is not None:
        growth = growth_of(ds, growth)
    code = swv_of(ds, swv)[0] if swv is not None else None
    if code is None:
        values = national_pro_pupils(ds)
    else:
        values = ds["pro_pupils"].sel(swv=code, drop=True).compute()
    fans = _fans(values, growth)
    with page("pro_pupils", ax, language) as sheet:
        words = sheet.words
        made = _courses(sheet, fans, 1.0 if code else 1e-3)
        made.set_ylabel(words("pro_axis_swv" if code else "pro_axis"))
        if "funding_year" in ds:
            made.axvline(
                int(ds["funding_year"][0]) - 2,
                color=INK,
                alpha=FAINT,
                linewidth=0.8,
                linestyle=(0, (4, 3)),
            )
            made.annotate(
                words("reference_date"),
                (int(ds["funding_year"][0]) - 2, 0.02),
                xycoords=("data", "axes fraction"),
                xytext=(3, 0),
                textcoords="offset points",
                fontsize=SMALL,
                alpha=FAINT + 0.2,
                va="bottom",
            )
        listed = [
            f"{name} {words.number(mid)} ({words.number(low)} … {words.number(high)})"
            for name, mid, low, high in fans.ends()
        ]
        what = words(
            "pro_what",
            where=label(code) if code else words("country"),
            first=int(ds["pro_year"][0]),
            last=int(ds["pro_year"][-1]),
        )
        sheet.say(
            words("course_alt", what=what, listed="; ".join(listed)),
            words("course_caption", what=what) + " " + no_zero(made, "y", words),
            sheet.sure((fans.bands.mcse, "number")),
        )
    return made


def lumpsum_cut(
    ds: xr.Dataset,
    *,
    growth: str | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the cut of basic funding, φ, over the years (R-8, P-4).

    Parameters
    ----------
    ds : Dataset
    growth
        See `pro_pupils`.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Per cent of basic funding; below zero is a refund.

    Raises
    ------
    InputError
        See `pro_pupils`.
    """
    _needed(ds, "lumpsum_cut")
    if growth is not None:
        growth = growth_of(ds, growth)
    values = ds["lumpsum_cut"].compute()
    fans = _fans(values, growth)
    with page("lumpsum_cut", ax, language) as sheet:
        words = sheet.words
        made = _courses(sheet, fans, 100.0)
        zero_line(made, "y")
        made.set_ylabel(words("cut_axis"))
        listed = [
            f"{name} {words.percent(mid, 2)} ({words.percent(low, 2)} … {words.percent(high, 2)})"
            for name, mid, low, high in fans.ends()
        ]
        what = words("cut_what", first=int(ds["funding_year"][0]), last=int(ds["funding_year"][-1]))
        sheet.say(
            words("course_alt", what=what, listed="; ".join(listed)),
            words("course_caption", what=what) + " " + no_zero(made, "y", words),
            sheet.sure((fans.bands.mcse, "percent")),
        )
    return made


def cut_per_pupil(
    ds: xr.Dataset,
    *,
    growth: str | None = None,
    kind: Kind = "high",
    swv: str | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw what a school gives up per pupil over the years (R-8, P-4, P-8).

    Parameters
    ----------
    ds : Dataset
    growth
        See `pro_pupils`.
    kind : "high", "low" or "swv"
        A pupil of pro or upper vmbo; any other; the average vo pupil of a swv.
    swv : str, optional
        Code, for kind "swv".
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Euro per pupil.

    Raises
    ------
    InputError
        See `pro_pupils`; or another kind; or kind "swv" without a swv.
    """
    _needed(ds, "lumpsum_cut", "lumpsum_cut_amount", "basic_amount_high", "funded_vo_pupils")
    if swv is not None:
        kind = "swv"
    if kind not in ("high", "low", "swv"):
        raise wrong("kind", f"{kind!r}", "use 'high', 'low' or 'swv'")
    if kind == "swv" and swv is None:
        raise wrong("swv", "no swv is given", "name one, as VO2708")
    if growth is not None:
        growth = growth_of(ds, growth)
    code = swv_of(ds, swv)[0] if swv is not None else None
    # of no other swv is the average read
    table = cut_table(ds.isel(swv=slice(0)) if code is None else ds.sel(swv=[code]))
    values = table["swv_average"].sel(swv=code, drop=True) if code else table[kind]
    values = values.compute()
    fans = _fans(values, growth)
    with page("cut_per_pupil", ax, language) as sheet:
        words = sheet.words
        made = _courses(sheet, fans, 1.0)
        zero_line(made, "y")
        what = words(f"per_pupil_{kind}", swv=label(code) if code else "")
        made.set_ylabel(words("cut_pupil_axis"))
        listed = [
            f"{name} {words.number(mid)} ({words.number(low)} … {words.number(high)})"
            for name, mid, low, high in fans.ends()
        ]
        sheet.say(
            words("course_alt", what=what, listed="; ".join(listed)),
            words("course_caption", what=what) + " " + no_zero(made, "y", words),
            sheet.sure((fans.bands.mcse, "euro")),
        )
    return made


def cut_exceedance(
    ds: xr.Dataset,
    *,
    bounds: Sequence[float] = BOUNDS,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw the chance that the cut exceeds a bound in any year, per growth scenario (R-8).

    Parameters
    ----------
    ds : Dataset
    bounds : sequence of float
        Parts of basic funding.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        The results have no growth scenarios.
    """
    _needed(ds, "lumpsum_cut")
    table = exceedance(ds, bounds)
    names = [str(name) for name in table["growth"].values]
    with page("cut_exceedance", ax, language) as sheet:
        words = sheet.words
        made = sheet.axes(0.42 * len(names) + 1.1)
        step = 0.72 / len(bounds)
        at = np.arange(len(names))
        for place, bound in enumerate(bounds):
            chance = table["ever"].sel(bound=bound).to_numpy() * 100
            offset = (place - (len(bounds) - 1) / 2) * step
            name = words("cut_above", bound=words.bound(bound))
            bars = made.barh(
                at + offset,
                chance,
                height=step * 0.88,
                color=("#9cc9e6", BLUE, "#003a5c")[place % 3],
                label=name,
            )
            for bar, growth, value in zip(bars, names, chance, strict=True):
                sheet.tips(bar, [f"{growth}, {name}: {words.chance(value / 100)}"])
                made.text(
                    value + 1,
                    bar.get_y() + bar.get_height() / 2,
                    words.chance(float(value) / 100).removesuffix("%").strip(),
                    va="center",
                    fontsize=SMALL,
                )
        name_rows(made, names)
        made.set_xlim(0, 108)
        number_axis(made, "x", words)
        made.set_xticks([0, 25, 50, 75, 100])
        grid(made, "x")
        made.set_xlabel(words("chance_percent"))
        legend_above(made, left=-0.1, handlelength=1.0, fontsize=SIZE)
        listed = [
            f"{growth}: "
            + ", ".join(
                words("cut_above", bound=words.bound(bound))
                + " "
                + words.chance(float(table["ever"].sel(bound=bound, growth=growth)))
                for bound in bounds
            )
            for growth in names
        ]
        sheet.say(
            words("exceed_alt", listed="; ".join(listed)),
            words("exceed_caption"),
            sheet.sure((table["ever_mcse"], "percent")),
        )
    return made


def net_position(
    ds: xr.Dataset,
    *,
    growth: str | None = None,
    year: int | None = None,
    ax: Axes | None = None,
    language: str = "en",
) -> Axes:
    """Draw what schools receive for pro growth and what they pay for it, by part of pro (P-4).

    Parameters
    ----------
    ds : Dataset
    growth : str, optional
        By default the last growth scenario.
    year : int, optional
        Funded year; by default the last.
    ax : Axes, optional
    language : "en" or "nl"

    Returns
    -------
    Axes
        Three groups of swv, from little to much pro; million euro, with 90 % intervals.

    Raises
    ------
    InputError
        See `pro_pupils`; or no such funded year.
    """
    _needed(ds, "pro_pupils", "pro_reference_count", "lumpsum_cut_amount")
    name = str(ds["growth"].values[-1]) if growth is None else growth_of(ds, growth)
    date = int(ds["funding_year"][-1]) if year is None else int(known(ds, "funding_year", year))
    with xr.set_options(use_flox=False, use_numbagg=False):
        # these compile for seconds what adds up in a moment
        groups = net_position_by_group(ds.sel(growth=[name]))
    at_date = groups.sel(growth=name, funding_year=date)
    table = {
        key: at_date[key].transpose("draw", "group") / 1e6 for key in ("received", "cut", "net")
    }
    with page("net_position", ax, language) as sheet:
        words = sheet.words
        names = [words(f"pro_group_{place}") for place in range(3)]
        made = sheet.axes(2.9)
        at = np.arange(len(names))
        zero_line(made)
        said = []
        errors: list[NDArray[np.float64]] = []
        for offset, key, sign, colour in (
            (-0.26, "received", 1, BLUE),
            (0.0, "cut", -1, LOSS),
            (0.26, "net", 1, GREY),
        ):
            values = table[key] * sign
            middle, sides = means(values, "group"), spread(values, "group", at=(0.05, 0.95))
            errors += [middle.mcse, *sides.mcse]
            centre, (low, high) = middle.value, sides.value
            bars = made.barh(
                at + offset, centre, height=0.24, color=colour, label=words(f"net_{key}")
            )
            made.hlines(at + offset, low, high, color=INK, linewidth=1.0)
            for bar, group, value in zip(bars, names, centre, strict=True):
                sheet.tips(bar, [f"{group}: {words.euro(value * 1e6)}"])
            if key == "net":
                said = [
                    f"{group} {words.euro(value * 1e6, sign=True)}"
                    for group, value in zip(names, centre, strict=True)
                ]
        name_rows(made, names, above=0.6, below=0.6)
        number_axis(made, "x", words, sign=True)
        grid(made, "x")
        made.set_xlabel(words("million_euro"))
        legend_above(made, left=-0.2, handlelength=1.0, fontsize=SIZE)
        what = words("net_what", growth=name, year=date)
        sheet.say(
            words("net_alt", what=what, listed="; ".join(said)),
            words("net_caption", what=what),
            sheet.sure((np.stack(errors) * 1e6, "euro")),
        )
    return made
