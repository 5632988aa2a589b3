"""The study files that ship with the project."""

from decimal import Decimal
from pathlib import Path

import pytest

from lwoopro.simulation.runner import run
from lwoopro.study import IndicatorPolicy, SyntheticPupils, load_study
from lwoopro.study.model import CHOICES

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


def test_the_twelve_scenarios_stand_side_by_side() -> None:
    study = load_study(CONFIGS / "twelve-scenarios.toml")
    first, *scenarios = study.policy
    assert (first.name, study.baseline) == ("current", "current")
    found = {(s.attribution, s.share) for s in scenarios if isinstance(s, IndicatorPolicy)}
    assert len(scenarios) == 12
    assert found == {(place, share) for place in ("school", "home") for share in TWELVE}
    for policy in scenarios:
        assert isinstance(policy, IndicatorPolicy)
        assert policy.name == f"{100 * policy.share:02.0f}-{policy.attribution}"


def test_history_has_every_kind_of_system() -> None:
    study = load_study(CONFIGS / "history.toml")
    assert {policy.kind for policy in study.policy} == set(CHOICES["policy"].models)
    assert study.transition.new == study.policy[-1].name
    assert study.settlement.policy == study.policy[0].name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["twelve-scenarios", "history"])
def test_it_can_be_run(name: str, tmp_path: Path) -> None:
    study = load_study(CONFIGS / f"{name}.toml").with_overrides(draws=1)
    results = run(study, tmp_path / name)
    # a policy hands out what is there; direct funding takes its part to the schools
    totals = (100 * results["budget"].sum("swv")).round().squeeze().to_series()
    if "direct_pro_amount" in results:
        paid = results["direct_pro_amount"].sum("swv").squeeze().to_series()
        totals += (100 * paid).round()
    assert totals.nunique() == 1


@pytest.mark.parametrize("name", ["national", "quick", "twelve-scenarios", "history"])
def test_every_line_is_short_enough_to_read(name: str) -> None:
    for line in (CONFIGS / f"{name}.toml").read_text(encoding="utf-8").splitlines():
        assert len(line) <= 100
