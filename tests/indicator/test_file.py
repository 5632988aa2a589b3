"""Indicator files: the bundled one, added columns, covariance, and every kind of damage."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from lwoopro.codes import DEBT, EDUCATION_LEVELS, ORIGINS, STAYS
from lwoopro.errors import InputError
from lwoopro.indicator.coefficients import MICRO, semidefinite_factor
from lwoopro.indicator.file import LARGEST_SCORE, Indicator, bundled_indicators, read_indicator

LEVELS = "\n".join(f"{level} = {k * 0.82:.2f}" for k, level in enumerate(EDUCATION_LEVELS))
TEXT = f"""\
name = "example"
source = "nobody"

[start]
bbkb = 530
gltl = 531.5

[education_mother]
{LEVELS}

[education_father]
{LEVELS}

[origin]
nl = 0
north_africa = -1.2
suriname_antilles = -1
turkey = -1.4
other = 0.000001

[stay]
0-5 = 0.54
5-10 = 1.53
"10+" = 0.0

[debt]
no = 0
yes = -2.07
"""
ADDED = """
[characteristic.language]
none = 0
some = -0.25
all = 0.125000
"""
SE = """
[se.start]
bbkb = 0
gltl = 0.5

[se.education_mother]
primary = 0
vmbo_bk = 0.03
vmbo_gt = 0.06
mbo23 = 0.09
havo_vwo = 0.12
mbo4 = 0.15
bachelor = 0.18
master = 0.21

[se.debt]
no = 0
yes = 0.55
"""
SE_ADDED = """
[se.characteristic.language]
none = 0
some = 0.1
all = 0.2
"""
COVARIANCE = """
[covariance]
parameters = ["debt.yes", "origin.turkey", "education_mother.master"]
matrix = [[0.3025, 0.01, 0], [0.01, 0.0121, -0.001], [0, -0.001, 0.04]]
"""


def file(folder: Path, content: str | bytes) -> str:
    path = folder / "indicator.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def read(folder: Path, content: str | bytes) -> Indicator:
    return read_indicator(file(folder, content), folder)


# --- the bundled indicator (S-5) -------------------------------------------------------------


def test_bundled() -> None:
    assert bundled_indicators() == ("assumed-2022",)
    indicator = read_indicator("assumed-2022", Path("nowhere"))
    assert indicator.name == indicator.path == "assumed-2022"
    steps = tuple(820_000 * k for k in range(8))
    errors = tuple(30_000 * k for k in range(8))
    for characteristic in (indicator.education_mother, indicator.education_father):
        assert characteristic.codes == EDUCATION_LEVELS
        assert (characteristic.value, characteristic.se) == (steps, errors)
    assert indicator.origin.codes == ORIGINS
    assert indicator.origin.value == (0, -1_200_000, -1_000_000, -1_400_000, 0)
    assert indicator.origin.se == (0, 110_000, 110_000, 110_000, 110_000)
    assert indicator.stay.codes == STAYS
    assert indicator.stay.value == (540_000, 1_530_000, 0)
    assert indicator.stay.se == (480_000, 240_000, 0)
    assert indicator.debt.codes == DEBT
    assert (indicator.debt.value, indicator.debt.se) == ((0, -2_070_000), (0, 550_000))
    assert indicator.start[1] - indicator.start[0] == 1_500_000
    assert indicator.start_se is None and indicator.added == () and indicator.covariance is None


def test_what_is_assumed_is_marked() -> None:
    indicator = read_indicator("assumed-2022", Path("nowhere"))
    assert indicator.assumed == ("start", "origin", "se.origin")
    tables = [c.column for c in indicator.characteristics]
    tables = ["start", *tables, *(f"se.{name}" for name in tables)]
    assert sorted([*indicator.assumed, *indicator.sources]) == sorted(tables)
    assert all(source.startswith("PO22 table 3.1.1") for source in indicator.sources.values())


def test_scale_of_the_bundled_indicator() -> None:
    """A population with plausible shares has about PO19's national mean of 535.26."""
    indicator = read_indicator("assumed-2022", Path("nowhere"))
    levels = np.array([0.11, 0.12, 0.07, 0.17, 0.08, 0.23, 0.16, 0.06])
    mean = np.array([0.46, 0.54]) @ indicator.start
    mean += levels @ indicator.education_mother.value + levels @ indicator.education_father.value
    mean += np.array([0.66, 0.08, 0.06, 0.08, 0.12]) @ indicator.origin.value
    mean += np.array([0.02, 0.04, 0.94]) @ indicator.stay.value
    mean += np.array([0.987, 0.013]) @ indicator.debt.value
    assert abs(mean / MICRO - 535.26) < 0.5


