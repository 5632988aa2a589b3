"""The order of evidence of U-3 and U-4, one step at a time."""

import re
from collections.abc import Sequence

import pandas as pd
import pytest

from lwoopro.duo.placement import EVIDENCE, place, placements

ONE = "10AA00"


def locations(*rows: tuple[str, ...], columns: str) -> pd.DataFrame:
    names = columns.split()
    frame = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows], columns=names)
    if "location" in names:
        frame["brin"] = [location[:4] for location in frame["location"]]
    return frame.astype(object)


def placed(
    units: list[tuple[str, str]],
    registry: Sequence[tuple[str, str, str]] = (),
    published: Sequence[tuple[str, str]] = (),
    postcodes: Sequence[tuple[str, str]] = (),
    explicit: dict[str, str] | None = None,
) -> tuple[str, str]:
    """Swv and evidence of the first unit."""
    result = place(
        locations(*units, columns="location swv"),
        locations(*registry, columns="location swv postcode"),
        locations(*published, columns="location swv"),
        locations(*postcodes, columns="postcode swv"),
        explicit or {},
    )
    assert len(result) == len(units)
    assert set(result["evidence"]) <= set(EVIDENCE)
    return result["swv"].iloc[0], result["evidence"].iloc[0]


EVERYTHING = {
    "units": [(ONE, "VO2002"), ("10AA01", "")],
    "registry": [
        (ONE, "", "1003"),
        ("10AA02", "VO2004", ""),
        ("10AA03", "VO2004", ""),
        ("10AA04", "VO2004", ""),
    ],
    "published": [(ONE, "VO2001"), ("10AA09", "VO0001"), ("99ZZ00", "VO2005")],
    "postcodes": [("1003", "VO2003")],
    "explicit": {ONE: "VO2005"},
}


def without(*left_out: str) -> dict[str, object]:
    """All evidence on `ONE`, each kind for another swv, less some kinds."""
    case: dict[str, list] = {k: list(v) for k, v in EVERYTHING.items() if k != "explicit"}
    explicit = {} if "table" in left_out else EVERYTHING["explicit"]
    if "rsvo" in left_out:
        case["published"].remove(("10AA09", "VO0001"))
    if "list" in left_out:
        case["published"].remove((ONE, "VO2001"))
    if "column" in left_out:
        case["units"][0] = (ONE, "")
    if "postcode" in left_out:
        case["registry"][0] = (ONE, "", "")
    if "school" in left_out:
        case["registry"] = case["registry"][:1]
    return {**case, "explicit": explicit}


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        ("", ("VO0001", "rsvo")),
        ("rsvo", ("VO2001", "list")),
        ("rsvo list", ("VO2002", "column")),
        ("rsvo list column", ("VO2003", "postcode")),
        ("rsvo list column postcode", ("VO2004", "school")),
        ("rsvo list column postcode school", ("VO2005", "table")),
        ("rsvo list column postcode school table", ("", "unplaced")),
    ],
)
def test_each_kind_of_evidence_goes_before_the_next(
    left_out: str, expected: tuple[str, str]
) -> None:
    assert placed(**without(*left_out.split())) == expected


def test_rsvo_holds_for_every_location_of_the_brin() -> None:
    result = place(
        locations(("10AA00", ""), ("10AA07", "VO2002"), ("10AB00", ""), columns="location swv"),
        locations(columns="location swv postcode"),
        locations(("10AA00", "VO2001"), ("10AA03", "VO0001"), columns="location swv"),
        locations(columns="postcode swv"),
        {},
    )
    assert result["swv"].tolist() == ["VO0001", "VO0001", ""]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (["VO2001"], ("VO2001", "school")),
        (["VO2001", "VO2001", "VO2002"], ("VO2001", "school")),
        (["VO2001", "VO2002"], ("", "unplaced")),  # a tie
        (["VO2001", "VO2001", "VO2002", "VO2003"], ("", "unplaced")),  # half is not most
        ([], ("", "unplaced")),
    ],
)
def test_most_other_locations_is_more_than_half(
    others: list[str], expected: tuple[str, str]
) -> None:
    published = [(f"10AA{n + 10}", swv) for n, swv in enumerate(others)]
    published.append(("10AB00", "VO2009"))  # another school
    assert placed([(ONE, "")], published=published) == expected
    published.reverse()
    assert placed([(ONE, "")], published=published) == expected


def test_locations_placed_by_their_school_do_not_vote() -> None:
    published = [("10AA10", "VO2001"), ("10AA11", "VO2002")]
    units = [(ONE, ""), ("10AA01", ""), ("10AA02", "")]
    assert placed(units, published=published) == ("", "unplaced")


def test_a_location_counts_once_however_many_lists_have_it() -> None:
    assert placed(
        [(ONE, ""), ("10AA01", "VO2001")],
        registry=[("10AA01", "VO2001", "1001")],
        published=[("10AA01", "VO2001"), ("10AA02", "VO2002")],
        postcodes=[("1001", "VO2001")],
    ) == ("", "unplaced")


def test_a_postcode_that_no_list_has_says_nothing() -> None:
    assert placed([(ONE, "")], registry=[(ONE, "", "1001")], postcodes=[("1002", "VO2001")]) == (
        "",
        "unplaced",
    )


def test_the_explicit_table_is_used_only_for_swv_that_the_lists_know() -> None:
    explicit = {ONE: "VO2001"}
    assert placed([(ONE, "")], explicit=explicit) == ("", "unplaced")
    known = [("1001", "VO2001")]
    assert placed([(ONE, "")], postcodes=known, explicit=explicit) == ("VO2001", "table")


def test_the_bundled_table() -> None:
    table = placements()
    assert len(table) == 19
    assert table["25GV31"] == "VO2103"
    for location, swv in table.items():
        assert re.fullmatch(r"[0-9]{2}[A-Z]{2}[0-9]{2}", location)
        assert re.fullmatch(r"VO[0-9]{4}", swv)
