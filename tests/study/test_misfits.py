"""What fits in each section and not together: decomposition, stopping, drawn populations, sizes."""

from pathlib import Path

import pytest

from lwoopro.errors import InputError
from lwoopro.study import load_study

STUDY = """
[study]
name = "m"
years = [{years}]
draws = 10
seed = 1
{study}
[pupils]
{pupils}
[[policy]]
name = "current"
kind = "participation"
{more}
"""
SCORES = '[[policy]]\nname = "scores"\nkind = "indicator"\n'
FORM = {"years": "2019", "study": "", "pupils": 'source = "synthetic"', "more": SCORES}

CASES = {
    "no such policy to take apart": (
        {"more": SCORES + '[decomposition]\ndraws = 8\npolicies = ["score"]'},
        'decomposition.policies: there is no policy "score"; the nearest name of a '
        'policy is "scores"',
    ),
    "a policy without scores": (
        {"more": SCORES + '[decomposition]\ndraws = 8\npolicies = ["current"]'},
        'decomposition.policies: policy "current" does not distribute by disadvantage '
        'score; one of "scores"',
    ),
    "no draws for these policies": (
        {"more": SCORES + '[decomposition]\ndraws = 0\npolicies = ["scores"]'},
        "decomposition.draws: 0 draws take nothing apart; a number of draws, such as 1000",
    ),
    "one draw": (
        {"more": SCORES + "[decomposition]\ndraws = 1"},
        "decomposition.draws: one draw has no variance; 2 or more, such as 1000",
    ),
    "nothing follows the scores": (
        {"more": "[decomposition]\ndraws = 8"},
        "decomposition.draws: no policy distributes by disadvantage score; leave "
        "[decomposition] out",
    ),
    "a new population in every draw": (
        {"more": SCORES + '[decomposition]\ndraws = 8\n[uncertainty]\npopulation = "fresh"'},
        "decomposition.draws: the variance cannot be taken apart while every draw "
        "makes its own population; 0, or another uncertainty.population",
    ),
    "suppressed counts drawn": (
        {"more": SCORES + "[decomposition]\ndraws = 8\n[uncertainty]\nsuppressed = true"},
        "decomposition.draws: the variance cannot be taken apart while every draw "
        "makes its own population; 0, or another uncertainty.suppressed",
    ),
    "nothing varies": (
        {
            "more": SCORES
            + "[decomposition]\ndraws = 8\n[uncertainty]\neducation = false\ndonors = false"
        },
        "decomposition.draws: no source of the scores varies; switch one on in [uncertainty]",
    ),
    "a score of a policy": (
        {
            "study": 'until = { quantity = "disadvantage-score", policy = "scores", mcse = 1.0 }',
        },
        "study.until: a disadvantage score belongs to no policy; leave policy out",
    ),
    "until a policy that is not there": (
        {"study": 'until = { quantity = "budget", policy = "score", mcse = 1.0 }'},
        'study.until: there is no policy "score"; the nearest name of a policy is "scores"',
    ),
    "a change from itself": (
        {"study": 'until = { quantity = "change", policy = "current", mcse = 1.0 }'},
        'study.until: "change" compares another policy with "current"; use policy = "scores"',
    ),
    "a change with no other": (
        {"study": 'until = { quantity = "change", mcse = 1.0 }', "more": ""},
        'study.until: "change" compares another policy with "current", and there is '
        "none; add another policy",
    ),
    "a table made anew": (
        {
            "pupils": 'source = "table"\npath = "p.parquet"',
            "more": SCORES + '[uncertainty]\npopulation = "fresh"',
        },
        "uncertainty.population: a pupil table cannot be made anew; use true or "
        "false\nswv.path: is missing; with a pupil table, use the path of the swv "
        "table, such as swv.csv",
    ),
    "schools made anew": (
        {
            "pupils": 'source = "synthetic"\nunit = "school"',
            "more": '[uncertainty]\npopulation = "fresh"',
        },
        "uncertainty.population: a population that is made anew in every draw has "
        'other schools; use false, or [pupils] unit = "swv"',
    ),
    "no amount of memory": (
        {"more": '[compute]\nmemory = "a lot"'},
        'compute.memory: "a lot" is no amount of memory; use a size such as "500 MB" '
        'or "4 GB", at least 100 MB',
    ),
    "too little memory": (
        {"more": '[compute]\nmemory = "1 MB"'},
        'compute.memory: "1 MB" is too small; use a size such as "500 MB" or "4 GB", '
        "at least 100 MB",
    ),
    "no year": (
        {"more": "[money.index]\nabcd = 1.0"},
        'money.index.abcd: "abcd" is no year; use a table of per cents from -50 to 100 '
        "by year, such as { 2021 = 2.6 }",
    ),
    "a year outside": (
        {"more": "[money.index]\n1066 = 1.0"},
        "money.index.1066: 1066 is outside 1990 to 2100; use a table of per cents from "
        "-50 to 100 by year, such as { 2021 = 2.6 }",
    ),
    "growth is no table": (
        {"more": "[[growth]]"},
        "growth: this is a list; start with a line [growth.name]",
    ),
    "postcodes of no areas": (
        {"more": '[report]\npostcodes = "pc4.csv"'},
        "report.postcodes: there are no areas; add geojson, the path of the "
        "municipalities' areas, or leave postcodes out",
    ),
    "a key without columns": (
        {"more": '[[policy]]\nname = "keys"\nkind = "key"'},
        "policy.keys.lwoo_column: no money has a key; add lwoo_column, pro_column or both",
    ),
    "direct pro before its count": (
        {
            "more": (
                '[[policy]]\nname = "direct"\nkind = "direct-pro"\nreference_date = '
                "2019\nstart = 2018"
            )
        },
        "policy.direct.start: 2018 is before the reference date, 1 October 2019; "
        "use that year or a later one",
    ),
    "a split of no policy": (
        {"more": SCORES + '[report]\nsplit = ["score"]'},
        'report.split: there is no policy "score"; the nearest name of a policy is "scores"',
    ),
    "a split of a policy without scores": (
        {"more": SCORES + '[report]\nsplit = ["current"]'},
        'report.split: the changes of policy "current" cannot be split (R-10); '
        'one that distributes by disadvantage score: weight "mean", no '
        "threshold, no uplift",
    ),
    "a split with drawn coefficients": (
        {"more": SCORES + '[report]\nsplit = ["scores"]\n[uncertainty]\ncoefficients = true'},
        "report.split: changes cannot be split while the coefficients vary "
        "between draws; leave split out, or set uncertainty.coefficients to false",
    ),
    "a split with a drawn population": (
        {"more": SCORES + '[report]\nsplit = ["scores"]\n[uncertainty]\npopulation = true'},
        "report.split: changes cannot be split while the population varies "
        "between draws; leave split out, or set uncertainty.population to false",
    ),
    "suppressed counts of a table": (
        {
            "pupils": 'source = "table"\npath = "p.parquet"',
            "more": '[uncertainty]\nsuppressed = true\n[swv]\npath = "swv.csv"',
        },
        "uncertainty.suppressed: only exam candidates behind simulated pupils "
        'are published as "<5" and vary; use false',
    ),
    "schools of varying counts": (
        {
            "pupils": 'source = "synthetic"\nunit = "school"',
            "more": "[uncertainty]\nsuppressed = true",
        },
        "uncertainty.suppressed: a population that is made anew in every draw "
        'has other schools; use false, or [pupils] unit = "swv"',
    ),
    "persons and counts drawn": (
        {"more": SCORES + "[uncertainty]\npopulation = true\nsuppressed = true"},
        "uncertainty.population: persons of the register cannot be drawn while "
        'its counts vary; use population = "fresh", or suppressed = false',
    ),
    "bins of no covariate": (
        {
            "more": (
                '[imputation]\nmethod = "model"\ncovariates = ["origin"]\nbins = { '
                "mother_age = 10 }"
            )
        },
        'imputation.bins.mother_age: "mother_age" is no covariate of the model; '
        "name it in imputation.covariates, or leave it out",
    ),
    "probabilities of a model": (
        {
            "more": (
                '[imputation]\nmethod = "model"\ncovariates = ["origin"]\nprobabilities = "p.csv"'
            )
        },
        "imputation.probabilities: the model makes its own probabilities; leave "
        'it out, or use method = "table"',
    ),
    "covariates of a table": (
        {"more": '[imputation]\ncovariates = ["origin"]'},
        'imputation.covariates: a table needs no covariates; leave it out, or use method = "model"',
    ),
    "parameters of a table": (
        {"more": "[uncertainty]\nparameters = true"},
        "uncertainty.parameters: a table has no parameters; use false, or "
        '[imputation] method = "model"',
    ),
    "withheld of no rise": (
        {"more": "[money]\nprice_year = 2019\nwithheld = { 2021 = 1.0 }"},
        "money.withheld.2021: the index has no rise of 2021 to withhold; add it to money.index",
    ),
    "rises from no year": (
        {"more": "[money]\nindex = { 2021 = 2.6 }"},
        "money.price_year: is missing; use the year of the amounts, such as 2020",
    ),
    "a year without a rise": (
        {"years": "2019, 2023", "more": "[money]\nprice_year = 2020\nindex = { 2021 = 2.6 }"},
        "money.index: no rise of 2020, 2022, 2023; give one for every year from "
        "2020 to 2023; 0 where nothing rises",
    ),
    "many years without a rise": (
        {"years": "2019", "more": "[money]\nprice_year = 2030\nindex = { 2021 = 2.6 }"},
        "money.index: no rise of 2020, 2022, 2023, 2024, 2025, …; give one for "
        "every year from 2020 to 2030; 0 where nothing rises",
    ),
    "a transition to nowhere": (
        {"more": SCORES + '[transition]\nkind = "weights"\nyears = 3'},
        "transition.new: is missing; use the name of the policy that the transition leads to",
    ),
    "a settlement of no policy": (
        {"more": SCORES + '[settlement]\npolicy = "score"'},
        'settlement.policy: there is no policy "score"; use "current"',
    ),
    "growth before the stock": (
        {
            "more": SCORES
            + ('[growth.reference]\nkind = "reference"\n[pro]\nreference_date = 2018\nstart = 2019')
        },
        "pro.reference_date: 2018 is before the stock of 1 October 2019; use "
        "that year or a later one",
    ),
    "a horizon that nothing reaches": (
        {"more": '[growth.reference]\nkind = "reference"\n[pro]\nhorizon = 2026'},
        "pro.horizon: 2026 is before 2027, the first year that can be cut; use "
        "that year or a later one",
    ),
    "trouble under no policy": (
        {"more": ('[growth.reference]\nkind = "reference"\n[pro]\ntrouble_policy = "nobody"\n')},
        "pro.trouble_policy: no policy has this name; use the name of a policy",
    ),
    "a scenario without a name": (
        {"more": '[growth." "]\nkind = "reference"\n'},
        'growth." ": this is no name for a table or a plot; use a shorter name',
    ),
    "a mix of nothing": (
        {"more": '[growth.reference]\nkind = "reference"\n[growth.both]\nkind = "mix"'},
        "growth.both.of: a mix of nothing; name growth scenarios of this study",
    ),
    "a mix of a mix": (
        {
            "more": (
                '[growth.reference]\nkind = "reference"\n[growth.both]\nkind = "mix"\nof '
                '= ["reference", "both"]'
            )
        },
        'growth.both.of: "both" is no growth scenario of this study, or is '
        "itself a mix; name growth scenarios that are no mix",
    ),
    "parts of no mix": (
        {
            "more": (
                '[growth.reference]\nkind = "reference"\n[growth.more]\nkind = "rise"\n'
                'of = ["reference"]'
            )
        },
        'growth.more.of: only a mix has it; use kind = "mix" or leave it out',
    ),
    "a shock at no time": (
        {
            "more": (
                '[growth.reference]\nkind = "reference"\n[growth.shock]\nkind = "rise"\nshock = 0.1'
            )
        },
        "growth.shock.shock_year: is missing; use the year of the shock",
    ),
    "pro without growth": (
        {"more": "[pro]\nhorizon = 2035"},
        "growth: there is no growth scenario; add at least one, as "
        '[growth.reference] with kind = "reference"',
    ),
    # of what is wrong in itself nothing else is said
    "a policy wrong in itself, and a stop": (
        {
            "study": 'until = { quantity = "change", mcse = 1.0 }',
            "more": (
                '[[policy]]\nname = 3\nkind = "indicator"\n[decomposition]\ndraws = 8\n'
                '[transition]\nnew = "scores"'
            ),
        },
        "policy #2.name: 3 is a whole number; use a name of its own, such as "
        '"current"\ntransition.new: there is no policy "scores"; the nearest '
        'name is "current"',
    ),
    "uncertainty wrong in itself": (
        {"more": SCORES + '[uncertainty]\npopulation = "freshly"\n[decomposition]\ndraws = 8'},
        'uncertainty.population: "freshly" is unknown here; use true, false or, '
        'with source = "synthetic", "fresh"; the nearest is "fresh"',
    ),
    "imputation wrong in itself": (
        {"more": '[imputation]\nmethod = "guess"\ncovariates = ["origin"]'},
        'imputation.method: "guess" is unknown here; use "table" or "model"',
    ),
    "decomposition wrong in itself": (
        {"more": SCORES + '[decomposition]\ndraws = "many"'},
        'decomposition.draws: "many" is text; use a whole number, such as 1000; 0 for none',
    ),
    "transition and settlement wrong in themselves": (
        {"more": SCORES + "[transition]\nyears = 0\n[settlement]\npolicy = 3"},
        "transition.years: 0 is too small; use a whole number from 1 to 20\n"
        "settlement.policy: 3 is a whole number; use the name of a policy of "
        'kind "participation"',
    ),
    "growth wrong in itself": (
        {"more": ('[growth.more]\nkind = "rises"\n[growth.both]\nkind = "mix"\nof = ["more"]')},
        'growth.more.kind: "rises" is unknown here; use "reference", "rise", '
        '"fast-rise", "longer-stay", "decline", "incentive", "bridge-class" or '
        '"mix"; the nearest is "rise"\ngrowth.both.of: "more" is no growth '
        "scenario of this study, or is itself a mix; name growth scenarios that "
        "are no mix",
    ),
    "a table for a word": (
        {"more": "[target_group]\nties = { include = true }"},
        'target_group.ties: this is a table; use "include", "exclude" or "fractional"',
    ),
    "a number too large": (
        {
            "more": (
                "[money]\nsupport_amount = "
                "100000000000000000000000000000000000000000000000000000000000000000000000000000000"
            )
        },
        "money.support_amount: this number is too large; use an amount in euro "
        "per pupil from 0 to 1000000, such as 4740.0",
    ),
    "a word for a number": (
        {"more": '[money]\nsupport_amount = "much"'},
        'money.support_amount: "much" is text; use an amount in euro per pupil '
        "from 0 to 1000000, such as 4740.0",
    ),
}


