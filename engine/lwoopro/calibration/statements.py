"""Published statements about regions and cities, and national counts, as lines of the table."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro import codes
from lwoopro.calibration.engine import YEARS, Results
from lwoopro.calibration.fit import YEAR
from lwoopro.calibration.money import SUPPORT, Money
from lwoopro.calibration.residuals import Residual, line
from lwoopro.calibration.shares import ACHTERHOEK, NORTH, ZEELAND, ZUID_LIMBURG
from lwoopro.calibration.targets import LARGE_CITIES
from lwoopro.pupils.swv import SwvTable

__all__ = ["national_residuals", "statement_residuals"]

_AMSTERDAM: Final = "VO2708"
_GAINERS: Final = ("VO2810", "VO2806")
_UNCHANGED: Final = 5.0
"""Per cent within which "about unchanged" is true."""
_OFTEN: Final = 10.0
"""A statement may fail in this many per cent of the draws."""


def statement_residuals(results: Results, nonwestern: NDArray[np.float64]) -> list[Residual]:
    """Per cent of the draws in which each published statement is true.

    Parameters
    ----------
    results : Results
    nonwestern : float64 array (swv,)
        Per cent of non-western residents: what "rural" is read off.
    """
    last = YEARS.index(YEAR)
    old, new = results.current[:, last], results.indicator[:, last]
    pupils = results.pupils[last]
    regional = np.array([code != codes.NATIONAL_SWV for code in results.codes])

    def places(names: Sequence[str]) -> NDArray[np.int64]:
        return np.array([results.codes.index(name) for name in names])

    def change(names: Sequence[str]) -> NDArray[np.float64]:
        here = places(names)
        before, after = old[:, here].sum(axis=1), new[:, here].sum(axis=1)
        return np.asarray(100 * (after - before) / before)

    def euro(budget: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.float64]:
        here = places(names)
        return np.asarray(budget[:, here].sum(axis=1) / pupils[here].sum())

    mean = old.sum(axis=1) / pupils.sum()
    per_pupil = np.where(regional, new / pupils, np.nan)
    top = np.argsort(-np.where(regional, per_pupil, -np.inf), axis=1)[:, :3]
    bottom = np.argsort(np.where(regional, per_pupil, np.inf), axis=1)[:, :10]
    rural = nonwestern < np.median(nonwestern[regional])
    gain = np.stack([new[:, j] - old[:, j] for j in places(_GAINERS)], axis=1)
    before = old[:, places(_GAINERS)]
    highest = np.where(regional, old / pupils, 0.0).argmax(axis=1)
    statements = {
        "current: highest in Amsterdam": highest == results.codes.index(_AMSTERDAM),
        "current: high in the north": euro(old, NORTH) > mean,
        "current: high in the Achterhoek": euro(old, ACHTERHOEK) > mean,
        "current: lower in Zuid-Limburg": euro(old, ZUID_LIMBURG) < mean,
        "current: lower in Zeeland": euro(old, ZEELAND) < mean,
        "20 % by school: highest in the large cities": np.isin(top, places(LARGE_CITIES)).all(1),
        "20 % by school: low in rural areas": rural[bottom].all(axis=1),
        "20 % by school: largest budgets in the large cities": np.isin(
            np.argsort(-new, axis=1)[:, :3], places(LARGE_CITIES)
        ).all(axis=1),
        "Rotterdam and Den Haag gain over 5 M and 20 %": (
            (gain > 5e6) & (gain >= 0.2 * before)
        ).all(axis=1),
        "the north loses": change(NORTH) < 0,
        "the Achterhoek loses": change(ACHTERHOEK) < 0,
        "Zuid-Limburg gains": change(ZUID_LIMBURG) > 0,
        "Zeeland is about unchanged": np.abs(change(ZEELAND)) < _UNCHANGED,
    }
    return [
        line("statement true in", name, 100.0, 100.0 * held, _OFTEN, "% of draws")
        for name, held in statements.items()
    ]


def national_residuals(table: SwvTable, money: Money, results: Results) -> list[Residual]:
    """National counts and amounts."""
    numbers = {name: float(np.nansum(column)) for name, column in table.numbers.items()}
    counts = results.pupils.sum(axis=1)
    rows = [
        ("upper vmbo 2019", 201_566.0, counts[YEARS.index(2019)], 0.0, "pupils"),
        ("upper vmbo 2020", 190_488.0, counts[YEARS.index(2020)], 0.0, "pupils"),
        ("pro 2019", 29_315.0, numbers["pro"], 0.0, "pupils"),
        ("vo 2019", 953_500.0, numbers["vo"], 3_500.0, "pupils"),
    ]
    for track, share in zip(codes.TRACKS, (42.0, 17.8, 3.7, 2.3), strict=True):
        value = 100 * numbers[f"lwoo_{track}"] / numbers[track]
        rows.append((f"lwoo in {track}", share, value, 0.1, "%"))
    total = SUPPORT * float(((money.q_lwoo + money.q_pro) * money.vo).sum()) / 1e6
    # "about": in the prices of 2018, a year with more pupils
    rows.append(("lwoo and pro money", 590.0, total, 29.5, "M euro"))
    return [
        line("national", name, published, np.array([value]), tolerance, unit)
        for name, published, value, tolerance, unit in rows
    ]
