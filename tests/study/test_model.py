"""A study: unchangeable, written out and read back, and known by what it means."""

import json
import pickle
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from lwoopro.errors import InputError
from lwoopro.study import IndicatorPolicy, Study, load_study, restore_study

Write = Callable[[str | bytes], str]

QUIET = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def toml(resolved: Mapping[str, Any]) -> str:
    """Write a resolved study as TOML; a key without a value is left out."""

    def value(item: Any) -> str:
        if isinstance(item, dict):
            return "{" + ", ".join(f"{json.dumps(k)} = {value(v)}" for k, v in item.items()) + "}"
        if isinstance(item, list):
            return "[" + ", ".join(map(value, item)) + "]"
        return json.dumps(item)

    lines = []
    for name, section in resolved.items():
        for table in section if isinstance(section, list) else [section]:
            lines.append(f"[[{name}]]" if isinstance(section, list) else f"[{name}]")
            lines += [f"{key} = {value(item)}" for key, item in table.items() if item is not None]
    return "\n".join(lines)


@pytest.fixture
def study(example: str, write: Write) -> Study:
    return load_study(write(example.replace("equal_part = 0.23", "uplift = { g4 = 0.1 }")))


def test_nothing_can_be_changed(study: Study) -> None:
    for target, name in (
        (study, "money"),
        (study, "path"),
        (study.study, "draws"),
        (study.pupils, "path"),
        (study.policy[1], "share"),
    ):
        with pytest.raises((ValidationError, AttributeError)):
            setattr(target, name, None)
    policy = study.policy[1]
    assert isinstance(policy, IndicatorPolicy)
    with pytest.raises(TypeError):
        policy.uplift["g4"] = Decimal(1)
    for values in (study.study.years, study.target_group.shares, study.policy):
        assert isinstance(values, tuple)


def test_a_study_travels_to_other_processes(study: Study) -> None:
    copy = pickle.loads(pickle.dumps(study))
    assert copy == study
    assert hash(copy) == hash(study)
    assert copy.path == study.path


def test_paths_are_relative_to_the_study_file(example: str, write: Write) -> None:
    write(example)
    Path("folder").mkdir()
    Path("study.toml").rename("folder/other.toml")
    study = load_study("folder/other.toml")
    assert study.path == Path("folder/other.toml")
    assert study.resolve("pupils.parquet") == Path("folder/pupils.parquet")
    assert study.resolve("/data/pupils.parquet") == Path("/data/pupils.parquet")


def test_resolved_survives_json(study: Study) -> None:
    again = restore_study(json.loads(json.dumps(study.resolved())), study.path)
    assert again == study
    assert again.resolved() == study.resolved()
    assert again.identity() == study.identity()


def test_resolved_survives_toml(study: Study, write: Write) -> None:
    again = load_study(write(toml(study.resolved())))
    assert again == study
    assert again.identity() == study.identity()


@QUIET
@given(
    st.decimals(min_value=0, max_value=1_000_000, places=9).filter(
        lambda d: len(d.normalize().as_tuple().digits) <= 15
    )
)
def test_decimals_survive_json_exactly(example: str, write: Write, amount: Decimal) -> None:
    study = load_study(write(example.replace("4740.0", f"{amount:.9f}")))
    assert study.money.support_amount == amount
    again = restore_study(json.loads(json.dumps(study.resolved())), study.path)
    assert again.money.support_amount == amount


def test_restoring_a_wrong_study_names_the_problem(study: Study) -> None:
    resolved = study.resolved()
    resolved["study"]["draws"] = 0
    with pytest.raises(InputError, match=r"^study\.toml: study\.draws: 0 is too small"):
        restore_study(resolved, "study.toml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# reference dates, 1 October", "# other words"),
        ("draws = 1000\nseed  = 20221118", "seed  = 20_221_118\ndraws = +1000"),
        ("share = 0.20", "share = 0.2"),
        ("[0.05, 0.10,", "[5e-2, 0.100,"),
        ("4740.0", "4740"),
        ('"pupils.parquet"', '"./pupils.parquet"'),
        ('"swv.csv"', '".//swv.csv"'),
        ('ties        = "include"', ""),
        ("donors = true\n", ""),
        ("equal_part = 0.23", "equal_part = 0.23\nequal_attribution = 'school'\nuplift = {}"),
        ("[swv]", '[report]\nbaseline = "current"\n[swv]'),
        ("[swv]", "[compute]\nblock_draws = 7\nthreads = 3\n[swv]"),
        ("\n", "\r\n"),
    ],
)
def test_identity_is_what_the_file_means(example: str, write: Write, old: str, new: str) -> None:
    assert old in example
    before = load_study(write(example)).identity()
    assert load_study(write(example.replace(old, new))).identity() == before


def test_identity_ignores_the_order_of_sections_and_the_place(example: str, write: Write) -> None:
    before = load_study(write(example)).identity()
    head, swv = example.split("[swv]")
    write(f"[swv]{swv}{head}")
    Path("sub").mkdir()
    Path("study.toml").rename("sub/renamed.toml")
    assert load_study("sub/renamed.toml").identity() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("draws = 1000", "draws = 1001"),
        ("20221118", "20221119"),
        ("[2019, 2020]", "[2020, 2019]"),
        ("4740.0", "4740.000000001"),
        ("0.05,", "0.050000000001,"),
        ('"pupils.parquet"', '"other.parquet"'),
        ('"include"', '"exclude"'),
        ("donors = true", "donors = false"),
        ('["track", "origin"]', '["origin", "track"]'),
        ('"current"', '"today"'),
        ("[swv]", '[report]\nbaseline = "indicator-20-school"\n[swv]'),
    ],
)
def test_identity_sees_every_difference(example: str, write: Write, old: str, new: str) -> None:
    before = load_study(write(example)).identity()
    assert load_study(write(example.replace(old, new, 1))).identity() != before


def test_overrides(study: Study) -> None:
    other = study.with_overrides(draws=5, seed=7)
    assert (other.study.draws, other.study.seed) == (5, 7)
    assert (study.study.draws, study.study.seed) == (1000, 20221118)
    assert other.path == study.path
    assert other.policy == study.policy
    assert study.with_overrides() == study
    assert study.with_overrides(seed=0).study.seed == 0
    assert other.with_overrides(draws=1000, seed=20221118).identity() == study.identity()


def test_overrides_are_checked_like_the_file(study: Study) -> None:
    with pytest.raises(InputError) as caught:
        study.with_overrides(draws=0, seed=2**63)
    assert str(caught.value).splitlines() == [
        "--draws: 0 is too small; use a whole number from 1 to 2147483648",
        "--seed: 9223372036854775808 is too large; "
        "use a whole number from 0 to 9223372036854775807, such as 20221118",
    ]
    with pytest.raises(InputError, match="true is a true/false value"):
        study.with_overrides(draws=True)
