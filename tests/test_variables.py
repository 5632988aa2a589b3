"""The declarations of the results' variables, and the check against them."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lwoopro.pro.block import PRO_VARIABLES
from lwoopro.simulation.block import DRAW_VARIABLES, DRAWN_COUNTS, DRAWS_PER_PASS, _pass
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.prepare import prepare
from lwoopro.simulation.workspace import Workspace
from lwoopro.study import load_study
from lwoopro.variables import COORDINATES, VARIABLES, annotate, check


def dataset(kind: str = "float64", dims: tuple[str, ...] = ("draw", "year", "share")) -> xr.Dataset:
    values = np.zeros((2,) * len(dims), dtype=kind)
    coords = {dim: np.arange(2) for dim in dims}
    return xr.Dataset({"mean_score": (dims, values)}, coords)


def test_every_dimension_is_a_declared_coordinate() -> None:
    for variable in VARIABLES.values():
        assert set(variable.dims) <= COORDINATES.keys()
        assert variable.long_name and variable.units and variable.comment and variable.clauses


def test_the_contracts_variables_are_all_declared() -> None:
    per_swv = ("draw", "year", "attribution", "share", "swv")
    contract = {
        "disadvantage_score": per_swv,
        "target_pupils": per_swv,
        "mean_score": ("draw", "year", "share"),
        "cut_score": ("draw", "year", "share"),
        "target_mean": ("draw", "year", "share"),
        "pupils": ("year", "attribution", "swv"),
        "budget": ("draw", "year", "policy", "swv"),
        "budget_part": ("draw", "year", "policy", "part", "swv"),
    }
    for name, dims in contract.items():
        assert VARIABLES[name].dims == dims


TRANSITION = ("transition_budget", "transition_needed_loss")


def test_what_is_declared_by_draw_is_kept_by_draw() -> None:
    """A variable that is in none of these lists would be made and thrown away."""
    by_draw = {name for name, variable in VARIABLES.items() if variable.dims[0] == "draw"}
    assert by_draw == {*DRAW_VARIABLES, *DRAWN_COUNTS, *PRO_VARIABLES, *TRANSITION}


def test_what_a_pass_makes_is_what_is_kept(small_study: Path) -> None:
    study = load_study(small_study)
    prepared, layout = prepare(study, load_inputs(study))
    made = _pass(prepared, range(DRAWS_PER_PASS), Workspace())
    assert set(made) == set(prepared.draw_variables)
    for name, values in made.items():
        lengths = [DRAWS_PER_PASS, *(len(layout.coordinates[d]) for d in VARIABLES[name].dims[1:])]
        assert list(values.shape) == lengths, name
        assert str(values.dtype) == VARIABLES[name].kind, name


def test_a_right_dataset_passes_and_is_annotated() -> None:
    right = dataset()
    check(right, ["mean_score"])
    annotated = annotate(right)
    assert annotated["mean_score"].attrs["units"] == "score points"
    assert annotated["draw"].attrs["clauses"] == "Q-2"
    assert right["mean_score"].attrs == {}, "the caller's own Dataset stays as it was"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (dataset("float32"), "mean_score has type float32, declared is float64"),
        (dataset("int64"), "mean_score has type int64, declared is float64"),
        (dataset(dims=("year", "draw", "share")), "mean_score has dimensions"),
        (dataset().drop_vars("share"), "mean_score has no coordinate share"),
        (xr.Dataset(), "mean_score is absent"),
    ],
)
def test_a_mismatch_is_an_error(wrong: xr.Dataset, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check(wrong, ["mean_score"])
    if "mean_score" in wrong:
        with pytest.raises(ValueError, match=words):
            annotate(wrong)
