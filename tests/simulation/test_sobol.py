"""Q-6 in a run: two families of draws, one source at a time from the other."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lwoopro
from lwoopro.errors import InputError
from lwoopro.kernels.philox import DONORS, EDUCATION, POPULATION, seed_key
from lwoopro.report.findings import Findings
from lwoopro.report.tables import TABLES
from lwoopro.simulation import runner, sobol
from lwoopro.simulation.block import Prepared, simulate_block
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.pieces import donated_profiles, drawn_profiles, thresholds_of
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.resampled import draw_weights
from lwoopro.simulation.scheduler import Backend
from lwoopro.simulation.sobol import Decomposition, decompose, plan_decomposition
from lwoopro.study import load_study, restore_study

MODEL = '[imputation]\nmethod = "model"\n'


@pytest.fixture
def small_study(small_study: Path) -> Path:
    """One year is enough here."""
    text = small_study.read_text("utf-8").replace("[2019, 2020]", "[2020]")
    small_study.write_text(text, "utf-8")
    return small_study


def planned(
    small_study: Path, draws: int = 64, uncertainty: str = "", more: str = ""
) -> tuple[Prepared, Decomposition]:
    text = small_study.read_text("utf-8")
    text += f"[decomposition]\ndraws = {draws}\n[uncertainty]\n{uncertainty}\n{more}"
    small_study.write_text(text, "utf-8")
    study = load_study(small_study)
    prepared, _ = prepare(study, load_inputs(study))
    found = plan_decomposition(study, prepared)
    assert found is not None
    return prepared, found


def test_run_a_is_the_run_itself(small_study: Path) -> None:
    prepared, found = planned(small_study)
    assert found.sources == ("education", "donors")
    first, second, *mixed = found.runs()
    draws = range(8)
    whole = simulate_block(prepared, draws)["budget"]
    np.testing.assert_array_equal(
        simulate_block(first, draws)["budget"], whole[:, :, list(found.place)]
    )
    others = [simulate_block(run, draws)["budget"] for run in (second, *mixed)]
    for one in others:
        assert (one != whole[:, :, list(found.place)]).any(axis=(1, 2, 3)).all()


def test_shares_that_no_policy_follows_are_left_out(small_study: Path) -> None:
    text = small_study.read_text("utf-8")
    text = text.replace("shares = [0.15, 0.20]", "shares = [0.05, 0.15, 0.20, 0.30]")
    small_study.write_text(text.replace("scale = 0.01", "scale = 0.1"), "utf-8")
    prepared, found = planned(small_study)
    assert all(plan.bands is not None for plan in prepared.plans)
    first, *_ = found.runs()
    assert [len(plan.quotas) for plan in first.plans] == [2]
    np.testing.assert_array_equal(
        simulate_block(first, range(8))["budget"],
        simulate_block(prepared, range(8))["budget"][:, :, list(found.place)],
    )


def test_a_source_from_the_second_family_leaves_the_others(small_study: Path) -> None:
    """The words differ in bit 31 alone; levels and donors are those of A or of B, never both."""
    _, found = planned(small_study)
    a, b, _, _ = found.runs()
    key = seed_key(found.prepared.seed)

    def drawn(run: Prepared, at: Prepared) -> tuple[np.ndarray, np.ndarray]:
        """Levels of one run; and whom its recipients choose, under the levels of `at`."""
        columns = 8
        levels = []
        for plans in (run, at):
            thresholds = thresholds_of(run.thresholds, run.model, run.seed, range(columns))
            levels.append(
                drawn_profiles(
                    plans.plans[0].imputed, run.lattice, thresholds, key, 0, columns, run.sources
                )
            )
        copied = run.plans[0].copied
        given = donated_profiles(copied, run.lattice, levels[1], key, 0, run.sources)
        return levels[0], given

    levels = {name: drawn(run, a)[0] for name, run in zip("abed", found.runs(), strict=True)}
    chosen = {name: drawn(run, a)[1] for name, run in zip("abed", found.runs(), strict=True)}
    np.testing.assert_array_equal(levels["e"], levels["b"])
    np.testing.assert_array_equal(levels["d"], levels["a"])
    np.testing.assert_array_equal(chosen["d"], chosen["b"])
    np.testing.assert_array_equal(chosen["e"], chosen["a"])
    assert (levels["a"] != levels["b"]).any() and (chosen["a"] != chosen["b"]).any()
    for plan, source in ((a.plans[0], 0), (b.plans[0], 1)):
        words = np.concatenate([plan.imputed.mother_word, plan.imputed.father_word])
        assert set((words >> np.uint64(24)).tolist()) == {source << 7 | EDUCATION}
        assert set((plan.copied.word >> np.uint64(24)).tolist()) == {source << 7 | DONORS}
    assert POPULATION < 1 << 7


@pytest.mark.parametrize(
    ("uncertainty", "more", "source"),
    [
        ("donors = false", "", "education"),
        ("education = false", "", "donors"),
        ("education = false\ndonors = false\ncoefficients = true", "", "coefficients"),
        ("education = false\ndonors = false\npopulation = true", "", "population"),
        ("education = false\ndonors = false\nparameters = true", MODEL, "parameters"),
    ],
)
def test_a_source_alone_explains_everything(
    small_study: Path, uncertainty: str, more: str, source: str
) -> None:
    if source == "parameters":
        # the parameters act through the levels that they draw: with those held at one uniform
        uncertainty = "donors = false\nparameters = true"
    _, found = planned(small_study, 16, uncertainty, more)
    assert source in found.sources
    result = decompose(found)
    at = found.sources.index(source)
    policies = list(found.place)
    if source == "parameters":
        total = result["sobol_national_total"][:, 0, policies]
        assert (total > 0).all() and (total[at] < total[found.sources.index("education")]).all()
        return
    for name in ("first", "total"):
        share = result[f"sobol_national_{name}"][at, 0, policies]
        np.testing.assert_allclose(share, 1, atol=1e-9 if name == "first" else 1.0)
        error = result[f"sobol_national_{name}_se"][at, 0, policies]
        assert (error < (1e-9 if name == "first" else 1)).all()


def test_population_has_two_families(small_study: Path) -> None:
    _, found = planned(small_study, 4, "population = true")
    a, b, *_ = found.runs()
    assert a.resample is not None and b.resample is not None
    one, other = (draw_weights(run.resample, 1, range(4)) for run in (a, b) if run.resample)
    assert (one != other).any() and one.sum() == other.sum()


def test_no_bit_depends_on_blocks_or_workers(small_study: Path) -> None:
    _, found = planned(small_study, 24)
    whole = decompose(found, Backend(threads=1), width=24, block=24)
    other = decompose(found, Backend(threads=2), width=5, block=7)
    for name, values in whole.items():
        np.testing.assert_array_equal(values, other[name])
    longer = decompose(replace(found, draws=32), block=9)
    assert (longer["sobol_variance"] != whole["sobol_variance"]).any()


def test_draws_that_the_study_has_made_are_not_made_again(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The budgets of run A are read back: three runs of 8 draws are left, and the same bits."""
    _, found = planned(small_study, 8)
    made: list[int] = []

    def block(prepared: Prepared, draws: range) -> dict[str, np.ndarray]:
        made.append(len(draws))
        return simulate_block(prepared, draws)

    monkeypatch.setattr(sobol, "simulate_block", block)
    results = runner.run(small_study, tmp_path / "run")
    assert sum(made) == 3 * 8
    expected = decompose(found)
    assert sum(made) == 3 * 8 + 4 * 8
    for name, values in expected.items():
        np.testing.assert_array_equal(results[name].to_numpy(), values)
    # of fewer draws than are compared, none are used
    made.clear()
    study = load_study(small_study).with_overrides(draws=4)
    results = runner.run(study, tmp_path / "few")
    assert sum(made) == 4 * 8
    for name, values in expected.items():
        np.testing.assert_array_equal(results[name].to_numpy(), values)


