"""The command line as a process: exit status, words, and what it leaves behind (contract)."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from lwoopro.pupils.synthetic import bundled_folder
from lwoopro.simulation.location import Location
from lwoopro.simulation.manifest import Manifest
from lwoopro.simulation.runner import run

BAD = "study.draws: 0 is too small; use a whole number from 1 to 2147483648"


def lwoopro(*arguments: str | Path, cwd: Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lwoopro", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        **options,
    )


def test_run_ends_with_a_summary_and_the_paths(small_study: Path, tmp_path: Path) -> None:
    done = lwoopro("run", small_study, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "10 of 10 draws" in done.stdout
    assert "indicator-15-home against current" in done.stdout
    assert "90 % interval" in done.stdout
    assert "P(≤ −20 %)" in done.stdout
    assert "participation of 2012 per swv" in done.stdout
    assert "results/small/results.zarr" in done.stdout.replace(os.sep, "/")
    assert "results/small/report.html" in done.stdout.replace(os.sep, "/")
    assert (tmp_path / "results" / "small" / "manifest.json").is_file()
    assert done.stderr == ""


def test_quiet_silences_all_but_errors(small_study: Path, tmp_path: Path) -> None:
    done = lwoopro("run", small_study, "--quiet", "--no-report", "--out", "o", cwd=tmp_path)
    assert not (tmp_path / "o" / "report.html").exists()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    again = lwoopro("run", small_study, "--quiet", "--out", "o", cwd=tmp_path)
    assert again.returncode == 2
    assert again.stderr.startswith("o: this folder already holds a run of 10 draws")


def test_results_only(small_study: Path, tmp_path: Path) -> None:
    said = lwoopro("run", small_study, "--results-only", "--out", "o", cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert "10 of 10 draws" in said.stdout and "Report" not in said.stdout
    out = tmp_path / "o"
    assert sorted(path.name for path in out.iterdir()) == ["manifest.json", "results.zarr"]
    done = lwoopro("report", "o", cwd=tmp_path)
    assert done.returncode == 0
    assert (out / "report.html").is_file() and any((out / "tables").iterdir())
    # the same results as with tables and report
    assert lwoopro("run", small_study, "--quiet", "--out", "p", cwd=tmp_path).returncode == 0
    one, other = (
        json.loads((folder / "manifest.json").read_text("utf-8"))["results_sha256"]
        for folder in (out, tmp_path / "p")
    )
    assert one == other


def test_draws_and_seed_override_the_study(small_study: Path, tmp_path: Path) -> None:
    options = ("--draws", "3", "--seed", "5", "--out", "o", "--no-report")
    done = lwoopro("run", small_study, *options, cwd=tmp_path)
    assert done.returncode == 0
    assert "3 of 3 draws" in done.stdout
    text = (tmp_path / "o" / "manifest.json").read_text("utf-8")
    assert '"draws": 3' in text and '"seed": 5' in text


def test_wrong_input_is_one_line_per_defect(small_study: Path, tmp_path: Path) -> None:
    text = small_study.read_text("utf-8").replace("draws = 10", "draws = 0\nseeds = 3")
    small_study.write_text(text, "utf-8")
    for command in (("run", small_study, "--out", "o"), ("check", small_study)):
        done = lwoopro(*command, cwd=tmp_path)
        assert done.returncode == 2
        lines = done.stderr.splitlines()
        assert len(lines) == 2
        assert any(line.endswith(BAD) for line in lines)
        assert any("study.seeds" in line and "seed" in line for line in lines)
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
    assert not (tmp_path / "o").exists(), "nothing half-written"


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["run", "absent.toml"], ["walk"], ["run", "x.toml", "--drows", "3"]],
)
def test_wrong_use_ends_with_2(arguments: list[str], tmp_path: Path) -> None:
    done = lwoopro(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr and "Traceback" not in done.stderr


def test_check_says_what_would_run_and_writes_nothing(small_study: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    done = lwoopro("check", small_study, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for word in ("nothing wrong found", "pupils, all years", "2 × 10", "memory", "time"):
        assert word in done.stdout
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_pupils_writes_a_table_that_gives_the_same_results(
    small_study: Path, tmp_path: Path, kind: str
) -> None:
    """Table, chances and swv as files in place of the simulated ones: every variable, every bit."""
    files = ("--probabilities", "education.csv", "--swv", "swv.csv")
    done = lwoopro("pupils", small_study, "--out", f"pupils.{kind}", *files, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, *others = done.stdout.splitlines()
    assert re.fullmatch(rf"pupils\.{kind}: [\d,]+ rows", first)
    assert others == ["education.csv", "swv.csv"]
    text = small_study.read_text("utf-8").replace("scale = 0.01", f'path = "pupils.{kind}"')
    text = text.replace('source = "synthetic"', 'source = "table"')
    text += '[imputation]\nprobabilities = "education.csv"\n[swv]\npath = "swv.csv"\n'
    own = small_study.with_name("own.toml")
    own.write_text(text, "utf-8")
    made = run(small_study, tmp_path / "simulated")
    read = run(own, tmp_path / "read")
    hashes = [Manifest.load(Location(tmp_path / name)) for name in ("simulated", "read")]
    assert hashes[0] is not None and hashes[1] is not None
    assert hashes[0].results_sha256 == hashes[1].results_sha256
    assert set(made.variables) == set(read.variables)
    for name in made.variables:
        xr.testing.assert_identical(made[name].load(), read[name].load())

    # a study with files of its own passes them on as they are
    again = lwoopro(
        "pupils", own, "--out", "again.csv", "--probabilities", "p", "--swv", "s", cwd=tmp_path
    )
    assert again.returncode == 0, again.stderr
    for copy, original in (("p", "education.csv"), ("s", "swv.csv")):
        assert (tmp_path / copy).read_bytes() == (tmp_path / original).read_bytes()


def test_pupils_says_what_cannot_be_written(small_study: Path, tmp_path: Path) -> None:
    table = ("--out", "pupils.csv")
    done = lwoopro("pupils", small_study, *table, "--swv", "away/swv.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("away/swv.csv: cannot be written: ")
    assert lwoopro("pupils", small_study, *table, cwd=tmp_path).returncode == 0
    swv = (bundled_folder("national") / "swv.csv").as_posix()
    text = small_study.read_text("utf-8").replace("scale = 0.01", 'path = "pupils.csv"')
    text = text.replace('source = "synthetic"', 'source = "table"')
    text += f'[imputation]\nmethod = "model"\ncovariates = ["origin"]\n[swv]\npath = "{swv}"\n'
    small_study.write_text(text, "utf-8")
    asked = ("--out", "other.csv", "--probabilities", "education.csv")
    done = lwoopro("pupils", small_study, *asked, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "--probabilities: this study has no table of chances; leave it out\n"
    assert not (tmp_path / "other.csv").exists() and not (tmp_path / "education.csv").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind on Windows")
def test_ctrl_c_ends_with_130_and_can_be_resumed(small_study: Path, tmp_path: Path) -> None:
    text = small_study.read_text("utf-8").replace("draws = 10", "draws = 20000")
    small_study.write_text(text + "\n[compute]\nblock_draws = 8\n", "utf-8")
    # whoever starts the tests in the background has them ignore this signal
    script = (
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from lwoopro.cli import main\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, "run", str(small_study), "--out", "o"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "0 of 20000" in process.stdout.readline()
    while not list((tmp_path / "o" / "results.zarr" / "budget").glob("c/1/**/*")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip() == "interrupted; --resume continues where it stopped"
    from lwoopro.simulation.manifest import Manifest

    manifest = Manifest.load(tmp_path / "o")
    assert manifest is not None and manifest.blocks and manifest.results_sha256 is None


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys; sys.argv = ['lwoopro', '--help']\n"
        "from lwoopro.cli import guarded, app\n"
        "assert guarded(app) == 0\n"
        "heavy = {'numpy', 'numba', 'pandas', 'pyarrow', 'xarray', 'dask', 'zarr', 'matplotlib'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for command in ("run", "check", "pupils", "duo"):
        assert command in done.stdout


def test_the_package_is_light_to_import() -> None:
    script = "import sys, lwoopro; assert not {'numpy', 'pydantic'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_every_public_name_is_there_and_documented() -> None:
    import lwoopro

    for name in lwoopro.__all__:
        assert getattr(lwoopro, name).__doc__
    assert set(dir(lwoopro)) == set(lwoopro.__all__)
    with pytest.raises(AttributeError, match="no attribute 'rum'"):
        _ = lwoopro.rum
