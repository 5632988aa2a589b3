"""One run of a hundredth of the country with every part that figures show."""

from collections.abc import Iterator

import pytest
import xarray as xr

from lwoopro.simulation.runner import run

STUDY = """
[study]
name = "figures"
years = [2019, 2020]
draws = 12
seed = 11

[pupils]
source = "synthetic"
scale = 0.01

[target_group]
shares = [0.15, 0.20]

[[policy]]
name = "current"
kind = "participation"

[[policy]]
name = "indicator-15-home"
kind = "indicator"
share = 0.15
attribution = "home"

[[policy]]
name = "indicator-20-school"
kind = "indicator"
share = 0.20

[transition]
old = "current"
new = "indicator-20-school"

[pro]
start = 2019
horizon = 2029

[growth.reference]
kind = "reference"

[growth.rise]
kind = "rise"

[report]
split = ["indicator-20-school"]
"""


@pytest.fixture(autouse=True, scope="session")
def plain_averages() -> Iterator[None]:
    """Keep averages from compiling for a minute what is added up in a moment."""
    with xr.set_options(use_numbagg=False, use_flox=False):
        yield


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """Two years, three policies, twelve draws, two growth scenarios, a transition."""
    folder = tmp_path_factory.mktemp("figures")
    path = folder / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return run(path, folder / "run").load()


@pytest.fixture(scope="session")
def certain(results: xr.Dataset) -> xr.Dataset:
    """The same with an analytic twin and a decomposition of the variance, made up."""
    score = results["disadvantage_score"]
    spread = score.std("draw", ddof=1)
    names = ["education", "donors"]
    part = results["budget"].isel(draw=0, drop=True) * 0
    first = xr.concat([part + 0.6, part + 0.3], dim=xr.IndexVariable("source", names))
    return results.assign(
        analytic_sd=(spread * 0.97).transpose("year", "attribution", "share", "swv"),
        analytic_kurtosis=spread * 0 + 3.0,
        sobol_first=first,
        sobol_total=first + 0.1,
        sobol_first_se=first * 0 + 0.02,
        sobol_total_se=first * 0 + 0.03,
    )


@pytest.fixture(scope="session")
def few(certain: xr.Dataset) -> xr.Dataset:
    """Some swv of every kind of region, so that drawing is quick."""
    codes = certain["swv"].values
    known = certain["region"].values != ""
    keep = [k for k in range(len(codes)) if known[k] or k % 10 == 0]
    return certain.isel(swv=keep)
