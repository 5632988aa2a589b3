"""What ``lwoopro run --analytic`` writes and shows (Q-5)."""

from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr
from rich.table import Table

from lwoopro.analysis.certainty import analytic_summary
from lwoopro.errors import InputError, Problem
from lwoopro.report.privacy import find
from lwoopro.report.tables import ANALYTIC_TABLES, save, withhold
from lwoopro.report.terminal import new_console
from lwoopro.simulation.answer import run_analytic
from lwoopro.simulation.location import at_hand
from lwoopro.simulation.results import results_folder
from lwoopro.study import Study

__all__ = ["answer", "show_answer", "write_answer"]

SHOWN: Final = 20
"""So many swv with the largest budgets stand on the terminal."""

_LOW_END: Final = 1.645
"""Standard deviations to the low end of a 90 % interval."""


def answer(study: Study, out: str | None, *, resume: bool, quiet: bool) -> None:
    """Answer a study without drawing; write its results and tables, and show them.

    Parameters
    ----------
    study : Study
    out : str or None
        Folder or address for the results.
    resume : bool
        Asked for on the command line; there is nothing to continue.
    quiet : bool
        Show nothing.
    """
    if resume:
        what = "the analytic answer makes no draws, so there is nothing to continue"
        raise InputError(Problem("--resume", what, "leave it out, or --analytic"))
    results = run_analytic(study, out)
    folder = results_folder(study, None) if out is None else out
    with at_hand(folder) as here:
        write_answer(results, here)
    if not quiet:
        show_answer(results, folder)


def write_answer(results: xr.Dataset, folder: Path) -> list[Path]:
    """Write the tables of an analytic answer; what too few pupils stand behind is withheld.

    Parameters
    ----------
    results : Dataset
        From `run_analytic`.
    folder : Path

    Returns
    -------
    list of Path
        The files, sorted.
    """
    results = results.load()
    expected = results["analytic_target_pupils"]
    # the low end of what the target group may count; no more than that of independent pupils
    low = (expected - _LOW_END * np.sqrt(expected)).clip(min=0).expand_dims("draw")
    nobody = results["asylum_category_pupils"] * 0
    judged = results.drop_dims("draw").assign(
        target_pupils=low,
        category_pupils=nobody.expand_dims("draw"),
        target_category_pupils=nobody.expand_dims("draw") * xr.zeros_like(results["share"]),
    )
    privacy = find(judged)
    made = {name: make(results) for name, make in ANALYTIC_TABLES.items()}
    return save(
        {name: withhold(name, one, privacy) for name, one in made.items() if one is not None},
        folder,
    )


def show_answer(results: xr.Dataset, folder: Path | str) -> None:
    """Print mean, spread and interval of the last year's scores and budgets.

    Parameters
    ----------
    results : Dataset
        From `run_analytic`.
    folder : path
        Folder of the results.
    """
    out = new_console()
    found = analytic_summary(results)
    year = int(results["year"][-1])
    policies = [str(name) for name in found["policy"].values]
    # the last policy that draws change, or else the last that is worked out
    spread = found["light_support_sd"].sel(year=year)
    known = [name for name in policies if not np.isnan(spread.sel(policy=name)).any()]
    moving = [name for name in known if float(spread.sel(policy=name).max()) > 0]
    if known:
        policy = (moving or known)[-1]
        out.print(_table(found.sel(year=year), results, policy, year))
    absent = [name for name in policies if name not in known]
    if absent:
        out.print(
            f"Not worked out without draws (threshold or regional lift): {', '.join(absent)}."
        )
    for line in results.attrs["notes"]:
        out.print(f"  - {line}")
    out.print("Assumed, without a source:")
    for line in results.attrs["assumed"]:
        out.print(f"  - {line}")
    out.print(f"Results: {folder}/results.zarr\nTables: {folder}/tables")


def _table(found: xr.Dataset, results: xr.Dataset, policy: str, year: int) -> Table:
    """List the largest budgets of one policy, with the scores that it follows."""
    one = found.sel(policy=policy)
    at = results[["policy_share", "policy_attribution"]].sel(policy=policy).compute()
    where, share = str(at["policy_attribution"].values), float(at["policy_share"])
    table = Table(
        title=f"{policy}, 1 October {year}: worked out without draws",
        caption="Mean, standard deviation and normal 90 % interval.",
    )
    heads = ["swv", "light support, 1000 euro", "s.d.", "90 % interval"]
    if where:
        heads += ["disadvantage score", "s.d."]
        one = one.sel(attribution=where, share=share)
    for head in heads:
        table.add_column(head, justify="left" if head == "swv" else "right")
    for j in np.argsort(-one["light_support"].values, kind="stable")[:SHOWN]:
        row = one.isel(swv=int(j))
        low, high = (float(row[f"light_support_{end}"]) / 1000 for end in ("low", "high"))
        cells = [
            str(row["swv"].values),
            f"{float(row['light_support']) / 1000:,.0f}",
            f"{float(row['light_support_sd']) / 1000:,.1f}",
            f"{low:,.0f} … {high:,.0f}",
        ]
        if where:
            cells += [
                f"{float(row['disadvantage_score']):,.1f}",
                f"{float(row['disadvantage_score_sd']):,.1f}",
            ]
        table.add_row(*cells)
    return table
