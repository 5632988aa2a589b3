"""The engine's side of every case."""

from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lwoopro.allocation.target import target_group
from lwoopro.allocation.weights import contributions
from lwoopro.bench.contest import CHECKED, PASS, Job
from lwoopro.bench.scores import Scores
from lwoopro.bench.world import World
from lwoopro.kernels.cuts import band_table, find_cuts
from lwoopro.kernels.draws import count_profiles
from lwoopro.kernels.levels import draw_levels, upper_halves
from lwoopro.kernels.philox import DRAWS_PER_COUNTER, seed_key
from lwoopro.kernels.sums import SUM_BITS, add_pupils
from lwoopro.simulation.found import words_of
from lwoopro.simulation.pieces import draw_pieces
from lwoopro.simulation.runner import run as run_study
from lwoopro.simulation.scheduler import Backend, run_blocks
from lwoopro.simulation.sizing import block_draws, measure
from lwoopro.simulation.workspace import Workspace

__all__ = ["cut", "draw", "draw_on_two", "group", "levels", "study", "study_on_two"]

_GROUPS = PASS // DRAWS_PER_COUNTER
LANES = np.arange(PASS).reshape(DRAWS_PER_COUNTER, _GROUPS).T.ravel()
"""Column of every draw of a pass: the kernels' order."""

_RUNS = count()
"""Every study has a folder of its own."""

_RUN_PASSES = 16
"""Two threads are timed over a thousand draws: threads that wait for each other are not a run."""

_CHECKED_LANES = LANES[list(CHECKED)]


def _draws(world: World, draws: range, space: Workspace) -> NDArray[np.float64]:
    """Whole draws; see `contest.settle` for the numbers, one row per draw."""
    prepared = world.prepared
    plan = prepared.plans[0]
    pieces, _ = draw_pieces(
        plan,
        prepared.lattice,
        prepared.thresholds,
        prepared.seed,
        draws,
        prepared.sources,
        space=space,
    )
    group = target_group(pieces, plan.quotas, prepared.ties, draws, plan.year)
    scores = [
        contributions("mean", group.gaps(side, slice(None))).reshape(len(draws), -1)
        for side in range(len(world.unit))
    ]
    cut = pieces.cut.astype(np.float64)
    return np.concatenate([*scores, cut, cut + group.mean_above_cut], axis=1) / 1e6


def _block(world: World, draws: range) -> NDArray[np.float64]:
    """Draw a block of a run, pass by pass."""
    space = Workspace()
    passes = range(draws.start, draws.stop, PASS)
    return np.concatenate(
        [_draws(world, range(first, min(first + PASS, draws.stop)), space) for first in passes]
    )


def draw(world: World) -> Job:
    """Whole draws, as many in one pass as the engine does."""
    space = Workspace()

    def run() -> None:
        _draws(world, range(PASS), space)

    def answer() -> NDArray[np.float64]:
        return _draws(world, range(PASS), space)[list(CHECKED)]

    return Job(run, PASS, answer)


def draw_on_two(world: World) -> Job:
    """Do the same on two threads, in the blocks of a run and by its scheduler."""
    draws, threads = _RUN_PASSES * PASS, 2
    size = block_draws(measure(world.prepared, draws, threads), draws, threads)
    blocks = [range(start, min(start + size, draws)) for start in range(0, draws, size)]

    def run() -> dict[int, NDArray[np.float64]]:
        found = {}

        def keep(block: range, numbers: NDArray[np.float64]) -> None:
            found[block.start] = numbers

        run_blocks(_block, world, blocks, keep, backend=Backend(threads=threads))
        return found

    def answer() -> NDArray[np.float64]:
        found = run()
        return np.concatenate([found[block.start] for block in blocks])[list(CHECKED)]

    return Job(run, draws, answer)


