"""The fit report of the education model (I-1)."""

from dataclasses import replace

import numpy as np

from lwoopro.imputation.education_model import EQUATIONS
from lwoopro.imputation.fit_report import fit_report
from tests.imputation.simulated import (
    LEVELS,
    fitted,
    model_of_the_nation,
    simulated,
)


def test_log_loss_is_below_that_of_the_marginal_distribution() -> None:
    loss = fit_report(model_of_the_nation()).log_loss
    assert loss["equation"].tolist() == list(EQUATIONS)
    assert (loss["in_sample"] < loss["marginal_in_sample"] - 0.03).all()
    assert (loss["held_out"] < loss["marginal_held_out"] - 0.03).all()
    # what the model was not fitted on it predicts a little worse
    assert (loss["in_sample"] < loss["held_out"]).all()
    assert (loss["held_out"] - loss["in_sample"] < 0.02).all()


def test_held_out_parts_catch_a_model_of_noise() -> None:
    seen, _ = simulated(18)
    rng = np.random.default_rng(9)
    noise = rng.integers(0, 40, len(seen)).astype(str).astype(object)
    table = replace(seen, extra={"noise": noise})
    loss = fit_report(fitted(table, "noise")).log_loss.set_index("equation").loc[EQUATIONS[0]]
    assert loss["in_sample"] < loss["marginal_in_sample"]
    assert loss["held_out"] > loss["marginal_held_out"]


def test_calibration_compares_shares_in_ten_groups() -> None:
    seen, _ = simulated(19)
    report = fit_report(fitted(seen, "income_decile", "origin"))
    part = report.calibration[report.calibration["equation"] == EQUATIONS[1]]
    assert part["group"].unique().tolist() == list(range(1, 11))
    sums = part.groupby("group")[["predicted", "observed"]].sum()
    np.testing.assert_allclose(sums, 1, atol=1e-9)
    # the model is true here: differences are sampling error
    error = np.sqrt(part["predicted"] * (1 - part["predicted"]) / part["parents"])
    off = (part["observed"] - part["predicted"]) / error
    assert np.abs(off).max() < 4.5
    assert 0.6 < off.std() < 1.3
    mean = part["level"].map(LEVELS.index) * part["observed"]
    by_group = mean.groupby(part["group"]).sum()
    assert by_group.iloc[-1] > by_group.iloc[0] + 1