# --- files -----------------------------------------------------------------------------------


def test_values(tmp_path: Path) -> None:
    indicator = read(tmp_path, TEXT + ADDED)
    assert (indicator.name, indicator.source) == ("example", "nobody")
    assert indicator.start == (530_000_000, 531_500_000)
    assert indicator.origin.value == (0, -1_200_000, -1_000_000, -1_400_000, 1)
    assert indicator.education_mother.value[1] == 820_000
    assert indicator.education_mother.se is None
    (language,) = indicator.added
    assert language.column == "language"
    assert dict(zip(language.codes, language.value, strict=True)) == {
        "none": 0,
        "some": -250_000,
        "all": 125_000,
    }
    assert (indicator.assumed, indicator.sources) == ((), {})
    assert indicator.path == str(tmp_path / "indicator.toml")
    assert indicator.sha256 == hashlib.sha256((TEXT + ADDED).encode()).hexdigest()
    names = [characteristic.column for characteristic in indicator.characteristics]
    assert names == ["education_mother", "education_father", "origin", "stay", "debt", "language"]


def test_order_of_keys_does_not_matter_for_known_codes(tmp_path: Path) -> None:
    plain = read(tmp_path, TEXT)
    other = read(tmp_path, TEXT.replace("no = 0\nyes = -2.07", "yes = -2.07\nno = 0"))
    assert other.debt == plain.debt


def test_a_path_is_relative_to_the_study(tmp_path: Path) -> None:
    file(tmp_path, TEXT)
    assert read_indicator("indicator.toml", tmp_path).name == "example"
    (tmp_path / "indicator.toml").rename(tmp_path / "indicator")
    assert read_indicator("indicator", tmp_path).name == "example"


def test_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    assert read(tmp_path, content).start == (530_000_000, 531_500_000)


@pytest.mark.parametrize(
    ("written", "millionths"),
    [
        ("0.000001", 1),
        ("-0.000001", -1),
        ("0.1", 100_000),
        ("1e-6", 1),
        ("0.1000000000", 100_000),
        ("1.5e2", 150_000_000),
        ("-0.0", 0),
        ("+3", 3_000_000),
        ("1_0", 10_000_000),
        ("0x10", 16_000_000),
        ("0e99", 0),
        ("0e-99", 0),
    ],
)
def test_decimals_are_exact(written: str, millionths: int, tmp_path: Path) -> None:
    indicator = read(tmp_path, TEXT.replace("yes = -2.07", f"yes = {written}"))
    assert indicator.debt.value == (0, millionths)


def test_sources_and_assumptions(tmp_path: Path) -> None:
    head = 'assumed = ["start", "language", "se.language", "covariance"]\n'
    tail = '\n[sources]\ndebt = "a book"\n"se.debt" = "another"\n'
    indicator = read(tmp_path, head + TEXT + ADDED + SE + SE_ADDED + COVARIANCE + tail)
    assert indicator.assumed == ("start", "language", "se.language", "covariance")
    assert indicator.sources == {"debt": "a book", "se.debt": "another"}


# --- the joint distribution of the coefficients (S-6) ----------------------------------------


