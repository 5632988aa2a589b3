"""The study file that the tests damage and vary."""

from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLE = """\
[study]
name  = "example"
years = [2019, 2020]                 # reference dates, 1 October
draws = 1000
seed  = 20221118

[pupils]
source = "table"                     # "table" | "synthetic"
path   = "pupils.parquet"            # table: parquet or csv
# population = "national"            # synthetic: bundled table name, or path to a swv.csv
# scale = 1.0                        # synthetic: multiplies every count

[indicator]
table = "assumed-2022"               # bundled name or path to an indicator file

[target_group]
shares      = [0.05, 0.10, 0.15, 0.20, 0.25, 0.30]
attribution = ["school", "home"]
ties        = "include"              # "include" | "exclude" | "fractional"

[imputation]
method        = "table"              # "table" | "model"
probabilities = "education.csv"      # table: columns class, level, probability
match         = ["track", "origin"]  # donor match keys, most important first

[uncertainty]                        # which sources vary between draws
education = true
donors = true
parameters = false
coefficients = false
population = false
pro = true                           # pro flows, where [pro] is used
suppressed = false                   # "<5" counts

[money]
support_amount  = 4740.0             # s, euro per lwoo or pro pupil (assumed)
regional_amount = 105.0              # r, euro per vo pupil (assumed)
# lwoo_total    = 455000000.0        # L, euro, national; absent: B-1's own lwoo total

[[policy]]
name = "current"
kind = "participation"
date = 2012                          # uses columns q_lwoo_2012, q_pro_2012
[[policy]]
name = "indicator-20-school"
kind = "indicator"
share = 0.20
attribution = "school"
weight = "mean"                      # mean | cut | equal
threshold = "none"                   # none | deduct | eligible, with tau = 0.12
equal_part = 0.23

[swv]
path = "swv.csv"                     # optional with synthetic; columns below
"""


MINIMAL = """\
[study]
name = "small"
years = [2019]
draws = 1
seed = 0
[pupils]
source = "synthetic"
[[policy]]
name = "current"
kind = "participation"
"""


@pytest.fixture(scope="session")
def example() -> str:
    """A study file that gives every section."""
    return EXAMPLE


@pytest.fixture(scope="session")
def minimal() -> str:
    """A study file that gives what is needed and nothing else."""
    return MINIMAL


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], str]:
    """Write a study file in an empty current folder, and return its name."""
    monkeypatch.chdir(tmp_path)

    def write_file(content: str | bytes) -> str:
        data = content.encode() if isinstance(content, str) else content
        Path("study.toml").write_bytes(data)
        return "study.toml"

    return write_file
