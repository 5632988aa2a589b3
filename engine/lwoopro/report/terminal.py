"""What the terminal shows: progress, the summary of a run, the forecast of a study."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    import xarray as xr

    from lwoopro.duo import DuoResult
    from lwoopro.simulation.forecast import Forecast
    from lwoopro.study import Study

__all__ = ["progress_display", "show_duo", "show_forecast", "show_summary"]

SHOWN: Final = 10
"""So many swv that gain most, and that lose most, stand in the summary."""

_WIDTH: Final = 100


def _console() -> Console:
    """Console of the present standard output; plain text keeps one width when it is no terminal."""
    terminal = sys.stdout.isatty()
    return Console(highlight=False, soft_wrap=False, width=None if terminal else _WIDTH)


@contextmanager
def progress_display(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show how many draws are done: a bar on a terminal, plain lines otherwise.

    Parameters
    ----------
    quiet : bool
        Show nothing.

    Yields
    ------
    callable or None
        Takes the number of finished draws and of all draws.
    """
    if quiet:
        yield None
    elif sys.stdout.isatty():
        with _bar() as report:
            yield report
    else:
        yield _plain_lines()


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    clock = _Clock()
    with Progress(*columns, console=_console()) as bar:
        task = bar.add_task("reading and preparing", total=None, rate="")

        def report(done: int, total: int) -> None:
            bar.update(
                task, description="draws", completed=done, total=total, rate=clock.rate(done)
            )

        yield report


def _plain_lines() -> Callable[[int, int], None]:
    clock = _Clock()
    console = _console()
    last = -1

    def report(done: int, total: int) -> None:
        nonlocal last
        tenth = 10 * done // total
        if tenth > last:
            last = tenth
            console.print(f"{done} of {total} draws  {clock.rate(done)}  {clock.left(done, total)}")

    return report


class _Clock:
    """Rate since the first report: what an earlier run did is not ours."""

    def __init__(self) -> None:
        self._start: tuple[float, int] | None = None

    def _speed(self, done: int) -> float:
        if self._start is None:
            self._start = (time.perf_counter(), done)
        since, first = self._start
        passed = time.perf_counter() - since
        return (done - first) / passed if passed > 0 else 0.0

    def rate(self, done: int) -> str:
        speed = self._speed(done)
        return f"{speed:,.0f} draws/s" if speed else ""

    def left(self, done: int, total: int) -> str:
        speed = self._speed(done)
        return f"{(total - done) / speed:.0f} s left" if speed and done < total else ""


def show_summary(results: "xr.Dataset", folder: Path) -> None:
    """Print the end of a run: national figures, who gains and loses most, what is assumed.

    Parameters
    ----------
    results : Dataset
    folder : Path
        Folder of the run.
    """
    console = _console()
    console.print(_national(results))
    baseline = str(results.attrs["baseline"])
    policies = [name for name in results["policy"].values.tolist() if name != baseline]
    if policies:
        console.print(_winners_and_losers(results, policies[-1], baseline))
        if len(policies) > 1:
            console.print(f"The other policies stand in the results: {', '.join(policies[:-1])}.")
    if "lumpsum_cut" in results:
        console.print(_lumpsum(results))
    if results.attrs.get("notes"):
        console.print("To know when reading this:")
        for line in results.attrs["notes"]:
            console.print(f"  - {line}")
    console.print("Assumed, without a source:")
    for line in results.attrs["assumed"]:
        console.print(f"  - {line}")
    console.print(f"Results: {folder / 'results.zarr'}\nManifest: {folder / 'manifest.json'}")


def _national(results: "xr.Dataset") -> Table:
    """National figures per year: mean over the draws, and its Monte-Carlo standard error."""
    share = 0.20 if 0.20 in results["share"].values else float(results["share"][-1])
    table = Table(title=f"National figures, {results.sizes['draw']} draws, share {share:.0%}")
    for head in ("1 October", "pupils", "cut score c", "national mean A", "target mean G"):
        table.add_column(head, justify="right")
    for year in results["year"].values:
        one = results.sel(year=year, share=share).isel(attribution=0)
        figures = [_with_error(one[name].values) for name in _NATIONAL]
        table.add_row(str(year), f"{int(one['pupils'].sum()):,}", *figures)
    return table


_NATIONAL: Final = ("cut_score", "mean_score", "target_mean")


def _with_error(draws: "np.ndarray[Any, Any]") -> str:
    if len(draws) == 1:
        return f"{draws.mean():.3f}"
    return f"{draws.mean():.3f} ± {draws.std(ddof=1) / np.sqrt(len(draws)):.3f}"


