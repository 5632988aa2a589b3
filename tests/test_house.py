"""How the house is kept: short modules, no ignore without its reason, no circle of imports."""

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import lwoopro
from tests.test_layering import imports

ENGINE = Path(lwoopro.__file__).parent
PROJECT = Path(__file__).parents[1]
MOST_LINES = 500

IGNORE = re.compile(r"#\s*(type:\s*ignore|noqa|mypy:|ruff:|pragma:)")
"""What silences a checker."""


def modules() -> list[Path]:
    return sorted(ENGINE.rglob("*.py"))


def unexplained(text: str) -> Iterator[int]:
    """Lines that silence a checker with no word why: behind it, or in a comment just above."""
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        found = IGNORE.search(line)
        if found is None or line[: found.start()].count('"') % 2:
            continue
        above = lines[number - 2].strip() if number > 1 else ""
        if "#" not in line[found.end() :] and not above.startswith("# "):
            yield number


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ENGINE)))
def test_a_module_has_one_topic(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


def test_an_ignore_gives_its_reason() -> None:
    of_tests = [*(PROJECT / "tests").rglob("*.py"), *(PROJECT / "benchmarks").rglob("*.py")]
    for path in [*modules(), *of_tests]:
        lines = list(unexplained(path.read_text("utf-8")))
        assert not lines, f"{path}, lines {lines}: say why"


def test_what_counts_as_a_reason() -> None:
    mark = "# type" + ": ignore[arg-type]"
    assert list(unexplained(f"a = f(1)  {mark}\n")) == [1]
    assert list(unexplained(f"a = f(1)  {mark}  # pandas types it wrongly\n")) == []
    assert list(unexplained(f"# pandas types it wrongly\na = f(1)  {mark}\n")) == []
    assert list(unexplained("b = 2\nimport a  # no" + "qa: F401\n")) == [2]
    assert list(unexplained(f'text = "{mark}"\n')) == []


def test_no_modules_import_each_other() -> None:
    """Also where an import stands inside a function."""
    names = {
        path: ".".join(("lwoopro", *path.relative_to(ENGINE).with_suffix("").parts))
        for path in modules()
    }
    known = set(names.values())
    graph = {
        name: {other for other in imports(path) if other in known and other != name}
        for path, name in names.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")
