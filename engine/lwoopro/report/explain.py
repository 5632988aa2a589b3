"""`lwoopro explain`: one swv's amount, step by step, as text for people."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from lwoopro.analysis.explanation import Explanation, Step, explain
from lwoopro.errors import InputError, Problem
from lwoopro.study.words import nearest

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["explanation_of", "explanation_table", "show_explanation"]

_WIDTH: Final = 100

_HEADS: Final = {
    "pupils": "Pupils",
    "disadvantage": "Disadvantage",
    "money": "Money",
    "comparison": "Against",
}


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
        caption=f"Mean over the draws and {100 * found.level:g} % interval; ± is the Monte-Carlo "
        "standard error. No interval: no draw changes it.",
    )
    for head in ("", "step", "amount", "interval", "the country"):
        table.add_column(head, justify="left" if head in ("", "step") else "right")
    last = ""
    for step in found.steps:
        if last and step.group != last:
            table.add_section()
        head = _HEADS[step.group] if step.group != last else ""
        last = step.group
        table.add_row(head, step.name, *_numbers(step))
    return table


def _numbers(step: Step) -> tuple[str, str, str]:
    signed = step.group == "comparison" and step.name == "difference"
    digits = {"pupils": 0, "euro": 0, "%": 2, "score points": 1}[step.unit]
    if step.name.startswith("score per"):
        digits = 3

    def text(value: float) -> str:
        return f"{value:{'+' if signed else ''},.{digits}f}"

    unit = "" if step.unit in ("pupils", "score points") else f" {step.unit}"
    amount = f"{text(step.mean)}{unit}"
    interval = ""
    if step.varies:
        amount += f" ± {step.mcse:,.{max(digits, 1)}f}"
        interval = f"{text(step.low)} … {text(step.high)}"
    whole = "" if step.national is None else f"{step.national:,.{digits}f}{unit}"
    return amount, interval, whole


def show_explanation(found: Explanation) -> None:
    """Print an explanation; plain text keeps one width when it is no terminal.

    Parameters
    ----------
    found : Explanation
    """
    terminal = sys.stdout.isatty()
    console = Console(highlight=False, width=None if terminal else _WIDTH)
    console.print(explanation_table(found))
