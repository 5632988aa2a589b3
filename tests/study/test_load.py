"""What a study file means: defaults, decimals, the order and completeness of its problems."""

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lwoopro.errors import InputError
from lwoopro.study import (
    DirectProPolicy,
    IndicatorPolicy,
    KeyPolicy,
    ParticipationPolicy,
    Study,
    SyntheticPupils,
    TablePupils,
    load_study,
    not_built,
)

Write = Callable[[str | bytes], str]

TOML_PIECES = (
    *(b"[", b"]", b'"', b"\n", b"=", b"{", b"}", b".", b"0", b"-", b"#", b"\\", b"'''"),
    *(b"inf", b"nan", b"1e999", b"true", b"2019-10-01", b"0xff", b"[[policy]]\n", b"[study]\n"),
)

DEFAULTS = {
    "study": {"name": "small", "years": [2019], "draws": 1, "seed": 0, "until": None},
    "pupils": {"source": "synthetic", "population": "national", "scale": 1.0, "unit": "swv"},
    "indicator": {"table": "assumed-2022"},
    "target_group": {
        "shares": [0.05, 0.1, 0.15, 0.2, 0.25, 0.3],
        "attribution": ["school", "home"],
        "ties": "include",
    },
    "imputation": {
        "method": "table",
        "probabilities": None,
        "covariates": [],
        "bins": {},
        "match": ["track", "origin"],
    },
    "uncertainty": {
        "education": True,
        "donors": True,
        "parameters": False,
        "coefficients": False,
        "population": False,
        "pro": True,
        "suppressed": False,
    },
    "money": {
        "support_amount": 4740.0,
        "regional_amount": 105.0,
        "lwoo_total": None,
        "price_year": None,
        "index": {},
        "withheld": {},
    },
    "policy": [{"name": "current", "kind": "participation", "date": 2012}],
    "settlement": {
        "policy": None,
        "attribution": "school",
        "pro_flows": None,
        "opting_out": None,
        "population_below": 0.005,
        "variant": "none",
        "criteria": 1.0,
        "duration": 1.0,
        "licence": 1.0,
    },
    "transition": {
        "old": None,
        "new": None,
        "first_year": 2026,
        "years": 5,
        "kind": "linear",
        "weights": None,
        "max_loss": None,
    },
    "pro": {
        "start": 2019,
        "horizon": 2040,
        "reference_date": 2025,
        "reference_count": None,
        "below_reference": "refund",
        "support_amount": 5000.0,
        "basic_high": 9500.0,
        "basic_low": 7800.0,
        "price_year": 2022,
        "indexation": 0.026,
        "fixed_month": 7,
        "provisional_sd": 0.002,
        "cap": None,
        "trouble_policy": None,
        "trouble_margin": 0.12,
        "cohorts": None,
    },
    "decomposition": {"draws": 0, "policies": None},
    "growth": {},
    "monitoring": {
        "measures": ["count", "inflow", "stay"],
        "level": 0.05,
        "sided": "upward",
        "multiplicity": "benjamini-hochberg",
        "in_a_row": 1,
        "response": 0.0,
    },
    "swv": {"path": None},
    "report": {
        "baseline": "current",
        "split": [],
        "language": "en",
        "suppress_below": 0,
        "geojson": None,
        "postcodes": None,
    },
    "compute": {
        "block_draws": None,
        "threads": None,
        "memory": None,
        "patience": 300,
        "tls_ca": None,
        "tls_cert": None,
        "tls_key": None,
    },
}


def test_every_default(minimal: str, write: Write) -> None:
    assert load_study(write(minimal)).resolved() == DEFAULTS


def test_defaults_of_an_indicator_policy(minimal: str, write: Write) -> None:
    study = load_study(write(minimal + '[[policy]]\nname = "i"\nkind = "indicator"\n'))
    assert study.resolved()["policy"][1] == {
        "name": "i",
        "kind": "indicator",
        "share": 0.2,
        "attribution": "school",
        "weight": "mean",
        "threshold": "none",
        "tau": None,
        "equal_part": 0.23,
        "equal_attribution": "school",
        "uplift": {},
        "extra_amount": {},
        "extra_source": "new",
        "basis": "cbs",
    }


