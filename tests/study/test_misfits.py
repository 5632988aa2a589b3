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
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_said_what_does_not_fit(tmp_path: Path, case: str) -> None:
    keys, message = CASES[case]
    path = tmp_path / "m.toml"
    path.write_text(STUDY.format(**(FORM | keys)), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_study(path)
    assert str(error.value).replace(f"{path}: ", "") == message
