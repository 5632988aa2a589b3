"""The public interface is described in one shape: what goes in and comes out, errors, clause."""

import inspect
import re
from typing import Any

import pytest

import lwoopro

SECTIONS = ("Parameters", "Attributes", "Returns", "Raises", "Notes", "Examples")
CLAUSE = re.compile(r"\b[USITDBXPQRC]-\d+\b")
UNIT = re.compile(
    r"\b(euro|cents?|pupils?|points?|%|fraction|share|probabilit|number|millionths|years?|units?)",
    re.IGNORECASE,
)
WITHOUT_CLAUSE = {
    "InputError": "says what is wrong in any part",
    "Problem": "says what is wrong in any part",
    "Study": "all clauses",
    "compare_runs": "two runs of anything",
    "load_study": "all clauses",
    "open_results": "all clauses",
    "run": "all clauses",
    "tables": "all clauses",
    "write_tables": "all clauses",
}
"""Public names that are about no clause of the model, and why."""


def sections(text: str) -> dict[str, str]:
    """Parts of a docstring by heading; what stands before the first has the name ''."""
    parts = re.split(r"^(\w+)\n-+\n", text, flags=re.MULTILINE)
    names = parts[1::2]
    assert set(names) <= set(SECTIONS), names
    assert names == [name for name in SECTIONS if name in names], f"in another order: {names}"
    return dict(zip(["", *names], parts[::2], strict=True))


def described(section: str) -> set[str]:
    """Names that a section lists, several before one colon or on a line of their own."""
    lines = [line for line in section.splitlines() if line and not line.startswith(" ")]
    return {name.strip(" *") for line in lines for name in line.split(" : ")[0].split(",")}


def public() -> list[Any]:
    return [pytest.param(name, getattr(lwoopro, name), id=name) for name in lwoopro.__all__]


@pytest.mark.parametrize(("name", "what"), public())
def test_it_is_described(name: str, what: Any) -> None:
    text = inspect.getdoc(what) or ""
    found = sections(text)
    first = text.split("\n")[0]
    assert first.endswith(".") and len(first) < 100
    if name not in WITHOUT_CLAUSE:
        assert CLAUSE.search(text), "which clause?"
    if inspect.isclass(what):
        assert "Attributes" in found
        return
    signature = inspect.signature(what)
    if signature.parameters:
        missing = set(signature.parameters) - described(found.get("Parameters", ""))
        assert not missing, f"not described: {missing}"
    if signature.return_annotation is not None:
        assert "Returns" in found
    if re.search("Dataset|DataArray|NDArray|float", str(signature.return_annotation)):
        assert UNIT.search(text), "in which unit?"
    if "NDArray" in str(signature):
        assert re.search(r"shape ``\(", text), "of which shape?"
    if re.search(r"^\s+raise |_check|need\(|wrong\(", inspect.getsource(what), re.MULTILINE):
        assert "Raises" in found, "which errors?"


def test_names_without_clause_are_public() -> None:
    assert set(WITHOUT_CLAUSE) <= set(lwoopro.__all__)