def test_defaults_of_the_other_kinds(
    minimal: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(not_built, "NOT_BUILT", ())
    text = minimal.replace('"current"\nkind = "participation"', '"d"\nkind = "direct-pro"')
    text += '[[policy]]\nname = "v"\nkind = "vmbo-count"\n'
    text += '[[policy]]\nname = "e"\nkind = "equalised"\n'
    text += '[[policy]]\nname = "k"\nkind = "key"\npro_column = "need"\n'
    text = text.replace('kind = "direct-pro"', 'kind = "direct-pro"\nstart = 2025')
    direct, by_count, equalised, by_key = load_study(write(text)).policy
    assert isinstance(direct, DirectProPolicy)
    assert (direct.start, direct.reference_date, direct.reference_count) == (2025, 2025, None)
    assert DirectProPolicy.model_fields["start"].default == 2026
    assert (direct.share, direct.equal_part, direct.basis) == (
        Decimal("0.2"),
        Decimal("0.23"),
        None,
    )
    assert (by_count.kind, equalised.kind) == ("vmbo-count", "equalised")
    assert isinstance(by_key, KeyPolicy)
    assert (by_key.lwoo_column, by_key.pro_column) == (None, "need")


def test_the_example_loads(example: str, write: Write) -> None:
    study = load_study(write(example))
    assert isinstance(study, Study)
    assert study.study.years == (2019, 2020)
    assert isinstance(study.pupils, TablePupils)
    assert study.pupils.path == "pupils.parquet"
    assert study.imputation.probabilities == "education.csv"
    assert study.swv.path == "swv.csv"
    current, indicator = study.policy
    assert isinstance(current, ParticipationPolicy)
    assert isinstance(indicator, IndicatorPolicy)
    assert study.baseline == study.report.baseline == "current"


def test_every_key_that_the_example_leaves_out(minimal: str, write: Write) -> None:
    text = (
        minimal.replace(
            'source = "synthetic"',
            'source = "synthetic"\npopulation = "data/swv.csv"\nscale = 50\nunit = "swv"',
        )
        + """\
[[policy]]
name = "much"
kind = "indicator"
share = 0.2
attribution = "home"
weight = "cut"
threshold = "eligible"
tau = 0.05
equal_attribution = "home"
uplift = { "shrinking regions" = -0.05, g4 = 0.1 }
basis = "cbs"
[money]
lwoo_total = 455000000.0
[report]
baseline = "much"
[compute]
block_draws = 16
threads = 2
"""
    )
    study = load_study(write(text))
    assert isinstance(study.pupils, SyntheticPupils)
    assert (study.pupils.population, study.pupils.scale) == ("data/swv.csv", 50)
    assert study.baseline == "much"
    assert study.money.lwoo_total == 455_000_000
    assert (study.compute.block_draws, study.compute.threads) == (16, 2)
    policy = study.policy[1]
    assert isinstance(policy, IndicatorPolicy)
    assert policy.tau == Decimal("0.05")
    assert policy.uplift == {"g4": Decimal("0.1"), "shrinking regions": Decimal("-0.05")}


@pytest.mark.parametrize("threshold", ["deduct", "eligible"])
def test_a_threshold_without_tau_has_that_of_primary_schools(
    example: str, write: Write, threshold: str
) -> None:
    text = example.replace('threshold = "none"', f'threshold = "{threshold}"')
    policy = load_study(write(text)).policy[1]
    assert isinstance(policy, IndicatorPolicy)
    assert policy.tau == Decimal("0.12")


def test_decimals_stay_as_written(example: str, write: Write) -> None:
    text = example.replace("equal_part = 0.23", "equal_part = 0.230000000001\ntau = 0.10")
    text = text.replace('threshold = "none"', 'threshold = "deduct"')
    text = text.replace("uplift", "").replace("4740.0", "4740.01")
    study = load_study(write(text))
    policy = study.policy[1]
    assert isinstance(policy, IndicatorPolicy)
    values = (policy.share, policy.equal_part, policy.tau, study.money.support_amount)
    assert list(map(str, values)) == ["0.20", "0.230000000001", "0.10", "4740.01"]
    assert str(study.target_group.shares[1]) == "0.10"


def test_a_share_written_otherwise_is_the_same_share(example: str, write: Write) -> None:
    for written in ("0.2", "0.200", "2e-1", "2_0.0e-2"):
        policy = load_study(write(example.replace("share = 0.20", f"share = {written}"))).policy[1]
        assert isinstance(policy, IndicatorPolicy)
        assert policy.share == Decimal("0.2")


def test_whole_numbers_count_as_decimals(example: str, write: Write) -> None:
    text = example.replace("4740.0", "4740").replace("0.30]", "1]").replace("= 0.23", "= 1")
    study = load_study(write(text))
    assert study.money.support_amount == 4740
    assert study.target_group.shares[-1] == 1
    assert isinstance(study.target_group.shares[-1], Decimal)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        ("[study]", "\ufeff[study]"),
        ("seed  = 20221118", "seed = 9223372036854775807"),
        ("seed  = 20221118", "seed = 0"),
        ("draws = 1000", "draws = 2147483648"),
        ('"example"', '"Krimp één 2.0"'),
        ('"example"', '"2019"'),
        ('"pupils.parquet"', '"../data/pupils.CSV"'),
        ('"assumed-2022"', '"../indicators/own.toml"'),
        ('["track", "origin"]', "[]"),
        ('"school", "home"]', '"school"]'),
        ("4740.0", "0"),
        ("equal_part = 0.23", "equal_part = 0.0"),
        ("equal_part = 0.23", "equal_part = -0.0"),
        ('"current"', '"Nu – zoals in 2012"'),
    ],
)
def test_valid_but_odd(example: str, write: Write, old: str, new: str) -> None:
    assert isinstance(load_study(write(example.replace(old, new, 1))), Study)