MANY = {
    "growth scenarios": (
        "".join(f'[growth.g{k}]\nkind = "reference"\n' for k in range(1001)),
        1001,
    ),
    "policies": (SCORES.replace('"scores"', '"{}"') * 1001, 1003),
}


@pytest.mark.parametrize("what", MANY)
def test_too_many_are_refused_before_they_are_read(tmp_path: Path, what: str) -> None:
    more, number = MANY[what]
    path = tmp_path / "m.toml"
    path.write_text(STUDY.format(**(FORM | {"more": SCORES + more})), encoding="utf-8")
    with pytest.raises(InputError, match=rf"there are {number} {what}; use at most \d+"):
        load_study(path)


@pytest.mark.parametrize("case", CASES)
def test_it_is_said_what_does_not_fit(tmp_path: Path, case: str) -> None:
    keys, message = CASES[case]
    path = tmp_path / "m.toml"
    path.write_text(STUDY.format(**(FORM | keys)), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_study(path)
    assert str(error.value).replace(f"{path}: ", "") == message


def test_what_fits_is_taken_as_it_is(tmp_path: Path) -> None:
    more = """
[growth.reference]
kind = "reference"
[growth.more]
kind = "rise"
[growth.both]
kind = "mix"
of = ["reference", "more"]
[money]
price_year = 2018
index = { 2019 = 2.6 }
withheld = { 2019 = 1.0 }
[imputation]
method = "model"
covariates = ["mother_age"]
bins = { mother_age = 10 }
[compute]
memory = "4 GB"
[transition]
new = "scores"
kind = "weights"
years = 2
weights = [0.5, 1.0]
[uncertainty]
population = false
"""
    path = tmp_path / "m.toml"
    path.write_text(STUDY.format(**(FORM | {"more": SCORES + more})), encoding="utf-8")
    study = load_study(path)
    assert study.growth["both"].of == ("reference", "more")
    assert study.compute.memory_bytes == 4 * 10**9
    assert dict(study.imputation.bins) == {"mother_age": 10}
    assert study.uncertainty.population is False
    assert repr(study.money.withheld).startswith("FrozenMap({")


@pytest.mark.parametrize("value", ["1", "0", "1.0", '"true"', "[]", "{}"])
def test_a_switch_is_true_or_false(tmp_path: Path, value: str) -> None:
    path = tmp_path / "m.toml"
    more = f"[uncertainty]\npopulation = {value}\n"
    path.write_text(STUDY.format(**(FORM | {"more": more})), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_study(path)
    assert len(error.value.problems) == 1
    assert str(error.value).startswith(f"{path}: uncertainty.population: ")
