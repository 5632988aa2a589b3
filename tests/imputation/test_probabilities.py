"""Probability files: exact thresholds, and every kind of damage."""

import hashlib
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lwoopro.codes import EDUCATION_LEVELS
from lwoopro.errors import InputError
from lwoopro.imputation.probabilities import from_arrays, probabilities_text, read_probabilities

SEVEN = ("0.1", "0.2", "0.05", "0.15", "0.25", "0.125", "0.0625", "0.0625")
MINUS_TWO = ("0", "1", "0.000", "0", "0", "0", "0", "0")


def text(table: dict[str, tuple[str, ...]]) -> str:
    rows = [
        f"{number},{level},{value}\n"
        for number, values in table.items()
        for level, value in zip(EDUCATION_LEVELS, values, strict=True)
    ]
    return "class,level,probability\n" + "".join(rows)


TEXT = text({"7": SEVEN, "-2": MINUS_TWO})


def file(folder: Path, content: str | bytes) -> Path:
    path = folder / "education.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def exact(values: tuple[str, ...]) -> list[int]:
    """The definition: ceil(2**31 F_k), F_k the share of levels 0…k."""
    shares = [Fraction(value) for value in values]
    total = sum(shares)
    return [math.ceil(2**31 * sum(shares[: k + 1]) / total) for k in range(7)]


def test_values(tmp_path: Path) -> None:
    path = file(tmp_path, TEXT)
    table = read_probabilities(path)
    assert table.classes.tolist() == [-2, 7] and table.classes.dtype == np.int64
    assert table.threshold.dtype == np.uint32 and table.threshold.shape == (2, 7)
    assert table.threshold.tolist() == [exact(MINUS_TWO), exact(SEVEN)]
    assert table.threshold[0].tolist() == [0] + [2**31] * 6
    assert table.probability.tolist() == [
        [float(value) for value in MINUS_TWO],
        [float(value) for value in SEVEN],
    ]
    assert (table.path, table.sha256) == (str(path), hashlib.sha256(TEXT.encode()).hexdigest())


def test_a_third_is_not_a_float(tmp_path: Path) -> None:
    """0.1 + 0.2 is 0.3 exactly, and the threshold is the next whole number above 2**31 F."""
    values = ("0.1", "0.2", "0.7", "0", "0", "0", "0", "0")
    table = read_probabilities(file(tmp_path, text({"1": values})))
    assert table.threshold[0, :3].tolist() == [214748365, 644245095, 2**31]
    assert math.ceil(2**31 * 0.3) == 644245095
    # a share that is a whole number of steps is not rounded up
    eighths = ("0.125",) * 8
    table = read_probabilities(file(tmp_path, text({"1": eighths})))
    assert table.threshold[0].tolist() == [2**28 * k for k in range(1, 8)]


