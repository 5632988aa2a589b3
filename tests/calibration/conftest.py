"""The default study of the calibration, run once for all its tests."""

import pytest

from lwoopro.calibration.engine import Results, simulate
from lwoopro.pupils.synthetic import bundled_folder


@pytest.fixture(scope="session")
def engine() -> Results:
    """Thirty draws of the four years with the shipped shares of 2012."""
    return simulate(bundled_folder("national") / "shares_2012.csv", draws=30)
