"""Everything measured in one go: what stands in the JSON, with the work itself left out."""

from pathlib import Path
from typing import Any

import pytest

from lwoopro.bench import results
from lwoopro.bench.aims import aims
from lwoopro.bench.cases import CASES
from lwoopro.bench.data import Data


@pytest.mark.parametrize("quick", [True, False])
def test_every_case_and_every_command_is_measured(
    quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    asked: list[dict[str, Any]] = []

    def small(draws: int) -> Data:
        data = Data(0.01, 64)
        asked.append({"draws": draws, "data": data})
        return data

    def one_case(case: Any, data: Data, pace: results.Pace, say: Any) -> dict[str, Any]:
        say(case.name)
        asked.append({"case": case, "data": data, "pace": pace})
        return {"name": case.name, "contestants": []}

    monkeypatch.setattr(results, "Data", small)
    monkeypatch.setattr(results, "measure_case", one_case)
    monkeypatch.setattr(results, "measure_commands", lambda *given: [{"given": given[0]}])
    found = results.measure(quick, said.append)
    assert [case["name"] for case in found["cases"]] == [case.name for case in CASES] == said[1:]
    assert asked[0]["draws"] == (200 if quick else 1000)
    assert {one["pace"].fewest for one in asked[1:]} == ({2} if quick else {5})
    assert all(one["data"] is asked[0]["data"] for one in asked[1:])
    assert found["commands"] == [{"given": quick}] and found["quick"] is quick
    assert found["format"] == results.FORMAT
    assert found["data"]["pupils_drawn"] <= found["data"]["pupils"]
    assert {"python", "lwoopro", "numba", "numpy"} == set(found["versions"])
    assert found["machine"]["model"] == results._processor()


@pytest.mark.parametrize(
    ("text", "model"),
    [("processor: 0\nmodel name\t: A fine one\nmodel name\t: B\n", "A fine one"), ("", "by name")],
)
def test_the_processor_where_the_system_names_it(
    text: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results.platform, "processor", lambda: "by name")
    monkeypatch.setattr(Path, "read_text", lambda *_: text)
    assert results._processor() == model


def test_the_processor_where_the_system_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: Any) -> str:
        raise OSError

    monkeypatch.setattr(results.platform, "processor", lambda: "by name")
    monkeypatch.setattr(Path, "read_text", silent)
    assert results._processor() == "by name"


def test_aims_of_what_was_not_measured_are_left_out() -> None:
    assert aims({"cases": [], "commands": [], "data": {}}) == []
