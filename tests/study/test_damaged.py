"""One change to a good study file, and the exact lines that answer it.

As if everything were built: what is not built yet is tested by `test_not_built`.
"""

from collections.abc import Callable

import pytest

from lwoopro.errors import InputError
from lwoopro.study import load_study, not_built

Write = Callable[[str | bytes], str]

NAME = (
    "use a name that can be a folder: at most 60 letters, digits, spaces and . _ -, "
    'with a letter or digit first, such as "example"'
)
YEARS = "use a list of years from 1990 to 2100, such as [2019, 2020]"
DRAWS = "use a whole number from 1 to 2147483648"
SEED = "use a whole number from 0 to 9223372036854775807, such as 20221118"
SHARES = "use a list of shares above 0 and at most 1, such as [0.15, 0.20] for 15 and 20 %"
ATTRIBUTIONS = 'use a list of "school", "home" or both'
MATCH = 'use a list of columns of the pupil table, such as ["track", "origin"]'
SUPPORT = "use an amount in euro per pupil from 0 to 1000000, such as 4740.0"
KINDS = 'use "participation", "vmbo-count", "indicator", "direct-pro", "equalised", "key"'
PUPILS = "use the path of a file that ends in .parquet or .csv"
CSV = "use the path of a file that ends in .csv"
FRACTION = "use a fraction from 0 to 1, such as 0.23 for 23 %"
TAU = "use a fraction from 0 to 1, such as 0.12 for 12 %"
UPLIFT = "use a table of numbers from -1 to 100 by group, such as { g4 = 0.1 } for 10 %"
SCALE = "use a number above 0 and at most 10000, such as 1.0"
DIGITS = "use at most 15 digits in all and 12 after the point"
VISIBLE = "use at most 60 visible characters without spaces at the ends"
TEXT = 'a study file has lines such as draws = 1000, with text in "double quotes"'
NAMELESS = 'is missing; use a name of its own, such as "current"'
I20 = "policy.indicator-20-school"

