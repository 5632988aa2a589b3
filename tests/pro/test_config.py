"""The stress study that ships with the project."""

from pathlib import Path

from lwoopro.study import load_study
from lwoopro.study.pro import GROWTH_DEFAULTS

CONFIG = Path(__file__).parents[2] / "configs" / "pro-stress.toml"


def test_it_loads_with_six_scenarios_and_shows_the_defaults() -> None:
    study = load_study(CONFIG)
    assert set(study.growth) == set(GROWTH_DEFAULTS) - {"decline", "mix"}
    plain = load_study(CONFIG.with_name("quick.toml"))
    own = study.pro.model_copy(update={"trouble_policy": None})
    assert own == plain.pro, "what the file shows are the defaults"
    assert study.monitoring == plain.monitoring
    for name, section in study.growth.items():
        for key, value in GROWTH_DEFAULTS[name].items():
            assert getattr(section, key) == value


def test_every_line_is_short_enough_to_read() -> None:
    for line in CONFIG.read_text(encoding="utf-8").splitlines():
        assert len(line) <= 100