def test_independent_errors(tmp_path: Path) -> None:
    indicator = read(tmp_path, TEXT + ADDED + SE + SE_ADDED)
    coefficients = indicator.parameters()
    names = coefficients.names
    assert len(names) == 2 + 8 + 8 + 5 + 3 + 2 + 3
    assert names[:3] == ("start.bbkb", "start.gltl", "education_mother.primary")
    assert names[-1] == f"language.{indicator.added[0].codes[-1]}"
    value = dict(zip(names, coefficients.value.tolist(), strict=True))
    assert value["start.bbkb"] == 530_000_000 and value["debt.yes"] == -2_070_000
    assert coefficients.value.dtype == np.int64
    se = dict(zip(names, coefficients.se.tolist(), strict=True))
    assert se["education_mother.master"] == 210_000 and se["education_father.master"] == 0
    assert coefficients.z_names == (
        *("start.gltl", "education_mother", "debt.yes"),
        *("language.some", "language.all"),
    )
    # one z moves all levels of one parent, each by its own standard error
    levels = coefficients.tables["education_mother"]
    one = coefficients.factor[:, coefficients.z_names.index("education_mother")]
    assert one[levels].tolist() == [30_000.0 * k for k in range(8)]
    assert np.count_nonzero(one) == 7
    spread = np.sqrt((coefficients.factor**2).sum(axis=1))
    np.testing.assert_allclose(spread, coefficients.se)
    assert coefficients.tables["start"] == slice(0, 2)
    assert names[coefficients.tables["debt"]] == ("debt.no", "debt.yes")


def test_nothing_varies_without_errors(tmp_path: Path) -> None:
    coefficients = read(tmp_path, TEXT).parameters()
    assert coefficients.factor.shape == (28, 0) and not coefficients.se.any()


def test_covariance_takes_the_place_of_errors(tmp_path: Path) -> None:
    indicator = read(tmp_path, TEXT + SE + COVARIANCE)
    assert indicator.covariance is not None
    coefficients = indicator.parameters()
    joint = coefficients.factor @ coefficients.factor.T / MICRO**2
    at = [coefficients.names.index(name) for name in indicator.covariance_parameters]
    np.testing.assert_allclose(joint[np.ix_(at, at)], indicator.covariance, atol=1e-12)
    np.testing.assert_allclose(coefficients.se[at], np.sqrt([0.3025, 0.0121, 0.04]) * MICRO)
    # what it does not name keeps its own standard error, and is independent of it
    gltl = coefficients.names.index("start.gltl")
    assert joint[gltl, gltl] == pytest.approx(0.25) and not joint[gltl, at].any()
    mbo4 = coefficients.names.index("education_mother.mbo4")
    assert joint[mbo4, mbo4] == pytest.approx(0.15**2) and not joint[mbo4, at].any()


def test_a_singular_covariance(tmp_path: Path) -> None:
    """The s.e. of education as a matrix: one z for all levels, rank 1."""
    names = [f'"education_mother.{level}"' for level in EDUCATION_LEVELS]
    rows = [[f"{0.0009 * i * k:.4f}" for k in range(8)] for i in range(8)]
    matrix = ", ".join(f"[{', '.join(row)}]" for row in rows)
    tail = f"\n[covariance]\nparameters = [{', '.join(names)}]\nmatrix = [{matrix}]\n"
    coefficients = read(tmp_path, TEXT + tail).parameters()
    assert coefficients.z_names == ("covariance education_mother.vmbo_bk",)
    np.testing.assert_allclose(coefficients.factor[2:10, 0], [30_000 * k for k in range(8)])


def test_factor_of_random_covariances() -> None:
    random = np.random.default_rng(3)
    for rank in (1, 3, 6):
        half = random.normal(size=(6, rank))
        covariance = half @ half.T
        factor = semidefinite_factor(covariance)
        np.testing.assert_allclose(factor @ factor.T, covariance, atol=1e-9)
        assert np.array_equal(factor, np.tril(factor))
    assert semidefinite_factor(np.zeros((2, 2))).tolist() == [[0.0, 0.0], [0.0, 0.0]]


# --- damage ----------------------------------------------------------------------------------


def _replaced(old: str, new: str, *, tail: str = "") -> str:
    whole = TEXT + tail
    assert old in whole
    return whole.replace(old, new, 1)


