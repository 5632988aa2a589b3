"""Runs of a hundredth of the country that several tests look at."""

import pytest
import xarray as xr

from lwoopro.simulation.runner import run
from tests.conftest import STUDY


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """Two years, ten draws, school and home, ties included."""
    folder = tmp_path_factory.mktemp("small")
    path = folder / "study.toml"
    split = '\n[report]\nsplit = ["indicator-20-school", "indicator-15-home-mean"]\n'
    more = (
        '\n[[policy]]\nname = "indicator-15-home-mean"\nkind = "indicator"\n'
        'share = 0.15\nattribution = "home"\n'
    )
    path.write_text(STUDY + more + split, encoding="utf-8")
    return run(path, folder / "run").load()
