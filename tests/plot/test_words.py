"""Words and numbers in both languages."""

import re
from pathlib import Path
from string import Formatter

import pytest

import lwoopro.plot
from lwoopro import plot
from lwoopro.errors import InputError
from lwoopro.plot.words import LANGUAGES, Words, euro, number, percent, table

SOURCES = sorted(Path(lwoopro.plot.__file__).parent.glob("*.py"))


def braces(text: str) -> set[str]:
    return {str(name) for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_key_has_both_languages_and_the_same_braces() -> None:
    for key, texts in table().items():
        assert set(texts) == set(LANGUAGES), key
        assert all(text.strip() for text in texts.values()), key
        assert braces(texts["en"]) == braces(texts["nl"]), key


def test_every_key_is_used_and_every_used_key_is_there() -> None:
    code = "".join(path.read_text("utf-8") for path in SOURCES)
    plain = set(re.findall(r"words\(\s*['\"]([a-z0-9_]+)['\"]", code))
    assert plain <= set(table()), plain - set(table())
    # keys that are put together: a beginning in the code, an ending from a list
    made = set(re.findall(r"(?:words|self)\(\s*f['\"]([a-z_]+)\{", code))
    made |= {f"{kind}_" for kind in re.findall(r'words\.name\(\s*"([a-z]+)"', code)}
    for key in table():
        quoted = f'"{key}"' in code or f"'{key}'" in code
        assert quoted or any(key.startswith(start) for start in made), key


def test_units_of_percent_and_euro_have_words() -> None:
    for key in ("change_percent", "change_euro", "difference_percent", "difference_euro"):
        assert key in table()


@pytest.mark.parametrize(
    ("value", "digits", "english", "dutch"),
    [
        (1234567.891, 2, "1,234,567.89", "1.234.567,89"),
        (-0.04, 1, "0.0", "0,0"),
        (-1234.5, 1, "−1,234.5", "−1.234,5"),
        (999.95, 1, "1,000.0", "1.000,0"),
        (float("nan"), 1, "–", "–"),
    ],
)
def test_numbers(value: float, digits: int, english: str, dutch: str) -> None:
    assert number(value, digits) == english
    assert number(value, digits, "nl") == dutch


@pytest.mark.parametrize(
    ("value", "english", "dutch"),
    [
        (0.0, "€0", "€0"),
        (-0.4, "€0", "€0"),
        (999.4, "€999", "€999"),
        (999.9, "€1.0 thousand", "€1,0 duizend"),
        (-2500.0, "−€2.5 thousand", "−€2,5 duizend"),
        (999960.0, "€1.00 million", "€1,00 mln"),
        (1234567.0, "€1.23 million", "€1,23 mln"),
    ],
)
def test_amounts(value: float, english: str, dutch: str) -> None:
    assert euro(value).replace("\N{NO-BREAK SPACE}", " ") == english
    assert euro(value, "nl").replace("\N{NO-BREAK SPACE}", " ") == dutch


def test_shares_and_chances() -> None:
    words = Words("nl")
    assert percent(0.125, 1, "nl") == "12,5\N{NO-BREAK SPACE}%"
    assert words.bound(0.005).startswith("0,5") and words.bound(0.1).startswith("10")
    assert words.chance(0.001).startswith("< 1") and words.chance(0.999).startswith("> 99")
    assert words.chance(0.0).startswith("0") and words.chance(1.0).startswith("100")
    assert percent(0.02, 0, sign=True).startswith("+2")


def test_ticks_have_the_decimals_that_they_need() -> None:
    write = Words("nl").ticks(sign=True)
    assert [write(value, 0) for value in (-1000.0, -0.0, 0.5, 2.25)] == [
        "−1.000", "0", "+0,5", "+2,25",
    ]  # fmt: skip


def test_lists_in_words() -> None:
    words = Words("en")
    assert words.join([]) == "" and words.join(["a"]) == "a"
    assert words.join(["a", "b", "c"]) == "a, b and c"
    assert words.join(["a", "b"], "or") == "a or b"


def test_another_language_is_refused() -> None:
    for call in (lambda: number(1, 0, "de"), lambda: euro(1, "de"), lambda: Words("de")):
        with pytest.raises(InputError, match="not a language"):
            call()


def test_public_helpers() -> None:
    assert plot.number(1.5, 1, "nl") == "1,5"
    assert plot.euro(812) == "€812"
    assert plot.place("VO2708") == "Amsterdam" and plot.place("X") == ""
