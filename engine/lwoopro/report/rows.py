"""A table as the text of a csv file, every float in twelve digits."""

import csv
import io
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["csv_of"]


def csv_of(table: pd.DataFrame) -> str:
    r"""Write a table as csv: a heading, then a line per row; what is missing is empty.

    The same text as ``table.to_csv(index=False, float_format="%.12g", lineterminator="\n")`` in
    less than half of its time: that asks of every single number whether it is missing, and of every
    single word whether it needs quotes. Here each different word is asked once.

    Parameters
    ----------
    table : DataFrame
        Two columns or more, of numbers and words.

    Returns
    -------
    str
    """
    columns = [_cells(table.iloc[:, place]) for place in range(table.shape[1])]
    lines = [
        ",".join(_quoted(str(name)) for name in table),
        *map(",".join, zip(*columns, strict=True)),
    ]
    return "\n".join(lines) + "\n"


def _cells(column: "pd.Series[Any]") -> list[str]:
    """Text of every cell of a column."""
    if column.dtype == np.float64:
        text = np.full(len(column), "", object)
        numbers = column.to_numpy(np.float64)
        known = ~np.isnan(numbers)
        text[known] = [f"{number:.12g}" for number in numbers[known].tolist()]
        return list(text)
    which, words = pd.factorize(column, use_na_sentinel=True)
    # what is missing has the number -1, and so the last text
    text = np.array([*(_quoted(str(word)) for word in words), ""], object)
    return list(text[which])


def _quoted(word: str) -> str:
    """Put quotes around a word where csv asks for them."""
    line = io.StringIO()
    # a second cell, because an empty word alone on its line would get quotes
    csv.writer(line, lineterminator="\n").writerow([word, ""])
    return line.getvalue().removesuffix(",\n")
