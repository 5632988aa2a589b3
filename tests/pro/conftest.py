"""A small pro world: four swv with a stock of their own, and the scenarios of the model."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lwoopro.pro.block import ProPlan
from lwoopro.pro.cohorts import exam_cohorts
from lwoopro.pro.cost import amounts_per_year, funding_years
from lwoopro.pro.flow import FlowPlan, plan_flow
from lwoopro.pro.scenarios import resolve
from lwoopro.pupils.swv import SwvTable, read_swv
from lwoopro.pupils.synthetic.source import bundled_folder
from lwoopro.study.pro import GrowthSection, ProSection

CODES = ("VO2001", "VO2302", "VO2810", "VO3006")

Kinds = Mapping[str, Mapping[str, Any]]


@pytest.fixture
def table(tmp_path: Path) -> SwvTable:
    """Four real swv."""
    lines = (bundled_folder("national") / "swv.csv").read_text("utf-8").splitlines()
    path = tmp_path / "swv.csv"
    kept = [lines[0], *(line for line in lines if line.startswith(CODES))]
    path.write_text("\n".join(kept) + "\n", "utf-8")
    return read_swv(path)


def sections(kinds: Kinds) -> dict[str, GrowthSection]:
    return {
        name: GrowthSection.model_validate({"kind": name, **keys}) for name, keys in kinds.items()
    }


@pytest.fixture
def make_flow(table: SwvTable) -> Callable[..., FlowPlan]:
    """Prepare a flow: ``make_flow({"rise": {}}, horizon=2030)``."""

    def make(kinds: Kinds, horizon: int = 2030, table: SwvTable = table) -> FlowPlan:
        return plan_flow(
            table,
            resolve(sections(kinds), 2025),
            start=2019,
            horizon=horizon,
            reference_date=2025,
            exams=exam_cohorts(bundled_folder("national") / "cohorts.csv"),
        )

    return make


@pytest.fixture
def make_plan(make_flow: Callable[..., FlowPlan]) -> Callable[..., ProPlan]:
    """Prepare all of pro growth with the defaults of ``[pro]``."""

    def make(kinds: Kinds, horizon: int = 2030, **changes: Any) -> ProPlan:
        pro = ProSection()
        keys: dict[str, Any] = {
            "flow": make_flow(kinds, horizon),
            "amounts": amounts_per_year(
                pro.support_amount,
                pro.basic_high,
                pro.basic_low,
                pro.price_year,
                pro.indexation,
                funding_years(2025, horizon),
            ),
            "reference_count": None,
            "below_reference": "refund",
            "provisional_sd": 0.0,
            "cap": None,
            "settlement": None,
            "vary": True,
        }
        return ProPlan(**{**keys, **changes})

    return make


@pytest.fixture
def no_budgets() -> np.ndarray:
    """Budgets of nobody, where no scenario has an incentive."""
    return np.zeros((0, 1, 1, 3, 4))
