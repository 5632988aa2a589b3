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
    """Keys, words and lengths of version 0.5 of the standard, none of them deprecated."""
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    needed = {"publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus"}
    needed |= {"softwareType", "description", "legal", "maintenance", "localisation"}
    may_be = {"organisation", "softwareVersion", "releaseDate", "categories", "intendedAudience"}
    assert needed <= set(public) <= needed | may_be | {"dependsOn"}
    assert public["publiccodeYmlVersion"] == "0.5"
    assert public["url"].startswith("https://")
    assert public["platforms"] and public["organisation"]["name"]
    date.fromisoformat(public["releaseDate"])
    assert public["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    kinds = {f"standalone/{what}" for what in ("mobile", "iot", "desktop", "web", "backend")}
    kinds |= {"standalone/other", "addon", "library", "configurationFiles"}
    assert public["softwareType"] in kinds
    # the standard has a list of each; these are the words of it that come near the program
    words = {"data-analytics", "budgeting", "financial-reporting", "regulations-and-directives"}
    assert set(public["categories"]) <= words | {"predictive-analysis", "data-visualization"}
    scopes = {"education", "government", "finance-and-economic-development", "research"}
    assert set(public["intendedAudience"]["scope"]) <= scopes
    assert all(
        code.isupper() and len(code) == 2 for code in public["intendedAudience"]["countries"]
    )
    assert set(public["legal"]) == {"license"}  # owner and file of authors are deprecated
    assert public["maintenance"]["type"] in {"internal", "community"}
    assert all(contact["name"] for contact in public["maintenance"]["contacts"])
    assert isinstance(public["localisation"]["localisationReady"], bool)
    assert set(public["description"]) == set(public["localisation"]["availableLanguages"])
    for text in public["description"].values():
        assert set(text) == {"shortDescription", "longDescription", "features"}
        assert len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert text["features"] and all(len(feature) <= 100 for feature in text["features"])


def test_citation_has_what_the_format_asks() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    date.fromisoformat(citation["date-released"])
