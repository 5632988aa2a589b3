"""The residual table for people: as Markdown, with what it stands on and what gave way."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from lwoopro.calibration.engine import YEARS
from lwoopro.calibration.residuals import Residual

__all__ = ["write_summary"]

_NOTES: Final = """\
## What the figures stand on

- Profile: education among pupils with a score of their own (complete, no asylum), as drawn;
  origin, stay and debt among those of whom they are known, asylum pupils included; asylum among
  all. The engine's results hold no profile, so a plain NumPy draw of the same population stands in.
- Missing: a parent who is not registered counts as unknown.
- Euro: light support over the upper-vmbo pupils of 2020; V of 2019 stays.
- Shares of 2012 (`shares_2012.csv`) are *assumed*. They are derived from the published
  redistribution table, starting from registered lwoo and a regional pattern. So that table, the
  range of current amounts and the statements about regions are fitted, not found: they are no
  evidence for the population. The profile is fitted with 21 parameters.
- Composition of the cohorts (`composition.csv`) is *assumed*, too. Five cohorts of every swv have
  a small shift of the parents' latent education, derived from the published stability tables: the
  least that brings the rows near them in twelve populations, the shipped one among them. 2020
  stays where the fit has it. So the stability tables are fitted and no evidence either.

## What gave way

- The counts rule of the model, taken literally (exam candidates times 1.036 in every swv). It is a
  few per cent off in single swv: in 2019, where both are known, from −11 % (Zeist) to +24 %
  (Terneuzen), standard deviation 4 %. A school that is missing from the exam files is one cause.
  The step from exam counts to the real counts of 2019 and back is no real change, but it would move
  budgets: four stability rows of the two years that touch 2019 would miss by more than 5 swv. So
  `counts.link = 1` in `parameters.toml` gives every swv a factor of its own that makes 2019 fit;
  national totals, and the movement from year to year, still follow the exam candidates.
  `counts.link = 0` is the literal rule.
- Composition without a source, for the sake of the stability rows. Without it 2 to 3 of the 21 rows
  miss in a population. That is what chance does: a draw of one such population misses 2 rows of
  the mean of another (last table). So the published tables say nothing against populations whose
  cohorts differ by counts and chance alone, and no setting that all swv share brings every row
  within 5. Tried, eight populations each, none with fewer misses: the counts' link 0, 0.5 and 0.75;
  links per track or track group; movements of the exam counts drawn towards the swv's own trend by
  15, 30 and 50 % (grades 3 and 4 of 2019 speak against it: the real ratio of the two follows that
  of the exams with a slope of 1.05 ± 0.11); twice as many siblings; income that tells more of
  education; education that rises faster among families from abroad. Shifts per swv and cohort
  remain. They are small beside what chance does to a cohort, but they are made up.
- High education in the lowest 20 % (3 % for either parent) and primary education (39 %) pull in
  opposite directions under the default indicator. They meet when many parents have mbo4 and the
  parents of a family differ much (correlation 0.4 in truth, less as drawn).
- Within an swv the parents of the three named origins differ from Dutch parents by a wider spread,
  hardly by a lower mean: with the assumed origin coefficients (−1.0 to −1.4) a lower mean would
  put more of them into the lowest 20 % than was published.
- gl and tl follow the exams: many pupils of gl sit exams of tl, so gl is smaller in the years from
  exam candidates (15 thousand in 2020; 27 thousand enrolled). Both have the same start value.
""".splitlines()


_POPULATIONS: Final = """\

## stability in other populations

Number of swv, mean over twelve populations: without composition; with it, in the populations it was
fitted to; with it, in twelve fresh ones, and their lowest and highest. Scores as the quick draw of
the fit has them, four draws each.

| table | row | published | without | fitted | fresh | fresh, range |
|---|---|--:|--:|--:|--:|--:|
""".splitlines()


def write_summary(
    residuals: Sequence[Residual],
    path: Path,
    draws: int,
    seed: int,
    populations: Sequence[Mapping[str, str]] = (),
) -> None:
    """Write the table as Markdown, with what it was made of and what gave way.

    Parameters
    ----------
    residuals : sequence of Residual
    path : Path
    draws, seed : int
        Of the study that the residuals come from.
    populations : sequence of mapping
        Rows of ``populations.csv``.
    """
    asked = [r for r in residuals if r.within]
    missed = [r for r in asked if r.within == "no"]
    years = f"{YEARS[0]} to {YEARS[-1]}"
    lines = [
        "# How far the national population is from the published figures",
        "",
        "Written by `python -m lwoopro.calibration` beside `residuals.csv`: change that module,",
        f"not this file. {draws} draws of the default study (seed {seed}, {years},",
        "`assumed-2022`, 20 % by school against current), mean and 90 % of the draws.",
        "",
        f"{len(asked) - len(missed)} of {len(asked)} figures that a tolerance is set for are met.",
        "",
        *_NOTES,
        "",
    ]
    table = ""
    for r in residuals:
        if r.table != table:
            table = r.table
            lines += [
                "",
                f"## {table}",
                "",
                "| figure | published | mean | 90 % of draws | allowed | within | unit |",
                "|---|--:|--:|--:|--:|---|---|",
            ]
        allowed = "" if np.isnan(r.tolerance) else f"± {r.tolerance:.1f}"
        numbers = f"{r.published:,.1f} | {r.mean:,.1f} | {r.low:,.1f} to {r.high:,.1f}"
        lines.append(f"| {r.row} | {numbers} | {allowed} | {r.within} | {r.unit} |")
    if populations:
        lines += _POPULATIONS
    for p in populations:
        ends = f"{_short(p['fresh_low'])} to {_short(p['fresh_high'])}" if p["fresh"] else ""
        means = " | ".join(_short(p[name]) for name in ("plain", "fitted", "fresh"))
        lines.append(f"| {p['table']} | {p['row']} | {p['published']} | {means} | {ends} |")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _short(number: str) -> str:
    return f"{float(number):.1f}" if number else ""
