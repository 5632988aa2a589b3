"""The bundled swv table with the shares of 2012 that the calibration derived (*assumed*)."""

import hashlib
from dataclasses import replace

import numpy as np

from lwoopro.errors import InputError, Problem
from lwoopro.pupils.swv import SwvTable, read_swv
from lwoopro.pupils.synthetic.source import bundled_folder, csv_rows

__all__ = ["SHARES_FILE", "bundled_swv_table"]

SHARES_FILE = "shares_2012.csv"


def bundled_swv_table(population: str) -> SwvTable:
    """Read a bundled ``swv.csv``, its shares of 2012 replaced by those of the calibration.

    Parameters
    ----------
    population : str
        Name of a bundled population, such as ``"national"``.

    Returns
    -------
    SwvTable
        Its `sha256` covers both files.

    Raises
    ------
    InputError
        Where the two files name different swv.
    """
    folder = bundled_folder(population)
    table = read_swv(folder / "swv.csv")
    path = folder / SHARES_FILE
    rows = {row["swv"]: row for row in csv_rows(path)}
    if tuple(sorted(rows)) != table.codes:
        raise InputError(
            Problem(str(path), "names other swv than swv.csv", "run the calibration again")
        )
    numbers = dict(table.numbers)
    for column in ("q_lwoo_2012", "q_pro_2012"):
        values = np.array([float(rows[code][column]) for code in table.codes])
        values.flags.writeable = False
        numbers[column] = values
    digest = hashlib.sha256(table.sha256.encode() + path.read_bytes()).hexdigest()
    return replace(table, numbers=numbers, sha256=digest)
