"""The report in a real browser: quiet console, pictures, sorting, keyboard, phone, dark, print."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.report.browser import Browser
from tests.report.conftest import SWV

FOUND = Browser.find()

pytestmark = pytest.mark.skipif(FOUND is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert FOUND is not None
    with Browser(FOUND, tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.mark.parametrize(("name", "language"), [("report.html", "en"), ("report-nl.html", "nl")])
@pytest.mark.parametrize(("width", "dark"), [(1200, False), (390, True)])
def test_it_opens_without_a_complaint_and_every_picture_has_size(
    browser: Browser, everything: Path, name: str, language: str, width: int, dark: bool
) -> None:
    browser.size(width, dark=dark)
    browser.open(everything / name)
    assert browser.complaints() == []
    assert browser.run("document.documentElement.lang") == language
    sent = [one for one in browser.requests() if not one.startswith("data:")]
    assert sent == [(everything / name).resolve().as_uri()], "nothing is fetched"
    sizes = browser.run(
        "[...document.querySelectorAll('figure svg')].map((s) => "
        "[s.getBoundingClientRect().width, s.getBoundingClientRect().height])"
    )
    assert len(sizes) > 15
    assert all(w > 150 and h > 40 for w, h in sizes)
    whole = browser.run("document.documentElement.scrollWidth")
    assert whole <= width, "the page does not run out of its width"
    paper = browser.run("getComputedStyle(document.body).backgroundColor")
    level = sum(map(int, re.findall(r"\d+", paper)[:3])) / 3
    assert level < 60 if dark else level > 240


def test_text_can_be_read_in_light_and_dark(browser: Browser, everything: Path) -> None:
    script = """
      (() => {
        const light = (text) => {
          const [r, g, b] = text.match(/[\\d.]+/g).map(Number);
          const part = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
          return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
        };
        const paper = light(getComputedStyle(document.body).backgroundColor);
        return ["p", ".small", "a", "td.gain", "td.loss", "td small", "figcaption"].map((one) => {
          const ink = light(getComputedStyle(document.querySelector("main " + one)).color);
          const [high, low] = ink > paper ? [ink, paper] : [paper, ink];
          return [one, (high + 0.05) / (low + 0.05)];
        });
      })()"""
    for dark in (False, True):
        browser.size(1200, dark=dark)
        browser.open(everything / "report.html")
        for name, contrast in browser.run(script):
            assert contrast >= 4.5, (name, dark)


def column(browser: Browser, table: str, place: int) -> list[str]:
    found = browser.run(
        f"[...document.querySelectorAll('#{table} tbody tr')]"
        f".map((row) => row.cells[{place}].dataset.v ?? row.cells[{place}].textContent)"
    )
    assert isinstance(found, list)
    return found


def test_a_table_sorts_up_and_down_by_mouse_and_keyboard(
    browser: Browser, everything: Path
) -> None:
    browser.size(1200)
    browser.open(everything / "report.html")
    head = "document.querySelector('#tab-swv th:nth-child(6)')"
    assert browser.run(f"{head}.getAttribute('aria-sort')") == "none"
    browser.run(f"{head}.querySelector('button').click()")
    assert browser.run(f"{head}.getAttribute('aria-sort')") == "descending"
    down = [float(value) for value in column(browser, "tab-swv", 5)]
    assert down == sorted(down, reverse=True) and len(set(down)) == len(SWV)
    browser.run(f"{head}.querySelector('button').focus()")
    browser.keys("Enter")
    assert browser.run(f"{head}.getAttribute('aria-sort')") == "ascending"
    assert [float(value) for value in column(browser, "tab-swv", 5)] == down[::-1]
    browser.run("document.querySelector('#tab-swv th button').click()")
    names = column(browser, "tab-swv", 0)
    assert [name[:6] for name in names] == list(SWV)
    assert browser.run(f"{head}.getAttribute('aria-sort')") == "none"


def test_a_long_table_is_filtered(browser: Browser, everything: Path) -> None:
    browser.open(everything / "report.html")
    field = "document.querySelector('#profile .filter input')"
    assert browser.run(f"{field}.labels[0].textContent.length > 3")
    browser.run(f"{field}.value = 'TURKEY'; {field}.dispatchEvent(new Event('input'))")
    shown = browser.run(
        "[...document.querySelectorAll('#tab-profile tbody tr')].filter((r) => !r.hidden)"
        ".map((r) => r.cells[0].textContent)"
    )
    assert shown == ["origin of the parents: Turkey"]
    said = browser.run("document.querySelector('#profile .filter [role=status]').textContent")
    assert re.fullmatch(r"1 / \d+", said)


def test_keyboard_reaches_the_answer_and_a_swv(browser: Browser, everything: Path) -> None:
    browser.size(1200)
    browser.open(everything / "report.html")
    browser.keys("Tab")
    assert browser.run("document.activeElement.className") == "skip"
    browser.keys("Enter")
    assert browser.run("location.hash") == "#answer"
    browser.run("document.querySelector('#VO2810 summary').focus()")
    browser.keys("Enter")
    assert browser.run("document.querySelector('#VO2810').open")
    # a link of a table opens the page of its swv
    browser.open(everything / "report.html", "#VO2708")
    script = "new Promise((r) => setTimeout(() => r(document.querySelector('#VO2708').open), 50))"
    assert browser.run(script)


def test_it_prints_with_the_page_of_every_swv_open(
    browser: Browser, everything: Path, tmp_path: Path
) -> None:
    browser.size(1200, dark=True)
    browser.open(everything / "report.html")
    browser.pdf(tmp_path / "report.pdf")
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-") and len(content) > 100_000
    pages = len(re.findall(rb"/Type\s*/Page\b", content))
    assert pages > len(SWV) + 8, "every swv begins a page"
    assert not browser.run("document.querySelector('#VO2708').open"), "closed again"
