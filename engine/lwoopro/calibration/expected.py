"""What 20 % by school pays every swv in expectation, and the shares of 2012 that follow."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lwoopro.calibration.engine import SEED
from lwoopro.calibration.fit import measure
from lwoopro.calibration.money import REGIONAL, SUPPORT, Money
from lwoopro.calibration.shares import Facts, lwoo_shares, regional_bounds
from lwoopro.pupils.synthetic.source import Source

__all__ = ["SEEDS", "expected_facts", "write_shares"]

SEEDS: Final = (SEED, *range(1, 12))
"""Populations that the expectation is taken over, that of the shipped study among them."""


def expected_facts(source: Source, money: Money, seeds: Sequence[int] = SEEDS) -> Facts:
    """Average the shares of S_j over populations and turn them into light support.

    Parameters
    ----------
    source : Source
    money : Money
        With the first guess of the shares of 2012.
    seeds : sequence of int
    """
    shares: list[NDArray[np.float64]] = []
    for seed in seeds:
        _, disadvantage, pupils = measure(source, source.parameters, seed)
        shares.append(disadvantage / disadvantage.sum())
    return Facts(
        codes=source.codes,
        new=money.indicator(np.mean(shares, axis=0), pupils),
        pupils=pupils,
        vo=money.vo,
        q_lwoo=money.q_lwoo,
        q_pro=money.q_pro,
        support=SUPPORT,
        regional=REGIONAL,
    )


def write_shares(facts: Facts, path: Path) -> None:
    """Derive the shares of 2012 and write ``shares_2012.csv``."""
    q_lwoo, _ = lwoo_shares(facts, regional_bounds())
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(
            "# Assumed: made by `python -m lwoopro.calibration`, so that the published figures of\n"
            "# CBS 2022 hold; no source gives the shares of 1 October 2012 per swv. Fractions of\n"
            "# vo; nationally 10.6 % lwoo and 2.9 % pro (unverified). First guess: swv.csv.\n"
        )
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["swv", "q_lwoo_2012", "q_pro_2012", "first_guess_lwoo", "status"])
        for code, lwoo, pro, guess in zip(
            facts.codes, q_lwoo, facts.q_pro, facts.q_lwoo, strict=True
        ):
            writer.writerow([code, f"{lwoo:.5f}", f"{pro:.5f}", f"{guess:.5f}", "assumed"])