DAMAGE = {
    # [study]
    "name-absent": ('name  = "example"', "", [f"study.name: is missing; {NAME}"]),
    "name-number": (
        '"example"', "2019", [f"study.name: 2019 is a whole number; {NAME}"]
    ),
    "name-folder": (
        '"example"', '"../a"', [f'study.name: "../a" cannot be the name of a folder; {NAME}']
    ),
    "name-empty": ('"example"', '""', [f'study.name: "" cannot be the name of a folder; {NAME}']),
    "name-device": (
        '"example"', '"Nul"', [f'study.name: "Nul" cannot be the name of a folder; {NAME}']
    ),
    "name-dash": (
        '"example"', '"--out"', [f'study.name: "--out" cannot be the name of a folder; {NAME}']
    ),
    "name-point": (
        '"example"', '"a."', [f'study.name: "a." cannot be the name of a folder; {NAME}']
    ),
    "name-lines": (
        '"example"', r'"a\nb"', [f'study.name: "a\\u000ab" cannot be the name of a folder; {NAME}']
    ),
    "name-long": (
        '"example"', f'"{"x" * 61}"',
        [f'study.name: "{"x" * 60}…" cannot be the name of a folder; {NAME}'],
    ),
    "years-absent": ("years = [2019, 2020]", "", [f"study.years: is missing; {YEARS}"]),
    "years-empty": ("[2019, 2020]", "[]", [f"study.years: the list is empty; {YEARS}"]),
    "years-one": (
        "[2019, 2020]", "2019", [f"study.years: 2019 is a whole number; {YEARS}"]
    ),
    "years-twice": (
        "2019, 2020", "2019, 2019",
        ["study.years: 2019 is given twice; give every value once"],
    ),
    "years-float": (
        "2019, 2020", "2019, 2020.0",
        [f"study.years #2: 2020.0 is a number with decimals; {YEARS}"],
    ),
    "years-text": ("2019, 2020", '"2019"', [f'study.years #1: "2019" is text; {YEARS}']),
    "years-date": (
        "2019, 2020", "2019-10-01",
        [f"study.years #1: 2019-10-01 is a date or time; {YEARS}"],
    ),
    "years-early": ("2019, 2020", "219", [f"study.years #1: 219 is too small; {YEARS}"]),
    "years-late": ("2019, 2020", "20190", [f"study.years #1: 20190 is too large; {YEARS}"]),
    "draws-none": ("draws = 1000", "draws = 0", [f"study.draws: 0 is too small; {DRAWS}"]),
    "draws-many": (
        "draws = 1000", "draws = 2147483649",
        [f"study.draws: 2147483649 is too large; {DRAWS}"],
    ),
    "draws-text": ("draws = 1000", 'draws = "10"', [f'study.draws: "10" is text; {DRAWS}']),
    "draws-bool": (
        "draws = 1000", "draws = true", [f"study.draws: true is a true/false value; {DRAWS}"]
    ),
    "draws-float": (
        "draws = 1000", "draws = 1e3",
        [f"study.draws: 1E+3 is a number with decimals; {DRAWS}"],
    ),
    "draws-misspelt": (
        "draws = 1000", "drawz = 1000",
        [
            "study.drawz: unknown key; the nearest known key is draws",
            f"study.draws: is missing; {DRAWS}",
        ],
    ),
    "draws-capital": (
        "draws = 1000", "Draws = 1000",
        [
            "study.Draws: unknown key; the nearest known key is draws",
            f"study.draws: is missing; {DRAWS}",
        ],
    ),
    "seed-negative": ("seed  = 20221118", "seed = -1", [f"study.seed: -1 is too small; {SEED}"]),
    "seed-large": (
        "seed  = 20221118", "seed = 9223372036854775808",
        [f"study.seed: 9223372036854775808 is too large; {SEED}"],
    ),
    "seed-huge": (
        "seed  = 20221118", "seed = 0x" + "f" * 5000,
        [f"study.seed: this number is too large; {SEED}"],
    ),
    "key-of-another-section": (
        "draws = 1000", "draws = 1000\nsupport_amount = 1.0",
        [
            "study.support_amount: unknown key; the nearest known key is until; "
            '"support_amount" is a key of [money] and [pro]'
        ],
    ),
    # sections
    "study-misspelt": (
        "[study]", "[studie]",
        [
            "studie: unknown section; the nearest known section is [study]",
            "study: the section is missing; add [study] with name, years, draws and seed",
        ],
    ),
    "pupils-absent": (
        '[pupils]\nsource = "table"                     # "table" | "synthetic"\n'
        'path   = "pupils.parquet"            # table: parquet or csv\n', "",
        [
            'pupils: the section is missing; add [pupils] with source = "table" or "synthetic"',
        ],
    ),
    "key-before-sections": (
        "[study]\n", "seed = 1\n[study]\n",
        ["seed: the key stands outside its section; put it below [study]"],
    ),
    "unknown-key-before-sections": (
        "[study]\n", "xyz = 1\n[study]\n",
        ["xyz: unknown section; the nearest known section is [study]"],
    ),
    "section-is-a-list": (
        "[money]", "[[money]]",
        ["money: this is a list; start the section with a line [money]"],
    ),
    "section-is-a-value": (
        "[study]\n", "report = true\n[study]\n",
        ["report: this is a true/false value; start the section with a line [report]"],
    ),
    "unknown-section": (
        "[swv]", "[target-group]\n[swv]",
        ["target-group: unknown section; the nearest known section is [target_group]"],
    ),
    "quoted-key": (
        "draws = 1000", 'draws = 1000\n"se ed\\t" = 1',
        ['study."se ed\\u0009": unknown key; the nearest known key is seed'],
    ),
    # [pupils]
    "source-absent": (
        'source = "table"', "",
        ['pupils.source: is missing; use "table", "synthetic"'],
    ),
    "source-unknown": (
        'source = "table"', 'source = "tabel"',
        [
            'pupils.source: "tabel" is unknown here; use "table", "synthetic"; '
            'the nearest is "table"'
        ],
    ),
    "source-bool": (
        'source = "table"', "source = true",
        ['pupils.source: true is a true/false value; use "table", "synthetic"'],
    ),
    "pupils-path-absent": (
        'path   = "pupils.parquet"', "", [f"pupils.path: is missing; {PUPILS}"]
    ),
    "pupils-path-suffix": (
        '"pupils.parquet"', '"pupils.xlsx"',
        [f'pupils.path: "pupils.xlsx" is no path to such a file; {PUPILS}'],
    ),
    "pupils-path-empty": (
        '"pupils.parquet"', '""', [f'pupils.path: "" is no path to such a file; {PUPILS}']
    ),
    "pupils-path-nul": (
        '"pupils.parquet"', r'"a\u0000.csv"',
        [f'pupils.path: "a\\u0000.csv" is no path to such a file; {PUPILS}'],
    ),
    "synthetic-with-path": (
        'source = "table"', 'source = "synthetic"',
        ['pupils.path: unknown key; it belongs to source = "table"'],
    ),
    "table-with-scale": (
        'path   = "pupils.parquet"', 'path = "pupils.parquet"\nscale = 2.0',
        ['pupils.scale: unknown key; it belongs to source = "synthetic"'],
    ),
    "scale-zero": (
        'source = "table"                     # "table" | "synthetic"\npath   = "pupils.parquet"',
        'source = "synthetic"\nscale = 0.0',
        [f"pupils.scale: 0 is too small; {SCALE}"],
    ),
    "scale-nan": (
        'source = "table"                     # "table" | "synthetic"\npath   = "pupils.parquet"',
        'source = "synthetic"\nscale = nan',
        [f"pupils.scale: nan is not a finite number; {SCALE}"],
    ),
    "population-path": (
        'source = "table"                     # "table" | "synthetic"\npath   = "pupils.parquet"',
        'source = "synthetic"\npopulation = "data/swv.xlsx"',
        [
            'pupils.population: "data/swv.xlsx" is neither a name nor a path to such a file; '
            'use "national" or the path of a swv.csv'
        ],
    ),
    "swv-path-absent": (
        'path = "swv.csv"', "",
        [
            "swv.path: is missing; "
            "with a pupil table, use the path of the swv table, such as swv.csv"
        ],
    ),
    "swv-path-suffix": (
        '"swv.csv"', '"swv.parquet"',
        [f'swv.path: "swv.parquet" is no path to such a file; {CSV}'],
    ),
    # [indicator], [target_group], [imputation], [uncertainty]
    "indicator-path": (
        '"assumed-2022"', '"own/indicator"',
        [
            'indicator.table: "own/indicator" is neither a name nor a path to such a file; '
            'use "assumed-2022" or the path of a file that ends in .toml'
        ],
    ),
    "shares-percent": (
        "0.25, 0.30]", "0.25, 30]", [f"target_group.shares #6: 30 is too large; {SHARES}"]
    ),
    "shares-zero": ("[0.05,", "[0.0,", [f"target_group.shares #1: 0 is too small; {SHARES}"]),
    "shares-empty": (
        "[0.05, 0.10, 0.15, 0.20, 0.25, 0.30]", "[]",
        [f"target_group.shares: the list is empty; {SHARES}"],
    ),
    "shares-twice": (
        "0.20, 0.25", "0.20, 0.200",
        ["target_group.shares: 0.200 is given twice; give every value once"],
    ),
    "shares-inf": (
        "[0.05,", "[inf,", [f"target_group.shares #1: inf is not a finite number; {SHARES}"]
    ),
    "shares-digits": (
        "[0.05,", "[0.0500000000000001,",
        [f"target_group.shares #1: 0.0500000000000001 has too many digits; {DIGITS}"],
    ),
    "shares-tiny": (
        "[0.05,", "[1e-999999999,",
        [f"target_group.shares #1: 1E-999999999 has too many digits; {DIGITS}"],
    ),
    "shares-exponent": (
        "[0.05,", "[1e99999999999999999999,",
        [f"target_group.shares #1: inf is not a finite number; {SHARES}"],
    ),
    "shares-negative-exponent": (
        "[0.05,", "[-1e99999999999999999999,",
        [f"target_group.shares #1: -inf is not a finite number; {SHARES}"],
    ),
    "shares-text": (
        "[0.05,", '["5 %",', [f'target_group.shares #1: "5 %" is text; {SHARES}']
    ),
    "shares-bool": (
        "[0.05,", "[true,",
        [f"target_group.shares #1: true is a true/false value; {SHARES}"],
    ),
    "shares-list": ("[0.05,", "[[0.05],", [f"target_group.shares #1: this is a list; {SHARES}"]),
    "attribution-unknown": (
        '["school", "home"]', '["school", "hom"]',
        [
            f'target_group.attribution #2: "hom" is unknown here; {ATTRIBUTIONS}; '
            'the nearest is "home"'
        ],
    ),
    "attribution-twice": (
        '["school", "home"]', '["school", "school"]',
        ['target_group.attribution: "school" is given twice; give every value once'],
    ),
    "attribution-text": (
        '["school", "home"]', '"school"',
        [f'target_group.attribution: "school" is text; {ATTRIBUTIONS}'],
    ),
    "ties-unknown": (
        'ties        = "include"', 'ties = "all"',
        ['target_group.ties: "all" is unknown here; use "include", "exclude" or "fractional"'],
    ),
    "match-twice": (
        '["track", "origin"]', '["track", "track"]',
        ['imputation.match: "track" is given twice; give every value once'],
    ),
    "match-empty": (
        '["track", "origin"]', '["track", " "]',
        [f"imputation.match #2: the text is empty; {MATCH}"],
    ),
    "match-spaces": (
        '["track", "origin"]', '["track "]',
        [f'imputation.match #1: "track " is no name for a table or a plot; {VISIBLE}'],
    ),
    "uncertainty-number": (
        "education = true", "education = 1",
        ["uncertainty.education: 1 is a whole number; use true or false"],
    ),
    "uncertainty-text": (
        "education = true", 'education = "yes"',
        ['uncertainty.education: "yes" is text; use true or false'],
    ),
    # [money]
    "money-negative": ("4740.0", "-1.0", [f"money.support_amount: -1.0 is too small; {SUPPORT}"]),
    "money-inf": (
        "4740.0", "-inf", [f"money.support_amount: -inf is not a finite number; {SUPPORT}"]
    ),
    "money-comma": (
        "4740.0", '"4.740,00"', [f'money.support_amount: "4.740,00" is text; {SUPPORT}']
    ),
    "money-total": (
        "# lwoo_total    = 455000000.0", "lwoo_total = 1000000000001",
        [
            "money.lwoo_total: 1000000000001 is too large; "
            "use an amount in euro from 0 to 1000000000000, such as 455000000.0"
        ],
    ),
    "money-misspelt": (
        "support_amount ", "suport_amount ",
        ["money.suport_amount: unknown key; the nearest known key is support_amount"],
    ),
    # [[policy]]
    "policy-single-brackets": (
        '[[policy]]\nname = "current"\nkind = "participation"\n'
        "date = 2012                          # uses columns q_lwoo_2012, q_pro_2012\n[[policy]]",
        "[policy]",
        ["policy: this is a table; start every policy with a line [[policy]]"],
    ),
    "policy-stray": (
        '[[policy]]\nname = "current"', '[[policy]]\nx = {}\nname = "current"',
        ["policy.current.x: unknown key; the nearest known key is name"],
    ),
    "policy-nameless": ('name = "current"\n', "", [f"policy #1.name: {NAMELESS}"]),
    "policy-nameless-and-more": (
        'name = "indicator-20-school"\nkind = "indicator"\nshare = 0.20\n',
        'kind = "indicator"\nshare = 1\n',
        [
            "policy #2.share: 1 is not in target_group.shares; "
            "add it there or use one of 0.05, 0.10, 0.15, 0.20, 0.25, 0.30",
            f"policy #2.name: {NAMELESS}",
        ],
    ),
    "policy-name-twice": (
        '"indicator-20-school"', '"current"',
        [
            'policy #2.name: "current" is the name of an earlier policy; '
            "give every policy a name of its own"
        ],
    ),
    "policy-name-empty": (
        '"current"', '""',
        ['policy #1.name: the text is empty; use a name of its own, such as "current"'],
    ),
    "policy-kind-absent": (
        'kind = "participation"\n', "", [f"policy.current.kind: is missing; {KINDS}"]
    ),
    "policy-kind-unknown": (
        '"participation"', '"particpation"',
        [
            f'policy.current.kind: "particpation" is unknown here; {KINDS}; '
            'the nearest is "participation"'
        ],
    ),
    "policy-kind-list": (
        '"participation"', "[]", [f"policy.current.kind: this is a list; {KINDS}"]
    ),
    "policy-key-without-column": (
        'kind = "participation"\n'
        "date = 2012                          # uses columns q_lwoo_2012, q_pro_2012\n",
        'kind = "key"\n',
        [
            "policy.current.lwoo_column: no money has a key; add lwoo_column, pro_column or both",
        ],
    ),
    "policy-start": (
        'kind = "participation"\n'
        "date = 2012                          # uses columns q_lwoo_2012, q_pro_2012\n",
        'kind = "direct-pro"\nstart = 2024\n',
        [
            "policy.current.start: 2024 is before the reference date, 1 October 2025; "
            "use that year or a later one",
        ],
    ),
    "policy-date": (
        "date = 2012", 'date = "2012"',
        ['policy.current.date: "2012" is text; use a year from 1990 to 2100, such as 2012'],
    ),
    "policy-key-of-other-kind": (
        "date = 2012", "share = 0.1",
        ['policy.current.share: unknown key; it belongs to kind = "indicator" or "direct-pro"'],
    ),
    "policy-share-elsewhere": (
        "share = 0.20", "share = 0.22",
        [
            f"{I20}.share: 0.22 is not in target_group.shares; "
            "add it there or use one of 0.05, 0.10, 0.15, 0.20, 0.25, 0.30"
        ],
    ),
    "policy-attribution-elsewhere": (
        '["school", "home"]', '["home"]',
        [
            f'{I20}.attribution: "school" is not in target_group.attribution; '
            'add it there or use one of "home"'
        ],
    ),
    "policy-weight": (
        'weight = "mean"', 'weight = "meen"',
        [
            f'{I20}.weight: "meen" is unknown here; use "mean", "cut" or "equal"; '
            'the nearest is "mean"'
        ],
    ),
    "policy-tau-percent": (
        'threshold = "none"', 'threshold = "deduct"\ntau = 12',
        [f"{I20}.tau: 12 is too large; {TAU}"],
    ),
    "policy-equal-part": (
        "equal_part = 0.23", "equal_part = 23", [f"{I20}.equal_part: 23 is too large; {FRACTION}"]
    ),
    "policy-uplift-number": (
        "equal_part = 0.23", "uplift = 0.1",
        [f"{I20}.uplift: 0.1 is a number with decimals; {UPLIFT}"],
    ),
    "policy-uplift-low": (
        "equal_part = 0.23", "uplift = { g4 = -1.1 }",
        [f"{I20}.uplift.g4: -1.1 is too small; {UPLIFT}"],
    ),
    "policy-uplift-group": (
        "equal_part = 0.23", 'uplift = { "" = 0.1 }',
        [f'{I20}.uplift."": the text is empty; {UPLIFT}'],
    ),
    # [report], [compute]
    "baseline-unknown": (
        "[swv]", '[report]\nbaseline = "curent"\n[swv]',
        [
            'report.baseline: there is no policy "curent"; '
            'the nearest name of a policy is "current"'
        ],
    ),
    "threads": (
        "[swv]", "[compute]\nthreads = 0\n[swv]",
        ["compute.threads: 0 is too small; use a whole number from 1 to 1024"],
    ),
    "block-draws": (
        "[swv]", "[compute]\nblock_draws = 65537\n[swv]",
        ["compute.block_draws: 65537 is too large; use a whole number from 1 to 65536"],
    ),
    "compute-unknown": (
        "[swv]", "[compute]\nworkers = 2\n[swv]",
        ["compute.workers: unknown key; the nearest known key is block_draws"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "lines"), DAMAGE.values(), ids=DAMAGE.keys())
def test_one_change(
    example: str,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    lines: list[str],
) -> None:
    monkeypatch.setattr(not_built, "NOT_BUILT", ())
    assert old in example
    with pytest.raises(InputError) as caught:
        load_study(write(example.replace(old, new, 1)))
    assert str(caught.value).splitlines() == [f"study.toml: {line}" for line in lines]
