"""`lwoopro report DIR_A DIR_B`: what differs, and whether the draws are common."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from lwoopro.cli import app
from lwoopro.errors import InputError
from lwoopro.report.compare import write_comparison
from lwoopro.simulation.runner import open_results, run
from tests.report.conftest import EVERYTHING, POLICY, write_study

SHORT = EVERYTHING.split("[settlement]")[0]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    own = '[[policy]]\nname = "own"\nkind = "equalised"\n'
    texts = {
        "a": SHORT,
        "b": SHORT.replace("share = 0.20\n", "share = 0.20\nequal_part = 0.5\n"),
        "c": SHORT.replace("seed = 3", "seed = 4"),
        "d": SHORT.split("[[policy]]")[0] + own,
    }
    for name, text in texts.items():
        run(write_study(folder, text), folder / name)
    return folder


def table(file: Path) -> pd.DataFrame:
    found = pd.read_csv(file.with_suffix(".csv"))
    return found[found["policy"] == POLICY].set_index("swv")


def test_on_common_draws(runs: Path, tmp_path: Path) -> None:
    file = write_comparison(runs / "a", runs / "b", tmp_path / "x.html")
    text = file.read_text("utf-8")
    assert "their draws are common" in text and "not common" not in text
    assert "policy.indicator-20-school.equal_part" in text, "what differs is said"
    assert "&lt;script&gt;" in text and "<script>alert" not in text
    one, other = (
        open_results(runs / name)["budget"].sel(policy=POLICY, year=2020) for name in ("a", "b")
    )
    gap = (other - one).load()
    found = table(file)
    np.testing.assert_allclose(found["difference"], gap.mean("draw"), atol=1e-6)
    low, high = (gap.quantile(at, "draw") for at in (0.05, 0.95))
    np.testing.assert_allclose(found["difference_low"], low, atol=1e-6)
    np.testing.assert_allclose(found["difference_high"], high, atol=1e-6)


def test_with_another_seed_it_says_so(runs: Path, tmp_path: Path) -> None:
    file = write_comparison(runs / "a", runs / "c", tmp_path / "x.html", "nl")
    text = file.read_text("utf-8")
    assert "De trekkingen zijn niet gemeenschappelijk" in text
    assert "study.seed" in text
    found = table(file)
    error = np.hypot(found["first_mcse"], found["second_mcse"])
    np.testing.assert_allclose(found["difference_mcse"], error)
    inside = found["difference_low"] <= found["difference"]
    assert inside.all() and (found["difference"] <= found["difference_high"]).all()


def test_a_run_and_itself(runs: Path, tmp_path: Path) -> None:
    text = write_comparison(runs / "a", runs / "a", tmp_path / "x.html").read_text("utf-8")
    assert "both runs give every swv the same amount" in text
    assert "Nothing: the same study, inputs and versions." in text


def test_small_counts_are_withheld_here_too(runs: Path, tmp_path: Path) -> None:
    file = write_comparison(runs / "a", runs / "b", tmp_path / "x.html", suppress_below=25)
    found = table(file)
    hidden = found["difference"].isna()
    assert hidden.sum() > 1 and not hidden.all()
    assert found.loc[hidden].drop(columns=["policy", "other_policy"]).isna().all(axis=None)
    assert file.read_text("utf-8").count(">withheld<") >= 5 * hidden.sum()


def test_the_command_line(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "c.html"
    done = CliRunner().invoke(app, ["report", str(runs / "a"), str(runs / "b"), "--out", str(out)])
    assert done.exit_code == 0 and done.stdout.strip() == str(out)
    assert out.is_file() and out.with_suffix(".csv").is_file()
    with pytest.raises(InputError, match="has no policy in common"):
        write_comparison(runs / "b", runs / "d", out)
    with pytest.raises(InputError, match="holds no run"):
        write_comparison(runs / "b", tmp_path, out)
