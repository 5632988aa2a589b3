"""What the terminal shows of a recalibration (C-1)."""

from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console
from rich.table import Table

from lwoopro.recalibration.compare import LEVEL

if TYPE_CHECKING:
    from lwoopro.recalibration.recalibrate import Recalibration

__all__ = ["show_recalibration"]

_WIDTH: Final = 96
"""Fewer columns would break the numbers."""


def show_recalibration(found: "Recalibration") -> None:
    """Print the coefficients beside those in use, and which differ.

    Parameters
    ----------
    found : Recalibration
    """
    plain = Console()
    console = plain if plain.width >= _WIDTH else Console(width=_WIDTH)
    estimate = found.estimate
    console.print(
        f"{len(estimate.sample):,} pupils, R² {estimate.r_squared:.3f}; intelligence "
        f"{estimate.slope:.4g} ± {estimate.slope_se:.2g} points per unit, left out of the score"
    )
    for reason, many in estimate.sample.left_out.items():
        if many:
            console.print(f"left out, {reason}: {many:,} rows")
    title = f"Against {found.against}; * differs"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1))
    for head in ("coefficient", "estimate", "s.e.", "in use", "s.e.", "difference", "p, adjusted"):
        left = head == "coefficient"
        table.add_column(head, justify="left" if left else "right", no_wrap=True)
    for line in found.comparison.to_dict("records"):
        # a line of a whole table has no single values
        single = ("estimate", "se", "in_use", "in_use_se")
        known = line["estimate"] == line["estimate"]
        table.add_row(
            str(line["coefficient"]),
            *(f"{line[name]:.3f}" if known else "" for name in single),
            f"{line['difference']:+.3f}" if known else "",
            f"{line['p_adjusted']:.3f} {'*' if line['differs'] else ' '}",
        )
    console.print(table)
    console.print(
        "p is adjusted for the number of coefficients (Holm): the chance that any coefficient "
        f"which did not change is called different is at most {LEVEL:.0%}. Coefficients of one "
        "table share their reference code, so look at its line (together) first."
    )
    if found.path is not None:
        console.print(f"Indicator file: {found.path}")
