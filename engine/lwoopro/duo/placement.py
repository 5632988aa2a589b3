"""Which swv a school location belongs to, and on what evidence (U-1, U-3, U-4)."""

from collections.abc import Mapping
from importlib import resources
from typing import Final

import pandas as pd

from lwoopro.codes import NATIONAL_SWV

__all__ = ["EVIDENCE", "UNPLACED", "place", "placements"]

UNPLACED: Final = "unplaced"

EVIDENCE: Final[Mapping[str, str]] = {
    "rsvo": f"school of {NATIONAL_SWV} by its BRIN",
    "list": "published list of locations",
    "column": "swv column of the location's own row",
    "postcode": "postcode",
    "school": "most of the school's other locations",
    "table": "explicit table of closed and other locations",
    UNPLACED: "not placed",
}
"""Kinds of evidence in the order in which they are asked."""


def placements() -> dict[str, str]:
    """Return the explicit table of U-4 that ships with the program: location → swv."""
    source = resources.files("lwoopro") / "data" / "placements.csv"
    with source.open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=str)
    return dict(zip(table["location"], table["swv"], strict=True))


def place(
    units: pd.DataFrame,
    registry: pd.DataFrame,
    published: pd.DataFrame,
    postcodes: pd.DataFrame,
    explicit: Mapping[str, str],
) -> pd.DataFrame:
    """Place locations by the order of evidence of U-3, then by the table of U-4.

    "Most" of a school's other locations is more than half of those that evidence before it places,
    each counting once, whether or not they still have pupils. Without such a majority (a tie, or a
    school spread over the country) this evidence says nothing and the explicit table is asked.

    Parameters
    ----------
    units : DataFrame
        Locations to place: `location`, `brin`, `swv` (of a swv column, or ``""``), one row each.
    registry : DataFrame
        `location`, `brin`, `swv`, `postcode`: known locations, those of `units` or not.
    published : DataFrame
        `location`, `brin`, `swv`: the published list. The BRINs it puts in VO0001 are RSVO (U-1).
    postcodes : DataFrame
        `postcode`, `swv`.
    explicit : mapping of str to str
        Location → swv. Used only where `published` or `postcodes` knows the swv.

    Returns
    -------
    DataFrame
        `units` with `swv` (``""`` where nothing places the location) and `evidence`, a key of
        `EVIDENCE`.
    """
    columns = ["location", "brin", "swv"]
    known = pd.concat([units[columns], registry[columns], published[columns]], ignore_index=True)
    # a location's own column comes first, then that of the list of locations
    own = known.iloc[: len(units) + len(registry)]
    stated = own[own["swv"] != ""].drop_duplicates("location").set_index("location")["swv"]
    known = known.drop_duplicates("location")[["location", "brin"]].reset_index(drop=True)

    rsvo = set(published.loc[published["swv"] == NATIONAL_SWV, "brin"])
    by_list = published.set_index("location")["swv"]
    postcode = registry.set_index("location")["postcode"]
    by_postcode = postcode.map(postcodes.set_index("postcode")["swv"]).dropna()

    known["swv"] = ""
    known["evidence"] = UNPLACED
    answers = {
        "rsvo": known["brin"].isin(rsvo).map({True: NATIONAL_SWV, False: None}),
        "list": known["location"].map(by_list),
        "column": known["location"].map(stated),
        "postcode": known["location"].map(by_postcode),
    }
    for evidence, answer in answers.items():
        _take(known, evidence, answer)
    _take(known, "school", known["brin"].map(_majority(known[known["evidence"] != UNPLACED])))
    codes = {*published["swv"], *postcodes["swv"], *stated}
    table = {location: swv for location, swv in explicit.items() if swv in codes}
    _take(known, "table", known["location"].map(table))

    placed = known.set_index("location").loc[units["location"], ["swv", "evidence"]]
    return units.assign(swv=placed["swv"].to_numpy(), evidence=placed["evidence"].to_numpy())


def _take(known: pd.DataFrame, evidence: str, answer: pd.Series) -> None:
    """Accept an answer for the locations that nothing before it placed."""
    use = (known["evidence"] == UNPLACED) & answer.notna()
    known.loc[use, "swv"] = answer[use]
    known.loc[use, "evidence"] = evidence


def _majority(placed: pd.DataFrame) -> dict[str, str]:
    """BRIN → the swv of more than half of its placed locations."""
    votes = placed.groupby(["brin", "swv"]).size()
    of_all = votes.groupby(level="brin").transform("sum")
    return {brin: swv for brin, swv in votes.index[votes * 2 > of_all]}
