"""What `report` and `explain` can read, and what they say of the rest."""

import shutil
from pathlib import Path

import pytest

from lwoopro.errors import InputError
from lwoopro.report.readable import readable
from lwoopro.simulation.runner import run
from lwoopro.simulation.store import ResultsStore


def test_results_of_another_version_and_unfinished_ones(small_study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(small_study, folder)
    assert readable(folder).sizes["draw"] == 10
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    shutil.rmtree(other / "results.zarr" / "lwoo_fixed")
    ResultsStore(other / "results.zarr").publish(10)
    with pytest.raises(InputError, match=r"other: another version .* lwoo_fixed is absent; run"):
        readable(other)
    ResultsStore(folder / "results.zarr").publish(0)
    with pytest.raises(InputError, match="no draw of this run is finished"):
        readable(folder)
    with pytest.raises(InputError, match="this folder holds no run"):
        readable(tmp_path / "nothing")