def _winners_and_losers(results: "xr.Dataset", policy: str, baseline: str) -> Table:
    from lwoopro.analysis.change import LOSSES, change, change_summary

    year = int(results["year"][-1])
    summary = change_summary(change(results, policy, baseline).sel(year=[year])).isel(year=0)
    order = np.argsort(-summary["mean"].values, kind="stable")
    count = len(order)
    picked = order if count <= 2 * SHOWN else np.r_[order[:SHOWN], order[count - SHOWN :]]
    table = Table(
        title=f"{policy} against {baseline}, 1 October {year}: light support",
        caption="Mean over the draws, 90 % interval, chance of losing more than 10 and 20 %.\n"
        "± is the Monte-Carlo standard error.",
    )
    for head in ("swv", "change, 1000 euro", "90 % interval", "%", "P(≤ −10 %)", "P(≤ −20 %)"):
        table.add_column(head, justify="left" if head == "swv" else "right")
    for place, j in enumerate(picked):
        one = summary.isel(swv=int(j))
        table.add_row(
            str(one["swv"].values),
            f"{_thousand(one['mean'])} ± {float(one['mean_mcse']) / 1000:,.1f}",
            f"{_thousand(one['low'])} … {_thousand(one['high'])}",
            f"{100 * float(one['relative']):+.1f}",
            *(
                f"{float(one['probability'][k]):.3f} ± {float(one['probability_mcse'][k]):.3f}"
                for k in range(len(LOSSES))
            ),
            end_section=count > 2 * SHOWN and place == SHOWN - 1,
        )
    return table


def _lumpsum(results: "xr.Dataset") -> Table:
    """Show the cut of basic funding in the last funded year, per growth scenario (R-8)."""
    from lwoopro.analysis.lumpsum import BOUNDS, exceedance, fan

    last = int(results["funding_year"][-1])
    cut = fan(results["lumpsum_cut"].sel(funding_year=last) * 100, (0.05, 0.5, 0.95))
    chance = exceedance(results)
    table = Table(
        title=f"Cut of basic funding for growth of pro, {last}",
        caption="Median and 90 % interval over the draws; a minus is a refund. "
        f"Chance that the cut exceeds a bound in any year from {int(results['funding_year'][0])}.",
    )
    for head in ("growth", "cut, %", "90 % interval", *(f"P(> {bound:.1%})" for bound in BOUNDS)):
        table.add_column(head, justify="left" if head == "growth" else "right")
    for name in results["growth"].values.tolist():
        low, middle, high = (float(one) for one in cut["band"].sel(growth=name))
        one = chance.sel(growth=name)
        table.add_row(
            name,
            f"{middle:+.2f} ± {float(cut['band_mcse'].sel(growth=name)[1]):.2f}",
            f"{low:+.2f} … {high:+.2f}",
            *(
                f"{float(one['ever'][k]):.3f} ± {float(one['ever_mcse'][k]):.3f}"
                for k in range(len(BOUNDS))
            ),
        )
    return table


def _thousand(euro: "xr.DataArray") -> str:
    return f"{float(euro) / 1000:+,.0f}"


def show_forecast(study: "Study", forecast: "Forecast") -> None:
    """Print what a study would run, how large it is and how long it takes."""
    console = _console()
    table = Table(title=f"{study.path}: nothing wrong found", show_header=False)
    for name, value in forecast.lines():
        table.add_row(name, value)
    console.print(table)
    console.print("Assumed, without a source:")
    for line in forecast.assumed:
        console.print(f"  - {line}")


def show_duo(result: "DuoResult", folder: Path) -> None:
    """Print how many locations were placed by which evidence, and what was written (U-3, U-4).

    Parameters
    ----------
    result : DuoResult
    folder : Path
        Where the files were written.
    """
    console = _console()
    summary = result.summary
    table = Table(title=f"{summary.swv} swv: where the school locations were placed")
    for head in ("evidence", "locations", "pupils", "upper vmbo", "exam candidates"):
        table.add_column(head, justify="left" if head == "evidence" else "right")
    for row in summary.evidence:
        counts = (row.locations, row.pupils, row.upper_vmbo, row.candidates)
        table.add_row(row.description, *(f"{count:,.10g}" for count in counts))
    console.print(table)
    console.print(
        f"vo {summary.pupils:,.0f} pupils, upper vmbo {summary.upper_vmbo:,.0f}, "
        f"pro {summary.pro:,.0f}, lwoo {summary.lwoo:,.0f}"
    )
    if summary.suppressed or summary.suppressed_candidates:
        console.print(
            f"<5 was read as 2.5: {summary.suppressed} counts of pupils, "
            f"{summary.suppressed_candidates} of candidates"
        )
    for name in ("swv.csv", "cohorts.csv", "unplaced.csv"):
        console.print(str(folder / name))
