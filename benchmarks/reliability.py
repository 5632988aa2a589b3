"""Reliability by size: ``python -m benchmarks.reliability`` (R-3, U-5).

Runs ``configs/schools.toml`` and its twin by swv, and writes ``benchmarks/results/reliability.csv``
and ``reliability.svg``: how far imputation moves a disadvantage score, against number of pupils.
"""

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import xarray as xr

from lwoopro.analysis.reliability import reliability, reliability_by_size
from lwoopro.simulation.runner import run
from lwoopro.study import load_study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CONFIG: Final = Path(__file__).parents[1] / "configs" / "schools.toml"
RESULTS: Final = Path(__file__).parent / "results"
LIMIT: Final = 40
SWV_SIZES: Final = (0, 1000, 2000, 3000, 5000)


def results_of(unit: str, draws: int | None, folder: Path) -> xr.Dataset:
    """Run the study by school, or by swv."""
    path = folder / f"{unit}.toml"
    text = CONFIG.read_text("utf-8").replace('"school" ', f'"{unit}" ')
    if unit == "swv":
        text = text.replace("shares =", 'attribution = ["school"]\nshares =')
    path.write_text(text, "utf-8")
    return run(load_study(path).with_overrides(draws=draws), folder / unit)


def figure(by_school: xr.Dataset, by_swv: xr.Dataset) -> "Figure":
    """Spread against size, one point per unit and year, on two logarithmic scales."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    plt.rcParams["svg.hashsalt"] = "lwoopro"
    drawn, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for part, name, colour in ((by_school, "schools", "#1b6ca8"), (by_swv, "swv", "#c65b1f")):
        known = (part["relative_sd"] > 0) & (part["pupils"] > 0)
        size = part["pupils"].values[known.values]
        spread = 100 * part["relative_sd"].values[known.values]
        axes.scatter(size, spread, s=4, alpha=0.4, color=colour, label=name)
    middle = float(np.nanmedian(by_school["relative_sd"] * np.sqrt(by_school["pupils"])))
    line = np.geomspace(15, 15_000, 50)
    axes.plot(line, 100 * middle / np.sqrt(line), color="0.3", lw=1, label=f"{middle:.2f} / √n")
    axes.axvline(LIMIT, color="0.5", ls=":", label="40 pupils")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("upper-vmbo pupils")
    axes.set_ylabel("s.d. of S over the draws, % of its mean")
    axes.legend(fontsize=8)
    return drawn


def readme_lines(lines: pd.DataFrame) -> list[str]:
    """Lines of the README's table: one per class of size."""
    found = [
        "| units | pupils | number, two years | s.d. of S, % of S (median) | 90 % have less than |"
        " reliability |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for row in lines.to_dict("records"):
        low, high = row["pupils_from"], row["pupils_below"]
        size = f"{low:,.0f} – {high:,.0f}" if low else f"below {high:,.0f}"
        size = size if np.isfinite(high) else f"{low:,.0f} and more"
        found.append(
            f"| {'schools' if row['by'] == 'school' else 'swv'} | {size} | {row['units']} | "
            f"{100 * row['relative_sd']:.1f} ± {100 * row['relative_sd_mcse']:.1f} | "
            f"{100 * row['relative_sd_high']:.0f} | {row['reliability']:.3f} |"
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        schools = results_of("school", given.draws, Path(folder))
        swv = results_of("swv", given.draws, Path(folder))
        tables = {
            "school": reliability_by_size(schools),
            "swv": reliability_by_size(swv, sizes=SWV_SIZES),
        }
        units = reliability(schools), reliability(swv)
    lines = pd.concat({name: table.to_dataframe() for name, table in tables.items()}, names=["by"])
    lines = lines.reset_index().rename(columns={"size": "pupils_from", "upper": "pupils_below"})
    front = ["by", "pupils_from", "pupils_below"]
    lines = lines[[*front, *(name for name in lines if name not in front)]]
    print("\n".join(readme_lines(lines)))
    lines.round(5).to_csv(given.out / "reliability.csv", index=False)
    figure(*units).savefig(given.out / "reliability.svg", dpi=150, metadata={"Date": None})


if __name__ == "__main__":
    main()
