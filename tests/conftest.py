"""Small inputs that many tests share."""

from pathlib import Path

import pytest

# run by hand; what it imports is no part of what the tests need
collect_ignore = ["damage/fuzz.py"]

STUDY = """
[study]
name = "small"
years = [2019, 2020]
draws = 10
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
name = "indicator-20-school"
kind = "indicator"
share = 0.20

[[policy]]
name = "indicator-15-home"
kind = "indicator"
share = 0.15
attribution = "home"
weight = "cut"
"""


@pytest.fixture
def small_study(tmp_path: Path) -> Path:
    """Study file of a hundredth of the country: about 4,000 pupils in two years."""
    path = tmp_path / "small.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path
