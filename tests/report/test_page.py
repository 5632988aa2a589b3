"""The report as HTML: whole, self-contained, escaped, and with the numbers of the tables (R)."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from lwoopro.report.language import Language
from lwoopro.report.page import SECTIONS, page
from lwoopro.simulation.manifest import Manifest
from tests.report.conftest import POLICY, SWV

EMPTY = {"meta", "link", "input", "br", "line", "circle", "path", "use", "rect", "stop", "image"}


class Reader(HTMLParser):
    """Elements with their attributes, rows of tables, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.rows: dict[str, list[list[str]]] = {}
        self.open: list[str] = []
        self._table = ""
        self._cell = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag not in EMPTY:
            self.open.append(tag)
        if tag == "table":
            self._table = found["id"]
            self.rows[self._table] = []
        elif tag == "tr":
            self.rows[self._table].append([])
        elif tag in ("td", "th"):
            self._cell = True
            self.rows[self._table][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            return
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[self._table][-1][-1] += data


@pytest.fixture(scope="module", params=["en", "nl"])
def text(request: pytest.FixtureRequest, everything: Path) -> str:
    name = "report.html" if request.param == "en" else "report-nl.html"
    return (everything / name).read_text("utf-8")


@pytest.fixture(scope="module")
def read(text: str) -> Reader:
    return Reader(text)


def test_every_section_stands_there_in_order(read: Reader) -> None:
    found = [attrs["id"] for tag, attrs in read.elements if tag == "section"]
    assert found == [
        "answer",
        "changes",
        "map",
        "profile",
        "stability",
        "redistribution",
        "regions",
        "criteria",
        "imputation",
        "pro",
        "settlement",
        "transition",
        "swv",
        "method",
        "reproduce",
    ]
    assert len(found) == len(SECTIONS)


def test_it_is_one_well_formed_file_that_needs_no_other(text: str, read: Reader) -> None:
    assert read.open == []
    for tag, attrs in read.elements:
        for name in ("src", "href", "xlink:href", "action", "data"):
            if name in attrs:
                assert attrs[name].startswith(("#", "data:")), (tag, attrs[name])
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style and "@import" not in style
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)


def test_every_anchor_leads_somewhere_and_no_name_stands_twice(read: Reader) -> None:
    names = [attrs["id"] for _, attrs in read.elements if "id" in attrs]
    assert len(names) == len(set(names))
    wanted = {attrs["href"][1:] for tag, attrs in read.elements if tag == "a"}
    used = {attrs[n][1:] for _, attrs in read.elements for n in ("xlink:href",) if n in attrs}
    assert wanted | used <= set(names)
    labels = {attrs["aria-labelledby"] for _, attrs in read.elements if "aria-labelledby" in attrs}
    assert {one for label in labels for one in label.split()} <= set(names)


def test_every_picture_says_what_it_shows(text: str, read: Reader) -> None:
    pictures = [attrs for tag, attrs in read.elements if tag == "svg"]
    # one small one per swv, and those of the sections
    assert len(pictures) > len(SWV) + 15
    for attrs in pictures:
        assert attrs["role"] == "img" and attrs["viewbox"]
        if "aria-label" in attrs:
            assert len(attrs["aria-label"]) > 40
        else:
            names = attrs["aria-labelledby"].split()
            said = "".join(re.search(rf'id="{name}"[^>]*>([^<]*)<', text)[1] for name in names)
            assert len(said) > 40


def test_what_a_study_says_is_escaped(text: str) -> None:
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert text.count("<script") == 1


def test_it_shows_the_numbers_of_the_tables(text: str, read: Reader, everything: Path) -> None:
    t = Language("nl" if 'lang="nl"' in text[:200] else "en")
    table = pd.read_csv(everything / "tables" / "change.csv")
    table = table[(table["policy"] == POLICY) & (table["year"] == 2020)]
    wanted = table[table["measure"] == "change"].set_index(["swv", "statistic"])
    head, *rows = read.rows["tab-swv"]
    assert len(rows) == len(SWV)
    assert len(head) == len(rows[0])
    for row in rows:
        code = row[0][:6]
        mean, error = wanted.loc[(code, "mean"), ["value", "mcse"]]
        assert row[2].split()[0] == t.number(mean / 1000, 0, sign=True)
        assert abs(float(row[2].split("±")[1].replace(",", ".")) - error / 1000) <= 0.51
        low, high = (wanted.loc[(code, end), "value"] / 1000 for end in ("p5", "p95"))
        ends, both = row[4].split("±")
        errors = both.split("/")
        assert ends.strip() == t(
            "unit.range", low=t.number(low, 0, sign=True), high=t.number(high, 0, sign=True)
        )
        assert len(errors) == 2
        for shown, end in zip(errors, ("p5", "p95"), strict=True):
            stored = wanted.loc[(code, end), "mcse"] / 1000
            assert abs(float(shown.strip().replace(",", ".")) - stored) <= 0.51


def test_every_swv_has_a_page_of_its_own(read: Reader) -> None:
    pages = [
        attrs["id"]
        for tag, attrs in read.elements
        if tag == "details" and attrs.get("class") == "page"
    ]
    assert pages == list(SWV)
    for code in pages:
        policies = read.rows[f"tab-{code}"][1:]
        assert [row[0] for row in policies] == ["current", "<script>alert(1)</script>", POLICY]
        assert len(read.rows[f"src-{code}"]) == 10
        assert len(read.rows[f"pro-{code}"]) == 3


def test_what_a_study_does_not_use_is_absent_or_one_line(
    everything: Path, everything_results: xr.Dataset
) -> None:
    manifest = Manifest.load(everything)
    assert manifest is not None
    names = [
        str(name)
        for name in everything_results
        if str(name).startswith(("settlement", "border", "transition"))
        or {"growth", "funding_year"} & set(everything_results[name].dims)
    ]
    few = everything_results.drop_vars(names).sel(year=[2020], policy=["current"])
    text = page(few, manifest)
    read = Reader(text)
    found = [attrs["id"] for tag, attrs in read.elements if tag == "section"]
    assert {"changes", "map", "redistribution", "regions", "settlement"}.isdisjoint(found)
    t = Language("en")
    for key in ("stability.one_year", "pro.absent", "transition.absent"):
        assert t(key) in text
    assert "This study has one policy, current" in text
