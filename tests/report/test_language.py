"""The strings of the report: both languages, the same blanks, every one of them used."""

import re
from pathlib import Path
from string import Formatter

import pytest

import lwoopro.report
from lwoopro.errors import InputError
from lwoopro.report.language import LANGUAGES, Language, known, strings
from lwoopro.simulation.manifest import Manifest

ROOT = Path(lwoopro.report.__file__).parent

BY_NAME = (
    "said",
    "source",
    "kind",
    "attribution",
    "column",
    "code",
    "cause",
    "region",
    "criterion",
    "criterion_why",
    "rung",
    "measure",
    "part",
    "transition_kind",
    "role",
)
"""Keys whose last part is a name of the engine."""


def blanks(words: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(words) if name)


@pytest.mark.parametrize("key", sorted(strings()))
def test_both_languages_say_the_same(key: str) -> None:
    words = strings()[key]
    assert set(words) == set(LANGUAGES)
    assert blanks(words["en"]) == blanks(words["nl"])
    assert all(text == text.strip() and text for text in words.values())


def test_every_key_is_used_and_every_used_key_is_there() -> None:
    code = "".join(
        path.read_text("utf-8")
        for path in [*ROOT.rglob("*.py"), *(ROOT / "templates").glob("*.jinja")]
    )
    plain = {key for key in strings() if key.partition(".")[0] not in BY_NAME}
    named = set(re.findall(r"""["']([a-z_]+\.[a-z_0-9]+)["']""", code))
    stems = {key.partition(".")[0] for key in plain}
    files = {"swv.csv"}
    assert {name for name in named if name.partition(".")[0] in stems} - files <= set(strings())
    built = [re.escape(one) for one in re.findall(r"""f["']([a-z_]+\.[a-z_]*\{)""", code)]
    patterns = [one.replace(r"\{", "") for one in built]
    unused = {
        key for key in plain - named if not any(re.match(pattern, key) for pattern in patterns)
    }
    assert unused == set()


def test_numbers_are_written_as_the_language_does() -> None:
    en, nl = Language("en"), Language("nl")
    assert (en.number(1234567.8, 1), nl.number(1234567.8, 1)) == ("1,234,567.8", "1.234.567,8")
    assert (en.euro(-1234.5, 2), nl.euro(-1234.5, 2)) == ("−€1,234.50", "−€\xa01.234,50")
    assert nl.money(-6.05e6, 1, sign=True) == "−€\xa06,0\xa0mln"
    assert en.money(2.5e6, 1, sign=True) == "+€2.5\xa0million"
    assert [en.money(x) for x in (999_960, 999_940, 1000, 999.4, -12.0, 0.0)] == [
        "€1.0\xa0million",
        "€999.9\xa0thousand",
        "€1.0\xa0thousand",
        "€999",
        "−€12",
        "€0",
    ]
    assert nl.money(4_200, sign=True) == "+€\xa04,2\xa0duizend"
    assert en.money(4_200, like=2e6) == "€0.0\xa0million", "beside millions"
    assert en.money(float("nan")) == "–"
    assert nl.percent(0.1234, 1, sign=True) == "+12,3\xa0%"
    assert en.number(-0.004, 2) == "0.00", "no minus before a zero"
    assert en.number(float("nan")) == "–"
    assert (en.date(2020), nl.date(2020)) == ("1 October 2020", "1 oktober 2020")


def test_what_the_engine_says_is_put_into_dutch(everything: Path) -> None:
    manifest = Manifest.load(everything)
    assert manifest is not None
    lines = [*manifest.assumed, *manifest.notes]
    assert len(lines) > 10
    nl = Language("nl")
    for line in lines:
        words, code = nl.translated(line)
        assert code == "nl" and "{" not in words, line
        numbers = re.findall(r"\d+", line)
        assert re.findall(r"\d+", words) == numbers or len(numbers) > 4, "numbers are kept"
    assert nl.translated("something new") == ("something new", "en")
    assert Language("en").translated(lines[0]) == (lines[0], "en")


def test_the_report_holds_no_text_of_the_other_language(everything: Path) -> None:
    dutch = (everything / "report-nl.html").read_text("utf-8")
    english = (everything / "report.html").read_text("utf-8")
    for key in ("answer.title", "page.contents", "method.title", "swv.how"):
        assert strings()[key]["nl"] in dutch and strings()[key]["en"] not in dutch
        assert strings()[key]["en"] in english and strings()[key]["nl"] not in english


def test_another_language_is_refused() -> None:
    assert (known("nl"), known(None)) == ("nl", None)
    with pytest.raises(InputError, match="use en or nl"):
        known("fr")
