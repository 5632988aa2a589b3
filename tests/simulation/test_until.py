"""A run that stops by itself: where, why, and with the same bits as a run of so many draws (Q-3)."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.change import change
from lwoopro.analysis.montecarlo import mean, probability
from lwoopro.errors import InputError
from lwoopro.simulation.precision import Running
from lwoopro.simulation.runner import run
from lwoopro.simulation.until import Stopping, checks
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
    from tests.conftest import STUDY

    folder = tmp_path_factory.mktemp("long")
    path = folder / "small.toml"
    path.write_text(STUDY, encoding="utf-8")
    return run(limited(path, ""), folder / "out").load()


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
    small_study: Path, tmp_path: Path, long_run: xr.Dataset, quantity: str
) -> None:
    looks = [*checks(DRAWS), DRAWS]
    errors = {draws: largest_error(long_run, quantity, draws) for draws in looks}
    goal = errors[192] * 1.0001
    expected = next(draws for draws in looks if errors[draws] <= goal)
    until = f'{{ quantity = "{quantity}", mcse = {goal:.9f} }}'
    results = run(limited(small_study, until), tmp_path / "out")
    assert results.sizes["draw"] == expected < DRAWS
    xr.testing.assert_identical(
        results.load().drop_attrs(deep=False),
        long_run.isel(draw=slice(0, expected)).drop_attrs(deep=False),
    )
    stopped = manifest_of(tmp_path / "out")["stopped"]
    assert stopped["reached"] and stopped["draws"] == expected
    assert stopped["largest_error"] == pytest.approx(errors[expected], rel=1e-9)
    assert any(f"reached after {expected} draws" in note for note in results.attrs["notes"])


def until_loss(goal: float) -> str:
    return f'{{ quantity = "loss-20", mcse = {goal:.9f}, policy = "indicator-20-school" }}'


@pytest.mark.parametrize(("block", "workers"), [(1, None), (7, None), (1000, None), (50, 1)])
def test_blocks_and_workers_do_not_decide(
    small_study: Path, tmp_path: Path, block: int, workers: int | None
) -> None:
    whole = run(limited(small_study, until_loss(0.04)), tmp_path / "a")
    plain = limited(small_study, until_loss(0.04))
    section = plain.compute.model_copy(update={"block_draws": block, "threads": 2})
    study = plain.model_copy(update={"compute": section})
    other = run(study, tmp_path / "b", workers=workers)
    assert whole.sizes["draw"] == other.sizes["draw"] < DRAWS
    hashes = [manifest_of(tmp_path / name)["results_sha256"] for name in "ab"]
    short = run(limited(small_study, "", draws=whole.sizes["draw"]), tmp_path / "c")
    assert {*hashes} == {manifest_of(tmp_path / "c")["results_sha256"]}
    assert short.sizes["draw"] == other.sizes["draw"]


def test_an_interrupted_run_stops_in_the_same_place(small_study: Path, tmp_path: Path) -> None:
    class Interrupt(Exception):
        pass

    def progress(done: int, _: int) -> None:
        if done >= 30:
            raise Interrupt

    plain = limited(small_study, until_loss(0.04))
    section = plain.compute.model_copy(update={"block_draws": 10})
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
    # a smaller error goes on, without a rule to the end, and a laxer one takes nothing away
    finer = limited(small_study, until_loss(0.03))
    more = run(finer, tmp_path / "parts", resume=True)
    assert whole.sizes["draw"] < more.sizes["draw"] < DRAWS
    assert more.identical(run(finer, tmp_path / "finer"))
    end = run(limited(small_study, ""), tmp_path / "parts", resume=True)
    assert end.sizes["draw"] == DRAWS
    assert manifest_of(tmp_path / "parts")["stopped"] == {}
    kept = run(study, tmp_path / "parts", resume=True)
    assert kept.sizes["draw"] == DRAWS


def test_a_run_that_never_gets_there_says_so(small_study: Path, tmp_path: Path) -> None:
    study = limited(small_study, until_loss(0.000001), draws=70)
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


def test_the_rule_is_kept_with_the_study(small_study: Path) -> None:
    study = limited(small_study, until_loss(0.005))
    assert study.resolved()["study"]["until"] == {
        "quantity": "loss-20",
        "mcse": 0.005,
        "policy": "indicator-20-school",
    }
    assert restore_study(study.resolved(), study.path) == study
    assert limited(small_study, "").study.until is None


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
        ('{ quantity = "change", mcse = 1, policy = "current" }', "there is no other"),
        (
            '{ quantity = "disadvantage-score", mcse = 1, policy = "current" }',
            "belongs to no policy",
        ),
    ],
)
def test_what_is_wrong_is_named(small_study: Path, until: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        limited(small_study, until)
    assert "study.until" in str(caught.value)


def test_one_policy_cannot_be_compared(small_study: Path) -> None:
    text = small_study.read_text("utf-8")
    small_study.write_text(text[: text.index('[[policy]]\nname = "indicator-20')], "utf-8")
    with pytest.raises(InputError, match="add another policy"):
        limited(small_study, '{ quantity = "loss-20", mcse = 0.1 }')
