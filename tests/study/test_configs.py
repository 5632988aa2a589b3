"""The study files that ship with the project."""

from decimal import Decimal
from pathlib import Path

import pytest

from lwoopro.study import SyntheticPupils, load_study

CONFIGS = Path(__file__).parents[2] / "configs"

TWELVE = tuple(map(Decimal, ("0.05", "0.10", "0.15", "0.20", "0.25", "0.30")))


@pytest.mark.parametrize("name", ["national", "quick"])
def test_it_loads_and_needs_no_file_of_the_user(name: str) -> None:
    study = load_study(CONFIGS / f"{name}.toml")
    assert study.study.name == name
    assert isinstance(study.pupils, SyntheticPupils)
    assert study.imputation.probabilities is None
    assert [policy.name for policy in study.policy] == [
        "current",
        "indicator-15-school",
        "indicator-20-school",
    ]
    assert study.baseline == "current"


def test_national_is_the_main_job() -> None:
    study = load_study(CONFIGS / "national.toml")
    assert (study.study.draws, study.study.seed) == (1000, 20221118)
    assert study.target_group.shares == TWELVE
    assert study.target_group.attribution == ("school", "home")


def test_quick_is_quick() -> None:
    study = load_study(CONFIGS / "quick.toml")
    assert study.study.draws <= 50
    assert len(study.target_group.shares) == 2


def test_national_shows_the_defaults() -> None:
    shown = load_study(CONFIGS / "national.toml").resolved()
    quick = load_study(CONFIGS / "quick.toml").resolved()
    for section in ("pupils", "indicator", "imputation", "uncertainty", "money", "compute", "swv"):
        assert shown[section] == quick[section]
    assert shown["policy"] == quick["policy"]


def test_every_line_of_the_national_study_is_short_enough_to_read() -> None:
    for line in (CONFIGS / "national.toml").read_text(encoding="utf-8").splitlines():
        assert len(line) <= 100
