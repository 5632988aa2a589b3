"""Print floor, measured time and gap of the kernels: ``python -m benchmarks.floor``.

The floor of a pass is what nothing can undercut while a keyed word stands behind every drawn level
and donor: the generator alone, and each pupil's drawn levels written once to memory. Times are the
least of many short runs, in seconds of this thread's processor: what others do on the machine
counts as little as it can.

Below stand the kernels that a pass calls from Python, money included: least time and the
instructions of their code (see `benchmarks.instructions`). ``python -m benchmarks.floor --base
FOLDER`` compares another checkout with this one instead, pass by pass in turn.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.instructions import ROOT, compare

DRAWS = 64
STUDY = """
[study]
name = "floor"
years = [2019]
draws = 64
seed = 1
[pupils]
source = "synthetic"
scale = {scale}
[[policy]]
name = "current"
kind = "participation"
"""


def least(action: Callable[[], object], rounds: int = 40) -> float:
    """Shortest processor time of a call."""
    action()
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        action()
        times.append(time.thread_time() - start)
    return min(times)


def kernels(study_file: Path) -> None:
    """Print every kernel of a pass beside its floor."""
    from lwoopro.kernels import bands, draws, levels
    from lwoopro.kernels.jit import kernel
    from lwoopro.kernels.levels import fill_halves
    from lwoopro.kernels.philox import fill_words, seed_key
    from lwoopro.simulation import banded, pieces
    from lwoopro.simulation.inputs import load_inputs
    from lwoopro.simulation.prepare import prepare
    from lwoopro.simulation.workspace import Workspace
    from lwoopro.study import load_study

    study = load_study(study_file)
    prepared = prepare(study, load_inputs(study))[0]
    plan, lattice = prepared.plans[0], prepared.lattice
    imputed, copied, guess = plan.imputed, plan.copied, plan.bands
    assert guess is not None
    key, thresholds = seed_key(prepared.seed), prepared.thresholds
    values = banded.values_to_sum(lattice, ())
    space = Workspace()
    found_levels = space.empty("alone", (len(imputed.base), DRAWS), np.uint8)
    asked = 0, DRAWS // 4
    exact, upper = thresholds, levels.upper_halves(thresholds)

    @kernel
    def words_alone(person, word, row, words, key):  # type: ignore[no-untyped-def]  # a kernel
        for i in range(person.shape[0]):
            if row[i] >= 0:
                fill_words(words, key, 0, word[i], person[i], True)

    @kernel
    def halves_alone(person, word, row, words, key):  # type: ignore[no-untyped-def]  # a kernel
        for first in range(0, person.shape[0], 64):
            some = slice(first, first + 64)
            fill_halves(words, person[some], word[some], row[some], key, 0, True)

    def philox() -> None:
        words = np.empty((64, DRAWS // 2), np.uint32)
        for who in ("mother", "father"):
            columns = [getattr(imputed, f"{who}_{name}") for name in ("person", "word", "row")]
            halves_alone(*columns, words, key)

    def philox_of_donors() -> None:
        row = np.zeros(len(copied.person), np.int32)
        words_alone(copied.person, copied.word, row, np.empty(DRAWS, np.uint32), key)

    def drawn() -> "banded.Drawn":
        return banded.draw_pupils(
            plan, lattice, thresholds, asked, key, 0, True, True, guess, values, (), space
        )

    def write() -> None:
        found_levels[:] = 1

    def copy(found: "banded.Drawn") -> None:
        draws.copy_donors(
            found.given,
            donor_levels,
            plan.donor_base,
            copied.person,
            copied.word,
            copied.start,
            copied.length,
            plan.donor,
            key,
            0,
            True,
        )

    found = drawn()
    donor_levels = np.concatenate([found.levels, np.zeros((1, DRAWS), np.uint8)])

    def count() -> None:
        banded.count_by_band(plan, lattice, found, guess, values, (), space)

    def whole() -> None:
        pieces.draw_pieces(
            plan,
            lattice,
            thresholds,
            prepared.seed,
            range(DRAWS),
            prepared.sources,
            space=space,
        )

    def levels_alone() -> None:
        levels.draw_levels(
            found_levels, 0, len(found_levels), *imputed.asked_first, exact, upper, key, 0, True
        )

    generator, memory, donors = least(philox), least(write), least(philox_of_donors)
    drawing, copying = least(levels_alone), least(lambda: copy(found))
    together, counting, all_in = least(drawn), least(count), least(whole)
    out = sys.stdout.write
    pupils = len(imputed.base) + len(copied.person)
    out(f"{pupils:,} pupils to draw, {DRAWS} draws a pass, {bands.LONGEST_RUN} pupils a run\n")
    out(f"{'':28}{'floor':>9}{'measured':>10}{'gap':>8}   ms per pass\n")
    for name, floor, measured in (
        ("words of parents (Philox)", generator, generator),
        ("levels of parents", generator + memory, drawing),
        ("copies of donors", donors, copying),
        ("drawn, copied and counted", generator + memory + donors, together),
        ("cuts, categories, borders", 0.0, counting),
        ("whole pass", generator + memory + donors, all_in),
    ):
        gap = measured - floor
        out(f"{name:28}{1e3 * floor:9.2f}{1e3 * measured:10.2f}{1e3 * gap:8.2f}\n")
    words = int((imputed.mother_row >= 0).sum() + (imputed.father_row >= 0).sum()) * DRAWS
    out(f"{1e9 * generator / words:.2f} ns a draw of Philox; ")
    out(f"{1e9 * all_in / pupils / DRAWS:.2f} ns per pupil and draw, all in\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=Path, help="another checkout to compare with")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the country")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study.toml"
        study.write_text(STUDY.format(scale=chosen.scale), "utf-8")
        roots = {"head": ROOT}
        if chosen.base is None:
            kernels(study)
        else:
            roots = {"base": chosen.base.resolve(), **roots}
        compare(roots, study, Path(folder))


if __name__ == "__main__":
    main()
