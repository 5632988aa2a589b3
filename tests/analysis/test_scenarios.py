"""Scores from the stored pieces against scores that were drawn (D-5, T-2, I-4)."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lwoopro.analysis.scenarios import asylum_part, scenario_scores
from lwoopro.simulation.runner import run
from tests.conftest import STUDY


def test_every_rule_for_ties_gives_the_scores_of_a_run_with_it(
    small_run: xr.Dataset, tmp_path: Path
) -> None:
    for ties in ("include", "exclude", "fractional"):
        path = tmp_path / f"{ties}.toml"
        shares = "shares = [0.15, 0.20]"
        path.write_text(STUDY.replace(shares, f'{shares}\nties = "{ties}"'), "utf-8")
        drawn = run(path, tmp_path / ties)["disadvantage_score"].load()
        found = scenario_scores(small_run, ties=ties)
        assert found.dims == drawn.dims
        np.testing.assert_allclose(found, drawn, rtol=1e-12, atol=1e-9, err_msg=ties)


def pieces(below: float, at: int, asylum: int) -> xr.Dataset:
    """One swv of 100 pupils, share 20 %; every pupil below the cut lies 2 points below it."""
    dims = ("draw", "attribution", "share", "swv")
    return xr.Dataset(
        {
            "below_cut_pupils": (dims, np.full((1, 1, 1, 1), below, np.int64)),
            "at_cut_pupils": (dims, np.full((1, 1, 1, 1), at, np.int64)),
            "cut_shortfall": (dims, np.full((1, 1, 1, 1), 2_000_000 * below, np.int64)),
            "above_cut": (("draw", "share"), np.full((1, 1), 90_000_000, np.int64)),
            "pupils": (("attribution", "swv"), np.full((1, 1), 100, np.int64)),
            "asylum_pupils": (("attribution", "swv"), np.full((1, 1), asylum, np.int64)),
        },
        coords={"draw": [0], "attribution": ["school"], "share": [0.2], "swv": ["VO2001"]},
    )


def test_more_asylum_pupils_by_hand() -> None:
    # 10 asylum pupils: m = 20 - 10 = 10; 9 below the cut, 2 on it
    base = pieces(below=9, at=2, asylum=10)
    # c - G = 9 · 2 / 11; A - c = (90 - 10 · 18/11) / 100
    gap = 18 / 11
    rest = (90 - 10 * gap) / 100
    expected = 18 + 10 * gap + 21 * rest
    np.testing.assert_allclose(scenario_scores(base).item(), expected)
    # 1 more: m = 0.2 · 101 - 11 = 9.2 > 9: the cut stays; A - c = (90 - 11 gap) / 101
    expected = 18 + 11 * gap + 22 * (90 - 11 * gap) / 101
    np.testing.assert_allclose(scenario_scores(base, asylum_growth=0.1).item(), expected)
    # 2 more: m = 0.2 · 102 - 12 = 8.4: the cut moves, and the pieces do not say how far
    assert np.isnan(scenario_scores(base, asylum_growth=0.2).item())


def test_the_part_of_asylum_pupils_follows_from_the_formula(small_run: xr.Dataset) -> None:
    """a · (A − G) over ΣS is a over the size of the target group: G is their score (I-4)."""
    asylum = small_run["asylum_pupils"].sum("swv")
    expected = asylum / small_run["target_pupils"].sum("swv")
    xr.testing.assert_allclose(
        asylum_part(small_run).transpose(*expected.dims).drop_attrs(), expected.drop_attrs()
    )


def test_an_unknown_rule_is_refused(small_run: xr.Dataset) -> None:
    with pytest.raises(ValueError, match="ties 'all'"):
        scenario_scores(small_run, ties="all")
