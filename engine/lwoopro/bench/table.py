"""The results as a table: on the terminal, and in Markdown for the README."""

from collections.abc import Iterator
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from lwoopro.bench.aims import aims
from lwoopro.bench.contest import ENGINE

__all__ = ["heading", "markdown", "show"]

_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def _time(seconds: float) -> str:
    """Write a time with three digits.

    Examples
    --------
    >>> _time(0.0004567), _time(12.3), _time(123e-9)
    ('457 µs', '12.3 s', '123 ns')
    """
    for size, name in _UNITS:
        if seconds >= 0.9995 * size or name == "ns":
            break
    return f"{_number(seconds / size)} {name}"


def _number(value: float) -> str:
    """Write three digits, and no more decimals than they need.

    Examples
    --------
    >>> _number(0.5), _number(17.25), _number(1234.5)
    ('0.50', '17.2', '1,234')
    """
    decimals = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:,.{decimals}f}"


def _spread(ratio: dict[str, float]) -> str:
    middle, low, high = (_number(ratio[key]) for key in ("median", "low", "high"))
    return f"{middle} ({low}–{high})"


def _rows(case: dict[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    """Give contestant, cores, time, ratio and note of every row of a case."""
    for row in case["contestants"]:
        name = f"**{ENGINE}**" if row["name"] == ENGINE else row["name"]
        if row["status"] != "measured":
            yield name, str(row["cores"]), row["status"], "", row["note"]
            continue
        mine = row["name"] == ENGINE and row["ratio"]["low"] == row["ratio"]["high"] == 1
        ratio = "1" if mine else _spread(row["ratio"])
        yield name, str(row["cores"]), _time(row["seconds"]["median"]), ratio, row["note"]


def heading(results: dict[str, Any]) -> str:
    """Say in words on what was measured, and when."""
    data, machine = results["data"], results["machine"]
    number = ", ".join(f"{name} {value}" for name, value in _versions(results).items())
    return (
        f"{data['pupils']:,} pupils: {data['population']}. {data['share_drawn']:.0%} of them "
        f"differ between draws ({data['pupils_drawn']:,}; {data['parents_drawn']:,} unknown "
        f"parents); {data['shares']} shares × {data['attributions']} attributions in every draw; "
        f"{data['study_draws']:,} draws in a study. "
        f"{machine['model']}, {machine['cores']} cores, {machine['system']}{_load(machine)}; "
        f"{number}; "
        f"{results['made'][:10]}{', in a hurry (--quick)' if results['quick'] else ''}."
    )


def _load(machine: dict[str, Any]) -> str:
    """Say how busy the machine was before anything was timed."""
    load = machine.get("load")
    return "" if load is None else f", load {load:.1f} before the start"


def _versions(results: dict[str, Any]) -> dict[str, str]:
    """Give the versions of everything that was timed."""
    rivals = {
        row["library"]: row["version"]
        for case in results["cases"]
        for row in case["contestants"]
        if "version" in row
    }
    return {**results["versions"], **rivals}


def show(results: dict[str, Any], console: Console) -> None:
    """Print the tables.

    Parameters
    ----------
    results : dict
        From `results.measure`.
    console : rich.console.Console
    """
    console.print(heading(results), soft_wrap=False)
    for case in results["cases"]:
        title = f"{case['name']}: {case['question']}"
        table = Table(title=title, title_justify="left", caption_justify="left", box=None)
        table.add_column("", no_wrap=True)
        table.add_column("cores", justify="right")
        table.add_column(f"per {case['unit']}", justify="right", no_wrap=True)
        table.add_column("× engine", justify="right", no_wrap=True)
        table.add_column("", overflow="fold")
        for name, *rest in _rows(case):
            table.add_row(name.replace("**", ""), *rest)
        console.print()
        console.print(table)
    table = Table(title="commands, each a new process", title_justify="left", box=None)
    table.add_column("")
    table.add_column("time", justify="right", no_wrap=True)
    for command in results["commands"]:
        table.add_row(command["what"], _time(command["seconds"]["median"]))
    console.print()
    console.print(table)
    table = Table(title="aims", title_justify="left", box=None)
    for title in ("", "wanted", "measured", "reached"):
        table.add_column(title, justify="right" if title in ("wanted", "measured") else "left")
    for row in _aims(results):
        table.add_row(*(cell.replace("`", "") for cell in row))
    console.print()
    console.print(table)


def markdown(results: dict[str, Any]) -> str:
    """Write the tables for the README.

    Parameters
    ----------
    results : dict

    Returns
    -------
    str
        Ends with a line feed.
    """
    lines = [
        heading(results),
        "",
        "| case | | cores | median time | × engine (lowest–highest) |",
        "|---|---|--:|--:|--:|",
    ]
    for case in results["cases"]:
        title = f"{case['name']}, per {case['unit']}"
        for name, cores, time, ratio, _note in _rows(case):
            lines.append(f"| {title} | {name} | {cores} | {time} | {ratio} |")
            title = ""
    lines += ["", "| command, as a new process | median time |", "|---|--:|"]
    for command in results["commands"]:
        lines.append(f"| {command['what']} | {_time(command['seconds']['median'])} |")
    lines += ["", "| aim | wanted | measured | reached |", "|---|--:|--:|---|"]
    lines += [f"| {' | '.join(row)} |" for row in _aims(results)]
    return "\n".join(lines) + "\n"


def _aims(results: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Give aim, bound, figure and verdict."""
    for aim in aims(results):
        wanted = f"{'≥' if aim.at_least else '≤'} {aim.wanted:g} {aim.unit}"
        measured = f"{_number(aim.measured)} {aim.unit}"
        yield aim.what, wanted, measured, "yes" if aim.reached else "no"
