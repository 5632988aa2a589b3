"""Q-6: the estimators against functions with known indices, and against scipy."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import sobol_indices as scipy_indices

from lwoopro.analytic.sobol import Indices, sobol_indices

Floats = NDArray[np.float64]


def ishigami(x: Floats) -> Floats:
    """Take inputs in (0, 1), shape ``(3, …)``; a = 7, b = 0.1."""
    one, two, three = 2 * np.pi * x - np.pi
    return np.asarray(np.sin(one) + 7 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one))


ISHIGAMI = (np.array([0.3139, 0.4424, 0.0]), np.array([0.5576, 0.4424, 0.2437]))
"""First-order and total indices (Saltelli et al. 2008)."""

WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0])


def sobol_g(x: Floats) -> Floats:
    """Sobol's g function with `WEIGHTS`."""
    a = WEIGHTS.reshape(-1, *[1] * (x.ndim - 1))
    return np.asarray(np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=0))


def g_indices() -> tuple[Floats, Floats]:
    """Exact indices of `sobol_g`."""
    part = 1 / (3 * (1 + WEIGHTS) ** 2)
    variance = np.prod(1 + part) - 1
    others = np.array([np.prod(1 + np.delete(part, i)) for i in range(len(part))])
    return part / variance, part * others / variance


def estimate(function: Callable[[Floats], Floats], inputs: int, draws: int, seed: int) -> Indices:
    rng = np.random.default_rng(seed)
    a, b = rng.random((2, inputs, draws))
    frozen = []
    for i in range(inputs):
        mixed = a.copy()
        mixed[i] = b[i]
        frozen.append(function(mixed))
    return sobol_indices(function(a), function(b), np.stack(frozen))


@pytest.mark.parametrize(
    ("function", "truth"), [(ishigami, ISHIGAMI), (sobol_g, g_indices())], ids=["ishigami", "g"]
)
def test_known_indices(function: Callable[[Floats], Floats], truth: tuple[Floats, Floats]) -> None:
    found = estimate(function, len(truth[0]), 200_000, 1)
    for value, error, true in zip(
        (found.first, found.total), (found.first_se, found.total_se), truth, strict=True
    ):
        assert (error < 0.01).all()
        np.testing.assert_array_less(np.abs(value - true), 4 * error + 1e-4)


@pytest.mark.parametrize(
    ("function", "truth"), [(ishigami, ISHIGAMI), (sobol_g, g_indices())], ids=["ishigami", "g"]
)
def test_errors_are_honest(
    function: Callable[[Floats], Floats], truth: tuple[Floats, Floats]
) -> None:
    """Over many repetitions the spread of the estimates is the error they state."""
    runs = [estimate(function, len(truth[0]), 1000, seed) for seed in range(200)]
    for kind, true in zip(("first", "total"), truth, strict=True):
        values = np.stack([getattr(run, kind) for run in runs])
        errors = np.stack([getattr(run, f"{kind}_se") for run in runs])
        ratio = values.std(axis=0, ddof=1) / errors.mean(axis=0)
        assert ((ratio > 0.8) & (ratio < 1.25)).all(), (kind, ratio)
        off = (values.mean(axis=0) - true) / (values.std(axis=0, ddof=1) / np.sqrt(len(runs)))
        assert (np.abs(off) < 4.5).all(), (kind, off)


def test_the_weighed_estimate_is_sharper_than_either() -> None:
    """Against Saltelli's estimator, as scipy has it; Jansen's total is the same number."""
    rng = np.random.default_rng(5)
    draws, repeats = 512, 60
    ours, theirs = [], []
    for _ in range(repeats):
        a, b = rng.random((2, 3, draws))
        frozen = np.stack([np.where(np.arange(3)[:, None] == i, b, a) for i in range(3)])
        f_a, f_b, f_i = ishigami(a), ishigami(b), np.stack([ishigami(one) for one in frozen])
        found = sobol_indices(f_a, f_b, f_i)
        reference = scipy_indices(
            func={"f_A": f_a[None], "f_B": f_b[None], "f_AB": f_i[:, None, :]}, n=draws
        )
        np.testing.assert_allclose(found.total, reference.total_order, rtol=1e-12)
        ours.append(found.first)
        theirs.append(reference.first_order)
    spread = np.std(ours, axis=0) / np.std(theirs, axis=0)
    assert (spread < 1.05).all()
    assert spread.min() < 0.8


def test_outputs_together_are_weighed_by_their_variance() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 2, 20_000))
    # the first output is source 0 with variance 9, the second source 1 with variance 1
    scale = np.array([3.0, 1.0])

    def run(x: Floats) -> Floats:
        return x.T * scale

    frozen = np.stack([run(np.stack([b[0], a[1]])), run(np.stack([a[0], b[1]]))])
    found = sobol_indices(run(a), run(b), frozen, together=1)
    assert found.first.shape == (2,)
    np.testing.assert_allclose(found.first, [0.9, 0.1], atol=0.01)
    np.testing.assert_allclose(found.total, [0.9, 0.1], atol=0.01)
    assert found.variance == pytest.approx(10, rel=0.05)


def test_what_does_not_vary_has_no_indices() -> None:
    still = np.full((50, 2), 1e7)
    moving = still.copy()
    moving[:, 1] += np.random.default_rng(0).normal(size=50)
    found = sobol_indices(moving, moving[::-1], moving[None])
    assert np.isnan(found.first[0, 0]) and np.isnan(found.total_se[0, 0])
    assert found.total[0, 1] == 0
    with pytest.raises(ValueError, match="two draws"):
        sobol_indices(still[:1], still[:1], still[None, :1])
