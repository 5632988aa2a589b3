"""A run that stops by itself: where, why, and with the bits of a run of so many draws (Q-3)."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.simulation.little import write_little

from lwoopro.analysis.change import change
from lwoopro.analysis.montecarlo import mean, probability
from lwoopro.errors import InputError
from lwoopro.simulation.precision import Running
from lwoopro.simulation.runner import run
from lwoopro.simulation.until import Stopping, checks, stopping
from lwoopro.study import Study, load_study, restore_study

DRAWS = 400


def limited(path: Path, until: str, draws: int = DRAWS) -> Study:
    """The small study with a rule, and one year."""
    text = path.read_text("utf-8").replace("[2019, 2020]", "[2019]")
    head, _, rest = text.partition("draws = 10\n")
    rule = f"until = {until}\n" if until else ""
    path.write_text(f"{head}draws = {draws}\n{rule}{rest}", "utf-8")
    study = load_study(path)
    path.write_text(text, "utf-8")
    return study


@pytest.fixture(scope="module")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    folder = tmp_path_factory.mktemp("long")
    return run(limited(write_little(folder), ""), folder / "out").load()


@pytest.fixture
def little(tmp_path: Path) -> Path:
    return write_little(tmp_path)


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def largest_error(results: xr.Dataset, quantity: str, draws: int) -> float:
    """The same number from all draws at once, by the functions that analyses use."""
    some = results.isel(draw=slice(0, draws))
    names = ["indicator-20-school", "indicator-15-home"]
    changes = [change(some, name, "current") for name in names]
    found = {
        "budget": lambda: mean(some["budget"]),
        "disadvantage-score": lambda: mean(some["disadvantage_score"]),
        "change": lambda: xr.concat([mean(c["change"]) for c in changes], "policy"),
        "relative-change": lambda: xr.concat([mean(c["relative"]) for c in changes], "policy"),
        "loss-10": lambda: xr.concat([probability(c["relative"] <= -0.1) for c in changes], "p"),
        "loss-20": lambda: xr.concat([probability(c["relative"] <= -0.2) for c in changes], "p"),
        "swv-losing-20": lambda: xr.concat(
            [mean((c["relative"] <= -0.2).mean("swv")) for c in changes], "p"
        ),
    }
    return float(found[quantity]()["mcse"].max())


@pytest.mark.parametrize(
    "quantity",
    [
        "budget",
        "change",
        "relative-change",
        "disadvantage-score",
        "loss-10",
        "loss-20",
        "swv-losing-20",
    ],
)
def test_it_stops_at_the_first_look_that_is_enough(
    little: Path, long_run: xr.Dataset, quantity: str
) -> None:
    looks = [*checks(DRAWS), DRAWS]
    errors = {draws: largest_error(long_run, quantity, draws) for draws in looks}
    goal = errors[192] * 1.0001
    expected = next(draws for draws in looks if errors[draws] <= goal)
    study = limited(little, f'{{ quantity = "{quantity}", mcse = {goal:.9f} }}')
    rule = stopping(study, {"policy_basis": long_run["policy_basis"].values})
    assert rule is not None
    for start in range(0, DRAWS, 100):
        block = long_run.isel(draw=slice(start, start + 100))
        arrays = {str(name): array.values for name, array in block.data_vars.items()}
        rule.feed(range(start, start + 100), arrays)
    assert rule.reached == expected < DRAWS
    assert rule.error == pytest.approx(errors[expected], rel=1e-9)


def test_a_run_that_stops_is_the_beginning_of_a_long_one(
    little: Path, tmp_path: Path, long_run: xr.Dataset
) -> None:
    results = run(limited(little, until_loss(0.04)), tmp_path / "out")
    draws = results.sizes["draw"]
    assert draws < DRAWS
    for name in ("budget", "disadvantage_score", "category_pupils"):
        xr.testing.assert_equal(results[name], long_run[name].isel(draw=slice(0, draws)))
    stopped = manifest_of(tmp_path / "out")["stopped"]
    assert stopped["reached"] and stopped["draws"] == draws
    assert any(f"reached after {draws} draws" in note for note in results.attrs["notes"])


def until_loss(goal: float) -> str:
    return f'{{ quantity = "loss-20", mcse = {goal:.9f}, policy = "indicator-20-school" }}'


def test_blocks_do_not_decide(little: Path, tmp_path: Path) -> None:
    plain = limited(little, until_loss(0.04))
    found = {}
    for block in (13, 1000):
        section = plain.compute.model_copy(update={"block_draws": block, "threads": 2})
        study = plain.model_copy(update={"compute": section})
        found[block] = run(study, tmp_path / str(block)).sizes["draw"]
    assert found[13] == found[1000] < DRAWS
    run(limited(little, "", draws=found[13]), tmp_path / "short")
    hashes = [manifest_of(tmp_path / n)["results_sha256"] for n in ("13", "1000", "short")]
    assert len(set(hashes)) == 1


def test_an_interrupted_run_stops_in_the_same_place(little: Path, tmp_path: Path) -> None:
    class Interrupt(Exception):
        pass

    def progress(done: int, _: int) -> None:
        if done >= 50:
            raise Interrupt

    plain = limited(little, until_loss(0.04))
    section = plain.compute.model_copy(update={"block_draws": 50})
    study = plain.model_copy(update={"compute": section})
    with pytest.raises(Interrupt):
        run(study, tmp_path / "parts", progress=progress)
    parts = run(study, tmp_path / "parts", resume=True)
    whole = run(study, tmp_path / "whole")
    assert parts.identical(whole)
    # a finished run is finished
    before = manifest_of(tmp_path / "parts")["blocks"]
    again = run(study, tmp_path / "parts", resume=True)
    assert again.identical(whole)
    assert manifest_of(tmp_path / "parts")["blocks"] == before
    # a smaller error goes on, and without a rule it goes to the end
    finer = limited(little, until_loss(0.03))
    more = run(finer, tmp_path / "parts", resume=True)
    assert whole.sizes["draw"] < more.sizes["draw"] < DRAWS
    end = run(limited(little, ""), tmp_path / "parts", resume=True)
    assert end.sizes["draw"] == DRAWS
    assert manifest_of(tmp_path / "parts")["stopped"] == {}
    # a laxer rule takes nothing away
    assert run(study, tmp_path / "parts", resume=True).sizes["draw"] == DRAWS


def test_a_run_that_never_gets_there_says_so(little: Path, tmp_path: Path) -> None:
    study = limited(little, until_loss(0.000001), draws=70)
    results = run(study, tmp_path / "out")
    assert results.sizes["draw"] == 70
    stopped = manifest_of(tmp_path / "out")["stopped"]
    assert not stopped["reached"] and stopped["draws"] == 70
    assert any("not reached after 70 draws" in note for note in results.attrs["notes"])


def test_running_sums_are_the_formulas_of_the_analyses() -> None:
    generator = np.random.default_rng(3)
    values = generator.normal(5e8, 3.0, (90, 4))
    values[:, 1] = 7.25
    values[generator.random(90) < 0.3, 2] = np.nan
    running, counting = Running((4,)), Running((4,))
    for value in values:
        running.add(value)
        counting.add((value > 5e8).astype(float))
    array = xr.DataArray(values, dims=("draw", "cell"))
    np.testing.assert_allclose(running.mean_error(), mean(array)["mcse"], rtol=1e-9)
    assert running.mean_error()[1] == 0
    expected = probability(array > 5e8)["mcse"]
    np.testing.assert_allclose(counting.probability_error(), expected, rtol=1e-12)


def test_blocks_may_come_in_any_order() -> None:
    values = np.random.default_rng(1).random((300, 1, 1, 2))
    orders = []
    for step in (1, -1):
        rule = Stopping("disadvantage-score", 0.02, 300, [], [])
        for start in range(0, 300, 20)[::step]:
            block = values[start : start + 20]
            rule.feed(range(start, start + 20), {"disadvantage_score": block})
        orders.append((rule.reached, rule.error))
    assert orders[0] == orders[1]
    assert orders[0][0] in [*checks(300)]


def test_the_rule_is_kept_with_the_study(little: Path) -> None:
    study = limited(little, until_loss(0.005))
    assert study.resolved()["study"]["until"] == {
        "quantity": "loss-20",
        "mcse": 0.005,
        "policy": "indicator-20-school",
    }
    assert restore_study(study.resolved(), study.path) == study
    assert limited(little, "").study.until is None


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ('{ quantity = "los-20", mcse = 0.005 }', '"loss-20", "swv-losing-20"'),
        ("{ mcse = 0.005 }", "quantity.*is missing"),
        ('{ quantity = "loss-20" }', "mcse.*is missing"),
        ('{ quantity = "loss-20", mcse = 0 }', "mcse"),
        ('{ quantity = "loss-20", mcse = 0.1, mcs = 1 }', "mcs"),
        ("0.005", "a table such as"),
        ('{ quantity = "change", mcse = 1, policy = "new" }', 'there is no policy "new"'),
        ('{ quantity = "change", mcse = 1, policy = "current" }', "compares another policy with"),
        (
            '{ quantity = "disadvantage-score", mcse = 1, policy = "current" }',
            "belongs to no policy",
        ),
    ],
)
def test_what_is_wrong_is_named(little: Path, until: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        limited(little, until)
    assert "study.until" in str(caught.value)


def test_one_policy_cannot_be_compared(little: Path) -> None:
    text = little.read_text("utf-8")
    little.write_text(text[: text.index('[[policy]]\nname = "indicator-20')], "utf-8")
    with pytest.raises(InputError, match="add another policy"):
        limited(little, '{ quantity = "loss-20", mcse = 0.1 }')