def levels(world: World) -> Job:
    """Draw the levels of all imputed pupils."""
    imputed = world.prepared.plans[0].imputed
    drawn = np.empty((len(imputed.base), PASS), np.uint8)
    many = len(world.lattice.score)
    exact = world.prepared.thresholds
    upper = upper_halves(exact)

    def run() -> None:
        draw_levels(
            drawn,
            0,
            len(drawn),
            *imputed.asked_first,
            exact,
            upper,
            seed_key(world.prepared.seed),
            0,
            True,
        )

    def answer() -> NDArray[np.int64]:
        run()
        found = imputed.lowest[:, None].astype(np.int64) + drawn[:, _CHECKED_LANES]
        return np.stack([np.bincount(column, minlength=many) for column in found.T])

    return Job(run, PASS, answer)


def _columns(scores: Scores) -> NDArray[np.uint16]:
    """Profiles as the kernels have them: draws in lane order along the row."""
    return np.ascontiguousarray(scores.profile[np.argsort(LANES)].T.astype(np.uint16))


def _find(scores: Scores, histogram: NDArray[np.int32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Rank of every cut, and a profile on it."""
    lattice, need = scores.world.lattice, scores.world.need
    rank = np.empty((len(need), PASS), np.int32)
    profile = np.empty((len(need), PASS), np.int64)
    nobody = np.zeros(len(lattice.score), np.int64)
    order, ranks = lattice.order[:, None], lattice.rank[:, None]
    find_cuts(histogram, nobody, order, ranks, need, rank, profile)
    return rank, profile


def cut(scores: Scores) -> Job:
    """Count the profiles, then walk up."""
    profile = _columns(scores)
    histogram = np.empty((len(scores.world.lattice.score), PASS), np.int32)

    def find() -> NDArray[np.int64]:
        histogram[:] = 0
        count_profiles(histogram, profile)
        found: NDArray[np.int64] = scores.world.lattice.score[_find(scores, histogram)[1]]
        return found

    return Job(find, PASS, lambda: find()[:, _CHECKED_LANES].T)


def group(scores: Scores) -> Job:
    """Count and sum per swv and band, from the profiles: the band is found on the way."""
    world, profile = scores.world, _columns(scores)
    lattice, shares, swv = world.lattice, len(world.need), len(world.swv)
    histogram = np.zeros((len(lattice.score), PASS), np.int32)
    count_profiles(histogram, profile)
    rank = _find(scores, histogram)[0]
    bands = 2 * shares + 1
    band = np.empty((len(lattice.score), PASS), np.uint8)
    packed = ((1 << SUM_BITS) + lattice.score - lattice.distinct[0])[:, None]
    unit = world.unit[0].astype(np.int16)
    everybody, nothing = np.arange(len(unit)), np.zeros(len(unit), np.uint16)
    number = np.empty((swv, bands, PASS), np.int64)
    total = np.empty_like(number)

    def run() -> None:
        band_table(lattice.rank[:, None], rank, band)
        number[:] = total[:] = 0
        word = words_of(band, packed)
        add_pupils(number, total, profile, nothing, *word, everybody, unit, 1)

    def answer() -> NDArray[np.float64]:
        run()
        # a band below each cut and one on it: together what lies above the cut before
        pairs = [
            np.add.reduceat(part[:, :, _CHECKED_LANES], np.arange(0, bands, 2), axis=1)
            for part in (number, total + number * lattice.distinct[0])
        ]
        found: NDArray[np.int64] = np.stack(pairs).transpose(3, 0, 1, 2)
        return found.reshape(len(CHECKED), 2, -1).astype(np.float64)

    return Job(run, PASS, answer)


def _study(world: World, threads: int) -> Job:
    compute = world.study.compute.model_copy(update={"threads": threads})
    whole = world.study.model_copy(update={"compute": compute})
    short = whole.with_overrides(draws=max(CHECKED) + 1)

    def out() -> Path:
        return world.folder / f"run-{next(_RUNS)}"

    def answer() -> NDArray[np.float64]:
        results = run_study(short, out())
        chosen = results["budget"].sel(policy="indicator-20-school").isel(year=0)
        return np.asarray(chosen.isel(draw=list(CHECKED)).transpose("draw", "swv"))

    return Job(lambda: run_study(whole, out()), 1, answer)


def study(world: World) -> Job:
    """``lwoopro.run`` in this process: population from its cache, all variables, on disk."""
    return _study(world, 1)


def study_on_two(world: World) -> Job:
    """Do the same on two threads."""
    return _study(world, 2)