USE_ORIGINS = f"use {', '.join(ORIGINS)}"
TOO_MANY = "has more than six decimals (S-4)"
DAMAGES: dict[str, tuple[str | bytes, list[str]]] = {
    "empty file": (b"", [": is empty"]),
    "not TOML": (
        _replaced("name =", "name :"),
        [": is not TOML: Expected '=' after a key in a key/value pair (at line 1, column 6)"],
    ),
    "a key twice": (
        _replaced("no = 0", "no = 0\nno = 1"),
        [": is not TOML: Cannot overwrite a value (at line 42, column 7)"],
    ),
    "decimal comma": (
        _replaced("531.5", "531,5"),
        [
            ": is not TOML: Expected newline or end of document after a statement "
            "(at line 6, column 11)"
        ],
    ),
    "nested too deep": (
        "a = " + "[" * 50_000,
        [": is not TOML that can be read"],
    ),
    "an endless integer": (
        _replaced("530", "5" * 5000),
        [": is not TOML that can be read"],
    ),
    "not UTF-8": (
        TEXT.encode().replace(b"nobody", b"\xe9"),
        [": line 2: is not UTF-8; save the file as UTF-8"],
    ),
    "unknown key": (
        "orgin = 1\n" + TEXT,
        [": orgin: unknown key (nearest: 'origin')"],
    ),
    "unknown table": (TEXT + "\n[weather]\nrain = 1\n", [": weather: unknown key"]),
    "line break in a key": (
        '"na\\nme" = 1\n' + TEXT,
        [": 'na\\nme': unknown key (nearest: 'name')"],
    ),
    "no name": (
        _replaced('name = "example"\n', ""),
        [": name: is missing; a text is needed"],
    ),
    "empty name": (_replaced('"example"', '" "'), [": name: a text where a text is needed"]),
    "number for a source": (
        _replaced('"nobody"', "5"),
        [": source: a number where a text is needed"],
    ),
    "no table": (
        _replaced("[start]\nbbkb = 530\ngltl = 531.5\n", ""),
        [": start: is missing; a table with bbkb, gltl is needed"],
    ),
    "number for a table": (
        "debt = 5\n" + _replaced("[debt]\nno = 0\nyes = -2.07\n", ""),
        [": debt: a number where a table is needed; [debt]"],
    ),
    "missing code": (
        _replaced("turkey = -1.4\n", ""),
        [": origin.turkey: is missing; every code needs a number"],
    ),
    "unknown code": (
        _replaced("turkey = -1.4", "turkije = -1.4"),
        [
            f": origin.turkije: unknown code (nearest: 'turkey'); {USE_ORIGINS}",
            ": origin.turkey: is missing; every code needs a number",
        ],
    ),
    "code too many": (
        _replaced("turkey = -1.4", "turkey = -1.4\nabroad = 1"),
        [f": origin.abroad: unknown code; {USE_ORIGINS}"],
    ),
    "code of a boolean": (
        _replaced("yes = -2.07", "true = -2.07"),
        [
            ": debt.true: unknown code; use no, yes",
            ": debt.yes: is missing; every code needs a number",
        ],
    ),
    "text for a number": (
        _replaced("-2.07", '"-2.07"'),
        [": debt.yes: a text where a number is needed"],
    ),
    "boolean for a number": (
        _replaced("-2.07", "true"),
        [": debt.yes: true or false where a number is needed"],
    ),
    "date for a number": (
        _replaced("-2.07", "2022-11-18"),
        [": debt.yes: a date or time where a number is needed"],
    ),
    "list for a number": (
        _replaced("-2.07", "[1]"),
        [": debt.yes: a list where a number is needed"],
    ),
    "seven decimals": (_replaced("-2.07", "-2.0700001"), [f": debt.yes: '-2.0700001' {TOO_MANY}"]),
    "a tiny number": (_replaced("-2.07", "1e-7"), [f": debt.yes: '1E-7' {TOO_MANY}"]),
    "a tinier number": (
        _replaced("-2.07", "1e-999999999"),
        [f": debt.yes: '1E-999999999' {TOO_MANY}"],
    ),
    "a huge number": (
        _replaced("-2.07", "1e999999999"),
        [": debt.yes: too large; at most 9,000 points"],
    ),
    "nan": (_replaced("-2.07", "nan"), [": debt.yes: NaN where a number is needed"]),
    "infinite": (_replaced("-2.07", "-inf"), [": debt.yes: -Infinity where a number is needed"]),
    "scores that cannot be summed": (
        _replaced("gltl = 531.5", "gltl = 9000"),
        [
            ": scores of up to 9,016 points (with eight standard errors) are possible; "
            "at most 9,000 can be summed exactly"
        ],
    ),
    "errors that cannot be summed": (
        _replaced("gltl = 0.5", "gltl = 1100.5", tail=SE),
        [
            ": scores of up to 9,358 points (with eight standard errors) are possible; "
            "at most 9,000 can be summed exactly"
        ],
    ),
    "error of an unknown table": (
        TEXT + "\n[se.orign]\nnl = 0\n",
        [": se.orign: unknown key (nearest: 'origin')"],
    ),
    "error of a missing code": (
        TEXT + "\n[se.debt]\nyes = 0.55\n",
        [": se.debt.no: is missing; every code needs a number"],
    ),
    "negative error": (
        TEXT + "\n[se.debt]\nno = 0\nyes = -0.55\n",
        [": se.debt.yes: a standard error is negative"],
    ),
    "error with seven decimals": (
        TEXT + "\n[se.debt]\nno = 0\nyes = 0.1234567\n",
        [f": se.debt.yes: '0.1234567' {TOO_MANY}"],
    ),
    "number for errors": (
        "se = 1\n" + TEXT,
        [": se: a number where tables are needed; [se.origin], …"],
    ),
    "error of a characteristic that is not there": (
        TEXT + ADDED + SE_ADDED.replace("language", "langauge"),
        [": se.characteristic.langauge: no such characteristic (nearest: 'language')"],
    ),
    "errors of a characteristic as a number": (
        TEXT + "\n[se]\ncharacteristic = 1\n",
        [": se.characteristic: a number where tables are needed; [se.characteristic.<column>]"],
    ),
    "characteristic as a number": (
        "characteristic = 1\n" + TEXT,
        [": characteristic: a number where tables are needed; [characteristic.<column>]"],
    ),
    "characteristic without codes": (
        TEXT + "\n[characteristic]\nlanguage = 1\n",
        [": characteristic.language: a number where a table is needed; [characteristic.language]"],
    ),
    "characteristic of one code": (
        TEXT + "\n[characteristic.language]\nnone = 1\n",
        [": characteristic.language: codes: 1; a column with 2 to 100 named codes is needed"],
    ),
    "characteristic with an empty code": (
        TEXT + '\n[characteristic.language]\n"" = 1\nsome = 2\n',
        [": characteristic.language: an empty code; a column with 2 to 100 named codes is needed"],
    ),
    "characteristic without a name": (
        TEXT + '\n[characteristic.""]\na = 1\nb = 2\n',
        [": characteristic.: has no name; a column with 2 to 100 named codes is needed"],
    ),
    "characteristic with a taken name": (
        TEXT + "\n[characteristic.track]\nbb = 1\nkb = 2\n",
        [": characteristic.track: has a name that the pupil table uses already"],
    ),
    "characteristic with a text": (
        _replaced("some = -0.25", 'some = "x"', tail=ADDED),
        [": characteristic.language.some: a text where a number is needed"],
    ),
    "assumed table that is not there": (
        'assumed = ["orign", "se.origin"]\n' + TEXT,
        [
            ": assumed: no table 'orign' (nearest: 'origin')",
            ": assumed: no table 'se.origin' (nearest: 'origin')",
        ],
    ),
    "assumed as a text": (
        'assumed = "start"\n' + TEXT,
        [': assumed: not a list of table names; such as ["start", "se.origin"]'],
    ),
    "source of a table that is not there": (
        TEXT + '\n[sources]\nstarts = "x"\n',
        [": sources.starts: no such table (nearest: 'start')"],
    ),
    "source as a number": (
        TEXT + "\n[sources]\nstart = 1\n",
        [": sources.start: a number where a text is needed"],
    ),
    "sources as a number": (
        "sources = 1\n" + TEXT,
        [": sources: a number where a table is needed; [sources]"],
    ),
    "assumed and with a source": (
        'assumed = ["start"]\n' + TEXT + '\n[sources]\nstart = "x"\n',
        [": sources.start: has a source and is listed as assumed; choose one"],
    ),
    "covariance without a matrix": (
        _replaced("matrix =", "matrx =", tail=COVARIANCE),
        [
            ": covariance: not the two keys parameters and matrix; "
            "use parameters = [names] and matrix = [[numbers], …]"
        ],
    ),
    "covariance of numbers": (
        _replaced('["debt.yes", "origin.turkey", "education_mother.master"]', "3", tail=COVARIANCE),
        [": covariance.parameters: not a list of names"],
    ),
    "covariance of nothing": (
        TEXT + "\n[covariance]\nparameters = []\nmatrix = []\n",
        [": covariance.parameters: is empty; leave [covariance] out"],
    ),
    "covariance of an unknown parameter": (
        _replaced('"debt.yes"', '"debt.jes"', tail=COVARIANCE),
        [
            ": covariance.parameters: no parameter 'debt.jes' (nearest: 'debt.yes'); "
            "names are <table>.<code>"
        ],
    ),
    "covariance of one parameter twice": (
        _replaced('"debt.yes"', '"origin.turkey"', tail=COVARIANCE),
        [": covariance.parameters: 'origin.turkey' stands there more than once"],
    ),
    "covariance with a row too few": (
        _replaced(", [0, -0.001, 0.04]]", "]", tail=COVARIANCE),
        [": covariance.matrix: not 3 rows of 3 numbers, as parameters has 3 names"],
    ),
    "covariance with a ragged row": (
        _replaced("[0, -0.001, 0.04]]", "[0, -0.001]]", tail=COVARIANCE),
        [": covariance.matrix: not 3 rows of 3 numbers, as parameters has 3 names"],
    ),
    "covariance with a text": (
        _replaced("0.3025", '"x"', tail=COVARIANCE),
        [": covariance.matrix: a text where a number of points squared is needed"],
    ),
    "covariance with nan": (
        _replaced("0.3025", "nan", tail=COVARIANCE),
        [": covariance.matrix: a number where a number of points squared is needed"],
    ),
    "covariance that is not symmetric": (
        _replaced("[[0.3025, 0.01,", "[[0.3025, 0.02,", tail=COVARIANCE),
        [": covariance.matrix: not symmetric: row 1, column 2 differs from its mirror image"],
    ),
    "covariance that cannot be": (
        _replaced("0.0121", "0.0001", tail=COVARIANCE),
        [
            ": covariance.matrix: not positive semidefinite (its smallest eigenvalue is "
            "-0.000255); use the covariance of the estimates"
        ],
    ),
    "everything at once": (
        _replaced('name = "example"\n', "")
        .replace("gltl = 531.5", "gltl = inf")
        .replace("nl = 0", "nl = 0.1234567")
        + "\n[se.stay]\n",
        [
            ": name: is missing; a text is needed",
            ": start.gltl: Infinity where a number is needed",
            f": origin.nl: '0.1234567' {TOO_MANY}",
            ": se.stay.0-5: is missing; every code needs a number",
            ": se.stay.5-10: is missing; every code needs a number",
            ": se.stay.10+: is missing; every code needs a number",
        ],
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged(damage: str, tmp_path: Path) -> None:
    content, lines = DAMAGES[damage]
    path = file(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_indicator(path, tmp_path)
    assert str(caught.value).splitlines() == [f"{path}{line}" for line in lines]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_indicator("assumed-2023", tmp_path)
    assert str(caught.value) == (
        "assumed-2023: no bundled indicator of this name (nearest: 'assumed-2022'); "
        "use assumed-2022 or the path of a .toml file"
    )
    with pytest.raises(InputError) as caught:
        read_indicator("absent.toml", tmp_path)
    assert str(caught.value) == f"{tmp_path / 'absent.toml'}: no such file"


def test_largest_score_can_be_summed() -> None:
    assert LARGEST_SCORE * MICRO * 10**9 < 2**63
