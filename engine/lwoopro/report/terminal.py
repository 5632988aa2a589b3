"""What the terminal shows: progress, the summary of a run, the forecast of a study."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

if TYPE_CHECKING:
    import xarray as xr

    from lwoopro.duo import DuoResult
    from lwoopro.simulation.drawing import State, Watch
    from lwoopro.simulation.forecast import Forecast
    from lwoopro.study import Study

__all__ = ["progress_display", "show_duo", "show_forecast", "show_summary"]

SHOWN: Final = 10
"""So many swv that gain most, and that lose most, stand in the summary."""

_WIDTH: Final = 100


def new_console() -> Console:
    """Console of the present standard output; plain text keeps one width when it is no terminal."""
    terminal = sys.stdout.isatty()
    return Console(highlight=False, soft_wrap=False, width=None if terminal else _WIDTH)


@contextmanager
def progress_display(quiet: bool) -> "Iterator[Watch | None]":
    """Show how far a run is: a bar on a terminal, a few plain lines otherwise.

    Parameters
    ----------
    quiet : bool
        Show nothing.

    Yields
    ------
    callable or None
        Takes the `State` of the run.
    """
    if quiet:
        yield None
    elif sys.stdout.isatty():
        with _bar() as report:
            yield report
    else:
        yield _plain_lines()


@contextmanager
def _bar() -> "Iterator[Watch]":
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    clock = _Clock()
    with Progress(*columns, console=new_console()) as bar:
        task = bar.add_task("reading and preparing", total=None, rate="")

        def report(state: "State") -> None:
            bar.update(
                task,
                description=state.what,
                completed=state.draws,
                total=state.all_draws,
                rate="  ".join(clock.words(state)),
            )

        yield report


def _plain_lines() -> "Watch":
    clock = _Clock()
    console = new_console()
    last = -1
    workers: int | None = None
    what = "draws"

    def report(state: "State") -> None:
        nonlocal last, workers, what
        words = clock.words(state)
        tenth = 10 * state.draws // state.all_draws
        if state.what != what:
            what, last = state.what, -1
        # in a log: a line per tenth, and one where helpers come or go
        moved = state.place != "threads" and state.workers != workers
        if tenth > last or moved:
            last, workers = max(tenth, last), state.workers
            of = "" if state.what == "draws" else f" for the {state.what}"
            text = f"{state.draws} of {state.all_draws} draws{of}"
            # also where nobody may see it before the end: a log is read while it grows
            console.print("  ".join([text, *words]))
            console.file.flush()

    return report


class _Clock:
    """Words about a run; the rate is that of this run, not of an earlier one it continues."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._start: tuple[float, int] | None = None
        self._what = "draws"

    def words(self, state: "State") -> list[str]:
        """Blocks, draws per second, time left, workers."""
        if self._start is None or state.what != self._what:
            self._start, self._what = (self._now(), state.draws), state.what
        since, first = self._start
        passed, fresh = self._now() - since, state.draws - first
        words = [f"{state.blocks} of {state.all_blocks} blocks"]
        if fresh and passed > 0:
            words.append(f"{fresh / passed:,.3g} draws/s")
            if state.draws < state.all_draws:
                words.append(f"{_time((state.all_draws - state.draws) * passed / fresh)} left")
        words.append(_staff(state))
        return words


def _time(seconds: float) -> str:
    """Say a time as people do: 40 s, 12 min, 3.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _staff(state: "State") -> str:
    if state.place == "threads":
        return f"{state.workers} thread{'s' if state.workers != 1 else ''}"
    if not state.workers:
        return "waiting for workers"
    return f"{state.workers} worker{'s' if state.workers != 1 else ''}"


def show_summary(results: "xr.Dataset", folder: str | Path, *, report: bool = False) -> None:
    """Print the end of a run: national figures, who gains and loses most, what is assumed.

    Parameters
    ----------
    results : Dataset
    folder : str or Path
        Folder of the run, or its address.
    report : bool
        A report was written there.
    """
    console = new_console()
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
    inside = f"{folder}{'/' if '://' in str(folder) else os.sep}"
    console.print(f"Results: {inside}results.zarr\nManifest: {inside}manifest.json")
    if report:
        console.print(f"Report: {inside}report.html")


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
    console = new_console()
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
    console = new_console()
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
