"""Draws that make the synthetic population anew: fresh cohorts, suppressed counts (Q-1)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.reference import keyed_word
from tests.simulation.little import write_little

from lwoopro import codes
from lwoopro.errors import InputError
from lwoopro.imputation.probabilities import from_arrays
from lwoopro.pupils.synthetic import generate, read_source
from lwoopro.pupils.synthetic.counts import COHORT_FACTOR, FIXED_TOTALS, apportion
from lwoopro.pupils.synthetic.suppressed import read_suppressed
from lwoopro.simulation.block import simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.remade import Remake, drawn_cell, drawn_seed
from lwoopro.simulation.runner import run
from lwoopro.study import Study, load_study


def changed(path: Path, lines: str) -> Study:
    path.write_text(path.read_text("utf-8") + f"\n[uncertainty]\n{lines}\n", "utf-8")
    return load_study(path)


def test_a_fresh_draw_is_the_population_of_its_own_seed(tmp_path: Path) -> None:
    study = changed(write_little(tmp_path), 'population = "fresh"')
    inputs = load_inputs(study)
    prepared, _ = prepare(study, inputs)
    values = simulate_block(prepared, range(3, 5))
    still = study.model_copy(
        update={"uncertainty": study.uncertainty.model_copy(update={"population": False})}
    )
    for place, draw in enumerate((3, 4)):
        low, high = (keyed_word(study.study.seed, 5, sub, 0, draw) for sub in (1, 2))
        seed = (high * 2**32 + low) // 2
        assert seed == drawn_seed(study.study.seed, draw)
        made = generate(tmp_path / "little.csv", study.study.years, seed)
        own = from_arrays(made.classes, made.probability)
        other = prepare(still, replace(inputs, pupils=made.pupils, probabilities=own))[0]
        expected = simulate_block(other, range(draw, draw + 1))
        for name, value in expected.items():
            np.testing.assert_array_equal(values[name][place], value[0], name)
    assert (values["disadvantage_score"][0] != values["disadvantage_score"][1]).any()
    # the real counts per swv stand
    np.testing.assert_array_equal(values["drawn_pupils"][0, :, 0], values["drawn_pupils"][1, :, 0])


def test_a_run_of_fresh_draws_can_be_continued(tmp_path: Path) -> None:
    study = changed(write_little(tmp_path), 'population = "fresh"').with_overrides(draws=6)
    whole = run(study, tmp_path / "whole")
    run(study.with_overrides(draws=2), tmp_path / "parts")
    parts = run(study, tmp_path / "parts", resume=True)
    assert whole.identical(parts)


def reference_counts(seed: int, draw: int, year: int) -> np.ndarray:
    """Pupils of a year per grade, track and swv: candidates cell by cell, model §10."""
    cohorts = read_suppressed("national")
    assert cohorts is not None
    source = cohorts.source
    block = {}
    for school_year in (year, year + 1):
        table = np.zeros((4, len(source.codes)))
        for track in range(4):
            for j, code in enumerate(source.codes):
                cells = int(cohorts.cells[school_year][track, j])
                sure = cohorts.candidates[school_year][track, j] - 2.5 * cells
                assert sure == int(sure) >= 0
                table[track, j] = sure
                for number in range(cells):
                    person = int(code[2:])
                    sub = ((school_year - 1990) * 4 + track) * 2**14 + number
                    word = keyed_word(seed, 7, sub, person, draw)
                    table[track, j] += word * 4 // 2**32 + 1
        block[school_year] = table
    stacked = np.stack([block[year + 1], block[year]])
    if year in FIXED_TOTALS:
        return apportion(stacked, FIXED_TOTALS[year])
    return np.stack([apportion(b, round(COHORT_FACTOR * b.sum())) for b in stacked])


@pytest.mark.parametrize("year", [2018, 2020])
def test_suppressed_candidates_get_values_of_their_own(small_study: Path, year: int) -> None:
    small_study.write_text(
        small_study.read_text("utf-8").replace("2019, 2020", f"2019, {year}"), "utf-8"
    )
    study = changed(small_study, "suppressed = true")
    prepared, _ = prepare(study, load_inputs(study))
    remake = prepared.remake
    assert isinstance(remake, Remake) and remake.suppressed is not None
    cohorts = remake.suppressed
    plain = replace(
        cohorts.source, parameters=cohorts.source.parameters.replaced({"counts.link": 0.0})
    )
    remake = replace(remake, suppressed=replace(cohorts, source=plain))
    for draw in (6,):
        source = remake.drawn_source(draw)
        expected = reference_counts(study.study.seed, draw, year)
        for place, grade in enumerate((3, 4)):
            np.testing.assert_array_equal(source.counts[year, grade], expected[place])
        for grade in (3, 4):
            real = read_source("national").counts[2019, grade]
            np.testing.assert_array_equal(source.counts[2019, grade], real)


def test_counts_that_are_suppressed_vary_and_the_others_do_not(small_study: Path) -> None:
    text = small_study.read_text("utf-8").replace("scale = 0.01", "scale = 0.05")
    small_study.write_text(text, "utf-8")
    study = changed(small_study, "suppressed = true")
    prepared, _ = prepare(study, load_inputs(study))
    pupils = simulate_block(prepared, range(2))["drawn_pupils"][:, :, 0]
    assert (pupils[:, 0] == pupils[0, 0]).all()
    assert (pupils[:, 1] != pupils[0, 1]).any()


def test_cells_are_one_to_four_equally_likely() -> None:
    values = [drawn_cell(5, 2020, 1, "VO2708", k, d) for k in range(60) for d in range(60)]
    found = np.bincount(values, minlength=5)
    assert found[0] == 0 and len(found) == 5
    assert abs(found[1:] - 900).max() < 5 * np.sqrt(900)
    assert drawn_cell(5, 2020, 1, "VO2708", 3, 9) != drawn_cell(5, 2020, 1, "VO2708", 3, 10) or (
        drawn_cell(5, 2020, 1, "VO2708", 4, 9) != drawn_cell(5, 2020, 1, "VO2708", 4, 10)
    )


def test_every_cell_has_a_word_of_its_own() -> None:
    cohorts = read_suppressed("national")
    assert cohorts is not None
    most = max(int(cells.max()) for cells in cohorts.cells.values())
    years = sorted(cohorts.cells)
    assert most < 2**14
    assert ((years[-1] - 1990) * len(codes.TRACKS) + 3) < 2**10


def test_a_study_without_suppressed_counts_says_so(small_study: Path) -> None:
    text = small_study.read_text("utf-8")
    small_study.write_text(text.replace("[2019, 2020]", "[2019]"), "utf-8")
    study = changed(small_study, "suppressed = true")
    with pytest.raises(InputError, match=r'no count of 2019 rests on .*"<5".*such as 20'):
        prepare(study, load_inputs(study))


def test_without_suppressed_cells_nothing_moves() -> None:
    cohorts = read_suppressed("national")
    assert cohorts is not None
    none = replace(cohorts, cells={y: np.zeros_like(c) for y, c in cohorts.cells.items()})
    same = none.drawn(lambda year, track, swv: np.zeros(0, np.int64))
    for key, table in cohorts.source.counts.items():
        np.testing.assert_array_equal(same.counts[key], table)
    assert none.uncertain([2018, 2020]) == ()
    parameters = cohorts.source.parameters
    for link, expected in ((0.0, (2018, 2020)), (0.4, (2017, 2018, 2020))):
        source = replace(cohorts.source, parameters=parameters.replaced({"counts.link": link}))
        assert replace(cohorts, source=source).uncertain([2017, 2018, 2019, 2020]) == expected


def test_what_cannot_be_made_anew_is_refused(small_study: Path) -> None:
    text = small_study.read_text("utf-8")
    table = text.replace('source = "synthetic"\nscale = 0.01', 'source = "table"\npath = "p.csv"')
    for lines, words in (
        ('population = "fresh"', "a pupil table cannot be made anew"),
        ("suppressed = true", "only exam candidates behind simulated pupils"),
    ):
        small_study.write_text(f'{table}\n[swv]\npath = "s.csv"\n', "utf-8")
        with pytest.raises(InputError, match=words):
            changed(small_study, lines)
    small_study.write_text(text, "utf-8")
    with pytest.raises(InputError, match="cannot be drawn while its counts vary"):
        changed(small_study, "suppressed = true\npopulation = true")


def test_splits_are_refused_while_the_population_varies(small_study: Path) -> None:
    text = small_study.read_text("utf-8")
    for lines in ("population = true", 'population = "fresh"', "suppressed = true"):
        small_study.write_text(text, "utf-8")
        assert changed(small_study, lines).split_policies == ()
        small_study.write_text(text + '\n[report]\nsplit = ["indicator-20-school"]\n', "utf-8")
        with pytest.raises(InputError, match="while the population varies"):
            changed(small_study, lines)
