"""`lwoopro explain`: one swv's amount, step by step, as text for people."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from lwoopro.analysis.explanation import EACH, Explanation, Step, explain
from lwoopro.errors import InputError, Problem
from lwoopro.study.words import nearest

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["explanation_of", "explanation_table", "show_explanation"]

_WIDTH: Final = 100

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
    table = Table(
        title=f"{found.swv}: {found.policy}, 1 October {found.year}" + (f" ({of})" if of else ""),
        caption="Mean over the draws; ± is its Monte-Carlo standard error. No interval: no draw "
        "changes it.",
        box=SIMPLE,
    )
    interval = f"{100 * found.level:g} % interval"
    for head in ("", "unit", "amount", "±", interval, "the country"):
        table.add_column(head, justify="left" if head in ("", "unit") else "right")
    last = ""
    for step in found.steps:
        if last and step.group != last:
            table.add_section()
        last = step.group
        table.add_row(step.name, step.unit, *_numbers(step))
    return table


def _numbers(step: Step) -> tuple[str, str, str, str]:
    signed = "+" if step.name == "difference" else ""
    digits = 3 if step.name == EACH else _DIGITS[step.unit]

    def text(value: float, sign: str = signed) -> str:
        return f"{value:{sign},.{digits}f}"

    whole = "" if step.national is None else text(step.national, "")
    if not step.varies:
        return text(step.mean), "", "", whole
    error = f"{step.mcse:,.{0 if step.mcse >= 100 else max(digits, 1)}f}"
    return text(step.mean), error, f"{text(step.low)} … {text(step.high)}", whole


def show_explanation(found: Explanation) -> None:
    """Print an explanation; plain text keeps one width when it is no terminal.

    Parameters
    ----------
    found : Explanation
    """
    terminal = sys.stdout.isatty()
    console = Console(highlight=False, width=None if terminal else _WIDTH)
    console.print(explanation_table(found))
