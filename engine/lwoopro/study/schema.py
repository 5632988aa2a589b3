"""The JSON schema of study files: editors complete and check keys from it."""

from collections.abc import Mapping
from typing import Any, Final

from lwoopro.study.model import CHOICES, NAMED_SECTIONS, PLAIN_SECTIONS, Study
from lwoopro.study.values import not_empty, unique

__all__ = ["study_schema"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_NUMBERS: Final = {"number", "integer"}


def study_schema() -> dict[str, Any]:
    """Return the JSON schema (2020-12) of a study file, ready for JSON.

    It describes what a TOML file may hold: keys, types, ranges, defaults. What several keys say
    together (a policy's share among those of the target group, say) only `load_study` checks.

    Returns
    -------
    dict
        Sections under ``properties``, each with its keys under ``$defs``.
    """
    schema = _as_toml(Study.model_json_schema())
    schema["description"] = (
        "A study of lwoopro. Everything but study, pupils and policy may be left out."
    )
    for section in schema["$defs"].values():
        section["description"] = section.get("description", "").split("\n\n")[0]
    _say_what_validators_ask(schema)
    # the kind of a scenario fills in its effects
    schema["$defs"]["GrowthSection"]["required"] = ["kind"]
    return {"$schema": DIALECT, **schema, "title": "lwoopro study"}


def _say_what_validators_ask(schema: Mapping[str, Any]) -> None:
    """Add what the models check by functions of their own: lists that are not empty, no doubles."""
    models = [*PLAIN_SECTIONS.values(), *NAMED_SECTIONS.values()]
    models += [model for choice in CHOICES.values() for model in choice.models.values()]
    for model in models:
        keys = schema["$defs"][model.__name__]["properties"]
        for name, field in model.model_fields.items():
            key = keys[field.alias or name]
            if not_empty in field.metadata:
                key["minItems"] = 1
            if unique in field.metadata:
                key["uniqueItems"] = True


def _as_toml(node: Any) -> Any:
    """Turn the schema of the models into that of the file.

    The file has no null, an absent key is left out; and its decimals are numbers, which the
    models keep as decimals to be exact.
    """
    if isinstance(node, list):
        return [_as_toml(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    found = {key: _as_toml(value) for key, value in node.items() if key != "discriminator"}
    some = found.pop("anyOf", None)
    if some is not None:
        kinds = {option.get("type") for option in some}
        drop = {"null"} | ({"string"} if kinds & _NUMBERS else set())
        left = [option for option in some if option.get("type") not in drop]
        found |= left[0] if len(left) == 1 else {"anyOf": left}
    if "default" in found:
        default = _plain_default(found.pop("default"), found)
        if default is not None:
            found["default"] = default
    return found


def _plain_default(default: Any, schema: Mapping[str, Any]) -> Any:
    """Return a default as the file would say it; sections tell theirs key by key."""
    if "$ref" in schema or default is None:
        return None
    if isinstance(default, list):
        items = schema.get("items", {})
        return [_plain_default(item, items) for item in default]
    if isinstance(default, str) and schema.get("type") in _NUMBERS:
        return float(default)
    return default
