"""The JSON schema of study files says what the loader says."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from lwoopro.cli import app
from lwoopro.study.model import CHOICES, NAMED_SECTIONS, PLAIN_SECTIONS
from lwoopro.study.schema import study_schema

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return study_schema()


def small() -> dict[str, Any]:
    return {
        "study": {"name": "own", "years": [2020], "draws": 10, "seed": 1},
        "pupils": {"source": "synthetic"},
        "policy": [{"name": "current", "kind": "participation"}],
    }


def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["study", "pupils", "policy"]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_config_fits(path: Path, schema: dict[str, Any]) -> None:
    with path.open("rb") as file:
        Draft202012Validator(schema).validate(tomllib.load(file))


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("study", "draws", 0),
        ("study", "draws", "many"),
        ("study", "drws", 10),
        ("study", "years", []),
        ("study", "years", [2019, 2019]),
        ("target_group", "ties", "maybe"),
        ("target_group", "shares", [1.5]),
        ("money", "support_amount", "4740"),
        ("uncertainty", "education", 1),
        ("pupils", "source", "web"),
        ("growth", "rise", {"kind": "rises"}),
        ("elsewhere", "key", 1),
    ],
)
def test_what_the_loader_refuses_does_not_fit(
    section: str, key: str, value: object, schema: dict[str, Any]
) -> None:
    study = small()
    validator = Draft202012Validator(schema)
    validator.validate(study)
    study.setdefault(section, {})[key] = value
    assert not validator.is_valid(study)


def test_every_key_is_there_and_explained(schema: dict[str, Any]) -> None:
    models = [*PLAIN_SECTIONS.values(), *NAMED_SECTIONS.values()]
    models += [model for choice in CHOICES.values() for model in choice.models.values()]
    for model in models:
        section = schema["$defs"][model.__name__]
        assert section["description"]
        assert set(section["properties"]) == {
            field.alias or name for name, field in model.model_fields.items()
        }
        for name, key in section["properties"].items():
            assert key.get("description") or key.get("const"), (model.__name__, name)


def test_nothing_in_it_is_null_and_defaults_fit(schema: dict[str, Any]) -> None:
    assert "null" not in json.dumps(schema)
    for section in schema["$defs"].values():
        for name, key in section["properties"].items():
            if "default" in key:
                (
                    Draft202012Validator({**key, "$defs": schema["$defs"]}).validate(
                        key["default"]
                    ),
                    name,
                )


def test_the_command_prints_it(schema: dict[str, Any]) -> None:
    result = CliRunner().invoke(app, ["schema"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == schema
