"""A whole draw: the engine against vectorised NumPy, on the national population of 2019.

Run it with ``python -m pytest benchmarks --benchmark-enable -n 0``.
"""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.rivals import numpy_draw, numpy_world
from lwoopro.kernels.philox import DONORS, EDUCATION, fill_words, seed_key, source_word
from lwoopro.simulation.block import Prepared
from lwoopro.simulation.inputs import load_inputs
from lwoopro.simulation.pieces import draw_pieces
from lwoopro.simulation.prepare import prepare
from lwoopro.study import load_study

STUDY = """
[study]
name = "benchmark"
years = [2019]
draws = 64
seed = 1
[pupils]
source = "synthetic"
scale = {scale}
[[policy]]
name = "current"
kind = "participation"
[[policy]]
name = "indicator-20-school"
kind = "indicator"
"""
DRAWS = range(64)


@pytest.fixture(scope="module")
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Prepare the whole country when it is timed, a fiftieth of it in the smoke test."""
    timed = request.config.getoption("benchmark_enable")
    path: Path = tmp_path_factory.mktemp("benchmark") / "study.toml"
    path.write_text(STUDY.format(scale=1.0 if timed else 0.02), "utf-8")
    study = load_study(path)
    return prepare(study, load_inputs(study))[0]


def engine(prepared: Prepared) -> np.ndarray:
    """All draws of a pass; disadvantage scores, shape ``(draw, attribution, share, swv)``."""
    from lwoopro.allocation.target import target_group
    from lwoopro.allocation.weights import contributions

    plan = prepared.plans[0]
    pieces, _ = draw_pieces(
        plan,
        prepared.lattice,
        prepared.thresholds[:, :, None],
        prepared.seed,
        DRAWS,
        prepared.sources,
    )
    group = target_group(pieces, plan.quotas, prepared.ties, DRAWS, plan.year)
    sides, shares = pieces.below.shape[1:3]
    scores = [
        [contributions("mean", group.gaps(side, share)) for share in range(shares)]
        for side in range(sides)
    ]
    return np.array(scores).transpose(2, 0, 1, 3) / 1e6


def keyed(prepared: Prepared, draw: int):
    """Give the engine's own uniforms, to compare the results of one draw."""
    plan = prepared.plans[0]
    key = seed_key(prepared.seed)

    def words(persons, sources) -> np.ndarray:
        row = np.empty(4, np.uint32)
        found = np.empty(len(persons), np.uint32)
        for i, (person, source) in enumerate(zip(persons, sources, strict=True)):
            fill_words(row, key, draw // 4, source, person, True)
            found[i] = row[draw % 4]
        return found

    def uniforms(role: str, many: int) -> np.ndarray:
        imputed = plan.imputed
        if role == "donor":
            word = np.full(many, source_word(DONORS, sub=plan.year))
            return words(plan.copied.person, word) / 2.0**32
        person = getattr(imputed, f"{role}_person")
        unknown = getattr(imputed, f"{role}_row") >= 0
        word = getattr(imputed, f"{role}_word")
        assert (word >> np.uint64(24) == EDUCATION).all()
        return (words(person[unknown], word[unknown]) >> 1) / 2.0**31

    return uniforms


def test_rival_and_engine_agree(prepared: Prepared) -> None:
    """Before anything is timed: the same numbers from the same uniforms."""
    if len(prepared.plans[0].imputed.base) > 10_000:
        pytest.skip("compared on the small population; this is the one that is timed")
    world = numpy_world(prepared)
    scores = engine(prepared)
    for draw in (0, 5, 63):
        rival = numpy_draw(world, keyed(prepared, draw))
        np.testing.assert_allclose(scores[draw], rival, rtol=1e-7, atol=1e-6)


@pytest.mark.benchmark(group="whole draw")
def test_engine(benchmark, prepared: Prepared) -> None:
    engine(prepared)  # compiled before it is timed
    benchmark.extra_info["draws"] = len(DRAWS)
    benchmark(engine, prepared)


@pytest.mark.benchmark(group="whole draw")
def test_numpy(benchmark, prepared: Prepared) -> None:
    world = numpy_world(prepared)
    rng = np.random.default_rng(1)
    benchmark.extra_info["draws"] = 1
    benchmark(numpy_draw, world, lambda _role, many: rng.random(many))
