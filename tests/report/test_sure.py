"""Every mean, probability and quantile that is shown has its Monte-Carlo standard error (Q-3)."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from rich.table import Table as Grid

import lwoopro.report
from lwoopro.analysis.estimates import Estimate, Estimates, Exact, Interval
from lwoopro.analysis.explanation import explain
from lwoopro.report import terminal
from lwoopro.report.blocks import Block, Cards, Cell, Figure, Fold, Row, Section, Strip, Table
from lwoopro.report.compare import comparison_page
from lwoopro.report.context import Context
from lwoopro.report.explain import explanation_table
from lwoopro.report.findings import Findings
from lwoopro.report.language import Language
from lwoopro.report.numbers import COUNT, PER_CENT, interval_cell, number_cell
from lwoopro.report.page import SECTIONS
from lwoopro.report.privacy import find
from lwoopro.simulation.manifest import Manifest
from tests.report.conftest import POLICY
from tests.report.test_page import Reader

EXACT = {
    "tab-profile": {4, 5},  # published
    "tab-redistribution": {8},  # all swv
    "tab-stability-cells": {8},
    "tab-regions": {1},  # numbers of swv
    "tab-settlement": {1, 2, 3, 4, 5, 6, 7},  # from the swv table
    "tab-donors": {1, 2},  # of the register
}
"""Columns of numbers that no draw can change, beside those of the pages of the swv."""

RANGE = re.compile(r"\d[\d.,]*(?: %| million| mln| thousand| duizend)? (?:to|tot) [+−€ ]*\d")
"""Two numbers with a word between them: an interval, or two bounds."""


@pytest.fixture(scope="module", params=["en", "nl"])
def of(request: pytest.FixtureRequest, everything: Path, everything_results: xr.Dataset) -> Context:
    manifest = Manifest.load(everything)
    assert manifest is not None
    privacy = find(everything_results)
    return Context(Findings(everything_results), manifest, Language(request.param), privacy)


@pytest.fixture(scope="module")
def sections(of: Context) -> list[Section]:
    with xr.set_options(use_numbagg=False):
        return [made for make in SECTIONS if (made := make(of)) is not None]


def blocks(sections: list[Section]) -> Iterator[Block]:
    def inside(found: "list[Block] | tuple[Block, ...]") -> Iterator[Block]:
        for block in found:
            yield block
            if isinstance(block, Fold):
                yield from inside(list(block.blocks))
            if isinstance(block, Row):
                yield from block.figures

    for section in sections:
        yield from inside(list(section.blocks))
        for _, part in section.parts:
            yield from inside(list(part))


def numbers(table: Table) -> Iterator[tuple[int, Cell]]:
    """Cells of the columns of numbers that show one."""
    for row in table.rows:
        for place, cell in enumerate(row):
            if table.columns[place].number and cell.kind not in ("away", "empty"):
                yield place, cell


def test_no_number_is_made_without_its_error() -> None:
    with pytest.raises(TypeError):
        Estimate(1.0)  # type: ignore[call-arg]  # this is what must not be
    with pytest.raises(TypeError):
        Interval(1.0)  # type: ignore[call-arg, arg-type]  # nor this
    with pytest.raises(ValueError, match="numbers"):
        Estimates(np.zeros(3), np.zeros(2))
    with pytest.raises(KeyError):
        Estimates.of(xr.Dataset({"x": ("swv", [1.0])}), "x")


def test_every_cell_of_the_report_comes_from_a_number_with_its_error(
    sections: list[Section],
) -> None:
    tables = [block for block in blocks(sections) if isinstance(block, Table)]
    assert len(tables) > 40
    exact: dict[str, set[int]] = {}
    sure = 0
    for table in tables:
        for place, cell in numbers(table):
            where = f"{table.key}: {cell}"
            assert cell.number is not None, where
            if isinstance(cell.number, Exact):
                exact.setdefault(table.key, set()).add(place)
                assert not cell.error and not cell.range, where
            elif isinstance(cell.number, Interval):
                assert bool(cell.error) == cell.number.open, where
                assert cell.error.count("±") == cell.number.open, where
            elif cell.number.mcse > 0 and cell.number.value != 0:
                assert cell.error.startswith("±"), where
                sure += 1
            assert not cell.range or "±" in cell.range, where
    assert sure > 500
    # a new column without errors has to be written down here
    pages = {key for key in exact if key.startswith("src-")}
    assert {key: places for key, places in exact.items() if key not in pages} == EXACT
    assert all(exact[key] <= {1, 2, 3} for key in pages)


def test_errors_stand_in_cells_as_they_are() -> None:
    t = Language("en")
    ends = Interval(Estimate(0.10, 0.004), Estimate(0.20, 0.0))
    cell = number_cell(t, Estimate(0.15, 0.00123), PER_CENT, interval=ends)
    assert (cell.text, cell.error[2:]) == ("15.0", "0.12")
    assert cell.range.replace("\N{NO-BREAK SPACE}", " ") == "10.0 to 20.0 ± 0.40"
    alone = interval_cell(t, ends, PER_CENT)
    assert alone.error.replace("\N{NO-BREAK SPACE}", " ") == "± 0.40 / 0"
    same = Interval(Estimate(3.0, 0.0), Estimate(3.0, 0.0))
    assert interval_cell(t, same, COUNT).error == ""
    assert number_cell(t, Exact(3.0)).error == ""
    assert number_cell(t, Estimate(3.0, float("nan"))).error == "", "one draw has no error"


def test_cards_pictures_and_figures_say_it_too(sections: list[Section]) -> None:
    found = list(blocks(sections))
    cards = [card for block in found if isinstance(block, Cards) for card in block.cards]
    assert len(cards) == 5 and all("±" in card.sure for card in cards)
    strips = [block for block in found if isinstance(block, Strip)]
    assert strips
    for strip in strips:
        assert strip.alt.count("±") == 2 * sum(row.high > row.low for row in strip.rows) > 0
    figures = [block for block in found if isinstance(block, Figure)]
    assert len(figures) > 15
    bare = {
        figure.key
        for figure in figures
        if not re.search("standard error: at most|standaardfout: hooguit", figure.caption)
        or not re.search("standard error: at most|standaardfout: hooguit", figure.alt)
    }
    # errors themselves, and the amounts of today, which no draw changes
    assert bare <= {"fig-convergence", "fig-map-baseline_per_pupil"}


@pytest.mark.parametrize("name", ["report.html", "report-nl.html"])
def test_no_interval_stands_on_the_page_without_its_error(everything: Path, name: str) -> None:
    """Whatever made it: the page is read as people read it."""
    text = (everything / name).read_text("utf-8")
    read = Reader(text)
    many = 0
    for key, (_, *rows) in read.rows.items():
        for row in rows:
            for cell in row[1:]:
                if RANGE.search(plain(cell)):
                    many += 1
                    assert "±" in RANGE.split(plain(cell))[-1], (key, cell)
    assert many > 200
    prose = [plain(re.sub("<[^>]*>", "", one)) for one in re.findall(r"<p[ >].*?</p>", text)]
    prose += [plain(one) for one in re.findall(r'aria-label="([^"]*)"', text)]
    said = [one for one in prose if RANGE.search(one) and not BOUNDS.search(one)]
    assert said
    for one in said:
        assert re.search(r"±|standard error|standaardfout", RANGE.split(one)[-1]), one


BOUNDS = re.compile(r"2019|2020|2021|2030|1 (?:October|oktober)|levels? from|niveaus van|0-5")
"""Other pairs of numbers in prose: years, levels."""


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_comparison_says_it_too(everything: Path, everything_results: xr.Dataset) -> None:
    manifest = Manifest.load(everything)
    assert manifest is not None
    moved = everything_results.assign(
        budget=everything_results["budget"] * (1 + 0.01 * everything_results["draw"] / 12),
        lumpsum_cut=everything_results["lumpsum_cut"] * (1 + 0.1 * everything_results["draw"] / 12),
    )
    one, other = (
        Context(Findings(results), manifest, Language("en"), find(results))
        for results in (everything_results, moved)
    )
    with xr.set_options(use_numbagg=False):
        text, table = comparison_page(one, other, ("a", "b"))
    read = Reader(text)
    for key in ("tab-swv", "tab-growth"):
        for row in read.rows[key][1:]:
            assert all("±" in cell for cell in row[3:]), row
    assert all("±" in cell for row in read.rows["tab-policies"][1:] for cell in row[3:5])
    ends = [name for name in table if name.startswith("difference")]
    assert {f"{name}_mcse" for name in ends if not name.endswith("_mcse")} <= set(ends)
    assert table["difference_low_mcse"].gt(0).any()


def sampled(grid: Grid) -> Iterator[tuple[str, str, str]]:
    """Head, number and error of every sampled cell of a table for the terminal."""
    heads = [str(column.header) for column in grid.columns]
    for place, head in enumerate(heads[:-1]):
        if heads[place + 1] == "±":
            cells = zip(grid.columns[place].cells, grid.columns[place + 1].cells, strict=True)
            yield from ((head, str(number), str(error)) for number, error in cells)


def test_the_terminal_says_it_too(everything_results: xr.Dataset) -> None:
    tables = {
        "national": terminal._national(everything_results),
        "swv": terminal._winners_and_losers(everything_results, POLICY, "current"),
        "lumpsum": terminal._lumpsum(everything_results),
    }
    plain_heads = {"national": 2, "swv": 1, "lumpsum": 1}
    for name, grid in tables.items():
        heads = [str(column.header) for column in grid.columns]
        assert set(heads[plain_heads[name] + 1 :: 2]) == {"±"}, heads
        found = list(sampled(grid))
        assert len(found) == len(grid.rows) * (len(heads) - plain_heads[name]) // 2
        for cell in found if name != "national" else ():
            assert cell[2] and float(cell[2]) > 0, (name, cell)
    # so few draws may all have one cut
    one = everything_results.isel(attribution=0).sel(share=0.20)
    varies = [
        float(np.ptp(one[variable].sel(year=year).to_numpy())) > 0
        for variable in ("cut_score", "mean_score", "target_mean")
        for year in one["year"].values
    ]
    assert [bool(error) for _, _, error in sampled(tables["national"])] == varies
    assert any(varies)


def test_an_explanation_says_it_too(everything_results: xr.Dataset) -> None:
    found = explain(everything_results, swv="VO2810")
    grid = explanation_table(found)
    varies = [step.varies for step in found.steps]
    assert any(varies) and not all(varies)
    cells = list(sampled(grid))
    for head in ("amount", "90 % interval"):
        errors = [error for one, _, error in cells if one == head]
        assert [bool(error) for error in errors] == varies
    whole = [(n, e) for head, n, e in cells if head == "the country"]
    for step, (number, error) in zip(found.steps, whole, strict=True):
        assert bool(number) == (step.national is not None)
        assert bool(error) == ((step.national_mcse or 0) > 0)


def test_no_cell_is_written_by_hand() -> None:
    """Numbers reach a cell through `lwoopro.report.numbers` alone."""
    folder = Path(lwoopro.report.__file__).parent
    for path in [*folder.glob("sections/*.py"), folder / "compare.py", folder / "context.py"]:
        code = path.read_text("utf-8")
        assert not re.search(r"Cell\(\s*(?:of\.)?t\.(?:number|percent|euro|money)\(", code), path
        assert "_mcse" not in code or path.name == "compare.py", path
