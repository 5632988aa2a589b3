"""Model §10: the synthetic population as a table of pupils (issue 3)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lwoopro import codes
from lwoopro.errors import InputError
from lwoopro.pupils.synthetic import (
    SyntheticPopulation,
    generate,
    generate_from,
    read_source,
)
from lwoopro.pupils.synthetic.families import make_places
from lwoopro.pupils.synthetic.source import read_composition

YEARS = (2018, 2019, 2020)


@pytest.fixture(scope="module")
def population() -> Iterator[SyntheticPopulation]:
    yield generate("national", YEARS, seed=11)


def test_counts_are_exact_per_year_grade_track_and_swv(population: SyntheticPopulation) -> None:
    source = read_source("national")
    pupils = population.pupils
    for year in YEARS:
        for grade in (3, 4):
            rows = (pupils.year == year) & (pupils.grade == grade)
            cells = np.zeros((4, len(source.codes)), dtype=np.int64)
            np.add.at(cells, (pupils.track[rows], pupils.school_swv[rows]), 1)
            assert np.array_equal(cells, source.year(year, grade))
    assert int((pupils.year == 2019).sum()) == 201_566
    assert int((pupils.year == 2020).sum()) == 190_488
    assert len(source.codes) == 75


def test_a_pupil_is_there_once_a_year(population: SyntheticPopulation) -> None:
    pupils = population.pupils
    keys = pupils.pupil_id * 4096 + pupils.year
    assert len(np.unique(keys)) == len(pupils)


def test_cohorts_persist_from_grade_3_to_grade_4(population: SyntheticPopulation) -> None:
    pupils = population.pupils
    first = np.flatnonzero((pupils.year == 2019) & (pupils.grade == 3))
    second = np.flatnonzero((pupils.year == 2020) & (pupils.grade == 4))
    both, a, b = np.intersect1d(
        pupils.pupil_id[first], pupils.pupil_id[second], assume_unique=True, return_indices=True
    )
    assert len(both) > 0.93 * len(first)
    one, two = first[a], second[b]
    for name in ("school_swv", "home_swv", "school", "mother_id", "father_id", "origin"):
        assert np.array_equal(getattr(pupils, name)[one], getattr(pupils, name)[two]), name
    for name in ("education_mother", "education_father", "registration", "asylum"):
        assert np.array_equal(getattr(pupils, name)[one], getattr(pupils, name)[two]), name
    assert (pupils.track[one] == pupils.track[two]).mean() > 0.9
    # a year passes for the parents, and a stay never gets shorter
    assert np.nanmax(pupils.extra["mother_age"][two] - pupils.extra["mother_age"][one]) == 1
    assert (pupils.stay[two] >= pupils.stay[one]).all()
    assert (pupils.stay[two] > pupils.stay[one]).any()


def test_no_parent_ever_changes(population: SyntheticPopulation) -> None:
    pupils, truth = population.pupils, population.truth
    for role in ("mother", "father"):
        there = getattr(pupils, f"has_{role}_id")
        person = getattr(pupils, f"{role}_id")[there]
        level = truth[f"education_{role}"][there]
        order = np.argsort(person, kind="stable")
        same = person[order][1:] == person[order][:-1]
        assert same.sum() > 100_000
        assert (level[order][1:] == level[order][:-1])[same].all()


def test_siblings_share_their_parents(population: SyntheticPopulation) -> None:
    pupils = population.pupils
    year = np.flatnonzero((pupils.year == 2020) & pupils.has_mother_id)
    mothers, children = np.unique(pupils.mother_id[year], return_counts=True)
    assert 0.02 < (children > 1).mean() < 0.2
    assert not np.isin(mothers, pupils.father_id[pupils.has_father_id]).any()


def test_persons_do_not_depend_on_the_years_asked_for(population: SyntheticPopulation) -> None:
    alone = generate("national", [2020], seed=11).pupils
    pupils = population.pupils
    rows = np.flatnonzero(pupils.year == 2020)
    rows = rows[np.argsort(pupils.pupil_id[rows])]
    order = np.argsort(alone.pupil_id)
    for name in ("pupil_id", "school", "home_swv", "education_mother", "origin", "debt", "stay"):
        assert np.array_equal(getattr(pupils, name)[rows], getattr(alone, name)[order]), name


def test_the_seed_decides_and_nothing_else() -> None:
    one = generate("national", [2019], seed=3).pupils
    two = generate("national", [2019], seed=3).pupils
    other = generate("national", [2019], seed=4).pupils
    for name in ("pupil_id", "education_mother", "education_class_father", "origin", "school"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    assert not np.array_equal(one.origin, other.origin)
    assert np.array_equal(one.pupil_id, other.pupil_id)


def test_a_scaled_population_has_the_same_shares() -> None:
    one = generate("national", [2020], seed=2)
    four = generate("national", [2020], seed=2, scale=4)
    assert len(four.pupils) == 4 * len(one.pupils)
    for name in ("origin", "stay", "debt", "registration", "asylum", "education_mother"):
        a, b = getattr(one.pupils, name), getattr(four.pupils, name)
        for code in np.unique(a):
            share = (b == code).mean()
            # five standard errors of the smaller population
            assert abs((a == code).mean() - share) < 5 * np.sqrt(share * (1 - share) / len(a))
    assert len(generate("national", [2020], seed=2, scale=0.01).pupils) == 1905


def test_classes_serve_whoever_needs_one(population: SyntheticPopulation) -> None:
    pupils = population.pupils
    assert np.allclose(population.probability.sum(axis=1), 1.0)
    assert population.probability.shape == (len(population.classes), 8)
    assert (np.diff(population.classes) > 0).all()
    for role in ("mother", "father"):
        classes = getattr(pupils, f"education_class_{role}")
        level = getattr(pupils, f"education_{role}")
        needs = (level == codes.EMPTY) & getattr(pupils, f"has_{role}_id")
        assert np.array_equal(classes != codes.NO_CLASS, needs)
        assert np.isin(classes[needs], population.classes).all()


def test_what_the_register_lacks_is_empty(population: SyntheticPopulation) -> None:
    pupils = population.pupils
    complete = pupils.registration == 0
    assert np.array_equal(pupils.has_mother_id & pupils.has_father_id, complete)
    for name in ("origin", "stay", "debt"):
        assert (getattr(pupils, name)[complete] != codes.EMPTY).all()
    unregistered = pupils.registration == codes.REGISTRATIONS.index("unregistered")
    assert (pupils.education_mother[unregistered] == codes.EMPTY).all()
    assert (pupils.origin[unregistered & ~pupils.asylum] == codes.EMPTY).all()
    assert np.isnan(pupils.extra["income_decile"][unregistered]).all()
    known = pupils.education_mother != codes.EMPTY
    truth = population.truth["education_mother"]
    assert np.array_equal(pupils.education_mother[known], truth[known])


def test_missingness_has_its_rates_and_is_selective(population: SyntheticPopulation) -> None:
    pupils, truth = population.pupils, population.truth
    rows = pupils.year == 2020
    mother, father = pupils.education_mother[rows], pupils.education_father[rows]
    assert abs(((mother < 0) | (father < 0)).mean() - 0.58) < 0.015
    incomplete = pupils.registration[rows] > 0
    assert abs(incomplete.mean() - 0.06) < 0.005
    assert abs((pupils.registration[rows] == 1).sum() / incomplete.sum() - 0.74) < 0.03
    there = rows & (pupils.registration == 0)
    unknown = pupils.education_mother[there] < 0
    low = truth["education_mother"][there] < 2
    assert unknown[low].mean() > unknown[~low].mean() + 0.1
    abroad = pupils.origin[there] > 0
    assert unknown[abroad].mean() > unknown[~abroad].mean()


def test_the_covariates_have_something_to_tell(population: SyntheticPopulation) -> None:
    pupils, truth = population.pupils, population.truth
    rows = (pupils.registration == 0) & (pupils.year == 2020)
    income = pupils.extra["income_decile"][rows]
    assert set(np.unique(income)) == set(range(1, 11))
    assert np.corrcoef(income, truth["education_mother"][rows])[0, 1] > 0.2


def test_debt_begins_and_ends_at_a_steady_rate(population: SyntheticPopulation) -> None:
    pupils, debt = population.pupils, population.truth["debt"]
    rates = [debt[pupils.year == year].mean() for year in YEARS]
    assert max(rates) < 1.15 * min(rates)
    first = np.flatnonzero((pupils.year == 2018) & (pupils.grade == 3))
    second = np.flatnonzero((pupils.year == 2019) & (pupils.grade == 4))
    _, a, b = np.intersect1d(
        pupils.pupil_id[first], pupils.pupil_id[second], assume_unique=True, return_indices=True
    )
    before, after = debt[first[a]], debt[second[b]]
    # three years long: a third ends every year, and as many begin
    assert 0.2 < (after[before == 1] == 0).mean() < 0.5
    assert 0.2 < (before[after == 1] == 0).mean() < 0.5


def test_schools_are_of_real_size_and_differ(population: SyntheticPopulation) -> None:
    pupils = population.pupils
    rows = np.flatnonzero(pupils.year == 2019)
    size = np.bincount(pupils.school[rows], minlength=len(pupils.schools))
    assert 800 < (size > 0).sum() < 1000
    assert 150 < size[size > 0].mean() < 300
    assert size.max() > 500
    assert list(pupils.schools) == sorted(set(pupils.schools))
    # a school stands in one swv
    swv = np.full(len(pupils.schools), -1)
    swv[pupils.school] = pupils.school_swv
    assert np.array_equal(swv[pupils.school], pupils.school_swv)
    abroad = np.bincount(pupils.school[rows], pupils.origin[rows] > 0, len(size))
    big = size > 100
    assert np.std(abroad[big] / size[big]) > 0.1


def test_asylum_pupils_cluster(population: SyntheticPopulation) -> None:
    pupils = population.pupils
    rows = np.flatnonzero(pupils.year == 2019)
    size = np.bincount(pupils.school[rows], minlength=len(pupils.schools))
    count = np.bincount(pupils.school[rows], pupils.asylum[rows], len(size))
    expected = size * pupils.asylum[rows].mean()
    big = expected > 1
    # a Poisson count has a variance equal to its mean
    assert ((count - expected)[big] ** 2 / expected[big]).mean() > 2


def test_border_traffic_goes_to_neighbours(population: SyntheticPopulation) -> None:
    source, pupils = read_source("national"), population.pupils
    away = pupils.home_swv != pupils.school_swv
    assert 0.04 < away.mean() < 0.12
    assert (source.neighbours[pupils.school_swv[away], pupils.home_swv[away]] > 0).all()


def test_the_national_swv_has_pupils_everywhere(population: SyntheticPopulation) -> None:
    pupils = population.pupils
    national = pupils.school_swv == pupils.swv.index(codes.NATIONAL_SWV)
    # U-1: they count there by both attributions
    assert (pupils.home_swv[national] == pupils.school_swv[national]).all()
    assert len(np.unique(population.truth["residence"][national])) > 60
    assert not (pupils.home_swv[~national] == pupils.swv.index(codes.NATIONAL_SWV)).any()


def test_a_users_table_needs_no_context(tmp_path: Path) -> None:
    table = tmp_path / "swv.csv"
    table.write_text("swv,vo,bb,kb,gl,tl\nVO9002,9000,11,20,0,31\nVO9001,900,0,5,6,7\n")
    population = generate(table, [2030, 2031], seed=1)
    pupils = population.pupils
    assert population.swv_codes == ("VO9001", "VO9002")
    assert len(pupils) == 160
    assert np.bincount(pupils.track[pupils.year == 2031]).tolist() == [11, 25, 6, 38]
    assert (pupils.home_swv == pupils.school_swv).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"population": "nowhere"}, "nowhere: no bundled population and no file of this name"),
        ({"years": [2030]}, "years: the population has no counts for 2030"),
        ({"years": []}, "years: no year"),
        ({"seed": -1}, "seed: -1 is outside its range"),
        ({"scale": 0.0}, "scale: 0.0 is not positive"),
        ({"scale": 1e6}, "scale: 1000000.0 makes more pupils"),
    ],
)
def test_wrong_input_is_named(arguments: dict[str, object], message: str) -> None:
    right: dict[str, object] = {"population": "national", "years": [2019], "seed": 1}
    with pytest.raises(InputError) as error:
        generate(**(right | arguments))
    assert message in str(error.value)


def test_a_broken_table_is_named(tmp_path: Path) -> None:
    table = tmp_path / "swv.csv"
    table.write_text("swv,vo,bb,kb,gl\nVO9002,9000,11,20,0\n")
    with pytest.raises(InputError, match="column tl: is missing"):
        generate(table, [2020], seed=1)
    table.write_text("swv,bb,kb,gl,tl\nVO9002,11,,0,1.5\n")
    with pytest.raises(InputError) as error:
        generate(table, [2020], seed=1)
    assert [problem.where for problem in error.value.problems] == [
        f"{table}: column kb",
        f"{table}: column tl",
    ]


def test_a_users_table_may_have_years(tmp_path: Path) -> None:
    table = tmp_path / "swv.csv"
    table.write_text("swv,year,bb,kb,gl,tl\nVO9002,2020,4,0,0,9\nVO9002,2021,4,0,3,6\n")
    pupils = generate(table, [2020, 2021], seed=1).pupils
    assert np.bincount(pupils.track[pupils.year == 2021], minlength=4).tolist() == [4, 0, 3, 6]
    with pytest.raises(InputError, match="no counts for 2022"):
        generate(table, [2022], seed=1)


def test_a_cohort_shift_moves_its_own_families_and_nobody_else() -> None:
    source = read_source("national")
    there = source.codes.index("VO2602")
    shifts = {cohort: np.zeros(len(source.codes)) for cohort in (2018, 2019, 2020)}
    plain = generate_from(replace(source, composition=shifts), [2019, 2020], 4)
    shifts[2019] = np.where(np.arange(len(source.codes)) == there, 0.5, 0.0)
    other = generate_from(replace(source, composition=shifts), [2019, 2020], 4)
    pupils, levels = plain.pupils, plain.truth["education_mother"]
    assert np.array_equal(pupils.pupil_id, other.pupils.pupil_id)
    assert np.array_equal(plain.truth["origin"], other.truth["origin"])
    changed = levels != other.truth["education_mother"]
    # 2019 is in grade 3 then and in grade 4 a year later
    in_cohort = pupils.year - (pupils.grade - 3) == 2019
    home = pupils.home_swv == there
    first = ~plain.truth["sibling"]
    assert changed[home & in_cohort & first].mean() > 0.2
    assert (other.truth["education_mother"] >= levels)[changed].all()
    assert not changed[~home].any()
    # siblings belong to the cohort of the oldest: of 2018 those, and of 2020 only those
    assert not changed[home & first & ~in_cohort].any()
    younger = home & plain.truth["sibling"] & (pupils.year - (pupils.grade - 3) == 2020)
    assert 0.02 < changed[younger].mean() < changed[home & in_cohort & first].mean()


def test_cohorts_beyond_the_ends_are_like_the_nearest() -> None:
    source = read_source("national")
    found = make_places(source, source.parameters)
    first, last = min(source.composition), max(source.composition)
    home = np.arange(len(source.codes))

    def of(cohort: int) -> list[float]:
        return found.shift_of_cohort(np.full(len(home), cohort), home).tolist()

    assert of(first - 3) == of(first) == source.composition[first].tolist()
    assert of(last + 2) == of(last) == source.composition[last].tolist()
    assert of(first + 1) != of(first)


def test_a_composition_of_other_swv_is_named(tmp_path: Path) -> None:
    path = tmp_path / "composition.csv"
    path.write_text("swv,cohort_2018,status\nVO1,0.1,assumed\nVO3,0.2,assumed\n")
    assert read_composition(path, ("VO1", "VO3"))[2018].tolist() == [0.1, 0.2]
    with pytest.raises(InputError, match="other swv"):
        read_composition(path, ("VO1", "VO2"))
