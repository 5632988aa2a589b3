"""What is known but not built yet: each line of the table is reached, and says so."""

from collections.abc import Callable

import pytest

from lwoopro.errors import InputError
from lwoopro.study import load_study, not_built
from lwoopro.study.load import CHOICES, PLAIN_SECTIONS

Write = Callable[[str | bytes], str]


def damaged(minimal: str, line: not_built.NotBuilt) -> str:
    """Give a good study file the key that is not built."""
    value = {True: "true", None: "{}"}.get(line.value, f'"{line.value}"')
    if not line.key:
        return f"{minimal}[{line.section}]\n"
    if line.key == "kind":
        column = '\nlwoo_column = "need"' if line.value == "key" else ""
        return minimal.replace('"participation"', value + column)
    if line.section == "policy":
        return f'{minimal}[[policy]]\nname = "i"\nkind = "indicator"\n{line.key} = {value}\n'
    head = f"[{line.section}]\n"
    if head in minimal:
        return minimal.replace(head, f"{head}{line.key} = {value}\n")
    return f"{minimal}{head}{line.key} = {value}\n"


EXAMPLES = (
    not_built.NotBuilt("pupils", "unit", "U-5", "school", 'use "swv"'),
    not_built.NotBuilt("uncertainty", "population", "Q-1", True, "use false"),
    not_built.NotBuilt("study", "later", "Q-3"),
    not_built.NotBuilt("future", "", "C-1"),
)
"""Lines that the table could have: as long as it is empty, they keep its mechanism tested."""


@pytest.mark.parametrize("line", [*not_built.NOT_BUILT, *EXAMPLES], ids=str)
def test_known_but_not_built(
    minimal: str, write: Write, line: not_built.NotBuilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(not_built, "NOT_BUILT", (*not_built.NOT_BUILT, line))
    with pytest.raises(InputError) as caught:
        load_study(write(damaged(minimal, line)))
    (problem,) = caught.value.problems
    place = {"kind": "policy.current.kind", "": line.section}.get(
        line.key, f"{'policy.i' if line.section == 'policy' else line.section}.{line.key}"
    )
    value = {True: "true is ", None: ""}.get(line.value, f'"{line.value}" is ')
    assert str(problem) == (
        f"study.toml: {place}: {value}known, but not built yet ({line.clause}); {line.instead}"
    )


@pytest.mark.parametrize(
    "line", [x for x in (*not_built.NOT_BUILT, *EXAMPLES) if x.value is not None], ids=str
)
def test_a_value_that_is_not_built_is_a_value_of_the_model(line: not_built.NotBuilt) -> None:
    choice = CHOICES.get(line.section)
    if choice is not None and line.key == choice.key:
        assert line.value in choice.models
    else:
        models = [PLAIN_SECTIONS[line.section]] if choice is None else choice.models.values()
        assert any(line.key in model.model_fields for model in models)


def test_only_the_value_that_is_not_built_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        not_built.NotBuilt("a", "on", "Q-1", True),
        not_built.NotBuilt("a", "any", "Q-2"),
        not_built.NotBuilt("b", "", "Q-3"),
    )
    monkeypatch.setattr(not_built, "NOT_BUILT", lines)
    assert not_built.not_built("a", "on", True) is lines[0]
    assert not_built.not_built("a", "on", False) is None
    assert not_built.not_built("a", "on", 1) is None
    assert not_built.not_built("a", "any", {}) is lines[1]
    assert not_built.not_built("b") is lines[2]
    assert not_built.not_built("a") is None
    assert not_built.known_but_not_built() == ("b",)
    assert not_built.known_but_not_built("a") == ("any",)
