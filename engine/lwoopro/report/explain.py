"""`lwoopro explain`: one swv's amount, step by step, as text for people."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from lwoopro.analysis.explanation import EACH, Explanation, Step, explain
from lwoopro.errors import InputError, Problem
from lwoopro.report.terminal import interval, number, sampled_table
from lwoopro.study.words import nearest

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["explanation_of", "explanation_table", "show_explanation"]

_WIDTH: Final = 100

_UNITS: Final = {"euro": ", €", "%": ", %"}
"""Behind the name; pupils and points are named by it."""

_DIGITS: Final = {"pupils": 0, "euro": 0, "%": 2, "points": 1}


def explanation_of(
    results: "xr.Dataset", swv: str, policy: str | None = None, year: int | None = None
) -> Explanation:
    """`explain`, with errors for people.

    Parameters
    ----------
    results : Dataset
    swv : str
    policy : str, optional
    year : int, optional

    Returns
    -------
    Explanation

    Raises
    ------
    InputError
        The results have no such swv, policy or year; the nearest known one is named.
    """
    problems = [
        _unknown(f"--{name}", str(wanted), [str(known) for known in results[name].values])
        for name, wanted in (("swv", swv), ("policy", policy), ("year", year))
        if wanted is not None and wanted not in results[name].values.tolist()
    ]
    if problems:
        raise InputError(problems)
    return explain(results, swv=swv, policy=policy, year=year)


def _unknown(where: str, wanted: str, known: Sequence[str]) -> Problem:
    return Problem(
        where, f"these results have no {wanted}", f"the nearest is {nearest(wanted, known)}"
    )


def explanation_table(found: Explanation) -> Table:
    """Lay an explanation out as a table for the terminal.

    Parameters
    ----------
    found : Explanation

    Returns
    -------
    rich.table.Table
    """
    of = f"lowest {100 * found.share:g} %, by {found.attribution}" if found.share else ""
    table = sampled_table(
        f"{found.swv}: {found.policy}, 1 October {found.year}" + (f" ({of})" if of else ""),
        "Mean over the draws; no interval where no draw changes it. S in score points.",
        [""],
        ["amount", f"{100 * found.level:g} % interval", "the country"],
    )
    last = ""
    for step in found.steps:
        if last and step.group != last:
            table.add_section()
        last = step.group
        table.add_row(f"{step.name}{_UNITS.get(step.unit, '')}", *_numbers(step))
    return table


def _numbers(step: Step) -> Iterator[str]:
    """Amount, interval and the country's amount, each followed by its error."""
    digits = 3 if step.name == EACH else _DIGITS[step.unit]
    form = f"{'+' if step.name == 'difference' else ''},.{digits}f"
    yield from number(step.estimate, form)
    yield from interval(step.interval, form) if step.varies else ("", "")
    if step.country is not None:
        yield from number(step.country, f",.{digits}f")


def show_explanation(found: Explanation) -> None:
    """Print an explanation; plain text keeps one width when it is no terminal.

    Parameters
    ----------
    found : Explanation
    """
    terminal = sys.stdout.isatty()
    console = Console(highlight=False, width=None if terminal else _WIDTH)
    console.print(explanation_table(found))
