"""What the terminal shows: progress, the summary of a run, the forecast of a study."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

if TYPE_CHECKING:
    import xarray as xr

    from lwoopro.analysis.estimates import Estimate, Interval
    from lwoopro.duo import DuoResult
    from lwoopro.simulation.drawing import State, Watch
    from lwoopro.simulation.forecast import Forecast
    from lwoopro.study import Study

__all__ = [
    "busy",
    "interval",
    "number",
    "progress_display",
    "sampled_table",
    "show_duo",
    "show_forecast",
    "show_summary",
]

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
def busy(what: str, quiet: bool = False) -> Iterator[None]:
    """Show on a terminal that something takes its time; in a log it says nothing.

    Parameters
    ----------
    what : str
    quiet : bool
        Show nothing.
    """
    if quiet or not sys.stdout.isatty():
        yield
        return
    with new_console().status(what):
        yield


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


def sampled_table(title: str, caption: str, plain: Sequence[str], sampled: Sequence[str]) -> Table:
    """Make a table of numbers over draws: every column of them is followed by one for their errors.

    Parameters
    ----------
    title, caption : str
    plain : sequence of str
        Heads of the first columns: names, and numbers that no draw changes.
    sampled : sequence of str
        Heads of the columns of numbers, whose cells come from `number` and `interval`.
    """
    table = Table(
        title=title,
        caption=f"{caption} {_SURE}".strip(),
        caption_justify="left",
        box=SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
        show_edge=False,
    )
    for place, head in enumerate(plain):
        table.add_column(head, justify="right" if place else "left")
    for head in sampled:
        table.add_column(head, justify="right", no_wrap=True)
        table.add_column("±", justify="right", no_wrap=True)
    return table


_SURE: Final = "±: Monte-Carlo standard error; behind an interval, that of its less certain end."


def number(one: "Estimate", form: str, scale: float = 1.0) -> tuple[str, str]:
    """Write an estimate, and its error.

    Parameters
    ----------
    one : Estimate
    form : str
        Of the number, as ``+,.0f``.
    scale : float
        From the estimate's unit to what is written.
    """
    return f"{one.value * scale:{form}}", _error(one.mcse * scale)


def interval(both: "Interval", form: str, scale: float = 1.0) -> tuple[str, str]:
    """Write an interval, and the larger error of its ends; arguments as `number`."""
    low, high = (f"{end.value * scale:{form}}" for end in (both.low, both.high))
    return f"{low} … {high}", _error(both.mcse * scale) or ("0" if both.open else "")


def _error(error: float) -> str:
    """Write an error without its sign; nothing where there is none."""
    from lwoopro.report.language import Language

    return Language("en").error(error)[2:]


def _national(results: "xr.Dataset") -> Table:
    """National figures per year: mean over the draws, and its Monte-Carlo standard error."""
    from lwoopro.analysis.estimates import means

    share = 0.20 if 0.20 in results["share"].values else float(results["share"][-1])
    title = f"National figures, {results.sizes['draw']} draws, share {share:.0%}"
    table = sampled_table(title, "", ("1 October", "pupils"), [head for head, _ in _NATIONAL])
    for year in results["year"].values:
        one = results.sel(year=year, share=share).isel(attribution=0)
        figures = [number(means(one[name].compute()).at(), ",.3f") for _, name in _NATIONAL]
        pupils = f"{int(one['pupils'].sum()):,}"
        table.add_row(str(year), pupils, *(text for pair in figures for text in pair))
    return table


_NATIONAL: Final = (
    ("cut score c", "cut_score"),
    ("national mean A", "mean_score"),
    ("target mean G", "target_mean"),
)


def _winners_and_losers(results: "xr.Dataset", policy: str, baseline: str) -> Table:
    from lwoopro.analysis.change import LOSSES, change
    from lwoopro.analysis.estimates import chances, spread

    year = int(results["year"][-1])
    found = change(results.sel(year=[year]), policy, baseline).sel(year=year)
    euro, share = spread(found["change"], "swv"), spread(found["relative"], "swv")
    losses = [chances(found["relative"] <= -loss, "swv") for loss in LOSSES]
    order = np.argsort(-euro.mean.value, kind="stable")
    count = len(order)
    picked = order if count <= 2 * SHOWN else np.r_[order[:SHOWN], order[count - SHOWN :]]
    table = sampled_table(
        f"{policy} against {baseline}, 1 October {year}: light support",
        "Change in 1000 euro and in %, mean over the draws; chance of losing 10 and 20 % or more.",
        ["swv"],
        ["change", "90 % interval", "%", "P(≤ −10 %)", "P(≤ −20 %)"],
    )
    for place, j in enumerate(map(int, picked)):
        table.add_row(
            str(found["swv"].values[j]),
            *number(euro.mean.at(j), "+,.0f", 1e-3),
            *interval(euro.interval.at(j), "+,.0f", 1e-3),
            *number(share.mean.at(j), "+.1f", 100),
            *(text for chance in losses for text in number(chance.at(j), ".3f")),
            end_section=count > 2 * SHOWN and place == SHOWN - 1,
        )
    return table


def _lumpsum(results: "xr.Dataset") -> Table:
    """Show the cut of basic funding in the last funded year, per growth scenario (R-8)."""
    from lwoopro.analysis.estimates import Estimates, Interval
    from lwoopro.analysis.lumpsum import BOUNDS, exceedance, fan

    last = int(results["funding_year"][-1])
    cut = fan(results["lumpsum_cut"].sel(funding_year=last), (0.05, 0.5, 0.95))
    chance = Estimates.of(exceedance(results), "ever", "growth", "bound")
    low, middle, high = (
        Estimates.of(cut.isel(quantile=k), "band", "growth") for k in range(cut.sizes["quantile"])
    )
    table = sampled_table(
        f"Cut of basic funding for growth of pro, {last}",
        "Median and 90 % interval over the draws; a minus is a refund. Chance that the cut exceeds "
        f"a bound in any year from {int(results['funding_year'][0])}.",
        ["growth"],
        ["cut, %", "90 % interval", *(f"P(>{bound:.1%})" for bound in BOUNDS)],
    )
    for g, name in enumerate(results["growth"].values.tolist()):
        table.add_row(
            name,
            *number(middle.at(g), "+.2f", 100),
            *interval(Interval(low.at(g), high.at(g)), "+.2f", 100),
            *(text for k in range(len(BOUNDS)) for text in number(chance.at(g, k), ".3f")),
        )
    return table


def show_forecast(study: "Study", forecast: "Forecast") -> None:
    """Print what a study would run, how large it is and how long it takes."""
    from lwoopro.report.within import draws_within
    from lwoopro.simulation.results import IN_MEMORY

    console = new_console()
    table = Table(title=f"{study.path}: nothing wrong found", show_header=False)
    for name, value in forecast.lines():
        table.add_row(name, value)
    shown = draws_within(forecast.result_bytes, forecast.draws, study.compute.memory_bytes)
    if forecast.result_bytes >= IN_MEMORY:
        most = forecast.result_bytes * shown / forecast.draws / 2
        table.add_row("memory of tables and report", f"up to {most / 1e6:,.0f} MB more")
    if shown < forecast.draws:
        table.add_row("tables and report", f"of about the first {shown:,} draws, as memory allows")
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
