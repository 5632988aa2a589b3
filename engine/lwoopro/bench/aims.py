"""What was aimed for, beside what was measured; whether it was reached or not."""

from dataclasses import dataclass
from typing import Any

from lwoopro.bench.cases import COEFFICIENTS, EXPERT, LATTICE, PARAMETERS, PLAIN, POLICY
from lwoopro.bench.contest import ENGINE

__all__ = ["Aim", "aims"]


@dataclass(frozen=True)
class Aim:
    """A figure with the bound that it should keep.

    Attributes
    ----------
    what : str
    wanted, measured : float
    unit : str
        "×", "s" or "ns".
    at_least : bool
        The bound is a lower one.
    """

    what: str
    wanted: float
    measured: float
    unit: str
    at_least: bool

    @property
    def reached(self) -> bool:
        """Whether the bound is kept."""
        if self.at_least:
            return self.measured >= self.wanted
        return self.measured <= self.wanted


def aims(results: dict[str, Any]) -> list[Aim]:
    """Hold the measured figures against the aims.

    Parameters
    ----------
    results : dict
        From `results.measure`.

    Returns
    -------
    list of Aim
        Without those that were not measured.
    """
    measured = {
        (case["name"], row["name"], row["cores"]): row
        for case in results["cases"]
        for row in case["contestants"]
        if row["status"] == "measured"
    }
    commands = {command["name"]: command["seconds"]["median"] for command in results["commands"]}
    found = []

    def faster(name: str, cores: int, wanted: float) -> None:
        row = measured.get(("whole draw", name, cores))
        if row is not None:
            what = f"whole draw: faster than {name}"
            found.append(Aim(what, wanted, row["ratio"]["median"], "×", True))

    for name in (PLAIN, EXPERT, LATTICE):
        faster(name, 1, 150)
    faster("polars", 2, 60)
    faster("DuckDB", 2, 60)
    faster("numbagg", 2, 30)
    faster("flox", 1, 30)
    draw = measured.get(("whole draw", ENGINE, 1))
    if draw is not None:
        each = 1e9 * draw["seconds"]["median"] / results["data"]["pupils_drawn"]
        what = "whole draw: core-nanoseconds per pupil who differs between draws"
        found.append(Aim(what, 2.5, each, "ns", False))
    for name, wanted in ((PARAMETERS, 3), (COEFFICIENTS, 3), (POLICY, 1.02)):
        row = measured.get(("more uncertainty", name, 1))
        if row is not None:
            what = f"cost over the plain draw: {name.partition(', ')[2]}"
            found.append(Aim(what, wanted, row["ratio"]["median"], "×", False))
    for name, what, wanted in (
        ("help", "`lwoopro --help`", 0.4),
        ("results", "national study, 1,000 draws × 4 years, as a process, results on disk", 5),
        ("national", "the same with tables and report", 5),
    ):
        if name in commands:
            found.append(Aim(what, wanted, commands[name], "s", False))
    if {"first", "one-year"} <= commands.keys():
        compilation = commands["first"] - commands["one-year"]
        found.append(Aim("compilation in a first study", 15, compilation, "s", False))
    return found
