"""``[pro]``, ``[growth.<name>]`` and ``[monitoring]`` in a study file (P-2)."""

from pathlib import Path

import pytest

from lwoopro.errors import InputError
from lwoopro.study import Study, load_study, restore_study

BASE = """
[study]
name = "s"
years = [2019]
draws = 3
seed = 1
[pupils]
source = "synthetic"
[[policy]]
name = "current"
kind = "participation"
"""


def study(tmp_path: Path, text: str) -> Study:
    path = tmp_path / "study.toml"
    path.write_text(BASE + text, "utf-8")
    return load_study(path)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        study(tmp_path, text)
    name = str(tmp_path / "study.toml")
    return [str(problem).removeprefix(f"{name}: ") for problem in caught.value.problems]


def test_without_growth_there_is_none(tmp_path: Path) -> None:
    assert dict(study(tmp_path, "").growth) == {}


def test_a_kind_gives_the_effects_that_the_file_leaves_out(tmp_path: Path) -> None:
    found = study(tmp_path, '[growth.up]\nkind = "rise"\ntrend = 0.02\nfrom = 2024\n').growth["up"]
    assert (float(found.trend), float(found.trend_sd), found.onset) == (0.02, 0.003, 2024)
    assert float(found.stay) == 0
    assert study(tmp_path, '[growth.r]\nkind = "reference"\n').growth["r"].onset is None


def test_round_trip_and_identity(tmp_path: Path) -> None:
    text = '[pro]\nhorizon = 2030\n[growth.b]\nkind = "rise"\n[growth.a]\nkind = "reference"\n'
    one = study(tmp_path, text)
    assert restore_study(one.resolved(), one.path) == one
    assert hash(one) == hash(study(tmp_path, text))
    turned = '[growth.a]\nkind = "reference"\n[growth.b]\nkind = "rise"\n[pro]\nhorizon = 2030\n'
    assert study(tmp_path, turned).identity() == one.identity()
    assert study(tmp_path, text + "trend = 0.1\n").identity() != one.identity()


def test_pro_without_a_scenario_says_what_to_add(tmp_path: Path) -> None:
    assert problems(tmp_path, "[pro]\n") == [
        "growth: there is no growth scenario; add at least one, as [growth.reference] with "
        'kind = "reference"'
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[growth.a]\nkind = "rize"\n', 'growth.a.kind: "rize" is unknown here'),
        ("[growth.a]\ntrend = 0.1\n", "growth.a.kind: is missing"),
        ("[growth]\na = 3\n", "growth.a: this is a whole number"),
        ('[growth.a]\nkind = "rise"\ntrent = 1\n', "growth.a.trent: unknown key"),
        ('[growth.a]\nkind = "rise"\ntrend = 2\n', "growth.a.trend: 2 is too large"),
        ('[growth.a]\nkind = "rise"\nshock = 0.1\n', "growth.a.shock_year: is missing"),
        ('[growth.a]\nkind = "mix"\n', "growth.a.of: a mix of nothing"),
        ('[growth.a]\nkind = "mix"\nof = ["b"]\n', 'growth.a.of: "b" is no growth scenario'),
        ('[growth.a]\nkind = "rise"\nof = ["a"]\n', "growth.a.of: only a mix has it"),
        ('[growth.a]\nkind = "rise"\n[pro]\nhorizon = 2026\n', "pro.horizon: 2026 is before 2027"),
        (
            '[growth.a]\nkind = "rise"\n[pro]\ntrouble_policy = "x"\n',
            "pro.trouble_policy: no policy has this name",
        ),
        (
            '[growth.a]\nkind = "rise"\n[pro]\nreference_date = 2018\n',
            "pro.reference_date: 2018 is before the stock",
        ),
        (
            '[growth.a]\nkind = "rise"\n[monitoring]\nlevel = 0\n',
            "monitoring.level: 0 is too small",
        ),
    ],
)
def test_every_defect_is_named(tmp_path: Path, text: str, says: str) -> None:
    found = problems(tmp_path, text)
    assert len(found) == 1
    assert found[0].startswith(says), found[0]
