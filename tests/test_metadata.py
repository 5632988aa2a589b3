"""What the project says of itself agrees everywhere."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import yaml

import lwoopro

ROOT = Path(__file__).parents[1]


def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]


def test_the_version_is_the_same_everywhere() -> None:
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    version = project()["version"]
    assert lwoopro.__version__ == version
    assert public["softwareVersion"] == citation["version"] == version
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_licence_is_the_same_everywhere() -> None:
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    licence = project()["license"]
    assert licence == public["legal"]["license"] == citation["license"] == "EUPL-1.2"
    assert "EUROPEAN UNION PUBLIC LICENCE" in (ROOT / "LICENSE").read_text("utf-8").upper()


def test_publiccode_has_what_the_standard_asks() -> None:
    """Mandatory keys and lengths of version 0.4 of the standard."""
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    needed = {"publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus"}
    needed |= {"softwareType", "description", "legal", "maintenance", "localisation", "categories"}
    assert needed <= set(public)
    date.fromisoformat(public["releaseDate"])
    assert set(public["description"]) == set(public["localisation"]["availableLanguages"])
    for text in public["description"].values():
        assert len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert all(len(feature) <= 100 for feature in text["features"])


def test_citation_has_what_the_format_asks() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    date.fromisoformat(citation["date-released"])