def test_every_thread_takes_apart_some_draws(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where all its draws would fit into one block of the run."""
    blocks: list[tuple[int, int]] = []
    real = sobol.decompose

    def told(*given: Any, **more: Any) -> Any:
        blocks.append((given[0].draws, given[3]))
        return real(*given, **more)

    monkeypatch.setattr(runner, "decompose", told)
    more = "[decomposition]\ndraws = 200\n[compute]\nthreads = 2\nblock_draws = 256\n"
    small_study.write_text(small_study.read_text("utf-8") + more, "utf-8")
    runner.run(small_study, tmp_path / "run")
    assert blocks == [(200, 128)]


def test_a_source_that_budgets_do_not_follow(small_study: Path) -> None:
    growth = '[growth.reference]\nkind = "reference"\n'
    _, found = planned(small_study, 8, "", growth)
    assert found.sources == ("education", "donors", "pro")
    result = decompose(found)
    policies = list(found.place)
    assert (result["sobol_national_total"][2, 0, policies] == 0).all()
    np.testing.assert_allclose(result["sobol_national_first"][2, 0, policies], 0, atol=1e-9)


def test_results_table_and_resumption(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = small_study.read_text("utf-8") + "[decomposition]\ndraws = 32\n"
    small_study.write_text(text, "utf-8")
    seen: list[tuple[str, int, int]] = []

    def watch(state: runner.State) -> None:
        seen.append((state.what, state.draws, state.all_draws))

    real = sobol.decompose

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "decompose", stopped)
    with pytest.raises(KeyboardInterrupt):
        runner.run(small_study, tmp_path / "run", watch=watch)
    early = lwoopro.open_results(tmp_path / "run")
    assert early["sobol_variance"].isnull().all() and early.sizes["draw"] == 10
    with pytest.raises(ValueError, match="not finished"):
        lwoopro.decomposition(early)
    assert TABLES["decomposition"](Findings(early)) is None

    monkeypatch.setattr(runner, "decompose", real)
    results = runner.run(small_study, tmp_path / "run", resume=True, watch=watch)
    assert ("decomposition", 32, 32) in seen
    whole = runner.run(small_study, tmp_path / "at-once")
    for name in results:
        if str(name).startswith("sobol"):
            np.testing.assert_array_equal(results[name], whole[name])
    # what is there is not computed again
    monkeypatch.setattr(runner, "decompose", stopped)
    runner.run(small_study, tmp_path / "run", resume=True)

    parts = lwoopro.decomposition(results)
    assert parts["policy"].values.tolist() == ["indicator-20-school", "indicator-15-home"]
    assert parts["first"].dims == ("source", "year", "policy", "swv")
    assert results["sobol_first"].sel(policy="current").isnull().all()
    top = lwoopro.most_uncertain(parts, "indicator-20-school", 2020, 3)
    spread = parts["light_support_sd"].sel(policy="indicator-20-school", year=2020)
    assert top["light_support_sd"].values.tolist() == sorted(spread.values, reverse=True)[:3]

    table = TABLES["decomposition"](Findings(results))
    assert isinstance(table, pd.DataFrame)
    assert set(table["measure"]) == {"first", "total", "light_support_sd"}
    rows = table[(table["swv"] == "national") & (table["measure"] == "total")]
    assert len(rows) == 2 * 2 and rows["mcse"].notna().all()
    one = rows[(rows["policy"] == "indicator-15-home") & (rows["year"] == 2020)]
    at = {"policy": "indicator-15-home", "year": 2020, "source": "donors"}
    expected = float(results["sobol_national_total"].sel(at))
    assert one.set_index("source")["value"]["donors"] == pytest.approx(expected)


def test_the_section_is_echoed_with_its_policies(small_study: Path, tmp_path: Path) -> None:
    text = small_study.read_text("utf-8")
    plain = load_study(small_study)
    assert plain.decomposition.draws == 0 and plain.decomposed_policies == ()
    small_study.write_text(text + "[decomposition]\ndraws = 9\n", "utf-8")
    study = load_study(small_study)
    names = ["indicator-20-school", "indicator-15-home"]
    assert json.loads(json.dumps(study.resolved()))["decomposition"] == {
        "draws": 9,
        "policies": names,
    }
    assert restore_study(study.resolved(), study.path) == study
    one = text + f'[decomposition]\ndraws = 9\npolicies = ["{names[1]}"]\n'
    small_study.write_text(one, "utf-8")
    assert load_study(small_study).decomposed_policies == (names[1],)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("draws = 1", "decomposition.draws: one draw has no variance; 2 or more"),
        ('policies = ["indicator-20-school"]', "decomposition.draws: 0 draws take nothing apart"),
        ('draws = 5\npolicies = ["current"]', 'policy "current" does not distribute by'),
        ('draws = 5\npolicies = ["indicator-20"]', 'nearest name of a policy is "indicator-20-'),
        (
            "draws = 5\n[uncertainty]\neducation = false\ndonors = false",
            "decomposition.draws: no source of the scores varies",
        ),
        (
            'draws = 5\n[uncertainty]\npopulation = "fresh"',
            "while every draw makes its own population; 0, or another uncertainty.population",
        ),
    ],
)
def test_what_cannot_be_taken_apart(small_study: Path, section: str, words: str) -> None:
    text = small_study.read_text("utf-8") + f"[decomposition]\n{section}\n"
    small_study.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load_study(small_study)
    assert words in str(caught.value)