def test_all_problems_at_once_in_the_order_of_the_file(write: Write) -> None:
    text = """\
draws = 3
[policys]
[study]
name = "a/b"
years = [2019, 2019.5, "x"]
seed = true
[[policy]]
name = "x"
kind = "indicator"
share = 0.4
tau = 0.1
date = 2012
uplift = { g4 = "x" }
[[policy]]
kind = "indicatr"
[pupils]
source = "synthetic"
path = "x.csv"
scale = 0
[growht.fast]
[report]
baseline = "y"
"""
    with pytest.raises(InputError) as caught:
        load_study(write(text))
    places = [problem.where.removeprefix("study.toml: ") for problem in caught.value.problems]
    assert places == [
        "draws",
        "policys",
        "study.name",
        "study.years #2",
        "study.years #3",
        "study.seed",
        "study.draws",
        "policy.x.share",
        "policy.x.date",
        "policy.x.uplift.g4",
        "policy #2.kind",
        "policy #2.name",
        "pupils.path",
        "pupils.scale",
        "growht",
        "report.baseline",
    ]


def test_a_wrong_key_has_no_wrong_consequences(example: str, write: Write) -> None:
    text = example.replace('threshold = "none"', 'threshold = "dedcut"\ntau = 0.1')
    text = text.replace("share = 0.20", 'share = "0.20"').replace("0.05, ", "")
    with pytest.raises(InputError) as caught:
        load_study(write(text.replace("[0.10,", "[10,")))
    assert [problem.where.split(": ")[1] for problem in caught.value.problems] == [
        "target_group.shares #1",
        "policy.indicator-20-school.share",
        "policy.indicator-20-school.threshold",
    ]


def test_a_default_that_does_not_fit_is_called_a_default(minimal: str, write: Write) -> None:
    text = minimal + '[[policy]]\nname = "i"\nkind = "indicator"\n[target_group]\nshares = [0.15]\n'
    with pytest.raises(InputError) as caught:
        load_study(write(text))
    assert str(caught.value) == (
        "study.toml: policy.i.share: 0.20, the default, is not in target_group.shares; "
        "add it there or use one of 0.15"
    )


def test_messages_begin_with_the_path_as_given(minimal: str, write: Write) -> None:
    write(minimal.replace("draws = 1", "draws = 0"))
    for path in ("./study.toml", Path("study.toml"), str(Path("study.toml").resolve())):
        with pytest.raises(InputError) as caught:
            load_study(path)
        assert str(caught.value).startswith(f"{path}: study.draws: 0 is too small")


def test_study_files_are_read_without_numpy() -> None:
    code = (
        "import sys, lwoopro.study; print({'numpy', 'pandas', 'numba', 'pyarrow'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_bytes_give_a_study_or_problems(
    data: st.DataObject, write: Write, example: str
) -> None:
    content = bytearray(example.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(start + 30, len(content))))
        toml = st.sampled_from(TOML_PIECES)
        content[start:end] = data.draw(st.one_of(toml, st.binary(max_size=8)))
    try:
        study = load_study(write(bytes(content)))
    except InputError as error:
        assert error.problems
        assert all(str(problem).startswith("study.toml: ") for problem in error.problems)
        assert len(str(error).splitlines()) == len(error.problems)
    else:
        assert isinstance(study, Study)
        assert len(study.identity()) == 64
