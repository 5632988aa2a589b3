"""Values of tables that too few pupils stand behind are taken out (`lwoopro.report.privacy`)."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from lwoopro.analysis.regions import G4, SHRINKING
from lwoopro.report.education import shows_few_parents
from lwoopro.report.privacy import MOVED, Privacy

__all__ = ["withhold"]


def _of_regions(groups: Collection[str]) -> list[str]:
    """Criteria that are the part of a region, where that region's total is withheld."""
    found = [G4] if G4 in groups else []
    return [*found, "shrinking"] if set(SHRINKING) & set(groups) else found


def withhold(name: str, table: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """Take out the values of a table that too few pupils stand behind.

    Parameters
    ----------
    name : str
        Of the table.
    table : DataFrame
    privacy : Privacy

    Returns
    -------
    DataFrame
        With the same rows; ``value`` and ``mcse`` of what is withheld are NaN.
    """
    if not privacy.below:
        return table
    away = pd.Series(False, index=table.index)

    def small(column: str, names: Collection[str], where: "pd.Series[bool] | None" = None) -> None:
        nonlocal away
        found = table[column].isin(list(names))
        away |= found if where is None else found & where

    if name in ("scores", "analytic_scores"):
        for place, codes in privacy.scores.items():
            one = table["attribution"].eq(place[0]) & table["share"].eq(place[1])
            small("swv", codes, one)
    elif name in ("lumpsum_swv", "stress"):
        small("swv", privacy.pro)
    elif name == "settlement":
        small("swv", privacy.lwoo | privacy.pupils)
    elif name == "transition":
        small("swv", privacy.money(*privacy.policies))
    elif "swv" in table and "policy" in table:
        for policy in table["policy"].unique():
            baselines = table["baseline"].unique() if "baseline" in table else ()
            codes = privacy.money(policy, *baselines)
            if "per_pupil" in name:
                codes |= privacy.pupils
            small("swv", codes, table["policy"].eq(policy))
    elif "swv" in table:
        small("swv", privacy.money(*privacy.policies) | privacy.pupils)
    if name == "education_model":
        away |= shows_few_parents(table, privacy.below)
    if name == "stress":
        small("swv", privacy.money(*privacy.policies))
    if "group" in table:
        for policy in table["policy"].unique():
            groups = privacy.regions(policy, *table["baseline"].unique())
            small("group", groups, table["policy"].eq(policy))
    if name == "criteria_policies":
        for policy in privacy.moved:
            small("criterion", MOVED, table["policy"].eq(policy))
        for policy, away_groups in privacy.groups.items():
            small("criterion", _of_regions(away_groups), table["policy"].eq(policy))
    if name == "criteria_scenarios":
        for place, codes in privacy.scores.items():
            if codes:
                one = table["attribution"].eq(place[0]) & table["share"].eq(place[1])
                small("criterion", MOVED, one)
        for place, away_groups in privacy.score_groups.items():
            one = table["attribution"].eq(place[0]) & table["share"].eq(place[1])
            small("criterion", _of_regions(away_groups), one)
    if "cause" in table:
        small("swv", privacy.asylum, table["cause"].isin(("asylum", "donated")))
    if "line" in table:
        for share, lines in privacy.lines.items():
            one = table["share"].isna() if share is None else table["share"].eq(share)
            small("line", lines, one)
        away |= table["measure"].str.endswith("_size") & privacy.sizes
    if "rung" in table:
        small("rung", privacy.rungs)
    kept = table.copy()
    kept.loc[away & (kept["statistic"] != "published"), ["value", "mcse"]] = np.nan
    return kept
