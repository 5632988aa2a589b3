"""The text of a csv file, beside the one that pandas writes (R-9)."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lwoopro.report.rows import csv_of


def reference(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, float_format="%.12g", lineterminator="\n")


WORDS = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\r")))
ROWS = st.lists(st.tuples(st.floats(), WORDS, st.integers(-(2**62), 2**62)), max_size=8)


@given(ROWS)
def test_as_pandas_writes_it(rows: list[tuple[float, str | None, int]]) -> None:
    table = pd.DataFrame(
        {
            "value": np.array([row[0] for row in rows], float),
            'a "word", or none': pd.Series([row[1] for row in rows], dtype=object),
            "year": np.array([row[2] for row in rows], np.int64),
        }
    )
    assert csv_of(table) == reference(table)


def test_words_of_pandas_repeated_and_missing() -> None:
    table = pd.DataFrame(
        {
            "swv": pd.Series(
                ["2802", None, "2802", "a, b", 'c "d"', "", "line\nbreak"], dtype="str"
            ),
            "value": [1 / 3, np.nan, -0.0, 1e300, np.inf, -np.inf, 123456789.123456789],
            "known": [True, False, True, True, False, False, True],
        },
        index=[3, 1, 4, 1, 5, 9, 2],
    )
    assert csv_of(table) == reference(table)
    assert csv_of(table.iloc[:0]) == reference(table.iloc[:0])
