"""Issue 3, item 5: shares of 2012 with which the published redistribution holds."""

import numpy as np
import pytest

from lwoopro.calibration.expected import write_shares
from lwoopro.calibration.money import REGIONAL, SUPPORT
from lwoopro.calibration.shares import Facts, lwoo_shares, regional_bounds
from lwoopro.calibration.tables import redistribution
from lwoopro.calibration.targets import CELLS, EURO_CURRENT
from lwoopro.pupils.swv import read_swv
from lwoopro.pupils.synthetic import bundled_folder, bundled_swv_table
from lwoopro.pupils.synthetic.source import csv_rows


@pytest.fixture(scope="module")
def facts() -> Facts:
    """Plausible facts without a population: need follows the first guess and chance."""
    table = read_swv(bundled_folder("national") / "swv.csv")
    numbers = table.numbers
    vo, q_lwoo, q_pro = (numbers[n] for n in ("vo", "q_lwoo_2012", "q_pro_2012"))
    pupils = sum(numbers[track] for track in ("bb", "kb", "gl", "tl")) * 0.945
    rng = np.random.default_rng(3)
    need = q_lwoo * vo * np.exp(rng.normal(0.0, 0.25, len(vo)))
    for code, factor in (("VO2810", 1.45), ("VO2806", 1.5), ("VO2708", 1.0)):
        need[table.codes.index(code)] = (q_lwoo * vo)[table.codes.index(code)] * factor
    new = (REGIONAL + SUPPORT * q_pro) * vo + need / need.sum() * SUPPORT * (q_lwoo * vo).sum()
    return Facts(table.codes, new, pupils, vo, q_lwoo, q_pro, SUPPORT, REGIONAL)


def test_the_published_table_holds(facts: Facts) -> None:
    q_lwoo, cell = lwoo_shares(facts, regional_bounds())
    current = facts.current(q_lwoo)
    found = redistribution(current[None], facts.new[None])[0]
    assert np.abs(found.sum(axis=1) - np.sum(CELLS, axis=1)).max() <= 1
    assert np.abs(found - np.array(CELLS)).sum() <= 8
    counts = np.zeros_like(found)
    np.add.at(counts, tuple(cell.T), 1)
    assert np.array_equal(counts, CELLS)


def test_both_policies_share_the_same_money(facts: Facts) -> None:
    q_lwoo, _ = lwoo_shares(facts, regional_bounds())
    assert facts.current(q_lwoo).sum() == pytest.approx(facts.new.sum(), rel=1e-9)
    assert (q_lwoo * facts.vo).sum() == pytest.approx((facts.q_lwoo * facts.vo).sum(), rel=1e-9)
    assert q_lwoo.min() > 0.0 and q_lwoo.max() < 0.3


def test_published_statements_about_regions_hold(facts: Facts) -> None:
    q_lwoo, _ = lwoo_shares(facts, regional_bounds())
    change = 100 * (facts.new / facts.current(q_lwoo) - 1)
    for code, (low, high) in regional_bounds().items():
        assert low - 1e-6 <= change[facts.codes.index(code)] <= high + 1e-6, code
    euro = facts.current(q_lwoo) / facts.pupils
    amsterdam = facts.codes.index("VO2708")
    assert euro.argmax() == amsterdam
    assert euro[amsterdam] == pytest.approx(EURO_CURRENT[1], rel=0.03)


def test_the_shipped_shares_are_marked_and_national() -> None:
    rows = csv_rows(bundled_folder("national") / "shares_2012.csv")
    assert {row["status"] for row in rows} == {"assumed"}
    table = bundled_swv_table("national")
    vo = table.numbers["vo"]
    assert (table.numbers["q_lwoo_2012"] * vo).sum() / vo.sum() == pytest.approx(0.106, abs=2e-4)
    assert (table.numbers["q_pro_2012"] * vo).sum() / vo.sum() == pytest.approx(0.029, abs=2e-4)
    guess = read_swv(bundled_folder("national") / "swv.csv")
    assert table.sha256 != guess.sha256
    assert not np.array_equal(guess.numbers["q_lwoo_2012"], table.numbers["q_lwoo_2012"])
    given = np.array([float(row["first_guess_lwoo"]) for row in rows])
    # the first guess stays recognisable
    assert np.corrcoef(given, table.numbers["q_lwoo_2012"])[0, 1] > 0.8


def test_the_file_says_what_it_is(facts: Facts, tmp_path) -> None:
    write_shares(facts, tmp_path / "shares_2012.csv")
    text = (tmp_path / "shares_2012.csv").read_text()
    assert text.startswith("# Assumed:")
    rows = csv_rows(tmp_path / "shares_2012.csv")
    assert [row["swv"] for row in rows] == list(facts.codes)