def test_shares_are_of_the_sum(tmp_path: Path) -> None:
    values = ("0.3333333", "0.3333333", "0.3333333", "0", "0", "0", "0", "0")
    table = read_probabilities(file(tmp_path, text({"1": values})))
    third = -(-(2**31) // 3)
    assert table.threshold[0, :3].tolist() == [third, -(-(2**32) // 3), 2**31]
    assert table.probability[0, 0] == 1 / 3


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(",", ", "),
        lambda text: text.rstrip("\n") + "\n\n",
        lambda text: text.replace("7,", "7.0,").replace("-2,", "-02,"),
        lambda text: text.replace("0.0625", "6.25e-2").replace(",1\n", ",1.\n"),
        lambda text: "\n".join([text.splitlines()[0], *reversed(text.splitlines()[1:])]),
        lambda text: "\n".join("x," + line for line in text.splitlines()),
    ],
)
def test_dialects(change: Callable[[str], str | bytes], tmp_path: Path) -> None:
    table = read_probabilities(file(tmp_path, change(TEXT)))
    assert table.classes.tolist() == [-2, 7]
    assert table.threshold.tolist() == [exact(MINUS_TWO), exact(SEVEN)]


WEIGHTS = st.lists(st.integers(0, 10**9), min_size=8, max_size=8).filter(any)


@settings(max_examples=50, deadline=None)
@given(weights=WEIGHTS)
def test_arrays_stand_for_the_decimals_they_print(weights: list[int]) -> None:
    values = (np.array(weights) / sum(weights)).tolist()
    table = from_arrays([5], [values])
    assert table.threshold[0].tolist() == exact(tuple(repr(value) for value in values))


def test_arrays_and_file_agree(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    values = random.dirichlet(np.full(8, 0.3), 40)
    values[0] = np.eye(8)[3]
    values[1] = [1e-300, 0.5, 5e-324, 0.5, 0, 0, 0, 0]
    classes = random.permutation(40) - 20
    by_class = {
        str(number): tuple(repr(value) for value in row)
        for number, row in zip(classes, values.tolist(), strict=True)
    }
    read = read_probabilities(file(tmp_path, text(by_class)))
    made = from_arrays(classes, values)
    assert read.classes.tolist() == made.classes.tolist() == sorted(classes.tolist())
    np.testing.assert_array_equal(read.threshold, made.threshold)
    np.testing.assert_array_equal(read.probability, made.probability)
    np.testing.assert_allclose(made.probability, values[np.argsort(classes)], rtol=1e-14)
    assert (np.diff(made.threshold.astype(np.int64), axis=1) >= 0).all()


def test_where_classes_stand(tmp_path: Path) -> None:
    table = read_probabilities(file(tmp_path, TEXT))
    wanted = np.array([[7, -2], [3, 2**62]])
    assert table.position(wanted).tolist() == [[1, 0], [-1, -1]]


def test_wrong_arrays() -> None:
    row = [0.125] * 8
    for classes, values in (([1], [row, row]), ([1], [row[:7]]), ([], []), ([[1]], [[row]])):
        with pytest.raises(ValueError, match="do not fit"):
            from_arrays(classes, np.array(values).reshape(np.shape(values)))
    for classes in ([1, 1], [1, -(2**63)]):
        with pytest.raises(ValueError, match="stands there twice"):
            from_arrays(classes, [row, row])
    for bad in (-0.1, float("nan"), float("inf")):
        with pytest.raises(InputError) as caught:
            from_arrays([3, 4], [row, [bad, *row[1:]]])
        what = "probability: 1 class with a probability that is negative or not a number: 4"
        assert str(caught.value) == what
    with pytest.raises(InputError) as caught:
        from_arrays([3], [[0.2, *row[1:]]])
    what = "1 class where the probabilities do not add to 1: class 3 to 1.075; 1 within 1e-6"
    assert str(caught.value) == f"probability: {what}"


def line(number: int, new: str, *, of: str = TEXT) -> str:
    """Replace one line of the file (the header is line 1)."""
    lines = of.splitlines()
    lines[number - 1 : number] = [new] if new else []
    return "\n".join(lines) + "\n"


USE_LEVELS = f"use {', '.join(EDUCATION_LEVELS)}"
NO_NUMBER = "use digits and a decimal point"
USE_INT64 = "use the int64 numbers of the pupil table"
ONE = "1 within 1e-6"
MANY = text({str(number): ("0.1",) * 8 for number in range(1234)})
DAMAGES: dict[str, tuple[str | bytes, list[str]]] = {
    "empty file": (b"", [": is empty"]),
    "only a header": ("class,level,probability\n", [": has a header and no records"]),
    "missing columns": (
        line(1, "Class,level,p"),
        [": column class: is missing (nearest: 'Class')", ": column probability: is missing"],
    ),
    "semicolons": (
        TEXT.replace(",", ";"),
        [": line 1: semicolons between the columns; use commas"],
    ),
    "not UTF-8": (
        TEXT.replace("mbo4", "mb\xf6").encode("latin-1"),
        [": line 7: is not UTF-8; save the file as UTF-8"],
    ),
    "a cell too many": (
        line(3, "7,vmbo_bk,0.2,"),
        [": not 3 cells, as the header has, in line 3"],
    ),
    "a level is lacking": (
        line(3, ""),
        [": column level: 1 class without all eight levels: class 7 lacks vmbo_bk"],
    ),
    "levels are lacking": (
        line(3, "", of=line(10, "", of=line(12, ""))),
        [
            ": column level: 2 classes without all eight levels: "
            "class -2 lacks primary, vmbo_gt; class 7 lacks vmbo_bk"
        ],
    ),
    "a level twice": (
        line(3, "7,primary,0.2"),
        [
            ": column level: a level that the class has already (class 7, primary) in line 3; "
            "every class has every level once"
        ],
    ),
    "unknown level": (
        line(3, "7,vmbo-bk,0.2"),
        [f": column level: unknown level (nearest: 'vmbo_bk'): 'vmbo-bk' in line 3; {USE_LEVELS}"],
    ),
    "empty level": (
        line(3, "7,,0.2"),
        [f": column level: unknown level: '' in line 3; {USE_LEVELS}"],
    ),
    "negative": (
        line(3, "7,vmbo_bk,-0.2"),
        [": column probability: negative: '-0.2' in line 3; a probability is at least 0"],
    ),
    "above 1": (
        line(3, "7,vmbo_bk,20"),
        [": column probability: above 1: '20' in line 3; a probability is at most 1"],
    ),
    "nan": (
        line(3, "7,vmbo_bk,NaN"),
        [f": column probability: not a number: 'NaN' in line 3; {NO_NUMBER}"],
    ),
    "infinite": (
        line(3, "7,vmbo_bk,inf"),
        [f": column probability: not a number: 'inf' in line 3; {NO_NUMBER}"],
    ),
    "empty probability": (
        line(3, "7,vmbo_bk,"),
        [f": column probability: not a number: '' in line 3; {NO_NUMBER}"],
    ),
    "decimal comma": (
        line(3, '7,vmbo_bk,"0,2"'),
        [f": column probability: not a number: '0,2' in line 3; {NO_NUMBER}"],
    ),
    "percentage": (
        line(3, "7,vmbo_bk,20%"),
        [f": column probability: not a number: '20%' in line 3; {NO_NUMBER}"],
    ),
    "fraction": (
        line(3, "7,vmbo_bk,1/5"),
        [f": column probability: not a number: '1/5' in line 3; {NO_NUMBER}"],
    ),
    "huge exponent": (
        line(3, "7,vmbo_bk,1e-9999"),
        [f": column probability: not a number: '1e-9999' in line 3; {NO_NUMBER}"],
    ),
    "endless digits": (
        line(3, "7,vmbo_bk,0." + "1" * 500),
        [f": column probability: not a number: '0.{'1' * 37}…' in line 3; {NO_NUMBER}"],
    ),
    "class in words": (
        line(3, "seven,vmbo_bk,0.2"),
        [
            f": column class: not a whole number: 'seven' in line 3; {USE_INT64}",
            ": column level: 1 class without all eight levels: class 7 lacks vmbo_bk",
        ],
    ),
    "class with a fraction": (
        text({"7.5": SEVEN}),
        [
            ": column class: not a whole number: '7.5' in 8 lines: 2, 3, 4, 5, 6, …; "
            "use the int64 numbers of the pupil table"
        ],
    ),
    "class beyond int64": (
        text({"9223372036854775808": SEVEN, "-9223372036854775808": SEVEN}),
        [
            ": column class: not a whole number: '9223372036854775808' in 16 lines: "
            "2, 3, 4, 5, 6, …; use the int64 numbers of the pupil table"
        ],
    ),
    "empty class": (
        text({"": SEVEN}),
        [
            ": column class: not a whole number: '' in 8 lines: 2, 3, 4, 5, 6, …; "
            "use the int64 numbers of the pupil table"
        ],
    ),
    "sum": (
        line(3, "7,vmbo_bk,0.3"),
        [
            ": column probability: 1 class where the probabilities do not add to 1: "
            f"class 7 to 1.1; {ONE}"
        ],
    ),
    "sum a little off": (
        line(3, "7,vmbo_bk,0.2000011"),
        [
            ": column probability: 1 class where the probabilities do not add to 1: "
            f"class 7 to 1.000001; {ONE}"
        ],
    ),
    "many sums": (
        MANY,
        [
            ": column probability: 1,234 classes where the probabilities do not add to 1: "
            "class 0 to 0.8, class 1 to 0.8, class 2 to 0.8, class 3 to 0.8, class 4 to 0.8, …; "
            f"{ONE}"
        ],
    ),
    "everything at once": (
        line(3, "x,y,z", of=line(12, "-2,vmbo_gt,-1", of=line(2, "7,primary,2"))),
        [
            f": column class: not a whole number: 'x' in line 3; {USE_INT64}",
            f": column level: unknown level: 'y' in line 3; {USE_LEVELS}",
            f": column probability: not a number: 'z' in line 3; {NO_NUMBER}",
            ": column probability: negative: '-1' in line 12; a probability is at least 0",
            ": column probability: above 1: '2' in line 2; a probability is at most 1",
        ],
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged(damage: str, tmp_path: Path) -> None:
    content, lines = DAMAGES[damage]
    path = file(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_probabilities(path)
    assert str(caught.value).splitlines() == [f"{path}{line}" for line in lines]


def test_sum_within_a_millionth(tmp_path: Path) -> None:
    for value in ("0.200001", "0.199999"):
        table = read_probabilities(file(tmp_path, line(3, f"7,vmbo_bk,{value}")))
        assert table.threshold[1].tolist() == exact((SEVEN[0], value, *SEVEN[2:]))


@pytest.mark.parametrize("seed", range(5))
def test_what_is_written_is_read_back(tmp_path: Path, seed: int) -> None:
    """To the last bit of every threshold, also where `repr` needs an exponent."""
    rng = np.random.default_rng(seed)
    number = rng.choice(2**62, 20, replace=False) - 2**61
    value = rng.dirichlet(np.full(8, 0.05), 20)
    value[0] = [1e-20, 1.0, 0, 0, 0, 0, 0, 0]
    made = from_arrays(number, value)
    read = read_probabilities(file(tmp_path, probabilities_text(number, value)))
    for name in ("classes", "probability", "threshold"):
        np.testing.assert_array_equal(getattr(read, name), getattr(made, name))


def test_exponents_are_decimals_too(tmp_path: Path) -> None:
    powers = ("0.01e1", "200e-3", "5E-2", "0.15", "0.25", "0.125", "0.0625", "0.0625")
    found = read_probabilities(file(tmp_path, text({"7": powers, "8": ("1e0", *["0e5"] * 7)})))
    assert found.threshold[0].tolist() == exact(SEVEN)
    assert found.threshold[1].tolist() == [2**31] * 7
